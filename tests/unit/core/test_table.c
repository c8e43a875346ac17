/* SPDX-License-Identifier: Apache-2.0
 *
 * core/table: columns of every type, strings, lengths that must agree, failing allocations.
 */
#include "core/alloc.h"
#include "core/table.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <string.h>

START_TEST(columns_are_added_and_found)
{
    size_t live = plx_alloc_live();
    plx_err err;
    plx_table t = {0};
    plx_column *x;
    ck_assert(plx_table_add(&t, "x_um", "um", PLX_F64, 3, &x, &err));
    ck_assert_uint_eq(t.n_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq(plx_column_f64(x, i), 0.0);
        ((double *)x->values.ptr)[i] = 1.5 * (double)i;
    }
    const plx_slice names[] = {plx_slice_of("AVAL"), {NULL, 0}, plx_slice_of("caf\xC3\xA9")};
    ck_assert(plx_table_add_strings(&t, "name", names, 3, &err));
    ck_assert(plx_table_add(&t, "n", NULL, PLX_U32, 3, NULL, &err));
    ck_assert_uint_eq(t.n_cols, 3);

    const plx_column *c = plx_table_find(&t, "x_um");
    ck_assert_str_eq(c->unit, "um");
    ck_assert_double_eq(plx_column_f64(c, 2), 3.0);
    ck_assert(plx_table_need(&t, "name", PLX_STR, &c, &err));
    ck_assert_str_eq(c->unit, "");
    ck_assert(plx_slice_is(plx_column_str(c, 0), "AVAL"));
    ck_assert(plx_slice_is(plx_column_str(c, 1), ""));
    ck_assert(plx_slice_is(plx_column_str(c, 2), "caf\xC3\xA9"));
    ck_assert(isnan(plx_column_f64(c, 0)));
    ck_assert_uint_eq(c->offsets.len, 4 * sizeof(uint64_t));
    ck_assert_uint_eq(c->values.len, 9);

    ck_assert_ptr_null(plx_table_find(&t, "y"));
    ck_assert(!plx_table_need(&t, "y", PLX_F64, &c, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.what, "'y'"));
    ck_assert(!plx_table_need(&t, "n", PLX_F64, &c, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.what, "u32"));
    ck_assert_ptr_nonnull(strstr(err.what, "f64"));
    plx_table_free(&t);
    plx_table_free(&t);
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

START_TEST(lengths_must_agree)
{
    size_t live = plx_alloc_live();
    plx_err err;
    plx_table t = {0};
    ck_assert(plx_table_add(&t, "a", "", PLX_I8, 2, NULL, &err));
    ck_assert(!plx_table_add(&t, "b", "", PLX_I8, 3, NULL, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_table_add_strings(&t, "c", NULL, 0, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_table_add(&t, "d", "", PLX_STR, 2, NULL, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_table_add(&t, "e", "", PLX_F64, SIZE_MAX / 2, NULL, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_uint_eq(t.n_cols, 1);

    plx_table other = {0};
    ck_assert(plx_table_add(&other, "f", "", PLX_I8, 3, NULL, &err));
    ck_assert(!plx_table_take(&t, &other.cols[0], &err));
    ck_assert_str_eq(other.cols[0].name, "f"); /* refused columns stay where they were */
    plx_table third = {0};
    ck_assert(plx_table_take(&third, &other.cols[0], &err));
    ck_assert_ptr_null(other.cols[0].name);
    ck_assert_str_eq(third.cols[0].name, "f");
    ck_assert_uint_eq(third.n_rows, 3);
    plx_table_free(&t);
    plx_table_free(&other);
    plx_table_free(&third);
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

START_TEST(empty_string_columns)
{
    plx_err err;
    plx_table t = {0};
    plx_strcol none = {0};
    ck_assert(plx_strcol_finish(&none, &t, "none", &err));
    ck_assert_uint_eq(t.n_rows, 0);
    ck_assert_uint_eq(t.cols[0].offsets.len, sizeof(uint64_t));
    uint64_t first;
    memcpy(&first, t.cols[0].offsets.ptr, sizeof first);
    ck_assert_uint_eq(first, 0);
    plx_table_free(&t);
    plx_strcol some = {0};
    plx_strcol_add(&some, plx_slice_of(""));
    plx_strcol_add(&some, plx_slice_of(""));
    ck_assert(plx_strcol_finish(&some, &t, "some", &err));
    ck_assert_uint_eq(t.n_rows, 2);
    ck_assert(plx_slice_is(plx_column_str(&t.cols[0], 1), ""));
    plx_table_free(&t);
}
END_TEST

#define CHECK_TYPE(tag, type, value, expected)                                                                         \
    do {                                                                                                               \
        plx_table t = {0};                                                                                             \
        plx_column *c;                                                                                                 \
        const type stored = value;                                                                                     \
        ck_assert(plx_table_add(&t, "x", "", tag, 2, &c, NULL));                                                       \
        memcpy(c->values.ptr + sizeof stored, &stored, sizeof stored);                                                 \
        ck_assert_double_eq(plx_column_f64(c, 0), 0.0);                                                                \
        ck_assert_double_eq(plx_column_f64(c, 1), expected);                                                           \
        plx_table_free(&t);                                                                                            \
    } while (0)

START_TEST(every_type_reads_as_double)
{
    CHECK_TYPE(PLX_B1, uint8_t, 1, 1.0);
    CHECK_TYPE(PLX_I8, int8_t, -7, -7.0);
    CHECK_TYPE(PLX_I16, int16_t, -30000, -30000.0);
    CHECK_TYPE(PLX_I32, int32_t, INT32_MIN, -2147483648.0);
    CHECK_TYPE(PLX_I64, int64_t, INT64_MIN, -9223372036854775808.0);
    CHECK_TYPE(PLX_U8, uint8_t, 255, 255.0);
    CHECK_TYPE(PLX_U16, uint16_t, 65535, 65535.0);
    CHECK_TYPE(PLX_U32, uint32_t, UINT32_MAX, 4294967295.0);
    CHECK_TYPE(PLX_U64, uint64_t, UINT64_MAX, 18446744073709551616.0);
    CHECK_TYPE(PLX_F32, float, 0.1f, 0x1.99999ap-4);
    CHECK_TYPE(PLX_F64, double, 0.1, 0.1);
    /* numpy.float16 */
    CHECK_TYPE(PLX_F16, uint16_t, 0x3C00, 1.0);
    CHECK_TYPE(PLX_F16, uint16_t, 0xC000, -2.0);
    CHECK_TYPE(PLX_F16, uint16_t, 0x7BFF, 65504.0);
    CHECK_TYPE(PLX_F16, uint16_t, 0x0001, 5.960464477539063e-08);
    CHECK_TYPE(PLX_F16, uint16_t, 0x0400, 6.103515625e-05);
    CHECK_TYPE(PLX_F16, uint16_t, 0x3555, 0.333251953125);
    CHECK_TYPE(PLX_F16, uint16_t, 0x7C00, (double)INFINITY);
    CHECK_TYPE(PLX_F16, uint16_t, 0xFC00, -(double)INFINITY);
    plx_table t = {0};
    plx_column *c;
    ck_assert(plx_table_add(&t, "h", "", PLX_F16, 1, &c, NULL));
    memcpy(c->values.ptr, &(uint16_t){0x7E00}, 2);
    ck_assert(isnan(plx_column_f64(c, 0)));
    ck_assert(plx_table_add(&t, "z", "", PLX_C128, 1, &c, NULL));
    ck_assert(isnan(plx_column_f64(c, 0)));
    plx_table_free(&t);
}
END_TEST

static bool build(plx_table *t, plx_err *err)
{
    plx_strcol names = {0};
    for (int i = 0; i < 30; i++) {
        plx_strcol_add(&names, plx_slice_of("a name of some length"));
    }
    return plx_strcol_finish(&names, t, "name", err) && plx_table_add(t, "x", "um", PLX_F64, 30, NULL, err) &&
           plx_table_add(t, "y", "um", PLX_F64, 30, NULL, err) && plx_table_add(t, "z", "um", PLX_F64, 30, NULL, err) &&
           plx_table_add(t, "w", "um", PLX_F64, 30, NULL, err) && plx_table_add(t, "v", "um", PLX_F64, 30, NULL, err);
}

START_TEST(failing_allocations)
{
    size_t live = plx_alloc_live();
    bool done = false;
    for (size_t k = 0; !done; k++) {
        plx_table t = {0};
        plx_err err;
        plx_test_alloc_fail_at(k);
        bool ok = build(&t, &err);
        size_t asked = plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        done = asked <= k;
        ck_assert(!done || ok);
        plx_table_free(&t);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *table_suite(void)
{
    Suite *s = suite_create("table");
    TCase *tc = tcase_create("table");
    tcase_add_test(tc, columns_are_added_and_found);
    tcase_add_test(tc, lengths_must_agree);
    tcase_add_test(tc, empty_string_columns);
    tcase_add_test(tc, every_type_reads_as_double);
    tcase_add_test(tc, failing_allocations);
    suite_add_tcase(s, tc);
    return s;
}
