/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between two connectomes, cell by cell and edge by edge. Cells meet by canonical name, others by label.
 */
#ifndef PLX_INGEST_CONNECTOME_DIFF_H
#define PLX_INGEST_CONNECTOME_DIFF_H

#include "core/ctx.h"
#include "schemas/kind.h"

typedef struct plx_diff_cell {
    plx_slice name; /* borrowed from the record that has it */
    bool neuron;    /* a canonical one */
    size_t n_edges; /* of a cell that only one record names: its edges, with what they weigh */
    double weight;
} plx_diff_cell;

/* Edges of one kind, a gap junction once, and what they weigh. */
typedef struct plx_diff_cost {
    const char *kind;
    size_t n, n_neurons; /* all; between canonical neurons */
    double weight, weight_neurons;
} plx_diff_cost;
enum { PLX_DIFF_KINDS = 12 };

/* Weight 0 where the record lacks the edge. Gap junctions appear once, in the direction with the smaller name first. */
typedef struct plx_diff_edge {
    plx_slice pre, post;
    const char *kind; /* borrowed from the record that has it */
    double a, b;
    bool neurons; /* both ends are canonical neurons */
} plx_diff_edge;

typedef struct plx_connectome_diff {
    plx_diff_cell *cells_only_a, *cells_only_b; /* cells the sources name */
    size_t n_cells_only_a, n_cells_only_b, n_cells_both;
    plx_diff_edge *edges_only_a, *edges_only_b, *weights; /* sorted by kind, pre, post */
    size_t n_edges_only_a, n_edges_only_b, n_weights, n_edges_same;
} plx_connectome_diff;

/* The slices borrow from both views. owner: caller, plx_connectome_diff_free. errors: SCHEMA when a view is no
 * connectome. */
bool plx_connectome_diff_make(const plx_ctx *ctx, const plx_record_view *a, const plx_record_view *b,
                              plx_connectome_diff *out, plx_err *err);
void plx_connectome_diff_free(plx_connectome_diff *diff);
/* What the canonical neurons that only one record names (b, else a) cost the other: all edges that touch one, by kind.
 * shape: out[PLX_DIFF_KINDS]. Returns how many kinds. */
size_t plx_connectome_diff_cost(const plx_connectome_diff *diff, bool b, plx_diff_cost *out);
/* No cell, edge or weight differs. */
bool plx_connectome_diff_empty(const plx_connectome_diff *diff);

#endif
