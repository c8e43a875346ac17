/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML 1.1 as libyaml reads it, event by event, into a tree of text. libyaml is called from this file only, and its
 * document API (which resolves aliases) not at all: what can make a small file large, or mean different things to
 * different readers, is refused. Not read: anchors, aliases, tags, %TAG, merge keys, several documents, UTF-16, NUL
 * inside text.
 */
#include "formats/yaml.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <yaml.h>

/* Recursion stays on the stack even when the caller's limits are generous. */
enum { HARD_DEPTH = 1000 };

typedef struct reader {
    const plx_ctx *ctx;
    plx_arena *arena;
    const char *name, *text;
    size_t len, bom; /* of text; and bytes before it */
    yaml_parser_t parser;
    yaml_event_t event;
    uint32_t max_depth;
    size_t max_memory, arena_start;
    size_t at_char, at_byte; /* libyaml counts characters; this walks along to know bytes */
    uint64_t n_events;
    plx_err *err;
} reader;

typedef struct key_place {
    plx_slice key;
    yaml_mark_t mark;
} key_place;

static bool fail_at(reader *r, plx_code code, yaml_mark_t mark, const char *what, const char *detail)
{
    plx_fail(r->err, code, "%s%s", what, detail);
    return plx_note(r->err, "%s, line %zu, column %zu", r->name, mark.line + 1, mark.column + 1);
}

/* libyaml gives no mark for bytes it could not decode, only their offset. */
static yaml_mark_t mark_of_byte(const reader *r, size_t offset)
{
    yaml_mark_t mark = {0, 0, 0};
    for (size_t i = 0; i < offset && i < r->len; i++) {
        if (r->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)r->text[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static bool fail_parser(reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "it cannot be read";
    if (p->error == YAML_MEMORY_ERROR) {
        return plx_fail_nomem(r->err, r->len);
    }
    if (p->error == YAML_READER_ERROR) {
        return fail_at(r, PLX_E_FORMAT, mark_of_byte(r, p->problem_offset), "this is not valid YAML: ", problem);
    }
    fail_at(r, PLX_E_FORMAT, p->problem_mark, "this is not valid YAML: ", problem);
    if (p->context) {
        plx_err_why(r->err, "%s that starts in line %zu, column %zu", p->context, p->context_mark.line + 1,
                    p->context_mark.column + 1);
    }
    return false;
}

static bool next_event(reader *r)
{
    yaml_event_delete(&r->event);
    if ((r->n_events++ & 1023) == 0 && !plx_ctx_go_on(r->ctx, r->err)) {
        return false;
    }
    if (!yaml_parser_parse(&r->parser, &r->event)) {
        return fail_parser(r);
    }
    if (plx_arena_used(r->arena) - r->arena_start > r->max_memory) {
        return fail_at(r, PLX_E_LIMIT, r->event.start_mark, "this YAML needs more memory than allowed", "");
    }
    return true;
}

static size_t byte_of_char(reader *r, size_t index)
{
    while (r->at_char < index && r->at_byte < r->len) {
        do {
            r->at_byte++;
        } while (r->at_byte < r->len && ((unsigned char)r->text[r->at_byte] & 0xC0) == 0x80);
        r->at_char++;
    }
    while (r->at_char > index) {
        do {
            r->at_byte--;
        } while (r->at_byte > 0 && ((unsigned char)r->text[r->at_byte] & 0xC0) == 0x80);
        r->at_char--;
    }
    return r->at_byte;
}

/* A maker's node with its place filled in; NULL sets NOMEM. */
static plx_value *place(reader *r, plx_value *v, yaml_mark_t mark)
{
    if (!v) {
        plx_fail_nomem(r->err, sizeof *v);
        return NULL;
    }
    v->line = (uint32_t)(mark.line + 1);
    v->column = (uint32_t)(mark.column + 1);
    v->offset = r->bom + byte_of_char(r, mark.index);
    return v;
}

static bool refuse_properties(reader *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor) {
        return fail_at(r, PLX_E_FORMAT, r->event.start_mark, "anchors are not read here: &", (const char *)anchor);
    }
    if (tag) {
        return fail_at(r, PLX_E_FORMAT, r->event.start_mark, "tags are not read here: ", (const char *)tag);
    }
    return true;
}

static bool is_null_word(const char *text, size_t len)
{
    return len == 0 || (len == 1 && text[0] == '~') || (len == 4 && memcmp(text, "null", 4) == 0);
}

/* Refuse what a scalar must not carry, be it key or value. */
static bool check_scalar(reader *r)
{
    const yaml_event_t *e = &r->event;
    if (!refuse_properties(r, e->data.scalar.anchor, e->data.scalar.tag)) {
        return false;
    }
    /* libyaml forgets the bare tag "!"; the event still starts at it. */
    size_t at = byte_of_char(r, e->start_mark.index);
    if (at < r->len && r->text[at] == '!') {
        return fail_at(r, PLX_E_FORMAT, e->start_mark, "tags are not read here: ", "!");
    }
    if (memchr(e->data.scalar.value, 0, e->data.scalar.length)) {
        return fail_at(r, PLX_E_FORMAT, e->start_mark, "a text holds a NUL character", "");
    }
    return true;
}

static plx_value *read_node(reader *r, uint32_t depth);

static plx_value *read_scalar(reader *r)
{
    const yaml_event_t *e = &r->event;
    const char *text = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    if (!check_scalar(r)) {
        return NULL;
    }
    bool null = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && is_null_word(text, len);
    return place(r, null ? plx_v_null(r->arena) : plx_v_strn(r->arena, text, len), e->start_mark);
}

static plx_value *read_sequence(reader *r, uint32_t depth)
{
    plx_value *arr = place(r, plx_v_arr(r->arena), r->event.start_mark);
    if (!arr || !refuse_properties(r, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag)) {
        return NULL;
    }
    for (;;) {
        if (!next_event(r)) {
            return NULL;
        }
        if (r->event.type == YAML_SEQUENCE_END_EVENT) {
            return arr;
        }
        plx_value *item = read_node(r, depth + 1);
        if (!item) {
            return NULL;
        }
        if (!plx_v_push(r->arena, arr, item)) {
            plx_fail_nomem(r->err, sizeof item);
            return NULL;
        }
    }
}

static bool read_key(reader *r, key_place *out)
{
    const yaml_event_t *e = &r->event;
    out->mark = e->start_mark;
    if (e->type == YAML_ALIAS_EVENT) {
        return fail_at(r, PLX_E_FORMAT, e->start_mark, "aliases are not read here: *",
                       (const char *)e->data.alias.anchor);
    }
    if (e->type != YAML_SCALAR_EVENT) {
        return fail_at(r, PLX_E_FORMAT, e->start_mark, "a key must be text", "");
    }
    if (!check_scalar(r)) {
        return false;
    }
    const char *text = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (is_null_word(text, len)) {
            return fail_at(r, PLX_E_FORMAT, e->start_mark, "a key must be text, not ", len ? text : "empty");
        }
        if (strcmp(text, "<<") == 0) {
            return fail_at(r, PLX_E_FORMAT, e->start_mark, "merge keys are not read here: ", "<<");
        }
    }
    const char *copy = plx_arena_strndup(r->arena, text, len);
    out->key = (plx_slice){copy, len};
    return copy ? true : plx_fail_nomem(r->err, len);
}

static int by_key_then_place(const void *a, const void *b)
{
    const key_place *x = a;
    const key_place *y = b;
    int order = plx_slice_cmp(x->key, y->key);
    return order ? order : (x->mark.index > y->mark.index) - (x->mark.index < y->mark.index);
}

static bool check_duplicates(reader *r, key_place *keys, size_t n)
{
    const key_place *first = NULL;
    if (n > 1) {
        qsort(keys, n, sizeof *keys, by_key_then_place);
    }
    size_t line = 0;
    for (size_t i = 1; i < n; i++) {
        if (plx_slice_eq(keys[i - 1].key, keys[i].key) && (!first || keys[i].mark.index < first->mark.index)) {
            first = &keys[i];
            line = keys[i - 1].mark.line + 1;
        }
    }
    if (first) {
        fail_at(r, PLX_E_FORMAT, first->mark, "this key is given twice: ", first->key.ptr);
        return plx_err_why(r->err, "it is already set in line %zu", line);
    }
    return true;
}

/* Members go in without plx_v_set: that looks for an old key each time, and keys are compared once at the end. */
static bool add_member(reader *r, plx_value *obj, plx_slice key, plx_value *value)
{
    size_t n = obj->u.obj.n;
    if (n == obj->u.obj.cap) {
        size_t cap = n ? n * 2 : 8;
        plx_member *grown = plx_arena_zero(r->arena, cap, sizeof *grown);
        if (!grown) {
            return plx_fail_nomem(r->err, cap * sizeof *grown);
        }
        if (n) {
            memcpy(grown, obj->u.obj.members, n * sizeof *grown);
        }
        obj->u.obj.members = grown;
        obj->u.obj.cap = cap;
    }
    obj->u.obj.members[n] = (plx_member){key, value};
    obj->u.obj.n = n + 1;
    return true;
}

static bool read_members(reader *r, plx_value *obj, uint32_t depth, key_place **keys, size_t *cap)
{
    for (size_t n = 0;; n++) {
        if (!next_event(r)) {
            return false;
        }
        if (r->event.type == YAML_MAPPING_END_EVENT) {
            return check_duplicates(r, *keys, n);
        }
        if (!plx_grow(keys, cap, n + 1, sizeof **keys)) {
            return plx_fail_nomem(r->err, (n + 1) * sizeof **keys);
        }
        key_place key;
        if (!read_key(r, &key) || !next_event(r)) {
            return false;
        }
        (*keys)[n] = key;
        plx_value *value = read_node(r, depth + 1);
        if (!value || !add_member(r, obj, key.key, value)) {
            return false;
        }
    }
}

static plx_value *read_mapping(reader *r, uint32_t depth)
{
    plx_value *obj = place(r, plx_v_obj(r->arena), r->event.start_mark);
    if (!obj || !refuse_properties(r, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag)) {
        return NULL;
    }
    key_place *keys = NULL;
    size_t cap = 0;
    bool ok = read_members(r, obj, depth, &keys, &cap);
    plx_free(keys);
    return ok ? obj : NULL;
}

static plx_value *read_node(reader *r, uint32_t depth)
{
    yaml_event_type_t type = r->event.type;
    if (type == YAML_SCALAR_EVENT) {
        return read_scalar(r);
    }
    if (type == YAML_ALIAS_EVENT) {
        fail_at(r, PLX_E_FORMAT, r->event.start_mark, "aliases are not read here: *",
                (const char *)r->event.data.alias.anchor);
        return NULL;
    }
    if (depth >= r->max_depth) {
        fail_at(r, PLX_E_LIMIT, r->event.start_mark, "this YAML is nested too deeply", "");
        plx_err_why(r->err, "at most %u levels are read", r->max_depth);
        return NULL;
    }
    if (type == YAML_SEQUENCE_START_EVENT) {
        return read_sequence(r, depth);
    }
    if (type == YAML_MAPPING_START_EVENT) {
        return read_mapping(r, depth);
    }
    fail_at(r, PLX_E_FORMAT, r->event.start_mark, "a value was expected", "");
    return NULL;
}

static plx_value *read_document(reader *r)
{
    if (!next_event(r) || !next_event(r)) { /* the stream's start carries nothing */
        return NULL;
    }
    if (r->event.type == YAML_STREAM_END_EVENT) {
        return place(r, plx_v_null(r->arena), r->event.start_mark);
    }
    if (r->event.data.document_start.tag_directives.start != r->event.data.document_start.tag_directives.end) {
        fail_at(r, PLX_E_FORMAT, r->event.start_mark, "tags are not read here: ", "%TAG");
        return NULL;
    }
    if (!next_event(r)) {
        return NULL;
    }
    plx_value *root = read_node(r, 0);
    if (!root || !next_event(r) || !next_event(r)) { /* the document's end, then the stream's */
        return NULL;
    }
    if (r->event.type != YAML_STREAM_END_EVENT) {
        fail_at(r, PLX_E_FORMAT, r->event.start_mark, "a second document starts here; one file holds one", "");
        return NULL;
    }
    return root;
}

bool plx_yaml_parse(const plx_ctx *ctx, plx_arena *arena, const char *name, const char *text, size_t len,
                    plx_value **out, plx_err *err)
{
    plx_limits defaults = plx_limits_default();
    uint64_t max_bytes = ctx->limits.file_bytes ? ctx->limits.file_bytes : defaults.file_bytes;
    uint64_t max_memory = ctx->limits.memory_bytes ? ctx->limits.memory_bytes : defaults.memory_bytes;
    uint32_t max_depth = ctx->limits.depth ? ctx->limits.depth : defaults.depth;
    *out = NULL;
    if (len > max_bytes || len > max_memory) {
        plx_fail(err, PLX_E_LIMIT, "%s is too large to read as YAML", name);
        return plx_err_why(err, "it has %zu bytes, %llu are allowed", len,
                           (unsigned long long)(max_bytes < max_memory ? max_bytes : max_memory));
    }
    size_t bom = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    reader r = {.ctx = ctx,
                .arena = arena,
                .name = name,
                .text = text + bom,
                .len = len - bom,
                .bom = bom,
                .max_depth = max_depth < HARD_DEPTH ? max_depth : HARD_DEPTH,
                .max_memory = max_memory < SIZE_MAX ? (size_t)max_memory : SIZE_MAX,
                .arena_start = plx_arena_used(arena),
                .err = err};
    if (!yaml_parser_initialize(&r.parser)) {
        return plx_fail_nomem(err, sizeof r.parser);
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text, r.len);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    *out = read_document(&r);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return *out != NULL;
}
