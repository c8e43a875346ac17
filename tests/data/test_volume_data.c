/* SPDX-License-Identifier: Apache-2.0
 *
 * Real volumes of FISBe. Figures: zarr 2.13.6, h5py 3.7.0, numpy 1.24.2.
 */
#include "formats/volume.h"

#include "support/support.h"

#include <check.h>
#include <string.h>

static const char CROP[] = "fisbe/PatchPerPix/JRC_SS05008-20160318_24_B2_crop.zarr";
static const char CROP_ZIP[] = "fisbe/PatchPerPix/JRC_SS05008-20160318_24_B2_crop.zip";
static const char TRUTH[] = "fisbe/evaluate-instance-segmentation/gt/R14A02-20180905_65_A6.zarr";
static const char PREDICTION[] = "fisbe/evaluate-instance-segmentation/pred/R14A02-20180905_65_A6.hdf";

static plx_volume *get(const char *rel, const char *dataset)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_volume *v;
    char spec[PLX_PATH];
    snprintf(spec, sizeof spec, "%s%s%s", plx_test_data(rel), *dataset ? ":" : "", dataset);
    ck_assert_msg(plx_volume_open(&ctx, spec, &v, &err), "%s", plx_test_err(&err));
    return v;
}

static void expect_crop(const char *rel)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array a;
    plx_volume *v = get(rel, "volumes/raw");
    ck_assert_int_eq(plx_volume_about(v)->dtype, PLX_U16);
    ck_assert_uint_eq(plx_volume_about(v)->chunk[0], 2);
    ck_assert_msg(plx_volume_read(&ctx, v, NULL, NULL, &a, &err), "%s", plx_test_err(&err));
    static const unsigned most[3] = {3287, 1855, 1750};
    for (size_t c = 0; c < 3; c++) {
        unsigned max = 0;
        for (size_t i = 0; i < 125000; i++) {
            unsigned x = ((const uint16_t *)(const void *)a.buf.ptr)[c * 125000 + i];
            max = x > max ? x : max;
        }
        ck_assert_uint_eq(max, most[c]);
    }
    plx_array_free(&a);
    plx_volume_close(v);
    v = get(rel, "gt_instances");
    ck_assert_msg(plx_volume_read(&ctx, v, NULL, NULL, &a, &err), "%s", plx_test_err(&err));
    static const unsigned voxels[3] = {3765, 6193, 14246};
    unsigned n_overlap = 0;
    for (size_t c = 0; c < 3; c++) {
        unsigned n = 0;
        for (size_t i = 0; i < 125000; i++) {
            n += a.buf.ptr[c * 125000 + i] != 0;
            n_overlap +=
                c == 0 && (a.buf.ptr[i] != 0) + (a.buf.ptr[125000 + i] != 0) + (a.buf.ptr[250000 + i] != 0) > 1;
        }
        ck_assert_uint_eq(n, voxels[c]);
    }
    ck_assert_uint_eq(n_overlap, 2315);
    plx_array_free(&a);
    plx_volume_close(v);
}

START_TEST(test_crop)
{
    expect_crop(CROP);
    expect_crop(CROP_ZIP);
}
END_TEST

typedef struct tally {
    size_t n[16], n_blocks;
} tally;

static bool count_labels(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)start, (void)err;
    tally *t = payload;
    t->n_blocks++;
    for (size_t i = 0; i < plx_array_count(block); i++) {
        int32_t v = block->dtype == PLX_U8 ? block->buf.ptr[i] : ((const int32_t *)(const void *)block->buf.ptr)[i];
        t->n[v >= 0 && v < 16 ? v : 15]++; /* 15 is none of these labels; an assertion for each voxel takes minutes */
    }
    return true;
}

START_TEST(test_truth)
{
    plx_err err = {0};
    size_t first[16];
    for (unsigned jobs = 1; jobs <= 2; jobs++) {
        plx_ctx ctx = plx_ctx_default();
        ctx.jobs = jobs;
        plx_volume *v = get(TRUTH, "");
        ck_assert_str_eq(plx_volume_about(v)->dataset, "volumes/gt_instances");
        ck_assert_uint_eq(plx_volume_about(v)->shape[1], 385);
        const plx_value *dim = plx_v_get(plx_volume_about(v)->attributes, "dim_neurons");
        ck_assert(dim && dim->kind == PLX_V_ARR);
        tally t = {0};
        ck_assert_msg(plx_volume_each(&ctx, v, true, count_labels, &t, &err), "%s", plx_test_err(&err));
        ck_assert_uint_eq(t.n_blocks, 142); /* of 847 chunks */
        size_t sum = 0;
        for (size_t i = 1; i < 16; i++) {
            sum += t.n[i];
            ck_assert(i <= 7 ? t.n[i] > 0 : t.n[i] == 0);
        }
        ck_assert_uint_eq(sum, 319534);
        ck_assert(jobs == 1 || memcmp(first, t.n + 1, 15 * sizeof *first) == 0);
        memcpy(first, t.n + 1, 15 * sizeof *first);
        plx_volume_close(v);
    }
}
END_TEST

START_TEST(test_prediction)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_volume *v = get(PREDICTION, "volumes/gmm_label_cleaned");
    const plx_volume_info *info = plx_volume_about(v);
    ck_assert_int_eq(info->ndim, 3);
    ck_assert_int_eq(info->dtype, PLX_I32);
    tally t = {0};
    ck_assert_msg(plx_volume_each(&ctx, v, true, count_labels, &t, &err), "%s", plx_test_err(&err));
    for (size_t i = 1; i < 16; i++) {
        ck_assert(i <= 11 ? t.n[i] > 0 : t.n[i] == 0);
    }
    const size_t start[3] = {100, 200, 300}, count[3] = {50, 120, 200};
    plx_array part, whole;
    ck_assert(plx_volume_read(&ctx, v, start, count, &part, &err));
    ck_assert(plx_volume_read(&ctx, v, NULL, NULL, &whole, &err));
    for (size_t z = 0; z < 50; z++) {
        for (size_t y = 0; y < 120; y++) {
            const uint8_t *a = part.buf.ptr + (ptrdiff_t)z * part.stride[0] + (ptrdiff_t)y * part.stride[1];
            const uint8_t *b = whole.buf.ptr + (ptrdiff_t)(z + 100) * whole.stride[0] +
                               (ptrdiff_t)(y + 200) * whole.stride[1] + 300 * whole.stride[2];
            ck_assert(memcmp(a, b, 200 * sizeof(int32_t)) == 0);
        }
    }
    plx_array_free(&part);
    plx_array_free(&whole);
    plx_volume_close(v);
}
END_TEST

Suite *volume_data_suite(void)
{
    if (!plx_test_data(TRUTH)) {
        return NULL;
    }
    Suite *s = suite_create("volume_data");
    TCase *t = tcase_create("volume_data");
    tcase_set_timeout(t, 240);
    tcase_add_test(t, test_crop);
    tcase_add_test(t, test_truth);
    tcase_add_test(t, test_prediction);
    suite_add_tcase(s, t);
    return s;
}
