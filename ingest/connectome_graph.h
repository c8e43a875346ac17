/* SPDX-License-Identifier: Apache-2.0
 *
 * A connectome in memory, ready to be asked: cells by name, edges by the cell that sends and by the one that receives.
 * It reads the record's own files, so records of any size can be asked.
 */
#ifndef PLX_INGEST_CONNECTOME_GRAPH_H
#define PLX_INGEST_CONNECTOME_GRAPH_H

#include "core/arena.h"
#include "core/ctx.h"
#include "schemas/kind.h"

#define PLX_NO_CELL UINT32_MAX

typedef struct plx_graph {
    size_t n_cells, n_edges, n_kinds;
    const char *const *kinds; /* names; PLX_EDGE_GAP's has no direction */
    const char *weight_unit;
    const plx_table *nodes, *edges;             /* all columns of the record */
    const plx_column *label, *class, *category; /* of the cells */
    const uint32_t *pre, *post;                 /* of the edges */
    const uint8_t *kind;
    const double *weight;
    const uint32_t *homologue; /* of each cell: the same one of the other side, or PLX_NO_CELL */
    const uint32_t *out_start, *out, *in_start,
        *in; /* edges of cell i: out[out_start[i]] up to out[out_start[i + 1]] */
} plx_graph;

/* Borrows from the view; the rest lives in the arena. errors: UNSUPPORTED for what is no connectome, SCHEMA for a
 * damaged one. cost: O(cells + edges). */
bool plx_graph_open(const plx_ctx *ctx, const plx_record_view *view, plx_arena *arena, plx_graph *out, plx_err *err);

/* What people call a cell: its label; else its name with zeros or case written otherwise ("VB1", "avall"). errors:
 * NOTFOUND with near names. */
bool plx_graph_find(const plx_graph *g, const char *name, uint32_t *out, plx_err *err);
/* The cells of a class, or of the class of the cell of that name. owner: the arena. errors: NOTFOUND with near names.
 */
bool plx_graph_class(const plx_graph *g, const char *name, plx_arena *arena, plx_slice *class, uint32_t **cells,
                     size_t *n, plx_err *err);
/* Index of a kind of edge. errors: NOTFOUND listing them. */
bool plx_graph_kind(const plx_graph *g, const char *name, uint8_t *out, plx_err *err);
/* Edges of that kind have no direction. */
bool plx_graph_is_gap(const plx_graph *g, uint8_t kind);
/* The edge of `kind` from `pre` to `post`, or SIZE_MAX. cost: O(log edges). */
size_t plx_graph_edge(const plx_graph *g, uint8_t kind, uint32_t pre, uint32_t post);

/* A way from one cell to another that meets no cell twice: cells[0..n_hops]. */
typedef struct plx_path {
    uint32_t n_hops;
    const uint32_t *cells;
    double weakest; /* weight of its weakest step, kinds of one pair taken together */
} plx_path;

typedef struct plx_paths {
    plx_path *list;    /* fewest hops first, then the greatest weakest step, then by label */
    size_t n;          /* in the list */
    uint64_t found;    /* of at most max_hops */
    bool all;          /* false: there are more than were looked at */
    uint32_t shortest; /* hops, also when that is more than max_hops; 0: there is no way at all */
} plx_paths;

/* Ways of at most `max_hops` steps, the best `most` of them. `kind` NULL: over edges of every kind but functional ones.
 * owner: the arena. */
bool plx_graph_paths(const plx_ctx *ctx, const plx_graph *g, const uint8_t *kind, uint32_t from, uint32_t to,
                     uint32_t max_hops, size_t most, plx_arena *arena, plx_paths *out, plx_err *err);

/* How alike the two sides are, by one kind of edge. A pair is an edge between cells that both have a homologue (an
 * edge within the midline cells has no mirror) and its mirror image; an edge that is its own mirror image is left out.
 */
typedef struct plx_symmetry {
    uint64_t pairs, both, one; /* `one`: only one of the two is there */
    double shared, total;      /* sums of the smaller and of the greater weight */
    double correlation;        /* of the weights over all pairs; NaN when there is none */
} plx_symmetry;
typedef struct plx_asymmetry {
    size_t edge;     /* the stronger one */
    double mirrored; /* weight of its mirror image, 0 when there is none */
    double difference;
} plx_asymmetry;
/* `worst` gets the up to `most` pairs that differ most. owner: the arena. */
bool plx_graph_symmetry(const plx_graph *g, uint8_t kind, size_t most, plx_arena *arena, plx_symmetry *out,
                        plx_asymmetry **worst, size_t *n_worst, plx_err *err);

#endif
