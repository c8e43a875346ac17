/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of CSV rows, cut together and kept column by column: what a typed reader works on.
 */
#ifndef PLX_FORMATS_CSV_BLOCK_H
#define PLX_FORMATS_CSV_BLOCK_H

#include "formats/csv_window.h"

typedef struct plx_csv_block {
    size_t n_rows, cap;
    plx_csv_range *ranges; /* field i of row r is ranges[i * cap + r]; shape: [n_columns][cap] */
    uint32_t *starts;      /* of the rows, in the window; shape: [cap] */
    uint64_t line;         /* of the first row */

    uint32_t *marks; /* bytes of interest in the window, found ahead; shape: [room] */
    size_t room, n_marks, mark;
    size_t seen;   /* where to look for more */
    size_t high;   /* at or before the first byte above 0x7f among what was seen, or SIZE_MAX */
    uint64_t view; /* csv->view when they were found */

    bool failed; /* the row behind these could not be cut: err says why */
    plx_err err;
} plx_csv_block;

/* Append the plain rows from csv->pos on to the block, until it is full, the window ends or a row is of another kind.
 * Plain are rows of n_columns fields without quotes, control characters and bytes above 0x7f. */
typedef void plx_csv_cutter(plx_csv *csv, plx_csv_block *block);
plx_csv_cutter plx_csv_cut_plain;

bool plx_csv_block_init(const plx_csv *csv, plx_csv_block *block, plx_err *err);
void plx_csv_block_free(plx_csv_block *block);
/* The next rows, at least one and as many as lie in the window; none at the end. They are checked as by plx_csv_row and
 * plx_csv_check_width; the error of a row waits until the rows before it have been handed out. */
bool plx_csv_block_next(plx_csv *csv, plx_csv_block *block, plx_csv_cutter *cut, plx_err *err);
/* Note where field `i` of row `row` of the block stands. Returns false. */
bool plx_csv_block_note(plx_csv *csv, const plx_csv_block *block, size_t row, size_t i, plx_err *err);

#endif
