/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalog: a SQLite index of refs, records and runs, a pure function of them. It is never changed in place: a new
 * file is built beside the old one and renamed over it, so a crash, a full disk, two writers or a lock that lies leave
 * the old or the new one, and readers never wait. Opening compares it with refs/ and runs/ and brings it up to date.
 */
#ifndef PLX_REGISTRY_CATALOG_H
#define PLX_REGISTRY_CATALOG_H

#include "core/value.h"
#include "registry/sql.h"
#include "registry/store.h"

typedef struct plx_catalog plx_catalog;

/* Read-only snapshot that agrees with refs/ at this moment. When it is stale and the store is writable it is synced
 * first; on a read-only store the difference is applied in memory. */
bool plx_catalog_open(const plx_ctx *ctx, plx_store *store, plx_catalog **out, plx_err *err);
void plx_catalog_close(plx_catalog *catalog);
/* Bring catalog.db in line with refs/ (adds, replaces, removes). Loops until both agree, so that concurrent writers
 * converge. */
bool plx_catalog_sync(const plx_ctx *ctx, plx_store *store, plx_err *err);
/* Build it again from the files alone and rename it in place. */
bool plx_catalog_rebuild(const plx_ctx *ctx, plx_store *store, plx_err *err);
/* Rebuild in memory and compare every row of every table; each difference is one call with table, key and column. */
typedef bool (*plx_catalog_problem)(void *payload, const char *table, const char *key, const char *what);
bool plx_catalog_compare(const plx_ctx *ctx, const plx_store *store, plx_catalog_problem each, void *payload,
                         plx_err *err);

/* Run one read-only statement with positional text parameters. Each row's cells are typed values; `row` false stops.
 * Without any row it is called once with `cells` NULL, so that the columns are known.
 * errors: ARG with SQLite's message and the offset; LIMIT past `seconds` (0: none); POLICY for anything that writes. */
typedef bool (*plx_row)(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err);
bool plx_catalog_query(plx_catalog *catalog, const char *sql, const char *const *params, size_t n_params,
                       double seconds, plx_row row, void *payload, plx_err *err);

#endif
