/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"
#include "core/aside.h"
#include "support/support.h"

#include <check.h>
#include <stdint.h>

typedef struct sum {
    uint64_t add, total; /* no atomics: waiting makes them safe, which the thread sanitizer sees */
    unsigned n;
} sum;

static void add(void *payload)
{
    sum *s = payload;
    for (unsigned i = 0; i < 1000; i++) {
        s->total += s->add;
    }
    s->n++;
}

START_TEST(one_thing_after_the_other)
{
    sum s = {0};
    plx_aside *aside = plx_aside_new(add, &s);
    ck_assert_ptr_nonnull(aside);
    ck_assert(!plx_aside_is_busy(aside));
    plx_aside_wait(aside);
    for (uint64_t i = 1; i <= 500; i++) {
        s.add = i;
        plx_aside_start(aside);
        if (i % 3 == 0) {
            while (plx_aside_is_busy(aside)) {
            }
        } else {
            plx_aside_wait(aside);
        }
        ck_assert(!plx_aside_is_busy(aside));
        ck_assert_uint_eq(s.n, i);
    }
    ck_assert_uint_eq(s.total, 1000ULL * 500 * 501 / 2);
    plx_aside_free(aside);
}
END_TEST

START_TEST(what_was_started_is_done)
{
    sum s = {.add = 1};
    plx_aside *aside = plx_aside_new(add, &s);
    plx_aside_start(aside);
    plx_aside_free(aside);
    ck_assert_uint_eq(s.total, 1000);
    plx_aside_free(NULL);
}
END_TEST

START_TEST(out_of_memory)
{
    sum s = {0};
    plx_test_alloc_fail_at(0);
    ck_assert_ptr_null(plx_aside_new(add, &s));
    plx_test_alloc_ok();
}
END_TEST

Suite *aside_suite(void)
{
    Suite *s = suite_create("aside");
    TCase *tc = tcase_create("aside");
    tcase_add_test(tc, one_thing_after_the_other);
    tcase_add_test(tc, what_was_started_is_done);
    tcase_add_test(tc, out_of_memory);
    suite_add_tcase(s, tc);
    return s;
}
