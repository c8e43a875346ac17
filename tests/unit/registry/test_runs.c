/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs on disk and in the catalog.
 */
#include "formats/json.h"
#include "registry/catalog.h"
#include "registry/catalog_build.h"
#include "registry/verify.h"

#include "unit/registry/store_fixture.h"

static plx_store store;
static plx_ctx ctx;
static plx_err err;
static plx_arena *arena;

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    arena = plx_arena_new(0);
    fx_store("store", &store);
}

static void teardown(void)
{
    plx_store_close(&store);
    plx_arena_free(arena);
}

static plx_value *parse(const char *text)
{
    plx_value *out;
    OK(plx_json_parse(&ctx, arena, "text", text, strlen(text), NULL, &out, &err));
    return out;
}

static const char identity_text[] =
    "{\"task\": {\"name\": \"t\", \"version\": 2}, \"model\": {\"name\": \"m\", \"version\": 1}, \"params\": \"k=1\", "
    "\"metric_mode\": \"reference\", \"board\": \"b\", \"n_cells\": 2, "
    "\"inputs\": [{\"ref\": \"connectome/x@1:strict\", \"record\": \"zz\"}]}";

static const char record_text[] =
    "{\"identity\": {\"task\": {\"name\": \"t\", \"version\": 2}, \"model\": {\"name\": \"m\", \"version\": 1}, "
    "\"params\": \"k=1\", \"metric_mode\": \"reference\", \"board\": \"b\", \"n_cells\": 2, \"inputs\": []}, "
    "\"cells\": [{\"unit\": \"u\", \"fold\": 0, \"seed\": 0, \"params\": \"k=1\", \"test\": {\"auc\": 0.5, \"mrr\": "
    "null}, "
    "\"valid\": {\"auc\": 0.75}}, {\"unit\": \"u\", \"fold\": 0, \"seed\": 1, \"params\": \"\", \"test\": {\"auc\": "
    "1}}], "
    "\"scores\": [{\"name\": \"auc\", \"unit\": \"\", \"n\": 2, \"mean\": 0.75, \"std\": 0.25}]}";

static plx_run_writer open_run(void)
{
    plx_run_writer w;
    OK(plx_run_writer_open(&store, parse(identity_text), &w, &err));
    return w;
}

static bool text_is(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *e)
{
    (void)names;
    (void)e;
    plx_sb *sb = payload;
    char number[PLX_NUM_TEXT];
    for (size_t i = 0; cells && i < n_cols; i++) {
        if (cells[i].type == PLX_CELL_INT) {
            plx_print_i64(cells[i].i64, number);
        } else {
            plx_print_f64(cells[i].f64, number);
        }
        plx_sb_printf(sb, "%s", i ? " " : "");
        if (cells[i].type == PLX_CELL_TEXT) {
            plx_sb_bytes(sb, cells[i].text.ptr, cells[i].text.len);
        } else {
            plx_sb_text(sb, cells[i].type == PLX_CELL_NULL ? "NULL" : number);
        }
    }
    plx_sb_text(sb, "\n");
    return true;
}

static void ask(const char *sql, const char *expected)
{
    plx_catalog *catalog;
    plx_sb sb = {0};
    OK(plx_catalog_open(&ctx, &store, &catalog, &err));
    OK(plx_catalog_query(catalog, sql, NULL, 0, 0, text_is, &sb, &err));
    ck_assert_str_eq(plx_sb_str(&sb), expected);
    plx_sb_free(&sb);
    plx_catalog_close(catalog);
}

static bool count_finding(void *payload, const plx_finding *finding)
{
    (void)finding;
    ++*(size_t *)payload;
    return true;
}

static size_t damage(void)
{
    size_t n = 0;
    plx_verify_stats stats;
    OK(plx_verify(&ctx, &store, NULL, false, count_finding, &n, &stats, &err));
    return n;
}

START_TEST(from_plan_to_result)
{
    plx_run_writer w = open_run();
    const plx_value *content;
    const plx_value *cells[2];
    size_t n_done;
    ask("SELECT task, task_version, model, params, status, n_done, n_cells, cpu_s FROM run",
        "t 2 m k=1 partial 0 2 NULL\n");
    OK(plx_run_writer_cell(&w, 1, parse("{\"unit\": \"u\"}"), parse("{\"cpu_s\": 2}"), &err));
    ask("SELECT status, n_done, n_cells FROM run", "partial 1 2\n");
    ask("SELECT count(*) FROM run_cell", "0\n");
    OK(plx_runs_read_cells(&ctx, &store, &w.run, arena, cells, 2, &n_done, &err));
    ck_assert_uint_eq(n_done, 1);
    ck_assert_ptr_null(cells[0]);
    ck_assert_str_eq(plx_v_get_text(plx_v_get(cells[1], "cell"), "unit"), "u");
    OK(plx_runs_read(&ctx, &store, &w.run, PLX_RUN_RESULT, arena, &content, &err));
    ck_assert_ptr_null(content);
    ck_assert_uint_eq(damage(), 0);
    OK(plx_run_writer_result(
        &w, parse(record_text),
        parse("{\"cpu_s\": 1.5, \"tool\": {\"commit\": \"c\"}, \"machine\": {\"cpu\": \"abacus\"}}"), &err));
    plx_run_writer_close(&w);
    OK(plx_runs_read(&ctx, &store, &w.run, PLX_RUN_RESULT, arena, &content, &err));
    ck_assert_ptr_nonnull(plx_v_get(content, "record"));
    ask("SELECT status, n_done, n_cells, cpu_s, tool_commit, machine FROM run", "complete 2 2 1.5 c abacus\n");
    ask("SELECT idx, unit, seed, params FROM run_cell ORDER BY idx", "0 u 0 k=1\n1 u 1 \n");
    ask("SELECT idx, name, part, value FROM cell_score ORDER BY idx, name, part",
        "0 auc test 0.5\n0 auc valid 0.75\n0 mrr test NULL\n1 auc test 1.0\n");
    ask("SELECT task, model, score, n, mean, std FROM result", "t m auc 2 0.75 0.25\n");
    ck_assert_uint_eq(damage(), 0);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    bool was_there;
    OK(plx_runs_remove(&store, &w.run, &was_there, &err));
    ck_assert(was_there);
    OK(plx_runs_remove(&store, &w.run, &was_there, &err));
    ck_assert(!was_there);
    ask("SELECT count(*) FROM run UNION ALL SELECT count(*) FROM cell_score UNION ALL SELECT count(*) FROM score",
        "0\n0\n0\n");
    ck_assert_uint_eq(fx_count(&store, "runs"), 0);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}
END_TEST

START_TEST(names_and_places)
{
    plx_run_writer w = open_run(), again = open_run();
    char hex[PLX_SHA256_HEX + 1], part[16];
    plx_digest found;
    ck_assert(plx_digest_eq(&w.run, &again.run)); /* the same question has the same name */
    plx_digest_hex(&w.run, hex);
    OK(plx_runs_find(&store, hex, &found, &err));
    snprintf(part, sizeof part, "%.8s", hex);
    OK(plx_runs_find(&store, part, &found, &err));
    ck_assert(plx_digest_eq(&w.run, &found));
    snprintf(part, sizeof part, "%.5s", hex);
    ck_assert(!plx_runs_find(&store, part, &found, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_runs_find(&store, "ABCDEF", &found, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_runs_find(&store, hex[0] == 'f' ? "000000" : "ffffff", &found, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    plx_run_writer_close(&w);
    plx_run_writer_close(&again);
    static const char *const tails[] = {"run.json", "result.json", "cells/000012.json"};
    static const char *const bad[] = {"cells/12.json", "cells/00001x.json",   "cells/000012.jsn",
                                      "notes.txt",     "cells/x/000012.json", ""};
    char rel[256];
    plx_run_file file;
    uint32_t index;
    for (size_t i = 0; i < 3; i++) {
        snprintf(rel, sizeof rel, "%s/%s", hex, tails[i]);
        ck_assert_msg(plx_runs_of_path(rel, &found, &file, &index), "%s", rel);
        ck_assert_int_eq(file, i == 0 ? PLX_RUN_PLAN : i == 1 ? PLX_RUN_RESULT : PLX_RUN_CELL);
        ck_assert_uint_eq(index, i == 2 ? 12 : 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(rel, sizeof rel, "%s/%s", hex, bad[i]);
        ck_assert_msg(!plx_runs_of_path(rel, &found, &file, &index), "%s", rel);
    }
    ck_assert(!plx_runs_of_path("r1/run.json", &found, &file, &index));
    ck_assert(!plx_runs_of_path("run.json", &found, &file, &index));
}
END_TEST

/* A sound file in the wrong place, and every bit of every file. */
START_TEST(damage_is_found)
{
    plx_run_writer w = open_run();
    char cell[PLX_PATH], other[PLX_PATH];
    const plx_value *cells[3];
    size_t n_done;
    OK(plx_run_writer_cell(&w, 0, parse("{\"unit\": \"u\"}"), parse("{}"), &err));
    fx_path(cell, w.dir, "cells/000000.json");
    fx_path(other, w.dir, "cells/000002.json");
    OK(plx_catalog_sync(&ctx, &store, &err));
    ck_assert_uint_eq(damage(), 0);
    ck_assert_int_eq(link(cell, other), 0);
    OK(plx_catalog_sync(&ctx, &store, &err));
    ck_assert_uint_eq(damage(), 1);
    OK(plx_runs_read_cells(&ctx, &store, &w.run, arena, cells, 3, &n_done, &err));
    ck_assert_uint_eq(n_done, 1); /* what is damaged is done again */
    ck_assert_int_eq(unlink(other), 0);
    OK(plx_catalog_sync(&ctx, &store, &err));
    struct stat st;
    ck_assert_int_eq(stat(cell, &st), 0);
    for (uint64_t at = 0; at < (uint64_t)st.st_size; at++) {
        fx_flip(cell, at, (unsigned)(at % 8));
        ck_assert_uint_eq(damage(), 1);
        fx_flip(cell, at, (unsigned)(at % 8));
    }
    ck_assert_uint_eq(damage(), 0);
    OK(plx_run_writer_result(&w, parse(record_text), parse("{}"), &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    fx_path(cell, w.dir, "result.json");
    ck_assert_int_eq(stat(cell, &st), 0);
    for (uint64_t at = 0; at < (uint64_t)st.st_size; at += 7) {
        fx_flip(cell, at, (unsigned)(at % 8));
        ck_assert_uint_ge(damage(), 1);
        fx_flip(cell, at, (unsigned)(at % 8));
    }
    ck_assert_int_eq(unlink(cell), 0);
    OK(plx_catalog_sync(&ctx, &store, &err));
    /* A damaged plan is moved away, and its row goes. */
    fx_path(other, w.dir, "run.json");
    fx_flip(other, 20, 1);
    ck_assert_uint_ge(damage(), 1);
    plx_verify_stats stats;
    size_t n = 0;
    OK(plx_repair(&ctx, &store, false, count_finding, &n, &stats, &err));
    ck_assert_uint_ge(n, 1);
    ck_assert(!plx_fs_exists(other));
    ask("SELECT count(*) FROM run", "0\n");
    ck_assert_uint_eq(damage(), 0);
    plx_run_writer_close(&w);
}
END_TEST

START_TEST(odd_results_get_rows_all_the_same)
{
    static const char *const odd[] = {
        "{}",
        "{\"identity\": 3, \"cells\": 4, \"scores\": {}}",
        "{\"identity\": {\"task\": \"x\", \"n_cells\": -3, \"inputs\": [1, {}]}, \"cells\": [1, {\"fold\": \"x\", "
        "\"split\": \"no\"}], "
        "\"scores\": [{}, {\"name\": 4}, {\"name\": \"\", \"mean\": \"x\"}]}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        plx_run_writer w;
        char text[64];
        snprintf(text, sizeof text, "{\"n\": %zu}", i);
        OK(plx_run_writer_open(&store, parse(text), &w, &err));
        OK(plx_run_writer_result(&w, parse(odd[i]), parse("{}"), &err));
        plx_run_writer_close(&w);
    }
    ask("SELECT count(*) FROM run WHERE status = 'complete'", "3\n");
    ck_assert_uint_eq(damage(), 0);
}
END_TEST

START_TEST(memory_runs_out)
{
    for (size_t k = 0;; k++) {
        plx_run_writer w = {0};
        plx_value *identity = parse(identity_text), *record = parse(record_text);
        plx_test_alloc_fail_at(k);
        bool ok = plx_run_writer_open(&store, identity, &w, &err) && plx_run_writer_cell(&w, 0, record, record, &err) &&
                  plx_run_writer_result(&w, record, record, &err);
        size_t asked = plx_test_alloc_ok();
        plx_run_writer_close(&w);
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
        ck_assert(ok || err.code == PLX_E_NOMEM); /* a builder that cannot double grows by what it needs */
        ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    }
    for (size_t k = 0;; k++) {
        plx_arena *a = plx_arena_new(0);
        plx_run_listed *runs;
        const plx_value *content = NULL;
        size_t n = 0;
        plx_test_alloc_fail_at(k);
        bool ok = plx_runs_list(&store, a, &runs, &n, &err) &&
                  plx_runs_read(&ctx, &store, &runs[0].run, PLX_RUN_RESULT, a, &content, &err);
        size_t asked = plx_test_alloc_ok();
        plx_arena_free(a);
        if (asked <= k) {
            ck_assert(ok && n == 1 && content);
            break;
        }
        ck_assert(ok || err.code == PLX_E_NOMEM);
    }
}
END_TEST

Suite *runs_suite(void)
{
    Suite *s = suite_create("runs");
    TCase *t = tcase_create("runs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, from_plan_to_result);
    tcase_add_test(t, names_and_places);
    tcase_add_test(t, damage_is_found);
    tcase_add_test(t, odd_results_get_rows_all_the_same);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}
