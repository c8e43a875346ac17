/* SPDX-License-Identifier: Apache-2.0
 *
 * Least-cost assignment by shortest augmenting paths.
 */
#include "benchmarks/kernels/assignment.h"

#include "core/alloc.h"

#include <math.h>

/* Rows are never more than columns here; the caller turns the matrix. */
typedef struct problem {
    size_t n_rows, n_columns;
    const double *cost;
    size_t row_step, column_step; /* in cost */
    double *row_price, *column_price, *distance;
    int64_t *column_of, *row_of, *came_from; /* came_from: row before a column on its path */
    size_t *waiting;
    bool *row_seen, *column_seen;
} problem;

static bool allocate(problem *p)
{
    p->row_price = plx_alloc_zero(p->n_rows, sizeof *p->row_price);
    p->column_price = plx_alloc_zero(p->n_columns, sizeof *p->column_price);
    p->distance = plx_realloc_array(NULL, p->n_columns, sizeof *p->distance);
    p->column_of = plx_realloc_array(NULL, p->n_rows, sizeof *p->column_of);
    p->row_of = plx_realloc_array(NULL, p->n_columns, sizeof *p->row_of);
    p->came_from = plx_realloc_array(NULL, p->n_columns, sizeof *p->came_from);
    p->waiting = plx_realloc_array(NULL, p->n_columns, sizeof *p->waiting);
    p->row_seen = plx_alloc_zero(p->n_rows, sizeof *p->row_seen);
    p->column_seen = plx_alloc_zero(p->n_columns, sizeof *p->column_seen);
    return p->row_price && p->column_price && p->distance && p->column_of && p->row_of && p->came_from && p->waiting &&
           p->row_seen && p->column_seen;
}

static void release(problem *p)
{
    plx_free(p->row_price);
    plx_free(p->column_price);
    plx_free(p->distance);
    plx_free(p->column_of);
    plx_free(p->row_of);
    plx_free(p->came_from);
    plx_free(p->waiting);
    plx_free(p->row_seen);
    plx_free(p->column_seen);
}

/* Shorten the ways to all waiting columns by row `i`; the index in `waiting` of the nearest. */
static size_t nearest(problem *p, size_t i, size_t n_waiting, double so_far, double *lowest)
{
    size_t best = SIZE_MAX;
    *lowest = (double)INFINITY;
    for (size_t k = 0; k < n_waiting; k++) {
        size_t j = p->waiting[k];
        double d = so_far + p->cost[i * p->row_step + j * p->column_step] - p->row_price[i] - p->column_price[j];
        if (d < p->distance[j]) {
            p->came_from[j] = (int64_t)i;
            p->distance[j] = d;
        }
        if (p->distance[j] < *lowest || (p->distance[j] == *lowest && p->row_of[j] == PLX_UNASSIGNED)) {
            *lowest = p->distance[j];
            best = k;
        }
    }
    return best;
}

/* The free column that is cheapest to reach from `row`; SIZE_MAX when none can be. */
static size_t shortest_path(problem *p, size_t row, double *length)
{
    size_t n_waiting = p->n_columns, i = row;
    for (size_t k = 0; k < n_waiting; k++) {
        p->waiting[k] = n_waiting - k - 1;
        p->distance[k] = (double)INFINITY;
        p->column_seen[k] = false;
    }
    for (size_t k = 0; k < p->n_rows; k++) {
        p->row_seen[k] = false;
    }
    double so_far = 0;
    for (;;) {
        double lowest;
        p->row_seen[i] = true;
        size_t k = nearest(p, i, n_waiting, so_far, &lowest);
        if (k == SIZE_MAX || isinf(lowest)) {
            return SIZE_MAX;
        }
        so_far = lowest;
        size_t j = p->waiting[k];
        p->column_seen[j] = true;
        p->waiting[k] = p->waiting[--n_waiting];
        if (p->row_of[j] == PLX_UNASSIGNED) {
            *length = so_far;
            return j;
        }
        i = (size_t)p->row_of[j];
    }
}

static void update_prices(problem *p, size_t row, double length)
{
    p->row_price[row] += length;
    for (size_t i = 0; i < p->n_rows; i++) {
        if (p->row_seen[i] && i != row) {
            p->row_price[i] += length - p->distance[p->column_of[i]];
        }
    }
    for (size_t j = 0; j < p->n_columns; j++) {
        if (p->column_seen[j]) {
            p->column_price[j] -= length - p->distance[j];
        }
    }
}

static void augment(problem *p, size_t row, size_t column)
{
    for (int64_t j = (int64_t)column;;) {
        int64_t i = p->came_from[j], before = p->column_of[i];
        p->row_of[j] = i;
        p->column_of[i] = j;
        j = before;
        if ((size_t)i == row) {
            return;
        }
    }
}

static bool solve(problem *p, plx_err *err)
{
    for (size_t i = 0; i < p->n_rows; i++) {
        p->column_of[i] = PLX_UNASSIGNED;
    }
    for (size_t j = 0; j < p->n_columns; j++) {
        p->row_of[j] = PLX_UNASSIGNED;
    }
    for (size_t row = 0; row < p->n_rows; row++) {
        double length = 0;
        size_t column = shortest_path(p, row, &length);
        if (column == SIZE_MAX) {
            return plx_fail(err, PLX_E_FORMAT, "no assignment of finite cost exists");
        }
        update_prices(p, row, length);
        augment(p, row, column);
    }
    return true;
}

bool plx_assign_least_cost(const double *cost, size_t n_rows, size_t n_columns, int64_t *column_of, plx_err *err)
{
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        if (isnan(cost[i]) || (isinf(cost[i]) && cost[i] < 0)) {
            return plx_fail(err, PLX_E_FORMAT, "a cost of an assignment is %s", isnan(cost[i]) ? "NaN" : "-inf");
        }
    }
    bool turned = n_columns < n_rows;
    problem p = {.n_rows = turned ? n_columns : n_rows,
                 .n_columns = turned ? n_rows : n_columns,
                 .cost = cost,
                 .row_step = turned ? 1 : n_columns,
                 .column_step = turned ? n_columns : 1};
    bool ok = allocate(&p) ? solve(&p, err) : plx_fail_nomem(err, (n_rows + n_columns) * sizeof(double));
    for (size_t i = 0; ok && i < n_rows; i++) {
        column_of[i] = turned ? p.row_of[i] : p.column_of[i];
    }
    release(&p);
    return ok;
}
