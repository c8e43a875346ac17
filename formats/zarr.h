/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays of zarr, version 2: chunks of one size in a folder or a zip. Read are numbers and truth values of any byte
 * order, C and Fortran order, both separators, fill values, edge chunks, chunks that are not stored, and the codecs of
 * codecs.def. Not read: text, dates, structures, filters, and zarr version 3.
 */
#ifndef PLX_FORMATS_ZARR_H
#define PLX_FORMATS_ZARR_H

#include "core/array.h"
#include "formats/codec.h"
#include "formats/zarr_store.h"

enum { PLX_ZARR_META_MAX = 16 << 20, PLX_ZARR_FILL = 16 };

/* What .zarray says. */
typedef struct plx_zarr_meta {
    plx_dtype dtype;
    bool swap;    /* other byte order than this machine's */
    bool fortran; /* order inside chunks */
    char separator;
    int ndim;
    size_t shape[PLX_MAX_DIMS], chunk[PLX_MAX_DIMS];
    size_t grid[PLX_MAX_DIMS];    /* chunks along each axis */
    size_t n_chunks, chunk_bytes; /* chunk_bytes: unpacked */
    uint8_t fill[PLX_ZARR_FILL];  /* one element in this machine's byte order; zero for null */
    bool fill_is_zero;
    const plx_codec *codec; /* NULL: plain bytes */
    plx_codec_state state;
} plx_zarr_meta;

/* errors: FORMAT, UNSUPPORTED, LIMIT for chunks of more than ctx->limits.memory_bytes. `name` heads messages. */
bool plx_zarr_parse(const plx_ctx *ctx, const char *name, const plx_value *json, plx_zarr_meta *out, plx_err *err);

typedef struct plx_zarr plx_zarr;

/* The array at `path` ("volumes/raw"; "" for an array that is the root) of a store, which stays the caller's and is
 * borrowed until the array is closed. errors: NOTFOUND naming the arrays that are there; FORMAT, UNSUPPORTED, LIMIT. */
bool plx_zarr_open(const plx_ctx *ctx, const plx_zarr_store *store, const char *path, plx_zarr **out, plx_err *err);
void plx_zarr_close(plx_zarr *array);
const plx_zarr_meta *plx_zarr_about(const plx_zarr *array);
/* .zattrs, an empty object where there is none. Borrowed. */
const plx_value *plx_zarr_attributes(const plx_zarr *array);

/* A region, in C order and this machine's byte order: `count` elements per axis from `start` on; both NULL for all of
 * it. Chunks are unpacked by ctx->jobs threads. errors: ARG outside of the array; LIMIT past ctx->limits.memory_bytes;
 * FORMAT, TRUNCATED for a damaged chunk, naming it. owner: *out. */
bool plx_zarr_read(const plx_ctx *ctx, const plx_zarr *array, const size_t *start, const size_t *count, plx_array *out,
                   plx_err *err);

/* Every chunk in order of its place, as the C-order block of the array that it holds (edge chunks are cut to it), in
 * the calling thread. With `skip_zero`, chunks that are not stored and would be zero are left out. Memory: a few chunks
 * per thread. */
typedef bool (*plx_zarr_block)(void *payload, const size_t *start, const plx_array *block, plx_err *err);
bool plx_zarr_each(const plx_ctx *ctx, const plx_zarr *array, bool skip_zero, plx_zarr_block each, void *payload,
                   plx_err *err);

/* Paths of all arrays in a store, sorted. owner: the arena. */
bool plx_zarr_list(const plx_ctx *ctx, const plx_zarr_store *store, plx_arena *arena, char ***paths, size_t *n,
                   plx_err *err);

#endif
