/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/zarr_write.h"

#include "core/alloc.h"
#include "core/rng.h"
#include "formats/json.h"
#include "formats/zarr.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>

static const char *const SETTINGS[] = {
    "null",
    "{\"id\":\"blosc\",\"cname\":\"zstd\",\"clevel\":3,\"shuffle\":2,\"blocksize\":0}",
    "{\"id\":\"blosc\",\"cname\":\"lz4\",\"clevel\":5,\"shuffle\":1,\"blocksize\":0}",
    "{\"id\":\"zstd\",\"level\":3}",
    "{\"id\":\"gzip\",\"level\":1}",
    "{\"id\":\"zlib\",\"level\":1}",
    "{\"id\":\"lz4\",\"acceleration\":1}",
};
enum { N_SETTINGS = sizeof SETTINGS / sizeof *SETTINGS };

static const plx_value *settings(plx_arena *arena, size_t i)
{
    plx_ctx ctx = plx_ctx_default();
    plx_value *v;
    ck_assert(plx_json_parse(&ctx, arena, "s", SETTINGS[i], strlen(SETTINGS[i]), NULL, &v, NULL));
    return v->kind == PLX_V_NULL ? NULL : v;
}

static void random_layout(plx_rng *rng, plx_zarr_layout *l)
{
    static const plx_dtype types[] = {PLX_B1, PLX_U8, PLX_I16, PLX_U16, PLX_I32, PLX_F32, PLX_F64, PLX_C64, PLX_U64};
    l->dtype = types[plx_rng_below(rng, sizeof types / sizeof *types)];
    l->ndim = (int)plx_rng_below(rng, 5);
    l->swap = plx_rng_below(rng, 2);
    l->fortran = plx_rng_below(rng, 2);
    l->separator = plx_rng_below(rng, 2) ? '/' : '.';
    l->keep_zero = plx_rng_below(rng, 2);
    for (int d = 0; d < l->ndim; d++) {
        l->shape[d] = plx_rng_below(rng, 9) + (plx_rng_below(rng, 8) > 0);
        l->chunk[d] = 1 + plx_rng_below(rng, d ? 5 : 3);
    }
}

static plx_array random_array(plx_rng *rng, const plx_zarr_layout *l)
{
    plx_array a;
    ck_assert(plx_array_new(l->dtype, l->ndim, l->shape, &a, NULL));
    size_t zeros = plx_rng_below(rng, 3) * a.buf.len / 3;
    for (size_t i = zeros; i < a.buf.len; i++) {
        a.buf.ptr[i] = (uint8_t)plx_rng_below(rng, l->dtype == PLX_B1 ? 2 : 4);
    }
    return a;
}

/* In pieces of odd sizes. */
static bool write_array(const plx_ctx *ctx, const plx_zarr_out *out, const char *path, const plx_zarr_layout *l,
                        const plx_array *a, plx_err *err)
{
    plx_zarr_writer *w = NULL;
    bool ok = plx_zarr_writer_new(ctx, out, path, l, NULL, &w, err);
    for (size_t at = 0; ok && at < a->buf.len;) {
        size_t n = 1 + at % 97 < a->buf.len - at ? 1 + at % 97 : a->buf.len - at;
        ok = plx_zarr_writer_put(w, a->buf.ptr + at, n, err);
        at += n;
    }
    ok = ok && plx_zarr_writer_finish(w, err);
    plx_zarr_writer_free(w);
    return ok;
}

static void expect_same(const char *path, const char *name, const plx_array *a)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_zarr_store *store;
    plx_zarr *z;
    plx_array b;
    ck_assert_msg(plx_zarr_store_open(&ctx, &path, 1, NULL, NULL, &store, &err) &&
                      plx_zarr_open(&ctx, store, name, &z, &err) && plx_zarr_read(&ctx, z, NULL, NULL, &b, &err),
                  "%s", plx_test_err(&err));
    ck_assert_int_eq(a->dtype, b.dtype);
    ck_assert_uint_eq(a->buf.len, b.buf.len);
    ck_assert(a->buf.len == 0 || memcmp(a->buf.ptr, b.buf.ptr, a->buf.len) == 0);
    plx_array_free(&b);
    plx_zarr_close(z);
    plx_zarr_store_close(store);
}

static char *slurp(const char *path, size_t *n)
{
    plx_buf b;
    ck_assert(plx_buf_read_file(path, 1 << 24, &b, NULL));
    char *copy = malloc(b.len + 1);
    memcpy(copy, b.ptr, b.len);
    *n = b.len;
    plx_buf_free(&b);
    return copy;
}

static const char *write_zip(const plx_ctx *ctx, const char *leaf, const plx_zarr_layout *l, const plx_array *a)
{
    static char path[PLX_PATH];
    plx_err err = {0};
    ck_assert(plx_path_join(path, plx_test_dir(), leaf, &err));
    FILE *to = fopen(path, "wb");
    plx_zip_writer zip = {.to = to};
    plx_zarr_out out = plx_zarr_out_zip(&zip);
    bool ok = plx_zarr_put_group(&out, "", NULL, &err) && write_array(ctx, &out, "g/a", l, a, &err);
    ok = plx_zip_finish(&zip, ok, &err);
    ck_assert_msg(ok, "%s", plx_test_err(&err));
    fclose(to);
    return path;
}

START_TEST(test_round_trip)
{
    plx_arena *arena = plx_arena_new(0);
    plx_rng rng = plx_rng_stream(5, "zarr", (uint64_t)_i);
    for (int round = 0; round < 40; round++) {
        plx_zarr_layout l = {.compressor = settings(arena, (size_t)_i)};
        random_layout(&rng, &l);
        plx_array a = random_array(&rng, &l);
        plx_ctx ctx = plx_ctx_default();
        size_t n_one, n_three;
        const char *path = write_zip(&ctx, "one.zip", &l, &a);
        expect_same(path, "g/a", &a);
        char *one = slurp(path, &n_one);
        ctx.jobs = 3;
        char *three = slurp(write_zip(&ctx, "three.zip", &l, &a), &n_three);
        ck_assert_uint_eq(n_one, n_three);
        ck_assert(memcmp(one, three, n_one) == 0);
        free(one);
        free(three);
        plx_array_free(&a);
    }
    plx_arena_free(arena);
}
END_TEST

START_TEST(test_folder)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    char dir[PLX_PATH], file[PLX_PATH];
    ck_assert(plx_path_join(dir, plx_test_dir(), "w.zarr", &err));
    plx_zarr_out out = plx_zarr_out_dir(dir);
    plx_value *attributes = plx_v_obj(arena);
    plx_v_set(arena, attributes, "who", plx_v_str(arena, "me"));
    ck_assert_msg(plx_zarr_put_group(&out, "", attributes, &err), "%s", plx_test_err(&err));
    plx_zarr_layout l = {.dtype = PLX_U16, .ndim = 3, .shape = {4, 6, 10}, .chunk = {1, 4, 4}, .separator = '/'};
    plx_rng rng = plx_rng_seed(1);
    plx_array a = random_array(&rng, &l);
    ck_assert_msg(write_array(&ctx, &out, "g/a", &l, &a, &err), "%s", plx_test_err(&err));
    expect_same(dir, "g/a", &a);
    ck_assert_msg(plx_zarr_consolidate_dir(&ctx, dir, &err), "%s", plx_test_err(&err));
    ck_assert(plx_path_join(file, dir, "g/a/.zarray", &err) && remove(file) == 0);
    expect_same(dir, "g/a", &a); /* by .zmetadata alone */
    plx_array_free(&a);
    plx_arena_free(arena);
}
END_TEST

START_TEST(test_misuse)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_zarr_out out = plx_zarr_out_dir(plx_test_dir());
    plx_zarr_writer *w;
    plx_zarr_layout l = {.dtype = PLX_U8, .ndim = 1, .shape = {4}, .chunk = {3}};
    ck_assert(plx_zarr_writer_new(&ctx, &out, "m", &l, NULL, &w, &err));
    ck_assert(!plx_zarr_writer_put(w, "12345", 5, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(plx_zarr_writer_put(w, "123", 3, &err));
    ck_assert(!plx_zarr_writer_finish(w, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    plx_zarr_writer_free(w);
    l.chunk[0] = 0;
    ck_assert(!plx_zarr_writer_new(&ctx, &out, "m", &l, NULL, &w, &err));
    l.chunk[0] = 1;
    l.dtype = PLX_STR;
    ck_assert(!plx_zarr_writer_new(&ctx, &out, "m", &l, NULL, &w, &err));
    l = (plx_zarr_layout){.dtype = PLX_U8, .ndim = 2, .shape = {SIZE_MAX / 4, 4}, .chunk = {1, 1}};
    ck_assert(!plx_zarr_writer_new(&ctx, &out, "m", &l, NULL, &w, &err));
    ck_assert_msg(err.code == PLX_E_LIMIT || err.code == PLX_E_FORMAT, "%s", plx_test_err(&err));
}
END_TEST

static bool forget(void *payload, const char *key, const void *bytes, size_t len, plx_err *err)
{
    (void)key, (void)bytes, (void)err;
    *(size_t *)payload += len;
    return true;
}

START_TEST(test_no_memory)
{
    plx_arena *arena = plx_arena_new(0);
    plx_ctx ctx = plx_ctx_default();
    plx_rng rng = plx_rng_seed(2);
    plx_zarr_layout l = {
        .dtype = PLX_I32, .ndim = 2, .shape = {5, 7}, .chunk = {2, 3}, .compressor = settings(arena, 1)};
    plx_array a = random_array(&rng, &l);
    bool done = false;
    for (size_t k = 0; !done; k++) {
        size_t live = plx_alloc_live(), total = 0;
        plx_err err = {0};
        plx_zarr_out out = {forget, &total};
        plx_test_alloc_fail_at(k);
        bool ok = plx_zarr_put_group(&out, "g", NULL, &err) && write_array(&ctx, &out, "g/a", &l, &a, &err);
        done = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        ck_assert(ok || !done);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    plx_array_free(&a);
    plx_arena_free(arena);
}
END_TEST

Suite *zarr_write_suite(void)
{
    Suite *s = suite_create("zarr_write");
    TCase *t = tcase_create("zarr_write");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, test_round_trip, 0, N_SETTINGS);
    tcase_add_test(t, test_folder);
    tcase_add_test(t, test_misuse);
    tcase_add_test(t, test_no_memory);
    suite_add_tcase(s, t);
    return s;
}
