/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables: named columns of equal length. A string column is u64 offsets[n + 1] and UTF-8 bytes (Arrow's layout).
 * Missing: NaN in float columns, the empty string in string columns; where "" is itself a value, say so in the column's
 * doc.
 */
#ifndef PLX_CORE_TABLE_H
#define PLX_CORE_TABLE_H

#include "core/array.h"
#include "core/num.h"
#include "core/str.h"

typedef struct plx_column {
    char *name; /* snake_case, unit as suffix where it has one: "x_um" */
    char *unit; /* "um", "s", "synapses", "" when none applies */
    plx_dtype dtype;
    size_t n;
    plx_buf values;  /* n elements, or the UTF-8 bytes of PLX_STR */
    plx_buf offsets; /* PLX_STR only: u64[n + 1] */
} plx_column;

typedef struct plx_table {
    size_t n_rows, n_cols, cap;
    plx_column *cols;
} plx_table;

void plx_table_free(plx_table *table);
/* Add a zeroed numeric column of n_rows elements (the first column fixes n_rows). owner: the table; *out borrowed until
 * the next add. */
bool plx_table_add(plx_table *table, const char *name, const char *unit, plx_dtype dtype, size_t n_rows,
                   plx_column **out, plx_err *err);
/* Add a string column copied from slices. shape: values[n_rows]. */
bool plx_table_add_strings(plx_table *table, const char *name, const plx_slice *values, size_t n_rows, plx_err *err);
/* Take over a finished column made of plx_alloc memory: on success everything moves into the table and *column is
 * zeroed, on failure it stays with the caller. errors: ARG when its length is not n_rows, NOMEM. */
bool plx_table_take(plx_table *table, plx_column *column, plx_err *err);
const plx_column *plx_table_find(const plx_table *table, const char *name);
/* Column `name` of dtype `dtype`, or an error naming table column and types. */
bool plx_table_need(const plx_table *table, const char *name, plx_dtype dtype, const plx_column **out, plx_err *err);

void plx_column_free(plx_column *column);
plx_slice plx_column_str(const plx_column *column, size_t row);
/* Any real dtype as double (u64/i64 above 2^53 rounded); NaN for strings and complex numbers. */
double plx_column_f64(const plx_column *column, size_t row);
/* Shortest decimal text that reads back as the same number, "true" or "false" for B1; "" for NaN, text and complex
 * numbers. Returns the length. shape: out[PLX_NUM_TEXT]. */
size_t plx_column_number(const plx_column *column, size_t row, char out[PLX_NUM_TEXT]);

/* Build a string column row by row. */
typedef struct plx_strcol {
    uint64_t *offsets;
    size_t n, cap;
    plx_sb bytes;
    bool failed;
} plx_strcol;
void plx_strcol_add(plx_strcol *builder, plx_slice text);
/* Move into a table as column `name`; the builder is empty afterwards, also on failure. */
bool plx_strcol_finish(plx_strcol *builder, plx_table *table, const char *name, plx_err *err);
void plx_strcol_free(plx_strcol *builder);

#endif
