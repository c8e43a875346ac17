/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML in the table of formats.
 */
#include "formats/format.h"
#include "formats/source.h"
#include "formats/yaml.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    bool named = plx_ends_with(path, ".yaml") || plx_ends_with(path, ".yml");
    bool marked = (n >= 4 && memcmp(head, "---\n", 4) == 0) || (n >= 5 && memcmp(head, "%YAML", 5) == 0);
    return named ? 70 : marked ? 40 : 0;
}

static bool summarize(const plx_ctx *ctx, const char *path, const plx_buf *bytes, plx_sb *summary, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *root = NULL;
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = plx_yaml_parse(ctx, arena, path, (const char *)bytes->ptr, bytes->len, &root, err);
    if (ok && root->kind == PLX_V_OBJ) {
        plx_sb_printf(summary, "mapping of %zu key%s", root->u.obj.n, root->u.obj.n == 1 ? "" : "s");
    } else if (ok && root->kind == PLX_V_ARR) {
        plx_sb_printf(summary, "list of %zu item%s", root->u.arr.n, root->u.arr.n == 1 ? "" : "s");
    } else if (ok) {
        plx_sb_text(summary, root->kind == PLX_V_NULL ? "empty" : "one text");
    }
    plx_arena_free(arena);
    return ok;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_limits d = plx_limits_default();
    uint64_t limit = ctx->limits.file_bytes ? ctx->limits.file_bytes : d.file_bytes;
    uint64_t memory = ctx->limits.memory_bytes ? ctx->limits.memory_bytes : d.memory_bytes;
    plx_source *source = NULL;
    plx_buf bytes = {0};
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = plx_source_slurp(source, limit < memory ? limit : memory, &bytes, err);
    plx_source_close(source);
    ok = ok && summarize(ctx, path, &bytes, summary, err);
    plx_buf_free(&bytes);
    return ok && (!summary->failed || plx_fail_nomem(err, summary->len));
}

extern const plx_format plx_format_yaml;
const plx_format plx_format_yaml = {
    .name = "yaml",
    .title = "YAML",
    .extensions = "yaml yml",
    .reference = "https://yaml.org/spec/1.1/",
    .limits = "One document of mappings, lists and text; anchors, aliases, tags and merge keys are refused.",
    .probe = probe,
    .check = check,
};
