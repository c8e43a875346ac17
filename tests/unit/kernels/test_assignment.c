/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels/assignment: greedy ties, and the assignment SciPy returns, ties included (tests/golden/make_iscore.py).
 */
#include "benchmarks/kernels/assignment.h"
#include "core/alloc.h"
#include "support/golden_input.h"

#include <check.h>

/* Pairs of the answer are in order of rows, as SciPy lists them. */
static void check_row(const golden *g)
{
    uint64_t seed = strtoull(g->field[1], NULL, 10);
    size_t rows = (size_t)atoi(g->field[2]), columns = (size_t)atoi(g->field[3]);
    double levels = atof(g->field[4]);
    double *cost = calloc(rows * columns, sizeof *cost);
    int64_t *column_of = calloc(rows, sizeof *column_of);
    for (size_t i = 0; i < rows * columns; i++) {
        double u = golden_uniform(seed, 0, i);
        cost[i] = levels > 0 ? floor(u * levels) / levels : u;
    }
    ck_assert(plx_assign_least_cost(cost, rows, columns, column_of, NULL));
    const char *r = g->field[5], *c = g->field[6];
    for (size_t i = 0; i < rows; i++) {
        char *end;
        bool expected = *r && strtoul(r, &end, 10) == i;
        ck_assert(expected == (column_of[i] != PLX_UNASSIGNED));
        if (expected) {
            r = *end ? end + 1 : end;
            ck_assert_msg(column_of[i] == (int64_t)strtoul(c, &end, 10), "row %zu of case %s", i, g->field[1]);
            c = *end ? end + 1 : end;
        }
    }
    ck_assert_str_eq(r, "");
    free(cost);
    free(column_of);
}

START_TEST(as_scipy)
{
    golden g = golden_open("thin.tsv");
    size_t n = 0;
    for (; golden_next(&g, "assign"); n++) {
        check_row(&g);
    }
    ck_assert_uint_eq(n, 45);
}
END_TEST

START_TEST(bad_costs)
{
    plx_err err;
    int64_t column_of[2];
    const double nan_cost[4] = {0, 1, (double)NAN, 2}, minus[4] = {0, -(double)INFINITY, 1, 1},
                 none[4] = {(double)INFINITY, (double)INFINITY, 1, 1}, way[4] = {(double)INFINITY, 1, 2, 3};
    plx_err_clear(&err);
    ck_assert(!plx_assign_least_cost(nan_cost, 2, 2, column_of, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert(!plx_assign_least_cost(minus, 2, 2, column_of, &err));
    ck_assert(!plx_assign_least_cost(none, 2, 2, column_of, &err));
    ck_assert(plx_assign_least_cost(way, 2, 2, column_of, &err));
    ck_assert_int_eq(column_of[0], 1);
    ck_assert_int_eq(column_of[1], 0);
}
END_TEST

START_TEST(greedy)
{
    /* Equal scores: lower row first, then lower column; the threshold itself does not count. */
    const float score[12] = {.5f, .9f, .9f, 0, .9f, .9f, .2f, 0, .1f, .5f, .3f, 0};
    size_t pairs[6], n;
    ck_assert(plx_assign_greedy(score, 3, 3, 4, .3f, pairs, &n, NULL));
    ck_assert_uint_eq(n, 2);
    ck_assert(pairs[0] == 0 && pairs[1] == 1 && pairs[2] == 1 && pairs[3] == 0);
    ck_assert(plx_assign_greedy(score, 3, 3, 4, .29f, pairs, &n, NULL));
    ck_assert_uint_eq(n, 3);
    ck_assert(pairs[4] == 2 && pairs[5] == 2);
    ck_assert(plx_assign_greedy(score, 0, 3, 4, 0, pairs, &n, NULL));
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(memory_runs_out)
{
    const double cost[6] = {1, 2, 3, 3, 2, 1};
    const float score[6] = {1, 2, 3, 3, 2, 1};
    int64_t column_of[3];
    size_t pairs[4], n;
    plx_err err;
    plx_err_clear(&err);
    for (size_t k = 0;; k++) {
        plx_test_alloc_fail_at(k);
        bool least = plx_assign_least_cost(cost, 2, 3, column_of, &err);
        plx_test_alloc_ok();
        plx_test_alloc_fail_at(k);
        bool greedy_ok = plx_assign_greedy(score, 2, 3, 3, 0, pairs, &n, &err);
        plx_test_alloc_ok();
        if (least && greedy_ok) {
            ck_assert_uint_ge(k, 9);
            break;
        }
        ck_assert_int_eq(err.code, PLX_E_NOMEM);
    }
}
END_TEST

Suite *assignment_suite(void)
{
    Suite *s = suite_create("assignment");
    TCase *c = tcase_create("assignment");
    tcase_add_test(c, as_scipy);
    tcase_add_test(c, bad_costs);
    tcase_add_test(c, greedy);
    tcase_add_test(c, memory_runs_out);
    suite_add_tcase(s, c);
    return s;
}
