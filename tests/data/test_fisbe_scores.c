/* SPDX-License-Identifier: Apache-2.0
 *
 * Acceptance of the instance scores: the reference's answers to the micro cases, the real pair R14A02 with every
 * skeleton, and the aggregates of the published table of 23 images.
 */
#include "benchmarks/kernels/label_cover.h"
#include "benchmarks/kernels/thin.h"
#include "benchmarks/label_files.h"
#include "benchmarks/label_report.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "support/label_volume.h"

#include <math.h>

static const char SAMPLE[] = "R14A02-20180905_65_A6";
#define EIS "fisbe/evaluate-instance-segmentation/"

static plx_ctx ctx;
static plx_arena *arena;

static void setup(void)
{
    ctx = plx_ctx_default();
    arena = plx_arena_new(0);
}

static void teardown(void)
{
    plx_arena_free(arena);
}

static plx_value *read_json(const char *path)
{
    plx_err err = {0};
    plx_buf text;
    plx_value *v;
    const plx_json_opts opts = {.allow_nan = true};
    ck_assert_msg(plx_buf_read_file(path, 1 << 26, &text, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_json_parse(&ctx, arena, path, (const char *)text.ptr, text.len, &opts, &v, &err), "%s",
                  plx_test_err(&err));
    plx_buf_free(&text);
    return v;
}

/* Everything expected is there, and nothing else; 1 and 1.0 are one number. */
static void same(const char *where, const plx_value *expected, const plx_value *got)
{
    double a, b;
    ck_assert_msg(got != NULL, "%s is missing", where);
    if (plx_v_as_f64(expected, &a)) {
        ck_assert_msg(plx_v_as_f64(got, &b), "%s is no number", where);
        ck_assert_msg(a == b || (isnan(a) && isnan(b)), "%s: %.17g, expected %.17g", where, b, a);
    } else if (expected->kind == PLX_V_ARR) {
        ck_assert_msg(got->kind == PLX_V_ARR && got->u.arr.n == expected->u.arr.n, "%s has another length", where);
        for (size_t i = 0; i < expected->u.arr.n; i++) {
            same(where, expected->u.arr.items[i], got->u.arr.items[i]);
        }
    } else {
        ck_assert_int_eq(expected->kind, PLX_V_OBJ);
        ck_assert_msg(got->u.obj.n == expected->u.obj.n, "%s has %zu keys, expected %zu", where, got->u.obj.n,
                      expected->u.obj.n);
        for (size_t i = 0; i < expected->u.obj.n; i++) {
            const char *key = expected->u.obj.members[i].key.ptr;
            same(plx_arena_printf(arena, "%s %s", where, key), expected->u.obj.members[i].value, plx_v_get(got, key));
        }
    }
}

static int64_t integer(const plx_value *v)
{
    int64_t i;
    ck_assert(plx_v_as_i64(v, &i));
    return i;
}

static plx_array painted(const plx_value *c, const char *channels, const char *boxes)
{
    size_t shape[3];
    for (size_t k = 0; k < 3; k++) {
        shape[k] = (size_t)integer(plx_v_get(c, "shape")->u.arr.items[k]);
    }
    plx_array a = label_volume(PLX_I32, (size_t)integer(plx_v_get(c, channels)), 3, shape);
    const plx_value *list = plx_v_get(c, boxes);
    for (size_t i = 0; i < list->u.arr.n; i++) {
        long box[8];
        for (size_t k = 0; k < 8; k++) {
            box[k] = (long)integer(list->u.arr.items[i]->u.arr.items[k]);
        }
        paint_box(&a, box);
    }
    return a;
}

static unsigned parts_of(const plx_value *metrics)
{
    unsigned parts = 0;
    for (size_t i = 0; i < metrics->u.arr.n; i++) {
        const char *name = plx_v_text(metrics->u.arr.items[i]);
        parts |= strcmp(name, "avg_gt_skel_coverage") == 0 ? PLX_ISCORE_COVERAGE : 0;
        parts |= strcmp(name, "false_merge") == 0 ? PLX_ISCORE_MERGES : 0;
        parts |= strcmp(name, "avg_gt_cov_dim") == 0 ? PLX_ISCORE_DIM : 0;
        parts |= strcmp(name, "avg_gt_cov_overlap") == 0 ? PLX_ISCORE_OVERLAP : 0;
    }
    return parts;
}

static void check_micro_case(const plx_value *c)
{
    const char *name = plx_v_get_text(c, "name");
    plx_iscore_options o = plx_iscore_fisbe();
    const plx_value *small = plx_v_get(c, "remove_small_components"), *dim = plx_v_get(c, "dim_neurons");
    int64_t ids[8];
    for (size_t i = 0; i < dim->u.arr.n; i++) {
        ids[i] = integer(dim->u.arr.items[i]);
    }
    o.dim = ids;
    o.n_dim = dim->u.arr.n;
    o.small = small->kind == PLX_V_NULL ? 0 : (uint64_t)integer(small);
    o.partly = plx_v_get(c, "partly")->u.b;
    o.localise = strcmp(plx_v_get_text(c, "localization"), "iou") == 0 ? PLX_BY_IOU : PLX_BY_CLDICE;
    o.pairing = strcmp(plx_v_get_text(c, "assignment"), "hungarian") == 0 ? PLX_PAIR_LEAST_COST : PLX_PAIR_GREEDY;
    o.parts = parts_of(plx_v_get(c, "general_metrics"));
    plx_array truth = painted(c, "gt_channels", "gt_boxes"), pred = painted(c, "pred_channels", "pred_boxes");
    plx_iscore s;
    plx_err err = {0};
    ck_assert_msg(score_volumes(&truth, &pred, &o, arena, &s, &err), "%s: %s", name, plx_test_err(&err));
    const char *exception = plx_v_get_text(c, "exception");
    if (exception) {
        ck_assert_msg(s.reference_error != NULL, "%s raised nothing", name);
        ck_assert_str_eq(exception, plx_arena_printf(arena, "%s: %s", s.reference_error, s.reference_error_text));
    } else {
        ck_assert_msg(!s.reference_error, "%s raised %s", name, s.reference_error);
        same(name, plx_v_get(c, "expected"), plx_iscore_metrics(&s, arena));
    }
}

START_TEST(micro_cases)
{
    plx_value *cases = read_json(plx_test_data("fisbe/golden/micro_cases.json"));
    for (size_t i = 0; i < cases->u.arr.n; i++) {
        check_micro_case(cases->u.arr.items[i]);
    }
    ck_assert_uint_eq(cases->u.arr.n, 60);
}
END_TEST

static plx_label_pair read_real_pair(void)
{
    plx_err err = {0};
    plx_label_pair pair;
    char pred[PLX_PATH], truth[PLX_PATH];
    snprintf(pred, sizeof pred, "%s%s.hdf:volumes/gmm_label_cleaned", plx_test_data(EIS "pred/"), SAMPLE);
    snprintf(truth, sizeof truth, "%s%s.zarr:volumes/gt_instances", plx_test_data(EIS "gt/"), SAMPLE);
    const plx_label_pair_opts opts = {.spatial = 3, .squeeze = true};
    ck_assert_msg(plx_label_pair_read(&ctx, pred, truth, &opts, arena, &pair, &err), "%s", plx_test_err(&err));
    return pair;
}

/* (z, y, x) in int32 of every voxel, as the digests were made. */
static void check_skeleton(const plx_mask *mask, const plx_value *sha, const plx_value *n)
{
    plx_voxels v;
    plx_err err = {0};
    ck_assert_msg(plx_thin_lee(mask, &v, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(v.n, (size_t)integer(n));
    plx_sha256 hash;
    plx_sha256_init(&hash);
    for (size_t i = 0; i < v.n; i++) {
        uint64_t row = v.items[i] / mask->shape[2];
        int32_t at[3] = {(int32_t)(row / mask->shape[1]), (int32_t)(row % mask->shape[1]),
                         (int32_t)(v.items[i] % mask->shape[2])};
        plx_sha256_update(&hash, at, sizeof at);
    }
    plx_digest digest = plx_sha256_final(&hash);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, plx_v_text(sha));
    plx_free(v.items);
}

static void check_skeletons(const plx_label_pair *pair)
{
    plx_value *counts = read_json(plx_test_data("fisbe/golden/R14A02-20180905_65_A6_counts.json"));
    ck_assert_uint_eq(pair->truth.n, 7);
    for (size_t i = 0; i < 7; i++) {
        plx_mask mask = plx_instance_mask(&pair->truth, i);
        ck_assert_uint_eq(pair->truth.items[i].n_voxels,
                          (uint64_t)integer(plx_v_get(counts, "gt_voxels")->u.arr.items[i]));
        check_skeleton(&mask, plx_v_get(counts, "gt_skeleton_sha256")->u.arr.items[i],
                       plx_v_get(counts, "gt_skeleton_voxels")->u.arr.items[i]);
    }
    size_t kept = 0;
    for (size_t i = 0; i < pair->pred.n; i++) {
        plx_mask mask = plx_instance_mask(&pair->pred, i);
        if (pair->pred.items[i].n_voxels > 800) {
            check_skeleton(&mask, plx_v_get(counts, "pred_skeleton_sha256")->u.arr.items[kept],
                           plx_v_get(counts, "pred_skeleton_voxels")->u.arr.items[kept]);
            kept++;
        }
    }
    ck_assert_uint_eq(kept, 9);
    plx_label_cover cover;
    ck_assert(plx_label_cover_make(&pair->truth, &cover, NULL));
    uint64_t overlap = 0;
    for (size_t i = 0; i < cover.n; i++) {
        overlap += cover.items[i].n_ids > 1 ? cover.items[i].end - cover.items[i].start : 0;
    }
    ck_assert_uint_eq(overlap, 677);
    plx_label_cover_free(&cover);
}

/* The prediction does not overlap and no skeleton vanishes: strict differs in precision alone. */
static void check_strict(plx_label_pair *pair)
{
    plx_iscore_options o = plx_iscore_fisbe();
    plx_iscore s;
    plx_err err = {0};
    o.strict = true;
    o.dim = pair->dim;
    o.n_dim = pair->n_dim;
    ck_assert_msg(plx_iscore_run(&pair->truth, &pair->pred, &o, 1 << 20, arena, &s, &err), "%s", plx_test_err(&err));
    ck_assert_double_eq_tol(s.s, 0.36567311651176876, 1e-7);
    ck_assert(s.tp == 3 && s.coverage.items[0] == 284.0 / 3220 && s.coverage.items[5] == 3586.0 / 3594);
}

/* The summary of one image is the published one, letter for letter. */
static void check_summary(const plx_iscore *score)
{
    const char *name = SAMPLE;
    plx_ipool pool;
    plx_err err = {0};
    plx_sb text = {0};
    plx_buf expected;
    ck_assert(plx_ipool_set(&score, 1, &pool, &err) && plx_iscore_summary(&name, &score, 1, &pool, &text, &err));
    ck_assert(plx_buf_read_file(plx_test_data(EIS "results/summary.csv"), 1 << 20, &expected, &err));
    ck_assert_uint_eq(text.len, expected.len);
    ck_assert_mem_eq(text.ptr, expected.ptr, text.len);
    plx_sb_free(&text);
    plx_buf_free(&expected);
}

START_TEST(real_pair)
{
    plx_label_pair pair = read_real_pair();
    plx_iscore_options o = plx_iscore_fisbe();
    plx_iscore s;
    plx_err err = {0};
    check_skeletons(&pair);
    o.dim = pair.dim;
    o.n_dim = pair.n_dim;
    ck_assert_uint_eq(o.n_dim, 3);
    ck_assert_msg(plx_iscore_run(&pair.truth, &pair.pred, &o, 1 << 20, arena, &s, &err), "%s", plx_test_err(&err));
    plx_value *golden = read_json(plx_test_data("fisbe/golden/R14A02-20180905_65_A6_reference_metrics.json"));
    same(SAMPLE, plx_v_get(golden, "metrics"), plx_iscore_metrics(&s, arena));
    ck_assert_uint_eq(s.n_removed, 2);
    check_summary(&s);
    check_strict(&pair);
    plx_label_pair_free(&pair);
}
END_TEST

/* A table row as a score: what the table does not hold is made up so that sums come out. */
static plx_iscore from_row(const plx_csv *csv, const plx_slice *f)
{
    plx_iscore s = {.parts = PLX_ISCORE_ALL};
    double row[PLX_ISCORE_COLUMNS];
    for (size_t k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        size_t at;
        ck_assert(plx_csv_need(csv, plx_iscore_columns[k], &at, NULL));
        ck_assert(plx_parse_f64(f[at].ptr, f[at].len, &row[k]));
    }
    s.n_truth = (size_t)row[0];
    s.n_pred = (size_t)row[1];
    s.fm = (size_t)row[8];
    s.fs = (size_t)row[9];
    s.tp = (size_t)row[10];
    s.coverage.n = s.n_truth;
    s.dim.n = s.dim.coverage.n = (size_t)row[13];
    s.dim.tp = (size_t)row[14];
    s.overlap.n = s.overlap.coverage.n = (size_t)row[17];
    s.overlap.tp = (size_t)row[18];
    double *c = plx_arena_zero(arena, s.n_truth + 1, sizeof *c), *t = plx_arena_zero(arena, s.tp + 1, sizeof *t);
    double *d = plx_arena_zero(arena, s.n_truth + 1, sizeof *d), *o = plx_arena_zero(arena, s.n_truth + 1, sizeof *o);
    for (size_t i = 0; i < s.n_truth; i++) {
        c[i] = row[4];
        d[i] = row[16];
        o[i] = row[20];
    }
    for (size_t i = 0; i < s.tp; i++) {
        t[i] = row[12];
    }
    s.coverage.items = c;
    s.tp_scores = t;
    s.dim.coverage.items = d;
    s.overlap.coverage.items = o;
    for (size_t k = 0; k < PLX_ISCORE_NINE; k++) {
        /* F1 = 2 tp / (truth + counted predictions); of partly labelled images only .5 has its counts. */
        double whole = (double)(s.n_truth + s.n_pred);
        s.at[k].tp = k == PLX_ISCORE_HALF ? (size_t)row[5] : (size_t)lround(row[21 + k] * whole / 2);
        s.at[k].fp = k == PLX_ISCORE_HALF ? (size_t)row[6] : s.n_pred - s.at[k].tp;
        s.at[k].fn = s.n_truth - s.at[k].tp;
    }
    return s;
}

static bool is_partly(const plx_slice *name)
{
    static const char *const completely[] = {
        "JRC_SS04989-20160318_24_A2", "R14A02-20180905_65_A6",   "R54A09-20181019_64_H1",  "VT011145-20171222_63_I1",
        "VT027175-20171031_62_H3",    "VT027175-20171031_62_H4", "VT050157-20171110_61_C1"};
    for (size_t i = 0; i < 7; i++) {
        if (plx_slice_is(*name, completely[i])) {
            return false;
        }
    }
    return true;
}

START_TEST(published_table)
{
    plx_source *source;
    plx_csv *csv;
    plx_err err = {0};
    const plx_csv_opts opts = {.delimiter = ';', .quote = '|'};
    const char *path = plx_test_data(EIS "results/summary_brainbow_combined.csv");
    ck_assert_msg(plx_source_file(&ctx, path, false, &source, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_csv_open(&ctx, source, &opts, &csv, &err), "%s", plx_test_err(&err));
    static plx_iscore scores[23];
    const plx_iscore *sets[2][23];
    size_t n[2] = {0, 0};
    const plx_slice *f;
    for (size_t i = 0; i < 23; i++) {
        ck_assert(plx_csv_next(csv, &f, &err) && f);
        scores[i] = from_row(csv, f);
        bool partly = is_partly(&f[0]);
        sets[partly][n[partly]++] = &scores[i];
    }
    plx_csv_close(csv);
    plx_source_close(source);
    plx_ipool c, p, all;
    ck_assert(plx_ipool_set(sets[0], n[0], &c, &err) && plx_ipool_set(sets[1], n[1], &p, &err));
    ck_assert(plx_ipool_combine(sets[0], n[0], sets[1], n[1], &all, &err));
    ck_assert(n[0] == 7 && n[1] == 16 && c.n_truth == 34 && p.n_truth == 100 && p.n_pred == 229);
    static const double f1[9] = {.30612, .28571, .26531, .26531, .26531, .26531, .20408, .14286, .06122};
    for (size_t k = 0; k < 9; k++) {
        ck_assert_double_eq_tol(c.f[k], f1[k], 5e-6);
    }
    ck_assert(c.f[4] == 0.2653061224489796 && c.f19 == .2290249433106576 && c.tp == 13 && c.fs == 6 && c.fm == 1);
    ck_assert(c.tp_rel == 13.0 / 34);
    ck_assert_double_eq_tol(c.coverage, .32842892, 1e-6);
    ck_assert_double_eq_tol(c.s, .27872693, 1e-6);
    ck_assert(p.tp_at[4] == 37 && p.fp_at[4] == 77 && p.fn_at[4] == 63 && p.f[4] == .34579439252336447);
    ck_assert_double_eq_tol(p.coverage, .33968479, 1e-6);
    ck_assert(p.fs == 39 && p.fm == 28 && p.tp == 37);
    ck_assert(all.f[4] == .30555025748617204 && all.tp_rel == .373134328358209 && all.fs == 45 && all.fm == 29);
    ck_assert_double_eq_tol(all.coverage, .33405685, 1e-6);
    /* The code that made the table took the mean of both sets here too; its successor leaves these out. */
    ck_assert_double_eq_tol((c.overlap.coverage + p.overlap.coverage) / 2, .3586942, 1e-6);
    ck_assert_double_eq_tol((c.dim.coverage + p.dim.coverage) / 2, .031343184, 1e-6);
    ck_assert(c.dim.tp + p.dim.tp == 1 && c.dim.n + p.dim.n == 36 && c.overlap.tp + p.overlap.tp == 22);
    ck_assert(c.overlap.n + p.overlap.n == 65);
}
END_TEST

Suite *fisbe_scores_suite(void)
{
    if (!plx_test_data("fisbe/golden/micro_cases.json")) {
        return NULL;
    }
    Suite *s = suite_create("fisbe_scores");
    TCase *c = tcase_create("fisbe_scores");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, micro_cases);
    tcase_add_test(c, real_pair);
    tcase_add_test(c, published_table);
    suite_add_tcase(s, c);
    return s;
}
