/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/volume.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

static plx_volume *get(const char *spec)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_volume *v;
    ck_assert_msg(plx_volume_open(&ctx, spec, &v, &err), "%s: %s", spec, plx_test_err(&err));
    return v;
}

static void expect_fail(const char *spec, plx_code code, const char *words)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_volume *v;
    ck_assert_msg(!plx_volume_open(&ctx, spec, &v, &err), "%s", spec);
    ck_assert_msg(err.code == code && strstr(plx_test_err(&err), words), "%s: %s", spec, plx_test_err(&err));
}

typedef struct sum {
    size_t n_blocks, n;
    uint64_t bytes; /* sum over all bytes, each times its place in the array */
    const plx_volume_info *info;
} sum;

static uint64_t sum_of(const plx_volume_info *info, const size_t *start, const plx_array *block)
{
    size_t size = plx_dtype_size(block->dtype);
    uint64_t total = 0;
    for (size_t i = 0; i < plx_array_count(block); i++) {
        size_t rest = i, place = 0, step = 1;
        for (int d = block->ndim - 1; d >= 0; d--) {
            place += (rest % block->shape[d] + start[d]) * step;
            step *= info->shape[d];
            rest /= block->shape[d];
        }
        for (size_t b = 0; b < size; b++) {
            total += block->buf.ptr[i * size + b] * (uint64_t)(place * size + b + 1);
        }
    }
    return total;
}

static bool add_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)err;
    sum *s = payload;
    ck_assert_int_eq(block->ndim, s->info->ndim);
    ck_assert(plx_array_is_c_order(block));
    ck_assert_uint_eq(block->buf.len, plx_array_count(block) * plx_dtype_size(block->dtype));
    s->n_blocks++;
    s->n += plx_array_count(block);
    s->bytes += sum_of(s->info, start, block);
    return true;
}

/* Blocks, with and without those of zeros, and parts hold the same as the whole. */
static uint64_t expect_consistent(const char *spec)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_volume *v = get(spec);
    const plx_volume_info *info = plx_volume_about(v);
    plx_array whole;
    ck_assert_msg(plx_volume_read(&ctx, v, NULL, NULL, &whole, &err), "%s: %s", spec, plx_test_err(&err));
    const size_t zero[PLX_MAX_DIMS] = {0};
    uint64_t want = sum_of(info, zero, &whole);
    for (int skip = 0; skip < 2; skip++) {
        sum s = {.info = info};
        ck_assert_msg(plx_volume_each(&ctx, v, skip, add_block, &s, &err), "%s: %s", spec, plx_test_err(&err));
        ck_assert_uint_eq(s.bytes, want);
        ck_assert(skip || s.n == plx_array_count(&whole));
    }
    size_t start[PLX_MAX_DIMS] = {0}, count[PLX_MAX_DIMS] = {0};
    uint64_t parts = 0;
    for (unsigned corner = 0; corner < 1U << info->ndim; corner++) {
        for (int d = 0; d < info->ndim; d++) {
            size_t cut = info->shape[d] / 3;
            start[d] = corner >> d & 1 ? cut : 0;
            count[d] = corner >> d & 1 ? info->shape[d] - cut : cut;
        }
        plx_array part;
        ck_assert_msg(plx_volume_read(&ctx, v, start, count, &part, &err), "%s: %s", spec, plx_test_err(&err));
        parts += sum_of(info, start, &part);
        plx_array_free(&part);
    }
    ck_assert_uint_eq(parts, want);
    start[0] = info->ndim ? info->shape[0] + 1 : 0;
    count[0] = 1;
    plx_array none;
    ck_assert(info->ndim == 0 || !plx_volume_read(&ctx, v, start, count, &none, &err));
    ck_assert(info->ndim == 0 || err.code == PLX_E_ARG);
    plx_array_free(&whole);
    plx_volume_close(v);
    return want;
}

static const char *spec_of(const char *file, const char *dataset)
{
    static char text[PLX_PATH];
    snprintf(text, sizeof text, "%s%s%s", plx_test_golden(file), dataset ? ":" : "", dataset ? dataset : "");
    return text;
}

START_TEST(test_zarr)
{
    plx_volume *v = get(spec_of("small.zarr.zip", "dtype/b_u4"));
    const plx_volume_info *info = plx_volume_about(v);
    ck_assert_str_eq(info->format, "zarr");
    ck_assert_str_eq(info->dataset, "dtype/b_u4");
    ck_assert_int_eq(info->dtype, PLX_U32);
    ck_assert_int_eq(info->ndim, 3);
    ck_assert_uint_eq(info->shape[1], 7);
    ck_assert_uint_eq(info->chunk[0], 2);
    ck_assert_int_eq(info->attributes->kind, PLX_V_OBJ);
    plx_volume_close(v);
    v = get(spec_of("small.zarr.zip", "small_blocks")); /* the end of one path */
    ck_assert_str_eq(plx_volume_about(v)->dataset, "blosc/small_blocks");
    plx_volume_close(v);
    uint64_t plain = expect_consistent(spec_of("small.zarr.zip", "codec/gzip"));
    ck_assert_uint_eq(expect_consistent(spec_of("small.zarr.zip", "blosc/zstd_1")), plain);
    (void)expect_consistent(spec_of("small.zarr.zip", "sparse"));
    expect_fail(spec_of("small.zarr.zip", NULL), PLX_E_ARG, "58 arrays");
    expect_fail(spec_of("small.zarr.zip", "lib"), PLX_E_NOTFOUND, "has no array lib");
    expect_fail(spec_of("small.zarr.zip", "none/at/all"), PLX_E_NOTFOUND, "blosc/blosclz_0");
}
END_TEST

START_TEST(test_h5)
{
    plx_volume *v = get(spec_of("small.h5", "/g/x"));
    ck_assert_str_eq(plx_volume_about(v)->format, "h5");
    plx_volume_close(v);
    (void)expect_consistent(spec_of("small.h5", "g/x"));
    (void)expect_consistent(spec_of("small.h5", "scalar"));
    expect_fail(spec_of("small.h5", "/g/none"), PLX_E_NOTFOUND, "g/x");
    expect_fail(spec_of("small.h5", NULL), PLX_E_ARG, "say which one");
}
END_TEST

START_TEST(test_npy)
{
    static const char head[] = "\x93NUMPY\x01\x00\x46\x00{'descr': '<u2', 'fortran_order': True, 'shape': (3, 4), }"
                               "           \n";
    plx_sb file = {0};
    plx_sb_bytes(&file, head, 80);
    for (uint8_t i = 0; i < 24; i++) {
        plx_sb_char(&file, (char)(i % 2 ? 0 : i + 1));
    }
    const char *path = plx_test_file("a:b.npy", plx_sb_str(&file), file.len);
    plx_volume *v = get(path);
    ck_assert_int_eq(plx_volume_about(v)->dtype, PLX_U16);
    ck_assert_uint_eq(plx_volume_about(v)->shape[1], 4);
    plx_volume_close(v);
    ck_assert_uint_gt(expect_consistent(path), 0);
    char spec[PLX_PATH];
    snprintf(spec, sizeof spec, "%s:x", path);
    expect_fail(spec, PLX_E_NOTFOUND, "one array");
    plx_sb_free(&file);
}
END_TEST

/* 2 x 3 x 1100 x 900 in C order, which is more than a block, and the same with a byte too few and too many. */
START_TEST(test_npy_blocks)
{
    enum { BYTES = 2 * 3 * 1100 * 900 };
    static const char head[] =
        "\x93NUMPY\x01\x00\x46\x00{'descr': '|u1', 'fortran_order': False, 'shape': (2,3,1100,900)}"
        "    \n";
    plx_sb file = {0};
    plx_sb_bytes(&file, head, 80);
    for (size_t i = 0; i < BYTES; i++) {
        plx_sb_char(&file, (char)(i % 251));
    }
    const char *path = plx_test_file("blocks.npy", plx_sb_str(&file), file.len);
    ck_assert_uint_gt(expect_consistent(path), 0);
    expect_fail(plx_test_file("short.npy", plx_sb_str(&file), file.len - 1), PLX_E_TRUNCATED, "ends before its array");
    plx_sb_char(&file, 'x');
    expect_fail(plx_test_file("long.npy", plx_sb_str(&file), file.len), PLX_E_FORMAT, "goes on after its array");
    plx_sb_free(&file);
}
END_TEST

START_TEST(test_none)
{
    expect_fail("/nowhere/at/all.zarr", PLX_E_NOTFOUND, "/nowhere/at/all.zarr");
    expect_fail("/nowhere:volumes/raw", PLX_E_NOTFOUND, "/nowhere");
    expect_fail(plx_test_file("text", "not a volume", 12), PLX_E_UNSUPPORTED, "no volume");
    expect_fail(plx_test_file("empty", "", 0), PLX_E_UNSUPPORTED, "no volume");
    expect_fail(plx_test_file("half.zip", "PK\3\4", 4), PLX_E_TRUNCATED, "half.zip");
}
END_TEST

/* Every allocation of opening a volume and walking through it fails once. */
static void walk_without_memory(const char *spec)
{
    size_t live = plx_alloc_live();
    bool done = false;
    for (size_t k = 0; !done; k++) {
        plx_ctx ctx = plx_ctx_default();
        plx_err err = {0};
        plx_volume *v = NULL;
        plx_test_alloc_fail_at(k);
        bool ok = plx_volume_open(&ctx, spec, &v, &err);
        sum s = {.info = ok ? plx_volume_about(v) : NULL};
        ok = ok && plx_volume_each(&ctx, v, true, add_block, &s, &err);
        done = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        plx_volume_close(v);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}

static const char small_npy[] = "\x93NUMPY\x01\x00\x46\x00{'descr': '|u1', 'fortran_order': False, 'shape': (2,3)}"
                                "             \nabcdef";

START_TEST(test_no_memory)
{
    char spec[PLX_PATH];
    snprintf(spec, sizeof spec, "%s", spec_of("small.zarr.zip", "dtype/l_u2"));
    walk_without_memory(spec);
    walk_without_memory(plx_test_file("small.npy", small_npy, sizeof small_npy - 1));
}
END_TEST

START_TEST(test_npy_prefixes)
{
    for (size_t n = 0; n < sizeof small_npy - 1; n++) {
        expect_fail(plx_test_file("part.npy", small_npy, n), n < 6 ? PLX_E_UNSUPPORTED : PLX_E_TRUNCATED, "");
    }
}
END_TEST

Suite *volume_suite(void)
{
    Suite *s = suite_create("volume");
    TCase *t = tcase_create("volume");
    tcase_add_test(t, test_zarr);
    tcase_add_test(t, test_h5);
    tcase_add_test(t, test_npy);
    tcase_add_test(t, test_npy_blocks);
    tcase_add_test(t, test_npy_prefixes);
    tcase_add_test(t, test_none);
    tcase_add_test(t, test_no_memory);
    suite_add_tcase(s, t);
    return s;
}
