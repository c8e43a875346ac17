/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden values: dandischema 0.14.0 (DandiETag.from_file, PartGenerator.for_file_size) and git hash-object.
 */
#include "registry/rare_digests.h"
#include "support/support.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define OK(call) ck_assert_msg(call, "%s", plx_test_err(&err))
static const uint64_t MIB = 1 << 20;
static plx_ctx ctx;
static plx_err err;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
}

/* A file of n bytes without a name: zeros, and an 'x' at the end. */
static int zeros(uint64_t n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/zeros", plx_test_dir());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    ck_assert(fd >= 0 && unlink(path) == 0);
    ck_assert(n == 0 || pwrite(fd, "x", 1, (off_t)(n - 1)) == 1);
    return fd;
}

START_TEST(parts)
{
    static const struct {
        uint64_t bytes, part;
    } cases[] = {
        {0, 0},
        {1, 67108864},
        {67108864, 67108864},
        {67108865, 67108864},
        {671021531136, 67108864},
        {671021531137, 67102154},
        {671088640000, 67108864},
        {671088640001, 67108865},
        {700000000000, 70000000},
        {5497558138880, 549755814},
        {5497558138881, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_uint_eq(plx_dandi_part_bytes(cases[i].bytes), cases[i].part);
    }
}
END_TEST

START_TEST(etags)
{
    const struct {
        uint64_t bytes;
        const char *etag;
    } cases[] = {
        {0, "d41d8cd98f00b204e9800998ecf8427e-0"},
        {1, "9affad555af89da9b0bfcd5e45bc93da-1"},
        {1000, "926f63a4dbebd931a16692e26783feee-1"},
        {64 * MIB, "e6ce1bca383cd7dd6cd06be875c453da-1"},
        {64 * MIB + 1000, "6c9285709cba748d8e19b48ed6b13b9b-2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[PLX_ETAG_TEXT];
        int fd = zeros(cases[i].bytes);
        OK(plx_dandi_etag(&ctx, fd, cases[i].bytes, got, &err));
        ck_assert_str_eq(got, cases[i].etag);
        ck_assert(plx_is_dandi_etag(got));
        ck_assert(!plx_dandi_etag(&ctx, fd, cases[i].bytes + 1, got, &err)); /* shorter than it was said to be */
        ck_assert_int_eq(err.code, PLX_E_IO);
        plx_err_clear(&err);
        close(fd);
    }
    ck_assert(!plx_is_dandi_etag("9affad555af89da9b0bfcd5e45bc93da"));
    ck_assert(!plx_is_dandi_etag("9affad555af89da9b0bfcd5e45bc93da-"));
    ck_assert(!plx_is_dandi_etag("9affad555af89da9b0bfcd5e45bc93da-123456"));
    ck_assert(!plx_is_dandi_etag("9AFFAD555AF89DA9B0BFCD5E45BC93DA-1"));
}
END_TEST

START_TEST(names_of_git)
{
    char got[PLX_GIT_SHA1_HEX + 1];
    int fd = zeros(0);
    OK(plx_git_sha1(&ctx, fd, 0, got, &err));
    ck_assert_str_eq(got, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    ck_assert_int_eq(pwrite(fd, "a,b\n1,2\n", 8, 0), 8);
    OK(plx_git_sha1(&ctx, fd, 8, got, &err));
    ck_assert_str_eq(got, "cfa20f81071245f292f0b52b37beb7adf9259a26");
    uint8_t bytes[256];
    for (size_t i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
    }
    for (off_t i = 0; i < 4000; i++) {
        ck_assert_int_eq(pwrite(fd, bytes, 256, i * 256), 256);
    }
    OK(plx_git_sha1(&ctx, fd, 1024000, got, &err));
    ck_assert_str_eq(got, "f4e52af7c3bcfb694703d38c47dfde5b76cc6881");
    ck_assert(plx_is_git_sha1(got) && !plx_is_git_sha1(got + 1) && !plx_is_git_sha1("main"));
    close(fd);
}
END_TEST

Suite *rare_digests_suite(void)
{
    Suite *s = suite_create("rare_digests");
    TCase *tc = tcase_create("rare_digests");
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, parts);
    tcase_add_test(tc, etags);
    tcase_add_test(tc, names_of_git);
    suite_add_tcase(s, tc);
    return s;
}
