/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that lie in an archive: out of a local copy, and over the network by ranges, without the rest of it.
 */
#include "core/md5.h"
#include "formats/archive.h"
#include "registry/fetch.h"
#include "store_fixture.h"
#include "support/http_server.h"
#include "support/make_archive.h"

#include <stdlib.h>

enum { BIG = 600000, CHUNK = 3000 };

static plx_ctx ctx;
static plx_err err;
static plx_store store;
static plx_arena *arena;
static plx_server *server;
static plx_net *net;
static char served[PLX_PATH];
static uint8_t *noise;
static char chunks[CHUNK];
static plx_sb zip;

static void put(const char *rel, const void *bytes, size_t len)
{
    char path[2 * PLX_PATH], dir[2 * PLX_PATH];
    snprintf(path, sizeof path, "%s/%s", served, rel);
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    OK(plx_fs_mkdirs(dir, &err));
    OK(plx_fs_replace(path, bytes, len, &err));
}

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    fx_store("store", &store);
    arena = plx_arena_new(0);
    fx_path(served, plx_test_dir(), "served");
    noise = malloc(BIG);
    plx_server_content("noise", BIG, 0, noise, BIG);
    memset(chunks, 'c', sizeof chunks);
    const zip_part parts[] = {
        {.name = "set/before.bin", .data = noise, .len = BIG},
        {.name = "set/a.zarr/.zarray", .data = "{}", .len = 2},
        {.name = "set/a.zarr/0.1", .data = chunks, .len = CHUNK, .deflate = true},
        {.name = "set/a.zarr/", .mode = 040755},
        {.name = "set/a.zarr/0.0", .data = noise, .len = CHUNK},
        {.name = "set/between.bin", .data = noise, .len = BIG},
        {.name = "set/table.csv", .data = "a,b\n1,2\n", .len = 8, .deflate = true},
        {.name = "set/empty.csv", .data = "", .len = 0},
        {.name = "set/after.bin", .data = noise, .len = BIG},
        {.name = "set/a.zarr/9.9", .data = noise + 7, .len = CHUNK},
    };
    zip = (plx_sb){0};
    make_zip(&zip, parts, sizeof parts / sizeof *parts, NULL);
    put("set.zip", zip.ptr, zip.len);
    server = plx_server_start(served);
    net = plx_net_new(&(plx_net_opts){.tries = 2, .wait_ms = 1, .stall_s = 2});
}

static void teardown(void)
{
    plx_net_free(net);
    plx_server_stop(server);
    plx_sb_free(&zip);
    free(noise);
    plx_arena_free(arena);
    plx_store_close(&store);
}

/* A manifest of one archive; `files` are YAML entries, `more` further keys of the archive. */
static const plx_manifest *manifest_of(const char *path, const char *more, const char *files)
{
    char yaml[8192];
    int n = snprintf(yaml, sizeof yaml,
                     "schema: manifest/1\nname: connectome/mine\nversion: \"1\"\ntitle: Mine\ndescription: x\n"
                     "kind: connectome\nlicence: MIT\ningester: edge_table\narchives:\n  - name: set.zip\n"
                     "    urls: [\"http://127.0.0.1:%d/%s\"]\n%sfiles:\n%s",
                     plx_server_port(server), path, more, files);
    const plx_manifest *m = NULL;
    OK(plx_manifest_parse(&ctx, arena, "mine.yaml", yaml, (size_t)n, &m, &err));
    return m;
}

static bool fetch(const plx_manifest *m, const char *from, plx_fetched *out)
{
    plx_fetch_opts opts = {.net = net, .from_dirs = &from, .n_from_dirs = from ? 1 : 0};
    plx_err_clear(&err);
    return plx_fetch(&ctx, &store, m, &opts, out, &err);
}

static void holds(const plx_fetched *got, const void *bytes, size_t len)
{
    plx_digest want = plx_sha256_of(bytes, len);
    ck_assert_msg(plx_digest_eq(&want, &got->sha256), "%s", got->name);
    bool ok = false;
    OK(plx_blob_verify(&ctx, &store, &want, &ok, &err));
    ck_assert(ok);
}

#define TABLE   "  - {name: table.csv, archive: set.zip, member: set/table.csv}\n"
#define EMPTY   "  - {name: empty.csv, archive: set.zip, member: set/empty.csv}\n"
#define BETWEEN "  - {name: between.bin, archive: set.zip, member: set/between.bin, bytes: 600000}\n"
#define FOLDER  "  - {name: a.zarr.zip, archive: set.zip, member: set/a.zarr/}\n"

#define TABLE_MD5 "e5ebd4c02cefbe7955977c67ada242b7"

START_TEST(members_come_alone)
{
    plx_fetched got[3];
    OK(fetch(manifest_of("files/set.zip", "", TABLE EMPTY BETWEEN), NULL, got));
    holds(&got[0], "a,b\n1,2\n", 8);
    holds(&got[1], "", 0);
    holds(&got[2], noise, BIG);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(got[i].trust, PLX_LEVEL_CRC);
        ck_assert_msg(strstr(got[i].from, "/files/set.zip!set/") != NULL, "%s", got[i].from);
    }
    ck_assert_uint_lt(plx_server_bytes(server), BIG + 300000); /* of 1.8 MB */
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}
END_TEST

START_TEST(a_folder_becomes_one_zip)
{
    plx_fetched got, again;
    OK(fetch(manifest_of("files/set.zip", "", FOLDER), NULL, &got));
    ck_assert_int_eq(got.trust, PLX_LEVEL_CRC);
    ck_assert_uint_lt(plx_server_bytes(server), 300000);
    char path[PLX_PATH];
    OK(plx_store_object_path(&store, "blobs", &got.sha256, path, &err));
    static const char *const names[] = {".zarray", "0.0", "0.1", "9.9"};
    plx_buf member = {0};
    for (size_t i = 0; i < 4; i++) {
        OK(plx_archive_read_member(&ctx, path, names[i], &member, &err));
        ck_assert_uint_eq(member.len, i ? CHUNK : 2);
        plx_buf_free(&member);
    }
    /* The same members of another archive, in another order and packed otherwise, are the same bytes. */
    const zip_part parts[] = {
        {.name = "x/a/9.9", .data = noise + 7, .len = CHUNK, .deflate = true},
        {.name = "x/a/0.0", .data = noise, .len = CHUNK, .deflate = true},
        {.name = "x/a/0.1", .data = chunks, .len = CHUNK},
        {.name = "x/a/.zarray", .data = "{}", .len = 2, .deflate = true},
    };
    plx_sb other = {0};
    make_zip(&other, parts, 4, NULL);
    put("other.zip", other.ptr, other.len);
    plx_sb_free(&other);
    OK(fetch(manifest_of("files/other.zip", "", "  - {name: b.zip, archive: set.zip, member: x/a/}\n"), NULL, &again));
    ck_assert(plx_digest_eq(&got.sha256, &again.sha256));
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}
END_TEST

START_TEST(out_of_a_local_copy)
{
    plx_fetched got[2];
    ctx.offline = true;
    OK(fetch(manifest_of("files/nowhere.zip", "", TABLE FOLDER), served, got));
    holds(&got[0], "a,b\n1,2\n", 8);
    ck_assert_int_eq(got[0].trust, PLX_LEVEL_CRC);
    ck_assert(!fetch(manifest_of("files/nowhere.zip", "    bytes: 7\n", BETWEEN), served, got));
    ck_assert_int_eq(err.code, PLX_E_NET); /* the copy has another size than the archive */
}
END_TEST

START_TEST(an_md5_decides)
{
    plx_fetched got;
    const char *good = "  - {name: t.csv, archive: set.zip, member: set/table.csv, md5: " TABLE_MD5 "}\n";
    const char *bad = "  - {name: t.csv, archive: set.zip, member: set/between.bin, md5: " TABLE_MD5 "}\n";
    for (int near = 0; near < 2; near++) {
        const char *from = near ? served : NULL;
        ctx.offline = near;
        ck_assert(!fetch(manifest_of("files/set.zip", "", bad), from, &got));
        ck_assert_int_eq(err.code, PLX_E_DIGEST);
        ck_assert_msg(strstr(plx_test_err(&err), "MD5 differs") != NULL, "%s", plx_test_err(&err));
        ck_assert_uint_eq(fx_count(&store, "blobs/sha256"), near);
        OK(fetch(manifest_of("files/set.zip", "", good), from, &got));
        holds(&got, "a,b\n1,2\n", 8);
        ck_assert_int_eq(got.trust, PLX_LEVEL_MD5);
    }
}
END_TEST

START_TEST(a_digest_decides)
{
    char entry[512], hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_of("a,b\n1,2\n", 8);
    plx_fetched got;
    plx_digest_hex(&digest, hex);
    snprintf(entry, sizeof entry, "  - {name: t.csv, archive: set.zip, member: set/table.csv, sha256: %s}\n", hex);
    OK(fetch(manifest_of("files/set.zip", "", entry), NULL, &got));
    ck_assert_int_eq(got.trust, PLX_LEVEL_SHA256);
    snprintf(entry, sizeof entry, "  - {name: t.csv, archive: set.zip, member: set/after.bin, sha256: %.60s0000}\n",
             hex);
    ck_assert(!fetch(manifest_of("files/set.zip", "", entry), NULL, &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    ck_assert(!fetch(
        manifest_of("files/set.zip", "", "  - {name: t.csv, archive: set.zip, member: set/table.csv, bytes: 9}\n"),
        NULL, &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
}
END_TEST

START_TEST(damage_and_absence)
{
    static const struct {
        const char *path, *more, *files;
        plx_code code;
    } cases[] = {
        {"files/none.zip", "", TABLE, PLX_E_NET},
        {"files/set.zip", "    bytes: 5\n", TABLE, PLX_E_DIGEST},
        {"files/set.zip", "", "  - {name: x, archive: set.zip, member: set/none}\n", PLX_E_NET},
        {"files/set.zip", "", "  - {name: x, archive: set.zip, member: none/}\n", PLX_E_NET},
        {"files/cut.zip", "", TABLE, PLX_E_TRUNCATED},
        {"files/bad.zip", "", BETWEEN, PLX_E_DIGEST},
        {"files/text.zip", "", TABLE, PLX_E_TRUNCATED},
        {"html/5000/x.zip", "", TABLE, PLX_E_NET},
        {"range-ignored/5000/x.zip", "", TABLE, PLX_E_NET},
        {"range-off/5000/x.zip", "", TABLE, PLX_E_NET},
        {"changes-always/90000/x.zip", "", TABLE, PLX_E_NET},
        {"to-file/5000/x.zip", "", TABLE, PLX_E_POLICY},
    };
    put("cut.zip", zip.ptr, zip.len - 30);
    put("text.zip", "a,b\n1,2\n", 8);
    for (size_t i = zip.len / 2; i < zip.len / 2 + 4; i++) {
        zip.ptr[i] ^= 1;
    }
    put("bad.zip", zip.ptr, zip.len);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plx_fetched got;
        bool ok = fetch(manifest_of(cases[i].path, cases[i].more, cases[i].files), NULL, &got);
        ck_assert_msg(!ok && err.code == cases[i].code, "%s: %s", cases[i].path, ok ? "taken" : plx_test_err(&err));
        ck_assert_msg(err.next[0] && err.kept[0], "%s", plx_test_err(&err));
        fx_files files;
        char dir[PLX_PATH];
        fx_path(dir, store.root, "blobs");
        fx_list(dir, &files);
        ck_assert_uint_eq(files.n, 0);
    }
}
END_TEST

START_TEST(many_at_once)
{
    plx_fetched got[4];
    ctx.jobs = 4;
    OK(fetch(manifest_of("files/set.zip", "", TABLE EMPTY BETWEEN FOLDER), NULL, got));
    holds(&got[2], noise, BIG);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    const plx_manifest *m = manifest_of("files/set.zip", "", TABLE);
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
        ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    }
    ck_assert(all_given && k > 10);
}
END_TEST

Suite *fetch_archive_suite(void)
{
    Suite *s = suite_create("fetch_archive");
    TCase *tc = tcase_create("fetch_archive");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, members_come_alone);
    tcase_add_test(tc, a_folder_becomes_one_zip);
    tcase_add_test(tc, out_of_a_local_copy);
    tcase_add_test(tc, an_md5_decides);
    tcase_add_test(tc, a_digest_decides);
    tcase_add_test(tc, damage_and_absence);
    tcase_add_test(tc, many_at_once);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(s, tc);
    return s;
}
