/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/ranking.h"
#include "benchmarks/metrics/numbers.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    (void)ctx;
    static const char *const names[] = {"mrr", "mean_rank", "hits@1", "hits@3", "hits@10"};
    if (in->positive.n == 0) {
        bool ok = true;
        for (size_t i = 0; ok && i < sizeof names / sizeof names[0]; i++) {
            ok = plx_scores_undefined(out, names[i], err, "there is no positive");
        }
        return ok;
    }
    const char *ties = plx_params_text(params, "ties");
    plx_tie_rule rule = strcmp(ties, "ogb") == 0       ? PLX_TIES_MEAN
                        : strcmp(ties, "sklearn") == 0 ? PLX_TIES_PESSIMISTIC
                                                       : PLX_TIES_OPTIMISTIC;
    plx_numbers positive = plx_numbers_of(&in->positive);
    plx_numbers negative = plx_numbers_of(&in->negative);
    plx_reciprocal_rank r;
    if (!plx_mean_reciprocal_rank(&positive, &negative, in->negative_per_row > 0, rule, mode == PLX_METRIC_STRICT, &r,
                                  err)) {
        return false;
    }
    const double values[] = {r.mrr, r.mean_rank, r.hits1, r.hits3, r.hits10};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof names / sizeof names[0]; i++) {
        ok = plx_scores_add(out, names[i], values[i], err);
    }
    return ok;
}

static const char *const scores[] = {"mrr", "mean_rank", "hits@1", "hits@3", "hits@10", NULL};

static const plx_param params_of[] = {
    {.name = "ties",
     .type = PLX_PARAM_CHOICE,
     .fallback = "ogb",
     .choices = "ogb|sklearn|optimistic",
     .doc = "Which rank a positive has that ties with negatives: the middle one, the last, or the first."},
    {0},
};

extern const plx_metric plx_metric_mrr;
const plx_metric plx_metric_mrr = {
    .name = "mrr",
    .title = "Mean reciprocal rank",
    .unit = "",
    .doc = "Mean over positives of 1 / rank among the negatives: those of its own row where there are such, "
           "else all. With g negatives above and t tied, the rank is 1 + g + t/2 (ties=ogb), 1 + g + t "
           "(ties=sklearn), or 1 + g (ties=optimistic). Beside it the mean rank and the shares ranked within "
           "1, 3 and 10.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "ties=ogb: ogb.linkproppred.Evaluator mrr (snap-stanford/ogb@61e9784, torch branch), the mean "
                 "over its mrr_list taken in double; ties=sklearn: scikit-learn 1.9.1, "
                 "sklearn.metrics.label_ranking_average_precision_score over rows of one positive and its "
                 "negatives",
    .range = "0 to 1",
    .quirks = "single-precision\twith ties=ogb the reference has ranks and reciprocals in single precision; "
              "strict has them in double\n",
    .accepts = PLX_EVIDENCE_RANKING,
    .params = params_of,
    .scores = scores,
    .evaluate = evaluate,
};
