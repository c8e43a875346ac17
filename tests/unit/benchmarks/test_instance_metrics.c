/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics of label volumes as drivers: their flat scores, parameters, and what they say where the reference raises.
 */
#include "benchmarks/metrics/instances.h"
#include "support/label_volume.h"

#include <math.h>

static plx_instances truth, pred, none;
static plx_ctx ctx;

static void setup(void)
{
    static const size_t shape[3] = {30, 30, 30};
    static const long boxes[][8] = {{0, 14, 17, 14, 17, 5, 25, 1}, {1, 14, 17, 5, 25, 14, 17, 2}};
    plx_array t = label_volume(PLX_U8, 2, 3, shape), p = label_volume(PLX_U8, 1, 3, shape);
    plx_label_layout l;
    ctx = plx_ctx_default();
    paint_box(&t, boxes[0]);
    paint_box(&t, boxes[1]);
    ck_assert(plx_label_layout_of(4, t.shape, 3, false, &l, NULL));
    truth = instances_of(&t, &l);
    ck_assert(plx_label_layout_of(4, p.shape, 3, false, &l, NULL));
    none = instances_of(&p, &l);
    paint_box(&p, boxes[0]);
    paint_box(&p, (const long[8]){0, 14, 17, 5, 25, 14, 17, 2});
    pred = instances_of(&p, &l);
    plx_array_free(&t);
    plx_array_free(&p);
}

static void teardown(void)
{
    plx_instances_free(&truth);
    plx_instances_free(&pred);
    plx_instances_free(&none);
}

static plx_scores scores_of(const char *name, const plx_instances *t, const plx_instances *p, plx_metric_mode mode,
                            const char *assignment)
{
    const plx_metric *metric = plx_metric_find(name);
    plx_labels labels = {.predicted = p, .truth = t, .spatial = 3};
    plx_evidence in = {.kind = PLX_EVIDENCE_LABELS, .labels = &labels};
    plx_params params;
    plx_err err = {0};
    plx_scores s = {0};
    ck_assert_msg(plx_params_init(metric->params, name, &params, &err), "%s", plx_test_err(&err));
    ck_assert_msg(!assignment || plx_params_set(&params, name, assignment, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_metric_evaluate(&ctx, metric, &in, &params, mode, &s, &err), "%s", plx_test_err(&err));
    return s;
}

START_TEST(fisbe)
{
    plx_scores s = scores_of("fisbe", &truth, &pred, PLX_METRIC_REFERENCE, "small=0");
    ck_assert_str_eq(s.items[0].name, "S");
    ck_assert(s.items[0].value == 0.9583333134651184 && plx_scores_find(&s, "FM")->value == 1);
    ck_assert(plx_scores_find(&s, "C_overlap")->value == 0.9166666269302368);
    s = scores_of("fisbe", &truth, &pred, PLX_METRIC_REFERENCE, NULL); /* 180 voxels are too few */
    ck_assert(isnan(s.items[0].value) && strstr(s.items[0].reason, "ValueError"));
    ck_assert_uint_eq(pred.n, 2);
    ck_assert_ptr_nonnull(strstr(s.diagnostic[0], "size-filter"));
}
END_TEST

START_TEST(instance_segmentation)
{
    plx_scores s = scores_of("instance-segmentation", &truth, &pred, PLX_METRIC_REFERENCE, NULL);
    ck_assert(plx_scores_find(&s, "RQ")->value == 1 && plx_scores_find(&s, "n_pred")->value == 2);
    ck_assert_double_eq_tol(s.items[0].value, (153.0 / 180 + 1) / 2, 1e-7);
    s = scores_of("instance-segmentation", &truth, &pred, PLX_METRIC_REFERENCE, "localise=cldice");
    ck_assert_double_eq_tol(s.items[0].value, 0.9545454978942871, 1e-7);
    s = scores_of("instance-segmentation", &none, &pred, PLX_METRIC_REFERENCE, NULL);
    ck_assert(isnan(s.items[0].value) && strstr(s.items[0].reason, "ZeroDivisionError"));
    s = scores_of("instance-segmentation", &none, &pred, PLX_METRIC_STRICT, NULL);
    ck_assert(s.items[0].value == 0 && plx_scores_find(&s, "F1@0.5")->value == 0);
    s = scores_of("instance-segmentation", &none, &none, PLX_METRIC_STRICT, NULL);
    ck_assert(isnan(s.items[0].value) && plx_scores_find(&s, "F1@0.5")->value == 1);
}
END_TEST

Suite *instance_metrics_suite(void)
{
    Suite *s = suite_create("instance_metrics");
    TCase *c = tcase_create("instance_metrics");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, fisbe);
    tcase_add_test(c, instance_segmentation);
    suite_add_tcase(s, c);
    return s;
}
