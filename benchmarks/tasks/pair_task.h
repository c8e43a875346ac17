/* SPDX-License-Identifier: Apache-2.0
 *
 * What tasks on pairs of neurons share.
 */
#ifndef PLX_BENCHMARKS_TASKS_PAIR_TASK_H
#define PLX_BENCHMARKS_TASKS_PAIR_TASK_H

#include "benchmarks/network.h"

/* A network, and which pairs a < b are joined either way by any kind of edge. */
typedef struct plx_pair_data {
    const char *unit;
    plx_network net;
    plx_pair_set joined;
    size_t n_joined; /* of observable neurons, which alone are asked about */
    uint32_t *a, *b; /* [n_joined], sorted */
} plx_pair_data;

/* `load` of a task on one animal: *data is a plx_pair_data. */
bool plx_pair_data_load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **data, plx_err *err);
/* joined, n_joined, a and b from the edges of net. owner: the arena. */
bool plx_pair_data_index(plx_arena *arena, plx_pair_data *data, plx_err *err);

/* A graph of the edges between pairs a < b in `keep` (NULL: all), with positions and homologues of the network. owner:
 * the arena. */
bool plx_pair_graph(plx_arena *arena, const plx_network *net, const plx_pair_set *keep, const plx_graph **out,
                    plx_err *err);
/* A stage that trains on `train` over `graph` and asks about `query`; all of it borrowed. */
plx_stage plx_pair_stage(const plx_graph *graph, const plx_pairs *train, const plx_pairs *query, uint64_t seed);

/* Shares of 80, 10 and 10 % of the joined pairs, and as many negatives in each; with `full`, all other unconnected
 * observable pairs are negatives of the test part instead. */
bool plx_pair_link_trial(const plx_ctx *ctx, const plx_pair_data *data, uint64_t seed, bool full, plx_arena *arena,
                         plx_trial *out, plx_err *err);

#endif
