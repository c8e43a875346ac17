/* SPDX-License-Identifier: Apache-2.0
 *
 * Votes of the most similar.
 */
#ifndef PLX_KERNELS_NEAREST_H
#define PLX_KERNELS_NEAREST_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* The k of n with the greatest similarity give it to their class; among equals the earlier goes first. votes[n_classes]
 * are what each class got. source: sklearn.neighbors.KNeighborsClassifier with weights = similarity. errors: NOMEM. */
bool plx_nearest_votes(const double *similarity, const int32_t *label, size_t n, size_t k, size_t n_classes,
                       double *votes, plx_err *err);

#endif
