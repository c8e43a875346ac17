/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that calls SQLite. Databases opened here may have been damaged or written by anybody: triggers and
 * views of the file are not trusted, schema writes are off, pages are checked while reading.
 */
#include "registry/sql.h"

#include "core/alloc.h"
#include "core/fs.h"

#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <time.h>

enum { GUARD_VALUE_BYTES = 64 << 20, GUARD_STEPS = 2000 };
static const sqlite3_int64 guard_heap_bytes = (sqlite3_int64)1 << 30;

struct plx_sql {
    sqlite3 *db;
    char *path;
    const plx_ctx *ctx; /* while guarded */
    double deadline_s;  /* monotonic; 0: none */
    double seconds;
    bool guarded, timed_out;
    bool all_ours; /* every page was written through this connection */
    sqlite3_int64 heap_before;
};

struct plx_stmt {
    plx_sql *sql;
    sqlite3_stmt *stmt;
    size_t extra_at; /* where text after the statement starts; 0: none */
};

bool plx_cell_eq(const plx_cell *a, const plx_cell *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case PLX_CELL_NULL:
        return true;
    case PLX_CELL_INT:
        return a->i64 == b->i64;
    case PLX_CELL_REAL:
        return a->f64 == b->f64 ? signbit(a->f64) == signbit(b->f64) : isnan(a->f64) && isnan(b->f64);
    case PLX_CELL_TEXT:
    case PLX_CELL_BLOB:
        return plx_slice_eq(a->text, b->text);
    }
    return false;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static plx_code code_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return PLX_E_NOMEM;
    case SQLITE_FULL:
        return PLX_E_NOSPACE;
    case SQLITE_READONLY:
        return PLX_E_NOSPACE;
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_NOMEM ? PLX_E_NOMEM : rc == SQLITE_IOERR_SHORT_READ ? PLX_E_FORMAT : PLX_E_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return PLX_E_FORMAT;
    case SQLITE_CANTOPEN:
        return PLX_E_IO;
    case SQLITE_TOOBIG:
        return PLX_E_LIMIT;
    case SQLITE_AUTH:
        return PLX_E_POLICY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return PLX_E_BUSY;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
        return PLX_E_ARG;
    case SQLITE_CONSTRAINT:
        return PLX_E_SCHEMA; /* the row breaks a rule of its table */
    default:
        return PLX_E_BUG;
    }
}

static bool fail_sql(const plx_sql *sql, int rc, plx_err *err)
{
    plx_code code = code_of(rc);
    if (sql->all_ours && code == PLX_E_FORMAT) {
        code = PLX_E_IO; /* SQLite also says "malformed" when the system fails a read with EIO */
    }
    if ((rc & 0xff) == SQLITE_INTERRUPT) {
        if (sql->timed_out) {
            plx_fail(err, PLX_E_LIMIT, "the query was stopped after %g s", sql->seconds);
            return plx_err_why(err, "it was not done within the time limit");
        }
        return plx_fail(err, PLX_E_CANCELLED, "interrupted");
    }
    if (code == PLX_E_NOMEM && sql->guarded && sqlite3_memory_highwater(0) > guard_heap_bytes / 2) {
        return plx_fail(err, PLX_E_LIMIT, "the query needs more than 1 GiB of memory");
    }
    if (code == PLX_E_NOMEM) {
        return plx_fail_nomem(err, 0);
    }
    if (sql->guarded && sql->db && strncmp(sqlite3_errmsg(sql->db), "not authorized", 14) == 0) {
        code = PLX_E_POLICY; /* of functions SQLite only says so in words */
    }
    if (code == PLX_E_POLICY) {
        plx_fail(err, code, "only reading is allowed: %s", sqlite3_errmsg(sql->db));
        return plx_err_kept(err, "nothing was changed");
    }
    plx_fail(err, code, "%s", sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(rc));
    int at = sql->db ? sqlite3_error_offset(sql->db) : -1;
    if (at >= 0) {
        plx_note(err, "SQL, character %d", at + 1);
    } else if (code != PLX_E_ARG && sql->path) {
        plx_note(err, "%s", sql->path);
    }
    return false;
}

/* SQLite URI: every byte that could mean something is percent-encoded. */
static bool uri_of(const char *path, plx_sb *out)
{
    plx_sb_text(out, "file:");
    for (const char *p = path; *p; p++) {
        bool plain =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("/._-", *p);
        if (plain) {
            plx_sb_char(out, *p);
        } else {
            plx_sb_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
        }
    }
    plx_sb_text(out, "?immutable=1");
    return !out->failed;
}

static int open_db(plx_sql *sql, const char *path, plx_sql_mode mode, plx_err *err)
{
    const int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == PLX_SQL_MEMORY) {
        return sqlite3_open_v2(":memory:", &sql->db, common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    }
    if (mode == PLX_SQL_PRIVATE) {
        return sqlite3_open_v2(path, &sql->db, common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    }
    plx_sb uri = {0};
    int rc = path && uri_of(path, &uri)
                 ? sqlite3_open_v2(plx_sb_str(&uri), &sql->db, common | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL)
                 : SQLITE_NOMEM;
    plx_sb_free(&uri);
    (void)err;
    return rc;
}

bool plx_sql_open(const char *path, plx_sql_mode mode, plx_sql **out, plx_err *err)
{
    if (mode != PLX_SQL_MEMORY && !path) {
        return plx_fail(err, PLX_E_BUG, "a database file was opened without a path");
    }
    if (mode == PLX_SQL_SNAPSHOT && !plx_fs_exists(path)) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s does not exist", path);
    }
    plx_sql *sql = plx_alloc_zero(1, sizeof *sql);
    if (!sql || (path && !(sql->path = plx_strdup(path)))) {
        plx_free(sql);
        return plx_fail_nomem(err, sizeof *sql);
    }
    sql->all_ours = mode == PLX_SQL_PRIVATE;
    int rc = open_db(sql, path, mode, err);
    if (rc != SQLITE_OK) {
        fail_sql(sql, rc, err);
        plx_sql_close(sql);
        return false;
    }
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, (int *)NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    const char *setup = mode == PLX_SQL_SNAPSHOT
                            ? "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
                            : "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
                              "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cell_size_check=ON;";
    int64_t n = 0; /* nothing was read before: now it shows whether this is a database */
    if (!plx_sql_run(sql, setup, err) || !plx_sql_int(sql, "SELECT count(*) FROM sqlite_schema", &n, err)) {
        plx_sql_close(sql);
        return false;
    }
    *out = sql;
    return true;
}

void plx_sql_close(plx_sql *sql)
{
    if (sql) {
        plx_sql_unguard(sql);
        sqlite3_close(sql->db);
        plx_free(sql->path);
        plx_free(sql);
    }
}

bool plx_sql_copy(plx_sql *from, plx_sql *to, plx_err *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
    if (!backup) {
        return fail_sql(to, sqlite3_extended_errcode(to->db), err);
    }
    to->all_ours = false;
    sqlite3_backup_step(backup, -1);
    int rc = sqlite3_backup_finish(backup);
    return rc == SQLITE_OK || fail_sql(to, rc, err);
}

bool plx_sql_run(plx_sql *sql, const char *text, plx_err *err)
{
    int rc = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK || fail_sql(sql, rc, err);
}

bool plx_sql_int(plx_sql *sql, const char *text, int64_t *out, plx_err *err)
{
    plx_stmt *stmt = NULL;
    bool row = false;
    bool ok = plx_stmt_new(sql, text, &stmt, err) && plx_stmt_step(stmt, &row, err);
    if (ok) {
        *out = row ? plx_stmt_cell(stmt, 0).i64 : 0;
    }
    plx_stmt_free(stmt);
    return ok;
}

bool plx_stmt_new(plx_sql *sql, const char *text, plx_stmt **out, plx_err *err)
{
    size_t len = strlen(text);
    if (len >= INT_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "the statement has %zu bytes", len);
    }
    plx_stmt *stmt = plx_alloc_zero(1, sizeof *stmt);
    if (!stmt) {
        return plx_fail_nomem(err, sizeof *stmt);
    }
    const char *tail = NULL;
    int rc = sqlite3_prepare_v2(sql->db, text, (int)len + 1, &stmt->stmt, &tail);
    if (rc != SQLITE_OK) {
        plx_free(stmt);
        fail_sql(sql, rc, err);
        return false;
    }
    stmt->sql = sql;
    size_t at = tail ? (size_t)(tail - text) : len;
    sqlite3_stmt *next = NULL;
    /* Blanks and comments after the statement prepare to nothing. */
    if (at < len && (sqlite3_prepare_v2(sql->db, tail, -1, &next, NULL) != SQLITE_OK || next)) {
        stmt->extra_at = at;
    }
    sqlite3_finalize(next);
    *out = stmt;
    return true;
}

void plx_stmt_free(plx_stmt *stmt)
{
    if (stmt) {
        sqlite3_finalize(stmt->stmt);
        plx_free(stmt);
    }
}

bool plx_stmt_is_single_read(const plx_stmt *stmt, plx_err *err)
{
    if (!stmt->stmt) {
        return plx_fail(err, PLX_E_ARG, "there is no statement in the query");
    }
    if (stmt->extra_at) {
        plx_fail(err, PLX_E_ARG, "one statement at a time");
        return plx_note(err, "SQL, character %zu: a second one starts", stmt->extra_at + 1);
    }
    if (!sqlite3_stmt_readonly(stmt->stmt)) {
        plx_fail(err, PLX_E_POLICY, "only reading is allowed");
        return plx_err_kept(err, "nothing was changed");
    }
    return true;
}

bool plx_stmt_bind(plx_stmt *stmt, const plx_cell *cells, size_t n, plx_err *err)
{
    sqlite3_reset(stmt->stmt);
    size_t want = (size_t)sqlite3_bind_parameter_count(stmt->stmt);
    if (n != want) {
        return plx_fail(err, PLX_E_ARG, "the query has %zu parameter%s, %zu value%s given", want, want == 1 ? "" : "s",
                        n, n == 1 ? " is" : "s are");
    }
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
        const plx_cell *cell = &cells[i];
        int at = (int)i + 1;
        const char *bytes = cell->text.ptr ? cell->text.ptr : "";
        switch (cell->type) {
        case PLX_CELL_NULL:
            rc = sqlite3_bind_null(stmt->stmt, at);
            break;
        case PLX_CELL_INT:
            rc = sqlite3_bind_int64(stmt->stmt, at, cell->i64);
            break;
        case PLX_CELL_REAL:
            rc = sqlite3_bind_double(stmt->stmt, at, cell->f64);
            break;
        case PLX_CELL_TEXT:
            rc = sqlite3_bind_text64(stmt->stmt, at, bytes, cell->text.len, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case PLX_CELL_BLOB:
            rc = sqlite3_bind_blob64(stmt->stmt, at, bytes, cell->text.len, SQLITE_STATIC);
            break;
        }
    }
    return rc == SQLITE_OK || fail_sql(stmt->sql, rc, err);
}

bool plx_stmt_step(plx_stmt *stmt, bool *row, plx_err *err)
{
    int rc = sqlite3_step(stmt->stmt);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE || fail_sql(stmt->sql, rc, err);
}

bool plx_stmt_put(plx_stmt *stmt, const plx_cell *cells, size_t n, plx_err *err)
{
    bool row = false;
    bool ok = plx_stmt_bind(stmt, cells, n, err);
    do {
        ok = ok && plx_stmt_step(stmt, &row, err);
    } while (ok && row);
    sqlite3_reset(stmt->stmt);
    return ok;
}

size_t plx_stmt_cols(const plx_stmt *stmt)
{
    return (size_t)sqlite3_column_count(stmt->stmt);
}

const char *plx_stmt_name(const plx_stmt *stmt, size_t col)
{
    const char *name = sqlite3_column_name(stmt->stmt, (int)col);
    return name ? name : "";
}

plx_cell plx_stmt_cell(const plx_stmt *stmt, size_t col)
{
    int at = (int)col;
    switch (sqlite3_column_type(stmt->stmt, at)) {
    case SQLITE_INTEGER:
        return plx_cell_int(sqlite3_column_int64(stmt->stmt, at));
    case SQLITE_FLOAT:
        return plx_cell_real(sqlite3_column_double(stmt->stmt, at));
    case SQLITE_TEXT: {
        const unsigned char *text = sqlite3_column_text(stmt->stmt, at);
        return plx_cell_slice((plx_slice){(const char *)text, text ? (size_t)sqlite3_column_bytes(stmt->stmt, at) : 0});
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(stmt->stmt, at);
        return plx_cell_blob(bytes, bytes ? (size_t)sqlite3_column_bytes(stmt->stmt, at) : 0);
    }
    default:
        return plx_cell_null();
    }
}

static int authorize(void *payload, int action, const char *a, const char *b, const char *database, const char *trigger)
{
    (void)payload;
    (void)database;
    (void)trigger;
    static const char *const pragmas[] = {"table_info", "table_xinfo",      "table_list", "index_list",
                                          "index_info", "foreign_key_list", NULL};
    static const char *const functions[] = {"load_extension", "fts3_tokenizer", "sqlite_compileoption_used", NULL};
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_UPDATE: /* how table-valued functions such as json_each are declared; the schema itself stays
                           write-protected */
        return a && strcmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
        for (const char *const *f = functions; b && *f; f++) {
            if (sqlite3_stricmp(*f, b) == 0) {
                return SQLITE_DENY;
            }
        }
        return SQLITE_OK;
    case SQLITE_PRAGMA:
        for (const char *const *p = pragmas; a && *p; p++) {
            if (sqlite3_stricmp(*p, a) == 0) {
                return SQLITE_OK;
            }
        }
        return SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int on_progress(void *payload)
{
    plx_sql *sql = payload;
    if (sql->ctx && sql->ctx->cancel && *sql->ctx->cancel) {
        return 1;
    }
    sql->timed_out = sql->deadline_s > 0 && now_s() > sql->deadline_s;
    return sql->timed_out;
}

bool plx_sql_guard(plx_sql *sql, const plx_ctx *ctx, double seconds, plx_err *err)
{
    int64_t dummy;
    /* The schema must be read before the authorizer is there, or its parsing would ask for CREATE. */
    if (!plx_sql_int(sql, "SELECT count(*) FROM sqlite_schema", &dummy, err)) {
        return false;
    }
    sql->ctx = ctx;
    sql->seconds = seconds;
    sql->deadline_s = seconds > 0 ? now_s() + seconds : 0;
    sql->timed_out = false;
    sqlite3_set_authorizer(sql->db, authorize, NULL);
    sqlite3_progress_handler(sql->db, GUARD_STEPS, on_progress, sql);
    sqlite3_limit(sql->db, SQLITE_LIMIT_LENGTH, GUARD_VALUE_BYTES);
    sqlite3_limit(sql->db, SQLITE_LIMIT_ATTACHED, 0);
    if (!sql->guarded) {
        sqlite3_memory_highwater(1);
        sql->heap_before = sqlite3_hard_heap_limit64(guard_heap_bytes);
    }
    sql->guarded = true;
    return true;
}

void plx_sql_unguard(plx_sql *sql)
{
    if (sql->guarded) {
        sqlite3_hard_heap_limit64(sql->heap_before);
        sqlite3_set_authorizer(sql->db, NULL, NULL);
        sqlite3_progress_handler(sql->db, 0, NULL, NULL);
        sql->guarded = false;
    }
}
