/* SPDX-License-Identifier: Apache-2.0 */
#include "support/make_xlsx.h"

#include "support/make_archive.h"

#include <stdio.h>
#include <stdlib.h>

#define MAIN     "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006/relationships"
#define XML      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

enum { MOST_TABS = 64 };

void make_sheet_xml(plx_sb *out, const char *rows, const char *after)
{
    plx_sb_printf(out,
                  XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\"/></sheetViews>"
                      "<sheetData>%s</sheetData>%s</worksheet>",
                  rows ? rows : "", after ? after : "");
}

static void workbook_xml(plx_sb *out, const xlsx_book *b)
{
    plx_sb_printf(out, XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" RELATION "\"><workbookPr %s/><sheets>",
                  b->properties ? b->properties : "");
    for (size_t i = 0; i < b->n; i++) {
        plx_sb_printf(out, "<sheet name=\"%s\" sheetId=\"%zu\" r:id=\"rId%zu\"/>", b->tabs[i].name, i + 1, i + 1);
    }
    plx_sb_text(out, "</sheets></workbook>");
}

static void relations_xml(plx_sb *out, const xlsx_book *b)
{
    plx_sb_text(out, XML "<Relationships xmlns=\"" PACKAGE "\">");
    for (size_t i = 0; i < b->n; i++) {
        plx_sb_printf(out, "<Relationship Id=\"rId%zu\" Type=\"" RELATION "/%s\" Target=\"worksheets/sheet%zu.xml\"/>",
                      i + 1, b->tabs[i].type ? b->tabs[i].type : "worksheet", i + 1);
    }
    plx_sb_text(out, "<Relationship Id=\"rS\" Type=\"" RELATION "/styles\" Target=\"/xl/styles.xml\"/>");
    if (b->strings || b->strings_part) {
        plx_sb_text(out, "<Relationship Id=\"rT\" Type=\"" RELATION
                         "/sharedStrings\" Target=\"./../xl/sharedStrings.xml\"/>");
    }
    plx_sb_text(out, "</Relationships>");
}

static void add(zip_part *parts, size_t *n, plx_sb *text, const char *name, const char *whole, bool stored)
{
    if (whole) {
        text->len = 0;
        plx_sb_text(text, whole);
    }
    parts[(*n)++] = (zip_part){.name = name, .data = plx_sb_str(text), .len = text->len, .deflate = !stored};
}

void make_xlsx(plx_sb *out, const xlsx_book *b)
{
    zip_part parts[MOST_TABS + 5];
    plx_sb text[MOST_TABS + 5] = {{0}};
    char names[MOST_TABS][64];
    size_t n = 0;
    if (b->n > MOST_TABS) {
        abort();
    }
    plx_sb_text(&text[n], XML "<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"r1\" Type=\"" RELATION
                              "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
    add(parts, &n, &text[n], "_rels/.rels", b->package, b->stored);
    workbook_xml(&text[n], b);
    add(parts, &n, &text[n], "xl/workbook.xml", b->workbook, b->stored);
    relations_xml(&text[n], b);
    add(parts, &n, &text[n], "xl/_rels/workbook.xml.rels", b->relations, b->stored);
    plx_sb_printf(&text[n], XML "<styleSheet xmlns=\"" MAIN "\">%s</styleSheet>", b->styles ? b->styles : "");
    add(parts, &n, &text[n], "xl/styles.xml", b->styles_part, b->stored);
    if (b->strings || b->strings_part) {
        plx_sb_printf(&text[n], XML "<sst xmlns=\"" MAIN "\">%s</sst>", b->strings ? b->strings : "");
        add(parts, &n, &text[n], "xl/sharedStrings.xml", b->strings_part, b->stored);
    }
    for (size_t i = 0; i < b->n; i++) {
        const xlsx_tab *tab = &b->tabs[i];
        snprintf(names[i], sizeof names[i], "xl/worksheets/sheet%zu.xml", i + 1);
        if (tab->whole) {
            plx_sb_bytes(&text[n], tab->whole, tab->whole_len ? tab->whole_len : strlen(tab->whole));
        } else {
            make_sheet_xml(&text[n], tab->rows, tab->after);
        }
        add(parts, &n, &text[n], names[i], NULL, b->stored);
    }
    make_zip(out, parts, n, NULL);
    for (size_t i = 0; i < n; i++) {
        plx_sb_free(&text[i]);
    }
}
