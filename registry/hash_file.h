/* SPDX-License-Identifier: Apache-2.0
 *
 * A new file that is hashed while it is written, and hashing one that is there.
 */
#ifndef PLX_REGISTRY_HASH_FILE_H
#define PLX_REGISTRY_HASH_FILE_H

#include "core/ctx.h"
#include "core/fs.h"
#include "core/hash.h"

typedef struct plx_hash_file {
    int fd; /* -1: closed */
    plx_sha256 sha;
    uint64_t bytes;
    uint8_t *buf;
    size_t used;
    char path[PLX_PATH];
} plx_hash_file;

/* errors: IO when the file exists. owner: caller, who closes or aborts. */
bool plx_hash_file_open(plx_hash_file *file, const char *path, plx_err *err);
bool plx_hash_file_write(plx_hash_file *file, const void *bytes, size_t len, plx_err *err);
/* Flush, make it read-only, fsync when `durable`, close. On failure the file is gone. `digest` and `bytes` may be NULL.
 */
bool plx_hash_file_close(plx_hash_file *file, bool durable, plx_digest *digest, uint64_t *bytes, plx_err *err);
/* Close and remove; fine after a close. */
void plx_hash_file_abort(plx_hash_file *file);

/* SHA-256 and size of a file read in blocks; steps the progress by bytes. errors: NOTFOUND, IO, CANCELLED. */
bool plx_hash_path(const plx_ctx *ctx, const char *path, plx_digest *digest, uint64_t *bytes, plx_err *err);

#endif
