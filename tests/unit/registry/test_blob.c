/* SPDX-License-Identifier: Apache-2.0
 *
 * Blobs: named by what they hold, or not there.
 */
#include "store_fixture.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static char path[PLX_PATH];

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("store", &store);
}

static void teardown(void)
{
    plx_store_close(&store);
}

static bool put(const void *bytes, size_t len, const plx_digest *expect, const uint64_t *expect_bytes, plx_digest *out)
{
    plx_source *source;
    uint64_t n = 0;
    OK(plx_source_mem("cells.csv", bytes, len, &source, &err));
    bool ok = plx_blob_put(&ctx, &store, source, expect, expect_bytes, out, &n, &err);
    plx_source_close(source);
    ck_assert(!ok || n == len);
    return ok;
}

static void nothing_left(size_t n_blobs)
{
    fx_files files;
    char dir[PLX_PATH];
    fx_path(dir, store.root, "blobs");
    fx_list(dir, &files);
    ck_assert_uint_eq(files.n, n_blobs);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}

START_TEST(stored_under_its_digest)
{
    plx_digest got, want = plx_sha256_of("abc", 3);
    struct stat st;
    bool good = false;
    OK(put("abc", 3, NULL, NULL, &got));
    ck_assert(plx_digest_eq(&got, &want));
    OK(plx_store_object_path(&store, "blobs", &want, path, &err));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0444);
    ck_assert_int_eq(st.st_size, 3);
    uint64_t three = 3, four = 4;
    ck_assert(plx_blob_has(&store, &want, NULL));
    ck_assert(plx_blob_has(&store, &want, &three));
    ck_assert(!plx_blob_has(&store, &want, &four));
    OK(plx_blob_verify(&ctx, &store, &want, &good, &err));
    ck_assert(good);
    plx_source *source;
    plx_buf text;
    OK(plx_blob_open(&ctx, &store, &want, "cells.csv", &source, &err));
    OK(plx_source_slurp(source, 100, &text, &err));
    ck_assert_uint_eq(text.len, 3);
    ck_assert_mem_eq(text.ptr, "abc", 3);
    plx_buf_free(&text);
    plx_source_close(source);
    nothing_left(1);
}
END_TEST

START_TEST(sizes_around_the_buffer)
{
    static const size_t sizes[] = {0, 1, 262143, 262144, 262145, 524288, 1000003};
    char *bytes = malloc(1000003);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < 1000003; i++) {
        bytes[i] = (char)(i * 31 + (i >> 8));
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        plx_digest got, want = plx_sha256_of(bytes, sizes[i]);
        bool good = false;
        uint64_t size = sizes[i];
        OK(put(bytes, sizes[i], &want, &size, &got));
        ck_assert(plx_digest_eq(&got, &want));
        OK(plx_blob_verify(&ctx, &store, &want, &good, &err));
        ck_assert(good);
    }
    free(bytes);
    nothing_left(7);
}
END_TEST

START_TEST(wrong_bytes_are_not_stored)
{
    plx_digest got, want = plx_sha256_of("abc", 3);
    uint64_t three = 3, two = 2, four = 4;
    char hex[PLX_SHA256_HEX + 1];
    ck_assert(!put("abd", 3, &want, &three, &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    plx_digest_hex(&want, hex);
    ck_assert_ptr_nonnull(strstr(err.why, hex));
    want = plx_sha256_of("abd", 3);
    plx_digest_hex(&want, hex);
    ck_assert_ptr_nonnull(strstr(err.why, hex));
    ck_assert_ptr_nonnull(strstr(err.why, "3 bytes"));
    ck_assert_str_eq(err.kept, "the store is unchanged");
    ck_assert(!put("abc", 3, NULL, &two, &got));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!put("abc", 3, NULL, &four, &got));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    nothing_left(0);
}
END_TEST

typedef struct broken {
    plx_source base;
    size_t left;
} broken;

static bool broken_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *e)
{
    broken *b = (broken *)self;
    if (b->left == 0) {
        return plx_fail(e, PLX_E_IO, "the disk is on fire");
    }
    *got = cap < b->left ? cap : b->left;
    memset(out, 'x', *got);
    b->left -= *got;
    return true;
}

START_TEST(a_failing_source_leaves_nothing)
{
    plx_digest got;
    uint64_t n;
    for (size_t left = 0; left < 600000; left += 150000) {
        broken b = {.base = {.name = "broken", .size = -1, .read = broken_read}, .left = left};
        ck_assert(!plx_blob_put(&ctx, &store, &b.base, NULL, NULL, &got, &n, &err));
        ck_assert_int_eq(err.code, PLX_E_IO);
        nothing_left(0);
    }
    volatile sig_atomic_t cancel = 1;
    ctx.cancel = &cancel;
    ck_assert(!put("abc", 3, NULL, NULL, &got));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    nothing_left(0);
}
END_TEST

START_TEST(what_is_there_is_touched)
{
    plx_digest digest;
    struct stat st;
    uint64_t n, three = 3;
    OK(put("abc", 3, NULL, NULL, &digest));
    OK(plx_store_object_path(&store, "blobs", &digest, path, &err));
    for (int with_digest = 0; with_digest < 2; with_digest++) {
        fx_age(path, 10000);
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_int_ge(time(NULL) - st.st_mtime, 9999);
        ino_t inode = st.st_ino;
        plx_digest got;
        if (with_digest) { /* the source is not even read */
            broken b = {.base = {.name = "broken", .size = -1, .read = broken_read}};
            OK(plx_blob_put(&ctx, &store, &b.base, &digest, &three, &got, &n, &err));
            ck_assert_uint_eq(n, 3);
        } else {
            OK(put("abc", 3, NULL, NULL, &got));
        }
        ck_assert(plx_digest_eq(&got, &digest));
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_int_le(time(NULL) - st.st_mtime, 60);
        ck_assert_uint_eq(st.st_ino, inode);
        nothing_left(1);
    }
}
END_TEST

START_TEST(one_of_the_wrong_size_is_replaced)
{
    plx_digest digest;
    bool good = false;
    uint64_t three = 3;
    OK(put("abc", 3, NULL, NULL, &digest));
    OK(plx_store_object_path(&store, "blobs", &digest, path, &err));
    for (int with_digest = 0; with_digest < 2; with_digest++) {
        fx_write(path, "ab");
        OK(put("abc", 3, with_digest ? &digest : NULL, with_digest ? &three : NULL, &digest));
        OK(plx_blob_verify(&ctx, &store, &digest, &good, &err));
        ck_assert(good);
        nothing_left(1);
        ck_assert_uint_eq(fx_count(&store, "quarantine"), 2 * ((size_t)with_digest + 1));
    }
}
END_TEST

START_TEST(every_flipped_bit_is_seen)
{
    static const char text[] = "pre,post\nAVAL,AVAR\n";
    plx_digest digest;
    bool good = true;
    OK(put(text, sizeof text - 1, NULL, NULL, &digest));
    OK(plx_store_object_path(&store, "blobs", &digest, path, &err));
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            fx_flip(path, at, bit);
            OK(plx_blob_verify(&ctx, &store, &digest, &good, &err));
            ck_assert(!good);
            fx_flip(path, at, bit);
        }
    }
    OK(plx_blob_verify(&ctx, &store, &digest, &good, &err));
    ck_assert(good);
}
END_TEST

START_TEST(memory_runs_out)
{
    plx_digest digest;
    bool ok = false, stored = false, reached = true;
    for (size_t k = 0; reached; k++) {
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        ok = fx_blob(&store, "some bytes", &digest, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
        stored = stored || ok;
        nothing_left(stored);
    }
    ck_assert(ok);
}
END_TEST

START_TEST(eight_at_once)
{
    enum { N = 8, ROUNDS = 40 };
    pid_t pids[N];
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);
        if (pids[i] == 0) {
            for (int round = 0; round < ROUNDS; round++) {
                char text[32];
                plx_digest digest;
                snprintf(text, sizeof text, "blob number %d", round);
                if (!fx_blob(&store, text, &digest, NULL)) {
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
    nothing_left(ROUNDS);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 0);
}
END_TEST

Suite *blob_suite(void)
{
    Suite *suite = suite_create("blob");
    TCase *tc = tcase_create("blob");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, stored_under_its_digest);
    tcase_add_test(tc, sizes_around_the_buffer);
    tcase_add_test(tc, wrong_bytes_are_not_stored);
    tcase_add_test(tc, a_failing_source_leaves_nothing);
    tcase_add_test(tc, what_is_there_is_touched);
    tcase_add_test(tc, one_of_the_wrong_size_is_replaced);
    tcase_add_test(tc, every_flipped_bit_is_seen);
    tcase_add_test(tc, memory_runs_out);
    tcase_add_test(tc, eight_at_once);
    suite_add_tcase(suite, tc);
    return suite;
}
