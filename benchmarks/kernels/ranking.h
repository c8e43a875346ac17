/* SPDX-License-Identifier: Apache-2.0
 *
 * Where positives stand among negatives: hits at k and mean reciprocal rank, after OGB's link evaluator and after
 * scikit-learn.
 */
#ifndef PLX_KERNELS_RANKING_H
#define PLX_KERNELS_RANKING_H

#include "benchmarks/kernels/roc.h"

/* Share of positives strictly above the k-th highest negative; a tie with it is a miss.
 * reference: ogb.linkproppred.Evaluator hits@K (snap-stanford/ogb@61e9784): 1 when there are fewer than k negatives,
 * NaN counts as the highest score. strict: NaN with a remark when there are fewer than k negatives, NaN refused.
 * errors: ARG for k = 0, no positive (OGB divides by zero), precisions that differ; NOMEM. */
bool plx_hits_at(const plx_numbers *positive, const plx_numbers *negative, size_t k, bool strict, plx_metric_value *out,
                 plx_err *err);

/* Which rank a positive has that ties with t negatives and has g above it. */
typedef enum plx_tie_rule {
    PLX_TIES_MEAN,        /* 1 + g + t / 2: OGB since 1.3.4 */
    PLX_TIES_PESSIMISTIC, /* 1 + g + t: scikit-learn's label_ranking_average_precision_score */
    PLX_TIES_OPTIMISTIC   /* 1 + g */
} plx_tie_rule;

typedef struct plx_reciprocal_rank {
    double mrr, mean_rank, hits1, hits3, hits10;
} plx_reciprocal_rank;

/* Mean reciprocal rank of each positive among its negatives. Without `own`, every positive is ranked among all
 * negatives; with it, positive i has negatives [i * n / P, (i + 1) * n / P) to itself.
 * reference with PLX_TIES_MEAN: OGB's mrr_list, whose ranks and reciprocals are single precision; their mean, which OGB
 * leaves to its caller, is taken in double. reference with PLX_TIES_PESSIMISTIC: scikit-learn's
 * label_ranking_average_precision_score over rows of one positive and its negatives (1 for a row without negatives).
 * strict: reciprocals in double for both.
 * errors: ARG for NaN, no positive, or negatives that cannot be shared out evenly; NOMEM. cost: a sort of the shared
 * negatives, or one pass over the own ones. */
bool plx_mean_reciprocal_rank(const plx_numbers *positive, const plx_numbers *negative, bool own, plx_tie_rule ties,
                              bool strict, plx_reciprocal_rank *out, plx_err *err);

#endif
