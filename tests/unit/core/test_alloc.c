/* SPDX-License-Identifier: Apache-2.0
 *
 * core/alloc: products that overflow, growth, the hook and the count of live blocks.
 */
#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

START_TEST(size_zero_gives_a_unique_pointer)
{
    void *a = plx_alloc(0), *b = plx_alloc_zero(0, 8), *c = plx_realloc_array(NULL, 0, 4);
    ck_assert(a && b && c && a != b && b != c && a != c);
    plx_free(a);
    plx_free(b);
    plx_free(c);
    plx_free(NULL);
}
END_TEST

START_TEST(overflowing_products_fail)
{
    size_t live = plx_alloc_live();
    volatile size_t most = SIZE_MAX;
    ck_assert_ptr_null(plx_alloc_zero(most / 2, 3));
    ck_assert_ptr_null(plx_realloc_array(NULL, most / 4 + 2, 4));
    ck_assert_ptr_null(plx_alloc(most));
    size_t out;
    ck_assert(!plx_mul_ok(most, 2, &out));
    ck_assert(!plx_add_ok(most, 1, &out));
    ck_assert(plx_mul_ok(3, 4, &out) && out == 12);
    ck_assert(plx_add_ok(3, 4, &out) && out == 7);
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

START_TEST(live_counts_blocks)
{
    size_t live = plx_alloc_live();
    char *text = plx_strdup("forty-two");
    uint8_t *zeros = plx_alloc_zero(10, 10);
    ck_assert_uint_eq(plx_alloc_live(), live + 2);
    ck_assert_str_eq(text, "forty-two");
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_eq(zeros[i], 0);
    }
    text = plx_realloc_array(text, 1000, 4);
    ck_assert_uint_eq(plx_alloc_live(), live + 2);
    ck_assert_str_eq(text, "forty-two");
    plx_free(text);
    plx_free(zeros);
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

static void *churn(void *payload)
{
    for (int i = 0; i < 20000; i++) {
        plx_free(plx_alloc(16));
    }
    return payload;
}

START_TEST(count_is_right_with_threads)
{
    size_t live = plx_alloc_live();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, NULL), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

START_TEST(grow_is_geometric_and_keeps_content)
{
    int *items = NULL;
    size_t cap = 0, moves = 0;
    for (int i = 0; i < 100000; i++) {
        size_t before = cap;
        ck_assert(plx_grow(&items, &cap, (size_t)i + 1, sizeof *items));
        moves += cap != before;
        items[i] = i;
    }
    ck_assert_uint_ge(cap, 100000);
    ck_assert_uint_lt(moves, 40);
    for (int i = 0; i < 100000; i++) {
        ck_assert_int_eq(items[i], i);
    }
    size_t before = cap;
    ck_assert(plx_grow(&items, &cap, 10, sizeof *items));
    ck_assert_uint_eq(cap, before);
    ck_assert(!plx_grow(&items, &cap, SIZE_MAX / 2, sizeof *items));
    ck_assert_uint_eq(cap, before);
    ck_assert_int_eq(items[99999], 99999);
    plx_free(items);
}
END_TEST

START_TEST(hook_fails_the_kth_allocation_only)
{
    plx_test_alloc_fail_at(1);
    void *a = plx_alloc(1), *b = plx_alloc(2), *c = plx_alloc_zero(1, 3);
    ck_assert_uint_eq(plx_test_alloc_ok(), 3);
    ck_assert(a && !b && c);
    plx_free(a);
    plx_free(c);

    /* plx_grow: a failure leaves the block and its size; the exact size is tried after the generous one. */
    char *items = plx_alloc(100);
    size_t cap = 100;
    memset(items, 'x', 100);
    plx_test_alloc_fail_at(0);
    ck_assert(plx_grow(&items, &cap, 101, 1));
    plx_test_alloc_ok();
    ck_assert_uint_eq(cap, 101);
    ck_assert_int_eq(items[99], 'x');
    plx_test_alloc_fail_at(0);
    ck_assert(!plx_grow(&items, &cap, 1000, 1));
    plx_test_alloc_ok();
    ck_assert_uint_eq(cap, 101);
    ck_assert_int_eq(items[0], 'x');
    plx_test_alloc_fail_at(0);
    ck_assert_ptr_null(plx_strdup("x"));
    plx_test_alloc_ok();
    plx_free(items);
}
END_TEST

Suite *alloc_suite(void)
{
    Suite *s = suite_create("alloc");
    TCase *tc = tcase_create("alloc");
    tcase_add_test(tc, size_zero_gives_a_unique_pointer);
    tcase_add_test(tc, overflowing_products_fail);
    tcase_add_test(tc, live_counts_blocks);
    tcase_add_test(tc, count_is_right_with_threads);
    tcase_add_test(tc, grow_is_geometric_and_keeps_content);
    tcase_add_test(tc, hook_fails_the_kth_allocation_only);
    suite_add_tcase(s, tc);
    return s;
}
