/* SPDX-License-Identifier: Apache-2.0
 *
 * An index of local folders, in the order they were given and sorted within each, so that what is found does not depend
 * on the file system. Nothing is opened until a digest is asked for.
 */
#include "registry/local_files.h"

#include "core/alloc.h"
#include "core/arena.h"
#include "core/fs.h"
#include "formats/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct plx_local_files {
    plx_arena *arena;
    plx_local_file *items;
    size_t n, cap;
    const char *dir; /* being walked */
    const plx_ctx *ctx;
};

static bool add(plx_local_files *files, const char *path, plx_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return true; /* a dangling link or a link to a folder */
    }
    const char *copy = plx_arena_strdup(files->arena, path);
    if (!copy || !plx_grow(&files->items, &files->cap, files->n + 1, sizeof *files->items)) {
        return plx_fail_nomem(err, strlen(path));
    }
    files->items[files->n++] =
        (plx_local_file){.path = copy, .base = plx_path_base(copy), .bytes = (uint64_t)st.st_size};
    return true;
}

static bool visit(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)bytes;
    (void)is_link;
    plx_local_files *files = payload;
    char path[PLX_PATH];
    return plx_ctx_go_on(files->ctx, err) && plx_path_join(path, files->dir, rel_path, err) && add(files, path, err);
}

static bool add_dir(plx_local_files *files, const char *dir, plx_err *err)
{
    struct stat st;
    if (stat(dir, &st) != 0) {
        return plx_fail_sys(err, errno, "cannot look for files in %s", dir);
    }
    if (!S_ISDIR(st.st_mode)) {
        return add(files, dir, err);
    }
    files->dir = dir;
    return plx_fs_walk(dir, visit, files, err);
}

bool plx_local_files_new(const plx_ctx *ctx, const char *const *dirs, size_t n_dirs, plx_local_files **out,
                         plx_err *err)
{
    plx_local_files *files = plx_alloc_zero(1, sizeof *files);
    if (!files) {
        return plx_fail_nomem(err, sizeof *files);
    }
    files->ctx = ctx;
    files->arena = plx_arena_new(0);
    bool ok = files->arena ? true : plx_fail_nomem(err, sizeof(void *));
    for (size_t i = 0; ok && i < n_dirs; i++) {
        ok = add_dir(files, dirs[i], err);
    }
    if (!ok) {
        plx_local_files_free(files);
        return false;
    }
    *out = files;
    return true;
}

void plx_local_files_free(plx_local_files *files)
{
    if (files) {
        plx_arena_free(files->arena);
        plx_free(files->items);
        plx_free(files);
    }
}

size_t plx_local_files_count(const plx_local_files *files)
{
    return files->n;
}

plx_local_file *plx_local_files_at(plx_local_files *files, size_t i)
{
    return &files->items[i];
}

bool plx_local_file_hash(const plx_ctx *ctx, plx_local_file *file, plx_err *err)
{
    enum { PIECE = 1 << 16 };
    if (file->hashed) {
        return true;
    }
    plx_source *source = NULL;
    if (!plx_source_file(ctx, file->path, false, &source, err)) {
        return false;
    }
    uint8_t *piece = plx_alloc(PIECE);
    bool ok = piece ? true : plx_fail_nomem(err, PIECE);
    plx_sha256 hash;
    plx_sha256_init(&hash);
    for (size_t got = 1; ok && got > 0;) {
        ok = plx_ctx_go_on(ctx, err) && source->read(source, piece, PIECE, &got, err);
        if (ok) {
            plx_sha256_update(&hash, piece, got);
        }
    }
    plx_free(piece);
    plx_source_close(source);
    if (ok) {
        file->sha256 = plx_sha256_final(&hash);
        file->hashed = true;
    }
    return ok;
}
