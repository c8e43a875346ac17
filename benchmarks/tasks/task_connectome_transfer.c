/* SPDX-License-Identifier: Apache-2.0
 *
 * Two animals: everything of the first is known, and what it lacks is asked about in the second.
 */
#include "benchmarks/tasks/pair_task.h"

enum { FEWEST_PAIRS = 10 };

typedef struct transfer {
    plx_pair_data from; /* of the neurons both animals can show */
    plx_pair_set to;    /* joined in the other animal */
} transfer;

static const plx_slice *find_label(const plx_network *net, plx_slice label)
{
    for (size_t i = 0; i < net->n; i++) {
        if (plx_slice_eq(net->label[i], label)) {
            return &net->label[i];
        }
    }
    return NULL;
}

/* Restrict `net` to neurons observable in both; *place is each old node's new one + 1, or 0. */
static bool restrict_to(plx_network *net, const plx_network *other, plx_arena *arena, uint32_t **place, plx_err *err)
{
    size_t n = 0;
    *place = plx_arena_zero(arena, net->n + 1, sizeof **place);
    if (!*place) {
        return plx_fail_nomem(err, net->n * sizeof **place);
    }
    for (size_t i = 0; i < net->n; i++) {
        const plx_slice *found = find_label(other, net->label[i]);
        if (net->observable[i] && found && other->observable[found - other->label]) {
            (*place)[i] = (uint32_t)++n;
        }
    }
    for (size_t i = 0; i < net->n; i++) {
        size_t to = (*place)[i];
        if (to > 0) { /* places grow with i, so nothing is overwritten that is still needed */
            int32_t h = net->homologue[i];
            net->label[to - 1] = net->label[i];
            memcpy(net->pos_um + (to - 1) * 3, net->pos_um + i * 3, 3 * sizeof *net->pos_um);
            net->homologue[to - 1] = h >= 0 && (*place)[h] ? (int32_t)(*place)[h] - 1 : -1;
            net->observable[to - 1] = 1;
        }
    }
    size_t m = 0;
    for (size_t i = 0; i < net->n_edges; i++) {
        plx_graph_edge e = net->edges[i];
        if ((*place)[e.pre] && (*place)[e.post]) {
            e.pre = (*place)[e.pre] - 1;
            e.post = (*place)[e.post] - 1;
            net->edges[m++] = e;
        }
    }
    net->n = n;
    net->n_edges = m;
    return true;
}

static bool load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **out, plx_err *err)
{
    transfer *t = plx_arena_zero(arena, 1, sizeof *t);
    plx_network other, whole;
    uint32_t *place;
    if (!t) {
        return plx_fail_nomem(err, sizeof *t);
    }
    *out = t;
    t->from.unit = input->unit;
    if (!plx_network_load(ctx, input->record[0], arena, &t->from.net, err) ||
        !plx_network_load(ctx, input->record[1], arena, &other, err)) {
        return false;
    }
    /* Names and observability of the first are needed to cut down the second, so it is read again rather than copied.
     */
    if (!plx_network_load(ctx, input->record[0], arena, &whole, err) ||
        !restrict_to(&t->from.net, &other, arena, &place, err) || !restrict_to(&other, &whole, arena, &place, err) ||
        !plx_pair_data_index(arena, &t->from, err) || !plx_pair_set_new(arena, t->from.net.n, &t->to, err)) {
        return false;
    }
    uint32_t *as = plx_arena_zero(arena, other.n + 1, sizeof *as);
    if (!as) {
        return plx_fail_nomem(err, other.n * sizeof *as);
    }
    for (size_t i = 0; i < other.n; i++) {
        const plx_slice *found = find_label(&t->from.net, other.label[i]);
        as[i] = found ? (uint32_t)(found - t->from.net.label) : 0;
    }
    for (size_t i = 0; i < other.n_edges; i++) {
        uint32_t a = as[other.edges[i].pre], b = as[other.edges[i].post];
        plx_pair_set_add(&t->to, a < b ? a : b, a < b ? b : a);
    }
    return t->from.n_joined >= FEWEST_PAIRS ||
           plx_fail(err, PLX_E_UNSUPPORTED, "%s: the animals share too few joined pairs", input->unit);
}

/* All joined pairs of the first animal and as many negatives; a tenth of each may be validation. */
static bool divide(const transfer *t, uint64_t seed, bool hold_back, plx_arena *arena, plx_pairs *pairs,
                   plx_pair_set *kept, plx_err *err)
{
    const plx_pair_data *d = &t->from;
    plx_split_input in = {.n = d->n_joined, .n_folds = 1, .seed = seed, .stream = d->unit};
    uint8_t *part;
    size_t n[4] = {0};
    plx_pair_set taken;
    if (!plx_split_divide("holdout", hold_back ? "train=0.9 valid=0.1" : "train=1 valid=0", &in, arena, &part, err) ||
        !plx_pairs_new(arena, d->n_joined * 2, pairs, err) || !plx_pair_set_new(arena, d->net.n, kept, err) ||
        !plx_pair_set_new(arena, d->net.n, &taken, err)) {
        return false;
    }
    for (size_t i = 0; i < d->n_joined; i++) {
        plx_pairs_add(pairs, d->a[i], d->b[i], 1, (plx_part)part[i]);
        n[part[i]]++;
        if (part[i] == PLX_PART_TRAIN) {
            plx_pair_set_add(kept, d->a[i], d->b[i]);
        }
    }
    memcpy(taken.bits, d->joined.bits, (d->net.n * d->net.n / 64 + 1) * sizeof *taken.bits);
    plx_rng rng = plx_rng_stream(seed, d->unit, (UINT64_C(1) << 32) + hold_back);
    if (!plx_pairs_sample(pairs, n[PLX_PART_TRAIN], PLX_PART_TRAIN, &taken, d->net.observable, &rng, err) ||
        !plx_pairs_sample(pairs, n[PLX_PART_VALID], PLX_PART_VALID, &taken, d->net.observable, &rng, err)) {
        return false;
    }
    plx_pairs_sort(pairs);
    return true;
}

static bool add_test(const transfer *t, plx_arena *arena, plx_pairs *out, plx_err *err)
{
    size_t n = t->from.net.n;
    if (!plx_pairs_new(arena, n * n / 2, out, err)) {
        return false;
    }
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = a + 1; b < n; b++) {
            if (!plx_pair_set_has(&t->from.joined, a, b)) {
                plx_pairs_add(out, a, b, plx_pair_set_has(&t->to, a, b), PLX_PART_TEST);
            }
        }
    }
    return true;
}

/* One list of all items, for the digest. */
static bool join(const plx_pairs *x, const plx_pairs *y, plx_arena *arena, plx_pairs *out, plx_err *err)
{
    if (!plx_pairs_new(arena, x->n + y->n, out, err)) {
        return false;
    }
    for (size_t i = 0; i < x->n; i++) {
        plx_pairs_add(out, x->a[i], x->b[i], x->label[i], (plx_part)x->part[i]);
    }
    for (size_t i = 0; i < y->n; i++) {
        plx_pairs_add(out, y->a[i], y->b[i], y->label[i], (plx_part)y->part[i]);
    }
    return true;
}

static bool trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena, plx_trial *out,
                  plx_err *err)
{
    const transfer *t = data;
    const plx_network *net = &t->from.net;
    plx_pairs held, train, valid, all, test, items;
    plx_pair_set kept, everything;
    const plx_graph *part, *whole;
    (void)fold;
    *out = (plx_trial){
        .n_nodes = net->n, .node_label = net->label, .node_observable = net->observable, .two_animals = true};
    if (!plx_ctx_go_on(ctx, err) || !divide(t, seed, true, arena, &held, &kept, err) ||
        !divide(t, seed, false, arena, &all, &everything, err) || !add_test(t, arena, &test, err) ||
        !join(&held, &test, arena, &items, err) || !plx_pairs_of_part(&held, PLX_PART_TRAIN, arena, &train, err) ||
        !plx_pairs_of_part(&held, PLX_PART_VALID, arena, &valid, err) ||
        !plx_pair_graph(arena, net, &kept, &part, err) || !plx_pair_graph(arena, net, NULL, &whole, err)) {
        return false;
    }
    plx_trial_digests(net->label, net->n, &items, out);
    out->select = plx_pair_stage(part, &train, &valid, seed);
    out->final = plx_pair_stage(whole, &all, &test, seed);
    return true;
}

static const plx_task_metric metrics[] = {
    {"roc_auc", NULL, NULL, "roc_auc"},
    {"average_precision", NULL, NULL, "average_precision"},
    {"hits", "k=100", NULL, "hits@100"},
    {"mrr", NULL, NULL, "mrr"},
    {0},
};
static const char *const units[] = {"connectome/white1986-n2u->connectome/witvliet2020-8",
                                    "connectome/witvliet2020-7->connectome/witvliet2020-8",
                                    "connectome/witvliet2020-8->connectome/cook2019", NULL};

extern const plx_task plx_task_connectome_transfer;
const plx_task plx_task_connectome_transfer = {
    .name = "connectome-transfer",
    .title = "Connections another animal has",
    .version = 1,
    .question = "Of the pairs of neurons that are not joined in one animal, which are joined in another?",
    .unit = "an unordered pair of neurons that both animals can show and that is not joined in the first",
    .split = "All of the first animal is learned from; a tenth of its joined pairs, by seed, chooses hyper-parameters, "
             "then the model is fitted to all of them. The test pairs are the same for every seed.",
    .negatives =
        "In test, all pairs joined in neither animal; in training and validation as many pairs not joined in the "
        "first animal as joined ones, drawn uniformly.",
    .doc = "What an animal lacks and another has is variable wiring, or was missed. Pairs that both have are left out, "
           "so that copying the first animal scores nothing. The last unit goes from a nerve ring to a whole animal, "
           "over the neurons both hold.",
    .reference = "",
    .problem = PLX_PROBLEM_LINKS,
    .hands_out = PLX_USES_POSITIONS | PLX_USES_HOMOLOGUES,
    .metrics = metrics,
    .units = units,
    .n_refs = 2,
    .n_folds = 1,
    .n_seeds = 10,
    .load = load,
    .trial = trial,
};
