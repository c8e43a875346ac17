/* SPDX-License-Identifier: Apache-2.0
 *
 * Excel 97-2003 workbooks (BIFF8 in an OLE file), through freexl in an isolated process. Cells come as in xlsx.h:
 * numbers, text, dates as days since the workbook's epoch. Not read: cells with formulas (freexl passes over them,
 * values included), merged ranges, errors and truth values as such (a truth value is the number 0 or 1), fractions of
 * seconds, encrypted workbooks.
 */
#ifndef PLX_FORMATS_XLS_H
#define PLX_FORMATS_XLS_H

#include "core/ctx.h"
#include "formats/sheet.h"

typedef struct plx_xls plx_xls;

/* Opens the workbook: names and sizes of its sheets.
 * errors: FORMAT for a damaged file, TRUNCATED; UNSUPPORTED for an encrypted one; LIMIT. owner: caller, plx_xls_close.
 */
bool plx_xls_open(const plx_ctx *ctx, const char *path, plx_xls **out, plx_err *err);
void plx_xls_close(plx_xls *book); /* accepts NULL */
size_t plx_xls_n_sheets(const plx_xls *book);
const char *plx_xls_sheet_name(const plx_xls *book, size_t i);
/* Index of a sheet by exact name. errors: NOTFOUND listing the names there are. */
bool plx_xls_need(const plx_xls *book, const char *name, size_t *out, plx_err *err);
/* True when dates count from 1904-01-01 instead of 1899-12-30. */
bool plx_xls_is_1904(const plx_xls *book);
/* Every cell that holds something, row by row. `sink` and `info` may be NULL; `merged` of the sink is never called.
 * errors: FORMAT naming the sheet; LIMIT. cost: the file is decoded anew. */
bool plx_xls_read(const plx_ctx *ctx, const plx_xls *book, size_t sheet, const plx_sheet_sink *sink,
                  plx_sheet_info *info, plx_err *err);

#endif
