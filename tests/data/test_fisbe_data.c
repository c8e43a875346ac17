/* SPDX-License-Identifier: Apache-2.0
 *
 * Real samples of FISBe through the ingester. Figures: zarr 3.1.6, numpy 2.4; dim neurons as published.
 */
#include "support/volume_store.h"

static const char TRUTH[] = "fisbe/evaluate-instance-segmentation/gt/R14A02-20180905_65_A6.zarr.zip";
static const char CROP[] = "fisbe/PatchPerPix/JRC_SS05008-20160318_24_B2_crop.zip";

static plx_record *sample(volume_store *w, const char *name, const char *rel, const char *options)
{
    plx_err err = {0};
    char url[PLX_PATH], manifests[PLX_PATH];
    snprintf(url, sizeof url, "file://%s", plx_test_data(rel));
    vs_manifest("real", name, "fisbe", options, "sample.zip", url);
    snprintf(manifests, sizeof manifests, "%s/real", plx_test_dir());
    vs_open(w, name, manifests, 2);
    ck_assert_msg(vs_get(w, "t", name, &err), "%s", plx_test_err(&err));
    return vs_record(w, "t", name, 0);
}

START_TEST(test_truth)
{
    static const double voxels[] = {72631, 41350, 47861, 70804, 3888, 53601, 29399};
    static const double shared[] = {3, 673, 673, 4, 0, 0, 1};
    volume_store w;
    plx_record *r = sample(&w, "r14a02", TRUTH, "options:\n  raw: \"\"\n");
    ck_assert_int_eq(vs_count(r, "instances"), 7);
    ck_assert_int_eq(vs_count(r, "dim_instances"), 3);
    ck_assert_int_eq(vs_count(r, "instance_voxels"), 319534);
    ck_assert_int_eq(vs_count(r, "overlap_voxels"), 677);
    ck_assert_int_eq(vs_count(r, "voxels"), (int64_t)385 * 685 * 686);
    for (size_t i = 0; i < 7; i++) {
        ck_assert_double_eq(vs_instance(r, "voxels", i), voxels[i]);
        ck_assert_double_eq(vs_instance(r, "shared_voxels", i), shared[i]);
        ck_assert_double_eq(vs_instance(r, "channel", i), (double)i);
        ck_assert_double_eq(vs_instance(r, "dim", i), i == 2 || i == 4 || i == 6);
    }
    plx_record_close(r);
    vs_close(&w);
}
END_TEST

START_TEST(test_crop)
{
    static const double voxels[] = {3765, 6193, 14246};
    volume_store w;
    plx_record *r = sample(&w, "crop", CROP, "options:\n  labelled: partly\n");
    ck_assert_int_eq(vs_count(r, "arrays"), 2);
    ck_assert_int_eq(vs_count(r, "overlap_voxels"), 2315);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq(vs_instance(r, "voxels", i), voxels[i]);
        ck_assert_double_eq(vs_instance(r, "dim", i), -1);
    }
    plx_record_close(r);
    vs_close(&w);
}
END_TEST

Suite *fisbe_data_suite(void)
{
    if (!plx_test_data(TRUTH)) {
        return NULL;
    }
    Suite *s = suite_create("fisbe_data");
    TCase *t = tcase_create("fisbe_data");
    tcase_set_timeout(t, 240);
    tcase_add_test(t, test_truth);
    tcase_add_test(t, test_crop);
    suite_add_tcase(s, t);
    return s;
}
