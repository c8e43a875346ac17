/* SPDX-License-Identifier: Apache-2.0
 *
 * The pieces that outlines are made of.
 */
#include "formats/outline.h"

#include "core/num.h"
#include "core/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTE = 1024, LISTED = 12, LINES_BYTES = 1 << 20 };

uint64_t plx_outline_shown(const plx_outline_ask *ask, uint64_t n)
{
    return ask->limit && ask->limit < n ? ask->limit : n;
}

plx_value *plx_outline_item(plx_arena *arena, const char *name, const char *kind)
{
    plx_value *item = plx_v_obj(arena);
    bool ok = item && plx_v_set(arena, item, "name", plx_v_str(arena, name)) &&
              plx_v_set(arena, item, "kind", plx_v_str(arena, kind));
    return ok ? item : NULL;
}

bool plx_outline_shape(plx_arena *arena, plx_value *item, int ndim, const size_t *shape)
{
    plx_value *list = plx_v_arr(arena);
    bool ok = item && list;
    for (int i = 0; ok && i < ndim; i++) {
        ok = plx_v_push(arena, list, plx_v_u64(arena, shape[i]));
    }
    return ok && plx_v_set(arena, item, "shape", list);
}

bool plx_outline_note(plx_arena *arena, plx_value *item, const char *fmt, ...)
{
    char text[NOTE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    text[plx_utf8_valid_prefix(text, strlen(text))] = '\0';
    return item && plx_v_set(arena, item, "note", plx_v_str(arena, text));
}

bool plx_outline_add(plx_arena *arena, plx_value *parent, plx_value *item)
{
    if (!parent || !item) {
        return false;
    }
    for (size_t i = 0; i < parent->u.obj.n; i++) {
        if (plx_slice_is(parent->u.obj.members[i].key, "items")) {
            return plx_v_push(arena, parent->u.obj.members[i].value, item);
        }
    }
    plx_value *list = plx_v_arr(arena);
    return list && plx_v_set(arena, parent, "items", list) && plx_v_push(arena, list, item);
}

plx_value *plx_outline_number(plx_arena *arena, plx_dtype dtype, const uint8_t *at)
{
    plx_column one = {.dtype = dtype, .n = 1, .values = plx_buf_view(at, plx_dtype_size(dtype))};
    char text[2 * PLX_NUM_TEXT + 2];
    double x;
    double part[2];
    float half[2];
    int64_t i;
    uint64_t u;
    switch ((int)dtype) {
    case PLX_B1:
        return plx_v_bool(arena, *at != 0);
    case PLX_I64:
        memcpy(&i, at, sizeof i);
        return plx_v_i64(arena, i);
    case PLX_U64:
        memcpy(&u, at, sizeof u);
        return plx_v_u64(arena, u);
    case PLX_F16:
    case PLX_F32: /* in as few digits as they have */
        x = plx_column_f64(&one, 0);
        return plx_parse_f64(text, plx_print_f32((float)x, text), &x) ? plx_v_f64(arena, x) : NULL;
    case PLX_F64:
        return plx_v_f64(arena, plx_column_f64(&one, 0));
    case PLX_C64:
    case PLX_C128:
        if (dtype == PLX_C64) {
            memcpy(half, at, sizeof half);
            part[0] = (double)half[0];
            part[1] = (double)half[1];
        } else {
            memcpy(part, at, sizeof part);
        }
        snprintf(text, sizeof text, "%.17g%+.17gj", part[0], part[1]);
        return plx_v_str(arena, text);
    default: /* the smaller integers are exact as doubles */
        return plx_v_i64(arena, (int64_t)plx_column_f64(&one, 0));
    }
}

static plx_value *head(const plx_outline_ask *ask, const plx_array *a, int axis, const uint8_t *at)
{
    if (axis == a->ndim) {
        return plx_outline_number(ask->arena, a->dtype, at);
    }
    plx_value *list = plx_v_arr(ask->arena);
    uint64_t n = plx_outline_shown(ask, a->shape[axis]);
    for (uint64_t i = 0; list && i < n; i++) {
        if (!plx_v_push(ask->arena, list, head(ask, a, axis + 1, at + (ptrdiff_t)i * a->stride[axis]))) {
            return NULL;
        }
    }
    return list;
}

bool plx_outline_values(const plx_outline_ask *ask, plx_value *item, const plx_array *array)
{
    return item && plx_v_set(ask->arena, item, "values", head(ask, array, 0, array->buf.ptr));
}

static plx_value *texts(const plx_outline_ask *ask, const plx_column *text, int ndim, const size_t *shape, size_t *next)
{
    if (ndim == 0) {
        plx_slice s = *next < text->n ? plx_column_str(text, *next) : (plx_slice){"", 0};
        (*next)++;
        return plx_v_strn(ask->arena, s.ptr, s.len);
    }
    plx_value *list = plx_v_arr(ask->arena);
    for (size_t i = 0; list && i < shape[0]; i++) {
        if (!plx_v_push(ask->arena, list, texts(ask, text, ndim - 1, shape + 1, next))) {
            return NULL;
        }
    }
    return list;
}

bool plx_outline_texts(const plx_outline_ask *ask, plx_value *item, const plx_column *text, int ndim,
                       const size_t *shape)
{
    size_t next = 0;
    return item && plx_v_set(ask->arena, item, "values", texts(ask, text, ndim, shape, &next));
}

plx_value *plx_outline_array(const plx_outline_ask *ask, const char *name, const plx_array *array, bool values)
{
    plx_value *item = plx_outline_item(ask->arena, name, "array");
    bool ok = item && plx_v_set(ask->arena, item, "dtype", plx_v_str(ask->arena, plx_dtype_name(array->dtype))) &&
              plx_outline_shape(ask->arena, item, array->ndim, array->shape) &&
              (!values || plx_outline_values(ask, item, array));
    return ok ? item : NULL;
}

bool plx_outline_text(const plx_outline_ask *ask, plx_value *item, const char *bytes, size_t len)
{
    size_t valid = plx_utf8_valid_prefix(bytes, len);
    if (!item || valid != len || memchr(bytes, 0, len)) {
        return plx_outline_note(ask->arena, item, "not text");
    }
    plx_value *lines = plx_v_arr(ask->arena);
    bool ok = lines && plx_v_set(ask->arena, item, "lines", lines);
    uint64_t n = 0;
    for (const char *at = bytes, *end = bytes + len; ok && at < end; n++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = stop ? (size_t)(stop - at) : (size_t)(end - at);
        if (n < plx_outline_shown(ask, n + 1)) {
            size_t shown = length < LINES_BYTES ? length : plx_utf8_valid_prefix(at, LINES_BYTES);
            ok = plx_v_push(ask->arena, lines, plx_v_strn(ask->arena, at, shown));
        }
        at += length + (stop ? 1 : 0);
    }
    return ok && plx_v_set(ask->arena, item, "n_lines", plx_v_u64(ask->arena, n));
}

bool plx_outline_missing(const plx_outline_ask *ask, const char *const *names, size_t n, plx_err *err)
{
    plx_fail(err, PLX_E_NOTFOUND, "%s has no item \"%s\"", ask->path, ask->item);
    const char *last = strrchr(ask->item, '/');
    const char *near = plx_nearest(last ? last + 1 : ask->item, names, n);
    plx_sb list = {0};
    for (size_t i = 0; i < n && i < LISTED; i++) {
        plx_sb_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    if (near) {
        plx_err_why(err, "did you mean \"%s\"?", near);
    } else if (n > 0) {
        plx_err_why(err, "there are: %s%s", plx_sb_str(&list), n > LISTED ? ", ..." : "");
    }
    plx_sb_free(&list);
    return plx_err_next(err, "plexus dump %s", ask->path);
}
