/* SPDX-License-Identifier: Apache-2.0
 *
 * Streaming SHA-256 (FIPS 180-4) over one of two block functions, hex, CRC-32C and the hash for tables in memory.
 * Asking the processor for SHA instructions costs microseconds in a virtual machine, and the library keeps no global
 * state: each stream asks once, when it has seen enough bytes to pay for it.
 */
#include "core/hash.h"

#include "core/hash_internal.h"

#include <string.h>

enum { ASK_FROM_BYTES = 8192 };

void plx_sha256_init(plx_sha256 *ctx)
{
    static const uint32_t start[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    memset(ctx, 0, sizeof *ctx);
    memcpy(ctx->state, start, sizeof start);
    ctx->path = PLX_SHA256_UNDECIDED;
}

static void blocks(plx_sha256 *ctx, const uint8_t *bytes, size_t n)
{
    if (ctx->path == PLX_SHA256_UNDECIDED && ctx->n_bytes >= ASK_FROM_BYTES) {
        ctx->path = plx_sha256_has_ni() ? PLX_SHA256_NI : PLX_SHA256_PORTABLE;
    }
    if (ctx->path == PLX_SHA256_NI) {
        plx_sha256_blocks_ni(ctx->state, bytes, n);
    } else {
        plx_sha256_blocks_portable(ctx->state, bytes, n);
    }
}

void plx_sha256_update(plx_sha256 *ctx, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    size_t held = (size_t)(ctx->n_bytes % sizeof ctx->block);
    if (len == 0) {
        return;
    }
    ctx->n_bytes += len;
    if (held) {
        size_t room = sizeof ctx->block - held, n = len < room ? len : room;
        memcpy(ctx->block + held, at, n);
        if (n < room) {
            return;
        }
        blocks(ctx, ctx->block, 1);
        at += n;
        len -= n;
    }
    size_t whole = len / sizeof ctx->block, rest = len % sizeof ctx->block;
    if (whole) {
        blocks(ctx, at, whole);
    }
    if (rest) {
        memcpy(ctx->block, at + whole * sizeof ctx->block, rest);
    }
}

void plx_sha256_text(plx_sha256 *ctx, const char *text)
{
    plx_sha256_update(ctx, text, strlen(text) + 1);
}

plx_digest plx_sha256_final(plx_sha256 *ctx)
{
    uint64_t n_bits = ctx->n_bytes * 8;
    size_t held = (size_t)(ctx->n_bytes % sizeof ctx->block);
    ctx->block[held++] = 0x80;
    if (held > sizeof ctx->block - 8) {
        memset(ctx->block + held, 0, sizeof ctx->block - held);
        blocks(ctx, ctx->block, 1);
        held = 0;
    }
    memset(ctx->block + held, 0, sizeof ctx->block - 8 - held);
    for (int i = 0; i < 8; i++) {
        ctx->block[63 - i] = (uint8_t)(n_bits >> 8 * i);
    }
    blocks(ctx, ctx->block, 1);
    plx_digest digest;
    for (int i = 0; i < PLX_SHA256_BYTES; i++) {
        digest.bytes[i] = (uint8_t)(ctx->state[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

plx_digest plx_sha256_of(const void *bytes, size_t len)
{
    plx_sha256 ctx;
    plx_sha256_init(&ctx);
    plx_sha256_update(&ctx, bytes, len);
    return plx_sha256_final(&ctx);
}

void plx_digest_hex(const plx_digest *digest, char out[PLX_SHA256_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < PLX_SHA256_BYTES; i++) {
        out[2 * i] = digits[digest->bytes[i] >> 4];
        out[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
    out[PLX_SHA256_HEX] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool plx_digest_parse(const char *hex, size_t len, plx_digest *out)
{
    plx_digest digest;
    if (len != PLX_SHA256_HEX) {
        return false;
    }
    for (int i = 0; i < PLX_SHA256_BYTES; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        digest.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = digest;
    return true;
}

bool plx_digest_eq(const plx_digest *a, const plx_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

uint32_t plx_crc32c(uint32_t seed, const void *bytes, size_t len)
{
    return ~plx_crc32c_fast(~seed, bytes, len);
}

uint64_t plx_mix64(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

uint64_t plx_hash64(const void *bytes, size_t len, uint64_t seed)
{
    const uint8_t *at = bytes;
    uint64_t hash = plx_mix64(seed ^ len * 0x9E3779B97F4A7C15U), word;
    for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = plx_mix64(hash ^ word) + 0x9E3779B97F4A7C15U;
    }
    if (len) {
        word = 0;
        memcpy(&word, at, len);
        hash = plx_mix64(hash ^ word) + 0x9E3779B97F4A7C15U;
    }
    return plx_mix64(hash);
}
