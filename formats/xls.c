/* SPDX-License-Identifier: Apache-2.0
 *
 * freexl (1.0.6) behind the isolation of isolate.h: the child opens the workbook and sends its sheets, or the cells of
 * one sheet; the parent holds names only. freexl turns dates into text ("2011-02-03 04:05:06"); here they become
 * numbers again.
 */
#include "formats/xls.h"

#include "core/alloc.h"
#include "core/utf8.h"
#include "formats/isolate.h"

#include <freexl.h>
#include <string.h>

enum { BOOK, SHEET, CELL, MAX_SHEETS = 4096, ROWS = 65536, COLUMNS = 256 };

struct plx_xls {
    char *path;
    bool is_1904;
    char **names;
    size_t n, cap;
};

/* What a CELL message starts with; the text follows. */
typedef struct wire_cell {
    double number;
    uint32_t row, column, kind, unused;
} wire_cell;

/* --- in the child --- */

typedef struct task {
    const char *path;
    const plx_xls *book; /* NULL: send the sheets */
    unsigned short sheet;
} task;

static const char *problem(int code)
{
    switch (code) {
    case FREEXL_INVALID_CFBF_HEADER:
    case FREEXL_CFBF_INVALID_SIGNATURE:
    case FREEXL_CFBF_INVALID_SECTOR_SIZE:
        return "its OLE header is not valid";
    case FREEXL_CFBF_READ_ERROR:
    case FREEXL_CFBF_SEEK_ERROR:
        return "a sector it refers to is not there, as in a file that was cut off";
    case FREEXL_CFBF_EMPTY_FAT_CHAIN:
    case FREEXL_CFBF_ILLEGAL_FAT_ENTRY:
    case FREEXL_CFBF_ILLEGAL_MINI_FAT_ENTRY:
    case FREEXL_INVALID_MINI_STREAM:
        return "its sector chains are broken";
    case FREEXL_BIFF_INVALID_BOF:
    case FREEXL_BIFF_WORKBOOK_NOT_FOUND:
        return "it holds no workbook";
    case FREEXL_BIFF_INVALID_SST:
    case FREEXL_BIFF_ILLEGAL_SST_INDEX:
        return "its table of strings is broken";
    case FREEXL_INVALID_CHARACTER:
    case FREEXL_UNSUPPORTED_CHARSET:
        return "text in it does not fit its character set";
    case FREEXL_ILLEGAL_CELL_ROW_COL:
        return "a cell lies outside its sheet";
    default:
        return "its records contradict each other";
    }
}

static bool refuse(const char *path, int code, plx_err *err)
{
    if (code == FREEXL_INSUFFICIENT_MEMORY) {
        plx_fail(err, PLX_E_LIMIT, "%s cannot be read: it asks for more memory than one file may have", path);
    } else {
        plx_fail(err, PLX_E_FORMAT, "%s is damaged: %s", path, problem(code));
    }
    return plx_err_why(err, "freexl ended with code %d", code);
}

/* Days from 1970-01-01 of a date in the Gregorian calendar. */
static int64_t civil_days(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Unsigned digits up to `stop` or the end; -1 when there are none. */
static int digits(const char **p, char stop)
{
    int value = 0, n = 0;
    for (; **p >= '0' && **p <= '9' && n < 6; (*p)++, n++) {
        value = 10 * value + (**p - '0');
    }
    if (n == 0 || (**p != stop && **p != '\0')) {
        return -1;
    }
    *p += **p == stop && stop ? 1 : 0;
    return value;
}

/* "2011-02-03", "2011-02-03 04:05:06" or "04:05:06" as days since the epoch. */
static bool date_number(const char *text, bool is_1904, double *out)
{
    double value = 0;
    if (strchr(text, '-')) {
        int year = digits(&text, '-');
        int month = digits(&text, '-');
        int day = digits(&text, ' ');
        if (year < 0 || month < 1 || month > 12 || day < 0 || day > 31) {
            return false;
        }
        value = (double)(civil_days(year, (unsigned)month, (unsigned)day) -
                         (is_1904 ? civil_days(1904, 1, 1) : civil_days(1899, 12, 30)));
    }
    if (*text) {
        int hour = digits(&text, ':');
        int minute = digits(&text, ':');
        int second = digits(&text, '\0');
        if (hour < 0 || minute < 0 || second < 0) {
            return false;
        }
        value += (3600.0 * hour + 60.0 * minute + second) / 86400.0;
    }
    *out = value;
    return true;
}

/* False when the cell holds nothing. */
static bool convert(const FreeXL_CellValue *value, bool is_1904, wire_cell *cell, const char **text)
{
    *text = "";
    switch (value->type) {
    case FREEXL_CELL_INT:
        cell->kind = PLX_SHEET_NUMBER;
        cell->number = value->value.int_value;
        return true;
    case FREEXL_CELL_DOUBLE:
        cell->kind = PLX_SHEET_NUMBER;
        cell->number = value->value.double_value;
        return true;
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME:
        cell->kind = PLX_SHEET_DATE;
        if (value->value.text_value && date_number(value->value.text_value, is_1904, &cell->number)) {
            return true;
        }
        break;
    default:
        break;
    }
    bool has_text = value->type == FREEXL_CELL_TEXT || value->type == FREEXL_CELL_SST_TEXT ||
                    value->type == FREEXL_CELL_DATE || value->type == FREEXL_CELL_DATETIME ||
                    value->type == FREEXL_CELL_TIME;
    cell->kind = PLX_SHEET_TEXT;
    *text = has_text && value->value.text_value ? value->value.text_value : "";
    return **text != '\0';
}

static bool send_cell(plx_isolate_out *out, plx_sb *message, const wire_cell *cell, const char *text, plx_err *err)
{
    message->len = 0;
    plx_sb_bytes(message, cell, sizeof *cell);
    plx_sb_text(message, text);
    return message->failed ? plx_fail_nomem(err, strlen(text))
                           : plx_isolate_send(out, CELL, message->ptr, message->len, err);
}

static bool send_cells(plx_isolate_out *out, const void *handle, const task *t, plx_err *err)
{
    unsigned rows;
    unsigned short columns;
    int code = freexl_select_active_worksheet(handle, t->sheet);
    if (code == FREEXL_OK) {
        code = freexl_worksheet_dimensions(handle, &rows, &columns);
    }
    if (code != FREEXL_OK) {
        return refuse(t->path, code, err);
    }
    plx_sb message = {0};
    for (unsigned row = 0; row < rows; row++) {
        for (unsigned short column = 0; column < columns; column++) {
            FreeXL_CellValue value;
            code = freexl_get_cell_value(handle, row, column, &value);
            if (code != FREEXL_OK) {
                char name[PLX_CELL_NAME];
                plx_cell_name(row, column, name);
                refuse(t->path, code, err);
                return plx_note(err, "%s!%s", t->book->names[t->sheet], name);
            }
            wire_cell cell = {.row = row, .column = column};
            const char *text;
            if (convert(&value, t->book->is_1904, &cell, &text) && !send_cell(out, &message, &cell, text, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool send_sheets(plx_isolate_out *out, const void *handle, const task *t, plx_err *err)
{
    unsigned n = 0, mode = 0, password = 0;
    freexl_get_info(handle, FREEXL_BIFF_PASSWORD, &password);
    if (password == FREEXL_BIFF_OBFUSCATED) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "%s is encrypted", t->path);
    }
    int code = freexl_get_info(handle, FREEXL_BIFF_DATEMODE, &mode);
    if (code == FREEXL_OK) {
        code = freexl_get_info(handle, FREEXL_BIFF_SHEET_COUNT, &n);
    }
    if (code != FREEXL_OK) {
        return refuse(t->path, code, err);
    }
    uint8_t is_1904 = mode == FREEXL_BIFF_DATEMODE_1904;
    if (!plx_isolate_send(out, BOOK, &is_1904, 1, err)) {
        return false;
    }
    for (unsigned short i = 0; i < n && i < MAX_SHEETS; i++) {
        const char *name = NULL;
        code = freexl_get_worksheet_name(handle, i, &name);
        if (code != FREEXL_OK) {
            return refuse(t->path, code, err);
        }
        name = name ? name : "";
        if (!plx_isolate_send(out, SHEET, name, strlen(name), err)) {
            return false;
        }
    }
    return true;
}

static bool decode(plx_isolate_out *out, void *arg, plx_err *err)
{
    const task *t = arg;
    const void *handle = NULL;
    int code = freexl_open(t->path, &handle);
    if (code != FREEXL_OK) {
        return refuse(t->path, code, err);
    }
    return t->book ? send_cells(out, handle, t, err) : send_sheets(out, handle, t, err);
}

/* --- in the parent --- */

static bool take_sheet(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    plx_xls *book = payload;
    if (kind == BOOK && len == 1) {
        book->is_1904 = bytes[0] != 0;
        return true;
    }
    if (kind != SHEET || book->n == MAX_SHEETS || memchr(bytes, '\0', len) ||
        plx_utf8_valid_prefix((const char *)bytes, len) != len) {
        return plx_isolate_garbled(book->path, err);
    }
    char *name = plx_alloc(len + 1);
    if (!name || !plx_grow(&book->names, &book->cap, book->n + 1, sizeof *book->names)) {
        plx_free(name);
        return plx_fail_nomem(err, len + 1);
    }
    memcpy(name, bytes, len);
    name[len] = '\0';
    book->names[book->n++] = name;
    return true;
}

bool plx_xls_open(const plx_ctx *ctx, const char *path, plx_xls **out, plx_err *err)
{
    *out = NULL;
    plx_xls *book = plx_alloc_zero(1, sizeof *book);
    if (!book || !(book->path = plx_strdup(path))) {
        plx_xls_close(book);
        return plx_fail_nomem(err, sizeof *book);
    }
    task t = {.path = path};
    plx_isolate_job job = {.path = path, .decode = decode, .arg = &t, .take = take_sheet, .payload = book};
    if (!plx_isolate(ctx, &job, err)) {
        plx_xls_close(book);
        return false;
    }
    *out = book;
    return true;
}

void plx_xls_close(plx_xls *book)
{
    if (!book) {
        return;
    }
    for (size_t i = 0; i < book->n; i++) {
        plx_free(book->names[i]);
    }
    plx_free(book->names);
    plx_free(book->path);
    plx_free(book);
}

size_t plx_xls_n_sheets(const plx_xls *book)
{
    return book->n;
}

const char *plx_xls_sheet_name(const plx_xls *book, size_t i)
{
    return book->names[i];
}

bool plx_xls_is_1904(const plx_xls *book)
{
    return book->is_1904;
}

bool plx_xls_need(const plx_xls *book, const char *name, size_t *out, plx_err *err)
{
    char list[PLX_ERR_NOTE] = "";
    size_t used = 0;
    for (size_t i = 0; i < book->n; i++) {
        if (strcmp(book->names[i], name) == 0) {
            *out = i;
            return true;
        }
        if (used < sizeof list) {
            int n = snprintf(list + used, sizeof list - used, "%s\"%s\"", i ? ", " : "", book->names[i]);
            used += n > 0 ? (size_t)n : 0;
        }
    }
    plx_fail(err, PLX_E_NOTFOUND, "%s has no sheet \"%s\"", book->path, name);
    return plx_err_why(err, "its sheets are %s", list);
}

typedef struct reading {
    const char *path;
    const plx_sheet_sink *sink;
    plx_sheet_info info;
    uint64_t past; /* 1 + row * COLUMNS + column of the last cell: cells come in order, each once */
} reading;

static bool take_cell(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    reading *r = payload;
    wire_cell cell;
    if (kind != CELL || len < sizeof cell) {
        return plx_isolate_garbled(r->path, err);
    }
    memcpy(&cell, bytes, sizeof cell);
    uint64_t place = (uint64_t)cell.row * COLUMNS + cell.column;
    if (cell.row >= ROWS || cell.column >= COLUMNS || cell.kind > PLX_SHEET_TEXT || place < r->past) {
        return plx_isolate_garbled(r->path, err);
    }
    const char *text = (const char *)bytes + sizeof cell;
    if (plx_utf8_valid_prefix(text, len - sizeof cell) != len - sizeof cell) {
        char name[PLX_CELL_NAME];
        plx_cell_name(cell.row, cell.column, name);
        plx_fail(err, PLX_E_FORMAT, "%s is damaged: the text of cell %s is not text", r->path, name);
        return false;
    }
    r->past = place + 1;
    r->info.n_cells++;
    r->info.n_rows = cell.row + 1;
    r->info.n_columns = cell.column + 1 > r->info.n_columns ? cell.column + 1 : r->info.n_columns;
    if (!r->sink || !r->sink->cell) {
        return true;
    }
    plx_sheet_cell given = {.row = cell.row,
                            .column = cell.column,
                            .kind = (plx_cell_kind)cell.kind,
                            .number = cell.number,
                            .text = {text, len - sizeof cell}};
    char where[PLX_CELL_NAME];
    plx_cell_name(cell.row, cell.column, where);
    return r->sink->cell(r->sink->payload, &given, err) || plx_note(err, "cell %s", where);
}

bool plx_xls_read(const plx_ctx *ctx, const plx_xls *book, size_t sheet, const plx_sheet_sink *sink,
                  plx_sheet_info *info, plx_err *err)
{
    task t = {.path = book->path, .book = book, .sheet = (unsigned short)sheet};
    reading r = {.path = book->path, .sink = sink};
    plx_isolate_job job = {.path = book->path, .decode = decode, .arg = &t, .take = take_cell, .payload = &r};
    if (!plx_isolate(ctx, &job, err)) {
        return plx_note(err, "sheet \"%s\"", book->names[sheet]);
    }
    if (info) {
        *info = r.info;
    }
    return true;
}
