/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the catalog share: a store, all rows as text, the problems found, one question, and ways to do
 * damage.
 */
#ifndef PLX_TESTS_CATALOG_FIXTURE_H
#define PLX_TESTS_CATALOG_FIXTURE_H

#include "registry/catalog.h"
#include "registry/catalog_build.h"
#include "store_fixture.h"

static plx_ctx ctx;
static plx_err err;
static plx_store store;

static inline void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    fx_store("store", &store);
}

static inline void teardown(void)
{
    plx_store_close(&store);
}

static inline const char *db_path(void)
{
    static char path[PLX_PATH];
    fx_path(path, store.root, "catalog.db");
    return path;
}

/* All rows of all tables as text, in key order: two catalogs are equal when these are. */
typedef struct dump {
    plx_sb text;
    size_t rows;
} dump;

static inline bool dump_table(plx_sql *sql, const char *table, dump *out)
{
    char query[256];
    plx_stmt *stmt = NULL;
    bool row = true;
    snprintf(query, sizeof query, "SELECT * FROM \"%s\" ORDER BY 1, 2", table);
    bool ok = plx_stmt_new(sql, query, &stmt, NULL);
    while (ok && (ok = plx_stmt_step(stmt, &row, NULL)) && row) {
        out->rows++;
        plx_sb_printf(&out->text, "%s", table);
        for (size_t i = 0; i < plx_stmt_cols(stmt); i++) {
            plx_cell cell = plx_stmt_cell(stmt, i);
            plx_sb_printf(&out->text, "|%d:%lld:%.17g:", cell.type, (long long)cell.i64, cell.f64);
            for (size_t k = 0; k < cell.text.len; k++) {
                plx_sb_printf(&out->text, cell.text.ptr[k] >= ' ' ? "%c" : "\\%02x", (unsigned char)cell.text.ptr[k]);
            }
        }
        plx_sb_char(&out->text, '\n');
    }
    plx_stmt_free(stmt);
    return ok;
}

static const char *const tables[] = {"dataset", "source",    "file",           "citation", "uses", "record", "member",
                                     "count",   "attribute", "change_summary", "change",   "node", "edge"};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

static inline bool dump_db(const char *path, dump *out)
{
    plx_sql *sql = NULL;
    *out = (dump){0};
    bool ok = plx_sql_open(path, PLX_SQL_SNAPSHOT, &sql, NULL);
    for (size_t i = 0; ok && i < N_TABLES; i++) {
        ok = dump_table(sql, tables[i], out);
    }
    plx_sql_close(sql);
    return ok;
}

/* The problems compare finds; the first that names a table in full. */
typedef struct problems {
    size_t n;
    char table[64], key[512], what[512];
} problems;

static inline bool on_problem(void *payload, const char *table, const char *key, const char *what)
{
    problems *p = payload;
    if (p->n++ == 0 || strcmp(p->table, "catalog.db") == 0) {
        snprintf(p->table, sizeof p->table, "%s", table);
        snprintf(p->key, sizeof p->key, "%s", key);
        snprintf(p->what, sizeof p->what, "%s", what);
    }
    return true;
}

static inline problems compare(void)
{
    problems p = {0};
    OK(plx_catalog_compare(&ctx, &store, on_problem, &p, &err));
    return p;
}

static inline void expect_sound(void)
{
    problems p = compare();
    ck_assert_msg(p.n == 0, "%s[%s] %s", p.table, p.key, p.what);
}

typedef struct answer {
    size_t rows;
    char text[512]; /* of the first row, cells joined by | */
} answer;

static inline bool on_row(void *payload, size_t n, const char *const *names, const plx_cell *cells, plx_err *why)
{
    (void)names;
    (void)why;
    answer *a = payload;
    size_t used = 0;
    if (!cells || a->rows++ > 0) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        const plx_cell *c = &cells[i];
        char text[256];
        if (c->type == PLX_CELL_INT) {
            snprintf(text, sizeof text, "%lld", (long long)c->i64);
        } else if (c->type == PLX_CELL_REAL) {
            snprintf(text, sizeof text, "%g", c->f64);
        } else {
            snprintf(text, sizeof text, "%.*s", (int)c->text.len, c->type == PLX_CELL_NULL ? "" : c->text.ptr);
        }
        used += (size_t)snprintf(a->text + used, sizeof a->text - used, "%s%s", i ? "|" : "", text);
    }
    return true;
}

static inline answer ask_of(plx_store *s, const char *sql)
{
    plx_catalog *catalog = NULL;
    answer a = {0};
    OK(plx_catalog_open(&ctx, s, &catalog, &err));
    OK(plx_catalog_query(catalog, sql, NULL, 0, 5, on_row, &a, &err));
    plx_catalog_close(catalog);
    return a;
}

#define ASK(sql, want)                                                                                                 \
    do {                                                                                                               \
        answer got_ = ask_of(&store, sql);                                                                             \
        ck_assert_str_eq(got_.text, want);                                                                             \
    } while (0)

/* A statement on a copy of the catalog that stands in for damage: constraints are off. */
static inline void tamper(const char *sql)
{
    plx_sql *db = NULL;
    OK(plx_sql_open(db_path(), PLX_SQL_PRIVATE, &db, &err));
    OK(plx_sql_run(db, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON", &err));
    ck_assert_msg(plx_sql_run(db, sql, &err), "%s: %s", sql, plx_test_err(&err));
    plx_sql_close(db);
}

static inline void save(plx_buf *out)
{
    OK(plx_buf_read_file(db_path(), 1 << 26, out, &err));
}

static inline void restore(const plx_buf *saved)
{
    FILE *f = fopen(db_path(), "wb");
    ck_assert(f && fwrite(saved->ptr, 1, saved->len, f) == saved->len && fclose(f) == 0);
}

#endif
