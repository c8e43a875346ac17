/* SPDX-License-Identifier: Apache-2.0
 *
 * core/hash: SHA-256 on both paths against the FIPS 180-4 examples, CRC-32C against RFC 3720, the mixers.
 */
#include "core/hash.h"
#include "core/hash_internal.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Paths 0..2: chosen by the code, portable, instructions (the same as portable on a processor without them). */
static void start(plx_sha256 *ctx, int path)
{
    plx_sha256_init(ctx);
    ctx->path = (uint8_t)(path == PLX_SHA256_NI && !plx_sha256_has_ni() ? PLX_SHA256_PORTABLE : path);
}

static void check_hex(plx_sha256 *ctx, const char *expected)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_final(ctx);
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, expected);
}

START_TEST(fips_examples)
{
    static const char *const rows[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqr"
         "stu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plx_sha256 ctx;
        start(&ctx, _i);
        plx_sha256_update(&ctx, rows[i][0], strlen(rows[i][0]));
        check_hex(&ctx, rows[i][1]);
    }
}
END_TEST

START_TEST(million_letters_in_many_sizes)
{
    char letters[10000];
    memset(letters, 'a', sizeof letters);
    static const size_t steps[] = {1, 3, 63, 64, 65, 1000, 9999, 10000};
    for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
        plx_sha256 ctx;
        start(&ctx, _i);
        for (size_t left = 1000000; left > 0;) {
            size_t n = steps[s] < left ? steps[s] : left;
            plx_sha256_update(&ctx, letters, n);
            left -= n;
        }
        check_hex(&ctx, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}
END_TEST

/* Expected digests from Python's hashlib over the bytes (7 i + i / 256) mod 256. */
START_TEST(every_split_gives_the_same_digest)
{
    uint8_t bytes[20000];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (size_t a = 0; a <= 300; a++) {
        for (size_t b = a; b <= 300; b += 1 + b % 7) {
            plx_sha256 ctx;
            start(&ctx, _i);
            plx_sha256_update(&ctx, bytes, a);
            plx_sha256_update(&ctx, bytes + a, b - a);
            plx_sha256_update(&ctx, bytes + b, 300 - b);
            check_hex(&ctx, "7e1808a3c8e91351e451079d8403e7f3d91b039f2fa7aa102b6d1c43dc7ee74e");
        }
    }
    plx_sha256 ctx;
    start(&ctx, _i);
    plx_sha256_update(&ctx, bytes, 5000);
    plx_sha256_update(&ctx, bytes + 5000, 15000);
    check_hex(&ctx, "86999324511ad84c69f01938832689a50bebda2d4c65061db2e73b4b0857e831");
}
END_TEST

/* Every place of the padding: the digest of the digests of the first 0 to 259 bytes. */
START_TEST(every_length)
{
    uint8_t bytes[260];
    plx_sha256 all, one;
    start(&all, _i);
    for (size_t n = 0; n < sizeof bytes; n++) {
        start(&one, _i);
        plx_sha256_update(&one, bytes, n);
        plx_digest digest = plx_sha256_final(&one);
        plx_sha256_update(&all, digest.bytes, sizeof digest.bytes);
        bytes[n] = (uint8_t)(n * 7 + n / 256);
    }
    check_hex(&all, "8b63ce9ea5cba6563616927dabdbc878525b1aa02070d29efd8879189555152b");
}
END_TEST

START_TEST(long_streams_use_the_instructions)
{
    char zeros[16384] = {0};
    plx_sha256 ctx;
    plx_sha256_init(&ctx);
    plx_sha256_update(&ctx, zeros, 64);
    ck_assert_int_eq(ctx.path, PLX_SHA256_UNDECIDED);
    plx_sha256_update(&ctx, zeros, sizeof zeros);
    ck_assert_int_eq(ctx.path, plx_sha256_has_ni() ? PLX_SHA256_NI : PLX_SHA256_PORTABLE);
}
END_TEST

START_TEST(hex_goes_both_ways)
{
    static const char text[] = "00112233445566778899aabbccddeeff0123456789ABCDEFfedcba9876543210";
    plx_digest d, e;
    char hex[PLX_SHA256_HEX + 1];
    ck_assert(plx_digest_parse(text, 64, &d));
    plx_digest_hex(&d, hex);
    ck_assert_str_eq(hex, "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210");
    ck_assert(plx_digest_parse(hex, 64, &e));
    ck_assert(plx_digest_eq(&d, &e));
    e.bytes[31] ^= 1;
    ck_assert(!plx_digest_eq(&d, &e));
    ck_assert(!plx_digest_parse(text, 63, &e));
    ck_assert(!plx_digest_parse("00112233445566778899aabbccddeeff0123456789abcdeffedcba98765432100", 65, &e));
    for (size_t i = 0; i < 64; i++) {
        for (const char *wrong = "gG/:@` x"; *wrong; wrong++) {
            char bad[65];
            memcpy(bad, text, sizeof bad);
            bad[i] = *wrong;
            ck_assert(!plx_digest_parse(bad, 64, &e));
        }
    }
}
END_TEST

/* RFC 3720 B.4 and the usual check value. */
START_TEST(crc_examples)
{
    uint8_t bytes[32];
    ck_assert_uint_eq(plx_crc32c(0, "", 0), 0);
    ck_assert_uint_eq(plx_crc32c(0, "123456789", 9), 0xE3069283U);
    memset(bytes, 0, 32);
    ck_assert_uint_eq(plx_crc32c(0, bytes, 32), 0x8A9136AAU);
    memset(bytes, 0xFF, 32);
    ck_assert_uint_eq(plx_crc32c(0, bytes, 32), 0x62A8AB43U);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)i;
    }
    ck_assert_uint_eq(plx_crc32c(0, bytes, 32), 0x46DD794EU);
    for (size_t split = 0; split <= 32; split++) {
        ck_assert_uint_eq(plx_crc32c(plx_crc32c(0, bytes, split), bytes + split, 32 - split), 0x46DD794EU);
        ck_assert_uint_eq(plx_crc32c_portable(123, bytes, split), plx_crc32c_fast(123, bytes, split));
    }
    ck_assert_uint_eq(~plx_crc32c_portable(~0U, "123456789", 9), 0xE3069283U);
}
END_TEST

/* The finalizer through the published SplitMix64 outputs for seed 1234567: output i is mix(seed + i * golden). */
START_TEST(mixers)
{
    ck_assert_uint_eq(plx_mix64(1234567 + 0x9E3779B97F4A7C15U), 6457827717110365317U);
    ck_assert_uint_eq(plx_mix64(1234567 + 2 * 0x9E3779B97F4A7C15U), 3203168211198807973U);
    /* Every single-bit change of key or seed moves about half of the bits of the hash. */
    uint8_t key[24] = "neurons and their names";
    for (size_t len = 1; len <= sizeof key; len++) {
        uint64_t base = plx_hash64(key, len, 1);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            key[bit / 8] ^= (uint8_t)(1U << bit % 8);
            int moved = __builtin_popcountll(base ^ plx_hash64(key, len, 1));
            key[bit / 8] ^= (uint8_t)(1U << bit % 8);
            ck_assert_msg(moved >= 10 && moved <= 54, "length %zu bit %zu moves %d", len, bit, moved);
        }
        ck_assert_uint_ne(base, plx_hash64(key, len, 2));
        ck_assert_uint_ne(base, plx_hash64(key, len - 1, 1));
    }
    ck_assert_uint_ne(plx_hash64("\0", 1, 0), plx_hash64("\0\0", 2, 0));
    ck_assert_uint_eq(plx_hash64("abc", 3, 9), plx_hash64("abcd", 3, 9));
}
END_TEST

Suite *hash_suite(void)
{
    Suite *s = suite_create("hash");
    TCase *tc = tcase_create("hash");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, fips_examples, 0, 3);
    tcase_add_loop_test(tc, million_letters_in_many_sizes, 0, 3);
    tcase_add_loop_test(tc, every_split_gives_the_same_digest, 0, 3);
    tcase_add_loop_test(tc, every_length, 0, 3);
    tcase_add_test(tc, long_streams_use_the_instructions);
    tcase_add_test(tc, hex_goes_both_ways);
    tcase_add_test(tc, crc_examples);
    tcase_add_test(tc, mixers);
    suite_add_tcase(s, tc);
    return s;
}
