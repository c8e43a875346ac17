/* SPDX-License-Identifier: Apache-2.0
 *
 * Ranks with ties, and the correlation of ranks.
 */
#ifndef PLX_KERNELS_RANK_CORR_H
#define PLX_KERNELS_RANK_CORR_H

#include "benchmarks/kernels/roc.h"

/* Twice the mean rank of each value (whole numbers), 1-based: equal values share the mean of their ranks.
 * source: scipy.stats.rankdata(method='average'). errors: ARG for NaN, NOMEM. shape: twice[n]. */
bool plx_ranks_mean(const plx_numbers *x, uint64_t *twice, plx_err *err);

/* Spearman's rank correlation, ties by mean ranks. NaN, with a remark, below two values, when one side is constant, or
 * when a value is NaN. Sums are whole numbers, so that no order of addition matters: equal to scipy.stats.spearmanr
 * 1.17.1 to the last bit as long as its own sums are exact, which is up to some 300,000 values.
 * errors: ARG when the lengths differ, NOMEM. */
bool plx_spearman(const plx_numbers *x, const plx_numbers *y, plx_metric_value *out, plx_err *err);

#endif
