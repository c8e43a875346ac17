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

static bool read_tree(const plx_ctx *ctx, const char *path, plx_arena *arena, plx_value **root, plx_err *err)
{
    plx_limits limits = plx_limits_of(ctx);
    plx_source *source = NULL;
    plx_buf bytes = {0};
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    uint64_t most = limits.file_bytes < limits.memory_bytes ? limits.file_bytes : limits.memory_bytes;
    bool ok = plx_source_slurp(source, most, &bytes, err);
    plx_source_close(source);
    ok = ok && plx_yaml_parse(ctx, arena, path, (const char *)bytes.ptr, bytes.len, root, err);
    plx_buf_free(&bytes);
    return ok;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *root = NULL;
    bool ok = arena ? read_tree(ctx, path, arena, &root, err) : plx_fail_nomem(err, 0);
    if (ok && root->kind == PLX_V_OBJ) {
        plx_sb_printf(summary, "mapping of %zu key%s", root->u.obj.n, root->u.obj.n == 1 ? "" : "s");
    } else if (ok && root->kind == PLX_V_ARR) {
        plx_sb_printf(summary, "list of %zu item%s", root->u.arr.n, root->u.arr.n == 1 ? "" : "s");
    } else if (ok) {
        plx_sb_text(summary, root->kind == PLX_V_NULL ? "empty" : "one text");
    }
    plx_arena_free(arena);
    return ok && (!summary->failed || plx_fail_nomem(err, summary->len));
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_value *root;
    return read_tree(ask->ctx, ask->path, ask->arena, &root, err) && plx_outline_tree(ask, "/", root, out, err);
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
    .outline = outline,
};
