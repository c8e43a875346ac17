/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalog: rows as the files say, however they got there; damage, age, races, no memory.
 */
#include "catalog_fixture.h"

#include <sys/wait.h>

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
            ck_assert_msg(err.code == PLX_E_DIGEST, "%s: %s", how[i], plx_test_err(&err));
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
