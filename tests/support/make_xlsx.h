/* SPDX-License-Identifier: Apache-2.0
 *
 * Workbooks made from XML, each part of which a test may replace.
 */
#ifndef PLX_TESTS_MAKE_XLSX_H
#define PLX_TESTS_MAKE_XLSX_H

#include "core/str.h"

typedef struct xlsx_tab {
    const char *name;
    const char *rows;  /* inside <sheetData> */
    const char *after; /* between </sheetData> and </worksheet> */
    const char *whole; /* the part itself, instead */
    size_t whole_len;  /* 0: strlen */
    const char *type;  /* of its relationship; NULL: "worksheet" */
} xlsx_tab;

/* NULL: a sensible one; for strings and styles: none. */
typedef struct xlsx_book {
    const xlsx_tab *tabs;
    size_t n;
    const char *strings;                                                     /* inside <sst> */
    const char *styles;                                                      /* inside <styleSheet> */
    const char *properties;                                                  /* attributes of <workbookPr> */
    const char *package, *relations, *workbook, *strings_part, *styles_part; /* whole parts */
    bool stored;                                                             /* not deflated */
} xlsx_book;

void make_xlsx(plx_sb *out, const xlsx_book *book);
/* A worksheet part around rows. */
void make_sheet_xml(plx_sb *out, const char *rows, const char *after);

#endif
