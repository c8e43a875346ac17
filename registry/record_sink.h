/* SPDX-License-Identifier: Apache-2.0
 *
 * The record being made: shared by record_sink.c (members) and record_commit.c (validating and publishing).
 */
#ifndef PLX_REGISTRY_RECORD_SINK_H
#define PLX_REGISTRY_RECORD_SINK_H

#include "formats/zarr_write.h"
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

/* The volume being streamed: chunks go into one zip after the other. */
typedef struct plx_volume_stream {
    plx_volume_spec spec;
    plx_zarr_writer *writer; /* NULL: none */
    plx_zip_writer zip;
    plx_hash_file file;
    bool is_open; /* the zip */
} plx_volume_stream;

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
    plx_volume_stream volume;
    plx_strcol texts[PLX_CHANGE_TEXTS];
    uint64_t *lines;
    size_t n_changes, lines_cap;
    plx_value *by_rule;
    plx_violations found; /* members its kind does not have */
    bool broken;          /* something failed: what is there must not be published */
} plx_record_sink;

bool plx_record_commit(plx_sink *sink, plx_digest *out, plx_err *err);
void plx_record_abort(plx_sink *sink);
/* The same calls as a sink's, for volumes. */
bool plx_record_volume_begin(plx_record_sink *s, const plx_volume_spec *spec, plx_err *err);
bool plx_record_volume_piece(plx_record_sink *s, const void *bytes, size_t len, plx_err *err);
bool plx_record_volume_close(plx_record_sink *s, plx_err *err);
bool plx_record_volume_in_blob(plx_record_sink *s, const plx_volume_spec *spec, plx_err *err);
void plx_record_volume_abort(plx_record_sink *s);
/* Add a file of the record to its members. errors: SCHEMA when there is one of that path. */
bool plx_record_add_member(plx_record_sink *s, const plx_stream *file, const plx_digest *digest, uint64_t bytes,
                           plx_err *err);
/* Members of the finished changes table. */
bool plx_record_write_table(plx_record_sink *s, const char *name, const plx_table *table, plx_err *err);

#endif
