/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects what is wrong with a manifest. The first violations become the error's notes, one place each; the rest
 * follow in its `why`, as far as they fit, with a count of what did not.
 */
#include "registry/manifest_check.h"

#include "core/utf8.h"

#include <stdarg.h>
#include <stdlib.h>

static bool add_at(plx_checker *c, uint32_t line, uint32_t column, const char *fmt, va_list args)
    __attribute__((format(printf, 4, 0)));
static bool add_at(plx_checker *c, uint32_t line, uint32_t column, const char *fmt, va_list args)
{
    size_t i = c->n++;
    if (i >= PLX_CHECK_MAX) {
        return false;
    }
    char text[PLX_ERR_NOTE], clean[PLX_ERR_NOTE];
    vsnprintf(text, sizeof text, fmt, args);
    plx_escape(clean, sizeof clean, text, strlen(text));
    c->found[i] = (plx_manifest_violation){line, column, plx_check_keep(c, clean)};
    return false;
}

bool plx_check_add(plx_checker *c, const plx_value *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_at(c, at->line, at->column, fmt, args);
    va_end(args);
    return false;
}

static const char *kind_word(plx_vkind kind)
{
    return kind == PLX_V_OBJ    ? "a mapping"
           : kind == PLX_V_ARR  ? "a list"
           : kind == PLX_V_NULL ? "empty"
                                : "a single value";
}

static void unknown_key(plx_checker *c, const plx_member *member, const plx_key_spec *keys, size_t n, const char *what)
{
    const char *names[32];
    size_t n_names = 0;
    for (size_t i = 0; i < n && n_names < sizeof names / sizeof names[0]; i++) {
        names[n_names++] = keys[i].name;
    }
    const char *near = plx_nearest(member->key.ptr, names, n_names);
    if (near) {
        plx_check_add(c, member->value, "%s has no key \"%s\" (did you mean \"%s\"?)", what, member->key.ptr, near);
    } else {
        plx_check_add(c, member->value, "%s has no key \"%s\"", what, member->key.ptr);
    }
}

void plx_check_keys(plx_checker *c, const plx_value *object, const plx_key_spec *keys, size_t n, const char *what)
{
    for (size_t i = 0; i < object->u.obj.n; i++) {
        const plx_member *member = &object->u.obj.members[i];
        size_t k = 0;
        while (k < n && strcmp(member->key.ptr, keys[k].name) != 0) {
            k++;
        }
        if (k == n) {
            unknown_key(c, member, keys, n, what);
        } else if (member->value->kind != keys[k].kind) {
            plx_check_add(c, member->value, "\"%s\" must be %s, not %s", keys[k].name, kind_word(keys[k].kind),
                          kind_word(member->value->kind));
        }
    }
    for (size_t k = 0; k < n; k++) {
        if (keys[k].required && !plx_v_get(object, keys[k].name)) {
            plx_check_add(c, object, "%s needs the key \"%s\"", what, keys[k].name);
        }
    }
}

bool plx_check_is_text(plx_checker *c, const plx_value *value, const char *what, plx_text_shape shape)
{
    if (value->kind != PLX_V_STR) {
        return plx_check_add(c, value, "%s must be a single value, not %s", what, kind_word(value->kind));
    }
    plx_slice text = value->u.str;
    if (plx_slice_trim(text).len == 0) {
        return plx_check_add(c, value, "%s is empty", what);
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char ch = (unsigned char)text.ptr[i];
        bool line_break = ch == '\n' || ch == '\t';
        if (ch == 0x7f || (ch < ' ' && !(line_break && shape == PLX_PROSE))) {
            return plx_check_add(c, value, "%s %s", what,
                                 line_break ? "must be one line" : "holds a control character");
        }
    }
    return true;
}

const plx_value *plx_check_text(plx_checker *c, const plx_value *object, const char *key, plx_text_shape shape)
{
    const plx_value *value = plx_v_get(object, key);
    return value && value->kind == PLX_V_STR && plx_check_is_text(c, value, key, shape) ? value : NULL;
}

bool plx_check_hex(plx_checker *c, const plx_value *value, const char *what, size_t digits)
{
    plx_slice text = value->u.str;
    if (text.len != digits) {
        return plx_check_add(c, value, "%s must have %zu hex digits, this has %zu", what, digits, text.len);
    }
    for (size_t i = 0; i < text.len; i++) {
        char ch = text.ptr[i];
        if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f'))) {
            return plx_check_add(c, value, "%s must be lower-case hex digits; character %zu is none", what, i + 1);
        }
    }
    return true;
}

void *plx_check_array(plx_checker *c, size_t n, size_t size)
{
    void *ptr = plx_arena_zero(c->arena, n, size);
    c->nomem |= ptr == NULL;
    return ptr;
}

const char *plx_check_keep_n(plx_checker *c, const char *text, size_t len)
{
    const char *copy = plx_arena_strndup(c->arena, text, len);
    c->nomem |= copy == NULL;
    return copy;
}

const char *plx_check_keep(plx_checker *c, const char *text)
{
    return plx_check_keep_n(c, text, strlen(text));
}

static int by_place(const void *a, const void *b)
{
    const plx_manifest_violation *x = a, *y = b;
    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    return x->column == y->column ? 0 : x->column < y->column ? -1 : 1;
}

bool plx_check_finish(plx_checker *c, const char *origin, const char *noun, plx_err *err)
{
    if (c->nomem) {
        return plx_fail_nomem(err, 0);
    }
    if (c->n == 0) {
        return true;
    }
    size_t kept = c->n < PLX_CHECK_MAX ? c->n : PLX_CHECK_MAX;
    qsort(c->found, kept, sizeof c->found[0], by_place);
    plx_fail(err, PLX_E_SCHEMA, "%s %s breaks the schema in %zu place%s", noun, origin, c->n, c->n == 1 ? "" : "s");
    const char *base = strrchr(origin, '/') ? strrchr(origin, '/') + 1 : origin;
    size_t i = 0;
    for (; i < kept && i < PLX_ERR_NOTES; i++) {
        plx_note(err, "%s:%u:%u: %s", base, c->found[i].line, c->found[i].column, c->found[i].text);
    }
    char why[PLX_ERR_TEXT];
    size_t used = 0;
    why[0] = 0;
    for (; i < kept; i++) {
        char one[PLX_ERR_NOTE + 32];
        int len = snprintf(one, sizeof one, "%s%u:%u: %s", used ? "; " : "", c->found[i].line, c->found[i].column,
                           c->found[i].text);
        if (len < 0 || used + (size_t)len + 32 >= sizeof why) {
            break;
        }
        memcpy(why + used, one, (size_t)len + 1);
        used += (size_t)len;
    }
    if (i < c->n) {
        snprintf(why + used, sizeof why - used, "%sand %zu more", used ? "; " : "", c->n - i);
    }
    plx_err_why(err, "%s", why);
    return strchr(origin, ' ') ? false : plx_err_next(err, "plexus check %s", origin); /* "built in" is no path */
}
