/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers about a connectome as text, made of the trees that ask_graph.c made.
 */
#include "cli/show_graph.h"

#include "core/num.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 32 };

static const char *text_of(const plx_value *obj, const char *key)
{
    const char *text = plx_v_get_text(obj, key);
    return text ? text : "";
}

static const plx_value *list_of(const plx_value *obj, const char *key)
{
    static const plx_value empty = {.kind = PLX_V_ARR};
    const plx_value *list = plx_v_get(obj, key);
    return list && list->kind == PLX_V_ARR ? list : &empty;
}

/* "12" of 12.0, "0.5", "" of NaN and of what is no number. People get six digits, programs all. */
static const char *number(const plx_asked *q, const plx_value *v)
{
    double x;
    char text[PLX_NUM_TEXT];
    if (!plx_v_as_f64(v, &x) || isnan(x)) {
        return "";
    }
    if (q->cli->out_format == PLX_OUT_TEXT && x != floor(x)) {
        return plx_arena_printf(q->a, "%.6g", x);
    }
    size_t len = plx_print_f64(x, text);
    if (len > 2 && strcmp(text + len - 2, ".0") == 0) {
        text[len - 2] = '\0';
    }
    return plx_arena_strdup(q->a, text);
}

/* To a few digits, for people. */
static const char *rounded(plx_arena *a, const plx_value *v)
{
    double x;
    return plx_v_as_f64(v, &x) && !isnan(x) ? plx_arena_printf(a, "%.4g", x) : "";
}

static size_t shown(const plx_asked *q, size_t n)
{
    return q->query->max > 0 && n > (size_t)q->query->max ? (size_t)q->query->max : n;
}

static void say_more(const plx_asked *q, size_t n)
{
    if (q->cli->out_format == PLX_OUT_TEXT && shown(q, n) < n) {
        fprintf(q->cli->out, "  ... and %zu more (--max 0 lists all)\n", n - shown(q, n));
    }
}

static void heading(const plx_asked *q, const char *text)
{
    if (q->cli->out_format == PLX_OUT_TEXT) {
        fprintf(q->cli->out, "\n%s%s%s\n", q->cli->color ? "\033[1m" : "", text, q->cli->color ? "\033[0m" : "");
    }
}

/* A table of some keys of each object. Types and shares of columns follow from the keys. */
typedef struct column {
    const char *key, *title;
    bool number;
} column;

static bool print_objects(plx_asked *q, const plx_value *const *rows, size_t n, const column *columns, plx_err *err)
{
    const char *headers[COLUMNS];
    plx_align align[COLUMNS];
    size_t n_columns = 0;
    for (; columns[n_columns].key && n_columns < COLUMNS; n_columns++) {
        headers[n_columns] = columns[n_columns].title;
        align[n_columns] = columns[n_columns].number ? PLX_RIGHT : PLX_LEFT;
    }
    plx_grid *grid = plx_grid_new(n_columns, headers, align);
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        const char *cells[COLUMNS];
        for (size_t c = 0; c < n_columns; c++) {
            const plx_value *v = plx_v_get(rows[i], columns[c].key);
            cells[c] = columns[c].number ? number(q, v) : text_of(rows[i], columns[c].key);
        }
        ok = plx_grid_row(grid, cells);
    }
    ok = ok ? plx_cli_grid(q->cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    return ok;
}

static bool print_list(plx_asked *q, const plx_value *list, const column *columns, plx_err *err)
{
    size_t n = q->cli->out_format == PLX_OUT_TEXT ? shown(q, list->u.arr.n) : list->u.arr.n;
    if (!print_objects(q, (const plx_value *const *)list->u.arr.items, n, columns, err)) {
        return false;
    }
    say_more(q, list->u.arr.n);
    return true;
}

/* --- cells and classes --- */

static void print_cell(const plx_asked *q, const plx_value *cell)
{
    FILE *out = q->cli->out;
    const char *class = text_of(cell, "class"), *type = text_of(cell, "type"), *sends = text_of(cell, "transmitter");
    fprintf(out, "%s%s%s  %s%s%s", q->cli->color ? "\033[1m" : "", text_of(cell, "label"),
            q->cli->color ? "\033[0m" : "", type, *type ? " " : "", text_of(cell, "category"));
    if (*class) {
        fprintf(out, " of class %s", class);
    }
    if (*sends) {
        fprintf(out, ", transmitter %s", sends);
    }
    if (*text_of(cell, "homologue")) {
        fprintf(out, ", homologue %s", text_of(cell, "homologue"));
    }
    double x, y, z;
    if (plx_v_as_f64(plx_v_get(cell, "x_um"), &x) && plx_v_as_f64(plx_v_get(cell, "y_um"), &y) &&
        plx_v_as_f64(plx_v_get(cell, "z_um"), &z) && !isnan(x)) {
        fprintf(out, ", at (%.4g, %.4g, %.4g) um", x, y, z);
    }
    fputc('\n', out);
    int64_t seen = 1;
    if (plx_v_as_i64(plx_v_get(cell, "observable"), &seen) && !seen) {
        fputs("  not in the imaged volume: a missing edge says nothing\n", out);
    }
}

/* "chemical, sends to 12 cells: 40 EM sections". */
static const char *group_title(plx_asked *q, const plx_value *total, const char *what)
{
    const char *way = text_of(total, "direction");
    int64_t n = 0;
    plx_v_as_i64(plx_v_get(total, "partners"), &n);
    return plx_arena_printf(q->a, "%s, %s %lld %s: %s %s", text_of(total, "kind"),
                            strcmp(way, "out") == 0  ? "sends to"
                            : strcmp(way, "in") == 0 ? "receives from"
                                                     : "joined to",
                            (long long)n, what, number(q, plx_v_get(total, "weight")), q->g.weight_unit);
}

static bool has_key(const plx_value *list, const char *key)
{
    return list->u.arr.n > 0 && plx_v_get(list->u.arr.items[0], key);
}

/* Partners stand in the order of the totals: each total is that many of them. */
static bool print_partners(plx_asked *q, plx_err *err)
{
    const plx_value *totals = list_of(q->root, "totals"), *partners = list_of(q->root, "partners");
    const char *homologue = text_of(plx_v_get(q->root, "cell"), "homologue");
    const char *title = *homologue ? plx_arena_printf(q->a, "by %s", homologue) : "";
    column columns[COLUMNS] = {
        {"partner", "cell", false}, {"class", "class", false}, {"type", "type", false}, {"weight", "weight", true}};
    size_t n_columns = 4;
    if (*homologue && title) {
        columns[n_columns++] = (column){"mirrored", title, true};
    }
    static const column more[] = {{"q", "q", true},
                                  {"sign", "sign", true},
                                  {"transmitter", "transmitter", false},
                                  {"receptor", "receptor", false}};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        if (has_key(partners, more[i].key)) {
            columns[n_columns++] = more[i];
        }
    }
    if (q->cli->out_format != PLX_OUT_TEXT) {
        column all[COLUMNS] = {{"kind", "kind", false}, {"direction", "direction", false}};
        memcpy(all + 2, columns, (COLUMNS - 2) * sizeof *all);
        return print_list(q, partners, all, err);
    }
    size_t at = 0;
    for (size_t i = 0; i < totals->u.arr.n; i++) {
        int64_t n = 0;
        plx_v_as_i64(plx_v_get(totals->u.arr.items[i], "partners"), &n);
        const char *head = group_title(q, totals->u.arr.items[i], n == 1 ? "cell" : "cells");
        if (!head) {
            return plx_fail_nomem(err, 0);
        }
        heading(q, head);
        if (!print_objects(q, (const plx_value *const *)partners->u.arr.items + at, shown(q, (size_t)n), columns,
                           err)) {
            return false;
        }
        say_more(q, (size_t)n);
        at += (size_t)n;
    }
    return true;
}

static bool tell_cell(plx_asked *q, plx_err *err)
{
    if (q->cli->out_format == PLX_OUT_TEXT) {
        print_cell(q, plx_v_get(q->root, "cell"));
    }
    if (list_of(q->root, "partners")->u.arr.n == 0 && q->cli->out_format == PLX_OUT_TEXT) {
        fputs("\nno edges\n", q->cli->out);
        return true;
    }
    return print_partners(q, err);
}

static bool tell_class(plx_asked *q, plx_err *err)
{
    static const column columns[] = {{"kind", "kind", false},   {"direction", "direction", false},
                                     {"class", "class", false}, {"weight", "weight", true},
                                     {"edges", "edges", true},  {NULL, NULL, false}};
    const plx_value *cells = list_of(q->root, "cells");
    for (size_t i = 0; q->cli->out_format == PLX_OUT_TEXT && i < cells->u.arr.n; i++) {
        print_cell(q, cells->u.arr.items[i]);
    }
    const char *title = plx_arena_printf(q->a, "Class %s with other classes, weights in %s", text_of(q->root, "class"),
                                         q->g.weight_unit);
    heading(q, title ? title : "");
    return print_list(q, list_of(q->root, "partners"), columns, err);
}

/* --- ways --- */

/* "AVAL >(chemical 3, gap 1)> AVBL". */
static const char *path_text(plx_asked *q, const plx_value *path)
{
    const plx_value *cells = list_of(path, "cells"), *steps = list_of(path, "steps");
    plx_sb sb = {0};
    for (size_t i = 0; i < cells->u.arr.n; i++) {
        plx_sb_text(&sb, plx_v_text(cells->u.arr.items[i]));
        if (i < steps->u.arr.n) {
            const plx_value *step = steps->u.arr.items[i];
            plx_sb_text(&sb, " -(");
            for (size_t k = 0; k < step->u.obj.n; k++) {
                plx_sb_printf(&sb, "%s%s %s", k ? ", " : "", step->u.obj.members[k].key.ptr,
                              number(q, step->u.obj.members[k].value));
            }
            plx_sb_text(&sb, ")-> ");
        }
    }
    const char *text = sb.failed ? NULL : plx_arena_strdup(q->a, plx_sb_str(&sb));
    plx_sb_free(&sb);
    return text;
}

static bool tell_paths(plx_asked *q, plx_err *err)
{
    static const char *const headers[] = {"hops", "weakest", "way"};
    static const plx_align align[] = {PLX_RIGHT, PLX_RIGHT, PLX_LEFT};
    const plx_value *paths = list_of(q->root, "paths"), *shortest = plx_v_get(q->root, "shortest");
    int64_t found = 0;
    plx_v_as_i64(plx_v_get(q->root, "found"), &found);
    bool text = q->cli->out_format == PLX_OUT_TEXT;
    if (text && paths->u.arr.n == 0) {
        fprintf(q->cli->out, "%s to %s: no way of up to %lld hops%s%s%s\n", text_of(q->root, "from"),
                text_of(q->root, "to"), (long long)q->query->hops,
                shortest->kind == PLX_V_NULL ? ", nor a longer one" : "; the shortest has ",
                shortest->kind == PLX_V_NULL ? "" : number(q, shortest), shortest->kind == PLX_V_NULL ? "" : " hops");
        return true;
    }
    const plx_value *all = plx_v_get(q->root, "all");
    if (text) {
        fprintf(q->cli->out,
                "%s to %s: %s%lld %s of up to %lld hops, fewest first, then the strongest weakest step\n\n",
                text_of(q->root, "from"), text_of(q->root, "to"), all && all->u.b ? "" : "more than ", (long long)found,
                found == 1 ? "way" : "ways", (long long)q->query->hops);
    }
    plx_grid *grid = plx_grid_new(3, headers, align);
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < paths->u.arr.n; i++) {
        const plx_value *path = paths->u.arr.items[i];
        const char *cells[] = {number(q, plx_v_get(path, "hops")), number(q, plx_v_get(path, "weakest")),
                               path_text(q, path)};
        ok = cells[2] && plx_grid_row(grid, cells);
    }
    ok = ok ? plx_cli_grid(q->cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    if (ok && text && (uint64_t)found > paths->u.arr.n) {
        fprintf(q->cli->out, "  ... and %lld more (--max N lists more)\n",
                (long long)found - (long long)paths->u.arr.n);
    }
    return ok;
}

/* --- degrees and symmetry --- */

/* "chemical in", "weight" for people; other programs get the keys, which are unique. */
static const char *degree_title(plx_asked *q, const char *key)
{
    if (q->cli->out_format != PLX_OUT_TEXT) {
        return key;
    }
    char *title = plx_arena_strdup(q->a, plx_ends_with(key, "_weight") ? "weight" : key);
    for (char *c = title; c && *c; c++) {
        *c = *c == '_' ? ' ' : *c;
    }
    return title ? title : key;
}

static bool tell_degrees(plx_asked *q, plx_err *err)
{
    const plx_value *list = list_of(q->root, "degrees");
    column columns[COLUMNS] = {{"label", "cell", false}, {"class", "class", false}, {"type", "type", false}};
    size_t n = 3;
    const plx_value *first = list->u.arr.n ? list->u.arr.items[0] : NULL;
    for (size_t i = 0; first && i < first->u.obj.n && n + 1 < COLUMNS; i++) {
        const plx_member *m = &first->u.obj.members[i];
        if (m->value->kind == PLX_V_U64 || m->value->kind == PLX_V_I64 || m->value->kind == PLX_V_F64) {
            columns[n++] = (column){m->key.ptr, degree_title(q, m->key.ptr), true};
        }
    }
    if (q->cli->out_format == PLX_OUT_TEXT) {
        fprintf(q->cli->out, "Cells with an edge: %zu, the most connected first; weights in %s\n\n", list->u.arr.n,
                q->g.weight_unit);
    }
    return print_list(q, list, columns, err);
}

static bool tell_symmetry(plx_asked *q, plx_err *err)
{
    static const column unequal[] = {{"kind", "kind", false},        {"pre", "pre", false},
                                     {"post", "post", false},        {"weight", "weight", true},
                                     {"mirrored", "mirrored", true}, {NULL, NULL, false}};
    static const char *const headers[] = {"kind", "pairs", "on both sides", "on one only", "similarity", "correlation"};
    static const plx_align align[] = {PLX_LEFT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT};
    const plx_value *kinds = list_of(q->root, "symmetry");
    plx_grid *grid = plx_grid_new(6, headers, align);
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < kinds->u.arr.n; i++) {
        const plx_value *k = kinds->u.arr.items[i];
        const char *const cells[] = {text_of(k, "kind"),
                                     number(q, plx_v_get(k, "pairs")),
                                     number(q, plx_v_get(k, "both")),
                                     number(q, plx_v_get(k, "one_side")),
                                     rounded(q->a, plx_v_get(k, "similarity")),
                                     rounded(q->a, plx_v_get(k, "correlation"))};
        ok = plx_grid_row(grid, cells);
    }
    if (q->cli->out_format == PLX_OUT_TEXT) {
        fputs(
            "Edges and their mirror images across the midline. Similarity: sum of the smaller weights over that of the "
            "greater.\n\n",
            q->cli->out);
    }
    ok = ok ? plx_cli_grid(q->cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    for (size_t i = 0; ok && q->cli->out_format == PLX_OUT_TEXT && i < kinds->u.arr.n; i++) {
        const plx_value *k = kinds->u.arr.items[i], *list = list_of(k, "most_unequal");
        if (list->u.arr.n) {
            const char *title = plx_arena_printf(q->a, "Most unequal, %s", text_of(k, "kind"));
            heading(q, title ? title : "");
            ok = print_objects(q, (const plx_value *const *)list->u.arr.items, list->u.arr.n, unequal + 1, err);
        }
    }
    return ok;
}

bool plx_tell_graph(plx_asked *q, plx_err *err)
{
    const plx_graph_query *query = q->query;
    if (q->cli->out_format == PLX_OUT_TEXT) {
        fprintf(q->cli->out, "%s\n", text_of(q->root, "ref"));
    }
    return query->cell      ? (query->class ? tell_class(q, err) : tell_cell(q, err))
           : query->from    ? tell_paths(q, err)
           : query->degrees ? tell_degrees(q, err)
                            : tell_symmetry(q, err);
}

bool plx_show_graph(plx_cli *cli, const plx_found_ref *found, const plx_graph_query *query, plx_value **out,
                    plx_err *err)
{
    plx_asked q = {.cli = cli, .a = cli->arena, .query = query, .root = plx_v_obj(cli->arena)};
    plx_record *record = NULL;
    *out = NULL;
    if (!plx_cli_open_record(cli, found, &record, err)) {
        return false;
    }
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(plx_record_digest(record), hex);
    bool ok = plx_graph_open(&cli->ctx, plx_record_as_view(record), q.a, &q.g, err);
    if (ok && (!q.root || !plx_v_set(q.a, q.root, "ref", plx_v_str(q.a, found->text)) ||
               !plx_v_set(q.a, q.root, "record", plx_v_str(q.a, hex)) ||
               !plx_v_set(q.a, q.root, "weight_unit", plx_v_str(q.a, q.g.weight_unit)))) {
        ok = plx_fail_nomem(err, 0);
    }
    uint8_t kind;
    ok = ok && (!query->kind || plx_graph_kind(&q.g, query->kind, &kind, err));
    ok = ok && (query->cell      ? (query->class ? plx_ask_class(&q, err) : plx_ask_cell(&q, err))
                : query->from    ? plx_ask_paths(&q, err)
                : query->degrees ? plx_ask_degrees(&q, err)
                                 : plx_ask_symmetry(&q, err));
    if (!ok && err && err->code == PLX_E_NOTFOUND && !err->next[0]) {
        plx_err_next(err, "plexus show %s --degrees", found->text);
    }
    if (ok && !plx_cli_wants_json(cli)) {
        ok = plx_tell_graph(&q, err);
    }
    *out = q.root;
    plx_record_close(record);
    return ok;
}
