/* SPDX-License-Identifier: Apache-2.0
 *
 * core/array: element types, layout, overflow, copies from any strides.
 */
#include "core/alloc.h"
#include "core/array.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

START_TEST(element_types)
{
    static const struct {
        const char *name, *numpy;
        size_t size;
    } rows[PLX_STR] = {{"b1", "|b1", 1},  {"i8", "|i1", 1},  {"i16", "<i2", 2}, {"i32", "<i4", 4},   {"i64", "<i8", 8},
                       {"u8", "|u1", 1},  {"u16", "<u2", 2}, {"u32", "<u4", 4}, {"u64", "<u8", 8},   {"f16", "<f2", 2},
                       {"f32", "<f4", 4}, {"f64", "<f8", 8}, {"c64", "<c8", 8}, {"c128", "<c16", 16}};
    plx_dtype d;
    bool swap;
    for (int i = 0; i < PLX_STR; i++) {
        ck_assert_str_eq(plx_dtype_name((plx_dtype)i), rows[i].name);
        ck_assert_str_eq(plx_dtype_numpy((plx_dtype)i), rows[i].numpy);
        ck_assert_uint_eq(plx_dtype_size((plx_dtype)i), rows[i].size);
        ck_assert(plx_dtype_from_name(rows[i].name, &d) && d == (plx_dtype)i);
        ck_assert(plx_dtype_from_numpy(rows[i].numpy, &swap, &d) && d == (plx_dtype)i && !swap);
    }
    ck_assert_uint_eq(plx_dtype_size(PLX_STR), 0);
    ck_assert_ptr_null(plx_dtype_numpy(PLX_STR));
    ck_assert_str_eq(plx_dtype_name(PLX_STR), "str");
    ck_assert(plx_dtype_from_name("str", &d) && d == PLX_STR);
    ck_assert(!plx_dtype_from_name("float", &d));
    ck_assert_uint_eq(plx_dtype_size(PLX_N_DTYPES), 0);
}
END_TEST

START_TEST(numpy_codes)
{
    static const struct {
        const char *code;
        bool ok, swap;
        plx_dtype dtype;
    } rows[] = {{"<f8", true, false, PLX_F64},  {">i4", true, true, PLX_I32},   {"|u1", true, false, PLX_U8},
                {"|b1", true, false, PLX_B1},   {"=f8", true, false, PLX_F64},  {"<c16", true, false, PLX_C128},
                {">c8", true, true, PLX_C64},   {">u1", true, false, PLX_U8},   {"<b1", true, false, PLX_B1},
                {"|f8", false, false, PLX_F64}, {"f8", false, false, PLX_F64},  {"", false, false, PLX_F64},
                {"<", false, false, PLX_F64},   {"<f3", false, false, PLX_F64}, {"<f88", false, false, PLX_F64},
                {"<U8", false, false, PLX_F64}, {"|O", false, false, PLX_F64},  {"<M8[ns]", false, false, PLX_F64}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool swap = false;
        plx_dtype d = PLX_F64;
        ck_assert_msg(plx_dtype_from_numpy(rows[i].code, &swap, &d) == rows[i].ok, "%s", rows[i].code);
        ck_assert_msg(swap == rows[i].swap && d == rows[i].dtype, "%s", rows[i].code);
    }
}
END_TEST

START_TEST(new_arrays_are_zeroed_and_in_c_order)
{
    plx_err err;
    plx_array a;
    ck_assert(plx_array_new(PLX_I16, 3, (size_t[]){2, 3, 4}, &a, &err));
    ck_assert_uint_eq(plx_array_count(&a), 24);
    ck_assert_uint_eq(a.buf.len, 48);
    ck_assert_int_eq(a.stride[0], 24);
    ck_assert_int_eq(a.stride[1], 8);
    ck_assert_int_eq(a.stride[2], 2);
    ck_assert(plx_array_is_c_order(&a));
    for (size_t i = 0; i < a.buf.len; i++) {
        ck_assert_int_eq(a.buf.ptr[i], 0);
    }
    plx_array_free(&a);
    ck_assert(plx_array_new(PLX_F64, 0, NULL, &a, &err)); /* a scalar */
    ck_assert_uint_eq(plx_array_count(&a), 1);
    ck_assert_uint_eq(a.buf.len, 8);
    plx_array_free(&a);
    ck_assert(plx_array_new(PLX_F64, 2, (size_t[]){0, 5}, &a, &err));
    ck_assert_uint_eq(plx_array_count(&a), 0);
    ck_assert(plx_array_is_c_order(&a));
    plx_array copy;
    ck_assert(plx_array_to_c_order(&a, &copy, &err));
    ck_assert_uint_eq(copy.shape[1], 5);
    plx_array_free(&copy);
    plx_array_free(&a);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    plx_err err;
    plx_array a;
    ck_assert(!plx_array_new(PLX_F64, 2, (size_t[]){SIZE_MAX / 4, 4}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_array_new(PLX_F64, 3, (size_t[]){SIZE_MAX / 4, 0, 4}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_array_new(PLX_U8, 1, (size_t[]){(size_t)PTRDIFF_MAX + 1}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_ptr_null(a.buf.ptr);
    size_t ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    ck_assert(plx_array_new(PLX_F64, 8, ones, &a, &err));
    plx_array_free(&a);
    ck_assert(!plx_array_new(PLX_F64, 9, ones, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_array_new(PLX_STR, 1, ones, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    a = plx_array_view(PLX_F64, 2, (size_t[]){SIZE_MAX / 4, 4}, "");
    ck_assert_uint_eq(plx_array_count(&a), 0);
}
END_TEST

/* Reference: element by element through the strides, for every index. */
static void check_copy(const plx_array *in)
{
    plx_err err;
    plx_array out;
    ck_assert(plx_array_to_c_order(in, &out, &err));
    ck_assert(plx_array_is_c_order(&out));
    size_t size = plx_dtype_size(in->dtype), n = plx_array_count(in);
    ck_assert_uint_eq(plx_array_count(&out), n);
    for (size_t flat = 0; flat < n; flat++) {
        size_t rest = flat;
        ptrdiff_t at = 0;
        for (int axis = in->ndim - 1; axis >= 0; axis--) {
            at += (ptrdiff_t)(rest % in->shape[axis]) * in->stride[axis];
            rest /= in->shape[axis];
        }
        ck_assert_mem_eq(out.buf.ptr + flat * size, in->buf.ptr + at, size);
    }
    plx_array_free(&out);
}

START_TEST(copies_from_any_strides)
{
    static const plx_dtype types[] = {PLX_U8, PLX_I16, PLX_F32, PLX_F64, PLX_C128};
    uint8_t bytes[2 * 3 * 4 * 5 * 16];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 37 + i / 256);
    }
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        plx_array a = plx_array_view(types[t], 4, (size_t[]){2, 3, 4, 5}, bytes);
        ck_assert(plx_array_is_c_order(&a));
        check_copy(&a);
        plx_array turned = a; /* Fortran order */
        for (int i = 0; i < 4; i++) {
            turned.shape[i] = a.shape[3 - i];
            turned.stride[i] = a.stride[3 - i];
        }
        ck_assert(!plx_array_is_c_order(&turned));
        check_copy(&turned);
        plx_array back = a; /* last axis and second axis reversed */
        back.buf.ptr += 4 * a.stride[3] + 2 * a.stride[1];
        back.stride[3] = -a.stride[3];
        back.stride[1] = -a.stride[1];
        check_copy(&back);
        plx_array sparse = a; /* every other element, and one axis repeated */
        sparse.shape[3] = 3;
        sparse.stride[3] *= 2;
        sparse.stride[0] = 0;
        check_copy(&sparse);
        plx_array thin = a; /* strides of axes of length one do not matter */
        thin.shape[0] = 1;
        thin.stride[0] = 99999;
        ck_assert(plx_array_is_c_order(&thin));
        check_copy(&thin);
        plx_array line = plx_array_view(types[t], 1, (size_t[]){7}, bytes);
        line.stride[0] *= 3;
        check_copy(&line);
    }
    plx_array scalar = plx_array_view(PLX_F64, 0, NULL, bytes);
    check_copy(&scalar);
}
END_TEST

START_TEST(failing_allocations)
{
    plx_err err;
    plx_array a = plx_array_view(PLX_U8, 1, (size_t[]){3}, "abc"), b;
    plx_test_alloc_fail_at(0);
    ck_assert(!plx_array_to_c_order(&a, &b, &err));
    ck_assert_uint_eq(plx_test_alloc_ok(), 1);
    ck_assert_int_eq(err.code, PLX_E_NOMEM);
}
END_TEST

Suite *array_suite(void)
{
    Suite *s = suite_create("array");
    TCase *tc = tcase_create("array");
    tcase_add_test(tc, element_types);
    tcase_add_test(tc, numpy_codes);
    tcase_add_test(tc, new_arrays_are_zeroed_and_in_c_order);
    tcase_add_test(tc, sizes_that_overflow_are_refused);
    tcase_add_test(tc, copies_from_any_strides);
    tcase_add_test(tc, failing_allocations);
    suite_add_tcase(s, tc);
    return s;
}
