/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics at the edges: NaN and infinity, what strict mends, ties with the threshold, memory that runs out; and radix
 * order against a plain sort.
 */
#include "benchmarks/kernels/classes.h"
#include "benchmarks/kernels/radix.h"
#include "benchmarks/kernels/rank_corr.h"
#include "benchmarks/kernels/ranking.h"

#include "core/alloc.h"
#include "support/golden_input.h"

#include <check.h>
#include <float.h>

#define NUMBERS(...)                                                                                                   \
    (plx_numbers)                                                                                                      \
    {                                                                                                                  \
        (const double[]){__VA_ARGS__}, NULL, sizeof((const double[]){__VA_ARGS__}) / sizeof(double)                    \
    }
#define LABELS(...) ((const uint8_t[]){__VA_ARGS__})

START_TEST(keys_order_as_numbers)
{
    static const double x[] = {-INFINITY, -DBL_MAX, -1.5, -DBL_MIN, -5e-324, 0.0,
                               5e-324,    DBL_MIN,  1.5,  DBL_MAX,  INFINITY};
    size_t n = sizeof x / sizeof x[0];
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            ck_assert_int_eq(plx_radix_key_f64(x[i]) < plx_radix_key_f64(x[j]), x[i] < x[j]);
            float a = (float)x[i], b = (float)x[j];
            ck_assert_int_eq(plx_radix_key_f32(a) < plx_radix_key_f32(b), a < b);
        }
        ck_assert_double_eq(plx_radix_f64(plx_radix_key_f64(x[i])), x[i]);
    }
    ck_assert_uint_eq(plx_radix_key_f64(-0.0), plx_radix_key_f64(0.0));
    ck_assert_uint_eq(plx_radix_key_f32(-0.0f), plx_radix_key_f32(0.0f));
}
END_TEST

static int ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

START_TEST(radix_sorts)
{
    enum { MOST = 5000 };
    static uint64_t keys[MOST], expected[MOST], spare[MOST];
    static uint32_t half[MOST], half_spare[MOST];
    static const size_t sizes[] = {0, 1, 2, 63, 64, 65, 1000, MOST};
    static const uint64_t masks[] = {0, 1, 0x7FF, 0xFFFFFFFF, 0xFFE0000000000000, UINT64_MAX};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
            size_t n = sizes[s];
            for (size_t i = 0; i < n; i++) {
                double u = golden_uniform(s, m, i);
                memcpy(&keys[i], &u, sizeof u);
                keys[i] = (keys[i] * UINT64_C(0x9E3779B97F4A7C15)) & masks[m];
                half[i] = (uint32_t)(keys[i] >> (m == 4 ? 32 : 0));
            }
            memcpy(expected, keys, n * sizeof *keys);
            qsort(expected, n, sizeof *expected, ascending);
            plx_radix_sort_u64(keys, spare, n);
            ck_assert(n == 0 || memcmp(keys, expected, n * sizeof *keys) == 0);
            plx_radix_sort_u32(half, half_spare, n);
            for (size_t i = 1; i < n; i++) {
                ck_assert(half[i - 1] <= half[i]);
            }
        }
    }
}
END_TEST

START_TEST(refusals)
{
    plx_err err = {0};
    plx_metric_value v;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        plx_numbers wide = NUMBERS(0.5, bad[i], 0.25);
        const float narrow[] = {0.5f, (float)bad[i], 0.25f};
        plx_numbers single = {NULL, narrow, 3};
        ck_assert(!plx_roc_auc(&wide, LABELS(1, 0, 1), false, &v, &err));
        ck_assert_int_eq(err.code, PLX_E_FORMAT);
        ck_assert(strstr(err.what, "score 1 is") != NULL);
        ck_assert(!plx_average_precision(&single, LABELS(1, 0, 1), true, &v, &err));
        ck_assert_int_eq(err.code, PLX_E_FORMAT);
    }
    plx_numbers two = NUMBERS(0.5, 0.25), three = NUMBERS(1, 2, 3), none = {two.f64, NULL, 0};
    ck_assert(!plx_hits_at(&two, &two, 0, false, &v, &err));
    ck_assert(!plx_hits_at(&none, &two, 1, false, &v, &err));
    ck_assert(!plx_spearman(&two, &three, &v, &err));
    ck_assert(!plx_accuracy(NULL, NULL, 0, &v, &err));
    ck_assert(!plx_balanced_accuracy(NULL, NULL, 0, &v, &err));
    ck_assert(!plx_macro_f1(NULL, NULL, 0, false, &v, &err));
    plx_reciprocal_rank r;
    ck_assert(!plx_mean_reciprocal_rank(&none, &two, false, PLX_TIES_MEAN, false, &r, &err));
    ck_assert(!plx_mean_reciprocal_rank(&two, &three, true, PLX_TIES_MEAN, false, &r, &err));
    ck_assert(!plx_mean_reciprocal_rank(&two, &NUMBERS(NAN), false, PLX_TIES_MEAN, false, &r, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    const int32_t one = 1;
    ck_assert(!plx_log_loss(&one, &NUMBERS(1), 1, 1, false, &v, &err));
    ck_assert(!plx_log_loss(&one, &NUMBERS(0.5, 1.5), 1, 2, false, &v, &err));
    ck_assert(!plx_log_loss(&one, &NUMBERS(0.5, NAN), 1, 2, false, &v, &err));
    ck_assert(!plx_log_loss(&(int32_t){2}, &NUMBERS(0.5, 0.5), 1, 2, false, &v, &err));
    ck_assert(!plx_log_loss(&(int32_t){-1}, &NUMBERS(0.5, 0.5), 1, 2, false, &v, &err));
    ck_assert(!plx_log_loss(&one, &NUMBERS(0.5, 0.6), 1, 2, true, &v, &err));
}
END_TEST

START_TEST(ties_and_modes)
{
    plx_err err = {0};
    plx_metric_value v;
    /* A tie with the k-th negative is a miss. */
    plx_numbers pos = NUMBERS(3, 2, 1), neg = NUMBERS(2, 1, 0);
    ck_assert(plx_hits_at(&pos, &neg, 1, false, &v, &err));
    ck_assert_double_eq(v.value, 1.0 / 3.0);
    ck_assert(plx_hits_at(&pos, &neg, 2, false, &v, &err));
    ck_assert_double_eq(v.value, 2.0 / 3.0);
    ck_assert(plx_hits_at(&pos, &neg, 4, false, &v, &err));
    ck_assert(v.value == 1.0 && v.remark);
    ck_assert(plx_hits_at(&pos, &neg, 4, true, &v, &err));
    ck_assert(isnan(v.value) && v.remark);
    /* NaN stands above all, so nothing passes it. */
    plx_numbers odd = NUMBERS(NAN, 1, 0);
    ck_assert(plx_hits_at(&NUMBERS(INFINITY, NAN), &odd, 1, false, &v, &err));
    ck_assert_double_eq(v.value, 0.0);
    ck_assert(plx_hits_at(&NUMBERS(INFINITY, NAN), &odd, 2, false, &v, &err));
    ck_assert_double_eq(v.value, 0.5);
    ck_assert(!plx_hits_at(&pos, &odd, 1, true, &v, &err));
    /* All equal: half of the rank credit, and none for the pessimist. */
    plx_reciprocal_rank r;
    plx_numbers flat = NUMBERS(1, 1, 1, 1);
    ck_assert(plx_mean_reciprocal_rank(&NUMBERS(1), &flat, false, PLX_TIES_MEAN, true, &r, &err));
    ck_assert(r.mean_rank == 3.0 && r.mrr == 1.0 / 3.0 && r.hits1 == 0.0 && r.hits3 == 1.0);
    ck_assert(plx_mean_reciprocal_rank(&NUMBERS(1), &flat, false, PLX_TIES_PESSIMISTIC, true, &r, &err));
    ck_assert(r.mrr == 0.2 && r.hits10 == 1.0);
    ck_assert(plx_mean_reciprocal_rank(&NUMBERS(1), &flat, true, PLX_TIES_OPTIMISTIC, true, &r, &err));
    ck_assert(r.mrr == 1.0);
    /* -0 and 0 tie; no positive is 0 for scikit-learn and undefined for us. */
    ck_assert(plx_roc_auc(&NUMBERS(-0.0, 0.0), LABELS(1, 0), false, &v, &err));
    ck_assert_double_eq(v.value, 0.5);
    ck_assert(plx_average_precision(&NUMBERS(2, 1), LABELS(0, 0), false, &v, &err));
    ck_assert(v.value == 0.0 && v.remark);
    ck_assert(plx_average_precision(&NUMBERS(2, 1), LABELS(0, 0), true, &v, &err));
    ck_assert(isnan(v.value) && v.remark);
    /* A class that the truth lacks: an F1 of 0 in reference, no part of the mean in strict. */
    const int32_t truth[] = {0, 0, 1, 1}, guess[] = {0, 0, 1, 7};
    ck_assert(plx_macro_f1(truth, guess, 4, false, &v, &err));
    ck_assert_double_eq(v.value, (1.0 + 2.0 / 3.0 + 0.0) / 3.0);
    ck_assert_ptr_nonnull(v.remark);
    ck_assert(plx_macro_f1(truth, guess, 4, true, &v, &err));
    ck_assert_double_eq(v.value, (1.0 + 2.0 / 3.0) / 2.0);
    ck_assert(plx_balanced_accuracy(truth, guess, 4, &v, &err));
    ck_assert_double_eq(v.value, 0.75);
    ck_assert_ptr_nonnull(v.remark);
    /* Spearman: reversed, constant, NaN, infinite. */
    ck_assert(plx_spearman(&NUMBERS(1, 2, 3), &NUMBERS(9, 5, -INFINITY), &v, &err));
    ck_assert_double_eq(v.value, -1.0);
    ck_assert(plx_spearman(&NUMBERS(1, 1, 1), &NUMBERS(9, 5, 1), &v, &err));
    ck_assert(isnan(v.value) && v.remark);
    ck_assert(plx_spearman(&NUMBERS(1, NAN, 1), &NUMBERS(9, 5, 1), &v, &err));
    ck_assert(isnan(v.value) && v.remark);
}
END_TEST

static bool once(int which, plx_err *err)
{
    plx_metric_value v;
    plx_reciprocal_rank r;
    const int32_t c[] = {0, 1, 1};
    plx_numbers x = NUMBERS(1, 2, 3), p = NUMBERS(.5, .5, .5, .5, .5, .5);
    switch (which) {
    case 0:
        return plx_roc_auc(&x, LABELS(1, 0, 1), false, &v, err);
    case 1:
        return plx_average_precision(&x, LABELS(1, 0, 1), false, &v, err);
    case 2:
        return plx_hits_at(&x, &x, 1, false, &v, err);
    case 3:
        return plx_mean_reciprocal_rank(&x, &x, false, PLX_TIES_MEAN, false, &r, err);
    case 4:
        return plx_spearman(&x, &x, &v, err);
    case 5:
        return plx_balanced_accuracy(c, c, 3, &v, err);
    case 6:
        return plx_macro_f1(c, c, 3, false, &v, err);
    default:
        return plx_log_loss(c, &p, 3, 2, false, &v, err);
    }
}

START_TEST(memory_runs_out)
{
    size_t failures = 0;
    for (int which = 0; which < 8; which++) {
        for (size_t k = 0;; k++) {
            plx_err err = {0};
            size_t live = plx_alloc_live();
            plx_test_alloc_fail_at(k);
            bool ok = once(which, &err);
            plx_test_alloc_ok();
            ck_assert_uint_eq(plx_alloc_live(), live);
            if (ok) {
                break;
            }
            ck_assert_int_eq(err.code, PLX_E_NOMEM);
            failures++;
        }
    }
    ck_assert_uint_gt(failures, 10);
}
END_TEST

Suite *metrics_edges_suite(void)
{
    Suite *s = suite_create("metrics_edges");
    TCase *tc = tcase_create("metrics_edges");
    tcase_add_test(tc, keys_order_as_numbers);
    tcase_add_test(tc, radix_sorts);
    tcase_add_test(tc, refusals);
    tcase_add_test(tc, ties_and_modes);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(s, tc);
    return s;
}
