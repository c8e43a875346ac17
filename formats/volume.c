/* SPDX-License-Identifier: Apache-2.0
 *
 * Which format a volume is in, and what all of them have in common.
 */
#include "formats/volume.h"

#include "core/alloc.h"
#include "formats/source.h"

#include <string.h>

enum { HEAD = 64 };

#define PLX_VOLUME(name) extern const plx_volume_format plx_volume_##name;
#include "formats/volumes.def"
#undef PLX_VOLUME

#define PLX_VOLUME(name) &plx_volume_##name,
const plx_volume_format *const plx_volume_formats[] = {
#include "formats/volumes.def"
    NULL,
};
#undef PLX_VOLUME

struct plx_volume {
    const plx_volume_format *format;
    plx_arena *arena;
    plx_volume_info info;
    void *self;
};

/* A colon may belong to the file's name: the longest part before one that is there counts. */
static bool split(const char *spec, plx_arena *arena, const char **path, const char **dataset)
{
    *dataset = "";
    *path = plx_arena_strdup(arena, spec);
    if (!*path || plx_fs_exists(spec)) {
        return *path != NULL;
    }
    for (size_t i = strlen(spec); i > 0; i--) {
        if (spec[i - 1] != ':') {
            continue;
        }
        char *front = plx_arena_strndup(arena, spec, i - 1);
        if (!front) {
            return false;
        }
        if (plx_fs_exists(front)) {
            *path = front;
            *dataset = plx_arena_strdup(arena, spec + i);
            return *dataset != NULL;
        }
    }
    return true;
}

static bool read_head(const plx_ctx *ctx, const char *path, uint8_t *head, size_t *n, plx_err *err)
{
    plx_source *source;
    *n = 0;
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = true;
    size_t got = 1;
    while (ok && got > 0 && *n < HEAD) {
        ok = source->read(source, head + *n, HEAD - *n, &got, err);
        *n += ok ? got : 0;
    }
    plx_source_close(source);
    return ok;
}

static bool find_format(const plx_ctx *ctx, const char *path, const plx_volume_format **out, plx_err *err)
{
    uint8_t head[HEAD];
    size_t n = 0;
    bool is_dir = plx_fs_is_dir(path);
    if (!is_dir && !read_head(ctx, path, head, &n, err)) {
        return false;
    }
    char list[PLX_ERR_NOTE] = "";
    size_t used = 0;
    for (const plx_volume_format *const *f = plx_volume_formats; *f; f++) {
        if ((*f)->claims(path, is_dir, head, n)) {
            *out = *f;
            return true;
        }
        used += used < sizeof list ? (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                                      f == plx_volume_formats ? "" : ", ", (*f)->name)
                                   : 0;
    }
    plx_fail(err, PLX_E_UNSUPPORTED, "%s is no volume that is read here", path);
    return plx_err_why(err, "its first bytes fit none of: %s", list);
}

bool plx_volume_open(const plx_ctx *ctx, const char *spec, plx_volume **out, plx_err *err)
{
    plx_volume *v = plx_alloc_zero(1, sizeof *v);
    plx_arena *arena = plx_arena_new((size_t)plx_limits_of(ctx).memory_bytes);
    if (!v || !arena) {
        plx_free(v);
        plx_arena_free(arena);
        return plx_fail_nomem(err, sizeof *v);
    }
    v->arena = arena;
    v->info.dataset = "";
    bool ok = split(spec, arena, &v->info.path, &v->info.dataset) || plx_fail_nomem(err, strlen(spec));
    ok = ok && find_format(ctx, v->info.path, &v->format, err);
    if (ok) {
        v->info.format = v->format->name;
        ok = v->format->open(ctx, v->info.path, v->info.dataset, arena, &v->info, &v->self, err);
    }
    if (ok && !v->info.attributes) {
        v->info.attributes = plx_v_obj(arena);
        ok = v->info.attributes || plx_fail_nomem(err, 0);
    }
    if (!ok) {
        plx_volume_close(v);
        return false;
    }
    *out = v;
    return true;
}

bool plx_volume_open_zips(const plx_ctx *ctx, const char *const *paths, size_t n, const char *dataset, const char *name,
                          plx_volume **out, plx_err *err)
{
    plx_volume *v = plx_alloc_zero(1, sizeof *v);
    plx_arena *arena = plx_arena_new((size_t)plx_limits_of(ctx).memory_bytes);
    if (!v || !arena) {
        plx_free(v);
        plx_arena_free(arena);
        return plx_fail_nomem(err, sizeof *v);
    }
    v->arena = arena;
    v->format = &plx_volume_zarr;
    v->info = (plx_volume_info){.format = "zarr", .path = plx_arena_strdup(arena, paths[0])};
    bool ok = v->info.path || plx_fail_nomem(err, 0);
    ok = ok && plx_volume_zarr_open(ctx, paths, n, dataset, name, arena, &v->info, &v->self, err);
    if (!ok) {
        plx_volume_close(v);
        return false;
    }
    *out = v;
    return true;
}

void plx_volume_close(plx_volume *volume)
{
    if (!volume) {
        return;
    }
    if (volume->self) {
        volume->format->close(volume->self);
    }
    plx_arena_free(volume->arena);
    plx_free(volume);
}

const plx_volume_info *plx_volume_about(const plx_volume *volume)
{
    return &volume->info;
}

bool plx_volume_read(const plx_ctx *ctx, const plx_volume *volume, const size_t *start, const size_t *count,
                     plx_array *out, plx_err *err)
{
    const plx_volume_info *info = &volume->info;
    size_t from[PLX_MAX_DIMS] = {0}, n[PLX_MAX_DIMS] = {0}, bytes = plx_dtype_size(info->dtype);
    bool fits = true;
    *out = (plx_array){0};
    for (int d = 0; d < info->ndim; d++) {
        from[d] = start ? start[d] : 0;
        n[d] = count ? count[d] : info->shape[d];
        if (from[d] > info->shape[d] || n[d] > info->shape[d] - from[d]) {
            plx_fail(err, PLX_E_ARG, "the part of %s that is asked for lies outside of it", info->path);
            return plx_err_why(err, "axis %d has %zu elements", d, info->shape[d]);
        }
        fits = plx_mul_ok(bytes, n[d], &bytes) && fits;
    }
    uint64_t most = plx_limits_of(ctx).memory_bytes;
    if (!fits || bytes > most) {
        plx_fail(err, PLX_E_LIMIT, "%s is larger than what may be held in memory", info->path);
        return plx_err_why(err, "%llu bytes are allowed", (unsigned long long)most);
    }
    return volume->format->read(ctx, info, volume->self, from, n, out, err);
}

bool plx_volume_each(const plx_ctx *ctx, const plx_volume *volume, bool skip_zero, plx_volume_block each, void *payload,
                     plx_err *err)
{
    return volume->format->each(ctx, &volume->info, volume->self, skip_zero, each, payload, err);
}

const char *plx_volume_choose(const char *path, const char *wanted, const char *const *there, size_t n, plx_err *err)
{
    char list[PLX_ERR_TEXT / 2] = "";
    size_t used = 0, n_found = 0;
    const char *found = NULL;
    while (*wanted == '/') {
        wanted++;
    }
    size_t len = strlen(wanted);
    while (len && wanted[len - 1] == '/') {
        len--;
    }
    for (size_t i = 0; i < n; i++) {
        const char *name = there[i] + (there[i][0] == '/');
        size_t have = strlen(name);
        if (have == len && strncmp(name, wanted, len) == 0) {
            return there[i];
        }
        bool ends =
            len == 0 || (have > len && name[have - len - 1] == '/' && strncmp(name + have - len, wanted, len) == 0);
        found = ends ? there[i] : found;
        n_found += ends;
        used += used < sizeof list
                    ? (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", *name ? name : "/")
                    : 0;
    }
    if (n_found == 1) {
        return found;
    }
    if (n == 0) {
        plx_fail(err, PLX_E_NOTFOUND, "%s holds no array of numbers", path);
    } else if (len == 0) {
        plx_fail(err, PLX_E_ARG, "%s holds %zu arrays: say which one, as %s:NAME", path, n, path);
        plx_err_why(err, "it has: %s", list);
    } else {
        plx_fail(err, PLX_E_NOTFOUND, "%s has no array %s%s", path, wanted, n_found ? ", or rather several" : "");
        plx_err_why(err, "it has: %s", list);
    }
    return NULL;
}
