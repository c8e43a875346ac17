/* SPDX-License-Identifier: Apache-2.0
 *
 * golden/files/small.xls was written by xlwt 1.3; the expected values are what was given to it.
 */
#include "formats/xls.h"

#include "core/alloc.h"
#include "formats/format.h"
#include "support/mutate.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

typedef struct cells {
    size_t n;
    plx_sheet_cell cell[32];
    char text[32][32];
} cells;

static bool keep(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    cells *c = payload;
    if (c->n == 32 || cell->text.len >= sizeof c->text[0]) {
        return plx_fail(err, PLX_E_BUG, "more cells than there are");
    }
    c->cell[c->n] = *cell;
    memcpy(c->text[c->n], cell->text.ptr, cell->text.len);
    c->text[c->n++][cell->text.len] = '\0';
    return true;
}

static void is_text(const cells *c, size_t i, uint32_t row, uint32_t column, const char *text)
{
    ck_assert_uint_eq(c->cell[i].row, row);
    ck_assert_uint_eq(c->cell[i].column, column);
    ck_assert_int_eq(c->cell[i].kind, PLX_SHEET_TEXT);
    ck_assert_str_eq(c->text[i], text);
}

static void is_number(const cells *c, size_t i, uint32_t row, uint32_t column, plx_cell_kind kind, double number)
{
    ck_assert_uint_eq(c->cell[i].row, row);
    ck_assert_uint_eq(c->cell[i].column, column);
    ck_assert_int_eq(c->cell[i].kind, kind);
    ck_assert_double_eq_tol(c->cell[i].number, number, 1e-9);
}

START_TEST(test_values)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_xls *book;
    ck_assert_msg(plx_xls_open(&ctx, plx_test_golden("small.xls"), &book, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(plx_xls_n_sheets(book), 3);
    ck_assert_str_eq(plx_xls_sheet_name(book, 0), "Numbers");
    ck_assert_str_eq(plx_xls_sheet_name(book, 2), "Empty");
    ck_assert(!plx_xls_is_1904(book));
    cells c = {0};
    plx_sheet_sink sink = {.cell = keep, .payload = &c};
    plx_sheet_info info;
    ck_assert_msg(plx_xls_read(&ctx, book, 0, &sink, &info, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(c.n, 12);
    ck_assert_uint_eq(info.n_cells, 12);
    ck_assert_uint_eq(info.n_rows, 4);
    ck_assert_uint_eq(info.n_columns, 4);
    is_text(&c, 0, 0, 0, "name");
    is_text(&c, 3, 0, 3, "when");
    is_text(&c, 4, 1, 0, "ADAL");
    is_number(&c, 5, 1, 1, PLX_SHEET_NUMBER, 1);
    is_number(&c, 6, 1, 2, PLX_SHEET_DATE, 40577); /* 2011-02-03 */
    is_text(&c, 7, 2, 0, "caf\xc3\xa9 \xce\xb1");
    is_number(&c, 8, 2, 1, PLX_SHEET_NUMBER, -2.5);
    is_number(&c, 9, 2, 3, PLX_SHEET_DATE, 43890 + (12 * 3600 + 30 * 60 + 15) / 86400.0); /* 2020-02-29 12:30:15 */
    is_number(&c, 10, 3, 1, PLX_SHEET_NUMBER, 1e100);
    is_number(&c, 11, 3, 2, PLX_SHEET_NUMBER, 1);
    size_t i;
    ck_assert(plx_xls_need(book, "Other", &i, &err));
    ck_assert_uint_eq(i, 1);
    c.n = 0;
    ck_assert(plx_xls_read(&ctx, book, i, &sink, &info, &err));
    ck_assert_uint_eq(c.n, 1);
    is_text(&c, 0, 2, 1, "only");
    ck_assert(plx_xls_read(&ctx, book, 2, NULL, &info, &err));
    ck_assert_uint_eq(info.n_cells, 0);
    ck_assert(!plx_xls_need(book, "other", &i, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.why, "\"Numbers\", \"Other\", \"Empty\""));
    plx_xls_close(book);
}
END_TEST

static bool read_all(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_xls *book = NULL;
    bool ok = plx_xls_open(ctx, path, &book, err);
    for (size_t i = 0; ok && i < plx_xls_n_sheets(book); i++) {
        ok = plx_xls_read(ctx, book, i, NULL, NULL, err);
    }
    plx_xls_close(book);
    return ok;
}

START_TEST(test_refused)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    ck_assert(!read_all(&ctx, plx_test_file("a.xls", "not a workbook", 14), &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "a.xls"));
    ck_assert(!read_all(&ctx, plx_test_file("a.xls", "", 0), &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert(!read_all(&ctx, "/nonexistent/a.xls", &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    const plx_format *format;
    ck_assert(plx_format_detect(plx_test_golden("small.xls"), &format, &err));
    ck_assert_str_eq(format->name, "xls");
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    fail_each_allocation(plx_test_golden("small.xls"), read_all, 5);
}
END_TEST

START_TEST(test_mutations)
{
    mutate_all(plx_test_golden("small.xls"), read_all, 300);
}
END_TEST

Suite *xls_suite(void)
{
    Suite *suite = suite_create("xls");
    TCase *tc = tcase_create("xls");
    tcase_set_timeout(tc, getenv("PLEXUS_MUTATIONS") ? 3600 : 120);
    tcase_add_test(tc, test_values);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_every_failed_allocation);
    tcase_add_test(tc, test_mutations);
    suite_add_tcase(suite, tc);
    return suite;
}
