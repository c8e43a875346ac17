/* SPDX-License-Identifier: Apache-2.0
 *
 * What models of links share: the graph as a task's pairs see it, and the numbers that need no fitting.
 */
#ifndef PLX_BENCHMARKS_MODELS_LINKS_H
#define PLX_BENCHMARKS_MODELS_LINKS_H

#include "benchmarks/kernels/neighbours.h"
#include "benchmarks/model.h"

typedef struct plx_links {
    const plx_graph *graph;
    const plx_csr *out, *in; /* edges of ordered pairs; the symmetric graph twice when pairs are not ordered */
    bool directed;
    /* Labels say which pairs are edges of the graph itself: every training pair with label 1 is one, and none with 0. A
     * joined pair is then described as if its edge were not there, as pairs asked about are. */
    bool own_edges;
    double mean_distance_um; /* between nodes whose positions are known; 0 when there are none */
} plx_links;

/* cost: O(training pairs), and two million distances at most when there are positions. */
plx_links plx_links_of(const plx_train *train);

/* Is there an edge a -> b (either way, when pairs are not ordered)? */
bool plx_links_joined(const plx_links *links, uint32_t a, uint32_t b);
/* Must the edge be left out when the pair is described? */
bool plx_links_hidden(const plx_links *links, uint32_t a, uint32_t b);
/* Successors of a times predecessors of b. */
double plx_links_attachment(const plx_links *links, uint32_t a, uint32_t b);
/* Distance in um; the mean of all when a position is not known (*known false). */
double plx_links_distance(const plx_links *links, uint32_t a, uint32_t b, bool *known);
/* 2 when the homologues of a and b are joined, plus 1 for each of (homologue of a, b) and (a, homologue of b). A node
 * without homologue is its own; a pair that this maps to itself says nothing. */
double plx_links_mirrored(const plx_links *links, uint32_t a, uint32_t b);

/* The training items, or `most` of them drawn by the seed when there are more, in their order. owner: the arena. */
bool plx_links_draw(plx_arena *arena, const plx_train *train, size_t most, plx_train *out, plx_err *err);

/* Score each pair of a query by one number of what its two nodes share. */
typedef double (*plx_links_pick)(const plx_overlap *overlap);
bool plx_links_by_overlap(const plx_train *train, const plx_query *query, plx_links_pick pick, plx_answer *answer,
                          plx_err *err);

#endif
