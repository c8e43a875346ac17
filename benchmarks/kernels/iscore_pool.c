/* SPDX-License-Identifier: Apache-2.0
 *
 * Pooling.
 */
#include "benchmarks/kernels/iscore_pool.h"

#include "benchmarks/kernels/sum.h"
#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { COVERAGE, SCORES, DIM, OVERLAP };

/* All values of one kind, in single precision as the reference pools them. */
typedef struct pooled {
    float *items;
    size_t n, cap;
} pooled;

static const double *source(const plx_iscore *s, int what, size_t *n)
{
    const plx_coverage *c = what == COVERAGE ? &s->coverage : what == DIM ? &s->dim.coverage : &s->overlap.coverage;
    *n = what == SCORES ? s->tp : c->n;
    return what == SCORES ? s->tp_scores : c->items;
}

static bool gather(const plx_iscore *const *samples, size_t n, int what, pooled *out, plx_err *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t more;
        const double *items = source(samples[i], what, &more);
        if (!plx_grow(&out->items, &out->cap, out->n + more, sizeof *out->items)) {
            return plx_fail_nomem(err, (out->n + more) * sizeof *out->items);
        }
        for (size_t k = 0; k < more; k++) {
            out->items[out->n++] = (float)items[k];
        }
    }
    return true;
}

static double mean_of(const pooled *v)
{
    return (double)(float)((double)plx_sum_f32(v->items, v->n) / (double)v->n);
}

/* The mean over all instances; `none` without any. */
static bool mean(const plx_iscore *const *samples, size_t n, int what, double none, double *out, plx_err *err)
{
    pooled v = {0};
    bool ok = gather(samples, n, what, &v, err);
    if (ok) {
        *out = v.n ? mean_of(&v) : none;
    }
    plx_free(v.items);
    return ok;
}

static double ratio(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 0.0;
}

static void add_counts(const plx_iscore *s, plx_ipool *out)
{
    out->n_samples++;
    out->n_truth += s->n_truth;
    out->n_pred += s->n_pred;
    out->fm += s->fm;
    out->fs += s->fs;
    out->tp += s->tp;
    out->dim.n += s->dim.n;
    out->dim.tp += s->dim.tp;
    out->overlap.n += s->overlap.n;
    out->overlap.tp += s->overlap.tp;
    for (size_t k = 0; k < PLX_ISCORE_NINE; k++) {
        out->tp_at[k] += s->at[k].tp;
        out->fp_at[k] += s->at[k].fp;
        out->fn_at[k] += s->at[k].fn;
    }
}

bool plx_ipool_set(const plx_iscore *const *samples, size_t n, plx_ipool *out, plx_err *err)
{
    *out = (plx_ipool){.has_subsets = true, .coverage_single = true};
    for (size_t i = 0; i < n; i++) {
        add_counts(samples[i], out);
    }
    for (size_t k = 0; k < PLX_ISCORE_NINE; k++) {
        out->f[k] = ratio(2 * out->tp_at[k], 2 * out->tp_at[k] + out->fp_at[k] + out->fn_at[k]);
    }
    out->f19 = plx_sum_f64(out->f, PLX_ISCORE_NINE) / PLX_ISCORE_NINE;
    if (!mean(samples, n, COVERAGE, 0, &out->coverage, err) || !mean(samples, n, SCORES, 0, &out->tp_score, err) ||
        !mean(samples, n, DIM, 0, &out->dim.coverage, err) ||
        !mean(samples, n, OVERLAP, 0, &out->overlap.coverage, err)) {
        return false;
    }
    out->s = 0.5 * out->f19 + 0.5 * out->coverage;
    out->tp_rel = ratio(out->tp, out->n_truth);
    out->dim.tp_rel = ratio(out->dim.tp, out->dim.n);
    out->overlap.tp_rel = ratio(out->overlap.tp, out->overlap.n);
    return true;
}

static double half(double a, double b)
{
    return (a + b) / 2;
}

/* Scores of pairs of both sets, in this order. */
static bool pooled_score(const plx_iscore *const *a, size_t n_a, const plx_iscore *const *b, size_t n_b, double *out,
                         plx_err *err)
{
    pooled v = {0};
    bool ok = gather(a, n_a, SCORES, &v, err) && gather(b, n_b, SCORES, &v, err);
    if (ok) {
        *out = v.n ? mean_of(&v) : (double)NAN;
    }
    plx_free(v.items);
    return ok;
}

bool plx_ipool_combine(const plx_iscore *const *completely, size_t n_completely, const plx_iscore *const *partly,
                       size_t n_partly, plx_ipool *out, plx_err *err)
{
    plx_ipool a, b;
    if (!plx_ipool_set(completely, n_completely, &a, err) || !plx_ipool_set(partly, n_partly, &b, err)) {
        return false;
    }
    *out = a;
    out->has_subsets = false;
    out->dim = out->overlap = (plx_ipool_subset){0};
    out->n_samples += b.n_samples;
    out->n_truth += b.n_truth;
    out->n_pred += b.n_pred;
    out->fm += b.fm;
    out->fs += b.fs;
    out->tp += b.tp;
    for (size_t k = 0; k < PLX_ISCORE_NINE; k++) {
        out->tp_at[k] += b.tp_at[k];
        out->fp_at[k] += b.fp_at[k];
        out->fn_at[k] += b.fn_at[k];
        out->f[k] = half(a.f[k], b.f[k]);
    }
    out->f19 = half(a.f19, b.f19);
    out->coverage = (double)(((float)a.coverage + (float)b.coverage) / 2);
    out->s = half(a.s, b.s);
    if (out->n_truth == 0) {
        out->reference_error = "ZeroDivisionError";
    }
    out->tp_rel = ratio(out->tp, out->n_truth);
    return pooled_score(completely, n_completely, partly, n_partly, &out->tp_score, err);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compare the numbers at a and b and move past them. */
static int compare_numbers(const char **a, const char **b)
{
    while (**a == '0') {
        ++*a;
    }
    while (**b == '0') {
        ++*b;
    }
    const char *p = *a, *q = *b;
    while (is_digit(**a)) {
        ++*a;
    }
    while (is_digit(**b)) {
        ++*b;
    }
    if (*a - p != *b - q) {
        return *a - p < *b - q ? -1 : 1;
    }
    int c = strncmp(p, q, (size_t)(*a - p));
    return c < 0 ? -1 : c > 0;
}

int plx_natural_order(const char *a, const char *b)
{
    while (*a && *b) {
        if (is_digit(*a) && is_digit(*b)) {
            int c = compare_numbers(&a, &b);
            if (c) {
                return c;
            }
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}
