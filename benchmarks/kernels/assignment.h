/* SPDX-License-Identifier: Apache-2.0
 *
 * One-to-one assignment of rows to columns, with ties settled as NumPy and SciPy settle them.
 */
#ifndef PLX_KERNELS_ASSIGNMENT_H
#define PLX_KERNELS_ASSIGNMENT_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { PLX_UNASSIGNED = -1 };

/* Pairs by falling score as long as both are free: of equal scores the lower row, then the lower column. Only scores
 * above `threshold` count. score: [n_rows * stride], the columns used are 0 .. n_columns. pairs: [2 * min(n_rows,
 * n_columns)], row and column of each accepted pair in the order of acceptance. errors: NOMEM. */
bool plx_assign_greedy(const float *score, size_t n_rows, size_t n_columns, size_t stride, float threshold,
                       size_t *pairs, size_t *n_pairs, plx_err *err);

/* Assignment of least total cost of a rectangular matrix; every row or every column gets a partner. column_of:
 * [n_rows], PLX_UNASSIGNED for rows without one. Among assignments of equal cost the one
 * scipy.optimize.linear_sum_assignment (1.4 to 1.17) returns: shortest augmenting paths, columns scanned from the last,
 * a free column preferred on a tie. source: Crouse 2016, doi:10.1109/TAES.2016.140952. cost: O(n^3). errors: FORMAT for
 * NaN or -inf costs or when no assignment of finite cost exists; NOMEM. */
bool plx_assign_least_cost(const double *cost, size_t n_rows, size_t n_columns, int64_t *column_of, plx_err *err);

#endif
