/* SPDX-License-Identifier: Apache-2.0
 *
 * What the catalog lacks against refs/, and making it. Private to the catalog.
 */
#ifndef PLX_REGISTRY_CATALOG_BUILD_H
#define PLX_REGISTRY_CATALOG_BUILD_H

#include "registry/catalog_rows.h"

/* 'PLXS' in the file's header says that it is ours. */
enum { PLX_CATALOG_APPLICATION_ID = 0x504c5853 };

/* One ref or run that must leave, enter or both. */
typedef struct plx_catalog_op {
    const char *key; /* "family/name@version:mode" or "run:<hex>" */
    bool remove;
    bool is_run;
    size_t n_done; /* cells of a run that is not complete */
    plx_ref ref;
    const plx_value *content; /* NULL: nothing to add */
    plx_digest seal;
} plx_catalog_op;

typedef struct plx_catalog_ops {
    plx_arena *arena;
    plx_catalog_op *items;
    size_t n, cap;
} plx_catalog_ops;

/* Number of migrations: the user_version this program writes. */
int64_t plx_catalog_version(void);
/* Give an empty database the newest schema, one transaction per migration. */
bool plx_catalog_migrate(plx_sql *sql, plx_err *err);
/* What must be done to `have` (NULL: an empty catalog) so that it agrees with refs/ and runs/. Damaged ones count as
 * absent. With `retry`, data sets whose records could not be read are looked at again. owner: caller,
 * plx_catalog_ops_free. */
bool plx_catalog_ops_find(const plx_ctx *ctx, const plx_store *store, plx_sql *have, bool retry, plx_catalog_ops *out,
                          plx_err *err);
void plx_catalog_ops_free(plx_catalog_ops *ops);
/* Do it, in one transaction. *n_problems counts data sets whose records could not be added. */
bool plx_catalog_ops_apply(const plx_ctx *ctx, const plx_store *store, const plx_catalog_ops *ops, plx_sql *sql,
                           size_t *n_problems, plx_err *err);
/* Does the catalog hold exactly the refs and runs it was made for? It may be behind the files and still say yes. */
bool plx_catalog_is_whole(plx_sql *sql, bool *whole, plx_err *err);
/* catalog.db as it lies there. *out NULL when there is none or it has an older schema. owner: caller.
 * errors: FORMAT when damaged, NEWER. */
bool plx_catalog_open_file(const plx_store *store, plx_sql **out, plx_err *err);

#endif
