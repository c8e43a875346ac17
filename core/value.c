/* SPDX-License-Identifier: Apache-2.0
 *
 * Value trees: made in an arena, read by key or dotted path. Lookup by key is linear, the objects of manifests and
 * sidecars are small; parsers that meet larger ones append with plx_v_add and find doubles their own way.
 */
#include "core/value.h"

#include "core/alloc.h"

#include <stdlib.h>

static plx_value *make(plx_arena *a, plx_vkind kind)
{
    plx_value *v = plx_arena_zero(a, 1, sizeof *v);
    if (v) {
        v->kind = kind;
    }
    return v;
}

plx_value *plx_v_null(plx_arena *a)
{
    return make(a, PLX_V_NULL);
}

plx_value *plx_v_bool(plx_arena *a, bool b)
{
    plx_value *v = make(a, PLX_V_BOOL);
    if (v) {
        v->u.b = b;
    }
    return v;
}

plx_value *plx_v_i64(plx_arena *a, int64_t i)
{
    plx_value *v = make(a, PLX_V_I64);
    if (v) {
        v->u.i64 = i;
    }
    return v;
}

plx_value *plx_v_u64(plx_arena *a, uint64_t u)
{
    if (u <= INT64_MAX) {
        return plx_v_i64(a, (int64_t)u);
    }
    plx_value *v = make(a, PLX_V_U64);
    if (v) {
        v->u.u64 = u;
    }
    return v;
}

plx_value *plx_v_f64(plx_arena *a, double d)
{
    plx_value *v = make(a, PLX_V_F64);
    if (v) {
        v->u.f64 = d;
    }
    return v;
}

plx_value *plx_v_str(plx_arena *a, const char *text)
{
    return plx_v_strn(a, text, strlen(text));
}

plx_value *plx_v_strn(plx_arena *a, const char *text, size_t len)
{
    plx_value *v = make(a, PLX_V_STR);
    char *copy = v ? plx_arena_strndup(a, text, len) : NULL;
    if (!copy) {
        return NULL;
    }
    v->u.str = (plx_slice){copy, len};
    return v;
}

plx_value *plx_v_arr(plx_arena *a)
{
    return make(a, PLX_V_ARR);
}

plx_value *plx_v_obj(plx_arena *a)
{
    return make(a, PLX_V_OBJ);
}

/* Room for one more element of `size` bytes; the arena keeps the outgrown block, at most as much again. */
static bool grow(plx_arena *a, void **items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap) {
        return true;
    }
    size_t bytes, target = *cap ? 2 * *cap : 4;
    if (!plx_mul_ok(target, size, &bytes)) {
        return false;
    }
    void *larger = plx_arena_alloc(a, bytes);
    if (!larger) {
        return false;
    }
    if (n) {
        memcpy(larger, *items, n * size);
    }
    *items = larger;
    *cap = target;
    return true;
}

bool plx_v_push(plx_arena *a, plx_value *arr, plx_value *value)
{
    if (!arr || !value || arr->kind != PLX_V_ARR) {
        return false;
    }
    void *items = arr->u.arr.items;
    if (!grow(a, &items, arr->u.arr.n, &arr->u.arr.cap, sizeof(plx_value *))) {
        return false;
    }
    arr->u.arr.items = items;
    arr->u.arr.items[arr->u.arr.n++] = value;
    return true;
}

bool plx_v_add(plx_arena *a, plx_value *obj, plx_slice key, plx_value *value)
{
    if (!obj || !value || obj->kind != PLX_V_OBJ) {
        return false;
    }
    char *name = plx_arena_strndup(a, key.ptr, key.len);
    void *members = obj->u.obj.members;
    if (!name || !grow(a, &members, obj->u.obj.n, &obj->u.obj.cap, sizeof(plx_member))) {
        return false;
    }
    obj->u.obj.members = members;
    obj->u.obj.members[obj->u.obj.n++] = (plx_member){{name, key.len}, value};
    return true;
}

static plx_member *find(const plx_value *obj, plx_slice key)
{
    if (obj && obj->kind == PLX_V_OBJ) {
        for (size_t i = 0; i < obj->u.obj.n; i++) {
            if (plx_slice_eq(obj->u.obj.members[i].key, key)) {
                return &obj->u.obj.members[i];
            }
        }
    }
    return NULL;
}

bool plx_v_set(plx_arena *a, plx_value *obj, const char *key, plx_value *value)
{
    plx_member *member = value ? find(obj, plx_slice_of(key)) : NULL;
    if (member) {
        member->value = value;
        return true;
    }
    return plx_v_add(a, obj, plx_slice_of(key), value);
}

plx_value *plx_v_copy(plx_arena *a, const plx_value *v)
{
    if (v->kind == PLX_V_STR) {
        return plx_v_strn(a, v->u.str.ptr, v->u.str.len);
    }
    plx_value *out = plx_arena_zero(a, 1, sizeof *out);
    if (!out) {
        return NULL;
    }
    *out = *v;
    if (v->kind == PLX_V_ARR) {
        out->u.arr.items = NULL;
        out->u.arr.n = out->u.arr.cap = 0;
        for (size_t i = 0; i < v->u.arr.n; i++) {
            if (!plx_v_push(a, out, plx_v_copy(a, v->u.arr.items[i]))) {
                return NULL;
            }
        }
    } else if (v->kind == PLX_V_OBJ) {
        out->u.obj.members = NULL;
        out->u.obj.n = out->u.obj.cap = 0;
        for (size_t i = 0; i < v->u.obj.n; i++) {
            if (!plx_v_add(a, out, v->u.obj.members[i].key, plx_v_copy(a, v->u.obj.members[i].value))) {
                return NULL;
            }
        }
    }
    return out;
}

const plx_value *plx_v_get(const plx_value *obj, const char *key)
{
    const plx_member *member = find(obj, plx_slice_of(key));
    return member ? member->value : NULL;
}

const plx_value *plx_v_at(const plx_value *root, const char *path)
{
    const plx_value *at = root;
    while (at) {
        size_t len = strcspn(path, ".");
        const plx_member *member = find(at, (plx_slice){path, len});
        at = member ? member->value : NULL;
        if (path[len] == '\0') {
            break;
        }
        path += len + 1;
    }
    return at;
}

static const plx_value *find_list(const plx_value *v, plx_slice name, int depth)
{
    enum { DEPTH = 16 };
    for (size_t i = 0; v->kind == PLX_V_OBJ && depth < DEPTH && i < v->u.obj.n; i++) {
        const plx_member *m = &v->u.obj.members[i];
        bool named = m->key.len >= name.len && memcmp(m->key.ptr, name.ptr, name.len) == 0 &&
                     (m->key.len == name.len || m->key.ptr[name.len] == '.');
        const plx_value *found = named && m->value->kind == PLX_V_ARR ? m->value : find_list(m->value, name, depth + 1);
        if (found) {
            return found;
        }
    }
    return NULL;
}

const plx_value *plx_v_find_list(const plx_value *root, const char *name)
{
    return root ? find_list(root, (plx_slice){name, strlen(name)}, 0) : NULL;
}

const char *plx_v_text(const plx_value *v)
{
    return v && v->kind == PLX_V_STR ? v->u.str.ptr : NULL;
}

const char *plx_v_get_text(const plx_value *obj, const char *key)
{
    return plx_v_text(plx_v_get(obj, key));
}

bool plx_v_as_i64(const plx_value *v, int64_t *out)
{
    if (!v || v->kind != PLX_V_I64) {
        return false;
    }
    *out = v->u.i64;
    return true;
}

bool plx_v_as_f64(const plx_value *v, double *out)
{
    if (v && v->kind == PLX_V_I64) {
        *out = (double)v->u.i64;
    } else if (v && v->kind == PLX_V_U64) {
        *out = (double)v->u.u64;
    } else if (v && v->kind == PLX_V_F64) {
        *out = v->u.f64;
    } else {
        return false;
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    const plx_member *x = a, *y = b;
    return plx_slice_cmp(x->key, y->key);
}

static bool equal_by_lookup(const plx_value *a, const plx_value *b)
{
    for (size_t i = 0; i < a->u.obj.n; i++) {
        const plx_member *member = &a->u.obj.members[i], *other = &b->u.obj.members[i];
        other = plx_slice_eq(member->key, other->key) ? other : find(b, member->key);
        if (!other || !plx_v_equal(member->value, other->value)) {
            return false;
        }
    }
    return true;
}

/* Large objects are compared through sorted copies; without memory for these the slow way still gives the answer. */
static bool equal_objects(const plx_value *a, const plx_value *b)
{
    enum { FEW = 32 };
    size_t n = a->u.obj.n;
    if (n != b->u.obj.n || n <= FEW) {
        return n == b->u.obj.n && equal_by_lookup(a, b);
    }
    plx_member *sorted = plx_realloc_array(NULL, 2 * n, sizeof *sorted);
    if (!sorted) {
        return equal_by_lookup(a, b);
    }
    memcpy(sorted, a->u.obj.members, n * sizeof *sorted);
    memcpy(sorted + n, b->u.obj.members, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_key);
    qsort(sorted + n, n, sizeof *sorted, by_key);
    bool equal = true;
    for (size_t i = 0; equal && i < n; i++) {
        equal = plx_slice_eq(sorted[i].key, sorted[n + i].key) && plx_v_equal(sorted[i].value, sorted[n + i].value);
    }
    plx_free(sorted);
    return equal;
}

bool plx_v_equal(const plx_value *a, const plx_value *b)
{
    if (!a || !b || a->kind != b->kind) {
        return a == b;
    }
    switch (a->kind) {
    case PLX_V_NULL:
        return true;
    case PLX_V_BOOL:
        return a->u.b == b->u.b;
    case PLX_V_I64:
        return a->u.i64 == b->u.i64;
    case PLX_V_U64:
        return a->u.u64 == b->u.u64;
    case PLX_V_F64:
        return a->u.f64 == b->u.f64 || (a->u.f64 != a->u.f64 && b->u.f64 != b->u.f64);
    case PLX_V_STR:
        return plx_slice_eq(a->u.str, b->u.str);
    case PLX_V_ARR:
        if (a->u.arr.n != b->u.arr.n) {
            return false;
        }
        for (size_t i = 0; i < a->u.arr.n; i++) {
            if (!plx_v_equal(a->u.arr.items[i], b->u.arr.items[i])) {
                return false;
            }
        }
        return true;
    case PLX_V_OBJ:
        return equal_objects(a, b);
    }
    return false;
}
