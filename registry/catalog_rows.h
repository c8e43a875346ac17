/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the catalog from one ref and its records, and taking them out again. Private to the catalog.
 */
#ifndef PLX_REGISTRY_CATALOG_ROWS_H
#define PLX_REGISTRY_CATALOG_ROWS_H

#include "core/value.h"
#include "registry/sql.h"
#include "registry/store.h"
#include "schemas/ref.h"

/* Counted rows (nodes, edges, changes) above this many per record stay in the record's files. */
enum { PLX_CATALOG_ROWS_MAX = 100000 };

typedef struct plx_catalog_rows plx_catalog_rows;

/* Prepared statements over a database with the catalog's schema. owner: caller. */
bool plx_catalog_rows_new(const plx_ctx *ctx, const plx_store *store, plx_sql *sql, plx_catalog_rows **out,
                          plx_err *err);
void plx_catalog_rows_free(plx_catalog_rows *rows); /* accepts NULL */
/* All rows of the data set `ref` ("family/name@version:mode"), and those of its records, or of the run `ref`
 * ("run:<hex>") are deleted. */
bool plx_catalog_rows_remove(plx_catalog_rows *rows, const char *ref, plx_err *err);
/* Add them. A record that cannot be read leaves the data set without record rows and with `problem` saying so (*ok
 * false). */
bool plx_catalog_rows_add(plx_catalog_rows *rows, const plx_ref *ref, const plx_value *content, const plx_digest *seal,
                          bool *ok, plx_err *err);
/* Add a run: of a complete one `content` is result.json, else run.json. errors: SCHEMA. */
bool plx_catalog_rows_add_run(plx_catalog_rows *rows, const char *key, const plx_value *content, size_t n_done,
                              const plx_digest *state, plx_err *err);
/* "family/name@version:mode", the catalog's key. shape: out[PLX_REF_TEXT]. */
void plx_catalog_key(const plx_ref *ref, char out[PLX_REF_TEXT]);

#endif
