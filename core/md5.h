/* SPDX-License-Identifier: Apache-2.0
 *
 * MD5 (RFC 1321), because many hosts publish nothing better. It proves that bytes came through whole, not who sent
 * them.
 */
#ifndef PLX_CORE_MD5_H
#define PLX_CORE_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { PLX_MD5_BYTES = 16, PLX_MD5_HEX = 32 };

typedef struct plx_md5 {
    uint32_t state[4];
    uint64_t n_bytes;
    uint8_t block[64];
} plx_md5;

/* Streaming, as in core/hash.h. cost: one pass, about 1.5 ns per byte. */
void plx_md5_init(plx_md5 *md5);
void plx_md5_update(plx_md5 *md5, const void *bytes, size_t len);
/* Lower-case hex, NUL-terminated. shape: out[33]. */
void plx_md5_final(plx_md5 *md5, char out[PLX_MD5_HEX + 1]);

#endif
