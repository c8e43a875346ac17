/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/tasks/pair_task.h"

enum { FEWEST_PAIRS = 10 };

bool plx_pair_data_index(plx_arena *arena, plx_pair_data *data, plx_err *err)
{
    const plx_network *net = &data->net;
    if (!plx_pair_set_new(arena, net->n, &data->joined, err)) {
        return false;
    }
    for (size_t i = 0; i < net->n_edges; i++) {
        uint32_t pre = net->edges[i].pre, post = net->edges[i].post;
        uint32_t a = pre < post ? pre : post, b = pre < post ? post : pre;
        if (!plx_pair_set_has(&data->joined, a, b)) {
            plx_pair_set_add(&data->joined, a, b);
            data->n_joined += net->observable[a] && net->observable[b];
        }
    }
    data->a = plx_arena_zero(arena, data->n_joined + 1, sizeof *data->a);
    data->b = plx_arena_zero(arena, data->n_joined + 1, sizeof *data->b);
    if (!data->a || !data->b) {
        return plx_fail_nomem(err, data->n_joined * sizeof *data->a);
    }
    size_t n = 0;
    for (size_t a = 0; a < net->n; a++) {
        for (size_t b = a + 1; b < net->n && net->observable[a]; b++) {
            if (net->observable[b] && plx_pair_set_has(&data->joined, a, b)) {
                data->a[n] = (uint32_t)a;
                data->b[n++] = (uint32_t)b;
            }
        }
    }
    return true;
}

bool plx_pair_data_load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **out, plx_err *err)
{
    plx_pair_data *data = plx_arena_zero(arena, 1, sizeof *data);
    if (!data) {
        return plx_fail_nomem(err, sizeof *data);
    }
    data->unit = input->unit;
    *out = data;
    return plx_network_load(ctx, input->record[0], arena, &data->net, err) && plx_pair_data_index(arena, data, err);
}

bool plx_pair_graph(plx_arena *arena, const plx_network *net, const plx_pair_set *keep, const plx_graph **out,
                    plx_err *err)
{
    plx_graph *graph = plx_arena_zero(arena, 1, sizeof *graph);
    plx_graph_edge *edges = plx_arena_alloc(arena, (net->n_edges + 1) * sizeof *edges);
    size_t n = 0;
    if (!graph || !edges) {
        return plx_fail_nomem(err, net->n_edges * sizeof *edges);
    }
    for (size_t i = 0; i < net->n_edges; i++) {
        uint32_t pre = net->edges[i].pre, post = net->edges[i].post;
        if (!keep || plx_pair_set_has(keep, pre < post ? pre : post, pre < post ? post : pre)) {
            edges[n++] = net->edges[i];
        }
    }
    if (!plx_graph_build(arena, net->n, net->n_kinds, net->kind_names, edges, n, graph, err)) {
        return false;
    }
    graph->label = net->label;
    graph->pos_um = net->pos_um;
    graph->homologue = net->homologue;
    *out = graph;
    return true;
}

plx_stage plx_pair_stage(const plx_graph *graph, const plx_pairs *train, const plx_pairs *query, uint64_t seed)
{
    return (plx_stage){
        .train = {.problem = PLX_PROBLEM_LINKS,
                  .graph = graph,
                  .n = train->n,
                  .a = train->a,
                  .b = train->b,
                  .label = train->label,
                  .seed = seed},
        .query = {.n = query->n, .a = query->a, .b = query->b},
        .label = query->label,
    };
}

/* Positives with their parts; those of training enter `kept`. n[part] counts them. */
static bool add_positives(const plx_pair_data *data, uint64_t seed, plx_arena *arena, plx_pairs *pairs,
                          plx_pair_set *kept, size_t n[4], plx_err *err)
{
    plx_split_input in = {.n = data->n_joined, .n_folds = 1, .seed = seed, .stream = data->unit};
    uint8_t *part;
    if (data->n_joined < FEWEST_PAIRS) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "%s has %zu joined pairs of neurons, too few to divide", data->unit,
                        data->n_joined);
    }
    if (!plx_split_divide("holdout", NULL, &in, arena, &part, err) ||
        !plx_pair_set_new(arena, data->net.n, kept, err)) {
        return false;
    }
    for (size_t i = 0; i < data->n_joined; i++) {
        plx_pairs_add(pairs, data->a[i], data->b[i], 1, (plx_part)part[i]);
        n[part[i]]++;
        if (part[i] == PLX_PART_TRAIN) {
            plx_pair_set_add(kept, data->a[i], data->b[i]);
        }
    }
    return true;
}

static bool divide(const plx_pair_data *data, uint64_t seed, bool full, plx_arena *arena, plx_pairs *pairs,
                   plx_pair_set *kept, plx_err *err)
{
    const plx_network *net = &data->net;
    size_t n[4] = {0}, seen = 0;
    for (size_t i = 0; i < net->n; i++) {
        seen += net->observable[i];
    }
    plx_pair_set taken;
    if (!plx_pairs_new(arena, full ? seen * seen / 2 : data->n_joined * 2, pairs, err) ||
        !add_positives(data, seed, arena, pairs, kept, n, err) || !plx_pair_set_new(arena, net->n, &taken, err)) {
        return false;
    }
    memcpy(taken.bits, data->joined.bits, (net->n * net->n / 64 + 1) * sizeof *taken.bits);
    plx_rng rng = plx_rng_stream(seed, data->unit, UINT64_C(1) << 32); /* apart from those of the split */
    if (!plx_pairs_sample(pairs, n[PLX_PART_TRAIN], PLX_PART_TRAIN, &taken, net->observable, &rng, err) ||
        !plx_pairs_sample(pairs, n[PLX_PART_VALID], PLX_PART_VALID, &taken, net->observable, &rng, err)) {
        return false;
    }
    if (!full) {
        return plx_pairs_sample(pairs, n[PLX_PART_TEST], PLX_PART_TEST, &taken, net->observable, &rng, err);
    }
    for (size_t a = 0; a < net->n; a++) {
        for (size_t b = a + 1; b < net->n && net->observable[a]; b++) {
            if (net->observable[b] && !plx_pair_set_has(&taken, a, b)) {
                plx_pairs_add(pairs, (uint32_t)a, (uint32_t)b, 0, PLX_PART_TEST);
            }
        }
    }
    return true;
}

bool plx_pair_link_trial(const plx_ctx *ctx, const plx_pair_data *data, uint64_t seed, bool full, plx_arena *arena,
                         plx_trial *out, plx_err *err)
{
    plx_pairs pairs, train, valid, test;
    plx_pair_set kept;
    const plx_graph *graph;
    *out = (plx_trial){.n_nodes = data->net.n, .node_label = data->net.label, .node_observable = data->net.observable};
    if (!plx_ctx_go_on(ctx, err) || !divide(data, seed, full, arena, &pairs, &kept, err)) {
        return false;
    }
    plx_pairs_sort(&pairs);
    plx_trial_digests(data->net.label, data->net.n, &pairs, out);
    if (!plx_pairs_of_part(&pairs, PLX_PART_TRAIN, arena, &train, err) ||
        !plx_pairs_of_part(&pairs, PLX_PART_VALID, arena, &valid, err) ||
        !plx_pairs_of_part(&pairs, PLX_PART_TEST, arena, &test, err) ||
        !plx_pair_graph(arena, &data->net, &kept, &graph, err)) {
        return false;
    }
    out->select = plx_pair_stage(graph, &train, &valid, seed);
    out->final = plx_pair_stage(graph, &train, &test, seed);
    return true;
}
