/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells of a zip of matrices: their ids in order, what the tables beside the matrices say of them, and the table of
 * nodes they make. Digits are ordered as numbers.
 */
#ifndef PLX_INGEST_MATRIX_CELLS_H
#define PLX_INGEST_MATRIX_CELLS_H

#include "ingest/connectome_builder.h"
#include "ingest/ingest.h"

enum { PLX_AXON_INPUT, PLX_DENDRITE_INPUT, PLX_AXON_OUTPUT, PLX_DENDRITE_OUTPUT, PLX_N_TOTALS };

typedef struct plx_matrix_cell {
    plx_slice id; /* texts are in the job's arena */
    plx_slice type, annotation, cluster, homologue;
    const char *side;
    int32_t sign;
    double totals[PLX_N_TOTALS];
    bool annotated, signed_, has_input, has_output;
} plx_matrix_cell;

typedef struct plx_matrix_cells {
    plx_ingest *job;
    const char *path; /* of the archive */
    plx_matrix_cell *items;
    size_t n;
} plx_matrix_cells;

/* Sorts the ids; doubles stay, for the caller to find. owner: caller, plx_matrix_cells_free. */
bool plx_matrix_cells_begin(plx_matrix_cells *out, plx_ingest *job, const char *path, const plx_slice *ids, size_t n,
                            plx_err *err);
void plx_matrix_cells_free(plx_matrix_cells *cells);
/* Place of an id, or n. */
size_t plx_matrix_cells_find(const plx_matrix_cells *cells, plx_slice id);
/* Copy of a text into the arena. */
bool plx_matrix_cells_keep(plx_arena *arena, plx_slice text, plx_slice *out, plx_err *err);
/* Annotations, inputs, outputs and signs, as far as the options name them. A row of a cell that is in no matrix is
 * dropped with a change; a second row of one cell is an error. */
bool plx_matrix_cells_read_facts(plx_matrix_cells *cells, plx_err *err);
/* Add a column of zeros; *out (a pointer to its element type) is where its values are, until the table goes. */
bool plx_matrix_column(plx_table *table, const char *name, const char *unit, plx_dtype dtype, size_t n, void *out,
                       plx_err *err);
/* The table of nodes. */
bool plx_matrix_cells_emit(const plx_matrix_cells *cells, plx_err *err);

#endif
