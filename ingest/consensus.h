/* SPDX-License-Identifier: Apache-2.0
 *
 * Several connectomes of one animal's 300 canonical neurons side by side: what the consensus of them is made from, and
 * the two rules that make it.
 */
#ifndef PLX_INGEST_CONSENSUS_H
#define PLX_INGEST_CONSENSUS_H

#include "ingest/connectome_builder.h"
#include "ingest/ingest.h"
#include "schemas/neurons.h"

enum { PLX_N_PAIRS = PLX_N_NEURONS * PLX_N_NEURONS };

/* One connectome. Arrays are dense, element [pre * 300 + post]; 0 where there is no edge. owner: the job's arena. */
typedef struct plx_consensus_graph {
    const char *name;       /* of the data set, as in "cook2019"; in compat mode as upstream calls it */
    const char *ref;        /* family/name:mode */
    const char *unit;       /* of its weights */
    double *chemical, *gap; /* NULL when the record has no such edges */
    double *functional, *q; /* of a signal propagation atlas, else NULL */
    uint8_t *measured;      /* pairs that were looked at, for functional edges; NULL: told by observable */
    uint8_t observable[PLX_N_NEURONS];
} plx_consensus_graph;

typedef struct plx_consensus {
    plx_ingest *job;
    plx_connectome_builder *builder;
    const char *file;            /* what changes and rows name as their place */
    plx_consensus_graph *graphs; /* sorted by name; all but the first data set of `uses` */
    size_t n_graphs;
    const char *type[PLX_N_NEURONS];
    double um[PLX_N_NEURONS][3];
} plx_consensus;

/* Load what `uses` names in this mode: the atlas first, then connectomes. */
bool plx_consensus_load(plx_consensus *c, plx_err *err);

/* Columns of edges in strict mode: graphs that could show the edge, that do, mean weights by unit, names. */
enum { PLX_CONSENSUS_COLUMNS = 5 };
extern const plx_edge_column plx_consensus_columns[PLX_CONSENSUS_COLUMNS];
/* Feed the builder; then, once it has emitted, the table `consensus` and what there is to say of the whole. */
bool plx_consensus_strict_rows(plx_consensus *c, plx_err *err);
bool plx_consensus_strict_table(plx_consensus *c, plx_err *err);
/* The same as upstream does it. */
bool plx_consensus_compat_rows(plx_consensus *c, plx_err *err);
bool plx_consensus_compat_table(plx_consensus *c, plx_err *err);

#endif
