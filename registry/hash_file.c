/* SPDX-License-Identifier: Apache-2.0
 *
 * Files hashed while they are written: what is named by its digest is never read back to learn its name.
 */
#include "registry/hash_file.h"

#include "core/alloc.h"
#include "core/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024 };

bool plx_hash_file_open(plx_hash_file *file, const char *path, plx_err *err)
{
    file->fd = -1;
    file->buf = NULL;
    file->used = 0;
    file->bytes = 0;
    int n = snprintf(file->path, sizeof file->path, "%s", path);
    if (n < 0 || (size_t)n >= sizeof file->path) {
        return plx_fail(err, PLX_E_ARG, "the path %.80s... is too long", path);
    }
    file->buf = plx_alloc(BLOCK);
    if (!file->buf) {
        return plx_fail_nomem(err, BLOCK);
    }
    file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file->fd < 0) {
        plx_fail_sys(err, errno, "cannot make %s", path);
        plx_free(file->buf);
        file->buf = NULL;
        return false;
    }
    plx_sha256_init(&file->sha);
    return true;
}

static bool flush(plx_hash_file *file, plx_err *err)
{
    plx_sha256_update(&file->sha, file->buf, file->used);
    bool ok = plx_fs_write_all(file->fd, file->buf, file->used, file->path, err);
    file->used = 0;
    return ok;
}

bool plx_hash_file_write(plx_hash_file *file, const void *bytes, size_t len, plx_err *err)
{
    const uint8_t *p = bytes;
    file->bytes += len;
    while (len > 0) {
        if (file->used == 0 && len >= BLOCK) {
            plx_sha256_update(&file->sha, p, BLOCK);
            if (!plx_fs_write_all(file->fd, p, BLOCK, file->path, err)) {
                return false;
            }
            p += BLOCK;
            len -= BLOCK;
            continue;
        }
        size_t room = BLOCK - file->used;
        size_t take = len < room ? len : room;
        memcpy(file->buf + file->used, p, take);
        file->used += take;
        p += take;
        len -= take;
        if (file->used == BLOCK && !flush(file, err)) {
            return false;
        }
    }
    return true;
}

bool plx_hash_file_close(plx_hash_file *file, bool durable, plx_digest *digest, uint64_t *bytes, plx_err *err)
{
    bool ok = flush(file, err);
    if (ok && fchmod(file->fd, 0444) != 0) {
        ok = plx_fail_sys(err, errno, "cannot make %s read-only", file->path);
    }
    if (ok && durable) {
        ok = plx_fs_sync_fd(file->fd, file->path, err);
    }
    if (!ok) {
        plx_hash_file_abort(file);
        return false;
    }
    int rc = close(file->fd);
    file->fd = -1;
    plx_free(file->buf);
    file->buf = NULL;
    if (rc != 0 && errno != EINTR) {
        plx_fail_sys(err, errno, "cannot close %s", file->path);
        unlink(file->path);
        return false;
    }
    plx_digest got = plx_sha256_final(&file->sha);
    if (digest) {
        *digest = got;
    }
    if (bytes) {
        *bytes = file->bytes;
    }
    return true;
}

void plx_hash_file_abort(plx_hash_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
        unlink(file->path);
        file->fd = -1;
    }
    plx_free(file->buf);
    file->buf = NULL;
}

bool plx_hash_path(const plx_ctx *ctx, const char *path, plx_digest *digest, uint64_t *bytes, plx_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return plx_fail_sys(err, errno, "cannot open %s", path);
    }
    uint8_t *buf = plx_alloc(BLOCK);
    if (!buf) {
        close(fd);
        return plx_fail_nomem(err, BLOCK);
    }
    plx_sha256 sha;
    plx_sha256_init(&sha);
    *bytes = 0;
    bool ok = true;
    for (;;) {
        ok = plx_ctx_go_on(ctx, err);
        if (!ok) {
            break;
        }
        ssize_t n = read(fd, buf, BLOCK);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            ok = plx_fail_sys(err, errno, "cannot read %s", path);
            break;
        }
        if (n == 0) {
            break;
        }
        plx_sha256_update(&sha, buf, (size_t)n);
        *bytes += (uint64_t)n;
        plx_progress_step(ctx, (uint64_t)n);
    }
    plx_free(buf);
    close(fd);
    *digest = plx_sha256_final(&sha);
    return ok;
}
