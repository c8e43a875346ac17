/* SPDX-License-Identifier: Apache-2.0
 *
 * golden/files/small.h5, chunks.h5 and block.h5 were written by h5py 3 (small.h5 and chunks.h5 with libver="latest");
 * the expected values are what was given to it.
 */
#include "formats/h5.h"

#include "core/alloc.h"
#include "formats/format.h"
#include "support/mutate.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

static const plx_value *node_at(const plx_value *list, const char *path)
{
    for (size_t i = 0; i < list->u.arr.n; i++) {
        if (strcmp(plx_v_get_text(list->u.arr.items[i], "path"), path) == 0) {
            return list->u.arr.items[i];
        }
    }
    ck_abort_msg("no %s", path);
    return NULL;
}

static void is_list(const plx_value *list, size_t n, const int64_t *expected)
{
    ck_assert_ptr_nonnull(list);
    ck_assert_int_eq(list->kind, PLX_V_ARR);
    ck_assert_uint_eq(list->u.arr.n, n);
    for (size_t i = 0; i < n; i++) {
        int64_t got;
        ck_assert(plx_v_as_i64(list->u.arr.items[i], &got));
        ck_assert_int_eq(got, expected[i]);
    }
}

START_TEST(test_tree)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    plx_value *list;
    ck_assert_msg(plx_h5_tree(&ctx, plx_test_golden("small.h5"), arena, &list, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(list->u.arr.n, 19);
    ck_assert_str_eq(plx_v_get_text(list->u.arr.items[0], "path"), "/");
    const plx_value *root = node_at(list, "/");
    ck_assert_str_eq(plx_v_get_text(root, "kind"), "group");
    ck_assert_str_eq(plx_v_text(plx_v_at(root, "attributes.title.value")), "worm");
    int64_t n;
    ck_assert(plx_v_as_i64(plx_v_at(root, "attributes.n.value"), &n) && n == 7);
    const plx_value *ratio = plx_v_at(root, "attributes.ratio.value");
    ck_assert_uint_eq(ratio->u.arr.n, 2);
    ck_assert_double_eq(ratio->u.arr.items[1]->u.f64, 2.25);
    ck_assert_str_eq(plx_v_text(plx_v_at(root, "attributes.names.value")->u.arr.items[1]), "\xce\xb2"
                                                                                           "c");
    const plx_value *x = node_at(list, "/g/x");
    ck_assert_str_eq(plx_v_get_text(x, "dtype"), "i32");
    ck_assert_str_eq(plx_v_get_text(x, "layout"), "chunked");
    is_list(plx_v_get(x, "shape"), 3, (int64_t[]){3, 4, 5});
    is_list(plx_v_get(x, "chunks"), 3, (int64_t[]){2, 3, 5});
    const plx_value *filters = plx_v_get(x, "filters");
    ck_assert_uint_eq(filters->u.arr.n, 2);
    ck_assert_str_eq(plx_v_text(filters->u.arr.items[0]), "shuffle");
    ck_assert_str_eq(plx_v_text(filters->u.arr.items[1]), "deflate");
    ck_assert_str_eq(plx_v_text(plx_v_at(x, "attributes.unit.value")), "um");
    is_list(plx_v_get(node_at(list, "/scalar"), "shape"), 0, NULL);
    ck_assert_str_eq(plx_v_get_text(node_at(list, "/soft"), "target"), "/g/x");
    ck_assert_str_eq(plx_v_get_text(node_at(list, "/outside"), "target"), "another file");
    ck_assert_str_eq(plx_v_get_text(node_at(list, "/g/sub/up"), "target"), "a group above");
    ck_assert_str_eq(plx_v_get_text(node_at(list, "/g/sub/pairs"), "dtype"), "compound");
    ck_assert_str_eq(plx_v_get_text(node_at(list, "/g/z"), "dtype"), "c128");
    ck_assert_str_eq(plx_v_get_text(node_at(list, "/g/flags"), "dtype"), "b1");
    plx_arena_free(arena);
}
END_TEST

static plx_array get(const char *dataset, plx_dtype dtype, int ndim)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array array;
    bool ok = plx_h5_read(&ctx, plx_test_golden("small.h5"), dataset, &array, &err);
    ck_assert_msg(ok, "%s: %s", dataset, plx_test_err(&err));
    ck_assert_int_eq(array.dtype, dtype);
    ck_assert_int_eq(array.ndim, ndim);
    return array;
}

START_TEST(test_numbers)
{
    plx_array a = get("/g/x", PLX_I32, 3);
    for (int i = 0; i < 60; i++) {
        ck_assert_int_eq(((const int32_t *)a.buf.ptr)[i], i - 7);
    }
    plx_array_free(&a);
    a = get("soft", PLX_I32, 3);
    plx_array_free(&a);
    a = get("/scalar", PLX_F64, 0);
    ck_assert_double_eq(*(const double *)a.buf.ptr, 3.5);
    plx_array_free(&a);
    a = get("/g/big_endian", PLX_I16, 1);
    ck_assert_int_eq(((const int16_t *)a.buf.ptr)[1], -2);
    ck_assert_int_eq(((const int16_t *)a.buf.ptr)[2], 300);
    plx_array_free(&a);
    a = get("/g/f4", PLX_F32, 2);
    ck_assert_double_eq(((const float *)a.buf.ptr)[1], -0.25);
    plx_array_free(&a);
    a = get("/g/f2", PLX_F32, 1);
    ck_assert_double_eq(((const float *)a.buf.ptr)[1], 65504);
    plx_array_free(&a);
    a = get("/g/flags", PLX_B1, 1);
    ck_assert_mem_eq(a.buf.ptr, "\1\0\1", 3);
    plx_array_free(&a);
    a = get("/g/z", PLX_C128, 1);
    ck_assert_double_eq(((const double *)a.buf.ptr)[1], 2);
    ck_assert_double_eq(((const double *)a.buf.ptr)[3], -3.5);
    plx_array_free(&a);
    a = get("/g/u8", PLX_U64, 1);
    ck_assert_uint_eq(((const uint64_t *)a.buf.ptr)[1], UINT64_MAX);
    plx_array_free(&a);
    a = get("/g/empty", PLX_F64, 2);
    ck_assert_uint_eq(plx_array_count(&a), 0);
    ck_assert_uint_eq(a.shape[1], 3);
    plx_array_free(&a);
}
END_TEST

START_TEST(test_part)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array a;
    const char *path = plx_test_golden("small.h5");
    bool ok = plx_h5_read_slab(&ctx, path, "/g/x", 3, (uint64_t[]){1, 2, 3}, (uint64_t[]){2, 1, 2}, &a, &err);
    ck_assert_msg(ok, "%s", plx_test_err(&err));
    const int32_t *v = (const int32_t *)a.buf.ptr;
    ck_assert_uint_eq(plx_array_count(&a), 4);
    ck_assert_int_eq(v[0], 33 - 7);
    ck_assert_int_eq(v[1], 34 - 7);
    ck_assert_int_eq(v[2], 53 - 7);
    ck_assert_int_eq(v[3], 54 - 7);
    plx_array_free(&a);
    ck_assert(!plx_h5_read_slab(&ctx, path, "/g/x", 3, (uint64_t[]){1, 2, 3}, (uint64_t[]){3, 1, 2}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_h5_read_slab(&ctx, path, "/g/x", 1, (uint64_t[]){1}, (uint64_t[]){1}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

static void texts(const char *dataset, size_t n, const char *const *expected)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_strcol got = {0};
    bool ok = plx_h5_read_strings(&ctx, plx_test_golden("small.h5"), dataset, &got, &err);
    ck_assert_msg(ok, "%s: %s", dataset, plx_test_err(&err));
    plx_table table = {0};
    ck_assert(plx_strcol_finish(&got, &table, "value", &err));
    ck_assert_uint_eq(table.n_rows, n);
    for (size_t i = 0; i < n; i++) {
        plx_slice s = plx_column_str(&table.cols[0], i);
        ck_assert_msg(plx_slice_is(s, expected[i]), "%s: %.*s", expected[i], (int)s.len, s.ptr);
    }
    plx_table_free(&table);
}

START_TEST(test_texts)
{
    texts("/g/sub/fixed", 3, (const char *const[]){"ADAL", "AVAR", "x"});
    texts("/g/sub/text", 4, (const char *const[]){"one", "\xce\xb1\xce\xb2", "", "last"});
    texts("/g/sub/refs", 2, (const char *const[]){"/g/x", "/g/sub"});
}
END_TEST

static void refused(const char *path, const char *dataset, plx_code code, const char *words)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array a;
    ck_assert(!plx_h5_read(&ctx, path, dataset, &a, &err));
    ck_assert_msg(err.code == code && strstr(plx_test_err(&err), words), "%s", plx_test_err(&err));
}

START_TEST(test_refused)
{
    refused(plx_test_golden("small.h5"), "/g/none", PLX_E_NOTFOUND, "/g/none");
    refused(plx_test_golden("small.h5"), "/g", PLX_E_NOTFOUND, "/g");
    refused(plx_test_golden("small.h5"), "/outside", PLX_E_NOTFOUND, "/outside");
    refused(plx_test_golden("small.h5"), "/g/sub/pairs", PLX_E_UNSUPPORTED, "compound");
    refused(plx_test_golden("small.h5"), "/g/sub/fixed", PLX_E_UNSUPPORTED, "text");
    refused(plx_test_file("a.h5", "\x89HDF\r\n\x1a\n and no more", 20), "/x", PLX_E_FORMAT, "a.h5");
    refused("/nonexistent/a.h5", "/x", PLX_E_NOTFOUND, "a.h5");
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_strcol strings = {0};
    ck_assert(!plx_h5_read_strings(&ctx, plx_test_golden("small.h5"), "/g/x", &strings, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    plx_strcol_free(&strings);
    plx_arena *arena = plx_arena_new(0);
    plx_value *list;
    ctx.limits.entries = 5;
    ck_assert(!plx_h5_tree(&ctx, plx_test_golden("small.h5"), arena, &list, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_arena_free(arena);
    const plx_format *format;
    ck_assert(plx_format_detect(plx_test_golden("small.h5"), &format, &err));
    ck_assert_str_eq(format->name, "h5");
}
END_TEST

/* Tree and all values, as the tools do it. */
/* golden/files/chunks.h5: h5py 3.7, shape (7, 10, 9) in chunks of (3, 4, 5), element i being 3 i - 50 unless said
 * otherwise; each whole and in parts, by chunks read here and by libhdf5 alike. */
static double chunked_value(const char *name, size_t i)
{
    size_t row = i / 90, column = i / 9 % 10;
    if (strcmp(name, "gzip_u1") == 0) {
        return (double)(i % 200);
    }
    if (strcmp(name, "flags") == 0) {
        return i % 2 == 0;
    }
    if (strcmp(name, "sparse_i4") == 0) {
        return row >= 2 && row < 4 && column >= 3 && column < 5 ? (double)i : 7;
    }
    return 3 * (double)i - 50;
}

static double element(const plx_array *a, size_t i)
{
    double pair[2];
    plx_column all = {.dtype = a->dtype, .n = plx_array_count(a), .values = plx_buf_view(a->buf.ptr, a->buf.len)};
    if (a->dtype == PLX_C128) {
        memcpy(pair, a->buf.ptr + i * sizeof pair, sizeof pair);
        ck_assert_double_eq(pair[1], pair[0] / 2);
        return pair[0];
    }
    return plx_column_f64(&all, i);
}

START_TEST(test_chunks)
{
    static const char *const names[] = {"plain_i2",   "gzip_u1",   "shuffle_i2",  "shuffle_f4",
                                        "shuffle_f8", "flags",     "shuffle_c16", "only_shuffled_i4",
                                        "swapped_i4", "summed_i4", "sparse_i4",   "contiguous_f8"};
    static const struct {
        uint64_t start[3], count[3];
    } parts[] = {{{0, 0, 0}, {7, 10, 9}}, {{2, 3, 4}, {1, 1, 1}}, {{2, 3, 4}, {2, 5, 3}}, {{6, 9, 8}, {1, 1, 1}},
                 {{3, 4, 5}, {3, 4, 4}},  {{0, 8, 0}, {7, 1, 9}}, {{1, 1, 1}, {0, 5, 5}}};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
                plx_ctx ctx = plx_ctx_default();
                plx_err err = {0};
                plx_array a;
                ctx.jobs = jobs;
                const uint64_t *start = parts[p].start, *count = parts[p].count;
                bool ok = plx_h5_read_slab(&ctx, plx_test_golden("chunks.h5"), names[k], 3, start, count, &a, &err);
                ck_assert_msg(ok, "%s: %s", names[k], plx_test_err(&err));
                for (size_t i = 0; i < plx_array_count(&a); i++) {
                    size_t x = i / (size_t)(count[1] * count[2]), y = i / (size_t)count[2] % (size_t)count[1];
                    size_t z = i % (size_t)count[2];
                    size_t at = (size_t)((start[0] + x) * 90 + (start[1] + y) * 9 + start[2] + z);
                    ck_assert_msg(element(&a, i) == chunked_value(names[k], at), "%s, part %zu, element %zu", names[k],
                                  p, i);
                }
                plx_array_free(&a);
            }
        }
    }
}
END_TEST

START_TEST(test_odd_chunks)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array a;
    /* Filters left out of single chunks. */
    ck_assert_msg(plx_h5_read(&ctx, plx_test_golden("chunks.h5"), "masked_i4", &a, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < 16; i++) {
        ck_assert_double_eq(element(&a, i), (double)i);
    }
    plx_array_free(&a);
    ck_assert_msg(plx_h5_read(&ctx, plx_test_golden("chunks.h5"), "line_i8", &a, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < 10; i++) {
        ck_assert_double_eq(element(&a, i), 5 * (double)i);
    }
    plx_array_free(&a);
    /* Addresses count from behind the user block. */
    ck_assert_msg(plx_h5_read(&ctx, plx_test_golden("block.h5"), "x", &a, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < 20; i++) {
        ck_assert_double_eq(element(&a, i), 7 * (double)i);
    }
    plx_array_free(&a);
    /* A damaged chunk is what libhdf5 says it is. */
    plx_buf file;
    ck_assert(plx_buf_read_file(plx_test_golden("chunks.h5"), 1 << 20, &file, &err));
    size_t hits = 0;
    for (size_t i = 0; i + 2 < file.len; i++) {
        if (file.ptr[i] == 0x78 && file.ptr[i + 1] == 0x5e) { /* zlib at level 4 */
            file.ptr[i + 2] = 0xff;
            hits++;
        }
    }
    ck_assert_uint_gt(hits, 10);
    ck_assert(!plx_h5_read(&ctx, plx_test_file("broken.h5", file.ptr, file.len), "shuffle_f8", &a, &err));
    ck_assert_int_eq(plx_code_exit(err.code), 8);
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "shuffle_f8"));
    plx_buf_free(&file);
}
END_TEST

typedef struct streamed {
    size_t n, n_begun;
    float sum;
} streamed;

static bool stream_begin(void *payload, plx_dtype dtype, int ndim, const size_t *shape, plx_err *err)
{
    (void)err;
    streamed *s = payload;
    s->n_begun++;
    ck_assert(dtype == PLX_F32 && ndim == 3 && shape[0] == 7 && shape[2] == 9);
    return true;
}

static bool stream_piece(void *payload, const uint8_t *bytes, size_t len, plx_err *err)
{
    (void)err;
    streamed *s = payload;
    for (size_t i = 0; bytes && i + sizeof(float) <= len; i += sizeof(float)) {
        float x;
        memcpy(&x, bytes + i, sizeof x);
        s->sum += x;
    }
    s->n += len;
    return true;
}

/* libhdf5 has no filter for it; it is read all the same, also as a stream and by `check`. */
START_TEST(test_lzf)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    streamed s = {0};
    const plx_h5_stream stream = {.begin = stream_begin, .piece = stream_piece, .payload = &s};
    ck_assert_msg(plx_h5_each(&ctx, plx_test_golden("chunks.h5"), "lzf_f4", &stream, &err), "%s", plx_test_err(&err));
    ck_assert(s.n_begun == 1 && s.n == 630 * sizeof(float));
    ck_assert_double_eq(s.sum, 3 * 629 * 630 / 2 - 50 * 630);
    plx_h5_info info;
    ck_assert_msg(plx_h5_check(&ctx, plx_test_golden("chunks.h5"), &info, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(info.n_datasets, 15);
    ck_assert_uint_eq(info.n_unread, 0);
}
END_TEST

static bool read_shuffled(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_array a;
    bool ok = plx_h5_read(ctx, path, "shuffle_f8", &a, err);
    plx_array_free(&a);
    return ok;
}

START_TEST(test_chunks_with_every_failed_allocation)
{
    fail_each_allocation(plx_test_golden("chunks.h5"), read_shuffled, 5);
}
END_TEST

static bool read_all(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_h5_info info;
    plx_arena *arena = plx_arena_new(0);
    plx_value *list;
    plx_array a = {0};
    bool ok = arena && plx_h5_check(ctx, path, &info, err) && plx_h5_tree(ctx, path, arena, &list, err) &&
              (plx_h5_read(ctx, path, "/g/x", &a, err) || (err->code == PLX_E_NOTFOUND));
    plx_array_free(&a);
    if (!arena) {
        plx_fail_nomem(err, 0);
    }
    plx_arena_free(arena);
    return ok;
}

START_TEST(test_every_failed_allocation)
{
    fail_each_allocation(plx_test_golden("small.h5"), read_all, 20);
}
END_TEST

START_TEST(test_mutations)
{
    mutate_all(plx_test_golden("small.h5"), read_all, 100);
}
END_TEST

static bool read_chunked(const plx_ctx *ctx, const char *path, plx_err *err)
{
    static const char *const names[] = {"plain_i2", "shuffle_f8", "sparse_i4", "contiguous_f8", "masked_i4", "lzf_f4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        plx_array a;
        plx_err_clear(err);
        /* One that is damaged does not keep the others from being read. */
        if (plx_h5_read(ctx, path, names[i], &a, err)) {
            plx_array_free(&a);
        } else if (err->code != PLX_E_NOTFOUND && err->code != PLX_E_UNSUPPORTED) {
            return false;
        }
    }
    return true;
}

START_TEST(test_chunk_mutations)
{
    mutate_all(plx_test_golden("chunks.h5"), read_chunked, 100);
}
END_TEST

Suite *h5_suite(void)
{
    Suite *suite = suite_create("h5");
    TCase *tc = tcase_create("h5");
    tcase_set_timeout(tc, getenv("PLEXUS_MUTATIONS") ? 3600 : 120);
    tcase_add_test(tc, test_tree);
    tcase_add_test(tc, test_numbers);
    tcase_add_test(tc, test_chunks);
    tcase_add_test(tc, test_odd_chunks);
    tcase_add_test(tc, test_lzf);
    tcase_add_test(tc, test_chunks_with_every_failed_allocation);
    tcase_add_test(tc, test_part);
    tcase_add_test(tc, test_texts);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_every_failed_allocation);
    tcase_add_test(tc, test_mutations);
    tcase_add_test(tc, test_chunk_mutations);
    suite_add_tcase(suite, tc);
    return suite;
}
