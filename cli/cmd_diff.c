/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus diff: two records side by side. Connectomes by cell and edge; other kinds by counts, attributes and members.
 */
#include "cli/diff_connectomes.h"
#include "cli/find_ref.h"

#include "core/num.h"

#include <stdio.h>

typedef struct diff_opts {
    int64_t max;
    bool neurons;
    const char *sort;
} diff_opts;

static const diff_opts defaults = {.max = 20, .sort = "name"};

static const plx_opt opts_table[] = {
    {"max", 0, PLX_OPT_INT, offsetof(diff_opts, max), "N", NULL,
     "List at most N differences of each sort; 0 lists all. The default is 20; JSON always lists all."},
    {"neurons", 0, PLX_OPT_FLAG, offsetof(diff_opts, neurons), NULL, NULL,
     "For connectomes: only edges between canonical neurons, and only such cells."},
    {"sort", 0, PLX_OPT_CHOICE, offsetof(diff_opts, sort), NULL, "name|weight",
     "For connectomes: edges and lost neurons by name, or by weight, the greatest difference first."},
    {0},
};

typedef struct pair {
    plx_cli *cli;
    const diff_opts *opts;
    plx_found_ref found[2];
    plx_record *record[2];
} pair;

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
    const plx_diff_view view = {.cli = cli,
                                .a = p->record[0],
                                .b = p->record[1],
                                .max = p->opts->max,
                                .neurons = p->opts->neurons,
                                .by_weight = strcmp(p->opts->sort, "weight") == 0};
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
        (connectomes && !plx_diff_connectomes(&view, out, &same_graph, err))) {
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
    .usage = "diff A B [--neurons] [--sort HOW] [--max N]",
    .examples =
        "plexus diff connectome/white1986-n2u connectome/white1986-jsh\ttwo animals: cells, edges and weights\n"
        "plexus diff connectome/emmons2015 connectome/premaratne --neurons\tonly between canonical neurons\n"
        "plexus diff connectome/white1986-n2u connectome/white1986-n2u:compat\twhat the published pipeline loses\n"
        "plexus diff connectome/cook2019:compat connectome/cook2019 --sort weight\tthe 64 neurons it loses, and what "
        "they "
        "cost\n",
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
