/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of named columns, and string columns built row by row.
 */
#include "core/table.h"

#include "core/alloc.h"

#include <math.h>

void plx_column_free(plx_column *column)
{
    plx_free(column->name);
    plx_free(column->unit);
    plx_buf_free(&column->values);
    plx_buf_free(&column->offsets);
    *column = (plx_column){0};
}

void plx_table_free(plx_table *table)
{
    for (size_t i = 0; i < table->n_cols; i++) {
        plx_column_free(&table->cols[i]);
    }
    plx_free(table->cols);
    *table = (plx_table){0};
}

bool plx_table_take(plx_table *table, plx_column *column, plx_err *err)
{
    if (table->n_cols > 0 && column->n != table->n_rows) {
        return plx_fail(err, PLX_E_ARG, "column '%s' has %zu rows, its table has %zu", column->name, column->n,
                        table->n_rows);
    }
    if (!plx_grow(&table->cols, &table->cap, table->n_cols + 1, sizeof *table->cols)) {
        return plx_fail_nomem(err, (table->n_cols + 1) * sizeof *table->cols);
    }
    table->n_rows = column->n;
    table->cols[table->n_cols++] = *column;
    *column = (plx_column){0};
    return true;
}

/* Name, unit and n; the buffers are the caller's to fill. */
static bool start_column(plx_column *column, const char *name, const char *unit, plx_dtype dtype, size_t n,
                         plx_err *err)
{
    *column = (plx_column){.dtype = dtype, .n = n};
    column->name = plx_strdup(name);
    column->unit = plx_strdup(unit ? unit : "");
    if (!column->name || !column->unit) {
        plx_column_free(column);
        return plx_fail_nomem(err, strlen(name) + 1);
    }
    return true;
}

bool plx_table_add(plx_table *table, const char *name, const char *unit, plx_dtype dtype, size_t n_rows,
                   plx_column **out, plx_err *err)
{
    size_t size = plx_dtype_size(dtype), bytes;
    if (size == 0) {
        return plx_fail(err, PLX_E_ARG, "column '%s' of type %s is not numeric", name, plx_dtype_name(dtype));
    }
    if (!plx_mul_ok(n_rows, size, &bytes)) {
        return plx_fail(err, PLX_E_LIMIT, "column '%s' of %zu rows is too large to address", name, n_rows);
    }
    plx_column column;
    if (!start_column(&column, name, unit, dtype, n_rows, err)) {
        return false;
    }
    void *values = plx_alloc_zero(bytes, 1);
    if (!values) {
        plx_column_free(&column);
        return plx_fail_nomem(err, bytes);
    }
    column.values = plx_buf_own(values, bytes);
    if (!plx_table_take(table, &column, err)) {
        plx_column_free(&column);
        return false;
    }
    if (out) {
        *out = &table->cols[table->n_cols - 1];
    }
    return true;
}

bool plx_table_add_strings(plx_table *table, const char *name, const plx_slice *values, size_t n_rows, plx_err *err)
{
    plx_strcol builder = {0};
    for (size_t i = 0; i < n_rows; i++) {
        plx_strcol_add(&builder, values[i]);
    }
    return plx_strcol_finish(&builder, table, name, err);
}

const plx_column *plx_table_find(const plx_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_cols; i++) {
        if (strcmp(table->cols[i].name, name) == 0) {
            return &table->cols[i];
        }
    }
    return NULL;
}

bool plx_table_need(const plx_table *table, const char *name, plx_dtype dtype, const plx_column **out, plx_err *err)
{
    *out = NULL;
    const plx_column *column = plx_table_find(table, name);
    if (!column) {
        return plx_fail(err, PLX_E_SCHEMA, "the table has no column '%s' (%s)", name, plx_dtype_name(dtype));
    }
    if (column->dtype != dtype) {
        return plx_fail(err, PLX_E_SCHEMA, "table column '%s' is %s, expected %s", name, plx_dtype_name(column->dtype),
                        plx_dtype_name(dtype));
    }
    *out = column;
    return true;
}

plx_slice plx_column_str(const plx_column *column, size_t row)
{
    uint64_t bounds[2];
    memcpy(bounds, column->offsets.ptr + row * sizeof bounds[0], sizeof bounds);
    if (bounds[1] == bounds[0]) {
        return (plx_slice){"", 0};
    }
    return (plx_slice){(const char *)column->values.ptr + bounds[0], (size_t)(bounds[1] - bounds[0])};
}

static double f16_to_f64(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double magnitude;
    if (exponent == 31) {
        magnitude = fraction ? (double)NAN : (double)INFINITY;
    } else {
        magnitude = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    }
    return half >> 15 ? -magnitude : magnitude;
}

double plx_column_f64(const plx_column *column, size_t row)
{
#define AS(tag, type, expression)                                                                                      \
    case tag: {                                                                                                        \
        type x;                                                                                                        \
        memcpy(&x, column->values.ptr + row * sizeof x, sizeof x);                                                     \
        return expression;                                                                                             \
    }
    switch (column->dtype) {
        AS(PLX_B1, uint8_t, x ? 1.0 : 0.0)
        AS(PLX_I8, int8_t, (double)x)
        AS(PLX_I16, int16_t, (double)x)
        AS(PLX_I32, int32_t, (double)x)
        AS(PLX_I64, int64_t, (double)x)
        AS(PLX_U8, uint8_t, (double)x)
        AS(PLX_U16, uint16_t, (double)x)
        AS(PLX_U32, uint32_t, (double)x)
        AS(PLX_U64, uint64_t, (double)x)
        AS(PLX_F16, uint16_t, f16_to_f64(x))
        AS(PLX_F32, float, (double)x)
        AS(PLX_F64, double, x)
    case PLX_C64:
    case PLX_C128:
    case PLX_STR:
    case PLX_N_DTYPES:
        break;
    }
#undef AS
    return (double)NAN;
}

size_t plx_column_number(const plx_column *column, size_t row, char out[PLX_NUM_TEXT])
{
    out[0] = '\0';
    if (column->dtype == PLX_I64) {
        int64_t x;
        memcpy(&x, column->values.ptr + row * sizeof x, sizeof x);
        return plx_print_i64(x, out);
    }
    if (column->dtype == PLX_U64) {
        uint64_t x;
        memcpy(&x, column->values.ptr + row * sizeof x, sizeof x);
        return plx_print_u64(x, out);
    }
    double x = plx_column_f64(column, row);
    if (isnan(x)) {
        return 0;
    }
    if (column->dtype == PLX_F32) {
        return plx_print_f32((float)x, out);
    }
    if (column->dtype == PLX_F64 || column->dtype == PLX_F16) {
        return plx_print_f64(x, out);
    }
    if (column->dtype == PLX_B1) {
        memcpy(out, x > 0 ? "true" : "false", x > 0 ? 5 : 6);
        return x > 0 ? 4 : 5;
    }
    return plx_print_i64((int64_t)x, out);
}

void plx_strcol_add(plx_strcol *builder, plx_slice text)
{
    if (builder->failed || !plx_grow(&builder->offsets, &builder->cap, builder->n + 2, sizeof *builder->offsets)) {
        builder->failed = true;
        return;
    }
    plx_sb_bytes(&builder->bytes, text.ptr, text.len);
    builder->failed = builder->bytes.failed;
    builder->offsets[0] = 0;
    builder->offsets[++builder->n] = builder->bytes.len;
}

bool plx_strcol_finish(plx_strcol *builder, plx_table *table, const char *name, plx_err *err)
{
    size_t n = builder->n, len = builder->bytes.len;
    plx_column column = {0};
    bool ok = !builder->failed && plx_grow(&builder->offsets, &builder->cap, 1, sizeof *builder->offsets);
    if (!ok) {
        plx_fail_nomem(err, len + n * sizeof *builder->offsets);
    }
    ok = ok && start_column(&column, name, "", PLX_STR, n, err);
    if (ok) {
        builder->offsets[0] = 0;
        char *bytes = plx_sb_take(&builder->bytes);
        column.values = plx_buf_own(bytes, len);
        column.offsets = plx_buf_own(builder->offsets, (n + 1) * sizeof *builder->offsets);
        builder->offsets = NULL;
        ok = bytes ? plx_table_take(table, &column, err) : plx_fail_nomem(err, len + 1);
        if (!ok) {
            plx_column_free(&column);
        }
    }
    plx_strcol_free(builder);
    return ok;
}

void plx_strcol_free(plx_strcol *builder)
{
    plx_free(builder->offsets);
    plx_sb_free(&builder->bytes);
    *builder = (plx_strcol){0};
}
