/* SPDX-License-Identifier: Apache-2.0
 *
 * Hits at k and reciprocal ranks. Shared negatives are sorted once and each positive is looked up among them.
 */
#include "benchmarks/kernels/ranking.h"

#include "benchmarks/kernels/radix.h"
#include "benchmarks/kernels/sum.h"

#include "core/alloc.h"

#include <math.h>

static bool refuse_nan(const plx_numbers *scores, const char *what, plx_err *err)
{
    for (size_t i = 0; i < scores->n; i++) {
        if (isnan(plx_number_at(scores, i))) {
            return plx_fail(err, PLX_E_FORMAT, "the score of %s %zu is NaN", what, i);
        }
    }
    return true;
}

/* NaN orders above infinity, as torch.topk has it. */
static uint64_t key_of(double x)
{
    return isnan(x) ? UINT64_MAX : plx_radix_key_f64(x);
}

/* Keys in ascending order. owner: *out, plx_free. */
static bool sorted_keys(const plx_numbers *scores, uint64_t **out, plx_err *err)
{
    size_t n = scores->n;
    uint64_t *keys = plx_realloc_array(NULL, n, 2 * sizeof *keys);
    if (!keys) {
        return plx_fail_nomem(err, n * 2 * sizeof *keys);
    }
    for (size_t i = 0; i < n; i++) {
        keys[i] = key_of(plx_number_at(scores, i));
    }
    plx_radix_sort_u64(keys, keys + n, n);
    *out = keys;
    return true;
}

bool plx_hits_at(const plx_numbers *positive, const plx_numbers *negative, size_t k, bool strict, plx_metric_value *out,
                 plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    if (k == 0) {
        return plx_fail(err, PLX_E_ARG, "hits at 0 is no metric: k is at least 1");
    }
    if (negative->n < k) {
        out->value = strict ? (double)NAN : 1.0;
        out->remark = strict ? "there are fewer than k negatives, so hits at k is not defined"
                             : "there are fewer than k negatives: OGB calls that hits of 1";
        return true;
    }
    if (positive->n == 0) {
        plx_fail(err, PLX_E_ARG, "there is no positive");
        return plx_err_why(err, "hits at k is a share of the positives (OGB divides by zero)");
    }
    if (strict && !(refuse_nan(positive, "positive", err) && refuse_nan(negative, "negative", err))) {
        return false;
    }
    uint64_t *keys = NULL;
    if (!sorted_keys(negative, &keys, err)) {
        return false;
    }
    uint64_t threshold = keys[negative->n - k];
    plx_free(keys);
    size_t hits = 0;
    for (size_t i = 0; i < positive->n; i++) {
        double x = plx_number_at(positive, i);
        hits += !isnan(x) && key_of(x) > threshold; /* nothing is above NaN, and NaN is above nothing */
    }
    out->value = (double)hits / (double)positive->n;
    return true;
}

/* First place whose key is at least `key` (above it, if past). */
static size_t place_of(const uint64_t *keys, size_t n, uint64_t key, bool past)
{
    size_t lo = 0;
    size_t hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (keys[mid] < key || (past && keys[mid] == key)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

typedef struct standing {
    size_t above, ties;
} standing;

static standing among_sorted(const uint64_t *keys, size_t n, double x)
{
    uint64_t key = key_of(x);
    size_t past = place_of(keys, n, key, true);
    return (standing){n - past, past - place_of(keys, n, key, false)};
}

static standing among_own(const plx_numbers *negative, size_t first, size_t n, double x)
{
    standing s = {0};
    for (size_t i = first; i < first + n; i++) {
        double y = plx_number_at(negative, i);
        s.above += y > x;
        s.ties += y == x;
    }
    return s;
}

/* OGB halves and adds in single precision. */
static double rank_of(standing s, plx_tie_rule ties, bool ogb)
{
    if (ogb) {
        return (double)(0.5f * (float)(2 * s.above + s.ties) + 1.0f);
    }
    double first = 1.0 + (double)s.above;
    return ties == PLX_TIES_OPTIMISTIC    ? first
           : ties == PLX_TIES_PESSIMISTIC ? first + (double)s.ties
                                          : first + 0.5 * (double)s.ties;
}

static void sum_up(const double *rank, double *reciprocal, size_t n, bool in_single, bool in_turn,
                   plx_reciprocal_rank *out)
{
    size_t hits[3] = {0};
    for (size_t i = 0; i < n; i++) {
        reciprocal[i] = in_single ? (double)(1.0f / (float)rank[i]) : 1.0 / rank[i];
        hits[0] += rank[i] <= 1.0;
        hits[1] += rank[i] <= 3.0;
        hits[2] += rank[i] <= 10.0;
    }
    double count = (double)n;
    double sum = 0.0;
    for (size_t i = 0; in_turn && i < n; i++) {
        sum += reciprocal[i];
    }
    out->mrr = (in_turn ? sum : plx_sum_f64(reciprocal, n)) / count;
    out->mean_rank = plx_sum_f64(rank, n) / count;
    out->hits1 = (double)hits[0] / count;
    out->hits3 = (double)hits[1] / count;
    out->hits10 = (double)hits[2] / count;
}

bool plx_mean_reciprocal_rank(const plx_numbers *positive, const plx_numbers *negative, bool own, plx_tie_rule ties,
                              bool strict, plx_reciprocal_rank *out, plx_err *err)
{
    size_t n = positive->n;
    *out = (plx_reciprocal_rank){(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    if (n == 0) {
        return plx_fail(err, PLX_E_ARG, "there is no positive to rank");
    }
    if (own && negative->n % n) {
        return plx_fail(err, PLX_E_ARG, "%zu negatives cannot be shared out among %zu positives", negative->n, n);
    }
    if (!refuse_nan(positive, "positive", err) || !refuse_nan(negative, "negative", err)) {
        return false;
    }
    uint64_t *keys = NULL;
    double *rank = plx_realloc_array(NULL, n, 2 * sizeof *rank);
    bool ok = rank ? true : plx_fail_nomem(err, n * 2 * sizeof *rank);
    ok = ok && (own || sorted_keys(negative, &keys, err));
    size_t each = negative->n / n;
    bool ogb = !strict && ties == PLX_TIES_MEAN;
    for (size_t i = 0; ok && i < n; i++) {
        double x = plx_number_at(positive, i);
        standing s = own ? among_own(negative, i * each, each, x) : among_sorted(keys, negative->n, x);
        rank[i] = rank_of(s, ties, ogb);
    }
    if (ok) {
        bool sklearn = !strict && ties == PLX_TIES_PESSIMISTIC;
        sum_up(rank, rank + n, n, ogb, sklearn, out);
    }
    plx_free(keys);
    plx_free(rank);
    return ok;
}
