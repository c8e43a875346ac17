/* SPDX-License-Identifier: Apache-2.0
 *
 * .npy files as arrays over their own bytes: only foreign byte order and data at an odd address are copied. The header
 * is npy_header.c's.
 */
#include "formats/npy.h"

#include "core/alloc.h"

#include <string.h>

/* The view keeps the whole file alive and frees it with itself. */
static void release_file(plx_buf *self)
{
    plx_buf *file = self->owner;
    plx_buf_free(file);
    plx_free(file);
}

static void swap_bytes(uint8_t *out, const uint8_t *in, size_t n_bytes, size_t word)
{
    for (size_t i = 0; i < n_bytes; i += word) {
        for (size_t j = 0; j < word; j++) {
            out[i + j] = in[i + word - 1 - j];
        }
    }
}

static void set_strides(const plx_npy_header *h, plx_array *out)
{
    size_t step = plx_dtype_size(h->dtype);
    int outer = h->ndim - h->text; /* the bytes of a string stay together in either order */
    if (h->text) {
        out->stride[outer] = (ptrdiff_t)step;
        step *= h->shape[outer];
    }
    for (int k = 0; k < outer; k++) {
        int axis = h->fortran ? k : outer - 1 - k;
        out->stride[axis] = (ptrdiff_t)step;
        step *= h->shape[axis] ? h->shape[axis] : 1; /* count_bytes has shown that this fits */
    }
}

static size_t word_size(plx_dtype dtype)
{
    size_t size = plx_dtype_size(dtype);
    return dtype == PLX_C64 || dtype == PLX_C128 ? size / 2 : size;
}

bool plx_npy_check_length(const char *name, const plx_npy_header *h, uint64_t file_bytes, plx_err *err)
{
    uint64_t have = file_bytes - h->data_offset;
    if (have == h->data_bytes) {
        return true;
    }
    plx_fail(err, have < h->data_bytes ? PLX_E_TRUNCATED : PLX_E_FORMAT, "%s %s", name,
             have < h->data_bytes ? "ends before its array does" : "goes on after its array ends");
    return plx_err_why(err, "the header asks for %zu bytes of data, there are %llu", h->data_bytes,
                       (unsigned long long)have);
}

bool plx_npy_view(const char *name, plx_buf *file, plx_array *out, plx_err *err)
{
    plx_npy_header h;
    if (!plx_npy_parse_header(name, file->ptr, file->len, &h, err) || !plx_npy_check_length(name, &h, file->len, err)) {
        return false;
    }
    plx_array a = {.dtype = h.dtype, .ndim = h.ndim};
    memcpy(a.shape, h.shape, sizeof a.shape);
    set_strides(&h, &a);
    const uint8_t *data = file->ptr + h.data_offset;
    size_t word = word_size(h.dtype);
    bool swap = h.swap && word > 1;
    if (swap || (uintptr_t)data % word != 0) {
        if (!plx_buf_alloc(h.data_bytes, &a.buf, err)) {
            return plx_note(err, "%s", name);
        }
        if (swap) {
            swap_bytes(a.buf.ptr, data, h.data_bytes, word);
        } else if (h.data_bytes) {
            memcpy(a.buf.ptr, data, h.data_bytes);
        }
        plx_buf_free(file);
    } else {
        plx_buf *kept = plx_alloc(sizeof *kept);
        if (!kept) {
            return plx_fail_nomem(err, sizeof *kept);
        }
        *kept = *file;
        a.buf = (plx_buf){file->ptr + h.data_offset, h.data_bytes, release_file, kept};
        memset(file, 0, sizeof *file);
    }
    *out = a;
    return true;
}

bool plx_npy_read(const plx_ctx *ctx, plx_source *source, plx_array *out, plx_err *err)
{
    plx_limits defaults = plx_limits_default();
    uint64_t file = ctx->limits.file_bytes ? ctx->limits.file_bytes : defaults.file_bytes;
    uint64_t memory = ctx->limits.memory_bytes ? ctx->limits.memory_bytes : defaults.memory_bytes;
    plx_buf bytes = {0};
    if (!plx_source_slurp(source, file < memory ? file : memory, &bytes, err)) {
        return false;
    }
    if (!plx_npy_view(source->name, &bytes, out, err)) {
        plx_buf_free(&bytes);
        return false;
    }
    return true;
}

/* NumPy's own word for a dtype, as people know it. */
static const char *long_name(plx_dtype dtype)
{
    static const char *const names[PLX_N_DTYPES] = {
        [PLX_B1] = "bool",       [PLX_I8] = "int8",         [PLX_I16] = "int16",   [PLX_I32] = "int32",
        [PLX_I64] = "int64",     [PLX_U8] = "uint8",        [PLX_U16] = "uint16",  [PLX_U32] = "uint32",
        [PLX_U64] = "uint64",    [PLX_F16] = "float16",     [PLX_F32] = "float32", [PLX_F64] = "float64",
        [PLX_C64] = "complex64", [PLX_C128] = "complex128", [PLX_STR] = "text",
    };
    return dtype < PLX_N_DTYPES ? names[dtype] : "?";
}

void plx_npy_describe(const plx_array *array, plx_sb *out)
{
    plx_sb_printf(out, "%s (", long_name(array->dtype));
    for (int i = 0; i < array->ndim; i++) {
        plx_sb_printf(out, i ? ", %zu" : "%zu", array->shape[i]);
    }
    plx_sb_text(out, array->ndim == 1 ? ",)" : ")");
}
