/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/json.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

static plx_value *sample(plx_arena *a)
{
    plx_value *root = plx_v_obj(a), *list = plx_v_arr(a), *inner = plx_v_obj(a);
    plx_v_push(a, list, plx_v_f64(a, 0.5));
    plx_v_push(a, list, plx_v_f64(a, NAN));
    plx_v_push(a, list, plx_v_f64(a, -INFINITY));
    plx_v_push(a, list, plx_v_f64(a, -0.0));
    plx_v_push(a, list, plx_v_u64(a, UINT64_MAX));
    plx_v_set(a, inner, "empty list", plx_v_arr(a));
    plx_v_set(a, inner, "empty", plx_v_obj(a));
    plx_v_set(a, root, "z", list);
    plx_v_set(a, root, "a", plx_v_bool(a, false));
    plx_v_set(a, root, "B", plx_v_null(a));
    plx_v_set(a, root, "aa", inner);
    plx_v_set(a, root, "\xc3\xa9", plx_v_str(a, "x\ny"));
    return root;
}

START_TEST(test_canonical)
{
    plx_arena *a = plx_arena_new(0);
    plx_sb out = {0};
    plx_err err;
    ck_assert(plx_json_write(sample(a), false, &out, &err));
    ck_assert_str_eq(plx_sb_str(&out), "{\"B\":null,\"a\":false,\"aa\":{\"empty\":{},\"empty list\":[]},"
                                       "\"z\":[0.5,null,null,-0.0,18446744073709551615],\"\xc3\xa9\":\"x\\ny\"}");
    plx_sb_free(&out);
    ck_assert(plx_json_write(sample(a), true, &out, &err));
    ck_assert_str_eq(plx_sb_str(&out), "{\n"
                                       "  \"B\": null,\n"
                                       "  \"a\": false,\n"
                                       "  \"aa\": {\n"
                                       "    \"empty\": {},\n"
                                       "    \"empty list\": []\n"
                                       "  },\n"
                                       "  \"z\": [\n"
                                       "    0.5,\n"
                                       "    null,\n"
                                       "    null,\n"
                                       "    -0.0,\n"
                                       "    18446744073709551615\n"
                                       "  ],\n"
                                       "  \"\xc3\xa9\": \"x\\ny\"\n"
                                       "}\n");
    plx_sb_free(&out);
    plx_arena_free(a);
}
END_TEST

START_TEST(test_text)
{
    static const struct {
        const char *text;
        size_t len;
        const char *want;
    } cases[] = {
        {"", 0, "\"\""},
        {"a\"\\/\b\f\n\r\t", 9, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
        {"\xc3\xa4\xf0\x9f\x90\x9b", 6, "\"\xc3\xa4\xf0\x9f\x90\x9b\""},
        {"a\xff\xc3\xa4\xed\xa0\x80z\xc3", 9, "\"a\\ufffd\xc3\xa4\\ufffd\\ufffd\\ufffdz\\ufffd\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plx_sb out = {0};
        plx_json_write_text(&out, (plx_slice){cases[i].text, cases[i].len});
        ck_assert_str_eq(plx_sb_str(&out), cases[i].want);
        plx_sb_free(&out);
    }
    plx_sb out = {0};
    plx_json_write_text(&out, (plx_slice){0});
    ck_assert_str_eq(plx_sb_str(&out), "\"\"");
    plx_sb_free(&out);
}
END_TEST

START_TEST(test_depth)
{
    plx_arena *a = plx_arena_new(0);
    plx_value *v = plx_v_arr(a);
    for (int i = 0; i < 2000; i++) {
        plx_value *outer = plx_v_arr(a);
        plx_v_push(a, outer, v);
        v = outer;
    }
    plx_sb out = {0};
    plx_err err;
    ck_assert(plx_json_write(v, false, &out, &err));
    ck_assert_uint_eq(out.len, 4002);
    for (int i = 0; i < 100; i++) {
        plx_value *outer = plx_v_arr(a);
        plx_v_push(a, outer, v);
        v = outer;
    }
    ck_assert(!plx_json_write(v, false, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_sb_free(&out);
    plx_arena_free(a);
}
END_TEST

START_TEST(test_out_of_memory)
{
    plx_arena *a = plx_arena_new(0);
    plx_value *v = sample(a);
    size_t before = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_sb out = {0};
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        ok = plx_json_write(v, true, &out, &err);
        plx_test_alloc_ok();
        plx_sb_free(&out);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        ck_assert_uint_lt(k, 50);
    }
    plx_arena_free(a);
}
END_TEST

Suite *json_write_suite(void)
{
    Suite *s = suite_create("json_write");
    TCase *tc = tcase_create("json_write");
    tcase_add_test(tc, test_canonical);
    tcase_add_test(tc, test_text);
    tcase_add_test(tc, test_depth);
    tcase_add_test(tc, test_out_of_memory);
    suite_add_tcase(s, tc);
    return s;
}
