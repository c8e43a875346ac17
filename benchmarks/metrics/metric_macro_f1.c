/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/classes.h"
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    (void)params;
    if (in->n == 0) {
        return plx_scores_undefined(out, "macro_f1", err, "there are no rows");
    }
    plx_metric_value value;
    return plx_macro_f1(in->class_true, in->class_predicted, in->n, mode == PLX_METRIC_STRICT, &value, err) &&
           plx_scores_add_value(out, "macro_f1", &value, err);
}

static const char *const scores[] = {"macro_f1", NULL};

extern const plx_metric plx_metric_macro_f1;
const plx_metric plx_metric_macro_f1 = {
    .name = "macro_f1",
    .title = "Mean F1 over classes",
    .unit = "",
    .doc = "F1 = 2 TP / (2 TP + FP + FN) of each class, averaged without weights. Classes are those that are "
           "true or predicted in some row.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "scikit-learn 1.9.1, sklearn.metrics.f1_score(average='macro')",
    .range = "0 to 1",
    .quirks = "foreign-class\tin the reference a class that the truth lacks adds an F1 of 0 to the mean once it "
              "is predicted; strict averages over the classes of the truth\n",
    .accepts = PLX_EVIDENCE_CLASSES,
    .scores = scores,
    .evaluate = evaluate,
};
