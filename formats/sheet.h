/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells of a spreadsheet, whichever program wrote it. Rows and columns count from 0; people see "sheet!B7".
 */
#ifndef PLX_FORMATS_SHEET_H
#define PLX_FORMATS_SHEET_H

#include "core/err.h"
#include "core/str.h"

#include <stdint.h>

typedef enum plx_cell_kind {
    PLX_SHEET_NUMBER,
    PLX_SHEET_DATE, /* a number shown as a date or time: days since the workbook's epoch */
    PLX_SHEET_TEXT,
    PLX_SHEET_BOOL,       /* number is 0 or 1 */
    PLX_SHEET_ERROR,      /* text is "#DIV/0!" and the like */
    PLX_SHEET_UNCOMPUTED, /* a formula whose value the writing program left out */
} plx_cell_kind;

typedef struct plx_sheet_cell {
    uint32_t row, column;
    plx_cell_kind kind;
    bool formula; /* the value is what the writing program last computed */
    double number;
    plx_slice text; /* valid during the call */
} plx_sheet_cell;

/* Both ends belong to it. */
typedef struct plx_sheet_range {
    uint32_t row, column, last_row, last_column;
} plx_sheet_range;

/* Who sees what a sheet holds; either function may be NULL. Cells come row by row, left to right, and only those that
 * hold something. Merged ranges come when the format has them, which in xlsx is after all cells. */
typedef struct plx_sheet_sink {
    bool (*cell)(void *payload, const plx_sheet_cell *cell, plx_err *err);
    bool (*merged)(void *payload, const plx_sheet_range *range, plx_err *err);
    void *payload;
} plx_sheet_sink;

/* What is known once a sheet is read. */
typedef struct plx_sheet_info {
    uint32_t n_rows, n_columns; /* past the last cell that holds something */
    uint64_t n_cells;           /* with a value */
    uint64_t n_formulas, n_uncomputed, n_merged;
} plx_sheet_info;

enum { PLX_CELL_NAME = 16 };
/* "B7" of row 6, column 1. shape: out[PLX_CELL_NAME]. */
void plx_cell_name(uint32_t row, uint32_t column, char out[PLX_CELL_NAME]);
/* "B7" to row 6, column 1; false unless the whole text is one cell within 2^20 rows and 2^14 columns. */
bool plx_cell_parse(plx_slice text, uint32_t *row, uint32_t *column);

#endif
