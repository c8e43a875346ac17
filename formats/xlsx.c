/* SPDX-License-Identifier: Apache-2.0
 *
 * The workbook: a zip of parts, one of them per sheet.
 */
#include "formats/xlsx.h"

#include "core/alloc.h"
#include "formats/xlsx_parts.h"

#include <string.h>

enum { LISTED_NAMES = 8 };

struct plx_xlsx {
    char *path;
    plx_zip_file *zip;
    plx_xlsx_parts parts;
};

bool plx_xlsx_open(const plx_ctx *ctx, const char *path, const char *name, plx_xlsx **out, plx_err *err)
{
    plx_xlsx *book = plx_alloc_zero(1, sizeof *book);
    if (!book) {
        return plx_fail_nomem(err, sizeof *book);
    }
    book->path = plx_strdup(name ? name : path);
    bool ok = (book->path || plx_fail_nomem(err, 0)) && plx_zip_open(ctx, path, name, &book->zip, err);
    ok = ok && plx_xlsx_read_parts(ctx, book->zip, book->path, &book->parts, err);
    if (!ok) {
        plx_xlsx_close(book);
        return false;
    }
    *out = book;
    return true;
}

void plx_xlsx_close(plx_xlsx *book)
{
    if (book) {
        plx_xlsx_parts_free(&book->parts);
        plx_zip_close(book->zip);
        plx_free(book->path);
        plx_free(book);
    }
}

size_t plx_xlsx_n_sheets(const plx_xlsx *book)
{
    return book->parts.n_sheets;
}

const char *plx_xlsx_sheet_name(const plx_xlsx *book, size_t i)
{
    return book->parts.sheets[i].name;
}

bool plx_xlsx_is_1904(const plx_xlsx *book)
{
    return book->parts.is_1904;
}

bool plx_xlsx_need(const plx_xlsx *book, const char *name, size_t *out, plx_err *err)
{
    plx_sb names = {0};
    for (size_t i = 0; i < book->parts.n_sheets; i++) {
        if (strcmp(book->parts.sheets[i].name, name) == 0) {
            plx_sb_free(&names);
            *out = i;
            return true;
        }
        if (i < LISTED_NAMES) {
            plx_sb_printf(&names, "%s\"%s\"", i ? ", " : "", book->parts.sheets[i].name);
        }
    }
    plx_fail(err, PLX_E_NOTFOUND, "there is no sheet \"%s\"", name);
    plx_note(err, "%s", book->path);
    plx_err_why(err, "its sheets are %s%s", plx_sb_str(&names), book->parts.n_sheets > LISTED_NAMES ? ", ..." : "");
    plx_sb_free(&names);
    return false;
}

bool plx_xlsx_has_cells(const plx_xlsx *book, size_t sheet)
{
    return book->parts.sheets[sheet].has_cells;
}

bool plx_xlsx_read(const plx_ctx *ctx, plx_xlsx *book, size_t sheet, const plx_sheet_sink *sink, plx_sheet_info *info,
                   plx_err *err)
{
    const plx_xlsx_sheet *s = &book->parts.sheets[sheet];
    plx_buf xml;
    plx_sheet_info ignored;
    char where[PLX_ERR_NOTE];
    snprintf(where, sizeof where, "%s, sheet \"%s\"", book->path, s->name);
    if (!s->has_cells) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the sheet is a chart, a dialog or a macro and has no cells");
        return plx_note(err, "%s", where);
    }
    if (!plx_zip_load(ctx, book->zip, s->part, &xml, err)) {
        return false;
    }
    bool ok = plx_xlsx_scan_sheet(ctx, &book->parts, where, (const char *)xml.ptr, xml.len, sink,
                                  info ? info : &ignored, err);
    plx_buf_free(&xml);
    return ok;
}
