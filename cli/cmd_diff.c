/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus diff: two records side by side. Connectomes by cell and edge; other kinds by counts, attributes and members.
 */
#include "cli/find_ref.h"

#include "core/num.h"
#include "ingest/connectome_builder.h"
#include "ingest/connectome_diff.h"

#include <stdio.h>

typedef struct diff_opts {
    int64_t max;
    bool neurons;
} diff_opts;

static const diff_opts defaults = {.max = 20};

static const plx_opt opts_table[] = {
    {"max", 0, PLX_OPT_INT, offsetof(diff_opts, max), "N", NULL,
     "List at most N differences of each sort; 0 lists all. The default is 20; JSON always lists all."},
    {"neurons", 0, PLX_OPT_FLAG, offsetof(diff_opts, neurons), NULL, NULL,
     "For connectomes: only edges between canonical neurons, and only such cells."},
    {0},
};

typedef struct pair {
    plx_cli *cli;
    const diff_opts *opts;
    plx_found_ref found[2];
    plx_record *record[2];
} pair;

/* --- connectomes --- */

static bool is_neuron_cell(const plx_diff_cell *cell)
{
    return plx_neuron_name_of(cell->name, PLX_NAMES_EXACT).slot >= 0;
}

/* Keep only what --neurons asks for, in place. */
static void keep_neurons(plx_connectome_diff *d)
{
    plx_diff_cell *cells[] = {d->cells_only_a, d->cells_only_b};
    size_t *n_cells[] = {&d->n_cells_only_a, &d->n_cells_only_b};
    for (size_t i = 0; i < 2; i++) {
        size_t kept = 0;
        for (size_t k = 0; k < *n_cells[i]; k++) {
            if (is_neuron_cell(&cells[i][k])) {
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

static size_t shown(const pair *p, size_t n)
{
    return p->opts->max > 0 && n > (size_t)p->opts->max ? (size_t)p->opts->max : n;
}

static void print_more(const pair *p, size_t n)
{
    if (shown(p, n) < n) {
        fprintf(p->cli->out, "  ... and %zu more (--max 0 lists all)\n", n - shown(p, n));
    }
}

static void print_cells(const pair *p, const char *where, const plx_diff_cell *cells, size_t n)
{
    if (n == 0) {
        return;
    }
    fprintf(p->cli->out, "\nCells only in %s: %zu\n ", where, n);
    for (size_t i = 0; i < shown(p, n); i++) {
        fprintf(p->cli->out, " %.*s", (int)cells[i].name.len, cells[i].name.ptr);
    }
    fputc('\n', p->cli->out);
    print_more(p, n);
}

static void weight_text(double weight, char out[PLX_NUM_TEXT])
{
    size_t len = plx_print_f64(weight, out);
    if (len > 2 && strcmp(out + len - 2, ".0") == 0) {
        out[len - 2] = '\0';
    }
}

static void print_edges(const pair *p, const char *title, const plx_diff_edge *edges, size_t n, bool both)
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
                both || e->a > 0 ? a : b, both ? " | " : "", both ? b : "");
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
                  plx_v_set(a, obj, "a", e->a > 0 ? plx_v_f64(a, e->a) : plx_v_null(a)) &&
                  plx_v_set(a, obj, "b", e->b > 0 ? plx_v_f64(a, e->b) : plx_v_null(a)) && plx_v_push(a, list, obj);
        list = ok ? list : NULL;
    }
    return list;
}

static bool connectome_json(const pair *p, const plx_connectome_diff *d, plx_value *out, plx_err *err)
{
    plx_arena *a = p->cli->arena;
    bool ok = plx_v_set(a, out, "cells_only_a", cells_json(a, d->cells_only_a, d->n_cells_only_a)) &&
              plx_v_set(a, out, "cells_only_b", cells_json(a, d->cells_only_b, d->n_cells_only_b)) &&
              plx_v_set(a, out, "cells_both", plx_v_u64(a, d->n_cells_both)) &&
              plx_v_set(a, out, "edges_only_a", edges_json(a, d->edges_only_a, d->n_edges_only_a)) &&
              plx_v_set(a, out, "edges_only_b", edges_json(a, d->edges_only_b, d->n_edges_only_b)) &&
              plx_v_set(a, out, "weights", edges_json(a, d->weights, d->n_weights)) &&
              plx_v_set(a, out, "edges_same", plx_v_u64(a, d->n_edges_same));
    return ok || plx_fail_nomem(err, 0);
}

static void connectome_text(const pair *p, const plx_connectome_diff *d)
{
    fprintf(p->cli->out, "cells: %zu in both, %zu only in A, %zu only in B\n", d->n_cells_both, d->n_cells_only_a,
            d->n_cells_only_b);
    fprintf(p->cli->out, "edges: %zu the same, %zu only in A, %zu only in B, %zu with another weight\n",
            d->n_edges_same, d->n_edges_only_a, d->n_edges_only_b, d->n_weights);
    print_cells(p, "A", d->cells_only_a, d->n_cells_only_a);
    print_cells(p, "B", d->cells_only_b, d->n_cells_only_b);
    print_edges(p, "Edges only in A", d->edges_only_a, d->n_edges_only_a, false);
    print_edges(p, "Edges only in B", d->edges_only_b, d->n_edges_only_b, false);
    print_edges(p, "Edges with another weight (A | B)", d->weights, d->n_weights, true);
}

static bool diff_connectomes(const pair *p, plx_value *out, bool *same, plx_err *err)
{
    plx_connectome_diff d;
    if (!plx_connectome_diff_make(&p->cli->ctx, plx_record_as_view(p->record[0]), plx_record_as_view(p->record[1]), &d,
                                  err)) {
        return false;
    }
    if (p->opts->neurons) {
        keep_neurons(&d);
    }
    *same = plx_connectome_diff_empty(&d);
    bool ok = !out || connectome_json(p, &d, out, err);
    if (!out) {
        connectome_text(p, &d);
    }
    plx_connectome_diff_free(&d);
    return ok;
}

/* --- what every record has --- */

static const char *short_text(plx_arena *a, const plx_value *v)
{
    char number[PLX_NUM_TEXT];
    int64_t whole;
    double real;
    if (!v) {
        return "-";
    }
    if (plx_v_text(v)) {
        return plx_v_text(v);
    }
    if (plx_v_as_i64(v, &whole)) {
        plx_print_i64(whole, number);
    } else if (plx_v_as_f64(v, &real)) {
        plx_print_f64(real, number);
    } else {
        return "(a list or object)";
    }
    const char *text = plx_arena_strdup(a, number);
    return text ? text : "";
}

static bool add_row(const pair *p, plx_grid *grid, plx_value *list, const char *what, const char *key,
                    const plx_value *a, const plx_value *b, plx_err *err)
{
    plx_arena *arena = p->cli->arena;
    if (list) {
        plx_value *obj = plx_v_obj(arena);
        bool ok = obj && plx_v_set(arena, obj, "what", plx_v_str(arena, what)) &&
                  plx_v_set(arena, obj, "key", plx_v_str(arena, key)) &&
                  plx_v_set(arena, obj, "a", a ? plx_v_str(arena, short_text(arena, a)) : plx_v_null(arena)) &&
                  plx_v_set(arena, obj, "b", b ? plx_v_str(arena, short_text(arena, b)) : plx_v_null(arena)) &&
                  plx_v_push(arena, list, obj);
        return ok || plx_fail_nomem(err, 0);
    }
    const char *const cells[] = {what, key, short_text(arena, a), short_text(arena, b)};
    return plx_grid_row(grid, cells) || plx_fail_nomem(err, 0);
}

static bool diff_objects(const pair *p, plx_grid *grid, plx_value *list, const char *what, const plx_value *a,
                         const plx_value *b, size_t *n, plx_err *err)
{
    for (size_t i = 0; a && a->kind == PLX_V_OBJ && i < a->u.obj.n; i++) {
        const plx_member *m = &a->u.obj.members[i];
        const plx_value *other = plx_v_get(b, m->key.ptr);
        if (other && plx_v_equal(m->value, other)) {
            continue;
        }
        ++*n;
        if (!add_row(p, grid, list, what, m->key.ptr, m->value, other, err)) {
            return false;
        }
    }
    for (size_t i = 0; b && b->kind == PLX_V_OBJ && i < b->u.obj.n; i++) {
        const plx_member *m = &b->u.obj.members[i];
        if (plx_v_get(a, m->key.ptr)) {
            continue;
        }
        ++*n;
        if (!add_row(p, grid, list, what, m->key.ptr, NULL, m->value, err)) {
            return false;
        }
    }
    return true;
}

/* Members as path -> sha256, so that they compare like attributes. */
static const plx_value *members_of(const pair *p, size_t side)
{
    plx_arena *a = p->cli->arena;
    const plx_value *list = plx_v_get(plx_record_meta(p->record[side]), "members");
    plx_value *obj = plx_v_obj(a);
    for (size_t i = 0; obj && list && list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        const char *path = plx_v_get_text(list->u.arr.items[i], "path");
        const char *hex = plx_v_get_text(list->u.arr.items[i], "sha256");
        obj = plx_v_set(a, obj, path ? path : "", plx_v_strn(a, hex ? hex : "", hex ? 12 : 0)) ? obj : NULL;
    }
    return obj;
}

static bool diff_common(const pair *p, plx_value *out, bool members_too, bool *same, plx_err *err)
{
    static const char *const headers[] = {"what", "which", "A", "B"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_RIGHT, PLX_RIGHT};
    static const char *const keys[] = {"counts", "counts_all", "attributes"};
    const plx_value *a = plx_record_meta(p->record[0]);
    const plx_value *b = plx_record_meta(p->record[1]);
    plx_grid *grid = plx_grid_new(4, headers, align);
    plx_value *list = out ? plx_v_arr(p->cli->arena) : NULL;
    size_t n = 0;
    bool ok = (grid && (!out || list)) || plx_fail_nomem(err, 0);
    for (size_t i = 0; ok && i < sizeof keys / sizeof *keys; i++) {
        ok = diff_objects(p, grid, list, keys[i], plx_v_get(a, keys[i]), plx_v_get(b, keys[i]), &n, err);
    }
    if (ok && members_too) {
        const plx_value *x = members_of(p, 0);
        const plx_value *y = members_of(p, 1);
        ok = x && y ? diff_objects(p, grid, list, "member", x, y, &n, err) : plx_fail_nomem(err, 0);
    }
    *same = n == 0;
    if (ok && out) {
        ok = plx_v_set(p->cli->arena, out, "differences", list) || plx_fail_nomem(err, 0);
    } else if (ok && n) {
        ok = plx_grid_print_text(grid, p->cli->out, p->cli->width, p->cli->color, err);
        fputc('\n', p->cli->out);
    }
    plx_grid_free(grid);
    return ok;
}

static bool compare(pair *p, int *exit_code, plx_err *err)
{
    plx_cli *cli = p->cli;
    const char *kind[2] = {plx_record_kind(p->record[0]), plx_record_kind(p->record[1])};
    bool connectomes = strcmp(kind[0], "connectome") == 0 && strcmp(kind[1], "connectome") == 0;
    bool same_kind = strcmp(kind[0], kind[1]) == 0;
    bool same_facts = false;
    bool same_graph = true;
    plx_value *out = NULL;
    if (plx_cli_wants_json(cli)) {
        out = plx_v_obj(cli->arena);
        if (!out || !plx_v_set(cli->arena, out, "a", plx_v_str(cli->arena, p->found[0].text)) ||
            !plx_v_set(cli->arena, out, "b", plx_v_str(cli->arena, p->found[1].text))) {
            return plx_fail_nomem(err, 0);
        }
    } else {
        fprintf(cli->out, "A  %s  %s\nB  %s  %s\n\n", p->found[0].text, kind[0], p->found[1].text, kind[1]);
    }
    if (!diff_common(p, out, !connectomes, &same_facts, err) ||
        (connectomes && !diff_connectomes(p, out, &same_graph, err))) {
        return false;
    }
    /* With --neurons the answer is about the graph of neurons alone. */
    bool same = same_kind && same_graph && (same_facts || (connectomes && p->opts->neurons));
    if (out) {
        if (!plx_v_set(cli->arena, out, "same", plx_v_bool(cli->arena, same))) {
            return plx_fail_nomem(err, 0);
        }
        if (!plx_cli_json(cli, out, err)) {
            return false;
        }
    } else if (same) {
        fputs(same_facts ? "no difference\n" : "no cell, edge or weight among canonical neurons differs\n", cli->out);
    }
    *exit_code = same ? 0 : plx_code_exit(PLX_E_NEGATIVE);
    return true;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    pair p = {.cli = cli, .opts = opts};
    bool ok = true;
    for (size_t i = 0; ok && i < n_args; i++) {
        ok = plx_cli_find_ref(cli, args[i], &p.found[i], err) &&
             plx_cli_open_record(cli, &p.found[i], &p.record[i], err);
    }
    ok = ok && compare(&p, exit_code, err);
    plx_record_close(p.record[0]);
    plx_record_close(p.record[1]);
    return ok;
}

const plx_command plx_cmd_diff = {
    .name = "diff",
    .group = "catalog",
    .summary = "What differs between two data sets or records",
    .usage = "diff A B [--neurons] [--max N]",
    .examples =
        "plexus diff connectome/white1986-n2u connectome/white1986-jsh\ttwo animals: cells, edges and weights\n"
        "plexus diff connectome/emmons2015 connectome/premaratne --neurons\tonly between canonical neurons\n"
        "plexus diff connectome/white1986-n2u connectome/white1986-n2u:compat\twhat the published pipeline loses\n",
    .doc = "Connectomes are compared by cell and edge: canonical neurons by name, other cells by label; a gap junction "
           "counts once. "
           "Counts and attributes are compared for every kind; kinds other than connectome also by the digests of "
           "their members. "
           "As with diff(1) the exit code is 0 when nothing differs and 1 when something does.",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(diff_opts),
    .defaults = &defaults,
    .min_args = 2,
    .max_args = 2,
    .args_doc = "ref",
    .run = run,
};
