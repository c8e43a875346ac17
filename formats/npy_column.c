/* SPDX-License-Identifier: Apache-2.0
 *
 * One column as a .npy file. NumPy has no text of its own length per element, so the longest sets the width of all.
 */
#include "formats/npy.h"

#include "core/alloc.h"

#include <stdio.h>

/* The code point that starts at *at of valid UTF-8; anything else stands for itself, byte by byte. */
static uint32_t next_code_point(plx_slice text, size_t *at)
{
    const unsigned char *p = (const unsigned char *)text.ptr + *at;
    size_t left = text.len - *at;
    size_t len = *p < 0xC0 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
    if (len == 1 || len > left) {
        *at += 1;
        return *p;
    }
    uint32_t cp = *p & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        cp = cp << 6 | (p[i] & 0x3FU);
    }
    *at += len;
    return cp;
}

static size_t width_of(const plx_column *column)
{
    size_t widest = 1; /* NumPy itself writes U1 for empty texts */
    for (size_t row = 0; row < column->n; row++) {
        plx_slice text = plx_column_str(column, row);
        size_t width = 0;
        for (size_t at = 0; at < text.len; width++) {
            next_code_point(text, &at);
        }
        widest = width > widest ? width : widest;
    }
    return widest;
}

static bool text_column(const plx_ctx *ctx, const plx_column *column, plx_sb *out, plx_err *err)
{
    char code[PLX_NUM_TEXT + 2];
    size_t width = width_of(column), bytes;
    if (!plx_mul_ok(width, 4, &bytes) || !plx_mul_ok(bytes, column->n, &bytes) ||
        bytes > plx_limits_of(ctx).memory_bytes) {
        plx_fail(err, PLX_E_LIMIT, "the texts of column %s do not fit into memory as an array", column->name);
        return plx_err_why(err, "%zu of them, each as wide as the longest, %zu characters", column->n, width);
    }
    snprintf(code, sizeof code, "<U%zu", width);
    if (!plx_npy_code_header_text(code, 1, &column->n, out, err)) {
        return false;
    }
    for (size_t row = 0; row < column->n; row++) {
        plx_slice text = plx_column_str(column, row);
        size_t at = 0;
        for (size_t i = 0; i < width; i++) {
            uint32_t cp = at < text.len ? next_code_point(text, &at) : 0;
            const uint8_t le[4] = {(uint8_t)cp, (uint8_t)(cp >> 8), (uint8_t)(cp >> 16), (uint8_t)(cp >> 24)};
            plx_sb_bytes(out, le, sizeof le);
        }
    }
    return !out->failed || plx_fail_nomem(err, bytes);
}

bool plx_npy_column(const plx_ctx *ctx, const plx_column *column, plx_sb *out, plx_err *err)
{
    if (column->dtype == PLX_STR) {
        return text_column(ctx, column, out, err);
    }
    size_t bytes = column->n * plx_dtype_size(column->dtype);
    if (!plx_npy_header_text(column->dtype, 1, &column->n, out, err)) {
        return false;
    }
    plx_sb_bytes(out, column->values.ptr, bytes);
    return !out->failed || plx_fail_nomem(err, bytes);
}
