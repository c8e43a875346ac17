/* SPDX-License-Identifier: Apache-2.0
 *
 * .npz in the table of formats.
 */
#include "formats/archive.h"
#include "formats/format.h"
#include "formats/npy.h"

#include <string.h>

enum { LISTED = 4, HEAD = 16 << 10 };

static int probe(const uint8_t *head, size_t n, const char *path)
{
    bool zip = n >= 4 && memcmp(head, "PK\3\4", 4) == 0;
    bool named = plx_ends_with(path, ".npz");
    return zip && named ? 95 : named ? 20 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_npz npz = {0};
    if (!plx_npz_read(ctx, path, &npz, err)) {
        return false;
    }
    plx_sb_printf(summary, "%zu array%s", npz.n, npz.n == 1 ? "" : "s");
    for (size_t i = 0; i < npz.n && i < LISTED; i++) {
        plx_sb_printf(summary, "%s %s ", i ? ";" : ":", npz.names[i]);
        plx_npy_describe(&npz.arrays[i], summary);
    }
    plx_sb_text(summary, npz.n > LISTED ? "; ..." : "");
    plx_npz_free(&npz);
    return summary->failed ? plx_fail_nomem(err, summary->len) : true;
}

static bool outline_values(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_npz npz = {0};
    if (!plx_npz_read(ask->ctx, ask->path, &npz, err)) {
        return false;
    }
    const plx_array *array = plx_npz_find(&npz, ask->item);
    bool ok = array != NULL;
    if (ok) {
        *out = plx_outline_array(ask, ask->item, array, true);
        ok = *out || plx_fail_nomem(err, 0);
    } else {
        plx_outline_missing(ask, (const char *const *)npz.names, npz.n, err);
    }
    plx_npz_free(&npz);
    return ok;
}

typedef struct lister {
    const plx_outline_ask *ask;
    plx_value *root;
} lister;

static plx_archive_step list_files(void *payload, const plx_archive_entry *entry)
{
    (void)payload;
    return entry->is_file ? PLX_ARCHIVE_READ : PLX_ARCHIVE_SKIP;
}

/* The header is enough. What is no array, or one that is not read, is listed with the reason. */
static bool list_array(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    lister *l = payload;
    plx_arena *a = l->ask->arena;
    uint8_t *head = plx_arena_zero(a, HEAD, 1);
    size_t n = 0, got = 1;
    bool ok = head || plx_fail_nomem(err, HEAD);
    for (; ok && got > 0 && n < HEAD; n += ok ? got : 0) {
        ok = member->read(member, head + n, HEAD - n, &got, err);
    }
    if (!ok) {
        return false;
    }
    plx_npy_header h;
    plx_err problem;
    plx_err_clear(&problem);
    size_t len = strlen(entry->name);
    char *name = plx_arena_strndup(a, entry->name, plx_ends_with(entry->name, ".npy") ? len - 4 : len);
    plx_value *item = name ? plx_outline_item(a, name, "array") : NULL;
    if (plx_npy_parse_header(entry->name, head, n, &h, &problem)) {
        ok = item && plx_v_set(a, item, "dtype", plx_v_str(a, plx_dtype_name(h.dtype))) &&
             plx_outline_shape(a, item, h.ndim, h.shape);
    } else {
        ok = plx_outline_note(a, item, "%s", problem.what);
    }
    return (ok && plx_outline_add(a, l->root, item)) || plx_fail_nomem(err, 0);
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    if (ask->item && *ask->item) {
        return outline_values(ask, out, err);
    }
    lister l = {.ask = ask, .root = plx_outline_item(ask->arena, "/", "arrays")};
    *out = l.root;
    return l.root ? plx_archive_walk(ask->ctx, ask->path, list_files, list_array, &l, err) : plx_fail_nomem(err, 0);
}

extern const plx_format plx_format_npz;
const plx_format plx_format_npz = {
    .name = "npz",
    .title = "NumPy arrays in a zip",
    .extensions = "npz",
    .reference = "https://numpy.org/doc/stable/reference/generated/numpy.savez.html",
    .limits = "What npy and zip read; every member must be an array.",
    .probe = probe,
    .check = check,
    .outline = outline,
};
