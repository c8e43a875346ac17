/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines of tables: columns with their types, or the first rows.
 */
#include "core/utf8.h"
#include "formats/outline.h"

#include <string.h>

enum { NAMES = 4096, EXAMPLE = 40 };

static plx_value *value_at(plx_arena *arena, const plx_column *column, size_t row)
{
    if (column->dtype == PLX_STR) {
        plx_slice text = plx_column_str(column, row);
        return plx_v_strn(arena, text.ptr, text.len);
    }
    if (column->dtype == PLX_F32 || column->dtype == PLX_F64) {
        return plx_v_f64(arena, plx_column_f64(column, row));
    }
    if (column->dtype == PLX_I64) {
        return plx_v_i64(arena, ((const int64_t *)(const void *)column->values.ptr)[row]);
    }
    return plx_v_i64(arena, (int64_t)plx_column_f64(column, row));
}

static bool add_values(const plx_outline_ask *ask, plx_value *item, const plx_column *column)
{
    plx_value *list = plx_v_arr(ask->arena);
    uint64_t n = plx_outline_shown(ask, column->n);
    bool ok = list != NULL;
    for (uint64_t i = 0; ok && i < n; i++) {
        ok = plx_v_push(ask->arena, list, value_at(ask->arena, column, i));
    }
    return ok && plx_v_set(ask->arena, item, "values", list);
}

/* What else is worth a word: text looks like its first value, numbers lie between two. */
static bool add_note(const plx_outline_ask *ask, plx_value *item, const plx_column *column)
{
    double low = 0, high = 0;
    size_t missing = 0;
    if (column->n == 0) {
        return true;
    }
    if (column->dtype == PLX_STR) {
        plx_slice first = plx_column_str(column, 0);
        size_t len = first.len > EXAMPLE ? plx_utf8_valid_prefix(first.ptr, EXAMPLE) : first.len;
        return plx_outline_note(ask->arena, item, "such as \"%.*s%s\"", (int)len, first.ptr,
                                len < first.len ? "..." : "");
    }
    for (size_t i = 0; i < column->n; i++) {
        double x = plx_column_f64(column, i);
        bool first = i == missing;
        missing += x != x;
        low = x == x && (first || x < low) ? x : low;
        high = x == x && (first || x > high) ? x : high;
    }
    if (missing == column->n) {
        return plx_outline_note(ask->arena, item, "all missing");
    }
    return missing ? plx_outline_note(ask->arena, item, "%.15g to %.15g, %zu missing", low, high, missing)
                   : plx_outline_note(ask->arena, item, "%.15g to %.15g", low, high);
}

static plx_value *column_item(const plx_outline_ask *ask, const plx_column *column, bool values)
{
    plx_value *item = plx_outline_item(ask->arena, column->name, "column");
    bool ok = item && plx_v_set(ask->arena, item, "dtype", plx_v_str(ask->arena, plx_dtype_name(column->dtype))) &&
              plx_outline_shape(ask->arena, item, 1, &column->n) &&
              (values ? add_values(ask, item, column) : add_note(ask, item, column));
    return ok ? item : NULL;
}

static bool add_rows(const plx_outline_ask *ask, plx_value *item, const plx_table *table)
{
    plx_value *columns = plx_v_arr(ask->arena), *rows = plx_v_arr(ask->arena);
    bool ok = columns && rows;
    for (size_t c = 0; ok && c < table->n_cols; c++) {
        ok = plx_v_push(ask->arena, columns, plx_v_str(ask->arena, table->cols[c].name));
    }
    uint64_t n = plx_outline_shown(ask, table->n_rows);
    for (uint64_t r = 0; ok && r < n; r++) {
        plx_value *row = plx_v_arr(ask->arena);
        ok = row && plx_v_push(ask->arena, rows, row);
        for (size_t c = 0; ok && c < table->n_cols; c++) {
            ok = plx_v_push(ask->arena, row, value_at(ask->arena, &table->cols[c], r));
        }
    }
    return ok && plx_v_set(ask->arena, item, "columns", columns) && plx_v_set(ask->arena, item, "rows", rows);
}

static bool no_column(const plx_outline_ask *ask, const plx_table *table, plx_err *err)
{
    const char *names[NAMES];
    size_t n = 0;
    for (; n < table->n_cols && n < NAMES; n++) {
        names[n] = table->cols[n].name;
    }
    return plx_outline_missing(ask, names, n, err);
}

bool plx_outline_table(const plx_outline_ask *ask, const plx_table *table, plx_value **out, plx_err *err)
{
    if (ask->item && *ask->item) {
        const plx_column *column = plx_table_find(table, ask->item);
        if (!column) {
            return no_column(ask, table, err);
        }
        *out = column_item(ask, column, true);
        return *out || plx_fail_nomem(err, 0);
    }
    *out = plx_outline_item(ask->arena, "/", "table");
    bool ok = *out && plx_outline_shape(ask->arena, *out, 2, (size_t[]){table->n_rows, table->n_cols});
    if (ok && ask->item) {
        ok = add_rows(ask, *out, table);
    }
    for (size_t c = 0; ok && !ask->item && c < table->n_cols; c++) {
        ok = plx_outline_add(ask->arena, *out, column_item(ask, &table->cols[c], false));
    }
    return ok || plx_fail_nomem(err, 0);
}
