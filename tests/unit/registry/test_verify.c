/* SPDX-License-Identifier: Apache-2.0
 *
 * Damage of every kind is found, located, and told with what mends it; a sound store is called sound.
 */
#include "registry/catalog.h"
#include "registry/verify.h"
#include "store_fixture.h"

#include <stdlib.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static char path[PLX_PATH];

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("store", &store);
    OK(fx_get(&store, "x", 2, &err));
    OK(fx_get(&store, "y", 3, &err));
    fx_run(&store, NULL);
    OK(plx_catalog_sync(&ctx, &store, &err));
}

static void teardown(void)
{
    plx_store_close(&store);
}

typedef struct report {
    size_t n;
    plx_damage kind;
    char path[PLX_PATH], what[512], used_by[256], next[256]; /* of the first */
    char all[1 << 16];
    size_t stop_after;
} report;

static bool found(void *payload, const plx_finding *f)
{
    report *r = payload;
    if (r->n == 0) {
        r->kind = f->kind;
        snprintf(r->path, sizeof r->path, "%s", f->path);
        snprintf(r->what, sizeof r->what, "%s", f->what);
        snprintf(r->used_by, sizeof r->used_by, "%s", f->used_by);
        snprintf(r->next, sizeof r->next, "%s", f->next);
    }
    size_t used = strlen(r->all);
    snprintf(r->all + used, sizeof r->all - used, "%d %s: %s (%s) -> %s\n", (int)f->kind, f->path, f->what, f->used_by,
             f->next);
    r->n++;
    return !r->stop_after || r->n < r->stop_after;
}

static report seen;
static plx_verify_stats stats;

static size_t look(const plx_ref *only, bool quick)
{
    memset(&seen, 0, sizeof seen);
    OK(plx_verify(&ctx, &store, only, quick, found, &seen, &stats, &err));
    ck_assert_uint_eq(stats.findings, seen.n);
    return seen.n;
}

START_TEST(a_sound_store_is_clean)
{
    plx_store reader;
    ck_assert_msg(look(NULL, false) == 0, "%s", seen.all);
    ck_assert_uint_eq(stats.blobs, 4);
    ck_assert_uint_eq(stats.records, 2);
    ck_assert_uint_eq(stats.refs, 2);
    ck_assert_uint_eq(stats.runs, 1);
    ck_assert_uint_eq(stats.orphan_objects, 0);
    ck_assert_uint_eq(stats.partials, 0);
    ck_assert_uint_gt(stats.bytes, 10000);
    uint64_t full = stats.bytes;
    ck_assert_msg(look(NULL, true) == 0, "%s", seen.all);
    ck_assert_uint_gt(full, stats.bytes / 2);
    OK(plx_store_open(&ctx, store.root, PLX_STORE_READ, 0, &reader, &err));
    OK(plx_verify(&ctx, &reader, NULL, false, found, &seen, &stats, &err));
    ck_assert_uint_eq(stats.findings, 0);
    plx_store_close(&reader);
}
END_TEST

START_TEST(orphans_are_no_damage)
{
    bool was;
    plx_ref x = fx_ref("x");
    OK(plx_refs_remove(&store, &x, &was, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    ck_assert_msg(look(NULL, false) == 0, "%s", seen.all);
    ck_assert_uint_eq(stats.orphan_objects, 3);
    ck_assert_uint_gt(stats.orphan_bytes, 4000);
    ck_assert_uint_eq(stats.refs, 1);
    OK(plx_store_partial(&store, path, &err));
    ck_assert_uint_eq(look(NULL, false), 0);
    ck_assert_uint_eq(stats.partials, 1);
}
END_TEST

/* Every file that is not the index, the lock or something private. */
static void list_all(fx_files *files)
{
    fx_files all;
    fx_list(store.root, &all);
    files->n = 0;
    for (size_t i = 0; i < all.n; i++) {
        if (!plx_starts_with(all.path[i], "catalog.db") && strcmp(all.path[i], "lock") != 0) {
            memcpy(files->path[files->n], all.path[i], sizeof all.path[i]);
            files->bytes[files->n++] = all.bytes[i];
        }
    }
}

START_TEST(each_harmed_file_is_located)
{
    static fx_files files;
    char away[PLX_PATH];
    size_t n_blobs = 0, n_records = 0, n_refs = 0, n_runs = 0, n_format = 0;
    list_all(&files);
    fx_path(away, plx_test_dir(), "away");
    for (size_t i = 0; i < files.n; i++) {
        bool is_ref = plx_starts_with(files.path[i], "refs/"), is_run = plx_starts_with(files.path[i], "runs/");
        bool is_blob = plx_starts_with(files.path[i], "blobs/"), is_record = plx_starts_with(files.path[i], "records/");
        plx_damage kind = is_ref      ? PLX_DAMAGE_REF
                          : is_run    ? PLX_DAMAGE_RUN
                          : is_blob   ? PLX_DAMAGE_BLOB
                          : is_record ? PLX_DAMAGE_RECORD
                                      : PLX_DAMAGE_FORMAT;
        n_blobs += is_blob;
        n_records += is_record;
        n_refs += is_ref;
        n_runs += is_run;
        n_format += kind == PLX_DAMAGE_FORMAT;
        fx_path(path, store.root, files.path[i]);
        /* First, last and a few bytes in between; test_record, test_refs and test_blob flip every one. */
        for (int k = 0; k < 5; k++) {
            uint64_t at = files.bytes[i] > 1 ? (files.bytes[i] - 1) * (uint64_t)k / 4 : 0;
            fx_flip(path, at, (unsigned)(at % 8));
            ck_assert_msg(look(NULL, false) >= 1, "%s byte %d", files.path[i], (int)at);
            ck_assert_str_eq(seen.path, files.path[i]);
            ck_assert_int_eq(seen.kind, kind);
            ck_assert_str_eq(seen.next, "plexus repair");
            if (is_blob || is_record || is_ref) {
                ck_assert_msg(plx_starts_with(seen.used_by, "connectome/"), "%s", seen.all);
            }
            fx_flip(path, at, (unsigned)(at % 8));
        }
        ck_assert_int_eq(rename(path, away), 0); /* gone */
        size_t n = look(NULL, false);
        if (is_blob) {
            ck_assert_uint_ge(n, 1);
            ck_assert_int_eq(seen.kind, PLX_DAMAGE_MISSING);
            ck_assert_str_eq(seen.path, files.path[i]);
            ck_assert(plx_starts_with(seen.next, "plexus get connectome/"));
        } else if (is_record) {
            ck_assert_uint_ge(n, 1);
            ck_assert_str_eq(seen.path, files.path[i]);
            ck_assert_str_eq(seen.what, "missing");
        } else if (kind == PLX_DAMAGE_FORMAT) {
            ck_assert_uint_ge(n, 1);
            ck_assert_str_eq(seen.path, "FORMAT");
        }
        if (is_blob || is_record) {
            ck_assert_msg(look(NULL, true) >= 1, "%s", files.path[i]);
        }
        ck_assert_int_eq(rename(away, path), 0);
        ck_assert_int_eq(chmod(path, 0644), 0);
        ck_assert_int_eq(truncate(path, (off_t)files.bytes[i] + 1), 0); /* one byte more */
        ck_assert_uint_ge(look(NULL, false), 1);
        ck_assert_str_eq(seen.path, files.path[i]);
        ck_assert_int_eq(truncate(path, (off_t)files.bytes[i]), 0);
    }
    ck_assert_uint_eq(n_blobs, 4);
    ck_assert_uint_eq(n_records, 78);
    ck_assert_uint_eq(n_refs, 2);
    ck_assert_uint_eq(n_runs, 1);
    ck_assert_uint_eq(n_format, 1);
    ck_assert_msg(look(NULL, false) == 0, "%s", seen.all);
}
END_TEST

START_TEST(what_does_not_belong_is_named)
{
    static const char *const strays[] = {"blobs/x",          "blobs/sha256/zz/x",           "blobs/sha256/x",
                                         "records/sha256/y", "refs/connectome/x/notes.txt", "runs/r1/notes.txt"};
    for (size_t i = 0; i < sizeof strays / sizeof *strays; i++) {
        char dir[PLX_PATH];
        fx_path(path, store.root, strays[i]);
        snprintf(dir, sizeof dir, "%.*s", (int)(plx_path_base(path) - path - 1), path);
        bool made = !plx_fs_exists(dir);
        OK(plx_fs_mkdirs(dir, &err));
        fx_write(path, "x");
        ck_assert_uint_eq(look(NULL, false), 1);
        ck_assert_msg(plx_starts_with(strays[i], seen.path), "%s", seen.all);
        ck_assert_str_eq(seen.what, "unexpected file");
        unlink(path);
        if (made) {
            ck_assert_int_eq(rmdir(dir), 0);
        }
    }
    fx_path(path, store.root, "refs/connectome/x/2.strict.json");
    ck_assert_int_eq(symlink("1.strict.json", path), 0);
    ck_assert_uint_ge(look(NULL, false), 1);
    ck_assert_str_eq(seen.what, "unexpected link");
}
END_TEST

START_TEST(swapped_files_are_found)
{
    static fx_files files;
    char a[PLX_PATH], b[PLX_PATH], c[PLX_PATH];
    list_all(&files);
    fx_path(c, plx_test_dir(), "swap");
    size_t blobs = 0, refs = 0;
    for (size_t i = 0; i + 1 < files.n; i++) {
        bool is_blob = plx_starts_with(files.path[i], "blobs/") && plx_starts_with(files.path[i + 1], "blobs/");
        bool is_ref = plx_starts_with(files.path[i], "refs/") && plx_starts_with(files.path[i + 1], "refs/");
        if (!is_blob && !is_ref) {
            continue;
        }
        fx_path(a, store.root, files.path[i]);
        fx_path(b, store.root, files.path[i + 1]);
        for (int twice = 0; twice < 2; twice++) {
            ck_assert_int_eq(rename(a, c), 0);
            ck_assert_int_eq(rename(b, a), 0);
            ck_assert_int_eq(rename(c, b), 0);
            if (twice == 0) {
                ck_assert_uint_ge(look(NULL, false), 2);
                ck_assert_ptr_nonnull(strstr(seen.all, files.path[i]));
                ck_assert_ptr_nonnull(strstr(seen.all, files.path[i + 1]));
            }
        }
        blobs += is_blob;
        refs += is_ref;
    }
    ck_assert_uint_eq(blobs, 3);
    ck_assert_uint_eq(refs, 1);
    ck_assert_uint_eq(look(NULL, false), 0);
}
END_TEST

START_TEST(only_what_a_ref_needs)
{
    plx_ref x = fx_ref("x"), none = fx_ref("z"), any = {.kind = PLX_REF_DATASET, .name = "y"};
    static fx_files files;
    ck_assert_uint_eq(look(&x, false), 0);
    ck_assert_uint_eq(stats.refs, 1);
    ck_assert_uint_eq(stats.blobs, 2);
    ck_assert_uint_eq(stats.records, 1);
    ck_assert_uint_eq(stats.runs, 0);
    ck_assert_uint_eq(look(&any, false), 0);
    ck_assert_uint_eq(stats.blobs, 2);
    memset(&seen, 0, sizeof seen);
    ck_assert(!plx_verify(&ctx, &store, &none, false, found, &seen, &stats, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    list_all(&files);
    size_t of_x = 0, of_y = 0;
    for (size_t i = 0; i < files.n; i++) {
        if (plx_starts_with(files.path[i], "blobs/")) {
            fx_path(path, store.root, files.path[i]);
            fx_flip(path, 0, 0);
            of_x += look(&x, false);
            of_y += look(&any, false);
            fx_flip(path, 0, 0);
        }
    }
    ck_assert_uint_eq(of_x, 2);
    ck_assert_uint_eq(of_y, 2);
}
END_TEST

START_TEST(any_number_of_threads_says_the_same)
{
    static fx_files files;
    static char one[sizeof seen.all];
    list_all(&files);
    for (size_t i = 0; i < files.n; i += 3) {
        if (plx_starts_with(files.path[i], "blobs/") || plx_starts_with(files.path[i], "records/")) {
            fx_path(path, store.root, files.path[i]);
            fx_flip(path, files.bytes[i] / 2, 3);
        }
    }
    size_t n = look(NULL, false);
    ck_assert_uint_ge(n, 3);
    memcpy(one, seen.all, sizeof one);
    for (unsigned jobs = 2; jobs <= 8; jobs *= 2) {
        ctx.jobs = jobs;
        ck_assert_uint_eq(look(NULL, false), n);
        ck_assert_str_eq(seen.all, one);
    }
    memset(&seen, 0, sizeof seen);
    seen.stop_after = 2;
    OK(plx_verify(&ctx, &store, NULL, false, found, &seen, &stats, &err));
    ck_assert_uint_eq(seen.n, 2);
}
END_TEST

START_TEST(a_change_of_the_catalog_is_found)
{
    /* Replaced by the catalog of another store: every row is wrong or missing. */
    plx_store other;
    char from[PLX_PATH], to[PLX_PATH];
    fx_store("other", &other);
    OK(fx_get(&other, "x", 5, &err));
    OK(fx_get(&other, "y", 6, &err));
    OK(plx_catalog_sync(&ctx, &other, &err));
    fx_path(from, other.root, "catalog.db");
    fx_path(to, store.root, "catalog.db");
    plx_store_close(&other);
    plx_buf text;
    OK(plx_buf_read_file(from, 1 << 26, &text, &err));
    ck_assert(text.len > 2000);
    /* Garbage instead of a database is one finding; the files are sound. */
    fx_write(to, "this is no database at all");
    ck_assert_uint_ge(look(NULL, false), 1);
    ck_assert_int_eq(seen.kind, PLX_DAMAGE_CATALOG);
    ck_assert(plx_starts_with(seen.path, "catalog.db"));
    ck_assert_str_eq(seen.next, "plexus repair");
    ck_assert_uint_eq(look(NULL, true), 0); /* quick leaves it alone */
    plx_buf_free(&text);
}
END_TEST

START_TEST(memory_runs_out)
{
    bool reached = true, ok = false;
    for (size_t k = 0; reached; k += 1 + k / 40) {
        memset(&seen, 0, sizeof seen);
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        ok = plx_verify(&ctx, &store, NULL, true, found, &seen, &stats, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_msg(seen.n == 0, "%s", seen.all); /* short of memory is no damage */
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    ck_assert(ok);
}
END_TEST

Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify");
    TCase *tc = tcase_create("verify");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_sound_store_is_clean);
    tcase_add_test(tc, orphans_are_no_damage);
    tcase_add_test(tc, each_harmed_file_is_located);
    tcase_add_test(tc, what_does_not_belong_is_named);
    tcase_add_test(tc, swapped_files_are_found);
    tcase_add_test(tc, only_what_a_ref_needs);
    tcase_add_test(tc, any_number_of_threads_says_the_same);
    tcase_add_test(tc, a_change_of_the_catalog_is_found);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(suite, tc);
    return suite;
}
