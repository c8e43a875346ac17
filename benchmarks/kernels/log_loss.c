/* SPDX-License-Identifier: Apache-2.0
 *
 * Log loss. In single precision scikit-learn computes all of it in single precision, so that is done here too.
 */
#include "benchmarks/kernels/classes.h"

#include "benchmarks/kernels/sum.h"

#include "core/alloc.h"
#include "core/fixed_math.h"

#include <float.h>
#include <math.h>

static bool check_row(const int32_t *truth, const plx_numbers *p, size_t i, size_t k, plx_err *err)
{
    for (size_t c = 0; c < k; c++) {
        double x = plx_number_at(p, i * k + c);
        if (!(x >= 0.0 && x <= 1.0)) {
            plx_fail(err, PLX_E_FORMAT, "row %zu gives class %zu a probability of %g", i, c, x);
            return plx_err_why(err, "probabilities are between 0 and 1 (scikit-learn: ValueError)");
        }
    }
    if (truth[i] < 0 || (size_t)truth[i] >= k) {
        return plx_fail(err, PLX_E_FORMAT, "row %zu is of class %d, and there are classes 0 to %zu", i, truth[i],
                        k - 1);
    }
    return true;
}

static double row_sum(const plx_numbers *p, size_t i, size_t k)
{
    return p->f64 ? plx_sum_f64(p->f64 + i * k, k) : (double)plx_sum_f32(p->f32 + i * k, k);
}

/* Losses of all rows. */
static void losses_f64(const int32_t *truth, const plx_numbers *p, size_t n, size_t k, bool strict, double *losses)
{
    for (size_t i = 0; i < n; i++) {
        double x = plx_number_at(p, i * k + (size_t)truth[i]);
        x = x < DBL_EPSILON ? DBL_EPSILON : x > 1.0 - DBL_EPSILON ? 1.0 - DBL_EPSILON : x;
        losses[i] = -(strict ? plx_fixed_log(x) : log(x));
    }
}

static void losses_f32(const int32_t *truth, const plx_numbers *p, size_t n, size_t k, float *losses)
{
    for (size_t i = 0; i < n; i++) {
        float x = p->f32[i * k + (size_t)truth[i]];
        x = x < FLT_EPSILON ? FLT_EPSILON : x > 1.0f - FLT_EPSILON ? 1.0f - FLT_EPSILON : x;
        losses[i] = -logf(x);
    }
}

bool plx_log_loss(const int32_t *truth, const plx_numbers *p, size_t n, size_t k, bool strict, plx_metric_value *out,
                  plx_err *err)
{
    *out = (plx_metric_value){.value = (double)NAN};
    if (n == 0 || k < 2 || p->n != n * k) {
        return plx_fail(err, PLX_E_ARG, "log loss needs at least one row and two classes; got %zu rows of %zu classes",
                        n, k);
    }
    double tolerance = strict ? 1e-6 : 1e-8 + sqrt(p->f64 ? DBL_EPSILON : (double)FLT_EPSILON);
    bool sums = true;
    for (size_t i = 0; i < n; i++) {
        if (!check_row(truth, p, i, k, err)) {
            return false;
        }
        double sum = row_sum(p, i, k);
        bool off = fabs(sum - 1.0) > tolerance;
        sums = sums && !off;
        if (strict && off) {
            return plx_fail(err, PLX_E_FORMAT, "the probabilities of row %zu add up to %g, not 1", i, sum);
        }
    }
    double *losses = plx_realloc_array(NULL, n, sizeof *losses);
    if (!losses) {
        return plx_fail_nomem(err, n * sizeof *losses);
    }
    if (p->f64 || strict) {
        losses_f64(truth, p, n, k, strict, losses);
        out->value = plx_sum_f64(losses, n) / (double)n;
    } else {
        float *single = (float *)(void *)losses;
        losses_f32(truth, p, n, k, single);
        out->value = (double)(plx_sum_f32(single, n) / (float)n);
    }
    plx_free(losses);
    if (!sums) {
        out->remark = "rows do not add up to 1; scikit-learn warns and goes on";
    }
    return true;
}
