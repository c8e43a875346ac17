/* SPDX-License-Identifier: Apache-2.0
 *
 * A stream of elements in C order cut into slabs along the first axis, for volumes that are decoded from front to back.
 */
#ifndef PLX_FORMATS_SLABS_H
#define PLX_FORMATS_SLABS_H

#include "formats/volume.h"

typedef struct plx_slabs {
    plx_volume_info info; /* dtype, ndim, shape, chunk */
    bool skip_zero;
    plx_volume_block each;
    void *payload;
    plx_array slab;
    size_t row, rows, used; /* first row and number of rows of the slab, bytes of it that are there */
    bool dirty;             /* not all of it is zero */
} plx_slabs;

/* Slabs of `rows` rows (at least 1). owner: caller, plx_slabs_free also on failure. errors: LIMIT, NOMEM. */
bool plx_slabs_begin(const plx_ctx *ctx, plx_slabs *s, size_t rows, plx_err *err);
/* The next `len` bytes; NULL: zeros. */
bool plx_slabs_put(plx_slabs *s, const uint8_t *bytes, size_t len, plx_err *err);
void plx_slabs_free(plx_slabs *s);

#endif
