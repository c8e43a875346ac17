/* SPDX-License-Identifier: Apache-2.0
 *
 * Workbooks small enough to read, sound and not. Expected values are those of ECMA-376; where a workbook is only
 * strange, openpyxl's reading of it decides.
 */
#include "formats/xlsx.h"

#include "core/alloc.h"
#include "formats/format.h"
#include "support/make_archive.h"
#include "support/make_xlsx.h"
#include "support/support.h"

#include <check.h>

enum { MOST_CELLS = 64, MOST_TEXT = 64 };

typedef struct seen {
    plx_sheet_cell cells[MOST_CELLS];
    char text[MOST_CELLS][MOST_TEXT];
    size_t n;
    plx_sheet_range merged[8];
    size_t n_merged;
    plx_sheet_info info;
} seen;

static bool see(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    seen *s = payload;
    (void)err;
    ck_assert_uint_lt(s->n, MOST_CELLS);
    s->cells[s->n] = *cell;
    snprintf(s->text[s->n], MOST_TEXT, "%.*s", (int)cell->text.len, cell->text.ptr ? cell->text.ptr : "");
    s->n++;
    return true;
}

static bool see_merged(void *payload, const plx_sheet_range *range, plx_err *err)
{
    seen *s = payload;
    (void)err;
    ck_assert_uint_lt(s->n_merged, 8);
    s->merged[s->n_merged++] = *range;
    return true;
}

static const char *save(const xlsx_book *book)
{
    plx_sb zip = {0};
    make_xlsx(&zip, book);
    const char *path = plx_test_file("book.xlsx", zip.ptr, zip.len);
    plx_sb_free(&zip);
    return path;
}

static bool read_one(const plx_ctx *ctx, const char *path, size_t sheet, seen *out, plx_err *err)
{
    plx_xlsx *book;
    plx_sheet_sink sink = {see, see_merged, out};
    memset(out, 0, sizeof *out);
    *err = (plx_err){0};
    if (!plx_xlsx_open(ctx, path, NULL, &book, err)) {
        return false;
    }
    bool ok = plx_xlsx_read(ctx, book, sheet, &sink, &out->info, err);
    plx_xlsx_close(book);
    return ok;
}

/* The only sheet of a workbook with these parts. */
static void read_rows(xlsx_book book, const char *rows, const char *after, seen *out)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    xlsx_tab tab = {.name = "one", .rows = rows, .after = after};
    book.tabs = &tab;
    book.n = 1;
    ck_assert_msg(read_one(&ctx, save(&book), 0, out, &err), "%s", plx_test_err(&err));
}

static void expect_cell(const seen *s, size_t i, const char *name, plx_cell_kind kind, double number, const char *text)
{
    char got[PLX_CELL_NAME];
    ck_assert_uint_lt(i, s->n);
    plx_cell_name(s->cells[i].row, s->cells[i].column, got);
    ck_assert_str_eq(got, name);
    ck_assert_msg(s->cells[i].kind == kind, "%s is of kind %d", name, (int)s->cells[i].kind);
    ck_assert_msg(s->cells[i].number == number, "%s is %g", name, s->cells[i].number);
    ck_assert_str_eq(s->text[i], text);
}

/* Refused with this code and these words somewhere in the message; nothing leaks. */
static void refuse_path(const plx_ctx *ctx, const char *path, plx_code code, const char *words)
{
    static seen s;
    plx_err err;
    size_t live = plx_alloc_live();
    bool ok = read_one(ctx, path, 0, &s, &err);
    ck_assert_msg(!ok, "accepted, wanted: %s", words);
    ck_assert_msg(err.code == code, "wanted %s: %s", words, plx_test_err(&err));
    ck_assert_msg(strstr(plx_test_err(&err), words) != NULL, "\"%s\" is not in %s", words, plx_test_err(&err));
    ck_assert_msg(strstr(plx_test_err(&err), "book.xlsx") != NULL, "%s", plx_test_err(&err));
    ck_assert_uint_eq(plx_alloc_live(), live);
}

static void refuse(xlsx_book book, plx_code code, const char *words)
{
    plx_ctx ctx = plx_ctx_default();
    refuse_path(&ctx, save(&book), code, words);
}

static void refuse_rows(const char *rows, const char *after, plx_code code, const char *words)
{
    xlsx_tab tab = {.name = "one", .rows = rows, .after = after};
    refuse((xlsx_book){.tabs = &tab, .n = 1, .strings = "<si><t>only</t></si>"}, code, words);
}

static void refuse_whole(const char *xml, plx_code code, const char *words)
{
    xlsx_tab tab = {.name = "one", .whole = xml};
    refuse((xlsx_book){.tabs = &tab, .n = 1}, code, words);
}

START_TEST(test_kinds)
{
    seen s;
    read_rows((xlsx_book){.strings = "<si><t>zero</t></si><si><t xml:space=\"preserve\"> one </t></si><si/>"
                                     "<si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><rPh sb=\"0\" eb=\"1\"><t>no"
                                     "</t></rPh></si><si><t>&lt;&amp;&#228;&#x1F9E0;</t></si>"},
              "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"
              "<c r=\"C1\" t=\"s\"><v>2</v></c><c r=\"D1\" t=\"s\"><v>3</v></c><c r=\"E1\" t=\"s\"><v>4</v></c></row>"
              "<row r=\"3\" spans=\"1:9\"><c r=\"A3\"><v>-1.5e3</v></c><c r=\"B3\" t=\"n\"><v> 7 </v></c>"
              "<c r=\"C3\" t=\"b\"><v>1</v></c><c r=\"D3\" t=\"b\"><v>0</v></c><c r=\"E3\" t=\"e\"><v>#DIV/0!</v></c>"
              "<c r=\"F3\" t=\"str\"><f>A1&amp;B1</f><v>a&gt;b</v></c><c r=\"G3\" s=\"1\"/>"
              "<c r=\"H3\" t=\"inlineStr\"><is><r><t>in</t></r><r><t>line</t></r><rPh><t>no</t></rPh></is></c>"
              "<c r=\"I3\" t=\"d\"><v>2020-01-31</v></c><c r=\"J3\"><v/></c><c r=\"K3\" t=\"s\"><v></v></c></row>",
              NULL, &s);
    ck_assert_uint_eq(s.n, 13);
    expect_cell(&s, 0, "A1", PLX_SHEET_TEXT, 0, "zero");
    expect_cell(&s, 1, "B1", PLX_SHEET_TEXT, 0, " one ");
    expect_cell(&s, 2, "C1", PLX_SHEET_TEXT, 0, "");
    expect_cell(&s, 3, "D1", PLX_SHEET_TEXT, 0, "rich");
    expect_cell(&s, 4, "E1", PLX_SHEET_TEXT, 0, "<&\xC3\xA4\xF0\x9F\xA7\xA0");
    expect_cell(&s, 5, "A3", PLX_SHEET_NUMBER, -1500, "");
    expect_cell(&s, 6, "B3", PLX_SHEET_NUMBER, 7, "");
    expect_cell(&s, 7, "C3", PLX_SHEET_BOOL, 1, "");
    expect_cell(&s, 8, "D3", PLX_SHEET_BOOL, 0, "");
    expect_cell(&s, 9, "E3", PLX_SHEET_ERROR, 0, "#DIV/0!");
    expect_cell(&s, 10, "F3", PLX_SHEET_TEXT, 0, "a>b");
    ck_assert(s.cells[10].formula && !s.cells[9].formula);
    expect_cell(&s, 11, "H3", PLX_SHEET_TEXT, 0, "inline");
    expect_cell(&s, 12, "I3", PLX_SHEET_TEXT, 0, "2020-01-31");
    ck_assert_uint_eq(s.info.n_rows, 3);
    ck_assert_uint_eq(s.info.n_columns, 9);
    ck_assert_uint_eq(s.info.n_cells, 13);
    ck_assert_uint_eq(s.info.n_formulas, 1);
    ck_assert_uint_eq(s.info.n_uncomputed, 0);
}
END_TEST

START_TEST(test_formulas)
{
    seen s;
    read_rows((xlsx_book){0},
              "<row><c><f>1+1</f><v>2</v></c><c><f t=\"shared\" ref=\"B1:B9\" si=\"0\">A1</f><v>3</v></c>"
              "<c><f>NOW()</f></c><c><f t=\"shared\" si=\"0\"/><v>4</v></c><c t=\"str\"><f>A9</f><v></v></c></row>",
              NULL, &s);
    ck_assert_uint_eq(s.n, 5);
    expect_cell(&s, 0, "A1", PLX_SHEET_NUMBER, 2, "");
    expect_cell(&s, 1, "B1", PLX_SHEET_NUMBER, 3, "");
    expect_cell(&s, 2, "C1", PLX_SHEET_UNCOMPUTED, 0, "");
    expect_cell(&s, 3, "D1", PLX_SHEET_NUMBER, 4, "");
    expect_cell(&s, 4, "E1", PLX_SHEET_UNCOMPUTED, 0, "");
    for (size_t i = 0; i < s.n; i++) {
        ck_assert(s.cells[i].formula);
    }
    ck_assert_uint_eq(s.info.n_formulas, 5);
    ck_assert_uint_eq(s.info.n_cells, 3);
    ck_assert_uint_eq(s.info.n_uncomputed, 2);
}
END_TEST

START_TEST(test_places)
{
    seen s;
    /* Rows and cells without names come after the one before; empty rows, comments and foreign elements between. */
    read_rows((xlsx_book){0},
              "<row><c><v>1</v></c><c r=\"XFD1\"><v>2</v></c></row><row/><row r=\"5\"><!-- <c><v>9</v></c> --><c><v>3"
              "</v></c><extLst><ext><c><v>9</v></c></ext></extLst><c><v>4</v></c></row><?hidden <row>?><row>"
              "<c r=\"C6\"><v>5</v></c></row><row r=\"1048576\"><c r=\"A1048576\"><v><![CDATA[6]]></v></c></row>",
              "<controls><row><c><v>9</v></c></row></controls><mergeCells count=\"2\"><mergeCell ref=\"A1:C3\"/>"
              "<mergeCell ref=\"D9\"/></mergeCells>",
              &s);
    static const char *const names[] = {"A1", "XFD1", "A5", "B5", "C6", "A1048576"};
    ck_assert_uint_eq(s.n, 6);
    for (size_t i = 0; i < 6; i++) {
        expect_cell(&s, i, names[i], PLX_SHEET_NUMBER, (double)i + 1, "");
    }
    ck_assert_uint_eq(s.info.n_rows, 1048576);
    ck_assert_uint_eq(s.info.n_columns, 16384);
    ck_assert_uint_eq(s.info.n_merged, 2);
    ck_assert_uint_eq(s.n_merged, 2);
    ck_assert(s.merged[0].row == 0 && s.merged[0].column == 0 && s.merged[0].last_row == 2 &&
              s.merged[0].last_column == 2);
    ck_assert(s.merged[1].row == 8 && s.merged[1].column == 3 && s.merged[1].last_row == 8);
}
END_TEST

START_TEST(test_dates)
{
    /* 0 General, 1 built-in date, 2 custom with date letters only in quotes, brackets and escapes, 3 custom date,
     * 4 elapsed hours, 5 a built-in number redefined as a date, 6 text after the first section, 7 unknown id. */
    static const char styles[] =
        "<numFmts><numFmt numFmtId=\"170\" formatCode=\"&quot;days&quot; [Red]0.0\\d_s*y\"/>"
        "<numFmt numFmtId=\"171\" formatCode=\"yyyy\\-mm\\-dd\"/><numFmt numFmtId=\"172\" formatCode=\"[h]\"/>"
        "<numFmt numFmtId=\"2\" formatCode=\"dd\"/><numFmt numFmtId=\"173\" formatCode=\"0;d\"/></numFmts>"
        "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>"
        "<xf numFmtId=\"170\"/><xf numFmtId=\"171\"/><xf numFmtId=\"172\"/><xf numFmtId=\"2\"/>"
        "<xf numFmtId=\"173\"/><xf numFmtId=\"999\"/></cellXfs>";
    static const bool date[] = {false, true, false, true, true, true, false, false};
    seen s;
    read_rows((xlsx_book){.styles = styles},
              "<row><c s=\"0\"><v>1</v></c><c s=\"1\"><v>1</v></c><c s=\"2\"><v>1</v></c><c s=\"3\"><v>1</v></c>"
              "<c s=\"4\"><v>1</v></c><c s=\"5\"><v>1</v></c><c s=\"6\"><v>1</v></c><c s=\"7\"><v>1</v></c>"
              "<c s=\"8\"><v>1</v></c><c s=\"x\"><v>1</v></c><c s=\"1\" t=\"b\"><v>1</v></c></row>",
              NULL, &s);
    ck_assert_uint_eq(s.n, 11);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_msg(s.cells[i].kind == (date[i] ? PLX_SHEET_DATE : PLX_SHEET_NUMBER), "style %zu", i);
        ck_assert(s.cells[i].number == 1);
    }
    ck_assert_int_eq(s.cells[8].kind, PLX_SHEET_NUMBER);
    ck_assert_int_eq(s.cells[9].kind, PLX_SHEET_NUMBER);
    ck_assert_int_eq(s.cells[10].kind, PLX_SHEET_BOOL);
}
END_TEST

START_TEST(test_sheets)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_xlsx *book;
    xlsx_tab tabs[] = {{.name = "a &amp; b", .rows = "<row><c><v>1</v></c></row>"},
                       {.name = "chart", .type = "chartsheet", .whole = "<chartsheet/>"},
                       {.name = "empty"}};
    const char *path = save(&(xlsx_book){.tabs = tabs, .n = 3, .properties = "date1904=\"1\""});
    ck_assert_msg(plx_xlsx_open(&ctx, path, NULL, &book, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(plx_xlsx_n_sheets(book), 3);
    ck_assert_str_eq(plx_xlsx_sheet_name(book, 0), "a & b");
    ck_assert(plx_xlsx_is_1904(book));
    size_t i = 9;
    ck_assert(plx_xlsx_need(book, "empty", &i, &err));
    ck_assert_uint_eq(i, 2);
    plx_sheet_info info;
    ck_assert(plx_xlsx_read(&ctx, book, 2, NULL, &info, &err));
    ck_assert(info.n_rows == 0 && info.n_columns == 0 && info.n_cells == 0);
    ck_assert(plx_xlsx_read(&ctx, book, 0, NULL, NULL, &err));
    ck_assert(plx_xlsx_has_cells(book, 0) && !plx_xlsx_has_cells(book, 1));
    ck_assert(!plx_xlsx_read(&ctx, book, 1, NULL, NULL, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    ck_assert(!plx_xlsx_need(book, "Empty", &i, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_str_eq(err.what, "there is no sheet \"Empty\"");
    ck_assert_str_eq(err.why, "its sheets are \"a & b\", \"chart\", \"empty\"");
    plx_xlsx_close(book);

    const plx_format *format;
    plx_sb summary = {0};
    ck_assert(plx_format_detect(path, &format, &err));
    ck_assert_str_eq(format->name, "xlsx");
    ck_assert(format->check(&ctx, path, &summary, &err));
    ck_assert_str_eq(plx_sb_str(&summary),
                     "3 sheets: \"a & b\" 1 x 1 (1 cells), \"chart\" without cells, \"empty\" 0 x 0 "
                     "(0 cells)");
    plx_sb_free(&summary);
}
END_TEST

START_TEST(test_prefixes_and_other_paths)
{
    static const char relations[] =
        "<p:Relationships xmlns:p=\"u\"><p:Relationship Id=\"a\" Type=\"http://x/worksheet\" Target=\"../data/s.xml\" "
        "TargetMode=\"Internal\"/><p:Relationship Id=\"b\" Type=\"x/y\" Target=\"http://away\" "
        "TargetMode=\"External\"/>"
        "</p:Relationships>";
    static const char workbook[] = "<x:workbook xmlns:x=\"m\" xmlns:q=\"r\"><x:sheets><x:sheet name=\"s\" q:id=\"a\"/>"
                                   "</x:sheets></x:workbook>";
    static const char package[] = "<Relationships><Relationship Id=\"1\" Type=\"t/officeDocument\" "
                                  "Target=\"/other/book.xml\"/></Relationships>";
    static const char sheet[] =
        "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><x:worksheet xmlns:x='m'>"
        "<x:sheetData><x:row r='2'><x:c r='B2' t='inlineStr'><x:is><x:t>p\r\nq\rr&#13;</x:t></x:is>"
        "</x:c></x:row></x:sheetData></x:worksheet>\n<!-- end -->";
    const zip_part parts[] = {
        {.name = "_rels/.rels", .data = package, .len = sizeof package - 1},
        {.name = "other/book.xml", .data = workbook, .len = sizeof workbook - 1},
        {.name = "other/_rels/book.xml.rels", .data = relations, .len = sizeof relations - 1},
        {.name = "data/s.xml", .data = sheet, .len = sizeof sheet - 1, .deflate = true},
    };
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_sb zip = {0};
    seen s;
    make_zip(&zip, parts, 4, NULL);
    ck_assert_msg(read_one(&ctx, plx_test_file("book.xlsx", zip.ptr, zip.len), 0, &s, &err), "%s", plx_test_err(&err));
    plx_sb_free(&zip);
    expect_cell(&s, 0, "B2", PLX_SHEET_TEXT, 0, "p\nq\nr\r");
}
END_TEST

START_TEST(test_bad_cells)
{
    refuse_rows("<row><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>", NULL, PLX_E_FORMAT, "cell A1");
    refuse_rows("<row><c r=\"B1\"><v>1</v></c><c r=\"B1\"><v>1</v></c></row>", NULL, PLX_E_FORMAT, "or twice");
    refuse_rows("<row r=\"2\"><c r=\"B3\"><v>1</v></c></row>", NULL, PLX_E_FORMAT, "out of order");
    refuse_rows("<row r=\"2\"/><row r=\"2\"/>", NULL, PLX_E_FORMAT, "a row stands out of order");
    refuse_rows("<row r=\"0\"/>", NULL, PLX_E_FORMAT, "a row stands");
    refuse_rows("<row r=\"1048577\"/>", NULL, PLX_E_FORMAT, "past row 1048576");
    refuse_rows("<row r=\"1048576\"/><row/>", NULL, PLX_E_FORMAT, "past row 1048576");
    refuse_rows("<row r=\"-1\"/>", NULL, PLX_E_FORMAT, "no number");
    refuse_rows("<row r=\"99999999999999999999\"/>", NULL, PLX_E_FORMAT, "no number");
    refuse_rows("<row><c r=\"XFE1\"/></row>", NULL, PLX_E_FORMAT, "not like B7");
    refuse_rows("<row><c r=\"A1048577\"/></row>", NULL, PLX_E_FORMAT, "not like B7");
    refuse_rows("<row><c r=\"\"/></row>", NULL, PLX_E_FORMAT, "not like B7");
    refuse_rows("<row><c r=\"XFD1\"><v>1</v></c><c><v>1</v></c></row>", NULL, PLX_E_LIMIT, "16384 columns");
    refuse_rows("<row><c r=\"C1\"><v>1x</v></c></row>", NULL, PLX_E_FORMAT, "cell C1");
    refuse_rows("<row><c><v>nan</v></c></row>", NULL, PLX_E_FORMAT, "not of the type");
    refuse_rows("<row><c><v>1e999</v></c></row>", NULL, PLX_E_FORMAT, "not of the type");
    refuse_rows("<row><c t=\"b\"><v>2</v></c></row>", NULL, PLX_E_FORMAT, "not of the type");
    refuse_rows("<row><c t=\"b\"><v>true</v></c></row>", NULL, PLX_E_FORMAT, "not of the type");
    refuse_rows("<row><c t=\"q\"><v>1</v></c></row>", NULL, PLX_E_FORMAT, "unknown type");
    refuse_rows("<row><c t=\"s\"><v>1</v></c></row>", NULL, PLX_E_FORMAT, "no shared string");
    refuse_rows("<row><c t=\"s\"><v>-1</v></c></row>", NULL, PLX_E_FORMAT, "no shared string");
    refuse_rows("<row><c t=\"s\"><v>18446744073709551616</v></c></row>", NULL, PLX_E_FORMAT, "no shared string");
    refuse_rows("<row><c><v>1</v><v>2</v></c></row>", NULL, PLX_E_FORMAT, "two values");
    refuse_rows("<row><c><v>1<b/></v></c></row>", NULL, PLX_E_FORMAT, "another element");
    refuse_rows("<row><c><v>1</c></row>", NULL, PLX_E_FORMAT, "another element");
    refuse_rows("<row><c><is><t>x</t></c></row>", NULL, PLX_E_FORMAT, "inside its text");
    refuse_rows("<row><c t=\"str\"><v>\xFF</v></c></row>", NULL, PLX_E_FORMAT, "not UTF-8");
    refuse_rows("<row><c t=\"str\"><v>a\x01</v></c></row>", NULL, PLX_E_FORMAT, "not UTF-8");
    refuse_rows("<row><c></row>", NULL, PLX_E_FORMAT, "not its own");
    refuse_rows("<row></c></row>", NULL, PLX_E_FORMAT, "not its own");
    refuse_rows("</row>", NULL, PLX_E_FORMAT, "not theirs");
    refuse_rows("<row <c/></row>", NULL, PLX_E_FORMAT, "inside a tag");
    refuse_rows("<row>< /></row>", NULL, PLX_E_FORMAT, "no name");
    refuse_rows("", "<sheetData/>", PLX_E_FORMAT, "twice");
    refuse_rows("", "<mergeCells><mergeCell ref=\"B2:A1\"/></mergeCells>", PLX_E_FORMAT, "merged range");
    refuse_rows("", "<mergeCells><mergeCell/></mergeCells>", PLX_E_FORMAT, "merged range");
    refuse_rows("", "<mergeCells><mergeCell ref=\"A1:\"/></mergeCells>", PLX_E_FORMAT, "merged range");
    refuse_rows("", "</worksheet><more/>", PLX_E_FORMAT, "follows the end");
}
END_TEST

START_TEST(test_bad_xml)
{
    refuse_rows("<row><c t=\"str\"><v>&bomb;</v></c></row>", NULL, PLX_E_POLICY, "cell A1");
    static const char *const entities[] = {"&amp",           "& ",   "&#0;", "&#xD800;", "&#x110000;",
                                           "&#99999999999;", "&#x;", "&#1;", "&#xFFFE;", "&#12a;"};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        char rows[128];
        snprintf(rows, sizeof rows, "<row><c t=\"str\"><v>x%s</v></c></row>", entities[i]);
        refuse_rows(rows, NULL, PLX_E_POLICY, "entity");
    }
    refuse_rows("<!DOCTYPE x>", NULL, PLX_E_POLICY, "document type");
    refuse_rows("<!ENTITY x \"y\">", NULL, PLX_E_FORMAT, "declaration");
    refuse_whole("<!DOCTYPE worksheet [<!ENTITY a \"b\">]><worksheet><sheetData/></worksheet>", PLX_E_POLICY,
                 "document type");
    refuse_whole("<chartsheet></chartsheet>", PLX_E_FORMAT, "no worksheet");
    refuse_whole("<worksheet/>", PLX_E_FORMAT, "no worksheet");
    refuse_whole("<worksheet></worksheet>", PLX_E_FORMAT, "no rows element");
    refuse_whole("<worksheet></x>", PLX_E_FORMAT, "not its own");
    refuse_whole("plain text", PLX_E_TRUNCATED, "sheet \"one\"");
    refuse_whole("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><worksheet><sheetData/></worksheet>",
                 PLX_E_UNSUPPORTED, "not UTF-8");
    xlsx_tab tab = {.name = "one", .whole = "\xFF\xFE<\0w\0", .whole_len = 6};
    refuse((xlsx_book){.tabs = &tab, .n = 1}, PLX_E_UNSUPPORTED, "UTF-16");
    tab.whole = "\0<\0w";
    tab.whole_len = 4;
    refuse((xlsx_book){.tabs = &tab, .n = 1}, PLX_E_UNSUPPORTED, "UTF-16");
}
END_TEST

START_TEST(test_bad_parts)
{
    xlsx_tab tab = {.name = "one", .rows = ""};
    xlsx_tab twins[] = {{.name = "x"}, {.name = "x"}};
    xlsx_book book = {.tabs = &tab, .n = 1};
    static const char laughs[] =
        "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">"
        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]><sst><si><t>&d;&d;&d;</t></si></sst>";
    book.strings_part = laughs;
    refuse(book, PLX_E_POLICY, "part xl/sharedStrings.xml");
    book.strings_part = "<sst><si><t>&who;</t></si></sst>";
    refuse(book, PLX_E_FORMAT, "line 1 of part xl/sharedStrings.xml");
    book.strings_part = "<sst><si><t>x</si></sst>";
    refuse(book, PLX_E_FORMAT, "mismatched");
    book.strings_part = NULL;
    book.styles_part = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><styleSheet/>";
    refuse(book, PLX_E_POLICY, "part xl/styles.xml");
    book.styles_part = NULL;
    book.workbook = "<workbook/>";
    refuse(book, PLX_E_FORMAT, "no sheets");
    book.workbook = "<workbook xmlns:r='r'><sheet name='a'/></workbook>";
    refuse(book, PLX_E_FORMAT, "no name or no part");
    book.workbook = "<workbook xmlns:r='r'><sheet name='a' r:id='rId7'/></workbook>";
    refuse(book, PLX_E_FORMAT, "points to no part");
    book.workbook = "<workbook xmlns:r='r'><sheet name='a' r:id='rId1'/></workbook>";
    book.relations = "<r><Relationship Id='rId1' Type='worksheet' Target='../../../etc/passwd'/></r>";
    refuse(book, PLX_E_POLICY, "leads out of the workbook");
    book.relations = "<r><Relationship Id='rId1' Type='worksheet' Target='worksheets/none.xml'/></r>";
    refuse(book, PLX_E_NOTFOUND, "xl/worksheets/none.xml");
    book.relations = "<r>";
    refuse(book, PLX_E_FORMAT, "part xl/_rels/workbook.xml.rels");
    book.relations = NULL;
    book.workbook = NULL;
    book.package = "<r><Relationship Id='1' Type='officeDocument' Target='xl/workbook.bin'/></r>";
    refuse(book, PLX_E_FORMAT, "holds no workbook");
    refuse((xlsx_book){.tabs = twins, .n = 2}, PLX_E_FORMAT, "same name");
    /* 65 levels deep, one more than is allowed */
    plx_sb deep = {0};
    for (int i = 0; i < 65; i++) {
        plx_sb_text(&deep, "<d>");
    }
    refuse((xlsx_book){.tabs = &tab, .n = 1, .styles_part = deep.ptr}, PLX_E_LIMIT, "too deep");
    plx_sb_free(&deep);
}
END_TEST

START_TEST(test_bounds)
{
    plx_ctx ctx = plx_ctx_default();
    xlsx_tab tab = {.name = "one", .rows = "<row><c><v>1</v></c></row>"};
    xlsx_book book = {.tabs = &tab, .n = 1};
    plx_sb strings = {0};
    for (int i = 0; i < 5000; i++) {
        plx_sb_text(&strings, "<si/>"); /* 5 bytes that take 16 */
    }
    book.strings = strings.ptr;
    ctx.limits.memory_bytes = 60000;
    refuse_path(&ctx, save(&book), PLX_E_LIMIT, "more memory than is allowed");
    plx_sb_free(&strings);
    book.strings = NULL;
    plx_sb styles = {0};
    for (int i = 0; i < 4097; i++) {
        plx_sb_text(&styles, "<numFmt numFmtId=\"1\" formatCode=\"0\"/>");
    }
    book.styles = styles.ptr;
    ctx = plx_ctx_default();
    refuse_path(&ctx, save(&book), PLX_E_LIMIT, "more of these than any program");
    plx_sb_free(&styles);
    book.styles = NULL;
    plx_sb blank = {0};
    for (size_t i = 0; i < (size_t)3 << 20; i++) {
        plx_sb_char(&blank, ' '); /* deflates 1000 : 1 */
    }
    tab.rows = blank.ptr;
    refuse_path(&ctx, save(&book), PLX_E_LIMIT, "zip bombs");
    plx_sb_free(&blank);
}
END_TEST

static bool stop_at_second(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    size_t *n = payload;
    (void)cell;
    return ++*n < 2 || plx_fail(err, PLX_E_SCHEMA, "enough");
}

START_TEST(test_sink_may_refuse)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_xlsx *book;
    size_t n = 0;
    plx_sheet_sink sink = {.cell = stop_at_second, .payload = &n};
    xlsx_tab tab = {.name = "one", .rows = "<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>"};
    ck_assert(plx_xlsx_open(&ctx, save(&(xlsx_book){.tabs = &tab, .n = 1}), NULL, &book, &err));
    ck_assert(!plx_xlsx_read(&ctx, book, 0, &sink, NULL, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_str_eq(err.what, "enough");
    ck_assert_str_eq(err.note[0], "cell B1");
    ck_assert_uint_eq(n, 2);
    volatile sig_atomic_t cancel = 1;
    ctx.cancel = &cancel;
    ck_assert(!plx_xlsx_read(&ctx, book, 0, &sink, NULL, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    plx_xlsx_close(book);
}
END_TEST

/* A workbook with something of everything. */
static void rich_book(plx_sb *zip, bool stored)
{
    static const xlsx_tab tabs[] = {
        {.name = "one",
         .rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>in</t></is></c></row>"
                 "<row><c s=\"1\"><v>43831.5</v></c><c><f>A1</f><v>7</v></c><c t=\"str\"><v>a&amp;b</v></c></row>",
         .after = "<mergeCells><mergeCell ref=\"A1:A2\"/></mergeCells>"},
        {.name = "two"},
    };
    make_xlsx(zip, &(xlsx_book){.tabs = tabs,
                                .n = 2,
                                .stored = stored,
                                .strings = "<si><r><t>a</t></r><r><t>b</t></r></si>",
                                .styles = "<numFmts><numFmt numFmtId=\"164\" formatCode=\"d\"/></numFmts><cellXfs>"
                                          "<xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs>"});
}

START_TEST(test_every_prefix_of_a_sheet)
{
    plx_ctx ctx = plx_ctx_default();
    plx_sb sheet = {0};
    seen s;
    plx_err err;
    make_sheet_xml(&sheet,
                   "<!-- c --><row r=\"1\"><c r=\"A1\"><v>1</v></c><c t=\"str\"><v><![CDATA[x]]>&lt;</v></c>"
                   "<c t='inlineStr'><is><t>in</t></is></c></row>",
                   "<mergeCells><mergeCell ref=\"A1:A2\"/></mergeCells>");
    for (size_t n = 1; n <= sheet.len; n++) {
        xlsx_tab tab = {.name = "one", .whole = sheet.ptr, .whole_len = n};
        bool ok = read_one(&ctx, save(&(xlsx_book){.tabs = &tab, .n = 1, .stored = true}), 0, &s, &err);
        ck_assert_msg(ok == (n == sheet.len), "%zu of %zu bytes", n, sheet.len);
        ck_assert_msg(ok || err.code == PLX_E_TRUNCATED, "%zu bytes: %s", n, plx_test_err(&err));
    }
    plx_sb_free(&sheet);
}
END_TEST

START_TEST(test_every_prefix_of_a_book)
{
    plx_ctx ctx = plx_ctx_default();
    plx_sb zip = {0};
    seen s;
    plx_err err;
    rich_book(&zip, false);
    size_t live = plx_alloc_live();
    for (size_t n = 0; n < zip.len; n++) {
        ck_assert(!read_one(&ctx, plx_test_file("cut.xlsx", zip.ptr, n), 0, &s, &err));
        ck_assert_msg(err.code == PLX_E_TRUNCATED || err.code == PLX_E_FORMAT, "%zu bytes: %s", n, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    ck_assert(read_one(&ctx, plx_test_file("cut.xlsx", zip.ptr, zip.len), 0, &s, &err));
    plx_sb_free(&zip);
}
END_TEST

START_TEST(test_every_flipped_byte)
{
    plx_ctx ctx = plx_ctx_default();
    plx_sb zip = {0};
    plx_err err;
    rich_book(&zip, false);
    static seen want;
    static seen got;
    ck_assert(read_one(&ctx, plx_test_file("sound.xlsx", zip.ptr, zip.len), 0, &want, &err));
    size_t refused = 0;
    for (size_t i = 0; i < zip.len; i++) {
        zip.ptr[i] = (char)(zip.ptr[i] ^ 0x55);
        bool ok = read_one(&ctx, plx_test_file("flip.xlsx", zip.ptr, zip.len), 0, &got, &err);
        zip.ptr[i] = (char)(zip.ptr[i] ^ 0x55);
        refused += !ok;
        ck_assert_msg(ok || err.what[0], "byte %zu", i);
        /* What is accepted says the same: only fields nobody reads, such as times, may change. */
        ck_assert_msg(!ok || (got.n == want.n && memcmp(got.text, want.text, sizeof want.text) == 0 &&
                              got.info.n_cells == want.info.n_cells),
                      "byte %zu", i);
    }
    ck_assert_uint_gt(refused, zip.len / 2);
    plx_sb_free(&zip);
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    plx_ctx ctx = plx_ctx_default();
    plx_sb zip = {0};
    rich_book(&zip, false);
    const char *path = plx_test_file("alloc.xlsx", zip.ptr, zip.len);
    plx_sb_free(&zip);
    size_t live = plx_alloc_live();
    size_t failures = 0;
    size_t asked = 1;
    for (size_t k = 0; k < asked; k++) {
        static seen s;
        plx_err err;
        plx_test_alloc_fail_at(k);
        bool ok = read_one(&ctx, path, 0, &s, &err); /* arrays that grow try again with less */
        asked = plx_test_alloc_ok();
        ck_assert_uint_eq(plx_alloc_live(), live);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert(!ok || s.n == 5);
        failures += !ok;
        asked = asked > k ? k + 2 : k; /* until so many are not asked for */
    }
    ck_assert_uint_gt(failures, 60);
}
END_TEST

Suite *xlsx_suite(void)
{
    Suite *suite = suite_create("xlsx");
    TCase *tc = tcase_create("sound");
    tcase_add_test(tc, test_kinds);
    tcase_add_test(tc, test_formulas);
    tcase_add_test(tc, test_places);
    tcase_add_test(tc, test_dates);
    tcase_add_test(tc, test_sheets);
    tcase_add_test(tc, test_prefixes_and_other_paths);
    tcase_add_test(tc, test_sink_may_refuse);
    suite_add_tcase(suite, tc);
    tc = tcase_create("hostile");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_bad_cells);
    tcase_add_test(tc, test_bad_xml);
    tcase_add_test(tc, test_bad_parts);
    tcase_add_test(tc, test_bounds);
    tcase_add_test(tc, test_every_prefix_of_a_sheet);
    tcase_add_test(tc, test_every_prefix_of_a_book);
    tcase_add_test(tc, test_every_flipped_byte);
    tcase_add_test(tc, test_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}
