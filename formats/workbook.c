/* SPDX-License-Identifier: Apache-2.0
 *
 * See workbook.h.
 */
#include "formats/workbook.h"

#include "core/alloc.h"
#include "formats/source.h"
#include "formats/xls.h"
#include "formats/xlsx.h"

#include <string.h>

struct plx_workbook {
    plx_xlsx *xlsx; /* one of the two */
    plx_xls *xls;
};

static bool is_ole(const plx_ctx *ctx, const char *path, bool *ole, plx_err *err)
{
    plx_source *source;
    uint8_t head[8];
    size_t n = 0, got = 1;
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = true;
    for (; ok && got > 0 && n < sizeof head; n += ok ? got : 0) {
        ok = source->read(source, head + n, sizeof head - n, &got, err);
    }
    plx_source_close(source);
    *ole = ok && n == sizeof head && memcmp(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
    return ok;
}

bool plx_workbook_open(const plx_ctx *ctx, const char *path, const char *name, plx_workbook **out, plx_err *err)
{
    bool ole;
    *out = NULL;
    if (!is_ole(ctx, path, &ole, err)) {
        return false;
    }
    plx_workbook *book = plx_alloc_zero(1, sizeof *book);
    if (!book) {
        return plx_fail_nomem(err, sizeof *book);
    }
    bool ok = ole ? plx_xls_open(ctx, path, &book->xls, err) : plx_xlsx_open(ctx, path, name, &book->xlsx, err);
    if (!ok) {
        plx_free(book);
        return false;
    }
    *out = book;
    return true;
}

void plx_workbook_close(plx_workbook *book)
{
    if (book && book->xlsx) {
        plx_xlsx_close(book->xlsx);
    }
    if (book) {
        plx_xls_close(book->xls);
    }
    plx_free(book);
}

size_t plx_workbook_n_sheets(const plx_workbook *book)
{
    return book->xlsx ? plx_xlsx_n_sheets(book->xlsx) : plx_xls_n_sheets(book->xls);
}

const char *plx_workbook_sheet_name(const plx_workbook *book, size_t i)
{
    return book->xlsx ? plx_xlsx_sheet_name(book->xlsx, i) : plx_xls_sheet_name(book->xls, i);
}

bool plx_workbook_need(const plx_workbook *book, const char *name, size_t *out, plx_err *err)
{
    return book->xlsx ? plx_xlsx_need(book->xlsx, name, out, err) : plx_xls_need(book->xls, name, out, err);
}

bool plx_workbook_is_1904(const plx_workbook *book)
{
    return book->xlsx ? plx_xlsx_is_1904(book->xlsx) : plx_xls_is_1904(book->xls);
}

bool plx_workbook_has_cells(const plx_workbook *book, size_t sheet)
{
    return !book->xlsx || plx_xlsx_has_cells(book->xlsx, sheet);
}

bool plx_workbook_read(const plx_ctx *ctx, plx_workbook *book, size_t sheet, const plx_sheet_sink *sink,
                       plx_sheet_info *info, plx_err *err)
{
    return book->xlsx ? plx_xlsx_read(ctx, book->xlsx, sheet, sink, info, err)
                      : plx_xls_read(ctx, book->xls, sheet, sink, info, err);
}

bool plx_workbook_check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_workbook *book;
    if (!plx_workbook_open(ctx, path, NULL, &book, err)) {
        return false;
    }
    bool ok = true;
    size_t n = plx_workbook_n_sheets(book);
    plx_sb_printf(summary, "%zu %s:", n, n == 1 ? "sheet" : "sheets");
    for (size_t i = 0; ok && i < n; i++) {
        const char *name = plx_workbook_sheet_name(book, i);
        plx_sheet_info info;
        if (!plx_workbook_has_cells(book, i)) {
            plx_sb_printf(summary, "%s \"%s\" without cells", i ? "," : "", name);
            continue;
        }
        ok = plx_workbook_read(ctx, book, i, NULL, &info, err);
        if (ok) {
            plx_sb_printf(summary, "%s \"%s\" %u x %u (%llu cells)", i ? "," : "", name, info.n_rows, info.n_columns,
                          (unsigned long long)info.n_cells);
        }
    }
    plx_workbook_close(book);
    return ok;
}
