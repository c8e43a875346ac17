/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/csv.h"

#include "chunks.h"
#include "core/alloc.h"
#include "core/rng.h"
#include "formats/csv_marks.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>

typedef struct row_case {
    const char *text;
    plx_csv_opts opts;
    const char *rows; /* header first; fields joined by '|', rows by '/'; or "CODE line:column words of the message" */
} row_case;

/* "format 3:7 message" from an error. */
static void render_err(const plx_err *err, plx_sb *out)
{
    unsigned long line = 0, column = 0;
    if (err->n_notes > 0) {
        ck_assert_msg(sscanf(err->note[0], "line %lu, column %lu, byte", &line, &column) == 2, "note \"%s\"",
                      err->note[0]);
    }
    plx_sb_free(out);
    plx_sb_printf(out, "%s %lu:%lu %s", plx_code_name(err->code), line, column, err->what);
}

static plx_sb render(plx_source *source, const plx_csv_opts *opts)
{
    plx_ctx ctx = plx_ctx_default();
    plx_sb out = {0};
    plx_err err = {0};
    plx_csv *csv;
    if (!plx_csv_open(&ctx, source, opts, &csv, &err)) {
        ck_assert_ptr_null(csv);
        render_err(&err, &out);
        return out;
    }
    for (size_t i = 0; i < plx_csv_n_columns(csv); i++) {
        plx_slice name = plx_csv_column_name(csv, i);
        plx_sb_printf(&out, "%s%.*s", i ? "|" : "", (int)name.len, name.ptr);
    }
    for (;;) {
        const plx_slice *fields;
        if (!plx_csv_next(csv, &fields, &err)) {
            render_err(&err, &out);
            break;
        }
        if (!fields) {
            break;
        }
        for (size_t i = 0; i < plx_csv_n_columns(csv); i++) {
            plx_sb_char(&out, i ? '|' : '/');
            plx_sb_bytes(&out, fields[i].ptr, fields[i].len);
        }
    }
    plx_csv_close(csv);
    return out;
}

/* The same through memory and through chunks of every small size. */
static void check_case(const row_case *c)
{
    plx_source *source;
    size_t len = strlen(c->text);
    ck_assert(plx_source_mem("t.csv", c->text, len, &source, NULL));
    plx_sb got = render(source, &c->opts);
    plx_source_close(source);
    bool failure = strstr(c->rows, ":") && !strstr(c->rows, "|");
    ck_assert_msg(failure ? strncmp(plx_sb_str(&got), c->rows, strlen(c->rows)) == 0
                          : strcmp(plx_sb_str(&got), c->rows) == 0,
                  "%s\n got: %s\nwant: %s", c->text, plx_sb_str(&got), c->rows);
    for (size_t chunk = 1; chunk < 9; chunk++) {
        chunks slow;
        plx_sb again = render(chunks_open(&slow, c->text, len, chunk), &c->opts);
        const char *a = strstr(plx_sb_str(&again), ":"), *b = strstr(plx_sb_str(&got), ":");
        ck_assert_msg(failure ? (a && b && a - plx_sb_str(&again) == b - plx_sb_str(&got))
                              : strcmp(plx_sb_str(&again), plx_sb_str(&got)) == 0,
                      "chunks of %zu: %s", chunk, plx_sb_str(&again));
        plx_sb_free(&again);
    }
    plx_sb_free(&got);
}

/* Rows by Python 3.11, csv.reader(strict=True), blank lines dropped. */
static const row_case GOLDEN[] = {
    {"a,b,c\n1,2,3\n4,5,6\n", {0}, "a|b|c/1|2|3/4|5|6"},
    {"a,b\r\n1,2\r\n3,4\r\n", {0}, "a|b/1|2/3|4"},
    {"a,b\n1,2", {0}, "a|b/1|2"},
    {"a,b\n\"x\",\"y\"\n\"x,1\",\"y\n2\"\n", {0}, "a|b/x|y/x,1|y\n2"},
    {"a,b\n\"he said \"\"hi\"\"\",\"\"\"\"\n\"\"\"\",\"\"\n", {0}, "a|b/he said \"hi\"|\"/\"|"},
    {"a,b,c\n,,\n1,,3\n,2,\n", {0}, "a|b|c/||/1||3/|2|"},
    {"a,b\nx\"y,5\" 6\n", {0}, "a|b/x\"y|5\" 6"},
    {"a,b\r\n\"line1\r\nline2\",z\r\n", {0}, "a|b/line1\r\nline2|z"},
    {"a,b\n x , y \n", {0}, "a|b/ x | y "},
    {"n\303\244me,\316\261\316\262\n\303\274,\346\274\242\345\255\227\n\"\360\237\220\233\",x\n",
     {0},
     "n\303\244me|\316\261\316\262/\303\274|\346\274\242\345\255\227/\360\237\220\233|x"},
    {"a,b\n\n1,2\n\n\n3,4\n", {0}, "a|b/1|2/3|4"},
    {"a\nx\n\"\"\ny\n", {0}, "a/x//y"},
};

START_TEST(test_golden)
{
    check_case(&GOLDEN[_i]);
}
END_TEST

static const row_case CASES[] = {
    {"\xef\xbb\xbf\"a\",b\n1,2\n", {0}, "a|b/1|2"},
    {"a\tb\n1\t2\n", {0}, "a|b/1|2"},
    {"a;b;c,d\n1;2;3\n", {0}, "a|b|c,d/1|2|3"},
    {"a|b\n1|2\n", {.delimiter = '|', .no_header = true}, "c1|c2/a|b/1|2"},
    {"\"x,y,z\";b\n1;2\n", {0}, "x,y,z|b/1|2"},
    {"a,b\r1,2\r\r3,\"x\ry\"\r", {0}, "a|b/1|2/3|x\ry"},
    {"a,b\r1,2", {0}, "a|b/1|2"},
    {"a,b\r\n1,2\r", {0}, "a|b/1|2"},
    {"# one, \"two\n#\na,b\n#x\n1,2\n3,#4\n#", {.comment = '#'}, "a|b/1|2/3|#4"},
    {"a, b\n 1 ,\t2\n \"x \" , \"y\"\t\n  \n,\n", {.trim = true}, "a|b/1|2/x |y/|"},
    {"a\tb\n\"x\" \t y\n", {.trim = true, .delimiter = '\t'}, "a|b/x|y"},
    {"a,b\n'x,''1','y'\n", {.quote = '\''}, "a|b/x,'1|y"},
    {"a,b\n\"x,\"y\"\n", {.quote = 1}, "a|b/\"x|\"y\""},
    {"a,b,c\n1\n1,2\n1,2,3\n", {.ragged = PLX_RAGGED_PAD}, "a|b|c/1||/1|2|/1|2|3"},
    {"1,2\n3,4", {.no_header = true}, "c1|c2/1|2/3|4"},
    {"a\v,b\f\n\x01,\x1f\n", {0}, "a\v|b\f/\x01|\x1f"},
    {"a,b\n", {0}, "a|b"},
    {"a,b", {0}, "a|b"},
    {"", {.no_header = true}, ""},
    {"\n\n", {.no_header = true}, ""},
    {"a;b\n1,5;2\n", {.decimal_comma = true}, "a|b/1,5|2"},
    /* failures */
    {"", {0}, "truncated 0:0 t.csv is empty"},
    {"\n\n", {0}, "truncated 0:0 t.csv is empty"},
    {"a,b\n1,2,3\n", {0}, "format 2:5 a row of t.csv has 3 fields, and 2 were expected"},
    {"a,b\n1,2\n3\n", {0}, "format 3:2 a row of t.csv has 1 fields"},
    {"a,b\n1,2,\"3\"\n", {.ragged = PLX_RAGGED_PAD}, "format 2:5 a row"},
    {"a,b\n1,\"x\" y\n", {0}, "format 2:6 t.csv has text behind a closing quote"},
    {"a,b\n1,\"x\"\"y\"z\n", {0}, "format 2:9 t.csv has text behind a closing quote"},
    {"a,b\n\"x\ny\"z,1\n", {0}, "format 3:3 t.csv has text behind a closing quote"},
    {"a,b\n1,\"x\n2,3\n", {0}, "truncated 2:3 t.csv ends inside a quoted field"},
    {"a,b\n\"1\n\",\"x\"\"\n2,3", {0}, "truncated 3:3 t.csv ends inside a quoted field"},
    {"a,b\n1,2\r3,4\n", {0}, "format 2:4 t.csv has a carriage return without a line feed"},
    {"a,b\r1,2\n3,4\r", {0}, "format 2:4 t.csv has a line feed"},
    {"a,b\n1,\xff\n", {0}, "format 2:3 t.csv is not UTF-8"},
    {"a,b\n\"1\n2\n\",\xed\xa0\x80\n", {0}, "format 4:3 t.csv is not UTF-8"},
    {"a,\n1,2\n", {0}, "format 1:3 column 2 of t.csv has no name"},
    {"a,b,a\n1,2,3\n", {0}, "format 1:5 two columns of t.csv are named \"a\""},
    {"\xff\xfe"
     "a",
     {0},
     "format 1:1 t.csv is UTF-16"},
    {"a,b\n", {.delimiter = '"'}, "arg 0:0 byte 0x22 cannot be the delimiter"},
    {"a,b\n", {.delimiter = ',', .decimal_comma = true}, "arg 0:0 a comma cannot be both"},
    {"a,b\n", {.comment = '"'}, "arg 0:0 the quote and the comment mark"},
    {"a,b\n1,\"0123456789\"\n", {.max_row_bytes = 12}, "limit 2:1 a row of t.csv is longer than 12 bytes"},
};

START_TEST(test_cases)
{
    check_case(&CASES[_i]);
}
END_TEST

START_TEST(test_nul_bytes)
{
    static const char plain[] = "a,b\n1,\0\n", quoted[] = "a,b\n1,\"x\0\"\n";
    plx_source *source;
    ck_assert(plx_source_mem("t.csv", plain, sizeof plain - 1, &source, NULL));
    plx_sb got = render(source, NULL);
    ck_assert_str_eq(plx_sb_str(&got), "format 2:3 t.csv has a NUL byte");
    plx_source_close(source);
    plx_sb_free(&got);
    ck_assert(plx_source_mem("t.csv", quoted, sizeof quoted - 1, &source, NULL));
    got = render(source, NULL);
    ck_assert_str_eq(plx_sb_str(&got), "format 2:5 t.csv has a NUL byte");
    plx_source_close(source);
    plx_sb_free(&got);
}
END_TEST

/* Every prefix of a file with everything in it is read, or is malformed, or ends early; it never crashes. */
START_TEST(test_prefixes)
{
    const char *text =
        "\xef\xbb\xbf# c\r\n\"n\xc3\xa4me\",\"b \"\"x\"\"\",c\r\n1,\"multi\r\nline\",\xe6\xbc\xa2\r\n\r\n,,\r\n";
    plx_csv_opts opts = {.comment = '#'};
    for (size_t n = 0; n <= strlen(text); n++) {
        char *exact = malloc(n + 1); /* so that a sanitizer sees reads past the end */
        memcpy(exact, text, n);
        plx_source *source;
        ck_assert(plx_source_mem("t.csv", exact, n, &source, NULL));
        plx_sb got = render(source, &opts);
        const char *s = plx_sb_str(&got);
        ck_assert_msg(strncmp(s, "format ", 7) == 0 || strncmp(s, "truncated ", 10) == 0 || s[0] == 'n', "%zu: %s", n,
                      s);
        plx_sb_free(&got);
        plx_source_close(source);
        free(exact);
    }
}
END_TEST

/* Python's rules restated for well-formed text: the rows a random table must give back. */
static void random_table(plx_rng *rng, size_t n_rows, size_t n_cols, const char *end, plx_sb *text, plx_sb *rows)
{
    static const char *const words[] = {"",     "1",      "-2.5", "x y",      "a,b",
                                        "q\"q", "l1\nl2", "\"",   "\xce\xb1", "0123456789"};
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t c = 0; c < n_cols; c++) {
            plx_slice field = plx_slice_of(r ? words[plx_rng_below(rng, 10)] : "");
            char name[24];
            if (r == 0) {
                snprintf(name, sizeof name, "n%zu", c);
                field = plx_slice_of(name);
            }
            if (c) {
                plx_sb_char(text, ',');
            }
            plx_csv_write_field(text, field, ',');
            if (c || r) {
                plx_sb_char(rows, c ? '|' : '/');
            }
            plx_sb_bytes(rows, field.ptr, field.len);
        }
        plx_sb_text(text, end);
    }
}

START_TEST(test_random_tables)
{
    plx_rng rng = plx_rng_seed(11);
    for (int k = 0; k < 60; k++) {
        plx_sb text = {0}, rows = {0};
        size_t n_cols = k == 0 ? 300 : 2 + plx_rng_below(&rng, 30);
        random_table(&rng, 1 + plx_rng_below(&rng, 60), n_cols, k % 2 ? "\n" : "\r\n", &text, &rows);
        chunks slow;
        plx_sb got = render(chunks_open(&slow, text.ptr, text.len, 1 + plx_rng_below(&rng, 300)), NULL);
        ck_assert_str_eq(plx_sb_str(&got), plx_sb_str(&rows));
        plx_sb_free(&got);
        plx_sb_free(&rows);
        plx_sb_free(&text);
    }
}
END_TEST

/* Rows that straddle windows, and one longer than a window. */
START_TEST(test_windows)
{
    plx_rng rng = plx_rng_seed(12);
    plx_sb text = {0}, rows = {0};
    random_table(&rng, 60000, 7, "\n", &text, &rows);
    ck_assert_uint_gt(text.len, 1 << 20);
    plx_source *source;
    ck_assert(plx_source_mem("t.csv", text.ptr, text.len, &source, NULL));
    plx_sb got = render(source, NULL);
    ck_assert(got.len == rows.len && memcmp(got.ptr, rows.ptr, rows.len) == 0);
    plx_source_close(source);
    plx_sb_free(&got);
    plx_sb_free(&text);
    plx_sb_free(&rows);

    size_t long_field = 3 << 20;
    plx_sb_text(&text, "a,b\n1,\"");
    for (size_t i = 0; i < long_field; i++) {
        plx_sb_char(&text, i % 100 ? 'x' : '\n');
    }
    plx_sb_text(&text, "\"\n2,3\n4,\"5\"x\n");
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_csv *csv;
    const plx_slice *fields;
    chunks slow;
    ck_assert(plx_csv_open(&ctx, chunks_open(&slow, text.ptr, text.len, 100000), NULL, &csv, &err));
    ck_assert_msg(plx_csv_next(csv, &fields, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(fields[1].len, long_field);
    ck_assert_uint_eq(plx_csv_line(csv), 2);
    ck_assert(plx_csv_next(csv, &fields, &err));
    ck_assert_uint_eq(plx_csv_line(csv), 3 + long_field / 100 + 1);
    ck_assert(!plx_csv_next(csv, &fields, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    char want[64];
    snprintf(want, sizeof want, "line %zu, column 6, byte %zu", 4 + long_field / 100 + 1, text.len - 2);
    ck_assert_msg(strncmp(err.note[0], want, strlen(want)) == 0, "%s", err.note[0]);
    plx_csv_close(csv);
    plx_csv_opts opts = {.max_row_bytes = 1 << 20};
    ck_assert(plx_csv_open(&ctx, chunks_open(&slow, text.ptr, text.len, 100000), &opts, &csv, &err));
    ck_assert(!plx_csv_next(csv, &fields, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_csv_close(csv);
    plx_sb_free(&text);
}
END_TEST

START_TEST(test_places)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_source *source;
    plx_csv *csv;
    const plx_slice *fields;
    const char *text = "pre,post,n\nAVAL,\"AV\"\"AR\",3\n\"x\ny\",z,4\n";
    ck_assert(plx_source_mem("t.csv", text, strlen(text), &source, NULL));
    ck_assert(plx_csv_open(&ctx, source, NULL, &csv, &err));
    ck_assert_int_eq(plx_csv_delimiter(csv), ',');
    size_t column = 9;
    ck_assert(plx_csv_need(csv, "post", &column, &err));
    ck_assert_uint_eq(column, 1);
    ck_assert(!plx_csv_need(csv, "weight", &column, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_str_eq(err.why, "its columns are pre, post, n");
    ck_assert_uint_eq(plx_csv_column_name(csv, 7).len, 0);
    ck_assert(plx_csv_next(csv, &fields, &err));
    ck_assert_uint_eq(plx_csv_line(csv), 2);
    ck_assert_uint_eq(plx_csv_column_of(csv, 0), 1);
    ck_assert_uint_eq(plx_csv_column_of(csv, 1), 6);
    ck_assert_uint_eq(plx_csv_column_of(csv, 2), 15);
    ck_assert_uint_eq(plx_csv_column_of(csv, 3), 16);
    ck_assert(plx_slice_is(fields[1], "AV\"AR"));
    ck_assert(!plx_csv_fail(csv, PLX_E_SCHEMA, 2, &err, "%d is odd", 3));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_str_eq(err.what, "3 is odd");
    ck_assert_str_eq(err.note[0], "line 2, column 15, byte 25 of t.csv");
    ck_assert(plx_csv_next(csv, &fields, &err));
    ck_assert_uint_eq(plx_csv_line(csv), 3);
    plx_csv_fail(csv, PLX_E_SCHEMA, 1, &err, "no");
    ck_assert_str_eq(err.note[0], "line 4, column 4, byte 33 of t.csv");
    ck_assert(plx_csv_next(csv, &fields, &err) && !fields);
    ck_assert(plx_csv_next(csv, &fields, &err) && !fields);
    plx_csv_close(csv);
    plx_csv_close(NULL);
    plx_source_close(source);
}
END_TEST

START_TEST(test_limits)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.limits.columns = 4;
    plx_err err;
    plx_csv *csv;
    chunks slow;
    const plx_slice *fields;
    ck_assert(plx_csv_open(&ctx, chunks_open(&slow, "a,b,c,d\n1,2,3,4\n1,2,3,4,5\n", 26, 9), NULL, &csv, &err));
    ck_assert(plx_csv_next(csv, &fields, &err) && fields);
    ck_assert(!plx_csv_next(csv, &fields, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_msg(strncmp(err.note[0], "line 3, column 9,", 17) == 0, "%s", err.note[0]);
    plx_csv_close(csv);
    ck_assert(!plx_csv_open(&ctx, chunks_open(&slow, "a,b,c,d,e\n", 10, 9), NULL, &csv, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    chunks_open(&slow, "a,b\n1,2\n", 8, 4);
    slow.fail_at = 4;
    ck_assert(!plx_csv_open(&ctx, &slow.base, NULL, &csv, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
    volatile sig_atomic_t stop = 1;
    ctx.cancel = &stop;
    ck_assert(!plx_csv_open(&ctx, chunks_open(&slow, "a\n", 2, 9), NULL, &csv, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
}
END_TEST

START_TEST(test_out_of_memory)
{
    const char *text = "a,\"b\"\"\",c,d,e,f,g,h,i\n1,\"\"\"2\",3,4,5,6,7,8,9\n";
    size_t before = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_ctx ctx = plx_ctx_default();
        plx_err err = {0};
        plx_csv *csv;
        chunks slow;
        const plx_slice *fields = NULL;
        plx_test_alloc_fail_at(k);
        ok = plx_csv_open(&ctx, chunks_open(&slow, text, strlen(text), 10), NULL, &csv, &err);
        if (ok) {
            ok = plx_csv_next(csv, &fields, &err);
            ck_assert(!ok || plx_slice_is(fields[1], "\"2"));
            plx_csv_close(csv);
        }
        plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        ck_assert_uint_lt(k, 60);
    }
}
END_TEST

START_TEST(test_write_field)
{
    static const char *const cases[][2] = {
        {"", ""},       {"plain", "plain"},     {" x ", " x "},       {"a,b", "\"a,b\""},
        {"a;b", "a;b"}, {"q\"q", "\"q\"\"q\""}, {"l\nm", "\"l\nm\""}, {"l\rm", "\"l\rm\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plx_sb out = {0};
        plx_csv_write_field(&out, plx_slice_of(cases[i][0]), ',');
        ck_assert_str_eq(plx_sb_str(&out), cases[i][1]);
        plx_sb_free(&out);
    }
}
END_TEST

/* The wide and the portable scan mark the same bytes. */
START_TEST(test_classify)
{
    plx_rng rng = plx_rng_seed(13);
    static const char alphabet[] = "ab,\"\n\r\t 0.-;\x0e\x7f";
    for (int k = 0; k < 20000; k++) {
        char text[64];
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = k % 2 ? (char)plx_rng_below(&rng, 256) : alphabet[plx_rng_below(&rng, sizeof alphabet)];
        }
        uint64_t high, high_portable, want = 0, want_high = 0;
        for (size_t i = 0; i < sizeof text; i++) {
            want |= (uint64_t)(text[i] == ';' || text[i] == '"' || (unsigned char)text[i] <= '\r') << i;
            want_high |= (uint64_t)((unsigned char)text[i] >= 0x80) << i;
        }
        ck_assert_uint_eq(plx_csv_classify(text, ';', '"', &high), want);
        ck_assert_uint_eq(plx_csv_classify_portable(text, ';', '"', &high_portable), want);
        ck_assert_uint_eq(high, want_high);
        ck_assert_uint_eq(high_portable, want_high);
    }
}
END_TEST

Suite *csv_suite(void)
{
    Suite *s = suite_create("csv");
    TCase *tc = tcase_create("csv");
    tcase_add_loop_test(tc, test_golden, 0, sizeof GOLDEN / sizeof *GOLDEN);
    tcase_add_loop_test(tc, test_cases, 0, sizeof CASES / sizeof *CASES);
    tcase_add_test(tc, test_nul_bytes);
    tcase_add_test(tc, test_prefixes);
    tcase_add_test(tc, test_random_tables);
    tcase_add_test(tc, test_windows);
    tcase_add_test(tc, test_places);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_out_of_memory);
    tcase_add_test(tc, test_write_field);
    tcase_add_test(tc, test_classify);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
