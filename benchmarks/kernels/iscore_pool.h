/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores of many images: counts and coverages pooled over the instances of a set, the two sets of the benchmark
 * combined, and the spread over repeated runs.
 */
#ifndef PLX_KERNELS_ISCORE_POOL_H
#define PLX_KERNELS_ISCORE_POOL_H

#include "benchmarks/kernels/iscore.h"

typedef struct plx_ipool_subset {
    size_t n, tp;
    double tp_rel, coverage; /* the mean */
} plx_ipool_subset;

typedef struct plx_ipool {
    const char *reference_error; /* as in plx_iscore */
    size_t n_samples, n_truth, n_pred;
    size_t tp_at[PLX_ISCORE_NINE], fp_at[PLX_ISCORE_NINE], fn_at[PLX_ISCORE_NINE];
    double f[PLX_ISCORE_NINE], f19; /* .1 to .9 and their mean */
    double coverage, s;             /* C, S */
    bool coverage_single;           /* C is in single precision */
    size_t fm, fs, tp;
    double tp_rel, tp_score;
    bool has_subsets; /* the combination of two sets has none */
    plx_ipool_subset dim, overlap;
} plx_ipool;

/* Samples in the order their coverages are added in. Those of parts that were not scored count as none. errors: NOMEM.
 */
bool plx_ipool_set(const plx_iscore *const *samples, size_t n, plx_ipool *out, plx_err *err);
/* Both sets of the benchmark: the plain mean of their F1, C and S, everything else pooled. */
bool plx_ipool_combine(const plx_iscore *const *completely, size_t n_completely, const plx_iscore *const *partly,
                       size_t n_partly, plx_ipool *out, plx_err *err);

/* Mean and standard deviation (over n) as NumPy computes them; `values` are used up. NaN of no values. */
void plx_ipool_spread(double *values, size_t n, double *mean, double *std);

/* One run of several over the same images: a pooled result and its samples, in the order they were pooled in. */
typedef struct plx_ipool_run {
    const plx_ipool *pool;
    const plx_iscore *const *samples;
    size_t n_samples;
} plx_ipool_run;
typedef struct plx_spread {
    const char *key; /* "general.FM", "confusion_matrix.th_0_5.fscore" */
    double mean, std;
} plx_spread;
/* The reference's stability report: every number of a pooled result, sorted by key. Lists (coverages, scores of pairs,
 * counts at all thresholds) are one number over all values of all runs, and are left out when a run has more of them
 * than another. owner: `arena`. */
bool plx_ipool_spreads(const plx_ipool_run *runs, size_t n_runs, plx_arena *arena, plx_spread **out, size_t *n,
                       plx_err *err);

/* Order of names in which numbers count as numbers: "a9" before "a10". */
int plx_natural_order(const char *a, const char *b);

#endif
