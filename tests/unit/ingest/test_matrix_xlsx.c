/* SPDX-License-Identifier: Apache-2.0
 *
 * Workbooks laid out like supplement 5 of Cook et al. (2019), small, sound and not.
 */
#include "memory_sink.h"
#include "support/make_xlsx.h"
#include "support/suites.h"

#define T(cell, text)   "<c r=\"" cell "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define N(cell, number) "<c r=\"" cell "\"><v>" number "</v></c>"
#define ROW(row, cells) "<row r=\"" row "\">" cells "</row>"

static const char *const options[] = {"weight_unit", "EM sections", "chemical_sheet", "chem",       "gap_sheet",
                                      "gap",         "gap_rows",    "both",           "first_cell", "C3",
                                      "upstream",    "Loader",      "repeated_names", "yes",        NULL};

/* Titles above and left of the names, groups with numbers among them, names again at the far ends. */
#define CHEM_TOP  ROW("1", T("A1", "title") N("D1", "6"))
#define CHEM_HEAD ROW("2", T("C2", "AVAL") T("D2", "AVAR") T("E2", "VB02") T("F2", "BWM-DL01"))
#define CHEM_3    ROW("3", N("A3", "6") T("B3", "AVAL") N("D3", "2") N("F3", "5") T("G3", "AVAL"))
#define CHEM_4    ROW("4", T("B4", "VB02") N("C4", "4") N("E4", "0") T("G4", "VB2"))
#define CHEM_END  ROW("5", T("C5", "AVAL") T("D5", "AVAR") T("E5", "VB02") T("F5", "BWM-DL01"))
#define CHEM      CHEM_TOP CHEM_HEAD CHEM_3 CHEM_4 CHEM_END
#define GAP                                                                                                            \
    ROW("2", T("C2", "AVAL") T("D2", "AVAR"))                                                                          \
    ROW("3", T("B3", "AVAL") N("C3", "1") N("D3", "3")) ROW("4", T("B4", "AVAR") N("C4", "3"))

static bool run_book(const xlsx_tab *tabs, size_t n, const char *const *with, plx_mode mode, memory_sink *sink,
                     plx_err *err)
{
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = tabs, .n = n});
    const text_file files[] = {{"book.xlsx", zip.ptr, zip.len}, {0}};
    bool ok = run_job("matrix_xlsx", with, files, mode, sink, err);
    plx_sb_free(&zip);
    return ok;
}

static bool run(const char *chem, const char *chem_after, const char *gap, plx_mode mode, memory_sink *sink,
                plx_err *err)
{
    const xlsx_tab tabs[] = {{.name = "chem", .rows = chem, .after = chem_after}, {.name = "gap", .rows = gap}};
    return run_book(tabs, 2, options, mode, sink, err);
}

START_TEST(test_strict)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run(CHEM, "<mergeCells><mergeCell ref=\"A3:A4\"/><mergeCell ref=\"C1:F1\"/></mergeCells>", GAP,
                      PLX_STRICT, &s, &err),
                  "%s", plx_test_err(&err));
    ck_assert(s.committed);
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 2);
    ck_assert(ms_weight(&s, 0, "AVAL", "BWM-DL01") == 5);
    ck_assert(ms_weight(&s, 0, "VB02", "AVAL") == 4);
    ck_assert(ms_weight(&s, 0, "AVAL", "VB02") == 0); /* rows send, columns receive */
    ck_assert(ms_weight(&s, 1, "AVAL", "AVAL") == 1);
    ck_assert(ms_weight(&s, 1, "AVAL", "AVAR") == 3 && ms_weight(&s, 1, "AVAR", "AVAL") == 3);
    ck_assert(ms_count(&s, "counts.chemical_sum") == 6);
    ck_assert(ms_count(&s, "counts.gap_sum") == 7);
    ck_assert(ms_count(&s, "counts_all.chemical_sum") == 11);
    ck_assert_uint_eq(ms_changes(&s, "zero-weight"), 1);
    ck_assert_uint_eq(ms_changes(&s, "pad-zero"), 1);
    const told *respelt = ms_change_of(&s, "repeated-name");
    ck_assert_str_eq(respelt->subject, "VB02");
    ck_assert_str_eq(respelt->before, "VB2");
    ck_assert_str_eq(respelt->file, "book.xlsx!chem");
    ck_assert_uint_eq(respelt->line, 4);
    ms_free(&s);
}
END_TEST

START_TEST(test_compat)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run(CHEM, NULL, GAP, PLX_COMPAT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_count(&s, "counts.nodes") == 2);
    ck_assert(ms_count(&s, "counts.chemical_sum") == 2); /* D2: VB02 is not recognised */
    ck_assert(ms_count(&s, "counts.gap_sum") == 7);
    ms_free(&s);
}
END_TEST

static void refuse(const char *chem, const char *after, const char *gap, const char *cell, const char *words)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(!run(chem, after, gap, PLX_STRICT, &s, &err), "accepted: %s", words);
    ck_assert_msg(err.code == PLX_E_FORMAT, "%s: %s", words, plx_test_err(&err));
    ck_assert(!s.committed);
    const char *const parts[] = {words, cell, "book.xlsx, sheet \""};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_msg(strstr(plx_test_err(&err), parts[i]) != NULL, "\"%s\" is not in %s", parts[i],
                      plx_test_err(&err));
    }
    ms_free(&s);
}

START_TEST(test_unknown_names)
{
    static const char *const with[] = {"weight_unit",    "sections", "chemical_sheet", "chem",   "first_cell", "C3",
                                       "repeated_names", "yes",      "upstream",       "Loader", NULL};
    static const char *const keep[] = {"weight_unit",    "sections", "chemical_sheet", "chem", "first_cell", "C3",
                                       "repeated_names", "yes",      "unknown_cells",  "keep", NULL};
    const xlsx_tab tab = {.name = "chem",
                          .rows = ROW("2", T("C2", "AVAL") T("D2", "AVAR")) ROW("3", T("B3", "AVAL") N("D3", "2"))
                              ROW("4", T("B4", "AVAX") N("C4", "1"))};
    memory_sink s;
    plx_err err;
    ck_assert(!run_book(&tab, 1, with, PLX_STRICT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert(!s.committed);
    const char *const parts[] = {"\"AVAX\" is the name of no neuron", "book.xlsx!chem line 4", "cell B4",
                                 "unknown_cells=keep"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ck_assert_msg(strstr(plx_test_err(&err), parts[i]) != NULL, "\"%s\" is not in %s", parts[i],
                      plx_test_err(&err));
    }
    ms_free(&s);
    ck_assert_msg(run_book(&tab, 1, keep, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAX", "AVAL") == 1);
    ck_assert_uint_eq(ms_changes(&s, "unknown"), 1);
    ms_free(&s);
    /* Upstream's loader drops it, as any cell outside the 300. */
    ck_assert_msg(run_book(&tab, 1, with, PLX_COMPAT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_count(&s, "counts.edges") == 1);
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_weights)
{
    static const struct {
        const char *cell, *words;
    } bad[] = {{T("C3", "many"), "\"many\" is not a number"},
               {N("C3", "-1"), "weight -1"},
               {N("C3", "1.5"), "weight 1.5"},
               {N("C3", "1e300"), "cannot be"},
               {"<c r=\"C3\" t=\"b\"><v>1</v></c>", "truth value"},
               {"<c r=\"C3\" t=\"e\"><v>#REF!</v></c>", "#REF!"},
               {"<c r=\"C3\"><f>1+1</f><v>2</v></c>", "a formula stands"},
               {"<c r=\"C3\"><f>1+1</f></c>", "a formula stands"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char rows[4096];
        snprintf(rows, sizeof rows, "%s<row r=\"3\">%s%s</row>%s", CHEM_HEAD, T("B3", "AVAL"), bad[i].cell, CHEM_4);
        refuse(rows, NULL, GAP, "cell C3", bad[i].words);
    }
}
END_TEST

START_TEST(test_bad_layout)
{
    /* shifted down, up, right and left by one */
    refuse(ROW("3", T("C3", "AVAL")) ROW("4", T("B4", "AVAL") N("C4", "1")), NULL, GAP, "cell C3", "something stands");
    refuse(ROW("1", T("C1", "AVAL") T("D1", "AVAR")) ROW("2", T("B2", "AVAL") N("C2", "1")), NULL, GAP, "cell B2",
           "corner");
    refuse(ROW("2", T("D2", "AVAL")) ROW("3", T("C3", "AVAL") N("D3", "1")), NULL, GAP, "cell D2", "name is missing");
    refuse(ROW("2", T("B2", "AVAL") T("C2", "AVAR")) ROW("3", T("A3", "AVAL") N("B3", "1")), NULL, GAP, "cell B2",
           "corner");
    refuse(ROW("2", N("C2", "7")), NULL, GAP, "cell C2", "not the name");
    refuse(ROW("2", T("C2", "AVAL") T("E2", "AVAR")), NULL, GAP, "cell E2", "missing before");
    refuse(CHEM_HEAD ROW("4", T("B4", "AVAL")), NULL, GAP, "cell B4", "missing before");
    refuse(CHEM_HEAD CHEM_3 ROW("4", N("C4", "1")), NULL, GAP, "cell C4", "outside the named rows");
    refuse(CHEM_HEAD ROW("3", T("B3", "AVAL") N("G3", "1")), NULL, GAP, "cell G3", "outside the named rows");
    refuse(CHEM_HEAD CHEM_3 CHEM_4 CHEM_END ROW("6", T("C6", "note")), NULL, GAP, "cell C6", "outside the named");
    refuse("", NULL, GAP, "cell C2", "no name");
    refuse(CHEM_HEAD, NULL, GAP, "cell B3", "no name");
    refuse(ROW("2", T("C2", "AVAL") T("D2", "AVAL")) CHEM_3, NULL, GAP, "cell", "outside the named");
    refuse(ROW("2", T("C2", "AVAL") T("D2", "AVAL")) ROW("3", T("B3", "AVAR")), NULL, GAP, "cell D2", "there twice");
    refuse(CHEM_HEAD ROW("3", T("B3", "AVAL")) ROW("4", T("B4", "AVAL")), NULL, GAP, "cell B4", "there twice");
    refuse(CHEM_HEAD CHEM_3 ROW("4", T("B4", "VB02")) ROW("5", T("C5", "AVAR") T("D5", "VB02") T("E5", "VB02")), NULL,
           GAP, "cell C5", "two ends of the matrix");
    refuse(CHEM, "<mergeCells><mergeCell ref=\"E4:F4\"/></mergeCells>", GAP, "cell E4", "merged");
    refuse(CHEM, "<mergeCells><mergeCell ref=\"A2:C2\"/></mergeCells>", GAP, "cell A2", "merged");
}
END_TEST

START_TEST(test_bad_gap)
{
    refuse(CHEM, NULL,
           ROW("2", T("C2", "AVAL") T("D2", "AVAR")) ROW("3", T("B3", "AVAL") N("D3", "3"))
               ROW("4", T("B4", "AVAR") N("C4", "2")),
           "cell D3", "not symmetric");
    refuse(CHEM, NULL,
           ROW("2", T("C2", "AVAL") T("D2", "AVAR")) ROW("3", T("B3", "AVAL")) ROW("4", T("B4", "AVAR") N("C4", "2")),
           "mirror image in cell D3 is blank", "not symmetric");
    refuse(CHEM, NULL, ROW("2", T("C2", "AVAL")) ROW("3", T("B3", "AVAL") N("C3", "1")) ROW("4", T("B4", "AVAR")),
           "cell B4", "do not name the same cells");
    refuse(CHEM, NULL,
           ROW("2", T("C2", "AVAL") T("D2", "AVAR")) ROW("3", T("B3", "AVAR")) ROW("4", T("B4", "AVAL") N("C4", "1")),
           "cell B3", "do not name the same cells");
}
END_TEST

START_TEST(test_renamed_sheet)
{
    const xlsx_tab tabs[] = {{.name = "chem", .rows = CHEM}, {.name = "gap junctions", .rows = GAP}};
    memory_sink s;
    plx_err err;
    ck_assert(!run_book(tabs, 2, options, PLX_STRICT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_str_eq(err.what, "there is no sheet \"gap\"");
    ck_assert_str_eq(err.note[0], "book.xlsx");
    ck_assert_str_eq(err.why, "its sheets are \"chem\", \"gap junctions\"");
    ck_assert(!s.committed);
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_options)
{
    static const char *const bad[][9] = {
        {"weight_unit", "n", "chemical_sheet", "", NULL},
        {"weight_unit", "n", "chemical_sheet", "chem", "first_cell", "A1", NULL},
        {"weight_unit", "n", "chemical_sheet", "chem", "first_cell", "here", NULL},
        {"weight_unit", "n", "chemical_sheet", "chem", "repeated_names", "maybe", NULL},
        {"weight_unit", "n", "chemical_sheet", "chem", "workbook", "other.xlsx", NULL},
    };
    const xlsx_tab tab = {.name = "chem", .rows = CHEM};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_sink s;
        plx_err err;
        ck_assert(!run_book(&tab, 1, bad[i], PLX_STRICT, &s, &err));
        ck_assert_msg(err.code == PLX_E_SCHEMA, "%zu: %s", i, plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

/* What every allocation may do: fail, and be told as such. */
static void fail_allocations(const char *ingester, const char *const *with, const text_file *files)
{
    size_t failures = 0;
    bool asked_all = false;
    for (size_t k = 0; !asked_all; k++) {
        memory_sink s;
        plx_err err = {0};
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        bool ok = run_job(ingester, with, files, PLX_STRICT, &s, &err);
        asked_all = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
        failures += !ok;
    }
    ck_assert_uint_gt(failures, 100);
}

START_TEST(test_every_failed_allocation)
{
    const xlsx_tab tabs[] = {{.name = "chem", .rows = CHEM}, {.name = "gap", .rows = GAP}};
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = tabs, .n = 2});
    const text_file files[] = {{"book.xlsx", zip.ptr, zip.len}, {0}};
    fail_allocations("matrix_xlsx", options, files);
    plx_sb_free(&zip);
}
END_TEST

static const char *const table_options[] = {"weight_unit", "n", NULL};
#define TABLE_HEAD ROW("1", T("A1", "pre") T("B1", "post") T("C1", "type") T("D1", "synapses"))
#define TABLE                                                                                                          \
    TABLE_HEAD ROW("2", T("A2", "AVAL") T("B2", "AVAR") T("C2", "electrical") N("D2", "3"))                            \
        ROW("4", T("A4", "VB02") T("B4", "AVAL") T("C4", "chemical") T("D4", "4"))

static bool run_table(const xlsx_tab *tabs, size_t n, const char *const *with, memory_sink *s, plx_err *err)
{
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = tabs, .n = n});
    const text_file files[] = {{"edges.xlsx", zip.ptr, zip.len}, {0}};
    bool ok = run_job("edge_table", with, files, PLX_STRICT, s, err);
    plx_sb_free(&zip);
    return ok;
}

START_TEST(test_table)
{
    const xlsx_tab tabs[] = {{.name = "one", .rows = TABLE}, {.name = "two", .rows = ""}};
    static const char *const with_sheet[] = {"weight_unit", "n", "sheet", "one", NULL};
    memory_sink s;
    plx_err err;
    for (size_t n = 1; n <= 2; n++) {
        ck_assert_msg(run_table(tabs, n, n == 2 ? with_sheet : table_options, &s, &err), "%s", plx_test_err(&err));
        ck_assert(ms_weight(&s, 1, "AVAR", "AVAL") == 3);
        ck_assert(ms_weight(&s, 0, "VB02", "AVAL") == 4);
        ck_assert_uint_eq(ms_change_of(&s, "pad-zero")->line, 4);
        ck_assert_str_eq(ms_change_of(&s, "pad-zero")->file, "edges.xlsx");
        ms_free(&s);
    }
    ck_assert(!run_table(tabs, 2, table_options, &s, &err));
    ck_assert_msg(strstr(plx_test_err(&err), "2 sheets"), "%s", plx_test_err(&err));
    ms_free(&s);
    static const char *const other[] = {"weight_unit", "n", "sheet", "three", NULL};
    ck_assert(!run_table(tabs, 2, other, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_str_eq(err.what, "there is no sheet \"three\"");
    ms_free(&s);
}
END_TEST

static void refuse_table(const char *rows, const char *after, const char *cell, const char *words)
{
    const xlsx_tab tab = {.name = "one", .rows = rows, .after = after};
    memory_sink s;
    plx_err err;
    ck_assert_msg(!run_table(&tab, 1, table_options, &s, &err), "accepted: %s", words);
    ck_assert_msg(err.code == PLX_E_FORMAT, "%s: %s", words, plx_test_err(&err));
    const char *const parts[] = {words, cell, "edges.xlsx, sheet \"one\""};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_msg(strstr(plx_test_err(&err), parts[i]) != NULL, "\"%s\" is not in %s", parts[i],
                      plx_test_err(&err));
    }
    ms_free(&s);
}

START_TEST(test_bad_tables)
{
    refuse_table("", NULL, "first row", "no column \"pre\"");
    refuse_table(ROW("1", T("A1", "pre") T("C1", "post")), NULL, "cell C1", "has no name");
    refuse_table(ROW("1", T("A1", "pre") T("B1", "pre")), NULL, "cell B1", "two columns");
    refuse_table(ROW("1", T("A1", "pre") T("B1", "after")), NULL, "its columns are \"pre\", \"after\"",
                 "no column \"post\"");
    refuse_table(TABLE_HEAD ROW("2", T("E2", "note")), NULL, "cell E2", "no name");
    refuse_table(TABLE_HEAD ROW("3", T("B3", "AVAR") T("C3", "chemical") N("D3", "1")), NULL, "cell A3", "cell name");
    refuse_table(TABLE_HEAD ROW("2", T("A2", "AVAL") T("B2", "AVAR") T("C2", "chemical") N("D2", "1.5")), NULL,
                 "cell D2", "weight 1.5");
    refuse_table(TABLE_HEAD ROW("2", T("A2", "AVAL") T("B2", "AVAR") T("C2", "chemical")), NULL, "cell D2",
                 "is not a number");
    refuse_table(TABLE_HEAD ROW("2", T("A2", "AVAL") T("B2", "AVAR") T("C2", "glue") N("D2", "1")), NULL, "cell C2",
                 "\"glue\" is not known");
    refuse_table(TABLE_HEAD "<row r=\"2\"><c r=\"D2\"><f>1</f><v>1</v></c></row>", NULL, "cell D2", "a formula");
    refuse_table(TABLE_HEAD "<row r=\"2\"><c r=\"A2\" t=\"b\"><v>1</v></c></row>", NULL, "cell A2", "neither a text");
    refuse_table(TABLE, "<mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells>", "cell A2", "merged");
}
END_TEST

START_TEST(test_every_failed_allocation_of_a_table)
{
    const xlsx_tab tab = {.name = "one", .rows = TABLE};
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = &tab, .n = 1});
    const text_file files[] = {{"edges.xlsx", zip.ptr, zip.len}, {0}};
    fail_allocations("edge_table", table_options, files);
    plx_sb_free(&zip);
}
END_TEST

Suite *matrix_xlsx_suite(void)
{
    Suite *suite = suite_create("matrix_xlsx");
    TCase *tc = tcase_create("matrices");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_strict);
    tcase_add_test(tc, test_compat);
    tcase_add_test(tc, test_unknown_names);
    tcase_add_test(tc, test_bad_weights);
    tcase_add_test(tc, test_bad_layout);
    tcase_add_test(tc, test_bad_gap);
    tcase_add_test(tc, test_renamed_sheet);
    tcase_add_test(tc, test_bad_options);
    tcase_add_test(tc, test_every_failed_allocation);
    suite_add_tcase(suite, tc);
    tc = tcase_create("tables");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_table);
    tcase_add_test(tc, test_bad_tables);
    tcase_add_test(tc, test_every_failed_allocation_of_a_table);
    suite_add_tcase(suite, tc);
    return suite;
}
