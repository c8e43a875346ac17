/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/npy.h"

#include "support/support.h"

#include <check.h>

START_TEST(test_text)
{
    /* source: numpy.save of numpy.array(["AVAL", "\u00e9\U0001f41b", ""]): code points, little endian, zero padded */
    static const uint32_t points[12] = {'A', 'V', 'A', 'L', 0xE9, 0x1F41B, 0, 0, 0, 0, 0, 0};
    const plx_slice texts[3] = {plx_slice_of("AVAL"), plx_slice_of("\u00e9\U0001f41b"), plx_slice_of("")};
    plx_ctx ctx = plx_ctx_default();
    plx_table table = {0};
    plx_sb file = {0};
    plx_err err;
    plx_err_clear(&err);
    ck_assert(plx_table_add_strings(&table, "label", texts, 3, &err));
    ck_assert_msg(plx_npy_column(&ctx, &table.cols[0], &file, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(file.len, 128 + sizeof points);
    ck_assert_ptr_nonnull(strstr(file.ptr + 10, "'descr': '<U4', 'fortran_order': False, 'shape': (3,), }"));
    ck_assert_mem_eq(file.ptr + 128, points, sizeof points);
    plx_sb_free(&file);
    ctx.limits.memory_bytes = sizeof points - 1;
    ck_assert(!plx_npy_column(&ctx, &table.cols[0], &file, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_sb_free(&file);
    plx_table_free(&table);
}
END_TEST

START_TEST(test_numbers)
{
    plx_ctx ctx = plx_ctx_default();
    plx_table table = {0};
    plx_column *column;
    plx_sb file = {0};
    plx_err err;
    const int32_t values[2] = {-1, 299};
    ck_assert(plx_table_add(&table, "slot", "", PLX_I32, 2, &column, &err));
    memcpy(column->values.ptr, values, sizeof values);
    ck_assert(plx_npy_column(&ctx, column, &file, &err));
    plx_npy_header header;
    ck_assert(plx_npy_parse_header("slot", (const uint8_t *)file.ptr, file.len, &header, &err));
    ck_assert_int_eq(header.dtype, PLX_I32);
    ck_assert_uint_eq(header.shape[0], 2);
    ck_assert_mem_eq(file.ptr + header.data_offset, values, sizeof values);
    plx_sb_free(&file);
    plx_table_free(&table);
}
END_TEST

Suite *npy_column_suite(void)
{
    Suite *s = suite_create("npy_column");
    TCase *tc = tcase_create("npy_column");
    tcase_add_test(tc, test_text);
    tcase_add_test(tc, test_numbers);
    suite_add_tcase(s, tc);
    return s;
}
