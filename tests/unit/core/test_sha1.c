/* SPDX-License-Identifier: Apache-2.0
 *
 * The vectors of FIPS 180-4 and their like; in pieces of every size.
 */
#include "core/sha1.h"

#include <check.h>
#include <string.h>

static void of(const char *bytes, size_t len, size_t piece, char out[PLX_SHA1_HEX + 1])
{
    plx_sha1 sha1;
    plx_sha1_init(&sha1);
    for (size_t at = 0; at < len; at += piece) {
        plx_sha1_update(&sha1, bytes + at, len - at < piece ? len - at : piece);
    }
    plx_sha1_final(&sha1, out);
}

START_TEST(vectors)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t piece = 1; piece <= 64; piece++) {
            char hex[PLX_SHA1_HEX + 1];
            of(cases[i].text, strlen(cases[i].text), piece, hex);
            ck_assert_str_eq(hex, cases[i].hex);
        }
    }
}
END_TEST

START_TEST(a_million_letters)
{
    static char letters[1000000];
    char hex[PLX_SHA1_HEX + 1];
    memset(letters, 'a', sizeof letters);
    of(letters, sizeof letters, 4097, hex);
    ck_assert_str_eq(hex, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}
END_TEST

Suite *sha1_suite(void)
{
    Suite *s = suite_create("sha1");
    TCase *tc = tcase_create("sha1");
    tcase_add_test(tc, vectors);
    tcase_add_test(tc, a_million_letters);
    suite_add_tcase(s, tc);
    return s;
}
