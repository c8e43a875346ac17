/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV and TSV (RFC 4180): opening, header, row by row access, errors with their place, and writing one field.
 * A lone CR ends a row only when it ends the first line too; a quote inside an unquoted field is an ordinary byte.
 * Not supported: encodings other than UTF-8, delimiters of several bytes, backslash escapes.
 */
#include "formats/csv.h"

#include "core/alloc.h"
#include "formats/csv_window.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_WINDOW = 256 * 1024, DEFAULT_MAX_ROW = 16 * 1024 * 1024 };

/* ---- opening ---- */

static bool check_opts(const plx_csv *csv, plx_err *err)
{
    const plx_csv_opts *o = &csv->opts;
    if (o->delimiter && (o->delimiter == csv->quote || o->delimiter == o->comment || o->delimiter == '\n' ||
                         o->delimiter == '\r' || (unsigned char)o->delimiter >= 0x80)) {
        return plx_fail(err, PLX_E_ARG, "byte 0x%02x cannot be the delimiter", (unsigned char)o->delimiter);
    }
    if (csv->quote >= 0x80 || csv->quote == '\n' || csv->quote == '\r' ||
        (o->comment && (o->comment == csv->quote || o->comment == '\n' || o->comment == '\r'))) {
        return plx_fail(err, PLX_E_ARG, "the quote and the comment mark must be two different ASCII characters");
    }
    if (o->decimal_comma && o->delimiter == ',') {
        return plx_fail(err, PLX_E_ARG, "a comma cannot be both the delimiter and the decimal point");
    }
    return true;
}

/* Row end and, where none is given, the delimiter, from the first line that is neither blank nor a comment. */
static void sniff(plx_csv *csv)
{
    static const char candidates[] = ",\t;|";
    size_t counts[sizeof candidates] = {0};
    bool in_quotes = false, in_comment = false, at_start = true, any = false;
    for (size_t i = csv->pos; i < csv->len; i++) {
        char c = csv->text[i];
        if (!in_quotes && (c == '\n' || c == '\r')) {
            if (!csv->row_end) {
                bool lone = i + 1 < csv->len ? csv->text[i + 1] != '\n' : csv->eof;
                csv->row_end = c == '\r' && lone ? '\r' : '\n';
            }
            if (any) {
                break;
            }
            in_comment = false;
            at_start = true;
            continue;
        }
        if (at_start && csv->opts.comment && c == csv->opts.comment) {
            in_comment = true;
        }
        if (in_comment) {
            at_start = false;
            continue;
        }
        any = true;
        const char *hit = c ? strchr(candidates, c) : NULL;
        if (c == csv->quote && (in_quotes || at_start)) {
            in_quotes = !in_quotes;
            at_start = false;
        } else if (hit && !in_quotes) {
            counts[hit - candidates]++;
            at_start = true;
        } else {
            at_start = at_start && csv->opts.trim && c == ' ';
        }
    }
    if (!csv->row_end) {
        csv->row_end = '\n';
    }
    if (csv->opts.delimiter) {
        return;
    }
    size_t best = csv->opts.decimal_comma ? 2 : 0; /* ';' is what goes with a decimal comma */
    for (size_t k = 0; k + 1 < sizeof candidates; k++) {
        bool allowed = !(csv->opts.decimal_comma && candidates[k] == ',') && candidates[k] != csv->opts.comment;
        if (allowed && counts[k] > counts[best]) {
            best = k;
        }
    }
    csv->opts.delimiter = candidates[best];
}

static bool check_encoding(const plx_csv *csv, plx_err *err)
{
    if (csv->len >= 2 && (memcmp(csv->text, "\xff\xfe", 2) == 0 || memcmp(csv->text, "\xfe\xff", 2) == 0)) {
        plx_fail(err, PLX_E_FORMAT, "%s is UTF-16, and only UTF-8 is read", csv->source->name);
        plx_note(err, "line 1, column 1, byte 0 of %s", csv->source->name);
        return plx_err_next(err, "iconv -f UTF-16 -t UTF-8 '%s' > utf8.csv", csv->source->name);
    }
    return true;
}

typedef struct named {
    plx_slice name;
    size_t column;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int order = plx_slice_cmp(x->name, y->name);
    return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

static bool check_names(const plx_csv *csv, plx_err *err)
{
    size_t n = csv->n_columns;
    for (size_t i = 0; i < n; i++) {
        if (csv->names[i].len == 0) {
            return plx_csv_fail(csv, PLX_E_FORMAT, i, err, "column %zu of %s has no name", i + 1, csv->source->name);
        }
    }
    named *sorted = plx_realloc_array(NULL, n ? n : 1, sizeof *sorted);
    if (!sorted) {
        return plx_fail_nomem(err, n * sizeof *sorted);
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (named){csv->names[i], i};
    }
    qsort(sorted, n, sizeof *sorted, by_name);
    bool ok = true;
    for (size_t i = 1; i < n && ok; i++) {
        if (plx_slice_eq(sorted[i - 1].name, sorted[i].name)) {
            size_t len = sorted[i].name.len < 80 ? sorted[i].name.len : 80;
            ok = plx_csv_fail(csv, PLX_E_FORMAT, sorted[i].column, err, "two columns of %s are named \"%.*s\"",
                              csv->source->name, (int)len, sorted[i].name.ptr);
        }
    }
    plx_free(sorted);
    return ok;
}

/* Copy the fields of the current row as column names. */
static bool take_names(plx_csv *csv, plx_err *err)
{
    size_t bytes = csv->row_stop - csv->row_start + csv->n_columns + 1, used = 0;
    csv->name_text = plx_alloc(bytes);
    if (!csv->name_text) {
        return plx_fail_nomem(err, bytes);
    }
    for (size_t i = 0; i < csv->n_columns; i++) {
        plx_slice name;
        if (!plx_csv_field(csv, csv->ranges[i], csv->row_stop - csv->row_start, &name, err)) {
            return false;
        }
        char *to = csv->name_text + used;
        memcpy(to, name.ptr, name.len);
        to[name.len] = '\0';
        csv->names[i] = (plx_slice){to, name.len};
        used += name.len + 1;
    }
    return check_names(csv, err);
}

static bool make_names(plx_csv *csv, plx_err *err)
{
    enum { LONGEST = 16 };
    csv->name_text = plx_alloc(csv->n_columns * LONGEST + 1);
    if (!csv->name_text) {
        return plx_fail_nomem(err, csv->n_columns * LONGEST);
    }
    for (size_t i = 0; i < csv->n_columns; i++) {
        char *to = csv->name_text + i * LONGEST;
        int len = snprintf(to, LONGEST, "c%zu", i + 1);
        csv->names[i] = (plx_slice){to, (size_t)len};
    }
    return true;
}

static bool read_header(plx_csv *csv, plx_err *err)
{
    bool got;
    if (!plx_csv_row(csv, &got, err)) {
        return false;
    }
    if (!got && !csv->opts.no_header) {
        return plx_fail(err, PLX_E_TRUNCATED, "%s is empty, and a line of column names was expected",
                        csv->source->name);
    }
    csv->n_columns = got ? csv->n_fields : 0;
    csv->names = plx_alloc_zero(csv->n_columns + 1, sizeof *csv->names);
    if (!csv->names) {
        return plx_fail_nomem(err, csv->n_columns * sizeof *csv->names);
    }
    if (!csv->opts.no_header) {
        return take_names(csv, err);
    }
    csv->pending = got;
    return make_names(csv, err);
}

static bool start(plx_csv *csv, plx_err *err)
{
    csv->block = plx_alloc_zero(FIRST_WINDOW + 2 * PLX_CSV_PAD, 1);
    if (!csv->block) {
        return plx_fail_nomem(err, FIRST_WINDOW);
    }
    csv->text = csv->block + PLX_CSV_PAD;
    csv->cap = FIRST_WINDOW;
    csv->next_line = csv->row_line = 1;
    if (!plx_grow(&csv->ranges, &csv->ranges_cap, 1, sizeof *csv->ranges)) {
        return plx_fail_nomem(err, sizeof *csv->ranges);
    }
    if (csv->ranges_cap > csv->max_columns) {
        csv->ranges_cap = csv->max_columns;
    }
    if (!plx_csv_fill(csv, err) || !check_encoding(csv, err)) {
        return false;
    }
    if (csv->len >= 3 && memcmp(csv->text, "\xef\xbb\xbf", 3) == 0) {
        csv->pos = 3;
    }
    sniff(csv);
    plx_csv_begin(csv);
    return read_header(csv, err);
}

bool plx_csv_open(const plx_ctx *ctx, plx_source *source, const plx_csv_opts *opts, plx_csv **out, plx_err *err)
{
    *out = NULL;
    plx_csv *csv = plx_alloc_zero(1, sizeof *csv);
    if (!csv) {
        return plx_fail_nomem(err, sizeof *csv);
    }
    plx_limits defaults = plx_limits_default();
    csv->ctx = *ctx;
    csv->source = source;
    if (opts) {
        csv->opts = *opts;
    }
    csv->quote = csv->opts.quote == 0 ? '"' : csv->opts.quote == 1 ? -1 : (unsigned char)csv->opts.quote;
    uint64_t row = csv->opts.max_row_bytes ? csv->opts.max_row_bytes : DEFAULT_MAX_ROW;
    csv->max_row = row < PLX_CSV_MAX_ROW ? (size_t)row : PLX_CSV_MAX_ROW;
    csv->max_columns = ctx->limits.columns ? ctx->limits.columns : defaults.columns;
    if (!csv->ctx.limits.memory_bytes) {
        csv->ctx.limits.memory_bytes = defaults.memory_bytes;
    }
    if (!check_opts(csv, err) || !start(csv, err)) {
        plx_csv_close(csv);
        return false;
    }
    *out = csv;
    return true;
}

void plx_csv_close(plx_csv *csv)
{
    if (!csv) {
        return;
    }
    plx_source_close(csv->held_source);
    plx_buf_free(&csv->held);
    plx_free(csv->block);
    plx_free(csv->ranges);
    plx_free(csv->fields);
    plx_free(csv->scratch);
    plx_free(csv->names);
    plx_free(csv->name_text);
    plx_free(csv);
}

size_t plx_csv_n_columns(const plx_csv *csv)
{
    return csv->n_columns;
}

plx_slice plx_csv_column_name(const plx_csv *csv, size_t i)
{
    return i < csv->n_columns ? csv->names[i] : (plx_slice){"", 0};
}

char plx_csv_delimiter(const plx_csv *csv)
{
    return csv->opts.delimiter;
}

bool plx_csv_need(const plx_csv *csv, const char *name, size_t *out, plx_err *err)
{
    for (size_t i = 0; i < csv->n_columns; i++) {
        if (plx_slice_is(csv->names[i], name)) {
            *out = i;
            return true;
        }
    }
    plx_fail(err, PLX_E_SCHEMA, "%s has no column \"%s\"", csv->source->name, name);
    char list[PLX_ERR_NOTE];
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < csv->n_columns && used < sizeof list; i++) {
        int n = snprintf(list + used, sizeof list - used, "%s%.*s", i ? ", " : "",
                         (int)(csv->names[i].len < 60 ? csv->names[i].len : 60), csv->names[i].ptr);
        used += n > 0 ? (size_t)n : 0;
    }
    return plx_err_why(err, "its columns are %s%s", list, used < sizeof list ? "" : "...");
}

/* ---- rows ---- */

/* Window offset of the first byte of field i, its quote included. */
static size_t field_at(const plx_csv *csv, size_t i)
{
    if (i >= csv->n_fields) {
        return csv->row_stop;
    }
    return csv->ranges[i].start - (csv->ranges[i].mark & PLX_CSV_QUOTED ? 1 : 0);
}

bool plx_csv_check_width(plx_csv *csv, plx_err *err)
{
    size_t n = csv->n_fields, want = csv->n_columns;
    if (n == want) {
        return true;
    }
    if (n > want || csv->opts.ragged == PLX_RAGGED_ERROR) {
        plx_fail(err, PLX_E_FORMAT, "a row of %s has %zu fields, and %zu were expected", csv->source->name, n, want);
        return plx_csv_note_at(csv, field_at(csv, want), err);
    }
    if (!plx_grow(&csv->ranges, &csv->ranges_cap, want, sizeof *csv->ranges)) {
        return plx_fail_nomem(err, want * sizeof *csv->ranges);
    }
    while (csv->n_fields < want) {
        csv->ranges[csv->n_fields++] = (plx_csv_range){(uint32_t)csv->row_stop, (uint32_t)csv->row_stop};
    }
    return true;
}

bool plx_csv_field(plx_csv *csv, plx_csv_range range, size_t room, plx_slice *out, plx_err *err)
{
    const char *from = csv->text + range.start;
    size_t len = (range.mark & PLX_CSV_STOP) - range.start;
    *out = (plx_slice){from, len};
    if (!(range.mark & PLX_CSV_ESCAPED)) {
        return true;
    }
    if (csv->scratch_len == 0 && !plx_grow(&csv->scratch, &csv->scratch_cap, room, 1)) {
        return plx_fail_nomem(err, room);
    }
    char *to = csv->scratch + csv->scratch_len;
    size_t n = 0;
    for (size_t k = 0; k < len; k++) {
        to[n++] = from[k];
        k += from[k] == csv->quote;
    }
    csv->scratch_len += n;
    *out = (plx_slice){to, n};
    return true;
}

bool plx_csv_next(plx_csv *csv, const plx_slice **fields, plx_err *err)
{
    bool got;
    *fields = NULL;
    if (!plx_csv_row(csv, &got, err)) {
        return false;
    }
    if (!got) {
        return true;
    }
    if (!plx_csv_check_width(csv, err)) {
        return false;
    }
    if (!plx_grow(&csv->fields, &csv->fields_cap, csv->n_columns, sizeof *csv->fields)) {
        return plx_fail_nomem(err, csv->n_columns * sizeof *csv->fields);
    }
    uint32_t marks = 0;
    for (size_t i = 0; i < csv->n_columns; i++) {
        plx_csv_range r = csv->ranges[i];
        csv->fields[i] = (plx_slice){csv->text + r.start, (r.mark & PLX_CSV_STOP) - r.start};
        marks |= r.mark;
    }
    /* Few rows hold doubled quotes, and only their fields need more than a place. */
    for (size_t i = 0; (marks & PLX_CSV_ESCAPED) && i < csv->n_columns; i++) {
        if (!plx_csv_field(csv, csv->ranges[i], csv->row_stop - csv->row_start, &csv->fields[i], err)) {
            return false;
        }
    }
    *fields = csv->fields;
    return true;
}

uint64_t plx_csv_line(const plx_csv *csv)
{
    return csv->row_line;
}

uint64_t plx_csv_column_of(const plx_csv *csv, size_t field)
{
    return field_at(csv, field) - csv->row_start + 1;
}

bool plx_csv_fail(const plx_csv *csv, plx_code code, size_t field, plx_err *err, const char *fmt, ...)
{
    char what[PLX_ERR_TEXT];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    plx_fail(err, code, "%s", what);
    return plx_csv_note_at(csv, field_at(csv, field), err);
}

/* ---- writing ---- */

void plx_csv_write_field(plx_sb *out, plx_slice field, char delimiter)
{
    bool quote = false;
    for (size_t i = 0; i < field.len && !quote; i++) {
        char c = field.ptr[i];
        quote = c == delimiter || c == '"' || c == '\n' || c == '\r';
    }
    if (!quote) {
        plx_sb_bytes(out, field.ptr, field.len);
        return;
    }
    plx_sb_char(out, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"') {
            plx_sb_char(out, '"');
        }
        plx_sb_char(out, field.ptr[i]);
    }
    plx_sb_char(out, '"');
}
