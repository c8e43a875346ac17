/* SPDX-License-Identifier: Apache-2.0
 *
 * Anatomy of one record, responses of another: which measured ordered pairs respond is learned and asked about.
 */
#include "benchmarks/network.h"

enum { FEWEST = 20 };

typedef struct responses {
    const char *unit;
    plx_network net;
    plx_graph graph; /* the whole anatomy: it is given */
    size_t n;        /* measured ordered pairs of neurons that the anatomy could show, sorted, without self */
    uint32_t *a, *b, *group;
    uint32_t *responds; /* 1: q below 0.05 */
} responses;

typedef struct measured {
    const plx_table *nodes;
    const plx_column *name, *label, *pre, *post, *q;
} measured;

static bool need_pairs(plx_record *record, measured *m, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *pairs = NULL;
    if (!view->table(view, "nodes", &m->nodes, err) || !view->table(view, "pairs", &pairs, err)) {
        return false;
    }
    if (!m->nodes || !pairs) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the second record has no table of measured pairs");
        return plx_err_why(err, "structure-function needs a record such as connectome/randi2023 there");
    }
    return plx_table_need(m->nodes, "name", PLX_STR, &m->name, err) &&
           plx_table_need(pairs, "pre", PLX_U32, &m->pre, err) &&
           plx_table_need(pairs, "post", PLX_U32, &m->post, err) && plx_table_need(pairs, "q", PLX_F64, &m->q, err);
}

/* Each node of the atlas in the anatomy: its place + 1, or 0. */
static bool place_nodes(const measured *m, const plx_network *net, plx_arena *arena, uint32_t **out, plx_err *err)
{
    size_t n = m->nodes->n_rows;
    *out = plx_arena_zero(arena, n + 1, sizeof **out);
    for (size_t i = 0; *out && i < n; i++) {
        plx_slice name = plx_column_str(m->name, i);
        for (size_t k = 0; name.len && k < net->n; k++) {
            if (net->observable[k] && plx_slice_eq(net->label[k], name)) {
                (*out)[i] = (uint32_t)k + 1;
            }
        }
    }
    return *out ? true : plx_fail_nomem(err, n * sizeof **out);
}

static bool take_pairs(const measured *m, const uint32_t *place, plx_arena *arena, responses *r, plx_err *err)
{
    plx_pairs pairs;
    plx_pair_set seen;
    const uint32_t *pre = (const uint32_t *)m->pre->values.ptr, *post = (const uint32_t *)m->post->values.ptr;
    if (!plx_pairs_new(arena, m->pre->n, &pairs, err) || !plx_pair_set_new(arena, r->net.n, &seen, err)) {
        return false;
    }
    for (size_t i = 0; i < m->pre->n; i++) {
        if (pre[i] >= m->nodes->n_rows || post[i] >= m->nodes->n_rows) {
            return plx_fail(err, PLX_E_SCHEMA, "measured pair %zu names cells that are not there", i);
        }
        uint32_t a = place[pre[i]], b = place[post[i]];
        if (a && b && a != b && !plx_pair_set_has(&seen, a - 1, b - 1)) {
            plx_pair_set_add(&seen, a - 1, b - 1);
            plx_pairs_add(&pairs, a - 1, b - 1, plx_column_f64(m->q, i) < 0.05, PLX_PART_UNUSED);
        }
    }
    plx_pairs_sort(&pairs);
    r->n = pairs.n;
    r->a = pairs.a;
    r->b = pairs.b;
    r->group = plx_arena_zero(arena, pairs.n + 1, sizeof *r->group);
    r->responds = plx_arena_zero(arena, pairs.n + 1, sizeof *r->responds);
    if (!r->group || !r->responds) {
        return plx_fail_nomem(err, pairs.n * sizeof *r->group);
    }
    size_t positives = 0;
    for (size_t i = 0; i < pairs.n; i++) {
        uint32_t low = pairs.a[i] < pairs.b[i] ? pairs.a[i] : pairs.b[i];
        uint32_t high = pairs.a[i] < pairs.b[i] ? pairs.b[i] : pairs.a[i];
        r->group[i] = low * (uint32_t)r->net.n + high;
        r->responds[i] = (uint32_t)pairs.label[i];
        positives += pairs.label[i] == 1;
    }
    return (positives >= FEWEST && pairs.n - positives >= FEWEST) ||
           plx_fail(err, PLX_E_UNSUPPORTED, "%s: %zu pairs respond and %zu do not, too few to divide", r->unit,
                    positives, pairs.n - positives);
}

static bool load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **out, plx_err *err)
{
    responses *r = plx_arena_zero(arena, 1, sizeof *r);
    measured m;
    uint32_t *place;
    if (!r) {
        return plx_fail_nomem(err, sizeof *r);
    }
    *out = r;
    r->unit = input->unit;
    plx_network *net = &r->net;
    if (!plx_network_load(ctx, input->record[0], arena, net, err) ||
        !plx_graph_build(arena, net->n, net->n_kinds, net->kind_names, net->edges, net->n_edges, &r->graph, err)) {
        return false;
    }
    if (net->n >= UINT16_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "%s has too many neurons to pair", input->unit);
    }
    r->graph.label = net->label;
    r->graph.pos_um = net->pos_um;
    r->graph.homologue = net->homologue;
    return need_pairs(input->record[1], &m, err) && place_nodes(&m, net, arena, &place, err) &&
           take_pairs(&m, place, arena, r, err);
}

/* As many training and validation pairs that do not respond as do, drawn by seed; in test all stay. */
static void thin_negatives(plx_pairs *items, plx_part part, plx_rng *rng)
{
    size_t positives = 0, negatives = 0;
    for (size_t i = 0; i < items->n; i++) {
        positives += items->part[i] == part && items->label[i] == 1;
        negatives += items->part[i] == part && items->label[i] == 0;
    }
    for (size_t i = 0; i < items->n; i++) { /* of those left, so many are still wanted: each with the same chance */
        if (items->part[i] == part && items->label[i] == 0) {
            bool keep = plx_rng_below(rng, negatives--) < positives;
            positives -= keep;
            items->part[i] = keep ? (uint8_t)part : PLX_PART_UNUSED;
        }
    }
}

static plx_stage make_stage(const responses *r, const plx_pairs *train, const plx_pairs *query, uint64_t seed)
{
    return (plx_stage){
        .train = {.problem = PLX_PROBLEM_LINKS,
                  .graph = &r->graph,
                  .directed = true,
                  .n = train->n,
                  .a = train->a,
                  .b = train->b,
                  .label = train->label,
                  .seed = seed},
        .query = {.n = query->n, .a = query->a, .b = query->b},
        .label = query->label,
    };
}

static bool trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena, plx_trial *out,
                  plx_err *err)
{
    const responses *r = data;
    plx_split_input in = {
        .n = r->n, .group = r->group, .stratum = r->responds, .n_folds = 1, .seed = seed, .stream = r->unit};
    uint8_t *part;
    plx_pairs items, train, valid, test;
    (void)fold;
    *out = (plx_trial){
        .n_nodes = r->net.n, .node_label = r->net.label, .node_observable = r->net.observable, .graph_is_given = true};
    if (!plx_ctx_go_on(ctx, err) || !plx_split_divide("holdout", NULL, &in, arena, &part, err) ||
        !plx_pairs_new(arena, r->n, &items, err)) {
        return false;
    }
    for (size_t i = 0; i < r->n; i++) {
        plx_pairs_add(&items, r->a[i], r->b[i], (int32_t)r->responds[i], (plx_part)part[i]);
    }
    plx_rng rng = plx_rng_stream(seed, r->unit, UINT64_C(1) << 32);
    thin_negatives(&items, PLX_PART_TRAIN, &rng);
    thin_negatives(&items, PLX_PART_VALID, &rng);
    plx_trial_digests(r->net.label, r->net.n, &items, out);
    if (!plx_pairs_of_part(&items, PLX_PART_TRAIN, arena, &train, err) ||
        !plx_pairs_of_part(&items, PLX_PART_VALID, arena, &valid, err) ||
        !plx_pairs_of_part(&items, PLX_PART_TEST, arena, &test, err)) {
        return false;
    }
    out->select = make_stage(r, &train, &valid, seed);
    out->final = make_stage(r, &train, &test, seed);
    return true;
}

static const plx_task_metric metrics[] = {
    {"roc_auc", NULL, NULL, "roc_auc"},
    {"average_precision", NULL, NULL, "average_precision"},
    {"hits", "k=100", NULL, "hits@100"},
    {"mrr", NULL, NULL, "mrr"},
    {0},
};
static const char *const units[] = {"connectome/cook2019->connectome/randi2023",
                                    "connectome/white1986-whole->connectome/randi2023",
                                    "connectome/witvliet2020-8->connectome/randi2023", NULL};

extern const plx_task plx_task_structure_function;
const plx_task plx_task_structure_function = {
    .name = "structure-function",
    .title = "Which neurons respond to which, from anatomy",
    .version = 1,
    .question = "Which neurons respond when another one is stimulated, judged from the anatomical wiring?",
    .unit = "a measured ordered pair of different neurons that the anatomy could show too: stimulated, responding",
    .split =
        "Measured pairs are divided by seed into 80 % to learn from, 10 % to choose hyper-parameters, 10 % to test on, "
        "with the same share of responses in each; both directions of a pair stay together.",
    .negatives =
        "In test, all measured pairs that do not respond (q of 0.05 or more); in training and validation as many as "
        "do, drawn uniformly. Pairs that nobody measured are left out.",
    .doc =
        "A pair responds when its false discovery rate q in the signal propagation atlas of Randi et al. (2023) is "
        "below "
        "0.05. Direction is kept: from the stimulated neuron to the responding one. Models see the whole anatomy, "
        "direct connections included, where neurons lie and which are homologues; those that learn also see the "
        "responses of the training pairs. For comparison, the paper finds responses in 11.4, 5.1, 3.6 and 1.2 % of the "
        "pairs whose shortest anatomical way has 1, 2, 3 and 4 steps (source data of its figure 2e): anatomy tells "
        "something, and far from everything.",
    .reference = "Randi, Sharma, Dvali and Leifer 2023, doi:10.1038/s41586-023-06683-4",
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
