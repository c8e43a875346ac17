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

/* Mean and standard deviation (over n) as NumPy computes them. */
void plx_ipool_spread(const double *values, size_t n, double *mean, double *std);

/* Order of names in which numbers count as numbers: "a9" before "a10". */
int plx_natural_order(const char *a, const char *b);

#endif
