/* SPDX-License-Identifier: Apache-2.0
 *
 * Records -> dense arrays over the canonical neurons.
 */
#include "ingest/consensus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double *new_array(plx_arena *arena, size_t n, plx_err *err)
{
    double *array = plx_arena_zero(arena, n, sizeof *array);
    if (!array) {
        plx_fail_nomem(err, n * sizeof *array);
    }
    return array;
}

static bool load_atlas(plx_consensus *c, const plx_record_view *view, plx_err *err)
{
    static const char *const axes[] = {"x_um", "y_um", "z_um"};
    const plx_table *table = NULL;
    const plx_column *slot, *type, *um[3];
    if (!view->table(view, "neurons", &table, err)) {
        return false;
    }
    if (!table) {
        return plx_fail(err, PLX_E_SCHEMA, "the first data set a consensus uses must be an atlas of neurons");
    }
    if (!plx_table_need(table, "slot", PLX_I32, &slot, err) || !plx_table_need(table, "type", PLX_STR, &type, err)) {
        return false;
    }
    for (size_t k = 0; k < 3; k++) {
        if (!plx_table_need(table, axes[k], PLX_F64, &um[k], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        c->type[i] = "";
        c->um[i][0] = c->um[i][1] = c->um[i][2] = (double)NAN;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        double at = plx_column_f64(slot, i);
        plx_slice text = plx_column_str(type, i);
        const char *kept = plx_arena_strndup(plx_ingest_arena(c->job), text.ptr, text.len);
        if (!kept) {
            return plx_fail_nomem(err, text.len);
        }
        if (!(at >= 0 && at < PLX_N_NEURONS)) {
            return plx_fail(err, PLX_E_SCHEMA, "the atlas has slot %g in row %zu", at, i);
        }
        c->type[(size_t)at] = kept;
        for (size_t k = 0; k < 3; k++) {
            c->um[(size_t)at][k] = plx_column_f64(um[k], i);
        }
    }
    return true;
}

/* Columns of a connectome that matter here. */
typedef struct columns {
    const plx_column *slot, *observable, *pre, *post, *kind, *weight, *q;
    size_t n_nodes, n_edges;
} columns;

static bool open_columns(const plx_record_view *view, columns *out, plx_err *err)
{
    const plx_table *nodes = NULL;
    const plx_table *edges = NULL;
    if (!view->table(view, "nodes", &nodes, err) || !view->table(view, "edges", &edges, err)) {
        return false;
    }
    if (!nodes || !edges) {
        return plx_fail(err, PLX_E_SCHEMA, "a consensus is made of connectomes, and this record is none");
    }
    out->n_nodes = nodes->n_rows;
    out->n_edges = edges->n_rows;
    out->q = plx_table_find(edges, "q");
    return plx_table_need(nodes, "slot", PLX_I32, &out->slot, err) &&
           plx_table_need(nodes, "observable", PLX_U8, &out->observable, err) &&
           plx_table_need(edges, "pre", PLX_U32, &out->pre, err) &&
           plx_table_need(edges, "post", PLX_U32, &out->post, err) &&
           plx_table_need(edges, "kind", PLX_U8, &out->kind, err) &&
           plx_table_need(edges, "weight", PLX_F64, &out->weight, err);
}

/* Slot of a node, or -1. */
static int slot_of(const columns *c, double node)
{
    double slot = node >= 0 && node < (double)c->n_nodes ? plx_column_f64(c->slot, (size_t)node) : -1;
    return slot >= 0 && slot < PLX_N_NEURONS ? (int)slot : -1;
}

/* The array for a kind of edge, made at its first edge: a source without a single gap junction did not look for them.
 */
static bool array_of(plx_consensus *c, plx_consensus_graph *g, const char *kind, double **out, plx_err *err)
{
    double **to = strcmp(kind, "chemical") == 0     ? &g->chemical
                  : strcmp(kind, "gap") == 0        ? &g->gap
                  : strcmp(kind, "functional") == 0 ? &g->functional
                                                    : NULL;
    if (!to) {
        return plx_fail(err, PLX_E_SCHEMA, "edges of kind %s cannot be part of a consensus", kind);
    }
    if (!*to) {
        *to = new_array(plx_ingest_arena(c->job), PLX_N_PAIRS, err);
    }
    *out = *to;
    return *out != NULL;
}

static bool load_edges(plx_consensus *c, plx_consensus_graph *g, const columns *from, const plx_value *meta,
                       plx_err *err)
{
    const plx_value *kinds = plx_v_get(meta, "edge_kinds");
    size_t n_kinds = kinds && kinds->kind == PLX_V_ARR ? kinds->u.arr.n : 0;
    for (size_t i = 0; i < from->n_edges; i++) {
        size_t code = (size_t)plx_column_f64(from->kind, i);
        const char *kind = code < n_kinds ? plx_v_text(kinds->u.arr.items[code]) : NULL;
        int pre = slot_of(from, plx_column_f64(from->pre, i));
        int post = slot_of(from, plx_column_f64(from->post, i));
        double *array = NULL;
        if (!kind) {
            return plx_fail(err, PLX_E_SCHEMA, "edges row %zu has a kind that edge_kinds does not name", i);
        }
        if (pre < 0 || post < 0) {
            continue; /* a consensus is of the canonical neurons */
        }
        if (!array_of(c, g, kind, &array, err)) {
            return false;
        }
        size_t at = (size_t)pre * PLX_N_NEURONS + (size_t)post;
        array[at] = plx_column_f64(from->weight, i);
        if (array == g->functional && from->q) {
            g->q = g->q ? g->q : new_array(plx_ingest_arena(c->job), PLX_N_PAIRS, err);
            if (!g->q) {
                return false;
            }
            g->q[at] = plx_column_f64(from->q, i);
        }
    }
    return true;
}

/* Where the record lists the pairs that were measured, that is what was looked at. */
static bool load_pairs(plx_consensus *c, plx_consensus_graph *g, const columns *from, const plx_record_view *view,
                       plx_err *err)
{
    const plx_table *pairs = NULL;
    const plx_column *pre, *post;
    if (!view->table(view, "pairs", &pairs, err)) {
        return false;
    }
    if (!pairs) {
        return true;
    }
    if (!plx_table_need(pairs, "pre", PLX_U32, &pre, err) || !plx_table_need(pairs, "post", PLX_U32, &post, err)) {
        return false;
    }
    g->measured = plx_arena_zero(plx_ingest_arena(c->job), PLX_N_PAIRS, 1);
    if (!g->measured) {
        return plx_fail_nomem(err, PLX_N_PAIRS);
    }
    for (size_t i = 0; i < pairs->n_rows; i++) {
        int from_slot = slot_of(from, plx_column_f64(pre, i));
        int to_slot = slot_of(from, plx_column_f64(post, i));
        if (from_slot >= 0 && to_slot >= 0) {
            g->measured[from_slot * PLX_N_NEURONS + to_slot] = 1;
        }
    }
    return true;
}

/* The value behind "NAME=" in a blank-separated list, or NULL. */
static const char *name_for(plx_ingest *job, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = plx_ingest_text(job, "upstream_names"); *p; p += strcspn(p, " "), p += strspn(p, " ")) {
        if (strncmp(p, name, len) == 0 && p[len] == '=') {
            return plx_arena_strndup(plx_ingest_arena(job), p + len + 1, strcspn(p + len + 1, " "));
        }
    }
    return plx_arena_strdup(plx_ingest_arena(job), name);
}

static bool load_graph(plx_consensus *c, const plx_record *record, const plx_ref *ref, plx_consensus_graph *g,
                       plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(record);
    plx_arena *arena = plx_ingest_arena(c->job);
    bool compat = plx_ingest_mode(c->job) == PLX_COMPAT;
    const char *unit = plx_v_get_text(view->meta, "weight_unit");
    columns from;
    *g = (plx_consensus_graph){
        .name = compat ? name_for(c->job, ref->name) : plx_arena_strdup(arena, ref->name),
        .ref = plx_arena_printf(arena, "%s/%s:%s", ref->family, ref->name, plx_mode_name(ref->mode)),
        .unit = plx_arena_strdup(arena, unit ? unit : "")};
    if (!g->name || !g->ref || !g->unit) {
        return plx_fail_nomem(err, 0);
    }
    if (!open_columns(view, &from, err)) {
        return plx_note(err, "%s", g->ref);
    }
    for (size_t i = 0; i < from.n_nodes; i++) {
        int slot = slot_of(&from, (double)i);
        if (slot >= 0) {
            g->observable[slot] = plx_column_f64(from.observable, i) > 0;
        }
    }
    return (load_edges(c, g, &from, view->meta, err) && load_pairs(c, g, &from, view, err)) ||
           plx_note(err, "%s", g->ref);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const plx_consensus_graph *)left)->name, ((const plx_consensus_graph *)right)->name);
}

bool plx_consensus_load(plx_consensus *c, plx_err *err)
{
    const plx_manifest *m = plx_ingest_manifest(c->job);
    const plx_record *record = NULL;
    c->graphs = plx_arena_zero(plx_ingest_arena(c->job), m->n_uses + 1, sizeof *c->graphs);
    if (!c->graphs) {
        return plx_fail_nomem(err, m->n_uses * sizeof *c->graphs);
    }
    if (!plx_ingest_uses(c->job, 0, &record, err) || !load_atlas(c, plx_record_as_view(record), err)) {
        return false;
    }
    for (size_t i = 1; i < m->n_uses; i++) {
        plx_ref ref;
        bool wanted = false;
        if (!plx_ctx_go_on(plx_ingest_ctx(c->job), err) ||
            !plx_manifest_use(m, i, plx_ingest_mode(c->job), &ref, &wanted, err) ||
            !plx_ingest_uses(c->job, i, &record, err)) {
            return false;
        }
        if (record && !load_graph(c, record, &ref, &c->graphs[c->n_graphs++], err)) {
            return false;
        }
    }
    if (c->n_graphs == 0) {
        return plx_fail(err, PLX_E_SCHEMA, "a consensus needs connectomes under uses");
    }
    qsort(c->graphs, c->n_graphs, sizeof *c->graphs, by_name);
    return true;
}
