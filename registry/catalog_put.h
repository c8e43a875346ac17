/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the two files that write catalog rows: the prepared statements and how values of refs and records become
 * cells.
 */
#ifndef PLX_REGISTRY_CATALOG_PUT_H
#define PLX_REGISTRY_CATALOG_PUT_H

#include "registry/catalog_rows.h"

typedef enum plx_row_table {
    ROW_DATASET,
    ROW_FILE,
    ROW_CITATION,
    ROW_USES,
    ROW_RECORD,
    ROW_MEMBER,
    ROW_COUNT,
    ROW_ATTRIBUTE,
    ROW_CHANGE_SUMMARY,
    ROW_CHANGE,
    ROW_NODE,
    ROW_EDGE,
    ROW_RUN,
    ROW_RUN_INPUT,
    ROW_RUN_CELL,
    ROW_CELL_SCORE,
    ROW_SCORE,
    N_ROW_TABLES
} plx_row_table;

struct plx_catalog_rows {
    const plx_ctx *ctx;
    const plx_store *store;
    plx_sql *sql;
    plx_stmt *remove, *remove_run;
    plx_stmt *insert[N_ROW_TABLES];
};

/* Insert one row: all columns of the table, in the order of schemas/sql/. */
bool plx_catalog_put(plx_catalog_rows *rows, plx_row_table table, const plx_cell *cells, size_t n, plx_err *err);
#define PLX_CATALOG_PUT(rows, table, cells, err)                                                                       \
    plx_catalog_put(rows, table, cells, sizeof(cells) / sizeof(cells)[0], err)

/* All rows of one unit of the data set `key`: {unit, record}. errors: what reading the record gives; SCHEMA. */
bool plx_catalog_record_add(plx_catalog_rows *rows, const char *key, const plx_value *unit, plx_err *err);

/* Text of a key, or "". */
static inline plx_cell plx_cell_of_text(const plx_value *object, const char *key)
{
    const plx_value *value = plx_v_get(object, key);
    return plx_cell_slice(value && value->kind == PLX_V_STR ? value->u.str : plx_slice_of(""));
}

static inline plx_cell plx_cell_of_int(const plx_value *object, const char *key)
{
    int64_t n;
    return plx_v_as_i64(plx_v_get(object, key), &n) ? plx_cell_int(n) : plx_cell_null();
}

/* A digest as 32 bytes in *store, or NULL. */
static inline plx_cell plx_cell_of_digest(const plx_value *object, const char *key, plx_digest *store)
{
    const char *hex = plx_v_get_text(object, key);
    return hex && plx_digest_parse(hex, strlen(hex), store) ? plx_cell_blob(store->bytes, sizeof store->bytes)
                                                            : plx_cell_null();
}

static inline size_t plx_list_of(const plx_value *object, const char *key, plx_value *const **items)
{
    const plx_value *list = plx_v_get(object, key);
    if (!list || list->kind != PLX_V_ARR) {
        return 0;
    }
    *items = list->u.arr.items;
    return list->u.arr.n;
}

#endif
