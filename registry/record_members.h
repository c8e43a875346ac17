/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a record: its list of members, shared by reader, writer and verifier.
 */
#ifndef PLX_REGISTRY_RECORD_MEMBERS_H
#define PLX_REGISTRY_RECORD_MEMBERS_H

#include "registry/record.h"

enum { PLX_RECORD_JSON_MAX = 64 << 20 };

typedef struct plx_member_file {
    const char *path; /* of the file below the record's folder: "nodes/x_um.npy" */
    const char *unit;
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS];
    plx_digest sha256;
    uint64_t bytes;
    plx_array array; /* mapped on demand */
    bool is_mapped;
} plx_member_file;

/* record.json's "members" as a list. owner: the arena. errors: SCHEMA when it is not one (unsafe path, unknown dtype,
 * ...). */
bool plx_members_parse(plx_arena *arena, const plx_value *meta, plx_member_file **out, size_t *n, plx_err *err);

/* A record over files in `dir` whose metadata are in memory; takes over the arena that holds them, also on failure. */
bool plx_record_from_meta(plx_arena *arena, const char *dir, const plx_value *meta, const plx_digest *digest,
                          plx_record **out, plx_err *err);

#endif
