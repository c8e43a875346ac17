/* SPDX-License-Identifier: Apache-2.0
 *
 * xls in the table of formats.
 */
#include "formats/format.h"
#include "formats/xls.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    /* OLE files also hold documents, slides and encrypted xlsx: the name tells them apart. */
    bool ole = n >= 8 && memcmp(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
    bool named = plx_ends_with(path, ".xls");
    return ole ? (named ? 95 : 30) : named ? 10 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_xls *book;
    if (!plx_xls_open(ctx, path, &book, err)) {
        return false;
    }
    bool ok = true;
    size_t n = plx_xls_n_sheets(book);
    plx_sb_printf(summary, "%zu %s:", n, n == 1 ? "sheet" : "sheets");
    for (size_t i = 0; ok && i < n; i++) {
        plx_sheet_info info;
        ok = plx_xls_read(ctx, book, i, NULL, &info, err);
        if (ok) {
            plx_sb_printf(summary, "%s \"%s\" %u x %u (%llu cells)", i ? "," : "", plx_xls_sheet_name(book, i),
                          info.n_rows, info.n_columns, (unsigned long long)info.n_cells);
        }
    }
    plx_xls_close(book);
    return ok;
}

extern const plx_format plx_format_xls;
const plx_format plx_format_xls = {
    .name = "xls",
    .title = "Excel 97-2003 workbook",
    .extensions = "xls",
    .reference = "[MS-XLS] (BIFF8) in [MS-CFB], read by freexl",
    .limits = "Cells with formulas are passed over; no merged ranges, charts, macros or encryption.",
    .probe = probe,
    .check = check,
};
