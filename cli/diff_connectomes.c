/* SPDX-License-Identifier: Apache-2.0
 *
 * See diff_connectomes.h.
 */
#include "cli/diff_connectomes.h"

#include "core/num.h"
#include "ingest/connectome_builder.h"
#include "ingest/connectome_diff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Keep only what --neurons asks for, in place. */
static void keep_neurons(plx_connectome_diff *d)
{
    plx_diff_cell *cells[] = {d->cells_only_a, d->cells_only_b};
    size_t *n_cells[] = {&d->n_cells_only_a, &d->n_cells_only_b};
    for (size_t i = 0; i < 2; i++) {
        size_t kept = 0;
        for (size_t k = 0; k < *n_cells[i]; k++) {
            if (cells[i][k].neuron) {
                cells[i][kept++] = cells[i][k];
            }
        }
        *n_cells[i] = kept;
    }
    plx_diff_edge *edges[] = {d->edges_only_a, d->edges_only_b, d->weights};
    size_t *n_edges[] = {&d->n_edges_only_a, &d->n_edges_only_b, &d->n_weights};
    for (size_t i = 0; i < 3; i++) {
        size_t kept = 0;
        for (size_t k = 0; k < *n_edges[i]; k++) {
            if (edges[i][k].neurons) {
                edges[i][kept++] = edges[i][k];
            }
        }
        *n_edges[i] = kept;
    }
}

static size_t shown(const plx_diff_view *p, size_t n)
{
    return p->max > 0 && n > (size_t)p->max ? (size_t)p->max : n;
}

static void print_more(const plx_diff_view *p, size_t n)
{
    if (shown(p, n) < n) {
        fprintf(p->cli->out, "  ... and %zu more (--max 0 lists all)\n", n - shown(p, n));
    }
}

static void weight_text(double weight, char out[PLX_NUM_TEXT])
{
    size_t len = plx_print_f64(weight, out);
    if (len > 2 && strcmp(out + len - 2, ".0") == 0) {
        out[len - 2] = '\0';
    }
}

/* Weights are never 0: that stands for an edge that is not there. */
static bool is_there(double weight)
{
    return weight < 0 || weight > 0;
}

/* Names in lines as wide as the terminal. */
static void print_names(const plx_diff_view *p, const plx_diff_cell *cells, size_t n, bool neurons, size_t most)
{
    int width = p->cli->width > 40 ? (int)p->cli->width : 100;
    int used = 0;
    for (size_t i = 0, printed = 0; i < n && printed < most; i++) {
        if (cells[i].neuron != neurons) {
            continue;
        }
        int len = (int)cells[i].name.len + 1;
        bool fresh = used == 0 || used + len > width;
        used = fresh ? len + 1 : used + len;
        fprintf(p->cli->out, "%s %.*s", fresh ? (printed ? "\n " : " ") : "", (int)cells[i].name.len,
                cells[i].name.ptr);
        printed++;
    }
    fputc('\n', p->cli->out);
}

/* All the neurons by name, whatever --max says, and what is lost with them. */
static void print_cost(const plx_diff_view *p, const plx_connectome_diff *d, bool b)
{
    plx_diff_cost costs[PLX_DIFF_KINDS];
    size_t n = plx_connectome_diff_cost(d, b, costs);
    for (size_t i = 0; i < n; i++) {
        char all[PLX_NUM_TEXT];
        char neurons[PLX_NUM_TEXT];
        bool gap = strcmp(costs[i].kind, plx_edge_kind_name(PLX_EDGE_GAP)) == 0;
        weight_text(costs[i].weight, all);
        weight_text(costs[i].weight_neurons, neurons);
        fprintf(p->cli->out, "  with them %s: %zu %s %s of weight %s, of these %zu between neurons, of weight %s\n",
                b ? "A lacks" : "B lacks", costs[i].n, costs[i].kind, gap ? "junctions" : "edges", all,
                costs[i].n_neurons, neurons);
    }
}

static int by_cost(const void *left, const void *right)
{
    const plx_diff_cell *a = left;
    const plx_diff_cell *b = right;
    int order = (a->weight < b->weight) - (a->weight > b->weight);
    return order ? order : plx_slice_cmp(a->name, b->name);
}

static void print_each_cost(const plx_diff_view *p, const plx_diff_cell *cells, size_t n, size_t n_neurons)
{
    size_t printed = 0;
    plx_diff_cell *sorted = p->by_weight ? plx_arena_alloc(p->cli->arena, n * sizeof *sorted) : NULL;
    if (sorted) {
        memcpy(sorted, cells, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_cost);
        cells = sorted;
    }
    for (size_t i = 0; i < n && printed < shown(p, n_neurons); i++) {
        char weight[PLX_NUM_TEXT];
        if (!cells[i].neuron) {
            continue;
        }
        weight_text(cells[i].weight, weight);
        fprintf(p->cli->out, "  %-8.*s %zu edges, weight %s\n", (int)cells[i].name.len, cells[i].name.ptr,
                cells[i].n_edges, weight);
        printed++;
    }
    print_more(p, n_neurons);
}

static void print_cells(const plx_diff_view *p, const plx_connectome_diff *d, bool b)
{
    const plx_diff_cell *cells = b ? d->cells_only_b : d->cells_only_a;
    size_t n = b ? d->n_cells_only_b : d->n_cells_only_a;
    size_t n_neurons = 0;
    for (size_t i = 0; i < n; i++) {
        n_neurons += cells[i].neuron;
    }
    if (n_neurons) {
        fprintf(p->cli->out, "\nNeurons only in %s: %zu\n", b ? "B" : "A", n_neurons);
        print_names(p, cells, n, true, n_neurons);
        print_cost(p, d, b);
        print_each_cost(p, cells, n, n_neurons);
    }
    if (n > n_neurons) {
        fprintf(p->cli->out, "\nOther cells only in %s: %zu\n", b ? "B" : "A", n - n_neurons);
        print_names(p, cells, n, false, shown(p, n - n_neurons));
        print_more(p, n - n_neurons);
    }
}

static void print_edges(const plx_diff_view *p, const char *title, const plx_diff_edge *edges, size_t n, bool both)
{
    if (n == 0) {
        return;
    }
    fprintf(p->cli->out, "\n%s: %zu\n", title, n);
    for (size_t i = 0; i < shown(p, n); i++) {
        const plx_diff_edge *e = &edges[i];
        char a[PLX_NUM_TEXT];
        char b[PLX_NUM_TEXT];
        weight_text(e->a, a);
        weight_text(e->b, b);
        fprintf(p->cli->out, "  %-8s %.*s %s %.*s  %s%s%s\n", e->kind, (int)e->pre.len, e->pre.ptr,
                strcmp(e->kind, plx_edge_kind_name(PLX_EDGE_GAP)) == 0 ? "--" : "->", (int)e->post.len, e->post.ptr,
                both || is_there(e->a) ? a : b, both ? " | " : "", both ? b : "");
    }
    print_more(p, n);
}

static plx_value *cells_json(plx_arena *a, const plx_diff_cell *cells, size_t n)
{
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < n; i++) {
        list = plx_v_push(a, list, plx_v_strn(a, cells[i].name.ptr, cells[i].name.len)) ? list : NULL;
    }
    return list;
}

static plx_value *edges_json(plx_arena *a, const plx_diff_edge *edges, size_t n)
{
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < n; i++) {
        const plx_diff_edge *e = &edges[i];
        plx_value *obj = plx_v_obj(a);
        bool ok = obj && plx_v_set(a, obj, "kind", plx_v_str(a, e->kind)) &&
                  plx_v_set(a, obj, "pre", plx_v_strn(a, e->pre.ptr, e->pre.len)) &&
                  plx_v_set(a, obj, "post", plx_v_strn(a, e->post.ptr, e->post.len)) &&
                  plx_v_set(a, obj, "neurons", plx_v_bool(a, e->neurons)) &&
                  plx_v_set(a, obj, "a", is_there(e->a) ? plx_v_f64(a, e->a) : plx_v_null(a)) &&
                  plx_v_set(a, obj, "b", is_there(e->b) ? plx_v_f64(a, e->b) : plx_v_null(a)) &&
                  plx_v_push(a, list, obj);
        list = ok ? list : NULL;
    }
    return list;
}

static plx_value *costs_json(plx_arena *a, const plx_connectome_diff *d, bool b)
{
    plx_diff_cost costs[PLX_DIFF_KINDS];
    size_t n = plx_connectome_diff_cost(d, b, costs);
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < n; i++) {
        plx_value *obj = plx_v_obj(a);
        bool ok = obj && plx_v_set(a, obj, "kind", plx_v_str(a, costs[i].kind)) &&
                  plx_v_set(a, obj, "edges", plx_v_u64(a, costs[i].n)) &&
                  plx_v_set(a, obj, "weight", plx_v_f64(a, costs[i].weight)) &&
                  plx_v_set(a, obj, "edges_between_neurons", plx_v_u64(a, costs[i].n_neurons)) &&
                  plx_v_set(a, obj, "weight_between_neurons", plx_v_f64(a, costs[i].weight_neurons)) &&
                  plx_v_push(a, list, obj);
        list = ok ? list : NULL;
    }
    return list;
}

static plx_value *neurons_json(plx_arena *a, const plx_diff_cell *cells, size_t n)
{
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < n; i++) {
        plx_value *obj = cells[i].neuron ? plx_v_obj(a) : NULL;
        bool ok = !cells[i].neuron ||
                  (obj && plx_v_set(a, obj, "name", plx_v_strn(a, cells[i].name.ptr, cells[i].name.len)) &&
                   plx_v_set(a, obj, "edges", plx_v_u64(a, cells[i].n_edges)) &&
                   plx_v_set(a, obj, "weight", plx_v_f64(a, cells[i].weight)) && plx_v_push(a, list, obj));
        list = ok ? list : NULL;
    }
    return list;
}

static bool connectome_json(const plx_diff_view *p, const plx_connectome_diff *d, plx_value *out, plx_err *err)
{
    plx_arena *a = p->cli->arena;
    bool ok = plx_v_set(a, out, "cells_only_a", cells_json(a, d->cells_only_a, d->n_cells_only_a)) &&
              plx_v_set(a, out, "cells_only_b", cells_json(a, d->cells_only_b, d->n_cells_only_b)) &&
              plx_v_set(a, out, "neurons_only_a", neurons_json(a, d->cells_only_a, d->n_cells_only_a)) &&
              plx_v_set(a, out, "neurons_only_b", neurons_json(a, d->cells_only_b, d->n_cells_only_b)) &&
              plx_v_set(a, out, "cost_of_neurons_only_a", costs_json(a, d, false)) &&
              plx_v_set(a, out, "cost_of_neurons_only_b", costs_json(a, d, true)) &&
              plx_v_set(a, out, "cells_both", plx_v_u64(a, d->n_cells_both)) &&
              plx_v_set(a, out, "edges_only_a", edges_json(a, d->edges_only_a, d->n_edges_only_a)) &&
              plx_v_set(a, out, "edges_only_b", edges_json(a, d->edges_only_b, d->n_edges_only_b)) &&
              plx_v_set(a, out, "weights", edges_json(a, d->weights, d->n_weights)) &&
              plx_v_set(a, out, "edges_same", plx_v_u64(a, d->n_edges_same));
    return ok || plx_fail_nomem(err, 0);
}

static void connectome_text(const plx_diff_view *p, const plx_connectome_diff *d)
{
    fprintf(p->cli->out, "cells: %zu in both, %zu only in A, %zu only in B\n", d->n_cells_both, d->n_cells_only_a,
            d->n_cells_only_b);
    fprintf(p->cli->out, "edges: %zu the same, %zu only in A, %zu only in B, %zu with another weight\n",
            d->n_edges_same, d->n_edges_only_a, d->n_edges_only_b, d->n_weights);
    print_cells(p, d, false);
    print_cells(p, d, true);
    print_edges(p, "Edges only in A", d->edges_only_a, d->n_edges_only_a, false);
    print_edges(p, "Edges only in B", d->edges_only_b, d->n_edges_only_b, false);
    print_edges(p, "Edges with another weight (A | B)", d->weights, d->n_weights, true);
}

static int by_difference(const void *left, const void *right)
{
    const plx_diff_edge *a = left;
    const plx_diff_edge *b = right;
    double x = fabs(a->a - a->b);
    double y = fabs(b->a - b->b);
    int order = (x < y) - (x > y);
    order = order ? order : strcmp(a->kind, b->kind);
    order = order ? order : plx_slice_cmp(a->pre, b->pre);
    return order ? order : plx_slice_cmp(a->post, b->post);
}

static void sort_edges(plx_connectome_diff *d)
{
    qsort(d->edges_only_a, d->n_edges_only_a, sizeof *d->edges_only_a, by_difference);
    qsort(d->edges_only_b, d->n_edges_only_b, sizeof *d->edges_only_b, by_difference);
    qsort(d->weights, d->n_weights, sizeof *d->weights, by_difference);
}

bool plx_diff_connectomes(const plx_diff_view *p, plx_value *out, bool *same, plx_err *err)
{
    plx_connectome_diff d;
    if (!plx_connectome_diff_make(&p->cli->ctx, plx_record_as_view(p->a), plx_record_as_view(p->b), &d, err)) {
        return false;
    }
    if (p->neurons) {
        keep_neurons(&d);
    }
    if (p->by_weight) {
        sort_edges(&d);
    }
    *same = plx_connectome_diff_empty(&d);
    bool ok = !out || connectome_json(p, &d, out, err);
    if (!out) {
        connectome_text(p, &d);
    }
    plx_connectome_diff_free(&d);
    return ok;
}
