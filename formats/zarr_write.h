/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing arrays of zarr, version 2, from their elements in C order. Chunks are packed by several threads; the same
 * elements give the same bytes for any number of them.
 */
#ifndef PLX_FORMATS_ZARR_WRITE_H
#define PLX_FORMATS_ZARR_WRITE_H

#include "core/array.h"
#include "core/ctx.h"
#include "core/value.h"
#include "formats/zip_write.h"

/* Where keys go, in the order they are made; each once. */
typedef struct plx_zarr_out {
    bool (*put)(void *payload, const char *key, const void *bytes, size_t len, plx_err *err);
    void *payload;
} plx_zarr_out;
/* A folder, made as needed; files that are there are replaced. `dir` is borrowed. */
plx_zarr_out plx_zarr_out_dir(const char *dir);
/* A zip; the writer is borrowed. */
plx_zarr_out plx_zarr_out_zip(plx_zip_writer *zip);

typedef struct plx_zarr_layout {
    plx_dtype dtype;
    bool swap;      /* write the byte order that is not this machine's */
    bool fortran;   /* order inside chunks */
    char separator; /* '.' or '/'; 0: '.' */
    int ndim;
    size_t shape[PLX_MAX_DIMS], chunk[PLX_MAX_DIMS];
    const plx_value *compressor; /* settings as in codec.h; NULL: chunks are not packed */
    bool keep_zero;              /* write chunks of zeros too; the fill value is 0 */
} plx_zarr_layout;

/* .zgroup, and .zattrs unless `attributes` is NULL, of the group at `path` ("" the root). */
bool plx_zarr_put_group(const plx_zarr_out *out, const char *path, const plx_value *attributes, plx_err *err);
typedef struct plx_zarr_writer plx_zarr_writer;

/* Begin the array at `path` by writing its .zarray, and .zattrs unless `attributes` is NULL. `ctx` and what `out`
 * points to are borrowed. owner: caller, plx_zarr_writer_free. errors: ARG for a layout that cannot be; UNSUPPORTED,
 * FORMAT of the codec; LIMIT. */
bool plx_zarr_writer_new(const plx_ctx *ctx, const plx_zarr_out *out, const char *path, const plx_zarr_layout *layout,
                         const plx_value *attributes, plx_zarr_writer **writer, plx_err *err);
/* The next elements, any number of bytes of them. Memory: one row of chunks along the first axis with chunks longer
 * than 1. errors: ARG past the array's end. */
bool plx_zarr_writer_put(plx_zarr_writer *writer, const void *bytes, size_t len, plx_err *err);
/* The array must be complete. errors: ARG. */
bool plx_zarr_writer_finish(plx_zarr_writer *writer, plx_err *err);
void plx_zarr_writer_free(plx_zarr_writer *writer);

/* .zmetadata from every .zgroup, .zattrs and .zarray below the root of a folder. */
bool plx_zarr_consolidate_dir(const plx_ctx *ctx, const char *dir, plx_err *err);

#endif
