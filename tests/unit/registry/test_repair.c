/* SPDX-License-Identifier: Apache-2.0
 *
 * repair mends what it can, keeps every byte, and names what must be got again; then getting it leaves a clean store.
 */
#include "registry/catalog.h"
#include "registry/verify.h"
#include "store_fixture.h"

#include <stdlib.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static char path[PLX_PATH];
static plx_verify_stats stats;

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("store", &store);
    OK(fx_get(&store, "x", 2, &err));
    OK(fx_get(&store, "y", 3, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
}

static void teardown(void)
{
    plx_store_close(&store);
}

typedef struct report {
    size_t n;
    char text[1 << 14];
} report;
static report seen;

static bool found(void *payload, const plx_finding *f)
{
    report *r = payload;
    size_t used = strlen(r->text);
    snprintf(r->text + used, sizeof r->text - used, "%d %s: %s (%s) -> %s\n", (int)f->kind, f->path, f->what,
             f->used_by, f->next);
    r->n++;
    return true;
}

static size_t mend(bool dry_run)
{
    memset(&seen, 0, sizeof seen);
    OK(plx_repair(&ctx, &store, dry_run, found, &seen, &stats, &err));
    return seen.n;
}

static size_t damage(void)
{
    memset(&seen, 0, sizeof seen);
    OK(plx_verify(&ctx, &store, NULL, false, found, &seen, &stats, &err));
    return seen.n;
}

static void first_file(const char *area, size_t skip, char out[PLX_PATH])
{
    static fx_files files;
    char dir[PLX_PATH];
    fx_path(dir, store.root, area);
    fx_list(dir, &files);
    ck_assert_uint_gt(files.n, skip);
    fx_path(out, dir, files.path[skip]);
}

START_TEST(a_sound_store_stays_as_it_is)
{
    ck_assert_msg(mend(false) == 0, "%s", seen.text);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 0);
    ck_assert_msg(damage() == 0, "%s", seen.text);
}
END_TEST

START_TEST(any_damaged_object_goes_and_comes_back)
{
    static const char *const areas[] = {"blobs", "records"};
    static fx_files files;
    for (size_t a = 0; a < 2; a++) {
        char dir[PLX_PATH];
        fx_path(dir, store.root, areas[a]);
        fx_list(dir, &files);
        for (size_t i = 0; i < files.n; i += a ? 5 : 1) {
            fx_path(path, dir, files.path[i]);
            size_t kept = fx_count(&store, "quarantine");
            fx_flip(path, files.bytes[i] / 2, 4);
            ck_assert_uint_ge(mend(true), 1); /* dry: told, not done */
            ck_assert_uint_eq(fx_count(&store, "quarantine"), kept);
            ck_assert_uint_eq(mend(false), 2);
            ck_assert_ptr_nonnull(strstr(seen.text, "sha256 differs"));
            ck_assert_msg(strstr(seen.text, "-> plexus get connectome/") && strstr(seen.text, " --from DIR"), "%s",
                          seen.text);
            ck_assert(!plx_fs_exists(path));
            ck_assert_uint_eq(fx_count(&store, "quarantine"), kept + 2);
            ck_assert_uint_ge(damage(), 1);
            ck_assert_ptr_nonnull(strstr(seen.text, ": missing ("));
            ck_assert_ptr_null(strstr(seen.text, "sha256 differs"));
            OK(fx_get(&store, "x", 2, &err));
            OK(fx_get(&store, "y", 3, &err));
            OK(plx_catalog_sync(&ctx, &store, &err));
            ck_assert_msg(damage() == 0, "%s", seen.text);
            ck_assert_uint_eq(stats.orphan_objects, 0);
        }
    }
}
END_TEST

START_TEST(damaged_refs_and_runs)
{
    char run[PLX_PATH];
    fx_path(run, store.root, fx_run(&store, NULL));
    fx_path(path, store.root, "refs/connectome/x/1.strict.json");
    fx_flip(path, 9, 0);
    fx_flip(run, 0, 0);
    ck_assert_uint_eq(mend(false), 2);
    ck_assert_msg(strstr(seen.text, "(connectome/x@1:strict) -> plexus get connectome/x@1:strict\n"), "%s", seen.text);
    ck_assert(!plx_fs_exists(path));
    ck_assert(!plx_fs_exists(run));
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 4);
    ck_assert_msg(damage() == 0, "%s", seen.text);
    ck_assert_uint_eq(stats.orphan_objects, 3);
    OK(fx_get(&store, "x", 2, &err));
    OK(plx_catalog_sync(&ctx, &store, &err));
    ck_assert_uint_eq(damage(), 0);
    ck_assert_uint_eq(stats.orphan_objects, 0);
}
END_TEST

START_TEST(strangers_are_moved_without_harm)
{
    char record[PLX_PATH];
    first_file("records", 0, record);
    snprintf(path, sizeof path, "%.*s/stray", (int)(plx_path_base(record) - record - 1), record);
    fx_write(path, "x");
    ck_assert_uint_eq(damage(), 1);
    ck_assert_uint_eq(mend(false), 1);
    ck_assert(plx_fs_exists(record)); /* the record itself is sound and stays */
    ck_assert(!plx_fs_exists(path));
    fx_path(path, store.root, "blobs/sha256/odd");
    fx_write(path, "x");
    ck_assert_uint_eq(mend(false), 1);
    ck_assert_msg(damage() == 0, "%s", seen.text);
}
END_TEST

START_TEST(format_is_written_again)
{
    for (int gone = 0; gone < 2; gone++) {
        fx_path(path, store.root, "FORMAT");
        if (gone) {
            ck_assert_int_eq(unlink(path), 0);
        } else {
            fx_flip(path, 13, 1); /* "plexus store 3" */
        }
        plx_store_close(&store);
        ck_assert(!plx_store_open(&ctx, store.root, PLX_STORE_WRITE, 0, &store, &err));
        ck_assert_int_eq(err.code, PLX_E_DIGEST);
        bool existed;
        ck_assert(!plx_store_init(&ctx, store.root, &existed, &err)); /* would hide that something was lost */
        ck_assert_int_eq(err.code, PLX_E_DIGEST);
        OK(plx_store_open(&ctx, store.root, PLX_STORE_EXCLUSIVE, 0, &store, &err));
        ck_assert_uint_eq(damage(), 1);
        ck_assert_uint_eq(mend(false), 1);
        ck_assert(!store.format_damaged);
        ck_assert_uint_eq(damage(), 0);
        ck_assert_uint_eq(fx_count(&store, "quarantine"), 2);
    }
}
END_TEST

START_TEST(the_catalog_is_built_from_files_alone)
{
    fx_path(path, store.root, "catalog.db");
    fx_write(path, "torn");
    ck_assert_uint_ge(damage(), 1);
    mend(false);
    ck_assert_msg(damage() == 0, "%s", seen.text);
    ck_assert_int_eq(unlink(path), 0);
    mend(false);
    ck_assert(plx_fs_exists(path));
    ck_assert_uint_eq(damage(), 0);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 0);
}
END_TEST

START_TEST(a_damaged_catalog_stops_no_writer)
{
    uint64_t size;
    fx_path(path, store.root, "catalog.db");
    OK(plx_fs_size(path, &size, &err));
    size_t flips = 0;
    for (uint64_t at = 0; at < size; at += size / 150 + 1, flips++) {
        bool was;
        plx_ref y = fx_ref("y");
        OK(plx_catalog_rebuild(&ctx, &store, &err));
        fx_flip(path, at, (unsigned)(at % 8));
        OK(plx_refs_remove(&store, &y, &was, &err));
        plx_err_clear(&err);
        bool ok = plx_catalog_sync(&ctx, &store, &err);
        ck_assert_msg(ok || err.code == PLX_E_NEWER, "byte %d: %s", (int)at, plx_test_err(&err));
        OK(fx_get(&store, "y", 3, &err));
    }
    ck_assert_uint_gt(flips, 100);
    mend(false);
    ck_assert_msg(damage() == 0, "%s", seen.text);
}
END_TEST

START_TEST(missing_objects_are_told_per_data_set)
{
    first_file("blobs", 0, path);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_uint_eq(mend(false), 1);
    ck_assert_ptr_nonnull(strstr(seen.text, "refs/connectome/"));
    ck_assert_uint_eq(mend(false), 1); /* still so: nothing it can do */
    OK(fx_get(&store, "x", 2, &err));
    OK(fx_get(&store, "y", 3, &err));
    ck_assert_uint_eq(mend(false), 0);
    ck_assert_uint_eq(damage(), 0);
}
END_TEST

START_TEST(what_cannot_be_read_is_not_moved)
{
    if (geteuid() == 0) {
        return; /* root reads everything; the fault campaigns try EIO */
    }
    first_file("blobs", 0, path);
    ck_assert_int_eq(chmod(path, 0), 0);
    ck_assert_uint_eq(damage(), 1);
    memset(&seen, 0, sizeof seen);
    ck_assert(!plx_repair(&ctx, &store, false, found, &seen, &stats, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
    ck_assert(plx_fs_exists(path));
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_uint_eq(damage(), 0);
}
END_TEST

START_TEST(leftovers_go)
{
    fx_path(path, store.root, "partial/999999999.left.behind");
    OK(plx_fs_mkdirs(path, &err));
    ck_assert_uint_eq(mend(true), 0);
    ck_assert(plx_fs_exists(path));
    ck_assert_uint_eq(mend(false), 0);
    ck_assert_uint_eq(stats.partials, 1);
    ck_assert(!plx_fs_exists(path));
}
END_TEST

START_TEST(memory_runs_out)
{
    bool reached = true, ok = false;
    for (size_t k = 0; reached; k += 1 + k / 30) {
        first_file("blobs", 0, path);
        fx_flip(path, 0, 0);
        plx_err_clear(&err);
        memset(&seen, 0, sizeof seen);
        plx_test_alloc_fail_at(k);
        ok = plx_repair(&ctx, &store, false, found, &seen, &stats, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        mend(false);
        OK(fx_get(&store, "x", 2, &err));
        OK(fx_get(&store, "y", 3, &err));
        OK(plx_catalog_sync(&ctx, &store, &err));
        ck_assert_msg(damage() == 0, "%s", seen.text);
    }
    ck_assert(ok);
}
END_TEST

Suite *repair_suite(void)
{
    Suite *suite = suite_create("repair");
    TCase *tc = tcase_create("repair");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_sound_store_stays_as_it_is);
    tcase_add_test(tc, any_damaged_object_goes_and_comes_back);
    tcase_add_test(tc, damaged_refs_and_runs);
    tcase_add_test(tc, strangers_are_moved_without_harm);
    tcase_add_test(tc, format_is_written_again);
    tcase_add_test(tc, the_catalog_is_built_from_files_alone);
    tcase_add_test(tc, a_damaged_catalog_stops_no_writer);
    tcase_add_test(tc, missing_objects_are_told_per_data_set);
    tcase_add_test(tc, what_cannot_be_read_is_not_moved);
    tcase_add_test(tc, leftovers_go);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(suite, tc);
    return suite;
}
