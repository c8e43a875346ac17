/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    (void)params;
    if (in->n == 0) {
        return plx_scores_undefined(out, "average_precision", err, "there are no rows");
    }
    plx_numbers numbers = plx_numbers_of(&in->score);
    plx_metric_value value;
    return plx_average_precision(&numbers, in->label, mode == PLX_METRIC_STRICT, &value, err) &&
           plx_scores_add_value(out, "average_precision", &value, err);
}

static const char *const scores[] = {"average_precision", NULL};

extern const plx_metric plx_metric_average_precision;
const plx_metric plx_metric_average_precision = {
    .name = "average_precision",
    .title = "Average precision",
    .unit = "",
    .doc = "Sum over the distinct scores, from the highest down, of the step of recall times the precision "
           "there; tied rows count as one step and nothing is interpolated: sum (R_i - R_{i-1}) P_i. Scores "
           "must be finite.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "scikit-learn 1.9.1, sklearn.metrics.average_precision_score",
    .range = "0 to 1; the share of positives is chance",
    .quirks = "no-positive\tthe reference is 0 where there is no positive; strict says that it is not defined\n",
    .accepts = PLX_EVIDENCE_BINARY,
    .scores = scores,
    .evaluate = evaluate,
};
