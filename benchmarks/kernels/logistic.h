/* SPDX-License-Identifier: Apache-2.0
 *
 * Logistic regression over dense features, two classes or more, with an L2 penalty.
 */
#ifndef PLX_KERNELS_LOGISTIC_H
#define PLX_KERNELS_LOGISTIC_H

#include "core/arena.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct plx_logistic {
    size_t n_features, n_classes;
    size_t n_rows;        /* 1 for two classes, else n_classes */
    double *weight;       /* [n_rows * (n_features + 1)], the intercept last */
    double *mean, *scale; /* [n_features] taken off and divided by before */
    size_t n_steps;       /* steps of L-BFGS that were taken */
} plx_logistic;

/* Minimize sum over rows of -ln p(class) + |w|^2 / (2 c), intercepts free, over features that are brought to mean 0 and
 * standard deviation 1 first (a constant feature counts for nothing). x[n * d] in C order, label[n] in 0 .. k - 1.
 * L-BFGS from 0 until no component of the gradient exceeds tolerance * n, or 500 steps. Sums run in a fixed order.
 * source: sklearn.linear_model.LogisticRegression(C=c) after StandardScaler. errors: ARG for k < 2 or a class out of
 * range, NOMEM. owner: the arena. */
bool plx_logistic_fit(plx_arena *arena, const double *x, const int32_t *label, size_t n, size_t d, size_t k, double c,
                      double tolerance, plx_logistic *out, plx_err *err);

/* Probabilities of all classes for one row of features. shape: x[n_features], p[n_classes]. */
void plx_logistic_predict(const plx_logistic *model, const double *x, double *p);

#endif
