/* SPDX-License-Identifier: Apache-2.0
 *
 * Stacks written by tifffile 2026.3.3 (numpy 2.4): element i in C order is (i * 7 + 3) % 113.
 */
#include "formats/tiff.h"

#include "core/alloc.h"
#include "formats/volume.h"
#include "support/mutate.h"
#include "support/support.h"

#include <check.h>

static const struct {
    const char *file, *axes;
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS];
} ROWS[] = {
    {"stack_u16.tif", "ZYX", PLX_U16, 3, {3, 5, 7}},      /* strips */
    {"tiled_f32_be.tif", "ZYX", PLX_F32, 3, {2, 20, 35}}, /* big-endian, tiles of 16 x 16, deflate */
    {"imagej_zc.tif", "ZCYX", PLX_U8, 4, {3, 2, 4, 6}},   /* ImageJ hyperstack */
    {"rgb_page.tif", "YXS", PLX_U8, 3, {6, 5, 3}},
    {"big_i32.tif", "ZYX", PLX_I32, 3, {2, 3, 4}}, /* BigTIFF, deflate, strips of 2 rows */
};

static double at(const plx_array *a, size_t i)
{
    const uint8_t *p = a->buf.ptr + i * plx_dtype_size(a->dtype);
    uint16_t u16;
    int32_t i32;
    float f32;
    switch (plx_dtype_size(a->dtype)) {
    case 1:
        return *p;
    case 2:
        memcpy(&u16, p, sizeof u16);
        return u16;
    default:
        memcpy(&i32, p, sizeof i32);
        memcpy(&f32, p, sizeof f32);
        return a->dtype == PLX_I32 ? i32 : (double)f32;
    }
}

typedef struct seen {
    size_t n, rows;
    const plx_volume_info *info;
} seen;

static bool look(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)err;
    seen *s = payload;
    size_t row = plx_array_count(block) / block->shape[0];
    for (size_t i = 0; i < plx_array_count(block); i++) {
        ck_assert(at(block, i) == (double)(((start[0] * row + i) * 7 + 3) % 113));
    }
    s->n += plx_array_count(block);
    s->rows += block->shape[0];
    return true;
}

START_TEST(test_stack)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_volume *v;
    ck_assert_msg(plx_volume_open(&ctx, plx_test_golden(ROWS[_i].file), &v, &err), "%s", plx_test_err(&err));
    const plx_volume_info *info = plx_volume_about(v);
    ck_assert_str_eq(info->format, "tiff");
    ck_assert_int_eq(info->dtype, ROWS[_i].dtype);
    ck_assert_int_eq(info->ndim, ROWS[_i].ndim);
    ck_assert_mem_eq(info->shape, ROWS[_i].shape, sizeof info->shape);
    ck_assert_str_eq(plx_v_get_text(info->attributes, "axes"), ROWS[_i].axes);
    seen s = {.info = info};
    ck_assert_msg(plx_volume_each(&ctx, v, false, look, &s, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(s.rows, info->shape[0]);
    size_t start[PLX_MAX_DIMS], count[PLX_MAX_DIMS], n = 1;
    for (int d = 0; d < info->ndim; d++) {
        n *= info->shape[d];
        start[d] = 1;
        count[d] = info->shape[d] - 1;
    }
    ck_assert_uint_eq(s.n, n);
    plx_array part;
    ck_assert_msg(plx_volume_read(&ctx, v, start, count, &part, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < plx_array_count(&part); i++) {
        size_t rest = i, place = 0, step = 1;
        for (int d = info->ndim - 1; d >= 0; d--) {
            place += (rest % count[d] + 1) * step;
            step *= info->shape[d];
            rest /= count[d];
        }
        ck_assert(at(&part, i) == (double)((place * 7 + 3) % 113));
    }
    plx_array_free(&part);
    plx_volume_close(v);
}
END_TEST

static bool drop(void *payload, const uint8_t *bytes, size_t len, plx_err *err)
{
    (void)payload, (void)bytes, (void)len, (void)err;
    return true;
}

static bool read_all(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_tiff_info info;
    return plx_tiff_describe(ctx, path, &info, err) &&
           plx_tiff_each(ctx, path, &info, 0, info.n_pages < 64 ? info.n_pages : 64, drop, NULL, err);
}

START_TEST(test_mutants)
{
    mutate_all(plx_test_golden(ROWS[_i].file), read_all, 150);
}
END_TEST

START_TEST(test_prefixes)
{
    plx_ctx ctx = plx_ctx_default();
    plx_buf whole;
    ck_assert(plx_buf_read_file(plx_test_golden("stack_u16.tif"), 1 << 20, &whole, NULL));
    for (size_t n = 0; n < whole.len; n += 3) {
        plx_err err = {0};
        bool ok = read_all(&ctx, plx_test_file("cut.tif", whole.ptr, n), &err);
        ck_assert_msg(ok || plx_code_exit(err.code) == 8, "%zu: %s", n, plx_test_err(&err));
        ck_assert(!ok || n > 300); /* texts may stand at the end */
    }
    plx_buf_free(&whole);
}
END_TEST

START_TEST(test_no_memory)
{
    bool done = false;
    for (size_t k = 0; !done; k++) {
        plx_ctx ctx = plx_ctx_default();
        plx_err err = {0};
        plx_volume *v = NULL;
        plx_array a = {0};
        char path[PLX_PATH];
        snprintf(path, sizeof path, "%s", plx_test_golden("stack_u16.tif"));
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        bool ok = plx_volume_open(&ctx, path, &v, &err) && plx_volume_read(&ctx, v, NULL, NULL, &a, &err);
        done = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        plx_array_free(&a);
        plx_volume_close(v);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *tiff_suite(void)
{
    Suite *s = suite_create("tiff");
    TCase *t = tcase_create("tiff");
    tcase_set_timeout(t, 240);
    tcase_add_loop_test(t, test_stack, 0, sizeof ROWS / sizeof *ROWS);
    tcase_add_loop_test(t, test_mutants, 0, sizeof ROWS / sizeof *ROWS);
    tcase_add_test(t, test_prefixes);
    tcase_add_test(t, test_no_memory);
    suite_add_tcase(s, t);
    return s;
}
