/* SPDX-License-Identifier: Apache-2.0
 *
 * Portable and plain: what it is asked about is small.
 */
#include "core/sha1.h"

#include <string.h>

static uint32_t left(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

static void block(uint32_t state[5], const uint8_t *bytes)
{
    uint32_t w[80];
    for (size_t i = 0; i < 16; i++) {
        const uint8_t *b = bytes + 4 * i;
        w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    }
    for (size_t i = 16; i < 80; i++) {
        w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (size_t i = 0; i < 80; i++) {
        uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                         : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                         : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                  : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = left(a, 5) + mixed + e + w[i];
        e = d;
        d = c;
        c = left(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void plx_sha1_init(plx_sha1 *sha1)
{
    static const uint32_t start[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    memset(sha1, 0, sizeof *sha1);
    memcpy(sha1->state, start, sizeof start);
}

void plx_sha1_update(plx_sha1 *sha1, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t held = (size_t)(sha1->n_bytes % sizeof sha1->block), room = sizeof sha1->block - held;
        size_t n = len < room ? len : room;
        memcpy(sha1->block + held, at, n);
        sha1->n_bytes += n;
        if (n == room) {
            block(sha1->state, sha1->block);
        }
        at += n;
        len -= n;
    }
}

void plx_sha1_final(plx_sha1 *sha1, char out[PLX_SHA1_HEX + 1])
{
    static const char hex[] = "0123456789abcdef";
    static const uint8_t end = 0x80, zero = 0;
    uint64_t n_bits = sha1->n_bytes * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) {
        length[i] = (uint8_t)(n_bits >> (56 - 8 * i));
    }
    plx_sha1_update(sha1, &end, 1);
    while (sha1->n_bytes % sizeof sha1->block != sizeof sha1->block - sizeof length) {
        plx_sha1_update(sha1, &zero, 1);
    }
    plx_sha1_update(sha1, length, sizeof length);
    for (int i = 0; i < PLX_SHA1_HEX; i++) {
        out[i] = hex[sha1->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    }
    out[PLX_SHA1_HEX] = '\0';
}
