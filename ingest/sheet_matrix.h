/* SPDX-License-Identifier: Apache-2.0
 *
 * A weighted adjacency matrix on a sheet: receivers' names in one row, senders' names in one column, weights where they
 * cross, blank where there is no connection. It is a sink of cells (formats/sheet.h), so any reader of sheets can fill
 * it. Everything that does not fit is an error at its cell: what looks odd may be a shifted header.
 */
#ifndef PLX_INGEST_SHEET_MATRIX_H
#define PLX_INGEST_SHEET_MATRIX_H

#include "core/arena.h"
#include "core/ctx.h"
#include "formats/sheet.h"

/* A weight, at its place on the sheet. */
typedef struct plx_matrix_entry {
    uint32_t row, column;
    double weight;
} plx_matrix_entry;

typedef struct plx_matrix_names {
    plx_slice *items;
    size_t n, cap;
    size_t n_repeated, n_differ; /* names given again at the sheet's far end, and those that are not the same there */
} plx_matrix_names;

/* A name that stands again at the far end of its row or column, spelt otherwise. */
typedef struct plx_matrix_respelt {
    uint32_t row, column;
    plx_slice name, repeated;
} plx_matrix_respelt;

typedef struct plx_sheet_matrix {
    const plx_ctx *ctx;
    plx_arena *arena;           /* of names; the caller's */
    uint32_t row, column;       /* first weight; receivers stand in the row above, senders in the column left of it */
    bool whole;                 /* weights have no fraction */
    bool negative;              /* weights may be below 0 */
    bool repeated;              /* names stand again behind the last column and below the last row */
    plx_matrix_names pre, post; /* rows, columns */
    plx_matrix_entry *entries;  /* row by row */
    size_t n, cap;
    plx_matrix_respelt *respelt;
    size_t n_respelt, cap_respelt;
} plx_sheet_matrix;

/* The sink to read the sheet into. The matrix has its first seven fields set and the others zero. */
plx_sheet_sink plx_sheet_matrix_sink(plx_sheet_matrix *matrix);
/* Once the sheet is read: names are there, none twice, and those repeated are the same but for one, or one in ten.
 * errors: FORMAT naming the cell. */
bool plx_sheet_matrix_check(const plx_sheet_matrix *matrix, plx_err *err);
/* Rows and columns name the same cells in the same order, and each weight equals its mirror image. */
bool plx_sheet_matrix_check_symmetric(const plx_sheet_matrix *matrix, plx_err *err);
/* What stands in a cell of the sheet, or NULL. cost: O(log n). */
const plx_matrix_entry *plx_sheet_matrix_at(const plx_sheet_matrix *matrix, uint32_t row, uint32_t column);
plx_slice plx_sheet_matrix_pre(const plx_sheet_matrix *matrix, const plx_matrix_entry *entry);
plx_slice plx_sheet_matrix_post(const plx_sheet_matrix *matrix, const plx_matrix_entry *entry);
void plx_sheet_matrix_free(plx_sheet_matrix *matrix);

#endif
