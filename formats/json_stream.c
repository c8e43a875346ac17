/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON from a source: whole, or an array element by element. An element that the window cuts is parsed again once the
 * window holds more; the window doubles only for an element longer than itself, so the work stays linear.
 */
#include "core/alloc.h"
#include "formats/json_parser.h"

#include <string.h>

enum { FIRST_WINDOW = 256 * 1024 };

static uint64_t memory_limit(const plx_ctx *ctx)
{
    return ctx->limits.memory_bytes ? ctx->limits.memory_bytes : plx_limits_default().memory_bytes;
}

bool plx_json_read(const plx_ctx *ctx, plx_arena *arena, plx_source *source, const plx_json_opts *opts, plx_value **out,
                   plx_err *err)
{
    *out = NULL;
    uint64_t limit = ctx->limits.file_bytes ? ctx->limits.file_bytes : plx_limits_default().file_bytes;
    if (memory_limit(ctx) < limit) {
        limit = memory_limit(ctx);
    }
    plx_buf text;
    if (!plx_source_slurp(source, limit, &text, err)) {
        return false;
    }
    bool ok = plx_json_parse(ctx, arena, source->name, (const char *)text.ptr, text.len, opts, out, err);
    plx_buf_free(&text);
    return ok;
}

typedef struct stream {
    plx_json_parser j;
    plx_source *source;
    char *window;
    size_t cap;
    uint64_t limit;
} stream;

/* Drop what lies before p, then read until the window is full or the source ends. A full window doubles first. */
static bool refill(stream *s, plx_err *err)
{
    plx_json_parser *j = &s->j;
    size_t kept = (size_t)(j->end - j->p);
    if (kept == s->cap) {
        if (s->cap >= s->limit) {
            plx_fail(err, PLX_E_LIMIT, "an element of %s is longer than the limit of %llu bytes", j->name,
                     (unsigned long long)s->limit);
            return plx_json_note_at(j, j->p, err);
        }
        if (!plx_grow(&s->window, &s->cap, s->cap * 2, 1)) {
            return plx_fail_nomem(err, s->cap * 2);
        }
        j->p = s->window;
    }
    j->base += (uint64_t)(j->p - s->window);
    memmove(s->window, j->p, kept);
    size_t len = kept;
    while (len < s->cap && j->partial) {
        size_t got;
        if (!plx_ctx_go_on(j->ctx, err) || !s->source->read(s->source, s->window + len, s->cap - len, &got, err)) {
            return false;
        }
        j->partial = got > 0;
        len += got;
    }
    j->text = j->p = s->window;
    j->end = s->window + len;
    return true;
}

/* The next byte that is not blank, or '\0' at the end of the input. */
static bool peek(stream *s, char *c, plx_err *err)
{
    plx_json_skip_blanks(&s->j);
    while (s->j.p == s->j.end && s->j.partial) {
        if (!refill(s, err)) {
            return false;
        }
        plx_json_skip_blanks(&s->j);
    }
    *c = s->j.p < s->j.end ? *s->j.p : '\0';
    return true;
}

static bool next_element(stream *s, plx_value **out, plx_err *err)
{
    plx_json_parser *j = &s->j;
    plx_arena_mark empty = plx_arena_get_mark(j->arena);
    for (;;) {
        const char *start = j->p;
        uint32_t line = j->line;
        uint64_t line_start = j->line_start;
        if (plx_json_value(j, out, err)) {
            return true;
        }
        if (!j->starved) {
            return false;
        }
        plx_arena_reset(j->arena, empty);
        j->p = start;
        j->line = line;
        j->line_start = line_start;
        if (!refill(s, err)) {
            return false;
        }
    }
}

static bool elements(stream *s, plx_json_each each, void *payload, plx_err *err)
{
    plx_json_parser *j = &s->j;
    char c;
    plx_arena_mark empty = plx_arena_get_mark(j->arena);
    for (size_t index = 0;; index++) {
        plx_value *value;
        if (!peek(s, &c, err)) {
            return false;
        }
        if (index == 0 && c == ']') {
            break;
        }
        if (!next_element(s, &value, err) || !each(payload, index, value, err)) {
            return false;
        }
        plx_arena_reset(j->arena, empty);
        if (!peek(s, &c, err)) {
            return false;
        }
        if (c == ']') {
            break;
        }
        if (c != ',') {
            return plx_json_fail(j, j->p, err, "',' or ']'");
        }
        j->p++;
    }
    j->p++;
    if (!peek(s, &c, err)) {
        return false;
    }
    return j->p == j->end || plx_json_fail(j, j->p, err, "the end of the document");
}

static bool run(stream *s, plx_json_each each, void *payload, plx_err *err)
{
    plx_json_parser *j = &s->j;
    if (!refill(s, err)) {
        return false;
    }
    if (j->end - j->p >= 3 && memcmp(j->p, "\xef\xbb\xbf", 3) == 0) {
        j->p += 3;
        j->line_start = 3;
    }
    char c;
    if (!peek(s, &c, err)) {
        return false;
    }
    if (c != '[') {
        return plx_json_fail(j, j->p, err, "an array of records");
    }
    j->p++;
    j->max_depth -= j->max_depth > 1; /* the array itself is one level */
    return elements(s, each, payload, err);
}

bool plx_json_stream(const plx_ctx *ctx, plx_source *source, const plx_json_opts *opts, plx_json_each each,
                     void *payload, plx_err *err)
{
    stream s = {.source = source, .limit = memory_limit(ctx)};
    plx_json_parser_init(&s.j, ctx, source->name, opts);
    s.j.partial = true;
    s.j.arena = plx_arena_new((size_t)s.limit);
    bool ok = s.j.arena && plx_grow(&s.window, &s.cap, FIRST_WINDOW, 1);
    if (ok) {
        s.j.text = s.j.p = s.j.end = s.window;
        ok = run(&s, each, payload, err);
    } else {
        plx_fail_nomem(err, FIRST_WINDOW);
    }
    plx_free(s.window);
    plx_arena_free(s.j.arena);
    plx_json_parser_free(&s.j);
    return ok;
}
