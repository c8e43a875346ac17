/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths and the primitives that publish files: a path is absent, or complete and on disk.
 * Folders are read, walked and removed in fs_tree.c. Not supported: file systems without rename.
 */
#define _GNU_SOURCE /* flock, syscall, getrandom, O_DIRECTORY, sync_file_range */
#include "core/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif

bool plx_path_join(char out[PLX_PATH], const char *dir, const char *name, plx_err *err)
{
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    bool slash = len > 0 && dir[len - 1] != '/';
    if (len + slash + strlen(name) >= PLX_PATH) {
        out[0] = '\0';
        return plx_fail(err, PLX_E_ARG, "the path %.80s.../%.80s is longer than %d bytes", dir, name, PLX_PATH - 1);
    }
    memmove(out, dir, len);
    if (slash) {
        out[len++] = '/';
    }
    memcpy(out + len, name, strlen(name) + 1);
    return true;
}

const char *plx_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool plx_path_is_safe(const char *path)
{
    if (!path[0] || (path[0] && path[1] == ':') || strlen(path) >= PLX_PATH) {
        return false;
    }
    const char *part = path;
    for (const char *p = path;; p++) {
        if (*p == '/' || *p == '\0') {
            size_t len = (size_t)(p - part);
            if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.')) {
                return false;
            }
            part = p + 1;
            if (*p == '\0') {
                return true;
            }
        } else if (*p == '\\' || (unsigned char)*p < 0x20 || *p == 0x7f) {
            return false;
        }
    }
}

/* Folder part of `path` ("." when it has none). */
static bool parent_of(const char *path, char out[PLX_PATH], plx_err *err)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len >= PLX_PATH) {
        return plx_fail(err, PLX_E_ARG, "the path %.80s... is longer than %d bytes", path, PLX_PATH - 1);
    }
    if (len == 0) {
        memcpy(out, ".", 2);
    } else {
        memcpy(out, path, len);
        out[len] = '\0';
    }
    return true;
}

static bool sync_parent(const char *path, plx_err *err)
{
    char dir[PLX_PATH];
    return parent_of(path, dir, err) && plx_fs_sync_dir(dir, err);
}

bool plx_fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool plx_fs_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool plx_fs_size(const char *path, uint64_t *out, plx_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return plx_fail_sys(err, errno, "cannot look at %s", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return plx_fail(err, PLX_E_IO, "%s is not a regular file", path);
    }
    *out = (uint64_t)st.st_size;
    return true;
}

bool plx_fs_mkdirs(const char *path, plx_err *err)
{
    char dir[PLX_PATH];
    size_t len = strlen(path);
    if (len == 0 || len >= PLX_PATH) {
        return plx_fail(err, PLX_E_ARG, "the path %.80s is empty or longer than %d bytes", path, PLX_PATH - 1);
    }
    if (plx_fs_is_dir(path)) {
        return true;
    }
    memcpy(dir, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if ((dir[i] != '/' && dir[i] != '\0') || dir[i - 1] == '/') {
            continue;
        }
        char was = dir[i];
        dir[i] = '\0';
        if (mkdir(dir, 0777) == 0) {
            if (!sync_parent(dir, err)) {
                return false;
            }
        } else {
            int sys = errno;
            if (!plx_fs_is_dir(dir)) { /* another process may have made it meanwhile */
                return plx_fail_sys(err, sys == EEXIST ? ENOTDIR : sys, "cannot make the folder %s", dir);
            }
        }
        dir[i] = was;
    }
    return true;
}

bool plx_fs_sync_dir(const char *path, plx_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return plx_fail_sys(err, errno, "cannot open the folder %s", path);
    }
    int rc;
    do {
        rc = fsync(fd);
    } while (rc != 0 && errno == EINTR);
    int sys = rc == 0 ? 0 : errno;
    close(fd);
    if (sys && sys != EINVAL) { /* EINVAL: this file system has no fsync for folders; there is nothing to wait for */
        return plx_fail_sys(err, sys, "cannot sync the folder %s", path);
    }
    return true;
}

bool plx_fs_write_all(int fd, const void *bytes, size_t len, const char *path, plx_err *err)
{
    const char *p = bytes;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return plx_fail_sys(err, errno, "cannot write %s", path);
        }
        p += n;
        len -= (size_t)n;
    }
    return true;
}

bool plx_fs_sync_fd(int fd, const char *path, plx_err *err)
{
    int rc;
    do {
        rc = fsync(fd);
    } while (rc != 0 && errno == EINTR);
    return rc == 0 || plx_fail_sys(err, errno, "cannot sync %s", path);
}

void plx_fs_start_sync(int fd, uint64_t from, uint64_t len)
{
#ifdef SYNC_FILE_RANGE_WRITE
    int before = errno;
    (void)!sync_file_range(fd, (off_t)from, (off_t)len, SYNC_FILE_RANGE_WRITE);
    errno = before;
#else
    (void)fd;
    (void)from;
    (void)len;
#endif
}

bool plx_fs_random(uint64_t *out, plx_err *err)
{
    char *p = (char *)out;
    for (size_t got = 0; got < sizeof *out;) {
        ssize_t n = getrandom(p + got, sizeof *out - got, 0);
        if (n < 0 && errno != EINTR) {
            return plx_fail_sys(err, errno, "cannot get random bytes");
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool plx_fs_temp(const char *path, char temp[PLX_PATH], int *fd, plx_err *err)
{
    char dir[PLX_PATH], name[64];
    if (!parent_of(path, dir, err)) {
        return false;
    }
    for (int tries = 0; tries < 16; tries++) {
        uint64_t random;
        if (!plx_fs_random(&random, err)) {
            return false;
        }
        snprintf(name, sizeof name, ".tmp-%ld-%016llx", (long)getpid(), (unsigned long long)random);
        if (!plx_path_join(temp, dir, name, err)) {
            return false;
        }
        *fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (*fd >= 0) {
            return true;
        }
        if (errno != EEXIST && errno != EINTR) {
            break;
        }
    }
    return plx_fail_sys(err, errno, "cannot make a temporary file in %s", dir);
}

bool plx_fs_commit(int fd, const char *temp, const char *path, plx_err *err)
{
    bool ok = plx_fs_sync_fd(fd, temp, err);
    if (close(fd) != 0 && errno != EINTR && ok) {
        ok = plx_fail_sys(err, errno, "cannot close %s", temp);
    }
    if (ok && rename(temp, path) != 0) {
        ok = plx_fail_sys(err, errno, "cannot put %s in place", path);
    }
    if (!ok) {
        unlink(temp);
        return false;
    }
    return sync_parent(path, err);
}

bool plx_fs_replace(const char *path, const void *bytes, size_t len, plx_err *err)
{
    char temp[PLX_PATH];
    int fd;
    if (!plx_fs_temp(path, temp, &fd, err)) {
        return false;
    }
    if (!plx_fs_write_all(fd, bytes, len, path, err)) {
        close(fd);
        unlink(temp);
        return false;
    }
    return plx_fs_commit(fd, temp, path, err);
}

/* Where the kernel or the file system has no rename without replacement. Returns 0 or an errno value. */
static int publish_without_renameat2(const char *from, const char *to)
{
    struct stat st;
    if (lstat(from, &st) != 0) {
        return errno;
    }
    if (!S_ISDIR(st.st_mode)) {
        if (link(from, to) == 0) {
            return unlink(from) == 0 ? 0 : errno;
        }
        if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS && errno != EMLINK) {
            return errno;
        }
        /* No hard links either (FAT, some FUSE). The gap between the look and the rename is harmless: two writers of
         * one path in a store write the same bytes. */
        if (lstat(to, &st) == 0) {
            return EEXIST;
        }
    }
    return rename(from, to) == 0 ? 0 : errno; /* a folder never replaces one that has something in it */
}

bool plx_fs_publish(const char *from, const char *to, bool *existed, plx_err *err)
{
    *existed = false;
    int sys = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
    if (sys == ENOSYS || sys == EINVAL || sys == ENOTSUP) {
        sys = publish_without_renameat2(from, to);
    }
    if (sys == EEXIST || sys == ENOTEMPTY || sys == ENOTDIR) {
        struct stat st;
        if (lstat(to, &st) != 0) {
            return plx_fail_sys(err, sys, "cannot put %s in place", to);
        }
        *existed = true;
    } else if (sys) {
        return plx_fail_sys(err, sys, "cannot put %s in place", to);
    }
    /* Also when it existed: whoever put it there may not have come to its own fsync, and what follows relies on it. */
    return sync_parent(to, err);
}

bool plx_fs_free_bytes(const char *path, uint64_t *out, plx_err *err)
{
    struct statvfs fs;
    int rc;
    do {
        rc = statvfs(path, &fs);
    } while (rc != 0 && errno == EINTR);
    if (rc != 0) {
        return plx_fail_sys(err, errno, "cannot ask for free space at %s", path);
    }
    if (__builtin_mul_overflow((uint64_t)fs.f_bavail, (uint64_t)fs.f_frsize, out)) {
        *out = UINT64_MAX;
    }
    return true;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool plx_lock_take(plx_lock *lock, const char *path, bool exclusive, int wait_ms, plx_err *err)
{
    lock->fd = -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0 && (errno == EROFS || errno == EACCES)) {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (fd < 0) {
        return plx_fail_sys(err, errno, "cannot open the lock %s", path);
    }
    if (fd < 3) { /* so that a zeroed plx_lock is no lock and dropping it never closes a standard stream */
        int higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        int sys = errno;
        close(fd);
        if (higher < 0) {
            return plx_fail_sys(err, sys, "cannot open the lock %s", path);
        }
        fd = higher;
    }
    int64_t start = now_ms();
    int pause_ms = 2;
    while (flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno == ENOLCK || errno == ENOSYS || errno == ENOTSUP) {
            break; /* no locks on this file system; they only save work */
        }
        if (errno != EWOULDBLOCK) {
            plx_fail_sys(err, errno, "cannot lock %s", path);
            close(fd);
            return false;
        }
        int64_t waited = now_ms() - start;
        if (wait_ms >= 0 && waited >= wait_ms) {
            close(fd);
            plx_fail(err, PLX_E_BUSY, "another process holds %s", path);
            return plx_err_why(err, "waited %.1f s for %s lock", (double)waited / 1000.0,
                               exclusive ? "an exclusive" : "a shared");
        }
        int64_t left = wait_ms >= 0 ? wait_ms - waited : pause_ms;
        struct timespec t = {0, (left < pause_ms ? left : pause_ms) * 1000000};
        if (nanosleep(&t, NULL) != 0) { /* only a handled signal, the user's wish to stop, ends a sleep */
            close(fd);
            return plx_fail(err, PLX_E_CANCELLED, "interrupted while waiting for %s", path);
        }
        pause_ms = pause_ms < 50 ? pause_ms * 2 : 100;
    }
    lock->fd = fd;
    return true;
}

void plx_lock_drop(plx_lock *lock)
{
    if (lock->fd >= 3) {
        close(lock->fd);
    }
    lock->fd = -1;
}
