/* SPDX-License-Identifier: Apache-2.0
 *
 * What a source says of its rows besides ends, kind and weight, as further columns of the edge table: a transmitter, a
 * predicted sign, a false discovery rate.
 */
#ifndef PLX_INGEST_CONNECTOME_EXTRAS_H
#define PLX_INGEST_CONNECTOME_EXTRAS_H

#include "core/arena.h"
#include "ingest/connectome_merge.h"

/* Values of rows, in the order they were added. */
typedef struct plx_edge_extras {
    const plx_edge_column *columns;
    size_t n_columns;
    plx_edge_value *values; /* n_columns of each row; texts are in the arena */
    size_t n_rows, cap;
} plx_edge_extras;

/* The values of one more row, NULL for a row that has none: texts are then empty, numbers not known. */
bool plx_edge_extras_add(plx_edge_extras *extras, plx_arena *arena, const plx_edge_value *values, plx_err *err);
void plx_edge_extras_free(plx_edge_extras *extras);

/* Add the columns to the table of edges. `rows` are those plx_merge_rows has sorted; an edge's rows stand together.
 * Texts of an edge are those of its rows, each once, with commas; numbers are those of the row that was read first. */
bool plx_edge_extras_emit(const plx_edge_extras *extras, const plx_merge_row *rows, const plx_merge_edge *edges,
                          size_t n_edges, plx_table *table, plx_err *err);
/* The texts row by row: `edge` and one column per column of texts, a line for every row merged into an edge. */
bool plx_edge_extras_pairings(const plx_edge_extras *extras, const plx_merge_row *rows, const plx_merge_edge *edges,
                              size_t n_edges, plx_table *table, plx_err *err);

#endif
