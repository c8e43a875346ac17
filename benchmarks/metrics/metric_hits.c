/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/ranking.h"
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    if (in->positive.n == 0) {
        return plx_scores_undefined(out, "hits", err, "there is no positive");
    }
    plx_numbers positive = plx_numbers_of(&in->positive);
    plx_numbers negative = plx_numbers_of(&in->negative);
    size_t k = (size_t)plx_params_int(params, "k");
    plx_metric_value value;
    return plx_hits_at(&positive, &negative, k, mode == PLX_METRIC_STRICT, &value, err) &&
           plx_scores_add_value(out, "hits", &value, err);
}

static const char *const scores[] = {"hits", NULL};

static const plx_param params_of[] = {
    {.name = "k",
     .type = PLX_PARAM_INT,
     .fallback = "20",
     .lo = 1,
     .hi = 1e9,
     .doc = "How many of the highest negatives a positive may not be among."},
    {0},
};

extern const plx_metric plx_metric_hits;
const plx_metric plx_metric_hits = {
    .name = "hits",
    .title = "Hits at k",
    .unit = "",
    .doc = "The share of positives that score strictly above the k-th highest negative; a tie with it is a "
           "miss.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "Open Graph Benchmark, ogb.linkproppred.Evaluator hits@K (snap-stanford/ogb@61e9784, "
                 "linkproppred/evaluate.py); doi:10.48550/arXiv.2005.00687",
    .range = "0 to 1",
    .quirks = "few-negatives\tthe reference is 1 with fewer than k negatives; strict says that it is not "
              "defined\nnan\tin the reference NaN is the highest of negatives and a miss as a positive; strict "
              "refuses it\n",
    .accepts = PLX_EVIDENCE_RANKING,
    .params = params_of,
    .scores = scores,
    .evaluate = evaluate,
};
