/* SPDX-License-Identifier: Apache-2.0
 *
 * core/str: slices, the builder and its sticky failure, word distances.
 */
#include "core/alloc.h"
#include "core/str.h"
#include "support/support.h"

#include <check.h>

START_TEST(slices)
{
    plx_slice a = plx_slice_of("abc"), none = plx_slice_of(NULL);
    ck_assert_uint_eq(none.len, 0);
    ck_assert(plx_slice_is(a, "abc"));
    ck_assert(!plx_slice_is(a, "ab"));
    ck_assert(!plx_slice_is(a, "abd"));
    ck_assert(plx_slice_eq(none, plx_slice_of("")));
    ck_assert(plx_slice_eq((plx_slice){"a\0b", 3}, (plx_slice){"a\0b", 3}));
    ck_assert(!plx_slice_eq((plx_slice){"a\0b", 3}, (plx_slice){"a\0c", 3}));
    ck_assert_int_lt(plx_slice_cmp(plx_slice_of("ab"), a), 0);
    ck_assert_int_gt(plx_slice_cmp(a, plx_slice_of("ab")), 0);
    ck_assert_int_eq(plx_slice_cmp(a, a), 0);
    ck_assert_int_gt(plx_slice_cmp(plx_slice_of("\xff"), plx_slice_of("a")), 0);
    ck_assert_int_lt(plx_slice_cmp(none, a), 0);
    ck_assert(plx_slice_is(plx_slice_trim(plx_slice_of(" \t\r\n x y \v\f")), "x y"));
    ck_assert(plx_slice_is(plx_slice_trim(plx_slice_of("  ")), ""));
    ck_assert(plx_slice_is(plx_slice_trim(plx_slice_of("\xc2\xa0x")), "\xc2\xa0x"));
    ck_assert(plx_starts_with("manifest.yaml", "mani"));
    ck_assert(!plx_starts_with("man", "mani"));
    ck_assert(plx_ends_with("manifest.yaml", ".yaml"));
    ck_assert(!plx_ends_with("aml", ".yaml"));
    ck_assert(plx_ends_with("x", ""));
}
END_TEST

START_TEST(builder)
{
    plx_sb sb = {0};
    ck_assert_str_eq(plx_sb_str(&sb), "");
    plx_sb_text(&sb, "one");
    plx_sb_char(&sb, ' ');
    plx_sb_printf(&sb, "%d/%s", 2, "three");
    plx_sb_bytes(&sb, "\0x", 2);
    plx_sb_bytes(&sb, NULL, 0);
    ck_assert_uint_eq(sb.len, 13);
    ck_assert_mem_eq(plx_sb_str(&sb), "one 2/three\0x", 14);
    char *text = plx_sb_take(&sb);
    ck_assert_str_eq(text, "one 2/three");
    ck_assert(sb.ptr == NULL && sb.len == 0 && sb.cap == 0 && !sb.failed);
    plx_free(text);
    text = plx_sb_take(&sb);
    ck_assert_str_eq(text, "");
    plx_free(text);
    for (int i = 0; i < 10000; i++) {
        plx_sb_printf(&sb, "%04d", i);
    }
    ck_assert_uint_eq(sb.len, 40000);
    ck_assert_mem_eq(plx_sb_str(&sb) + 4 * 1234, "12341235", 8);
    plx_sb_free(&sb);
    plx_sb_free(&sb);
}
END_TEST

static bool refuse(void *payload, size_t size)
{
    (void)payload;
    (void)size;
    return false;
}

START_TEST(builder_failure_sticks)
{
    size_t live = plx_alloc_live();
    bool done = false;
    for (size_t k = 0; !done; k++) {
        plx_sb sb = {0};
        plx_test_alloc_fail_at(k);
        plx_sb_text(&sb, "start");
        for (int i = 0; i < 50; i++) {
            plx_sb_printf(&sb, "%s", "0123456789");
            plx_sb_char(&sb, '.');
        }
        plx_sb_bytes(&sb, "end", 3);
        size_t asked = plx_test_alloc_ok();
        bool failed = sb.failed;
        char *text = plx_sb_take(&sb);
        ck_assert(failed == (text == NULL));
        if (text) {
            ck_assert_uint_eq(strlen(text), 5 + 50 * 11 + 3);
        }
        plx_free(text);
        ck_assert(!sb.failed);
        ck_assert_uint_eq(plx_alloc_live(), live);
        done = asked <= k;
        ck_assert(!done || !failed);
    }
    plx_sb empty = {0};
    plx_alloc_set_hook(refuse, NULL);
    ck_assert_ptr_null(plx_sb_take(&empty));
    plx_alloc_set_hook(NULL, NULL);
    plx_sb huge = {.failed = true};
    plx_sb_text(&huge, "x");
    ck_assert_ptr_null(huge.ptr);
    ck_assert_str_eq(plx_sb_str(&huge), "");
    ck_assert_ptr_null(plx_sb_take(&huge));
}
END_TEST

START_TEST(distances)
{
    ck_assert_uint_eq(plx_edit_distance("", ""), 0);
    ck_assert_uint_eq(plx_edit_distance("", "abc"), 3);
    ck_assert_uint_eq(plx_edit_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(plx_edit_distance("search", "saerch"), 1);
    ck_assert_uint_eq(plx_edit_distance("ca", "abc"), 2); /* 3 when a transposed pair may not be edited again */
    ck_assert_uint_eq(plx_edit_distance("Verify", "vERIFY"), 0);
    ck_assert_uint_eq(plx_edit_distance("abcdef", "badcfe"), 3);
    char a[80], b[80];
    memset(a, 'x', sizeof a);
    memset(b, 'y', sizeof b);
    a[63] = b[63] = '\0';
    ck_assert_uint_eq(plx_edit_distance(a, b), 63);
    a[63] = b[63] = 'z';
    a[70] = b[70] = '\0';
    ck_assert_uint_eq(plx_edit_distance(a, b), 70);
    ck_assert_uint_eq(plx_edit_distance(a, a), 0);
}
END_TEST

START_TEST(nearest_word)
{
    static const char *const verbs[] = {"get", "list", "search", "verify", "cite", "info"};
    ck_assert_str_eq(plx_nearest("serch", verbs, 6), "search");
    ck_assert_str_eq(plx_nearest("vreify", verbs, 6), "verify");
    ck_assert_str_eq(plx_nearest("got", verbs, 6), "get");
    ck_assert_str_eq(plx_nearest("LIST", verbs, 6), "list");
    ck_assert_ptr_null(plx_nearest("frobnicate", verbs, 6));
    ck_assert_ptr_null(plx_nearest("cat", verbs, 6));
    ck_assert_ptr_null(plx_nearest("x", verbs, 0));
}
END_TEST

Suite *str_suite(void)
{
    Suite *s = suite_create("str");
    TCase *tc = tcase_create("str");
    tcase_add_test(tc, slices);
    tcase_add_test(tc, builder);
    tcase_add_test(tc, builder_failure_sticks);
    tcase_add_test(tc, distances);
    tcase_add_test(tc, nearest_word);
    suite_add_tcase(s, tc);
    return s;
}
