/* SPDX-License-Identifier: Apache-2.0
 *
 * Volumes in records: streamed into zips of bounded size, read back, and found in blobs.
 */
#include "registry/record_volume.h"

#include "formats/zarr_write.h"
#include "store_fixture.h"

#include <math.h>
#include <stdlib.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static plx_record_origin origin;

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("volumes", &store);
    origin = (plx_record_origin){.dataset = "fisbe/x", .version = "1", .mode = PLX_STRICT, .part_bytes = 4000};
}

static void teardown(void)
{
    plx_store_close(&store);
}

static plx_volume_spec image_spec(void)
{
    plx_volume_spec s = {.name = "raw", .role = "image", .axes = "czyx", .dtype = PLX_U16, .ndim = 4};
    const size_t shape[] = {2, 10, 12, 14}, chunk[] = {1, 4, 8, 8};
    memcpy(s.shape, shape, sizeof shape);
    memcpy(s.chunk, chunk, sizeof chunk);
    s.voxel_um[0] = s.voxel_um[1] = s.voxel_um[2] = 0.44;
    return s;
}

static plx_volume_spec labels_spec(void)
{
    plx_volume_spec s = image_spec();
    snprintf(s.name, sizeof s.name, "instances");
    snprintf(s.role, sizeof s.role, "labels");
    s.dtype = PLX_U8;
    s.overlapping = true;
    return s;
}

static uint16_t value_at(size_t i)
{
    return (uint16_t)(i * 2654435761U >> 7);
}

/* Give a sink one image (and, with `labels`, one more array) and commit. */
static bool put_record(plx_sink *sink, bool labels, plx_digest *out, plx_err *e)
{
    plx_volume_spec spec = image_spec();
    uint16_t row[14];
    bool ok = sink->begin(sink, "volume", "one", e) && plx_sink_text(sink, "organism", "fly", e) &&
              plx_sink_text(sink, "region", "brain", e) && sink->volume(sink, &spec, e);
    for (size_t i = 0; ok && i < 2 * 10 * 12; i++) {
        for (size_t x = 0; x < 14; x++) {
            row[x] = value_at(14 * i + x);
        }
        ok = sink->piece(sink, row, sizeof row, e);
    }
    ok = ok && sink->close(sink, e);
    spec = labels_spec();
    static const uint8_t zeros[2 * 10 * 12 * 14];
    if (labels) {
        ok = ok && sink->volume(sink, &spec, e) && sink->piece(sink, zeros, sizeof zeros, e) && sink->close(sink, e);
    }
    return ok && sink->commit(sink, out, e);
}

static void expect_values(plx_volume *v)
{
    plx_array a;
    OK(plx_volume_read(&ctx, v, NULL, NULL, &a, &err));
    ck_assert_uint_eq(plx_array_count(&a), 2 * 10 * 12 * 14);
    for (size_t i = 0; i < plx_array_count(&a); i++) {
        if (((const uint16_t *)(const void *)a.buf.ptr)[i] != value_at(i)) {
            ck_abort_msg("element %zu", i);
        }
    }
    plx_array_free(&a);
}

START_TEST(comes_back_from_several_zips)
{
    plx_digest digest[2];
    for (unsigned jobs = 1; jobs <= 2; jobs++) {
        ctx.jobs = jobs == 1 ? 1 : 3;
        plx_sink *sink;
        OK(plx_record_sink_new(&ctx, &store, &origin, &sink, &err));
        OK(put_record(sink, true, &digest[jobs - 1], &err));
        plx_record_sink_free(sink);
    }
    ck_assert(plx_digest_eq(&digest[0], &digest[1])); /* any number of threads */
    plx_record *record;
    plx_volume *v;
    plx_volume_spec spec;
    OK(plx_record_open(&ctx, &store, &digest[0], &record, &err));
    OK(plx_record_volume_open(&ctx, NULL, record, NULL, &spec, &v, &err));
    ck_assert_str_eq(spec.name, "raw");
    ck_assert_uint_ge(spec.n_parts, 2);
    ck_assert_double_eq(spec.voxel_um[1], 0.44);
    expect_values(v);
    plx_volume_close(v);
    OK(plx_record_volume_open(&ctx, NULL, record, "instances", &spec, &v, &err));
    ck_assert(spec.overlapping && spec.n_parts == 1);
    plx_volume_close(v);
    ck_assert(!plx_record_volume_open(&ctx, NULL, record, "none", NULL, &v, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_msg(strstr(err.why, "raw, instances"), "%s", err.why);
    const plx_value *counts = plx_v_get(plx_record_meta(record), "counts");
    int64_t n;
    ck_assert(plx_v_as_i64(plx_v_get(counts, "voxels"), &n) && n == 10 * 12 * 14);
    ck_assert(plx_v_as_i64(plx_v_get(counts, "channels"), &n) && n == 2);
    ck_assert(plx_v_as_i64(plx_v_get(counts, "arrays"), &n) && n == 2);
    plx_record_close(record);
}
END_TEST

static bool note_problem(void *payload, const char *path, plx_flaw flaw, const char *what)
{
    (void)what;
    if (flaw == PLX_FLAW_DIFFERS) {
        snprintf(payload, PLX_PATH, "%s", path);
    }
    return true;
}

START_TEST(a_damaged_zip_is_named)
{
    plx_digest digest;
    plx_sink *sink;
    char dir[PLX_PATH], path[PLX_PATH], found[PLX_PATH] = "";
    OK(plx_record_sink_new(&ctx, &store, &origin, &sink, &err));
    OK(put_record(sink, false, &digest, &err));
    plx_record_sink_free(sink);
    OK(plx_store_object_path(&store, "records", &digest, dir, &err));
    fx_path(path, dir, "raw.001.zip");
    ck_assert_int_eq(chmod(path, 0600), 0);
    FILE *f = fopen(path, "r+b");
    ck_assert_ptr_nonnull(f);
    fseek(f, 200, SEEK_SET);
    int was = fgetc(f);
    fseek(f, 200, SEEK_SET);
    fputc(was ^ 1, f);
    fclose(f);
    OK(plx_record_verify(&ctx, dir, &digest, false, note_problem, found, NULL, &err));
    ck_assert_str_eq(found, "raw.001.zip");
}
END_TEST

START_TEST(is_read_inside_a_blob)
{
    char path[PLX_PATH];
    fx_path(path, plx_test_dir(), "sample.zip");
    FILE *to = fopen(path, "wb");
    plx_zip_writer zip = {.to = to};
    plx_zarr_out out = plx_zarr_out_zip(&zip);
    plx_volume_spec spec = image_spec();
    plx_zarr_layout layout = {.dtype = spec.dtype, .ndim = spec.ndim};
    memcpy(layout.shape, spec.shape, sizeof layout.shape);
    memcpy(layout.chunk, spec.chunk, sizeof layout.chunk);
    plx_zarr_writer *writer;
    OK(plx_zarr_writer_new(&ctx, &out, "volumes/raw", &layout, NULL, &writer, &err));
    for (size_t i = 0; i < 2 * 10 * 12 * 14; i++) {
        uint16_t x = value_at(i);
        OK(plx_zarr_writer_put(writer, &x, sizeof x, &err));
    }
    OK(plx_zarr_writer_finish(writer, &err));
    plx_zarr_writer_free(writer);
    OK(plx_zip_finish(&zip, true, &err));
    fclose(to);
    plx_source *source;
    uint64_t bytes;
    OK(plx_source_file(&ctx, path, false, &source, &err));
    OK(plx_blob_put(&ctx, &store, source, NULL, NULL, &spec.blob, &bytes, &err));
    plx_source_close(source);
    snprintf(spec.path, sizeof spec.path, "volumes/raw");

    plx_sink *sink;
    plx_digest digest;
    plx_record *record;
    plx_volume *v;
    for (int wrong = 0; wrong < 2; wrong++) {
        spec.shape[3] += (size_t)wrong;
        OK(plx_record_sink_new(&ctx, &store, &origin, &sink, &err));
        OK(sink->begin(sink, "volume", "", &err) && plx_sink_text(sink, "organism", "fly", &err) &&
           plx_sink_text(sink, "region", "", &err) && sink->volume_in_blob(sink, &spec, &err));
        OK(sink->commit(sink, &digest, &err));
        plx_record_sink_free(sink);
        OK(plx_record_open(&ctx, &store, &digest, &record, &err));
        bool ok = plx_record_volume_open(&ctx, &store, record, "raw", NULL, &v, &err);
        ck_assert_msg(ok == !wrong, "%s", plx_test_err(&err));
        if (ok) {
            expect_values(v);
            plx_volume_close(v);
            ck_assert(!plx_record_volume_open(&ctx, NULL, record, "raw", NULL, &v, &err)); /* no store at hand */
            ck_assert_int_eq(err.code, PLX_E_ARG);
        } else {
            ck_assert_int_eq(err.code, PLX_E_DIGEST);
        }
        plx_record_close(record);
    }
}
END_TEST

/* What a sink is not given right is refused, and leaves nothing. */
START_TEST(misuse_is_refused)
{
    plx_sink *sink;
    plx_digest digest;
    plx_volume_spec spec = image_spec();
    OK(plx_record_sink_new(&ctx, &store, &origin, &sink, &err));
    OK(sink->begin(sink, "volume", "", &err) && sink->volume(sink, &spec, &err) && sink->piece(sink, "ab", 2, &err));
    ck_assert(!sink->close(sink, &err)); /* too few elements */
    ck_assert(!sink->commit(sink, &digest, &err));
    OK(sink->begin(sink, "volume", "", &err));
    ck_assert(!sink->commit(sink, &digest, &err)); /* no arrays */
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    OK(sink->begin(sink, "volume", "", &err));
    snprintf(spec.role, sizeof spec.role, "picture");
    ck_assert(!sink->volume_in_blob(sink, &spec, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    plx_record_sink_free(sink);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}
END_TEST

START_TEST(allocations_may_fail)
{
    bool done = false;
    for (size_t k = 0; !done; k += k < 60 ? 1 : 13) {
        size_t live = plx_alloc_live();
        plx_sink *sink = NULL;
        plx_digest digest;
        plx_err e = {0};
        plx_test_alloc_fail_at(k);
        bool ok = plx_record_sink_new(&ctx, NULL, &origin, &sink, &e) && put_record(sink, true, &digest, &e);
        plx_record_sink_free(sink);
        done = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || e.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&e));
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *record_volume_suite(void)
{
    Suite *s = suite_create("record_volume");
    TCase *t = tcase_create("record_volume");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, comes_back_from_several_zips);
    tcase_add_test(t, a_damaged_zip_is_named);
    tcase_add_test(t, is_read_inside_a_blob);
    tcase_add_test(t, misuse_is_refused);
    tcase_add_test(t, allocations_may_fail);
    suite_add_tcase(s, t);
    return s;
}
