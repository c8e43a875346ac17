/* SPDX-License-Identifier: Apache-2.0
 *
 * Do two runs differ? Paired over what they share: the same units, folds and seeds.
 */
#ifndef PLX_BENCHMARKS_COMPARE_H
#define PLX_BENCHMARKS_COMPARE_H

#include "benchmarks/runner.h"

/* What one difference is of: a seed (mean over units and folds), a unit (mean over seeds and folds), or a unit and seed
 * (mean over folds). Seeds of one unit share its data, so only units speak for other units. */
typedef enum plx_compare_over { PLX_OVER_SEEDS, PLX_OVER_UNITS, PLX_OVER_BOTH } plx_compare_over;

typedef struct plx_comparison {
    const char *label;              /* of the score */
    size_t n, n_better, n_worse;    /* differences; of those, for the first run */
    double mean_a, mean_b, mean;    /* mean: of first minus second */
    double lo, hi;                  /* 95 % percentile bootstrap interval of it */
    double p_sign_flip, p_wilcoxon; /* two-sided; NaN when not defined */
    double p_holm;                  /* of the sign flips, adjusted for all comparisons made at once */
    bool exact, higher_is_better;
} plx_comparison;

/* For every score both have. `a` and `b` are records of results. owner: the arena. errors: POLICY when the runs are of
 * other splits, tasks or modes. */
bool plx_compare_runs(const plx_value *a, const plx_value *b, plx_compare_over over, uint64_t seed, plx_arena *arena,
                      plx_comparison **out, size_t *n, plx_err *err);

#endif
