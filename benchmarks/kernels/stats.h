/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of a handful of scores: mean, spread, and whether two models differ on the same units or seeds.
 * NaN among the input gives NaN; callers leave out what is missing and say so.
 */
#ifndef PLX_KERNELS_STATS_H
#define PLX_KERNELS_STATS_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* Arithmetic mean; NaN for n = 0. source: numpy.mean, to the last bit. */
double plx_stats_mean(const double *x, size_t n);
/* Unbiased standard deviation (divisor n - 1); NaN for n < 2. source: numpy.std(ddof=1), to the last bit. errors:
 * NOMEM.
 */
bool plx_stats_std(const double *x, size_t n, double *out, plx_err *err);

/* Does the mean of paired differences d differ from 0? Two-sided p of the sign-flip permutation test: all 2^n sign
 * patterns when n <= 20 (*exact set), else `resamples` random ones and (hits + 1) / (resamples + 1). p is 1 when all
 * differences are 0, NaN for n = 0.
 * source: scipy.stats.permutation_test(permutation_type='samples'); Phipson and Smyth 2010 doi:10.2202/1544-6115.1585.
 * errors: ARG for n above 2^20. cost: 2^n or n * resamples. */
bool plx_stats_sign_flip(const double *d, size_t n, size_t resamples, uint64_t seed, double *p, bool *exact,
                         plx_err *err);

/* Wilcoxon's signed-rank test of paired differences, two-sided; zeros are left out, ties get their mean rank.
 * `statistic` is the smaller rank sum. Up to 50 differences p is exact, ties included; above that it is the normal
 * approximation with tie correction, without continuity correction. p is NaN when no difference is left.
 * source: Wilcoxon 1945 doi:10.2307/3001968; scipy.stats.wilcoxon (which is exact with ties up to n = 13 only). */
typedef struct plx_wilcoxon {
    size_t n_used; /* differences that are not 0 */
    double statistic, p;
    bool exact;
} plx_wilcoxon;
bool plx_stats_wilcoxon(const double *d, size_t n, plx_wilcoxon *out, plx_err *err);

/* Percentile bootstrap interval of the mean: `resamples` draws of n values with replacement, quantiles by linear
 * interpolation. Values that belong together (seeds of one animal) are averaged first: x is one value per unit that was
 * sampled. NaN for n = 0. source: Efron 1979 doi:10.1214/aos/1176344552. errors: ARG unless 0 < level < 1 and
 * resamples > 0; NOMEM. */
bool plx_stats_bootstrap(const double *x, size_t n, double level, size_t resamples, uint64_t seed, double *lo,
                         double *hi, plx_err *err);

/* Quantile q of n sorted values by linear interpolation. source: numpy.quantile(method='linear'). */
double plx_stats_quantile(const double *sorted, size_t n, double q);

/* p values adjusted for n comparisons; NaN stay NaN and are not counted. shape: p[n], adjusted[n].
 * source: Holm 1979, Scand. J. Stat. 6:65-70. */
bool plx_stats_holm(const double *p, size_t n, double *adjusted, plx_err *err);

#endif
