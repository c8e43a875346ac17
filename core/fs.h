/* SPDX-License-Identifier: Apache-2.0
 *
 * Files: everything that must be absent or complete goes through here.
 */
#ifndef PLX_CORE_FS_H
#define PLX_CORE_FS_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PLX_PATH = 4096 };

/* Join two parts with one '/'. errors: ARG when the result does not fit. shape: out[PLX_PATH]. */
bool plx_path_join(char out[PLX_PATH], const char *dir, const char *name, plx_err *err);
const char *plx_path_base(const char *path);
/* True for a relative path without "", ".", "..", backslash, drive, control characters: safe below any folder. */
bool plx_path_is_safe(const char *path);

bool plx_fs_exists(const char *path);
bool plx_fs_is_dir(const char *path);
bool plx_fs_size(const char *path, uint64_t *out, plx_err *err);
/* mkdir -p, fsyncing each parent it adds to. */
bool plx_fs_mkdirs(const char *path, plx_err *err);
/* fsync a folder. */
bool plx_fs_sync_dir(const char *path, plx_err *err);
/* Write all bytes (short writes and EINTR handled). */
bool plx_fs_write_all(int fd, const void *bytes, size_t len, const char *path, plx_err *err);
/* Begin to write `len` bytes from `from` on to the disk and do not wait, so that a later fsync has less to do. A hint:
 * nothing is promised, and failures are left for the fsync to tell. */
void plx_fs_start_sync(int fd, uint64_t from, uint64_t len);
/* fsync a file. */
bool plx_fs_sync_fd(int fd, const char *path, plx_err *err);
/* 64 random bits from the system. */
bool plx_fs_random(uint64_t *out, plx_err *err);
/* A new empty file ".tmp-<pid>-<random>" beside `path`, open for writing. owner: caller, who commits it or closes and
 * unlinks. */
bool plx_fs_temp(const char *path, char temp[PLX_PATH], int *fd, plx_err *err);
/* fsync and close `fd`, rename `temp` over `path`, fsync the folder. On failure `temp` is gone and `path` is what it
 * was. */
bool plx_fs_commit(int fd, const char *temp, const char *path, plx_err *err);
/* Give `path` these bytes: private temporary in the same folder, fsync, rename over, fsync folder. */
bool plx_fs_replace(const char *path, const void *bytes, size_t len, plx_err *err);
/* Rename without replacing: *existed says that `to` was there and `from` was left alone. Works for files and folders.
 * The folder of `to` is fsynced in both cases; what `from` holds must have been before. */
bool plx_fs_publish(const char *from, const char *to, bool *existed, plx_err *err);
/* Remove a file or a whole tree (symbolic links are removed, never followed). Missing is fine. */
bool plx_fs_remove_tree(const char *path, plx_err *err);
/* Every regular file below `dir`, in sorted order of relative path. Symbolic links (and sockets, pipes,
 * devices) are reported with `is_link`, not followed. errors: NOTFOUND when there is no `dir`; LIMIT past 128 levels.
 */
typedef bool (*plx_fs_visit)(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err);
bool plx_fs_walk(const char *dir, plx_fs_visit visit, void *payload, plx_err *err);
/* Sorted names in one folder, without "." and "..". owner: caller, plx_fs_names_free. A missing folder is an empty
 * list. */
bool plx_fs_names(const char *dir, char ***names, size_t *n, plx_err *err);
void plx_fs_names_free(char **names, size_t n);
bool plx_fs_free_bytes(const char *path, uint64_t *out, plx_err *err);

/* Advisory lock on a file (made if missing). Locks only save work; correctness never rests on them.
 * errors: BUSY after `wait_ms` (0: at once, negative: for ever); CANCELLED when a handled signal ends the wait. */
typedef struct plx_lock {
    int fd;
} plx_lock;
bool plx_lock_take(plx_lock *lock, const char *path, bool exclusive, int wait_ms, plx_err *err);
void plx_lock_drop(plx_lock *lock);

#endif
