/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics: predictions and truth -> one or several named scores. One const struct per file, one line in
 * metrics/metrics.def.
 */
#ifndef PLX_BENCHMARKS_METRIC_H
#define PLX_BENCHMARKS_METRIC_H

#include "benchmarks/evidence.h"
#include "benchmarks/param.h"
#include "core/ctx.h"

typedef enum plx_direction { PLX_HIGHER_IS_BETTER, PLX_LOWER_IS_BETTER } plx_direction;

/* reference equals the reference implementation digit for digit; strict mends its quirks and says so. Scores of
 * different modes are never ranked together. */
typedef enum plx_metric_mode { PLX_METRIC_REFERENCE, PLX_METRIC_STRICT } plx_metric_mode;

enum { PLX_SCORES_MAX = 96, PLX_SCORE_NAME = 48, PLX_SCORE_REASON = 120, PLX_DIAGNOSTICS_MAX = 8 };

typedef struct plx_score {
    char name[PLX_SCORE_NAME]; /* as it comes from the metric: "roc_auc", "avF1", "C_f1@0.5" */
    double value;              /* NaN: not defined here, and `reason` says why */
    char reason[PLX_SCORE_REASON];
} plx_score;

typedef struct plx_scores {
    size_t n, n_diagnostics; /* n_diagnostics counts all; the first few are kept */
    plx_score items[PLX_SCORES_MAX];
    char diagnostic[PLX_DIAGNOSTICS_MAX][PLX_SCORE_REASON]; /* "quirk-id: what it did to these data" */
} plx_scores;

typedef struct plx_metric {
    const char *name, *title, *unit; /* unit "" for a bare number */
    const char *doc;                 /* paragraphs: what it measures, formula, ties, edge cases */
    plx_direction direction;         /* of the first score */
    int version;                     /* raise it when a value changes */
    const char *reference;           /* "scikit-learn 1.3.2, sklearn.metrics.roc_auc_score", or paper and equation */
    const char *range;               /* "0 to 1" */
    const char *quirks;        /* "id\twhat the reference does and strict does instead\n" lines; NULL: modes agree */
    unsigned accepts;          /* mask of plx_evidence_kind; RANKING alone is also given from BINARY rows */
    const plx_param *params;   /* ended by name NULL; NULL: none */
    const char *const *scores; /* names of what evaluate adds, the main one first, NULL-ended */
    /* Adds its scores to `out`. Bad values (a NaN score) are errors of the caller's data: FORMAT. What is not defined
     * on sound data (one class only) is a NaN with its reason. */
    bool (*evaluate)(const plx_ctx *ctx, const plx_evidence *evidence, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err);
} plx_metric;

extern const plx_metric *const plx_metrics[]; /* sorted by name, NULL at the end */
/* By name; NULL when there is none. */
const plx_metric *plx_metric_find(const char *name);
/* Check that the metric takes this evidence, turn BINARY into RANKING where it needs that, evaluate, and see that each
 * promised score came. errors: UNSUPPORTED for evidence of another kind; BUG naming the driver. */
bool plx_metric_evaluate(const plx_ctx *ctx, const plx_metric *metric, const plx_evidence *evidence,
                         const plx_params *params, plx_metric_mode mode, plx_scores *out, plx_err *err);

/* Add a score; the second form says why it is not defined. errors: BUG past PLX_SCORES_MAX. */
bool plx_scores_add(plx_scores *scores, const char *name, double value, plx_err *err);
bool plx_scores_undefined(plx_scores *scores, const char *name, plx_err *err, const char *why, ...)
    __attribute__((format(printf, 4, 5)));
/* Note what a quirk of the reference did. */
void plx_scores_diagnose(plx_scores *scores, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* By name, or NULL. */
const plx_score *plx_scores_find(const plx_scores *scores, const char *name);

/* "reference" or "strict", and back; "higher" or "lower". */
const char *plx_metric_mode_name(plx_metric_mode mode);
bool plx_metric_mode_parse(const char *text, plx_metric_mode *out);
const char *plx_direction_name(plx_direction direction);

#endif
