/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers about a connectome as trees: what `show --json` prints.
 */
#include "cli/show_graph.h"

#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static plx_value *slice_value(plx_asked *q, plx_slice text)
{
    return plx_v_strn(q->a, text.ptr, text.len);
}

static plx_value *label_of(plx_asked *q, uint32_t cell)
{
    return slice_value(q, plx_column_str(q->g.label, cell));
}

/* A column's value, or NULL when the record has no such column. */
static plx_value *column_value(plx_asked *q, const plx_table *table, const char *name, size_t row)
{
    const plx_column *column = plx_table_find(table, name);
    if (!column) {
        return NULL;
    }
    if (column->dtype == PLX_STR) {
        return slice_value(q, plx_column_str(column, row));
    }
    double x = plx_column_f64(column, row);
    return column->dtype == PLX_F64 || column->dtype == PLX_F32 ? plx_v_f64(q->a, x) : plx_v_i64(q->a, (int64_t)x);
}

/* Those of the columns that the record has. */
static bool set_columns(plx_asked *q, plx_value *obj, const plx_table *table, const char *const *names, size_t row)
{
    for (size_t i = 0; names[i]; i++) {
        if (plx_table_find(table, names[i]) && !plx_v_set(q->a, obj, names[i], column_value(q, table, names[i], row))) {
            return false;
        }
    }
    return true;
}

static bool wanted(const plx_asked *q, uint8_t kind)
{
    return !q->query->kind || strcmp(q->g.kinds[kind], q->query->kind) == 0;
}

static plx_value *cell_value(plx_asked *q, uint32_t cell)
{
    static const char *const texts[] = {"label",       "name", "class",      "type",      "category",
                                        "transmitter", "side", "cluster",    "sign",      "x_um",
                                        "y_um",        "z_um", "observable", "in_source", NULL};
    plx_value *obj = plx_v_obj(q->a);
    uint32_t other = q->g.homologue[cell];
    bool ok = obj && set_columns(q, obj, q->g.nodes, texts, cell) &&
              plx_v_set(q->a, obj, "homologue", other == PLX_NO_CELL ? plx_v_null(q->a) : label_of(q, other));
    return ok ? obj : NULL;
}

/* --- one cell --- */

typedef struct partner {
    uint32_t cell;
    size_t edge;
    uint8_t kind;
    char way; /* 'o'ut, 'i'n, 'b'oth */
    double weight;
} partner;

static int by_weight(const void *a, const void *b)
{
    const partner *x = a, *y = b;
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    if (x->way != y->way) {
        return x->way > y->way ? -1 : 1; /* out before in */
    }
    if (fabs(x->weight) != fabs(y->weight)) {
        return fabs(x->weight) > fabs(y->weight) ? -1 : 1;
    }
    return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static const char *way_name(char way)
{
    return way == 'o' ? "out" : way == 'i' ? "in" : "both";
}

/* Weight of the same connection on the other side; NaN when there is no other side. */
static double mirrored(const plx_graph *g, const partner *p, uint32_t cell)
{
    uint32_t here = g->homologue[cell], there = g->homologue[p->cell];
    there = there != PLX_NO_CELL ? there : p->cell;
    if (here == PLX_NO_CELL) {
        return (double)NAN;
    }
    size_t edge = p->way == 'i' ? plx_graph_edge(g, p->kind, there, here) : plx_graph_edge(g, p->kind, here, there);
    return edge == SIZE_MAX ? 0 : g->weight[edge];
}

static size_t collect(const plx_asked *q, uint32_t cell, partner *list)
{
    const plx_graph *g = &q->g;
    size_t n = 0;
    for (uint32_t k = g->out_start[cell]; k < g->out_start[cell + 1]; k++) {
        uint32_t edge = g->out[k];
        if (wanted(q, g->kind[edge])) {
            char way = plx_graph_is_gap(g, g->kind[edge]) ? 'b' : 'o';
            list[n++] = (partner){g->post[edge], edge, g->kind[edge], way, g->weight[edge]};
        }
    }
    for (uint32_t k = g->in_start[cell]; k < g->in_start[cell + 1]; k++) {
        uint32_t edge = g->in[k];
        if (wanted(q, g->kind[edge]) && !plx_graph_is_gap(g, g->kind[edge])) {
            list[n++] = (partner){g->pre[edge], edge, g->kind[edge], 'i', g->weight[edge]};
        }
    }
    qsort(list, n, sizeof *list, by_weight);
    return n;
}

static plx_value *partner_value(plx_asked *q, const partner *p, uint32_t cell)
{
    static const char *const node_columns[] = {"class", "type", "category", NULL};
    static const char *const edge_columns[] = {"n_rows", "q", "sign", "transmitter", "receptor", NULL};
    plx_value *obj = plx_v_obj(q->a);
    bool ok = obj && plx_v_set(q->a, obj, "partner", label_of(q, p->cell)) &&
              plx_v_set(q->a, obj, "kind", plx_v_str(q->a, q->g.kinds[p->kind])) &&
              plx_v_set(q->a, obj, "direction", plx_v_str(q->a, way_name(p->way))) &&
              plx_v_set(q->a, obj, "weight", plx_v_f64(q->a, p->weight)) &&
              plx_v_set(q->a, obj, "mirrored", plx_v_f64(q->a, mirrored(&q->g, p, cell))) &&
              set_columns(q, obj, q->g.nodes, node_columns, p->cell) &&
              set_columns(q, obj, q->g.edges, edge_columns, p->edge);
    return ok ? obj : NULL;
}

/* {"kind", "direction", "partners", "weight"} of each group of a sorted list. */
static plx_value *totals_value(plx_asked *q, const partner *list, size_t n)
{
    plx_value *totals = plx_v_arr(q->a);
    for (size_t i = 0; totals && i < n;) {
        size_t end = i;
        double weight = 0;
        for (; end < n && list[end].kind == list[i].kind && list[end].way == list[i].way; end++) {
            weight += list[end].weight;
        }
        plx_value *obj = plx_v_obj(q->a);
        bool ok = obj && plx_v_set(q->a, obj, "kind", plx_v_str(q->a, q->g.kinds[list[i].kind])) &&
                  plx_v_set(q->a, obj, "direction", plx_v_str(q->a, way_name(list[i].way))) &&
                  plx_v_set(q->a, obj, "partners", plx_v_u64(q->a, end - i)) &&
                  plx_v_set(q->a, obj, "weight", plx_v_f64(q->a, weight)) && plx_v_push(q->a, totals, obj);
        totals = ok ? totals : NULL;
        i = end;
    }
    return totals;
}

bool plx_ask_cell(plx_asked *q, plx_err *err)
{
    uint32_t cell;
    if (!plx_graph_find(&q->g, q->query->cell, &cell, err)) {
        return false;
    }
    size_t most =
        (size_t)(q->g.out_start[cell + 1] - q->g.out_start[cell]) + q->g.in_start[cell + 1] - q->g.in_start[cell];
    partner *list = plx_arena_zero(q->a, most + 1, sizeof *list);
    plx_value *partners = plx_v_arr(q->a);
    size_t n = list ? collect(q, cell, list) : 0;
    bool ok = list && partners && plx_v_set(q->a, q->root, "cell", cell_value(q, cell)) &&
              plx_v_set(q->a, q->root, "totals", totals_value(q, list, n));
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_v_push(q->a, partners, partner_value(q, &list[i], cell));
    }
    ok = ok && plx_v_set(q->a, q->root, "partners", partners);
    return ok || plx_fail_nomem(err, 0);
}

/* --- one class --- */

/* Partners of the same class and way become one; a cell without a class stands for itself. */
static plx_slice group_of(const plx_graph *g, uint32_t cell)
{
    plx_slice class = plx_column_str(g->class, cell);
    return class.len ? class : plx_column_str(g->label, cell);
}

typedef struct group {
    plx_slice name;
    uint8_t kind;
    char way;
    double weight;
    uint64_t edges;
} group;

static int by_group(const void *a, const void *b)
{
    const group *x = a, *y = b;
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    if (x->way != y->way) {
        return x->way > y->way ? -1 : 1;
    }
    return plx_slice_cmp(x->name, y->name);
}

static int by_group_weight(const void *a, const void *b)
{
    const group *x = a, *y = b;
    if (x->kind == y->kind && x->way == y->way && fabs(x->weight) != fabs(y->weight)) {
        return fabs(x->weight) > fabs(y->weight) ? -1 : 1;
    }
    return by_group(a, b);
}

static size_t collect_groups(const plx_asked *q, const uint32_t *cells, size_t n_cells, const uint8_t *member,
                             group *list, partner *scratch)
{
    size_t n = 0;
    for (size_t i = 0; i < n_cells; i++) {
        size_t n_partners = collect(q, cells[i], scratch);
        for (size_t k = 0; k < n_partners; k++) {
            const partner *p = &scratch[k];
            /* Within the class each edge is met from both of its ends. */
            if (member[p->cell] && (p->way == 'i' || (p->way == 'b' && p->cell < cells[i]))) {
                continue;
            }
            list[n++] = (group){group_of(&q->g, p->cell), p->kind, p->way, p->weight, 1};
        }
    }
    qsort(list, n, sizeof *list, by_group);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_group(&list[kept - 1], &list[i]) == 0) {
            list[kept - 1].weight += list[i].weight;
            list[kept - 1].edges++;
        } else {
            list[kept++] = list[i];
        }
    }
    qsort(list, kept, sizeof *list, by_group_weight);
    return kept;
}

bool plx_ask_class(plx_asked *q, plx_err *err)
{
    plx_slice class;
    uint32_t *cells;
    size_t n_cells, most = 1;
    if (!plx_graph_class(&q->g, q->query->cell, q->a, &class, &cells, &n_cells, err)) {
        return false;
    }
    uint8_t *member = plx_arena_zero(q->a, q->g.n_cells + 1, 1);
    plx_value *members = plx_v_arr(q->a), *partners = plx_v_arr(q->a);
    bool ok = member && members && partners;
    for (size_t i = 0; ok && i < n_cells; i++) {
        uint32_t c = cells[i];
        most += (size_t)(q->g.out_start[c + 1] - q->g.out_start[c]) + q->g.in_start[c + 1] - q->g.in_start[c];
        member[c] = 1;
        ok = plx_v_push(q->a, members, cell_value(q, c));
    }
    group *list = plx_arena_zero(q->a, most, sizeof *list);
    partner *scratch = plx_arena_zero(q->a, most, sizeof *scratch);
    ok = ok && list && scratch;
    size_t n = ok ? collect_groups(q, cells, n_cells, member, list, scratch) : 0;
    for (size_t i = 0; ok && i < n; i++) {
        plx_value *obj = plx_v_obj(q->a);
        ok = obj && plx_v_set(q->a, obj, "class", slice_value(q, list[i].name)) &&
             plx_v_set(q->a, obj, "kind", plx_v_str(q->a, q->g.kinds[list[i].kind])) &&
             plx_v_set(q->a, obj, "direction", plx_v_str(q->a, way_name(list[i].way))) &&
             plx_v_set(q->a, obj, "weight", plx_v_f64(q->a, list[i].weight)) &&
             plx_v_set(q->a, obj, "edges", plx_v_u64(q->a, list[i].edges)) && plx_v_push(q->a, partners, obj);
    }
    ok = ok && plx_v_set(q->a, q->root, "class", slice_value(q, class)) && plx_v_set(q->a, q->root, "cells", members) &&
         plx_v_set(q->a, q->root, "partners", partners);
    return ok || plx_fail_nomem(err, 0);
}

/* --- ways, degrees, symmetry --- */

static bool kind_of(plx_asked *q, uint8_t *kind, plx_err *err)
{
    return !q->query->kind || plx_graph_kind(&q->g, q->query->kind, kind, err);
}

/* "edges" of one step: each kind with its weight. */
static plx_value *step_value(plx_asked *q, uint32_t from, uint32_t to)
{
    plx_value *obj = plx_v_obj(q->a);
    for (size_t k = 0; obj && k < q->g.n_kinds; k++) {
        size_t edge = plx_graph_edge(&q->g, (uint8_t)k, from, to);
        if (edge != SIZE_MAX && wanted(q, (uint8_t)k) &&
            !plx_v_set(q->a, obj, q->g.kinds[k], plx_v_f64(q->a, q->g.weight[edge]))) {
            return NULL;
        }
    }
    return obj;
}

static plx_value *path_value(plx_asked *q, const plx_path *path)
{
    plx_value *obj = plx_v_obj(q->a), *cells = plx_v_arr(q->a), *steps = plx_v_arr(q->a);
    bool ok = obj && cells && steps;
    for (uint32_t i = 0; ok && i <= path->n_hops; i++) {
        ok = plx_v_push(q->a, cells, label_of(q, path->cells[i])) &&
             (i == path->n_hops || plx_v_push(q->a, steps, step_value(q, path->cells[i], path->cells[i + 1])));
    }
    ok = ok && plx_v_set(q->a, obj, "cells", cells) && plx_v_set(q->a, obj, "steps", steps) &&
         plx_v_set(q->a, obj, "hops", plx_v_u64(q->a, path->n_hops)) &&
         plx_v_set(q->a, obj, "weakest", plx_v_f64(q->a, path->weakest));
    return ok ? obj : NULL;
}

bool plx_ask_paths(plx_asked *q, plx_err *err)
{
    uint32_t from, to;
    uint8_t kind = 0;
    plx_paths paths;
    size_t most = q->query->max > 0 ? (size_t)q->query->max : 100000;
    if (q->query->hops < 1 || q->query->hops > UINT16_MAX) {
        return plx_fail(err, PLX_E_ARG, "--hops is at least 1");
    }
    if (!plx_graph_find(&q->g, q->query->from, &from, err) || !plx_graph_find(&q->g, q->query->to, &to, err) ||
        !kind_of(q, &kind, err) ||
        !plx_graph_paths(&q->cli->ctx, &q->g, q->query->kind ? &kind : NULL, from, to, (uint32_t)q->query->hops, most,
                         q->a, &paths, err)) {
        return false;
    }
    plx_value *list = plx_v_arr(q->a);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < paths.n; i++) {
        ok = plx_v_push(q->a, list, path_value(q, &paths.list[i]));
    }
    ok = ok && plx_v_set(q->a, q->root, "from", label_of(q, from)) && plx_v_set(q->a, q->root, "to", label_of(q, to)) &&
         plx_v_set(q->a, q->root, "max_hops", plx_v_i64(q->a, q->query->hops)) &&
         plx_v_set(q->a, q->root, "shortest", paths.shortest ? plx_v_u64(q->a, paths.shortest) : plx_v_null(q->a)) &&
         plx_v_set(q->a, q->root, "found", plx_v_u64(q->a, paths.found)) &&
         plx_v_set(q->a, q->root, "all", plx_v_bool(q->a, paths.all)) && plx_v_set(q->a, q->root, "paths", list);
    return ok || plx_fail_nomem(err, 0);
}

typedef struct degree {
    uint32_t cell;
    double weight; /* over all kinds and ways */
} degree;

static int by_degree(const void *a, const void *b)
{
    const degree *x = a, *y = b;
    if (x->weight != y->weight) {
        return x->weight > y->weight ? -1 : 1;
    }
    return x->cell < y->cell ? -1 : x->cell > y->cell;
}

/* {"chemical_in": n, "chemical_in_weight": w, ...}; gap junctions have no direction. */
static bool set_degrees(plx_asked *q, plx_value *obj, const partner *list, size_t n)
{
    for (size_t k = 0; k < q->g.n_kinds; k++) {
        bool gap = plx_graph_is_gap(&q->g, (uint8_t)k);
        for (int way = 0; wanted(q, (uint8_t)k) && way < (gap ? 1 : 2); way++) {
            uint64_t edges = 0;
            double weight = 0;
            char letter = gap ? 'b' : way == 0 ? 'i' : 'o';
            for (size_t i = 0; i < n; i++) {
                edges += list[i].kind == k && list[i].way == letter;
                weight += list[i].kind == k && list[i].way == letter ? list[i].weight : 0;
            }
            const char *suffix = gap ? "" : way == 0 ? "_in" : "_out";
            const char *name = plx_arena_printf(q->a, "%s%s", q->g.kinds[k], suffix);
            const char *sum = plx_arena_printf(q->a, "%s%s_weight", q->g.kinds[k], suffix);
            if (!name || !sum || !plx_v_set(q->a, obj, name, plx_v_u64(q->a, edges)) ||
                !plx_v_set(q->a, obj, sum, plx_v_f64(q->a, weight))) {
                return false;
            }
        }
    }
    return true;
}

bool plx_ask_degrees(plx_asked *q, plx_err *err)
{
    static const char *const columns[] = {"label", "class", "type", "category", NULL};
    const plx_graph *g = &q->g;
    uint8_t kind;
    if (!kind_of(q, &kind, err)) {
        return false;
    }
    degree *order = plx_arena_zero(q->a, g->n_cells + 1, sizeof *order);
    partner *list = plx_arena_zero(q->a, 2 * g->n_edges + 1, sizeof *list);
    plx_value *cells = plx_v_arr(q->a);
    size_t n = 0;
    if (!order || !list || !cells) {
        return plx_fail_nomem(err, g->n_edges * sizeof *list);
    }
    for (uint32_t c = 0; c < g->n_cells; c++) {
        size_t n_partners = collect(q, c, list);
        double weight = 0;
        for (size_t i = 0; i < n_partners; i++) {
            weight += fabs(list[i].weight);
        }
        if (n_partners) {
            order[n++] = (degree){c, weight};
        }
    }
    qsort(order, n, sizeof *order, by_degree);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        plx_value *obj = plx_v_obj(q->a);
        ok = obj && set_columns(q, obj, g->nodes, columns, order[i].cell) &&
             set_degrees(q, obj, list, collect(q, order[i].cell, list)) && plx_v_push(q->a, cells, obj);
    }
    ok = ok && plx_v_set(q->a, q->root, "degrees", cells);
    return ok || plx_fail_nomem(err, 0);
}

static plx_value *symmetry_value(plx_asked *q, uint8_t kind, const plx_symmetry *s, const plx_asymmetry *worst,
                                 size_t n)
{
    plx_value *obj = plx_v_obj(q->a), *list = plx_v_arr(q->a);
    bool ok = obj && list;
    for (size_t i = 0; ok && i < n; i++) {
        size_t edge = worst[i].edge;
        plx_value *each = plx_v_obj(q->a);
        ok = each && plx_v_set(q->a, each, "pre", label_of(q, q->g.pre[edge])) &&
             plx_v_set(q->a, each, "post", label_of(q, q->g.post[edge])) &&
             plx_v_set(q->a, each, "weight", plx_v_f64(q->a, q->g.weight[edge])) &&
             plx_v_set(q->a, each, "mirrored", plx_v_f64(q->a, worst[i].mirrored)) && plx_v_push(q->a, list, each);
    }
    ok = ok && plx_v_set(q->a, obj, "kind", plx_v_str(q->a, q->g.kinds[kind])) &&
         plx_v_set(q->a, obj, "pairs", plx_v_u64(q->a, s->pairs)) &&
         plx_v_set(q->a, obj, "both", plx_v_u64(q->a, s->both)) &&
         plx_v_set(q->a, obj, "one_side", plx_v_u64(q->a, s->one)) &&
         plx_v_set(q->a, obj, "similarity", plx_v_f64(q->a, s->total > 0 ? s->shared / s->total : (double)NAN)) &&
         plx_v_set(q->a, obj, "correlation", plx_v_f64(q->a, s->correlation)) &&
         plx_v_set(q->a, obj, "most_unequal", list);
    return ok ? obj : NULL;
}

bool plx_ask_symmetry(plx_asked *q, plx_err *err)
{
    plx_value *list = plx_v_arr(q->a);
    uint8_t only;
    if (!list) {
        return plx_fail_nomem(err, 0);
    }
    if (!kind_of(q, &only, err)) {
        return false;
    }
    for (size_t k = 0; k < q->g.n_kinds; k++) {
        plx_symmetry s;
        plx_asymmetry *worst;
        size_t n, most = q->query->max > 0 ? (size_t)q->query->max : SIZE_MAX;
        if (!wanted(q, (uint8_t)k)) {
            continue;
        }
        if (!plx_graph_symmetry(&q->g, (uint8_t)k, most, q->a, &s, &worst, &n, err)) {
            return false;
        }
        if (!plx_v_push(q->a, list, symmetry_value(q, (uint8_t)k, &s, worst, n))) {
            return plx_fail_nomem(err, 0);
        }
    }
    return plx_v_set(q->a, q->root, "symmetry", list) || plx_fail_nomem(err, 0);
}
