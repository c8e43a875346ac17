/* SPDX-License-Identifier: Apache-2.0
 *
 * Between evidence and kernels: reals as the kernels take them, and their answers as scores.
 */
#ifndef PLX_BENCHMARKS_METRICS_NUMBERS_H
#define PLX_BENCHMARKS_METRICS_NUMBERS_H

#include "benchmarks/kernels/roc.h"
#include "benchmarks/metric.h"

/* The same numbers, borrowed. */
plx_numbers plx_numbers_of(const plx_reals *reals);
/* Add a kernel's answer: undefined when it is NaN, with the remark as reason; else the remark becomes a diagnostic. */
bool plx_scores_add_value(plx_scores *scores, const char *name, const plx_metric_value *value, plx_err *err);

#endif
