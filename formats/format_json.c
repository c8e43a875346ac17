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

static bool read_tree(const plx_ctx *ctx, const char *path, const plx_json_opts *opts, plx_arena *arena,
                      plx_value **root, plx_err *err)
{
    plx_source *source;
    if (!plx_source_file(ctx, path, true, &source, err)) {
        return false;
    }
    bool ok = plx_json_read(ctx, arena, source, opts, root, err);
    plx_source_close(source);
    return ok;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_arena *arena = plx_arena_new((size_t)plx_limits_of(ctx).memory_bytes);
    plx_value *root = NULL;
    bool ok = arena ? read_tree(ctx, path, NULL, arena, &root, err) : plx_fail_nomem(err, sizeof(plx_value));
    if (ok && root->kind == PLX_V_OBJ) {
        plx_sb_printf(summary, "object of %zu member%s", root->u.obj.n, root->u.obj.n == 1 ? "" : "s");
    } else if (ok && root->kind == PLX_V_ARR) {
        plx_sb_printf(summary, "array of %zu element%s", root->u.arr.n, root->u.arr.n == 1 ? "" : "s");
    } else if (ok) {
        plx_sb_text(summary, "one value");
    }
    plx_arena_free(arena);
    return ok && (!summary->failed || plx_fail_nomem(err, 64));
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    /* To look at a file it need not be clean. */
    static const plx_json_opts lenient = {.allow_nan = true, .allow_duplicates = true};
    plx_value *root;
    return read_tree(ask->ctx, ask->path, &lenient, ask->arena, &root, err) &&
           plx_outline_tree(ask, "/", root, out, err);
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
    .outline = outline,
};
