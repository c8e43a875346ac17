/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON (RFC 8259). Integers stay int64 or uint64, everything else is double; duplicate keys are an error; errors carry
 * byte offset, line and column.
 */
#ifndef PLX_FORMATS_JSON_H
#define PLX_FORMATS_JSON_H

#include "core/ctx.h"
#include "core/value.h"
#include "formats/source.h"

typedef struct plx_json_opts {
    bool allow_nan;        /* bare NaN, Infinity, -Infinity (Python's writer) */
    bool allow_duplicates; /* last one wins */
    uint32_t max_depth;    /* 0: ctx->limits.depth */
} plx_json_opts;

/* Parse one document held in memory; trailing blanks only. owner: the arena. opts may be NULL. */
bool plx_json_parse(const plx_ctx *ctx, plx_arena *arena, const char *name, const char *text, size_t len,
                    const plx_json_opts *opts, plx_value **out, plx_err *err);
/* Slurp within limits, then parse. */
bool plx_json_read(const plx_ctx *ctx, plx_arena *arena, plx_source *source, const plx_json_opts *opts, plx_value **out,
                   plx_err *err);
/* Stream an array of records: `each` sees one element at a time in an arena reset between calls, so memory is one
 * element. The document must be an array. */
typedef bool (*plx_json_each)(void *payload, size_t index, const plx_value *element, plx_err *err);
bool plx_json_stream(const plx_ctx *ctx, plx_source *source, const plx_json_opts *opts, plx_json_each each,
                     void *payload, plx_err *err);

/* Canonical text: sorted keys, shortest round-trip numbers, no blanks (`pretty` false) or two-space indent (true) and a
 * final newline. NaN and infinities are written as null. */
bool plx_json_write(const plx_value *value, bool pretty, plx_sb *out, plx_err *err);
/* A quoted, escaped JSON string. */
void plx_json_write_text(plx_sb *out, plx_slice text);

#endif
