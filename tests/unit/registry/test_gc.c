/* SPDX-License-Identifier: Apache-2.0
 *
 * gc takes what nothing names, and nothing else, also while others work on the store and locks mean nothing.
 */
#include "registry/catalog.h"
#include "registry/verify.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <sys/wait.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static char path[PLX_PATH];
static plx_gc_stats stats;

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("store", &store);
    OK(fx_get(&store, "x", 2, &err));
    OK(fx_get(&store, "y", 3, &err));
}

static void teardown(void)
{
    plx_store_close(&store);
}

static bool shown(void *payload, const char *rel, uint64_t bytes)
{
    ck_assert(plx_starts_with(rel, "blobs/sha256/") || plx_starts_with(rel, "records/sha256/"));
    *(uint64_t *)payload += bytes;
    return true;
}

static void collect(double grace_s, bool dry_run)
{
    uint64_t bytes = 0;
    OK(plx_gc(&ctx, &store, grace_s, dry_run, shown, &bytes, &stats, &err));
    ck_assert_uint_eq(bytes, stats.bytes);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}

static bool any_found(void *payload, const plx_finding *f)
{
    snprintf(payload, 512, "%s: %s", f->path, f->what);
    return true;
}

static void must_be_sound(const plx_store *s, uint64_t orphans)
{
    plx_verify_stats v;
    char text[512] = "";
    OK(plx_catalog_sync(&ctx, &store, &err));
    OK(plx_verify(&ctx, s, NULL, false, any_found, text, &v, &err));
    ck_assert_msg(v.findings == 0, "%s", text);
    ck_assert_uint_eq(v.orphan_objects, orphans);
}

static void forget(const char *name)
{
    bool was;
    plx_ref ref = fx_ref(name);
    OK(plx_refs_remove(&store, &ref, &was, &err));
    ck_assert(was);
}

START_TEST(takes_orphans_only)
{
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 0);
    must_be_sound(&store, 0);
    forget("x");
    must_be_sound(&store, 3);
    collect(0, true);
    ck_assert_uint_eq(stats.objects, 3);
    uint64_t bytes = stats.bytes;
    must_be_sound(&store, 3); /* a dry run changes nothing */
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 3);
    ck_assert_uint_eq(stats.bytes, bytes);
    must_be_sound(&store, 0);
    forget("y");
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 3);
    fx_files files;
    fx_path(path, store.root, "records");
    fx_list(path, &files);
    ck_assert_uint_eq(files.n, 0);
    OK(fx_get(&store, "x", 2, &err));
    must_be_sound(&store, 0);
}
END_TEST

START_TEST(grace_keeps_the_young)
{
    plx_digest digest;
    forget("x");
    collect(3600, false);
    ck_assert_uint_eq(stats.objects, 0);
    ck_assert_uint_eq(stats.kept_young, 3);
    must_be_sound(&store, 3);
    OK(fx_blob(&store, "old and alone", &digest, &err));
    OK(plx_store_object_path(&store, "blobs", &digest, path, &err));
    fx_age(path, 3700);
    collect(3600, false);
    ck_assert_uint_eq(stats.objects, 1);
    ck_assert_uint_eq(stats.bytes, 13);
    ck_assert(!plx_fs_exists(path));
    OK(fx_blob(&store, "old and alone", &digest, &err));
    fx_age(path, 3700);
    OK(fx_blob(&store, "old and alone", &digest, &err)); /* used again: young again */
    collect(3600, false);
    ck_assert_uint_eq(stats.objects, 0);
    ck_assert(plx_fs_exists(path));
}
END_TEST

START_TEST(inputs_of_records_and_runs_stay)
{
    plx_digest digest, record;
    char hex[PLX_SHA256_HEX + 1];
    OK(fx_blob(&store, "named by a run", &digest, &err));
    plx_digest_hex(&digest, hex);
    fx_run(&store, hex);
    OK(plx_store_object_path(&store, "blobs", &digest, path, &err));
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 0);
    ck_assert(plx_fs_exists(path));

    /* A ref names a record, the record names another as its input, that one a blob. */
    char deep[PLX_PATH], inner[PLX_PATH];
    OK(fx_blob(&store, "at the bottom", &digest, &err));
    OK(plx_store_object_path(&store, "blobs", &digest, deep, &err));
    plx_digest_hex(&digest, hex);
    OK(fx_record(&store, "connectome/inner", 7, hex, &record, &err));
    OK(plx_store_object_path(&store, "records", &record, inner, &err));
    plx_digest_hex(&record, hex);
    OK(fx_record(&store, "connectome/outer", 8, hex, &record, &err));
    OK(fx_blob(&store, "manifest", &digest, &err));
    plx_arena *arena = plx_arena_new(0);
    plx_ref outer = fx_ref("outer");
    OK(plx_refs_write(&store, &outer, fx_content(arena, "outer", &digest, &digest, 8, &record), &err));
    plx_arena_free(arena);
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 0);
    ck_assert(plx_fs_exists(deep));
    ck_assert(plx_fs_exists(inner));
    forget("outer");
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 4);
    ck_assert(!plx_fs_exists(deep));
    ck_assert(!plx_fs_exists(inner));
}
END_TEST

START_TEST(not_while_anything_is_damaged)
{
    fx_files files;
    forget("x");
    const char *const roots[] = {"refs/connectome/y/1.strict.json", fx_run(&store, NULL)};
    for (size_t i = 0; i < 2; i++) {
        fx_path(path, store.root, roots[i]);
        fx_flip(path, 5, 1);
        ck_assert(!plx_gc(&ctx, &store, 0, false, NULL, NULL, &stats, &err));
        ck_assert_int_eq(err.code, PLX_E_POLICY);
        ck_assert_str_eq(err.next, "plexus repair");
        ck_assert_ptr_nonnull(strstr(err.why, roots[i]));
        fx_flip(path, 5, 1);
    }
    must_be_sound(&store, 3);
    fx_path(path, store.root, "records");
    fx_list(path, &files);
    size_t refused = 0;
    for (size_t i = 0; i < files.n;
         i++) { /* the record of y: what it needs is written in it; the one of x is an orphan */
        char file[PLX_PATH];
        if (!plx_ends_with(files.path[i], "record.json")) {
            continue;
        }
        fx_path(file, path, files.path[i]);
        fx_flip(file, 0, 1);
        refused += !plx_gc(&ctx, &store, 0, true, NULL, NULL, &stats, &err);
        fx_flip(file, 0, 1);
    }
    ck_assert_uint_eq(refused, 1);
    fx_path(path, store.root, "FORMAT");
    fx_flip(path, 0, 1);
    plx_store_close(&store);
    OK(plx_store_open(&ctx, store.root, PLX_STORE_EXCLUSIVE, 0, &store, &err));
    ck_assert(!plx_gc(&ctx, &store, 0, false, NULL, NULL, &stats, &err));
    ck_assert_int_eq(err.code, PLX_E_POLICY);
}
END_TEST

START_TEST(leftovers_go)
{
    fx_path(path, store.root, "partial/999999999.left.behind");
    OK(plx_fs_mkdirs(path, &err));
    uint64_t bytes = 0;
    OK(plx_gc(&ctx, &store, 0, true, shown, &bytes, &stats, &err));
    ck_assert(plx_fs_exists(path));
    collect(0, false);
    ck_assert_uint_eq(stats.partials, 1);
    ck_assert(!plx_fs_exists(path));
}
END_TEST

START_TEST(strangers_are_left_alone)
{
    fx_path(path, store.root, "blobs/sha256/README");
    fx_write(path, "mine");
    collect(0, false);
    ck_assert_uint_eq(stats.objects, 0);
    ck_assert(plx_fs_exists(path));
}
END_TEST

/* No locks at all: getters, forgetters and collectors without grace. Whoever loses an object must have noticed. */
START_TEST(collecting_under_writers)
{
    enum { N = 8, ROUNDS = 25 };
    pid_t pids[N];
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);
        if (pids[i] == 0) {
            plx_err mine = {0};
            for (int round = 0; round < ROUNDS; round++) {
                char name[8];
                bool ok, was;
                snprintf(name, sizeof name, "d%d", i % 3);
                plx_ref ref = fx_ref(name);
                if (i < 4) {
                    ok = fx_get(&store, name, 10 + (i + round) % 2, &mine);
                } else if (i == 4) {
                    ok = plx_refs_remove(&store, &ref, &was, &mine);
                } else {
                    plx_gc_stats s;
                    ok = plx_gc(&ctx, &store, 0, false, NULL, NULL, &s, &mine);
                }
                if (!ok) {
                    fprintf(stderr, "%d: %s\n", i, plx_test_err(&mine));
                    _exit(1);
                }
            }
            _exit(0);
        }
    }
    for (int i = 0; i < N; i++) {
        int status;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    collect(0, false);
    must_be_sound(&store, 0);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 0);
}
END_TEST

START_TEST(memory_runs_out)
{
    bool reached = true, ok = false;
    for (size_t k = 0; reached; k += 1 + k / 60) {
        OK(fx_get(&store, "x", 2, &err));
        forget("x");
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        ok = plx_gc(&ctx, &store, 0, false, NULL, NULL, &stats, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
        size_t swept;
        OK(plx_store_sweep_partials(&store, 0, &swept, &err));
        ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    }
    ck_assert(ok);
    must_be_sound(&store, 0);
}
END_TEST

Suite *gc_suite(void)
{
    Suite *suite = suite_create("gc");
    TCase *tc = tcase_create("gc");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, takes_orphans_only);
    tcase_add_test(tc, grace_keeps_the_young);
    tcase_add_test(tc, inputs_of_records_and_runs_stay);
    tcase_add_test(tc, not_while_anything_is_damaged);
    tcase_add_test(tc, leftovers_go);
    tcase_add_test(tc, strangers_are_left_alone);
    tcase_add_test(tc, collecting_under_writers);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(suite, tc);
    return suite;
}
