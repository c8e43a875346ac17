/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/rank_corr.h"
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)mode;
    if (in->n == 0) {
        return plx_scores_undefined(out, "spearman", err, "there are no rows");
    }
    plx_numbers predicted = plx_numbers_of(&in->score);
    plx_numbers truth = plx_numbers_of(&in->target);
    plx_metric_value value;
    return plx_spearman(&predicted, &truth, &value, err) && plx_scores_add_value(out, "spearman", &value, err);
}

static const char *const scores[] = {"spearman", NULL};

extern const plx_metric plx_metric_spearman;
const plx_metric plx_metric_spearman = {
    .name = "spearman",
    .title = "Spearman's rank correlation",
    .unit = "",
    .doc = "Pearson's correlation of ranks, where equal values share the mean of their ranks. Not defined "
           "below two rows, when one side is constant, or with NaN.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "SciPy 1.17.1, scipy.stats.spearmanr",
    .range = "-1 to 1; 0 is chance",
    .accepts = PLX_EVIDENCE_REGRESSION,
    .scores = scores,
    .evaluate = evaluate,
};
