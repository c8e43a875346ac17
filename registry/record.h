/* SPDX-License-Identifier: Apache-2.0
 *
 * Records on disk: records/sha256/ab/cdef.../ with record.json and one .npy per array or column
 * ("nodes/label.offsets.npy", "nodes/label.bytes.npy" for strings). The directory's name is the SHA-256 of record.json,
 * which lists the SHA-256 of every member: one name covers everything. record.json holds no times, hosts or paths.
 */
#ifndef PLX_REGISTRY_RECORD_H
#define PLX_REGISTRY_RECORD_H

#include "registry/store.h"
#include "schemas/kind.h"
#include "schemas/mode.h"
#include "schemas/sink.h"

/* What record.json says of where it came from; fixed before the ingester runs. */
typedef struct plx_record_origin {
    const char *dataset; /* "connectome/white1986-n2u" */
    const char *version;
    plx_mode mode;
    bool demo;
    const plx_value *provenance; /* object: manifest, licence, citations, inputs (name, url, sha256, bytes, commit),
                                    uses, ingester */
    /* Sees the finished record.json, counts and all, before it is published; false refuses the record. May be NULL. */
    bool (*review)(void *payload, const plx_value *meta, plx_err *err);
    void *payload;
    uint64_t part_bytes; /* a zip of chunks is ended beyond this size; 0: 1 GiB */
} plx_record_origin;

/* A sink that publishes into the store. With `store` NULL it validates and throws away (`check`, dry runs).
 * `origin` and `store` are borrowed until it is freed. owner: caller, plx_record_sink_free (aborts what is not
 * committed). */
bool plx_record_sink_new(const plx_ctx *ctx, plx_store *store, const plx_record_origin *origin, plx_sink **out,
                         plx_err *err);
void plx_record_sink_free(plx_sink *sink);

/* An open record: record.json parsed, members mapped on demand. Also usable as a plx_record_view. For one thread at a
 * time. */
typedef struct plx_record plx_record;
/* errors: NOTFOUND; DIGEST when record.json is not the one the name covers (members are only hashed by verify). */
bool plx_record_open(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, plx_record **out,
                     plx_err *err);
/* A record folder anywhere, its digest computed from record.json (not checked against the folder's name). */
bool plx_record_open_dir(const plx_ctx *ctx, const char *dir, plx_record **out, plx_err *err);
void plx_record_close(plx_record *record);
const plx_value *plx_record_meta(const plx_record *record); /* the whole of record.json */
const char *plx_record_kind(const plx_record *record);
const plx_digest *plx_record_digest(const plx_record *record);
const char *plx_record_dir(const plx_record *record);
const plx_record_view *plx_record_as_view(const plx_record *record);
/* Is the record there, with every member of its stated size? Hashes record.json only. errors: IO when it cannot be
 * read, which says nothing about it. */
bool plx_record_has(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, bool *has, plx_err *err);

/* Hash every member; each problem is one call ("nodes/x_um.npy: sha256 differs", "missing", "unexpected file"). A false
 * from `each` ends it. `quick` looks at presence and sizes and hashes only record.json. `bytes` (may be NULL): of all
 * files read. errors: NOTFOUND when the folder is gone, CANCELLED, NOMEM; what cannot be read is a problem, not an
 * error. */
typedef enum plx_flaw { PLX_FLAW_DIFFERS, PLX_FLAW_MISSING, PLX_FLAW_EXTRA, PLX_FLAW_UNREADABLE } plx_flaw;
typedef bool (*plx_problem)(void *payload, const char *path, plx_flaw flaw, const char *what);
bool plx_record_verify(const plx_ctx *ctx, const char *dir, const plx_digest *expect, bool quick, plx_problem each,
                       void *payload, uint64_t *bytes, plx_err *err);

#endif
