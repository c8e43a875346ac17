/* SPDX-License-Identifier: Apache-2.0
 *
 * The metric drivers over the kernels: every metric is asked the question it answers, in both modes, and what is not
 * defined comes with its reason. The kernels' numbers are held to their references in tests/unit/kernels.
 */
#include "benchmarks/metric.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const double score[] = {0.9, 0.8, 0.7, 0.6, 0.55, 0.54, 0.53, 0.52};
static const uint8_t label[] = {1, 1, 0, 1, 0, 1, 0, 0};

static plx_evidence binary(size_t n)
{
    return (plx_evidence){.kind = PLX_EVIDENCE_BINARY, .n = n, .score = {PLX_F64, n, score}, .label = label};
}

/* Evaluate with one parameter set, or none. */
static plx_scores measure(const char *name, const char *assignment, const plx_evidence *in, plx_metric_mode mode)
{
    static plx_scores out;
    const plx_metric *m = plx_metric_find(name);
    ck_assert_msg(m != NULL, "%s", name);
    plx_ctx ctx = plx_ctx_default();
    plx_params params;
    plx_err err;
    plx_err_clear(&err);
    memset(&out, 0, sizeof out);
    ck_assert_msg(plx_params_init(m->params, name, &params, &err), "%s", plx_test_err(&err));
    ck_assert_msg(!assignment || plx_params_set(&params, name, assignment, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_metric_evaluate(&ctx, m, in, &params, mode, &out, &err), "%s", plx_test_err(&err));
    return out;
}

static void is(const char *name, const char *assignment, const plx_evidence *in, plx_metric_mode mode, double expected)
{
    plx_scores out = measure(name, assignment, in, mode);
    ck_assert_msg(out.items[0].value == expected, "%s: %.17g, expected %.17g", name, out.items[0].value, expected);
}

static void undefined(const char *name, const plx_evidence *in, plx_metric_mode mode, const char *word)
{
    plx_scores out = measure(name, NULL, in, mode);
    ck_assert_msg(isnan(out.items[0].value) && strstr(out.items[0].reason, word), "%s: %g, %s", name,
                  out.items[0].value, out.items[0].reason);
}

/* sklearn: roc_auc_score 0.8125, average_precision_score 0.8541666666666666 */
START_TEST(rankings)
{
    plx_evidence in = binary(8);
    for (int mode = 0; mode < 2; mode++) {
        is("roc_auc", NULL, &in, (plx_metric_mode)mode, 0.8125);
        is("average_precision", NULL, &in, (plx_metric_mode)mode, 0.8541666666666666);
        is("hits", "k=1", &in, (plx_metric_mode)mode, 0.5);
        is("hits", "k=2", &in, (plx_metric_mode)mode, 0.75);
    }
    is("mrr", "ties=sklearn", &in, PLX_METRIC_REFERENCE, (1.0 + 1.0 + 0.5 + 1.0 / 3.0) / 4.0);
    is("mrr", "ties=optimistic", &in, PLX_METRIC_STRICT, (1.0 + 1.0 + 0.5 + 1.0 / 3.0) / 4.0);
    is("mrr", NULL, &in, PLX_METRIC_REFERENCE, (1.0 + 1.0 + 0.5 + (double)(1.0f / 3.0f)) / 4.0);
    plx_scores all = measure("mrr", NULL, &in, PLX_METRIC_STRICT);
    ck_assert_double_eq(plx_scores_find(&all, "mean_rank")->value, 7.0 / 4.0);
    ck_assert_double_eq(plx_scores_find(&all, "hits@1")->value, 0.5);
    /* Each positive with negatives of its own. */
    plx_evidence own = {.kind = PLX_EVIDENCE_RANKING,
                        .positive = {PLX_F64, 2, (const double[]){2, 2}},
                        .negative = {PLX_F64, 4, (const double[]){1, 0, 3, 2}},
                        .negative_per_row = 2};
    is("mrr", "ties=sklearn", &own, PLX_METRIC_REFERENCE, (1.0 + 1.0 / 3.0) / 2.0);
    /* Floats are read as floats. */
    const float narrow[] = {0.3f, 0.2f, 0.1f};
    plx_evidence single = {
        .kind = PLX_EVIDENCE_BINARY, .n = 3, .score = {PLX_F32, 3, narrow}, .label = (const uint8_t[]){1, 0, 1}};
    is("roc_auc", NULL, &single, PLX_METRIC_REFERENCE, 0.5);
}
END_TEST

START_TEST(classes)
{
    const int32_t truth[] = {0, 0, 1, 1}, guess[] = {0, 0, 1, 2};
    const double p[] = {0.5, 0.25, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5};
    plx_evidence in = {.kind = PLX_EVIDENCE_CLASSES,
                       .n = 4,
                       .score = {PLX_F64, 12, p},
                       .n_classes = 3,
                       .class_true = truth,
                       .class_predicted = guess};
    is("accuracy", NULL, &in, PLX_METRIC_REFERENCE, 0.75);
    is("balanced_accuracy", NULL, &in, PLX_METRIC_REFERENCE, 0.75);
    is("macro_f1", NULL, &in, PLX_METRIC_REFERENCE, (1.0 + 2.0 / 3.0) / 3.0);
    is("macro_f1", NULL, &in, PLX_METRIC_STRICT, (1.0 + 2.0 / 3.0) / 2.0);
    ck_assert_uint_eq(measure("macro_f1", NULL, &in, PLX_METRIC_REFERENCE).n_diagnostics, 1);
    double expected = (3.0 * log(2.0) + log(4.0)) / 4.0;
    ck_assert_double_eq_tol(measure("log_loss", NULL, &in, PLX_METRIC_REFERENCE).items[0].value, expected, 1e-15);
    ck_assert_double_eq_tol(measure("log_loss", NULL, &in, PLX_METRIC_STRICT).items[0].value, expected, 1e-15);
    plx_evidence hard = in;
    hard.score.n = 0;
    undefined("log_loss", &hard, PLX_METRIC_REFERENCE, "no probabilities");
}
END_TEST

START_TEST(numbers)
{
    plx_evidence in = {.kind = PLX_EVIDENCE_REGRESSION,
                       .n = 3,
                       .score = {PLX_F64, 3, score},
                       .target = {PLX_F64, 3, (const double[]){9, 8, 1}}};
    is("spearman", NULL, &in, PLX_METRIC_REFERENCE, 1.0);
    in.target.ptr = (const double[]){1, 1, 1};
    undefined("spearman", &in, PLX_METRIC_REFERENCE, "constant");
}
END_TEST

START_TEST(nothing_to_measure)
{
    for (size_t i = 0; plx_metrics[i]; i++) {
        const plx_metric *m = plx_metrics[i];
        if (m->accepts & (PLX_EVIDENCE_BUNDLES | PLX_EVIDENCE_LABELS)) {
            continue;
        }
        plx_evidence none = {.kind = (plx_evidence_kind)(m->accepts & -m->accepts)};
        none.score.ptr = none.target.ptr = none.positive.ptr = none.negative.ptr = score;
        none.score.dtype = none.target.dtype = none.positive.dtype = none.negative.dtype = PLX_F64;
        undefined(m->name, &none, PLX_METRIC_REFERENCE, "there ");
    }
    plx_evidence one_class = binary(2);
    undefined("roc_auc", &one_class, PLX_METRIC_STRICT, "one class");
    undefined("hits", &one_class, PLX_METRIC_STRICT, "fewer than k");
    is("hits", NULL, &one_class, PLX_METRIC_REFERENCE, 1.0);
    const uint8_t zeros[2] = {0, 0};
    one_class.label = zeros;
    is("average_precision", NULL, &one_class, PLX_METRIC_REFERENCE, 0.0);
    undefined("average_precision", &one_class, PLX_METRIC_STRICT, "no positive");
}
END_TEST

START_TEST(bad_values)
{
    const double odd[] = {0.5, NAN};
    plx_evidence in = {
        .kind = PLX_EVIDENCE_BINARY, .n = 2, .score = {PLX_F64, 2, odd}, .label = (const uint8_t[]){1, 0}};
    plx_ctx ctx = plx_ctx_default();
    plx_scores out = {0};
    plx_err err;
    plx_err_clear(&err);
    ck_assert(!plx_metric_evaluate(&ctx, plx_metric_find("roc_auc"), &in, NULL, PLX_METRIC_REFERENCE, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert(strstr(err.what, "score 1 is NaN") != NULL);
}
END_TEST

Suite *metrics_suite(void)
{
    Suite *s = suite_create("metrics");
    TCase *tc = tcase_create("metrics");
    tcase_add_test(tc, rankings);
    tcase_add_test(tc, classes);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, nothing_to_measure);
    tcase_add_test(tc, bad_values);
    suite_add_tcase(s, tc);
    return s;
}
