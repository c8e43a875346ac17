/* SPDX-License-Identifier: Apache-2.0
 *
 * golden/files/small.h5 was written by h5py 3.7 (libver="latest"); the expected values are what was given to it.
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
    plx_ctx ctx = plx_ctx_default();
    size_t live = plx_alloc_live();
    bool ok = false;
    size_t k = 0;
    for (; !ok; k++) {
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        ok = read_all(&ctx, plx_test_golden("small.h5"), &err);
        plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    ck_assert_uint_gt(k, 20);
}
END_TEST

START_TEST(test_mutations)
{
    mutate_all(plx_test_golden("small.h5"), read_all, 100);
}
END_TEST

Suite *h5_suite(void)
{
    Suite *suite = suite_create("h5");
    TCase *tc = tcase_create("h5");
    tcase_set_timeout(tc, getenv("PLEXUS_MUTATIONS") ? 3600 : 120);
    tcase_add_test(tc, test_tree);
    tcase_add_test(tc, test_numbers);
    tcase_add_test(tc, test_part);
    tcase_add_test(tc, test_texts);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_every_failed_allocation);
    tcase_add_test(tc, test_mutations);
    suite_add_tcase(suite, tc);
    return suite;
}
