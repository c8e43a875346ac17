/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON reader (RFC 8259): an explicit stack, so that depth costs memory and not the C stack. Members and elements
 * gather on one shared list and move to the arena, at their exact number, when their container closes. A byte order
 * mark before the document is skipped. Numbers beyond the range of a double are refused, as are lone surrogates.
 */
#include "formats/json.h"

#include "core/alloc.h"
#include "formats/json_parser.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAIRWISE = 12,      /* objects up to this size are checked for duplicates pair by pair */
    CANCEL_EVERY = 4096 /* containers between two looks at ctx->cancel */
};

/* ---- errors ---- */

bool plx_json_note_at(const plx_json_parser *j, const char *at, plx_err *err)
{
    uint64_t offset = j->base + (uint64_t)(at - j->text);
    return plx_note(err, "line %lu, column %llu, byte %llu", (unsigned long)j->line,
                    (unsigned long long)(offset - j->line_start + 1), (unsigned long long)offset);
}

bool plx_json_fail(plx_json_parser *j, const char *at, plx_err *err, const char *expected)
{
    if (at >= j->end) {
        j->starved = j->partial;
        if (j->starved) {
            return false;
        }
        plx_fail(err, PLX_E_TRUNCATED, "%s ends early: expected %s", j->name, expected);
    } else if (*at >= 0x20 && *at < 0x7f) {
        plx_fail(err, PLX_E_FORMAT, "%s is not valid JSON: expected %s, got '%c'", j->name, expected, *at);
    } else {
        plx_fail(err, PLX_E_FORMAT, "%s is not valid JSON: expected %s, got byte 0x%02x", j->name, expected,
                 (unsigned char)*at);
    }
    return plx_json_note_at(j, at, err);
}

bool plx_json_wrong(const plx_json_parser *j, const char *at, plx_err *err, const char *what)
{
    plx_fail(err, PLX_E_FORMAT, "%s is not valid JSON: %s", j->name, what);
    return plx_json_note_at(j, at, err);
}

void *plx_json_alloc(const plx_json_parser *j, size_t size, plx_err *err)
{
    void *memory = plx_arena_alloc(j->arena, size);
    if (!memory) {
        plx_fail_nomem(err, size);
    }
    return memory;
}

void plx_json_skip_blanks(plx_json_parser *j)
{
    const char *p = j->p;
    while (p < j->end) {
        if (*p == '\n') {
            j->line++;
            j->line_start = j->base + (uint64_t)(p - j->text) + 1;
        } else if (*p != ' ' && *p != '\t' && *p != '\r') {
            break;
        }
        p++;
    }
    j->p = p;
}

/* ---- containers ---- */

static bool open_container(plx_json_parser *j, plx_value *v, plx_err *err)
{
    if (j->n_frames >= j->max_depth) {
        plx_fail(err, PLX_E_LIMIT, "%s nests deeper than %lu levels", j->name, (unsigned long)j->max_depth);
        return plx_json_note_at(j, j->p, err);
    }
    if (!plx_grow(&j->frames, &j->frames_cap, j->n_frames + 1, sizeof *j->frames)) {
        return plx_fail_nomem(err, sizeof *j->frames);
    }
    v->kind = *j->p == '{' ? PLX_V_OBJ : PLX_V_ARR;
    j->frames[j->n_frames++] = (plx_json_frame){v, j->n_items};
    j->p++;
    return true;
}

/* `"key" :` ahead of the next value of the innermost object, or just room for the next element of an array. */
static bool start_item(plx_json_parser *j, plx_err *err)
{
    if (!plx_grow(&j->items, &j->items_cap, j->n_items + 1, sizeof *j->items)) {
        return plx_fail_nomem(err, sizeof *j->items);
    }
    plx_json_frame *frame = &j->frames[j->n_frames - 1];
    plx_json_item *item = &j->items[j->n_items];
    *item = (plx_json_item){.order = (uint32_t)(j->n_items++ - frame->first)};
    if (frame->container->kind == PLX_V_ARR) {
        return true;
    }
    plx_json_skip_blanks(j);
    if (j->p >= j->end || *j->p != '"') {
        return plx_json_fail(j, j->p, err, "a key in quotes");
    }
    item->key_offset = j->base + (uint64_t)(j->p - j->text);
    item->key_line = j->line;
    item->key_column = (uint32_t)(item->key_offset - j->line_start + 1);
    j->p++;
    if (!plx_json_string(j, &item->member.key, err)) {
        return false;
    }
    plx_json_skip_blanks(j);
    if (j->p >= j->end || *j->p != ':') {
        return plx_json_fail(j, j->p, err, "':' after a key");
    }
    j->p++;
    return true;
}

static bool same_key(const plx_json_item *a, const plx_json_item *b)
{
    return a->member.key.len == b->member.key.len &&
           memcmp(a->member.key.ptr, b->member.key.ptr, a->member.key.len) == 0;
}

static int by_key(const void *a, const void *b)
{
    const plx_json_item *x = *(plx_json_item *const *)a, *y = *(plx_json_item *const *)b;
    int order = plx_slice_cmp(x->member.key, y->member.key);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* The earlier of two items with one key loses its value. */
static bool duplicate(const plx_json_parser *j, plx_json_item *earlier, const plx_json_item *later, plx_err *err)
{
    if (j->allow_duplicates) {
        earlier->member.value = NULL;
        return true;
    }
    plx_fail(err, PLX_E_FORMAT, "%s is not valid JSON: the key \"%.*s\" comes twice in one object", j->name,
             later->member.key.len < 80 ? (int)later->member.key.len : 80, later->member.key.ptr);
    plx_note(err, "line %lu, column %lu, byte %llu", (unsigned long)later->key_line, (unsigned long)later->key_column,
             (unsigned long long)later->key_offset);
    return plx_err_why(err, "it was first on line %lu, column %lu", (unsigned long)earlier->key_line,
                       (unsigned long)earlier->key_column);
}

static bool check_duplicates(plx_json_parser *j, plx_json_item *items, size_t n, plx_err *err)
{
    if (n <= PAIRWISE) {
        for (size_t k = 1; k < n; k++) {
            for (size_t i = 0; i < k; i++) {
                if (same_key(&items[i], &items[k]) && !duplicate(j, &items[i], &items[k], err)) {
                    return false;
                }
            }
        }
        return true;
    }
    plx_json_item **sorted = plx_realloc_array(NULL, n, sizeof(plx_json_item *));
    if (!sorted) {
        return plx_fail_nomem(err, n * sizeof(plx_json_item *));
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &items[i];
    }
    qsort(sorted, n, sizeof(plx_json_item *), by_key);
    bool ok = true;
    for (size_t i = 1; i < n && ok; i++) {
        ok = !same_key(sorted[i - 1], sorted[i]) || duplicate(j, sorted[i - 1], sorted[i], err);
    }
    plx_free(sorted);
    return ok;
}

/* Move the items of the innermost container into the arena. */
static bool close_container(plx_json_parser *j, plx_err *err)
{
    if (++j->n_closed % CANCEL_EVERY == 0 && !plx_ctx_go_on(j->ctx, err)) {
        return false;
    }
    plx_json_frame frame = j->frames[--j->n_frames];
    size_t n = j->n_items - frame.first;
    plx_json_item *items = n ? j->items + frame.first : NULL;
    j->n_items = frame.first;
    j->p++;
    plx_value *v = frame.container;
    if (v->kind == PLX_V_ARR) {
        plx_value **values = n ? plx_json_alloc(j, n * sizeof *values, err) : NULL;
        if (n && !values) {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            values[i] = items[i].member.value;
        }
        v->u.arr.items = values;
        v->u.arr.n = v->u.arr.cap = n;
        return true;
    }
    if (!check_duplicates(j, items, n, err)) {
        return false;
    }
    plx_member *members = n ? plx_json_alloc(j, n * sizeof *members, err) : NULL;
    if (n && !members) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (items[i].member.value) {
            members[kept++] = items[i].member;
        }
    }
    v->u.obj.members = members;
    v->u.obj.n = v->u.obj.cap = kept;
    return true;
}

/* ---- documents ---- */

/* A scalar, or the opening of a container. */
static bool start_value(plx_json_parser *j, plx_value **out, plx_err *err)
{
    plx_json_skip_blanks(j);
    if (j->p >= j->end) {
        return plx_json_fail(j, j->p, err, "a value");
    }
    plx_value *v = plx_json_alloc(j, sizeof *v, err);
    if (!v) {
        return false;
    }
    *v = (plx_value){.line = j->line, .offset = j->base + (uint64_t)(j->p - j->text)};
    v->column = (uint32_t)(v->offset - j->line_start + 1);
    *out = v;
    char c = *j->p;
    if (c == '"') {
        v->kind = PLX_V_STR;
        j->p++;
        return plx_json_string(j, &v->u.str, err);
    }
    if (c == '{' || c == '[') {
        return open_container(j, v, err);
    }
    bool infinity = c == '-' && j->allow_nan && j->p + 1 < j->end && j->p[1] == 'I';
    if ((c >= '0' && c <= '9') || (c == '-' && !infinity)) {
        return plx_json_number(j, v, err);
    }
    return plx_json_word(j, v, err);
}

/* After a complete value: attach it, and close every container that ends here. *more: another value must follow. */
static bool after_value(plx_json_parser *j, plx_value **value, bool *more, plx_err *err)
{
    while (j->n_frames > 0) {
        plx_value *container = j->frames[j->n_frames - 1].container;
        bool is_array = container->kind == PLX_V_ARR;
        if (*value) {
            j->items[j->n_items - 1].member.value = *value;
        }
        plx_json_skip_blanks(j);
        char c = j->p < j->end ? *j->p : '\0';
        if (c == (is_array ? ']' : '}')) {
            if (!close_container(j, err)) {
                return false;
            }
            *value = container;
            continue;
        }
        if (*value && c != ',') {
            return plx_json_fail(j, j->p, err, is_array ? "',' or ']'" : "',' or '}'");
        }
        j->p += *value != NULL;
        *more = true;
        return start_item(j, err);
    }
    *more = false;
    return true;
}

bool plx_json_value(plx_json_parser *j, plx_value **out, plx_err *err)
{
    j->n_items = j->n_frames = 0;
    j->starved = false;
    bool more = true;
    plx_value *value = NULL;
    while (more) {
        size_t depth = j->n_frames;
        if (!start_value(j, &value, err)) {
            return false;
        }
        if (j->n_frames > depth) {
            value = NULL; /* just opened: nothing to attach yet */
        }
        if (!after_value(j, &value, &more, err)) {
            return false;
        }
    }
    *out = value;
    return true;
}

void plx_json_parser_init(plx_json_parser *j, const plx_ctx *ctx, const char *name, const plx_json_opts *opts)
{
    uint32_t depth = opts && opts->max_depth ? opts->max_depth : ctx->limits.depth;
    *j = (plx_json_parser){.ctx = ctx, .name = name, .line = 1};
    j->allow_nan = opts && opts->allow_nan;
    j->allow_duplicates = opts && opts->allow_duplicates;
    j->max_depth = depth ? depth : plx_limits_default().depth;
}

void plx_json_parser_free(plx_json_parser *j)
{
    plx_free(j->items);
    plx_free(j->frames);
}

bool plx_json_parse(const plx_ctx *ctx, plx_arena *arena, const char *name, const char *text, size_t len,
                    const plx_json_opts *opts, plx_value **out, plx_err *err)
{
    *out = NULL;
    plx_json_parser j;
    plx_json_parser_init(&j, ctx, name, opts);
    j.arena = arena;
    j.text = j.p = len ? text : "";
    j.end = j.text + len;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        j.p += 3;
        j.line_start = 3;
    }
    plx_value *value;
    bool ok = plx_json_value(&j, &value, err);
    if (ok) {
        plx_json_skip_blanks(&j);
        ok = j.p == j.end || plx_json_fail(&j, j.p, err, "the end of the document");
    }
    plx_json_parser_free(&j);
    if (ok) {
        *out = value;
    }
    return ok;
}
