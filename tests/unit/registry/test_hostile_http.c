/* SPDX-License-Identifier: Apache-2.0
 *
 * What servers do to us, one behaviour at a time (tests/support/http_answers.c and http_bodies.c). After each: nothing
 * but verified bytes is in the store, the exit code is the promised one, the error names a next command, and memory
 * stayed within bounds. That it ends at all is seen to by the limit of the suite.
 */
#include "core/md5.h"
#include "registry/fetch.h"
#include "store_fixture.h"
#include "support/http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sanitizer keeps what was freed, and notes beside it. */
#if defined(__SANITIZE_ADDRESS__)
enum { SHADOW = 4 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SHADOW = 4 };
#else
enum { SHADOW = 1 };
#endif
#else
enum { SHADOW = 1 };
#endif

/* What the manifest knows of the file. */
typedef enum knows { NOTHING = 0, SIZE = 1, MD5 = 2, SHA = 4 } knows;

typedef struct hostile {
    const char *behaviour;
    uint64_t size;
    int knows;
    int code;         /* exit code of the program */
    const char *says; /* part of the error, or NULL */
} hostile;

enum { SMALL = 40000, BIG = 3 * 1024 * 1024 + 12345 };

static const hostile cases[] = {
    /* Odd, but the file comes. */
    {"ok", BIG, SHA | SIZE, 0, NULL},
    {"ok", SMALL, NOTHING, 0, NULL},
    {"ok", SMALL, MD5, 0, NULL},
    {"ok", SMALL, SIZE, 0, NULL},
    {"busy-twice", SMALL, SHA, 0, NULL},
    {"bytewise", 3000, SHA, 0, NULL},
    {"changed", BIG, SHA, 0, NULL},
    {"changed", BIG, NOTHING, 0, NULL},
    {"changed-silently", BIG, SHA, 0, NULL},
    {"changed-silently", BIG, NOTHING, 0, NULL},
    {"changed-unseen", BIG, SHA, 0, NULL},
    {"changed-unseen", BIG, MD5, 0, NULL},
    {"chunked", BIG, SHA | SIZE, 0, NULL},
    {"chunked", BIG, NOTHING, 0, NULL},
    {"close-after", SMALL, SHA, 0, NULL},
    {"cookies", SMALL, SHA, 0, NULL},
    {"dated", BIG, NOTHING, 0, NULL},
    {"drop-often", 4 * BIG, SHA, 0, NULL},
    {"drop-once", BIG, NOTHING, 0, NULL},
    {"drop-once", BIG, SHA | SIZE, 0, NULL},
    {"drop-weak", BIG, SHA, 0, NULL},
    {"end-missing", BIG, SHA, 0, NULL},
    {"end-missing", BIG, NOTHING, 0, NULL},
    {"gzip-label", SMALL, SHA, 0, NULL},
    {"header-case", SMALL, SHA, 0, NULL},
    {"header-fat", SMALL, SHA, 0, NULL},
    {"html-type", SMALL, SHA, 0, NULL},
    {"interim", SMALL, SHA, 0, NULL},
    {"moved", SMALL, SHA, 0, NULL},
    {"moved-thrice", SMALL, SHA, 0, NULL},
    {"names", SMALL, NOTHING, 0, NULL},
    {"no-validator", SMALL, NOTHING, 0, NULL},
    {"range-ignored", BIG, SHA, 0, NULL},
    {"range-unasked", BIG, SHA, 0, NULL},
    {"reset-once", BIG, SHA, 0, NULL},
    {"slow-start", SMALL, SHA, 0, NULL},
    {"surplus", SMALL, SHA, 0, NULL},
    {"until-close", BIG, SHA, 0, NULL},
    {"until-close", SMALL, NOTHING, 0, NULL},
    {"wait-once", SMALL, SHA, 0, NULL},
    /* Other bytes: 4. */
    {"other", BIG, SHA, 4, "SHA-256 differs"},
    {"other", BIG, MD5, 4, "MD5 differs"},
    {"one-bit", BIG, SHA | SIZE, 4, "SHA-256 differs"},
    {"longer", SMALL, SHA | SIZE, 4, "wrong size"},
    {"longer", SMALL, SIZE, 4, "wrong size"},
    {"longer-chunked", BIG, SIZE, 4, "longer"},
    {"shorter", SMALL, SIZE, 4, "wrong size"},
    {"shorter", SMALL, SHA, 4, "SHA-256 differs"},
    {"nothing", SMALL, SIZE, 4, "wrong size"},
    {"range-grows", BIG, SIZE | SHA, 4, "wrong size"},
    {"sha-announced", BIG, SHA, 4, "announces"},
    {"sha-announced", BIG, NOTHING, 4, "SHA-256 differs"},
    {"digest-announced", BIG, SHA, 4, "announces"},
    {"md5-announced", BIG, MD5, 4, "announces"},
    {"gzip-bomb", SMALL, SHA, 4, "SHA-256 differs"},
    /* Nobody there, or nobody of use: 5. */
    {"bad-chunk", SMALL, SHA, 5, NULL},
    {"banner", SMALL, SHA, 5, NULL},
    {"bare", SMALL, SHA, 5, NULL},
    {"broken", SMALL, SHA, 5, "trouble"},
    {"changes-always", BIG, SHA, 5, NULL},
    {"cut-chunk", SMALL, SHA, 5, NULL},
    {"cut-chunk-size", SMALL, SHA, 5, NULL},
    {"cut-headers", SMALL, SHA, 5, NULL},
    {"cut-status", SMALL, SHA, 5, NULL},
    {"drip", SMALL, SHA, 5, "slowly"},
    {"drip-headers", SMALL, SHA, 5, "slowly"},
    {"drop-always", SMALL, SHA, 5, "ended before"},
    {"drop-early", BIG, SHA, 5, "ended before"},
    {"drop-last-byte", BIG, SHA, 5, "ended before"},
    {"forbidden", SMALL, SHA, 5, "403"},
    {"gone", SMALL, SHA, 5, "410"},
    {"header-nul", SMALL, NOTHING, 5, NULL},
    {"header-odd", SMALL, SHA, 5, NULL},
    {"html", SMALL, NOTHING, 5, "web page"},
    {"html", SMALL, SHA, 5, "web page"},
    {"html-as-data", SMALL, NOTHING, 5, "web page"},
    {"html-as-data", SMALL, SHA, 5, "web page"},
    {"html-hidden", SMALL, NOTHING, 5, "web page"},
    {"html-type", SMALL, NOTHING, 5, "web page"},
    {"json-error", SMALL, NOTHING, 5, "something else"},
    {"loop", SMALL, SHA, 5, "without end"},
    {"loop-growing", SMALL, SHA, 5, "without end"},
    {"negative", SMALL, SHA, 5, NULL},
    {"no-content", SMALL, SHA, 5, "204"},
    {"not-found", SMALL, SHA, 5, "404"},
    {"not-modified", SMALL, SHA, 5, "304"},
    {"nothing", SMALL, NOTHING, 5, "nothing"},
    {"odd-status", SMALL, SHA, 5, NULL},
    {"range-off", BIG, SHA, 5, "another range"},
    {"range-parts", BIG, SHA, 5, "another range"},
    {"range-unnamed", BIG, SHA, 5, "another range"},
    {"reset-first", SMALL, SHA, 5, NULL},
    {"shut", SMALL, SHA, 5, NULL},
    {"silent", SMALL, SHA, 5, "slowly"},
    {"stalls", BIG, SHA, 5, "slowly"},
    {"to-far", SMALL, SHA, 5, "no address"},
    {"to-nowhere", SMALL, SHA, 5, "no address"},
    {"to-garbage", SMALL, SHA, 5, NULL},
    {"unauthorized", SMALL, SHA, 5, "401"},
    {"vast-chunk", SMALL, SHA, 5, NULL},
    {"wait-days", SMALL, SHA, 5, "429"},
    {"wait-forever", SMALL, SHA, 5, "429"},
    {"zeros", SMALL, SHA, 5, NULL},
    /* A limit: 7. */
    {"endless", SMALL, NOTHING, 7, "longer"},
    {"header-long", SMALL, SHA, 7, "header"},
    {"headers-endless", SMALL, SHA, 7, "header"},
    {"interim-endless", SMALL, SHA, 7, "header"},
    {"vast", SMALL, NOTHING, 7, "larger"},
    /* Packed without need: 8. */
    {"gzip-bomb", SMALL, NOTHING, 8, "packs"},
    /* Not to be followed: 9. */
    {"to-any", SMALL, SHA, 9, "private"},
    {"to-file", SMALL, SHA, 9, "another scheme"},
    {"to-ftp", SMALL, SHA, 9, "another scheme"},
    {"to-gopher", SMALL, SHA, 9, "another scheme"},
    {"to-mapped", SMALL, SHA, 9, "private"},
    {"to-metadata", SMALL, SHA, 9, "away from https"},
    {"to-plain", SMALL, SHA, 9, "away from https"},
    {"to-private", SMALL, SHA, 9, "private"},
    {"to-user", SMALL, SHA, 9, "user"},
};
enum { N_CASES = sizeof cases / sizeof *cases };

static plx_ctx ctx;
static plx_err err;
static plx_store store;
static plx_arena *arena;
static plx_server *server;
static plx_net *net;

static void setup(void)
{
    ctx = plx_ctx_default();
    ctx.limits.file_bytes = 16 << 20;
    plx_err_clear(&err);
    fx_store("store", &store);
    arena = plx_arena_new(0);
    server = plx_server_start(NULL);
    static const plx_net_opts hasty = {.tries = 3, .wait_ms = 1, .stall_s = 1, .connect_s = 2};
    net = plx_net_new(&hasty);
}

static void teardown(void)
{
    plx_net_free(net);
    plx_server_stop(server);
    plx_arena_free(arena);
    plx_store_close(&store);
}

static const plx_manifest *manifest_of(const hostile *h, const char *name, const uint8_t *bytes)
{
    char yaml[4096], hex[PLX_SHA256_HEX + 1], md5_hex[PLX_MD5_HEX + 1];
    plx_digest digest = plx_sha256_of(bytes, h->size);
    plx_md5 md5;
    plx_digest_hex(&digest, hex);
    plx_md5_init(&md5);
    plx_md5_update(&md5, bytes, h->size);
    plx_md5_final(&md5, md5_hex);
    int n = snprintf(yaml, sizeof yaml,
                     "schema: manifest/1\nname: connectome/mine\nversion: \"1\"\ntitle: Mine\ndescription: x\n"
                     "kind: connectome\nlicence: MIT\ningester: edge_table\nfiles:\n  - name: %s\n"
                     "    urls: [\"http://127.0.0.1:%d/%s/%llu/%s\"]\n    media: %s\n",
                     name, plx_server_port(server), h->behaviour, (unsigned long long)h->size, name,
                     strcmp(h->behaviour, "json-error") == 0 ? "application/zip" : "application/octet-stream");
    n += h->knows & SIZE ? snprintf(yaml + n, sizeof yaml - (size_t)n, "    bytes: %llu\n", (unsigned long long)h->size)
                         : 0;
    n += h->knows & SHA ? snprintf(yaml + n, sizeof yaml - (size_t)n, "    sha256: %s\n", hex) : 0;
    n += h->knows & MD5 ? snprintf(yaml + n, sizeof yaml - (size_t)n, "    md5: %s\n", md5_hex) : 0;
    const plx_manifest *m = NULL;
    OK(plx_manifest_parse(&ctx, arena, "mine.yaml", yaml, (size_t)n, &m, &err));
    return m;
}

/* Every blob is what its name says. */
static size_t sound_blobs(void)
{
    fx_files files;
    char dir[PLX_PATH];
    fx_path(dir, store.root, "blobs");
    fx_list(dir, &files);
    for (size_t i = 0; i < files.n; i++) {
        char path[PLX_PATH], hex[PLX_SHA256_HEX + 1];
        plx_buf bytes = {0};
        fx_path(path, dir, files.path[i]);
        OK(plx_buf_read_file(path, 64 << 20, &bytes, &err));
        plx_digest digest = plx_sha256_of(bytes.ptr, bytes.len);
        plx_digest_hex(&digest, hex);
        const char *name = strrchr(files.path[i], '/') + 1;
        ck_assert_msg(memcmp(hex + 2, name, 62) == 0, "%s holds other bytes than its name says", files.path[i]);
        plx_buf_free(&bytes);
    }
    return files.n;
}

static void try_case(size_t i)
{
    const hostile *h = &cases[i];
    char name[64];
    snprintf(name, sizeof name, "case-%zu.bin", i);
    uint8_t *bytes = malloc(h->size);
    plx_server_content(name, h->size, 0, bytes, h->size);
    const plx_manifest *m = manifest_of(h, name, bytes);
    plx_fetch_opts opts = {.net = net};
    plx_fetched got;
    size_t before = sound_blobs();
    plx_err_clear(&err);
    bool ok = plx_fetch(&ctx, &store, m, &opts, &got, &err);
    int code = ok ? 0 : plx_code_exit(err.code);
    ck_assert_msg(code == h->code, "%s, knowing %d: exit %d, not %d: %s", h->behaviour, h->knows, code, h->code,
                  ok ? "" : plx_test_err(&err));
    if (ok) {
        plx_digest want = plx_sha256_of(bytes, h->size);
        ck_assert_msg(plx_digest_eq(&want, &got.sha256), "%s: other bytes were taken", h->behaviour);
        ck_assert_int_eq(got.trust, h->knows & SHA   ? PLX_LEVEL_SHA256
                                    : h->knows & MD5 ? PLX_LEVEL_MD5
                                                     : PLX_LEVEL_FIRST_USE);
        ck_assert_uint_eq(sound_blobs(), before + 1);
    } else {
        ck_assert_msg(err.next[0] && err.kept[0], "%s: no next step: %s", h->behaviour, plx_test_err(&err));
        ck_assert_msg(!h->says || strstr(err.what, h->says) || strstr(err.why, h->says), "%s: %s does not say \"%s\"",
                      h->behaviour, plx_test_err(&err), h->says);
        ck_assert_uint_eq(sound_blobs(), before);
    }
    free(bytes);
}

START_TEST(each_behaviour)
{
    try_case((size_t)_i);
}
END_TEST

START_TEST(all_in_one_store)
{
    struct rusage usage;
    for (size_t i = 0; i < N_CASES; i++) {
        if (cases[i].code != 5) { /* those wait; each was tried alone */
            try_case(i);
        }
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("hostile servers: %d cases; all that end at once again in one store, peak memory %ld MiB\n", N_CASES,
           usage.ru_maxrss / 1024);
    ck_assert_int_lt(usage.ru_maxrss / 1024, SHADOW * 256);
}
END_TEST

Suite *hostile_http_suite(void)
{
    Suite *s = suite_create("hostile_http");
    TCase *tc = tcase_create("hostile_http");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, each_behaviour, 0, N_CASES);
    tcase_add_test(tc, all_in_one_store);
    suite_add_tcase(s, tc);
    return s;
}
