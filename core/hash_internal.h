/* SPDX-License-Identifier: Apache-2.0
 *
 * The implementations behind core/hash.h, apart so that tests can run each one. Not for other parts.
 */
#ifndef PLX_CORE_HASH_INTERNAL_H
#define PLX_CORE_HASH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values of plx_sha256.path. A test sets it after plx_sha256_init to force one. */
enum { PLX_SHA256_UNDECIDED, PLX_SHA256_PORTABLE, PLX_SHA256_NI };

/* The processor and the build have SHA instructions. cost: one cpuid. */
bool plx_sha256_has_ni(void);
/* n blocks of 64 bytes. The second is the first where there are no such instructions in the build. */
void plx_sha256_blocks_portable(uint32_t state[8], const uint8_t *bytes, size_t n);
void plx_sha256_blocks_ni(uint32_t state[8], const uint8_t *bytes, size_t n);

/* Without the inversions at both ends. The second is the first where the processor has no CRC instruction. */
uint32_t plx_crc32c_portable(uint32_t crc, const void *bytes, size_t len);
uint32_t plx_crc32c_fast(uint32_t crc, const void *bytes, size_t len);

#endif
