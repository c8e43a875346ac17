/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels/iscore: the rods of the reference's own tests with their published values, what strict mode mends, bad input,
 * and memory that runs out.
 */
#include "core/alloc.h"
#include "support/label_volume.h"

#include <math.h>

#define ROD_A 14, 17, 14, 17, 5, 25
#define ROD_B 14, 17, 5, 25, 14, 17

typedef struct rods {
    size_t truth_channels, pred_channels;
    long truth[8][8], pred[8][8]; /* channel, z, y, x ends, label; label 0 ends */
} rods;

static const rods pair = {.truth_channels = 2,
                          .pred_channels = 2,
                          .truth = {{0, ROD_A, 1}, {1, ROD_B, 2}},
                          .pred = {{0, ROD_A, 1}, {1, ROD_B, 2}}};
static const rods flat_pred = {.truth_channels = 2,
                               .pred_channels = 1,
                               .truth = {{0, ROD_A, 1}, {1, ROD_B, 2}},
                               .pred = {{0, ROD_A, 1}, {0, ROD_B, 2}}};
static const rods flat_both = {.truth_channels = 1,
                               .pred_channels = 1,
                               .truth = {{0, ROD_A, 1}, {0, ROD_B, 2}},
                               .pred = {{0, ROD_A, 1}, {0, ROD_B, 2}}};
static const rods broken = {.truth_channels = 3,
                            .pred_channels = 5,
                            .truth = {{0, ROD_A, 1}, {1, ROD_B, 2}, {2, 5, 8, 5, 25, 20, 23, 3}},
                            .pred = {{0, ROD_A, 1},
                                     {0, 14, 17, 5, 20, 14, 17, 1},
                                     {1, 25, 30, 25, 30, 25, 30, 2},
                                     {2, 5, 8, 5, 11, 20, 23, 3},
                                     {3, 5, 8, 19, 22, 20, 23, 4},
                                     {4, 1, 5, 1, 5, 1, 5, 5}}};

static plx_iscore_options options(bool strict)
{
    plx_iscore_options o = plx_iscore_fisbe();
    o.small = 0;
    o.strict = strict;
    return o;
}

static plx_arena *arena;

static plx_iscore score(const rods *r, const plx_iscore_options *o)
{
    static const size_t shape[3] = {30, 30, 30};
    plx_array truth = label_volume(PLX_I32, r->truth_channels, 3, shape);
    plx_array pred = label_volume(PLX_I32, r->pred_channels, 3, shape);
    for (size_t i = 0; i < 8; i++) {
        if (r->truth[i][7]) {
            paint_box(&truth, r->truth[i]);
        }
        if (r->pred[i][7]) {
            paint_box(&pred, r->pred[i]);
        }
    }
    plx_iscore s;
    plx_err err;
    plx_err_clear(&err);
    bool ok = score_volumes(&truth, &pred, o, arena, &s, &err);
    ck_assert_msg(ok, "%s", plx_test_err(&err));
    return s;
}

static bool says(const plx_iscore *s, const char *id)
{
    for (size_t i = 0; i < s->n_notes; i++) {
        if (strcmp(s->notes[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static void setup(void)
{
    arena = plx_arena_new(0);
}

static void teardown(void)
{
    plx_arena_free(arena);
}

START_TEST(overlapping_rods)
{
    plx_iscore_options o = options(false);
    plx_iscore s = score(&pair, &o);
    ck_assert(s.tp == 2 && s.fm == 0 && s.fs == 0 && s.overlap.n == 2 && s.overlap.tp == 2);
    ck_assert(s.s == 1 && s.coverage.mean == 1 && s.f19 == 1 && s.ap59 == 1);
    s = score(&flat_pred, &o);
    ck_assert(s.coverage.items[0] == 0.8333333134651184 && s.coverage.items[1] == 1);
    ck_assert(s.tp_scores[0] == 1 && s.tp_scores[1] == 0.9090909361839294);
    ck_assert(s.ap19 == 1 && s.ap59 == .925 && s.f59 == .95 && s.s == 0.9583333134651184 && s.fm == 1 && s.fs == 1);
    s = score(&flat_both, &o);
    ck_assert(s.s == 1 && s.overlap.n == 0);
}
END_TEST

START_TEST(broken_rods)
{
    plx_iscore_options o = options(false);
    plx_iscore s = score(&broken, &o);
    ck_assert(s.coverage.items[0] == 1 && s.coverage.items[1] == 0 && s.coverage.items[2] == 0.444444477558136);
    ck_assert(s.tp_scores[0] == .800000011920929 && s.ap19 == 0.14074074074074072 && s.ap59 == .04);
    ck_assert(s.f19 == 0.3055555555555556 && s.f59 == .15 && s.s == 0.3935185091363059 && s.fm == 1 && s.fs == 1);
    const plx_iscore_at *half = &s.at[PLX_ISCORE_HALF];
    ck_assert(half->tp == 1 && half->fp == 4 && half->fn == 2 && half->false_split == 2 && half->false_merge == 1);
    o.partly = true;
    s = score(&broken, &o);
    ck_assert(s.at[PLX_ISCORE_HALF].fp == 2 && s.f19 == 0.4074074074074074 && s.s == 0.44444443506223186);
    ck_assert(says(&s, "partly-ignored"));
    o.partly = false;
    o.small = 100;
    s = score(&broken, &o);
    ck_assert(s.n_pred == 2 && s.f19 == 0.3111111111111111 && s.s == 0.32222222718927596 && s.fm == 1 && s.fs == 0);
    ck_assert(s.n_removed == 3 && says(&s, "size-filter"));
}
END_TEST

/* C1: a rod of even thickness thins to nothing. */
START_TEST(even_thickness)
{
    static const rods r = {.truth_channels = 2,
                           .pred_channels = 2,
                           .truth = {{0, ROD_A, 1}, {1, 2, 6, 2, 6, 2, 26, 2}},
                           .pred = {{0, ROD_A, 1}, {1, 2, 6, 2, 6, 2, 26, 2}}};
    plx_iscore_options o = options(false);
    plx_iscore s = score(&r, &o);
    ck_assert(s.tp == 1 && s.coverage.items[1] == 0 && says(&s, "skeleton-vanished"));
    o.strict = true;
    s = score(&r, &o);
    ck_assert(s.tp == 2 && s.coverage.items[1] == 1 && s.s == 1 && says(&s, "skeleton-vanished"));
}
END_TEST

/* F1: the reference adds up what a prediction and its double cover. */
START_TEST(double_prediction)
{
    static const rods r = {
        .truth_channels = 1, .pred_channels = 2, .truth = {{0, ROD_A, 1}}, .pred = {{0, ROD_A, 1}, {1, ROD_A, 2}}};
    plx_iscore_options o = options(false);
    plx_iscore s = score(&r, &o);
    ck_assert(s.coverage.mean == 2 && s.s == 0.5 * s.f19 + 1 && says(&s, "coverage-above-1"));
    ck_assert(says(&s, "coverage-added") && says(&s, "duplicate-prediction"));
    o.strict = true;
    s = score(&r, &o);
    ck_assert(s.coverage.mean == 1 && says(&s, "coverage-added") && !says(&s, "coverage-above-1"));
    ck_assert(says(&s, "duplicate-prediction"));
    s = score(&broken, &o);
    ck_assert(!says(&s, "duplicate-prediction"));
}
END_TEST

/* The size filter of the reference looks at masks of 0 and 1 all at once; strict looks at each. */
START_TEST(filter_of_masks)
{
    static const rods r = {.truth_channels = 1,
                           .pred_channels = 2,
                           .truth = {{0, ROD_A, 1}},
                           .pred = {{0, ROD_A, 1}, {1, 1, 3, 1, 4, 1, 4, 1}}};
    plx_iscore_options o = options(false);
    o.small = 100;
    plx_iscore s = score(&r, &o);
    ck_assert(s.n_pred == 2 && s.n_removed == 0 && says(&s, "mask-filter"));
    o.strict = true;
    s = score(&r, &o);
    ck_assert(s.n_pred == 1 && s.n_removed == 1 && s.s == 1 && says(&s, "mask-filter"));
    const plx_iscore_row *gone = &s.rows[s.n_rows - 1];
    ck_assert(gone->removed && gone->channel == 1 && gone->n_voxels == 18);
}
END_TEST

START_TEST(nothing_there)
{
    static const rods no_pred = {.truth_channels = 2, .pred_channels = 1, .truth = {{0, ROD_A, 1}, {1, ROD_B, 2}}},
                      no_truth = {.truth_channels = 1, .pred_channels = 1, .pred = {{0, ROD_A, 1}}},
                      neither = {.truth_channels = 1, .pred_channels = 1};
    plx_iscore_options o = options(false);
    plx_iscore s = score(&no_pred, &o);
    ck_assert_str_eq(s.reference_error, "ValueError");
    ck_assert(says(&s, "empty-prediction"));
    s = score(&no_truth, &o);
    ck_assert_str_eq(s.reference_error, "ZeroDivisionError");
    ck_assert(says(&s, "empty-truth"));
    o.strict = true;
    s = score(&no_pred, &o);
    ck_assert(!s.reference_error && s.s == 0 && s.coverage.n == 2 && s.overlap.n == 2 && s.overlap.tp == 0);
    ck_assert(says(&s, "empty-prediction"));
    s = score(&no_truth, &o);
    ck_assert(!s.reference_error && s.s == 0 && s.tp_rel == 0 && says(&s, "empty-truth"));
    s = score(&neither, &o);
    ck_assert(!s.reference_error && s.s == 1 && s.tp_rel == 1);
    o.partly = true; /* what is not labelled may be right */
    s = score(&no_truth, &o);
    ck_assert(s.f19 == 1 && s.coverage.mean == 0);
}
END_TEST

START_TEST(dim_objects)
{
    static const int64_t dim[] = {2, 9};
    plx_iscore_options o = options(true);
    o.dim = dim;
    o.n_dim = 2;
    plx_iscore s = score(&broken, &o);
    ck_assert(s.dim.n == 1 && s.dim.tp == 1 && s.dim.coverage.n == 1 && says(&s, "dim-unknown"));
    ck_assert(s.rows[1].dim && !s.rows[0].dim);
    o.strict = false; /* background in place of label 9 */
    s = score(&broken, &o);
    ck_assert(s.dim.n == 2 && says(&s, "dim-unknown"));
}
END_TEST

START_TEST(rows_of_instances)
{
    plx_iscore_options o = options(false);
    plx_iscore s = score(&broken, &o);
    ck_assert_uint_eq(s.n_rows, 8);
    ck_assert(s.rows[0].is_truth && s.rows[0].partner == 1 && s.rows[0].score == .800000011920929);
    ck_assert(s.rows[0].n_voxels == 180 && s.rows[0].n_skeleton > 0 && s.rows[0].overlaps);
    ck_assert(!s.rows[3].is_truth && s.rows[3].id == 1 && s.rows[3].partner == 1);
    ck_assert(s.rows[5].partner == 0 && s.rows[5].best == 3 && isnan(s.rows[5].coverage));
}
END_TEST

/* Ids that do not fit: the reference would wrap them. */
START_TEST(many_in_a_byte)
{
    static const size_t shape[3] = {1, 40, 40};
    for (int strict = 0; strict < 2; strict++) {
        plx_array truth = label_volume(PLX_U8, 2, 3, shape), pred = label_volume(PLX_U8, 1, 3, shape);
        for (size_t c = 0; c < 2; c++) {
            for (size_t i = 0; i < 150; i++) {
                paint_voxel(&truth, c * 1600 + 2 * i + 80 * c, (long)i + 1);
            }
        }
        plx_iscore_options o = options(strict);
        plx_iscore s;
        plx_err err;
        plx_err_clear(&err);
        bool ok = score_volumes(&truth, &pred, &o, arena, &s, &err);
        ck_assert(ok == strict);
        if (!ok) {
            ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
            ck_assert_ptr_nonnull(strstr(err.what, "300 instances"));
        }
    }
}
END_TEST

START_TEST(negative_labels)
{
    static const size_t shape[3] = {3, 8, 8};
    for (int strict = 0; strict < 2; strict++) {
        plx_array truth = label_volume(PLX_I32, 1, 3, shape), pred = label_volume(PLX_I32, 1, 3, shape);
        paint_voxel(&truth, 5, 1);
        paint_voxel(&pred, 5, -1);
        plx_iscore_options o = options(strict);
        plx_iscore s;
        plx_err err;
        plx_err_clear(&err);
        bool ok = score_volumes(&truth, &pred, &o, arena, &s, &err);
        ck_assert(ok == !strict);
        ck_assert(strict ? err.code == PLX_E_FORMAT : strcmp(s.reference_error, "AssertionError") == 0);
    }
}
END_TEST

START_TEST(too_many_pairs)
{
    static const size_t shape[3] = {3, 8, 8};
    plx_array truth = label_volume(PLX_I32, 1, 3, shape);
    for (size_t i = 0; i < 192; i++) {
        paint_voxel(&truth, i, (long)i + 1);
    }
    plx_label_layout l;
    ck_assert(plx_label_layout_of(4, truth.shape, 3, false, &l, NULL));
    plx_instances t = instances_of(&truth, &l), p = instances_of(&truth, &l);
    plx_iscore_options o = options(true);
    plx_iscore s;
    plx_err err;
    plx_err_clear(&err);
    ck_assert(!plx_iscore_run(&t, &p, &o, 193 * 193 - 1, arena, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_instances_free(&t);
    plx_instances_free(&p);
    plx_array_free(&truth);
}
END_TEST

START_TEST(panoptic)
{
    plx_iscore_options o = options(false);
    o.localise = PLX_BY_IOU;
    o.parts = 0;
    plx_iscore s = score(&broken, &o);
    double pq, sq, rq;
    plx_iscore_panoptic(&s, &pq, &sq, &rq);
    ck_assert(s.tp == 1 && rq == 2.0 / (2 + 4 + 2) && pq == sq * rq);
    ck_assert_double_eq_tol(sq, 180.0 / (180 + 108), 1e-7); /* A against A and the part of B outside it */
}
END_TEST

START_TEST(memory_runs_out)
{
    static const int64_t dim[] = {1, 3};
    plx_iscore_options o = options(true);
    o.dim = dim;
    o.n_dim = 2;
    o.small = 100;
    for (int pairing = 0; pairing < 2; pairing++) {
        o.pairing = pairing ? PLX_PAIR_LEAST_COST : PLX_PAIR_GREEDY;
        bool done = false;
        for (size_t k = 0; !done; k++) {
            static const size_t shape[3] = {30, 30, 30};
            plx_label_layout l;
            plx_array truth = label_volume(PLX_I32, 3, 3, shape), pred = label_volume(PLX_I32, 5, 3, shape);
            for (size_t i = 0; i < 6; i++) {
                paint_box(&pred, broken.pred[i]);
                paint_box(&truth, broken.truth[i % 3]);
            }
            ck_assert(plx_label_layout_of(4, truth.shape, 3, false, &l, NULL));
            plx_instances t = instances_of(&truth, &l);
            ck_assert(plx_label_layout_of(4, pred.shape, 3, false, &l, NULL));
            plx_instances p = instances_of(&pred, &l);
            size_t live = plx_alloc_live();
            plx_arena *a = plx_arena_new(0);
            plx_iscore s;
            plx_err err;
            plx_err_clear(&err);
            plx_test_alloc_fail_at(k);
            done = plx_iscore_run(&t, &p, &o, 1 << 20, a, &s, &err);
            plx_test_alloc_ok();
            ck_assert(done || err.code == PLX_E_NOMEM);
            plx_arena_free(a);
            ck_assert_uint_eq(plx_alloc_live(), live);
            plx_instances_free(&t);
            plx_instances_free(&p);
            plx_array_free(&truth);
            plx_array_free(&pred);
        }
    }
}
END_TEST

Suite *iscore_suite(void)
{
    Suite *s = suite_create("iscore");
    TCase *c = tcase_create("iscore");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, overlapping_rods);
    tcase_add_test(c, broken_rods);
    tcase_add_test(c, even_thickness);
    tcase_add_test(c, double_prediction);
    tcase_add_test(c, filter_of_masks);
    tcase_add_test(c, nothing_there);
    tcase_add_test(c, dim_objects);
    tcase_add_test(c, rows_of_instances);
    tcase_add_test(c, many_in_a_byte);
    tcase_add_test(c, negative_labels);
    tcase_add_test(c, too_many_pairs);
    tcase_add_test(c, panoptic);
    tcase_add_test(c, memory_runs_out);
    suite_add_tcase(s, c);
    return s;
}
