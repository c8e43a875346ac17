/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the JSON reader: one parser serves whole documents and streams.
 */
#ifndef PLX_FORMATS_JSON_PARSER_H
#define PLX_FORMATS_JSON_PARSER_H

#include "formats/json.h"

/* A member whose object is not closed yet (for arrays `key` is empty). */
typedef struct plx_json_item {
    plx_member member;
    uint64_t key_offset;
    uint32_t key_line, key_column;
    uint32_t order; /* place in the file among its siblings */
} plx_json_item;

typedef struct plx_json_frame {
    plx_value *container;
    size_t first; /* of its items */
} plx_json_frame;

typedef struct plx_json_parser {
    const plx_ctx *ctx;
    plx_arena *arena;
    const char *name;
    const char *text, *p, *end; /* window, next byte, end of the window */
    uint64_t base;              /* offset of text[0] in the file */
    uint32_t line;              /* of p */
    uint64_t line_start;        /* offset of the first byte of that line */
    bool allow_nan, allow_duplicates;
    uint32_t max_depth;
    bool partial; /* more input may follow the window */
    bool starved; /* stopped only because the window ended */
    plx_json_item *items;
    size_t n_items, items_cap;
    plx_json_frame *frames;
    size_t n_frames, frames_cap;
    size_t n_closed;
} plx_json_parser;

void plx_json_parser_init(plx_json_parser *j, const plx_ctx *ctx, const char *name, const plx_json_opts *opts);
void plx_json_parser_free(plx_json_parser *j);
/* The value at p, blanks before it skipped; p is then behind it. With `starved` set and false returned there is no
 * error: give more input and start again. */
bool plx_json_value(plx_json_parser *j, plx_value **out, plx_err *err);
void plx_json_skip_blanks(plx_json_parser *j);
/* FORMAT at `at`, or TRUNCATED when that is the end of the input. Returns false. */
bool plx_json_fail(plx_json_parser *j, const char *at, plx_err *err, const char *expected);
/* FORMAT at `at` for something that is there, and wrong. Returns false. */
bool plx_json_wrong(const plx_json_parser *j, const char *at, plx_err *err, const char *what);
/* "line 3, column 9, byte 57" */
bool plx_json_note_at(const plx_json_parser *j, const char *at, plx_err *err);

/* Arena memory, or NULL with NOMEM. */
void *plx_json_alloc(const plx_json_parser *j, size_t size, plx_err *err);
/* The string whose opening quote is behind p; the number at p; the bare word at p. */
bool plx_json_string(plx_json_parser *j, plx_slice *out, plx_err *err);
bool plx_json_number(plx_json_parser *j, plx_value *v, plx_err *err);
bool plx_json_word(plx_json_parser *j, plx_value *v, plx_err *err);

#endif
