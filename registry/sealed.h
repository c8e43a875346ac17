/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed files: text whose last line "sha256 <hex>" is the SHA-256 of everything before it. FORMAT, refs and run files
 * are sealed, so that one flipped bit in any of them is noticed wherever it is read.
 */
#ifndef PLX_REGISTRY_SEALED_H
#define PLX_REGISTRY_SEALED_H

#include "core/hash.h"
#include "core/str.h"

enum { PLX_SEAL_LINE = 7 + PLX_SHA256_HEX + 1 };

/* Append the seal of what `text` holds (it must end with a newline). */
void plx_sealed_add(plx_sb *text);
/* Body length and digest of a sealed file. errors: DIGEST when the seal is missing or differs. */
bool plx_sealed_check(const char *name, const void *bytes, size_t len, size_t *body_len, plx_digest *seal,
                      plx_err *err);

#endif
