/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite wrapper: values there and back, errors in our codes, and what a guarded connection refuses.
 */
#include "registry/sql.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static plx_err err;

#define OK(call) ck_assert_msg((call), "%s", plx_test_err(&err))
#define NOT(call, want)                                                                                                \
    do {                                                                                                               \
        plx_err_clear(&err);                                                                                           \
        ck_assert_msg(!(call), "it was accepted");                                                                     \
        ck_assert_msg(err.code == (want), "%s", plx_test_err(&err));                                                   \
    } while (0)

static plx_sql *memory(void)
{
    plx_sql *sql = NULL;
    plx_err_clear(&err);
    OK(plx_sql_open(NULL, PLX_SQL_MEMORY, &sql, &err));
    return sql;
}

START_TEST(gives_back_what_was_bound)
{
    plx_sql *sql = memory();
    const plx_cell in[] = {plx_cell_null(),
                           plx_cell_int(INT64_MIN),
                           plx_cell_real(-0.1),
                           plx_cell_text("gr\xc3\xbc\xc3\x9f"),
                           plx_cell_blob("\0\1\2", 3),
                           plx_cell_text("")};
    OK(plx_sql_run(sql, "CREATE TABLE t (a, b, c, d, e, f)", &err));
    plx_stmt *insert = NULL, *select = NULL;
    OK(plx_stmt_new(sql, "INSERT INTO t VALUES (?,?,?,?,?,?)", &insert, &err));
    OK(plx_stmt_put(insert, in, 6, &err));
    OK(plx_stmt_put(insert, in, 6, &err));
    OK(plx_stmt_new(sql, "SELECT * FROM t", &select, &err));
    ck_assert_uint_eq(plx_stmt_cols(select), 6);
    ck_assert_str_eq(plx_stmt_name(select, 4), "e");
    bool row = false;
    size_t n = 0;
    while (plx_stmt_step(select, &row, &err) && row) {
        n++;
        for (size_t i = 0; i < 6; i++) {
            plx_cell cell = plx_stmt_cell(select, i);
            ck_assert_msg(plx_cell_eq(&cell, &in[i]), "column %zu", i);
        }
    }
    ck_assert_uint_eq(n, 2);
    plx_stmt_free(insert);
    plx_stmt_free(select);
    plx_sql_close(sql);
}
END_TEST

START_TEST(compares_cells)
{
    plx_cell nan1 = plx_cell_real(NAN), nan2 = plx_cell_real(NAN), zero = plx_cell_real(0.0),
             minus = plx_cell_real(-0.0);
    plx_cell one = plx_cell_int(1), real_one = plx_cell_real(1), text = plx_cell_text("1"),
             blob = plx_cell_blob("1", 1);
    ck_assert(plx_cell_eq(&nan1, &nan2));
    ck_assert(!plx_cell_eq(&zero, &minus));
    ck_assert(!plx_cell_eq(&one, &real_one));
    ck_assert(!plx_cell_eq(&text, &blob));
    ck_assert(plx_cell_text(NULL).type == PLX_CELL_NULL);
}
END_TEST

START_TEST(maps_errors)
{
    plx_sql *sql = memory();
    plx_stmt *stmt = NULL;
    NOT(plx_stmt_new(sql, "SELEC 1", &stmt, &err), PLX_E_ARG);
    ck_assert_msg(strstr(err.note[0], "character 1") != NULL, "%s", plx_test_err(&err));
    NOT(plx_stmt_new(sql, "SELECT 1 + nosuch", &stmt, &err), PLX_E_ARG);
    ck_assert_msg(strstr(err.note[0], "character 12") != NULL, "%s", plx_test_err(&err));
    OK(plx_sql_run(sql, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT", &err));
    NOT(plx_sql_run(sql, "INSERT INTO t VALUES (1), (1)", &err), PLX_E_SCHEMA);
    NOT(plx_sql_run(sql, "INSERT INTO t VALUES (\"x\")", &err), PLX_E_ARG); /* no double-quoted strings */
    OK(plx_stmt_new(sql, "SELECT ?", &stmt, &err));
    NOT(plx_stmt_bind(stmt, NULL, 0, &err), PLX_E_ARG);
    plx_stmt_free(stmt);
    plx_sql_close(sql);

    const char *path = plx_test_file("not.db", "This is no database at all, but it is long enough to look at.", 60);
    NOT(plx_sql_open(path, PLX_SQL_SNAPSHOT, &sql, &err), PLX_E_FORMAT);
    char missing[PLX_PATH];
    snprintf(missing, sizeof missing, "%s/missing.db", plx_test_dir());
    NOT(plx_sql_open(missing, PLX_SQL_SNAPSHOT, &sql, &err), PLX_E_NOTFOUND);
    ck_assert(!plx_fs_exists(missing));
}
END_TEST

START_TEST(enforces_foreign_keys)
{
    plx_sql *sql = memory();
    OK(plx_sql_run(sql,
                   "CREATE TABLE a (k INTEGER PRIMARY KEY); CREATE TABLE b (k INTEGER REFERENCES a ON DELETE CASCADE);"
                   "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)",
                   &err));
    NOT(plx_sql_run(sql, "INSERT INTO b VALUES (2)", &err), PLX_E_SCHEMA);
    int64_t n = -1;
    OK(plx_sql_run(sql, "DELETE FROM a", &err));
    OK(plx_sql_int(sql, "SELECT count(*) FROM b", &n, &err));
    ck_assert_int_eq(n, 0);
    plx_sql_close(sql);
}
END_TEST

START_TEST(copies_between_file_and_memory)
{
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s/odd ?#%%name.db", plx_test_dir());
    plx_sql *file = NULL, *snapshot = NULL, *copy = memory();
    OK(plx_sql_open(path, PLX_SQL_PRIVATE, &file, &err));
    OK(plx_sql_run(file, "CREATE TABLE t (a); INSERT INTO t VALUES (42)", &err));
    plx_sql_close(file);
    OK(plx_sql_open(path, PLX_SQL_SNAPSHOT, &snapshot, &err));
    NOT(plx_sql_run(snapshot, "INSERT INTO t VALUES (1)", &err), PLX_E_NOSPACE);
    OK(plx_sql_copy(snapshot, copy, &err));
    int64_t n = 0;
    OK(plx_sql_int(copy, "SELECT a FROM t", &n, &err));
    ck_assert_int_eq(n, 42);
    plx_sql_close(snapshot);
    plx_sql_close(copy);
    char journal[PLX_PATH + 16];
    snprintf(journal, sizeof journal, "%s-journal", path);
    ck_assert(!plx_fs_exists(journal));
}
END_TEST

/* Run the statement to its end as a user's query would be. */
static bool guarded(plx_sql *sql, const char *text, double seconds)
{
    plx_ctx ctx = plx_ctx_default();
    plx_stmt *stmt = NULL;
    bool row = true;
    plx_err_clear(&err);
    bool ok = plx_sql_guard(sql, &ctx, seconds, &err) && plx_stmt_new(sql, text, &stmt, &err) &&
              plx_stmt_is_single_read(stmt, &err);
    while (ok && row) {
        ok = plx_stmt_step(stmt, &row, &err);
    }
    plx_stmt_free(stmt);
    plx_sql_unguard(sql);
    return ok;
}

static const struct {
    const char *sql;
    plx_code code;
} refused[] = {
    {"INSERT INTO t VALUES (1)", PLX_E_POLICY},
    {"UPDATE t SET a = 1", PLX_E_POLICY},
    {"DELETE FROM t", PLX_E_POLICY},
    {"DROP TABLE t", PLX_E_POLICY},
    {"UPDATE sqlite_schema SET sql = ''", PLX_E_ARG}, /* "may not be modified" */
    {"CREATE TABLE u (a)", PLX_E_POLICY},
    {"CREATE TEMP TABLE u (a)", PLX_E_POLICY},
    {"CREATE VIEW v AS SELECT 1", PLX_E_POLICY},
    {"CREATE VIRTUAL TABLE f USING fts5(x)", PLX_E_POLICY},
    {"ATTACH 'x.db' AS x", PLX_E_POLICY},
    {"DETACH main", PLX_E_POLICY},
    {"VACUUM", PLX_E_POLICY},
    {"VACUUM INTO 'x.db'", PLX_E_POLICY},
    {"BEGIN", PLX_E_POLICY},
    {"SAVEPOINT x", PLX_E_POLICY},
    {"REINDEX", PLX_E_POLICY},
    {"ANALYZE", PLX_E_POLICY},
    {"PRAGMA user_version = 5", PLX_E_POLICY},
    {"PRAGMA journal_mode = WAL", PLX_E_POLICY},
    {"PRAGMA writable_schema = ON", PLX_E_POLICY},
    {"PRAGMA temp_store_directory = '/'", PLX_E_POLICY},
    {"PRAGMA hard_heap_limit = 0", PLX_E_POLICY},
    {"SELECT load_extension('x')", PLX_E_POLICY},
    {"SELECT fts3_tokenizer('simple')", PLX_E_POLICY},
    {"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", PLX_E_POLICY},
    {"EXPLAIN DELETE FROM t", PLX_E_POLICY},
    {"SELECT 1; SELECT 2", PLX_E_ARG},
    {"SELECT 1; DROP TABLE t", PLX_E_ARG},
    {"SELECT 1; nonsense", PLX_E_ARG},
    {"", PLX_E_ARG},
    {"  -- nothing", PLX_E_ARG},
    {"SELECT zeroblob(100000000)", PLX_E_LIMIT},
    {"SELECT * FROM nosuch", PLX_E_ARG},
};

START_TEST(guard_refuses)
{
    plx_sql *sql = memory();
    OK(plx_sql_run(sql, "CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t VALUES (7)", &err));
    ck_assert_msg(!guarded(sql, refused[_i].sql, 5), "%s was accepted", refused[_i].sql);
    ck_assert_msg(err.code == refused[_i].code, "%s: %s", refused[_i].sql, plx_test_err(&err));
    int64_t sum = 0;
    OK(plx_sql_int(sql, "SELECT sum(a) FROM t", &sum, &err));
    ck_assert_int_eq(sum, 7);
    plx_sql_close(sql);
}
END_TEST

static const char *const allowed[] = {
    "SELECT 1",
    "SELECT 1;  -- a comment",
    "SELECT 1;;",
    "VALUES (1), (2)",
    "SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 0 ORDER BY a",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n",
    "SELECT sum(a) OVER (ORDER BY a) FROM t",
    "SELECT json_extract('{\"a\": 1}', '$.a')",
    "PRAGMA table_info(t)",
    "SELECT * FROM pragma_table_info('t')",
    "SELECT value FROM json_each('[1, 2]')",
    "SELECT name FROM sqlite_schema",
    "EXPLAIN QUERY PLAN SELECT * FROM t",
};

START_TEST(guard_allows)
{
    plx_sql *sql = memory();
    OK(plx_sql_run(sql, "CREATE TABLE t (a); INSERT INTO t VALUES (7)", &err));
    ck_assert_msg(guarded(sql, allowed[_i], 5), "%s: %s", allowed[_i], plx_test_err(&err));
    plx_sql_close(sql);
}
END_TEST

static const char forever[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

START_TEST(guard_stops_in_time)
{
    plx_sql *sql = memory();
    ck_assert(!guarded(sql, forever, 0.05));
    ck_assert_msg(err.code == PLX_E_LIMIT, "%s", plx_test_err(&err));
    ck_assert(strstr(err.what, "0.05") != NULL);
    /* The connection is as good as before. */
    ck_assert_msg(guarded(sql, "SELECT 1", 0.05), "%s", plx_test_err(&err));
    plx_sql_close(sql);
}
END_TEST

START_TEST(guard_heeds_the_wish_to_stop)
{
    volatile sig_atomic_t stop = 1;
    plx_ctx ctx = plx_ctx_default();
    ctx.cancel = &stop;
    plx_sql *sql = memory();
    plx_stmt *stmt = NULL;
    bool row = false;
    OK(plx_sql_guard(sql, &ctx, 0, &err));
    OK(plx_stmt_new(sql, forever, &stmt, &err));
    NOT(plx_stmt_step(stmt, &row, &err), PLX_E_CANCELLED);
    plx_stmt_free(stmt);
    plx_sql_close(sql);
}
END_TEST

START_TEST(guard_bounds_memory)
{
    plx_sql *sql = memory();
    ck_assert(!guarded(
        sql,
        "WITH RECURSIVE n(i, b) AS (SELECT 1, zeroblob(60000000) UNION ALL SELECT i + 1, zeroblob(60000000 + i) "
        "FROM n WHERE i < 100) SELECT count(*) FROM (SELECT b FROM n ORDER BY b, i)",
        30));
    ck_assert_msg(err.code == PLX_E_LIMIT, "%s", plx_test_err(&err));
    plx_sql_close(sql);
}
END_TEST

Suite *sql_suite(void)
{
    Suite *suite = suite_create("sql");
    TCase *tc = tcase_create("sql");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, gives_back_what_was_bound);
    tcase_add_test(tc, compares_cells);
    tcase_add_test(tc, maps_errors);
    tcase_add_test(tc, enforces_foreign_keys);
    tcase_add_test(tc, copies_between_file_and_memory);
    tcase_add_loop_test(tc, guard_refuses, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_loop_test(tc, guard_allows, 0, (int)(sizeof allowed / sizeof allowed[0]));
    tcase_add_test(tc, guard_stops_in_time);
    tcase_add_test(tc, guard_heeds_the_wish_to_stop);
    tcase_add_test(tc, guard_bounds_memory);
    suite_add_tcase(suite, tc);
    return suite;
}
