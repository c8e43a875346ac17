/* SPDX-License-Identifier: Apache-2.0
 *
 * Edge tables with columns of their own, types that are not taken, tables without header, and workbooks of Excel
 * 97-2003 (golden/files/edges.xls was written by xlwt 1.3).
 */
#include "memory_sink.h"
#include "support/make_xlsx.h"
#include "support/suites.h"

static char *golden(const char *name, size_t *len)
{
    FILE *in = fopen(plx_test_golden(name), "rb");
    ck_assert_ptr_nonnull(in);
    char *bytes = malloc(1 << 16);
    *len = fread(bytes, 1, 1 << 16, in);
    fclose(in);
    return bytes;
}

static bool run_xls(const char *sheet, plx_mode mode, memory_sink *s, plx_err *err)
{
    const char *const options[] = {"weight_unit",
                                   "synapses",
                                   "sheet",
                                   sheet,
                                   "pre_column",
                                   "Origin",
                                   "post_column",
                                   "Target",
                                   "weight_column",
                                   "Nbr",
                                   "type_column",
                                   "Type",
                                   "type_words",
                                   "S=chemical Sp=chemical EJ=gap NMJ=chemical R=drop:receive-side",
                                   "compat_type_words",
                                   "S=drop:D3 Sp=chemical EJ=gap NMJ=chemical R=drop:receive-side",
                                   "transmitter_column",
                                   "Neurotransmitter",
                                   "gap_rows",
                                   "both",
                                   "upstream",
                                   "Loader",
                                   NULL};
    size_t len;
    char *bytes = golden("edges.xls", &len);
    const text_file files[] = {{"edges.xls", bytes, len}, {0}};
    bool ok = run_job("edge_table", options, files, mode, s, err);
    free(bytes);
    return ok;
}

/* The text of column `column` at the edge of that kind between two labels. */
static plx_slice text_at(const memory_sink *s, int kind, const char *pre, const char *post, const char *column)
{
    const plx_column *of = ms_column(s, "edges", column);
    for (size_t i = 0; i < of->n; i++) {
        size_t from = (size_t)plx_column_f64(ms_column(s, "edges", "pre"), i);
        size_t to = (size_t)plx_column_f64(ms_column(s, "edges", "post"), i);
        if ((int)plx_column_f64(ms_column(s, "edges", "kind"), i) == kind &&
            plx_slice_is(ms_text(s, "nodes", "label", from), pre) &&
            plx_slice_is(ms_text(s, "nodes", "label", to), post)) {
            return plx_column_str(of, i);
        }
    }
    ck_abort_msg("no edge %s to %s", pre, post);
    return (plx_slice){0};
}

START_TEST(test_xls)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_xls("Connectome", PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 5);
    ck_assert(ms_weight(&s, 0, "AVAL", "NMJ") == 4);
    ck_assert(ms_weight(&s, 1, "AVAL", "VB02") == 2 && ms_weight(&s, 1, "VB02", "AVAL") == 2);
    ck_assert(plx_slice_is(text_at(&s, 0, "AVAL", "AVAR", "transmitter"), "Acetylcholine, Glutamate"));
    ck_assert(plx_slice_is(text_at(&s, 1, "VB02", "AVAL", "transmitter"), "GJ"));
    ck_assert_uint_eq(ms_changes(&s, "receive-side"), 1);
    ck_assert_str_eq(ms_change_of(&s, "receive-side")->subject, "AVAR->AVAL chemical");
    ck_assert_uint_eq(ms_change_of(&s, "receive-side")->line, 4);
    ck_assert_str_eq(ms_change_of(&s, "receive-side")->file, "edges.xls");
    ck_assert_uint_eq(ms_changes(&s, "gap-unequal"), 1);
    ms_free(&s);
    ck_assert_msg(run_xls("Connectome", PLX_COMPAT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 3); /* D3: Sp alone */
    ck_assert(ms_count(&s, "counts.gap_sum") == 0);
    ck_assert_uint_eq(ms_changes(&s, "D3"), 1);
    ck_assert_uint_eq(ms_changes(&s, "D2"), 2);
    ck_assert_uint_eq(ms_changes(&s, "outside-300"), 1);
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_xls)
{
    static const struct {
        const char *sheet, *cell, *words;
    } bad[] = {{"Sheet1", "edges.xls", "has no sheet \"Sheet1\""},
               {"shifted", "cell A2", "the column has no name"},
               {"date", "cell D2", "neither a text nor a number"},
               {"formula", "cell D2", "is not a number"}, /* passed over by the reader: blank */
               {"word", "cell D2", "\"many\" is not a number"},
               {"type", "cell C2", "\"T\" is not known"},
               {"blank", "cell B2", "cell name is empty"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_sink s;
        plx_err err;
        ck_assert_msg(!run_xls(bad[i].sheet, PLX_STRICT, &s, &err), "%s", bad[i].sheet);
        ck_assert_msg(err.code == PLX_E_FORMAT, "%s: %s", bad[i].sheet, plx_test_err(&err));
        ck_assert(!s.committed);
        const char *const parts[] = {bad[i].cell, bad[i].words, "edges.xls"};
        for (size_t k = 0; k < 3; k++) {
            ck_assert_msg(strstr(plx_test_err(&err), parts[k]), "\"%s\" is not in %s", parts[k], plx_test_err(&err));
        }
        ms_free(&s);
    }
}
END_TEST

static bool run_text(const char *const *options, const char *text, memory_sink *s, plx_err *err)
{
    const text_file files[] = {{"pairs.csv", text, 0}, {0}};
    return run_job("edge_table", options, files, PLX_STRICT, s, err);
}

static const char *const signalling[] = {"weight_unit",
                                         "pairings",
                                         "edge_files",
                                         "pairs.csv=monoamine",
                                         "pre_column",
                                         "#source",
                                         "post_column",
                                         " target",
                                         "weight_column",
                                         "",
                                         "transmitter_column",
                                         " transmitter",
                                         "receptor_column",
                                         " receptor",
                                         "pairings",
                                         "yes",
                                         NULL};
static const char three_ways[] = "#source, target, transmitter, receptor\n"
                                 "RIML,AVBL,tyramine,lgc-55\n"
                                 "ADEL,AVBL,dopamine,dop-1\n"
                                 "ADEL,AVBL,dopamine,dop-3\n"
                                 "CANL,AVBL,dopamine,\n";

START_TEST(test_pairings)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_text(signalling, three_ways, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "ADEL", "AVBL") == 2);
    ck_assert(ms_count(&s, "counts.monoamine") == 2 && ms_count(&s, "counts.monoamine_sum") == 3);
    ck_assert(ms_count(&s, "counts_all.monoamine_sum") == 4 && ms_count(&s, "counts.edges") == 2);
    ck_assert(plx_slice_is(text_at(&s, 0, "ADEL", "AVBL", "transmitter"), "dopamine"));
    ck_assert(plx_slice_is(text_at(&s, 0, "ADEL", "AVBL", "receptor"), "dop-1, dop-3"));
    ck_assert_uint_eq(s.n_changes, 0); /* nothing is lost: the rows are all in pairings */
    const plx_column *edge = ms_column(&s, "pairings", "edge");
    ck_assert_uint_eq(edge->n, 4);
    ck_assert(plx_column_f64(edge, 0) == 0 && plx_column_f64(edge, 1) == 0 && plx_column_f64(edge, 2) == 1);
    ck_assert(plx_slice_is(ms_text(&s, "pairings", "receptor", 1), "dop-3"));
    ck_assert(plx_slice_is(ms_text(&s, "pairings", "transmitter", 2), "tyramine"));
    ck_assert(plx_slice_is(ms_text(&s, "pairings", "receptor", 3), ""));
    ms_free(&s);
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t live = plx_alloc_live();
    for (size_t k = 0;; k++) {
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run_text(signalling, three_ways, &s, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

static const char *const responses[] = {"weight_unit",
                                        "n",
                                        "header",
                                        "no",
                                        "edge_files",
                                        "pairs.csv=functional",
                                        "pre_column",
                                        "c1",
                                        "post_column",
                                        "c2",
                                        "weight_column",
                                        "c3",
                                        "zero_rows",
                                        "count",
                                        "delimiter",
                                        "comma",
                                        NULL};

START_TEST(test_without_header)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_text(responses, "AVAL,AVAR,-3\nAVAR,AVAL,0\nPVCL,AVAL,0\nAVAR,AVAR,5\n", &s, &err), "%s",
                  plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == -3); /* a response may be negative */
    ck_assert(ms_count(&s, "counts.functional") == 2 && ms_count(&s, "counts.functional_sum") == 2);
    ck_assert(ms_count(&s, "counts.self") == 1 && ms_count(&s, "counts.chemical") == 0);
    ck_assert_uint_eq(s.n_changes, 1);
    ck_assert_str_eq(ms_change_of(&s, "zero-weight")->subject, "2 rows");
    ck_assert_uint_eq(s.record.table[0].n_rows, 3); /* PVCL is there, with no edge */
    ms_free(&s);
    ck_assert(!run_text(responses, "AVAL,AVAR,-3\nAVAL,AVAR,2\n", &s, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_str_eq(err.what, "the response of AVAR to AVAL is given twice");
    ck_assert(strstr(plx_test_err(&err), "lines 1 and 2"));
    ms_free(&s);
    ck_assert(!run_text(responses, "AVAL,AVAR,x\n", &s, &err));
    ck_assert_str_eq(err.why, "expected a whole number");
    ms_free(&s);
    ck_assert(!run_text(responses, "AVAL,AVAR\n", &s, &err));
    ck_assert(strstr(plx_test_err(&err), "no column \"c3\""));
    ms_free(&s);
}
END_TEST

#define T(cell, text)   "<c r=\"" cell "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define N(cell, number) "<c r=\"" cell "\"><v>" number "</v></c>"
#define F(cell, text)   "<c r=\"" cell "\" t=\"str\"><f>IF(1)</f><v>" text "</v></c>"
#define TITLES                                                                                                         \
    "<row r=\"1\">" T("A1", "Source") T("B1", "Sign") "</row><row r=\"2\">" T("A2", "Neuron") T("D2", "Neuron") "</"   \
                                                                                                                "row>"

static bool run_signs(const char *rows, const char *after, memory_sink *s, plx_err *err)
{
    static const char *const options[] = {"weight_unit",
                                          "n",
                                          "edge_files",
                                          "book.xlsx=chemical",
                                          "sheet",
                                          "5",
                                          "header",
                                          "no",
                                          "first_row",
                                          "3",
                                          "computed_columns",
                                          "c6",
                                          "pre_column",
                                          "c1",
                                          "post_column",
                                          "c4",
                                          "weight_column",
                                          "c5",
                                          "sign_column",
                                          "c6",
                                          NULL};
    const xlsx_tab tab = {.name = "5", .rows = rows, .after = after};
    plx_sb zip = {0};
    make_xlsx(&zip, &(xlsx_book){.tabs = &tab, .n = 1});
    const text_file files[] = {{"book.xlsx", zip.ptr, zip.len}, {0}};
    bool ok = run_job("edge_table", options, files, PLX_STRICT, s, err);
    plx_sb_free(&zip);
    return ok;
}

START_TEST(test_computed_signs)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_signs(TITLES "<row r=\"3\">" T("A3", "ADAL") F("B3", "Glu") T("D3", "AIBL") N("E3", "2")
                                F("F3", "+") "</row><row r=\"4\">" T("A4", "ADAL") T("D4", "AIAL") N("E4", "1")
                                    F("F4", "complex") N("K4", "7") "</row><row r=\"5\">" T("A5", "AIAL")
                                        T("D5", "ADAL") N("E5", "4") F("F5", "-") "</row>",
                            "<mergeCells><mergeCell ref=\"A1:D1\"/></mergeCells>", &s, &err),
                  "%s", plx_test_err(&err));
    const plx_column *sign = ms_column(&s, "edges", "sign");
    ck_assert_uint_eq(sign->n, 3);
    ck_assert(plx_column_f64(sign, 0) == 0 && plx_column_f64(sign, 1) == 1 && plx_column_f64(sign, 2) == -1);
    ck_assert(plx_slice_is(text_at(&s, 0, "ADAL", "AIAL", "polarity"), "complex"));
    ck_assert(ms_weight(&s, 0, "AIAL", "ADAL") == 4);
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_signs)
{
    static const struct {
        const char *rows, *after, *cell, *words;
    } bad[] = {
        {TITLES "<row r=\"3\">" T("A3", "ADAL") T("D3", "AIBL") F("E3", "2") F("F3", "+") "</row>", NULL, "cell E3",
         "a formula stands"},
        {TITLES "<row r=\"3\">" T("A3", "ADAL") T("D3", "AIBL") N("E3", "2") "<c r=\"F3\"><f>1</f></c></row>", NULL,
         "cell F3", "a formula stands"},
        {TITLES "<row r=\"3\">" T("A3", "ADAL") T("D3", "AIBL") N("E3", "2") F("F3", "?") "</row>", NULL, "cell F3",
         "the sign \"?\""},
        {TITLES "<row r=\"3\">" T("B3", "ADAL") T("E3", "AIBL") N("F3", "2") F("G3", "+") "</row>", NULL, "cell A3",
         "cell name is empty"},
        {TITLES "<row r=\"3\">" T("A3", "Neuron") T("D3", "Neuron") T("E3", "Edge weight") "</row>", NULL, "cell E3",
         "\"Edge weight\" is not a number"},
        {TITLES "<row r=\"3\">" T("A3", "ADAL") T("D3", "AIBL") N("E3", "2") F("F3", "+") "</row>",
         "<mergeCells><mergeCell ref=\"A3:A4\"/></mergeCells>", "cell A3", "merged"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_sink s;
        plx_err err;
        ck_assert_msg(!run_signs(bad[i].rows, bad[i].after, &s, &err), "%s", bad[i].words);
        ck_assert_msg(err.code == PLX_E_FORMAT, "%s", plx_test_err(&err));
        const char *const parts[] = {bad[i].cell, bad[i].words, "book.xlsx, sheet \"5\""};
        for (size_t k = 0; k < 3; k++) {
            ck_assert_msg(strstr(plx_test_err(&err), parts[k]), "\"%s\" is not in %s", parts[k], plx_test_err(&err));
        }
        ck_assert(!s.committed);
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_bad_options)
{
    static const char *const bad[][7] = {
        {"weight_unit", "n", "type_words", "chemical=drop:nothing", "type_column", "type", NULL},
        {"weight_unit", "n", "header", "perhaps", NULL},
        {"weight_unit", "n", "first_row", "0", NULL},
        {"weight_unit", "n", "first_row", "1.5", NULL},
        {"weight_unit", "n", "zero_rows", "some", NULL},
        {"weight_unit", "n", "pairings", "1", NULL},
        {"weight_unit", "n", "edge_files", "pairs.csv=glue", NULL},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_sink s;
        plx_err err;
        ck_assert(!run_text(bad[i], "pre,post,type,synapses\nAVAL,AVAR,chemical,1\n", &s, &err));
        ck_assert_msg(err.code == PLX_E_SCHEMA && strstr(err.what, "cannot be"), "%zu: %s", i, plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

Suite *edge_columns_suite(void)
{
    Suite *suite = suite_create("edge_columns");
    TCase *tc = tcase_create("edge_columns");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_xls);
    tcase_add_test(tc, test_bad_xls);
    tcase_add_test(tc, test_pairings);
    tcase_add_test(tc, test_every_allocation);
    tcase_add_test(tc, test_without_header);
    tcase_add_test(tc, test_computed_signs);
    tcase_add_test(tc, test_bad_signs);
    tcase_add_test(tc, test_bad_options);
    suite_add_tcase(suite, tc);
    return suite;
}
