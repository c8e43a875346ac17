/* SPDX-License-Identifier: Apache-2.0
 *
 * Kind "connectome": cells and the connections between them.
 *
 * Every cell the source names is a node, neuron or not; the canonical neurons among them carry their slot. An edge is
 * an ordered pair of one kind; the kinds a record has are its attribute edge_kinds, and edges of two kinds between one
 * pair are two edges. Gap junctions have no direction: each is stored in both, with equal weight (a self junction
 * once). Functional edges are responses and may be negative; all others weigh more than nothing.
 *
 * Counts of C. elegans are given over canonical neurons only, as published counts are, and over all cells. A record of
 * another animal says so in the attribute organism: it has no canonical neurons, and its counts are per kind of edge.
 */
#include "core/alloc.h"
#include "core/hash.h"
#include "schemas/kind.h"
#include "schemas/neurons.h"

#include <math.h>
#include <string.h>

static const char *const edge_kind_names[] = {"chemical", "gap", "functional", "monoamine", "neuropeptide",
                                              "aa",       "ad",  "da",         "dd"};
enum { N_EDGE_KINDS = sizeof edge_kind_names / sizeof *edge_kind_names, NO_KIND = N_EDGE_KINDS };
static const char *const worm = "Caenorhabditis elegans";

static const plx_member_spec members[] = {
    {"nodes/label", PLX_STR, 1, "", true, "name in the source, without blanks around it; unique"},
    {"nodes/name", PLX_STR, 1, "", true, "canonical neuron name, or empty"},
    {"nodes/slot", PLX_I32, 1, "", true, "index in the list of 300 canonical neurons, or -1"},
    {"nodes/category", PLX_STR, 1, "", true, "neuron, muscle, gland, glia, epithelium, end-organ, fragment or other"},
    {"nodes/class", PLX_STR, 1, "", true, "neuron class (AVA of AVAL), or empty"},
    {"nodes/type", PLX_STR, 1, "", true, "sensory, inter, motor or pharyngeal; empty for others"},
    {"nodes/transmitter", PLX_STR, 1, "", true,
     "main transmitter, \"unknown\", or empty for cells that are no neurons"},
    {"nodes/x_um", PLX_F64, 1, "um", true, "position; NaN when not known"},
    {"nodes/y_um", PLX_F64, 1, "um", true, "position along the body from the nose; NaN when not known"},
    {"nodes/z_um", PLX_F64, 1, "um", true, "position; NaN when not known"},
    {"nodes/observable", PLX_U8, 1, "", true,
     "1 when the imaged volume holds the cell, so a missing edge means no connection"},
    {"nodes/in_source", PLX_U8, 1, "", true,
     "0 for cells added because the volume holds them though no row names them"},
    {"edges/pre", PLX_U32, 1, "", true, "row of nodes that sends"},
    {"edges/post", PLX_U32, 1, "", true, "row of nodes that receives"},
    {"edges/kind", PLX_U8, 1, "", true, "index into the attribute edge_kinds"},
    {"edges/weight", PLX_F64, 1, "*", true,
     "positive, but of functional edges not 0; its unit is the attribute weight_unit"},
    {"edges/n_rows", PLX_U32, 1, "", true, "rows of the source merged into this edge"},
    {"edges/q", PLX_F64, 1, "", false, "false discovery rate at which this response counts as one"},
    {"edges/sign", PLX_I32, 1, "", false, "predicted: 1 excites, -1 inhibits, 0 both or not known"},
    {"edges/transmitter", PLX_STR, 1, "", false, "what is sent, as the source names it; several with commas"},
    {"edges/receptor", PLX_STR, 1, "", false, "what receives it; several with commas"},
    {"edges/gene", PLX_STR, 1, "", false, "gene of the receptor; several with commas"},
    {"edges/polarity", PLX_STR, 1, "", false, "prediction as published: +, -, complex or no pred"},
    {"edges/n_observable", PLX_I32, 1, "", false, "graphs of a consensus whose volume holds both cells"},
    {"edges/n_present", PLX_I32, 1, "", false, "those of them that have the edge"},
    {"edges/mean_synapses", PLX_F64, 1, "synapses", false,
     "mean over them, absent ones as 0; NaN: none counts synapses"},
    {"edges/mean_sections", PLX_F64, 1, "EM sections", false,
     "mean over them, absent ones as 0; NaN: none counts sections"},
    {"edges/graphs", PLX_STR, 1, "", false, "names of the graphs that have the edge, with commas"},
    {"consensus/from_neuron", PLX_STR, 1, "", false, "sender; one row for each ordered pair of the 300"},
    {"consensus/to_neuron", PLX_STR, 1, "", false, "receiver"},
    {"consensus/from_pos", PLX_STR, 1, "", false, "position of the sender in um, as published"},
    {"consensus/to_pos", PLX_STR, 1, "", false, "position of the receiver"},
    {"consensus/from_type", PLX_STR, 1, "", false, "type of the sender"},
    {"consensus/to_type", PLX_STR, 1, "", false, "type of the receiver"},
    {"consensus/mean_gap_weight", PLX_F64, 1, "", false, "mean of distinct weights (D10); NaN: no gap junction"},
    {"consensus/mean_chem_weight", PLX_F64, 1, "", false, "mean over the graphs that have it; NaN: none has"},
    {"consensus/uncertainty", PLX_F64, 1, "", false, "0.9 deviation of chemical + 0.1 of gap weights (D11)"},
    {"consensus/functional_weight", PLX_F64, 1, "*", false, "response, dF/F; NaN: none"},
    {"consensus/data_sources", PLX_STR, 1, "", false, "graphs that have any edge of the pair"},
    {"consensus/gap_observable", PLX_I32, 1, "", false, "graphs that could show a gap junction of the pair"},
    {"consensus/gap_present", PLX_I32, 1, "", false, "those that have one"},
    {"consensus/chem_observable", PLX_I32, 1, "", false, "graphs that could show a chemical synapse of the pair"},
    {"consensus/chem_present", PLX_I32, 1, "", false, "those that have one"},
    {"consensus/functional_measured", PLX_I32, 1, "", false, "signal propagation atlases that measured the pair"},
    {"consensus/mean_gap_synapses", PLX_F64, 1, "synapses", false, "absent ones as 0; NaN: no graph has a say"},
    {"consensus/mean_gap_sections", PLX_F64, 1, "EM sections", false, "the same of graphs that count sections"},
    {"consensus/mean_chem_synapses", PLX_F64, 1, "synapses", false, "absent ones as 0; NaN: no graph has a say"},
    {"consensus/mean_chem_sections", PLX_F64, 1, "EM sections", false, "the same of graphs that count sections"},
    {"consensus/functional_q", PLX_F64, 1, "", false, "false discovery rate of the response; NaN: none"},
    {"pairs/pre", PLX_U32, 1, "", false, "row of nodes that sends"},
    {"pairs/post", PLX_U32, 1, "", false, "row of nodes that receives"},
    {"pairs/dff", PLX_F64, 1, "*", false, "response of post when pre is stimulated, for every pair that was measured"},
    {"pairs/q", PLX_F64, 1, "", false, "false discovery rate at which it counts as one"},
    {"pairings/edge", PLX_U32, 1, "", false, "row of edges"},
    {"pairings/transmitter", PLX_STR, 1, "", false, "one transmitter of the edge"},
    {"pairings/receptor", PLX_STR, 1, "", false, "the receptor for it"},
    {"pairings/gene", PLX_STR, 1, "", false, "the receptor's gene"},
    {"nodes/side", PLX_STR, 1, "", false, "left, right, or empty when not known"},
    {"nodes/homologue", PLX_STR, 1, "", false, "label of the same cell of the other side, or empty"},
    {"nodes/cluster", PLX_STR, 1, "", false, "cluster by connectivity, or empty"},
    {"nodes/sign", PLX_I32, 1, "", false, "guess: 1 excites, -1 inhibits, 0 not known"},
    {"nodes/axon_input", PLX_F64, 1, "*", false, "synapses onto the axon, also from cells not here; NaN: not known"},
    {"nodes/dendrite_input", PLX_F64, 1, "*", false,
     "synapses onto the dendrite; an edge's weight over it is its share"},
    {"nodes/axon_output", PLX_F64, 1, "*", false, "synapses from the axon, also to cells not here; NaN: not known"},
    {"nodes/dendrite_output", PLX_F64, 1, "*", false, "synapses from the dendrite; NaN: not known"},
    {NULL, PLX_U8, 0, NULL, false, NULL},
};

static const char *const attributes[] = {"edge_kinds", "region", "weight_unit", NULL};

static const plx_count_spec count_specs[] = {
    {"nodes", "cells on at least one edge"},
    {"edges", "ordered pairs with an edge of any kind"},
    {"gap_directed", "gap edges, counting both directions"},
    {"gap_pairs", "unordered pairs with a gap junction, self included"},
    {"chemical", "chemical edges"},
    {"both", "ordered pairs with a chemical and a gap edge"},
    {"gap_sum", "sum of gap weights over both directions"},
    {"chemical_sum", "sum of chemical weights"},
    {"self", "ordered pairs of a cell with itself"},
    {"functional", "responses of one cell to another"},
    {"functional_sum", "sum of their weights"},
    {"monoamine", "pairs of cells, one sending a monoamine the other has a receptor for"},
    {"monoamine_sum", "sum of their weights"},
    {"neuropeptide", "pairs of cells, one sending a neuropeptide the other has a receptor for"},
    {"neuropeptide_sum", "sum of their weights"},
    {"aa", "axon to axon edges"},
    {"aa_sum", "sum of their weights"},
    {"aa_max", "greatest weight"},
    {"aa_self", "of a cell with itself"},
    {"ad", "axon to dendrite edges"},
    {"ad_sum", "sum of their weights"},
    {"ad_max", "greatest weight"},
    {"ad_self", "of a cell with itself"},
    {"da", "dendrite to axon edges"},
    {"da_sum", "sum of their weights"},
    {"da_max", "greatest weight"},
    {"da_self", "of a cell with itself"},
    {"dd", "dendrite to dendrite edges"},
    {"dd_sum", "sum of their weights"},
    {"dd_max", "greatest weight"},
    {"dd_self", "of a cell with itself"},
    {"sum", "sum of all weights"},
    {"max", "greatest weight of an ordered pair over all kinds"},
    {NULL, NULL},
};

typedef struct graph {
    size_t n_nodes, n_edges, n_kinds;
    size_t chemical, gap, functional; /* their index among the record's kinds, or NO_KIND */
    const char *kinds[N_EDGE_KINDS];
    const plx_column *label, *name, *category;
    const int32_t *slot;
    const uint8_t *observable, *in_source, *kind;
    const uint32_t *pre, *post, *n_rows;
    const double *weight;
} graph;

static const void *column_data(const plx_table *table, const char *name, plx_dtype dtype, plx_violations *found)
{
    const plx_column *column = plx_table_find(table, name);
    if (!column || column->dtype != dtype || column->n != table->n_rows) {
        if (found) {
            plx_violation(found, "column %s is missing, of another type or of another length", name);
        }
        return NULL;
    }
    return dtype == PLX_STR ? (const void *)column : (const void *)column->values.ptr;
}

static bool is_worm(const plx_value *meta)
{
    const char *organism = plx_v_get_text(meta, "organism");
    return !organism || strcmp(organism, worm) == 0;
}

/* The record's own list. False when it is none of known, different names. */
static bool read_kinds(const plx_value *meta, graph *g)
{
    const plx_value *kinds = plx_v_get(meta, "edge_kinds");
    g->n_kinds = 0;
    g->chemical = g->gap = g->functional = NO_KIND;
    if (!kinds || kinds->kind != PLX_V_ARR || kinds->u.arr.n == 0 || kinds->u.arr.n > N_EDGE_KINDS) {
        return false;
    }
    for (size_t i = 0; i < kinds->u.arr.n; i++) {
        const char *text = plx_v_text(kinds->u.arr.items[i]);
        bool known = false;
        for (size_t k = 0; text && k < N_EDGE_KINDS; k++) {
            known = known || strcmp(text, edge_kind_names[k]) == 0;
        }
        for (size_t k = 0; known && k < i; k++) {
            known = strcmp(text, g->kinds[k]) != 0;
        }
        if (!known) {
            return false;
        }
        g->kinds[i] = text;
        g->chemical = strcmp(text, "chemical") == 0 ? i : g->chemical;
        g->gap = strcmp(text, "gap") == 0 ? i : g->gap;
        g->functional = strcmp(text, "functional") == 0 ? i : g->functional;
    }
    g->n_kinds = kinds->u.arr.n;
    return true;
}

/* False in *usable when a column is not there; the violations say which. */
static bool open_graph(const plx_record_view *view, graph *g, bool *usable, plx_violations *found, plx_err *err)
{
    const plx_table *nodes = NULL;
    const plx_table *edges = NULL;
    *g = (graph){0};
    *usable = false;
    if (!view->table(view, "nodes", &nodes, err) || !view->table(view, "edges", &edges, err)) {
        return false;
    }
    if (!nodes || !edges) {
        if (found) {
            plx_violation(found, "the table %s is missing", nodes ? "edges" : "nodes");
        }
        return true;
    }
    size_t before = found ? found->n : 0;
    g->n_nodes = nodes->n_rows;
    g->n_edges = edges->n_rows;
    g->label = column_data(nodes, "label", PLX_STR, found);
    g->name = column_data(nodes, "name", PLX_STR, found);
    g->category = column_data(nodes, "category", PLX_STR, found);
    g->slot = column_data(nodes, "slot", PLX_I32, found);
    g->observable = column_data(nodes, "observable", PLX_U8, found);
    g->in_source = column_data(nodes, "in_source", PLX_U8, found);
    g->pre = column_data(edges, "pre", PLX_U32, found);
    g->post = column_data(edges, "post", PLX_U32, found);
    g->kind = column_data(edges, "kind", PLX_U8, found);
    g->weight = column_data(edges, "weight", PLX_F64, found);
    g->n_rows = column_data(edges, "n_rows", PLX_U32, found);
    bool nodes_ok = g->label && g->name && g->category && (!g->n_nodes || (g->slot && g->observable && g->in_source));
    bool edges_ok = !g->n_edges || (g->pre && g->post && g->kind && g->weight && g->n_rows);
    *usable = nodes_ok && edges_ok && (!found || found->n == before);
    return true;
}

static bool check_attributes(const plx_value *meta, graph *g, plx_violations *found)
{
    bool ok = read_kinds(meta, g);
    if (!ok) {
        plx_violation(found, "attribute edge_kinds must be a list of different names out of chemical, gap, functional, "
                             "monoamine, neuropeptide, aa, ad, da, dd");
    }
    const char *unit = plx_v_get_text(meta, "weight_unit");
    if (!unit || !*unit) {
        plx_violation(found, "attribute weight_unit must be a text");
    }
    const char *region = plx_v_get_text(meta, "region");
    if (!region || !*region) {
        plx_violation(found, "attribute region must be a text");
    }
    return ok;
}

/* Open-addressed set of rows by label: finds doubles without sorting. */
static bool check_labels(const graph *g, plx_violations *found, plx_err *err)
{
    size_t cap = 16;
    while (cap < g->n_nodes * 2) {
        cap *= 2;
    }
    size_t *rows = plx_alloc_zero(cap, sizeof *rows); /* row + 1; 0 is free */
    if (!rows) {
        return plx_fail_nomem(err, cap * sizeof *rows);
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        plx_slice label = plx_column_str(g->label, i);
        if (label.len == 0) {
            plx_violation(found, "nodes row %zu has an empty label", i);
        }
        size_t at = (size_t)plx_hash64(label.ptr, label.len, 0) & (cap - 1);
        while (rows[at] && !plx_slice_eq(plx_column_str(g->label, rows[at] - 1), label)) {
            at = (at + 1) & (cap - 1);
        }
        if (rows[at]) {
            plx_violation(found, "nodes rows %zu and %zu have the same label \"%.*s\"", rows[at] - 1, i, (int)label.len,
                          label.ptr);
        } else {
            rows[at] = i + 1;
        }
    }
    plx_free(rows);
    return true;
}

static void check_nodes(const graph *g, bool canonical, plx_violations *found)
{
    bool taken[PLX_N_NEURONS] = {false};
    for (size_t i = 0; i < g->n_nodes; i++) {
        plx_slice name = plx_column_str(g->name, i);
        plx_slice category = plx_column_str(g->category, i);
        int32_t slot = g->slot[i];
        if (!canonical && slot != -1) {
            plx_violation(found, "nodes row %zu has slot %d, which only cells of %s have", i, slot, worm);
        } else if (slot < -1 || slot >= PLX_N_NEURONS) {
            plx_violation(found, "nodes row %zu has slot %d, outside -1..%d", i, slot, PLX_N_NEURONS - 1);
        } else if (slot == -1) {
            if (name.len) {
                plx_violation(found, "nodes row %zu is named %.*s but has no slot", i, (int)name.len, name.ptr);
            }
        } else {
            if (!plx_slice_is(name, plx_neurons[slot])) {
                plx_violation(found, "nodes row %zu has slot %d (%s) but the name \"%.*s\"", i, slot, plx_neurons[slot],
                              (int)name.len, name.ptr);
            }
            if (taken[slot]) {
                plx_violation(found, "nodes row %zu: slot %d (%s) is taken twice", i, slot, plx_neurons[slot]);
            }
            if (!plx_slice_is(category, "neuron")) {
                plx_violation(found, "nodes row %zu is neuron %s but of category \"%.*s\"", i, plx_neurons[slot],
                              (int)category.len, category.ptr);
            }
            taken[slot] = true;
        }
        if (category.len == 0) {
            plx_violation(found, "nodes row %zu has no category", i);
        }
        if (g->observable[i] > 1 || g->in_source[i] > 1) {
            plx_violation(found, "nodes row %zu: observable and in_source must be 0 or 1", i);
        }
    }
}

static int edge_cmp(const graph *g, size_t i, size_t kind, uint32_t pre, uint32_t post)
{
    if (g->kind[i] != kind) {
        return g->kind[i] < kind ? -1 : 1;
    }
    if (g->pre[i] != pre) {
        return g->pre[i] < pre ? -1 : 1;
    }
    return g->post[i] == post ? 0 : g->post[i] < post ? -1 : 1;
}

/* Row of an edge in the sorted table, or n_edges. */
static size_t edge_find(const graph *g, size_t kind, uint32_t pre, uint32_t post)
{
    size_t low = 0;
    size_t high = g->n_edges;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = edge_cmp(g, mid, kind, pre, post);
        if (order == 0) {
            return mid;
        }
        if (order < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return g->n_edges;
}

static void check_edges(const graph *g, plx_violations *found)
{
    bool sorted = true;
    for (size_t i = 0; i < g->n_edges; i++) {
        if (g->pre[i] >= g->n_nodes || g->post[i] >= g->n_nodes) {
            plx_violation(found, "edges row %zu joins nodes %u and %u of %zu", i, g->pre[i], g->post[i], g->n_nodes);
        }
        if (g->kind[i] >= g->n_kinds) {
            plx_violation(found, "edges row %zu has kind %u, must be below %zu", i, g->kind[i], g->n_kinds);
        }
        bool signed_ = g->kind[i] == g->functional;
        if (!isfinite(g->weight[i]) || (signed_ ? !(g->weight[i] < 0 || g->weight[i] > 0) : g->weight[i] <= 0)) {
            plx_violation(found, "edges row %zu has weight %g, must be finite and %s 0", i, g->weight[i],
                          signed_ ? "not" : "above");
        }
        if (g->n_rows[i] == 0) {
            plx_violation(found, "edges row %zu stands for no source row", i);
        }
        if (i > 0 && edge_cmp(g, i - 1, g->kind[i], g->pre[i], g->post[i]) >= 0) {
            sorted = false;
            plx_violation(found, "edges rows %zu and %zu are out of order or the same (kind, pre, post)", i - 1, i);
        }
    }
    for (size_t i = 0; sorted && i < g->n_edges; i++) {
        if (g->kind[i] != g->gap || g->pre[i] == g->post[i]) {
            continue;
        }
        size_t back = edge_find(g, g->gap, g->post[i], g->pre[i]);
        if (back == g->n_edges) {
            plx_violation(found, "gap edge %u to %u has no way back", g->pre[i], g->post[i]);
        } else if (g->weight[back] < g->weight[i] || g->weight[back] > g->weight[i]) {
            plx_violation(found, "gap edge %u to %u weighs %g one way and %g the other", g->pre[i], g->post[i],
                          g->weight[i], g->weight[back]);
        }
    }
}

static bool validate(const plx_ctx *ctx, const plx_record_view *view, plx_violations *found, plx_err *err)
{
    graph g;
    bool usable;
    if (!plx_ctx_go_on(ctx, err) || !open_graph(view, &g, &usable, found, err)) {
        return false;
    }
    if (!check_attributes(view->meta, &g, found) || !usable) {
        return true;
    }
    if (!check_labels(&g, found, err)) {
        return false;
    }
    check_nodes(&g, is_worm(view->meta), found);
    check_edges(&g, found);
    return true;
}

typedef struct tally {
    uint64_t nodes, edges, gap_directed, gap_pairs, chemical, both, self;
    double gap_sum, chemical_sum;
    uint64_t n_of[N_EDGE_KINDS]; /* by the record's kinds: those that are neither chemical nor gap */
    double sum_of[N_EDGE_KINDS];
} tally;

static bool counts_in(const graph *g, size_t i, bool canonical)
{
    return !canonical || (g->slot[g->pre[i]] >= 0 && g->slot[g->post[i]] >= 0);
}

static bool count_graph(const graph *g, bool canonical, tally *out, plx_err *err)
{
    *out = (tally){0};
    uint8_t *touched = plx_alloc_zero(g->n_nodes ? g->n_nodes : 1, 1);
    if (!touched) {
        return plx_fail_nomem(err, g->n_nodes);
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        if (!counts_in(g, i, canonical)) {
            continue;
        }
        uint32_t pre = g->pre[i];
        uint32_t post = g->post[i];
        touched[pre] = touched[post] = 1;
        bool seen = false; /* the pair, with a kind that comes before */
        for (size_t k = 0; k < g->kind[i] && !seen; k++) {
            seen = edge_find(g, k, pre, post) != g->n_edges;
        }
        if (g->kind[i] == g->chemical) {
            out->chemical++;
            out->chemical_sum += g->weight[i];
        } else if (g->kind[i] == g->gap) {
            out->gap_directed++;
            out->gap_pairs += pre <= post;
            out->gap_sum += g->weight[i];
            out->both += g->chemical != NO_KIND && edge_find(g, g->chemical, pre, post) != g->n_edges;
        } else {
            out->n_of[g->kind[i]]++;
            out->sum_of[g->kind[i]] += g->weight[i];
        }
        if (!seen) {
            out->edges++;
            out->self += pre == post;
        }
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        out->nodes += touched[i];
    }
    plx_free(touched);
    return true;
}

/* Where upstream keeps edges of another kind in the chemical channel, what it publishes of that channel counts them.
 * Only compat records say so. */
static void add_channel(const plx_value *meta, const graph *g, tally *t)
{
    const char *channel = plx_v_get_text(meta, "upstream_channel");
    for (size_t k = 0; channel && strcmp(channel, "chemical") == 0 && k < g->n_kinds; k++) {
        t->chemical += t->n_of[k];
        t->chemical_sum += t->sum_of[k];
    }
}

/* Whole sums are written as integers, as the sources print them. */
static plx_value *sum_value(plx_arena *arena, double sum)
{
    return fabs(sum) < 9007199254740992.0 && floor(sum) >= sum ? plx_v_i64(arena, (int64_t)sum) : plx_v_f64(arena, sum);
}

static plx_value *tally_value(plx_arena *arena, const graph *g, const tally *t)
{
    plx_value *obj = plx_v_obj(arena);
    if (!obj) {
        return NULL;
    }
    plx_value *const values[] = {
        plx_v_u64(arena, t->nodes),     plx_v_u64(arena, t->edges),        plx_v_u64(arena, t->gap_directed),
        plx_v_u64(arena, t->gap_pairs), plx_v_u64(arena, t->chemical),     plx_v_u64(arena, t->both),
        sum_value(arena, t->gap_sum),   sum_value(arena, t->chemical_sum), plx_v_u64(arena, t->self),
    };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof values / sizeof *values; i++) {
        ok = plx_v_set(arena, obj, count_specs[i].name, values[i]);
    }
    for (size_t k = 0; ok && k < g->n_kinds; k++) {
        const char *sum = plx_arena_printf(arena, "%s_sum", g->kinds[k]);
        ok = k == g->chemical || k == g->gap ||
             (sum && plx_v_set(arena, obj, g->kinds[k], plx_v_u64(arena, t->n_of[k])) &&
              plx_v_set(arena, obj, sum, sum_value(arena, t->sum_of[k])));
    }
    return ok ? obj : NULL;
}

enum { KIND_N, KIND_SUM, KIND_MAX, KIND_SELF, N_PER_KIND };
typedef struct kind_tally {
    double of[N_EDGE_KINDS][N_PER_KIND];
    uint64_t nodes, edges, self;
    double sum, max;
} kind_tally;

/* The row of `kind`, or the first behind it, for a pair. */
static size_t lower_bound(const graph *g, size_t kind, uint32_t pre, uint32_t post)
{
    size_t low = 0;
    size_t high = g->n_edges;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (edge_cmp(g, mid, kind, pre, post) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* All kinds of a pair at once: each kind's edges are sorted, so one row of each is looked at. */
static void tally_pairs(const graph *g, kind_tally *out)
{
    size_t at[N_EDGE_KINDS + 1];
    size_t end[N_EDGE_KINDS];
    for (size_t k = 0; k <= g->n_kinds; k++) {
        at[k] = lower_bound(g, k, 0, 0);
    }
    for (size_t k = 0; k < g->n_kinds; k++) {
        end[k] = at[k + 1];
    }
    for (;;) {
        uint64_t next = UINT64_MAX;
        for (size_t k = 0; k < g->n_kinds; k++) {
            uint64_t pair = at[k] < end[k] ? (uint64_t)g->pre[at[k]] << 32 | g->post[at[k]] : UINT64_MAX;
            next = pair < next ? pair : next;
        }
        if (next == UINT64_MAX) {
            return;
        }
        double weight = 0;
        for (size_t k = 0; k < g->n_kinds; k++) {
            if (at[k] < end[k] && ((uint64_t)g->pre[at[k]] << 32 | g->post[at[k]]) == next) {
                weight += g->weight[at[k]++];
            }
        }
        out->edges++;
        out->self += next >> 32 == (next & UINT32_MAX);
        out->max = weight > out->max ? weight : out->max;
    }
}

static bool tally_kinds(const graph *g, kind_tally *out, plx_err *err)
{
    *out = (kind_tally){0};
    uint8_t *touched = plx_alloc_zero(g->n_nodes ? g->n_nodes : 1, 1);
    if (!touched) {
        return plx_fail_nomem(err, g->n_nodes);
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        double *of = out->of[g->kind[i]];
        double weight = g->weight[i];
        touched[g->pre[i]] = touched[g->post[i]] = 1;
        of[KIND_N]++;
        of[KIND_SUM] += weight;
        of[KIND_MAX] = weight > of[KIND_MAX] ? weight : of[KIND_MAX];
        of[KIND_SELF] += g->pre[i] == g->post[i];
        out->sum += weight;
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        out->nodes += touched[i];
    }
    plx_free(touched);
    tally_pairs(g, out);
    return true;
}

static plx_value *kinds_value(plx_arena *arena, const graph *g, const kind_tally *t)
{
    static const char *const suffixes[N_PER_KIND] = {"", "_sum", "_max", "_self"};
    plx_value *obj = plx_v_obj(arena);
    bool ok = obj && plx_v_set(arena, obj, "nodes", plx_v_u64(arena, t->nodes)) &&
              plx_v_set(arena, obj, "edges", plx_v_u64(arena, t->edges)) &&
              plx_v_set(arena, obj, "self", plx_v_u64(arena, t->self)) &&
              plx_v_set(arena, obj, "sum", sum_value(arena, t->sum)) &&
              plx_v_set(arena, obj, "max", sum_value(arena, t->max));
    for (size_t k = 0; ok && k < g->n_kinds; k++) {
        for (size_t i = 0; ok && i < N_PER_KIND; i++) {
            const char *name = plx_arena_printf(arena, "%s%s", g->kinds[k], suffixes[i]);
            ok = name && plx_v_set(arena, obj, name, sum_value(arena, t->of[k][i]));
        }
    }
    return ok ? obj : NULL;
}

static bool counts(const plx_ctx *ctx, const plx_record_view *view, plx_arena *arena, plx_value *out, plx_err *err)
{
    graph g;
    bool usable;
    if (!plx_ctx_go_on(ctx, err) || !open_graph(view, &g, &usable, NULL, err)) {
        return false;
    }
    if (!usable) {
        return plx_fail(err, PLX_E_SCHEMA, "the record has no complete nodes and edges tables");
    }
    if (!read_kinds(view->meta, &g)) {
        return plx_fail(err, PLX_E_SCHEMA, "the record does not name its kinds of edges");
    }
    for (size_t i = 0; i < g.n_edges; i++) {
        if (g.pre[i] >= g.n_nodes || g.post[i] >= g.n_nodes) {
            return plx_fail(err, PLX_E_SCHEMA, "edges row %zu joins nodes %u and %u of %zu", i, g.pre[i], g.post[i],
                            g.n_nodes);
        }
        if (g.kind[i] >= g.n_kinds) {
            return plx_fail(err, PLX_E_SCHEMA, "edges row %zu has kind %u of %zu", i, g.kind[i], g.n_kinds);
        }
    }
    if (!is_worm(view->meta)) {
        kind_tally t;
        return tally_kinds(&g, &t, err) &&
               (plx_v_set(arena, out, "counts", kinds_value(arena, &g, &t)) || plx_fail_nomem(err, 0));
    }
    tally canonical;
    tally all;
    if (!count_graph(&g, true, &canonical, err) || !count_graph(&g, false, &all, err)) {
        return false;
    }
    add_channel(view->meta, &g, &canonical);
    add_channel(view->meta, &g, &all);
    if (!plx_v_set(arena, out, "counts", tally_value(arena, &g, &canonical)) ||
        !plx_v_set(arena, out, "counts_all", tally_value(arena, &g, &all))) {
        return plx_fail_nomem(err, 0);
    }
    return true;
}

const plx_kind plx_kind_connectome = {
    .name = "connectome",
    .title = "Connectome",
    .doc = "Cells and the connections of each kind between them. Edges are sorted by kind, then pre, then post.",
    .members = members,
    .attributes = attributes,
    .count_specs = count_specs,
    .validate = validate,
    .counts = counts,
};
