/* SPDX-License-Identifier: Apache-2.0
 *
 * task:fisbe-instances without a store: its units are those of the benchmark's list, sets are known by them, and scores
 * that went through cells pool to the same digits.
 */
#include "benchmarks/kernels/iscore_pool.h"
#include "benchmarks/label_samples.h"
#include "benchmarks/label_truth.h"
#include "support/label_volume.h"

#include <math.h>

static const plx_task *task;
static plx_arena *arena;

static void setup(void)
{
    task = plx_task_find("fisbe-instances");
    arena = plx_arena_new(0);
    ck_assert(task && arena);
}

static void teardown(void)
{
    plx_arena_free(arena);
}

static const char *const *units_of(const char *split, size_t *n)
{
    const char *const *units = NULL;
    plx_err err = {0};
    ck_assert_msg(task->split_units(split, arena, &units, n, &err), "%s", plx_test_err(&err));
    return units;
}

static plx_task_whole whole_of(const char *const *units, size_t n)
{
    plx_task_whole out;
    plx_err err = {0};
    ck_assert_msg(task->whole(units, n, arena, &out, &err), "%s", plx_test_err(&err));
    return out;
}

START_TEST(splits)
{
    static const struct {
        const char *name;
        size_t n;
    } lists[] = {{"train", 61}, {"val", 17}, {"test", 23}};
    for (size_t i = 0; i < 3; i++) {
        size_t n;
        const char *const *units = units_of(lists[i].name, &n);
        ck_assert_uint_eq(n, lists[i].n);
        plx_task_whole w = whole_of(units, n);
        ck_assert(w.set && strncmp(w.set, "combined", 8) == 0 && w.n == n && w.n_of == n);
    }
    plx_err err = {0};
    const char *const *units;
    size_t n;
    ck_assert(!task->split_units("nothing", arena, &units, &n, &err) && err.code == PLX_E_ARG);
}
END_TEST

START_TEST(sets)
{
    size_t n;
    const char *const *units = units_of("test", &n);
    plx_task_whole w = whole_of(units, 7);
    ck_assert_str_eq(w.set, "completely");
    ck_assert(w.n == 7 && w.n_of == 7);
    w = whole_of(units + 7, 16);
    ck_assert_str_eq(w.set, "partly");
    ck_assert(w.n_of == 16);
    w = whole_of(units + 1, 22);
    ck_assert_str_eq(w.set, "combined");
    ck_assert(w.n == 22 && w.n_of == 23);
    w = whole_of(units, 1);
    ck_assert(w.n == 1 && w.n_of == 7);
    static const char *const others[] = {"fisbe/like-8#seed-1", "fisbe/completely"};
    ck_assert_ptr_null(whole_of(others, 1).set);
    ck_assert_ptr_null(whole_of(others, 2).set);
    size_t n_val;
    const char *mixed[] = {units[0], units_of("val", &n_val)[0]};
    ck_assert_ptr_null(whole_of(mixed, 2).set);
}
END_TEST

START_TEST(published)
{
    plx_task_published *rows;
    size_t n, combined = 0;
    ck_assert(task->published(arena, &rows, &n, NULL) && n == 8);
    for (size_t i = 0; i < n; i++) {
        combined += strcmp(rows[i].set, "combined") == 0;
        ck_assert(rows[i].scores[0] > 0 && rows[i].source[0]);
    }
    ck_assert_uint_eq(combined, 4);
}
END_TEST

enum { IMAGES = 4 };

/* Rods, of which each image's prediction has a part, and in the last also something else. */
static void score_image(size_t i, plx_iscore *out, plx_iscore_options *o)
{
    static const size_t shape[3] = {30, 30, 30};
    plx_array t = label_volume(PLX_U8, 2, 3, shape), p = label_volume(PLX_U8, 2, 3, shape);
    plx_err err = {0};
    paint_box(&t, (const long[8]){0, 14, 17, 14, 17, 5, 25, 1});
    paint_box(&t, (const long[8]){1, 14, 17, 5, 25, 14, 17, 2});
    paint_box(&p, (const long[8]){0, 14, 17, 14, 17, 5, 12 + 4 * (long)i, 1});
    paint_box(&p, (const long[8]){1, 2, 5, 2, 5, 5, 5 + 6 * (long)i, 2});
    *o = plx_iscore_fisbe();
    o->small = 0;
    o->partly = i % 2 == 1;
    ck_assert_msg(score_volumes(&t, &p, o, arena, out, &err), "%s", plx_test_err(&err));
}

START_TEST(pooling)
{
    static const char *const names[IMAGES] = {"a2", "a10", "b", "c"};
    plx_iscore scores[IMAGES];
    const plx_iscore *of_set[2][IMAGES];
    size_t n[2] = {0};
    const plx_value *detail[IMAGES];
    plx_ipool pool;
    double value[PLX_TASK_METRICS_MAX];
    plx_err err = {0};
    for (size_t i = 0; i < IMAGES; i++) {
        plx_iscore_options o;
        plx_label_scored one = {0};
        plx_cell_scores cell;
        const plx_label_truth truth = {.name = names[i], .split = "", .partly = i % 2 == 1};
        score_image(i, &scores[i], &o);
        of_set[truth.partly][n[truth.partly]++] = &scores[i];
        one.score = scores[i];
        ck_assert(plx_label_cell_scores(&truth, &one, &o, task->metrics, arena, &cell, &err));
        ck_assert(cell.n == 7 && cell.value[0] == scores[i].s);
        detail[IMAGES - 1 - i] = cell.detail; /* in any order */
    }
    ck_assert(plx_ipool_combine(of_set[0], n[0], of_set[1], n[1], &pool, &err));
    ck_assert_msg(task->pool(detail, IMAGES, value, &err), "%s", plx_test_err(&err));
    const double expected[] = {pool.s,      pool.f19,        pool.coverage,  pool.tp_score,
                               pool.tp_rel, (double)pool.fs, (double)pool.fm};
    for (size_t k = 0; k < 7; k++) {
        ck_assert_msg(value[k] == expected[k], "%s: %.17g, not %.17g", task->metrics[k].label, value[k], expected[k]);
    }
    ck_assert(pool.s > 0 && pool.s < 1);
    /* One cell that is not there, or on which the reference raises: no score. */
    detail[1] = NULL;
    ck_assert(task->pool(detail, IMAGES, value, &err) && isnan(value[0]) && isnan(value[6]));
    ck_assert(task->pool(detail, 0, value, &err) && isnan(value[0]));
}
END_TEST

START_TEST(raised)
{
    const plx_label_truth truth = {.name = "a", .split = "test"};
    plx_label_scored one = {.score = {.reference_error = "ValueError", .reference_error_text = "empty"}};
    plx_iscore_options o = plx_iscore_fisbe();
    plx_cell_scores cell;
    plx_err err = {0};
    double value[PLX_TASK_METRICS_MAX];
    ck_assert(plx_label_cell_scores(&truth, &one, &o, task->metrics, arena, &cell, &err));
    ck_assert(isnan(cell.value[0]) && strstr(cell.reason[0], "ValueError"));
    ck_assert(task->pool(&cell.detail, 1, value, &err) && isnan(value[0]));
}
END_TEST

START_TEST(failing_allocations)
{
    size_t n;
    const char *const *units = units_of("test", &n);
    for (size_t k = 0;; k++) {
        plx_arena *a = plx_arena_new(0);
        const char *const *list;
        size_t n_list;
        plx_task_whole w;
        plx_task_published *rows;
        plx_err err = {0};
        ck_assert_ptr_nonnull(a);
        plx_test_alloc_fail_at(k);
        bool ok = task->split_units("test", a, &list, &n_list, &err) && task->whole(units, n, a, &w, &err) &&
                  task->published(a, &rows, &n_list, &err);
        (void)plx_test_alloc_ok();
        plx_arena_free(a);
        ck_assert(ok || err.code == PLX_E_NOMEM);
        if (ok) {
            ck_assert_uint_gt(k, 0);
            break;
        }
    }
}
END_TEST

Suite *fisbe_task_suite(void)
{
    Suite *s = suite_create("fisbe_task");
    TCase *c = tcase_create("fisbe_task");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, splits);
    tcase_add_test(c, sets);
    tcase_add_test(c, published);
    tcase_add_test(c, pooling);
    tcase_add_test(c, raised);
    tcase_add_test(c, failing_allocations);
    suite_add_tcase(s, c);
    return s;
}
