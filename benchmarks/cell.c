/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/cell.h"

#include "benchmarks/machine.h"
#include "core/alloc.h"

#include <math.h>
#include <stdio.h>

size_t plx_stage_width(const plx_stage *stage)
{
    return stage->train.problem == PLX_PROBLEM_TYPES ? stage->train.n_classes : 1;
}

/* Label of a task's column from what its metric gave. */
static bool take_score(const plx_task_metric *m, const plx_metric *metric, const plx_scores *scores,
                       plx_cell_scores *out, plx_err *err)
{
    const plx_score *score = plx_scores_find(scores, m->score ? m->score : metric->scores[0]);
    if (!score) {
        return plx_fail(err, PLX_E_BUG, "the metric %s has no score %s", m->metric, m->score);
    }
    out->value[out->n] = score->value;
    snprintf(out->reason[out->n], PLX_SCORE_REASON, "%s", score->reason);
    out->n++;
    for (size_t i = 0; i < scores->n_diagnostics; i++) {
        if (out->n_diagnostics < PLX_DIAGNOSTICS_MAX && i < PLX_DIAGNOSTICS_MAX) {
            snprintf(out->diagnostic[out->n_diagnostics], PLX_SCORE_REASON, "%s", scores->diagnostic[i]);
        }
        out->n_diagnostics++;
    }
    return true;
}

static bool evaluate_all(const plx_ctx *ctx, const plx_task *task, const plx_evidence *evidence, plx_metric_mode mode,
                         plx_cell_scores *out, plx_err *err)
{
    plx_scores *scores = plx_alloc_zero(1, sizeof *scores);
    bool ok = scores ? true : plx_fail_nomem(err, sizeof *scores);
    memset(out, 0, sizeof *out);
    for (const plx_task_metric *m = task->metrics; ok && m->metric && out->n < PLX_TASK_METRICS_MAX; m++) {
        const plx_metric *metric = plx_metric_find(m->metric);
        plx_params params;
        memset(scores, 0, sizeof *scores);
        ok = (metric ? true
                     : plx_fail(err, PLX_E_BUG, "the task %s names no known metric: %s", task->name, m->metric)) &&
             plx_params_init(metric->params, metric->name, &params, err) &&
             plx_params_set_all(&params, metric->name, m->params, err) &&
             plx_metric_evaluate(ctx, metric, evidence, &params, mode, scores, err) &&
             take_score(m, metric, scores, out, err);
    }
    plx_free(scores);
    return ok;
}

static bool check_finite(const plx_reals *score, plx_err *err)
{
    for (size_t i = 0; i < score->n; i++) {
        if (!isfinite(plx_reals_at(score, i))) {
            return plx_fail(err, PLX_E_FORMAT, "score %zu is not a finite number", i);
        }
    }
    return true;
}

static void most_likely(const plx_reals *score, size_t n, size_t width, int32_t *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        for (size_t k = 1; k < width; k++) {
            best = plx_reals_at(score, i * width + k) > plx_reals_at(score, i * width + best) ? k : best;
        }
        out[i] = (int32_t)best;
    }
}

bool plx_stage_score(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const plx_reals *score,
                     plx_metric_mode mode, plx_cell_scores *out, plx_err *err)
{
    size_t n = stage->query.n, width = plx_stage_width(stage);
    plx_evidence evidence = {.n = n, .score = *score};
    if (score->n != n * width) {
        return plx_fail(err, PLX_E_FORMAT, "%zu scores for %zu items of %zu each", score->n, n, width);
    }
    if (!check_finite(score, err)) {
        return false;
    }
    if (stage->train.problem == PLX_PROBLEM_LINKS) {
        uint8_t *label = plx_alloc(n ? n : 1);
        if (!label) {
            return plx_fail_nomem(err, n);
        }
        for (size_t i = 0; i < n; i++) {
            label[i] = stage->label[i] != 0;
        }
        evidence.kind = PLX_EVIDENCE_BINARY;
        evidence.label = label;
        bool ok = evaluate_all(ctx, task, &evidence, mode, out, err);
        plx_free(label);
        return ok;
    }
    int32_t *predicted = plx_alloc((n ? n : 1) * sizeof *predicted);
    if (!predicted) {
        return plx_fail_nomem(err, n * sizeof *predicted);
    }
    most_likely(score, n, width, predicted);
    evidence.kind = PLX_EVIDENCE_CLASSES;
    evidence.n_classes = width;
    evidence.class_true = stage->label;
    evidence.class_predicted = predicted;
    bool ok = evaluate_all(ctx, task, &evidence, mode, out, err);
    plx_free(predicted);
    return ok;
}

bool plx_stage_score_bundle(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const plx_bundle *answer,
                            plx_metric_mode mode, plx_cell_scores *out, plx_err *err)
{
    plx_evidence evidence = {.kind = PLX_EVIDENCE_BUNDLES, .predicted = answer, .truth = stage->truth};
    return evaluate_all(ctx, task, &evidence, mode, out, err);
}

/* What one fit and its predictions hold on to. */
typedef struct fitted {
    const plx_model *model;
    plx_params params;
    void *state;
    bool ready;
} fitted;

static void let_go(fitted *f)
{
    if (f->ready && f->model->release && f->state) {
        f->model->release(f->state);
    }
    f->state = NULL;
    f->ready = false;
}

static bool blame(const plx_model *model, const char *verb, const plx_err *failure, plx_err *err)
{
    if (err) {
        *err = *failure;
    }
    if (failure->code == PLX_OK) {
        plx_fail(err, PLX_E_BUG, "the model %s failed to %s without saying why", model->name, verb);
    }
    return plx_note(err, "model %s, %s", model->name, verb);
}

static bool fit(const plx_ctx *ctx, const plx_train *train, fitted *f, plx_err *err)
{
    plx_err failure;
    plx_err_clear(&failure);
    if (f->model->fit && !f->model->fit(ctx, train, &f->params, &f->state, &failure)) {
        return blame(f->model, "fit", &failure, err);
    }
    f->ready = true;
    return true;
}

static bool predict(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const fitted *f,
                    plx_metric_mode mode, plx_answer *answer, plx_cell_scores *scores, plx_err *err);

/* What is asked about is read first, and let go afterwards. */
static bool predict_read(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const fitted *f,
                         plx_metric_mode mode, plx_answer *answer, plx_cell_scores *scores, plx_err *err)
{
    plx_bundle data = {0};
    plx_stage filled = *stage;
    if (!task->read(ctx, stage, answer->arena, &data, err)) {
        return false;
    }
    filled.query.data = &data;
    bool ok = predict(ctx, task, &filled, f, mode, answer, scores, err);
    task->let_go(&data);
    return ok;
}

/* Predict into `answer` and score. */
static bool predict(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const fitted *f,
                    plx_metric_mode mode, plx_answer *answer, plx_cell_scores *scores, plx_err *err)
{
    if (task->read && !stage->query.data) {
        return predict_read(ctx, task, stage, f, mode, answer, scores, err);
    }
    size_t n = stage->query.n * plx_stage_width(stage);
    plx_err failure;
    plx_err_clear(&failure);
    for (size_t i = 0; i < n; i++) {
        answer->score[i] = (double)NAN; /* what a model leaves out is seen */
    }
    if (!f->model->predict(ctx, &stage->train, &f->params, f->state, &stage->query, answer, &failure)) {
        return blame(f->model, "predict", &failure, err);
    }
    if (task->score) {
        return task->score(ctx, stage, &answer->bundle, mode, answer->arena, scores, err);
    }
    if (stage->train.problem == PLX_PROBLEM_BUNDLES) {
        return plx_stage_score_bundle(ctx, task, stage, &answer->bundle, mode, scores, err);
    }
    plx_reals reals = {PLX_F64, n, answer->score};
    if (!check_finite(&reals, &failure)) {
        plx_fail(err, PLX_E_BUG, "the model %s gave a score that is not finite", f->model->name);
        return plx_note(err, "%s", failure.what);
    }
    return plx_stage_score(ctx, task, stage, &reals, mode, scores, err);
}

static bool has_work(const plx_stage *stage)
{
    return stage->query.n > 0 || stage->query.data;
}

/* Do both stages learn from the same things? Then a fit for one serves the other. */
static bool same_training(const plx_train *a, const plx_train *b)
{
    return a->graph == b->graph && a->a == b->a && a->b == b->b && a->label == b->label && a->data == b->data &&
           a->n == b->n;
}

static bool is_better(const plx_task *task, double x, double than)
{
    const plx_metric *metric = plx_metric_find(task->metrics[0].metric);
    if (isnan(x)) {
        return false;
    }
    return isnan(than) || (metric && metric->direction == PLX_LOWER_IS_BETTER ? x < than : x > than);
}

/* Try each combination on validation. The best one's fit stays in `best` when it can serve the final stage. */
static bool select_params(const plx_ctx *ctx, const plx_task *task, const plx_params *params, const plx_trial *trial,
                          plx_metric_mode mode, plx_arena *arena, fitted *best, plx_cell_scores *valid, plx_err *err)
{
    const plx_stage *stage = &trial->select;
    size_t n_grid = plx_params_grid_size(params);
    bool keep = same_training(&stage->train, &trial->final.train);
    double best_value = (double)NAN;
    plx_answer answer = {.arena = arena};
    plx_cell_scores *scores = plx_alloc_zero(1, sizeof *scores);
    answer.score = plx_alloc((stage->query.n * plx_stage_width(stage) + 1) * sizeof *answer.score);
    bool ok = scores && answer.score ? true : plx_fail_nomem(err, stage->query.n * sizeof *answer.score);
    for (size_t g = 0; ok && g < n_grid; g++) {
        fitted now = {.model = best->model};
        ok = plx_ctx_go_on(ctx, err) && plx_params_grid_at(params, best->model->name, g, &now.params, err) &&
             fit(ctx, &stage->train, &now, err) && predict(ctx, task, stage, &now, mode, &answer, scores, err);
        if (ok && (g == 0 || is_better(task, scores->value[0], best_value))) {
            best_value = scores->value[0];
            *valid = *scores;
            let_go(best);
            *best = now;
            if (!keep) {
                let_go(best);
            }
        } else {
            let_go(&now);
        }
    }
    plx_free(scores);
    plx_free(answer.score);
    return ok;
}

plx_digest plx_bundle_digest(const plx_bundle *bundle)
{
    plx_sha256 hash;
    plx_sha256_init(&hash);
    for (size_t i = 0; i < bundle->n_arrays; i++) {
        const plx_array *a = &bundle->arrays[i];
        char head[32];
        plx_sha256_text(&hash, bundle->array_names[i]);
        plx_sha256_text(&hash, plx_dtype_name(a->dtype));
        for (int d = 0; d < a->ndim; d++) {
            snprintf(head, sizeof head, "%zu", a->shape[d]);
            plx_sha256_text(&hash, head);
        }
        plx_sha256_update(&hash, a->buf.ptr, a->buf.len);
    }
    return plx_sha256_final(&hash);
}

static plx_digest digest_scores(const double *score, size_t n)
{
    plx_sha256 hash;
    plx_sha256_init(&hash);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        uint8_t bytes[8];
        memcpy(&bits, &score[i], sizeof bits);
        for (unsigned k = 0; k < 8; k++) {
            bytes[k] = (uint8_t)(bits >> (8 * k));
        }
        plx_sha256_update(&hash, bytes, sizeof bytes);
    }
    return plx_sha256_final(&hash);
}

bool plx_cell_run(const plx_ctx *ctx, const plx_task *task, const plx_model *model, const plx_params *params,
                  const plx_trial *trial, plx_metric_mode mode, plx_arena *arena, plx_cell_result *out, plx_err *err)
{
    const plx_stage *stage = &trial->final;
    double cpu = plx_cpu_s(), wall = plx_wall_s();
    fitted best = {.model = model};
    plx_answer answer = {.arena = arena};
    memset(out, 0, sizeof *out);
    out->n_score = stage->query.n * plx_stage_width(stage);
    out->score = plx_arena_alloc(arena, (out->n_score + 1) * sizeof *out->score);
    if (!out->score || !plx_params_grid_at(params, model->name, 0, &best.params, err)) {
        return out->score ? false : plx_fail_nomem(err, out->n_score * sizeof *out->score);
    }
    answer.score = out->score;
    bool ok =
        !has_work(&trial->select) || select_params(ctx, task, params, trial, mode, arena, &best, &out->valid, err);
    ok = ok && (best.ready || fit(ctx, &stage->train, &best, err)) &&
         predict(ctx, task, stage, &best, mode, &answer, &out->test, err);
    if (ok) {
        out->params = best.params;
        out->predictions = stage->train.problem == PLX_PROBLEM_BUNDLES ? plx_bundle_digest(&answer.bundle)
                                                                       : digest_scores(out->score, out->n_score);
        out->n_parameters = model->n_parameters ? model->n_parameters(&stage->train, &best.params, best.state) : 0;
    }
    let_go(&best);
    out->cpu_s = plx_cpu_s() - cpu;
    out->wall_s = plx_wall_s() - wall;
    out->peak_rss_bytes = plx_peak_rss_bytes();
    return ok;
}
