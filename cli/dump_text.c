/* SPDX-License-Identifier: Apache-2.0
 *
 * See dump_text.h.
 */
#include "cli/dump_text.h"

#include "core/num.h"
#include "formats/json.h"

#include <string.h>

enum { DEEPEST = 256, SHOWN = 80, COLUMNS = 16384 };

static const char *text_of(const plx_value *obj, const char *key)
{
    const char *text = plx_v_get_text(obj, key);
    return text ? text : "";
}

static const plx_value *list_of(const plx_value *obj, const char *key)
{
    const plx_value *list = plx_v_get(obj, key);
    return list && list->kind == PLX_V_ARR ? list : NULL;
}

/* "3 x 4". */
static void shape_text(const plx_value *item, plx_sb *sb)
{
    const plx_value *shape = list_of(item, "shape");
    for (size_t i = 0; shape && i < shape->u.arr.n; i++) {
        int64_t n = 0;
        plx_v_as_i64(shape->u.arr.items[i], &n);
        plx_sb_printf(sb, "%s%lld", i ? " x " : "", (long long)n);
    }
}

/* A scalar as people write it: text bare when `bare`, else as in JSON; long ones are cut. */
static bool scalar_text(const plx_value *v, bool bare, plx_sb *sb, plx_err *err)
{
    if (bare && v->kind == PLX_V_STR) {
        plx_sb_bytes(sb, v->u.str.ptr, v->u.str.len);
        return true;
    }
    return plx_json_write(v, false, sb, err);
}

static bool value_text(const plx_value *v, plx_sb *sb, plx_err *err)
{
    plx_sb json = {0};
    bool ok = scalar_text(v, false, &json, err);
    const char *text = plx_sb_str(&json);
    size_t len = json.len;
    if (len > SHOWN) {
        for (len = SHOWN; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--) {
        }
    }
    plx_sb_bytes(sb, text, len);
    plx_sb_text(sb, len < json.len ? "..." : "");
    plx_sb_free(&json);
    return ok;
}

/* --- the tree --- */

static bool tree_row(plx_grid *grid, unsigned depth, const char *name, const char *type, const char *shape,
                     const char *what, plx_err *err)
{
    plx_sb label = {0};
    plx_sb_printf(&label, "%*s%s", (int)(2 * depth), "", name);
    const char *const cells[] = {plx_sb_str(&label), type, shape, what};
    bool ok = (!label.failed && plx_grid_row(grid, cells)) || plx_fail_nomem(err, 0);
    plx_sb_free(&label);
    return ok;
}

static bool attribute_row(plx_grid *grid, unsigned depth, const plx_member *m, plx_err *err)
{
    plx_sb name = {0}, shape = {0}, what = {0};
    const plx_value *value = plx_v_get(m->value, "value");
    plx_sb_printf(&name, "@%s", m->key.ptr);
    shape_text(m->value, &shape);
    bool ok = (!value || value_text(value, &what, err)) &&
              tree_row(grid, depth, plx_sb_str(&name), text_of(m->value, "dtype"), plx_sb_str(&shape),
                       plx_sb_str(&what), err);
    plx_sb_free(&name);
    plx_sb_free(&shape);
    plx_sb_free(&what);
    return ok;
}

static bool item_row(plx_grid *grid, unsigned depth, const plx_value *item, plx_err *err)
{
    plx_sb shape = {0}, what = {0};
    const plx_value *value = plx_v_get(item, "value"), *bytes = plx_v_get(item, "bytes");
    const char *dtype = text_of(item, "dtype");
    int64_t n;
    char size[PLX_NUM_TEXT];
    shape_text(item, &shape);
    bool ok = !value || value_text(value, &what, err);
    if (plx_v_as_i64(bytes, &n)) {
        plx_print_bytes((uint64_t)n, size);
        plx_sb_text(&what, size);
    }
    plx_sb_printf(&what, "%s%s", what.len && *text_of(item, "note") ? "; " : "", text_of(item, "note"));
    ok = ok && tree_row(grid, depth, text_of(item, "name"), *dtype ? dtype : text_of(item, "kind"), plx_sb_str(&shape),
                        plx_sb_str(&what), err);
    plx_sb_free(&shape);
    plx_sb_free(&what);
    return ok;
}

static bool add_item(plx_grid *grid, unsigned depth, const plx_value *item, plx_err *err)
{
    if (depth > DEEPEST) {
        return plx_fail(err, PLX_E_LIMIT, "the tree is more than %d levels deep", DEEPEST);
    }
    if (!item_row(grid, depth, item, err)) {
        return false;
    }
    const plx_value *attributes = plx_v_get(item, "attributes");
    for (size_t i = 0; attributes && attributes->kind == PLX_V_OBJ && i < attributes->u.obj.n; i++) {
        if (!attribute_row(grid, depth + 1, &attributes->u.obj.members[i], err)) {
            return false;
        }
    }
    const plx_value *items = list_of(item, "items");
    size_t n = items ? items->u.arr.n : 0;
    for (size_t i = 0; i < n; i++) {
        if (!add_item(grid, depth + 1, items->u.arr.items[i], err)) {
            return false;
        }
    }
    int64_t all = 0;
    if (plx_v_as_i64(plx_v_get(item, "n_items"), &all) && (uint64_t)all > n) {
        char more[64];
        snprintf(more, sizeof more, "... %lld more", (long long)all - (long long)n);
        return tree_row(grid, depth + 1, more, "", "", "", err);
    }
    return true;
}

static bool print_tree(plx_cli *cli, const plx_value *tree, plx_err *err)
{
    static const char *const headers[] = {"item", "type", "shape", "what"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_RIGHT, PLX_LEFT};
    plx_grid *grid = plx_grid_new(4, headers, align);
    bool ok = grid ? add_item(grid, 0, tree, err) && plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    return ok;
}

/* --- rows and values --- */

typedef struct sheet {
    plx_arena *arena;
    plx_grid *grid;
    const char **headers, **cells;
    size_t n;
    plx_err *err;
} sheet;

/* A first column that counts, then one for each of `n`. */
static bool sheet_open(sheet *s, plx_arena *arena, const char *first, size_t n, const plx_value *names, plx_err *err)
{
    *s = (sheet){.arena = arena, .n = n + 1, .err = err};
    if (n > COLUMNS) {
        plx_fail(err, PLX_E_LIMIT, "%zu columns are too many for a table", n);
        return plx_err_why(err, "--json shows them all");
    }
    s->headers = plx_arena_zero(arena, n + 1, sizeof *s->headers);
    s->cells = plx_arena_zero(arena, n + 1, sizeof *s->cells);
    plx_align *align = plx_arena_zero(arena, n + 1, sizeof *align);
    if (!s->headers || !s->cells || !align) {
        return plx_fail_nomem(err, 0);
    }
    s->headers[0] = first;
    for (size_t i = 0; i < n; i++) {
        s->headers[i + 1] = names ? plx_v_text(names->u.arr.items[i]) : plx_arena_printf(arena, "%zu", i);
        if (!s->headers[i + 1]) {
            return plx_fail_nomem(err, 0);
        }
    }
    s->grid = plx_grid_new(n + 1, s->headers, align);
    return s->grid || plx_fail_nomem(err, 0);
}

static bool sheet_row(sheet *s, const char *label, const plx_value *values)
{
    size_t n = values->kind == PLX_V_ARR ? values->u.arr.n : 1;
    s->cells[0] = label;
    for (size_t i = 1; i < s->n; i++) {
        s->cells[i] = "";
        if (i <= n) {
            const plx_value *v = values->kind == PLX_V_ARR ? values->u.arr.items[i - 1] : values;
            plx_sb sb = {0};
            bool ok = v->kind == PLX_V_NULL || scalar_text(v, true, &sb, s->err);
            s->cells[i] = ok && !sb.failed ? plx_arena_strndup(s->arena, plx_sb_str(&sb), sb.len) : NULL;
            plx_sb_free(&sb);
            if (!s->cells[i]) {
                return plx_fail_nomem(s->err, 0);
            }
        }
    }
    return label ? plx_grid_row(s->grid, s->cells) || plx_fail_nomem(s->err, 0) : plx_fail_nomem(s->err, 0);
}

/* One row for each list along the last axis, or for each value when there is one axis only. */
static bool value_rows(sheet *s, const plx_value *v, const char *prefix)
{
    bool nested = v->kind == PLX_V_ARR && v->u.arr.n > 0 && v->u.arr.items[0]->kind == PLX_V_ARR;
    if (!nested && (*prefix || v->kind != PLX_V_ARR)) {
        return sheet_row(s, prefix, v);
    }
    for (size_t i = 0; i < v->u.arr.n; i++) {
        const char *label = plx_arena_printf(s->arena, "%s%s%zu", prefix, *prefix ? "," : "", i);
        const plx_value *each = v->u.arr.items[i];
        if (!label || !(nested ? value_rows(s, each, label) : sheet_row(s, label, each))) {
            return label ? false : plx_fail_nomem(s->err, 0);
        }
    }
    return true;
}

static bool print_values(plx_cli *cli, const plx_value *values, plx_err *err)
{
    plx_value *only = plx_v_arr(cli->arena); /* the one heading of a column of values */
    if (!plx_v_push(cli->arena, only, plx_v_str(cli->arena, "value"))) {
        return plx_fail_nomem(err, 0);
    }
    size_t axes = 0, width = 0;
    for (const plx_value *at = values; at->kind == PLX_V_ARR; at = at->u.arr.items[0]) {
        width = at->u.arr.n;
        axes++;
        if (width == 0) {
            break;
        }
    }
    sheet s;
    bool wide = axes > 1;
    bool ok = sheet_open(&s, cli->arena, "", wide ? width : 1, wide ? NULL : only, err) && value_rows(&s, values, "") &&
              plx_cli_grid(cli, s.grid, err);
    plx_grid_free(s.grid);
    return ok;
}

static bool print_rows(plx_cli *cli, const plx_value *item, const plx_value *rows, plx_err *err)
{
    const plx_value *columns = list_of(item, "columns");
    int64_t first = 1;
    plx_v_as_i64(plx_v_get(item, "first_row"), &first);
    sheet s;
    bool ok = sheet_open(&s, cli->arena, "", columns ? columns->u.arr.n : 0, columns, err);
    for (size_t i = 0; ok && i < rows->u.arr.n; i++) {
        char number[PLX_NUM_TEXT];
        plx_print_i64(first + (int64_t)i, number);
        ok = sheet_row(&s, plx_arena_strdup(cli->arena, number), rows->u.arr.items[i]);
    }
    ok = ok && plx_cli_grid(cli, s.grid, err);
    plx_grid_free(s.grid);
    return ok;
}

/* What of it was shown, on standard error with the rest of the talk. */
static void say_rest(const plx_cli *cli, const plx_value *item, size_t shown, uint64_t all)
{
    if (!cli->g.quiet && shown < all) {
        fprintf(stderr, "%zu of %llu shown; --limit 0 shows all of %s\n", shown, (unsigned long long)all,
                text_of(item, "name"));
    }
}

bool plx_dump_text(plx_cli *cli, const plx_value *dump, bool named, plx_err *err)
{
    const plx_value *tree = plx_v_get(dump, "tree");
    const plx_value *rows = list_of(tree, "rows"), *values = plx_v_get(tree, "values"), *lines = list_of(tree, "lines");
    if (named) {
        fprintf(cli->out, "%s: %s\n", text_of(dump, "file"), text_of(dump, "format"));
    }
    if (lines) {
        int64_t all = 0;
        plx_v_as_i64(plx_v_get(tree, "n_lines"), &all);
        for (size_t i = 0; i < lines->u.arr.n; i++) {
            fprintf(cli->out, "%s\n", plx_v_text(lines->u.arr.items[i]));
        }
        say_rest(cli, tree, lines->u.arr.n, (uint64_t)all);
        return true;
    }
    const plx_value *shape = list_of(tree, "shape");
    int64_t all = 0;
    if (shape && shape->u.arr.n > 0) {
        plx_v_as_i64(shape->u.arr.items[0], &all);
    }
    if (rows || values) {
        size_t shown = rows ? rows->u.arr.n : values->kind == PLX_V_ARR ? values->u.arr.n : 1;
        bool ok = rows ? print_rows(cli, tree, rows, err) : print_values(cli, values, err);
        if (ok && !plx_v_get(tree, "first_row")) {
            say_rest(cli, tree, shown, (uint64_t)all);
        }
        return ok;
    }
    return print_tree(cli, tree, err);
}
