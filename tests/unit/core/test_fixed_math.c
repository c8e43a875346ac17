/* SPDX-License-Identifier: Apache-2.0
 *
 * core/fixed_math against the C library, and at the ends of the range.
 */
#include "core/fixed_math.h"
#include "core/rng.h"

#include <check.h>
#include <float.h>
#include <math.h>

static void close(double got, double expected, double x)
{
    ck_assert_msg(fabs(got - expected) <= 3 * DBL_EPSILON * fabs(expected), "at %a: %a, expected %a", x, got, expected);
}

START_TEST(logarithms)
{
    plx_rng rng = plx_rng_seed(1);
    for (int i = 0; i < 200000; i++) {
        double x = ldexp(0.5 + plx_rng_f64(&rng), (int)plx_rng_below(&rng, 2000) - 1000);
        close(plx_fixed_log(x), log(x), x);
        x = 0.25 + 4 * plx_rng_f64(&rng);
        close(plx_fixed_log(x), log(x), x);
    }
    ck_assert_double_eq(plx_fixed_log(1.0), 0.0);
    close(plx_fixed_log(5e-324), log(5e-324), 5e-324);
    close(plx_fixed_log(DBL_MAX), log(DBL_MAX), DBL_MAX);
    ck_assert(isinf(plx_fixed_log(0.0)) && plx_fixed_log(0.0) < 0);
    ck_assert(isinf(plx_fixed_log(INFINITY)));
    ck_assert(isnan(plx_fixed_log(-1.0)) && isnan(plx_fixed_log(NAN)));
}
END_TEST

START_TEST(exponentials)
{
    plx_rng rng = plx_rng_seed(2);
    for (int i = 0; i < 200000; i++) {
        double x = 1400 * plx_rng_f64(&rng) - 700;
        close(plx_fixed_exp(x), exp(x), x);
        x = 4 * plx_rng_f64(&rng) - 2;
        close(plx_fixed_exp(x), exp(x), x);
    }
    ck_assert_double_eq(plx_fixed_exp(0.0), 1.0);
    ck_assert_double_eq(plx_fixed_exp(-INFINITY), 0.0);
    ck_assert_double_eq(plx_fixed_exp(-746.0), 0.0);
    ck_assert(isinf(plx_fixed_exp(710.0)) && isfinite(plx_fixed_exp(709.78)));
    ck_assert(isnan(plx_fixed_exp(NAN)));
    ck_assert_double_eq_tol(plx_fixed_exp(-740.0), exp(-740.0), 1e-323);
}
END_TEST

START_TEST(logistic)
{
    plx_rng rng = plx_rng_seed(3);
    for (int i = 0; i < 100000; i++) {
        double x = 80 * plx_rng_f64(&rng) - 40;
        close(plx_fixed_logistic(x), 1 / (1 + exp(-x)), x);
        double y = x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
        close(plx_fixed_log1p_exp(x), y, x);
    }
    ck_assert_double_eq(plx_fixed_logistic(800), 1.0);
    ck_assert_double_eq(plx_fixed_logistic(-800), 0.0);
    ck_assert_double_eq(plx_fixed_log1p_exp(800), 800);
    ck_assert_double_eq(plx_fixed_log1p_exp(-800), 0.0);
}
END_TEST

Suite *fixed_math_suite(void)
{
    Suite *s = suite_create("fixed_math");
    TCase *tc = tcase_create("fixed_math");
    tcase_add_test(tc, logarithms);
    tcase_add_test(tc, exponentials);
    tcase_add_test(tc, logistic);
    suite_add_tcase(s, tc);
    return s;
}
