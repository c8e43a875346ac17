/* SPDX-License-Identifier: Apache-2.0
 *
 * Every metric, model and split rule is complete: sorted and unique names, all fields filled, sound parameters.
 */
#include "benchmarks/metric.h"
#include "benchmarks/model.h"
#include "benchmarks/split.h"
#include "benchmarks/task.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

static void sorted(const char *before, const char *name)
{
    ck_assert_msg(!before || strcmp(before, name) < 0, "%s comes after %s", name, before);
    ck_assert_msg(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(name), "%s", name);
}

static void filled(const char *name, const char *field, const char *text)
{
    ck_assert_msg(text && *text, "%s has no %s", name, field);
}

/* Defaults and every value of every grid are in range. */
static void sound(const char *name, const plx_param *specs)
{
    plx_params p, at;
    plx_err err;
    plx_err_clear(&err);
    ck_assert_msg(plx_params_init(specs, name, &p, &err), "%s", plx_test_err(&err));
    size_t n = plx_params_grid_size(&p);
    ck_assert_msg(n >= 1 && n <= 1000, "%s tries %zu combinations", name, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(plx_params_grid_at(&p, name, i, &at, &err), "%s: %s", name, plx_test_err(&err));
    }
    for (size_t i = 0; i < p.n; i++) {
        filled(name, specs[i].name, specs[i].doc);
        ck_assert((specs[i].type == PLX_PARAM_CHOICE) == (specs[i].choices != NULL));
    }
}

START_TEST(metrics)
{
    for (size_t i = 0; plx_metrics[i]; i++) {
        const plx_metric *m = plx_metrics[i];
        sorted(i ? plx_metrics[i - 1]->name : NULL, m->name);
        ck_assert_ptr_eq(plx_metric_find(m->name), m);
        filled(m->name, "title", m->title);
        filled(m->name, "doc", m->doc);
        filled(m->name, "reference", m->reference);
        filled(m->name, "range", m->range);
        ck_assert_ptr_nonnull(m->unit);
        ck_assert_int_ge(m->version, 1);
        ck_assert_uint_ne(m->accepts, 0);
        ck_assert_ptr_nonnull(m->evaluate);
        ck_assert_msg(m->scores && m->scores[0], "%s promises no score", m->name);
        sound(m->name, m->params);
        for (const char *q = m->quirks; q && *q;) {
            size_t tab = strcspn(q, "\t\n"), end = strcspn(q, "\n");
            ck_assert_msg(tab > 0 && tab < end, "%s: a quirk is an id, a tab and a text", m->name);
            q += end + (q[end] == '\n');
        }
    }
    ck_assert_ptr_null(plx_metric_find("nothing"));
    ck_assert_ptr_null(plx_metric_find(NULL));
}
END_TEST

START_TEST(models)
{
    for (size_t i = 0; plx_models[i]; i++) {
        const plx_model *m = plx_models[i];
        sorted(i ? plx_models[i - 1]->name : NULL, m->name);
        ck_assert_ptr_eq(plx_model_find(m->name), m);
        filled(m->name, "title", m->title);
        filled(m->name, "doc", m->doc);
        ck_assert_ptr_nonnull(m->reference);
        ck_assert_int_ge(m->version, 1);
        ck_assert_uint_ne(m->solves, 0);
        ck_assert_ptr_nonnull(m->predict);
        sound(m->name, m->params);
    }
    ck_assert_ptr_null(plx_model_find("nothing"));
}
END_TEST

START_TEST(splits)
{
    for (size_t i = 0; plx_splits[i]; i++) {
        const plx_split *s = plx_splits[i];
        sorted(i ? plx_splits[i - 1]->name : NULL, s->name);
        ck_assert_ptr_eq(plx_split_find(s->name), s);
        filled(s->name, "title", s->title);
        filled(s->name, "doc", s->doc);
        ck_assert_int_ge(s->version, 1);
        ck_assert_ptr_nonnull(s->divide);
        sound(s->name, s->params);
    }
}
END_TEST

START_TEST(tasks)
{
    for (size_t i = 0; plx_tasks[i]; i++) {
        const plx_task *t = plx_tasks[i];
        sorted(i ? plx_tasks[i - 1]->name : NULL, t->name);
        ck_assert_ptr_eq(plx_task_find(t->name), t);
        filled(t->name, "title", t->title);
        filled(t->name, "question", t->question);
        ck_assert_msg(t->question[strlen(t->question) - 1] == '?', "%s asks nothing", t->name);
        filled(t->name, "unit", t->unit);
        filled(t->name, "split", t->split);
        filled(t->name, "negatives", t->negatives);
        filled(t->name, "doc", t->doc);
        ck_assert_ptr_nonnull(t->reference);
        ck_assert_int_ge(t->version, 1);
        ck_assert(t->units && t->units[0] && t->n_refs >= 1 && t->n_folds >= 1 && t->n_seeds >= 1);
        ck_assert(t->load && t->trial && t->metrics[0].metric);
        for (const plx_task_metric *m = t->metrics; m->metric; m++) {
            const plx_metric *metric = plx_metric_find(m->metric);
            ck_assert_msg(metric != NULL, "%s names no known metric: %s", t->name, m->metric);
            filled(t->name, "label of a metric", m->label);
        }
    }
    ck_assert_ptr_null(plx_task_find("nothing"));
}
END_TEST

static bool says_nothing(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                         plx_scores *out, plx_err *err)
{
    (void)ctx, (void)in, (void)params, (void)mode, (void)out, (void)err;
    return false;
}

static bool counts(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                   plx_scores *out, plx_err *err)
{
    (void)ctx, (void)params;
    ck_assert_int_eq(in->kind, PLX_EVIDENCE_RANKING);
    ck_assert_uint_eq(in->positive.n, 2);
    ck_assert_uint_eq(in->negative.n, 3);
    ck_assert_double_eq(plx_reals_at(&in->positive, 1), 4);
    ck_assert_double_eq(plx_reals_at(&in->negative, 2), 5);
    plx_scores_diagnose(out, "five: %d", 5);
    return plx_scores_add(out, "a", mode == PLX_METRIC_STRICT ? INFINITY : 1, err) &&
           plx_scores_undefined(out, "b", err, "for %s", "no reason");
}

START_TEST(the_dispatcher_checks_drivers)
{
    static const char *const ab[] = {"a", "b", NULL}, *const abc[] = {"a", "b", "c", NULL};
    float score[] = {1, 2, 3, 4, 5};
    uint8_t label[] = {0, 1, 0, 1, 0};
    plx_evidence rows = {.kind = PLX_EVIDENCE_BINARY, .n = 5, .score = {PLX_F32, 5, score}, .label = label};
    plx_metric m = {.name = "m", .accepts = PLX_EVIDENCE_RANKING, .scores = ab, .evaluate = counts};
    plx_ctx ctx = plx_ctx_default();
    plx_params none = {0};
    plx_scores out = {0};
    plx_err err;
    plx_err_clear(&err);
    ck_assert_msg(plx_metric_evaluate(&ctx, &m, &rows, &none, PLX_METRIC_STRICT, &out, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(out.n, 2);
    ck_assert(isnan(out.items[0].value) && out.items[0].reason[0]); /* what is not finite is not a score */
    ck_assert_str_eq(plx_scores_find(&out, "b")->reason, "for no reason");
    ck_assert_str_eq(out.diagnostic[0], "five: 5");
    m.scores = abc;
    out.n = 0;
    ck_assert(!plx_metric_evaluate(&ctx, &m, &rows, &none, PLX_METRIC_REFERENCE, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_BUG);
    m.evaluate = says_nothing;
    plx_err_clear(&err);
    ck_assert(!plx_metric_evaluate(&ctx, &m, &rows, &none, PLX_METRIC_REFERENCE, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.what, "the metric m"));
    m.accepts = PLX_EVIDENCE_CLASSES;
    ck_assert(!plx_metric_evaluate(&ctx, &m, &rows, &none, PLX_METRIC_REFERENCE, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
}
END_TEST

START_TEST(scores_are_bounded)
{
    plx_scores out = {0};
    plx_err err;
    char name[PLX_SCORE_NAME + 1];
    for (size_t i = 0; i < PLX_SCORES_MAX; i++) {
        snprintf(name, sizeof name, "s%zu", i);
        ck_assert(plx_scores_add(&out, name, (double)i, &err));
    }
    ck_assert(!plx_scores_add(&out, "more", 1, &err));
    ck_assert_int_eq(err.code, PLX_E_BUG);
    for (size_t i = 0; i < 20; i++) {
        plx_scores_diagnose(&out, "%zu", i);
    }
    ck_assert_uint_eq(out.n_diagnostics, 20);
    ck_assert_str_eq(out.diagnostic[PLX_DIAGNOSTICS_MAX - 1], "7");
}
END_TEST

Suite *drivers_suite(void)
{
    Suite *s = suite_create("drivers");
    TCase *t = tcase_create("tables");
    tcase_add_test(t, metrics);
    tcase_add_test(t, models);
    tcase_add_test(t, splits);
    tcase_add_test(t, tasks);
    tcase_add_test(t, the_dispatcher_checks_drivers);
    tcase_add_test(t, scores_are_bounded);
    suite_add_tcase(s, t);
    return s;
}
