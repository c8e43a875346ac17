/* SPDX-License-Identifier: Apache-2.0
 *
 * NumPy .npy (versions 1.0, 2.0, 3.0) and .npz. The header is a Python literal: parsed strictly, pickled objects
 * refused.
 */
#ifndef PLX_FORMATS_NPY_H
#define PLX_FORMATS_NPY_H

#include "core/array.h"
#include "core/ctx.h"
#include "core/table.h"
#include "formats/source.h"

/* Parse the header at the start of bytes[0..len): dtype, shape, order, whether to swap, and where data start.
 * Byte strings of n bytes (NumPy's S) come
 * as U8 with one more, last axis of n. errors: TRUNCATED, FORMAT, UNSUPPORTED (object, structured and unicode dtypes
 * named). */
typedef struct plx_npy_header {
    plx_dtype dtype;
    bool swap, fortran;
    int ndim;
    bool text; /* the last axis runs along byte strings */
    size_t shape[PLX_MAX_DIMS];
    size_t data_offset, data_bytes;
} plx_npy_header;
bool plx_npy_parse_header(const char *name, const uint8_t *bytes, size_t len, plx_npy_header *out, plx_err *err);

/* The file must end where the data end; it is at least as long as the header. errors: TRUNCATED, FORMAT. */
bool plx_npy_check_length(const char *name, const plx_npy_header *header, uint64_t file_bytes, plx_err *err);

/* View over a whole .npy file in memory: takes over `file` on success. Fortran order becomes strides; foreign byte
 * order is copied. The file must end where the data end. */
bool plx_npy_view(const char *name, plx_buf *file, plx_array *out, plx_err *err);
bool plx_npy_read(const plx_ctx *ctx, plx_source *source, plx_array *out, plx_err *err);

/* Header text for C-order data of this shape, padded so that data start at a multiple of 64. */
bool plx_npy_header_text(plx_dtype dtype, int ndim, const size_t *shape, plx_sb *out, plx_err *err);

/* The same for a NumPy type code, such as "|S3" (3 bytes) or "<U7" (7 code points of 4 bytes). */
bool plx_npy_code_header_text(const char *code, int ndim, const size_t *shape, plx_sb *out, plx_err *err);
/* A whole .npy file of one column. Text becomes fixed-width code points ("<U7"), which NumPy opens without pickle.
 * errors: LIMIT when that is more than ctx->limits.memory_bytes. */
bool plx_npy_column(const plx_ctx *ctx, const plx_column *column, plx_sb *out, plx_err *err);

/* "float64 (300, 3)", as NumPy says it. */
void plx_npy_describe(const plx_array *array, plx_sb *out);

/* .npz: arrays by name (without ".npy"), in file order. Reads stored and deflated members within ctx->limits. */
typedef struct plx_npz {
    size_t n;
    char **names;
    plx_array *arrays;
} plx_npz;
bool plx_npz_read(const plx_ctx *ctx, const char *path, plx_npz *out, plx_err *err);
const plx_array *plx_npz_find(const plx_npz *npz, const char *name);
void plx_npz_free(plx_npz *npz);

#endif
