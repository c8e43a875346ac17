/* SPDX-License-Identifier: Apache-2.0
 *
 * What the metrics of label volumes share: their parameters, and scores as a flat list.
 */
#ifndef PLX_BENCHMARKS_METRICS_INSTANCES_H
#define PLX_BENCHMARKS_METRICS_INSTANCES_H

#include "benchmarks/kernels/iscore.h"
#include "benchmarks/metric.h"

/* What parameters ask for; those a metric does not have keep the benchmark's values. */
plx_iscore_options plx_iscore_options_of(const plx_params *params, plx_metric_mode mode);

/* Compare, leaving the evidence as it is; what it says of axes, partly labelled and dim objects counts. owner:
 * everything in `out` lives in `arena`. */
bool plx_iscore_labels(const plx_ctx *ctx, const plx_labels *labels, plx_iscore_options options, plx_arena *arena,
                       plx_iscore *out, plx_err *err);

typedef struct plx_named_score {
    const char *name;
    double value;
} plx_named_score;
/* Add them all; where the reference raises, each is undefined and says so. Diagnostics are handed on. */
bool plx_iscore_add(const plx_iscore *score, const plx_named_score *named, size_t n, plx_scores *out, plx_err *err);
/* All scores of metric:fisbe. */
bool plx_iscore_fisbe_scores(const plx_iscore *score, plx_scores *out, plx_err *err);

#endif
