/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalog: rows as the files say, however they got there; every changed value found and placed; damage, age, races,
 * no memory.
 */
#include "core/rng.h"
#include "registry/catalog.h"
#include "registry/catalog_build.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <sys/wait.h>

static plx_ctx ctx;
static plx_err err;
static plx_store store;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    fx_store("store", &store);
}

static void teardown(void)
{
    plx_store_close(&store);
}

static const char *db_path(void)
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

static bool dump_table(plx_sql *sql, const char *table, dump *out)
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

static bool dump_db(const char *path, dump *out)
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

static bool on_problem(void *payload, const char *table, const char *key, const char *what)
{
    problems *p = payload;
    if (p->n++ == 0 || strcmp(p->table, "catalog.db") == 0) {
        snprintf(p->table, sizeof p->table, "%s", table);
        snprintf(p->key, sizeof p->key, "%s", key);
        snprintf(p->what, sizeof p->what, "%s", what);
    }
    return true;
}

static problems compare(void)
{
    problems p = {0};
    OK(plx_catalog_compare(&ctx, &store, on_problem, &p, &err));
    return p;
}

static void expect_sound(void)
{
    problems p = compare();
    ck_assert_msg(p.n == 0, "%s[%s] %s", p.table, p.key, p.what);
}

typedef struct answer {
    size_t rows;
    char text[512]; /* of the first row, cells joined by | */
} answer;

static bool on_row(void *payload, size_t n, const char *const *names, const plx_cell *cells, plx_err *why)
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

static answer ask_of(plx_store *s, const char *sql)
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

START_TEST(is_empty_in_a_fresh_store)
{
    ASK("SELECT count(*) FROM dataset", "0");
    expect_sound();
}
END_TEST

START_TEST(holds_what_the_files_say)
{
    OK(fx_get(&store, "small", 3.5, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    ASK("SELECT ref, family, name, version, mode, kind, title, licence, demo, problem FROM dataset",
        "connectome/small@1:strict|connectome|small|1|strict|connectome|Three cells|CC0-1.0|1|");
    ASK("SELECT name, url, bytes, trust, length(sha256) FROM file",
        "cells.csv|https://example.org/cells.csv|30|sha256|32");
    ASK("SELECT ref, unit, kind, length(sha256), bytes > 0 FROM record", "connectome/small@1:strict||connectome|32|1");
    ASK("SELECT sum(m.bytes) = r.bytes, count(*) > 20 FROM member AS m, record AS r", "1|1");
    ASK("SELECT dtype, shape, unit FROM member WHERE path = 'edges/weight.npy'", "f64|[2]|synapses");
    ASK("SELECT value FROM \"count\" WHERE scope = 'canonical' AND name = 'chemical_sum'", "3.5");
    ASK("SELECT typeof(value), value FROM \"count\" WHERE scope = 'all' AND name = 'edges'", "integer|2");
    ASK("SELECT value FROM attribute WHERE key = 'region'", "\"head\"");
    ASK("SELECT action, rule, n FROM change_summary", "rename|case|1");
    ASK("SELECT subject, before, after, reason, file, line FROM change",
        "aval|aval|AVAL|upper case is canonical|cells.csv|7");
    ASK("SELECT group_concat(label || ':' || slot, ' ') FROM node", "AVAL:53 AVAR:54 m1:-1");
    ASK("SELECT pre, post, kind, weight FROM synapse", "AVAL|AVAR|chemical|3.5");
    ASK("SELECT class, type, transmitter, category FROM neuron WHERE label = 'AVAR'", "AVA|inter|acetylcholine|neuron");
    ASK("SELECT ref, records FROM datasets", "connectome/small@1:strict|1");
    expect_sound();
}
END_TEST

/* Adding, replacing and removing one by one gives the rows a rebuild gives. */
START_TEST(grows_to_what_a_rebuild_gives)
{
    char name[32];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "set%d", i);
        OK(fx_get(&store, name, 1 + i, &err));
        OK(plx_catalog_sync(&ctx, &store, &err));
        expect_sound();
    }
    OK(fx_get(&store, "set2", 77, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    bool was_there = false;
    for (int i = 3; i < 6; i++) {
        snprintf(name, sizeof name, "set%d", i);
        plx_ref ref = fx_ref(name);
        OK(plx_refs_remove(&store, &ref, &was_there, &err));
        ck_assert(was_there);
    }
    OK(plx_catalog_sync(&ctx, &store, &err));
    expect_sound();
    dump grown, rebuilt;
    ck_assert(dump_db(db_path(), &grown));
    OK(plx_catalog_rebuild(&ctx, &store, &err));
    ck_assert(dump_db(db_path(), &rebuilt));
    ck_assert_uint_gt(grown.rows, 100);
    ck_assert_str_eq(plx_sb_str(&grown.text), plx_sb_str(&rebuilt.text));
    ASK("SELECT group_concat(name, ' ') FROM dataset", "set0 set1 set2");
    ASK("SELECT max(weight) FROM edge", "77");
    plx_sb_free(&grown.text);
    plx_sb_free(&rebuilt.text);
}
END_TEST

START_TEST(catches_up_when_opened)
{
    OK(fx_get(&store, "one", 1, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    OK(fx_get(&store, "two", 2, &err));
    expect_sound(); /* being behind is no damage */

    plx_store reader;
    OK(plx_store_open(&ctx, store.root, PLX_STORE_READ, 0, &reader, &err));
    reader.writable = false; /* as on a read-only file system */
    dump d0, d1;
    ck_assert(dump_db(db_path(), &d0));
    answer a = ask_of(&reader, "SELECT group_concat(name, ' ') FROM dataset");
    ck_assert_str_eq(a.text, "one two");
    ck_assert(dump_db(db_path(), &d1));
    ck_assert_str_eq(plx_sb_str(&d0.text), plx_sb_str(&d1.text)); /* a reader writes nothing */
    ck_assert_uint_eq(fx_count(&reader, "partial"), 0);
    plx_store_close(&reader);
    plx_sb_free(&d0.text);
    plx_sb_free(&d1.text);

    ASK("SELECT count(*) FROM dataset", "2");
    ck_assert(dump_db(db_path(), &d0));
    ck_assert(strstr(plx_sb_str(&d0.text), "connectome/two@1:strict") != NULL); /* a writer saves it */
    plx_sb_free(&d0.text);
    expect_sound();
}
END_TEST

/* A statement on a copy of the catalog that stands in for damage: constraints are off. */
static void tamper(const char *sql)
{
    plx_sql *db = NULL;
    OK(plx_sql_open(db_path(), PLX_SQL_PRIVATE, &db, &err));
    OK(plx_sql_run(db, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON", &err));
    ck_assert_msg(plx_sql_run(db, sql, &err), "%s: %s", sql, plx_test_err(&err));
    plx_sql_close(db);
}

static void save(plx_buf *out)
{
    OK(plx_buf_read_file(db_path(), 1 << 26, out, &err));
}

static void restore(const plx_buf *saved)
{
    FILE *f = fopen(db_path(), "wb");
    ck_assert(f && fwrite(saved->ptr, 1, saved->len, f) == saved->len && fclose(f) == 0);
}

typedef struct column_list {
    size_t n;
    char name[32][32], type[32][16];
    bool key[32];
} column_list;

static void columns_of(const char *table, column_list *out)
{
    plx_sql *sql = NULL;
    plx_stmt *stmt = NULL;
    plx_cell cell = plx_cell_text(table);
    bool row = true;
    out->n = 0;
    OK(plx_sql_open(db_path(), PLX_SQL_SNAPSHOT, &sql, &err));
    OK(plx_stmt_new(sql, "SELECT name, type, pk FROM pragma_table_info(?)", &stmt, &err));
    OK(plx_stmt_bind(stmt, &cell, 1, &err));
    while (plx_stmt_step(stmt, &row, &err) && row) {
        plx_slice name = plx_stmt_cell(stmt, 0).text, type = plx_stmt_cell(stmt, 1).text;
        snprintf(out->name[out->n], sizeof out->name[0], "%.*s", (int)name.len, name.ptr);
        snprintf(out->type[out->n], sizeof out->type[0], "%.*s", (int)type.len, type.ptr);
        out->key[out->n++] = plx_stmt_cell(stmt, 2).i64 > 0;
    }
    plx_stmt_free(stmt);
    plx_sql_close(sql);
}

/* An expression that is another value of the same type. */
static const char *other_value(const char *type)
{
    return strcmp(type, "TEXT") == 0      ? "coalesce(%s, '') || 'x'"
           : strcmp(type, "BLOB") == 0    ? "CAST(coalesce(substr(%s, 1, 31), zeroblob(31)) || x'a7' AS BLOB)"
           : strcmp(type, "INTEGER") == 0 ? "coalesce(%s, 0) + 1"
                                          : "coalesce(%s, 0) + 0.5";
}

/* What the fixture leaves empty: a citation, a used data set, an ingester, a homepage. */
static void enrich(const char *name)
{
    plx_arena *a = plx_arena_new(0);
    plx_ref ref = fx_ref(name);
    const plx_value *content = NULL;
    OK(plx_refs_read(&ctx, &store, &ref, a, &content, &err));
    plx_value *copy = plx_v_obj(a), *citations = plx_v_arr(a), *uses = plx_v_arr(a);
    plx_value *citation = plx_v_obj(a), *use = plx_v_obj(a), *ingester = plx_v_obj(a);
    for (size_t i = 0; i < content->u.obj.n; i++) {
        ck_assert(plx_v_set(a, copy, content->u.obj.members[i].key.ptr, content->u.obj.members[i].value));
    }
    ck_assert(plx_v_set(a, citation, "key", plx_v_str(a, "k2020")) &&
              plx_v_set(a, citation, "bibtex", plx_v_str(a, "@misc{k2020,}")) && plx_v_push(a, citations, citation));
    ck_assert(plx_v_set(a, use, "ref", plx_v_str(a, "atlas/x")) && plx_v_set(a, use, "records", plx_v_arr(a)) &&
              plx_v_push(a, uses, use));
    ck_assert(plx_v_set(a, ingester, "name", plx_v_str(a, "edge_table")) &&
              plx_v_set(a, ingester, "version", plx_v_i64(a, 3)));
    ck_assert(plx_v_set(a, copy, "citations", citations) && plx_v_set(a, copy, "uses", uses) &&
              plx_v_set(a, copy, "ingester", ingester) &&
              plx_v_set(a, copy, "homepage", plx_v_str(a, "https://example.org")));
    OK(plx_refs_write(&store, &ref, copy, &err));
    plx_arena_free(a);
}

START_TEST(finds_every_changed_value)
{
    OK(fx_get(&store, "one", 1, &err));
    enrich("one");
    OK(fx_get(&store, "two", 2, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    ASK("SELECT ingester, ingester_version, homepage, key, bibtex, used FROM dataset JOIN citation USING (ref) JOIN "
        "uses USING "
        "(ref)",
        "edge_table|3|https://example.org|k2020|@misc{k2020,}|atlas/x");
    tamper("UPDATE dataset SET problem = ''"); /* the harness itself changes nothing */
    expect_sound();
    plx_buf saved;
    save(&saved);
    size_t n = 0, covered = 0;
    for (size_t t = 0; t < N_TABLES; t++) {
        column_list cols;
        columns_of(tables[t], &cols);
        int64_t rows = 0;
        char sql[1024], quoted[64], expression[256];
        plx_sql *db = NULL;
        OK(plx_sql_open(db_path(), PLX_SQL_SNAPSHOT, &db, &err));
        snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", tables[t]);
        OK(plx_sql_int(db, sql, &rows, &err));
        plx_sql_close(db);
        covered += rows > 0;
        int64_t step = rows > 8 ? rows / 8 : 1;
        for (size_t c = 0; c < cols.n; c++) {
            for (int64_t row = 0; row < rows; row += step) {
                snprintf(quoted, sizeof quoted, "\"%s\"", cols.name[c]);
                snprintf(expression, sizeof expression, other_value(cols.type[c]), quoted);
                /* Key columns pick the row; of WITHOUT ROWID tables there is no other handle. */
                size_t used = (size_t)snprintf(sql, sizeof sql, "UPDATE OR REPLACE \"%s\" SET %s = %s WHERE (",
                                               tables[t], quoted, expression);
                char keys[256] = "";
                for (size_t k = 0; k < cols.n; k++) {
                    size_t len = strlen(keys);
                    if (cols.key[k]) {
                        snprintf(keys + len, sizeof keys - len, "%s\"%s\"", len ? ", " : "", cols.name[k]);
                    }
                }
                snprintf(sql + used, sizeof sql - used, "%s) = (SELECT %s FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld)",
                         keys, keys, tables[t], keys, (long long)row);
                tamper(sql);
                problems p = compare();
                ck_assert_msg(p.n > 0, "not found: %s", sql);
                ck_assert_msg(strcmp(p.table, tables[t]) == 0, "%s is said to be in %s[%s] %s", sql, p.table, p.key,
                              p.what);
                if (!cols.key[c]) {
                    ck_assert_msg(strncmp(p.what, cols.name[c], strlen(cols.name[c])) == 0, "%s: %s", sql, p.what);
                }
                n++;
                restore(&saved);
            }
        }
        if (rows > 0) {
            snprintf(sql, sizeof sql, "DELETE FROM \"%s\" WHERE (SELECT count(*) FROM \"%s\") > 0", tables[t],
                     tables[t]);
            tamper(sql);
            problems p = compare();
            ck_assert_msg(p.n > 0 && strcmp(p.table, tables[t]) == 0, "%s: %zu, %s", sql, p.n, p.table);
            restore(&saved);
            n++;
        }
    }
    ck_assert_uint_eq(covered, N_TABLES);
    printf("%zu changed catalog values, all found in their table and column\n", n);
    ck_assert_uint_gt(n, 300);
    plx_buf_free(&saved);
}
END_TEST

START_TEST(finds_added_things)
{
    static const char *const statements[] = {
        "INSERT INTO citation VALUES ('connectome/one@1:strict', 0, 'k', '@misc{k,}')",
        "INSERT INTO uses VALUES ('connectome/one@1:strict', 0, 'atlas/x')",
        "INSERT INTO edge SELECT record_id, 99, 0, 0, 'chemical', 1, 1 FROM edge LIMIT 1",
        "CREATE TABLE extra (a)",
        "CREATE VIEW extra AS SELECT 1",
        "DROP VIEW synapse",
        "DROP INDEX node_by_label",
        "CREATE TRIGGER extra AFTER INSERT ON node BEGIN SELECT 1; END",
        "UPDATE source SET seals = zeroblob(32)",
    };
    OK(fx_get(&store, "one", 1, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    plx_buf saved;
    save(&saved);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        tamper(statements[i]);
        problems p = compare();
        ck_assert_msg(p.n > 0, "not found: %s", statements[i]);
        restore(&saved);
    }
    plx_buf_free(&saved);
    expect_sound();
}
END_TEST

/* One bit anywhere in the file: told, or without any effect on what is read. */
START_TEST(survives_flipped_bits)
{
    enum { FLIPS = 1500 };
    OK(fx_get(&store, "one", 1, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    plx_buf saved;
    dump good;
    save(&saved);
    ck_assert(dump_db(db_path(), &good));
    plx_rng rng = plx_rng_seed(7);
    size_t told = 0, harmless = 0;
    for (int i = 0; i < FLIPS; i++) {
        uint64_t at = plx_rng_below(&rng, saved.len);
        unsigned bit = (unsigned)plx_rng_below(&rng, 8);
        saved.ptr[at] ^= (uint8_t)(1u << bit);
        restore(&saved);
        saved.ptr[at] ^= (uint8_t)(1u << bit);
        problems p = {0};
        plx_err why;
        plx_err_clear(&why);
        if (!plx_catalog_compare(&ctx, &store, on_problem, &p, &why)) {
            ck_assert_msg(why.code == PLX_E_NEWER, "byte %llu bit %u: %s", (unsigned long long)at, bit,
                          plx_test_err(&why));
            told++;
        } else if (p.n > 0) {
            told++;
        } else {
            /* Nothing was said. An older version number means that it is built anew; else the rows must be the old
             * ones. */
            plx_sql *sql = NULL;
            int64_t version = 0;
            ck_assert(plx_sql_open(db_path(), PLX_SQL_SNAPSHOT, &sql, &why) &&
                      plx_sql_int(sql, "PRAGMA user_version", &version, &why));
            plx_sql_close(sql);
            dump now;
            ck_assert_msg(dump_db(db_path(), &now), "byte %llu bit %u", (unsigned long long)at, bit);
            ck_assert_msg(version < plx_catalog_version() || strcmp(plx_sb_str(&now.text), plx_sb_str(&good.text)) == 0,
                          "byte %llu bit %u changed rows unseen", (unsigned long long)at, bit);
            plx_sb_free(&now.text);
            harmless++;
        }
    }
    printf("%d flipped bits in catalog.db: %zu found, %zu without effect on any row\n", FLIPS, told, harmless);
    ck_assert_uint_gt(told, 100);
    restore(&saved);
    expect_sound();
    plx_sb_free(&good.text);
    plx_buf_free(&saved);
}
END_TEST

START_TEST(rebuilds_over_damage)
{
    OK(fx_get(&store, "one", 1, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    plx_catalog *catalog = NULL;
    plx_buf saved;
    save(&saved);
    static const char *const how[] = {"garbage", "truncated", "foreign", "seal", "row"};
    for (int i = 0; i < 5; i++) {
        if (i == 0) {
            fx_write(db_path(), "This was a database once, but now it is a longer line of text that says so.");
        } else if (i == 1) {
            ck_assert_int_eq(truncate(db_path(), (off_t)saved.len / 2), 0);
        } else {
            tamper(i == 2   ? "PRAGMA application_id = 1"
                   : i == 3 ? "UPDATE dataset SET seal = zeroblob(32)"
                            : "DELETE FROM dataset");
        }
        plx_err_clear(&err);
        bool opened = plx_catalog_open(&ctx, &store, &catalog, &err);
        if (opened) { /* a file cut after the pages that were needed so far */
            ck_assert_int_eq(i, 1);
            plx_catalog_close(catalog);
        } else {
            ck_assert_msg(err.code == PLX_E_FORMAT, "%s: %s", how[i], plx_test_err(&err));
            ck_assert_str_eq(err.next, "plexus repair");
        }
        plx_err_clear(&err);
        OK(i == 1 ? plx_catalog_rebuild(&ctx, &store, &err) : plx_catalog_sync(&ctx, &store, &err));
        expect_sound();
        ASK("SELECT count(*) FROM edge", "2");
        restore(&saved);
    }
    plx_buf_free(&saved);
}
END_TEST

/* Left-overs of a damaged catalog must not keep good rows out. */
START_TEST(is_not_misled_by_left_overs)
{
    OK(fx_get(&store, "one", 1, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    tamper("DELETE FROM record");
    ck_assert_uint_gt(compare().n, 0);
    OK(fx_get(&store, "one", 5, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    ASK("SELECT problem, (SELECT max(weight) FROM edge) FROM dataset", "|5");
    expect_sound();
}
END_TEST

START_TEST(refuses_what_is_newer_and_replaces_what_is_older)
{
    OK(fx_get(&store, "one", 1, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    plx_catalog *catalog = NULL;
    plx_buf saved, now;
    tamper("PRAGMA user_version = 99");
    save(&saved);
    plx_err_clear(&err);
    ck_assert(!plx_catalog_open(&ctx, &store, &catalog, &err) && err.code == PLX_E_NEWER);
    ck_assert(!plx_catalog_sync(&ctx, &store, &err) && err.code == PLX_E_NEWER);
    ck_assert(!plx_catalog_rebuild(&ctx, &store, &err) && err.code == PLX_E_NEWER);
    save(&now);
    ck_assert(now.len == saved.len && memcmp(now.ptr, saved.ptr, now.len) == 0);
    plx_buf_free(&now);
    plx_buf_free(&saved);

    /* A catalog from before the first migration: right owner, no table. */
    ck_assert_int_eq(unlink(db_path()), 0);
    tamper("PRAGMA application_id = 0x504c5853; PRAGMA user_version = 0; CREATE TABLE old (x)");
    plx_err_clear(&err);
    ASK("SELECT count(*) FROM edge", "2");
    expect_sound();
    int64_t version = 0;
    plx_sql *sql = NULL;
    OK(plx_sql_open(db_path(), PLX_SQL_SNAPSHOT, &sql, &err));
    OK(plx_sql_int(sql, "PRAGMA user_version", &version, &err));
    ck_assert_int_eq(version, plx_catalog_version());
    plx_sql_close(sql);

    ck_assert_int_eq(unlink(db_path()), 0);
    expect_sound();
    ASK("SELECT count(*) FROM edge", "2");
}
END_TEST

/* Path of the only record of the store. */
static void record_json(char out[PLX_PATH])
{
    char dir[PLX_PATH];
    fx_path(dir, store.root, "records");
    fx_files files;
    fx_list(dir, &files);
    for (size_t i = 0; i < files.n; i++) {
        if (plx_ends_with(files.path[i], "record.json")) {
            fx_path(out, dir, files.path[i]);
            return;
        }
    }
    ck_abort_msg("no record");
}

START_TEST(tells_of_records_it_cannot_read)
{
    OK(fx_get(&store, "one", 1, &err));
    char path[PLX_PATH];
    record_json(path);
    fx_flip(path, 40, 3);
    OK(plx_catalog_sync(&ctx, &store, &err));
    ASK("SELECT name, problem LIKE 'record % cannot be read (digest)', (SELECT count(*) FROM record) FROM dataset",
        "one|1|0");
    ASK("SELECT count(*) FROM file", "1");
    expect_sound(); /* the catalog says what there is to say */
    fx_flip(path, 40, 3);
    OK(plx_catalog_sync(&ctx, &store, &err));
    ASK("SELECT problem, (SELECT count(*) FROM record) FROM dataset", "|1");
    expect_sound();
}
END_TEST

START_TEST(leaves_damaged_refs_out)
{
    OK(fx_get(&store, "one", 1, &err));
    OK(fx_get(&store, "two", 2, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    char path[PLX_PATH];
    fx_path(path, store.root, "refs/connectome/one/1.strict.json");
    fx_flip(path, 5, 0);
    /* The seal line is as before, so only a rebuild looks at the rest. */
    OK(plx_catalog_rebuild(&ctx, &store, &err));
    ASK("SELECT group_concat(name) FROM dataset", "two");
    uint64_t size = 0;
    OK(plx_fs_size(path, &size, &err));
    fx_flip(path, 5, 0);
    fx_flip(path, size - 3, 0);
    OK(plx_catalog_sync(&ctx, &store, &err));
    ASK("SELECT group_concat(name) FROM dataset", "two");
    fx_flip(path, size - 3, 0);
    ASK("SELECT group_concat(name) FROM dataset", "one,two");
    expect_sound();
}
END_TEST

START_TEST(answers_and_refuses_queries)
{
    OK(fx_get(&store, "one", 1, &err));
    plx_catalog *catalog = NULL;
    OK(plx_catalog_open(&ctx, &store, &catalog, &err));
    answer a = {0};
    const char *params[] = {"AVAR", "x"};
    OK(plx_catalog_query(catalog, "SELECT label FROM neuron WHERE label = ?", params, 1, 5, on_row, &a, &err));
    ck_assert_str_eq(a.text, "AVAR");
    plx_err_clear(&err);
    ck_assert(!plx_catalog_query(catalog, "SELECT 1", params, 2, 5, on_row, &a, &err) && err.code == PLX_E_ARG);
    ck_assert(!plx_catalog_query(catalog, "DELETE FROM dataset", NULL, 0, 5, on_row, &a, &err) &&
              err.code == PLX_E_POLICY);
    ck_assert(!plx_catalog_query(catalog, "SELECT * FROM neurons", NULL, 0, 5, on_row, &a, &err) &&
              err.code == PLX_E_ARG);
    ck_assert_str_eq(err.why, "did you mean neuron?");
    ck_assert(!plx_catalog_query(catalog, "SELECT wieght FROM edge", NULL, 0, 5, on_row, &a, &err));
    ck_assert_str_eq(err.why, "did you mean weight?");
    ck_assert(strstr(err.note[0], "character 8") != NULL);
    a = (answer){0};
    OK(plx_catalog_query(catalog, "SELECT label FROM neuron WHERE 0", NULL, 0, 5, on_row, &a, &err));
    ck_assert_uint_eq(a.rows, 0);
    plx_catalog_close(catalog);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    OK(fx_get(&store, "one", 1, &err));
    plx_store reader;
    OK(plx_store_open(&ctx, store.root, PLX_STORE_READ, 0, &reader, &err));
    bool all_given = false;
    size_t k = 0;
    for (; !all_given && k < 20000; k++) {
        plx_catalog *catalog = NULL;
        problems p = {0};
        answer a = {0};
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_catalog_open(&ctx, &reader, &catalog, &err) &&
                  plx_catalog_query(catalog, "SELECT count(*) FROM edge", NULL, 0, 5, on_row, &a, &err);
        plx_catalog_close(catalog);
        ok = ok && plx_catalog_compare(&ctx, &reader, on_problem, &p, &err);
        all_given = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        ck_assert_msg(!ok || strcmp(a.text, "2") == 0, "%zu: %s", k, a.text);
    }
    ck_assert(all_given);
    ck_assert_uint_gt(k, 50);
    plx_store_close(&reader);
}
END_TEST

START_TEST(converges_with_many_writers)
{
    enum { WRITERS = 6, EACH = 4 };
    plx_store_close(&store);
    char root[PLX_PATH];
    snprintf(root, sizeof root, "%s", store.root);
    for (int w = 0; w < WRITERS; w++) {
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            plx_store mine;
            bool ok = plx_store_open(&ctx, root, PLX_STORE_WRITE, 5000, &mine, &err);
            for (int i = 0; ok && i < EACH; i++) {
                char name[32];
                snprintf(name, sizeof name, "w%di%d", w, i);
                ok = fx_get(&mine, name, 1 + i, &err) && plx_catalog_sync(&ctx, &mine, &err);
            }
            if (!ok) {
                fprintf(stderr, "%s\n", plx_test_err(&err));
            }
            _exit(ok ? 0 : 1);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status = 1;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    OK(plx_store_open(&ctx, root, PLX_STORE_WRITE, 0, &store, &err));
    dump d;
    ck_assert(dump_db(db_path(), &d));
    size_t n = 0;
    for (const char *p = plx_sb_str(&d.text); (p = strstr(p, "\nrecord|")); p++) {
        n++;
    }
    ck_assert_uint_eq(n, WRITERS * EACH); /* without opening it, which would catch up */
    plx_sb_free(&d.text);
    expect_sound();
}
END_TEST

Suite *catalog_suite(void)
{
    Suite *suite = suite_create("catalog");
    TCase *tc = tcase_create("catalog");
    tcase_set_timeout(tc, 240);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, is_empty_in_a_fresh_store);
    tcase_add_test(tc, holds_what_the_files_say);
    tcase_add_test(tc, grows_to_what_a_rebuild_gives);
    tcase_add_test(tc, catches_up_when_opened);
    tcase_add_test(tc, finds_every_changed_value);
    tcase_add_test(tc, finds_added_things);
    tcase_add_test(tc, survives_flipped_bits);
    tcase_add_test(tc, rebuilds_over_damage);
    tcase_add_test(tc, is_not_misled_by_left_overs);
    tcase_add_test(tc, refuses_what_is_newer_and_replaces_what_is_older);
    tcase_add_test(tc, tells_of_records_it_cannot_read);
    tcase_add_test(tc, leaves_damaged_refs_out);
    tcase_add_test(tc, answers_and_refuses_queries);
    tcase_add_test(tc, survives_every_failed_allocation);
    tcase_add_test(tc, converges_with_many_writers);
    suite_add_tcase(suite, tc);
    return suite;
}
