/* SPDX-License-Identifier: Apache-2.0
 *
 * core/utf8: well-formedness over every lead and second byte, every code point there and back, widths, escaping.
 */
#include "core/utf8.h"

#include <check.h>
#include <string.h>

START_TEST(every_code_point_goes_there_and_back)
{
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char out[4];
        size_t n = plx_utf8_encode(cp, out);
        bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
        bool ok = n == (surrogate ? 3 : cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);
        ok = ok && plx_utf8_valid_prefix(out, n) == n;
        uint32_t back = n == 1 ? (unsigned char)out[0] : (unsigned char)out[0] & (0x7FU >> n);
        for (size_t i = 1; i < n; i++) {
            back = back << 6 | ((unsigned char)out[i] & 0x3FU);
        }
        ok = ok && back == (surrogate ? 0xFFFDU : cp);
        for (size_t cut = 0; cut < n; cut++) {
            ok = ok && plx_utf8_valid_prefix(out, cut) == 0;
        }
        if (!ok) { /* asked first: Check writes a message for every assertion it makes */
            ck_abort_msg("U+%04X", (unsigned)cp);
        }
    }
    char out[4];
    ck_assert_uint_eq(plx_utf8_encode(0x110000, out), 3);
    ck_assert_mem_eq(out, "\xEF\xBF\xBD", 3);
}
END_TEST

START_TEST(malformed_text)
{
    static const struct {
        const char *text;
        size_t prefix;
    } rows[] = {{"plain ascii of some length", 26},
                {"caf\xC3\xA9", 5},
                {"ab\xC3", 2},
                {"\xC0\x80", 0}, /* overlong NUL */
                {"\xC1\xBF", 0},
                {"\xE0\x9F\xBF", 0}, /* overlong */
                {"\xE0\xA0\x80", 3},
                {"\xED\x9F\xBF", 3},
                {"\xED\xA0\x80", 0},     /* surrogate */
                {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
                {"\xF0\x90\x80\x80", 4},
                {"\xF4\x8F\xBF\xBF", 4},
                {"\xF4\x90\x80\x80", 0}, /* above U+10FFFF */
                {"\xF5\x80\x80\x80", 0},
                {"\xFF", 0},
                {"\x80", 0},
                {"a\xE2\x82z", 1},
                {"12345678\xE2\x82\xAC"
                 "12345678\xFE",
                 19}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(plx_utf8_valid_prefix(rows[i].text, strlen(rows[i].text)) == rows[i].prefix, "row %zu", i);
    }
    char text[40];
    memset(text, 'a', sizeof text);
    for (size_t at = 0; at < sizeof text; at++) {
        text[at] = (char)0x80;
        ck_assert_uint_eq(plx_utf8_valid_prefix(text, sizeof text), at);
        text[at] = 'a';
    }
}
END_TEST

START_TEST(widths)
{
    static const struct {
        const char *text;
        size_t columns;
    } rows[] = {{"", 0},
                {"plexus", 6},
                {"caf\xC3\xA9", 4},
                {"cafe\xCC\x81", 4},             /* combining acute */
                {"\xE4\xB8\xAD\xE6\x96\x87", 4}, /* two ideographs */
                {"\xEF\xBC\xA1", 2},             /* fullwidth A */
                {"\xF0\x9F\xA7\xA0", 2},         /* brain */
                {"\xCE\xBC"
                 "m",
                 2},                 /* micrometre */
                {"\xE2\x80\x8B", 0}, /* zero width space */
                {"\x1B", 0},
                {"\xFF\xFE", 2},
                {"\xEA\xB0\x80", 2},  /* Hangul syllable */
                {"\xE2\x9C\x93", 1},  /* check mark */
                {"\xE2\x94\x80", 1}}; /* box drawing */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t columns = plx_utf8_width(rows[i].text, strlen(rows[i].text));
        ck_assert_msg(columns == rows[i].columns, "row %zu is %zu wide", i, columns);
    }
}
END_TEST

START_TEST(escaping)
{
    char out[64];
    ck_assert_uint_eq(plx_escape(out, sizeof out, "a\tb", 3), 6);
    ck_assert_str_eq(out, "a\\x09b");
    plx_escape(out, sizeof out, "\x1b[0m\x7f", 5);
    ck_assert_str_eq(out, "\\x1b[0m\\x7f");
    plx_escape(out, sizeof out, "\0x", 2);
    ck_assert_str_eq(out, "\\x00x");
    plx_escape(out, sizeof out,
               "\xC2\x9B"
               "31m",
               5); /* the one-character CSI */
    ck_assert_str_eq(out, "\\xc2\\x9b31m");
    plx_escape(out, sizeof out,
               "\xE2\x80\xAE"
               "gpj",
               6); /* right-to-left override */
    ck_assert_str_eq(out, "\\xe2\\x80\\xaegpj");
    plx_escape(out, sizeof out, "\xC3\xA9\xC3", 3);
    ck_assert_str_eq(out, "\xC3\xA9\\xc3");
    ck_assert_uint_eq(plx_escape(out, sizeof out, NULL, 0), 0);
    ck_assert_str_eq(out, "");
    out[0] = 'z';
    ck_assert_uint_eq(plx_escape(out, 0, "abc", 3), 0);
    ck_assert_int_eq(out[0], 'z');
    /* Cut to fit, never inside a character or an escape. */
    static const char text[] = "a\xC3\xA9\n\xE2\x82\xAC.";
    static const size_t fits[] = {0, 0, 1, 1, 3, 3, 3, 3, 7, 7, 7, 10, 11, 11};
    for (size_t cap = 1; cap < sizeof fits / sizeof fits[0]; cap++) {
        memset(out, '#', sizeof out);
        ck_assert_msg(plx_escape(out, cap, text, sizeof text - 1) == fits[cap], "cap %zu", cap);
        ck_assert_int_eq(out[fits[cap]], '\0');
        ck_assert_int_eq(out[cap], '#');
    }
}
END_TEST

Suite *utf8_suite(void)
{
    Suite *s = suite_create("utf8");
    TCase *tc = tcase_create("utf8");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_code_point_goes_there_and_back);
    tcase_add_test(tc, malformed_text);
    tcase_add_test(tc, widths);
    tcase_add_test(tc, escaping);
    suite_add_tcase(s, tc);
    return s;
}
