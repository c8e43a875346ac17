/* SPDX-License-Identifier: Apache-2.0
 *
 * N-dimensional arrays: element types, C-order layout and copies from any strides (negative ones and 0 included).
 */
#include "core/array.h"

#include "core/alloc.h"

#include <stdio.h>
#include <string.h>

typedef struct dtype_row {
    const char *name, *numpy;
    size_t size;
} dtype_row;

static const dtype_row dtypes[PLX_N_DTYPES] = {
    [PLX_B1] = {"b1", "|b1", 1},   [PLX_I8] = {"i8", "|i1", 1},       [PLX_I16] = {"i16", "<i2", 2},
    [PLX_I32] = {"i32", "<i4", 4}, [PLX_I64] = {"i64", "<i8", 8},     [PLX_U8] = {"u8", "|u1", 1},
    [PLX_U16] = {"u16", "<u2", 2}, [PLX_U32] = {"u32", "<u4", 4},     [PLX_U64] = {"u64", "<u8", 8},
    [PLX_F16] = {"f16", "<f2", 2}, [PLX_F32] = {"f32", "<f4", 4},     [PLX_F64] = {"f64", "<f8", 8},
    [PLX_C64] = {"c64", "<c8", 8}, [PLX_C128] = {"c128", "<c16", 16}, [PLX_STR] = {"str", NULL, 0},
};

size_t plx_dtype_size(plx_dtype dtype)
{
    return (unsigned)dtype < PLX_N_DTYPES ? dtypes[dtype].size : 0;
}

const char *plx_dtype_name(plx_dtype dtype)
{
    return (unsigned)dtype < PLX_N_DTYPES ? dtypes[dtype].name : "unknown";
}

const char *plx_dtype_numpy(plx_dtype dtype)
{
    return (unsigned)dtype < PLX_N_DTYPES ? dtypes[dtype].numpy : NULL;
}

bool plx_dtype_from_name(const char *name, plx_dtype *out)
{
    for (unsigned i = 0; i < PLX_N_DTYPES; i++) {
        if (strcmp(dtypes[i].name, name) == 0) {
            *out = (plx_dtype)i;
            return true;
        }
    }
    return false;
}

bool plx_dtype_from_numpy(const char *code, bool *swap, plx_dtype *out)
{
    char order = code[0];
    if (order == '\0' || !strchr("<>|=", order)) {
        return false;
    }
    for (unsigned i = 0; i < PLX_N_DTYPES; i++) {
        if (!dtypes[i].numpy || strcmp(dtypes[i].numpy + 1, code + 1) != 0) {
            continue;
        }
        if (order == '|' && dtypes[i].size != 1) {
            return false; /* more than one byte and no byte order */
        }
        const bool native_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
        bool big = order == '=' ? native_big : order == '>';
        *swap = dtypes[i].size > 1 && big != native_big;
        *out = (plx_dtype)i;
        return true;
    }
    return false;
}

/* Fill shape and C-order strides; false when the number of bytes does not fit. */
static bool lay_out(plx_array *array, plx_dtype dtype, int ndim, const size_t *shape, size_t *bytes)
{
    array->dtype = dtype;
    array->ndim = ndim;
    size_t total = plx_dtype_size(dtype), solid = total;
    for (int i = ndim - 1; i >= 0; i--) {
        array->shape[i] = shape[i];
        array->stride[i] = (ptrdiff_t)solid;
        /* Strides of an empty array still have to fit: a length of 0 counts as 1 in them. */
        if (!plx_mul_ok(solid, shape[i] ? shape[i] : 1, &solid) || solid > PTRDIFF_MAX) {
            return false;
        }
        total = shape[i] ? total : 0;
    }
    *bytes = total ? solid : 0;
    return true;
}

bool plx_array_new(plx_dtype dtype, int ndim, const size_t *shape, plx_array *out, plx_err *err)
{
    plx_array array = {0};
    size_t bytes;
    *out = (plx_array){0};
    if (ndim < 0 || ndim > PLX_MAX_DIMS || plx_dtype_size(dtype) == 0) {
        return plx_fail(err, PLX_E_ARG, "cannot make an array of type %s with %d dimensions", plx_dtype_name(dtype),
                        ndim);
    }
    if (!lay_out(&array, dtype, ndim, shape, &bytes)) {
        return plx_fail(err, PLX_E_LIMIT, "an array of %d dimensions is too large to address", ndim);
    }
    void *ptr = plx_alloc_zero(bytes, 1);
    if (!ptr) {
        return plx_fail_nomem(err, bytes);
    }
    array.buf = plx_buf_own(ptr, bytes);
    *out = array;
    return true;
}

plx_array plx_array_view(plx_dtype dtype, int ndim, const size_t *shape, const void *ptr)
{
    plx_array array = {0};
    size_t bytes;
    if (ndim < 0 || ndim > PLX_MAX_DIMS || !lay_out(&array, dtype, ndim, shape, &bytes)) {
        const size_t none = 0;
        array = (plx_array){0};
        lay_out(&array, dtype, 1, &none, &bytes);
    }
    array.buf = plx_buf_view(ptr, bytes);
    return array;
}

void plx_array_free(plx_array *array)
{
    plx_buf_free(&array->buf);
    *array = (plx_array){0};
}

size_t plx_array_count(const plx_array *array)
{
    size_t count = 1;
    for (int i = 0; i < array->ndim; i++) {
        count *= array->shape[i];
    }
    return count;
}

bool plx_array_is_c_order(const plx_array *array)
{
    size_t step = plx_dtype_size(array->dtype);
    if (plx_array_count(array) == 0) {
        return true;
    }
    for (int i = array->ndim - 1; i >= 0; i--) {
        if (array->shape[i] > 1 && array->stride[i] != (ptrdiff_t)step) {
            return false;
        }
        step *= array->shape[i];
    }
    return true;
}

/* Copies of a fixed size compile to one load and one store. */
static void copy_row(uint8_t *to, const uint8_t *from, size_t n, ptrdiff_t stride, size_t size)
{
    if (stride == (ptrdiff_t)size) {
        memcpy(to, from, n * size);
        return;
    }
#define ROW(bytes)                                                                                                     \
    case bytes:                                                                                                        \
        for (size_t i = 0; i < n; i++) {                                                                               \
            memcpy(to + i * (bytes), from + (ptrdiff_t)i * stride, bytes);                                             \
        }                                                                                                              \
        break
    switch (size) {
        ROW(1);
        ROW(2);
        ROW(4);
        ROW(8);
        ROW(16);
    default:
        break;
    }
#undef ROW
}

/* Rows along the last axis, with a counter over the other axes. */
static void copy_strided(const plx_array *in, uint8_t *to)
{
    size_t size = plx_dtype_size(in->dtype);
    int last = in->ndim - 1;
    size_t index[PLX_MAX_DIMS] = {0};
    const uint8_t *from = in->buf.ptr;
    for (;;) {
        copy_row(to, from, in->shape[last], in->stride[last], size);
        to += in->shape[last] * size;
        int axis = last - 1;
        while (axis >= 0 && index[axis] + 1 == in->shape[axis]) {
            from -= (ptrdiff_t)index[axis] * in->stride[axis];
            index[axis--] = 0;
        }
        if (axis < 0) {
            return;
        }
        index[axis]++;
        from += in->stride[axis];
    }
}

bool plx_array_to_c_order(const plx_array *in, plx_array *out, plx_err *err)
{
    plx_array copy;
    if (!plx_array_new(in->dtype, in->ndim, in->shape, &copy, err)) {
        return false;
    }
    if (copy.buf.len && plx_array_is_c_order(in)) {
        memcpy(copy.buf.ptr, in->buf.ptr, copy.buf.len);
    } else if (copy.buf.len) {
        copy_strided(in, copy.buf.ptr);
    }
    *out = copy;
    return true;
}
