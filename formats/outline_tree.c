/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines of trees of values, such as JSON and YAML hold. A list of numbers, or of equally long lists of them, is
 * shown as the array it is.
 */
#include "formats/outline.h"

#include "core/num.h"

#include <stdio.h>
#include <string.h>

enum { LIKE = 3, NAMES = 4096 }; /* entries shown of a list whose entries are trees; names compared for an error */

/* What a list is if it is an array: kinds in order of growing width. */
typedef struct array_of {
    int ndim;
    size_t shape[PLX_MAX_DIMS];
    bool numbers, integers, texts;
} array_of;

static bool scan(const plx_value *v, int axis, array_of *a)
{
    if (v->kind != PLX_V_ARR) {
        bool whole = v->kind == PLX_V_I64 || v->kind == PLX_V_U64;
        a->integers = a->integers && whole;
        a->numbers = a->numbers && (whole || v->kind == PLX_V_F64 || v->kind == PLX_V_NULL);
        a->texts = a->texts && v->kind == PLX_V_STR;
        return axis == a->ndim && (a->numbers || a->texts);
    }
    if (axis == a->ndim || v->u.arr.n != a->shape[axis]) {
        return false;
    }
    for (size_t i = 0; i < v->u.arr.n; i++) {
        if (!scan(v->u.arr.items[i], axis + 1, a)) {
            return false;
        }
    }
    return true;
}

static bool is_array(const plx_value *v, array_of *a)
{
    *a = (array_of){.numbers = true, .integers = true, .texts = true};
    const plx_value *at = v;
    for (; at->kind == PLX_V_ARR && a->ndim < PLX_MAX_DIMS; at = at->u.arr.items[0]) {
        a->shape[a->ndim++] = at->u.arr.n;
        if (at->u.arr.n == 0) {
            return a->ndim == 1 ? false : scan(v, 0, a);
        }
    }
    return a->ndim > 0 && scan(v, 0, a);
}

static const char *kind_name(const plx_value *v)
{
    static const char *const names[] = {"null", "bool", "i64", "u64", "f64", "str", "list", "object"};
    return names[v->kind];
}

/* The first values of nested lists. */
static plx_value *first_ones(const plx_outline_ask *ask, const plx_value *v)
{
    if (v->kind != PLX_V_ARR) {
        plx_value *copy =
            v->kind == PLX_V_STR ? plx_v_strn(ask->arena, v->u.str.ptr, v->u.str.len) : plx_v_null(ask->arena);
        if (copy && v->kind != PLX_V_STR) {
            *copy = *v;
        }
        return copy;
    }
    plx_value *list = plx_v_arr(ask->arena);
    uint64_t n = plx_outline_shown(ask, v->u.arr.n);
    for (uint64_t i = 0; list && i < n; i++) {
        if (!plx_v_push(ask->arena, list, first_ones(ask, v->u.arr.items[i]))) {
            return NULL;
        }
    }
    return list;
}

static plx_value *describe(const plx_outline_ask *ask, const char *name, const plx_value *v, bool values);

static bool describe_entries(const plx_outline_ask *ask, plx_value *item, const plx_value *v)
{
    bool list = v->kind == PLX_V_ARR;
    uint64_t n = list ? v->u.arr.n : v->u.obj.n;
    uint64_t shown = plx_outline_shown(ask, n);
    if (list && ask->limit && !ask->item && shown > LIKE) {
        shown = LIKE; /* its entries tend to be alike */
    }
    bool ok = plx_outline_shape(ask->arena, item, 1, &(size_t){n});
    for (uint64_t i = 0; ok && i < shown; i++) {
        char index[PLX_NUM_TEXT];
        plx_print_u64(i, index);
        ok = plx_outline_add(ask->arena, item,
                             describe(ask, list ? index : v->u.obj.members[i].key.ptr,
                                      list ? v->u.arr.items[i] : v->u.obj.members[i].value, false));
    }
    return ok && (shown == n || plx_v_set(ask->arena, item, "n_items", plx_v_u64(ask->arena, n)));
}

static plx_value *describe(const plx_outline_ask *ask, const char *name, const plx_value *v, bool values)
{
    array_of a;
    bool ok;
    plx_value *item;
    if (v->kind == PLX_V_ARR && is_array(v, &a)) {
        item = plx_outline_item(ask->arena, name, "array");
        ok = item &&
             plx_v_set(ask->arena, item, "dtype",
                       plx_v_str(ask->arena, !a.numbers   ? "str"
                                             : a.integers ? "i64"
                                                          : "f64")) &&
             plx_outline_shape(ask->arena, item, a.ndim, a.shape) &&
             (!values || plx_v_set(ask->arena, item, "values", first_ones(ask, v)));
    } else if (v->kind == PLX_V_ARR || v->kind == PLX_V_OBJ) {
        item = plx_outline_item(ask->arena, name, kind_name(v));
        ok = item && describe_entries(ask, item, v);
    } else {
        item = plx_outline_item(ask->arena, name, "value");
        ok = item && plx_v_set(ask->arena, item, "dtype", plx_v_str(ask->arena, kind_name(v))) &&
             plx_v_set(ask->arena, item, "value", first_ones(ask, v));
    }
    return ok ? item : NULL;
}

static bool no_entry(const plx_outline_ask *ask, const plx_value *at, plx_err *err)
{
    const char *names[NAMES];
    size_t n = 0;
    if (at->kind == PLX_V_OBJ) {
        for (; n < at->u.obj.n && n < NAMES; n++) {
            names[n] = at->u.obj.members[n].key.ptr;
        }
    }
    plx_outline_missing(ask, names, n, err);
    if (at->kind == PLX_V_ARR) {
        plx_err_why(err, "that list has %zu %s, counted from 0", at->u.arr.n, at->u.arr.n == 1 ? "entry" : "entries");
    }
    return false;
}

/* The longest key that stands at the start of `path`, since keys may hold slashes. */
static const plx_value *step(const plx_value *at, const char **path)
{
    const plx_value *found = NULL;
    size_t best = 0;
    uint64_t index;
    size_t word = strcspn(*path, "/");
    if (at->kind == PLX_V_ARR && plx_parse_u64(*path, word, &index) && index < at->u.arr.n) {
        found = at->u.arr.items[index];
        best = word;
    }
    for (size_t i = 0; at->kind == PLX_V_OBJ && i < at->u.obj.n; i++) {
        plx_slice key = at->u.obj.members[i].key;
        bool fits = strncmp(*path, key.ptr, key.len) == 0 && ((*path)[key.len] == '\0' || (*path)[key.len] == '/');
        if (fits && (!found || key.len > best)) {
            found = at->u.obj.members[i].value;
            best = key.len;
        }
    }
    *path += found ? best + ((*path)[best] == '/') : 0;
    return found;
}

bool plx_outline_tree(const plx_outline_ask *ask, const char *title, const plx_value *root, plx_value **out,
                      plx_err *err)
{
    const plx_value *at = root;
    for (const char *path = ask->item; path && *path;) {
        const plx_value *next = step(at, &path);
        if (!next) {
            return no_entry(ask, at, err);
        }
        at = next;
    }
    *out = describe(ask, ask->item && *ask->item ? ask->item : title, at, ask->item != NULL);
    return *out || plx_fail_nomem(err, 0);
}
