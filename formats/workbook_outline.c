/* SPDX-License-Identifier: Apache-2.0
 *
 * Sheets and cells of a workbook as an outline.
 */
#include "core/num.h"
#include "formats/workbook.h"

#include <stdio.h>
#include <string.h>

/* That many columns are a table, however few rows are asked for. */
enum { FEW = 20, LAST_ROW = (1 << 20) - 1, LAST_COLUMN = (1 << 14) - 1, NAMES = 256 };
/* Days from 0000-03-01 to the two epochs, and in 400 years. */
enum { DAYS_TO_1900 = 693899, DAYS_TO_1904 = 695361, DAYS_400 = 146097, DAY_SECONDS = 86400, MOST_DAYS = 2958466 };

/* A part of a sheet becomes rows of values; what lies past it is only counted. */
typedef struct taker {
    const plx_outline_ask *ask;
    plx_sheet_range part; /* what may be shown */
    plx_value *rows, *row;
    uint32_t next_row, width;
    bool is_1904;
} taker;

/* Days since the epoch as "2011-02-03", "2011-02-03 04:05:06", or "04:05:06" on the epoch itself; numbers that are no
 * day of this calendar as they are. */
static plx_value *date_value(plx_arena *arena, double days, bool is_1904)
{
    if (!(days >= 0 && days < MOST_DAYS)) {
        return plx_v_f64(arena, days);
    }
    int64_t seconds = (int64_t)(days * DAY_SECONDS + 0.5);
    int of_day = (int)(seconds % DAY_SECONDS);
    int64_t day = seconds / DAY_SECONDS + (is_1904 ? DAYS_TO_1904 : DAYS_TO_1900);
    /* Years that begin in March put the leap day at their end. */
    int64_t era = day / DAYS_400, of_era = day % DAYS_400;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * of_year + 2) / 153);
    int day_of_month = (int)(of_year - (153 * month + 2) / 5) + 1;
    month = month < 10 ? month + 3 : month - 9;
    year += 400 * era + (month <= 2);
    char text[64];
    int n = 0;
    if (days >= 1) {
        n = snprintf(text, sizeof text, "%04lld-%02d-%02d", (long long)year, month, day_of_month);
    }
    if (of_day > 0 || days < 1) {
        snprintf(text + n, sizeof text - (size_t)n, "%s%02d:%02d:%02d", n ? " " : "", of_day / 3600, of_day / 60 % 60,
                 of_day % 60);
    }
    return plx_v_str(arena, text);
}

static plx_value *cell_value(plx_arena *arena, const plx_sheet_cell *cell, bool is_1904)
{
    switch ((int)cell->kind) {
    case PLX_SHEET_TEXT:
    case PLX_SHEET_ERROR:
        return plx_v_strn(arena, cell->text.ptr, cell->text.len);
    case PLX_SHEET_BOOL:
        return plx_v_bool(arena, cell->number != 0);
    case PLX_SHEET_UNCOMPUTED:
        return plx_v_null(arena);
    case PLX_SHEET_DATE:
        return date_value(arena, cell->number, is_1904);
    default:
        break;
    }
    bool whole = cell->number >= -9e15 && cell->number <= 9e15 && cell->number == (double)(int64_t)cell->number;
    return whole ? plx_v_i64(arena, (int64_t)cell->number) : plx_v_f64(arena, cell->number);
}

static bool take(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    taker *t = payload;
    plx_arena *a = t->ask->arena;
    if (cell->row < t->part.row || cell->row > t->part.last_row || cell->column < t->part.column ||
        cell->column > t->part.last_column) {
        return true;
    }
    bool ok = true;
    for (; ok && t->next_row <= cell->row; t->next_row++) {
        t->row = plx_v_arr(a);
        ok = t->row && plx_v_push(a, t->rows, t->row);
    }
    uint32_t at = cell->column - t->part.column;
    while (ok && t->row->u.arr.n < at) {
        ok = plx_v_push(a, t->row, plx_v_null(a));
    }
    ok = ok && plx_v_push(a, t->row, cell_value(a, cell, t->is_1904));
    t->width = at + 1 > t->width ? at + 1 : t->width;
    return ok || plx_fail_nomem(err, 0);
}

/* "B" of column 1. */
static plx_value *column_name(plx_arena *arena, uint32_t column)
{
    char name[PLX_CELL_NAME];
    plx_cell_name(0, column, name);
    name[strlen(name) - 1] = '\0';
    return plx_v_str(arena, name);
}

static bool read_part(const plx_outline_ask *ask, plx_workbook *book, size_t sheet, const plx_sheet_range *part,
                      plx_value *item, plx_sheet_info *info, plx_err *err)
{
    plx_arena *a = ask->arena;
    taker t = {.ask = ask, .part = *part, .next_row = part->row, .rows = plx_v_arr(a)};
    t.is_1904 = plx_workbook_is_1904(book);
    plx_value *columns = plx_v_arr(a);
    if (!t.rows || !columns) {
        return plx_fail_nomem(err, 0);
    }
    uint64_t most_rows = plx_outline_shown(ask, (uint64_t)part->last_row - part->row + 1);
    uint64_t all_columns = (uint64_t)part->last_column - part->column + 1;
    uint64_t most_columns = plx_outline_shown(ask, all_columns);
    most_columns = most_columns < FEW ? (all_columns < FEW ? all_columns : FEW) : most_columns;
    t.part.last_row = part->row + (uint32_t)most_rows - 1;
    t.part.last_column = part->column + (uint32_t)most_columns - 1;
    plx_sheet_sink sink = {.cell = take, .payload = &t};
    if (!plx_workbook_read(ask->ctx, book, sheet, &sink, info, err)) {
        return false;
    }
    bool ok = true;
    for (uint32_t c = 0; ok && c < t.width; c++) {
        ok = plx_v_push(a, columns, column_name(a, part->column + c));
    }
    ok = ok && plx_v_set(a, item, "first_row", plx_v_u64(a, (uint64_t)part->row + 1)) &&
         plx_v_set(a, item, "columns", columns) && plx_v_set(a, item, "rows", t.rows);
    return ok || plx_fail_nomem(err, 0);
}

/* `part` NULL: the sheet without its cells. */
static bool sheet_item(const plx_outline_ask *ask, plx_workbook *book, size_t sheet, const plx_sheet_range *part,
                       plx_value **out, plx_err *err)
{
    plx_arena *a = ask->arena;
    plx_value *item = plx_outline_item(a, plx_workbook_sheet_name(book, sheet), "sheet");
    plx_sheet_info info = {0};
    *out = item;
    if (item && !plx_workbook_has_cells(book, sheet)) {
        return plx_outline_note(a, item, "a chart, dialog or macro: no cells") || plx_fail_nomem(err, 0);
    }
    if (!item) {
        return plx_fail_nomem(err, 0);
    }
    if (part ? !read_part(ask, book, sheet, part, item, &info, err)
             : !plx_workbook_read(ask->ctx, book, sheet, NULL, &info, err)) {
        return false;
    }
    plx_sb note = {0};
    plx_sb_printf(&note, "%llu %s with a value", (unsigned long long)info.n_cells,
                  info.n_cells == 1 ? "cell" : "cells");
    if (info.n_formulas) {
        plx_sb_printf(&note, ", %llu of them formulas", (unsigned long long)info.n_formulas);
    }
    if (info.n_uncomputed) {
        plx_sb_printf(&note, "; %llu formulas without a value", (unsigned long long)info.n_uncomputed);
    }
    if (info.n_merged) {
        plx_sb_printf(&note, "; %llu merged ranges", (unsigned long long)info.n_merged);
    }
    bool ok = !note.failed && plx_outline_note(a, item, "%s", plx_sb_str(&note)) &&
              plx_outline_shape(a, item, 2, (size_t[]){info.n_rows, info.n_columns});
    plx_sb_free(&note);
    return ok || plx_fail_nomem(err, 0);
}

/* "B7" or "A1:C20". */
static bool parse_part(const char *text, plx_sheet_range *part)
{
    const char *colon = strchr(text, ':');
    size_t first = colon ? (size_t)(colon - text) : strlen(text);
    if (!plx_cell_parse((plx_slice){text, first}, &part->row, &part->column)) {
        return false;
    }
    if (!colon) {
        part->last_row = part->row;
        part->last_column = part->column;
        return true;
    }
    return plx_cell_parse(plx_slice_of(colon + 1), &part->last_row, &part->last_column) &&
           part->last_row >= part->row && part->last_column >= part->column;
}

static bool no_sheet(const plx_outline_ask *ask, const plx_workbook *book, plx_err *err)
{
    const char *names[NAMES];
    size_t n = 0;
    for (; n < plx_workbook_n_sheets(book) && n < NAMES; n++) {
        names[n] = plx_workbook_sheet_name(book, n);
    }
    return plx_outline_missing(ask, names, n, err);
}

/* The sheet that `ask->item` names, which may hold slashes, and the part behind it. */
static bool one_sheet(const plx_outline_ask *ask, plx_workbook *book, plx_value **out, plx_err *err)
{
    const char *item = ask->item;
    size_t sheet = SIZE_MAX, len = 0;
    for (size_t i = 0; i < plx_workbook_n_sheets(book); i++) {
        const char *name = plx_workbook_sheet_name(book, i);
        size_t n = strlen(name);
        if (strncmp(item, name, n) == 0 && (item[n] == '\0' || item[n] == '/') && (sheet == SIZE_MAX || n > len)) {
            sheet = i;
            len = n;
        }
    }
    if (sheet == SIZE_MAX) {
        return no_sheet(ask, book, err);
    }
    plx_sheet_range part = {0, 0, LAST_ROW, LAST_COLUMN};
    if (item[len] == '/' && item[len + 1] && !parse_part(item + len + 1, &part)) {
        plx_fail(err, PLX_E_NOTFOUND, "\"%s\" is no cell or range of cells", item + len + 1);
        return plx_err_why(err, "they are written like B7 or A1:C20");
    }
    return sheet_item(ask, book, sheet, &part, out, err);
}

bool plx_workbook_outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_workbook *book;
    if (!plx_workbook_open(ask->ctx, ask->path, NULL, &book, err)) {
        return false;
    }
    bool ok;
    if (ask->item && *ask->item) {
        ok = one_sheet(ask, book, out, err);
    } else {
        plx_value *root = plx_outline_item(ask->arena, "/", "workbook");
        *out = root;
        ok = root || plx_fail_nomem(err, 0);
        if (ok && plx_workbook_is_1904(book)) {
            ok = plx_outline_note(ask->arena, root, "dates count from 1904-01-01") || plx_fail_nomem(err, 0);
        }
        for (size_t i = 0; ok && i < plx_workbook_n_sheets(book); i++) {
            plx_value *item;
            ok = sheet_item(ask, book, i, NULL, &item, err) &&
                 (plx_outline_add(ask->arena, root, item) || plx_fail_nomem(err, 0));
        }
    }
    plx_workbook_close(book);
    return ok;
}
