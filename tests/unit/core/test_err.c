/* SPDX-License-Identifier: Apache-2.0
 *
 * core/err: codes from errno, escaping, notes that overflow, NULL everywhere.
 */
#include "core/err.h"
#include "core/utf8.h"

#include <check.h>
#include <errno.h>
#include <string.h>

START_TEST(fail_sets_code_and_text)
{
    plx_err err;
    memset(&err, 0xAA, sizeof err);
    ck_assert(!plx_fail(&err, PLX_E_FORMAT, "row %d is %s", 3, "short"));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_int_eq(err.sys, 0);
    ck_assert_int_eq(err.n_notes, 0);
    ck_assert_str_eq(err.what, "row 3 is short");
    ck_assert_str_eq(err.why, "");
    ck_assert_str_eq(err.kept, "");
    ck_assert_str_eq(err.next, "");
}
END_TEST

START_TEST(fail_drops_what_was_there)
{
    plx_err err;
    plx_fail(&err, PLX_E_IO, "first");
    plx_note(&err, "somewhere");
    plx_err_why(&err, "because");
    plx_fail(&err, PLX_E_ARG, "after %s", err.what);
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert_str_eq(err.what, "after first");
    ck_assert_int_eq(err.n_notes, 0);
    ck_assert_str_eq(err.why, "");
}
END_TEST

START_TEST(control_characters_are_escaped)
{
    plx_err err;
    plx_fail(&err, PLX_E_FORMAT, "name '%s'", "a\x1b[31m\nb\x7f\xff é");
    ck_assert_str_eq(err.what, "name 'a\\x1b[31m\\x0ab\\x7f\\xff é'");
    plx_note(&err, "file a\tb");
    ck_assert_str_eq(err.note[0], "file a\\x09b");
    plx_err_next(&err, "plexus get %s", "x\ry");
    ck_assert_str_eq(err.next, "plexus get x\\x0dy");
    plx_err_kept(&err, "all\n");
    ck_assert_str_eq(err.kept, "all\\x0a");
}
END_TEST

START_TEST(long_text_is_cut_at_a_whole_character)
{
    char text[4000];
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "\xE2\x82\xAC", 4);
    }
    plx_err err;
    plx_fail(&err, PLX_E_FORMAT, "%s", text);
    ck_assert_uint_eq(strlen(err.what), PLX_ERR_TEXT - 1 - (PLX_ERR_TEXT - 1) % 3);
    ck_assert_uint_eq(plx_utf8_valid_prefix(err.what, strlen(err.what)), strlen(err.what));
    plx_note(&err, "x%s", text);
    ck_assert_uint_eq(plx_utf8_valid_prefix(err.note[0], strlen(err.note[0])), strlen(err.note[0]));
    ck_assert_uint_gt(strlen(err.note[0]), PLX_ERR_NOTE - 5);
}
END_TEST

START_TEST(errno_gives_the_code)
{
    static const struct {
        int sys;
        plx_code code;
    } rows[] = {{ENOSPC, PLX_E_NOSPACE},  {EDQUOT, PLX_E_NOSPACE}, {EROFS, PLX_E_NOSPACE}, {ENOMEM, PLX_E_NOMEM},
                {ENOENT, PLX_E_NOTFOUND}, {EACCES, PLX_E_IO},      {EIO, PLX_E_IO}};
    plx_err err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert(!plx_fail_sys(&err, rows[i].sys, "cannot open %s", "f"));
        ck_assert_int_eq(err.code, rows[i].code);
        ck_assert_int_eq(err.sys, rows[i].sys);
    }
    plx_fail_sys(&err, ENOENT, "cannot open %s", "f");
    ck_assert_str_eq(err.what, "cannot open f: No such file or directory");
}
END_TEST

START_TEST(notes_keep_the_innermost_and_the_last)
{
    plx_err err;
    plx_fail_nomem(&err, 123);
    ck_assert_int_eq(err.code, PLX_E_NOMEM);
    ck_assert_ptr_nonnull(strstr(err.what, "123"));
    for (int i = 0; i < PLX_ERR_NOTES + 3; i++) {
        ck_assert(!plx_note(&err, "n%d", i));
    }
    ck_assert_int_eq(err.n_notes, PLX_ERR_NOTES);
    ck_assert_str_eq(err.note[0], "n0");
    ck_assert_str_eq(err.note[PLX_ERR_NOTES - 2], "n4");
    ck_assert_str_eq(err.note[PLX_ERR_NOTES - 1], "n8");
    plx_err_why(&err, "one");
    plx_err_why(&err, "two");
    ck_assert_str_eq(err.why, "two");
    plx_err_clear(&err);
    ck_assert_int_eq(err.code, PLX_OK);
    ck_assert_int_eq(err.n_notes, 0);
}
END_TEST

START_TEST(null_is_allowed)
{
    plx_err_clear(NULL);
    ck_assert(!plx_fail(NULL, PLX_E_IO, "x"));
    ck_assert(!plx_fail_sys(NULL, EIO, "x"));
    ck_assert(!plx_fail_nomem(NULL, 1));
    ck_assert(!plx_note(NULL, "x"));
    ck_assert(!plx_err_why(NULL, "x"));
    ck_assert(!plx_err_kept(NULL, "x"));
    ck_assert(!plx_err_next(NULL, "x"));
}
END_TEST

START_TEST(every_code_has_a_name_and_an_exit_status)
{
    for (int i = 0; i < PLX_N_CODES; i++) {
        const char *name = plx_code_name((plx_code)i);
        ck_assert_msg(name && name[0], "code %d has no name", i);
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(name, plx_code_name((plx_code)j));
        }
        ck_assert_msg((plx_code_exit((plx_code)i) == 0) == (i == PLX_OK), "exit status of %s", name);
    }
    ck_assert_str_eq(plx_code_name(PLX_E_TRUNCATED), "truncated");
    ck_assert_int_eq(plx_code_exit(PLX_E_NEGATIVE), 1);
    ck_assert_int_eq(plx_code_exit(PLX_E_ARG), 2);
    ck_assert_int_eq(plx_code_exit(PLX_E_NOTFOUND), 3);
    ck_assert_int_eq(plx_code_exit(PLX_E_DIGEST), 4);
    ck_assert_int_eq(plx_code_exit(PLX_E_NET), 5);
    ck_assert_int_eq(plx_code_exit(PLX_E_BUSY), 6);
    ck_assert_int_eq(plx_code_exit(PLX_E_LIMIT), 7);
    ck_assert_int_eq(plx_code_exit(PLX_E_FORMAT), 8);
    ck_assert_int_eq(plx_code_exit(PLX_E_POLICY), 9);
    ck_assert_int_eq(plx_code_exit(PLX_E_NEWER), 10);
    ck_assert_int_eq(plx_code_exit(PLX_E_CANCELLED), 130);
    ck_assert_int_eq(plx_code_exit(PLX_E_BUG), 70);
    ck_assert_int_eq(plx_code_exit(PLX_N_CODES), 70);
}
END_TEST

Suite *err_suite(void)
{
    Suite *s = suite_create("err");
    TCase *tc = tcase_create("err");
    tcase_add_test(tc, fail_sets_code_and_text);
    tcase_add_test(tc, fail_drops_what_was_there);
    tcase_add_test(tc, control_characters_are_escaped);
    tcase_add_test(tc, long_text_is_cut_at_a_whole_character);
    tcase_add_test(tc, errno_gives_the_code);
    tcase_add_test(tc, notes_keep_the_innermost_and_the_last);
    tcase_add_test(tc, null_is_allowed);
    tcase_add_test(tc, every_code_has_a_name_and_an_exit_status);
    suite_add_tcase(s, tc);
    return s;
}
