/* SPDX-License-Identifier: Apache-2.0
 *
 * Owned bytes: from plx_alloc, from a read-only mapping, or read whole from a file.
 */
#include "core/buf.h"

#include "core/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void release_memory(plx_buf *self)
{
    plx_free(self->ptr);
}

static void release_mapping(plx_buf *self)
{
    munmap(self->ptr, self->len);
}

bool plx_buf_alloc(size_t len, plx_buf *out, plx_err *err)
{
    void *ptr = plx_alloc(len);
    *out = (plx_buf){0};
    if (!ptr) {
        return plx_fail_nomem(err, len);
    }
    *out = plx_buf_own(ptr, len);
    return true;
}

plx_buf plx_buf_own(void *ptr, size_t len)
{
    return (plx_buf){ptr, len, release_memory, NULL};
}

plx_buf plx_buf_view(const void *ptr, size_t len)
{
    /* A view is never written through; the field is shared with owned buffers, which are. */
    plx_buf view = {NULL, len, NULL, NULL};
    memcpy(&view.ptr, &ptr, sizeof ptr);
    return view;
}

void plx_buf_free(plx_buf *buf)
{
    if (buf->release) {
        buf->release(buf);
    }
    *buf = (plx_buf){0};
}

/* Open for reading; the caller closes. -1 with the error set. */
static int open_file(const char *path, struct stat *st, plx_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        plx_fail_sys(err, errno, "cannot open %s", path);
        return -1;
    }
    if (fstat(fd, st) != 0) {
        plx_fail_sys(err, errno, "cannot examine %s", path);
        close(fd);
        return -1;
    }
    if (S_ISDIR(st->st_mode)) {
        plx_fail_sys(err, EISDIR, "cannot read %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

bool plx_buf_map(const char *path, plx_buf *out, plx_err *err)
{
    *out = (plx_buf){0};
    struct stat st;
    int fd = open_file(path, &st, err);
    if (fd < 0) {
        return false;
    }
    bool ok = true;
    if (!S_ISREG(st.st_mode)) {
        ok = plx_fail(err, PLX_E_IO, "cannot map %s: it is not a regular file", path);
    } else if (st.st_size > 0) {
        void *ptr = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (ptr == MAP_FAILED) {
            ok = plx_fail_sys(err, errno, "cannot map %s", path);
        } else {
            *out = (plx_buf){ptr, (size_t)st.st_size, release_mapping, NULL};
        }
    }
    close(fd);
    return ok;
}

/* Read to the end of `fd`. The size from fstat is only the first guess: pipes have none, and files grow. */
static bool read_all(int fd, const char *path, size_t guess, size_t limit, plx_buf *out, plx_err *err)
{
    uint8_t *ptr = NULL;
    size_t len = 0, cap = 0;
    for (;;) {
        if (len == cap) {
            size_t need = len ? len + 1 : guess + 1;
            if (!plx_grow(&ptr, &cap, need, 1)) {
                plx_free(ptr);
                return plx_fail_nomem(err, need);
            }
        }
        ssize_t n = read(fd, ptr + len, cap - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            int sys = errno;
            plx_free(ptr);
            return plx_fail_sys(err, sys, "cannot read %s", path);
        }
        if (n == 0) {
            *out = plx_buf_own(ptr, len);
            return true;
        }
        len += (size_t)n;
        if (len > limit) {
            plx_free(ptr);
            return plx_fail(err, PLX_E_LIMIT, "%s is larger than the limit of %zu bytes", path, limit);
        }
    }
}

bool plx_buf_read_file(const char *path, size_t limit, plx_buf *out, plx_err *err)
{
    *out = (plx_buf){0};
    struct stat st;
    int fd = open_file(path, &st, err);
    if (fd < 0) {
        return false;
    }
    bool ok;
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit) {
        ok = plx_fail(err, PLX_E_LIMIT, "%s has %lld bytes, the limit is %zu", path, (long long)st.st_size, limit);
    } else {
        ok = read_all(fd, path, S_ISREG(st.st_mode) ? (size_t)st.st_size : 0, limit, out, err);
    }
    close(fd);
    return ok;
}
