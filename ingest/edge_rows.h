/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of fields under named columns, from a delimited text or from one sheet of a workbook (.xlsx, .xls).
 */
#ifndef PLX_INGEST_EDGE_ROWS_H
#define PLX_INGEST_EDGE_ROWS_H

#include "ingest/ingest.h"

typedef struct plx_edge_rows plx_edge_rows;

typedef struct plx_edge_rows_opts {
    char delimiter;     /* of a text; 0: found out */
    char comment;       /* of a text: lines that start with it are skipped; 0: none */
    bool no_header;     /* it starts with data, and its columns are named c1, c2, ... */
    const char *sheet;  /* of a workbook; empty: the only one */
    uint32_t first_row; /* of a sheet without header: where data start, from 0 */
    uint64_t columns;   /* of a sheet without header: bit i for column i that is read; others may hold anything */
    uint64_t computed;  /* the same: columns where a formula stands for what was last computed */
} plx_edge_rows_opts;

/* The manifest's file `name`, which outlives the rows. A sheet has names in its first row, and no merged cells,
 * formulas, dates or truth values; in .xls a cell with a formula reads as blank. owner: caller, plx_edge_rows_close. */
bool plx_edge_rows_open(plx_ingest *job, const char *name, const plx_edge_rows_opts *opts, plx_edge_rows **out,
                        plx_err *err);
void plx_edge_rows_close(plx_edge_rows *rows); /* accepts NULL */
/* Index of a column by name, or an error that lists the names there are. */
bool plx_edge_rows_need(const plx_edge_rows *rows, const char *column, size_t *out, plx_err *err);
plx_slice plx_edge_rows_column_name(const plx_edge_rows *rows, size_t column);
/* Next row; the fields are valid until the next call; *fields NULL at the end. */
bool plx_edge_rows_next(plx_edge_rows *rows, const plx_slice **fields, plx_err *err);
/* Line of the text, or row of the sheet, from 1. */
uint64_t plx_edge_rows_line(const plx_edge_rows *rows);
/* An error at a field of the current row. Returns false. */
bool plx_edge_rows_fail(const plx_edge_rows *rows, plx_code code, size_t column, plx_err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
