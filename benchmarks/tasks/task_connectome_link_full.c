/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/tasks/pair_task.h"

static bool trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena, plx_trial *out,
                  plx_err *err)
{
    (void)fold;
    return plx_pair_link_trial(ctx, data, seed, true, arena, out, err);
}

static const plx_task_metric metrics[] = {
    {"average_precision", NULL, NULL, "average_precision"},
    {"roc_auc", NULL, NULL, "roc_auc"},
    {"hits", "k=100", NULL, "hits@100"},
    {"mrr", NULL, NULL, "mrr"},
    {0},
};
static const char *const units[] = {"connectome/cook2019",        "connectome/white1986-n2u",
                                    "connectome/white1986-whole", "connectome/witvliet2020-7",
                                    "connectome/witvliet2020-8",  NULL};

extern const plx_task plx_task_connectome_link_full;
const plx_task plx_task_connectome_link_full = {
    .name = "connectome-link-full",
    .title = "Missing connections of one animal among all pairs",
    .version = 1,
    .question = "Which of all pairs of neurons that are not known to be joined are joined?",
    .unit = "an unordered pair of neurons, joined when any synapse of any kind leads either way",
    .split =
        "As in connectome-link: joined pairs are divided 80/10/10 by seed, both directions and all kinds together.",
    .negatives = "In test, every unconnected pair of observable neurons that is not a negative of another part; in "
                 "training and validation as many as positives, drawn uniformly.",
    .doc = "A ranking of all candidates, as somebody would use it who looks for missed synapses. Few of the pairs are "
           "joined, so average precision ranks; a random order scores about the share of joined pairs.",
    .reference = "",
    .problem = PLX_PROBLEM_LINKS,
    .hands_out = PLX_USES_POSITIONS | PLX_USES_HOMOLOGUES,
    .metrics = metrics,
    .units = units,
    .demo_unit = "demo/micro-connectome",
    .n_refs = 1,
    .n_folds = 1,
    .n_seeds = 10,
    .load = plx_pair_data_load,
    .trial = trial,
};
