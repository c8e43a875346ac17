/* SPDX-License-Identifier: Apache-2.0
 *
 * The ingesters of volumes, over the demo sets and files of the tests' own.
 */
#include "support/volume_store.h"

#include "core/alloc.h"
#include "formats/zarr_write.h"
#include "ingest/volume_instances.h"

#include <stdlib.h>

START_TEST(test_made_up)
{
    plx_digest first = {{0}};
    for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
        volume_store w;
        plx_err err = {0};
        vs_open(&w, jobs == 1 ? "made1" : "made3", NULL, jobs);
        ck_assert_msg(vs_get(&w, "demo", "fisbe-like", &err), "%s", plx_test_err(&err));
        plx_record *r = vs_record(&w, "demo", "fisbe-like", 0);
        ck_assert_str_eq(plx_record_kind(r), "volume");
        ck_assert_int_eq(vs_count(r, "instances"), 3);
        ck_assert(jobs == 1 || plx_digest_eq(&first, plx_record_digest(r)));
        first = *plx_record_digest(r);
        /* The table says what is in the labels. */
        plx_volume *v;
        plx_volume_spec spec;
        plx_volume_instances all;
        ck_assert(plx_record_volume_open(&w.ctx, &w.store, r, "instances", &spec, &v, &err));
        ck_assert(plx_volume_instances_count(&w.ctx, v, &spec, &all, &err));
        ck_assert_uint_eq(all.n, 3);
        ck_assert_uint_eq(all.overlap, (uint64_t)vs_count(r, "overlap_voxels"));
        for (size_t i = 0; i < all.n; i++) {
            ck_assert_double_eq((double)all.items[i].voxels, vs_instance(r, "voxels", i));
            ck_assert_double_eq((double)all.items[i].shared, vs_instance(r, "shared_voxels", i));
            ck_assert_double_eq((double)all.items[i].label, vs_instance(r, "label", i));
        }
        plx_volume_instances_free(&all);
        plx_volume_close(v);
        plx_record_close(r);
        vs_close(&w);
    }
}
END_TEST

START_TEST(test_sample)
{
    volume_store w;
    plx_err err = {0};
    vs_open(&w, "micro", NULL, 2);
    ck_assert_msg(vs_get(&w, "demo", "micro-fisbe", &err), "%s", plx_test_err(&err));
    plx_record *r = vs_record(&w, "demo", "micro-fisbe", 0);
    ck_assert_int_eq(vs_count(r, "dim_instances"), 1);
    ck_assert_double_eq(vs_instance(r, "dim", 1), 1);
    ck_assert_double_eq(vs_instance(r, "dim", 0), 0);
    const plx_value *attributes = plx_v_get(plx_record_meta(r), "attributes");
    ck_assert_str_eq(plx_v_get_text(attributes, "labelled"), "completely");
    ck_assert_str_eq(plx_v_get_text(attributes, "line"), "made-up");
    plx_volume *v;
    plx_volume_spec spec;
    plx_array a;
    ck_assert_msg(plx_record_volume_open(&w.ctx, &w.store, r, "raw", &spec, &v, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(spec.n_parts, 0);
    ck_assert_str_eq(spec.path, "volumes/raw");
    ck_assert(plx_volume_read(&w.ctx, v, NULL, NULL, &a, &err));
    ck_assert_uint_eq(plx_array_count(&a), 3 * 16 * 40 * 40);
    plx_array_free(&a);
    plx_volume_close(v);
    plx_record_close(r);
    vs_close(&w);
}
END_TEST

/* A zip with volumes/raw and volumes/gt_instances of these shapes, and dim neurons as JSON, or NULL. */
static const char *make_sample(const char *leaf, size_t raw_z, size_t truth_z, const char *dim)
{
    static char path[PLX_PATH];
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    snprintf(path, sizeof path, "%s/%s", plx_test_dir(), leaf);
    FILE *to = fopen(path, "wb");
    plx_zip_writer zip = {.to = to};
    plx_zarr_out out = plx_zarr_out_zip(&zip);
    for (int k = 0; k < 2; k++) {
        size_t z = k ? truth_z : raw_z;
        plx_zarr_layout l = {.dtype = k ? PLX_U8 : PLX_U16, .ndim = 4, .shape = {2, z, 3, 4}, .chunk = {1, 2, 2, 2}};
        plx_value *attributes = dim && k ? plx_v_obj(arena) : NULL;
        if (attributes) {
            plx_value *list = plx_v_arr(arena);
            plx_v_push(arena, list, plx_v_i64(arena, strtol(dim, NULL, 10)));
            plx_v_set(arena, attributes, "dim_neurons", dim[0] == 'x' ? plx_v_str(arena, dim) : list);
        }
        plx_zarr_writer *w;
        size_t n = 2 * z * 3 * 4 * (k ? 1 : 2);
        uint8_t *bytes = calloc(n, 1);
        for (size_t i = 0; k && i < n; i++) {
            bytes[i] = (uint8_t)(i % 5 == 0 ? 1 + i / (n / 2) : 0);
        }
        ck_assert(z == 0 || (plx_zarr_writer_new(&ctx, &out, k ? "volumes/gt_instances" : "volumes/raw", &l, attributes,
                                                 &w, &err) &&
                             plx_zarr_writer_put(w, bytes, n, &err)));
        if (z) {
            plx_zarr_writer_free(w);
        }
        free(bytes);
    }
    ck_assert(plx_zip_finish(&zip, true, &err));
    fclose(to);
    plx_arena_free(arena);
    return path;
}

static void expect(const char *name, const char *options, plx_code code, const char *words)
{
    volume_store w;
    plx_err err = {0};
    char leaf[64], url[PLX_PATH], manifests[PLX_PATH];
    snprintf(leaf, sizeof leaf, "%s.zip", name);
    snprintf(url, sizeof url, "file://%s/%s", plx_test_dir(), leaf);
    vs_manifest("sets", name, "fisbe", options, leaf, url);
    snprintf(manifests, sizeof manifests, "%s/sets", plx_test_dir());
    vs_open(&w, name, manifests, 1);
    bool ok = vs_get(&w, "t", name, &err);
    ck_assert_msg(code ? !ok && err.code == code && strstr(plx_test_err(&err), words) : ok, "%s: %s", name,
                  plx_test_err(&err));
    vs_close(&w);
}

START_TEST(test_what_samples_may_be)
{
    (void)make_sample("sound.zip", 5, 5, "2");
    expect("sound", "", PLX_OK, "");
    (void)make_sample("other.zip", 5, 6, "2");
    expect("other", "", PLX_E_SCHEMA, "another grid");
    (void)make_sample("bare.zip", 5, 0, NULL);
    expect("bare", "", PLX_E_NOTFOUND, "gt_instances");
    (void)make_sample("alone.zip", 5, 0, NULL);
    expect("alone", "options:\n  truth: \"\"\n", PLX_OK, "");
    (void)make_sample("words.zip", 5, 5, "x");
    expect("words", "", PLX_E_FORMAT, "no list");
    (void)make_sample("none.zip", 5, 5, "9"); /* listed, but without voxels: told as a change */
    expect("none", "", PLX_OK, "");
    (void)make_sample("size.zip", 5, 5, "1");
    expect("size", "options:\n  voxel_um: big\n", PLX_E_SCHEMA, "voxel_um");
    (void)plx_test_file("text.zip", "not a zip at all, but long enough to be one", 43);
    expect("text", "", PLX_E_TRUNCATED, "text.zip");
}
END_TEST

START_TEST(test_bad_parameters)
{
    static const struct {
        const char *name, *json, *words;
    } rows[] = {
        {"p1", "{\"seeds\": [2, 1], \"shape\": [16, 16, 16], \"neurons\": 1, \"noise\": 1}", "seeds"},
        {"p2", "{\"seeds\": [1, 1], \"shape\": [16, 16], \"neurons\": 1, \"noise\": 1}", "shape"},
        {"p3", "{\"seeds\": [1, 1], \"shape\": [16, 16, 16], \"neurons\": 999, \"noise\": 1}", "neurons"},
        {"p4", "{\"seeds\": [1, 1], \"shape\": [16, 16, 16], \"neurons\": 1}", "noise"},
        {"p5", "{\"seeds\": [1, 1], \"shape\": [15, 16, 16], \"neurons\": 1, \"noise\": 1}", "voxels along each axis"},
        {"p6", "{\"seeds\": [1, 1], \"shape\": [16, 16, 16], \"neurons\": 1, \"noise\": 1, \"image\": 0}", "image"},
        {"p7", "{\"seeds\": ", "p7.json"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        volume_store w;
        plx_err err = {0};
        char leaf[64], url[PLX_PATH], options[128], manifests[PLX_PATH];
        snprintf(leaf, sizeof leaf, "%s.json", rows[i].name);
        snprintf(url, sizeof url, "file://%s", plx_test_file(leaf, rows[i].json, strlen(rows[i].json)));
        snprintf(options, sizeof options, "options:\n  parameters: %s\n", leaf);
        vs_manifest("likes", rows[i].name, "fisbe_like", options, leaf, url);
        snprintf(manifests, sizeof manifests, "%s/likes", plx_test_dir());
        vs_open(&w, rows[i].name, manifests, 1);
        ck_assert(!vs_get(&w, "t", rows[i].name, &err));
        ck_assert_msg(strstr(plx_test_err(&err), rows[i].words), "%s: %s", rows[i].name, plx_test_err(&err));
        vs_close(&w);
    }
}
END_TEST

Suite *volumes_suite(void)
{
    Suite *s = suite_create("volumes");
    TCase *t = tcase_create("volumes");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_made_up);
    tcase_add_test(t, test_sample);
    tcase_add_test(t, test_what_samples_may_be);
    tcase_add_test(t, test_bad_parameters);
    suite_add_tcase(s, t);
    return s;
}
