/* SPDX-License-Identifier: Apache-2.0
 *
 * The trees a get writes: provenance in record.json, the ref's content, and the key that says whether work was done
 * already. None holds a time, a host or a path of this machine, so equal inputs give equal bytes.
 */
#ifndef PLX_INGEST_GET_TREES_H
#define PLX_INGEST_GET_TREES_H

#include "ingest/ingest.h"

/* Part of every derivation key: raise it when records of unchanged ingesters come out differently. */
enum { PLX_RECORD_FORMAT = 1 };

/* One data set this one is made from. */
typedef struct plx_get_use {
    const char *ref; /* "atlas/celegans-neurons@1:strict" */
    plx_digest record;
} plx_get_use;

typedef struct plx_get_unit {
    const char *unit;
    plx_digest record;
} plx_get_unit;

typedef struct plx_get_facts {
    const plx_manifest *whole;    /* as it is written; what its bytes hash to is `manifest_sha256` */
    const plx_manifest *manifest; /* the same with the files that are needed now */
    const plx_ingester *ingester;
    plx_mode mode;
    plx_digest manifest_sha256;
    const plx_fetched *files; /* by file of `manifest` */
    const plx_value *const
        *carried; /* by file of `whole`: its entry in the ref that is added to, or NULL; may be NULL */
    const plx_get_use *uses;
} plx_get_facts;

/* How many files the ref names: fetched now, or carried. */
size_t plx_get_n_files(const plx_get_facts *facts);
/* owner: the arena. errors: NOMEM. */
bool plx_get_provenance(plx_arena *arena, const plx_get_facts *facts, plx_value **out, plx_err *err);
bool plx_get_derivation(plx_arena *arena, const plx_get_facts *facts, char out[PLX_SHA256_HEX + 1], plx_err *err);
bool plx_get_ref_content(plx_arena *arena, const plx_get_facts *facts, const char *derivation,
                         const plx_get_unit *units, size_t n_units, plx_value **out, plx_err *err);

#endif
