/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays that may be bigger than memory, whatever file they are in: FILE[:DATASET] is opened as what it is (see
 * volumes.def), and read in regions or chunk by chunk.
 */
#ifndef PLX_FORMATS_VOLUME_H
#define PLX_FORMATS_VOLUME_H

#include "core/array.h"
#include "core/ctx.h"
#include "core/fs.h"
#include "core/value.h"

typedef struct plx_volume_info {
    const char *format;  /* "zarr", "h5", ... */
    const char *path;    /* the file or folder */
    const char *dataset; /* path inside; "" where there is none */
    plx_dtype dtype;
    int ndim; /* as stored: nothing squeezed, no axis added */
    size_t shape[PLX_MAX_DIMS];
    size_t chunk[PLX_MAX_DIMS];  /* what is decoded at a time */
    const plx_value *attributes; /* an object, maybe empty */
} plx_volume_info;

typedef struct plx_volume plx_volume;

/* `spec` is FILE, or FILE:DATASET. Without DATASET the file must hold one array only; otherwise DATASET may also be the
 * end of one array's path. errors: NOTFOUND, ARG naming the arrays that are there; UNSUPPORTED for a file that is none
 * of the formats; those of the format. owner: caller. */
bool plx_volume_open(const plx_ctx *ctx, const char *spec, plx_volume **out, plx_err *err);
/* The array at `dataset` of the zarr store that `n` zips hold together; messages call it `name`. owner: caller. */
bool plx_volume_open_zips(const plx_ctx *ctx, const char *const *paths, size_t n, const char *dataset, const char *name,
                          plx_volume **out, plx_err *err);
void plx_volume_close(plx_volume *volume);
const plx_volume_info *plx_volume_about(const plx_volume *volume);

/* A region in C order and this machine's byte order: `count` elements per axis from `start` on; both NULL for all of
 * it. errors: ARG outside of it; LIMIT past ctx->limits.memory_bytes; FORMAT, TRUNCATED. owner: *out. */
bool plx_volume_read(const plx_ctx *ctx, const plx_volume *volume, const size_t *start, const size_t *count,
                     plx_array *out, plx_err *err);

/* Blocks that together cover the array, in a fixed order, in C order each, in the calling thread; a block is valid
 * during the call. With `skip_zero`, blocks of zeros may be left out. Memory: a few blocks per thread. */
typedef bool (*plx_volume_block)(void *payload, const size_t *start, const plx_array *block, plx_err *err);
bool plx_volume_each(const plx_ctx *ctx, const plx_volume *volume, bool skip_zero, plx_volume_block each, void *payload,
                     plx_err *err);

/* One file format of volumes: a const struct in volume_NAME.c and a line in volumes.def. */
typedef struct plx_volume_format {
    const char *name, *title;
    /* By its first bytes, of which there are `n` (0 for a folder). */
    bool (*claims)(const char *path, bool is_dir, const uint8_t *head, size_t n);
    /* Fill dtype, shape, chunk, dataset and attributes of `info`, texts from `arena`; `dataset` is "" when none was
     * named. */
    bool (*open)(const plx_ctx *ctx, const char *path, const char *dataset, plx_arena *arena, plx_volume_info *info,
                 void **self, plx_err *err);
    void (*close)(void *self);
    /* start and count are given and lie inside the array. */
    bool (*read)(const plx_ctx *ctx, const plx_volume_info *info, void *self, const size_t *start, const size_t *count,
                 plx_array *out, plx_err *err);
    bool (*each)(const plx_ctx *ctx, const plx_volume_info *info, void *self, bool skip_zero, plx_volume_block each,
                 void *payload, plx_err *err);
} plx_volume_format;
extern const plx_volume_format *const plx_volume_formats[]; /* NULL at the end */

/* What plx_volume_open_zips does for its format. */
bool plx_volume_zarr_open(const plx_ctx *ctx, const char *const *paths, size_t n, const char *dataset, const char *name,
                          plx_arena *arena, plx_volume_info *info, void **self, plx_err *err);

/* Which of the arrays in a file is meant: `wanted` itself or the only one whose path ends in it; the only one for "".
 * NULL with `err` set: NOTFOUND, ARG. */
const char *plx_volume_choose(const char *path, const char *wanted, const char *const *there, size_t n, plx_err *err);

#endif
