/* SPDX-License-Identifier: Apache-2.0
 *
 * Curves over a falling threshold: ROC-AUC and average precision of scores against labels.
 * `reference` is scikit-learn 1.9.1 to the last bit, what it makes of odd input included; `strict` says in its doc what
 * it does otherwise. Neither depends on the order of the input.
 */
#ifndef PLX_KERNELS_ROC_H
#define PLX_KERNELS_ROC_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* n scores in one precision or the other: exactly one pointer is set. */
typedef struct plx_numbers {
    const double *f64;
    const float *f32;
    size_t n;
} plx_numbers;
static inline double plx_number_at(const plx_numbers *scores, size_t i)
{
    return scores->f64 ? scores->f64[i] : (double)scores->f32[i];
}

/* A metric's value and, where it is not plain, one sentence about it ("only one class"); NULL when there is none. */
typedef struct plx_metric_value {
    double value;
    const char *remark;
} plx_metric_value;

/* Those at or above one of the distinct scores, from the highest score down. */
typedef struct plx_roc_point {
    uint32_t tp, fp;
} plx_roc_point;
typedef struct plx_roc {
    plx_roc_point *point; /* owner: plx_roc_free */
    size_t n;             /* distinct scores */
} plx_roc;
/* Points of the curve. labels: 0 negative, anything else positive. errors: ARG for NaN or infinity among the scores
 * (scikit-learn raises ValueError), LIMIT from 2^32 scores on, NOMEM. cost: sorts with 16 bytes a score (8 in single
 * precision). */
bool plx_roc_curve(const plx_numbers *scores, const uint8_t *labels, plx_roc *out, plx_err *err);
void plx_roc_free(plx_roc *roc);

/* Area under the ROC curve; a positive and a negative with equal scores count half. NaN when only one class is there.
 * reference: trapezoids over the points where the curve bends, as sklearn.metrics.roc_auc_score adds them. strict: the
 * Mann-Whitney count (2 greater + ties) / (2 P N) in whole numbers, divided once.
 * errors: ARG for NaN, infinity, or no score at all. */
bool plx_roc_auc(const plx_numbers *scores, const uint8_t *labels, bool strict, plx_metric_value *out, plx_err *err);

/* Average precision: precision at each distinct score, weighted by the step of recall; no interpolation.
 * reference: sklearn.metrics.average_precision_score, which is 0 when there is no positive. strict: NaN then.
 * errors: as for plx_roc_auc. */
bool plx_average_precision(const plx_numbers *scores, const uint8_t *labels, bool strict, plx_metric_value *out,
                           plx_err *err);

#endif
