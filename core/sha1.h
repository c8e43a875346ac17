/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-1 (FIPS 180-4), because git names the contents of files by it. Good against accidents, not against malice.
 */
#ifndef PLX_CORE_SHA1_H
#define PLX_CORE_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { PLX_SHA1_HEX = 40 };

typedef struct plx_sha1 {
    uint32_t state[5];
    uint64_t n_bytes;
    uint8_t block[64];
} plx_sha1;

/* Streaming, as in core/hash.h. cost: one pass. */
void plx_sha1_init(plx_sha1 *sha1);
void plx_sha1_update(plx_sha1 *sha1, const void *bytes, size_t len);
/* Lower-case hex, NUL-terminated. shape: out[41]. */
void plx_sha1_final(plx_sha1 *sha1, char out[PLX_SHA1_HEX + 1]);

#endif
