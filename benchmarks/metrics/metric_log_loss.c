/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/classes.h"
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    (void)params;
    if (in->n == 0 || in->score.n == 0) {
        return plx_scores_undefined(out, "log_loss", err, in->n ? "there are no probabilities" : "there are no rows");
    }
    plx_numbers numbers = plx_numbers_of(&in->score);
    plx_metric_value value;
    return plx_log_loss(in->class_true, &numbers, in->n, in->n_classes, mode == PLX_METRIC_STRICT, &value, err) &&
           plx_scores_add_value(out, "log_loss", &value, err);
}

static const char *const scores[] = {"log_loss", NULL};

extern const plx_metric plx_metric_log_loss;
const plx_metric plx_metric_log_loss = {
    .name = "log_loss",
    .title = "Log loss",
    .unit = "nats",
    .doc = "Mean of -ln p, p being the probability given to the true class, clipped to [eps, 1 - eps] of its "
           "precision (2.2e-16 for doubles, 1.2e-7 for floats).",
    .direction = PLX_LOWER_IS_BETTER,
    .version = 1,
    .reference = "scikit-learn 1.9.1, sklearn.metrics.log_loss(labels=range(k))",
    .range = "0 up; ln k is an even guess among k classes",
    .quirks = "rows-not-one\tthe reference takes rows that do not add up to 1 as they are; strict refuses them "
              "beyond 1e-6\nlibm\tthe reference rests on the C library's logarithm and on the precision of the "
              "input; strict uses one logarithm for all machines and doubles\n",
    .accepts = PLX_EVIDENCE_CLASSES,
    .scores = scores,
    .evaluate = evaluate,
};
