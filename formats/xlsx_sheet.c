/* SPDX-License-Identifier: Apache-2.0
 *
 * One worksheet part (ECMA-376 part 1, 18.3.1): rows, cells, values, inline strings and merged ranges; everything else
 * is stepped over. Sheets are where the bytes of a workbook are, which is why this is not left to a general XML parser.
 */
#include "formats/xlsx_parts.h"

#include "core/num.h"
#include "formats/xml_scan.h"

#include <math.h>
#include <string.h>

enum { MAX_ROWS = 1 << 20, MAX_COLUMNS = 1 << 14 };

typedef struct scanner {
    plx_xml xml;
    const plx_ctx *ctx;
    const plx_xlsx_parts *parts;
    const plx_sheet_sink *sink;
    plx_sheet_info *info;
    uint32_t row, column; /* of the cell being read */
    bool in_cell;
    plx_sb text; /* decoded text of one cell */
} scanner;

static bool fail(scanner *s, plx_code code, const char *what)
{
    return plx_xml_fail(&s->xml, code, what);
}

/* <is>: text of all <t>, phonetic hints left out. */
static bool read_inline(scanner *s, const plx_xml_tag *open)
{
    plx_xml_tag t;
    if (open->empty) {
        return true;
    }
    for (;;) {
        if (!plx_xml_inner(&s->xml, &t)) {
            return false;
        }
        if (t.closes && plx_slice_is(t.name, "is")) {
            return true;
        }
        bool ok = true;
        if (t.closes && plx_slice_is(t.name, "c")) {
            ok = fail(s, PLX_E_FORMAT, "a cell ends inside its text");
        } else if (!t.closes && plx_slice_is(t.name, "t")) {
            ok = plx_xml_text(&s->xml, &t, &s->text);
        } else if (!t.closes && plx_slice_is(t.name, "rPh")) {
            ok = plx_xml_skip(&s->xml, &t);
        }
        if (!ok) {
            return false;
        }
    }
}

static bool place(scanner *s, const plx_xml_tag *t, uint32_t next_column)
{
    plx_slice name = plx_xml_attribute(t, "r");
    uint32_t row = s->row;
    uint32_t column = next_column;
    if (name.ptr && !plx_cell_parse(name, &row, &column)) {
        return fail(s, PLX_E_FORMAT, "a cell's name is not like B7");
    }
    s->column = column;
    s->in_cell = true;
    if (row != s->row || column < next_column) {
        return fail(s, PLX_E_FORMAT, "a cell stands out of order, or twice");
    }
    return column < MAX_COLUMNS || fail(s, PLX_E_LIMIT, "a sheet has at most 16384 columns");
}

static bool read_number(scanner *s, const plx_xml_tag *open, bool is_bool, plx_sheet_cell *cell)
{
    plx_slice style = plx_xml_attribute(open, "s");
    plx_slice text = plx_slice_trim(cell->text);
    uint64_t index = 0;
    bool ok = plx_parse_f64(text.ptr, text.len, &cell->number) && isfinite(cell->number);
    if (!ok || (is_bool && (text.len != 1 || (text.ptr[0] != '0' && text.ptr[0] != '1')))) {
        return fail(s, PLX_E_FORMAT, "the cell's value is not of the type it says");
    }
    cell->text = (plx_slice){NULL, 0};
    cell->kind = is_bool ? PLX_SHEET_BOOL : PLX_SHEET_NUMBER;
    if (!is_bool && plx_parse_u64(style.ptr, style.len, &index) && index < s->parts->n_styles &&
        s->parts->is_date[index]) {
        cell->kind = PLX_SHEET_DATE;
    }
    return true;
}

static bool shared_string(scanner *s, plx_sheet_cell *cell)
{
    plx_slice text = plx_slice_trim(cell->text);
    uint64_t index = 0;
    if (!plx_parse_u64(text.ptr, text.len, &index) || index >= s->parts->n_strings) {
        return fail(s, PLX_E_FORMAT, "the cell points to no shared string");
    }
    cell->kind = PLX_SHEET_TEXT;
    cell->text = s->parts->strings[index];
    return true;
}

/* Kind and value of the cell from its `t` attribute and s->text. */
static bool interpret(scanner *s, const plx_xml_tag *open, plx_sheet_cell *cell)
{
    plx_slice type = plx_xml_attribute(open, "t");
    cell->text = (plx_slice){plx_sb_str(&s->text), s->text.len};
    if (type.len == 0 || plx_slice_is(type, "n") || plx_slice_is(type, "b")) {
        return read_number(s, open, plx_slice_is(type, "b"), cell);
    }
    if (plx_slice_is(type, "s")) {
        return shared_string(s, cell);
    }
    if (plx_slice_is(type, "e")) {
        cell->kind = PLX_SHEET_ERROR;
    } else if (plx_slice_is(type, "str") || plx_slice_is(type, "inlineStr") || plx_slice_is(type, "d")) {
        cell->kind = PLX_SHEET_TEXT;
    } else {
        return fail(s, PLX_E_FORMAT, "the cell is of an unknown type");
    }
    return plx_xml_is_text(cell->text) || fail(s, PLX_E_FORMAT, "the cell's text is not UTF-8");
}

static bool give(scanner *s, const plx_sheet_cell *cell)
{
    bool computed = cell->kind != PLX_SHEET_UNCOMPUTED;
    s->info->n_cells += computed;
    s->info->n_uncomputed += !computed;
    s->info->n_formulas += cell->formula;
    s->info->n_rows = cell->row + 1;
    if (cell->column >= s->info->n_columns) {
        s->info->n_columns = cell->column + 1;
    }
    return !s->sink || !s->sink->cell || s->sink->cell(s->sink->payload, cell, s->xml.err);
}

/* What a cell holds: <v> or <is>, once, and <f>. *value: there was one, and it is not an empty <v>. */
static bool read_content(scanner *s, const plx_xml_tag *open, plx_sheet_cell *cell, bool *value)
{
    bool seen = false;
    s->text.len = 0;
    *value = false;
    while (!open->empty) {
        plx_xml_tag t;
        if (!plx_xml_inner(&s->xml, &t)) {
            return false;
        }
        if (t.closes) {
            return plx_slice_is(t.name, "c") || fail(s, PLX_E_FORMAT, "a cell holds an end tag that is not its own");
        }
        bool plain = plx_slice_is(t.name, "v");
        if (plain || plx_slice_is(t.name, "is")) {
            if (seen) {
                return fail(s, PLX_E_FORMAT, "a cell has two values");
            }
            seen = true;
            if (!(plain ? plx_xml_text(&s->xml, &t, &s->text) : read_inline(s, &t))) {
                return false;
            }
            *value = !plain || s->text.len > 0;
        } else {
            bool formula = plx_slice_is(t.name, "f");
            cell->formula = cell->formula || formula;
            if (!plx_xml_skip(&s->xml, &t)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_cell(scanner *s, const plx_xml_tag *open)
{
    plx_sheet_cell cell = {.row = s->row, .column = s->column, .kind = PLX_SHEET_UNCOMPUTED};
    bool value;
    if (!read_content(s, open, &cell, &value)) {
        return false;
    }
    if (s->text.failed) {
        return plx_fail_nomem(s->xml.err, 0);
    }
    if (value && !interpret(s, open, &cell)) {
        return false;
    }
    return (!value && !cell.formula) || give(s, &cell);
}

static bool begin_row(scanner *s, const plx_xml_tag *t, uint32_t next_row)
{
    plx_slice number = plx_xml_attribute(t, "r");
    uint64_t row = (uint64_t)next_row + 1;
    if (number.ptr && !plx_parse_u64(number.ptr, number.len, &row)) {
        return fail(s, PLX_E_FORMAT, "a row's number is no number");
    }
    if (row == 0 || row > MAX_ROWS || row - 1 < next_row) {
        return fail(s, PLX_E_FORMAT, "a row stands out of order, twice, or past row 1048576");
    }
    s->row = (uint32_t)(row - 1);
    return true;
}

static bool read_row(scanner *s)
{
    uint32_t next_column = 0;
    for (;;) {
        plx_xml_tag t;
        if (!plx_xml_inner(&s->xml, &t)) {
            return false;
        }
        if (t.closes) {
            return plx_slice_is(t.name, "row") || fail(s, PLX_E_FORMAT, "a row holds an end tag that is not its own");
        }
        if (plx_slice_is(t.name, "c")) {
            if (!place(s, &t, next_column) || !read_cell(s, &t)) {
                return false;
            }
            next_column = s->column + 1;
            s->in_cell = false;
        } else if (!plx_xml_skip(&s->xml, &t)) {
            return false;
        }
    }
}

/* <sheetData>: rows. */
static bool read_data(scanner *s, const plx_xml_tag *open)
{
    uint32_t next_row = 0;
    while (!open->empty) {
        plx_xml_tag t;
        if (!plx_ctx_go_on(s->ctx, s->xml.err) || !plx_xml_inner(&s->xml, &t)) {
            return false;
        }
        if (t.closes) {
            return plx_slice_is(t.name, "sheetData") ||
                   fail(s, PLX_E_FORMAT, "the rows hold an end tag that is not theirs");
        }
        if (!plx_slice_is(t.name, "row")) {
            if (!plx_xml_skip(&s->xml, &t)) {
                return false;
            }
            continue;
        }
        if (!begin_row(s, &t, next_row) || (!t.empty && !read_row(s))) {
            return false;
        }
        next_row = s->row + 1;
    }
    return true;
}

static bool merged_cell(scanner *s, const plx_xml_tag *t)
{
    plx_slice ref = plx_xml_attribute(t, "ref");
    const char *colon = ref.len ? memchr(ref.ptr, ':', ref.len) : NULL;
    size_t first = colon ? (size_t)(colon - ref.ptr) : ref.len;
    plx_slice last = colon ? (plx_slice){colon + 1, ref.len - first - 1} : ref;
    plx_sheet_range r = {0, 0, 0, 0};
    if (!plx_cell_parse((plx_slice){ref.ptr, first}, &r.row, &r.column) ||
        !plx_cell_parse(last, &r.last_row, &r.last_column) || r.last_row < r.row || r.last_column < r.column) {
        return fail(s, PLX_E_FORMAT, "a merged range is not like B7:D9");
    }
    s->info->n_merged++;
    return !s->sink || !s->sink->merged || s->sink->merged(s->sink->payload, &r, s->xml.err);
}

/* <mergeCells>: ranges. */
static bool read_merged(scanner *s, const plx_xml_tag *open)
{
    while (!open->empty) {
        plx_xml_tag t;
        if (!plx_xml_inner(&s->xml, &t)) {
            return false;
        }
        if (t.closes && plx_slice_is(t.name, "mergeCells")) {
            return true;
        }
        if (!t.closes && plx_slice_is(t.name, "mergeCell") && !merged_cell(s, &t)) {
            return false;
        }
    }
    return true;
}

static bool read_sheet(scanner *s)
{
    bool has_data = false;
    plx_xml_tag t;
    if (!plx_xml_inner(&s->xml, &t)) {
        return false;
    }
    if (t.closes || t.empty || !plx_slice_is(t.name, "worksheet")) {
        return fail(s, PLX_E_FORMAT, "the part is no worksheet");
    }
    for (;;) {
        if (!plx_xml_inner(&s->xml, &t)) {
            return false;
        }
        if (t.closes) {
            break;
        }
        bool ok;
        if (plx_slice_is(t.name, "sheetData")) {
            ok = (!has_data || fail(s, PLX_E_FORMAT, "the sheet has its rows twice")) && read_data(s, &t);
            has_data = true;
        } else if (plx_slice_is(t.name, "mergeCells")) {
            ok = read_merged(s, &t);
        } else {
            ok = plx_xml_skip(&s->xml, &t);
        }
        if (!ok) {
            return false;
        }
    }
    bool more;
    if (!plx_slice_is(t.name, "worksheet")) {
        return fail(s, PLX_E_FORMAT, "the sheet holds an end tag that is not its own");
    }
    return (has_data || fail(s, PLX_E_FORMAT, "the sheet has no rows element")) && plx_xml_next(&s->xml, &t, &more) &&
           (!more || fail(s, PLX_E_FORMAT, "something follows the end of the sheet"));
}

bool plx_xlsx_scan_sheet(const plx_ctx *ctx, const plx_xlsx_parts *parts, const char *where, const char *xml,
                         size_t len, const plx_sheet_sink *sink, plx_sheet_info *info, plx_err *err)
{
    scanner s = {.ctx = ctx, .parts = parts, .sink = sink, .info = info};
    *info = (plx_sheet_info){0};
    bool ok = plx_xml_begin(&s.xml, xml, len, err) && read_sheet(&s);
    plx_sb_free(&s.text);
    if (!ok && s.in_cell) {
        char cell[PLX_CELL_NAME];
        plx_cell_name(s.row, s.column, cell);
        plx_note(err, "cell %s", cell);
    }
    return ok || plx_note(err, "%s", where);
}
