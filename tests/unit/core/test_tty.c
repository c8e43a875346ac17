/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"
#include "core/tty.h"
#include "core/utf8.h"

#include "support/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char text[1 << 16];
static plx_err err;

typedef enum { TEXT, CSV, MD, HTML } how;

static const char *print(const plx_grid *grid, how format, unsigned width, bool color)
{
    FILE *f = tmpfile();
    bool ok = format == TEXT  ? plx_grid_print_text(grid, f, width, color, &err)
              : format == CSV ? plx_grid_print_csv(grid, f, &err)
              : format == MD  ? plx_grid_print_markdown(grid, f, &err)
                              : plx_grid_print_html(grid, f, &err);
    ck_assert_msg(ok, "%s", plx_test_err(&err));
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

static const char *const headers[] = {"name", "n", "note"};
static const plx_align align[] = {PLX_LEFT, PLX_RIGHT, PLX_LEFT};

static plx_grid *sample(void)
{
    plx_grid *grid = plx_grid_new(3, headers, align);
    ck_assert_ptr_nonnull(grid);
    ck_assert(plx_grid_row(grid, (const char *const[]){"AVAL", "12", "a, \"b\""}));
    ck_assert(plx_grid_row(grid, (const char *const[]){"\xe7\xb7\x9a\xe8\x99\xab", "3", NULL}));
    ck_assert(plx_grid_row(grid, (const char *const[]){"x|<y>", "", "e\x1b\n&"}));
    ck_assert_uint_eq(plx_grid_rows(grid), 3);
    return grid;
}

START_TEST(never_cuts_what_must_stay_whole)
{
    static const char *const two[] = {"name", "title"};
    static const plx_align align_two[] = {PLX_WHOLE, PLX_LEFT};
    plx_grid *grid = plx_grid_new(2, two, align_two);
    ck_assert(plx_grid_row(grid, (const char *const[]){"a-name-of-some-length-here", "a title that is cut short"}));
    ck_assert_str_eq(print(grid, TEXT, 36, false),
                     "name                        title\na-name-of-some-length-here  a title…\n");
    plx_grid_free(grid);
}
END_TEST

START_TEST(leaves_gaps_in_text_alone)
{
    static const char *const one[] = {"a"};
    plx_grid *grid = plx_grid_new(1, one, NULL);
    ck_assert(plx_grid_gap(grid));
    ck_assert(plx_grid_row(grid, (const char *const[]){"1"}));
    ck_assert(plx_grid_gap(grid) && plx_grid_gap(grid));
    ck_assert(plx_grid_row(grid, (const char *const[]){"2"}));
    ck_assert(plx_grid_row(grid, (const char *const[]){"3"}));
    ck_assert(plx_grid_gap(grid));
    ck_assert_str_eq(print(grid, TEXT, 0, false), "a\n1\n\n2\n3\n");
    ck_assert_str_eq(print(grid, CSV, 0, false), "a\n1\n2\n3\n");
    plx_grid_free(grid);
}
END_TEST

START_TEST(no_line_for_headers_that_are_empty)
{
    static const char *const none[] = {"", ""};
    plx_grid *grid = plx_grid_new(2, none, NULL);
    ck_assert(plx_grid_row(grid, (const char *const[]){"a", "1"}));
    ck_assert_str_eq(print(grid, TEXT, 0, false), "a  1\n");
    plx_grid_free(grid);
}
END_TEST

START_TEST(as_text)
{
    plx_grid *grid = sample();
    ck_assert_str_eq(print(grid, TEXT, 0, false), "name    n  note\n"
                                                  "AVAL   12  a, \"b\"\n"
                                                  "\xe7\xb7\x9a\xe8\x99\xab    3\n"
                                                  "x|<y>      e\\x1b\\x0a&\n");
    ck_assert_ptr_nonnull(strstr(print(grid, TEXT, 0, true), "\033[1mname    n  note\033[0m\n"));
    plx_grid_free(grid);
    grid = plx_grid_new(3, headers, align);
    ck_assert_str_eq(print(grid, TEXT, 0, false), "name  n  note\n");
    plx_grid_free(grid);
    plx_grid_free(NULL);
}
END_TEST

START_TEST(as_csv)
{
    plx_grid *grid = sample();
    ck_assert_str_eq(print(grid, CSV, 0, false), "name,n,note\nAVAL,12,\"a, \"\"b\"\"\"\n\xe7\xb7\x9a\xe8\x99\xab,3,\n"
                                                 "x|<y>,,e\\x1b\\x0a&\n");
    plx_grid_free(grid);
    static const char *const one[] = {"only"};
    grid = plx_grid_new(1, one, NULL);
    ck_assert(plx_grid_row(grid, (const char *const[]){""}));
    ck_assert(plx_grid_row(grid, (const char *const[]){" x"}));
    ck_assert_str_eq(print(grid, CSV, 0, false), "only\n\"\"\n\" x\"\n");
    plx_grid_free(grid);
}
END_TEST

START_TEST(as_markdown)
{
    plx_grid *grid = sample();
    ck_assert_str_eq(print(grid, MD, 0, false),
                     "| name | n | note |\n| --- | ---: | --- |\n| AVAL | 12 | a, \"b\" |\n"
                     "| \xe7\xb7\x9a\xe8\x99\xab | 3 |  |\n| x\\|\\<y\\> |  | e\\\\x1b\\\\x0a& |\n");
    plx_grid_free(grid);
}
END_TEST

START_TEST(as_html)
{
    plx_grid *grid = sample();
    const char *out = print(grid, HTML, 0, false);
    ck_assert_ptr_nonnull(strstr(
        out, "<table>\n<thead>\n<tr><th scope=\"col\">name</th><th scope=\"col\" style=\"text-align:right\">n</th>"));
    ck_assert_ptr_nonnull(strstr(out, "<td>a, &quot;b&quot;</td></tr>\n"));
    ck_assert_ptr_nonnull(strstr(out, "<td>x|&lt;y&gt;</td>"));
    ck_assert_ptr_nonnull(strstr(out, "&amp;</td></tr>\n</tbody>\n</table>\n"));
    plx_grid_free(grid);
}
END_TEST

START_TEST(no_line_is_too_wide)
{
    plx_grid *grid = plx_grid_new(3, headers, align);
    ck_assert(
        plx_grid_row(grid, (const char *const[]){"connectome/white1986-n2u", "1234", "a long note of many words"}));
    ck_assert(plx_grid_row(
        grid, (const char *const[]){
                  "caf\xc3\xa9 "
                  "\xe7\xb7\x9a\xe8\x99\xab\xe7\xb7\x9a\xe8\x99\xab\xe7\xb7\x9a\xe8\x99\xab\xe7\xb7\x9a\xe8\x99\xab",
                  "5", "short"}));
    for (unsigned width = 12; width < 70; width++) {
        char *copy = strdup(print(grid, TEXT, width, false));
        for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) {
            size_t n = strlen(line);
            ck_assert_uint_eq(plx_utf8_valid_prefix(line, n), n);
            ck_assert_msg(plx_utf8_width(line, n) <= width, "%u: %s", width, line);
        }
        free(copy);
    }
    /* The widest left-aligned column is cut, numbers are not. */
    const char *out = print(grid, TEXT, 40, false);
    ck_assert_ptr_nonnull(strstr(out, "1234"));
    ck_assert_ptr_nonnull(strstr(out, "\xe2\x80\xa6"));
    plx_grid_free(grid);
}
END_TEST

START_TEST(failed_writes_are_errors)
{
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        return; /* no such device here */
    }
    plx_grid *grid = sample();
    ck_assert(!plx_grid_print_csv(grid, full, &err));
    ck_assert_int_eq(err.code, PLX_E_NOSPACE);
    plx_grid_free(grid);
    fclose(full);
}
END_TEST

START_TEST(out_of_memory)
{
    for (size_t k = 0;; k++) {
        plx_test_alloc_fail_at(k);
        char big[200];
        memset(big, 'x', sizeof big);
        big[199] = '\0';
        plx_grid *grid = plx_grid_new(3, headers, align);
        bool ok = grid && plx_grid_row(grid, (const char *const[]){big, big, big});
        FILE *f = ok ? fopen("/dev/null", "w") : NULL;
        ok = ok && plx_grid_print_text(grid, f, 40, false, &err);
        if (f) {
            fclose(f);
        }
        plx_grid_free(grid);
        size_t live = plx_alloc_live();
        size_t asked = plx_test_alloc_ok();
        ck_assert_uint_eq(live, 0);
        if (asked <= k) { /* none was left to fail */
            ck_assert(ok);
            ck_assert_uint_gt(k, 6);
            break;
        }
    }
}
END_TEST

static const char *wrapped(const char *words, unsigned column, unsigned width)
{
    FILE *f = tmpfile();
    plx_tty_wrap(words, column, width, f);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

START_TEST(wrap)
{
    ck_assert_str_eq(wrapped("one two", 4, 0), "one two\n");
    ck_assert_str_eq(wrapped("", 4, 80), "\n");
    ck_assert_str_eq(wrapped("aaaa bbbb cccc dddd eeee ffff gggg", 2, 32), "aaaa bbbb cccc dddd eeee ffff\n  gggg\n");
    /* Too narrow: at least 24 columns of text; a word is never broken. */
    ck_assert_str_eq(wrapped("aaaaaaaaaaaa bbbbbbbbbbbb", 20, 10), "aaaaaaaaaaaa\n                    bbbbbbbbbbbb\n");
}
END_TEST

START_TEST(width_and_colour)
{
    FILE *f = tmpfile();
    setenv("COLUMNS", "77", 1);
    ck_assert_uint_eq(plx_tty_width(f), 77);
    setenv("COLUMNS", "zero", 1);
    ck_assert_uint_eq(plx_tty_width(f), 0);
    unsetenv("COLUMNS");
    ck_assert_uint_eq(plx_tty_width(f), 0);
    ck_assert(!plx_tty_is_terminal(f));

    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR_FORCE");
    ck_assert(plx_tty_wants_color(f, "always"));
    ck_assert(!plx_tty_wants_color(f, "never"));
    ck_assert(!plx_tty_wants_color(f, "auto"));
    ck_assert(!plx_tty_wants_color(f, NULL));
    setenv("CLICOLOR_FORCE", "1", 1);
    ck_assert(plx_tty_wants_color(f, "auto"));
    ck_assert(!plx_tty_wants_color(f, "never"));
    setenv("CLICOLOR_FORCE", "0", 1);
    ck_assert(!plx_tty_wants_color(f, NULL));
    setenv("CLICOLOR_FORCE", "1", 1);
    setenv("NO_COLOR", "1", 1);
    ck_assert(!plx_tty_wants_color(f, "auto"));
    ck_assert(plx_tty_wants_color(f, "always"));
    fclose(f);
}
END_TEST

Suite *tty_suite(void)
{
    Suite *s = suite_create("tty");
    TCase *tc = tcase_create("tty");
    tcase_add_test(tc, never_cuts_what_must_stay_whole);
    tcase_add_test(tc, leaves_gaps_in_text_alone);
    tcase_add_test(tc, no_line_for_headers_that_are_empty);
    tcase_add_test(tc, as_text);
    tcase_add_test(tc, as_csv);
    tcase_add_test(tc, as_markdown);
    tcase_add_test(tc, as_html);
    tcase_add_test(tc, no_line_is_too_wide);
    tcase_add_test(tc, failed_writes_are_errors);
    tcase_add_test(tc, out_of_memory);
    tcase_add_test(tc, wrap);
    tcase_add_test(tc, width_and_colour);
    suite_add_tcase(s, tc);
    return s;
}
