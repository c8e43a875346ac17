/* SPDX-License-Identifier: Apache-2.0
 *
 * Blobs: source files exactly as published, named by SHA-256, mode 0444.
 */
#ifndef PLX_REGISTRY_BLOB_H
#define PLX_REGISTRY_BLOB_H

#include "formats/source.h"
#include "registry/store.h"

/* Present with the right size? (`bytes` NULL: any.) No hashing. */
bool plx_blob_has(const plx_store *store, const plx_digest *digest, const uint64_t *bytes);
/* Copy a source into the store, hashing while writing; published only if it equals `expect` (NULL: any) and
 * `expect_bytes`. Re-used blobs get a fresh mtime, so gc's grace period covers them. errors: DIGEST with both digests,
 * LIMIT past expect_bytes, NOSPACE. */
bool plx_blob_put(const plx_ctx *ctx, plx_store *store, plx_source *source, const plx_digest *expect,
                  const uint64_t *expect_bytes, plx_digest *out, uint64_t *out_bytes, plx_err *err);
/* Move a finished file, read-only and synced, under the name of its digest; left where it is when a good one is there
 * already. */
bool plx_blob_publish(const plx_store *store, const char *temp, const plx_digest *digest, uint64_t bytes, plx_err *err);
/* Hash again. *ok false when the bytes differ; errors only when it cannot be read. */
bool plx_blob_verify(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, bool *ok, plx_err *err);
/* Take back a blob that was put just now, because what it holds turned out to be no good. Whoever came to rely on it
 * meanwhile notices, as after gc. A missing one is fine. */
bool plx_blob_withdraw(const plx_store *store, const plx_digest *digest, plx_err *err);
bool plx_blob_open(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, const char *name,
                   plx_source **out, plx_err *err);

#endif
