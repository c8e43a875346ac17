/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    (void)params;
    if (in->n == 0) {
        return plx_scores_undefined(out, "roc_auc", err, "there are no rows");
    }
    plx_numbers numbers = plx_numbers_of(&in->score);
    plx_metric_value value;
    return plx_roc_auc(&numbers, in->label, mode == PLX_METRIC_STRICT, &value, err) &&
           plx_scores_add_value(out, "roc_auc", &value, err);
}

static const char *const scores[] = {"roc_auc", NULL};

extern const plx_metric plx_metric_roc_auc;
const plx_metric plx_metric_roc_auc = {
    .name = "roc_auc",
    .title = "Area under the ROC curve",
    .unit = "",
    .doc = "The chance that a positive scores above a negative, ties counting half: (2 #(p > n) + #(p = n)) "
           "/ (2 P N). Not defined with one class only. Scores must be finite.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "scikit-learn 1.9.1, sklearn.metrics.roc_auc_score; Hanley and McNeil 1982 "
                 "doi:10.1148/radiology.143.1.7063747",
    .range = "0 to 1; 0.5 is chance",
    .quirks = "rounding\tthe reference adds trapezoids of rounded rates; strict counts pairs in whole numbers "
              "and divides once\n",
    .accepts = PLX_EVIDENCE_BINARY,
    .scores = scores,
    .evaluate = evaluate,
};
