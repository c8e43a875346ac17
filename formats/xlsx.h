/* SPDX-License-Identifier: Apache-2.0
 *
 * Office Open XML workbooks (ECMA-376, ISO/IEC 29500): values of cells, as last computed. Not read: charts, macros,
 * styles other than "is this a date", encrypted workbooks (an OLE file, not a zip), binary ones (xlsb). Cells of type
 * "d" come as their ISO 8601 text; escapes like _x000D_ in text are left as written.
 */
#ifndef PLX_FORMATS_XLSX_H
#define PLX_FORMATS_XLSX_H

#include "core/ctx.h"
#include "formats/sheet.h"

typedef struct plx_xlsx plx_xlsx;

/* Opens the workbook: sheet names, shared strings, which styles are dates. Messages call it `name` (NULL: the path).
 * errors: FORMAT/TRUNCATED naming the part; POLICY for a DTD or entity in any part; LIMIT; UNSUPPORTED for UTF-16
 * parts. owner: caller, plx_xlsx_close. */
bool plx_xlsx_open(const plx_ctx *ctx, const char *path, const char *name, plx_xlsx **out, plx_err *err);
void plx_xlsx_close(plx_xlsx *book);
size_t plx_xlsx_n_sheets(const plx_xlsx *book);
const char *plx_xlsx_sheet_name(const plx_xlsx *book, size_t i);
/* Index of a sheet by exact name. errors: NOTFOUND listing the names there are. */
bool plx_xlsx_need(const plx_xlsx *book, const char *name, size_t *out, plx_err *err);
/* True when dates count from 1904-01-01 instead of 1899-12-30. */
bool plx_xlsx_is_1904(const plx_xlsx *book);
/* False for a sheet that is a chart, a dialog or a macro. */
bool plx_xlsx_has_cells(const plx_xlsx *book, size_t sheet);
/* Every cell that holds something. `sink` may be NULL; `info` too.
 * errors: FORMAT/TRUNCATED/POLICY naming sheet and cell; UNSUPPORTED for a sheet without cells; LIMIT.
 * cost: one pass over the sheet's XML, which is held whole. */
bool plx_xlsx_read(const plx_ctx *ctx, plx_xlsx *book, size_t sheet, const plx_sheet_sink *sink, plx_sheet_info *info,
                   plx_err *err);

#endif
