/* SPDX-License-Identifier: Apache-2.0
 *
 * Downloads as a manifest asks for them: mirrors, resuming in another process, crowds, patience, levels of trust.
 */
#include "registry/fetch.h"
#include "registry/refs.h"
#include "store_fixture.h"
#include "support/http_server.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { MIB = 1 << 20 };

static plx_ctx ctx;
static plx_err err;
static plx_store store;
static plx_arena *arena;
static plx_server *server;
static plx_net *net;
static char served[PLX_PATH];

static void setup(void)
{
    static const plx_net_opts hasty = {.tries = 2, .wait_ms = 1, .stall_s = 2, .connect_s = 2};
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    fx_store("store", &store);
    arena = plx_arena_new(0);
    fx_path(served, plx_test_dir(), "served");
    OK(plx_fs_mkdirs(served, &err));
    server = plx_server_start(served);
    net = plx_net_new(&hasty);
}

static void teardown(void)
{
    plx_net_free(net);
    plx_server_stop(server);
    plx_arena_free(arena);
    plx_store_close(&store);
}

/* Files "a", "b", ... of a manifest; each line is a list of behaviours, the addresses in their order. */
typedef struct want {
    const char *name, *behaviours; /* blank-separated */
    uint64_t size;
    bool pinned;
} want;

static const plx_manifest *manifest_of(const want *files, size_t n)
{
    static char yaml[1 << 16];
    size_t at = (size_t)snprintf(yaml, sizeof yaml,
                                 "schema: manifest/1\nname: connectome/mine\nversion: \"1\"\ntitle: Mine\n"
                                 "description: x\nkind: connectome\nlicence: MIT\ningester: edge_table\nfiles:\n");
    for (size_t i = 0; i < n; i++) {
        const want *f = &files[i];
        at += (size_t)snprintf(yaml + at, sizeof yaml - at, "  - name: %s\n    urls: [", f->name);
        for (const char *b = f->behaviours; *b;) {
            size_t len = strcspn(b, " ");
            at += (size_t)snprintf(yaml + at, sizeof yaml - at, "%s\"http://127.0.0.1:%d/%.*s/%llu/%s\"",
                                   b == f->behaviours ? "" : ", ", plx_server_port(server), (int)len, b,
                                   (unsigned long long)f->size, f->name);
            b += len + (b[len] == ' ');
        }
        at += (size_t)snprintf(yaml + at, sizeof yaml - at, "]\n");
        if (f->pinned) {
            char hex[PLX_SHA256_HEX + 1];
            uint8_t *bytes = malloc(f->size);
            plx_server_content(f->name, f->size, 0, bytes, f->size);
            plx_digest digest = plx_sha256_of(bytes, f->size);
            free(bytes);
            plx_digest_hex(&digest, hex);
            at += (size_t)snprintf(yaml + at, sizeof yaml - at, "    bytes: %llu\n    sha256: %s\n",
                                   (unsigned long long)f->size, hex);
        }
    }
    const plx_manifest *m = NULL;
    OK(plx_manifest_parse(&ctx, arena, "mine.yaml", yaml, at, &m, &err));
    return m;
}

static bool fetch(const plx_manifest *m, plx_fetched *out)
{
    plx_fetch_opts opts = {.net = net};
    plx_err_clear(&err);
    return plx_fetch(&ctx, &store, m, &opts, out, &err);
}

static bool in_store(const char *name, uint64_t size)
{
    uint8_t *bytes = malloc(size);
    plx_server_content(name, size, 0, bytes, size);
    plx_digest digest = plx_sha256_of(bytes, size);
    free(bytes);
    bool ok = false;
    return plx_blob_has(&store, &digest, &size) && plx_blob_verify(&ctx, &store, &digest, &ok, &err) && ok;
}

static size_t count_in(const char *folder)
{
    char dir[PLX_PATH], **names;
    size_t n;
    fx_path(dir, store.root, folder);
    OK(plx_fs_names(dir, &names, &n, &err));
    plx_fs_names_free(names, n);
    return n;
}

START_TEST(the_next_address_is_asked)
{
    const want f = {"a", "not-found broken other drop-early ok", 3 * MIB, true};
    plx_fetched got;
    OK(fetch(manifest_of(&f, 1), &got));
    ck_assert(strstr(got.from, "/ok/") && in_store("a", f.size));
    ck_assert_uint_eq(count_in("partial"), 0);
}
END_TEST

START_TEST(one_goes_on_where_another_broke_off)
{
    const want f = {"a", "drop-early drop-often ok", 3 * MIB, true};
    plx_fetched got;
    OK(fetch(manifest_of(&f, 1), &got));
    ck_assert_uint_le(plx_server_bytes(server), f.size); /* no byte twice */
    ck_assert(in_store("a", f.size));
}
END_TEST

START_TEST(all_that_is_missing_is_named)
{
    const want files[] = {{"a", "not-found", 100, true}, {"b", "ok", 100, true}, {"c", "broken forbidden", 100, true}};
    plx_fetched got[3];
    ck_assert(!fetch(manifest_of(files, 3), got));
    ck_assert_int_eq(err.code, PLX_E_NET);
    ck_assert_msg(strstr(err.why, "404") != NULL, "%s", plx_test_err(&err));
    ck_assert_msg(strstr(plx_test_err(&err), "also missing: c") != NULL, "%s", plx_test_err(&err));
    ck_assert(in_store("b", 100)); /* what came stays */
    ck_assert_str_eq(err.next, "plexus get connectome/mine --from DIR");
}
END_TEST

START_TEST(the_gravest_reason_is_told)
{
    const want files[] = {{"a", "not-found to-file other", 50000, true}, {"b", "to-file not-found", 50000, true}};
    plx_fetched got[2];
    ck_assert(!fetch(manifest_of(files, 1), got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    ck_assert(!fetch(manifest_of(files + 1, 1), got));
    ck_assert_int_eq(err.code, PLX_E_POLICY);
}
END_TEST

START_TEST(offline_asks_nobody)
{
    const want f = {"a", "ok", 100, true};
    plx_fetched got;
    ctx.offline = true;
    ck_assert(!fetch(manifest_of(&f, 1), &got));
    ck_assert_int_eq(err.code, PLX_E_NET);
    ck_assert(strstr(err.why, "offline") != NULL);
    ck_assert_uint_eq(plx_server_requests(server), 0);
    plx_fetch_opts dry = {.net = net, .dry_run = true};
    ctx.offline = false;
    ck_assert(!plx_fetch(&ctx, &store, manifest_of(&f, 1), &dry, &got, &err));
    ck_assert_uint_eq(plx_server_requests(server), 0);
}
END_TEST

/* Run `fetch` in a child until the server has sent `bytes`, then kill it. */
static void fetch_and_kill(const plx_manifest *m, uint64_t bytes)
{
    pid_t child = fork();
    if (child == 0) {
        plx_fetched got;
        fetch(m, &got);
        _exit(0);
    }
    uint64_t sent = 0;
    for (int i = 0; i < 5000 && sent < bytes; i++) {
        struct timespec nap = {0, 2000000};
        nanosleep(&nap, NULL);
        sent += plx_server_bytes(server);
    }
    nanosleep(&(struct timespec){0, 300000000}, NULL); /* let it write what has come */
    kill(child, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_uint_ge(sent, bytes);
}

START_TEST(resumes_what_a_killed_process_began)
{
    const want f = {"a", "stalls ok", 12 * MIB, true};
    const want again = {"a", "ok", 12 * MIB, true};
    plx_fetched got;
    fetch_and_kill(manifest_of(&f, 1), 6 * MIB - 1000);
    ck_assert_uint_gt(count_in("partial"), 0);
    plx_server_bytes(server);
    OK(fetch(manifest_of(&again, 1), &got));
    ck_assert_uint_le(plx_server_bytes(server), 7 * MIB); /* of 6 MiB that were there at most one is lost */
    ck_assert(in_store("a", f.size));
    size_t n;
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(count_in("partial"), 0);
}
END_TEST

/* Without a digest the same address must vouch, by its ETag, that nothing changed. */
START_TEST(resumes_without_a_digest)
{
    const want f = {"a", "stalls-once", 12 * MIB, false};
    plx_fetched got;
    fetch_and_kill(manifest_of(&f, 1), 6 * MIB - 1000);
    plx_server_bytes(server);
    OK(fetch(manifest_of(&f, 1), &got));
    ck_assert_int_eq(got.trust, PLX_LEVEL_FIRST_USE);
    ck_assert_uint_le(plx_server_bytes(server), 7 * MIB);
    ck_assert(in_store("a", f.size));
}
END_TEST

START_TEST(a_failed_download_is_gone_on_with)
{
    const want f = {"a", "drop-some", 2 * MIB, true};
    const want again = {"a", "ok", 2 * MIB, true};
    plx_fetched got;
    for (int i = 0; i < 5; i++) {
        ck_assert(!fetch(manifest_of(&f, 1), &got));
    }
    plx_server_bytes(server);
    OK(fetch(manifest_of(&again, 1), &got));
    ck_assert_uint_eq(plx_server_bytes(server), 2 * MIB - 5 * 2 * 100000); /* two tries each time */
}
END_TEST

START_TEST(a_crowd_fetches_once)
{
    const want f = {"a", "ok", 20 * MIB, true};
    const want unknown = {"b", "ok", 20 * MIB, false};
    const plx_manifest *m[] = {manifest_of(&f, 1), manifest_of(&unknown, 1)};
    for (int round = 0; round < 2; round++) {
        pid_t children[8];
        for (int i = 0; i < 8; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                plx_net *own = plx_net_new(&(plx_net_opts){.wait_ms = 1});
                plx_fetch_opts opts = {.net = own};
                plx_fetched got;
                _exit(plx_fetch(&ctx, &store, m[round], &opts, &got, &err) ? 0 : 1);
            }
        }
        for (int i = 0; i < 8; i++) {
            int status = 1;
            ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
            ck_assert_int_eq(status, 0);
        }
        uint64_t sent = plx_server_bytes(server);
        printf("8 processes, one file of %d MiB (%s): %.2f times its bytes were sent\n", 20,
               round ? "digest not known" : "digest known", (double)sent / (double)f.size);
        ck_assert_uint_lt(sent, f.size * 3 / 2);
    }
    ck_assert(in_store("a", f.size) && in_store("b", f.size));
    ck_assert_uint_eq(count_in("partial"), 0);
}
END_TEST

START_TEST(parallel_files_are_as_one_by_one)
{
    want files[40];
    static char names[40][8];
    plx_fetched got[40];
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "f%d", i);
        files[i] = (want){names[i], i % 3 ? "ok" : "busy-twice ok", (uint64_t)i * 5000 + 1, i % 2};
    }
    ctx.jobs = 8;
    OK(fetch(manifest_of(files, 40), got));
    for (int i = 0; i < 40; i++) {
        ck_assert(in_store(names[i], files[i].size));
        ck_assert_str_eq(got[i].name, names[i]);
    }
    ck_assert_uint_eq(count_in("partial"), 0);
}
END_TEST

START_TEST(mirrors_come_first)
{
    const want f = {"a", "ok", 5000, true}, other = {"b", "ok", 6000, false};
    const plx_manifest *m = manifest_of(&f, 1);
    plx_fetched got;
    char url[PLX_PATH], dir[2 * PLX_PATH], path[3 * PLX_PATH];
    const char *mirrors[] = {url};
    plx_fetch_opts opts = {.net = net, .mirrors = mirrors, .n_mirrors = 1};
    uint8_t bytes[6000];
    char hex[PLX_SHA256_HEX + 1];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/files/mirror/", plx_server_port(server));
    /* Not there: the manifest's own address is asked. */
    OK(plx_fetch(&ctx, &store, m, &opts, &got, &err));
    ck_assert(strstr(got.from, "/ok/") != NULL);
    /* As another store has it. */
    plx_server_content("a", 5000, 0, bytes, 5000);
    plx_digest digest = plx_sha256_of(bytes, 5000);
    plx_digest_hex(&digest, hex);
    OK(plx_blob_withdraw(&store, &digest, &err));
    snprintf(dir, sizeof dir, "%s/mirror/blobs/sha256/%.2s", served, hex);
    OK(plx_fs_mkdirs(dir, &err));
    snprintf(path, sizeof path, "%s/%s", dir, hex + 2);
    OK(plx_fs_replace(path, bytes, 5000, &err));
    OK(plx_fetch(&ctx, &store, m, &opts, &got, &err));
    ck_assert_msg(strstr(got.from, "/mirror/blobs/") != NULL, "%s", got.from);
    /* Under the names of the data set. */
    plx_server_content("b", 6000, 0, bytes, 6000);
    snprintf(dir, sizeof dir, "%s/mirror/connectome/mine", served);
    OK(plx_fs_mkdirs(dir, &err));
    snprintf(path, sizeof path, "%s/b", dir);
    OK(plx_fs_replace(path, bytes, 6000, &err));
    OK(plx_fetch(&ctx, &store, manifest_of(&other, 1), &opts, &got, &err));
    ck_assert_msg(strstr(got.from, "/mirror/connectome/mine/b") != NULL, "%s", got.from);
    ck_assert(in_store("b", 6000));
}
END_TEST

START_TEST(first_use_is_held_to)
{
    const want f = {"a", "ok", 5000, false};
    const plx_manifest *m = manifest_of(&f, 1);
    plx_fetched got;
    OK(fetch(m, &got));
    ck_assert_int_eq(got.trust, PLX_LEVEL_FIRST_USE);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&got.sha256, hex);
    plx_ref ref = {.kind = PLX_REF_DATASET,
                   .has_mode = true,
                   .mode = PLX_STRICT,
                   .family = "connectome",
                   .name = "mine",
                   .version = "1"};
    plx_value *content = plx_v_obj(arena), *files = plx_v_arr(arena), *file = plx_v_obj(arena);
    ck_assert(plx_v_set(arena, file, "name", plx_v_str(arena, "a")) &&
              plx_v_set(arena, file, "sha256", plx_v_str(arena, hex)) &&
              plx_v_set(arena, file, "trust", plx_v_str(arena, "first-use")) && plx_v_push(arena, files, file) &&
              plx_v_set(arena, content, "files", files) && plx_v_set(arena, content, "units", plx_v_arr(arena)) &&
              plx_v_set(arena, content, "dataset", plx_v_str(arena, "connectome/mine")) &&
              plx_v_set(arena, content, "version", plx_v_str(arena, "1")) &&
              plx_v_set(arena, content, "mode", plx_v_str(arena, "strict")));
    OK(plx_refs_write(&store, &ref, content, &err));
    OK(plx_blob_withdraw(&store, &got.sha256, &err));
    const want changed = {"a", "other", 5000, false};
    ck_assert(!fetch(manifest_of(&changed, 1), &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    OK(fetch(m, &got));
    ck_assert_int_eq(got.trust, PLX_LEVEL_FIRST_USE);
}
END_TEST

START_TEST(a_published_figure_allows_more)
{
    const want f = {"a", "ok", 3 * MIB, false};
    plx_manifest m = *manifest_of(&f, 1);
    plx_manifest_file file = m.files[0];
    plx_fetched got;
    ctx.limits.file_bytes = MIB;
    m.files = &file;
    ck_assert(!fetch(&m, &got));
    ck_assert_msg(err.code == PLX_E_LIMIT, "%s", plx_test_err(&err));
    file.has_bytes_about = true;
    file.bytes_about = 2 * MIB; /* half as much again is something else */
    ck_assert(!fetch(&m, &got));
    ck_assert_msg(err.code == PLX_E_LIMIT, "%s", plx_test_err(&err));
    file.bytes_about = 3 * MIB - MIB / 4;
    OK(fetch(&m, &got));
    ck_assert(in_store("a", f.size));
    /* And where it shows that there is no room, nobody is asked. */
    plx_server_bytes(server);
    file.bytes_about = (uint64_t)1 << 62;
    ck_assert(!fetch(&m, &got));
    ck_assert_msg(err.code == PLX_E_NOSPACE, "%s", plx_test_err(&err));
    ck_assert_uint_eq(plx_server_bytes(server), 0);
}
END_TEST

START_TEST(time_is_limited)
{
    static const plx_net_opts brief = {.tries = 100, .wait_ms = 1, .stall_s = 100, .total_s = 0.5};
    const want f = {"a", "drip", 50000, true};
    plx_fetched got;
    plx_net *own = plx_net_new(&brief);
    plx_fetch_opts opts = {.net = own};
    ck_assert(!plx_fetch(&ctx, &store, manifest_of(&f, 1), &opts, &got, &err));
    ck_assert_msg(err.code == PLX_E_LIMIT, "%s", plx_test_err(&err));
    plx_net_free(own);
}
END_TEST

static volatile sig_atomic_t stop;

static void *stop_soon(void *payload)
{
    (void)payload;
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    stop = SIGINT;
    return NULL;
}

START_TEST(stops_when_asked)
{
    const want f = {"a", "silent", 50000, true};
    plx_fetched got;
    pid_t child = fork();
    if (child == 0) {
        static const plx_net_opts patient = {.stall_s = 600};
        plx_fetch_opts opts = {.net = plx_net_new(&patient)};
        pthread_t thread;
        ctx.cancel = &stop;
        pthread_create(&thread, NULL, stop_soon, NULL);
        bool ok = plx_fetch(&ctx, &store, manifest_of(&f, 1), &opts, &got, &err);
        _exit(!ok && err.code == PLX_E_CANCELLED ? 0 : 1);
    }
    int status = 1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    const want f = {"a", "ok", 3000, true};
    const plx_manifest *m = manifest_of(&f, 1);
    bool all_given = false;
    size_t k = 0;
    for (; !all_given && k < 1000; k++) {
        plx_fetched got;
        plx_net *own = plx_net_new(&(plx_net_opts){.tries = 1});
        plx_fetch_opts opts = {.net = own};
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_fetch(&ctx, &store, m, &opts, &got, &err);
        all_given = plx_test_alloc_ok() <= k;
        plx_net_free(own);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        if (ok) {
            OK(plx_blob_withdraw(&store, &got.sha256, &err));
        }
        ck_assert_uint_eq(count_in("partial"), 0);
    }
    ck_assert(all_given && k > 5);
}
END_TEST

Suite *download_suite(void)
{
    Suite *s = suite_create("download");
    TCase *tc = tcase_create("download");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, the_next_address_is_asked);
    tcase_add_test(tc, one_goes_on_where_another_broke_off);
    tcase_add_test(tc, all_that_is_missing_is_named);
    tcase_add_test(tc, the_gravest_reason_is_told);
    tcase_add_test(tc, offline_asks_nobody);
    tcase_add_test(tc, resumes_what_a_killed_process_began);
    tcase_add_test(tc, resumes_without_a_digest);
    tcase_add_test(tc, a_failed_download_is_gone_on_with);
    tcase_add_test(tc, a_crowd_fetches_once);
    tcase_add_test(tc, parallel_files_are_as_one_by_one);
    tcase_add_test(tc, mirrors_come_first);
    tcase_add_test(tc, first_use_is_held_to);
    tcase_add_test(tc, a_published_figure_allows_more);
    tcase_add_test(tc, time_is_limited);
    tcase_add_test(tc, stops_when_asked);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(s, tc);
    return s;
}
