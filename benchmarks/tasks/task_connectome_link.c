/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/tasks/pair_task.h"

static bool trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena, plx_trial *out,
                  plx_err *err)
{
    (void)fold;
    return plx_pair_link_trial(ctx, data, seed, false, arena, out, err);
}

static const plx_task_metric metrics[] = {
    {"roc_auc", NULL, NULL, "roc_auc"},
    {"average_precision", NULL, NULL, "average_precision"},
    {"hits", "k=20", NULL, "hits@20"},
    {"mrr", NULL, NULL, "mrr"},
    {0},
};
static const char *const units[] = {"connectome/cook2019",        "connectome/white1986-n2u",
                                    "connectome/white1986-whole", "connectome/witvliet2020-7",
                                    "connectome/witvliet2020-8",  NULL};

extern const plx_task plx_task_connectome_link;
const plx_task plx_task_connectome_link = {
    .name = "connectome-link",
    .title = "Missing connections of one animal",
    .version = 1,
    .question = "Which pairs of neurons of an animal are joined, when a tenth of its joined pairs is held back?",
    .unit = "an unordered pair of neurons, joined when any synapse of any kind leads either way",
    .split = "Joined pairs are divided by seed: 80 % to learn from, 10 % to choose hyper-parameters, 10 % to test on. "
             "Both directions and all kinds of synapse of a pair stay together, so that the way back never tells.",
    .negatives =
        "As many unconnected pairs as joined ones in each part, drawn uniformly among pairs of neurons that the "
        "imaged volume holds; no pair is in two parts.",
    .doc =
        "Models see the wiring of the training pairs, where the neurons lie, and which are left-right homologues. "
        "Negatives are drawn uniformly, so that many of them are easy; "
        "connectome-link-full asks the same over all pairs. The homologous pair of a test pair is often in training: "
        "what a model adds beyond the model homologue_copy is what it adds beyond bilateral symmetry.",
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
