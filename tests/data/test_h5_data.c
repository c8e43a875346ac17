/* SPDX-License-Identifier: Apache-2.0
 *
 * Published HDF5 files. Sums and shapes: h5py 3.7.
 */
#include "formats/h5.h"

#include "support/mutate.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

static const char ATLAS[] = "celegans/wormneuroatlas/aconnectome_default.h5";
static const char DAG[] = "celegans/dag2023/original/2022-07-27-45-data.h5";
static const char LZF[] = "em/gala_fly_snemi/test-gt.lzf.h5";
static const char VOLUME[] = "em/em_erl/vol_gt.h5";

static plx_array get(const char *rel, const char *dataset, plx_dtype dtype)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array array;
    ck_assert_msg(plx_h5_read(&ctx, plx_test_data(rel), dataset, &array, &err), "%s", plx_test_err(&err));
    ck_assert_int_eq(array.dtype, dtype);
    return array;
}

static double sum_of(const plx_array *a, size_t *n_nonzero)
{
    double sum = 0;
    *n_nonzero = 0;
    for (size_t i = 0; i < plx_array_count(a); i++) {
        double v = ((const double *)a->buf.ptr)[i];
        sum += v;
        *n_nonzero += v != 0;
    }
    return sum;
}

START_TEST(test_atlas)
{
    size_t n;
    plx_array a = get(ATLAS, "chem", PLX_F64);
    ck_assert_int_eq(a.ndim, 2);
    ck_assert_uint_eq(a.shape[0], 300);
    ck_assert_uint_eq(a.shape[1], 300);
    ck_assert_double_eq(sum_of(&a, &n), 27729);
    ck_assert_uint_eq(n, 4051);
    double row = 0;
    for (size_t i = 0; i < 300; i++) {
        row += ((const double *)a.buf.ptr)[299 * 300 + i];
    }
    ck_assert_double_eq(row, 4141); /* row 299: rows, not columns */
    plx_array_free(&a);
    a = get(ATLAS, "gap", PLX_F64);
    ck_assert_double_eq(sum_of(&a, &n), 5079);
    ck_assert_uint_eq(n, 1650);
    plx_array_free(&a);
}
END_TEST

START_TEST(test_dag)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    plx_value *list;
    ck_assert_msg(plx_h5_tree(&ctx, plx_test_data(DAG), arena, &list, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(list->u.arr.n, 29);
    size_t n_datasets = 0;
    const plx_value *traces = NULL;
    for (size_t i = 0; i < list->u.arr.n; i++) {
        const plx_value *node = list->u.arr.items[i];
        n_datasets += strcmp(plx_v_get_text(node, "kind"), "dataset") == 0;
        if (strcmp(plx_v_get_text(node, "path"), "/gcamp/trace_array") == 0) {
            traces = node;
        }
    }
    ck_assert_uint_eq(n_datasets, 24);
    ck_assert_ptr_nonnull(traces);
    ck_assert_str_eq(plx_v_get_text(traces, "dtype"), "f64");
    ck_assert_int_eq(plx_v_get(traces, "shape")->u.arr.items[0]->u.i64, 800);
    ck_assert_int_eq(plx_v_get(traces, "shape")->u.arr.items[1]->u.i64, 140);
    plx_arena_free(arena);
    plx_array a;
    bool ok = plx_h5_read_slab(&ctx, plx_test_data(DAG), "/gcamp/trace_array", 2, (uint64_t[]){100, 5},
                               (uint64_t[]){10, 3}, &a, &err);
    ck_assert_msg(ok, "%s", plx_test_err(&err));
    ck_assert_double_eq(((const double *)a.buf.ptr)[0], 1.1244887162710353);
    ck_assert_double_eq(((const double *)a.buf.ptr)[29], -0.03908742183299435);
    size_t n;
    ck_assert_double_eq_tol(sum_of(&a, &n), 6.047119059800489, 1e-12);
    plx_array_free(&a);
    a = get(DAG, "/gcamp/trace_array", PLX_F64);
    ck_assert_double_eq(((const double *)a.buf.ptr)[0], 0.3269764507651518);
    ck_assert_double_eq(((const double *)a.buf.ptr)[800 * 140 - 1], -0.7683155260070466);
    plx_array_free(&a);
    a = get(DAG, "/behavior/reversal_events", PLX_I64);
    int64_t sum = 0;
    for (size_t i = 0; i < 50; i++) {
        sum += ((const int64_t *)a.buf.ptr)[i];
    }
    ck_assert_int_eq(sum, 20190);
    plx_array_free(&a);
}
END_TEST

START_TEST(test_volume)
{
    plx_array a = get(VOLUME, "main", PLX_U8); /* chunks of (13, 52, 52), deflate */
    ck_assert_uint_eq(plx_array_count(&a), (size_t)100 * 205 * 205);
    uint64_t sum = 0;
    for (size_t i = 0; i < plx_array_count(&a); i++) {
        sum += a.buf.ptr[i];
    }
    ck_assert_uint_eq(sum, 17689);
    plx_array_free(&a);
}
END_TEST

START_TEST(test_lzf)
{
    plx_array a = get(LZF, "stack", PLX_I32);
    int64_t sum = 0;
    ck_assert(a.ndim == 3 && a.shape[0] == 50 && a.shape[1] == 100 && a.shape[2] == 200);
    for (size_t i = 0; i < plx_array_count(&a); i++) {
        sum += ((const int32_t *)a.buf.ptr)[i];
    }
    ck_assert_int_eq(sum, 27334214);
    ck_assert_int_eq(((const int32_t *)a.buf.ptr)[50 * 100 * 200 - 1], 41);
    plx_array_free(&a);
}
END_TEST

static bool read_all(const plx_ctx *ctx, const char *path, plx_err *err)
{
    plx_h5_info info;
    return plx_h5_check(ctx, path, &info, err);
}

START_TEST(test_mutations)
{
    mutate_all(plx_test_data(VOLUME), read_all, 100);
}
END_TEST

Suite *h5_data_suite(void)
{
    if (!plx_test_data(ATLAS) || !plx_test_data(DAG) || !plx_test_data(VOLUME) || !plx_test_data(LZF)) {
        return NULL;
    }
    Suite *suite = suite_create("h5_data");
    TCase *tc = tcase_create("h5_data");
    tcase_set_timeout(tc, getenv("PLEXUS_MUTATIONS") ? 3600 : 120);
    tcase_add_test(tc, test_atlas);
    tcase_add_test(tc, test_dag);
    tcase_add_test(tc, test_volume);
    tcase_add_test(tc, test_lzf);
    tcase_add_test(tc, test_mutations);
    suite_add_tcase(suite, tc);
    return suite;
}
