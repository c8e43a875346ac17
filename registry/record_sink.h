/* SPDX-License-Identifier: Apache-2.0
 *
 * The record being made: shared by record_sink.c (members) and record_commit.c (validating and publishing).
 */
#ifndef PLX_REGISTRY_RECORD_SINK_H
#define PLX_REGISTRY_RECORD_SINK_H

#include "registry/hash_file.h"
#include "registry/record.h"

enum { PLX_CHANGE_TEXTS = 7 };

/* The array being streamed. */
typedef struct plx_stream {
    bool is_open;
    plx_hash_file file;
    const char *path; /* of the file below the record's folder */
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS];
    plx_value *axes;
    const char *unit;
    uint64_t expected, got; /* bytes of data */
} plx_stream;

typedef struct plx_record_sink {
    plx_sink base;
    const plx_ctx *ctx;
    plx_store *store; /* NULL: validate only */
    const plx_record_origin *origin;
    char partial[PLX_PATH]; /* "" before the first begin */
    char dir[PLX_PATH];     /* "" between records */
    plx_arena *arena;       /* of the record being made */
    const plx_kind *kind;
    plx_value *meta, *members, *attributes;
    plx_stream stream;
    plx_strcol texts[PLX_CHANGE_TEXTS];
    uint64_t *lines;
    size_t n_changes, lines_cap;
    plx_value *by_rule;
    plx_violations found; /* members its kind does not have */
    bool broken;          /* something failed: what is there must not be published */
} plx_record_sink;

bool plx_record_commit(plx_sink *sink, plx_digest *out, plx_err *err);
void plx_record_abort(plx_sink *sink);
/* Members of the finished changes table. */
bool plx_record_write_table(plx_record_sink *s, const char *name, const plx_table *table, plx_err *err);

#endif
