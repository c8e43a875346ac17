/* SPDX-License-Identifier: Apache-2.0
 *
 * MD5 against the vectors of RFC 1321 and Python's hashlib; pieces of any size give the same.
 */
#include "core/md5.h"

#include <check.h>
#include <string.h>

static void md5_of(const void *bytes, size_t len, char out[PLX_MD5_HEX + 1])
{
    plx_md5 md5;
    plx_md5_init(&md5);
    plx_md5_update(&md5, bytes, len);
    plx_md5_final(&md5, out);
}

static const struct {
    const char *text, *hex;
} vectors[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e"},
    {"a", "0cc175b9c0f1b6a831c399e269772661"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72"},
    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "57edf4a22be3c955ac49da2e2107b67a"},
};

START_TEST(rfc_vectors)
{
    char hex[PLX_MD5_HEX + 1];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        md5_of(vectors[i].text, strlen(vectors[i].text), hex);
        ck_assert_str_eq(hex, vectors[i].hex);
    }
}
END_TEST

/* hashlib.md5(bytes(i * 7 % 251 for i in range(n))) */
static const struct {
    size_t n;
    const char *hex;
} lengths[] = {
    {55, "a3c81137436036ad8b477da25301a150"},  {56, "64c7901679c62fee89dae9fdc90f6cdc"},
    {63, "ca2a2c51613f550d77bfa700fa71b2f3"},  {64, "c1e181645d10867b9810b9ab454f39fd"},
    {65, "8ce7034cd47c2e5766f920d9f6cd25b2"},  {119, "bbee0fa54927be9cec551823419525d6"},
    {120, "bec94d18929378fdb98c26a97f1dba72"}, {1000, "4b2f37fc49a134b17c7275fd04a1b7ac"},
};

START_TEST(lengths_around_a_block)
{
    unsigned char bytes[1000];
    char hex[PLX_MD5_HEX + 1];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 7 % 251);
    }
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        md5_of(bytes, lengths[i].n, hex);
        ck_assert_str_eq(hex, lengths[i].hex);
    }
}
END_TEST

START_TEST(pieces_of_any_size)
{
    unsigned char bytes[777];
    char whole[PLX_MD5_HEX + 1], hex[PLX_MD5_HEX + 1];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 31);
    }
    md5_of(bytes, sizeof bytes, whole);
    for (size_t piece = 1; piece < 200; piece++) {
        plx_md5 md5;
        plx_md5_init(&md5);
        for (size_t at = 0; at < sizeof bytes; at += piece) {
            size_t left = sizeof bytes - at;
            plx_md5_update(&md5, bytes + at, left < piece ? left : piece);
        }
        plx_md5_final(&md5, hex);
        ck_assert_str_eq(hex, whole);
    }
}
END_TEST

Suite *md5_suite(void)
{
    Suite *s = suite_create("md5");
    TCase *tc = tcase_create("md5");
    tcase_add_test(tc, rfc_vectors);
    tcase_add_test(tc, lengths_around_a_block);
    tcase_add_test(tc, pieces_of_any_size);
    suite_add_tcase(s, tc);
    return s;
}
