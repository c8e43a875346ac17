/* SPDX-License-Identifier: Apache-2.0
 *
 * The two workbooks of connectomes that are older than xlsx. Counts and sums: xlrd 2.0.
 */
#include "formats/workbook.h"
#include "formats/xls.h"

#include "support/mutate.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

static const char CHKLOVSKII[] = "celegans/worm-data-preprocess/Chklovskii_NeuronConnect.xls";
static const char OPENWORM[] = "celegans/worm-data-preprocess/OpenWorm_CElegansNeuronTables.xls";

typedef struct tally {
    size_t n_texts, n_numbers, text_bytes;
    double sum;
    size_t types[6], other;
} tally;

static const char *const types[] = {"Rp", "Sp", "EJ", "S", "R", "NMJ"};

static bool count(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    (void)err;
    tally *t = payload;
    if (cell->kind == PLX_SHEET_TEXT) {
        t->n_texts++;
        t->text_bytes += cell->text.len;
    } else {
        ck_assert_int_eq(cell->kind, PLX_SHEET_NUMBER);
        t->n_numbers++;
        t->sum += cell->number;
    }
    if (cell->column == 2 && cell->row > 0) {
        size_t i = 0;
        for (; i < 6 && !plx_slice_is(cell->text, types[i]); i++) {
        }
        if (i < 6) {
            t->types[i]++;
        } else {
            t->other++;
        }
    }
    return true;
}

static tally read_sheet(const plx_xls *book, const char *name, plx_sheet_info *info)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    size_t sheet;
    tally t = {0};
    plx_sheet_sink sink = {.cell = count, .payload = &t};
    ck_assert_msg(plx_xls_need(book, name, &sheet, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_xls_read(&ctx, book, sheet, &sink, info, &err), "%s", plx_test_err(&err));
    return t;
}

static plx_xls *book_of(const char *rel)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_xls *book;
    ck_assert_msg(plx_xls_open(&ctx, plx_test_data(rel), &book, &err), "%s", plx_test_err(&err));
    return book;
}

START_TEST(test_chklovskii)
{
    static const size_t expected[] = {1885, 1625, 1031, 950, 773, 153};
    plx_xls *book = book_of(CHKLOVSKII);
    plx_sheet_info info;
    ck_assert_uint_eq(plx_xls_n_sheets(book), 1);
    ck_assert(plx_xls_is_1904(book));
    tally t = read_sheet(book, "NeuronConnect.csv", &info);
    ck_assert_uint_eq(info.n_rows, 6418);
    ck_assert_uint_eq(info.n_columns, 4);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(t.types[i], expected[i]);
    }
    ck_assert_uint_eq(t.other, 0);
    ck_assert_uint_eq(t.n_texts, 19255);
    ck_assert_uint_eq(t.text_bytes, 63077);
    ck_assert_uint_eq(t.n_numbers, 6417);
    ck_assert_double_eq(t.sum, 15975);
    plx_xls_close(book);
}
END_TEST

START_TEST(test_openworm)
{
    plx_xls *book = book_of(OPENWORM);
    plx_sheet_info info;
    ck_assert_uint_eq(plx_xls_n_sheets(book), 3);
    tally t = read_sheet(book, "Connectome", &info);
    ck_assert_uint_eq(info.n_rows, 3364);
    ck_assert_uint_eq(t.n_texts, 13457);
    ck_assert_uint_eq(t.text_bytes, 80780);
    ck_assert_double_eq(t.sum, 8312);
    t = read_sheet(book, "NeuronsToMuscle", &info);
    ck_assert_uint_eq(info.n_rows, 565);
    ck_assert_uint_eq(info.n_columns, 4);
    ck_assert_uint_eq(t.n_texts, 1694);
    ck_assert_uint_eq(t.n_numbers, 564);
    ck_assert_double_eq(t.sum, 1881);
    t = read_sheet(book, "Sensory", &info);
    ck_assert_uint_eq(info.n_rows, 87);
    ck_assert_uint_eq(info.n_columns, 7);
    ck_assert_uint_eq(t.n_texts, 335);
    ck_assert_uint_eq(t.text_bytes, 3215);
    ck_assert_double_eq_tol(t.sum, 103.25, 1e-9);
    plx_xls_close(book);
}
END_TEST

static bool read_all(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_sb summary = {0};
    bool ok = plx_workbook_check(ctx, path, &summary, err);
    plx_sb_free(&summary);
    return ok;
}

START_TEST(test_mutations)
{
    mutate_all(plx_test_data(OPENWORM), read_all, 100);
}
END_TEST

Suite *xls_data_suite(void)
{
    if (!plx_test_data(CHKLOVSKII) || !plx_test_data(OPENWORM)) {
        return NULL;
    }
    Suite *suite = suite_create("xls_data");
    TCase *tc = tcase_create("xls_data");
    tcase_set_timeout(tc, getenv("PLEXUS_MUTATIONS") ? 3600 : 120);
    tcase_add_test(tc, test_chklovskii);
    tcase_add_test(tc, test_openworm);
    tcase_add_test(tc, test_mutations);
    suite_add_tcase(suite, tc);
    return suite;
}
