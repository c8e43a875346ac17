/* SPDX-License-Identifier: Apache-2.0
 *
 * Mean, spread, paired tests and intervals. Sums are taken in a fixed order, random draws come from core/rng.
 */
#include "benchmarks/kernels/stats.h"

#include "benchmarks/kernels/sum.h"

#include "core/alloc.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>

enum { EXACT_FLIPS = 20, EXACT_RANKS = 50 };

double plx_stats_mean(const double *x, size_t n)
{
    return n ? plx_sum_f64(x, n) / (double)n : (double)NAN;
}

bool plx_stats_std(const double *x, size_t n, double *out, plx_err *err)
{
    *out = (double)NAN;
    if (n < 2) {
        return true;
    }
    double *squares = plx_realloc_array(NULL, n, sizeof *squares);
    if (!squares) {
        return plx_fail_nomem(err, n * sizeof *squares);
    }
    double mean = plx_stats_mean(x, n);
    for (size_t i = 0; i < n; i++) {
        squares[i] = (x[i] - mean) * (x[i] - mean);
    }
    *out = sqrt(plx_sum_f64(squares, n) / (double)(n - 1));
    plx_free(squares);
    return true;
}

/* Sign patterns of d[i..n) that lift |sum| to `least`, given the sum so far. Additions go in the order of d, so the
 * pattern that was observed gives the observed sum itself. */
static uint64_t count_flips(const double *d, size_t i, size_t n, double sum, double least)
{
    if (i == n) {
        return fabs(sum) >= least;
    }
    return count_flips(d, i + 1, n, sum + d[i], least) + count_flips(d, i + 1, n, sum - d[i], least);
}

bool plx_stats_sign_flip(const double *d, size_t n, size_t resamples, uint64_t seed, double *p, bool *exact,
                         plx_err *err)
{
    *p = (double)NAN;
    *exact = n <= EXACT_FLIPS;
    if (n > (size_t)1 << 20) {
        return plx_fail(err, PLX_E_ARG, "a sign-flip test of %zu pairs is more than is done here", n);
    }
    double observed = 0.0;
    double size = 0.0;
    for (size_t i = 0; i < n; i++) {
        observed += d[i];
        size += fabs(d[i]);
    }
    if (n == 0 || !isfinite(size)) {
        return true;
    }
    /* Sums that are equal but for rounding count as equal. */
    double least = fabs(observed) - 1e-13 * size;
    if (*exact) {
        *p = (double)count_flips(d, 0, n, 0.0, least) / (double)((uint64_t)1 << n);
        return true;
    }
    plx_rng rng = plx_rng_stream(seed, "sign-flip", n);
    size_t hits = 0;
    for (size_t r = 0; r < resamples; r++) {
        double sum = 0.0;
        uint64_t bits = 0;
        for (size_t i = 0; i < n; i++) {
            bits = i % 64 ? bits >> 1 : plx_rng_u64(&rng);
            sum += bits & 1 ? d[i] : -d[i];
        }
        hits += fabs(sum) >= least;
    }
    *p = (double)(hits + 1) / (double)(resamples + 1);
    return true;
}

typedef struct sized {
    double size;
    bool positive;
} sized;

static int by_size(const void *left, const void *right)
{
    const sized *a = left;
    const sized *b = right;
    return a->size < b->size ? -1 : a->size > b->size;
}

/* P(sum of doubled ranks drawn by fair coins <= limit), exactly: counts[s] subsets have sum s. */
static bool exact_rank_tail(const unsigned *doubled, size_t n, unsigned limit, double *out, plx_err *err)
{
    unsigned total = 0;
    for (size_t i = 0; i < n; i++) {
        total += doubled[i];
    }
    double *counts = plx_alloc_zero(total + 1, sizeof *counts);
    if (!counts) {
        return plx_fail_nomem(err, (total + 1) * sizeof *counts);
    }
    counts[0] = 1.0; /* at most 2^50 in all, so every count is exact */
    unsigned reached = 0;
    for (size_t i = 0; i < n; i++) {
        reached += doubled[i];
        for (unsigned s = reached; s >= doubled[i]; s--) {
            counts[s] += counts[s - doubled[i]];
        }
    }
    double below = 0.0;
    for (unsigned s = 0; s <= limit && s <= total; s++) {
        below += counts[s];
    }
    plx_free(counts);
    *out = ldexp(below, -(int)n);
    return true;
}

bool plx_stats_wilcoxon(const double *d, size_t n, plx_wilcoxon *out, plx_err *err)
{
    *out = (plx_wilcoxon){.statistic = (double)NAN, .p = (double)NAN};
    sized *item = plx_realloc_array(NULL, n, sizeof *item);
    if (!item) {
        return plx_fail_nomem(err, n * sizeof *item);
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(d[i])) {
            plx_free(item);
            return true;
        }
        if (d[i] != 0.0) {
            item[m++] = (sized){fabs(d[i]), d[i] > 0.0};
        }
    }
    qsort(item, m, sizeof *item, by_size);
    out->n_used = m;
    out->exact = m <= EXACT_RANKS;
    unsigned doubled[EXACT_RANKS];
    double plus = 0.0;
    double ties = 0.0;
    for (size_t i = 0; i < m;) {
        size_t end = i + 1;
        while (end < m && item[end].size == item[i].size) {
            end++;
        }
        size_t twice = i + 1 + end; /* doubled mean of the ranks i + 1 .. end */
        double t = (double)(end - i);
        ties += t * t * t - t;
        for (; i < end; i++) {
            plus += item[i].positive ? (double)twice / 2.0 : 0.0;
            if (out->exact) {
                doubled[i] = (unsigned)twice;
            }
        }
    }
    plx_free(item);
    if (m == 0) {
        return true;
    }
    double all = (double)m * (double)(m + 1) / 2.0;
    out->statistic = plus < all - plus ? plus : all - plus;
    if (out->exact) {
        double tail = 1.0;
        if (!exact_rank_tail(doubled, m, (unsigned)(2.0 * out->statistic), &tail, err)) {
            return false;
        }
        out->p = tail < 0.5 ? 2.0 * tail : 1.0;
        return true;
    }
    double k = (double)m;
    double deviation = sqrt((k * (k + 1.0) * (2.0 * k + 1.0) - ties / 2.0) / 24.0);
    out->p = erfc(fabs((plus - all / 2.0) / deviation) / sqrt(2.0));
    return true;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return a < b ? -1 : a > b;
}

double plx_stats_quantile(const double *sorted, size_t n, double q)
{
    if (n == 0 || !(q >= 0.0 && q <= 1.0)) {
        return (double)NAN;
    }
    double place = q * (double)(n - 1);
    size_t i = (size_t)place;
    if (i + 1 >= n) {
        return sorted[n - 1];
    }
    double t = place - (double)i;
    double step = sorted[i + 1] - sorted[i];
    /* From the nearer end, as NumPy does it. */
    return t >= 0.5 ? sorted[i + 1] - step * (1.0 - t) : sorted[i] + step * t;
}

bool plx_stats_bootstrap(const double *x, size_t n, double level, size_t resamples, uint64_t seed, double *lo,
                         double *hi, plx_err *err)
{
    *lo = *hi = (double)NAN;
    if (!(level > 0.0 && level < 1.0) || resamples == 0) {
        return plx_fail(err, PLX_E_ARG, "a bootstrap interval needs a level between 0 and 1 and at least one resample");
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            return true;
        }
    }
    if (n == 0) {
        return true;
    }
    double *means = plx_realloc_array(NULL, resamples, sizeof *means);
    if (!means) {
        return plx_fail_nomem(err, resamples * sizeof *means);
    }
    plx_rng rng = plx_rng_stream(seed, "bootstrap", n);
    for (size_t r = 0; r < resamples; r++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) {
            sum += x[plx_rng_below(&rng, n)];
        }
        means[r] = sum / (double)n;
    }
    qsort(means, resamples, sizeof *means, ascending);
    *lo = plx_stats_quantile(means, resamples, (1.0 - level) / 2.0);
    *hi = plx_stats_quantile(means, resamples, (1.0 + level) / 2.0);
    plx_free(means);
    return true;
}

typedef struct ranked_p {
    double p;
    size_t index;
} ranked_p;

static int by_p(const void *left, const void *right)
{
    const ranked_p *a = left;
    const ranked_p *b = right;
    int order = a->p < b->p ? -1 : a->p > b->p;
    return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

bool plx_stats_holm(const double *p, size_t n, double *adjusted, plx_err *err)
{
    ranked_p *item = plx_realloc_array(NULL, n, sizeof *item);
    if (!item) {
        return plx_fail_nomem(err, n * sizeof *item);
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = (double)NAN;
        if (!isnan(p[i])) {
            item[m++] = (ranked_p){p[i], i};
        }
    }
    qsort(item, m, sizeof *item, by_p);
    double highest = 0.0;
    for (size_t i = 0; i < m; i++) {
        double scaled = item[i].p * (double)(m - i);
        highest = scaled > highest ? scaled : highest;
        adjusted[item[i].index] = highest < 1.0 ? highest : 1.0;
    }
    plx_free(item);
    return true;
}
