/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/record_volume.h"

#include "core/alloc.h"
#include "registry/object.h"

#include <string.h>

static bool list_parts(const plx_record *record, const plx_volume_spec *spec, plx_arena *arena, const char ***paths,
                       plx_err *err)
{
    *paths = plx_arena_zero(arena, spec->n_parts, sizeof **paths);
    for (unsigned i = 0; *paths && i < spec->n_parts; i++) {
        char name[PLX_VOLUME_NAME + 16];
        plx_volume_part_name(spec, i, name);
        (*paths)[i] = plx_arena_printf(arena, "%s/%s", plx_record_dir(record), name);
        if (!(*paths)[i]) {
            *paths = NULL;
        }
    }
    return *paths || plx_fail_nomem(err, spec->n_parts * sizeof **paths);
}

static bool find_blob(const plx_store *store, const plx_volume_spec *spec, plx_arena *arena, const char ***paths,
                      plx_err *err)
{
    char path[PLX_PATH];
    if (!store) {
        return plx_fail(err, PLX_E_ARG, "the array %s lies in a blob of a store, and no store is at hand", spec->name);
    }
    if (!plx_store_object_path(store, "blobs", &spec->blob, path, err)) {
        return false;
    }
    if (!plx_fs_exists(path)) {
        plx_fail(err, PLX_E_DIGEST, "%s is missing from the store", plx_store_rel(store, path));
        return plx_err_next(err, "plexus verify");
    }
    *paths = plx_arena_zero(arena, 1, sizeof **paths);
    if (*paths) {
        (*paths)[0] = plx_arena_strdup(arena, path);
    }
    return (*paths && (*paths)[0]) || plx_fail_nomem(err, sizeof path);
}

static bool check_same(const plx_volume_spec *spec, const plx_volume_info *info, plx_err *err)
{
    bool same = spec->dtype == info->dtype && spec->ndim == info->ndim;
    for (int d = 0; same && d < spec->ndim; d++) {
        same = spec->shape[d] == info->shape[d];
    }
    if (!same) {
        plx_fail(err, PLX_E_DIGEST, "the chunks of array %s are of another dtype or shape than record.json says",
                 spec->name);
        return plx_err_next(err, "plexus verify");
    }
    return true;
}

bool plx_record_volume_open(const plx_ctx *ctx, const plx_store *store, const plx_record *record, const char *name,
                            plx_volume_spec *spec, plx_volume **out, plx_err *err)
{
    plx_volume_spec s;
    const char **paths = NULL;
    if (!plx_volume_spec_find(plx_v_get(plx_record_meta(record), "attributes"), name, &s, err)) {
        return false;
    }
    plx_arena *arena = plx_arena_new(0);
    bool ok = arena || plx_fail_nomem(err, 0);
    ok = ok && (s.n_parts ? list_parts(record, &s, arena, &paths, err) : find_blob(store, &s, arena, &paths, err));
    ok = ok && plx_volume_open_zips(ctx, paths, s.n_parts ? s.n_parts : 1, s.n_parts ? "0" : s.path, s.name, out, err);
    if (ok && !check_same(&s, plx_volume_about(*out), err)) {
        plx_volume_close(*out);
        ok = false;
    }
    plx_arena_free(arena);
    if (ok && spec) {
        *spec = s;
    }
    return ok;
}
