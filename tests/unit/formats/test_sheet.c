/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/sheet.h"

#include <check.h>

START_TEST(test_names)
{
    static const struct {
        const char *name;
        uint32_t row, column;
    } pairs[] = {{"A1", 0, 0},
                 {"B7", 6, 1},
                 {"Z9", 8, 25},
                 {"AA1", 0, 26},
                 {"AZ52", 51, 51},
                 {"BA3", 2, 52},
                 {"ZZ100", 99, 701},
                 {"AAA702", 701, 702},
                 {"XFD1", 0, 16383},
                 {"A1048576", 1048575, 0},
                 {"XFD1048576", 1048575, 16383}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char name[PLX_CELL_NAME];
        uint32_t row = 77;
        uint32_t column = 77;
        plx_cell_name(pairs[i].row, pairs[i].column, name);
        ck_assert_str_eq(name, pairs[i].name);
        ck_assert(plx_cell_parse(plx_slice_of(name), &row, &column));
        ck_assert_uint_eq(row, pairs[i].row);
        ck_assert_uint_eq(column, pairs[i].column);
    }
}
END_TEST

START_TEST(test_all_columns)
{
    for (uint32_t c = 0; c < 16384; c++) {
        char name[PLX_CELL_NAME];
        uint32_t row;
        uint32_t column;
        plx_cell_name(c, c, name);
        ck_assert(plx_cell_parse(plx_slice_of(name), &row, &column));
        ck_assert(row == c && column == c);
    }
}
END_TEST

START_TEST(test_not_names)
{
    static const char *const bad[] = {
        "",         "A",    "1",     "A0",  "A01",   "a1",           "$A$1", "A1 ",  " A1",           "A-1",
        "A1048577", "XFE1", "AAAA1", "A1B", "A1:B2", "A99999999999", "1A",   "A1.0", "ZZZZZZZZZZZZZ1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t row = 7;
        uint32_t column = 8;
        ck_assert_msg(!plx_cell_parse(plx_slice_of(bad[i]), &row, &column), "%s", bad[i]);
        ck_assert(row == 7 && column == 8);
    }
    uint32_t row;
    uint32_t column;
    ck_assert(!plx_cell_parse((plx_slice){"A1\0", 3}, &row, &column));
    ck_assert(plx_cell_parse((plx_slice){"A12", 2}, &row, &column) && row == 0);
}
END_TEST

START_TEST(test_names_past_any_sheet)
{
    char name[PLX_CELL_NAME];
    plx_cell_name(UINT32_MAX - 1, UINT32_MAX - 1, name); /* 7 letters and 10 digits would not fit */
    ck_assert_uint_lt(strlen(name), PLX_CELL_NAME);
}
END_TEST

Suite *sheet_suite(void)
{
    Suite *suite = suite_create("sheet");
    TCase *tc = tcase_create("names");
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_all_columns);
    tcase_add_test(tc, test_not_names);
    tcase_add_test(tc, test_names_past_any_sheet);
    suite_add_tcase(suite, tc);
    return suite;
}
