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

enum {
    TILE =
        32, /* rows that gather side by side before they go to their columns, whose addresses collide in the caches */
    FIRST_ROWS = 16 * TILE
};

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
    size_t run;   /* columns from here on that are doubles and follow each other in the file; see count_runs */
    cell *values; /* numbers of the rows before the tile */
    cell *tile;   /* and of the last few; shape: tile[TILE] */
    plx_strcol text;
} col;

typedef struct reader {
    plx_csv *csv;
    col *cols;
    size_t n_cols, n_rows, cap;
    size_t n_again;
    cell *tiles;
    char point;
    plx_csv_run *wide; /* reads runs of columns, or NULL */
    bool runs_stale;   /* a column changed its kind */
} reader;

static bool is_text(col_kind kind)
{
    return kind == COL_STR || kind == COL_AGAIN_STR;
}

/* Room for how many rows next: what the file's size promises, going by the rows so far, else twice as many. */
static size_t expected_rows(const reader *r)
{
    const plx_csv *csv = r->csv;
    size_t doubled = r->cap * 2;
    if (csv->source->size < 0 || r->n_rows == 0) {
        return doubled;
    }
    double done = (double)(csv->base + csv->pos);
    double all = (double)csv->source->size / done * (double)r->n_rows * 1.02;
    return all > (double)doubled && all < (double)(SIZE_MAX / 1024) ? (size_t)all : doubled;
}

static bool grow_rows(reader *r, plx_err *err)
{
    size_t cap = r->cap ? expected_rows(r) : FIRST_ROWS;
    uint64_t used = 0;
    for (size_t i = 0; i < r->n_cols; i++) {
        used += is_text(r->cols[i].kind) ? r->cols[i].text.bytes.cap + r->cols[i].text.cap * sizeof(uint64_t)
                                         : cap * sizeof(cell);
    }
    if (used > r->csv->ctx.limits.memory_bytes) {
        plx_fail(err, PLX_E_LIMIT, "the table in %s needs more than %llu bytes of memory", r->csv->source->name,
                 (unsigned long long)r->csv->ctx.limits.memory_bytes);
        return plx_csv_note_at(r->csv, r->csv->row_start, err);
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

static cell *at_row(const reader *r, const col *c)
{
    return &c->tile[r->n_rows % TILE];
}

/* Move the last `n` rows, which end at n_rows, from the tiles to the columns. */
static bool flush(reader *r, size_t n, plx_err *err)
{
    if (r->n_rows > r->cap && !grow_rows(r, err)) {
        return false;
    }
    for (size_t i = 0; n > 0 && i < r->n_cols; i++) {
        col *c = &r->cols[i];
        if (!is_text(c->kind) && c->kind != COL_KEEP) {
            memcpy(c->values + r->n_rows - n, c->tile, n * sizeof(cell));
        }
    }
    return true;
}

/* ---- demotion ---- */

static void to_f64(reader *r, col *c)
{
    size_t in_tile = r->n_rows % TILE;
    for (size_t i = 0; i < r->n_rows - in_tile; i++) {
        c->values[i].f64 = (double)c->values[i].i64;
    }
    for (size_t i = 0; i < in_tile; i++) {
        c->tile[i].f64 = (double)c->tile[i].i64;
    }
    c->kind = COL_F64;
    r->runs_stale = true;
}

static void again(reader *r, col *c, col_kind kind)
{
    c->kind = kind;
    r->runs_stale = true;
    r->n_again++;
}

/* The column turns out to be text at row n_rows. */
static void to_text(reader *r, col *c)
{
    bool recoverable = r->n_rows == 0 || (c->kind == COL_UNKNOWN && !c->na_word);
    plx_free(c->values);
    c->values = NULL;
    if (!recoverable) {
        r->n_again -= c->kind == COL_AGAIN_F64;
        again(r, c, COL_AGAIN_STR);
        return;
    }
    c->kind = COL_STR;
    for (size_t i = 0; i < r->n_rows; i++) {
        plx_strcol_add(&c->text, (plx_slice){"", 0});
    }
}

static bool is_missing(plx_slice text)
{
    return text.len == 0 || plx_slice_is(text, "NA") || plx_slice_is(text, "null");
}

static bool bad_field(const reader *r, const col *c, plx_slice text, plx_err *err)
{
    plx_slice name = r->csv->names[c->field];
    plx_csv_fail(r->csv, PLX_E_FORMAT, c->field, err, "column \"%.*s\" of %s must hold %s",
                 (int)(name.len < 80 ? name.len : 80), name.ptr, r->csv->source->name,
                 c->kind == COL_I64 ? "integers" : "numbers");
    return plx_err_why(err, "got \"%.*s\"", (int)(text.len < 80 ? text.len : 80), text.ptr);
}

static bool store_text(reader *r, col *c, plx_err *err)
{
    plx_slice text;
    if (!plx_csv_field(r->csv, c->field, &text, err)) {
        return false;
    }
    plx_strcol_add(&c->text, text);
    return !c->text.failed || plx_fail_nomem(err, text.len);
}

/* A field the short path does not read, in a column of numbers. */
static bool store_odd(reader *r, col *c, plx_err *err)
{
    plx_slice text;
    if (!plx_csv_field(r->csv, c->field, &text, err)) {
        return false;
    }
    int64_t whole;
    double x;
    if ((c->kind == COL_I64 || (c->kind == COL_UNKNOWN && r->n_rows == 0)) &&
        plx_parse_i64(text.ptr, text.len, &whole)) {
        c->kind = COL_I64;
        at_row(r, c)->i64 = whole;
        return true;
    }
    bool missing = is_missing(text);
    if (!missing && !plx_csv_parse_f64(text.ptr, text.len, r->point, &x)) {
        if (c->fixed) {
            return bad_field(r, c, text, err);
        }
        to_text(r, c);
        return c->kind != COL_STR || store_text(r, c, err);
    }
    if (c->kind == COL_I64) {
        if (c->fixed) {
            return bad_field(r, c, text, err);
        }
        to_f64(r, c);
        if (c->minus_zero) {
            again(r, c, COL_AGAIN_F64);
        }
    }
    c->na_word |= missing && text.len > 0;
    if (c->kind == COL_UNKNOWN && !missing) {
        c->kind = COL_F64;
        r->runs_stale = true;
    }
    at_row(r, c)->f64 = missing ? (double)NAN : x;
    return true;
}

/* A short decimal in a column that is not (yet) one of doubles. */
static bool store_decimal(reader *r, col *c, const plx_csv_decimal *d, plx_err *err)
{
    if (c->kind == COL_AGAIN_F64) {
        return true;
    }
    if (d->has_point || (c->kind == COL_UNKNOWN && r->n_rows > 0)) {
        return store_odd(r, c, err);
    }
    c->kind = COL_I64;
    c->minus_zero |= d->negative && d->w == 0;
    at_row(r, c)->i64 = d->negative ? -(int64_t)d->w : (int64_t)d->w;
    return true;
}

/* ---- rows ---- */

static __attribute__((noinline)) bool store(reader *r, col *c, plx_err *err)
{
    if (c->kind == COL_STR) {
        return store_text(r, c, err);
    }
    if (c->kind == COL_AGAIN_STR || c->kind == COL_KEEP) {
        return true;
    }
    const plx_csv_range range = r->csv->ranges[c->field];
    plx_csv_decimal d;
    if (c->kind == COL_F64 ||
        !plx_csv_short_decimal(r->csv->text + range.start, (range.mark & PLX_CSV_STOP) - range.start, r->point, &d)) {
        return store_odd(r, c, err);
    }
    return store_decimal(r, c, &d, err);
}

static void count_runs(reader *r)
{
    r->runs_stale = false;
    for (size_t i = r->n_cols; i-- > 0;) {
        col *c = &r->cols[i];
        bool goes_on = i + 1 < r->n_cols && c[1].field == c->field + 1;
        c->run = c->kind != COL_F64 ? 0 : goes_on ? c[1].run + 1 : 1;
    }
}

static bool store_row(reader *r, plx_err *err)
{
    const char *text = r->csv->text;
    const plx_csv_range *ranges = r->csv->ranges;
    const size_t row = r->n_rows % TILE;
    const char point = r->point;
    if (r->runs_stale) {
        count_runs(r);
    }
    for (col *c = r->cols, *end = c + r->n_cols; c < end; c++) {
        if (r->wide && c->run > 3) {
            c += r->wide(text, ranges + c->field, c->run, point, &c->tile[row].f64, TILE);
        }
        for (; c < end && c->kind == COL_F64; c++) { /* without a call, so that constants stay in registers */
            const plx_csv_range range = ranges[c->field];
            const size_t len = (range.mark & PLX_CSV_STOP) - range.start;
            if (!plx_csv_short_f64(text + range.start, len, point, &c->tile[row].f64)) {
                break;
            }
        }
        if (c < end && !store(r, c, err)) {
            return false;
        }
    }
    r->n_rows++;
    return r->n_rows % TILE != 0 || flush(r, TILE, err);
}

static bool read_rows(reader *r, plx_err *err)
{
    bool got;
    for (;;) {
        if (!plx_csv_row(r->csv, &got, err) || (got && !plx_csv_check_width(r->csv, err))) {
            return false;
        }
        if (!got) {
            return flush(r, r->n_rows % TILE, err);
        }
        if (!store_row(r, err)) {
            return false;
        }
    }
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
    r->runs_stale = true;
    if (!plx_csv_restart(r->csv, offset, line, err) || !read_rows(r, err)) {
        return false;
    }
    return r->n_rows == n_rows || plx_fail(err, PLX_E_IO, "%s changed while it was read", r->csv->source->name);
}

/* ---- the table ---- */

static bool take_numbers(reader *r, col *c, const char *name, plx_table *out, plx_err *err)
{
    plx_column column = {.dtype = c->dtype, .n = r->n_rows};
    cell *exact = plx_realloc_array(c->values, r->n_rows, sizeof(cell));
    if (exact) {
        c->values = exact;
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
        c->tile = r->tiles + i * TILE;
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
    r.wide = plx_csv_wide();
    r.runs_stale = true;
    r.cols = plx_alloc_zero(r.n_cols + 1, sizeof *r.cols);
    r.tiles = plx_alloc_zero(r.n_cols + 1, TILE * sizeof *r.tiles);
    bool ok = r.cols && r.tiles ? read_all(&r, want, out, err) : plx_fail_nomem(err, r.n_cols * sizeof *r.cols);
    for (size_t i = 0; r.cols && i < r.n_cols; i++) {
        plx_free(r.cols[i].values);
        plx_strcol_free(&r.cols[i].text);
    }
    plx_free(r.cols);
    plx_free(r.tiles);
    if (!ok) {
        plx_table_free(out);
        *out = (plx_table){0};
    }
    return ok;
}
