/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/classes.h"
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)mode;
    if (in->n == 0) {
        return plx_scores_undefined(out, "accuracy", err, "there are no rows");
    }
    plx_metric_value value;
    return plx_accuracy(in->class_true, in->class_predicted, in->n, &value, err) &&
           plx_scores_add_value(out, "accuracy", &value, err);
}

static const char *const scores[] = {"accuracy", NULL};

extern const plx_metric plx_metric_accuracy;
const plx_metric plx_metric_accuracy = {
    .name = "accuracy",
    .title = "Share of rows whose class is right",
    .unit = "",
    .doc = "The number of rows whose predicted class is the true one, over the number of rows. The predicted "
           "class is the first of those with the greatest probability.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "scikit-learn 1.9.1, sklearn.metrics.accuracy_score",
    .range = "0 to 1",
    .accepts = PLX_EVIDENCE_CLASSES,
    .scores = scores,
    .evaluate = evaluate,
};
