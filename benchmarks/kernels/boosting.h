/* SPDX-License-Identifier: Apache-2.0
 *
 * Gradient boosting of histogram trees for two classes.
 */
#ifndef PLX_KERNELS_BOOSTING_H
#define PLX_KERNELS_BOOSTING_H

#include "core/arena.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct plx_boosting_opts {
    size_t trees;      /* 100 */
    size_t leaves;     /* 31: most leaves of a tree */
    size_t least_rows; /* 20: rows a leaf must hold */
    size_t bins;       /* 2 .. 255 */
    double rate;       /* 0.1: what a tree's values are multiplied by */
    double l2;         /* 0: added to the sum of second derivatives */
} plx_boosting_opts;

typedef struct plx_boosting_node {
    double value;                  /* of a leaf, in log odds */
    double threshold;              /* left when x <= threshold */
    uint32_t feature, left, right; /* left 0: a leaf */
} plx_boosting_node;

typedef struct plx_boosting {
    double baseline; /* log odds of the whole */
    size_t n_trees, n_nodes;
    plx_boosting_node *node; /* all trees */
    uint32_t *root;          /* [n_trees] */
} plx_boosting;

/* Fit to x[n * d] (C order, finite) and label[n], 0 or 1. Best-first trees on first and second derivatives of the log
 * loss, kept in single precision as scikit-learn keeps them; equal gains go to the lower feature and bin.
 * source: sklearn.ensemble.HistGradientBoostingClassifier(early_stopping=False) 1.9.1; Ke et al. 2017 (LightGBM), Chen
 * and Guestrin 2016 doi:10.1145/2939672.2939785 eq. 5 and 7. errors: ARG for one class only or options out of range,
 * NOMEM. owner: the arena. cost: trees * rows * features * depth. */
bool plx_boosting_fit(plx_arena *arena, const double *x, const int32_t *label, size_t n, size_t d,
                      const plx_boosting_opts *opts, plx_boosting *out, plx_err *err);

/* Log odds of class 1 for one row of features. */
double plx_boosting_raw(const plx_boosting *model, const double *x);

#endif
