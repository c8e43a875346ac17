/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetching: from the store, from folders by size and digest or by name, from addresses; what is refused and what the
 * error says.
 */
#include "registry/fetch.h"
#include "registry/transports.h"
#include "store_fixture.h"

#include <stdlib.h>

static plx_ctx ctx;
static plx_err err;
static plx_store store;
static plx_arena *arena;

static const char text_a[] = "pre,post,weight\nAVAL,AVAR,3\n";
static const char text_b[] = "pre,post,weight\nAVAR,AVAL,4\n"; /* as long as text_a */

static void setup(void)
{
    ctx = plx_ctx_default();
    ctx.offline = true; /* the network has suites of its own */
    plx_err_clear(&err);
    fx_store("store", &store);
    arena = plx_arena_new(0);
}

static void teardown(void)
{
    plx_arena_free(arena);
    plx_store_close(&store);
}

/* <scratch>/rel with this text. */
static const char *put(const char *rel, const char *text)
{
    static char path[PLX_PATH];
    char folder[PLX_PATH];
    fx_path(path, plx_test_dir(), rel);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    OK(plx_fs_mkdirs(folder, &err));
    fx_write(path, text);
    return path;
}

static const char *dir_of(const char *rel)
{
    static char path[PLX_PATH];
    fx_path(path, plx_test_dir(), rel);
    return path;
}

/* A manifest of one file whose digest is that of `pinned`, or unknown when NULL. */
static const plx_manifest *manifest_for(const char *name, const char *pinned, const char *url)
{
    char yaml[4096], hex[PLX_SHA256_HEX + 1] = "", pin[160] = "";
    if (pinned) {
        plx_digest digest = plx_sha256_of(pinned, strlen(pinned));
        plx_digest_hex(&digest, hex);
        snprintf(pin, sizeof pin, "    bytes: %zu\n    sha256: %s\n", strlen(pinned), hex);
    }
    snprintf(
        yaml, sizeof yaml,
        "schema: manifest/1\nname: connectome/mine\nversion: \"1\"\ntitle: Mine\ndescription: x\nkind: connectome\n"
        "licence: MIT\ningester: edge_table\nfiles:\n  - name: %s\n    urls: [%s]\n%s",
        name, url, pin);
    const plx_manifest *m = NULL;
    OK(plx_manifest_parse(&ctx, arena, "mine.yaml", yaml, strlen(yaml), &m, &err));
    return m;
}

static bool fetch_from(const plx_manifest *m, const char *dir, plx_fetched *out)
{
    plx_fetch_opts opts = {.from_dirs = &dir, .n_from_dirs = dir ? 1 : 0};
    plx_err_clear(&err);
    return plx_fetch(&ctx, &store, m, &opts, out, &err);
}

static size_t count_blobs(void)
{
    fx_files files;
    char dir[PLX_PATH];
    fx_path(dir, store.root, "blobs");
    fx_list(dir, &files);
    return files.n;
}

#define URL "https://example.org/a.csv"

START_TEST(finds_by_digest_whatever_the_name)
{
    put("data/deep/er/renamed.bin", text_a);
    put("data/other.csv", text_b);
    const plx_manifest *m = manifest_for("a.csv", text_a, URL);
    plx_fetched got;
    OK(fetch_from(m, dir_of("data"), &got));
    plx_digest want = plx_sha256_of(text_a, strlen(text_a));
    ck_assert(plx_digest_eq(&got.sha256, &want));
    ck_assert_uint_eq(got.bytes, strlen(text_a));
    ck_assert_int_eq(got.trust, PLX_LEVEL_SHA256);
    ck_assert(!got.was_present);
    ck_assert(strstr(got.from, "data/deep/er/renamed.bin") != NULL);
    ck_assert_str_eq(got.name, "a.csv");
    ck_assert_uint_eq(count_blobs(), 1);

    /* The second time nothing is looked for: the folder may be gone. */
    OK(fetch_from(m, NULL, &got));
    ck_assert(got.was_present);
    ck_assert_str_eq(got.from, "");
    ck_assert_uint_eq(got.bytes, strlen(text_a));
    OK(fetch_from(m, dir_of("no-such-folder"), &got));

    plx_source *source = NULL;
    plx_buf bytes = {0};
    OK(plx_fetched_open(&ctx, &store, &got, &source, &err));
    OK(plx_source_slurp(source, 1000, &bytes, &err));
    ck_assert(bytes.len == strlen(text_a) && memcmp(bytes.ptr, text_a, bytes.len) == 0);
    plx_buf_free(&bytes);
    plx_source_close(source);
}
END_TEST

START_TEST(takes_a_single_file_and_follows_links)
{
    char link_path[PLX_PATH];
    const char *file = put("linked/target.csv", text_a);
    OK(plx_fs_mkdirs(dir_of("links"), &err));
    fx_path(link_path, dir_of("links"), "x.csv");
    ck_assert_int_eq(symlink(file, link_path), 0);
    plx_fetched got;
    OK(fetch_from(manifest_for("a.csv", text_a, URL), dir_of("links"), &got));
    ck_assert_str_eq(got.from, link_path);
    char alone[PLX_PATH];
    snprintf(alone, sizeof alone, "%s", put("alone.csv", text_b));
    OK(fetch_from(manifest_for("b.csv", text_b, URL), alone, &got));
    ck_assert_str_eq(got.from, alone);
}
END_TEST

START_TEST(says_where_it_looked)
{
    put("empty/unrelated.txt", "x");
    const plx_manifest *m = manifest_for("a.csv", text_a, URL);
    plx_fetched got;
    ck_assert(!fetch_from(m, dir_of("empty"), &got));
    ck_assert_int_eq(err.code, PLX_E_NET);
    ck_assert_msg(strstr(err.what, "file a.csv of connectome/mine cannot be had") != NULL, "%s", err.what);
    ck_assert_msg(strstr(err.why, "none of 1 file fits") != NULL, "%s", err.why);
    ck_assert_msg(strstr(err.why, URL ": not asked (offline)") != NULL, "%s", err.why);
    ck_assert_str_eq(err.next, "plexus get connectome/mine --from DIR");
    ck_assert(err.kept[0]);
    ck_assert_uint_eq(count_blobs(), 0);
    ck_assert(!fetch_from(m, dir_of("missing"), &got));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
}
END_TEST

START_TEST(refuses_other_bytes_under_the_right_name)
{
    put("wrong/a.csv", text_b);
    plx_fetched got;
    ck_assert(!fetch_from(manifest_for("a.csv", text_a, URL), dir_of("wrong"), &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    char hex[2][PLX_SHA256_HEX + 1];
    plx_digest a = plx_sha256_of(text_a, strlen(text_a)), b = plx_sha256_of(text_b, strlen(text_b));
    plx_digest_hex(&a, hex[0]);
    plx_digest_hex(&b, hex[1]);
    ck_assert_msg(strstr(err.why, hex[0]) && strstr(err.why, hex[1]), "%s", err.why);
    ck_assert(strstr(err.what, "wrong/a.csv") != NULL);
    ck_assert_uint_eq(count_blobs(), 0);

    /* Another name of the same size is just another file. */
    put("same-size/z.csv", text_b);
    ck_assert(!fetch_from(manifest_for("a.csv", text_a, URL), dir_of("same-size"), &got));
    ck_assert_int_eq(err.code, PLX_E_NET);

    /* The right name with another size is told, too. */
    put("short/a.csv", "x");
    ck_assert(!fetch_from(manifest_for("a.csv", text_a, URL), dir_of("short"), &got));
    ck_assert_int_eq(err.code, PLX_E_NET);
    ck_assert_msg(strstr(err.why, "has 1 bytes, not 28") != NULL, "%s", err.why);
}
END_TEST

START_TEST(prefers_good_bytes_to_a_bad_namesake)
{
    put("both/1/a.csv", text_b);
    put("both/2/z.csv", text_a);
    plx_fetched got;
    OK(fetch_from(manifest_for("a.csv", text_a, URL), dir_of("both"), &got));
    ck_assert(strstr(got.from, "both/2/z.csv") != NULL);
}
END_TEST

START_TEST(trusts_the_first_use_and_says_so)
{
    put("first/x/a.csv", text_a);
    const plx_manifest *m = manifest_for("a.csv", NULL, URL);
    plx_fetched got;
    OK(fetch_from(m, dir_of("first"), &got));
    ck_assert_int_eq(got.trust, PLX_LEVEL_FIRST_USE);
    ck_assert_str_eq(plx_trust_name(got.trust), "first-use");

    put("twice/x/a.csv", text_a);
    put("twice/y/a.csv", text_b);
    ck_assert(!fetch_from(m, dir_of("twice"), &got));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert_int_eq(err.n_notes, 2);
    put("twice/y/a.csv", text_a);
    OK(fetch_from(m, dir_of("twice"), &got));
}
END_TEST

/* The fixture's data set records the file "cells.csv": from then on those bytes are the file. */
START_TEST(holds_to_the_first_use)
{
    OK(fx_get(&store, "mine", 3, &err));
    const plx_manifest *m = manifest_for("cells.csv", NULL, URL);
    plx_fetched got;
    OK(fetch_from(m, NULL, &got));
    ck_assert(got.was_present);
    ck_assert_int_eq(got.trust, PLX_LEVEL_FIRST_USE);

    char path[PLX_PATH];
    OK(plx_store_object_path(&store, "blobs", &got.sha256, path, &err));
    ck_assert_int_eq(unlink(path), 0);
    put("changed/cells.csv", text_a);
    ck_assert(!fetch_from(m, dir_of("changed"), &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    ck_assert_msg(strstr(err.why, "the first fetch says") != NULL, "%s", err.why);
}
END_TEST

START_TEST(reads_file_addresses)
{
    char url[PLX_PATH + 64];
    snprintf(url, sizeof url, "file://%s", put("urls/a%20b.csv", "wrong name"));
    put("urls/a b.csv", text_a);
    plx_fetched got;
    OK(fetch_from(manifest_for("a.csv", text_a, url), NULL, &got));
    ck_assert_str_eq(got.from, url);

    snprintf(url, sizeof url, "file://%s", put("urls/b.csv", text_b));
    ck_assert(!fetch_from(manifest_for("c.csv", "pre,post,weight\nAVAL,AVAR,5\n", url), NULL, &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    ck_assert(!fetch_from(manifest_for("d.csv", "nothing like it", "file:///no/such/file/anywhere"), NULL, &got));
    ck_assert_int_eq(err.code, PLX_E_NET);

    plx_source *source = NULL;
    static const char *const bad[] = {"file:///a%", "file:///a%2", "file:///a%zz", "file:///a%00b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        plx_err_clear(&err);
        ck_assert(!plx_transport_file.open(&ctx, bad[i], &source, &err) && err.code == PLX_E_ARG);
    }
}
END_TEST

START_TEST(tries_mirrors_in_order)
{
    char urls[3 * PLX_PATH];
    char good[PLX_PATH];
    snprintf(good, sizeof good, "%s", put("mirrors/good.csv", text_a));
    snprintf(urls, sizeof urls, "file:///no/such/file, file://%s, file://%s", put("mirrors/bad.csv", text_b), good);
    plx_fetched got;
    OK(fetch_from(manifest_for("a.csv", text_a, urls), NULL, &got));
    ck_assert(plx_ends_with(got.from, "mirrors/good.csv"));
    ck_assert_uint_eq(count_blobs(), 1);
}
END_TEST

START_TEST(reads_built_in_files)
{
    plx_registry *registry = NULL;
    const plx_manifest *m = NULL;
    OK(plx_registry_open(&ctx, NULL, &registry, &err));
    OK(plx_registry_find(registry, "demo", "micro-connectome", &m, &err));
    plx_fetched *got = plx_arena_zero(arena, m->n_files, sizeof *got);
    OK(fetch_from(m, NULL, got));
    ck_assert(plx_starts_with(got[0].from, "builtin:"));
    ck_assert_int_eq(got[0].trust, PLX_LEVEL_SHA256);
    plx_registry_close(registry);
    plx_source *source = NULL;
    plx_err_clear(&err);
    ck_assert(!plx_transport_builtin.open(&ctx, "builtin:no/such.csv", &source, &err) && err.code == PLX_E_NOTFOUND);
    ck_assert_ptr_eq(plx_transport_find("builtin:x"), &plx_transport_builtin);
    ck_assert_ptr_eq(plx_transport_find("https://example.org"), &plx_transport_https);
    ck_assert_ptr_null(plx_transport_find("gopher://example.org"));
    ck_assert_ptr_null(plx_transport_find("file"));
}
END_TEST

START_TEST(dry_run_checks_and_keeps_nothing)
{
    put("dry/a.csv", text_a);
    const char *dir = dir_of("dry");
    plx_fetch_opts opts = {.from_dirs = &dir, .n_from_dirs = 1, .dry_run = true};
    plx_fetched got;
    OK(plx_fetch(&ctx, &store, manifest_for("a.csv", text_a, URL), &opts, &got, &err));
    ck_assert_uint_eq(count_blobs(), 0);
    OK(plx_fetch(&ctx, NULL, manifest_for("a.csv", text_a, URL), &opts, &got, &err));
    plx_source *source = NULL;
    OK(plx_fetched_open(&ctx, NULL, &got, &source, &err));
    ck_assert_int_eq(source->size, (int64_t)strlen(text_a));
    plx_source_close(source);
    plx_err_clear(&err);
    put("dry/b.csv", text_a);
    ck_assert(!plx_fetch(&ctx, NULL, manifest_for("b.csv", text_b, URL), &opts, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
}
END_TEST

START_TEST(names_all_missing_files)
{
    static const char yaml[] =
        "schema: manifest/1\nname: connectome/mine\nversion: \"1\"\ntitle: Mine\ndescription: x\n"
        "kind: connectome\nlicence: MIT\ningester: edge_table\nfiles:\n  - {name: a.csv, urls: [" URL "]}\n"
        "  - {name: b.csv, urls: [" URL "]}\n  - {name: c.csv, urls: [" URL "]}\n";
    const plx_manifest *m = NULL;
    OK(plx_manifest_parse(&ctx, arena, "mine.yaml", yaml, strlen(yaml), &m, &err));
    put("some/b.csv", text_b);
    plx_fetched got[3];
    ck_assert(!fetch_from(m, dir_of("some"), got));
    ck_assert_int_eq(err.code, PLX_E_NET);
    ck_assert(strstr(err.what, "a.csv") != NULL);
    ck_assert_str_eq(err.note[0], "also missing: c.csv");
    ck_assert_uint_eq(count_blobs(), 1); /* what was found is kept for the next try */
}
END_TEST

START_TEST(stops_when_asked)
{
    volatile sig_atomic_t stop = 2;
    put("stop/a.csv", text_a);
    const plx_manifest *m = manifest_for("a.csv", text_a, URL);
    plx_fetched got;
    ctx.cancel = &stop;
    ck_assert(!fetch_from(m, dir_of("stop"), &got));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    ck_assert_uint_eq(count_blobs(), 0);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    put("mem/a.csv", text_a);
    const plx_manifest *m = manifest_for("a.csv", text_a, URL);
    char dir[PLX_PATH];
    snprintf(dir, sizeof dir, "%s", dir_of("mem"));
    const char *from = dir;
    plx_fetch_opts opts = {.from_dirs = &from, .n_from_dirs = 1};
    bool all_given = false;
    size_t k = 0;
    for (; !all_given && k < 5000; k++) {
        plx_fetched got;
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_fetch(&ctx, &store, m, &opts, &got, &err);
        all_given = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        if (ok) {
            char path[PLX_PATH];
            OK(plx_store_object_path(&store, "blobs", &got.sha256, path, &err));
            ck_assert_int_eq(unlink(path), 0);
        }
        ck_assert_uint_eq(count_blobs(), 0);
    }
    ck_assert(all_given);
    ck_assert_uint_gt(k, 5);
}
END_TEST

Suite *fetch_suite(void)
{
    Suite *suite = suite_create("fetch");
    TCase *tc = tcase_create("fetch");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, finds_by_digest_whatever_the_name);
    tcase_add_test(tc, takes_a_single_file_and_follows_links);
    tcase_add_test(tc, says_where_it_looked);
    tcase_add_test(tc, refuses_other_bytes_under_the_right_name);
    tcase_add_test(tc, prefers_good_bytes_to_a_bad_namesake);
    tcase_add_test(tc, trusts_the_first_use_and_says_so);
    tcase_add_test(tc, holds_to_the_first_use);
    tcase_add_test(tc, reads_file_addresses);
    tcase_add_test(tc, tries_mirrors_in_order);
    tcase_add_test(tc, reads_built_in_files);
    tcase_add_test(tc, dry_run_checks_and_keeps_nothing);
    tcase_add_test(tc, names_all_missing_files);
    tcase_add_test(tc, stops_when_asked);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}
