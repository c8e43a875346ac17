/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of plx_h5_tree becomes a tree, the part of it that was asked for, with values where one data set was.
 */
#include "formats/h5_outline.h"

#include <string.h>

enum { DEPTH = 128, NAMES = 4096 };

/* The value of the list's object is shared with the tree: both live in the arena. */
static bool copy(plx_arena *arena, const plx_value *from, const char *key, plx_value *to)
{
    for (size_t i = 0; i < from->u.obj.n; i++) {
        if (plx_slice_is(from->u.obj.members[i].key, key)) {
            return plx_v_set(arena, to, key, from->u.obj.members[i].value);
        }
    }
    return true;
}

static bool add_storage(plx_arena *arena, const plx_value *node, plx_value *item)
{
    const plx_value *chunks = plx_v_get(node, "chunks"), *filters = plx_v_get(node, "filters");
    const char *layout = plx_v_get_text(node, "layout");
    plx_sb sb = {0};
    if (layout && strcmp(layout, "contiguous") != 0) {
        plx_sb_text(&sb, layout);
    }
    for (size_t i = 0; chunks && i < chunks->u.arr.n; i++) {
        int64_t n = 0;
        plx_v_as_i64(chunks->u.arr.items[i], &n);
        plx_sb_printf(&sb, "%s%lld", i ? " x " : " ", (long long)n);
    }
    for (size_t i = 0; filters && i < filters->u.arr.n; i++) {
        plx_sb_printf(&sb, ", %s", plx_v_text(filters->u.arr.items[i]));
    }
    bool ok = !sb.failed && (sb.len == 0 || plx_outline_note(arena, item, "%s", plx_sb_str(&sb)));
    plx_sb_free(&sb);
    return ok;
}

static plx_value *make_item(plx_arena *arena, const plx_value *node, const char *name)
{
    const char *kind = plx_v_get_text(node, "kind"), *target = plx_v_get_text(node, "target");
    plx_value *item = plx_outline_item(arena, name, strcmp(kind, "dataset") == 0 ? "array" : kind);
    bool ok = item && copy(arena, node, "dtype", item) && copy(arena, node, "shape", item) &&
              copy(arena, node, "value", item) && copy(arena, node, "attributes", item) &&
              (target ? plx_outline_note(arena, item, "leads to %s", target) : add_storage(arena, node, item));
    return ok ? item : NULL;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* `path` lies below `folder`, or is it. */
static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strcmp(folder, "/") == 0 || (strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* Entries from `first` on that lie below it, nested. Paths come groups first, so a stack of open groups is enough. */
static plx_value *nest(plx_arena *arena, const plx_value *list, size_t first)
{
    const char *paths[DEPTH];
    plx_value *open[DEPTH];
    size_t depth = 0;
    const char *top = plx_v_get_text(list->u.arr.items[first], "path");
    plx_value *root = NULL;
    for (size_t i = first; i < list->u.arr.n; i++) {
        const plx_value *node = list->u.arr.items[i];
        const char *path = plx_v_get_text(node, "path");
        if (!is_below(path, top)) {
            break;
        }
        plx_value *item = make_item(arena, node, i == first ? top : base_of(path));
        while (depth > 0 && !is_below(path, paths[depth - 1])) {
            depth--;
        }
        if (!item || (i > first && (depth == 0 || !plx_outline_add(arena, open[depth - 1], item)))) {
            return NULL;
        }
        root = i == first ? item : root;
        if (depth < DEPTH) {
            paths[depth] = path;
            open[depth++] = item;
        }
    }
    return root;
}

static bool find(const plx_value *list, const char *item, size_t *out)
{
    for (size_t i = 0; i < list->u.arr.n; i++) {
        const char *path = plx_v_get_text(list->u.arr.items[i], "path");
        size_t n = strlen(item);
        n -= n > 0 && item[n - 1] == '/';
        if (strncmp(path + 1, item, n) == 0 && path[1 + n] == '\0') {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool no_item(const plx_outline_ask *ask, const plx_value *list, plx_err *err)
{
    const char *names[NAMES];
    size_t n = 0;
    for (size_t i = 1; i < list->u.arr.n && n < NAMES; i++) {
        names[n++] = base_of(plx_v_get_text(list->u.arr.items[i], "path"));
    }
    return plx_outline_missing(ask, names, n, err);
}

/* The shape of what is shown; false when the data set has none that is known. */
static bool part_of(const plx_outline_ask *ask, const plx_value *item, int *ndim, uint64_t count[PLX_MAX_DIMS])
{
    const plx_value *shape = plx_v_get(item, "shape");
    if (!shape || shape->kind != PLX_V_ARR || shape->u.arr.n > PLX_MAX_DIMS) {
        return false;
    }
    *ndim = (int)shape->u.arr.n;
    for (int i = 0; i < *ndim; i++) {
        int64_t n = 0;
        count[i] = plx_v_as_i64(shape->u.arr.items[i], &n) ? plx_outline_shown(ask, (uint64_t)n) : 0;
    }
    return true;
}

static bool read_texts(const plx_outline_ask *ask, const char *path, int ndim, const uint64_t *count, plx_value *item,
                       plx_err *err)
{
    static const uint64_t start[PLX_MAX_DIMS];
    plx_strcol texts = {0};
    plx_table table = {0};
    size_t shape[PLX_MAX_DIMS];
    for (int i = 0; i < ndim; i++) {
        shape[i] = (size_t)count[i];
    }
    bool ok = plx_h5_read_strings_slab(ask->ctx, ask->path, path, ndim, start, count, &texts, err) &&
              plx_strcol_finish(&texts, &table, "values", err) &&
              (plx_outline_texts(ask, item, &table.cols[0], ndim, shape) || plx_fail_nomem(err, 0));
    plx_strcol_free(&texts);
    plx_table_free(&table);
    return ok;
}

static bool read_numbers(const plx_outline_ask *ask, const char *path, int ndim, const uint64_t *count, plx_value *item,
                         plx_err *err)
{
    static const uint64_t start[PLX_MAX_DIMS];
    plx_array array;
    bool ok = plx_h5_read_slab(ask->ctx, ask->path, path, ndim, start, count, &array, err) &&
              (plx_outline_values(ask, item, &array) || plx_fail_nomem(err, 0));
    plx_array_free(&array);
    return ok;
}

static bool add_values(const plx_outline_ask *ask, const char *path, plx_value *item, plx_err *err)
{
    uint64_t count[PLX_MAX_DIMS];
    int ndim;
    const char *dtype = plx_v_get_text(item, "dtype");
    plx_err problem;
    plx_err_clear(&problem);
    if (!part_of(ask, item, &ndim, count)) {
        return true;
    }
    bool text = dtype && (strcmp(dtype, "str") == 0 || strcmp(dtype, "ref") == 0);
    if (text ? read_texts(ask, path, ndim, count, item, &problem)
             : read_numbers(ask, path, ndim, count, item, &problem)) {
        return true;
    }
    if (problem.code == PLX_E_UNSUPPORTED || problem.code == PLX_E_POLICY) {
        const char *note = plx_v_get_text(item, "note");
        return plx_outline_note(ask->arena, item, "%s%snot read: %s", note ? note : "", note ? "; " : "",
                                problem.why[0] ? problem.why : problem.what) ||
               plx_fail_nomem(err, 0);
    }
    if (err) {
        *err = problem;
    }
    return false;
}

bool plx_h5_outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_value *list;
    size_t at = 0;
    if (!plx_h5_tree(ask->ctx, ask->path, ask->arena, &list, err)) {
        return false;
    }
    if (list->u.arr.n == 0) {
        return plx_fail(err, PLX_E_FORMAT, "%s holds nothing, not even a root group", ask->path);
    }
    if (ask->item && !find(list, ask->item, &at)) {
        return no_item(ask, list, err);
    }
    *out = nest(ask->arena, list, at);
    if (!*out) {
        return plx_fail_nomem(err, 0);
    }
    const char *kind = plx_v_get_text(*out, "kind");
    bool array = kind && strcmp(kind, "array") == 0;
    return !array || !ask->item || add_values(ask, plx_v_get_text(list->u.arr.items[at], "path"), *out, err);
}
