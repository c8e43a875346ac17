/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of metrics, and what all of them share: checks of the evidence, scores and their reasons.
 */
#include "benchmarks/metric.h"

#include "core/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define PLX_METRIC(name) extern const plx_metric plx_metric_##name;
#include "benchmarks/metrics/metrics.def"
#undef PLX_METRIC

const plx_metric *const plx_metrics[] = {
#define PLX_METRIC(name) &plx_metric_##name,
#include "benchmarks/metrics/metrics.def"
#undef PLX_METRIC
    NULL,
};

const plx_metric *plx_metric_find(const char *name)
{
    for (size_t i = 0; name && plx_metrics[i]; i++) {
        if (strcmp(plx_metrics[i]->name, name) == 0) {
            return plx_metrics[i];
        }
    }
    return NULL;
}

const plx_array *plx_bundle_array(const plx_bundle *bundle, const char *name)
{
    for (size_t i = 0; i < bundle->n_arrays; i++) {
        if (strcmp(bundle->array_names[i], name) == 0) {
            return &bundle->arrays[i];
        }
    }
    return NULL;
}

const plx_table *plx_bundle_table(const plx_bundle *bundle, const char *name)
{
    for (size_t i = 0; i < bundle->n_tables; i++) {
        if (strcmp(bundle->table_names[i], name) == 0) {
            return &bundle->tables[i];
        }
    }
    return NULL;
}

static plx_score *next_score(plx_scores *scores, const char *name, plx_err *err)
{
    if (scores->n == PLX_SCORES_MAX || strlen(name) >= PLX_SCORE_NAME) {
        plx_fail(err, PLX_E_BUG, "the score %.60s is one too many, or its name is too long", name);
        return NULL;
    }
    plx_score *score = &scores->items[scores->n++];
    memset(score, 0, sizeof *score);
    snprintf(score->name, sizeof score->name, "%s", name);
    return score;
}

bool plx_scores_add(plx_scores *scores, const char *name, double value, plx_err *err)
{
    plx_score *score = next_score(scores, name, err);
    if (!score) {
        return false;
    }
    score->value = value;
    if (!isfinite(value)) {
        score->value = (double)NAN;
        snprintf(score->reason, sizeof score->reason, "the result is not a finite number");
    }
    return true;
}

bool plx_scores_undefined(plx_scores *scores, const char *name, plx_err *err, const char *why, ...)
{
    plx_score *score = next_score(scores, name, err);
    if (!score) {
        return false;
    }
    va_list args;
    va_start(args, why);
    score->value = (double)NAN;
    vsnprintf(score->reason, sizeof score->reason, why, args);
    va_end(args);
    return true;
}

void plx_scores_diagnose(plx_scores *scores, const char *fmt, ...)
{
    if (scores->n_diagnostics < PLX_DIAGNOSTICS_MAX) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(scores->diagnostic[scores->n_diagnostics], PLX_SCORE_REASON, fmt, args);
        va_end(args);
    }
    scores->n_diagnostics++;
}

const plx_score *plx_scores_find(const plx_scores *scores, const char *name)
{
    for (size_t i = 0; i < scores->n; i++) {
        if (strcmp(scores->items[i].name, name) == 0) {
            return &scores->items[i];
        }
    }
    return NULL;
}

const char *plx_metric_mode_name(plx_metric_mode mode)
{
    return mode == PLX_METRIC_STRICT ? "strict" : "reference";
}

bool plx_metric_mode_parse(const char *text, plx_metric_mode *out)
{
    *out = strcmp(text, "strict") == 0 ? PLX_METRIC_STRICT : PLX_METRIC_REFERENCE;
    return strcmp(text, plx_metric_mode_name(*out)) == 0;
}

const char *plx_direction_name(plx_direction direction)
{
    return direction == PLX_LOWER_IS_BETTER ? "lower" : "higher";
}

static const char *kind_name(plx_evidence_kind kind)
{
    switch (kind) {
    case PLX_EVIDENCE_BINARY:
        return "scores with labels 0 and 1";
    case PLX_EVIDENCE_RANKING:
        return "scores of positives and of negatives";
    case PLX_EVIDENCE_CLASSES:
        return "classes";
    case PLX_EVIDENCE_REGRESSION:
        return "numbers";
    case PLX_EVIDENCE_BUNDLES:
        return "arrays and tables";
    case PLX_EVIDENCE_LABELS:
        return "label volumes";
    }
    return "nothing known";
}

/* Rows with label 1 against all rows with label 0, in their order and width. */
static bool to_ranking(const plx_evidence *rows, plx_evidence *out, plx_buf *memory, plx_err *err)
{
    size_t size = plx_dtype_size(rows->score.dtype);
    size_t n_pos = 0;
    for (size_t i = 0; i < rows->n; i++) {
        n_pos += rows->label[i] != 0;
    }
    if (!plx_buf_alloc(rows->n * size, memory, err)) {
        return false;
    }
    uint8_t *pos = memory->ptr;
    uint8_t *neg = memory->ptr + n_pos * size;
    *out = (plx_evidence){.kind = PLX_EVIDENCE_RANKING,
                          .positive = {rows->score.dtype, n_pos, pos},
                          .negative = {rows->score.dtype, rows->n - n_pos, neg}};
    for (size_t i = 0; i < rows->n; i++) {
        uint8_t **to = rows->label[i] ? &pos : &neg;
        memcpy(*to, (const uint8_t *)rows->score.ptr + i * size, size);
        *to += size;
    }
    return true;
}

bool plx_metric_evaluate(const plx_ctx *ctx, const plx_metric *metric, const plx_evidence *evidence,
                         const plx_params *params, plx_metric_mode mode, plx_scores *out, plx_err *err)
{
    plx_evidence ranking;
    plx_buf memory = {0};
    if (!(metric->accepts & evidence->kind)) {
        if (evidence->kind != PLX_EVIDENCE_BINARY || !(metric->accepts & PLX_EVIDENCE_RANKING)) {
            return plx_fail(err, PLX_E_UNSUPPORTED, "the metric %s does not measure %s", metric->name,
                            kind_name(evidence->kind));
        }
        if (!to_ranking(evidence, &ranking, &memory, err)) {
            return false;
        }
        evidence = &ranking;
    }
    plx_err failure;
    plx_err_clear(&failure);
    bool ok = metric->evaluate(ctx, evidence, params, mode, out, &failure);
    plx_buf_free(&memory);
    if (!ok) {
        if (failure.code == PLX_OK) {
            plx_fail(&failure, PLX_E_BUG, "the metric %s failed without saying why", metric->name);
        }
        if (err) {
            *err = failure;
        }
        return plx_note(err, "metric %s", metric->name);
    }
    for (const char *const *name = metric->scores; *name; name++) {
        if (!plx_scores_find(out, *name)) {
            return plx_fail(err, PLX_E_BUG, "the metric %s gave no score %s", metric->name, *name);
        }
    }
    return true;
}
