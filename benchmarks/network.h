/* SPDX-License-Identifier: Apache-2.0
 *
 * What tasks on connectomes share: the neurons of a record and their wiring in memory, sets of pairs, and sampling of
 * negatives.
 */
#ifndef PLX_BENCHMARKS_NETWORK_H
#define PLX_BENCHMARKS_NETWORK_H

#include "benchmarks/task.h"
#include "core/rng.h"

/* The neurons of one connectome record (cells of category "neuron"), with edges among them; other cells are left out.
 */
typedef struct plx_network {
    size_t n;
    plx_slice *label;    /* canonical name of worms, else the record's label */
    double *pos_um;      /* [n * 3]; NaN when not known */
    int32_t *homologue;  /* or -1 */
    int32_t *type;       /* index into type_names, or -1 when the record has none for it */
    uint8_t *observable; /* 1: the imaged volume holds it, so that a missing edge means no connection */
    size_t n_types;
    const char **type_names; /* sorted */
    size_t n_kinds;
    const char **kind_names;
    plx_graph_edge *edges; /* self edges left out */
    size_t n_edges;
} plx_network;

/* owner: the arena; nothing points into the record afterwards. errors: UNSUPPORTED for another kind of record. */
bool plx_network_load(const plx_ctx *ctx, plx_record *record, plx_arena *arena, plx_network *out, plx_err *err);

/* A set of ordered pairs (a, b) of n nodes: one bit each. */
typedef struct plx_pair_set {
    size_t n;
    uint64_t *bits;
} plx_pair_set;
/* Empty. owner: the arena. */
bool plx_pair_set_new(plx_arena *arena, size_t n, plx_pair_set *out, plx_err *err);
static inline bool plx_pair_set_has(const plx_pair_set *set, size_t a, size_t b)
{
    size_t i = a * set->n + b;
    return set->bits[i / 64] >> (i % 64) & 1;
}
static inline void plx_pair_set_add(plx_pair_set *set, size_t a, size_t b)
{
    size_t i = a * set->n + b;
    set->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Labelled pairs with their parts. */
typedef struct plx_pairs {
    size_t n, cap;
    uint32_t *a, *b;
    int32_t *label;
    uint8_t *part; /* plx_part */
} plx_pairs;
/* Room for `cap` pairs. owner: the arena. */
bool plx_pairs_new(plx_arena *arena, size_t cap, plx_pairs *out, plx_err *err);
/* Append; there must be room. */
void plx_pairs_add(plx_pairs *pairs, uint32_t a, uint32_t b, int32_t label, plx_part part);
/* Sorted by (a, b): the order tells nothing of the labels. */
void plx_pairs_sort(plx_pairs *pairs);
/* Those of one part, as what a stage queries or trains on. owner: the arena. */
bool plx_pairs_of_part(const plx_pairs *pairs, plx_part part, plx_arena *arena, plx_pairs *out, plx_err *err);

/* Append `n` pairs a < b of `part` with label 0, uniform among those of nodes with `observable` that are not in
 * `taken`, which they enter. errors: UNSUPPORTED when there are fewer. */
bool plx_pairs_sample(plx_pairs *pairs, size_t n, plx_part part, plx_pair_set *taken, const uint8_t *observable,
                      plx_rng *rng, plx_err *err);

/* Digests of a trial: over node names, items and parts; and over the targets of test items, in their order. */
void plx_trial_digests(const plx_slice *label, size_t n_nodes, const plx_pairs *items, plx_trial *out);

#endif
