/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of downloads: what a process that is gone left is taken over exactly as far as its journal and the bytes agree.
 */
#include "core/buf.h"
#include "registry/part.h"
#include "store_fixture.h"
#include "support/http_server.h"

#include <stdlib.h>
#include <sys/wait.h>

enum { MIB = 1 << 20, SIZE = 3 * MIB + 400000 };
#define KEY   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static plx_ctx ctx;
static plx_err err;
static plx_store store;
static uint8_t *content;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    fx_store("store", &store);
    content = malloc(SIZE);
    plx_server_content("part", SIZE, 0, content, SIZE);
}

static void teardown(void)
{
    free(content);
    plx_store_close(&store);
}

static void open_part(const char *key, plx_part *part)
{
    OK(plx_part_open(&ctx, &store, key, true, false, part, &err));
}

/* A child writes n bytes and is gone without a word. */
static void write_and_die(size_t n)
{
    pid_t child = fork();
    if (child == 0) {
        plx_part part;
        if (plx_part_open(&ctx, &store, KEY, true, false, &part, &err) &&
            plx_part_from(&part, "https://example.org/a", "\"v1\"", &err)) {
            for (size_t at = 0; at < n; at += 10007) {
                plx_part_write(&part, content + at, n - at < 10007 ? n - at : 10007, &err);
            }
        }
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
}

/* <the only folder in partial/>/name */
static void only_part(char out[PLX_PATH], const char *name)
{
    char dir[PLX_PATH], **names;
    size_t n;
    fx_path(dir, store.root, "partial");
    OK(plx_fs_names(dir, &names, &n, &err));
    ck_assert_uint_eq(n, 1);
    fx_path(out, dir, names[0]);
    plx_fs_names_free(names, n);
    char below[PLX_PATH];
    fx_path(below, out, name);
    memcpy(out, below, sizeof below);
}

static void put_bytes(const char *path, const void *bytes, size_t len)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

/* What is nobody's goes. */
static void sweep(void)
{
    size_t n;
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
}

static size_t count_parts(void)
{
    char dir[PLX_PATH], **names;
    size_t n;
    fx_path(dir, store.root, "partial");
    OK(plx_fs_names(dir, &names, &n, &err));
    plx_fs_names_free(names, n);
    return n;
}

static void finish(plx_part *part)
{
    plx_digest want = plx_sha256_of(content, SIZE), got;
    char md5[PLX_MD5_HEX + 1], want_md5[PLX_MD5_HEX + 1];
    plx_md5 whole;
    plx_md5_init(&whole);
    plx_md5_update(&whole, content, SIZE);
    plx_md5_final(&whole, want_md5);
    OK(plx_part_write(part, content + part->bytes, SIZE - part->bytes, &err));
    OK(plx_part_flush(part, &err));
    got = plx_part_digest(part, md5);
    ck_assert(plx_digest_eq(&got, &want));
    ck_assert_str_eq(md5, want_md5);
    OK(plx_part_publish(part, &got, &err));
    bool ok = false;
    OK(plx_blob_verify(&ctx, &store, &want, &ok, &err));
    ck_assert(ok);
    ck_assert_uint_eq(count_parts(), 0);
}

START_TEST(goes_on_where_a_dead_process_was)
{
    plx_part part;
    write_and_die(SIZE - 1000);
    open_part(KEY, &part);
    ck_assert_uint_eq(part.bytes, 3 * MIB); /* less than a MiB is lost */
    ck_assert_uint_eq(part.resumed, 3 * MIB);
    ck_assert(plx_part_is_from(&part, "https://example.org/a"));
    ck_assert(!plx_part_is_from(&part, "https://example.org/b"));
    ck_assert_str_eq(part.validator, "\"v1\"");
    finish(&part);
}
END_TEST

/* Far enough that another thread hashes: whatever it has in hand when all ends, no more than a MiB is lost. */
START_TEST(killed_while_another_thread_hashes)
{
    enum { LONG = 11 * MIB };
    uint8_t *bytes = malloc(LONG);
    plx_server_content("long", LONG, 0, bytes, LONG);
    for (size_t n = 4 * MIB - 3; n <= LONG; n += 1701003) {
        pid_t child = fork();
        if (child == 0) {
            plx_part part;
            plx_part_open(&ctx, &store, KEY, true, false, &part, &err);
            for (size_t at = 0; at < n; at += 100003) {
                plx_part_write(&part, bytes + at, n - at < 100003 ? n - at : 100003, &err);
            }
            _exit(0);
        }
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        plx_part part;
        open_part(KEY, &part);
        ck_assert_uint_le(part.bytes, n);
        ck_assert_uint_ge(part.bytes + MIB, n);
        OK(plx_part_write(&part, bytes + part.bytes, LONG - part.bytes, &err)); /* and here, from an odd place on */
        OK(plx_part_flush(&part, &err));
        char md5[PLX_MD5_HEX + 1], want_md5[PLX_MD5_HEX + 1];
        plx_md5 whole;
        plx_md5_init(&whole);
        plx_md5_update(&whole, bytes, LONG);
        plx_md5_final(&whole, want_md5);
        plx_digest got = plx_part_digest(&part, md5), want = plx_sha256_of(bytes, LONG);
        ck_assert(plx_digest_eq(&got, &want));
        ck_assert_str_eq(md5, want_md5);
        plx_part_drop(&part);
    }
    free(bytes);
}
END_TEST

START_TEST(twice_over)
{
    plx_part part;
    write_and_die(MIB + 5);
    write_and_die(0);
    pid_t child = fork();
    if (child == 0) {
        open_part(KEY, &part);
        plx_part_write(&part, content + part.bytes, MIB + 7, &err);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    open_part(KEY, &part);
    ck_assert_uint_eq(part.bytes, 2 * MIB);
    finish(&part);
}
END_TEST

START_TEST(leaves_and_finds_again)
{
    plx_part part;
    open_part(KEY, &part);
    OK(plx_part_write(&part, content, 1234567, &err));
    plx_part_leave(&part);
    open_part(OTHER, &part); /* not this one */
    ck_assert_uint_eq(part.bytes, 0);
    plx_part_drop(&part);
    open_part(KEY, &part);
    ck_assert_uint_eq(part.bytes, 1234567); /* nothing is lost when it is left in order */
    plx_part second;
    open_part(KEY, &second); /* the first has an owner now */
    ck_assert_uint_eq(second.bytes, 0);
    plx_part_drop(&second);
    finish(&part);
    open_part(KEY, &part);
    OK(plx_part_write(&part, content, 100, &err));
    plx_part_leave(&part); /* not worth it */
    ck_assert_uint_eq(count_parts(), 0);
}
END_TEST

START_TEST(a_flipped_bit_is_cut_off)
{
    char path[PLX_PATH];
    plx_part part;
    write_and_die(SIZE);
    only_part(path, "blob");
    int fd = open(path, O_RDWR);
    uint8_t byte = content[MIB + 17] ^ 4;
    ck_assert_int_eq(pwrite(fd, &byte, 1, MIB + 17), 1);
    close(fd);
    open_part(KEY, &part);
    ck_assert_uint_eq(part.bytes, MIB);
    finish(&part);
}
END_TEST

START_TEST(lost_bytes_are_fetched_again)
{
    static const off_t lengths[] = {0, 5, MIB - 1, MIB, 2 * MIB + 1, 3 * MIB};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char path[PLX_PATH];
        plx_part part;
        write_and_die(SIZE);
        only_part(path, "blob");
        ck_assert_int_eq(truncate(path, lengths[i]), 0);
        open_part(KEY, &part);
        ck_assert_uint_eq(part.bytes, (uint64_t)lengths[i] / PLX_PART_STEP * PLX_PART_STEP);
        plx_part_drop(&part);
    }
}
END_TEST

/* Whatever is left of the journal, what is taken over is right. */
START_TEST(every_prefix_of_the_journal)
{
    char path[PLX_PATH];
    plx_buf journal = {0};
    write_and_die(SIZE);
    only_part(path, "journal");
    OK(plx_buf_read_file(path, 10000, &journal, &err));
    size_t resumed = 0;
    for (size_t n = 0; n <= journal.len; n++) {
        plx_part part;
        char whole[PLX_PATH];
        only_part(whole, "journal");
        put_bytes(whole, journal.ptr, n);
        open_part(KEY, &part);
        ck_assert_uint_eq(part.bytes % PLX_PART_STEP, 0);
        ck_assert_uint_le(part.bytes, 3 * MIB);
        resumed += part.bytes == 3 * MIB;
        plx_digest got = plx_part_digest(&part, NULL), want = plx_sha256_of(content, part.bytes);
        ck_assert(plx_digest_eq(&got, &want));
        plx_part_drop(&part);
        sweep();
        write_and_die(SIZE);
    }
    ck_assert_uint_eq(resumed, 1);
    plx_buf_free(&journal);
}
END_TEST

START_TEST(odd_journals)
{
    static const char *const bad[] = {
        "",
        "plexus part 2\nkey " KEY "\n",
        "plexus part 1\nkey " KEY,
        "plexus part 1\nkey " KEY "\nat 1048576 zz\n",
        "plexus part 1\nkey " KEY "\nat 99999999999999999999 00000000000000000000000000000000\n",
        "plexus part 1\nkey " KEY "\nat 18446744073709551615 00000000000000000000000000000000\n",
        "plexus part 1\nkey " KEY "\nfrom short\nat 1048576 00000000000000000000000000000000\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[PLX_PATH];
        plx_part part;
        write_and_die(2 * MIB);
        only_part(path, "journal");
        put_bytes(path, bad[i], strlen(bad[i]));
        open_part(KEY, &part);
        ck_assert_uint_eq(part.bytes, 0);
        plx_part_drop(&part);
        sweep();
    }
}
END_TEST

START_TEST(old_parts_are_swept)
{
    size_t n;
    write_and_die(SIZE);
    OK(plx_store_sweep_partials(&store, PLX_STORE_KEEP_PARTS_S, &n, &err));
    ck_assert_uint_eq(n, 0);
    char path[PLX_PATH];
    only_part(path, "journal");
    struct timespec old[2] = {{time(NULL) - PLX_STORE_KEEP_PARTS_S - 10, 0},
                              {time(NULL) - PLX_STORE_KEEP_PARTS_S - 10, 0}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, old, 0), 0);
    OK(plx_store_sweep_partials(&store, PLX_STORE_KEEP_PARTS_S, &n, &err));
    ck_assert_uint_eq(n, 1);
    write_and_die(SIZE);
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    bool all_given = false;
    size_t k = 0;
    write_and_die(SIZE);
    for (; !all_given && k < 1000; k++) {
        plx_part part;
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_part_open(&ctx, &store, KEY, true, false, &part, &err);
        all_given = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        if (ok) {
            plx_part_leave(&part);
        }
        ck_assert_uint_eq(count_parts(), 1);
    }
    ck_assert(all_given && k > 2);
}
END_TEST

Suite *part_suite(void)
{
    Suite *s = suite_create("part");
    TCase *tc = tcase_create("part");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, goes_on_where_a_dead_process_was);
    tcase_add_test(tc, killed_while_another_thread_hashes);
    tcase_add_test(tc, twice_over);
    tcase_add_test(tc, leaves_and_finds_again);
    tcase_add_test(tc, a_flipped_bit_is_cut_off);
    tcase_add_test(tc, lost_bytes_are_fetched_again);
    tcase_add_test(tc, every_prefix_of_the_journal);
    tcase_add_test(tc, odd_journals);
    tcase_add_test(tc, old_parts_are_swept);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(s, tc);
    return s;
}
