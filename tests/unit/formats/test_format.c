/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/format.h"

#include "support/support.h"

#include <check.h>
#include <zlib.h>

START_TEST(test_table)
{
    size_t n = 0;
    for (const plx_format *const *f = plx_formats; *f; f++, n++) {
        ck_assert_ptr_eq(plx_format_find((*f)->name), *f);
        ck_assert((*f)->title[0] && (*f)->extensions[0] && (*f)->reference[0] && (*f)->limits[0]);
        ck_assert((*f)->probe && (*f)->check && (*f)->outline);
        ck_assert(n == 0 || strcmp(f[-1]->name, (*f)->name) < 0);
        ck_assert_int_eq((*f)->probe((const uint8_t *)"", 0, "nothing"), 0);
    }
    ck_assert_uint_ge(n, 7);
    ck_assert_ptr_null(plx_format_find("csv2"));
}
END_TEST

static const struct {
    const char *file, *text, *format;
} FILES[] = {
    {"a.csv", "x,y\n1,2\n", "csv"},
    {"a.tsv", "x\ty\n1\t2\n", "csv"},
    {"a.csv", "x\n1\n", "csv"},
    {"plain", "x;y\n1;2\n", "csv"},
    {"a.txt", "one word\n", "csv"},
    {"a.json", " {\"a\": 1}", "json"},
    {"noext", "[1, 2]", "json"},
    {"a.json", "12", "json"},
    {"a.json", "{\"a\":1,\n\"b\":2,\n", "json"},
    {"a.yaml", "a: 1\n", "yaml"},
    {"b.yml", "a: [1, 2]\n", "yaml"},
    {"a.csv", "[a],b\n1,2\n", "csv"},
    {"a.csv.gz", "x,y\n1,2\n", "csv"},
    {"a.json.gz", "{\"a\":1}", "json"},
    {"x.gz", "[1]", "json"},
    {"a.bin", "\x01\x02\x03", NULL},
    {"empty.csv", "", NULL},
};

START_TEST(test_detect)
{
    const char *file = FILES[_i].file, *text = FILES[_i].text;
    char packed[200];
    size_t len = strlen(text);
    if (plx_ends_with(file, ".gz")) {
        z_stream z = {0};
        ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (Bytef *)(uintptr_t)text;
        z.avail_in = (uInt)len;
        z.next_out = (Bytef *)packed;
        z.avail_out = sizeof packed;
        ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
        len = z.total_out;
        deflateEnd(&z);
        text = packed;
    }
    const plx_format *format;
    plx_err err;
    bool ok = plx_format_detect(plx_test_file(file, text, len), &format, &err);
    if (FILES[_i].format) {
        ck_assert_msg(ok && strcmp(format->name, FILES[_i].format) == 0, "%s: %s", file,
                      ok ? format->name : plx_test_err(&err));
    } else {
        ck_assert(!ok);
        ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
        ck_assert_msg(strstr(err.why, "json, npy, npz, tar") != NULL, "%s", err.why);
    }
}
END_TEST

START_TEST(test_detect_errors)
{
    const plx_format *format;
    plx_err err;
    ck_assert(!plx_format_detect("/nowhere/at/all.csv", &format, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_format_detect(plx_test_dir(), &format, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

static const struct {
    const char *format, *text, *summary; /* NULL: refused */
} CHECKS[] = {
    {"csv", "x,y\n1,2\n3,4\n", "2 rows, 2 columns, separated by ','"},
    {"csv", "x\ty\n1\t\"2\n\"\n", "1 row, 2 columns, separated by tabs"},
    {"csv", "x\n", "0 rows, 1 column"},
    {"csv", "x,y\n1\n", NULL},
    {"csv", "x,y\n1,\"2\n", NULL},
    {"json", "{\"a\":1}", "object of 1 member"},
    {"json", "[1,2]", "array of 2 elements"},
    {"json", "12", "one value"},
    {"json", "[1,2", NULL},
    {"json", "{\"a\":1}\n{\"a\":2}\n", NULL},
};

START_TEST(test_check)
{
    const plx_format *format = plx_format_find(CHECKS[_i].format);
    plx_ctx ctx = plx_ctx_default();
    plx_sb summary = {0};
    plx_err err;
    const char *path = plx_test_file("checked", CHECKS[_i].text, strlen(CHECKS[_i].text));
    bool ok = format->check(&ctx, path, &summary, &err);
    ck_assert(ok == (CHECKS[_i].summary != NULL));
    if (ok) {
        ck_assert_str_eq(plx_sb_str(&summary), CHECKS[_i].summary);
    } else {
        ck_assert(err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED);
        ck_assert_int_ge(err.n_notes, 1);
    }
    plx_sb_free(&summary);
}
END_TEST

Suite *format_suite(void)
{
    Suite *s = suite_create("format");
    TCase *tc = tcase_create("format");
    tcase_add_test(tc, test_table);
    tcase_add_loop_test(tc, test_detect, 0, sizeof FILES / sizeof *FILES);
    tcase_add_test(tc, test_detect_errors);
    tcase_add_loop_test(tc, test_check, 0, sizeof CHECKS / sizeof *CHECKS);
    suite_add_tcase(s, tc);
    return s;
}
