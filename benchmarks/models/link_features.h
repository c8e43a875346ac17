/* SPDX-License-Identifier: Apache-2.0
 *
 * Every model of links as a number, for models that learn from all of them.
 */
#ifndef PLX_BENCHMARKS_MODELS_LINK_FEATURES_H
#define PLX_BENCHMARKS_MODELS_LINK_FEATURES_H

#include "benchmarks/kernels/block_model.h"
#include "benchmarks/kernels/spectral.h"
#include "benchmarks/kernels/walks.h"
#include "benchmarks/models/links.h"

enum { PLX_LINK_FEATURES = 15 };
/* "log_attachment", "common", ...; shape: [PLX_LINK_FEATURES] */
extern const char *const plx_link_feature_names[PLX_LINK_FEATURES];

typedef struct plx_link_features {
    plx_links links;
    plx_degree_weights weights;
    plx_walks katz, ranks;
    plx_svd svd;
    double *svd_value; /* what the decomposed matrix holds at each edge of links.out */
    plx_blocks blocks;
} plx_link_features;

/* Katz at half the radius, PageRank at 0.85, 8 singular vectors of ln(1 + weight), blocks by description length.
 * errors: NOMEM. owner: the arena. */
bool plx_link_features_new(plx_arena *arena, const plx_train *train, plx_link_features *out, plx_err *err);

/* The features of one pair. Where labels are edges of the graph, a joined pair is described without its own edge:
 * exactly for all features but the singular vectors, whose value is corrected to first order. shape:
 * x[PLX_LINK_FEATURES] */
void plx_link_features_row(const plx_link_features *features, uint32_t a, uint32_t b, double *x);

/* Rows of n pairs. shape: [n * PLX_LINK_FEATURES] from the arena. */
bool plx_link_features_table(plx_arena *arena, const plx_link_features *features, const uint32_t *a, const uint32_t *b,
                             size_t n, double **out, plx_err *err);

/* ln(1 + weight) of each entry of `rows`, in their order. owner: the arena. */
bool plx_log_weights(plx_arena *arena, const plx_csr *rows, double **out, plx_err *err);

#endif
