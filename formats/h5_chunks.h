/* SPDX-License-Identifier: Apache-2.0
 *
 * Chunks of an HDF5 data set, or pieces of one that lies in one run, read and unpacked here: libhdf5, in the child
 * process, only says where they lie. That keeps their bytes out of the pipe, uses libdeflate, and as many threads as
 * there are.
 */
#ifndef PLX_FORMATS_H5_CHUNKS_H
#define PLX_FORMATS_H5_CHUNKS_H

#include "core/array.h"
#include "core/ctx.h"

enum { PLX_H5_MAX_FILTERS = 3, PLX_H5_FILL = 16 };
/* HDF5's own numbers. */
typedef enum plx_h5_filter { PLX_H5_DEFLATE = 1, PLX_H5_SHUFFLE = 2, PLX_H5_LZF = 32000 } plx_h5_filter;

/* How the data set lies in the file. Comes from the child: checked by plx_h5_chunks_new. */
typedef struct plx_h5_layout {
    uint32_t ndim, size; /* axes; bytes of one element */
    uint64_t chunk[PLX_MAX_DIMS];
    uint64_t start[PLX_MAX_DIMS]; /* of the part that is read */
    uint32_t n_filters, filters[PLX_H5_MAX_FILTERS];
    uint32_t whole_rows, unused; /* 1: one run of bytes, of which these are pieces; the last one may be short */
    uint8_t fill[PLX_H5_FILL];   /* an element that was never written */
} plx_h5_layout;

/* One chunk that the part touches. address UINT64_MAX: never written. */
typedef struct plx_h5_chunk {
    uint64_t address, bytes;
    uint32_t skipped, unused; /* bit i: filter i was left out */
} plx_h5_chunk;

typedef struct plx_h5_chunks plx_h5_chunks;

/* `array` has the shape of the part; it stays the caller's. errors: FORMAT for a layout that cannot be; LIMIT. owner:
 * caller, plx_h5_chunks_free. */
bool plx_h5_chunks_new(const plx_ctx *ctx, const char *path, const plx_h5_layout *layout, plx_array *array,
                       plx_h5_chunks **out, plx_err *err);
void plx_h5_chunks_free(plx_h5_chunks *chunks); /* accepts NULL */
/* How many chunks the part touches, in C order of their places. */
uint64_t plx_h5_chunks_count(const plx_h5_chunks *chunks);
/* The next n plx_h5_chunk of that order, at any address. errors: FORMAT when there are too many. */
bool plx_h5_chunks_add(plx_h5_chunks *chunks, const void *list, size_t n, plx_err *err);
/* Read them all into the array. errors: FORMAT or TRUNCATED naming the chunk. */
bool plx_h5_chunks_read(plx_h5_chunks *chunks, plx_err *err);

#endif
