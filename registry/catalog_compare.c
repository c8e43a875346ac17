/* SPDX-License-Identifier: Apache-2.0
 *
 * Does catalog.db say what the files say? The catalog is built again in memory and both are walked in key order, table
 * by table and column by column. Data sets whose refs changed since it was written are left out: being behind is no
 * damage, the next command catches up. That only counts when the catalog still holds exactly the refs it was written
 * for.
 */
#include "registry/catalog.h"

#include "core/alloc.h"
#include "core/num.h"
#include "core/utf8.h"
#include "registry/catalog_build.h"

enum { CELL_TEXT = 72, COLS_MAX = 32, KEY_TEXT = PLX_REF_TEXT + 128 };

typedef struct comparison {
    const plx_ctx *ctx;
    plx_sql *want, *have;
    plx_catalog_problem each;
    void *payload;
    bool stopped;
} comparison;

static bool report(comparison *c, const char *table, const char *key, const char *what)
{
    c->stopped = c->stopped || !c->each(c->payload, table, key, what);
    return !c->stopped;
}

/* A value as people read it: escaped text, hex for blobs, long ones cut. */
static void print_cell(const plx_cell *cell, char out[CELL_TEXT])
{
    char number[PLX_NUM_TEXT];
    switch (cell->type) {
    case PLX_CELL_NULL:
        snprintf(out, CELL_TEXT, "NULL");
        return;
    case PLX_CELL_INT:
        plx_print_i64(cell->i64, number);
        snprintf(out, CELL_TEXT, "%s", number);
        return;
    case PLX_CELL_REAL:
        plx_print_f64(cell->f64, number);
        snprintf(out, CELL_TEXT, "%s", number);
        return;
    case PLX_CELL_TEXT:
        plx_escape(out, CELL_TEXT, cell->text.ptr ? cell->text.ptr : "", cell->text.len);
        return;
    case PLX_CELL_BLOB: {
        size_t n = cell->text.len < 8 ? cell->text.len : 8, used = 0;
        for (size_t i = 0; i < n; i++) {
            used += (size_t)snprintf(out + used, CELL_TEXT - used, "%02x", (unsigned)(unsigned char)cell->text.ptr[i]);
        }
        snprintf(out + used, CELL_TEXT - used, "%s", cell->text.len > n ? "..." : "");
        return;
    }
    }
}

/* SQLite's order: NULL, numbers, text, blobs. */
static int cell_cmp(const plx_cell *a, const plx_cell *b)
{
    unsigned rank_a = a->type == PLX_CELL_REAL ? (unsigned)PLX_CELL_INT : a->type;
    unsigned rank_b = b->type == PLX_CELL_REAL ? (unsigned)PLX_CELL_INT : b->type;
    if (rank_a != rank_b) {
        return rank_a < rank_b ? -1 : 1;
    }
    if (a->type == PLX_CELL_NULL) {
        return 0;
    }
    if (a->type == PLX_CELL_INT && b->type == PLX_CELL_INT) {
        return a->i64 < b->i64 ? -1 : a->i64 > b->i64;
    }
    if (rank_a == PLX_CELL_INT) {
        double x = a->type == PLX_CELL_INT ? (double)a->i64 : a->f64,
               y = b->type == PLX_CELL_INT ? (double)b->i64 : b->f64;
        return x < y ? -1 : x > y;
    }
    return plx_slice_cmp(a->text, b->text);
}

typedef struct shape {
    char name[64];
    size_t n_cols, n_keys;
    size_t keys[COLS_MAX]; /* columns of the primary key, in its order */
    char select[512];
} shape;

/* Columns and key of a table of the expected catalog. */
static bool read_shape(comparison *c, plx_slice table, shape *out, plx_err *err)
{
    *out = (shape){0};
    snprintf(out->name, sizeof out->name, "%.*s", (int)table.len, table.ptr);
    plx_stmt *stmt = NULL;
    plx_cell name = plx_cell_text(out->name);
    bool row = false;
    char order[384] = "";
    size_t used = 0;
    bool ok = plx_stmt_new(c->want, "SELECT name, cid, pk FROM pragma_table_info(?) ORDER BY pk, cid", &stmt, err) &&
              plx_stmt_bind(stmt, &name, 1, err) && plx_stmt_step(stmt, &row, err);
    while (ok && row && out->n_cols < COLS_MAX) {
        plx_slice column = plx_stmt_cell(stmt, 0).text;
        if (plx_stmt_cell(stmt, 2).i64 > 0) {
            used += (size_t)snprintf(order + used, sizeof order - used, "%s\"%.*s\"", out->n_keys ? ", " : "",
                                     (int)column.len, column.ptr);
            out->keys[out->n_keys++] = (size_t)plx_stmt_cell(stmt, 1).i64;
        }
        out->n_cols++;
        ok = plx_stmt_step(stmt, &row, err);
    }
    plx_stmt_free(stmt);
    snprintf(out->select, sizeof out->select, "SELECT * FROM \"%s\" ORDER BY %s", out->name, used ? order : "1");
    return ok;
}

/* "connectome/x@1:strict#,12": record ids are spelled out as the unit they stand for. */
static void print_key(comparison *c, const shape *table, const plx_stmt *stmt, char out[KEY_TEXT])
{
    size_t used = 0;
    out[0] = 0;
    for (size_t k = 0; k < table->n_keys && used + CELL_TEXT + 2 < KEY_TEXT; k++) {
        plx_cell cell = plx_stmt_cell(stmt, table->keys[k]);
        char text[CELL_TEXT];
        print_cell(&cell, text);
        const char *comma = k ? "," : "";
        plx_stmt *unit = NULL;
        bool row = false;
        if (strcmp(plx_stmt_name(stmt, table->keys[k]), "record_id") == 0 &&
            plx_stmt_new(c->want, "SELECT ref || '#' || unit FROM record WHERE id = ?", &unit, NULL) &&
            plx_stmt_bind(unit, &cell, 1, NULL) && plx_stmt_step(unit, &row, NULL) && row) {
            plx_slice ref = plx_stmt_cell(unit, 0).text;
            used += (size_t)snprintf(out + used, KEY_TEXT - used, "%s%.*s", comma, (int)(ref.len < 400 ? ref.len : 400),
                                     ref.ptr);
        } else {
            used += (size_t)snprintf(out + used, KEY_TEXT - used, "%s%s", comma, text);
        }
        plx_stmt_free(unit);
    }
}

static void compare_row(comparison *c, const shape *table, const plx_stmt *want, const plx_stmt *have)
{
    for (size_t i = 0; i < table->n_cols && !c->stopped; i++) {
        plx_cell a = plx_stmt_cell(want, i), b = plx_stmt_cell(have, i);
        if (plx_cell_eq(&a, &b)) {
            continue;
        }
        char key[KEY_TEXT], expected[CELL_TEXT], found[CELL_TEXT], what[2 * CELL_TEXT + 128];
        print_key(c, table, want, key);
        print_cell(&a, expected);
        print_cell(&b, found);
        snprintf(what, sizeof what, "%s: expected %s, found %s", plx_stmt_name(want, i), expected, found);
        report(c, table->name, key, what);
    }
}

static int key_cmp(const shape *table, const plx_stmt *want, const plx_stmt *have)
{
    int order = 0;
    for (size_t k = 0; k < table->n_keys && order == 0; k++) {
        plx_cell a = plx_stmt_cell(want, table->keys[k]), b = plx_stmt_cell(have, table->keys[k]);
        order = cell_cmp(&a, &b);
    }
    return order;
}

/* One side could not be read: that is what there is to say about the table. */
static bool unreadable(comparison *c, const char *table, const plx_err *why, plx_err *err)
{
    if (why->code == PLX_E_NOMEM || why->code == PLX_E_CANCELLED || why->code == PLX_E_IO) {
        if (err) {
            *err = *why;
        }
        return false;
    }
    char what[PLX_ERR_TEXT + 32];
    snprintf(what, sizeof what, "cannot be read: %s", why->what);
    report(c, table, "", what);
    return true;
}

static bool compare_table(comparison *c, const shape *table, plx_err *err)
{
    plx_stmt *want = NULL, *have = NULL;
    plx_err why;
    plx_err_clear(&why);
    bool more_want = false, more_have = false;
    bool ok = plx_stmt_new(c->want, table->select, &want, err) && plx_stmt_step(want, &more_want, err);
    bool readable = ok && plx_stmt_new(c->have, table->select, &have, &why) && plx_stmt_step(have, &more_have, &why);
    if (readable && plx_stmt_cols(have) != table->n_cols) {
        readable = plx_fail(&why, PLX_E_FORMAT, "it has %zu columns, not %zu", plx_stmt_cols(have), table->n_cols);
    }
    while (ok && readable && !c->stopped && (more_want || more_have)) {
        int order = !more_have ? -1 : !more_want ? 1 : key_cmp(table, want, have);
        char key[KEY_TEXT];
        ok = plx_ctx_go_on(c->ctx, err);
        if (ok && order == 0) {
            compare_row(c, table, want, have);
        } else if (ok) {
            print_key(c, table, order < 0 ? want : have, key);
            report(c, table->name, key, order < 0 ? "row is missing" : "row should not be there");
        }
        if (ok && order <= 0) {
            ok = plx_stmt_step(want, &more_want, err);
        }
        if (ok && order >= 0) {
            readable = plx_stmt_step(have, &more_have, &why);
        }
    }
    plx_stmt_free(want);
    plx_stmt_free(have);
    return ok && (readable || unreadable(c, table->name, &why, err));
}

static bool compare_schema(comparison *c, plx_err *err)
{
    static const shape schema = {.name = "sqlite_schema",
                                 .n_cols = 4,
                                 .n_keys = 2,
                                 .keys = {0, 1},
                                 .select = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"};
    return compare_table(c, &schema, err);
}

static bool check_integrity(comparison *c, plx_err *err)
{
    plx_stmt *stmt = NULL;
    plx_err why;
    plx_err_clear(&why);
    bool row = false;
    bool ok = plx_stmt_new(c->have, "PRAGMA integrity_check(20)", &stmt, &why) && plx_stmt_step(stmt, &row, &why);
    while (ok && row && !c->stopped) {
        plx_slice text = plx_stmt_cell(stmt, 0).text;
        if (!plx_slice_is(text, "ok")) {
            char what[PLX_ERR_TEXT];
            plx_escape(what, sizeof what, text.ptr ? text.ptr : "", text.len);
            report(c, "catalog.db", "", what);
        }
        ok = plx_stmt_step(stmt, &row, &why);
    }
    plx_stmt_free(stmt);
    return ok || unreadable(c, "catalog.db", &why, err);
}

/* Both sides without the data sets whose refs have changed since. */
static bool drop_stale(const comparison *c, const plx_store *store, const plx_catalog_ops *stale, plx_sql *sql,
                       plx_err *err)
{
    plx_catalog_rows *rows = NULL;
    bool ok = plx_catalog_rows_new(c->ctx, store, sql, &rows, err);
    for (size_t i = 0; ok && i < stale->n; i++) {
        ok = plx_catalog_rows_remove(rows, stale->items[i].key, err);
    }
    plx_catalog_rows_free(rows);
    return ok;
}

static bool build_expected(const plx_ctx *ctx, const plx_store *store, plx_sql **out, plx_err *err)
{
    plx_catalog_ops all = {0};
    plx_sql *sql = NULL;
    size_t n_problems = 0;
    bool ok = plx_catalog_ops_find(ctx, store, NULL, false, &all, err) &&
              plx_sql_open(NULL, PLX_SQL_MEMORY, &sql, err) && plx_catalog_migrate(sql, err) &&
              plx_catalog_ops_apply(ctx, store, &all, sql, &n_problems, err);
    plx_catalog_ops_free(&all);
    if (!ok) {
        plx_sql_close(sql);
        return false;
    }
    *out = sql;
    return true;
}

/* Work on a copy of what is there, so that stale data sets can be taken out of it. */
static bool without_stale(comparison *c, const plx_store *store, const plx_catalog_ops *stale, plx_sql **copy,
                          plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    if (!drop_stale(c, store, stale, c->want, err)) {
        return false;
    }
    if (plx_sql_open(NULL, PLX_SQL_MEMORY, copy, &why) && plx_sql_copy(c->have, *copy, &why) &&
        drop_stale(c, store, stale, *copy, &why)) {
        c->have = *copy;
        return true;
    }
    return unreadable(c, "catalog.db", &why, err);
}

static bool compare_tables(comparison *c, bool stale, plx_err *err)
{
    plx_stmt *tables = NULL;
    bool row = false;
    bool ok =
        plx_stmt_new(c->want, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", &tables, err) &&
        plx_stmt_step(tables, &row, err);
    while (ok && row && !c->stopped) {
        shape table;
        ok = read_shape(c, plx_stmt_cell(tables, 0).text, &table, err);
        /* The digest over all seals is another one once data sets are taken out. */
        bool skip = stale && strcmp(table.name, "source") == 0;
        ok = ok && (skip || compare_table(c, &table, err)) && plx_stmt_step(tables, &row, err);
    }
    plx_stmt_free(tables);
    return ok;
}

bool plx_catalog_compare(const plx_ctx *ctx, const plx_store *store, plx_catalog_problem each, void *payload,
                         plx_err *err)
{
    comparison c = {.ctx = ctx, .each = each, .payload = payload};
    plx_catalog_ops stale = {0};
    plx_sql *file = NULL, *copy = NULL;
    plx_err why;
    plx_err_clear(&why);
    bool whole = false;
    if (!plx_catalog_open_file(store, &file, &why)) {
        return why.code == PLX_E_NEWER ? (err ? (*err = why, false) : false) : unreadable(&c, "catalog.db", &why, err);
    }
    if (!file) {
        return true; /* none yet: the next command makes it */
    }
    c.have = file;
    bool ok = build_expected(ctx, store, &c.want, err);
    if (ok && plx_catalog_is_whole(file, &whole, &why) && whole) {
        /* A record that could not be read when its rows were made is behind, too: it may have come back since. */
        ok = plx_catalog_ops_find(ctx, store, file, true, &stale, err);
    }
    ok = ok && check_integrity(&c, err) && compare_schema(&c, err);
    if (ok && stale.n > 0) {
        ok = without_stale(&c, store, &stale, &copy, err);
    }
    ok = ok && compare_tables(&c, stale.n > 0, err);
    plx_catalog_ops_free(&stale);
    plx_sql_close(c.want);
    plx_sql_close(copy);
    plx_sql_close(file);
    return ok;
}
