/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/network.h"

#include "schemas/neurons.h"

#include <math.h>
#include <stdlib.h>

typedef struct columns {
    const plx_table *nodes, *edges;
    const plx_column *label, *name, *category, *type, *slot, *observable, *x, *y, *z;
    const plx_column *pre, *post, *kind, *weight, *homologue;
} columns;

static bool need_columns(plx_record *record, columns *c, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(record);
    const char *kind = plx_record_kind(record);
    if (!kind || strcmp(kind, "connectome") != 0) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "a record of kind %s is no connectome", kind ? kind : "unknown");
    }
    if (!view->table(view, "nodes", &c->nodes, err) || !view->table(view, "edges", &c->edges, err)) {
        return false;
    }
    if (!c->nodes || !c->edges) {
        return plx_fail(err, PLX_E_SCHEMA, "the connectome has no table of nodes or of edges");
    }
    c->homologue = plx_table_find(c->nodes, "homologue");
    return plx_table_need(c->nodes, "label", PLX_STR, &c->label, err) &&
           plx_table_need(c->nodes, "name", PLX_STR, &c->name, err) &&
           plx_table_need(c->nodes, "category", PLX_STR, &c->category, err) &&
           plx_table_need(c->nodes, "type", PLX_STR, &c->type, err) &&
           plx_table_need(c->nodes, "slot", PLX_I32, &c->slot, err) &&
           plx_table_need(c->nodes, "observable", PLX_U8, &c->observable, err) &&
           plx_table_need(c->nodes, "x_um", PLX_F64, &c->x, err) &&
           plx_table_need(c->nodes, "y_um", PLX_F64, &c->y, err) &&
           plx_table_need(c->nodes, "z_um", PLX_F64, &c->z, err) &&
           plx_table_need(c->edges, "pre", PLX_U32, &c->pre, err) &&
           plx_table_need(c->edges, "post", PLX_U32, &c->post, err) &&
           plx_table_need(c->edges, "kind", PLX_U8, &c->kind, err) &&
           plx_table_need(c->edges, "weight", PLX_F64, &c->weight, err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted names of the types there are, and each node's place among them. */
static bool number_types(const columns *c, const uint32_t *row, plx_arena *arena, plx_network *out, plx_err *err)
{
    const char **of = plx_arena_zero(arena, out->n + 1, sizeof *of);
    const char **names = plx_arena_zero(arena, out->n + 1, sizeof *names);
    size_t n = 0;
    if (!of || !names) {
        return plx_fail_nomem(err, out->n * sizeof *of);
    }
    for (size_t i = 0; i < out->n; i++) {
        plx_slice text = plx_column_str(c->type, row[i]);
        if (text.len == 0) {
            continue;
        }
        of[i] = plx_arena_strndup(arena, text.ptr, text.len);
        if (!of[i]) {
            return plx_fail_nomem(err, text.len);
        }
        names[n++] = of[i];
    }
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++) {
        if (out->n_types == 0 || strcmp(names[out->n_types - 1], names[i]) != 0) {
            names[out->n_types++] = names[i];
        }
    }
    out->type_names = names;
    for (size_t i = 0; i < out->n; i++) {
        const char **found = of[i] ? bsearch(&of[i], names, out->n_types, sizeof *names, by_text) : NULL;
        out->type[i] = found ? (int32_t)(found - names) : -1;
    }
    return true;
}

typedef struct named {
    plx_slice label;
    int32_t at;
} named;

static int by_label(const void *a, const void *b)
{
    return plx_slice_cmp(((const named *)a)->label, ((const named *)b)->label);
}

/* The other side of a worm's neuron is known by its name, of others by the record's column. */
static bool find_homologues(const columns *c, const uint32_t *row, plx_arena *arena, plx_network *out, plx_err *err)
{
    named *sorted = plx_arena_zero(arena, out->n + 1, sizeof *sorted);
    if (!sorted) {
        return plx_fail_nomem(err, out->n * sizeof *sorted);
    }
    for (size_t i = 0; i < out->n; i++) {
        sorted[i] = (named){out->label[i], (int32_t)i};
    }
    qsort(sorted, out->n, sizeof *sorted, by_label);
    const int32_t *slot = (const int32_t *)c->slot->values.ptr;
    for (size_t i = 0; i < out->n; i++) {
        int32_t s = slot[row[i]];
        int other = s >= 0 ? plx_neuron_homologue(s) : -1;
        plx_slice label = other >= 0              ? plx_slice_of(plx_neurons[other])
                          : s < 0 && c->homologue ? plx_column_str(c->homologue, row[i])
                                                  : (plx_slice){0};
        named key = {label, 0};
        const named *found = label.len ? bsearch(&key, sorted, out->n, sizeof *sorted, by_label) : NULL;
        out->homologue[i] = found && found->at != (int32_t)i ? found->at : -1;
    }
    for (size_t i = 0; i < out->n; i++) { /* one-sided claims are dropped, so that pairs are pairs */
        int32_t h = out->homologue[i];
        if (h >= 0 && out->homologue[h] != (int32_t)i) {
            out->homologue[i] = -1;
        }
    }
    return true;
}

static bool copy_nodes(const columns *c, const uint32_t *row, plx_arena *arena, plx_network *out, plx_err *err)
{
    size_t n = out->n + 1;
    out->label = plx_arena_zero(arena, n, sizeof *out->label);
    out->pos_um = plx_arena_zero(arena, n * 3, sizeof *out->pos_um);
    out->homologue = plx_arena_zero(arena, n, sizeof *out->homologue);
    out->type = plx_arena_zero(arena, n, sizeof *out->type);
    out->observable = plx_arena_zero(arena, n, sizeof *out->observable);
    if (!out->label || !out->pos_um || !out->homologue || !out->type || !out->observable) {
        return plx_fail_nomem(err, n * 64);
    }
    for (size_t i = 0; i < out->n; i++) {
        plx_slice name = plx_column_str(c->name, row[i]);
        plx_slice label = name.len ? name : plx_column_str(c->label, row[i]);
        const char *copy = plx_arena_strndup(arena, label.ptr, label.len);
        if (!copy) {
            return plx_fail_nomem(err, label.len);
        }
        out->label[i] = (plx_slice){copy, label.len};
        out->pos_um[i * 3] = plx_column_f64(c->x, row[i]);
        out->pos_um[i * 3 + 1] = plx_column_f64(c->y, row[i]);
        out->pos_um[i * 3 + 2] = plx_column_f64(c->z, row[i]);
        out->observable[i] = ((const uint8_t *)c->observable->values.ptr)[row[i]];
    }
    return number_types(c, row, arena, out, err) && find_homologues(c, row, arena, out, err);
}

static bool copy_kinds(plx_record *record, plx_arena *arena, plx_network *out, plx_err *err)
{
    const plx_value *kinds = plx_v_get(plx_record_as_view(record)->meta, "edge_kinds");
    size_t n = kinds && kinds->kind == PLX_V_ARR ? kinds->u.arr.n : 0;
    out->kind_names = plx_arena_zero(arena, n + 1, sizeof *out->kind_names);
    for (size_t i = 0; out->kind_names && i < n; i++) {
        const char *name = plx_v_text(kinds->u.arr.items[i]);
        out->kind_names[i] = plx_arena_strdup(arena, name ? name : "");
        if (!out->kind_names[i]) {
            return plx_fail_nomem(err, 1);
        }
    }
    out->n_kinds = n;
    return out->kind_names ? true : plx_fail_nomem(err, n);
}

/* `place` is each row's neuron + 1, or 0. */
static bool copy_edges(const columns *c, const uint32_t *place, plx_arena *arena, plx_network *out, plx_err *err)
{
    size_t n = c->edges->n_rows;
    const uint32_t *pre = (const uint32_t *)c->pre->values.ptr;
    const uint32_t *post = (const uint32_t *)c->post->values.ptr;
    out->edges = plx_arena_alloc(arena, (n + 1) * sizeof *out->edges);
    if (!out->edges) {
        return plx_fail_nomem(err, n * sizeof *out->edges);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t kind = ((const uint8_t *)c->kind->values.ptr)[i];
        if (pre[i] >= c->nodes->n_rows || post[i] >= c->nodes->n_rows || kind >= out->n_kinds) {
            return plx_fail(err, PLX_E_SCHEMA, "edge %zu of the connectome joins cells that are not there", i);
        }
        if (place[pre[i]] && place[post[i]] && pre[i] != post[i]) {
            out->edges[out->n_edges++] = (plx_graph_edge){place[pre[i]] - 1, place[post[i]] - 1, kind,
                                                          ((const double *)c->weight->values.ptr)[i]};
        }
    }
    return true;
}

bool plx_network_load(const plx_ctx *ctx, plx_record *record, plx_arena *arena, plx_network *out, plx_err *err)
{
    columns c;
    *out = (plx_network){0};
    if (!plx_ctx_go_on(ctx, err) || !need_columns(record, &c, err)) {
        return false;
    }
    size_t n_rows = c.nodes->n_rows;
    uint32_t *row = plx_arena_zero(arena, n_rows + 1, sizeof *row);
    uint32_t *place = plx_arena_zero(arena, n_rows + 1, sizeof *place);
    if (!row || !place) {
        return plx_fail_nomem(err, n_rows * sizeof *row);
    }
    for (size_t i = 0; i < n_rows; i++) {
        if (plx_slice_is(plx_column_str(c.category, i), "neuron")) {
            row[out->n++] = (uint32_t)i;
            place[i] = (uint32_t)out->n;
        }
    }
    return copy_nodes(&c, row, arena, out, err) && copy_kinds(record, arena, out, err) &&
           copy_edges(&c, place, arena, out, err);
}
