/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV to typed columns. Where no types are asked for, every column starts as integers and is demoted by the first field
 * that does not fit: to doubles in place, to text by reading the file once more, since the text of numbers is not kept.
 */
#include "core/alloc.h"
#include "core/num.h"
#include "formats/csv_number.h"
#include "formats/csv_wide.h"

#include <math.h>
#include <string.h>

typedef union cell {
    int64_t i64;
    double f64;
} cell;

typedef enum col_kind {
    COL_UNKNOWN, /* only missing fields so far; holds NaN */
    COL_I64,
    COL_F64,
    COL_STR,
    COL_AGAIN_F64, /* its numbers are doubles, but a "-0" has lost its sign: filled in the second pass */
    COL_AGAIN_STR, /* is text after all: filled in the second pass */
    COL_KEEP       /* complete; not touched by the second pass */
} col_kind;

typedef struct col {
    col_kind kind;
    plx_dtype dtype; /* once the first pass is over */
    bool fixed;      /* the type was asked for */
    bool minus_zero; /* holds an integer that was written "-0" */
    bool na_word;    /* holds a missing field that was not empty */
    size_t field;
    cell *values;
    plx_strcol text;
} col;

typedef struct reader {
    plx_csv *csv;
    col *cols;
    size_t n_cols, cap;
    size_t n_rows; /* before those of the block */
    size_t n_again;
    plx_csv_block block;
    char point;
    const plx_csv_decoders *decode;
} reader;

static bool is_text(col_kind kind)
{
    return kind == COL_STR || kind == COL_AGAIN_STR;
}

/* How many rows the file's size promises, going by the rows so far; 0 where it is not known. */
static size_t expected_rows(const reader *r)
{
    const plx_csv *csv = r->csv;
    double rows = (double)(r->n_rows + r->block.n_rows), done = (double)(csv->base + csv->pos);
    double all = (double)csv->source->size / done * rows * 1.02;
    return all >= 0 && all < (double)(SIZE_MAX / 1024) ? (size_t)all : 0;
}

static bool fits(const reader *r, size_t cap)
{
    uint64_t used = 0;
    for (size_t i = 0; i < r->n_cols; i++) {
        const col *c = &r->cols[i];
        used += is_text(c->kind) ? c->text.bytes.cap + c->text.cap * sizeof(uint64_t) : cap * sizeof(cell);
    }
    return used <= r->csv->ctx.limits.memory_bytes;
}

/* Room for the block, and for what is expected behind it. */
static bool grow_rows(reader *r, plx_err *err)
{
    size_t need = r->n_rows + r->block.n_rows, expected = expected_rows(r);
    size_t cap = need < 2 * r->cap ? 2 * r->cap : need;
    if (expected > cap && fits(r, expected)) {
        cap = expected;
    }
    if (!fits(r, cap)) {
        plx_fail(err, PLX_E_LIMIT, "the table in %s needs more than %llu bytes of memory", r->csv->source->name,
                 (unsigned long long)r->csv->ctx.limits.memory_bytes);
        return plx_csv_block_note(r->csv, &r->block, 0, 0, err);
    }
    for (size_t i = 0; i < r->n_cols; i++) {
        col *c = &r->cols[i];
        if (is_text(c->kind)) {
            continue;
        }
        cell *more = plx_realloc_array(c->values, cap, sizeof(cell));
        if (!more) {
            return plx_fail_nomem(err, cap * sizeof(cell));
        }
        c->values = more;
    }
    r->cap = cap;
    return true;
}

/* ---- demotion ---- */

static void to_f64(col *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        c->values[i].f64 = (double)c->values[i].i64;
    }
    c->kind = COL_F64;
}

static void again(reader *r, col *c, col_kind kind)
{
    c->kind = kind;
    r->n_again++;
}

/* The column turns out to be text behind n fields. */
static void to_text(reader *r, col *c, size_t n)
{
    bool recoverable = n == 0 || (c->kind == COL_UNKNOWN && !c->na_word);
    plx_free(c->values);
    c->values = NULL;
    if (!recoverable) {
        r->n_again -= c->kind == COL_AGAIN_F64;
        again(r, c, COL_AGAIN_STR);
        return;
    }
    c->kind = COL_STR;
    for (size_t i = 0; i < n; i++) {
        plx_strcol_add(&c->text, (plx_slice){"", 0});
    }
}

static bool is_missing(plx_slice text)
{
    return text.len == 0 || plx_slice_is(text, "NA") || plx_slice_is(text, "null");
}

static bool bad_field(const reader *r, const col *c, size_t row, plx_slice text, plx_err *err)
{
    plx_slice name = r->csv->names[c->field];
    plx_fail(err, PLX_E_FORMAT, "column \"%.*s\" of %s must hold %s", (int)(name.len < 80 ? name.len : 80), name.ptr,
             r->csv->source->name, c->kind == COL_I64 ? "integers" : "numbers");
    plx_csv_block_note(r->csv, &r->block, row, c->field, err);
    return plx_err_why(err, "got \"%.*s\"", (int)(text.len < 80 ? text.len : 80), text.ptr);
}

static bool field_text(reader *r, const col *c, size_t row, plx_slice *out, plx_err *err)
{
    plx_csv_range range = r->block.ranges[c->field * r->block.cap + row];
    r->csv->scratch_len = 0;
    return plx_csv_field(r->csv, range, (range.mark & PLX_CSV_STOP) - range.start, out, err);
}

static bool store_text(reader *r, col *c, size_t row, plx_err *err)
{
    plx_slice text;
    if (!field_text(r, c, row, &text, err)) {
        return false;
    }
    plx_strcol_add(&c->text, text);
    return !c->text.failed || plx_fail_nomem(err, text.len);
}

/* A field that is no plain decimal of the column's kind, in row `row` of the block. */
static bool store_odd(reader *r, col *c, size_t row, plx_err *err)
{
    const size_t n = r->n_rows + row;
    plx_slice text;
    if (!field_text(r, c, row, &text, err)) {
        return false;
    }
    int64_t whole;
    double x;
    if ((c->kind == COL_I64 || (c->kind == COL_UNKNOWN && n == 0)) && plx_parse_i64(text.ptr, text.len, &whole)) {
        c->kind = COL_I64;
        c->minus_zero |= whole == 0 && text.ptr[0] == '-';
        c->values[n].i64 = whole;
        return true;
    }
    bool missing = is_missing(text);
    if (!missing && !plx_csv_parse_f64(text.ptr, text.len, r->point, &x)) {
        if (c->fixed) {
            return bad_field(r, c, row, text, err);
        }
        to_text(r, c, n);
        return c->kind != COL_STR || store_text(r, c, row, err);
    }
    if (c->kind == COL_I64) {
        if (c->fixed) {
            return bad_field(r, c, row, text, err);
        }
        to_f64(c, n);
        if (c->minus_zero) {
            again(r, c, COL_AGAIN_F64);
        }
    }
    c->na_word |= missing && text.len > 0;
    if (c->kind == COL_UNKNOWN && !missing) {
        c->kind = COL_F64;
    }
    c->values[n].f64 = missing ? (double)NAN : x;
    return true;
}

/* ---- rows ---- */

/* Rows of the block from `row` on that need no look at what they say: how many before the next that does. */
static size_t store_plain(const reader *r, col *c, size_t row, size_t n)
{
    const plx_csv_range *ranges = r->block.ranges + c->field * r->block.cap + row;
    switch (c->kind) {
    case COL_I64:
        return r->decode->i64(r->csv->text, ranges, n - row, &c->values[r->n_rows + row].i64, &c->minus_zero);
    case COL_F64:
    case COL_AGAIN_F64:
        return r->decode->f64(r->csv->text, ranges, n - row, r->point, &c->values[r->n_rows + row].f64);
    case COL_AGAIN_STR:
    case COL_KEEP:
        return n - row;
    case COL_UNKNOWN:
    case COL_STR:
        break;
    }
    return 0;
}

/* The first *n rows of the block; *n becomes the row that could not be stored. */
static bool store_column(reader *r, col *c, size_t *n, plx_err *err)
{
    for (size_t row = 0; (row += store_plain(r, c, row, *n)) < *n; row++) {
        if (!(c->kind == COL_STR ? store_text : store_odd)(r, c, row, err)) {
            *n = row;
            return false;
        }
    }
    return true;
}

/* Column by column; the error that is kept is the first in the file. */
static bool store_block(reader *r, plx_err *err)
{
    size_t n = r->block.n_rows;
    if (r->n_rows + n > r->cap && !grow_rows(r, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; n > 0 && i < r->n_cols; i++) { /* of no rows there may be no memory yet */
        ok &= store_column(r, &r->cols[i], &n, err);
    }
    r->n_rows += n;
    return ok;
}

static bool read_rows(reader *r, plx_err *err)
{
    do {
        if (!plx_csv_block_next(r->csv, &r->block, r->decode->cut, err) || !store_block(r, err)) {
            return false;
        }
    } while (r->block.n_rows > 0);
    return true;
}

/* Read again for the columns whose first values could not be kept. */
static bool read_again(reader *r, uint64_t offset, uint64_t line, plx_err *err)
{
    size_t n_rows = r->n_rows;
    for (size_t i = 0; i < r->n_cols; i++) {
        col *c = &r->cols[i];
        c->fixed = true;
        c->kind = c->kind == COL_AGAIN_STR ? COL_STR : c->kind == COL_AGAIN_F64 ? COL_F64 : COL_KEEP;
        if (c->kind == COL_STR) {
            plx_strcol_free(&c->text);
        }
    }
    r->n_rows = 0;
    if (!plx_csv_restart(r->csv, offset, line, err) || !read_rows(r, err)) {
        return false;
    }
    return r->n_rows == n_rows || plx_fail(err, PLX_E_IO, "%s changed while it was read", r->csv->source->name);
}

/* ---- the table ---- */

static bool take_numbers(reader *r, col *c, const char *name, plx_table *out, plx_err *err)
{
    plx_column column = {.dtype = c->dtype, .n = r->n_rows};
    bool exact = r->cap - r->n_rows <= r->n_rows / 16; /* nearly, and pages that were never touched cost nothing */
    if (!exact || !c->values) {
        cell *values = plx_realloc_array(c->values, r->n_rows, sizeof(cell));
        exact = values != NULL;
        c->values = exact ? values : c->values;
    }
    column.name = plx_strdup(name);
    column.unit = plx_strdup("");
    if (!exact || !column.name || !column.unit) {
        plx_column_free(&column);
        return plx_fail_nomem(err, r->n_rows * sizeof(cell));
    }
    column.values = plx_buf_own(c->values, r->n_rows * sizeof(cell));
    c->values = NULL;
    bool ok = plx_table_take(out, &column, err);
    plx_column_free(&column);
    return ok;
}

static bool finish(reader *r, const plx_csv_want *want, plx_table *out, plx_err *err)
{
    for (size_t i = 0; i < r->n_cols; i++) {
        col *c = &r->cols[i];
        plx_slice name = want ? plx_slice_of(want[i].name) : r->csv->names[c->field];
        bool ok = c->dtype == PLX_STR ? plx_strcol_finish(&c->text, out, name.ptr, err)
                                      : take_numbers(r, c, name.ptr, out, err);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool choose_columns(reader *r, const plx_csv_want *want, plx_err *err)
{
    for (size_t i = 0; i < r->n_cols; i++) {
        col *c = &r->cols[i];
        c->field = i;
        if (!want) {
            continue;
        }
        c->fixed = true;
        if (want[i].dtype != PLX_I64 && want[i].dtype != PLX_F64 && want[i].dtype != PLX_STR) {
            return plx_fail(err, PLX_E_ARG, "CSV columns are read as i64, f64 or str, not as %s",
                            plx_dtype_name(want[i].dtype));
        }
        c->kind = want[i].dtype == PLX_I64 ? COL_I64 : want[i].dtype == PLX_F64 ? COL_F64 : COL_STR;
        if (!plx_csv_need(r->csv, want[i].name, &c->field, err)) {
            return false;
        }
    }
    return true;
}

static bool read_all(reader *r, const plx_csv_want *want, plx_table *out, plx_err *err)
{
    plx_csv *csv = r->csv;
    if (!choose_columns(r, want, err) || (!want && !plx_csv_hold(csv, err))) {
        return false;
    }
    uint64_t offset = csv->base + (csv->pending ? csv->row_start : csv->pos);
    uint64_t line = csv->pending ? csv->row_line : csv->next_line;
    if (!read_rows(r, err)) {
        return false;
    }
    for (size_t i = 0; i < r->n_cols; i++) {
        col *c = &r->cols[i];
        c->dtype = want ? want[i].dtype : is_text(c->kind) ? PLX_STR : c->kind == COL_I64 ? PLX_I64 : PLX_F64;
    }
    if (r->n_again > 0 && !read_again(r, offset, line, err)) {
        return false;
    }
    return finish(r, want, out, err);
}

bool plx_csv_read_table(plx_csv *csv, const plx_csv_want *want, size_t n_want, plx_table *out, plx_err *err)
{
    *out = (plx_table){0};
    reader r = {.csv = csv, .n_cols = want ? n_want : csv->n_columns, .point = csv->opts.decimal_comma ? ',' : '.'};
    r.decode = plx_csv_wide() ? plx_csv_wide() : &plx_csv_portable;
    r.cols = plx_alloc_zero(r.n_cols + 1, sizeof *r.cols);
    bool ok = r.cols ? plx_csv_block_init(csv, &r.block, err) && read_all(&r, want, out, err)
                     : plx_fail_nomem(err, r.n_cols * sizeof *r.cols);
    for (size_t i = 0; r.cols && i < r.n_cols; i++) {
        plx_free(r.cols[i].values);
        plx_strcol_free(&r.cols[i].text);
    }
    plx_free(r.cols);
    plx_csv_block_free(&r.block);
    if (!ok) {
        plx_table_free(out);
        *out = (plx_table){0};
    }
    return ok;
}
