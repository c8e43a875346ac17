/* SPDX-License-Identifier: Apache-2.0
 *
 * N-dimensional arrays with byte strides over a plx_buf.
 */
#ifndef PLX_CORE_ARRAY_H
#define PLX_CORE_ARRAY_H

#include "core/buf.h"

#include <stdint.h>

/* Values are written to files as NumPy codes, never as these numbers. */
typedef enum plx_dtype {
    PLX_B1,
    PLX_I8,
    PLX_I16,
    PLX_I32,
    PLX_I64,
    PLX_U8,
    PLX_U16,
    PLX_U32,
    PLX_U64,
    PLX_F16,
    PLX_F32,
    PLX_F64,
    PLX_C64,
    PLX_C128,
    PLX_STR, /* only in columns: u64 offsets + UTF-8 bytes */
    PLX_N_DTYPES
} plx_dtype;

enum { PLX_MAX_DIMS = 8 };

typedef struct plx_array {
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS];
    ptrdiff_t stride[PLX_MAX_DIMS]; /* bytes */
    plx_buf buf;
} plx_array;

size_t plx_dtype_size(plx_dtype dtype);       /* bytes; 0 for PLX_STR */
const char *plx_dtype_name(plx_dtype dtype);  /* "f64" */
const char *plx_dtype_numpy(plx_dtype dtype); /* "<f8"; NULL for PLX_STR */
bool plx_dtype_from_name(const char *name, plx_dtype *out);
bool plx_dtype_from_numpy(const char *code, bool *swap, plx_dtype *out); /* accepts < > | = */

/* C-order array of zeroed memory. errors: LIMIT on overflow, NOMEM. */
bool plx_array_new(plx_dtype dtype, int ndim, const size_t *shape, plx_array *out, plx_err *err);
/* C-order view of `ptr`; borrowed. */
plx_array plx_array_view(plx_dtype dtype, int ndim, const size_t *shape, const void *ptr);
void plx_array_free(plx_array *array);
size_t plx_array_count(const plx_array *array); /* elements */
bool plx_array_is_c_order(const plx_array *array);
/* C-order copy (a plain copy when it already is). */
bool plx_array_to_c_order(const plx_array *in, plx_array *out, plx_err *err);

#endif
