/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays written by zarr-python: tests/golden/make_zarr.py says what is in them.
 */
#include "formats/zarr.h"

#include "core/alloc.h"
#include "core/rng.h"
#include "core/table.h"
#include "formats/json.h"
#include "support/mutate.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

static plx_ctx ctx_of(unsigned jobs)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.jobs = jobs;
    return ctx;
}

static plx_zarr_store *golden(void)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_zarr_store *store;
    const char *path = plx_test_golden("small.zarr.zip");
    ck_assert_msg(plx_zarr_store_open(&ctx, &path, 1, NULL, "small.zarr.zip", &store, &err), "%s", plx_test_err(&err));
    return store;
}

static plx_zarr *get(const plx_zarr_store *store, const char *path)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_zarr *z;
    ck_assert_msg(plx_zarr_open(&ctx, store, path, &z, &err), "%s: %s", path, plx_test_err(&err));
    return z;
}

/* Element i of an array as a real number, and as an imaginary one. */
static double number(const plx_array *a, size_t i, double *imaginary)
{
    const uint8_t *p = a->buf.ptr + i * plx_dtype_size(a->dtype);
    *imaginary = 0;
    switch (a->dtype) {
#define AS(DTYPE, type)                                                                                                \
    case DTYPE: {                                                                                                      \
        type v;                                                                                                        \
        memcpy(&v, p, sizeof v);                                                                                       \
        return (double)v;                                                                                              \
    }
        AS(PLX_B1, uint8_t)
        AS(PLX_I8, int8_t)
        AS(PLX_I16, int16_t)
        AS(PLX_I32, int32_t)
        AS(PLX_I64, int64_t)
        AS(PLX_U8, uint8_t)
        AS(PLX_U16, uint16_t)
        AS(PLX_U32, uint32_t)
        AS(PLX_U64, uint64_t)
        AS(PLX_F32, float)
        AS(PLX_F64, double)
#undef AS
    case PLX_C64: {
        float v[2];
        memcpy(v, p, sizeof v);
        *imaginary = (double)v[1];
        return (double)v[0];
    }
    case PLX_C128: {
        double v[2];
        memcpy(v, p, sizeof v);
        *imaginary = v[1];
        return v[0];
    }
    case PLX_F16: {
        plx_column c = {.dtype = PLX_F16, .n = 1, .values = plx_buf_view(p, 2)};
        return plx_column_f64(&c, 0);
    }
    case PLX_STR:
    case PLX_N_DTYPES:
    default:
        ck_abort_msg("no number");
    }
}

static void expect_formula(const char *path, const plx_array *a)
{
    for (size_t i = 0; i < plx_array_count(a); i++) {
        double imaginary, want = (double)((i * 7 + 3) % 113);
        double got = number(a, i, &imaginary);
        want = a->dtype == PLX_B1 ? fmod(want, 2) : want;
        double want_imaginary = a->dtype == PLX_C64 || a->dtype == PLX_C128 ? -want / 2 : 0;
        ck_assert_msg(got == want && imaginary == want_imaginary, "%s: element %zu is %g %g", path, i, got, imaginary);
    }
}

static bool is_special(const char *path)
{
    return plx_starts_with(path, "fill/") || strcmp(path, "sparse") == 0;
}

START_TEST(test_every_array)
{
    plx_ctx ctx = ctx_of(1 + 2 * (unsigned)_i);
    plx_err err = {0};
    plx_zarr_store *store = golden();
    plx_arena *arena = plx_arena_new(0);
    char **paths;
    size_t n, n_bytes = 0;
    ck_assert_msg(plx_zarr_list(&ctx, store, arena, &paths, &n, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(n, 25 + 17 + 5 + 3 + 7 + 1);
    for (size_t i = 0; i < n; i++) {
        plx_zarr *z = get(store, paths[i]);
        plx_array a;
        ck_assert_msg(plx_zarr_read(&ctx, z, NULL, NULL, &a, &err), "%s: %s", paths[i], plx_test_err(&err));
        n_bytes += a.buf.len;
        if (!is_special(paths[i])) {
            expect_formula(paths[i], &a);
        }
        plx_array_free(&a);
        plx_zarr_close(z);
    }
    ck_assert_uint_eq(n_bytes, 2958680);
    plx_arena_free(arena);
    plx_zarr_store_close(store);
}
END_TEST

/* Any part of an array equals that part of the whole. */
START_TEST(test_regions)
{
    static const char *const paths[] = {"dtype/b_f4", "dtype/l_u2",  "dtype/b_c16", "blosc/zstd_2",
                                        "codec/gzip", "shape/eight", "sparse",      "fill/i"};
    plx_ctx ctx = ctx_of(2);
    plx_err err = {0};
    plx_zarr_store *store = golden();
    plx_rng rng = plx_rng_seed(7);
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        plx_zarr *z = get(store, paths[k]);
        const plx_zarr_meta *m = plx_zarr_about(z);
        plx_array whole, part, copy;
        ck_assert(plx_zarr_read(&ctx, z, NULL, NULL, &whole, &err));
        for (int round = 0; round < 60; round++) {
            size_t start[PLX_MAX_DIMS], count[PLX_MAX_DIMS];
            plx_array view = whole;
            view.buf.release = NULL;
            for (int d = 0; d < m->ndim; d++) {
                start[d] = plx_rng_below(&rng, m->shape[d] + 1);
                count[d] = plx_rng_below(&rng, m->shape[d] - start[d] + 1);
                view.buf.ptr += (ptrdiff_t)start[d] * whole.stride[d];
                view.shape[d] = count[d];
            }
            ck_assert_msg(plx_zarr_read(&ctx, z, start, count, &part, &err), "%s", plx_test_err(&err));
            ck_assert(plx_array_to_c_order(&view, &copy, &err));
            ck_assert_uint_eq(copy.buf.len, part.buf.len);
            ck_assert(part.buf.len == 0 || memcmp(copy.buf.ptr, part.buf.ptr, part.buf.len) == 0);
            plx_array_free(&copy);
            plx_array_free(&part);
        }
        size_t outside[PLX_MAX_DIMS] = {m->shape[0] + 1}, one[PLX_MAX_DIMS] = {1, 1, 1, 1, 1, 1, 1, 1};
        ck_assert(!plx_zarr_read(&ctx, z, outside, one, &part, &err));
        ck_assert_int_eq(err.code, PLX_E_ARG);
        outside[0] = SIZE_MAX;
        ck_assert(!plx_zarr_read(&ctx, z, outside, one, &part, &err));
        plx_array_free(&whole);
        plx_zarr_close(z);
    }
    plx_zarr_store_close(store);
}
END_TEST

typedef struct gather {
    plx_array *whole;
    size_t n_blocks, n_elements;
    size_t last; /* place of the block before, in C order */
} gather;

static bool gather_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)err;
    gather *g = payload;
    size_t size = plx_dtype_size(block->dtype), at[PLX_MAX_DIMS] = {0}, n = plx_array_count(block);
    ck_assert(plx_array_is_c_order(block));
    for (size_t i = 0; i < n; i++) {
        uint8_t *to = g->whole->buf.ptr;
        size_t rest = i;
        for (int d = block->ndim - 1; d >= 0; d--) {
            at[d] = rest % block->shape[d];
            rest /= block->shape[d];
            to += (ptrdiff_t)(start[d] + at[d]) * g->whole->stride[d];
        }
        memcpy(to, block->buf.ptr + i * size, size);
    }
    size_t place = 0;
    for (int d = 0; d < block->ndim; d++) {
        place = place * g->whole->shape[d] + start[d];
    }
    ck_assert(g->n_blocks == 0 || place > g->last);
    g->last = place;
    g->n_blocks++;
    g->n_elements += n;
    return true;
}

START_TEST(test_blocks)
{
    static const char *const paths[] = {"dtype/l_b1", "dtype/b_i8", "blosc/lz4_1", "shape/eight",
                                        "shape/zero", "shape/one",  "sparse",      "fill/b"};
    static const size_t blocks[] = {6, 6, 6, 8, 0, 1, 9, 6};
    plx_err err = {0};
    plx_zarr_store *store = golden();
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
            plx_ctx ctx = ctx_of(jobs);
            plx_zarr *z = get(store, paths[k]);
            const plx_zarr_meta *m = plx_zarr_about(z);
            plx_array whole, again;
            ck_assert(plx_zarr_read(&ctx, z, NULL, NULL, &whole, &err));
            ck_assert(plx_array_new(m->dtype, m->ndim, m->shape, &again, &err));
            gather g = {.whole = &again};
            ck_assert_msg(plx_zarr_each(&ctx, z, false, gather_block, &g, &err), "%s", plx_test_err(&err));
            ck_assert_uint_eq(g.n_blocks, blocks[k]);
            ck_assert_uint_eq(g.n_elements, plx_array_count(&whole));
            ck_assert(whole.buf.len == 0 || memcmp(whole.buf.ptr, again.buf.ptr, whole.buf.len) == 0);
            plx_array_free(&whole);
            plx_array_free(&again);
            plx_zarr_close(z);
        }
    }
    plx_zarr_store_close(store);
}
END_TEST

static bool count_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)start, (void)block, (void)err;
    ++*(size_t *)payload;
    return true;
}

static bool refuse_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)payload, (void)start, (void)block;
    return plx_fail(err, PLX_E_NEGATIVE, "enough");
}

/* Chunks of zeros are left out, whether stored or not; an array filled with something else has no such chunks. */
START_TEST(test_blocks_without_zeros)
{
    static const char meta[] = "{\"zarr_format\":2,\"shape\":[8,2],\"chunks\":[2,2],\"dtype\":\"|u1\",\"order\":\"C\","
                               "\"fill_value\":%d,\"filters\":null,\"compressor\":null}";
    for (int fill = 0; fill < 2; fill++) {
        char text[256];
        int n = snprintf(text, sizeof text, meta, fill);
        (void)plx_test_file(".zarray", text, (size_t)n);
        (void)plx_test_file("0.0", "\0\0\0\0", 4);
        (void)plx_test_file("1.0", "\0\0\0\0", 4);
        (void)plx_test_file("2.0", "\0\0\0\1", 4);
        plx_ctx ctx = ctx_of(2);
        plx_err err = {0};
        plx_zarr_store *store;
        const char *dir = plx_test_dir();
        ck_assert(plx_zarr_store_open(&ctx, &dir, 1, "", NULL, &store, &err));
        plx_zarr *z = get(store, "");
        size_t seen = 0;
        ck_assert(plx_zarr_each(&ctx, z, true, count_block, &seen, &err));
        ck_assert_uint_eq(seen, fill ? 2 : 1);
        seen = 0;
        ck_assert(plx_zarr_each(&ctx, z, false, count_block, &seen, &err));
        ck_assert_uint_eq(seen, 4);
        ck_assert(!plx_zarr_each(&ctx, z, false, refuse_block, NULL, &err));
        ck_assert_str_eq(err.what, "enough");
        plx_array a;
        ck_assert(plx_zarr_read(&ctx, z, NULL, NULL, &a, &err));
        const uint8_t want[16] = {
            [11] = 1, [12] = (uint8_t)fill, [13] = (uint8_t)fill, [14] = (uint8_t)fill, [15] = (uint8_t)fill};
        ck_assert_mem_eq(a.buf.ptr, want, 16);
        plx_array_free(&a);
        plx_zarr_close(z);
        plx_zarr_store_close(store);
    }
}
END_TEST

START_TEST(test_fill)
{
    static const struct {
        const char *path;
        double want;
    } rows[] = {{"fill/i", -7}, {"fill/u", 0x1p64},         {"fill/f", 1.5}, {"fill/nan", NAN}, {"fill/inf", -INFINITY},
                {"fill/b", 1},  {"fill/h", 0.0999755859375}};
    plx_ctx ctx = ctx_of(1);
    plx_err err = {0};
    plx_zarr_store *store = golden();
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        plx_zarr *z = get(store, rows[k].path);
        plx_array a;
        double imaginary;
        ck_assert(plx_zarr_read(&ctx, z, NULL, NULL, &a, &err));
        double got = number(&a, 314, &imaginary);
        ck_assert_msg(got == rows[k].want || (isnan(got) && isnan(rows[k].want)), "%s: %g", rows[k].path, got);
        ck_assert(!plx_zarr_about(z)->fill_is_zero);
        plx_array_free(&a);
        plx_zarr_close(z);
    }
    plx_zarr *z = get(store, "sparse");
    plx_array a;
    ck_assert(plx_zarr_read(&ctx, z, NULL, NULL, &a, &err));
    for (size_t i = 0; i < 100; i++) {
        bool in = i / 10 >= 5 && i / 10 < 7 && i % 10 >= 2 && i % 10 < 9;
        ck_assert_int_eq(((const int32_t *)(const void *)a.buf.ptr)[i], in ? 5 : -1);
    }
    plx_array_free(&a);
    double y;
    ck_assert(plx_v_as_f64(plx_v_get(plx_zarr_attributes(z), "resolution")->u.arr.items[1], &y) && y == 0.44);
    ck_assert_str_eq(plx_v_get_text(plx_zarr_attributes(z), "name"), "a sparse one");
    plx_zarr_close(z);
    plx_zarr_store_close(store);
}
END_TEST

START_TEST(test_missing_array)
{
    plx_ctx ctx = ctx_of(1);
    plx_err err = {0};
    plx_zarr_store *store = golden();
    plx_zarr *z;
    ck_assert(!plx_zarr_open(&ctx, store, "volumes/raw", &z, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_msg(strstr(err.why, "blosc/blosclz_0"), "%s", err.why);
    ck_assert(!plx_zarr_open(&ctx, store, "../x", &z, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    plx_zarr_store_close(store);
    const char *none = "/nowhere/x.zarr";
    ck_assert(!plx_zarr_store_open(&ctx, &none, 1, NULL, NULL, &store, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
}
END_TEST

/* A store whose root is one array, without files of its own: all is in .zmetadata. */
START_TEST(test_consolidated)
{
    static const char text[] =
        "{\"zarr_consolidated_format\":1,\"metadata\":{\".zgroup\":{\"zarr_format\":2},\"a/.zattrs\":{\"k\":1},"
        "\"a/.zarray\":{\"zarr_format\":2,\"shape\":[2],\"chunks\":[4],\"dtype\":\"<f4\",\"order\":\"C\","
        "\"fill_value\":NaN,\"filters\":[],\"compressor\":null}}}";
    char dir[PLX_PATH];
    plx_err err = {0};
    plx_ctx ctx = ctx_of(1);
    ck_assert(plx_path_join(dir, plx_test_dir(), "consolidated", &err) && plx_fs_mkdirs(dir, &err));
    (void)plx_test_file("consolidated/.zmetadata", text, sizeof text - 1);
    const char *path = dir;
    plx_zarr_store *store;
    ck_assert(plx_zarr_store_open(&ctx, &path, 1, NULL, NULL, &store, &err));
    plx_zarr *z = get(store, "/a/");
    ck_assert_uint_eq(plx_zarr_about(z)->shape[0], 2);
    ck_assert(plx_v_get(plx_zarr_attributes(z), "k") != NULL);
    plx_zarr_close(z);
    plx_zarr_store_close(store);
}
END_TEST

static const char SOUND[] = "{\"zarr_format\":2,\"shape\":[4,6],\"chunks\":[2,6],\"dtype\":\"<u2\",\"order\":\"C\","
                            "\"fill_value\":0,\"filters\":null,\"compressor\":{\"id\":\"zlib\",\"level\":1}}";

static bool parse(const char *text, size_t len, plx_zarr_meta *m, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_arena *arena = plx_arena_new(0);
    plx_value *json;
    plx_err_clear(err);
    bool ok = plx_json_parse(&ctx, arena, ".zarray", text, len, NULL, &json, err) &&
              plx_zarr_parse(&ctx, "a/.zarray", json, m, err);
    plx_arena_free(arena);
    return ok;
}

START_TEST(test_bad_metadata)
{
    static const struct {
        const char *from, *to;
        plx_code code;
    } rows[] = {
        {":2,\"shape", ":3,\"shape", PLX_E_UNSUPPORTED},
        {"[4,6]", "[4]", PLX_E_FORMAT},
        {"[4,6]", "[4,-6]", PLX_E_FORMAT},
        {"[4,6]", "[4,6.5]", PLX_E_FORMAT},
        {"[4,6]", "\"4\"", PLX_E_FORMAT},
        {"[4,6]", "[9223372036854775807,9223372036854775807]", PLX_E_LIMIT},
        {"[4,6]", "[1000000000000,6]", PLX_E_LIMIT},
        {"[2,6]", "[0,6]", PLX_E_FORMAT},
        {"[2,6]", "[1000000000,1000000000]", PLX_E_LIMIT},
        {"[2,6]", "[9223372036854775807,9223372036854775807]", PLX_E_LIMIT},
        {"\"<u2\"", "\"|O\"", PLX_E_UNSUPPORTED},
        {"\"<u2\"", "\"<U7\"", PLX_E_UNSUPPORTED},
        {"\"<u2\"", "\"|u2\"", PLX_E_UNSUPPORTED},
        {"\"<u2\"", "[[\"a\",\"<u2\"]]", PLX_E_UNSUPPORTED},
        {"\"<u2\"", "7", PLX_E_FORMAT},
        {"\"C\"", "\"A\"", PLX_E_FORMAT},
        {"\"C\"", "null", PLX_E_FORMAT},
        {"\"order\"", "\"dimension_separator\":\"-\",\"order\"", PLX_E_FORMAT},
        {"value\":0", "value\":70000", PLX_E_FORMAT},
        {"value\":0", "value\":-1", PLX_E_FORMAT},
        {"value\":0", "value\":0.5", PLX_E_FORMAT},
        {"value\":0", "value\":\"NaN\"", PLX_E_FORMAT},
        {"\"fill_value\":0,", "", PLX_E_FORMAT},
        {"filters\":null", "filters\":[{\"id\":\"delta\"}]", PLX_E_UNSUPPORTED},
        {"\"zlib\"", "\"bz2\"", PLX_E_UNSUPPORTED},
        {"\"level\":1", "\"level\":12", PLX_E_FORMAT},
        {"\"level\":1", "\"level\":\"1\"", PLX_E_FORMAT},
        {"{\"id\":\"zlib\",\"level\":1}", "7", PLX_E_FORMAT},
        {",\"compressor\":{\"id\":\"zlib\",\"level\":1}", "", PLX_E_FORMAT},
        {"\"zlib\"", "\"blosc\",\"cname\":\"brotli\"", PLX_E_UNSUPPORTED},
        {"\"zlib\"", "\"blosc\",\"shuffle\":3", PLX_E_FORMAT},
    };
    plx_zarr_meta m;
    plx_err err = {0};
    ck_assert_msg(parse(SOUND, sizeof SOUND - 1, &m, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(m.n_chunks, 2);
    ck_assert_uint_eq(m.chunk_bytes, 24);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = strstr(SOUND, rows[i].from);
        ck_assert_msg(at != NULL, "row %zu", i);
        plx_sb text = {0};
        plx_sb_bytes(&text, SOUND, (size_t)(at - SOUND));
        plx_sb_text(&text, rows[i].to);
        plx_sb_text(&text, at + strlen(rows[i].from));
        ck_assert_msg(!parse(plx_sb_str(&text), text.len, &m, &err), "row %zu: %s", i, plx_sb_str(&text));
        ck_assert_msg(err.code == rows[i].code, "row %zu (%s): %s", i, rows[i].to, plx_test_err(&err));
        plx_sb_free(&text);
    }
    for (size_t n = 0; n + 1 < sizeof SOUND; n++) {
        ck_assert(!parse(SOUND, n, &m, &err));
    }
}
END_TEST

static bool read_all(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_zarr_store *store = NULL;
    plx_arena *arena = plx_arena_new(0);
    char **paths;
    size_t n = 0;
    bool ok = arena || plx_fail_nomem(err, 0);
    ok = ok && plx_zarr_store_open(ctx, &path, 1, NULL, "a.zip", &store, err) &&
         plx_zarr_list(ctx, store, arena, &paths, &n, err);
    for (size_t i = 0; ok && i < n; i++) {
        plx_zarr *z = NULL;
        plx_array a = {0};
        ok = plx_zarr_open(ctx, store, paths[i], &z, err) && plx_zarr_read(ctx, z, NULL, NULL, &a, err);
        plx_array_free(&a);
        plx_zarr_close(z);
    }
    plx_zarr_store_close(store);
    plx_arena_free(arena);
    return ok;
}

START_TEST(test_mutants)
{
    mutate_all(plx_test_golden("small.zarr.zip"), read_all, 600);
}
END_TEST

START_TEST(test_no_memory)
{
    plx_ctx ctx = ctx_of(1);
    static const char *const paths[] = {"dtype/b_c16", "blosc/zlib_1", "codec/gzip", "codec/zstd", "fill/u", "none"};
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
        size_t live = plx_alloc_live();
        bool done = false;
        for (size_t k = 0; !done; k++) {
            plx_err err = {0};
            plx_zarr_store *store = NULL;
            plx_zarr *z = NULL;
            plx_array a = {0};
            const char *path = plx_test_golden("small.zarr.zip");
            plx_test_alloc_fail_at(k);
            bool ok = plx_zarr_store_open(&ctx, &path, 1, "", NULL, &store, &err) &&
                      plx_zarr_open(&ctx, store, paths[p], &z, &err) && plx_zarr_read(&ctx, z, NULL, NULL, &a, &err);
            done = plx_test_alloc_ok() <= k;
            ck_assert_msg(ok || err.code == PLX_E_NOMEM || (p == 5 && err.code == PLX_E_NOTFOUND), "%zu: %s", k,
                          plx_test_err(&err));
            plx_array_free(&a);
            plx_zarr_close(z);
            plx_zarr_store_close(store);
            ck_assert_uint_eq(plx_alloc_live(), live);
        }
    }
}
END_TEST

Suite *zarr_suite(void)
{
    Suite *s = suite_create("zarr");
    TCase *t = tcase_create("zarr");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, test_every_array, 0, 2);
    tcase_add_test(t, test_regions);
    tcase_add_test(t, test_blocks);
    tcase_add_test(t, test_blocks_without_zeros);
    tcase_add_test(t, test_fill);
    tcase_add_test(t, test_missing_array);
    tcase_add_test(t, test_consolidated);
    tcase_add_test(t, test_bad_metadata);
    tcase_add_test(t, test_mutants);
    tcase_add_test(t, test_no_memory);
    suite_add_tcase(s, t);
    return s;
}
