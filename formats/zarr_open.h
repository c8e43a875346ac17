/* SPDX-License-Identifier: Apache-2.0
 *
 * An open array, for the two files of zarr.h.
 */
#ifndef PLX_FORMATS_ZARR_OPEN_H
#define PLX_FORMATS_ZARR_OPEN_H

#include "formats/zarr.h"

struct plx_zarr {
    const plx_zarr_store *store;
    plx_arena *arena;
    const char *path; /* "" or with a slash at its end */
    const char *name; /* for messages */
    plx_zarr_meta meta;
    const plx_value *attributes;
};

#endif
