/* SPDX-License-Identifier: Apache-2.0
 *
 * Both records' cells and edges as sorted lists, walked side by side.
 */
#include "ingest/connectome_diff.h"

#include "core/alloc.h"
#include "ingest/connectome_builder.h"

#include <stdlib.h>
#include <string.h>

typedef struct side {
    plx_diff_cell *cells;
    size_t n_cells;
    plx_diff_edge *edges; /* weight in a */
    size_t n_edges;
} side;

static int cell_order(const void *left, const void *right)
{
    return plx_slice_cmp(((const plx_diff_cell *)left)->name, ((const plx_diff_cell *)right)->name);
}

static int edge_order(const void *left, const void *right)
{
    const plx_diff_edge *x = left;
    const plx_diff_edge *y = right;
    int order = strcmp(x->kind, y->kind);
    order = order ? order : plx_slice_cmp(x->pre, y->pre);
    return order ? order : plx_slice_cmp(x->post, y->post);
}

static plx_slice name_of(const plx_column *name, const plx_column *label, size_t row)
{
    plx_slice canonical = plx_column_str(name, row);
    return canonical.len ? canonical : plx_column_str(label, row);
}

static bool load(const plx_record_view *view, side *out, plx_err *err)
{
    const plx_table *nodes = NULL;
    const plx_table *edges = NULL;
    const plx_column *label, *name, *in_source, *pre, *post, *kind, *weight;
    if (!view->table(view, "nodes", &nodes, err) || !view->table(view, "edges", &edges, err)) {
        return false;
    }
    if (!nodes || !edges) {
        return plx_fail(err, PLX_E_SCHEMA, "the record is no connectome");
    }
    if (!plx_table_need(nodes, "label", PLX_STR, &label, err) || !plx_table_need(nodes, "name", PLX_STR, &name, err) ||
        !plx_table_need(nodes, "in_source", PLX_U8, &in_source, err) ||
        !plx_table_need(edges, "pre", PLX_U32, &pre, err) || !plx_table_need(edges, "post", PLX_U32, &post, err) ||
        !plx_table_need(edges, "kind", PLX_U8, &kind, err) || !plx_table_need(edges, "weight", PLX_F64, &weight, err)) {
        return false;
    }
    out->cells = plx_alloc_zero(nodes->n_rows ? nodes->n_rows : 1, sizeof *out->cells);
    out->edges = plx_alloc_zero(edges->n_rows ? edges->n_rows : 1, sizeof *out->edges);
    if (!out->cells || !out->edges) {
        return plx_fail_nomem(err, edges->n_rows * sizeof *out->edges);
    }
    for (size_t i = 0; i < nodes->n_rows; i++) {
        if (plx_column_f64(in_source, i) > 0) {
            out->cells[out->n_cells++] =
                (plx_diff_cell){.name = name_of(name, label, i), .neuron = plx_column_str(name, i).len > 0};
        }
    }
    const plx_value *kinds = plx_v_get(view->meta, "edge_kinds");
    size_t n_kinds = kinds && kinds->kind == PLX_V_ARR ? kinds->u.arr.n : 0;
    for (size_t i = 0; i < edges->n_rows; i++) {
        size_t from = (size_t)plx_column_f64(pre, i);
        size_t to = (size_t)plx_column_f64(post, i);
        if (from >= nodes->n_rows || to >= nodes->n_rows) {
            return plx_fail(err, PLX_E_SCHEMA, "edges row %zu joins nodes %zu and %zu of %zu", i, from, to,
                            nodes->n_rows);
        }
        size_t code = (size_t)plx_column_f64(kind, i);
        const char *kind_name = code < n_kinds ? plx_v_text(kinds->u.arr.items[code]) : NULL;
        if (!kind_name) {
            return plx_fail(err, PLX_E_SCHEMA, "edges row %zu has a kind that edge_kinds does not name", i);
        }
        plx_diff_edge edge = {.pre = name_of(name, label, from),
                              .post = name_of(name, label, to),
                              .kind = kind_name,
                              .a = plx_column_f64(weight, i)};
        edge.neurons = plx_column_str(name, from).len && plx_column_str(name, to).len;
        if (strcmp(kind_name, plx_edge_kind_name(PLX_EDGE_GAP)) == 0 && plx_slice_cmp(edge.pre, edge.post) > 0) {
            continue; /* the other direction says the same */
        }
        out->edges[out->n_edges++] = edge;
    }
    qsort(out->cells, out->n_cells, sizeof *out->cells, cell_order);
    qsort(out->edges, out->n_edges, sizeof *out->edges, edge_order);
    return true;
}

static void diff_cells(const side *a, const side *b, plx_connectome_diff *out)
{
    for (size_t i = 0, k = 0; i < a->n_cells || k < b->n_cells;) {
        int order = i == a->n_cells ? 1 : k == b->n_cells ? -1 : cell_order(&a->cells[i], &b->cells[k]);
        if (order < 0) {
            out->cells_only_a[out->n_cells_only_a++] = a->cells[i];
        } else if (order > 0) {
            out->cells_only_b[out->n_cells_only_b++] = b->cells[k];
        } else {
            out->n_cells_both++;
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static void diff_edges(const side *a, const side *b, plx_connectome_diff *out)
{
    for (size_t i = 0, k = 0; i < a->n_edges || k < b->n_edges;) {
        int order = i == a->n_edges ? 1 : k == b->n_edges ? -1 : edge_order(&a->edges[i], &b->edges[k]);
        if (order < 0) {
            out->edges_only_a[out->n_edges_only_a++] = a->edges[i];
        } else if (order > 0) {
            plx_diff_edge edge = b->edges[k];
            edge.b = edge.a;
            edge.a = 0;
            out->edges_only_b[out->n_edges_only_b++] = edge;
        } else {
            plx_diff_edge edge = a->edges[i];
            edge.b = b->edges[k].a;
            if (edge.a < edge.b || edge.a > edge.b) {
                out->weights[out->n_weights++] = edge;
            } else {
                out->n_edges_same++;
            }
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static plx_diff_cell *find_cell(plx_diff_cell *cells, size_t n, plx_slice name)
{
    const plx_diff_cell key = {.name = name};
    return n ? bsearch(&key, cells, n, sizeof *cells, cell_order) : NULL;
}

static void add_up(plx_diff_cell *cells, size_t n_cells, const plx_diff_edge *edges, size_t n_edges)
{
    for (size_t i = 0; i < n_edges; i++) {
        plx_diff_cell *ends[] = {find_cell(cells, n_cells, edges[i].pre), find_cell(cells, n_cells, edges[i].post)};
        for (size_t k = 0; k < 2; k++) {
            if (ends[k] && (k == 0 || ends[0] != ends[1])) {
                ends[k]->n_edges++;
                ends[k]->weight += edges[i].a + edges[i].b; /* one of them is 0 */
            }
        }
    }
}

size_t plx_connectome_diff_cost(const plx_connectome_diff *d, bool b, plx_diff_cost *out)
{
    plx_diff_cell *cells = b ? d->cells_only_b : d->cells_only_a;
    const plx_diff_edge *edges = b ? d->edges_only_b : d->edges_only_a;
    size_t n_cells = b ? d->n_cells_only_b : d->n_cells_only_a;
    size_t n = 0;
    for (size_t i = 0; i < (b ? d->n_edges_only_b : d->n_edges_only_a); i++) {
        const plx_diff_edge *e = &edges[i];
        const plx_diff_cell *pre = find_cell(cells, n_cells, e->pre);
        const plx_diff_cell *post = find_cell(cells, n_cells, e->post);
        size_t at = 0;
        if (!(pre && pre->neuron) && !(post && post->neuron)) {
            continue;
        }
        while (at < n && strcmp(out[at].kind, e->kind) != 0) {
            at++;
        }
        if (at == PLX_DIFF_KINDS) {
            continue;
        }
        if (at == n) {
            out[n++] = (plx_diff_cost){.kind = e->kind};
        }
        out[at].n++;
        out[at].weight += e->a + e->b;
        out[at].n_neurons += e->neurons;
        out[at].weight_neurons += e->neurons ? e->a + e->b : 0;
    }
    return n;
}

bool plx_connectome_diff_make(const plx_ctx *ctx, const plx_record_view *a, const plx_record_view *b,
                              plx_connectome_diff *out, plx_err *err)
{
    side left = {0};
    side right = {0};
    *out = (plx_connectome_diff){0};
    bool ok = plx_ctx_go_on(ctx, err) && load(a, &left, err) && load(b, &right, err);
    if (ok) {
        out->cells_only_a = plx_alloc_zero(left.n_cells + 1, sizeof *out->cells_only_a);
        out->cells_only_b = plx_alloc_zero(right.n_cells + 1, sizeof *out->cells_only_b);
        out->edges_only_a = plx_alloc_zero(left.n_edges + 1, sizeof *out->edges_only_a);
        out->edges_only_b = plx_alloc_zero(right.n_edges + 1, sizeof *out->edges_only_b);
        out->weights = plx_alloc_zero(left.n_edges + 1, sizeof *out->weights);
        ok = (out->cells_only_a && out->cells_only_b && out->edges_only_a && out->edges_only_b && out->weights) ||
             plx_fail_nomem(err, (left.n_edges + right.n_edges) * sizeof *out->weights);
    }
    if (ok) {
        diff_cells(&left, &right, out);
        diff_edges(&left, &right, out);
        add_up(out->cells_only_a, out->n_cells_only_a, out->edges_only_a, out->n_edges_only_a);
        add_up(out->cells_only_b, out->n_cells_only_b, out->edges_only_b, out->n_edges_only_b);
    } else {
        plx_connectome_diff_free(out);
    }
    plx_free(left.cells);
    plx_free(left.edges);
    plx_free(right.cells);
    plx_free(right.edges);
    return ok;
}

void plx_connectome_diff_free(plx_connectome_diff *diff)
{
    plx_free(diff->cells_only_a);
    plx_free(diff->cells_only_b);
    plx_free(diff->edges_only_a);
    plx_free(diff->edges_only_b);
    plx_free(diff->weights);
    *diff = (plx_connectome_diff){0};
}

bool plx_connectome_diff_empty(const plx_connectome_diff *diff)
{
    return !(diff->n_cells_only_a || diff->n_cells_only_b || diff->n_edges_only_a || diff->n_edges_only_b ||
             diff->n_weights);
}
