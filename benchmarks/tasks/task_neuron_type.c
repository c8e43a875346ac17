/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/tasks/type_task.h"

static const plx_task_metric metrics[] = {
    {"macro_f1", NULL, NULL, "macro_f1"},
    {"balanced_accuracy", NULL, NULL, "balanced_accuracy"},
    {"accuracy", NULL, NULL, "accuracy"},
    {"log_loss", NULL, NULL, "log_loss"},
    {0},
};
static const char *const units[] = {"connectome/cook2019", "connectome/white1986-whole", NULL};

extern const plx_task plx_task_neuron_type;
const plx_task plx_task_neuron_type = {
    .name = "neuron-type",
    .title = "Kinds of worm neurons from wiring",
    .version = 1,
    .question = "Is a neuron of the worm sensory, inter, motor or pharyngeal, judged from its wiring alone?",
    .unit = "a neuron that has a type and that the imaged volume holds",
    .split =
        "Five folds by seed, types spread evenly over them; left-right homologues are always in the same fold. One "
        "fold is tested on, the next chooses hyper-parameters, three are learned from.",
    .negatives = "none: every neuron has one of the types",
    .doc = "Models see who is wired to whom, by which kind of synapse and how strongly, which neurons are left-right "
           "homologues, and the types of the training neurons; neither names nor positions. Pharyngeal neurons are a "
           "class of their own, and an easy one where they form a network of their own. The classes are uneven, so "
           "that macro F1 ranks; accuracy is to be read against the model majority.",
    .reference = "",
    .problem = PLX_PROBLEM_TYPES,
    .hands_out = PLX_USES_HOMOLOGUES,
    .metrics = metrics,
    .units = units,
    .demo_unit = "demo/micro-connectome",
    .n_refs = 1,
    .n_folds = PLX_TYPE_TASK_FOLDS,
    .n_seeds = 10,
    .load = plx_type_task_load,
    .trial = plx_type_task_trial,
};
