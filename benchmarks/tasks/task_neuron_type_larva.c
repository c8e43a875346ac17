/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/tasks/type_task.h"

static const plx_task_metric metrics[] = {
    {"macro_f1", NULL, NULL, "macro_f1"},
    {"balanced_accuracy", NULL, NULL, "balanced_accuracy"},
    {"accuracy", NULL, NULL, "accuracy"},
    {"log_loss", NULL, NULL, "log_loss"},
    {0},
};
static const char *const units[] = {"connectome/winding2023-larva", NULL};

extern const plx_task plx_task_neuron_type_larva;
const plx_task plx_task_neuron_type_larva = {
    .name = "neuron-type-larva",
    .title = "Cell types of the larva from wiring",
    .version = 1,
    .question = "Which of the cell types of the larval brain is a neuron of, judged from its wiring alone?",
    .unit = "a neuron that has a cell type",
    .split =
        "Five folds by seed, types spread evenly over them; left-right homologues are always in the same fold. One "
        "fold is tested on, the next chooses hyper-parameters, three are learned from.",
    .negatives = "none: every neuron has one of the types",
    .doc = "As neuron-type, for the 17 cell types of the larval brain of Winding et al. (2023) and its four kinds of "
           "synapse; "
           "neurons without a type are part of the wiring only.",
    .reference = "",
    .problem = PLX_PROBLEM_TYPES,
    .hands_out = PLX_USES_HOMOLOGUES,
    .metrics = metrics,
    .units = units,
    .n_refs = 1,
    .n_folds = PLX_TYPE_TASK_FOLDS,
    .n_seeds = 10,
    .load = plx_type_task_load,
    .trial = plx_type_task_trial,
};
