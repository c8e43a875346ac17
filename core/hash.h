/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (FIPS 180-4), hex, CRC-32C and a 64-bit mixer.
 */
#ifndef PLX_CORE_HASH_H
#define PLX_CORE_HASH_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { PLX_SHA256_BYTES = 32, PLX_SHA256_HEX = 64 };

typedef struct plx_digest {
    uint8_t bytes[PLX_SHA256_BYTES];
} plx_digest;

typedef struct plx_sha256 {
    uint32_t state[8];
    uint64_t n_bytes;
    uint8_t block[64];
    uint8_t path; /* core/hash_internal.h: which implementation, chosen after the first few KiB */
} plx_sha256;

/* Streaming SHA-256. Uses the CPU's SHA instructions where present; both paths are tested. cost: one pass. */
void plx_sha256_init(plx_sha256 *ctx);
void plx_sha256_update(plx_sha256 *ctx, const void *bytes, size_t len);
/* A text and its NUL, so that texts one after the other stay apart. */
void plx_sha256_text(plx_sha256 *ctx, const char *text);
plx_digest plx_sha256_final(plx_sha256 *ctx);
plx_digest plx_sha256_of(const void *bytes, size_t len);

/* Lower-case hex, NUL-terminated. shape: out[65]. */
void plx_digest_hex(const plx_digest *digest, char out[PLX_SHA256_HEX + 1]);
/* Exactly 64 lower- or upper-case hex digits. */
bool plx_digest_parse(const char *hex, size_t len, plx_digest *out);
bool plx_digest_eq(const plx_digest *a, const plx_digest *b);

/* CRC-32C (Castagnoli), as zarr v3 uses it. `seed` 0 to start, or a previous result to go on. */
uint32_t plx_crc32c(uint32_t seed, const void *bytes, size_t len);
/* Hash for tables in memory; not for files. */
uint64_t plx_hash64(const void *bytes, size_t len, uint64_t seed);
uint64_t plx_mix64(uint64_t x); /* SplitMix64's finalizer */

#endif
