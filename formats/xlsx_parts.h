/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts around the sheets say; private to formats/xlsx*.c.
 */
#ifndef PLX_FORMATS_XLSX_PARTS_H
#define PLX_FORMATS_XLSX_PARTS_H

#include "core/arena.h"
#include "formats/sheet.h"
#include "formats/zip_load.h"

typedef struct plx_xlsx_sheet {
    const char *name;
    const char *part; /* "xl/worksheets/sheet2.xml" */
    bool has_cells;   /* false: a chart, a dialog, a macro sheet */
} plx_xlsx_sheet;

typedef struct plx_xlsx_parts {
    plx_arena *arena;
    plx_xlsx_sheet *sheets;
    size_t n_sheets, cap_sheets;
    plx_slice *strings; /* shared strings, rich text joined, phonetic hints left out */
    size_t n_strings, cap_strings;
    bool *is_date; /* by style index */
    size_t n_styles, cap_styles;
    bool is_1904;
} plx_xlsx_parts;

/* Reads relationships, workbook, shared strings and styles. The struct is zeroed by the caller; plx_xlsx_parts_free
 * after success and failure alike. `path` is for messages. */
bool plx_xlsx_read_parts(const plx_ctx *ctx, plx_zip_file *zip, const char *path, plx_xlsx_parts *out, plx_err *err);
void plx_xlsx_parts_free(plx_xlsx_parts *parts);

/* The scanner: one sheet's XML. `where` is "book.xlsx, sheet name" for messages; sink may be NULL. */
bool plx_xlsx_scan_sheet(const plx_ctx *ctx, const plx_xlsx_parts *parts, const char *where, const char *xml,
                         size_t len, const plx_sheet_sink *sink, plx_sheet_info *info, plx_err *err);

#endif
