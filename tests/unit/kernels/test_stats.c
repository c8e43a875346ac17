/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels/sum and kernels/stats against NumPy 2.4.6 and SciPy 1.17.1 over data any program can make again:
 * x[i] = (7919 i mod 1009) / 1009 - 0.3.
 */
#include "benchmarks/kernels/stats.h"
#include "benchmarks/kernels/sum.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

enum { LONGEST = 100001 };
static double x[LONGEST];

static void fill(void)
{
    for (size_t i = 0; i < LONGEST; i++) {
        x[i] = (double)((i * 7919) % 1009) / 1009.0 - 0.3;
    }
}

static double next_value(void *payload)
{
    const double **at = payload;
    return *(*at)++;
}

/* numpy: sum(x), std(x, ddof=1), sum(float32(x)), mean(x) */
START_TEST(sums_like_numpy)
{
    static const struct {
        size_t n;
        double sum, std;
        float sum32;
        double mean;
    } rows[] = {
        {0, 0x0.0p+0, NAN, 0x0.0p+0F, NAN},
        {1, -0x1.3333333333333p-2, NAN, -0x1.3333340000000p-2F, -0x1.3333333333333p-2},
        {2, 0x1.fca6a41a96e92p-3, 0x1.33240dceacc7cp-1, 0x1.fca6a00000000p-3F, 0x1.fca6a41a96e92p-4},
        {7, 0x1.6e6add8b9847ep-1, 0x1.416b0b92e7abap-2, 0x1.6e6ae00000000p-1F, 0x1.a2c3465664e47p-4},
        {8, 0x1.5aada4c376965p+0, 0x1.6351ce1db636ap-2, 0x1.5aada40000000p+0F, 0x1.5aada4c376965p-3},
        {9, 0x1.d75448de0d7f7p+0, 0x1.5d9ba257ae2b8p-2, 0x1.d754480000000p+0F, 0x1.a2f5961ab6aa3p-3},
        {127, 0x1.9aa85dc60d179p+4, 0x1.2b5ae6f680e0ep-2, 0x1.9aa85e0000000p+4F, 0x1.9de42612317a8p-3},
        {128, 0x1.a1bc1afed5394p+4, 0x1.2af74312ebff7p-2, 0x1.a1bc1c0000000p+4F, 0x1.a1bc1afed5394p-3},
        {129, 0x1.a662bf196c226p+4, 0x1.29e5f9ab9c302p-2, 0x1.a662c00000000p+4F, 0x1.a31c860d517f6p-3},
        {255, 0x1.9654bdc7acc80p+5, 0x1.286c2c92115a9p-2, 0x1.9654be0000000p+5F, 0x1.97ecaa721ee6ep-3},
        {256, 0x1.969854d7c2b3cp+5, 0x1.280828dc0754cp-2, 0x1.9698560000000p+5F, 0x1.969854d7c2b3cp-3},
        {257, 0x1.95a55f58c0034p+5, 0x1.282599f587f77p-2, 0x1.95a5600000000p+5F, 0x1.94114e0ab54dfp-3},
        {1000, 0x1.905a52b62b21cp+7, 0x1.27d6a365e40f4p-2, 0x1.905a540000000p+7F, 0x1.99f61741b5621p-3},
        {10000, 0x1.f3036cd82a9fdp+10, 0x1.27a67a9adcd2cp-2, 0x1.f3036c0000000p+10F, 0x1.98cab0d1da025p-3},
        {100001, 0x1.37be95ff4a22dp+14, 0x1.279ae88e6bf7ap-2, 0x1.37be960000000p+14F, 0x1.989b0ad28effdp-3},
    };
    static float single[LONGEST];
    fill();
    for (size_t i = 0; i < LONGEST; i++) {
        single[i] = (float)x[i];
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = rows[i].n;
        double std;
        plx_err err = {0};
        ck_assert_double_eq(plx_sum_f64(x, n), rows[i].sum);
        const double *at = x;
        ck_assert_double_eq(plx_sum_stream(n, next_value, &at), rows[i].sum);
        ck_assert_ptr_eq(at, x + n);
        ck_assert_msg(plx_sum_f32(single, n) == rows[i].sum32, "float32, n = %zu", n);
        ck_assert_msg(plx_stats_std(x, n, &std, &err), "%s", plx_test_err(&err));
        if (isnan(rows[i].std)) {
            ck_assert(isnan(std));
        } else {
            ck_assert_msg(std == rows[i].std, "std of %zu: %a", n, std);
        }
        ck_assert(n ? plx_stats_mean(x, n) == rows[i].mean : isnan(plx_stats_mean(x, n)));
    }
    const double zeros[2] = {-0.0, -0.0};
    ck_assert(signbit(plx_sum_f64(zeros, 2)));
}
END_TEST

/* scipy.stats.permutation_test((d,), sum, permutation_type='samples', n_resamples=inf) */
START_TEST(sign_flips)
{
    static const struct {
        size_t n;
        double p;
    } rows[] = {{1, 1.0}, {2, 1.0}, {5, 0.1875}, {10, 0.01953125}};
    plx_err err = {0};
    double p;
    bool exact;
    fill();
    for (size_t i = 0; i < 10; i++) {
        x[i] += 0.1;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(plx_stats_sign_flip(x, rows[i].n, 99, 1, &p, &exact, &err), "%s", plx_test_err(&err));
        ck_assert(exact);
        ck_assert_double_eq(p, rows[i].p);
    }
    const double same[3] = {0.0, 0.0, 0.0};
    ck_assert(plx_stats_sign_flip(same, 3, 99, 1, &p, &exact, &err));
    ck_assert_double_eq(p, 1.0);
    ck_assert(plx_stats_sign_flip(same, 0, 99, 1, &p, &exact, &err));
    ck_assert(isnan(p));
    const double missing[2] = {1.0, NAN};
    ck_assert(plx_stats_sign_flip(missing, 2, 99, 1, &p, &exact, &err));
    ck_assert(isnan(p));
    /* Random patterns: close to the exact answer, equal for equal seeds, never 0. */
    double d[21], q;
    for (size_t i = 0; i < 21; i++) {
        d[i] = i % 3 ? 1.0 : -1.0;
    }
    ck_assert(plx_stats_sign_flip(d, 21, 100000, 7, &p, &exact, &err));
    ck_assert(!exact);
    ck_assert_double_eq_tol(p, 0.18924713134765625, 0.006); /* 2 P(Bin(21, 1/2) >= 14) */
    ck_assert(plx_stats_sign_flip(d, 21, 100000, 7, &q, &exact, &err));
    ck_assert_double_eq(p, q);
    for (size_t i = 0; i < 21; i++) {
        d[i] = 1.0;
    }
    ck_assert(plx_stats_sign_flip(d, 21, 999, 7, &p, &exact, &err));
    ck_assert_double_eq(p, 0.001);
    ck_assert(!plx_stats_sign_flip(d, ((size_t)1 << 20) + 1, 1, 7, &p, &exact, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

/* scipy.stats.wilcoxon(d, correction=False): method='exact' up to n = 50, 'asymptotic' above */
START_TEST(wilcoxon)
{
    static const struct {
        size_t n;
        double statistic, p;
    } rows[] = {{1, 0.0, 1.0},
                {2, 1.0, 1.0},
                {3, 1.0, 0.5},
                {5, 3.0, 0.3125},
                {10, 9.0, 0.064453125},
                {12, 14.0, 0.05224609375},
                {20, 49.0, 0.03623390197753906},
                {30, 81.0, 0.0012321043759584427},
                {50, 227.0, 3.457260659445183e-05},
                {60, 360.0, 4.394608446499839e-05}};
    static const double ties13[13] = {-2, 3, 2, 1, 0, -0.0, -1, 3, 2, 2, 1, 0, -1};
    plx_err err = {0};
    plx_wilcoxon w;
    fill();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(plx_stats_wilcoxon(x, rows[i].n, &w, &err), "%s", plx_test_err(&err));
        ck_assert_double_eq(w.statistic, rows[i].statistic);
        ck_assert_double_eq_tol(w.p, rows[i].p, 1e-13 * rows[i].p);
        ck_assert_int_eq(w.exact, rows[i].n <= 50);
    }
    ck_assert(plx_stats_wilcoxon(ties13, 13, &w, &err));
    ck_assert_uint_eq(w.n_used, 10);
    ck_assert_double_eq(w.statistic, 11.5);
    ck_assert_double_eq(w.p, 0.12109375);
    for (size_t i = 0; i < 200; i++) {
        x[i] = rint(x[i] * 5);
    }
    ck_assert(plx_stats_wilcoxon(x, 200, &w, &err));
    ck_assert_double_eq(w.statistic, 1680.0);
    ck_assert_double_eq_tol(w.p, 8.0165572555189e-17, 1e-29);
    const double none[2] = {0.0, 0.0};
    ck_assert(plx_stats_wilcoxon(none, 2, &w, &err));
    ck_assert(isnan(w.p) && w.n_used == 0);
    const double missing[2] = {1.0, NAN};
    ck_assert(plx_stats_wilcoxon(missing, 2, &w, &err));
    ck_assert(isnan(w.p));
}
END_TEST

START_TEST(bootstrap)
{
    plx_err err = {0};
    double lo, hi, lo2, hi2;
    fill();
    ck_assert_msg(plx_stats_bootstrap(x, 100, 0.95, 4000, 3, &lo, &hi, &err), "%s", plx_test_err(&err));
    double mean = plx_stats_mean(x, 100), std;
    ck_assert(plx_stats_std(x, 100, &std, &err));
    ck_assert_double_eq_tol(lo, mean - 1.96 * std / 10, 0.01 * std);
    ck_assert_double_eq_tol(hi, mean + 1.96 * std / 10, 0.01 * std);
    ck_assert(plx_stats_bootstrap(x, 100, 0.95, 4000, 3, &lo2, &hi2, &err));
    ck_assert(lo == lo2 && hi == hi2);
    const double one[1] = {0.25};
    ck_assert(plx_stats_bootstrap(one, 1, 0.95, 10, 3, &lo, &hi, &err));
    ck_assert(lo == 0.25 && hi == 0.25);
    ck_assert(plx_stats_bootstrap(one, 0, 0.95, 10, 3, &lo, &hi, &err));
    ck_assert(isnan(lo) && isnan(hi));
    ck_assert(!plx_stats_bootstrap(one, 1, 1.0, 10, 3, &lo, &hi, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

/* numpy.quantile([1, 2, 4, 8, 16], q) */
START_TEST(quantiles)
{
    static const double v[5] = {1, 2, 4, 8, 16};
    ck_assert_double_eq(plx_stats_quantile(v, 5, 0.0), 1.0);
    ck_assert_double_eq(plx_stats_quantile(v, 5, 0.1), 1.4);
    ck_assert_double_eq(plx_stats_quantile(v, 5, 0.5), 4.0);
    ck_assert_double_eq(plx_stats_quantile(v, 5, 0.9), 12.8);
    ck_assert_double_eq(plx_stats_quantile(v, 5, 1.0), 16.0);
    ck_assert(isnan(plx_stats_quantile(v, 0, 0.5)));
    ck_assert(isnan(plx_stats_quantile(v, 5, -0.1)));
}
END_TEST

START_TEST(holm)
{
    static const double p[6] = {0.01, 0.04, NAN, 0.03, 0.005, 0.9};
    static const double expected[6] = {0.04, 0.09, NAN, 0.09, 0.025, 0.9};
    double adjusted[6];
    plx_err err = {0};
    ck_assert_msg(plx_stats_holm(p, 6, adjusted, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < 6; i++) {
        if (isnan(expected[i])) {
            ck_assert(isnan(adjusted[i]));
        } else {
            ck_assert_double_eq_tol(adjusted[i], expected[i], 1e-15);
        }
    }
}
END_TEST

START_TEST(memory_runs_out)
{
    fill();
    for (size_t k = 0; k < 4; k++) {
        plx_err err = {0};
        double a = 0, b = 0;
        plx_wilcoxon w;
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(0);
        bool ok = k == 0   ? plx_stats_std(x, 9, &a, &err)
                  : k == 1 ? plx_stats_wilcoxon(x, 9, &w, &err)
                  : k == 2 ? plx_stats_bootstrap(x, 9, 0.9, 9, 1, &a, &b, &err)
                           : plx_stats_holm(x, 9, x + 9, &err);
        plx_test_alloc_ok();
        ck_assert(!ok);
        ck_assert_int_eq(err.code, PLX_E_NOMEM);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    plx_err err = {0};
    plx_wilcoxon w;
    plx_test_alloc_fail_at(1);
    ck_assert(!plx_stats_wilcoxon(x, 9, &w, &err));
    plx_test_alloc_ok();
    ck_assert_int_eq(err.code, PLX_E_NOMEM);
}
END_TEST

Suite *stats_suite(void)
{
    Suite *s = suite_create("stats");
    TCase *tc = tcase_create("stats");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, sums_like_numpy);
    tcase_add_test(tc, sign_flips);
    tcase_add_test(tc, wilcoxon);
    tcase_add_test(tc, bootstrap);
    tcase_add_test(tc, quantiles);
    tcase_add_test(tc, holm);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(s, tc);
    return s;
}
