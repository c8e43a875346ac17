/* SPDX-License-Identifier: Apache-2.0
 *
 * Spearman's correlation over doubled ranks, in whole numbers.
 */
#include "benchmarks/kernels/rank_corr.h"

#include "benchmarks/kernels/radix.h"

#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>

__extension__ typedef __int128 wide;

typedef struct keyed {
    uint64_t key;
    size_t index;
} keyed;

static int by_key(const void *left, const void *right)
{
    const keyed *a = left;
    const keyed *b = right;
    return a->key < b->key ? -1 : a->key > b->key;
}

bool plx_ranks_mean(const plx_numbers *x, uint64_t *twice, plx_err *err)
{
    size_t n = x->n;
    keyed *item = plx_realloc_array(NULL, n, sizeof *item);
    if (!item) {
        return plx_fail_nomem(err, n * sizeof *item);
    }
    for (size_t i = 0; i < n; i++) {
        double v = plx_number_at(x, i);
        if (isnan(v)) {
            plx_free(item);
            return plx_fail(err, PLX_E_FORMAT, "value %zu is NaN and has no rank", i);
        }
        item[i] = (keyed){plx_radix_key_f64(v), i};
    }
    qsort(item, n, sizeof *item, by_key);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && item[end].key == item[i].key) {
            end++;
        }
        uint64_t shared = (uint64_t)i + 1 + end; /* the ranks i + 1 .. end */
        for (; i < end; i++) {
            twice[item[i].index] = shared;
        }
    }
    plx_free(item);
    return true;
}

static bool has_nan(const plx_numbers *x)
{
    for (size_t i = 0; i < x->n; i++) {
        if (isnan(plx_number_at(x, i))) {
            return true;
        }
    }
    return false;
}

static bool is_constant(const plx_numbers *x)
{
    for (size_t i = 1; i < x->n; i++) {
        if (plx_number_at(x, i) != plx_number_at(x, 0)) {
            return false;
        }
    }
    return true;
}

/* NumPy's corrcoef of centred ranks, with exact sums. */
static double correlation(const uint64_t *a, const uint64_t *b, size_t n)
{
    wide aa = 0;
    wide ab = 0;
    wide bb = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t x = (int64_t)a[i] - (int64_t)(n + 1);
        int64_t y = (int64_t)b[i] - (int64_t)(n + 1);
        aa += (wide)x * x;
        ab += (wide)x * y;
        bb += (wide)y * y;
    }
    double scale = 1.0 / (double)(n - 1);
    double var_a = (double)aa / 4.0 * scale;
    double var_b = (double)bb / 4.0 * scale;
    double r = (double)ab / 4.0 * scale / sqrt(var_b) / sqrt(var_a);
    return r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r;
}

bool plx_spearman(const plx_numbers *x, const plx_numbers *y, plx_metric_value *out, plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    size_t n = x->n;
    if (n != y->n) {
        return plx_fail(err, PLX_E_ARG, "%zu values cannot be correlated with %zu", n, y->n);
    }
    if (n < 2) {
        out->remark = "a rank correlation needs at least two values";
        return true;
    }
    if (has_nan(x) || has_nan(y)) {
        out->remark = "a value is NaN, so the rank correlation is NaN";
        return true;
    }
    if (is_constant(x) || is_constant(y)) {
        out->remark = "one side is constant, so the rank correlation is not defined";
        return true;
    }
    uint64_t *ranks = plx_realloc_array(NULL, n, 2 * sizeof *ranks);
    bool ok = ranks ? true : plx_fail_nomem(err, n * 2 * sizeof *ranks);
    ok = ok && plx_ranks_mean(x, ranks, err) && plx_ranks_mean(y, ranks + n, err);
    if (ok) {
        out->value = correlation(ranks, ranks + n, n);
    }
    plx_free(ranks);
    return ok;
}
