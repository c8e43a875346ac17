/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence for a metric from two files, without a task.
 */
#ifndef PLX_BENCHMARKS_PAIR_FILES_H
#define PLX_BENCHMARKS_PAIR_FILES_H

#include "benchmarks/metric.h"

/* .npy or .csv of predictions and of truth, as the metric accepts them; `truth` may be NULL for rankings, whose rows
 * are then one positive and its negatives. owner: the arena. errors: NOTFOUND, FORMAT and SCHEMA naming file and value;
 * ARG when the truth is missing. */
bool plx_evidence_read(const plx_ctx *ctx, const plx_metric *metric, const char *pred, const char *truth,
                       plx_arena *arena, plx_evidence *out, plx_err *err);

#endif
