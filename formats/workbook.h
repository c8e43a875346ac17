/* SPDX-License-Identifier: Apache-2.0
 *
 * Workbooks whatever program wrote them: one way into xlsx.h and xls.h, and what `check` and `dump` say of both.
 */
#ifndef PLX_FORMATS_WORKBOOK_H
#define PLX_FORMATS_WORKBOOK_H

#include "core/ctx.h"
#include "formats/outline.h"
#include "formats/sheet.h"

typedef struct plx_workbook plx_workbook;

/* An OLE file is opened as xls, anything else as xlsx; messages of the latter call it `name` (NULL: the path). errors:
 * those of plx_xls_open and plx_xlsx_open. owner: caller, plx_workbook_close. */
bool plx_workbook_open(const plx_ctx *ctx, const char *path, const char *name, plx_workbook **out, plx_err *err);
void plx_workbook_close(plx_workbook *book); /* accepts NULL */
size_t plx_workbook_n_sheets(const plx_workbook *book);
const char *plx_workbook_sheet_name(const plx_workbook *book, size_t i);
/* Index of a sheet by exact name. errors: NOTFOUND listing the names there are. */
bool plx_workbook_need(const plx_workbook *book, const char *name, size_t *out, plx_err *err);
/* True when dates count from 1904-01-01 instead of 1899-12-30. */
bool plx_workbook_is_1904(const plx_workbook *book);
/* False for a sheet that is a chart, a dialog or a macro. */
bool plx_workbook_has_cells(const plx_workbook *book, size_t sheet);
/* Every cell that holds something, row by row. `sink` and `info` may be NULL. errors, cost: as in xlsx.h and xls.h. */
bool plx_workbook_read(const plx_ctx *ctx, plx_workbook *book, size_t sheet, const plx_sheet_sink *sink,
                       plx_sheet_info *info, plx_err *err);

/* What plx_format.check and plx_format.outline are for both formats. An item is a sheet, "Sheet1", or cells of one:
 * "Sheet1/B7", "Sheet1/A1:C20". */
bool plx_workbook_check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err);
bool plx_workbook_outline(const plx_outline_ask *ask, plx_value **out, plx_err *err);

#endif
