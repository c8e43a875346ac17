/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/tasks/type_task.h"

typedef struct typed {
    const char *unit;
    plx_network net;
    plx_graph graph; /* the whole wiring: it is given, types are asked for */
    size_t n;        /* neurons with a type that the volume holds */
    uint32_t *node, *group, *type;
} typed;

bool plx_type_task_load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **out, plx_err *err)
{
    typed *t = plx_arena_zero(arena, 1, sizeof *t);
    if (!t) {
        return plx_fail_nomem(err, sizeof *t);
    }
    *out = t;
    t->unit = input->unit;
    plx_network *net = &t->net;
    if (!plx_network_load(ctx, input->record[0], arena, net, err) ||
        !plx_graph_build(arena, net->n, net->n_kinds, net->kind_names, net->edges, net->n_edges, &t->graph, err)) {
        return false;
    }
    t->graph.homologue = net->homologue;
    t->node = plx_arena_zero(arena, net->n + 1, sizeof *t->node);
    t->group = plx_arena_zero(arena, net->n + 1, sizeof *t->group);
    t->type = plx_arena_zero(arena, net->n + 1, sizeof *t->type);
    if (!t->node || !t->group || !t->type) {
        return plx_fail_nomem(err, net->n * sizeof *t->node);
    }
    for (uint32_t i = 0; i < net->n; i++) {
        if (net->type[i] >= 0 && net->observable[i]) {
            int32_t h = net->homologue[i];
            t->node[t->n] = i;
            t->group[t->n] = h >= 0 && (uint32_t)h < i ? (uint32_t)h : i;
            t->type[t->n++] = (uint32_t)net->type[i];
        }
    }
    return (net->n_types >= 2 && t->n >= 2 * PLX_TYPE_TASK_FOLDS) ||
           plx_fail(err, PLX_E_UNSUPPORTED, "%s has %zu types of neurons over %zu neurons, too few to divide",
                    input->unit, net->n_types, t->n);
}

static plx_stage make_stage(const typed *t, const plx_pairs *train, const plx_pairs *query, uint64_t seed)
{
    return (plx_stage){
        .train = {.problem = PLX_PROBLEM_TYPES,
                  .graph = &t->graph,
                  .n = train->n,
                  .a = train->a,
                  .label = train->label,
                  .n_classes = t->net.n_types,
                  .class_names = t->net.type_names,
                  .seed = seed},
        .query = {.n = query->n, .a = query->a},
        .label = query->label,
    };
}

bool plx_type_task_trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena,
                         plx_trial *out, plx_err *err)
{
    const typed *t = data;
    plx_split_input in = {.n = t->n,
                          .group = t->group,
                          .stratum = t->type,
                          .fold = fold,
                          .n_folds = PLX_TYPE_TASK_FOLDS,
                          .seed = seed,
                          .stream = t->unit};
    uint8_t *part;
    plx_pairs items, train, valid, test;
    *out = (plx_trial){.n_nodes = t->net.n, .node_label = t->net.label, .node_observable = t->net.observable};
    if (!plx_ctx_go_on(ctx, err) || !plx_split_divide("folds", NULL, &in, arena, &part, err) ||
        !plx_pairs_new(arena, t->n, &items, err)) {
        return false;
    }
    for (size_t i = 0; i < t->n; i++) {
        plx_pairs_add(&items, t->node[i], 0, (int32_t)t->type[i], (plx_part)part[i]);
    }
    plx_trial_digests(t->net.label, t->net.n, &items, out);
    if (!plx_pairs_of_part(&items, PLX_PART_TRAIN, arena, &train, err) ||
        !plx_pairs_of_part(&items, PLX_PART_VALID, arena, &valid, err) ||
        !plx_pairs_of_part(&items, PLX_PART_TEST, arena, &test, err)) {
        return false;
    }
    out->select = make_stage(t, &train, &valid, seed);
    out->final = make_stage(t, &train, &test, seed);
    return true;
}
