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
        return plx_scores_undefined(out, "balanced_accuracy", err, "there are no rows");
    }
    plx_metric_value value;
    return plx_balanced_accuracy(in->class_true, in->class_predicted, in->n, &value, err) &&
           plx_scores_add_value(out, "balanced_accuracy", &value, err);
}

static const char *const scores[] = {"balanced_accuracy", NULL};

extern const plx_metric plx_metric_balanced_accuracy;
const plx_metric plx_metric_balanced_accuracy = {
    .name = "balanced_accuracy",
    .title = "Mean recall over classes",
    .unit = "",
    .doc = "The share of each true class that is predicted right, averaged over the classes that the truth "
           "holds, so that rare classes weigh as much as common ones. A class that is only predicted has no "
           "recall and does not count.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "scikit-learn 1.9.1, sklearn.metrics.balanced_accuracy_score",
    .range = "0 to 1; one over the number of classes is chance",
    .accepts = PLX_EVIDENCE_CLASSES,
    .scores = scores,
    .evaluate = evaluate,
};
