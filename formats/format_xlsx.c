/* SPDX-License-Identifier: Apache-2.0
 *
 * xlsx in the table of formats.
 */
#include "formats/format.h"
#include "formats/xlsx.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    /* The zip directory is at the file's end; by the first bytes alone it is a zip whose name says the rest. */
    bool zip = n >= 4 && memcmp(head, "PK\3\4", 4) == 0;
    return zip && (plx_ends_with(path, ".xlsx") || plx_ends_with(path, ".xlsm")) ? 90 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_xlsx *book;
    if (!plx_xlsx_open(ctx, path, NULL, &book, err)) {
        return false;
    }
    bool ok = true;
    plx_sb_printf(summary, "%zu %s:", plx_xlsx_n_sheets(book), plx_xlsx_n_sheets(book) == 1 ? "sheet" : "sheets");
    for (size_t i = 0; ok && i < plx_xlsx_n_sheets(book); i++) {
        plx_sheet_info info;
        if (!plx_xlsx_has_cells(book, i)) {
            plx_sb_printf(summary, "%s \"%s\" without cells", i ? "," : "", plx_xlsx_sheet_name(book, i));
            continue;
        }
        ok = plx_xlsx_read(ctx, book, i, NULL, &info, err);
        if (ok) {
            plx_sb_printf(summary, "%s \"%s\" %u x %u (%llu cells)", i ? "," : "", plx_xlsx_sheet_name(book, i),
                          info.n_rows, info.n_columns, (unsigned long long)info.n_cells);
        }
    }
    plx_xlsx_close(book);
    return ok;
}

extern const plx_format plx_format_xlsx;
const plx_format plx_format_xlsx = {
    .name = "xlsx",
    .title = "Office Open XML workbook",
    .extensions = "xlsx xlsm",
    .reference = "ECMA-376 part 1 (SpreadsheetML)",
    .limits = "Values as last computed; no charts, macros, encryption, UTF-16 sheets or DTD.",
    .probe = probe,
    .check = check,
};
