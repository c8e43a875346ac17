/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding and opening the arrays of a store.
 */
#include "core/alloc.h"
#include "formats/json.h"
#include "formats/zarr_open.h"

#include <stdlib.h>
#include <string.h>

static bool read_json(const plx_ctx *ctx, plx_zarr *z, const char *leaf, const plx_value **out, plx_err *err)
{
    const plx_json_opts opts = {.allow_nan = true};
    const char *key = plx_arena_printf(z->arena, "%s%s", z->path, leaf);
    const char *name = plx_arena_printf(z->arena, "%s/%s%s", plx_zarr_store_name(z->store), z->path, leaf);
    plx_buf text;
    bool there;
    *out = NULL;
    if (!key || !name) {
        return plx_fail_nomem(err, 0);
    }
    if (!plx_zarr_store_get(ctx, z->store, key, PLX_ZARR_META_MAX, &there, &text, err)) {
        return false;
    }
    if (!there) {
        return true;
    }
    plx_value *value = NULL;
    bool ok = plx_json_parse(ctx, z->arena, name, (const char *)text.ptr, text.len, &opts, &value, err);
    plx_buf_free(&text);
    *out = value;
    return ok;
}

/* Hierarchies that were consolidated may be served without the files that went into .zmetadata. */
static bool find_metadata(const plx_ctx *ctx, plx_zarr *z, const plx_value **array, const plx_value **attributes,
                          plx_err *err)
{
    if (!read_json(ctx, z, ".zarray", array, err) || !read_json(ctx, z, ".zattrs", attributes, err)) {
        return false;
    }
    if (*array) {
        return true;
    }
    const char *path = z->path;
    const plx_value *all;
    z->path = "";
    bool ok = read_json(ctx, z, ".zmetadata", &all, err);
    z->path = path;
    const plx_value *list = ok ? plx_v_get(all, "metadata") : NULL;
    const char *array_key = plx_arena_printf(z->arena, "%s.zarray", path);
    const char *attributes_key = plx_arena_printf(z->arena, "%s.zattrs", path);
    if (ok && (!array_key || !attributes_key)) {
        return plx_fail_nomem(err, 0);
    }
    *array = list ? plx_v_get(list, array_key) : NULL;
    *attributes = list ? plx_v_get(list, attributes_key) : NULL;
    return ok;
}

static bool not_found(const plx_ctx *ctx, const plx_zarr *z, plx_err *err)
{
    char **paths;
    size_t n, used = 0;
    char list[PLX_ERR_TEXT / 2] = "";
    if (!plx_zarr_list(ctx, z->store, z->arena, &paths, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 paths[i][0] ? paths[i] : "the root");
    }
    int len = (int)strlen(z->path);
    plx_fail(err, PLX_E_NOTFOUND, "%s has no array %.*s", plx_zarr_store_name(z->store), len ? len - 1 : 8,
             len ? z->path : "as root");
    return plx_err_why(err, n ? "it has: %s" : "it has none%s", list);
}

bool plx_zarr_open(const plx_ctx *ctx, const plx_zarr_store *store, const char *path, plx_zarr **out, plx_err *err)
{
    plx_zarr *z = plx_alloc_zero(1, sizeof *z);
    plx_arena *arena = plx_arena_new((size_t)plx_limits_of(ctx).memory_bytes);
    if (!z || !arena) {
        plx_free(z);
        plx_arena_free(arena);
        return plx_fail_nomem(err, sizeof *z);
    }
    while (*path == '/') {
        path++;
    }
    size_t len = strlen(path);
    while (len && path[len - 1] == '/') {
        len--;
    }
    z->store = store;
    z->arena = arena;
    z->path = len ? plx_arena_printf(arena, "%.*s/", (int)len, path) : "";
    z->name = plx_arena_printf(arena, "%s/%.*s", plx_zarr_store_name(store), (int)len, path);
    const plx_value *array = NULL;
    const plx_value *attributes = NULL;
    bool ok = (z->path && z->name) || plx_fail_nomem(err, len);
    if (ok && len && !plx_path_is_safe(plx_arena_strndup(arena, path, len))) {
        ok = plx_fail(err, PLX_E_ARG, "%s is no path of an array", path);
    }
    ok = ok && find_metadata(ctx, z, &array, &attributes, err);
    if (ok && !array) {
        ok = not_found(ctx, z, err);
    }
    ok = ok && plx_zarr_parse(ctx, z->name, array, &z->meta, err);
    if (ok && attributes && attributes->kind != PLX_V_OBJ) {
        ok = plx_fail(err, PLX_E_FORMAT, "%s/.zattrs is no JSON object", z->name);
    }
    z->attributes = attributes ? attributes : ok ? plx_v_obj(arena) : NULL;
    if (ok && !z->attributes) {
        ok = plx_fail_nomem(err, 0);
    }
    if (!ok) {
        plx_zarr_close(z);
        return false;
    }
    *out = z;
    return true;
}

void plx_zarr_close(plx_zarr *array)
{
    if (array) {
        plx_arena_free(array->arena);
        plx_free(array);
    }
}

const plx_zarr_meta *plx_zarr_about(const plx_zarr *array)
{
    return &array->meta;
}

const plx_value *plx_zarr_attributes(const plx_zarr *array)
{
    return array->attributes;
}

typedef struct listing {
    plx_arena *arena;
    char **paths;
    size_t n, cap;
} listing;

static bool visit_key(void *payload, const char *key, plx_err *err)
{
    listing *l = payload;
    size_t len = strlen(key);
    if (!plx_ends_with(key, ".zarray") || (len > 7 && key[len - 8] != '/')) {
        return true;
    }
    if (!plx_grow(&l->paths, &l->cap, l->n + 1, sizeof *l->paths)) {
        return plx_fail_nomem(err, len);
    }
    l->paths[l->n] = plx_arena_strndup(l->arena, key, len > 7 ? len - 8 : 0);
    return l->paths[l->n++] || plx_fail_nomem(err, len);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool plx_zarr_list(const plx_ctx *ctx, const plx_zarr_store *store, plx_arena *arena, char ***paths, size_t *n,
                   plx_err *err)
{
    listing l = {.arena = arena};
    bool ok = plx_zarr_store_walk(ctx, store, visit_key, &l, err);
    if (ok) {
        *paths = plx_arena_zero(arena, l.n ? l.n : 1, sizeof **paths);
        *n = l.n;
        ok = *paths || plx_fail_nomem(err, l.n * sizeof **paths);
    }
    if (ok && l.n) {
        memcpy(*paths, l.paths, l.n * sizeof **paths);
        qsort(*paths, l.n, sizeof **paths, compare_texts);
    }
    plx_free(l.paths);
    return ok;
}
