/* SPDX-License-Identifier: Apache-2.0
 *
 * What a store holds, counted from names and sizes: nothing is hashed and nothing is changed.
 */
#ifndef PLX_REGISTRY_STATUS_H
#define PLX_REGISTRY_STATUS_H

#include "registry/store.h"

typedef enum plx_catalog_state {
    PLX_CATALOG_CURRENT,
    PLX_CATALOG_MISSING,
    PLX_CATALOG_BEHIND, /* brought up to date by the next verb that reads it */
    PLX_CATALOG_DAMAGED
} plx_catalog_state;
const char *plx_catalog_state_name(plx_catalog_state state); /* "current" */

typedef struct plx_status {
    uint64_t datasets; /* refs */
    uint64_t records, record_bytes;
    uint64_t blobs, blob_bytes;
    uint64_t partials; /* work in progress, or left by the dead */
    uint64_t quarantined;
    uint64_t free_bytes; /* on the file system, for this user */
    plx_catalog_state catalog;
} plx_status;

/* errors: IO. */
bool plx_status_make(const plx_ctx *ctx, const plx_store *store, plx_status *out, plx_err *err);

#endif
