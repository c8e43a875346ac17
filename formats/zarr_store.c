/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/zarr_store.h"

#include "core/alloc.h"
#include "core/str.h"
#include "formats/zip_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct plx_zarr_store {
    char *name, *dir; /* dir NULL: zips */
    char *prefix;     /* "" or with a slash at its end */
    plx_zip_file **zips;
    size_t n_zips;
};

static bool open_zips(const plx_ctx *ctx, const char *const *paths, size_t n, const char *name, plx_zarr_store *store,
                      plx_err *err)
{
    store->zips = plx_alloc_zero(n, sizeof(plx_zip_file *));
    if (!store->zips) {
        return plx_fail_nomem(err, n * sizeof(plx_zip_file *));
    }
    for (; store->n_zips < n; store->n_zips++) {
        if (!plx_zip_open(ctx, paths[store->n_zips], name, &store->zips[store->n_zips], err)) {
            return false;
        }
    }
    return true;
}

bool plx_zarr_store_open(const plx_ctx *ctx, const char *const *paths, size_t n, const char *prefix, const char *name,
                         plx_zarr_store **out, plx_err *err)
{
    plx_zarr_store *store = plx_alloc_zero(1, sizeof *store);
    if (!store) {
        return plx_fail_nomem(err, sizeof *store);
    }
    plx_sb sb = {0};
    if (prefix && *prefix) {
        plx_sb_printf(&sb, "%s/", prefix);
    }
    store->prefix = plx_strdup(plx_sb_str(&sb));
    store->name = plx_strdup(name ? name : paths[0]);
    bool ok = (store->prefix && store->name && !sb.failed) || plx_fail_nomem(err, 0);
    plx_sb_free(&sb);
    if (ok && n == 1 && plx_fs_is_dir(paths[0])) {
        store->dir = plx_strdup(paths[0]);
        ok = store->dir || plx_fail_nomem(err, 0);
    } else {
        ok = ok && open_zips(ctx, paths, n, name, store, err);
    }
    if (!ok) {
        plx_zarr_store_close(store);
        return false;
    }
    *out = store;
    return true;
}

void plx_zarr_store_close(plx_zarr_store *store)
{
    if (!store) {
        return;
    }
    for (size_t i = 0; i < store->n_zips; i++) {
        plx_zip_close(store->zips[i]);
    }
    plx_free(store->zips);
    plx_free(store->prefix);
    plx_free(store->dir);
    plx_free(store->name);
    plx_free(store);
}

const char *plx_zarr_store_name(const plx_zarr_store *store)
{
    return store->name;
}

static bool read_whole(int fd, const char *path, uint64_t limit, plx_buf *out, plx_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return plx_fail_sys(err, errno, "cannot read %s", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return plx_fail(err, PLX_E_POLICY, "%s is no regular file", path);
    }
    if ((uint64_t)st.st_size > limit) {
        plx_fail(err, PLX_E_LIMIT, "%s is too large", path);
        return plx_err_why(err, "it has %lld bytes, and %llu are allowed", (long long)st.st_size,
                           (unsigned long long)limit);
    }
    size_t len = (size_t)st.st_size;
    if (!plx_buf_alloc(len + 1, out, err)) {
        return false;
    }
    size_t done = 0;
    while (done < len) {
        ssize_t n = read(fd, out->ptr + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            int sys = errno;
            plx_buf_free(out);
            return n < 0 ? plx_fail_sys(err, sys, "cannot read %s", path)
                         : plx_fail(err, PLX_E_IO, "%s became shorter while it was read", path);
        }
        done += (size_t)n;
    }
    out->ptr[len] = '\0';
    out->len = len;
    return true;
}

static bool get_file(const plx_zarr_store *store, const char *key, uint64_t limit, bool *there, plx_buf *out,
                     plx_err *err)
{
    char path[PLX_PATH];
    int n = snprintf(path, sizeof path, "%s/%s%s", store->dir, store->prefix, key);
    if (n < 0 || (size_t)n >= sizeof path) {
        return plx_fail(err, PLX_E_ARG, "the path of %s is too long", key);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *there = fd >= 0;
    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR || plx_fail_sys(err, errno, "cannot open %s", path);
    }
    bool ok = read_whole(fd, path, limit, out, err);
    close(fd);
    return ok;
}

bool plx_zarr_store_get(const plx_ctx *ctx, const plx_zarr_store *store, const char *key, uint64_t limit, bool *there,
                        plx_buf *out, plx_err *err)
{
    *there = false;
    *out = (plx_buf){0};
    if (store->dir) {
        return get_file(store, key, limit, there, out, err);
    }
    char name[PLX_PATH];
    int n = snprintf(name, sizeof name, "%s%s", store->prefix, key);
    if (n < 0 || (size_t)n >= sizeof name) {
        return plx_fail(err, PLX_E_ARG, "the path of %s is too long", key);
    }
    for (size_t i = 0; i < store->n_zips && !*there; i++) {
        if (!plx_zip_load_part(ctx, store->zips[i], name, limit, there, out, err)) {
            return false;
        }
    }
    return true;
}

typedef struct walk {
    const plx_ctx *ctx;
    const char *name;
    plx_zarr_visit visit;
    void *payload;
    uint64_t n;
} walk;

static bool tell(walk *w, const char *key, plx_err *err)
{
    uint32_t most = plx_limits_of(w->ctx).entries;
    if (++w->n > most) {
        plx_fail(err, PLX_E_LIMIT, "%s has too many files", w->name);
        return plx_err_why(err, "at most %u are read", most);
    }
    return plx_ctx_go_on(w->ctx, err) && w->visit(w->payload, key, err);
}

static bool visit_file(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)bytes;
    return is_link || tell(payload, rel_path, err);
}

bool plx_zarr_store_walk(const plx_ctx *ctx, const plx_zarr_store *store, plx_zarr_visit visit, void *payload,
                         plx_err *err)
{
    walk w = {ctx, store->name, visit, payload, 0};
    if (store->dir) {
        char path[PLX_PATH];
        int n = snprintf(path, sizeof path, "%s/%s", store->dir, store->prefix);
        if (n < 0 || (size_t)n >= sizeof path) {
            return plx_fail(err, PLX_E_ARG, "the path %s is too long", store->dir);
        }
        return plx_fs_walk(path, visit_file, &w, err);
    }
    size_t skip = strlen(store->prefix);
    for (size_t z = 0; z < store->n_zips; z++) {
        const char *last = "";
        for (size_t i = 0; i < plx_zip_count(store->zips[z]); i++) {
            const char *name = plx_zip_name(store->zips[z], i);
            bool below = plx_starts_with(name, store->prefix) && name[skip] && !plx_ends_with(name, "/");
            if (below && strcmp(name, last) != 0 && !tell(&w, name + skip, err)) {
                return false;
            }
            last = name;
        }
    }
    return true;
}
