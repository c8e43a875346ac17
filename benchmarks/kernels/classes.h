/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores of predicted classes against true ones. Classes are any numbers; which are there is read off the data, as
 * scikit-learn does it. `reference` is scikit-learn 1.9.1 to the last bit.
 */
#ifndef PLX_KERNELS_CLASSES_H
#define PLX_KERNELS_CLASSES_H

#include "benchmarks/kernels/roc.h"

/* Share of rows whose classes agree. source: sklearn.metrics.accuracy_score. errors: ARG when there is no row. */
bool plx_accuracy(const int32_t *truth, const int32_t *predicted, size_t n, plx_metric_value *out, plx_err *err);

/* Mean recall over the classes that the truth holds; a class that is only predicted does not count, and is remarked.
 * source: sklearn.metrics.balanced_accuracy_score. errors: ARG when there is no row; NOMEM. */
bool plx_balanced_accuracy(const int32_t *truth, const int32_t *predicted, size_t n, plx_metric_value *out,
                           plx_err *err);

/* Mean over classes of F1 = 2 TP / (2 TP + FP + FN).
 * reference: over every class that is true or predicted somewhere, as sklearn.metrics.f1_score(average='macro') has it,
 * so that a single wrong guess of a class that the truth lacks adds a 0 to the mean. strict: over the classes of the
 * truth. errors: ARG when there is no row; NOMEM. */
bool plx_macro_f1(const int32_t *truth, const int32_t *predicted, size_t n, bool strict, plx_metric_value *out,
                  plx_err *err);

/* Mean negative natural logarithm of the probability given to the true class, probabilities clipped to
 * [eps, 1 - eps] of their precision. shape: p[n * k], rows of k >= 2 classes; truth[n] in 0 .. k - 1.
 * reference: sklearn.metrics.log_loss(labels=range(k)): rows are not scaled to 1, only remarked; the logarithm is the C
 * library's, from which NumPy's may differ in the last bit. strict: rows whose sum is off by more than 1e-6 are
 * refused, single precision is widened first, and the logarithm is core/fixed_math's, equal on every machine. errors:
 * ARG for no row, fewer than two classes, a class out of range, a probability outside 0 .. 1 or NaN; NOMEM. */
bool plx_log_loss(const int32_t *truth, const plx_numbers *p, size_t n, size_t k, bool strict, plx_metric_value *out,
                  plx_err *err);

#endif
