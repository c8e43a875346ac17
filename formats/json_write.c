/* SPDX-License-Identifier: Apache-2.0
 *
 * Canonical JSON: keys in byte order of their UTF-8, the shortest numbers that read back equal, one way to write
 * everything, so that equal values give equal bytes and equal digests. Bytes that are not UTF-8 become U+FFFD.
 */
#include "core/alloc.h"
#include "core/num.h"
#include "core/utf8.h"
#include "formats/json.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_DEPTH = 2048 }; /* recursion: about 200 bytes of stack per level */

static void write_escape(plx_sb *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *letter = NULL;
    switch (c) {
    case '"':
        letter = "\\\"";
        break;
    case '\\':
        letter = "\\\\";
        break;
    case '\b':
        letter = "\\b";
        break;
    case '\f':
        letter = "\\f";
        break;
    case '\n':
        letter = "\\n";
        break;
    case '\r':
        letter = "\\r";
        break;
    case '\t':
        letter = "\\t";
        break;
    default:
        plx_sb_text(out, "\\u00");
        plx_sb_char(out, hex[c >> 4]);
        plx_sb_char(out, hex[c & 15]);
        return;
    }
    plx_sb_text(out, letter);
}

void plx_json_write_text(plx_sb *out, plx_slice text)
{
    plx_sb_char(out, '"');
    const char *p = text.ptr, *end = text.len ? text.ptr + text.len : text.ptr;
    const char *valid = p;
    while (p < end) {
        const char *plain = p;
        while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80) {
            p++;
        }
        plx_sb_bytes(out, plain, (size_t)(p - plain));
        if (p == end) {
            break;
        }
        if ((unsigned char)*p < 0x80) {
            write_escape(out, (unsigned char)*p++);
            continue;
        }
        if (valid <= p) {
            valid = p + plx_utf8_valid_prefix(p, (size_t)(end - p));
        }
        if (valid == p) {
            plx_sb_text(out, "\\ufffd");
            p++;
            continue;
        }
        const char *wide = p;
        while (p < valid && (unsigned char)*p >= 0x80) {
            p++;
        }
        plx_sb_bytes(out, wide, (size_t)(p - wide));
    }
    plx_sb_char(out, '"');
}

static void write_number(plx_sb *out, const plx_value *v)
{
    char text[PLX_NUM_TEXT];
    size_t len;
    if (v->kind == PLX_V_I64) {
        len = plx_print_i64(v->u.i64, text);
    } else if (v->kind == PLX_V_U64) {
        len = plx_print_u64(v->u.u64, text);
    } else if (isfinite(v->u.f64)) {
        len = plx_print_f64(v->u.f64, text);
    } else {
        plx_sb_text(out, "null");
        return;
    }
    plx_sb_bytes(out, text, len);
}

static int by_key(const void *a, const void *b)
{
    const plx_member *x = *(const plx_member *const *)a, *y = *(const plx_member *const *)b;
    return plx_slice_cmp(x->key, y->key);
}

static void new_line(plx_sb *out, bool pretty, size_t depth)
{
    if (!pretty) {
        return;
    }
    plx_sb_char(out, '\n');
    for (size_t i = 0; i < depth; i++) {
        plx_sb_bytes(out, "  ", 2);
    }
}

static bool write_value(const plx_value *v, bool pretty, size_t depth, plx_sb *out, plx_err *err);

static bool write_array(const plx_value *v, bool pretty, size_t depth, plx_sb *out, plx_err *err)
{
    plx_sb_char(out, '[');
    for (size_t i = 0; i < v->u.arr.n; i++) {
        if (i > 0) {
            plx_sb_char(out, ',');
        }
        new_line(out, pretty, depth + 1);
        if (!write_value(v->u.arr.items[i], pretty, depth + 1, out, err)) {
            return false;
        }
    }
    if (v->u.arr.n > 0) {
        new_line(out, pretty, depth);
    }
    plx_sb_char(out, ']');
    return true;
}

static bool write_object(const plx_value *v, bool pretty, size_t depth, plx_sb *out, plx_err *err)
{
    size_t n = v->u.obj.n;
    if (n == 0) {
        plx_sb_text(out, "{}");
        return true;
    }
    const plx_member **sorted = plx_realloc_array(NULL, n, sizeof(const plx_member *));
    if (!sorted) {
        return plx_fail_nomem(err, n * sizeof(const plx_member *));
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &v->u.obj.members[i];
    }
    qsort(sorted, n, sizeof(const plx_member *), by_key);
    plx_sb_char(out, '{');
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        if (i > 0) {
            plx_sb_char(out, ',');
        }
        new_line(out, pretty, depth + 1);
        plx_json_write_text(out, sorted[i]->key);
        plx_sb_text(out, pretty ? ": " : ":");
        ok = write_value(sorted[i]->value, pretty, depth + 1, out, err);
    }
    plx_free(sorted);
    new_line(out, pretty, depth);
    plx_sb_char(out, '}');
    return ok;
}

static bool write_value(const plx_value *v, bool pretty, size_t depth, plx_sb *out, plx_err *err)
{
    if (depth > MAX_DEPTH) {
        return plx_fail(err, PLX_E_LIMIT, "a value nests deeper than %d levels and is not written as JSON", MAX_DEPTH);
    }
    if (!v) {
        return plx_fail(err, PLX_E_BUG, "a value to write as JSON is missing");
    }
    switch (v->kind) {
    case PLX_V_NULL:
        plx_sb_text(out, "null");
        return true;
    case PLX_V_BOOL:
        plx_sb_text(out, v->u.b ? "true" : "false");
        return true;
    case PLX_V_I64:
    case PLX_V_U64:
    case PLX_V_F64:
        write_number(out, v);
        return true;
    case PLX_V_STR:
        plx_json_write_text(out, v->u.str);
        return true;
    case PLX_V_ARR:
        return write_array(v, pretty, depth, out, err);
    case PLX_V_OBJ:
        return write_object(v, pretty, depth, out, err);
    }
    return plx_fail(err, PLX_E_BUG, "a value to write as JSON has the unknown kind %d", (int)v->kind);
}

bool plx_json_write(const plx_value *value, bool pretty, plx_sb *out, plx_err *err)
{
    if (!write_value(value, pretty, 0, out, err)) {
        return false;
    }
    if (pretty) {
        plx_sb_char(out, '\n');
    }
    return !out->failed || plx_fail_nomem(err, out->len);
}
