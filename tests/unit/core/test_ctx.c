/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ctx.h"

#include <check.h>

START_TEST(default_is_silent_and_single)
{
    plx_ctx ctx = plx_ctx_default();
    ck_assert_ptr_null(ctx.log);
    ck_assert_ptr_null(ctx.progress);
    ck_assert(ctx.cancel == NULL);
    ck_assert_uint_eq(ctx.jobs, 1);
    ck_assert(!ctx.offline);
}
END_TEST

START_TEST(every_limit_is_set)
{
    plx_limits limits = plx_limits_default();
    ck_assert_uint_gt(limits.file_bytes, 0);
    ck_assert_uint_ge(limits.total_bytes, limits.file_bytes);
    ck_assert_uint_gt(limits.memory_bytes, 0);
    /* Deflate cannot pass 1032:1, so a bound above that would never stop a bomb. */
    ck_assert(limits.ratio > 1 && limits.ratio < 1032);
    ck_assert_uint_gt(limits.entries, 0);
    ck_assert(limits.depth >= 16 && limits.depth <= 1024);
    ck_assert_uint_gt(limits.columns, 0);
}
END_TEST

START_TEST(cancel_is_seen)
{
    volatile sig_atomic_t cancel = 0;
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_err_clear(&err);
    ck_assert(plx_ctx_go_on(&ctx, &err));
    ck_assert(plx_ctx_go_on(NULL, &err));
    ctx.cancel = &cancel;
    ck_assert(plx_ctx_go_on(&ctx, &err));
    cancel = 15;
    ck_assert(!plx_ctx_go_on(&ctx, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    ck_assert(!plx_ctx_go_on(&ctx, NULL));
}
END_TEST

Suite *ctx_suite(void)
{
    Suite *s = suite_create("ctx");
    TCase *tc = tcase_create("ctx");
    tcase_add_test(tc, default_is_silent_and_single);
    tcase_add_test(tc, every_limit_is_set);
    tcase_add_test(tc, cancel_is_seen);
    suite_add_tcase(s, tc);
    return s;
}
