/* SPDX-License-Identifier: Apache-2.0
 *
 * core/value: makers, lookups, paths, equality, large objects, failing allocations.
 */
#include "core/alloc.h"
#include "core/value.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

static plx_value *sample(plx_arena *a)
{
    plx_value *root = plx_v_obj(a), *inner = plx_v_obj(a), *list = plx_v_arr(a);
    bool ok = plx_v_push(a, list, plx_v_i64(a, -1)) && plx_v_push(a, list, plx_v_u64(a, UINT64_MAX)) &&
              plx_v_push(a, list, plx_v_f64(a, 0.5)) && plx_v_push(a, list, plx_v_bool(a, true)) &&
              plx_v_push(a, list, plx_v_null(a)) && plx_v_set(a, inner, "name", plx_v_str(a, "worm")) &&
              plx_v_set(a, inner, "list", list) && plx_v_set(a, root, "a", inner) &&
              plx_v_set(a, root, "bytes", plx_v_strn(a, "x\0y", 3));
    return ok ? root : NULL;
}

START_TEST(makers_and_readers)
{
    plx_arena *a = plx_arena_new(0);
    plx_value *root = sample(a);
    ck_assert_ptr_nonnull(root);
    ck_assert_str_eq(plx_v_text(plx_v_at(root, "a.name")), "worm");
    ck_assert_str_eq(plx_v_get_text(plx_v_get(root, "a"), "name"), "worm");
    const plx_value *list = plx_v_at(root, "a.list");
    ck_assert_uint_eq(list->u.arr.n, 5);
    int64_t i;
    double d;
    ck_assert(plx_v_as_i64(list->u.arr.items[0], &i) && i == -1);
    ck_assert(!plx_v_as_i64(list->u.arr.items[1], &i));
    ck_assert(!plx_v_as_i64(list->u.arr.items[2], &i));
    ck_assert(!plx_v_as_i64(NULL, &i));
    ck_assert(plx_v_as_f64(list->u.arr.items[0], &d) && d == -1.0);
    ck_assert(plx_v_as_f64(list->u.arr.items[1], &d) && d == 18446744073709551616.0);
    ck_assert(plx_v_as_f64(list->u.arr.items[2], &d) && d == 0.5);
    ck_assert(!plx_v_as_f64(list->u.arr.items[3], &d));
    ck_assert(!plx_v_as_f64(NULL, &d));
    ck_assert_int_eq(plx_v_u64(a, 5)->kind, PLX_V_I64);
    ck_assert_int_eq(plx_v_u64(a, (uint64_t)INT64_MAX)->kind, PLX_V_I64);
    ck_assert_int_eq(plx_v_u64(a, (uint64_t)INT64_MAX + 1)->kind, PLX_V_U64);
    const plx_value *bytes = plx_v_get(root, "bytes");
    ck_assert_uint_eq(bytes->u.str.len, 3);
    ck_assert_mem_eq(bytes->u.str.ptr, "x\0y", 4);
    ck_assert_uint_eq(bytes->line, 0);

    ck_assert_ptr_null(plx_v_at(root, "a.missing"));
    ck_assert_ptr_null(plx_v_at(root, "a.name.x"));
    ck_assert_ptr_null(plx_v_at(root, "a."));
    ck_assert_ptr_null(plx_v_at(NULL, "a"));
    ck_assert_ptr_eq(plx_v_find_list(root, "list"), list);
    ck_assert_ptr_null(plx_v_find_list(root, "lis"));
    ck_assert_ptr_null(plx_v_find_list(root, "name"));
    ck_assert_ptr_null(plx_v_find_list(NULL, "list"));
    ck_assert_ptr_null(plx_v_get(list, "a"));
    ck_assert_ptr_null(plx_v_get(NULL, "a"));
    ck_assert_ptr_null(plx_v_text(list));
    ck_assert_ptr_null(plx_v_text(NULL));
    ck_assert_ptr_null(plx_v_get_text(root, "a"));
    plx_arena_free(a);
}
END_TEST

START_TEST(set_replaces_and_keeps_the_order)
{
    plx_arena *a = plx_arena_new(0);
    plx_value *o = plx_v_obj(a);
    ck_assert(plx_v_set(a, o, "one", plx_v_i64(a, 1)));
    ck_assert(plx_v_set(a, o, "two", plx_v_i64(a, 2)));
    ck_assert(plx_v_set(a, o, "one", plx_v_i64(a, 3)));
    ck_assert_uint_eq(o->u.obj.n, 2);
    ck_assert_str_eq(o->u.obj.members[0].key.ptr, "one");
    ck_assert_int_eq(plx_v_get(o, "one")->u.i64, 3);
    ck_assert(plx_v_add(a, o, (plx_slice){"three...", 5}, plx_v_null(a)));
    ck_assert_str_eq(o->u.obj.members[2].key.ptr, "three");
    /* A failed maker, and the wrong kind of container. */
    ck_assert(!plx_v_set(a, o, "x", NULL));
    ck_assert(!plx_v_set(a, o, "one", NULL));
    ck_assert_int_eq(plx_v_get(o, "one")->u.i64, 3);
    ck_assert(!plx_v_set(a, NULL, "x", plx_v_null(a)));
    ck_assert(!plx_v_push(a, o, plx_v_null(a)));
    ck_assert(!plx_v_push(a, plx_v_arr(a), NULL));
    ck_assert(!plx_v_push(a, NULL, plx_v_null(a)));
    ck_assert(!plx_v_set(a, plx_v_arr(a), "x", plx_v_null(a)));
    plx_arena_free(a);
}
END_TEST

START_TEST(equality)
{
    plx_arena *a = plx_arena_new(0);
    ck_assert(plx_v_equal(sample(a), sample(a)));
    ck_assert(!plx_v_equal(sample(a), NULL));
    ck_assert(plx_v_equal(plx_v_f64(a, (double)NAN), plx_v_f64(a, (double)NAN)));
    ck_assert(!plx_v_equal(plx_v_f64(a, 1.0), plx_v_i64(a, 1)));
    ck_assert(!plx_v_equal(plx_v_i64(a, 2), plx_v_i64(a, 1)));
    ck_assert(!plx_v_equal(plx_v_bool(a, true), plx_v_bool(a, false)));
    ck_assert(!plx_v_equal(plx_v_str(a, "a"), plx_v_str(a, "b")));
    ck_assert(plx_v_equal(plx_v_null(a), plx_v_null(a)));
    plx_value *x = sample(a), *y = sample(a);
    plx_v_push(a, plx_v_get(plx_v_get(y, "a"), "list") ? y->u.obj.members[0].value->u.obj.members[1].value : NULL,
               plx_v_null(a));
    ck_assert(!plx_v_equal(x, y));
    x = plx_v_obj(a);
    y = plx_v_obj(a);
    plx_v_set(a, x, "p", plx_v_i64(a, 1));
    plx_v_set(a, x, "q", plx_v_i64(a, 2));
    plx_v_set(a, y, "q", plx_v_i64(a, 2));
    plx_v_set(a, y, "p", plx_v_i64(a, 1));
    ck_assert(plx_v_equal(x, y));
    plx_v_set(a, y, "p", plx_v_i64(a, 3));
    ck_assert(!plx_v_equal(x, y));
    plx_v_set(a, y, "p", plx_v_i64(a, 1));
    plx_v_set(a, y, "r", plx_v_i64(a, 1));
    ck_assert(!plx_v_equal(x, y));
    plx_v_set(a, x, "s", plx_v_i64(a, 1));
    ck_assert(!plx_v_equal(x, y));
    plx_arena_free(a);
}
END_TEST

/* 200 000 members, appended and compared in opposite orders: minutes if any of it were quadratic. */
START_TEST(copies)
{
    plx_arena *a = plx_arena_new(0), *b = plx_arena_new(0);
    plx_value *v = plx_v_obj(a), *list = plx_v_arr(a);
    ck_assert(plx_v_set(a, v, "sample", sample(a)) && plx_v_set(a, v, "none", plx_v_null(a)) &&
              plx_v_push(a, list, plx_v_strn(a, "a\0b", 3)) && plx_v_push(a, list, plx_v_f64(a, 0.1)) &&
              plx_v_set(a, v, "list", list));
    plx_value *copy = plx_v_copy(b, v);
    ck_assert(copy && plx_v_equal(copy, v));
    ck_assert(plx_v_push(a, list, plx_v_i64(a, 1)) && !plx_v_equal(copy, v));
    plx_arena_free(a);
    ck_assert_int_eq(plx_v_get(copy, "list")->u.arr.items[0]->u.str.len, 3);
    plx_arena_free(b);
}
END_TEST

START_TEST(large_objects)
{
    enum { N = 200000 };
    plx_arena *a = plx_arena_new(0);
    plx_value *x = plx_v_obj(a), *y = plx_v_obj(a);
    for (int i = 0; i < N; i++) {
        char key[16];
        size_t n = (size_t)snprintf(key, sizeof key, "k%d", i);
        ck_assert(plx_v_add(a, x, (plx_slice){key, n}, plx_v_i64(a, i)));
        n = (size_t)snprintf(key, sizeof key, "k%d", N - 1 - i);
        ck_assert(plx_v_add(a, y, (plx_slice){key, n}, plx_v_i64(a, N - 1 - i)));
    }
    ck_assert_uint_eq(x->u.obj.n, N);
    ck_assert(plx_v_equal(x, y));
    y->u.obj.members[N / 2].value->u.i64++;
    ck_assert(!plx_v_equal(x, y));
    plx_arena_free(a);

    a = plx_arena_new(0);
    x = plx_v_obj(a);
    y = plx_v_obj(a);
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        ck_assert(plx_v_set(a, x, key, plx_v_i64(a, i)));
        snprintf(key, sizeof key, "k%d", 99 - i);
        ck_assert(plx_v_set(a, y, key, plx_v_i64(a, 99 - i)));
    }
    plx_test_alloc_fail_at(0); /* without memory for sorting the answer is the same */
    ck_assert(plx_v_equal(x, y));
    ck_assert_uint_eq(plx_test_alloc_ok(), 1);
    plx_arena_free(a);
}
END_TEST

static bool build(void)
{
    plx_arena *a = plx_arena_new(0);
    plx_value *list = a ? plx_v_arr(a) : NULL;
    bool ok = a && sample(a);
    for (int i = 0; ok && i < 2000; i++) {
        plx_value *o = plx_v_obj(a);
        ok = plx_v_set(a, o, "key", plx_v_str(a, "some text")) && plx_v_push(a, list, o);
    }
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

Suite *value_suite(void)
{
    Suite *s = suite_create("value");
    TCase *tc = tcase_create("value");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, makers_and_readers);
    tcase_add_test(tc, set_replaces_and_keeps_the_order);
    tcase_add_test(tc, equality);
    tcase_add_test(tc, copies);
    tcase_add_test(tc, large_objects);
    tcase_add_test(tc, failing_allocations);
    suite_add_tcase(s, tc);
    return s;
}
