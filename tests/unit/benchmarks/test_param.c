/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/param.h"
#include "support/support.h"

#include <check.h>

static const plx_param table[] = {
    {"k", PLX_PARAM_INT, "20", 1, 1000, NULL, "10 20", "How many."},
    {"alpha", PLX_PARAM_REAL, "0.1", 0, 1, NULL, "0.1 0.5 1", "How much."},
    {"norm", PLX_PARAM_CHOICE, "l2", 0, 0, "l1|l2", NULL, "Which."},
    {0},
};
static const plx_param bad_default[] = {{"k", PLX_PARAM_INT, "0", 1, 10, NULL, NULL, "How many."}, {0}};

static plx_params fresh(void)
{
    plx_params p;
    plx_err err;
    ck_assert_msg(plx_params_init(table, "model x", &p, &err), "%s", plx_test_err(&err));
    return p;
}

START_TEST(defaults_and_values)
{
    plx_params p = fresh();
    plx_err err;
    plx_sb text = {0};
    ck_assert_int_eq(plx_params_int(&p, "k"), 20);
    ck_assert_double_eq(plx_params_real(&p, "alpha"), 0.1);
    ck_assert_str_eq(plx_params_text(&p, "norm"), "l2");
    ck_assert(plx_params_set(&p, "model x", "norm=l1", &err));
    ck_assert(plx_params_set(&p, "model x", "alpha=1e-2", &err));
    ck_assert(plx_params_put(&p, "model x", "k", "7", &err));
    plx_params_print(&p, &text);
    ck_assert_str_eq(plx_sb_str(&text), "k=7 alpha=1e-2 norm=l1");
    plx_sb_free(&text);
}
END_TEST

START_TEST(refusals_say_why)
{
    static const char *const bad[][2] = {
        {"k=0", "a whole number from 1.0 to 1000.0"},
        {"k=1.5", "a whole number"},
        {"k=", "a whole number"},
        {"alpha=nan", "a number from 0.0 to 1.0"},
        {"alpha=2", "a number from 0.0 to 1.0"},
        {"norm=l3", "l1|l2"},
        {"norm=", "l1|l2"},
        {"norm=l1|l2", "l1|l2"},
        {"alpa=1", "did you mean alpha?"},
        {"k", "NAME=VALUE"},
        {"=3", "NAME=VALUE"},
        {"alpha=0.1000000000000000000000000000000000000000000", "a number"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        plx_params p = fresh(), before = p;
        plx_err err;
        plx_err_clear(&err);
        ck_assert_msg(!plx_params_set(&p, "model x", bad[i][0], &err), "%s", bad[i][0]);
        ck_assert_int_eq(err.code, PLX_E_ARG);
        ck_assert_msg(strstr(err.why, bad[i][1]), "%s: %s", bad[i][0], plx_test_err(&err));
        ck_assert_mem_eq(&p, &before, sizeof p);
    }
    plx_params p;
    plx_err err;
    ck_assert(!plx_params_init(bad_default, "model y", &p, &err));
    ck_assert_int_eq(err.code, PLX_E_BUG);
}
END_TEST

START_TEST(grids)
{
    plx_params p = fresh(), at;
    plx_err err;
    static const char *const expected[] = {"10 0.1", "10 0.5", "10 1", "20 0.1", "20 0.5", "20 1"};
    ck_assert_uint_eq(plx_params_grid_size(&p), 6);
    for (size_t i = 0; i < 6; i++) {
        char text[80];
        ck_assert(plx_params_grid_at(&p, "model x", i, &at, &err));
        snprintf(text, sizeof text, "%s %s", plx_params_text(&at, "k"), plx_params_text(&at, "alpha"));
        ck_assert_str_eq(text, expected[i]);
    }
    /* What the user says is not searched. */
    ck_assert(plx_params_set(&p, "model x", "alpha=0.25", &err));
    ck_assert_uint_eq(plx_params_grid_size(&p), 2);
    ck_assert(plx_params_grid_at(&p, "model x", 1, &at, &err));
    ck_assert_int_eq(plx_params_int(&at, "k"), 20);
    ck_assert_double_eq(plx_params_real(&at, "alpha"), 0.25);
    ck_assert(!plx_params_set(&p, "model x", "alpha=0.5", &err));
    ck_assert_ptr_nonnull(strstr(err.what, "alpha is set twice"));
    ck_assert_double_eq(plx_params_real(&p, "alpha"), 0.25);
    plx_params none;
    ck_assert(plx_params_init(NULL, "model z", &none, &err));
    ck_assert_uint_eq(plx_params_grid_size(&none), 1);
}
END_TEST

START_TEST(several_at_once)
{
    plx_params p = fresh(), again = fresh();
    plx_sb text = {0};
    plx_err err;
    ck_assert(plx_params_set_all(&p, "model x", NULL, &err) && plx_params_set_all(&p, "model x", "", &err));
    ck_assert(plx_params_set_all(&p, "model x", "alpha=0.25 k=7", &err));
    plx_params_print(&p, &text);
    ck_assert(plx_params_set_all(&again, "model x", plx_sb_str(&text), &err));
    ck_assert(plx_params_int(&again, "k") == 7 && plx_params_real(&again, "alpha") == 0.25);
    ck_assert(!plx_params_set_all(&p, "model x", "norm=l1 nothing=1", &err));
    ck_assert(!plx_params_set_all(&p, "model x", "norm", &err));
    plx_sb_free(&text);
}
END_TEST

Suite *param_suite(void)
{
    Suite *s = suite_create("param");
    TCase *t = tcase_create("params");
    tcase_add_test(t, defaults_and_values);
    tcase_add_test(t, refusals_say_why);
    tcase_add_test(t, grids);
    tcase_add_test(t, several_at_once);
    suite_add_tcase(s, t);
    return s;
}
