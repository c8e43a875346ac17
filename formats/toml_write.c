/* SPDX-License-Identifier: Apache-2.0
 *
 * TOML text.
 */
#include "formats/toml_write.h"

#include "core/num.h"
#include "formats/json.h"

#include <ctype.h>

enum { MAX_DEPTH = 64 };

typedef struct path {
    const struct path *up;
    plx_slice key;
} path;

static bool is_bare(plx_slice key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (!isalnum((unsigned char)key.ptr[i]) && key.ptr[i] != '_' && key.ptr[i] != '-') {
            return false;
        }
    }
    return key.len > 0;
}

/* JSON's escapes are TOML's. */
static void put_key(plx_sb *out, plx_slice key)
{
    if (is_bare(key)) {
        plx_sb_bytes(out, key.ptr, key.len);
    } else {
        plx_json_write_text(out, key);
    }
}

static void put_path(plx_sb *out, const path *p)
{
    if (p->up) {
        put_path(out, p->up);
        plx_sb_char(out, '.');
    }
    put_key(out, p->key);
}

/* A list of objects alone is an array of tables. */
static bool is_tables(const plx_value *v)
{
    if (v->kind != PLX_V_ARR || v->u.arr.n == 0) {
        return false;
    }
    for (size_t i = 0; i < v->u.arr.n; i++) {
        if (v->u.arr.items[i]->kind != PLX_V_OBJ) {
            return false;
        }
    }
    return true;
}

static bool put_inline(plx_sb *out, const plx_value *v, int depth, plx_err *err);

static bool put_list(plx_sb *out, const plx_value *v, int depth, plx_err *err)
{
    bool first = true;
    plx_sb_char(out, '[');
    for (size_t i = 0; i < v->u.arr.n; i++) {
        if (v->u.arr.items[i]->kind == PLX_V_NULL) {
            continue;
        }
        plx_sb_text(out, first ? "" : ", ");
        first = false;
        if (!put_inline(out, v->u.arr.items[i], depth + 1, err)) {
            return false;
        }
    }
    plx_sb_char(out, ']');
    return true;
}

static bool put_object(plx_sb *out, const plx_value *v, int depth, plx_err *err)
{
    bool first = true;
    plx_sb_char(out, '{');
    for (size_t i = 0; i < v->u.obj.n; i++) {
        if (v->u.obj.members[i].value->kind == PLX_V_NULL) {
            continue;
        }
        plx_sb_text(out, first ? "" : ", ");
        first = false;
        put_key(out, v->u.obj.members[i].key);
        plx_sb_text(out, " = ");
        if (!put_inline(out, v->u.obj.members[i].value, depth + 1, err)) {
            return false;
        }
    }
    plx_sb_char(out, '}');
    return true;
}

static bool put_inline(plx_sb *out, const plx_value *v, int depth, plx_err *err)
{
    char number[PLX_NUM_TEXT];
    if (depth > MAX_DEPTH) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "a tree nested past %d levels is not written as TOML", MAX_DEPTH);
    }
    switch (v->kind) {
    case PLX_V_NULL:
        return true; /* callers leave it out */
    case PLX_V_BOOL:
        plx_sb_text(out, v->u.b ? "true" : "false");
        return true;
    case PLX_V_I64:
        plx_print_i64(v->u.i64, number);
        plx_sb_text(out, number);
        return true;
    case PLX_V_U64:
        return plx_fail(err, PLX_E_UNSUPPORTED, "TOML has no integer above 9223372036854775807");
    case PLX_V_F64:
        plx_print_f64(v->u.f64, number);
        plx_sb_text(out, number);
        return true;
    case PLX_V_STR:
        plx_json_write_text(out, v->u.str);
        return true;
    case PLX_V_ARR:
        return put_list(out, v, depth, err);
    case PLX_V_OBJ:
        return put_object(out, v, depth, err);
    }
    return plx_fail(err, PLX_E_BUG, "a value of no kind");
}

static bool put_table(plx_sb *out, const plx_value *v, const path *at, int depth, plx_err *err);

static bool put_below(plx_sb *out, const plx_member *m, const path *at, int depth, plx_err *err)
{
    const path here = {at, m->key};
    size_t n = m->value->kind == PLX_V_ARR ? m->value->u.arr.n : 1;
    for (size_t i = 0; i < n; i++) {
        bool list = m->value->kind == PLX_V_ARR;
        plx_sb_text(out, out->len ? "\n" : "");
        plx_sb_text(out, list ? "[[" : "[");
        put_path(out, &here);
        plx_sb_text(out, list ? "]]\n" : "]\n");
        if (!put_table(out, list ? m->value->u.arr.items[i] : m->value, &here, depth + 1, err)) {
            return false;
        }
    }
    return true;
}

/* Plain members must come before tables: what follows a table's head belongs to it. */
static bool put_table(plx_sb *out, const plx_value *v, const path *at, int depth, plx_err *err)
{
    if (depth > MAX_DEPTH) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "a tree nested past %d levels is not written as TOML", MAX_DEPTH);
    }
    for (int tables = 0; tables < 2; tables++) {
        for (size_t i = 0; i < v->u.obj.n; i++) {
            const plx_member *m = &v->u.obj.members[i];
            bool is_table = m->value->kind == PLX_V_OBJ || is_tables(m->value);
            if (is_table != (tables == 1) || m->value->kind == PLX_V_NULL) {
                continue;
            }
            if (is_table) {
                if (!put_below(out, m, at, depth, err)) {
                    return false;
                }
                continue;
            }
            put_key(out, m->key);
            plx_sb_text(out, " = ");
            if (!put_inline(out, m->value, depth, err)) {
                return false;
            }
            plx_sb_char(out, '\n');
        }
    }
    return true;
}

bool plx_toml_write(const plx_value *value, plx_sb *out, plx_err *err)
{
    if (value->kind != PLX_V_OBJ) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "TOML holds one table, and this is a list or a single value");
    }
    return put_table(out, value, NULL, 0, err) && (!out->failed || plx_fail_nomem(err, out->len));
}
