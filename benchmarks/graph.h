/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph a task shows to a model: training edges only, as compressed rows, and what is known of its nodes.
 */
#ifndef PLX_BENCHMARKS_GRAPH_H
#define PLX_BENCHMARKS_GRAPH_H

#include "benchmarks/kernels/csr.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

/* No row of any of these holds its own node: self edges are left out. */
typedef struct plx_graph {
    size_t n_nodes;
    plx_csr any;     /* i - j when an edge of any kind leads either way; weight: sum over ways and kinds. Symmetric */
    plx_csr out, in; /* i -> j when an edge of any kind leads there; weight: sum over kinds. `in` is its transpose */
    size_t n_kinds;
    const char *const *kind_names; /* "chemical", "gap" */
    const plx_csr *kind_out;       /* [n_kinds] as `out`, of one kind; gap edges stand in both directions */
    const plx_csr *kind_in;        /* [n_kinds] */
    /* What the task hands out of each node; NULL when it does not. */
    const plx_slice *label;   /* names */
    const double *pos_um;     /* [n_nodes * 3]; NaN where not known */
    const int32_t *homologue; /* node of the other side, or -1 */
    const int32_t *type;      /* index into type_names, or -1 */
    size_t n_types;
    const char *const *type_names;
} plx_graph;

/* One edge going in. */
typedef struct plx_graph_edge {
    uint32_t pre, post, kind;
    double weight;
} plx_graph_edge;

/* Fill the compressed rows from edges in any order; doubles are summed, self edges dropped. `kind_names` is borrowed.
 * Node attributes stay the caller's to set. owner: the arena. errors: BUG when a node or kind is out of range. */
bool plx_graph_build(plx_arena *arena, size_t n_nodes, size_t n_kinds, const char *const *kind_names,
                     const plx_graph_edge *edges, size_t n_edges, plx_graph *out, plx_err *err);

#endif
