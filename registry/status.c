/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/status.h"

#include "registry/catalog_build.h"
#include "registry/refs_list.h"

typedef struct counter {
    const plx_ctx *ctx;
    uint64_t files, bytes, folders;
    char last[PLX_PATH]; /* "ab/cdef..." of the record last seen */
} counter;

static bool count_file(void *payload, const char *rel, uint64_t bytes, bool is_link, plx_err *err)
{
    counter *c = payload;
    (void)is_link;
    c->files++;
    c->bytes += bytes;
    const char *slash = strchr(rel, '/');
    slash = slash ? strchr(slash + 1, '/') : NULL;
    size_t len = slash ? (size_t)(slash - rel) : 0;
    /* The walk is sorted, so the files of one record come one after the other. */
    if (len && (strlen(c->last) != len || memcmp(c->last, rel, len) != 0)) {
        c->folders++;
        memcpy(c->last, rel, len);
        c->last[len] = '\0';
    }
    return plx_ctx_go_on(c->ctx, err);
}

static bool count_area(const plx_ctx *ctx, const plx_store *store, const char *area, counter *out, plx_err *err)
{
    char dir[PLX_PATH];
    *out = (counter){.ctx = ctx};
    return plx_path_join(dir, store->root, area, err) &&
           (!plx_fs_is_dir(dir) || plx_fs_walk(dir, count_file, out, err));
}

static bool count_names(const plx_store *store, const char *area, const char *without_suffix, uint64_t *out,
                        plx_err *err)
{
    char dir[PLX_PATH], **names;
    size_t n;
    if (!plx_path_join(dir, store->root, area, err) || !plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        *out += !without_suffix || !plx_ends_with(names[i], without_suffix);
    }
    plx_fs_names_free(names, n);
    return true;
}

static plx_catalog_state catalog_state(const plx_ctx *ctx, const plx_store *store)
{
    plx_sql *sql = NULL;
    plx_catalog_ops ops = {0};
    bool whole = false;
    plx_catalog_state state = PLX_CATALOG_DAMAGED;
    if (plx_catalog_open_file(store, &sql, NULL)) {
        if (!sql) {
            state = PLX_CATALOG_MISSING;
        } else if (plx_catalog_is_whole(sql, &whole, NULL) && whole &&
                   plx_catalog_ops_find(ctx, store, sql, false, &ops, NULL)) {
            state = ops.n == 0 ? PLX_CATALOG_CURRENT : PLX_CATALOG_BEHIND;
        }
    }
    plx_catalog_ops_free(&ops);
    plx_sql_close(sql);
    return state;
}

const char *plx_catalog_state_name(plx_catalog_state state)
{
    static const char *const names[] = {"current", "missing", "behind", "damaged"};
    return names[state];
}

bool plx_status_make(const plx_ctx *ctx, const plx_store *store, plx_status *out, plx_err *err)
{
    *out = (plx_status){0};
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    plx_ref_file *refs;
    size_t n_refs = 0;
    bool ok = plx_refs_list(store, arena, &refs, &n_refs, err);
    plx_arena_free(arena);
    out->datasets = n_refs;
    counter c;
    ok = ok && count_area(ctx, store, "blobs/sha256", &c, err);
    out->blobs = ok ? c.files : 0;
    out->blob_bytes = ok ? c.bytes : 0;
    ok = ok && count_area(ctx, store, "records/sha256", &c, err);
    out->records = ok ? c.folders : 0;
    out->record_bytes = ok ? c.bytes : 0;
    if (!ok || !count_names(store, "partial", NULL, &out->partials, err) ||
        !count_names(store, "quarantine", ".reason.txt", &out->quarantined, err) ||
        !plx_fs_free_bytes(store->root, &out->free_bytes, err)) {
        return false;
    }
    out->catalog = catalog_state(ctx, store);
    return true;
}
