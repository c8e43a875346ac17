/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/metrics/instances.h"

static bool evaluate(const plx_ctx *ctx, const plx_evidence *in, const plx_params *params, plx_metric_mode mode,
                     plx_scores *out, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_iscore s;
    if (!arena) {
        return plx_fail_nomem(err, sizeof s);
    }
    bool ok = plx_iscore_labels(ctx, in->labels, plx_iscore_options_of(params, mode), arena, &s, err);
    if (ok) {
        double pq = 0, sq = 0, rq = 0;
        const plx_iscore_at *half = &s.at[PLX_ISCORE_HALF];
        if (!s.reference_error) {
            plx_iscore_panoptic(&s, &pq, &sq, &rq);
        }
        const plx_named_score named[] = {{"PQ", pq},
                                         {"SQ", sq},
                                         {"RQ", rq},
                                         {"F1@0.5", half->fscore},
                                         {"precision@0.5", half->precision},
                                         {"recall@0.5", half->recall},
                                         {"AP@0.5", half->ap},
                                         {"avF1", s.f19},
                                         {"avAP", s.ap59},
                                         {"n_truth", (double)s.n_truth},
                                         {"n_pred", (double)s.n_pred}};
        ok = plx_iscore_add(&s, named, sizeof named / sizeof named[0], out, err);
    }
    plx_arena_free(arena);
    return ok;
}

static const char *const scores[] = {"PQ",     "SQ",   "RQ",   "F1@0.5",  "precision@0.5", "recall@0.5",
                                     "AP@0.5", "avF1", "avAP", "n_truth", "n_pred",        NULL};

static const plx_param params_of[] = {
    {.name = "localise",
     .type = PLX_PARAM_CHOICE,
     .fallback = "iou",
     .choices = "iou|cldice",
     .doc = "How much two objects have in common: intersection over union, or Dice of their centrelines."},
    {.name = "assign",
     .type = PLX_PARAM_CHOICE,
     .fallback = "hungarian",
     .choices = "hungarian|greedy",
     .doc = "One-to-one pairs by least total cost, or by falling score."},
    {.name = "small",
     .type = PLX_PARAM_INT,
     .fallback = "0",
     .hi = 1e12,
     .doc = "Predictions of this many voxels or fewer are removed first; 0 keeps all."},
    {.name = "skeletons",
     .type = PLX_PARAM_CHOICE,
     .fallback = "no",
     .choices = "no|yes",
     .doc = "Also thin all objects, for coverage, merges and splits."},
    {0},
};

extern const plx_metric plx_metric_instance_segmentation;
const plx_metric plx_metric_instance_segmentation = {
    .name = "instance-segmentation",
    .title = "Objects of label images and volumes",
    .unit = "",
    .doc = "One label volume against another, in two or three dimensions; objects may overlap when they are in "
           "different channels. Pairs above .5 give the panoptic quality PQ = SQ RQ, with SQ the mean score of "
           "matched pairs and RQ their F1. AP is precision times recall; avF1 is the mean F1 at .1 to .9, avAP the "
           "mean AP at .5 to .95 in steps of .05.",
    .direction = PLX_HIGHER_IS_BETTER,
    .version = 1,
    .reference = "evaluate-instance-segmentation cc34f4d (2026-03-31); panoptic quality: Kirillov et al. 2019, "
                 "doi:10.1109/CVPR.2019.00963",
    .range = "0 to 1",
    .quirks =
        "float-ids\twith a size filter that removes nothing the reference holds ids as reals, and by "
        "intersection over union raises IndexError; strict scores\n"
        "background-alone\twhere only background overlaps by more than .5 the reference raises IndexError; strict "
        "has no pair\n"
        "empty-truth\tan empty truth raises ZeroDivisionError; strict is 1 when nothing was predicted, else 0\n"
        "skeleton-vanished\tobjects of even thickness thin to nothing and match nothing; strict lets the deepest "
        "voxel stand for them\n",
    .accepts = PLX_EVIDENCE_LABELS,
    .params = params_of,
    .scores = scores,
    .evaluate = evaluate,
};
