/* SPDX-License-Identifier: Apache-2.0
 *
 * Accuracy, balanced accuracy and macro F1 from counts by class.
 */
#include "benchmarks/kernels/classes.h"

#include "benchmarks/kernels/sum.h"

#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>

typedef struct class_count {
    int32_t id;
    size_t hits, truth, predicted;
} class_count;

static int by_id(const void *left, const void *right)
{
    int32_t a = ((const class_count *)left)->id;
    int32_t b = ((const class_count *)right)->id;
    return a < b ? -1 : a > b;
}

static bool need_rows(size_t n, plx_err *err)
{
    if (n > 0) {
        return true;
    }
    plx_fail(err, PLX_E_ARG, "there is no row");
    return plx_err_why(err, "scikit-learn refuses empty input (ValueError)");
}

/* Place of a class that is there. */
static size_t find(const class_count *classes, size_t n, int32_t id)
{
    size_t lo = 0;
    size_t hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (classes[mid].id < id) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* Counts of every class that is true or predicted somewhere, ascending. owner: *out, plx_free. */
static bool count_classes(const int32_t *truth, const int32_t *predicted, size_t n, class_count **out,
                          size_t *n_classes, plx_err *err)
{
    class_count *classes = plx_realloc_array(NULL, n, 2 * sizeof *classes);
    if (!classes) {
        return plx_fail_nomem(err, n * 2 * sizeof *classes);
    }
    for (size_t i = 0; i < n; i++) {
        classes[2 * i] = (class_count){.id = truth[i]};
        classes[2 * i + 1] = (class_count){.id = predicted[i]};
    }
    qsort(classes, 2 * n, sizeof *classes, by_id);
    size_t m = 0;
    for (size_t i = 0; i < 2 * n; i++) {
        if (m == 0 || classes[m - 1].id != classes[i].id) {
            classes[m++] = classes[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        size_t t = find(classes, m, truth[i]);
        size_t p = find(classes, m, predicted[i]);
        classes[t].truth++;
        classes[p].predicted++;
        classes[t].hits += t == p;
    }
    *out = classes;
    *n_classes = m;
    return true;
}

bool plx_accuracy(const int32_t *truth, const int32_t *predicted, size_t n, plx_metric_value *out, plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    if (!need_rows(n, err)) {
        return false;
    }
    size_t hits = 0;
    for (size_t i = 0; i < n; i++) {
        hits += truth[i] == predicted[i];
    }
    out->value = (double)hits / (double)n;
    return true;
}

/* Mean of what `of` says of each class; those it says NaN of are left out and counted. */
static bool mean_over_classes(const class_count *classes, size_t n, double (*of)(const class_count *c), double *mean,
                              size_t *left_out, plx_err *err)
{
    double *values = plx_realloc_array(NULL, n, sizeof *values);
    if (!values) {
        return plx_fail_nomem(err, n * sizeof *values);
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        double value = of(&classes[i]);
        if (!isnan(value)) {
            values[m++] = value;
        }
    }
    *mean = plx_sum_f64(values, m) / (double)m;
    *left_out = n - m;
    plx_free(values);
    return true;
}

static double recall(const class_count *c)
{
    return c->truth ? (double)c->hits / (double)c->truth : (double)NAN;
}

static double f1(const class_count *c)
{
    return 2.0 * (double)c->hits / ((double)c->truth + (double)c->predicted);
}

static double f1_of_truth(const class_count *c)
{
    return c->truth ? f1(c) : (double)NAN;
}

bool plx_balanced_accuracy(const int32_t *truth, const int32_t *predicted, size_t n, plx_metric_value *out,
                           plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    class_count *classes = NULL;
    size_t n_classes = 0;
    size_t left_out = 0;
    bool ok = need_rows(n, err) && count_classes(truth, predicted, n, &classes, &n_classes, err) &&
              mean_over_classes(classes, n_classes, recall, &out->value, &left_out, err);
    if (ok && left_out) {
        out->remark = "classes were predicted that the truth lacks; they have no recall and do not count";
    }
    plx_free(classes);
    return ok;
}

bool plx_macro_f1(const int32_t *truth, const int32_t *predicted, size_t n, bool strict, plx_metric_value *out,
                  plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    class_count *classes = NULL;
    size_t n_classes = 0;
    size_t left_out = 0;
    bool ok = need_rows(n, err) && count_classes(truth, predicted, n, &classes, &n_classes, err) &&
              mean_over_classes(classes, n_classes, strict ? f1_of_truth : f1, &out->value, &left_out, err);
    bool foreign = false;
    for (size_t i = 0; ok && i < n_classes; i++) {
        foreign = foreign || classes[i].truth == 0;
    }
    if (foreign) {
        out->remark = strict ? "classes were predicted that the truth lacks; they are no part of the mean"
                             : "classes were predicted that the truth lacks; each adds an F1 of 0 to the mean";
    }
    plx_free(classes);
    return ok;
}
