/* SPDX-License-Identifier: Apache-2.0
 *
 * Find damage, mend it, and give space back.
 */
#ifndef PLX_REGISTRY_VERIFY_H
#define PLX_REGISTRY_VERIFY_H

#include "registry/store.h"
#include "schemas/ref.h"

typedef enum plx_damage {
    PLX_DAMAGE_BLOB,
    PLX_DAMAGE_RECORD,
    PLX_DAMAGE_REF,
    PLX_DAMAGE_RUN,
    PLX_DAMAGE_CATALOG,
    PLX_DAMAGE_MISSING,
    PLX_DAMAGE_FORMAT /* the FORMAT file */
} plx_damage;

typedef struct plx_finding {
    plx_damage kind;
    const char *path;    /* relative to the store, or "catalog.db: table[key].column" */
    const char *what;    /* "sha256 differs", "missing" */
    const char *used_by; /* reference that needs it, or "" */
    const char *next;    /* one exact command */
} plx_finding;
typedef bool (*plx_found)(void *payload, const plx_finding *finding);

typedef struct plx_verify_stats {
    uint64_t blobs, records, refs, runs, bytes, findings;
    uint64_t orphan_objects, orphan_bytes, partials; /* no damage: gc takes them */
} plx_verify_stats;

/* Check blobs, records, refs, run files and every catalog row. `quick` looks at presence, sizes and seals but hashes
 * nothing. `only` restricts it to what one reference needs (NULL: everything). */
bool plx_verify(const plx_ctx *ctx, const plx_store *store, const plx_ref *only, bool quick, plx_found found,
                void *payload, plx_verify_stats *stats, plx_err *err);

/* Mend: sweep dead partials, quarantine damaged objects and refs, rebuild the catalog. What needs its source again is
 * reported through `found` with the `get` command that brings it back. Quarantining keeps every byte. */
bool plx_repair(const plx_ctx *ctx, plx_store *store, bool dry_run, plx_found found, void *payload,
                plx_verify_stats *stats, plx_err *err);

typedef struct plx_gc_stats {
    uint64_t objects, bytes, partials, kept_young;
} plx_gc_stats;
/* Remove objects that no ref reaches and that are older than `grace_s`, and dead partials. Needs the store EXCLUSIVE.
 * `each` sees every path removed (or, dry, that would be). */
bool plx_gc(const plx_ctx *ctx, plx_store *store, double grace_s, bool dry_run,
            bool (*each)(void *payload, const char *path, uint64_t bytes), void *payload, plx_gc_stats *stats,
            plx_err *err);

#endif
