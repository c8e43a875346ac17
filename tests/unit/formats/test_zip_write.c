/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/zip_write.h"

#include "core/alloc.h"
#include "formats/npy.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>

/* source: Python's zipfile, one stored member "a.txt" = "hi" with date (1980, 1, 1, 0, 0, 0), create_system 3, flag bit
 * 11 and external_attr 0o100644 << 16. */
static const unsigned char golden[] =
    "PK\3\4\x14\0\0\x08\0\0\0\0!\0\xac*\x93\xd8\2\0\0\0\2\0\0\0\5\0\0\0a.txthi"
    "PK\1\2\x14\3\x14\0\0\x08\0\0\0\0!\0\xac*\x93\xd8\2\0\0\0\2\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\xa4\x81\0\0\0\0a.txt"
    "PK\5\6\0\0\0\0\1\0\1\0003\0\0\0%\0\0\0\0";

static void write_two(FILE *to, const void *second, size_t len)
{
    plx_err err;
    plx_err_clear(&err);
    plx_zip_writer zip = {.to = to};
    bool ok = plx_zip_add(&zip, "a.txt", "hi", 2, &err) && (!second || plx_zip_add(&zip, "b.npy", second, len, &err));
    ck_assert_msg(plx_zip_finish(&zip, ok, &err), "%s", plx_test_err(&err));
}

START_TEST(test_bytes)
{
    char *text;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    write_two(to, NULL, 0);
    fclose(to);
    ck_assert_uint_eq(len, sizeof golden);
    ck_assert_mem_eq(text, golden, len);
    free(text);
}
END_TEST

START_TEST(test_read_back)
{
    char path[PLX_PATH];
    plx_err err;
    plx_ctx ctx = plx_ctx_default();
    const double x[3] = {1, 2.5, -3};
    size_t n = 3;
    plx_sb array = {0};
    ck_assert(plx_npy_header_text(PLX_F64, 1, &n, &array, &err));
    plx_sb_bytes(&array, x, sizeof x);
    snprintf(path, sizeof path, "%s", plx_test_file("out.npz", "", 0));
    FILE *to = fopen(path, "w");
    plx_zip_writer zip = {.to = to};
    bool ok = plx_zip_add(&zip, "d/x.npy", array.ptr, array.len, &err);
    ck_assert(plx_zip_finish(&zip, ok, &err));
    fclose(to);
    plx_sb_free(&array);
    plx_npz npz;
    plx_err_clear(&err);
    ck_assert_msg(plx_npz_read(&ctx, path, &npz, &err), "%s", plx_test_err(&err));
    const plx_array *back = plx_npz_find(&npz, "d/x");
    ck_assert_ptr_nonnull(back);
    ck_assert_mem_eq(back->buf.ptr, x, sizeof x);
    plx_npz_free(&npz);
}
END_TEST

START_TEST(test_limits)
{
    static char name[70000];
    plx_err err;
    memset(name, 'a', sizeof name - 1);
    FILE *to = tmpfile();
    plx_zip_writer zip = {.to = to};
    ck_assert(!plx_zip_add(&zip, name, "", 0, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    zip.at = UINT32_MAX - 10;
    ck_assert(!plx_zip_add(&zip, "a", "0123456789abcdef", 16, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_zip_finish(&zip, false, &err));
    fclose(to);
}
END_TEST

START_TEST(test_no_memory)
{
    char name[300] = "";
    memset(name, 'a', sizeof name - 1); /* grows in one step, which has no smaller one to fall back to */
    unsigned n_failed = 0;
    size_t before = plx_alloc_live();
    for (size_t k = 0; k < 40; k++) {
        plx_err err = {0};
        FILE *to = tmpfile();
        plx_zip_writer zip = {.to = to};
        plx_test_alloc_fail_at(k);
        bool ok = plx_zip_finish(&zip, plx_zip_add(&zip, name, "hi", 2, &err), &err);
        plx_test_alloc_ok();
        fclose(to);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        n_failed += !ok;
    }
    ck_assert_uint_gt(n_failed, 0);
}
END_TEST

Suite *zip_write_suite(void)
{
    Suite *s = suite_create("zip_write");
    TCase *tc = tcase_create("zip_write");
    tcase_add_test(tc, test_bytes);
    tcase_add_test(tc, test_read_back);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_no_memory);
    suite_add_tcase(s, tc);
    return s;
}
