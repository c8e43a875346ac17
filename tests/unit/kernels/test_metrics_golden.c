/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics against scikit-learn, SciPy and OGB's rules, to the last bit: tests/golden/files/metrics.tsv; and against
 * OGB's Evaluator itself: ogb.tsv. Random, tied, constant, single-class and empty inputs in both precisions.
 */
#include "benchmarks/kernels/classes.h"
#include "benchmarks/kernels/rank_corr.h"
#include "benchmarks/kernels/ranking.h"

#include "support/golden_input.h"

#include <check.h>

enum { MOST = 30000 };
static double scores64[MOST], other64[MOST], steps64[MOST], pos64[MOST], neg64[MOST];
static float scores32[MOST], pos32[MOST], neg32[MOST];
static uint8_t labels[MOST];
static int32_t truth[MOST], guess[MOST];

/* What column `at` says of an answer. */
static void agrees(const golden *g, int at, bool ok, double value, const char *what)
{
    ck_assert_msg(golden_agrees(g, at, ok, value), "%s of case %s: %s %a, expected %s", what, g->field[1],
                  ok ? "got" : "refused,", value, g->field[at]);
}

/* Scores, labels, and the scores of either label, of a line "... seed n levels share dtype". */
typedef struct scored {
    plx_numbers all, pos, neg;
} scored;

static scored make_scored(const golden *g)
{
    size_t seed = golden_size(g, 1), n = golden_size(g, 2), levels = golden_size(g, 3);
    double share = golden_number(g, 4);
    bool single = strcmp(g->field[5], "f32") == 0;
    size_t n_pos = 0, n_neg = 0;
    for (size_t i = 0; i < n; i++) {
        labels[i] = golden_uniform(seed, 1, i) < share;
        double s = 0.7 * golden_uniform(seed, 0, i) + 0.3 * labels[i];
        s = (levels ? floor(s * (double)levels) / (double)levels : s) - 0.25;
        scores64[i] = s;
        scores32[i] = (float)s;
        *(labels[i] ? &pos64[n_pos] : &neg64[n_neg]) = s;
        *(labels[i] ? &pos32[n_pos] : &neg32[n_neg]) = (float)s;
        n_pos += labels[i];
        n_neg += !labels[i];
    }
    return (scored){{single ? NULL : scores64, single ? scores32 : NULL, n},
                    {single ? NULL : pos64, single ? pos32 : NULL, n_pos},
                    {single ? NULL : neg64, single ? neg32 : NULL, n_neg}};
}

START_TEST(binary)
{
    golden g = golden_open("metrics.tsv");
    size_t cases = 0;
    while (golden_next(&g, "binary")) {
        size_t seed = golden_size(&g, 1), n = golden_size(&g, 2);
        scored in = make_scored(&g);
        for (size_t i = 0; i < n; i++) {
            other64[i] = golden_uniform(seed, 2, i);
            steps64[i] = floor(4 * other64[i]);
        }
        plx_metric_value v;
        plx_err err = {0};
        bool ok = plx_roc_auc(&in.all, labels, false, &v, &err);
        agrees(&g, 6, ok, v.value, "ROC-AUC");
        ck_assert(!ok || !isnan(v.value) || v.remark);
        plx_metric_value strict;
        if (ok && plx_roc_auc(&in.all, labels, true, &strict, &err) && !isnan(v.value)) {
            ck_assert_double_eq_tol(strict.value, v.value, 1e-12);
        }
        ok = plx_average_precision(&in.all, labels, false, &v, &err);
        agrees(&g, 7, ok, v.value, "average precision");
        ok = plx_hits_at(&in.pos, &in.neg, 1, false, &v, &err);
        agrees(&g, 8, ok, v.value, "hits@1");
        ok = plx_hits_at(&in.pos, &in.neg, 20, false, &v, &err);
        agrees(&g, 9, ok, v.value, "hits@20");
        ok = plx_spearman(&in.all, &(plx_numbers){other64, NULL, n}, &v, &err);
        agrees(&g, 10, ok, v.value, "Spearman");
        ok = plx_spearman(&in.all, &(plx_numbers){steps64, NULL, n}, &v, &err);
        agrees(&g, 11, ok, v.value, "Spearman of steps");
        cases++;
    }
    ck_assert_uint_eq(cases, 540);
}
END_TEST

/* scikit-learn raised for a single class when OGB was asked, and has NaN now. */
static bool is_single_class(const golden *g, int at, bool ok, double value)
{
    return strcmp(g->field[at], "raises") == 0 && (!ok || isnan(value));
}

START_TEST(ogb_links)
{
    golden g = golden_open("ogb.tsv");
    size_t cases = 0;
    while (golden_next(&g, "link")) {
        scored in = make_scored(&g);
        plx_metric_value v;
        plx_err err = {0};
        bool ok = plx_roc_auc(&in.all, labels, false, &v, &err);
        if (!is_single_class(&g, 6, ok, v.value)) {
            ck_assert_double_eq_tol(v.value, golden_number(&g, 6), 1e-14); /* of a scikit-learn that adds otherwise */
        }
        for (int odd = 0; odd < 2; odd++) {
            if (odd) {
                pos64[0] = neg64[0] = (double)NAN;
                pos32[0] = neg32[0] = NAN;
            }
            ok = plx_hits_at(&in.pos, &in.neg, 1, false, &v, &err);
            agrees(&g, 7 + 2 * odd, ok, v.value, "hits@1");
            ok = plx_hits_at(&in.pos, &in.neg, 20, false, &v, &err);
            agrees(&g, 8 + 2 * odd, ok, v.value, "hits@20");
        }
        cases++;
    }
    ck_assert_uint_eq(cases, 320);
}
END_TEST

static void make_ranked(const golden *g)
{
    size_t seed = golden_size(g, 1), n = golden_size(g, 2), each = golden_size(g, 3), levels = golden_size(g, 4);
    for (size_t i = 0; i < n; i++) {
        pos64[i] = golden_uniform(seed, 0, i);
        pos64[i] = levels ? floor(pos64[i] * (double)levels) : pos64[i];
    }
    for (size_t i = 0; i < n * each; i++) {
        neg64[i] = golden_uniform(seed, 1, i);
        neg64[i] = levels ? floor(neg64[i] * (double)levels) : neg64[i];
    }
}

START_TEST(ogb_ranks)
{
    golden g = golden_open("ogb.tsv");
    size_t cases = 0;
    while (golden_next(&g, "rank")) {
        size_t n = golden_size(&g, 2), each = golden_size(&g, 3);
        make_ranked(&g);
        plx_numbers pos = {pos64, NULL, n}, neg = {neg64, NULL, n * each};
        plx_reciprocal_rank r;
        plx_err err = {0};
        bool ok = plx_mean_reciprocal_rank(&pos, &neg, true, PLX_TIES_MEAN, false, &r, &err);
        agrees(&g, 5, ok, r.mrr, "mean reciprocal rank");
        agrees(&g, 6, ok, r.hits1, "hits@1 of ranks");
        agrees(&g, 7, ok, r.hits3, "hits@3 of ranks");
        agrees(&g, 8, ok, r.hits10, "hits@10 of ranks");
        cases++;
    }
    ck_assert_uint_eq(cases, 24);
}
END_TEST

START_TEST(reciprocal_ranks)
{
    golden g = golden_open("metrics.tsv");
    size_t cases = 0;
    while (golden_next(&g, "mrr")) {
        size_t n = golden_size(&g, 2), each = golden_size(&g, 3);
        make_ranked(&g);
        plx_numbers pos = {pos64, NULL, n}, neg = {neg64, NULL, n * each};
        for (int k = 0; k < 4; k++) {
            plx_reciprocal_rank r, strict;
            plx_err err = {0};
            plx_tie_rule ties = k % 2 ? PLX_TIES_PESSIMISTIC : PLX_TIES_MEAN;
            bool ok = plx_mean_reciprocal_rank(&pos, &neg, k < 2, ties, false, &r, &err);
            agrees(&g, 5 + k, ok, r.mrr, "mean reciprocal rank");
            ck_assert(plx_mean_reciprocal_rank(&pos, &neg, k < 2, ties, true, &strict, &err));
            ck_assert_double_eq_tol(strict.mrr, r.mrr, 1e-7);
        }
        cases++;
    }
    ck_assert_uint_eq(cases, 18);
}
END_TEST

START_TEST(classes)
{
    golden g = golden_open("metrics.tsv");
    size_t cases = 0;
    while (golden_next(&g, "classes")) {
        size_t seed = golden_size(&g, 1), n = golden_size(&g, 2), k = golden_size(&g, 3);
        bool skew = golden_size(&g, 4) != 0;
        for (size_t i = 0; i < n; i++) {
            double u = golden_uniform(seed, 0, i);
            truth[i] = (int32_t)floor((double)k * (skew ? u * u * u : u));
            guess[i] = golden_uniform(seed, 1, i) < 0.6 ? truth[i]
                                                        : (int32_t)floor((double)(k + 1) * golden_uniform(seed, 2, i));
        }
        plx_metric_value v;
        plx_err err = {0};
        bool ok = plx_accuracy(truth, guess, n, &v, &err);
        agrees(&g, 5, ok, v.value, "accuracy");
        ok = plx_balanced_accuracy(truth, guess, n, &v, &err);
        agrees(&g, 6, ok, v.value, "balanced accuracy");
        ok = plx_macro_f1(truth, guess, n, false, &v, &err);
        agrees(&g, 7, ok, v.value, "macro F1");
        cases++;
    }
    ck_assert_uint_eq(cases, 60);
}
END_TEST

START_TEST(log_losses)
{
    enum { ROWS = 5000, CLASSES = 17 };
    static double p64[ROWS * CLASSES];
    static float p32[ROWS * CLASSES];
    golden g = golden_open("metrics.tsv");
    size_t cases = 0;
    while (golden_next(&g, "log_loss")) {
        size_t seed = golden_size(&g, 1), n = golden_size(&g, 2), k = golden_size(&g, 3);
        const char *kind = g.field[4];
        bool single = strcmp(g.field[5], "f32") == 0;
        for (size_t i = 0; i < n; i++) {
            truth[i] = (int32_t)floor((double)k * golden_uniform(seed, 0, i));
            double sum = 0;
            for (size_t c = 0; c < k; c++) {
                double *p = &p64[i * k + c];
                *p = golden_uniform(seed, 1, i * k + c);
                *p = strcmp(kind, "sure") == 0 ? floor(*p * 1.5) : *p;
                sum += *p;
            }
            for (size_t c = 0; c < k; c++) {
                p64[i * k + c] /= strcmp(kind, "scaled") == 0 ? sum : 1.0;
                p32[i * k + c] = (float)p64[i * k + c];
            }
        }
        plx_numbers p = {single ? NULL : p64, single ? p32 : NULL, n * k};
        plx_metric_value v, strict;
        plx_err err = {0};
        bool ok = plx_log_loss(truth, &p, n, k, false, &v, &err);
        /* Double precision rests on the logarithm of the C library, whose last bit is not the same everywhere. */
        double expected = golden_number(&g, 6);
        ck_assert_msg(ok && fabs(v.value - expected) <= (single ? 0x1p-22 : 0x1p-51) * expected,
                      "case %s: expected %a, got %a", g.field[1], expected, v.value);
        bool scaled = strcmp(kind, "scaled") == 0;
        ck_assert_int_eq(v.remark == NULL || n == 1, scaled || n == 1);
        ok = plx_log_loss(truth, &p, n, k, true, &strict, &err);
        if (scaled) {
            ck_assert_msg(ok || single, "%s", plx_test_err(&err));
            ck_assert_double_eq_tol(strict.value, v.value, (single ? 1e-5 : 1e-14) * v.value);
        } else if (n > 2) {
            ck_assert(!ok);
        }
        cases++;
    }
    ck_assert_uint_eq(cases, 180);
}
END_TEST

Suite *metrics_golden_suite(void)
{
    Suite *s = suite_create("metrics_golden");
    TCase *tc = tcase_create("metrics_golden");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, binary);
    tcase_add_test(tc, reciprocal_ranks);
    tcase_add_test(tc, ogb_links);
    tcase_add_test(tc, ogb_ranks);
    tcase_add_test(tc, classes);
    tcase_add_test(tc, log_losses);
    suite_add_tcase(s, tc);
    return s;
}
