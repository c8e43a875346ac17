/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC-AUC and average precision. Positives and negatives are sorted apart, as bare keys, and walked together: no index
 * or label travels with a score.
 */
#include "benchmarks/kernels/roc.h"

#include "benchmarks/kernels/radix.h"
#include "benchmarks/kernels/sum.h"

#include "core/alloc.h"

#include <math.h>

static bool refuse_score(double x, size_t i, plx_err *err)
{
    plx_fail(err, PLX_E_FORMAT, "score %zu is %s", i, isnan(x) ? "NaN" : "infinite");
    return plx_err_why(err, "scikit-learn refuses NaN and infinity among scores (ValueError)");
}

/* Positives first, negatives from the end; keys are complemented, so that ascending keys are falling scores. */
static bool split_f64(const plx_numbers *scores, const uint8_t *labels, uint64_t *keys, size_t *n_pos, plx_err *err)
{
    uint64_t *pos = keys;
    uint64_t *neg = keys + scores->n;
    for (size_t i = 0; i < scores->n; i++) {
        double x = scores->f64[i];
        if (!isfinite(x)) {
            return refuse_score(x, i, err);
        }
        bool positive = labels[i] != 0;
        uint64_t key = ~plx_radix_key_f64(x);
        neg -= !positive;
        *(positive ? pos : neg) = key;
        pos += positive;
    }
    *n_pos = (size_t)(pos - keys);
    return true;
}

static bool split_f32(const plx_numbers *scores, const uint8_t *labels, uint32_t *keys, size_t *n_pos, plx_err *err)
{
    uint32_t *pos = keys;
    uint32_t *neg = keys + scores->n;
    for (size_t i = 0; i < scores->n; i++) {
        float x = scores->f32[i];
        if (!isfinite(x)) {
            return refuse_score((double)x, i, err);
        }
        bool positive = labels[i] != 0;
        uint32_t key = ~plx_radix_key_f32(x);
        neg -= !positive;
        *(positive ? pos : neg) = key;
        pos += positive;
    }
    *n_pos = (size_t)(pos - keys);
    return true;
}

/* Walk both sorted lists; points are written over memory that is no longer read: the spare room of the sort. */
static size_t walk_f64(const uint64_t *pos, size_t n_pos, const uint64_t *neg, size_t n_neg, plx_roc_point *point)
{
    size_t p = 0;
    size_t q = 0;
    size_t n = 0;
    while (p < n_pos || q < n_neg) {
        uint64_t key = q == n_neg || (p < n_pos && pos[p] < neg[q]) ? pos[p] : neg[q];
        while (p < n_pos && pos[p] == key) {
            p++;
        }
        while (q < n_neg && neg[q] == key) {
            q++;
        }
        point[n++] = (plx_roc_point){(uint32_t)p, (uint32_t)q};
    }
    return n;
}

static size_t walk_f32(const uint32_t *pos, size_t n_pos, const uint32_t *neg, size_t n_neg, plx_roc_point *point)
{
    size_t p = 0;
    size_t q = 0;
    size_t n = 0;
    while (p < n_pos || q < n_neg) {
        uint32_t key = q == n_neg || (p < n_pos && pos[p] < neg[q]) ? pos[p] : neg[q];
        while (p < n_pos && pos[p] == key) {
            p++;
        }
        while (q < n_neg && neg[q] == key) {
            q++;
        }
        point[n++] = (plx_roc_point){(uint32_t)p, (uint32_t)q};
    }
    return n;
}

bool plx_roc_curve(const plx_numbers *scores, const uint8_t *labels, plx_roc *out, plx_err *err)
{
    *out = (plx_roc){0};
    size_t n = scores->n;
    if (n == 0) {
        plx_fail(err, PLX_E_ARG, "there is no score");
        return plx_err_why(err, "scikit-learn refuses empty input (ValueError)");
    }
    if (n > UINT32_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "%zu scores are more than 2^32 - 1", n);
    }
    size_t width = scores->f64 ? sizeof(uint64_t) : sizeof(uint32_t);
    void *keys = plx_realloc_array(NULL, n, width);
    plx_roc_point *spare = plx_realloc_array(NULL, n, sizeof *spare);
    bool ok = keys && spare ? true : plx_fail_nomem(err, n * (width + sizeof *spare));
    size_t n_pos = 0;
    if (ok && scores->f64) {
        uint64_t *key = keys;
        ok = split_f64(scores, labels, key, &n_pos, err);
        if (ok) {
            plx_radix_sort_u64(key, (uint64_t *)(void *)spare, n_pos);
            plx_radix_sort_u64(key + n_pos, (uint64_t *)(void *)spare, n - n_pos);
            out->n = walk_f64(key, n_pos, key + n_pos, n - n_pos, spare);
        }
    } else if (ok) {
        uint32_t *key = keys;
        ok = split_f32(scores, labels, key, &n_pos, err);
        if (ok) {
            plx_radix_sort_u32(key, (uint32_t *)(void *)spare, n_pos);
            plx_radix_sort_u32(key + n_pos, (uint32_t *)(void *)spare, n - n_pos);
            out->n = walk_f32(key, n_pos, key + n_pos, n - n_pos, spare);
        }
    }
    plx_free(keys);
    if (!ok) {
        plx_free(spare);
        return false;
    }
    out->point = spare;
    return true;
}

void plx_roc_free(plx_roc *roc)
{
    plx_free(roc->point);
    *roc = (plx_roc){0};
}

/* scikit-learn drops points inside a straight run before it adds trapezoids: where neither count's second difference is
 * different from 0. Both ends stay. */
static size_t drop_straight(plx_roc_point *p, size_t n)
{
    if (n <= 2) {
        return n;
    }
    size_t kept = 1;
    plx_roc_point before = p[0];
    for (size_t i = 1; i + 1 < n; i++) {
        plx_roc_point here = p[i];
        plx_roc_point after = p[i + 1];
        bool bends = here.tp - before.tp != after.tp - here.tp || here.fp - before.fp != after.fp - here.fp;
        p[kept] = here;
        kept += bends;
        before = here;
    }
    p[kept++] = p[n - 1];
    return kept;
}

typedef struct trapezoids {
    const plx_roc_point *at;
    double n_pos, n_neg, x, y; /* x, y: where the last trapezoid ended */
} trapezoids;

static double next_trapezoid(void *payload)
{
    trapezoids *t = payload;
    double x = (double)t->at->fp / t->n_neg;
    double y = (double)t->at->tp / t->n_pos;
    double area = (x - t->x) * (y + t->y) / 2.0;
    t->x = x;
    t->y = y;
    t->at++;
    return area;
}

/* Twice the positives above each negative, ties counted once: at most 2 (2^31)^2, which fits. */
static uint64_t twice_mann_whitney(const plx_roc *roc)
{
    uint64_t twice = 0;
    plx_roc_point before = {0, 0};
    for (size_t i = 0; i < roc->n; i++) {
        plx_roc_point here = roc->point[i];
        twice += (uint64_t)(here.fp - before.fp) * ((uint64_t)before.tp + here.tp);
        before = here;
    }
    return twice;
}

bool plx_roc_auc(const plx_numbers *scores, const uint8_t *labels, bool strict, plx_metric_value *out, plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    plx_roc roc;
    if (!plx_roc_curve(scores, labels, &roc, err)) {
        return false;
    }
    plx_roc_point last = roc.point[roc.n - 1];
    double n_pos = (double)last.tp;
    double n_neg = (double)last.fp;
    if (last.tp == 0 || last.fp == 0) {
        out->remark = "only one class is there, so the area under the ROC curve is not defined";
    } else if (strict) {
        out->value = (double)twice_mann_whitney(&roc) / (2.0 * (n_pos * n_neg));
    } else {
        size_t n = drop_straight(roc.point, roc.n);
        trapezoids t = {.at = roc.point, .n_pos = n_pos, .n_neg = n_neg};
        out->value = plx_sum_stream(n, next_trapezoid, &t);
    }
    plx_roc_free(&roc);
    return true;
}

typedef struct recall_steps {
    const plx_roc_point *at; /* walked from the lowest score up */
    const plx_roc_point *first;
    double n_pos;
} recall_steps;

static double next_step(void *payload)
{
    recall_steps *s = payload;
    plx_roc_point here = *s->at;
    double above = s->at == s->first ? 0.0 : (double)s->at[-1].tp / s->n_pos;
    s->at -= s->at != s->first;
    return (above - (double)here.tp / s->n_pos) * ((double)here.tp / ((double)here.tp + (double)here.fp));
}

bool plx_average_precision(const plx_numbers *scores, const uint8_t *labels, bool strict, plx_metric_value *out,
                           plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    plx_roc roc;
    if (!plx_roc_curve(scores, labels, &roc, err)) {
        return false;
    }
    const plx_roc_point *last = roc.point + (roc.n - 1);
    if (last->tp == 0) {
        out->value = strict ? (double)NAN : 0.0;
        out->remark = strict ? "there is no positive, so average precision is not defined"
                             : "there is no positive: scikit-learn calls that an average precision of 0";
    } else {
        recall_steps s = {.at = last, .first = roc.point, .n_pos = (double)last->tp};
        double sum = -plx_sum_stream(roc.n, next_step, &s);
        out->value = sum > 0.0 ? sum : 0.0;
    }
    plx_roc_free(&roc);
    return true;
}
