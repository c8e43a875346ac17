/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/metrics/instances.h"

bool plx_iscore_fisbe_scores(const plx_iscore *s, plx_scores *out, plx_err *err)
{
    const plx_named_score named[] = {{"S", s->s},
                                     {"avF1", s->f19},
                                     {"C", s->coverage.mean},
                                     {"clDice_TP", s->tp_score},
                                     {"tp", s->tp_rel},
                                     {"FS", (double)s->fs},
                                     {"FM", (double)s->fm},
                                     {"avAP", s->ap59},
                                     {"tp_dim", s->dim.tp_rel},
                                     {"C_dim", s->dim.coverage.mean},
                                     {"tp_overlap", s->overlap.tp_rel},
                                     {"C_overlap", s->overlap.coverage.mean},
                                     {"n_truth", (double)s->n_truth},
                                     {"n_pred", (double)s->n_pred}};
    return plx_iscore_add(s, named, sizeof named / sizeof named[0], out, err);
}

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_iscore s;
    if (!arena) {
        return plx_fail_nomem(err, sizeof s);
    }
    bool ok = plx_iscore_labels(ctx, in->labels, plx_iscore_options_of(params, mode), arena, &s, err);
    ok = ok && plx_iscore_fisbe_scores(&s, out, err);
    plx_arena_free(arena);
    return ok;
}

static const char *const scores[] = {"S",      "avF1",  "C",          "clDice_TP", "tp",      "FS",     "FM", "avAP",
                                     "tp_dim", "C_dim", "tp_overlap", "C_overlap", "n_truth", "n_pred", NULL};

static const plx_param params_of[] = {
    {.name = "small",
     .type = PLX_PARAM_INT,
     .fallback = "800",
     .hi = 1e12,
     .doc = "Predictions of this many voxels or fewer are removed first; 0 keeps all."},
    {.name = "fm",
     .type = PLX_PARAM_REAL,
     .fallback = "0.1",
     .hi = 1,
     .doc = "A prediction that has more of the centrelines of several truths than this merges them."},
    {.name = "fs",
     .type = PLX_PARAM_REAL,
     .fallback = "0.05",
     .hi = 1,
     .doc = "A truth of whose centreline several predictions have more than this is split."},
    {.name = "merges",
     .type = PLX_PARAM_CHOICE,
     .fallback = "used-up",
     .choices = "used-up|paper-2024",
     .doc = "FM and FS where objects overlap: pairs use up the voxels they explain, or, as in March 2024 (73a8124), "
            "every pair above the threshold counts."},
    {0},
};

extern const plx_metric plx_metric_fisbe;
const plx_metric plx_metric_fisbe = {
    .name = "fisbe",
    .title = "FISBe: thin, overlapping neurons",
    .unit = "",
    .doc = "S = (avF1 + C) / 2. Objects are matched one to one by centreline Dice (clDice: recall of the thinned truth "
           "in the prediction, precision of the thinned prediction in the truth); avF1 is the mean F1 at thresholds "
           ".1 to .9. C is the mean share of true centrelines that the predictions lying mostly in them cover. tp and "
           "clDice_TP tell of matches above .5; FS and FM count splits and merges among all pairs that share more "
           "than a threshold of a centreline, taken greedily, each using up what it explains.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "Mais et al., CVPR 2024; evaluate-instance-segmentation cc34f4d (2026-03-31), --app flylight",
    .range = "0 to 1; C, and with it S, can exceed 1 in reference mode",
    .quirks =
        "coverage-added\twithout overlap on both sides the reference adds up recalls, so that a prediction and its "
        "double cover twice; strict takes the union\n"
        "duplicate-prediction\ta prediction with the very voxels of another adds coverage where the truth does not "
        "overlap; in strict it adds none\n"
        "mask-filter\tthe size filter counts a label in all channels together, and so masks of 0 and 1; strict counts "
        "each instance\n"
        "skeleton-vanished\tobjects of even thickness thin to nothing and match nothing; strict lets the deepest "
        "voxel stand for them\n"
        "empty-truth\tan empty truth raises ZeroDivisionError; strict is 1 when nothing was predicted, else 0\n"
        "empty-prediction\tan empty prediction may raise ValueError and drops dim objects from means; strict "
        "scores 0\n"
        "channel-for-instance\tdim and overlapping objects are taken for channels; strict takes the objects\n"
        "singleton-axes\tall axes of length 1 are dropped, those in space too; strict keeps them\n",
    .accepts = PLX_EVIDENCE_LABELS,
    .params = params_of,
    .scores = scores,
    .evaluate = evaluate,
};
