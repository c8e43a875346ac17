/* SPDX-License-Identifier: Apache-2.0
 *
 * MD5, straight from RFC 1321: four rounds of sixteen steps, unrolled by the compiler.
 */
#include "core/md5.h"

#include <string.h>

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t sines[64] = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
};
static const uint8_t shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t left(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

/* The function of each round, written with the fewest steps that wait for another. */
static inline uint32_t mix(size_t round, uint32_t b, uint32_t c, uint32_t d)
{
    switch (round) {
    case 0:
        return d ^ (b & (c ^ d));
    case 1:
        return (b & d) + (c & ~d);
    case 2:
        return b ^ c ^ d;
    default:
        return c ^ (b | ~d);
    }
}

static void blocks(uint32_t state[4], const uint8_t *bytes, size_t n)
{
    for (; n > 0; n--, bytes += 64) {
        uint32_t w[16];
        for (size_t i = 0; i < 16; i++) {
            const uint8_t *p = bytes + 4 * i;
            w[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
#pragma GCC unroll 64
        for (size_t i = 0; i < 64; i++) {
            static const uint8_t step[4] = {1, 5, 3, 7}, start[4] = {0, 1, 5, 0};
            size_t round = i / 16;
            uint32_t sum = a + mix(round, b, c, d) + sines[i] + w[(start[round] + step[round] * i) % 16];
            a = d;
            d = c;
            c = b;
            b += left(sum, shifts[round][i % 4]);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}

void plx_md5_init(plx_md5 *md5)
{
    static const uint32_t start[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    memset(md5, 0, sizeof *md5);
    memcpy(md5->state, start, sizeof start);
}

void plx_md5_update(plx_md5 *md5, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    size_t held = (size_t)(md5->n_bytes % sizeof md5->block);
    if (len == 0) {
        return;
    }
    md5->n_bytes += len;
    if (held) {
        size_t room = sizeof md5->block - held;
        size_t n = len < room ? len : room;
        memcpy(md5->block + held, at, n);
        if (n < room) {
            return;
        }
        blocks(md5->state, md5->block, 1);
        at += n;
        len -= n;
    }
    blocks(md5->state, at, len / sizeof md5->block);
    memcpy(md5->block, at + len / sizeof md5->block * sizeof md5->block, len % sizeof md5->block);
}

void plx_md5_final(plx_md5 *md5, char out[PLX_MD5_HEX + 1])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t n_bits = md5->n_bytes * 8;
    size_t held = (size_t)(md5->n_bytes % sizeof md5->block);
    md5->block[held++] = 0x80;
    if (held > sizeof md5->block - 8) {
        memset(md5->block + held, 0, sizeof md5->block - held);
        blocks(md5->state, md5->block, 1);
        held = 0;
    }
    memset(md5->block + held, 0, sizeof md5->block - 8 - held);
    for (int i = 0; i < 8; i++) {
        md5->block[56 + i] = (uint8_t)(n_bits >> 8 * i);
    }
    blocks(md5->state, md5->block, 1);
    for (int i = 0; i < PLX_MD5_BYTES; i++) {
        uint8_t byte = (uint8_t)(md5->state[i / 4] >> 8 * (i % 4));
        out[2 * i] = hex[byte >> 4];
        out[2 * i + 1] = hex[byte & 15];
    }
    out[PLX_MD5_HEX] = '\0';
}
