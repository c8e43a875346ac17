/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the keys of a zarr v2 hierarchy are kept: a folder, or a zip. Several zips may hold one hierarchy together.
 */
#ifndef PLX_FORMATS_ZARR_STORE_H
#define PLX_FORMATS_ZARR_STORE_H

#include "core/buf.h"
#include "core/ctx.h"
#include "core/fs.h"

typedef struct plx_zarr_store plx_zarr_store;

/* `prefix` ("" or NULL: none; else without slashes at its ends) is the folder inside that counts as the root. Messages
 * call it `name` (NULL: the first path). errors: NOTFOUND; those of a zip's directory. owner: caller. */
bool plx_zarr_store_open(const plx_ctx *ctx, const char *const *paths, size_t n, const char *prefix, const char *name,
                         plx_zarr_store **out, plx_err *err);
void plx_zarr_store_close(plx_zarr_store *store);
const char *plx_zarr_store_name(const plx_zarr_store *store);

/* The value of a key, of at most `limit` bytes, NUL behind its end; *there false for a key that is not there. Any
 * number of threads may call this at a time. errors: LIMIT, IO; POLICY for what is no regular file. owner: *out. */
bool plx_zarr_store_get(const plx_ctx *ctx, const plx_zarr_store *store, const char *key, uint64_t limit, bool *there,
                        plx_buf *out, plx_err *err);

/* Every key below the root, sorted. errors: LIMIT past ctx->limits.entries; IO. */
typedef bool (*plx_zarr_visit)(void *payload, const char *key, plx_err *err);
bool plx_zarr_store_walk(const plx_ctx *ctx, const plx_zarr_store *store, plx_zarr_visit visit, void *payload,
                         plx_err *err);

#endif
