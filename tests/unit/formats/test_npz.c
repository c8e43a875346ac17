/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/npy.h"

#include "core/alloc.h"
#include "support/make_archive.h"
#include "support/support.h"

#include <check.h>

static plx_sb array_file(plx_dtype dtype, size_t n, const void *data)
{
    plx_sb file = {0};
    plx_npy_header_text(dtype, 1, &n, &file, NULL);
    plx_sb_bytes(&file, data, n * plx_dtype_size(dtype));
    return file;
}

static const double X[3] = {1, 2.5, -3};
static const int32_t Y[2] = {7, -8};

/* x deflated, d/y stored, as numpy.savez_compressed and numpy.savez would. */
static const char *two_arrays(const char *second_name)
{
    static char path[PLX_PATH];
    plx_sb x = array_file(PLX_F64, 3, X);
    plx_sb y = array_file(PLX_I32, 2, Y);
    const zip_part parts[] = {
        {.name = "x.npy", .data = x.ptr, .len = x.len, .deflate = true},
        {.name = second_name, .data = y.ptr, .len = y.len},
    };
    plx_sb zip = {0};
    make_zip(&zip, parts, 2, NULL);
    snprintf(path, sizeof path, "%s", plx_test_file("two.npz", zip.ptr, zip.len));
    plx_sb_free(&zip);
    plx_sb_free(&x);
    plx_sb_free(&y);
    return path;
}

START_TEST(test_read)
{
    plx_ctx ctx = plx_ctx_default();
    plx_npz npz;
    plx_err err = {0};
    ck_assert_msg(plx_npz_read(&ctx, two_arrays("d/y.npy"), &npz, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(npz.n, 2);
    ck_assert_str_eq(npz.names[0], "x");
    ck_assert_str_eq(npz.names[1], "d/y");
    const plx_array *x = plx_npz_find(&npz, "x");
    ck_assert_int_eq(x->dtype, PLX_F64);
    ck_assert_mem_eq(x->buf.ptr, X, sizeof X);
    const plx_array *y = plx_npz_find(&npz, "d/y");
    ck_assert_int_eq(y->dtype, PLX_I32);
    ck_assert_mem_eq(y->buf.ptr, Y, sizeof Y);
    ck_assert_ptr_null(plx_npz_find(&npz, "z"));
    plx_npz_free(&npz);
    ck_assert_uint_eq(npz.n, 0);
}
END_TEST

static void refuse(const char *path, const plx_ctx *ctx, plx_code code)
{
    plx_npz npz;
    plx_err err = {0};
    size_t before = plx_alloc_live();
    ck_assert(!plx_npz_read(ctx, path, &npz, &err));
    ck_assert_msg(err.code == code, "%s", plx_test_err(&err));
    ck_assert_uint_eq(plx_alloc_live(), before);
}

START_TEST(test_refused)
{
    plx_ctx ctx = plx_ctx_default();
    refuse(two_arrays("y.txt"), &ctx, PLX_E_UNSUPPORTED);
    refuse(two_arrays("../y.npy"), &ctx, PLX_E_POLICY);
    refuse(two_arrays("X.NPY"), &ctx, PLX_E_POLICY); /* the same name in other letters */
    ctx.limits.memory_bytes = 250;                   /* each file has 152 or 136 bytes; both are not allowed */
    refuse(two_arrays("y.npy"), &ctx, PLX_E_LIMIT);
    ctx = plx_ctx_default();
    ctx.limits.file_bytes = 140;
    refuse(two_arrays("y.npy"), &ctx, PLX_E_LIMIT);
    refuse(plx_test_file("no.npz", "nothing like it", 15), &ctx, PLX_E_FORMAT);
    refuse("/nonexistent/a.npz", &ctx, PLX_E_NOTFOUND);
}
END_TEST

START_TEST(test_damaged_member_is_named)
{
    plx_ctx ctx = plx_ctx_default();
    plx_npz npz;
    plx_err err = {0};
    plx_sb x = array_file(PLX_F64, 3, X);
    const zip_part part = {.name = "x.npy", .data = x.ptr, .len = x.len - 8, .deflate = true};
    plx_sb zip = {0};
    make_zip(&zip, &part, 1, NULL);
    ck_assert(!plx_npz_read(&ctx, plx_test_file("short.npz", zip.ptr, zip.len), &npz, &err));
    ck_assert_int_eq(err.code, PLX_E_TRUNCATED);
    ck_assert_ptr_nonnull(strstr(err.what, "short.npz!x.npy"));
    plx_sb_free(&zip);
    plx_sb_free(&x);
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    plx_ctx ctx = plx_ctx_default();
    const char *path = two_arrays("y.npy");
    size_t asked = 0;
    bool ok = false;
    size_t failures = 0;
    size_t before = plx_alloc_live();
    for (size_t k = 0; !ok || k < asked; k++) {
        plx_npz npz = {0};
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        ok = plx_npz_read(&ctx, path, &npz, &err);
        asked = plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        failures += !ok;
        if (ok) {
            plx_npz_free(&npz);
        }
        ck_assert_uint_eq(plx_alloc_live(), before);
    }
    ck_assert_uint_ge(failures, 8);
}
END_TEST

Suite *npz_suite(void)
{
    Suite *s = suite_create("npz");
    TCase *tc = tcase_create("npz");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_read);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_damaged_member_is_named);
    tcase_add_test(tc, test_every_failed_allocation);
    suite_add_tcase(s, tc);
    return s;
}
