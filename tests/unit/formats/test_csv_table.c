/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/csv.h"

#include "chunks.h"
#include "core/alloc.h"
#include "core/num.h"
#include "core/rng.h"
#include "formats/csv_number.h"
#include "formats/csv_wide.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static bool read_from(plx_source *source, const plx_csv_opts *opts, const plx_csv_want *want, size_t n_want,
                      plx_table *out, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_csv *csv;
    plx_err_clear(err);
    if (!plx_csv_open(&ctx, source, opts, &csv, err)) {
        return false;
    }
    bool ok = plx_csv_read_table(csv, want, n_want, out, err);
    plx_csv_close(csv);
    return ok;
}

static bool same_columns(const plx_table *a, const plx_table *b)
{
    bool same = a->n_rows == b->n_rows && a->n_cols == b->n_cols;
    for (size_t i = 0; same && i < a->n_cols; i++) {
        const plx_column *x = &a->cols[i], *y = &b->cols[i];
        same = strcmp(x->name, y->name) == 0 && x->dtype == y->dtype && x->values.len == y->values.len &&
               (x->values.len == 0 || memcmp(x->values.ptr, y->values.ptr, x->values.len) == 0);
        for (size_t r = 0; same && x->dtype == PLX_STR && r < x->n; r++) {
            same = plx_slice_eq(plx_column_str(x, r), plx_column_str(y, r));
        }
    }
    return same;
}

/* Through memory, which can be rewound, and through chunks, which cannot: both must agree. */
static plx_table read_text(const char *text, const plx_csv_opts *opts, const plx_csv_want *want, size_t n_want)
{
    plx_table table, again;
    plx_err err;
    plx_source *source;
    chunks slow;
    size_t len = strlen(text);
    ck_assert(plx_source_mem("t.csv", text, len, &source, NULL));
    ck_assert_msg(read_from(source, opts, want, n_want, &table, &err), "%s: %s", text, plx_test_err(&err));
    plx_source_close(source);
    ck_assert_msg(read_from(chunks_open(&slow, text, len, 5), opts, want, n_want, &again, &err), "%s",
                  plx_test_err(&err));
    ck_assert(same_columns(&table, &again));
    plx_table_free(&again);
    return table;
}

/* "i64 1 2 3", "f64 0.5 nan", "str a|b|" */
static plx_sb render(const plx_column *c)
{
    plx_sb out = {0};
    plx_sb_printf(&out, "%s ", plx_dtype_name(c->dtype));
    for (size_t r = 0; r < c->n; r++) {
        char text[PLX_NUM_TEXT];
        if (c->dtype == PLX_STR) {
            plx_slice s = plx_column_str(c, r);
            plx_sb_bytes(&out, s.ptr, s.len);
            plx_sb_char(&out, '|');
        } else if (c->dtype == PLX_I64) {
            plx_sb_bytes(&out, text, plx_print_i64(((const int64_t *)(const void *)c->values.ptr)[r], text));
            plx_sb_char(&out, ' ');
        } else {
            plx_sb_bytes(&out, text, plx_print_f64(((const double *)(const void *)c->values.ptr)[r], text));
            plx_sb_char(&out, ' ');
        }
    }
    return out;
}

typedef struct column_case {
    const char *fields; /* of the one column, ended by newlines */
    const char *want;
} column_case;

static const column_case COLUMNS[] = {
    {"1\n-2\n+3\n007\n", "i64 1 -2 3 7 "},
    {"9223372036854775807\n-9223372036854775808\n", "i64 9223372036854775807 -9223372036854775808 "},
    {"9223372036854775808\n1\n", "f64 9.223372036854776e+18 1.0 "},
    {"1\n2.5\n", "f64 1.0 2.5 "},
    {"1\n\"\"\n3\n", "f64 1.0 nan 3.0 "},
    {"NA\n1\n", "f64 nan 1.0 "},
    {"null\nNaN\nNA\n", "f64 nan nan nan "},
    {"inf\n-Infinity\n1e5\n", "f64 inf -inf 100000.0 "},
    {"1\n-0\n", "i64 1 0 "},
    {"-0\n1\n0.5\n-0\n", "f64 -0.0 1.0 0.5 -0.0 "},
    {"-0\n1\nNA\n", "f64 -0.0 1.0 nan "},
    {"-0\n1\nNA\nx\n", "str -0|1|NA|x|"},
    {"-0.0\n0\n", "f64 -0.0 0.0 "},
    {"1\n2\nx\n4\n", "str 1|2|x|4|"},
    {"1.50\n007\n\"\"\n x\n", "str 1.50|007|| x|"},
    {"\"\"\n\"\"\nx\n", "str ||x|"},
    {"\"\"\nNA\nx\n", "str |NA|x|"},
    {"\"a\"\"b\"\n1\n", "str a\"b|1|"},
    {"1\n\"2\"\n", "i64 1 2 "},
    {" 1\n2\n", "str  1|2|"},
    {"1e3\n", "f64 1000.0 "},
    {"0x10\n", "str 0x10|"},
    {"-\n", "str -|"},
    {".\n", "str .|"},
    {"1.2.3\n", "str 1.2.3|"},
    {"--1\n", "str --1|"},
    {"1-\n", "str 1-|"},
    {"12345678901234567\n0.12345678901234567\n", "f64 1.2345678901234568e+16 0.12345678901234566 "},
    {"1234567890123456\n9007199254740993\n0.5\n", "f64 1.234567890123456e+15 9.007199254740992e+15 0.5 "},
    {"", "f64 "},
};

START_TEST(test_inference)
{
    const column_case *c = &COLUMNS[_i];
    plx_sb text = {0};
    plx_sb_printf(&text, "x\n%s", c->fields);
    plx_table table = read_text(plx_sb_str(&text), &(plx_csv_opts){.delimiter = ';'}, NULL, 0);
    ck_assert_uint_eq(table.n_cols, 1);
    plx_sb got = render(&table.cols[0]);
    ck_assert_msg(strcmp(plx_sb_str(&got), c->want) == 0, "%s\n got: %s\nwant: %s", c->fields, plx_sb_str(&got),
                  c->want);
    plx_sb_free(&got);
    plx_table_free(&table);
    plx_sb_free(&text);
}
END_TEST

/* pandas 1.5.3, read_csv(float_precision="round_trip", keep_default_na=False, na_values=["", "NA", "NaN", "null",
 * "nan"]). */
START_TEST(test_pandas_golden)
{
    plx_table t = read_text("i,f,s,n,e,m\n1,0.1,abc,1,,1\n-22,-2.5e-3,\"d,e\",NA,,2.5\n9007199254740993,1e22,,3,,-0\n"
                            "0,123456789.123456789,x,nan,,4\n",
                            NULL, NULL, 0);
    ck_assert_uint_eq(t.n_rows, 4);
    static const int64_t i[] = {1, -22, 9007199254740993, 0};
    static const double f[] = {0x1.999999999999ap-4, -0x1.47ae147ae147bp-9, 0x1.0f0cf064dd592p+73,
                               0x1.d6f34547e6b75p+26};
    static const double m[] = {1.0, 2.5, -0.0, 4.0};
    ck_assert_int_eq(t.cols[0].dtype, PLX_I64);
    ck_assert_mem_eq(t.cols[0].values.ptr, i, sizeof i);
    ck_assert_mem_eq(t.cols[1].values.ptr, f, sizeof f);
    ck_assert_int_eq(t.cols[2].dtype, PLX_STR);
    ck_assert(plx_slice_is(plx_column_str(&t.cols[2], 1), "d,e"));
    ck_assert(plx_column_f64(&t.cols[3], 2) == 3.0 && isnan(plx_column_f64(&t.cols[3], 1)));
    ck_assert(t.cols[4].dtype == PLX_F64 && isnan(plx_column_f64(&t.cols[4], 3)));
    ck_assert_mem_eq(t.cols[5].values.ptr, m, sizeof m);
    plx_table_free(&t);
}
END_TEST

START_TEST(test_want)
{
    static const plx_csv_want want[] = {{"w", PLX_F64}, {"id", PLX_STR}, {"n", PLX_I64}, {"id", PLX_I64}};
    plx_table t = read_text("id,n,skip,w\n7,1,x,2\n8,-2,,\n", NULL, want, 4);
    ck_assert_uint_eq(t.n_cols, 4);
    static const char *const columns[] = {"f64 2.0 nan ", "str 7|8|", "i64 1 -2 ", "i64 7 8 "};
    for (size_t i = 0; i < 4; i++) {
        plx_sb got = render(&t.cols[i]);
        ck_assert_str_eq(plx_sb_str(&got), columns[i]);
        ck_assert_str_eq(t.cols[i].name, want[i].name);
        plx_sb_free(&got);
    }
    plx_table_free(&t);
}
END_TEST

typedef struct refusal {
    const char *text;
    plx_csv_want want;
    plx_code code;
    const char *note, *words;
} refusal;

static const refusal REFUSALS[] = {
    {"a,b\n1,2\n3,x\n", {"b", PLX_F64}, PLX_E_FORMAT, "line 3, column 3,", "column \"b\" of t.csv must hold numbers"},
    {"a,b\n1,2.5\n", {"b", PLX_I64}, PLX_E_FORMAT, "line 2, column 3,", "must hold integers"},
    {"a,b\n1,\n", {"b", PLX_I64}, PLX_E_FORMAT, "line 2, column 3,", "must hold integers"},
    {"a,b\n1,99999999999999999999\n", {"b", PLX_I64}, PLX_E_FORMAT, "line 2, column 3,", "must hold integers"},
    {"a,b\n1,2\n", {"c", PLX_I64}, PLX_E_SCHEMA, "", "no column \"c\""},
    {"a,b\n1,2\n", {"b", PLX_F32}, PLX_E_ARG, "", "not as f32"},
    {"a,b\n1,2\n\"3\n\",\"4", {"b", PLX_F64}, PLX_E_TRUNCATED, "line 4, column 3,", "ends inside a quoted field"},
};

START_TEST(test_refusals)
{
    const refusal *r = &REFUSALS[_i];
    plx_source *source;
    plx_table table;
    plx_err err;
    ck_assert(plx_source_mem("t.csv", r->text, strlen(r->text), &source, NULL));
    ck_assert(!read_from(source, NULL, &r->want, 1, &table, &err));
    ck_assert_msg(err.code == r->code && strstr(err.what, r->words) != NULL, "%s", plx_test_err(&err));
    ck_assert_msg(strncmp(err.note[0], r->note, strlen(r->note)) == 0, "%s", plx_test_err(&err));
    ck_assert_uint_eq(table.n_cols, 0);
    plx_source_close(source);
}
END_TEST

START_TEST(test_decimal_comma)
{
    plx_csv_opts opts = {.decimal_comma = true};
    plx_table t = read_text("a;b;c;d\n1,5;-0,25;1;1.5\n12345678901234567890,5;1e3;2;x\n", &opts, NULL, 0);
    static const char *const want[] = {"f64 1.5 1.2345678901234567e+19 ", "f64 -0.25 1000.0 ", "i64 1 2 ",
                                       "str 1.5|x|"};
    for (size_t i = 0; i < 4; i++) {
        plx_sb got = render(&t.cols[i]);
        ck_assert_str_eq(plx_sb_str(&got), want[i]);
        plx_sb_free(&got);
    }
    plx_table_free(&t);
}
END_TEST

/* Tables of many tiles and windows, in which columns are demoted late. */
START_TEST(test_late_demotion)
{
    enum { ROWS = 40000, COLS = 6 };
    plx_rng rng = plx_rng_seed(21);
    plx_sb text = {0};
    double *f = malloc(ROWS * sizeof *f);
    plx_sb_text(&text, "i,f,zero,late,empty,text\n");
    for (int r = 0; r < ROWS; r++) {
        char number[PLX_NUM_TEXT];
        f[r] = plx_rng_normal(&rng) * pow(10, (double)plx_rng_below(&rng, 12) - 6);
        number[plx_print_f64(f[r], number)] = '\0';
        plx_sb_printf(&text, "%d,%s,%s,%s,%s,%03d\n", r - 100, number,
                      r == 77      ? "-0"
                      : r == 39990 ? "0.5"
                                   : "1",
                      r == 39999 ? "x" : "01", r < 39000 ? "" : "y", r);
    }
    plx_table t = read_text(plx_sb_str(&text), NULL, NULL, 0);
    ck_assert_uint_eq(t.n_rows, ROWS);
    ck_assert_mem_eq(t.cols[1].values.ptr, f, ROWS * sizeof *f);
    ck_assert(t.cols[0].dtype == PLX_I64 && t.cols[2].dtype == PLX_F64 && t.cols[5].dtype == PLX_I64);
    ck_assert(t.cols[3].dtype == PLX_STR && t.cols[4].dtype == PLX_STR);
    for (size_t r = 0; r < ROWS; r++) {
        ck_assert(plx_column_f64(&t.cols[0], r) == (double)r - 100);
        double zero = plx_column_f64(&t.cols[2], r);
        ck_assert(r == 77 ? zero == 0 && signbit(zero) : zero == (r == 39990 ? 0.5 : 1));
        ck_assert(plx_slice_is(plx_column_str(&t.cols[3], r), r == 39999 ? "x" : "01"));
        ck_assert_uint_eq(plx_column_str(&t.cols[4], r).len, r >= 39000);
    }
    plx_table_free(&t);
    plx_sb_free(&text);
    free(f);
}
END_TEST

/* Rows taken one by one before stay out of the table, also when it takes a second pass. */
START_TEST(test_after_rows)
{
    const char *text = "a,b\nx,1\n1,2\n2,3\ny,4\n";
    for (int rewindable = 0; rewindable < 2; rewindable++) {
        plx_ctx ctx = plx_ctx_default();
        plx_csv *csv;
        plx_table t;
        plx_err err;
        chunks slow;
        plx_source *source = chunks_open(&slow, text, strlen(text), 7);
        if (rewindable) {
            ck_assert(plx_source_mem("t.csv", text, strlen(text), &source, NULL));
        }
        const plx_slice *fields;
        ck_assert(plx_csv_open(&ctx, source, NULL, &csv, &err));
        ck_assert(plx_csv_next(csv, &fields, &err) && fields);
        ck_assert_msg(plx_csv_read_table(csv, NULL, 0, &t, &err), "%s", plx_test_err(&err));
        plx_sb a = render(&t.cols[0]), b = render(&t.cols[1]);
        ck_assert_str_eq(plx_sb_str(&a), "str 1|2|y|");
        ck_assert_str_eq(plx_sb_str(&b), "i64 2 3 4 ");
        plx_sb_free(&a);
        plx_sb_free(&b);
        plx_table_free(&t);
        plx_csv_close(csv);
        plx_source_close(source);
    }
    plx_table t = read_text("1,x\n2,y\nz,3", &(plx_csv_opts){.no_header = true}, NULL, 0);
    plx_sb a = render(&t.cols[0]);
    ck_assert_str_eq(plx_sb_str(&a), "str 1|2|z|");
    ck_assert_str_eq(t.cols[1].name, "c2");
    plx_sb_free(&a);
    plx_table_free(&t);
}
END_TEST

START_TEST(test_memory_limit)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.limits.memory_bytes = 100000;
    plx_sb text = {0};
    plx_sb_text(&text, "a,b\n");
    for (int i = 0; i < 20000; i++) {
        plx_sb_text(&text, "1,x\n");
    }
    plx_source *source;
    plx_csv *csv;
    plx_table t;
    plx_err err;
    ck_assert(plx_source_mem("t.csv", text.ptr, text.len, &source, NULL));
    ck_assert(plx_csv_open(&ctx, source, NULL, &csv, &err));
    ck_assert(!plx_csv_read_table(csv, NULL, 0, &t, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_csv_close(csv);
    plx_source_close(source);
    plx_sb_free(&text);
}
END_TEST

START_TEST(test_out_of_memory)
{
    const char *text = "a,b,c,d\n1,-0,x,\"q\"\"\"\n2,1,y,z\nw,0.5,z,\n";
    size_t before = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_err err;
        plx_table t = {0};
        chunks slow;
        plx_source *source = chunks_open(&slow, text, strlen(text), 10);
        plx_test_alloc_fail_at(k);
        ok = read_from(source, NULL, NULL, 0, &t, &err);
        plx_test_alloc_ok();
        ck_assert_uint_eq(t.n_cols, ok ? 4 : 0);
        ck_assert(!ok || (t.cols[0].dtype == PLX_STR && t.cols[1].dtype == PLX_F64));
        plx_table_free(&t);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        ck_assert_uint_lt(k, 100);
    }
}
END_TEST

enum { PLACES = 8 };

static bool same_bits(double x, double y)
{
    return x == y && !signbit(x) == !signbit(y);
}

/* Read by eights, in each of the eight places, the field at text[start..start + len) comes out as it does alone: both
 * sets of decoders stop at the first field plx_csv_plain_f64 and plx_csv_plain_i64 do not read. */
static void check_decoders(const plx_csv_decoders *decode, const char *text, size_t start, size_t len)
{
    double x = 0, xs[PLACES];
    int64_t whole = 0, wholes[PLACES];
    bool zero = false, is_f64 = plx_csv_plain_f64(text + start, len, '.', &x);
    bool is_i64 = plx_csv_plain_i64(text + start, len, &whole, &zero);
    for (size_t place = 0; place < PLACES; place++) {
        plx_csv_range floats[PLACES], integers[PLACES];
        bool zeros = false, right = true;
        for (size_t i = 0; i < PLACES; i++) { /* 9.9 at 36, -9.9 at 35; 9 at 36, -9 at 35 */
            uint32_t from = 36 - i % 2;
            floats[i] = (plx_csv_range){from, 39};
            integers[i] = (plx_csv_range){from, 37};
        }
        plx_csv_range here = {(uint32_t)start, (uint32_t)(start + len) | (place % 2 ? PLX_CSV_QUOTED : 0)};
        floats[place] = integers[place] = here;
        size_t n_f64 = decode->f64(text, floats, PLACES, '.', xs);
        size_t n_i64 = decode->i64(text, integers, PLACES, wholes, &zeros);
        right = n_f64 == (is_f64 ? PLACES : place) && n_i64 == (is_i64 ? PLACES : place) && zeros == (is_i64 && zero);
        for (size_t i = 0; i < n_f64; i++) {
            right = right && same_bits(xs[i], i == place ? x : i % 2 ? -9.9 : 9.9);
        }
        for (size_t i = 0; i < n_i64; i++) {
            right = right && wholes[i] == (i == place ? whole : i % 2 ? -9 : 9);
        }
        if (!right) { /* an assertion that holds costs a write to the parent process */
            ck_abort_msg("\"%.*s\" in place %zu: %zu and %zu read", (int)len, text + start, place, n_f64, n_i64);
        }
    }
}

/* Every path and plx_parse_f64, plx_parse_i64 agree, bit by bit, on text of every shape. */
static void check_number(const char *text, size_t len)
{
    char padded[160] = "9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-9.9-";
    memcpy(padded + 64, text, len);
    padded[64 + len] = ',';
    const char *at = padded + 64;
    check_decoders(&plx_csv_portable, padded, 64, len);
    if (plx_csv_wide()) {
        check_decoders(plx_csv_wide(), padded, 64, len);
    }
    plx_csv_decimal plain = {0}, portable = {0};
    bool ok = plx_csv_plain_decimal(at, len, '.', &plain), zero = false;
    double x = 0, y = 1;
    int64_t i = 0, j = 1;
    bool right = ok == plx_csv_decimal_portable(at, len, '.', &portable) &&
                 (!ok || (plain.w == portable.w && plain.scale == portable.scale &&
                          plain.negative == portable.negative && !plain.has_point == !portable.has_point));
    right = right && (!plx_csv_plain_f64(at, len, '.', &x) || (ok && plx_parse_f64(at, len, &y) && same_bits(x, y)));
    right = right && (!plx_csv_plain_i64(at, len, &i, &zero) ||
                      (ok && plx_parse_i64(at, len, &j) && i == j && zero == (i == 0 && *text == '-')));
    if (!right) {
        ck_abort_msg("\"%.*s\": %llu e-%u, %llu e-%u", (int)len, text, (unsigned long long)plain.w, plain.scale,
                     (unsigned long long)portable.w, portable.scale);
    }
}

/* Text of the rest of a file, or of its error, field by field; read in blocks when there is a cutter. */
static plx_sb read_whole(const char *text, size_t len, const plx_csv_opts *opts, plx_csv_cutter *cut)
{
    plx_ctx ctx = plx_ctx_default();
    plx_csv *csv;
    plx_err err;
    chunks slow;
    plx_sb out = {0};
    plx_csv_block block = {0};
    bool ok = plx_csv_open(&ctx, chunks_open(&slow, text, len, 4096), opts, &csv, &err);
    ck_assert(!ok || !cut || plx_csv_block_init(csv, &block, &err));
    const plx_slice *row = NULL;
    while (ok && !cut && (ok = plx_csv_next(csv, &row, &err)) && row) {
        for (size_t i = 0; i < plx_csv_n_columns(csv); i++) {
            plx_sb_printf(&out, "<%.*s>", (int)row[i].len, row[i].ptr);
        }
        (void)plx_csv_fail(csv, PLX_E_FORMAT, plx_csv_n_columns(csv) - 1, &err, "x");
        plx_sb_printf(&out, "%s\n", err.note[0]);
    }
    while (ok && cut && (ok = plx_csv_block_next(csv, &block, cut, &err)) && block.n_rows > 0) {
        for (size_t r = 0; r < block.n_rows; r++) {
            for (size_t i = 0; i < plx_csv_n_columns(csv); i++) {
                plx_csv_range range = block.ranges[i * block.cap + r];
                plx_slice field;
                csv->scratch_len = 0;
                ck_assert(plx_csv_field(csv, range, (range.mark & PLX_CSV_STOP) - range.start, &field, &err));
                plx_sb_printf(&out, "<%.*s>", (int)field.len, field.ptr);
            }
            plx_err_clear(&err);
            (void)plx_csv_block_note(csv, &block, r, plx_csv_n_columns(csv) - 1, &err);
            plx_sb_printf(&out, "%s\n", err.note[0]);
        }
    }
    if (!ok) {
        plx_sb_printf(&out, "%s, %s\n", err.what, err.note[0]);
    }
    plx_csv_block_free(&block);
    plx_csv_close(csv);
    return out;
}

/* Blocks hold the rows, places and errors that rows taken one by one have, with either cutter. */
START_TEST(test_blocks)
{
    static const char *const pieces[] = {
        "1;2;3", "1.5;-2;", "a\xc3\xa9;b;c", "\"q;\"\"\n\";x;y", ";;",        "1;2",  "\t;\"\";9",
        "#c",    "",        "7;8;9",         "1;2;3;4",          "a\xff;b;c", "x;\"y"};
    enum { USUAL = 10, PIECES = sizeof pieces / sizeof *pieces };
    plx_rng rng = plx_rng_seed(31);
    for (int k = 0; k < 600; k++) {
        plx_csv_opts opts = {.delimiter = ';',
                             .comment = k % 3 ? '\0' : '#',
                             .trim = k % 5 == 0,
                             .ragged = k % 2 ? PLX_RAGGED_PAD : PLX_RAGGED_ERROR,
                             .no_header = k % 7 == 0};
        const char *end = k % 4 == 0 ? "\r\n" : k % 9 == 0 ? "\r" : "\n";
        int n_rows = k < 10 ? 30000 : 300;
        plx_sb text = {0};
        plx_sb_printf(&text, "a;b;c%s", end);
        for (int r = 0; r < n_rows; r++) { /* few rows of other kinds, in half of the files */
            size_t piece = k % 2 == 0 || plx_rng_below(&rng, 8) ? (k / 2 % 2 ? 9 : 0) : plx_rng_below(&rng, USUAL);
            piece = plx_rng_below(&rng, (uint64_t)n_rows * 2) ? piece : plx_rng_below(&rng, PIECES);
            plx_sb_printf(&text, "%s%s", pieces[piece], r + 1 < n_rows || k % 3 ? end : "");
        }
        plx_sb rows = read_whole(text.ptr, text.len, &opts, NULL);
        const plx_csv_decoders *const sets[] = {&plx_csv_portable, plx_csv_wide()};
        for (size_t i = 0; i < 2 && sets[i]; i++) {
            plx_sb blocks = read_whole(text.ptr, text.len, &opts, sets[i]->cut);
            ck_assert_msg(strcmp(plx_sb_str(&rows), plx_sb_str(&blocks)) == 0, "file %d, cutter %zu", k, i);
            plx_sb_free(&blocks);
        }
        plx_sb_free(&rows);
        plx_sb_free(&text);
    }
}
END_TEST

/* The error of the earliest row is told, and in it that of the first column asked for. */
START_TEST(test_first_error)
{
    static const plx_csv_want want[] = {{"c", PLX_I64}, {"a", PLX_F64}, {"b", PLX_F64}};
    static const struct {
        const char *text, *note;
    } cases[] = {
        {"a,b,c\n1,2,3\n1,x,3\n1,2,x\n", "line 3, column 3,"},
        {"a,b,c\n1,2,3\ny,x,z\n1,2,x\n", "line 3, column 5,"},
        {"a,b,c\n1,2,3\n1,2,3,4\nx,2,3\n", "line 3, column 7,"},
        {"a,b,c\n1,2,3\nx,2,3\n1,2,3,4\n", "line 3, column 1,"},
        {"a,b,c\n\"1\",\"\n\",3\n", "line 2, column 5,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plx_source *source;
        plx_table table;
        plx_err err;
        ck_assert(plx_source_mem("t.csv", cases[i].text, strlen(cases[i].text), &source, NULL));
        ck_assert(!read_from(source, NULL, want, 3, &table, &err));
        ck_assert_msg(strncmp(err.note[0], cases[i].note, strlen(cases[i].note)) == 0, "%s: %s", cases[i].text,
                      plx_test_err(&err));
        plx_source_close(source);
    }
}
END_TEST

START_TEST(test_plain_numbers)
{
    static const char digits[] = "0123456789", alphabet[] = "0123456789.-+e,/: \x80\xb0\xff";
    plx_rng rng = plx_rng_seed(22);
    char text[40];
    for (int k = 0; k < 300000; k++) {
        size_t len = plx_rng_below(&rng, k % 2 ? 36 : 20);
        for (size_t i = 0; i < len; i++) {
            text[i] = k % 3 ? digits[plx_rng_below(&rng, 10)] : alphabet[plx_rng_below(&rng, sizeof alphabet - 1)];
        }
        if (k % 3 && len > 2) {
            text[plx_rng_below(&rng, len)] = '.';
            text[0] = plx_rng_below(&rng, 2) ? '-' : text[0];
        }
        check_number(text, len);
    }
    for (int k = 0; k < 200000; k++) {
        double x = plx_rng_normal(&rng) * pow(10, (double)plx_rng_below(&rng, 16) - 8);
        int len = snprintf(text, sizeof text, "%.*g", 1 + (int)plx_rng_below(&rng, 19), x);
        check_number(text, (size_t)len);
    }
    static const char *const edges[] = {"",
                                        "-",
                                        ".",
                                        "-.",
                                        "1.",
                                        "-1.",
                                        ".1",
                                        "-.1",
                                        "0",
                                        "-0",
                                        "-0.0",
                                        "..",
                                        "1..",
                                        "--",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9999999999999999",
                                        "-9999999999999999",
                                        "0.99999999999999",
                                        "-0.99999999999999",
                                        "00000000000000.1",
                                        "1.",
                                        "1234567890123456.",
                                        ".1234567890123456",
                                        "-.12345678901234567",
                                        "1.2345678901234567.8",
                                        "1.23456.78901234567",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "9223372036854775807",
                                        "-9223372036854775807",
                                        "-9223372036854775808",
                                        "9007199254740993.0",
                                        "9007199254740993.5",
                                        "9007199254740995.00",
                                        "4503599627370497.5",
                                        "4503599627370496.50",
                                        "-0.00000000000000000",
                                        "-000000000000000000",
                                        "0.000000000000000000001",
                                        "-12345678",
                                        "-1234567",
                                        "12345678",
                                        "00000000"};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        check_number(edges[i], strlen(edges[i]));
    }
}
END_TEST

Suite *csv_table_suite(void)
{
    Suite *s = suite_create("csv_table");
    TCase *tc = tcase_create("csv_table");
    tcase_add_loop_test(tc, test_inference, 0, sizeof COLUMNS / sizeof *COLUMNS);
    tcase_add_test(tc, test_pandas_golden);
    tcase_add_test(tc, test_want);
    tcase_add_loop_test(tc, test_refusals, 0, sizeof REFUSALS / sizeof *REFUSALS);
    tcase_add_test(tc, test_decimal_comma);
    tcase_add_test(tc, test_late_demotion);
    tcase_add_test(tc, test_after_rows);
    tcase_add_test(tc, test_memory_limit);
    tcase_add_test(tc, test_out_of_memory);
    tcase_add_test(tc, test_blocks);
    tcase_add_test(tc, test_first_error);
    tcase_add_test(tc, test_plain_numbers);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
