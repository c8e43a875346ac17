/* SPDX-License-Identifier: Apache-2.0
 *
 * What models of neuron types share: shares of classes, wiring as features and as similarity.
 */
#ifndef PLX_BENCHMARKS_MODELS_TYPES_H
#define PLX_BENCHMARKS_MODELS_TYPES_H

#include "benchmarks/model.h"

/* Share of each class among the training nodes. shape: p[n_classes]; even shares when there is no training node. */
void plx_types_prior(const plx_train *train, double *p);
/* p = 0.99 weight / (sum of weights) + 0.01 share of the class; the shares alone when all weights are 0. */
void plx_types_mix(const plx_train *train, const double *weight, double *p);

/* Wiring of each node as one sparse vector: ln(1 + weight) of edges out, then in, of all kinds together. */
typedef struct plx_wiring {
    const plx_graph *graph;
    double *out, *in; /* values at the entries of graph->out and graph->in */
    double *size;     /* [n_nodes] length of the vector */
} plx_wiring;
bool plx_wiring_new(plx_arena *arena, const plx_graph *graph, plx_wiring *out, plx_err *err);
/* Cosine of the vector of `node` with those of all nodes; 0 for a node without edges. shape: cosine[n_nodes]. */
void plx_wiring_similarity(const plx_wiring *wiring, uint32_t node, double *cosine);

/* Features of every node: for each kind of edge ln(1 + degree) and ln(1 + weight), out and in; for each class its share
 * among training partners, out and in, by ln(1 + weight); the leading singular vectors of ln(1 + weight), out and in,
 * times the roots of their values. */
typedef struct plx_node_features {
    size_t n, d;
    double *x; /* [n * d] */
} plx_node_features;
/* errors: NOMEM. owner: the arena. */
bool plx_node_features_new(plx_arena *arena, const plx_train *train, plx_node_features *out, plx_err *err);
/* Rows of n nodes. shape: [n * d] from the arena. */
bool plx_node_features_rows(plx_arena *arena, const plx_node_features *features, const uint32_t *node, size_t n,
                            double **out, plx_err *err);

#endif
