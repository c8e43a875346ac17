/* SPDX-License-Identifier: Apache-2.0
 *
 * core/arena: alignment, limits, marks, failing blocks.
 */
#include "core/alloc.h"
#include "core/arena.h"
#include "support/support.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

START_TEST(memory_is_aligned_and_apart)
{
    plx_arena *a = plx_arena_new(0);
    char *before = NULL;
    for (size_t size = 0; size < 3000; size++) {
        char *p = plx_arena_alloc(a, size);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        ck_assert_ptr_ne(p, before);
        memset(p, (int)(size & 255), size);
        if (before) {
            ck_assert_int_eq((unsigned char)before[0], (int)((size - 1) & 255));
        }
        before = size ? p : NULL;
    }
    ck_assert_uint_ge(plx_arena_used(a), 2999U * 3000U / 2U);
    plx_arena_free(a);
    plx_arena_free(NULL);
}
END_TEST

START_TEST(texts)
{
    plx_arena *a = plx_arena_new(0);
    char *s = plx_arena_strdup(a, "worm");
    char *part = plx_arena_strndup(a, "worming", 4);
    char *none = plx_arena_strndup(a, NULL, 0);
    char *made = plx_arena_printf(a, "%s-%05d", "AVAL", 42);
    ck_assert_str_eq(s, "worm");
    ck_assert_str_eq(part, "worm");
    ck_assert_str_eq(none, "");
    ck_assert_str_eq(made, "AVAL-00042");
    char *zeros = plx_arena_zero(a, 300, 4);
    for (int i = 0; i < 1200; i++) {
        ck_assert_int_eq(zeros[i], 0);
    }
    ck_assert_ptr_null(plx_arena_zero(a, SIZE_MAX / 2, 4));
    ck_assert_ptr_null(plx_arena_alloc(a, SIZE_MAX));
    ck_assert_ptr_null(plx_arena_alloc(a, SIZE_MAX - 15));
    plx_arena_free(a);
}
END_TEST

START_TEST(limit_bounds_all_blocks)
{
    plx_arena *a = plx_arena_new(100000);
    size_t got = 0;
    while (plx_arena_alloc(a, 1000)) {
        got += 1000;
    }
    ck_assert_uint_gt(got, 90000);
    ck_assert_uint_le(got, 100000);
    ck_assert_ptr_null(plx_arena_alloc(a, 100001));
    plx_arena_free(a);

    a = plx_arena_new(10000);
    ck_assert_ptr_null(plx_arena_alloc(a, 10000)); /* the header counts too */
    ck_assert_ptr_nonnull(plx_arena_alloc(a, 9000));
    ck_assert_ptr_null(plx_arena_alloc(a, 1000));
    plx_arena_free(a);
}
END_TEST

START_TEST(reset_gives_back_what_came_after_the_mark)
{
    plx_arena *a = plx_arena_new(1 << 20);
    plx_arena_mark empty = plx_arena_get_mark(a);
    char *kept = plx_arena_strdup(a, "kept");
    size_t used = plx_arena_used(a), live = plx_alloc_live();
    plx_arena_mark mark = plx_arena_get_mark(a);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 50; i++) {
            ck_assert_ptr_nonnull(plx_arena_alloc(a, 10000));
        }
        plx_arena_reset(a, mark);
        ck_assert_uint_eq(plx_arena_used(a), used);
        ck_assert_uint_eq(plx_alloc_live(), live);
        ck_assert_str_eq(kept, "kept");
    }
    plx_arena_reset(a, empty);
    ck_assert_uint_eq(plx_arena_used(a), 0);
    ck_assert_uint_eq(plx_alloc_live(), live - 1);
    ck_assert_ptr_nonnull(plx_arena_alloc(a, 5));
    plx_arena_free(a);
    ck_assert_uint_eq(plx_alloc_live(), live - 2);
}
END_TEST

static bool build(void)
{
    plx_arena *a = plx_arena_new(0);
    bool ok = a && plx_arena_strdup(a, "x") && plx_arena_zero(a, 5000, 1) && plx_arena_printf(a, "%050000d", 1);
    plx_arena_free(a);
    return ok;
}

START_TEST(failing_allocations)
{
    size_t live = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_test_alloc_fail_at(k);
        ok = build();
        size_t asked = plx_test_alloc_ok();
        ck_assert_msg(ok == (asked <= k), "allocation %zu of %zu", k, asked);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *arena_suite(void)
{
    Suite *s = suite_create("arena");
    TCase *tc = tcase_create("arena");
    tcase_add_test(tc, memory_is_aligned_and_apart);
    tcase_add_test(tc, texts);
    tcase_add_test(tc, limit_bounds_all_blocks);
    tcase_add_test(tc, reset_gives_back_what_came_after_the_mark);
    tcase_add_test(tc, failing_allocations);
    suite_add_tcase(s, tc);
    return s;
}
