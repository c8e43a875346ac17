/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparing the catalog with the files: every changed value is found and placed, flipped bits are found or have no
 * effect.
 */
#include "catalog_fixture.h"
#include "core/rng.h"

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

Suite *catalog_compare_suite(void)
{
    Suite *suite = suite_create("catalog_compare");
    TCase *tc = tcase_create("catalog_compare");
    tcase_set_timeout(tc, 240);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, finds_every_changed_value);
    tcase_add_test(tc, finds_added_things);
    tcase_add_test(tc, survives_flipped_bits);
    suite_add_tcase(suite, tc);
    return suite;
}
