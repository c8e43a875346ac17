/* SPDX-License-Identifier: Apache-2.0
 *
 * Workbooks laid out like supplementary table 1 of Randi et al. (2023), small, sound and not.
 */
#include "memory_sink.h"
#include "support/make_xlsx.h"
#include "support/suites.h"

#define T(cell, text)   "<c r=\"" cell "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define N(cell, number) "<c r=\"" cell "\"><v>" number "</v></c>"
#define ROW(row, cells) "<row r=\"" row "\">" cells "</row>"
#define HEAD            ROW("1", T("B1", "AVAL") T("C1", "AVAR") T("D1", "IL2V4"))
#define RESPONSES                                                                                                      \
    HEAD ROW("2", T("A2", "AVAL") N("B2", "0.5") N("C2", "-0.25") N("D2", "0.125"))                                    \
        ROW("3", T("A3", "AVAR") N("C3", "0.75")) ROW("4", T("A4", "IL2V4") N("B4", "2"))
#define SIGNIFICANCE                                                                                                   \
    HEAD ROW("2", T("A2", "AVAL") N("B2", "0.99") N("C2", "0.97") N("D2", "0.01"))                                     \
        ROW("3", T("A3", "AVAR") N("B3", "0") N("C3", "0.02")) ROW("4", T("A4", "IL2V4") N("B4", "1"))

static bool run_with(const char *responses, const char *significance, const char *const *extra, plx_mode mode,
                     memory_sink *s, plx_err *err)
{
    const char *options[24] = {"weight_unit",   "dF/F", "response_sheet", "dff",   "significance_sheet", "alpha",
                               "whole_weights", "no",   "upstream",       "Loader"};
    size_t n = 10;
    for (size_t i = 0; extra && extra[i]; i++) {
        options[n++] = extra[i];
    }
    const xlsx_tab tabs[] = {{.name = "dff", .rows = responses}, {.name = "alpha", .rows = significance}};
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = tabs, .n = 2});
    const text_file files[] = {{"book.xlsx", zip.ptr, zip.len}, {0}};
    bool ok = run_job("functional_xlsx", options, files, mode, s, err);
    plx_sb_free(&zip);
    return ok;
}

START_TEST(test_strict)
{
    static const char *const turned[] = {"rows", "receive", "max_q", "0.02", NULL};
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_with(RESPONSES, SIGNIFICANCE, NULL, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAL") == 0.5);
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == -0.25); /* rows are stimulated */
    ck_assert(ms_weight(&s, 0, "IL2V4", "AVAL") == 2);
    ck_assert(ms_count(&s, "counts.functional") == 2 && ms_count(&s, "counts_all.functional") == 3);
    ck_assert(ms_count(&s, "counts.functional_sum") == 0.25);
    ck_assert(plx_column_f64(ms_column(&s, "edges", "q"), 0) == 1 - 0.99);
    ck_assert_uint_eq(s.n_changes, 1);
    ck_assert_str_eq(ms_change_of(&s, "misprint")->action, "keep");
    /* what was measured and found not to respond is told apart from what was not measured */
    ck_assert_uint_eq(ms_column(&s, "pairs", "dff")->n, 5);
    ck_assert(plx_column_f64(ms_column(&s, "pairs", "q"), 3) == 1 - 0.02);
    ck_assert(plx_column_f64(ms_column(&s, "pairs", "pre"), 3) == 1);
    ck_assert(strstr(plx_v_get_text(s.attributes, "orientation"), "a row is the stimulated cell"));
    ms_free(&s);
    ck_assert_msg(run_with(RESPONSES, SIGNIFICANCE, turned, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "IL2V4") == 2 && ms_weight(&s, 0, "AVAR", "AVAL") == 0);
    ms_free(&s);
}
END_TEST

START_TEST(test_compat)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_with(RESPONSES, SIGNIFICANCE, NULL, PLX_COMPAT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAR", "AVAR") == 0.75); /* D1: q of 0.98 */
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAL") == 0);
    ck_assert(ms_count(&s, "counts.functional") == 1);
    ck_assert(strstr(plx_v_get_text(s.attributes, "edge_rule"), "D1"));
    ck_assert_str_eq(plx_v_get_text(s.attributes, "upstream_channel"), "chemical");
    ck_assert_uint_eq(ms_column(&s, "pairs", "dff")->n, 3);
    ck_assert_uint_eq(ms_changes(&s, "outside-300"), 2); /* the edge, and the two pairs at once */
    ms_free(&s);
}
END_TEST

static void refuse(const char *responses, const char *significance, const char *cell, const char *sheet,
                   const char *words)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(!run_with(responses, significance, NULL, PLX_STRICT, &s, &err), "accepted: %s", words);
    ck_assert_msg(err.code == PLX_E_FORMAT, "%s", plx_test_err(&err));
    const char *const parts[] = {words, cell, sheet};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_msg(strstr(plx_test_err(&err), parts[i]), "\"%s\" is not in %s", parts[i], plx_test_err(&err));
    }
    ck_assert(!s.committed);
    ms_free(&s);
}

START_TEST(test_bad_sheets)
{
    const char *dff = "book.xlsx, sheet \"dff\"";
    const char *alpha = "book.xlsx, sheet \"alpha\"";
    refuse(HEAD ROW("2", T("A2", "AVAL") T("B2", "none")), SIGNIFICANCE, "cell B2", dff, "\"none\" is not a number");
    refuse(HEAD ROW("2", T("A2", "AVAL") "<c r=\"B2\"><f>1</f><v>1</v></c>"), SIGNIFICANCE, "cell B2", dff, "formula");
    refuse(ROW("1", T("C1", "AVAL")) ROW("2", T("B2", "AVAL") N("C2", "1")), SIGNIFICANCE, "cell C1", dff,
           "name is missing");
    refuse(RESPONSES, HEAD ROW("2", T("A2", "AVAL") N("B2", "-0.1")), "cell B2", alpha, "weight -0.1");
    refuse(RESPONSES, HEAD ROW("2", T("A2", "AVAL")) ROW("3", T("A3", "PVCL")) ROW("4", T("A4", "IL2V4")), "cell A3",
           alpha, "does not name the same cells");
    refuse(RESPONSES,
           ROW("1", T("B1", "AVAL") T("C1", "AVAR")) ROW("2", T("A2", "AVAL")) ROW("3", T("A3", "AVAR"))
               ROW("4", T("A4", "IL2V4")),
           "cell D1", alpha, "does not name the same cells");
    refuse(RESPONSES,
           HEAD ROW("2", T("A2", "AVAL") N("B2", "0.99") N("C2", "1.5") N("D2", "0"))
               ROW("3", T("A3", "AVAR") N("C3", "0")) ROW("4", T("A4", "IL2V4") N("B4", "0")),
           "cell C2", alpha, "no 1 - q");
    refuse(RESPONSES,
           HEAD ROW("2", T("A2", "AVAL") N("B2", "0.99") N("D2", "0")) ROW("3", T("A3", "AVAR") N("C3", "0"))
               ROW("4", T("A4", "IL2V4") N("B4", "0")),
           "cell C2", alpha, "not how significant");
}
END_TEST

START_TEST(test_bad_options)
{
    static const char *const bad[][3] = {{"rows", "columns", NULL},
                                         {"max_q", "0", NULL},
                                         {"max_q", "2", NULL},
                                         {"max_q", "x", NULL},
                                         {"first_cell", "A1", NULL}};
    static const char *const renamed[] = {"response_sheet", "other", NULL};
    memory_sink s;
    plx_err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!run_with(RESPONSES, SIGNIFICANCE, bad[i], PLX_STRICT, &s, &err));
        ck_assert_msg(err.code == PLX_E_SCHEMA && strstr(err.what, "cannot be"), "%s", plx_test_err(&err));
        ms_free(&s);
    }
    ck_assert(!run_with(RESPONSES, SIGNIFICANCE, renamed, PLX_STRICT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_str_eq(err.what, "there is no sheet \"other\"");
    ms_free(&s);
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t live = plx_alloc_live();
    for (size_t k = 0;; k++) {
        const xlsx_tab tabs[] = {{.name = "dff", .rows = RESPONSES}, {.name = "alpha", .rows = SIGNIFICANCE}};
        static const char *const options[] = {"weight_unit", "dF/F", "response_sheet", "dff", "significance_sheet",
                                              "alpha",       NULL};
        plx_sb zip = {0};
        make_xlsx(&zip, &(xlsx_book){.tabs = tabs, .n = 2});
        const text_file files[] = {{"book.xlsx", zip.ptr, zip.len}, {0}};
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run_job("functional_xlsx", options, files, PLX_STRICT, &s, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        plx_sb_free(&zip);
        ck_assert_uint_eq(plx_alloc_live(), live);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

START_TEST(test_every_prefix)
{
    static const char *const options[] = {"weight_unit", "dF/F", "response_sheet", "dff", "significance_sheet",
                                          "alpha",       NULL};
    const xlsx_tab tabs[] = {{.name = "dff", .rows = RESPONSES}, {.name = "alpha", .rows = SIGNIFICANCE}};
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = tabs, .n = 2});
    for (size_t len = 1; len < zip.len; len++) {
        const text_file files[] = {{"book.xlsx", zip.ptr, len}, {0}};
        memory_sink s;
        plx_err err = {0};
        ck_assert(!run_job("functional_xlsx", options, files, PLX_STRICT, &s, &err));
        ck_assert_msg(err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED, "%zu bytes: %s", len,
                      plx_test_err(&err));
        ck_assert(!s.committed);
        ms_free(&s);
    }
    plx_sb_free(&zip);
}
END_TEST

Suite *functional_xlsx_suite(void)
{
    Suite *suite = suite_create("functional_xlsx");
    TCase *tc = tcase_create("functional_xlsx");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_strict);
    tcase_add_test(tc, test_compat);
    tcase_add_test(tc, test_bad_sheets);
    tcase_add_test(tc, test_bad_options);
    tcase_add_test(tc, test_every_prefix);
    tcase_add_test(tc, test_every_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}
