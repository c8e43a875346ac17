/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite, wrapped once: connections with safe settings, statements, typed cells, and one place where its errors become
 * ours.
 */
#ifndef PLX_REGISTRY_SQL_H
#define PLX_REGISTRY_SQL_H

#include "core/ctx.h"
#include "core/str.h"

/* One value. TEXT and BLOB bytes are borrowed: from the caller when bound, from the statement until its next step when
 * read. */
typedef struct plx_cell {
    enum { PLX_CELL_NULL, PLX_CELL_INT, PLX_CELL_REAL, PLX_CELL_TEXT, PLX_CELL_BLOB } type;
    int64_t i64;
    double f64;
    plx_slice text; /* TEXT and BLOB bytes */
} plx_cell;

static inline plx_cell plx_cell_null(void)
{
    return (plx_cell){.type = PLX_CELL_NULL};
}
static inline plx_cell plx_cell_int(int64_t i)
{
    return (plx_cell){.type = PLX_CELL_INT, .i64 = i};
}
static inline plx_cell plx_cell_real(double d)
{
    return (plx_cell){.type = PLX_CELL_REAL, .f64 = d};
}
/* NULL gives a NULL cell. */
static inline plx_cell plx_cell_text(const char *text)
{
    return (plx_cell){.type = text ? PLX_CELL_TEXT : PLX_CELL_NULL, .text = plx_slice_of(text)};
}
static inline plx_cell plx_cell_slice(plx_slice text)
{
    return (plx_cell){.type = PLX_CELL_TEXT, .text = text};
}
static inline plx_cell plx_cell_blob(const void *bytes, size_t len)
{
    return (plx_cell){.type = PLX_CELL_BLOB, .text = {bytes, len}};
}
/* Same type and same value; two NaN are equal. */
bool plx_cell_eq(const plx_cell *a, const plx_cell *b);

typedef struct plx_sql plx_sql;
typedef struct plx_stmt plx_stmt;

typedef enum plx_sql_mode {
    PLX_SQL_MEMORY,   /* empty, in memory; `path` is ignored */
    PLX_SQL_SNAPSHOT, /* read-only file that nobody changes: no locks, no journal */
    PLX_SQL_PRIVATE   /* a file of our own, journal in memory, no fsync: thrown away when the process fails */
} plx_sql_mode;

/* Foreign keys on; trusted_schema, double-quoted strings and schema writes off; cells checked. owner: caller,
 * plx_sql_close. errors: NOTFOUND, FORMAT for what is no database, IO, NOMEM. */
bool plx_sql_open(const char *path, plx_sql_mode mode, plx_sql **out, plx_err *err);
void plx_sql_close(plx_sql *sql); /* accepts NULL */
/* Every page of `from` into `to`, which becomes equal. */
bool plx_sql_copy(plx_sql *from, plx_sql *to, plx_err *err);
/* One or more statements without results. */
bool plx_sql_run(plx_sql *sql, const char *text, plx_err *err);
/* The single integer a query gives ("PRAGMA user_version"). */
bool plx_sql_int(plx_sql *sql, const char *text, int64_t *out, plx_err *err);

/* owner: caller, plx_stmt_free. errors: ARG with SQLite's message and the character it points at; POLICY when guarded.
 */
bool plx_stmt_new(plx_sql *sql, const char *text, plx_stmt **out, plx_err *err);
void plx_stmt_free(plx_stmt *stmt); /* accepts NULL */
/* Bind all parameters and start over. errors: ARG when their number differs. */
bool plx_stmt_bind(plx_stmt *stmt, const plx_cell *cells, size_t n, plx_err *err);
/* *row false at the end. */
bool plx_stmt_step(plx_stmt *stmt, bool *row, plx_err *err);
/* Bind, run to the end and reset: inserts and deletes. */
bool plx_stmt_put(plx_stmt *stmt, const plx_cell *cells, size_t n, plx_err *err);
size_t plx_stmt_cols(const plx_stmt *stmt);
const char *plx_stmt_name(const plx_stmt *stmt, size_t col);
plx_cell plx_stmt_cell(const plx_stmt *stmt, size_t col);
/* errors: ARG unless `text` held exactly this one statement; POLICY when it would write. */
bool plx_stmt_is_single_read(const plx_stmt *stmt, plx_err *err);

/* From now on: reading only (SELECT, functions without side effects, schema PRAGMAs), values of at most 64 MiB, at most
 * 1 GiB of memory, at most `seconds` (0: no limit) of time from now, and stopping when ctx says so. errors then:
 * POLICY, LIMIT, CANCELLED. */
bool plx_sql_guard(plx_sql *sql, const plx_ctx *ctx, double seconds, plx_err *err);
void plx_sql_unguard(plx_sql *sql);

#endif
