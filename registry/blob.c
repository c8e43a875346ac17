/* SPDX-License-Identifier: Apache-2.0
 *
 * Blobs: bytes go to partial/ while they are hashed, and appear under their digest in one rename.
 */
#include "registry/blob.h"

#include "core/alloc.h"
#include "registry/hash_file.h"
#include "registry/object.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024 };

bool plx_blob_has(const plx_store *store, const plx_digest *digest, const uint64_t *bytes)
{
    char path[PLX_PATH];
    struct stat st;
    return plx_store_object_path(store, "blobs", digest, path, NULL) && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           (!bytes || (uint64_t)st.st_size == *bytes);
}

/* A blob that is there with the right size is used as it is. *reused false: it must be written. */
static bool reuse(const plx_store *store, const char *path, const uint64_t *bytes, bool *reused, plx_err *err)
{
    struct stat st;
    *reused = false;
    if (lstat(path, &st) != 0) {
        return errno == ENOENT || plx_fail_sys(err, errno, "cannot look at %s", path);
    }
    if (!S_ISREG(st.st_mode) || (bytes && (uint64_t)st.st_size != *bytes)) {
        return plx_store_quarantine(store, path, "its size is not that of the file it is named for", err);
    }
    return plx_object_touch(path, reused, err);
}

static bool copy(const plx_ctx *ctx, plx_source *source, const uint64_t *expect_bytes, plx_hash_file *file,
                 plx_err *err)
{
    uint8_t *buf = plx_alloc(BLOCK);
    if (!buf) {
        return plx_fail_nomem(err, BLOCK);
    }
    bool ok = true;
    for (;;) {
        size_t got = 0;
        ok = plx_ctx_go_on(ctx, err) && source->read(source, buf, BLOCK, &got, err);
        if (!ok || got == 0) {
            break;
        }
        if (expect_bytes && file->bytes + got > *expect_bytes) {
            plx_fail(err, PLX_E_LIMIT, "%s is longer than it should be", source->name);
            plx_err_why(err, "expected %llu bytes, got more", (unsigned long long)*expect_bytes);
            ok = plx_err_kept(err, "the store is unchanged");
            break;
        }
        ok = plx_hash_file_write(file, buf, got, err);
        if (!ok) {
            break;
        }
    }
    plx_free(buf);
    return ok;
}

static bool check(const char *name, const plx_digest *expect, const uint64_t *expect_bytes, const plx_digest *got,
                  uint64_t bytes, plx_err *err)
{
    char want_hex[PLX_SHA256_HEX + 1], got_hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(got, got_hex);
    if (expect && !plx_digest_eq(expect, got)) {
        plx_digest_hex(expect, want_hex);
        plx_fail(err, PLX_E_DIGEST, "%s is not the published file: its SHA-256 differs", name);
        if (expect_bytes) {
            plx_err_why(err, "expected %s (%llu bytes), got %s (%llu bytes)", want_hex,
                        (unsigned long long)*expect_bytes, got_hex, (unsigned long long)bytes);
        } else {
            plx_err_why(err, "expected %s, got %s (%llu bytes)", want_hex, got_hex, (unsigned long long)bytes);
        }
        return plx_err_kept(err, "the store is unchanged");
    }
    if (expect_bytes && bytes != *expect_bytes) {
        plx_fail(err, PLX_E_DIGEST, "%s has the wrong size", name);
        plx_err_why(err, "expected %llu bytes, got %llu (sha256 %s)", (unsigned long long)*expect_bytes,
                    (unsigned long long)bytes, got_hex);
        return plx_err_kept(err, "the store is unchanged");
    }
    return true;
}

bool plx_blob_publish(const plx_store *store, const char *temp, const plx_digest *digest, uint64_t bytes, plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_store_object_path(store, "blobs", digest, path, err)) {
        return false;
    }
    for (int tries = 0; tries < 8; tries++) { /* more than once only while another process moves the same object */
        bool reused, existed;
        if (!reuse(store, path, &bytes, &reused, err)) {
            return false;
        }
        if (reused) {
            return true;
        }
        if (!plx_object_publish(temp, path, &existed, err)) {
            return false;
        }
        if (!existed) {
            return true;
        }
    }
    return plx_fail(err, PLX_E_BUSY, "other processes keep changing %s", plx_store_rel(store, path));
}

bool plx_blob_put(const plx_ctx *ctx, plx_store *store, plx_source *source, const plx_digest *expect,
                  const uint64_t *expect_bytes, plx_digest *out, uint64_t *out_bytes, plx_err *err)
{
    char path[PLX_PATH], partial[PLX_PATH];
    if (expect) {
        bool reused;
        if (!plx_store_object_path(store, "blobs", expect, path, err) ||
            !reuse(store, path, expect_bytes, &reused, err)) {
            return false;
        }
        if (reused) {
            *out = *expect;
            return plx_fs_size(path, out_bytes, err);
        }
    }
    if (!plx_store_partial(store, partial, err)) {
        return false;
    }
    plx_hash_file file;
    bool ok = plx_path_join(path, partial, "blob", err) && plx_hash_file_open(&file, path, err);
    if (ok) {
        ok = copy(ctx, source, expect_bytes, &file, err) && plx_hash_file_close(&file, true, out, out_bytes, err) &&
             check(source->name, expect, expect_bytes, out, *out_bytes, err) &&
             plx_blob_publish(store, path, out, *out_bytes, err);
        plx_hash_file_abort(&file);
    }
    plx_fs_remove_tree(partial, NULL);
    return ok;
}

bool plx_blob_verify(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, bool *ok, plx_err *err)
{
    char path[PLX_PATH];
    plx_digest got;
    uint64_t bytes;
    if (!plx_store_object_path(store, "blobs", digest, path, err) || !plx_hash_path(ctx, path, &got, &bytes, err)) {
        return false;
    }
    *ok = plx_digest_eq(digest, &got);
    return true;
}

bool plx_blob_open(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, const char *name,
                   plx_source **out, plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_store_object_path(store, "blobs", digest, path, err)) {
        return false;
    }
    if (!plx_source_file(ctx, path, false, out, err)) {
        return plx_note(err, "stored copy of %s", name);
    }
    return true;
}

bool plx_blob_withdraw(const plx_store *store, const plx_digest *digest, plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_store_object_path(store, "blobs", digest, path, err)) {
        return false;
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return plx_fail_sys(err, errno, "cannot take back %s", path);
    }
    return true;
}
