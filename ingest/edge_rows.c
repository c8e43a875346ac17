/* SPDX-License-Identifier: Apache-2.0
 *
 * See edge_rows.h. A sheet is read whole, for readers of sheets push cells and users of rows pull them.
 */
#include "ingest/edge_rows.h"

#include "core/alloc.h"
#include "core/num.h"
#include "formats/csv.h"
#include "formats/xls.h"
#include "formats/xlsx.h"

#include <stdarg.h>

enum { LISTED = 300, MESSAGE = 400, MAX_UNNAMED = 64 };

typedef struct sheet_row {
    uint32_t row; /* on the sheet */
    plx_slice *fields;
} sheet_row;

struct plx_edge_rows {
    const plx_ctx *ctx;
    plx_source *source; /* of the text */
    plx_csv *csv;       /* NULL: a sheet */
    const char *file;
    plx_edge_rows_opts opts;
    char sheet[128];
    plx_arena *arena;
    plx_slice *names;
    size_t n_columns, cap_columns;
    sheet_row *rows;
    size_t n_rows, cap_rows;
    size_t next;
    uint64_t held; /* bytes of fields */
};

static bool keep_text(plx_edge_rows *r, const plx_sheet_cell *cell, plx_slice *out, plx_err *err)
{
    char number[PLX_NUM_TEXT];
    plx_slice text = cell->text;
    bool computed = r->opts.no_header && cell->kind != PLX_SHEET_UNCOMPUTED && r->opts.computed >> cell->column & 1;
    if (cell->formula && !computed) {
        return plx_fail(err, PLX_E_FORMAT, "a formula stands where a value is expected");
    }
    if (cell->kind == PLX_SHEET_NUMBER) {
        size_t len = plx_print_f64(cell->number, number);
        len -= len > 2 && number[len - 1] == '0' && number[len - 2] == '.' ? 2 : 0;
        text = (plx_slice){number, len};
    } else if (cell->kind != PLX_SHEET_TEXT) {
        plx_fail(err, PLX_E_FORMAT, "the value is neither a text nor a number");
        return plx_err_why(err, "dates, truth values and errors have no place in a table of connections");
    }
    r->held += text.len + 1;
    if (r->held > plx_limits_of(r->ctx).memory_bytes) {
        return plx_fail(err, PLX_E_LIMIT, "the sheet does not fit the memory budget");
    }
    const char *copy = plx_arena_strndup(r->arena, text.ptr, text.len);
    *out = (plx_slice){copy, text.len};
    return copy || plx_fail_nomem(err, text.len);
}

static bool add_name(plx_edge_rows *r, const plx_sheet_cell *cell, plx_err *err)
{
    plx_slice name = {0};
    if (cell->column != r->n_columns) {
        return plx_fail(err, PLX_E_FORMAT, "a column before this one has no name");
    }
    if (!plx_grow(&r->names, &r->cap_columns, r->n_columns + 1, sizeof *r->names)) {
        return plx_fail_nomem(err, 0);
    }
    if (!keep_text(r, cell, &name, err)) {
        return false;
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        if (plx_slice_eq(r->names[i], name)) {
            return plx_fail(err, PLX_E_FORMAT, "two columns are named \"%.*s\"", (int)name.len, name.ptr);
        }
    }
    r->names[r->n_columns++] = name;
    return true;
}

static bool begin_row(plx_edge_rows *r, uint32_t row, plx_err *err)
{
    r->held += sizeof *r->rows + r->n_columns * sizeof(plx_slice);
    if (r->held > plx_limits_of(r->ctx).memory_bytes) {
        return plx_fail(err, PLX_E_LIMIT, "the sheet does not fit the memory budget");
    }
    if (!plx_grow(&r->rows, &r->cap_rows, r->n_rows + 1, sizeof *r->rows)) {
        return plx_fail_nomem(err, 0);
    }
    plx_slice *fields = plx_arena_zero(r->arena, r->n_columns, sizeof *fields);
    if (!fields) {
        return plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        fields[i] = (plx_slice){"", 0};
    }
    r->rows[r->n_rows++] = (sheet_row){row, fields};
    return true;
}

/* Columns c1 to the last that is read. */
static bool name_columns(plx_edge_rows *r, plx_err *err)
{
    size_t n = r->opts.columns ? MAX_UNNAMED - (size_t)__builtin_clzll(r->opts.columns) : 0;
    if (!plx_grow(&r->names, &r->cap_columns, n + 1, sizeof *r->names)) {
        return plx_fail_nomem(err, 0);
    }
    for (; r->n_columns < n; r->n_columns++) {
        const char *name = plx_arena_printf(r->arena, "c%zu", r->n_columns + 1);
        if (!name) {
            return plx_fail_nomem(err, 0);
        }
        r->names[r->n_columns] = plx_slice_of(name);
    }
    return true;
}

static bool see_cell(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    plx_edge_rows *r = payload;
    if (r->opts.no_header) {
        bool read = cell->row >= r->opts.first_row && cell->column < MAX_UNNAMED && r->opts.columns >> cell->column & 1;
        if (!read) {
            return true;
        }
    } else if (cell->row == 0) {
        return add_name(r, cell, err);
    }
    if (cell->column >= r->n_columns) {
        plx_fail(err, PLX_E_FORMAT, "the column has no name");
        return plx_err_why(err, "expected the names of all columns in the first row");
    }
    if ((r->n_rows == 0 || r->rows[r->n_rows - 1].row != cell->row) && !begin_row(r, cell->row, err)) {
        return false;
    }
    return keep_text(r, cell, &r->rows[r->n_rows - 1].fields[cell->column], err);
}

static bool see_merged(void *payload, const plx_sheet_range *range, plx_err *err)
{
    char cell[PLX_CELL_NAME];
    const plx_edge_rows *r = payload;
    if (r->opts.no_header && range->last_row < r->opts.first_row) {
        return true; /* titles */
    }
    plx_cell_name(range->row, range->column, cell);
    plx_fail(err, PLX_E_FORMAT, "cells are merged in a table of connections");
    return plx_note(err, "cell %s", cell);
}

/* A workbook of either kind. */
typedef struct workbook {
    plx_xlsx *xlsx;
    plx_xls *xls;
} workbook;

static size_t n_sheets(const workbook *w)
{
    return w->xls ? plx_xls_n_sheets(w->xls) : plx_xlsx_n_sheets(w->xlsx);
}

static bool choose_sheet(plx_edge_rows *r, const workbook *w, const char *name, size_t *out, plx_err *err)
{
    if (*name) {
        bool ok = w->xls ? plx_xls_need(w->xls, name, out, err) : plx_xlsx_need(w->xlsx, name, out, err);
        if (!ok && err && err->code == PLX_E_NOTFOUND) {
            err->code = PLX_E_FORMAT; /* the file is there, but is not as the manifest says */
        }
        return ok || (w->xls ? plx_note(err, "%s", r->file) : false);
    }
    *out = 0;
    if (n_sheets(w) == 1) {
        return true;
    }
    plx_fail(err, PLX_E_FORMAT, "the workbook has %zu sheets, and the manifest does not say which to read",
             n_sheets(w));
    return plx_note(err, "%s", r->file);
}

static bool read_sheet(plx_edge_rows *r, const workbook *w, size_t i, plx_err *err)
{
    plx_sheet_sink sink = {see_cell, see_merged, r};
    if (w->xls) {
        snprintf(r->sheet, sizeof r->sheet, "%s", plx_xls_sheet_name(w->xls, i));
        return plx_xls_read(r->ctx, w->xls, i, &sink, NULL, err) || plx_note(err, "%s", r->file);
    }
    snprintf(r->sheet, sizeof r->sheet, "%s", plx_xlsx_sheet_name(w->xlsx, i));
    return plx_xlsx_read(r->ctx, w->xlsx, i, &sink, NULL, err);
}

static bool load_sheet(plx_ingest *job, plx_edge_rows *r, const char *sheet, plx_err *err)
{
    char path[PLX_PATH];
    workbook w = {0};
    size_t i;
    bool ok = plx_ingest_path(job, r->file, path, err) && (!r->opts.no_header || name_columns(r, err));
    if (ok && plx_ends_with(r->file, ".xls")) {
        ok = plx_xls_open(r->ctx, path, &w.xls, err) || plx_note(err, "%s", r->file);
    } else if (ok) {
        ok = plx_xlsx_open(r->ctx, path, r->file, &w.xlsx, err);
    }
    ok = ok && choose_sheet(r, &w, sheet, &i, err) && read_sheet(r, &w, i, err);
    plx_xlsx_close(w.xlsx);
    plx_xls_close(w.xls);
    return ok;
}

bool plx_edge_rows_open(plx_ingest *job, const char *name, const plx_edge_rows_opts *opts, plx_edge_rows **out,
                        plx_err *err)
{
    *out = NULL;
    plx_edge_rows *r = plx_alloc_zero(1, sizeof *r);
    if (!r) {
        return plx_fail_nomem(err, sizeof *r);
    }
    r->ctx = plx_ingest_ctx(job);
    r->file = name;
    r->opts = *opts;
    bool ok;
    if (plx_ends_with(name, ".xlsx") || plx_ends_with(name, ".xls")) {
        r->arena = plx_arena_new(0);
        ok = r->arena ? load_sheet(job, r, opts->sheet, err) : plx_fail_nomem(err, 0);
    } else {
        plx_csv_opts csv = {
            .quote = '"', .delimiter = opts->delimiter, .comment = opts->comment, .no_header = opts->no_header};
        ok = plx_ingest_open(job, name, &r->source, err) && plx_csv_open(r->ctx, r->source, &csv, &r->csv, err);
    }
    if (!ok) {
        plx_edge_rows_close(r);
        return false;
    }
    *out = r;
    return true;
}

void plx_edge_rows_close(plx_edge_rows *r)
{
    if (r) {
        plx_csv_close(r->csv);
        plx_source_close(r->source);
        plx_free(r->names);
        plx_free(r->rows);
        plx_arena_free(r->arena);
        plx_free(r);
    }
}

bool plx_edge_rows_need(const plx_edge_rows *r, const char *column, size_t *out, plx_err *err)
{
    if (r->csv) {
        return plx_csv_need(r->csv, column, out, err);
    }
    char names[LISTED] = "";
    size_t used = 0;
    for (size_t i = 0; i < r->n_columns; i++) {
        if (plx_slice_is(r->names[i], column)) {
            *out = i;
            return true;
        }
        int n = used < LISTED ? snprintf(names + used, LISTED - used, "%s\"%.*s\"", i ? ", " : "", (int)r->names[i].len,
                                         r->names[i].ptr)
                              : 0;
        used += n > 0 ? (size_t)n : 0;
    }
    plx_fail(err, PLX_E_FORMAT, "there is no column \"%s\"", column);
    plx_note(err, "%s, sheet \"%s\", first row", r->file, r->sheet);
    return plx_err_why(err, "its columns are %s", r->n_columns ? names : "none");
}

plx_slice plx_edge_rows_column_name(const plx_edge_rows *r, size_t column)
{
    return r->csv ? plx_csv_column_name(r->csv, column) : r->names[column];
}

bool plx_edge_rows_next(plx_edge_rows *r, const plx_slice **fields, plx_err *err)
{
    if (r->csv) {
        return plx_csv_next(r->csv, fields, err);
    }
    *fields = r->next < r->n_rows ? r->rows[r->next++].fields : NULL;
    return true;
}

uint64_t plx_edge_rows_line(const plx_edge_rows *r)
{
    if (r->csv) {
        return plx_csv_line(r->csv);
    }
    return r->next > 0 ? (uint64_t)r->rows[r->next - 1].row + 1 : 1;
}

bool plx_edge_rows_fail(const plx_edge_rows *r, plx_code code, size_t column, plx_err *err, const char *fmt, ...)
{
    char text[MESSAGE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (r->csv) {
        return plx_csv_fail(r->csv, code, column, err, "%s", text);
    }
    char cell[PLX_CELL_NAME];
    plx_cell_name((uint32_t)(plx_edge_rows_line(r) - 1), (uint32_t)column, cell);
    plx_fail(err, code, "%s", text);
    plx_note(err, "cell %s", cell);
    return plx_note(err, "%s, sheet \"%s\"", r->file, r->sheet);
}
