/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON in the table of formats.
 */
#include "formats/format.h"
#include "formats/json.h"

static int probe(const uint8_t *head, size_t n, const char *path)
{
    bool named = plx_ends_with(path, ".json") || plx_ends_with(path, ".json.gz");
    size_t i = n >= 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf ? 3 : 0;
    while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\n' || head[i] == '\r')) {
        i++;
    }
    if (i < n && (head[i] == '{' || head[i] == '[')) {
        return named ? 90 : 50;
    }
    return named && i < n && head[0] != 0x1f ? 60 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_source *source;
    if (!plx_source_file(ctx, path, true, &source, err)) {
        return false;
    }
    uint64_t limit = ctx->limits.memory_bytes ? ctx->limits.memory_bytes : plx_limits_default().memory_bytes;
    plx_arena *arena = plx_arena_new((size_t)limit);
    plx_value *root;
    bool ok = arena ? plx_json_read(ctx, arena, source, NULL, &root, err) : plx_fail_nomem(err, sizeof(plx_value));
    if (ok && root->kind == PLX_V_OBJ) {
        plx_sb_printf(summary, "object of %zu member%s", root->u.obj.n, root->u.obj.n == 1 ? "" : "s");
    } else if (ok && root->kind == PLX_V_ARR) {
        plx_sb_printf(summary, "array of %zu element%s", root->u.arr.n, root->u.arr.n == 1 ? "" : "s");
    } else if (ok) {
        plx_sb_text(summary, "one value");
    }
    plx_arena_free(arena);
    plx_source_close(source);
    return ok && (!summary->failed || plx_fail_nomem(err, 64));
}

extern const plx_format plx_format_json;
const plx_format plx_format_json = {
    .name = "json",
    .title = "JSON document",
    .extensions = "json",
    .reference = "RFC 8259",
    .limits =
        "One document per file, UTF-8, plain or under gzip; no JSON lines, no comments, no NaN, no repeated keys.",
    .probe = probe,
    .check = check,
};
