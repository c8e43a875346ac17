/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a CSV file. 64 bytes at a time become a bit mask of delimiters, quotes and control bytes; only those are
 * looked at. A row that the window cuts is scanned again once the window holds more; the window doubles only for a row
 * longer than itself.
 */
#include "formats/csv_marks.h"

#include "core/alloc.h"
#include "core/utf8.h"

#include <string.h>

/* ---- bytes of interest ---- */

static void scan_from(plx_csv *csv, size_t at)
{
    plx_csv_scan(csv, at, plx_csv_classify);
}

/* Offset of the next byte of interest; false at the end of the window. */
static inline bool next_mark(plx_csv *csv, size_t *at)
{
    while (!csv->bits) {
        if (csv->len - csv->scan_at <= 64) {
            return false;
        }
        scan_from(csv, csv->scan_at + 64);
    }
    *at = csv->scan_at + (size_t)__builtin_ctzll(csv->bits);
    csv->bits &= csv->bits - 1;
    return true;
}

/* ---- the window ---- */

static bool grow_window(plx_csv *csv, plx_err *err)
{
    size_t cap = csv->cap * 2;
    char *block = plx_realloc_array(csv->block, cap + 2 * PLX_CSV_PAD, 1);
    if (!block) {
        return plx_fail_nomem(err, cap);
    }
    csv->block = block;
    csv->text = block + PLX_CSV_PAD;
    csv->cap = cap;
    return true;
}

void plx_csv_look_again(plx_csv *csv)
{
    scan_from(csv, csv->pos);
}

void plx_csv_begin(plx_csv *csv)
{
    if (csv->eof && csv->row_end && !csv->sealed && csv->len > 0 && csv->text[csv->len - 1] != csv->row_end) {
        csv->text[csv->len++] = csv->row_end; /* lies in the padding when the window is full */
        csv->sealed = true;
    }
    memset(csv->text + csv->len, 0, PLX_CSV_PAD - 1);
    csv->high_end = 0;
    csv->view++;
    plx_csv_look_again(csv);
}

bool plx_csv_fill(plx_csv *csv, plx_err *err)
{
    size_t kept = csv->len - csv->pos;
    if (kept >= csv->max_row) {
        plx_fail(err, PLX_E_LIMIT, "a row of %s is longer than %zu bytes", csv->source->name, csv->max_row);
        return plx_csv_note_at(csv, csv->pos, err);
    }
    if (kept == csv->cap && !grow_window(csv, err)) {
        return false;
    }
    memmove(csv->text, csv->text + csv->pos, kept);
    csv->base += csv->pos;
    csv->row_start = csv->pos = 0;
    csv->len = kept;
    while (csv->len < csv->cap && !csv->eof) {
        size_t got;
        if (!plx_ctx_go_on(&csv->ctx, err) ||
            !csv->source->read(csv->source, csv->text + csv->len, csv->cap - csv->len, &got, err)) {
            return false;
        }
        csv->eof = got == 0;
        csv->len += got;
    }
    plx_csv_begin(csv);
    return true;
}

bool plx_csv_restart(plx_csv *csv, uint64_t offset, uint64_t line, plx_err *err)
{
    if (!csv->source->rewind(csv->source, err)) {
        return false;
    }
    for (uint64_t left = offset - csv->source_start; left > 0;) {
        size_t got;
        if (!csv->source->read(csv->source, csv->text, left < csv->cap ? (size_t)left : csv->cap, &got, err)) {
            return false;
        }
        if (got == 0) {
            return plx_fail(err, PLX_E_IO, "%s became shorter while it was read", csv->source->name);
        }
        left -= got;
    }
    csv->base = offset;
    csv->pos = csv->len = 0;
    csv->next_line = line;
    csv->eof = csv->sealed = csv->pending = false;
    return plx_csv_fill(csv, err);
}

bool plx_csv_hold(plx_csv *csv, plx_err *err)
{
    if (csv->source->rewind) {
        return true;
    }
    size_t from = csv->pending ? csv->row_start : csv->pos;
    size_t kept = csv->len - from;
    kept -= kept > 0 && csv->sealed;
    uint64_t limit = csv->ctx.limits.memory_bytes;
    plx_buf rest, all;
    if (!plx_source_slurp(csv->source, limit, &rest, err)) {
        return false;
    }
    bool ok = plx_buf_alloc(kept + rest.len, &all, err);
    if (ok) {
        memcpy(all.ptr, csv->text + from, kept);
        if (rest.len > 0) {
            memcpy(all.ptr + kept, rest.ptr, rest.len);
        }
    }
    plx_buf_free(&rest);
    if (!ok) {
        return false;
    }
    if (!plx_source_mem(csv->source->name, all.ptr, all.len, &csv->held_source, err)) {
        plx_buf_free(&all);
        return false;
    }
    csv->held = all;
    csv->source = csv->held_source;
    csv->source_start = csv->base + from;
    return plx_csv_restart(csv, csv->source_start, csv->pending ? csv->row_line : csv->next_line, err);
}

/* ---- errors ---- */

bool plx_csv_note_at(const plx_csv *csv, size_t at, plx_err *err)
{
    uint64_t line = csv->row_line;
    size_t line_start = csv->row_start;
    for (size_t i = csv->row_start; i < at; i++) {
        if (csv->text[i] == csv->row_end) {
            line++;
            line_start = i + 1;
        }
    }
    return plx_note(err, "line %llu, column %llu, byte %llu of %s", (unsigned long long)line,
                    (unsigned long long)(at - line_start + 1), (unsigned long long)(csv->base + at), csv->source->name);
}

static bool bad_row(const plx_csv *csv, plx_code code, size_t at, plx_err *err, const char *what)
{
    plx_fail(err, code, "%s %s", csv->source->name, what);
    return plx_csv_note_at(csv, at, err);
}

/* ---- rows ---- */

typedef enum scan { SCAN_ROW, SCAN_BLANK, SCAN_MORE, SCAN_FAIL } scan;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool grow_ranges(plx_csv *csv, size_t start, plx_err *err)
{
    if (csv->n_fields >= csv->max_columns) {
        plx_fail(err, PLX_E_LIMIT, "%s has more than %lu columns", csv->source->name, (unsigned long)csv->max_columns);
        return plx_csv_note_at(csv, start, err);
    }
    if (!plx_grow(&csv->ranges, &csv->ranges_cap, csv->n_fields + 1, sizeof *csv->ranges)) {
        return plx_fail_nomem(err, csv->n_fields * sizeof *csv->ranges);
    }
    if (csv->ranges_cap > csv->max_columns) {
        csv->ranges_cap = csv->max_columns;
    }
    return true;
}

static inline bool add_field(plx_csv *csv, size_t start, size_t stop, uint32_t flags, plx_err *err)
{
    if (csv->n_fields == csv->ranges_cap && !grow_ranges(csv, start, err)) {
        return false;
    }
    csv->ranges[csv->n_fields++] = (plx_csv_range){(uint32_t)start, (uint32_t)stop | flags};
    return true;
}

/* A row may end at `at`: the row end itself, or the CR before it. SCAN_ROW when it does; *at moves to the row end. */
static scan row_end(plx_csv *csv, size_t *at, plx_err *err)
{
    char c = csv->text[*at];
    if (c == csv->row_end) {
        return SCAN_ROW;
    }
    if (c == '\n') {
        bad_row(csv, PLX_E_FORMAT, *at, err, "has a line feed, though its lines end in carriage returns");
        return SCAN_FAIL;
    }
    if (*at + 1 == csv->len) {
        return SCAN_MORE;
    }
    if (csv->text[*at + 1] != '\n') {
        bad_row(csv, PLX_E_FORMAT, *at, err, "has a carriage return without a line feed");
        return SCAN_FAIL;
    }
    next_mark(csv, at);
    return SCAN_ROW;
}

/* Behind an opening quote at `open`: add the field and find what ends it, at *at. SCAN_BLANK: a delimiter does. */
static scan quoted(plx_csv *csv, size_t open, size_t *at, plx_err *err)
{
    uint32_t flags = PLX_CSV_QUOTED;
    size_t stop;
    for (;;) {
        if (!next_mark(csv, &stop)) {
            return SCAN_MORE;
        }
        char c = csv->text[stop];
        if (c == csv->quote) {
            if (stop + 1 == csv->len) {
                return SCAN_MORE;
            }
            if (csv->text[stop + 1] != csv->quote) {
                break;
            }
            flags |= PLX_CSV_ESCAPED;
            next_mark(csv, &stop);
        } else if (c == csv->row_end) {
            csv->next_line++;
        } else if (c == '\0') {
            bad_row(csv, PLX_E_FORMAT, stop, err, "has a NUL byte");
            return SCAN_FAIL;
        }
    }
    if (!add_field(csv, open + 1, stop, flags, err)) {
        return SCAN_FAIL;
    }
    size_t end = stop + 1;
    while (csv->opts.trim && end < csv->len && is_blank(csv->text[end]) && csv->text[end] != csv->opts.delimiter) {
        end++;
    }
    do {
        if (!next_mark(csv, at)) {
            return SCAN_MORE;
        }
    } while (*at < end); /* a trimmed tab */
    char c = csv->text[*at];
    if (*at != end || (c != csv->opts.delimiter && c != '\n' && c != '\r')) {
        plx_fail(err, PLX_E_FORMAT, "%s has text behind a closing quote", csv->source->name);
        plx_csv_note_at(csv, end, err);
        plx_err_why(err, "a quote inside a quoted field is written twice");
        return SCAN_FAIL;
    }
    return c == csv->opts.delimiter ? SCAN_BLANK : row_end(csv, at, err);
}

static scan comment_line(plx_csv *csv, size_t *at)
{
    do {
        if (!next_mark(csv, at)) {
            return SCAN_MORE;
        }
    } while (csv->text[*at] != csv->row_end);
    return SCAN_BLANK;
}

/* True when a quote at `at` opens a field that starts at `start`. */
static bool opens(const plx_csv *csv, size_t start, size_t at)
{
    while (csv->opts.trim && start < at && is_blank(csv->text[start])) {
        start++;
    }
    return start == at;
}

/* The unquoted fields from *start on that a delimiter ends; false at the end of the window, else *mark is what comes
 * then. */
static bool plain_fields(plx_csv *csv, size_t *start, size_t *mark)
{
    const char *text = csv->text;
    const char delimiter = csv->opts.delimiter;
    plx_csv_range *to = csv->ranges + csv->n_fields, *const full = csv->ranges + csv->ranges_cap;
    uint64_t bits = csv->bits;
    size_t from = *start, base = csv->scan_at, at;
    for (;;) {
        while (bits) {
            at = base + (size_t)(unsigned)__builtin_ctzll(bits);
            bits &= bits - 1;
            if (text[at] != delimiter) {
                goto stop;
            }
            if (to == full) {
                goto stop;
            }
            *to++ = (plx_csv_range){(uint32_t)from, (uint32_t)at};
            from = at + 1;
        }
        if (csv->len - base <= 64) {
            return false;
        }
        base += 64;
        scan_from(csv, base);
        bits = csv->bits;
    }
stop:
    csv->bits = bits;
    csv->n_fields = (size_t)(to - csv->ranges);
    *start = from;
    *mark = at;
    return true;
}

/* One line from csv->pos; *at is then its row end. */
static scan scan_row(plx_csv *csv, size_t *at, plx_err *err)
{
    const char *text = csv->text;
    size_t start = csv->pos;
    csv->n_fields = 0;
    if (csv->opts.comment && text[start] == csv->opts.comment) {
        return comment_line(csv, at);
    }
    size_t mark;
    while (plain_fields(csv, &start, &mark)) {
        char c = text[mark];
        if (c == csv->opts.delimiter) { /* no room for it yet */
            if (!add_field(csv, start, mark, 0, err)) {
                return SCAN_FAIL;
            }
            start = mark + 1;
        } else if (c == '\n' || c == '\r') {
            size_t stop = mark;
            scan end = row_end(csv, &mark, err);
            *at = mark;
            if (end != SCAN_ROW) {
                return end;
            }
            if (csv->n_fields == 0 && opens(csv, start, stop)) {
                return SCAN_BLANK;
            }
            return add_field(csv, start, stop, 0, err) ? SCAN_ROW : SCAN_FAIL;
        } else if (c == csv->quote && opens(csv, start, mark)) {
            csv->quote_at = mark;
            scan end = quoted(csv, mark, &mark, err);
            if (end != SCAN_BLANK) {
                *at = mark;
                return end;
            }
            start = mark + 1;
        } else if (c == '\0') {
            bad_row(csv, PLX_E_FORMAT, mark, err, "has a NUL byte");
            return SCAN_FAIL;
        }
    }
    return SCAN_MORE;
}

static bool check_utf8(const plx_csv *csv, plx_err *err)
{
    const char *row = csv->text + csv->row_start;
    size_t len = csv->row_stop - csv->row_start, valid = plx_utf8_valid_prefix(row, len);
    if (valid == len) {
        return true;
    }
    bad_row(csv, PLX_E_FORMAT, csv->row_start + valid, err, "is not UTF-8");
    return plx_err_why(err, "byte 0x%02x does not belong here", (unsigned char)row[valid]);
}

static void trim_fields(plx_csv *csv)
{
    for (size_t i = 0; i < csv->n_fields; i++) {
        plx_csv_range *r = &csv->ranges[i];
        if (r->mark & PLX_CSV_QUOTED) {
            continue;
        }
        while (r->start < r->mark && is_blank(csv->text[r->start])) {
            r->start++;
        }
        while (r->start < r->mark && is_blank(csv->text[r->mark - 1])) {
            r->mark--;
        }
    }
}

/* The file ends inside a row, which only an open quote makes happen. */
static bool open_quote(const plx_csv *csv, plx_err *err)
{
    bad_row(csv, PLX_E_TRUNCATED, csv->quote_at, err, "ends inside a quoted field");
    return plx_err_why(err, "the quote that opens there is never closed");
}

bool plx_csv_row(plx_csv *csv, bool *got, plx_err *err)
{
    *got = true;
    if (csv->pending) {
        csv->pending = false;
        return true;
    }
    csv->scratch_len = 0;
    for (;;) {
        csv->row_start = csv->pos;
        csv->row_line = csv->next_line;
        size_t end = 0;
        scan result = csv->pos < csv->len ? scan_row(csv, &end, err) : SCAN_MORE;
        if (result == SCAN_FAIL) {
            return false;
        }
        if (result == SCAN_MORE) {
            csv->next_line = csv->row_line;
            *got = false;
            if (csv->stay) {
                plx_csv_look_again(csv);
                return true;
            }
            if (csv->eof) {
                return csv->pos == csv->len || open_quote(csv, err);
            }
            if (!plx_csv_fill(csv, err)) {
                return false;
            }
            *got = true;
            continue;
        }
        csv->pos = end + 1;
        csv->next_line++;
        if (result == SCAN_ROW) {
            csv->row_stop = end;
            break;
        }
    }
    if (csv->row_stop - csv->row_start > csv->max_row) {
        plx_fail(err, PLX_E_LIMIT, "a row of %s is longer than %zu bytes", csv->source->name, csv->max_row);
        return plx_csv_note_at(csv, csv->row_start, err);
    }
    if (csv->opts.trim) {
        trim_fields(csv);
    }
    return csv->high_end <= csv->row_start || check_utf8(csv, err);
}
