/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 checks and terminal widths.
 */
#ifndef PLX_CORE_UTF8_H
#define PLX_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offset of the first byte that is not part of well-formed UTF-8 (no surrogates, no overlongs), or len. */
size_t plx_utf8_valid_prefix(const char *text, size_t len);
/* First code point of well-formed UTF-8; *n is the number of its bytes. */
uint32_t plx_utf8_decode(const char *text, size_t *n);
/* Append code point cp to out; returns 1..4. */
size_t plx_utf8_encode(uint32_t cp, char out[4]);
/* Terminal columns of the text: wide East Asian 2, combining and control 0, else 1. */
size_t plx_utf8_width(const char *text, size_t len);
/* Copy with control characters, ESC and invalid bytes as \xNN; always NUL-terminated; cut to fit. Returns bytes
 * written. */
size_t plx_escape(char *out, size_t cap, const char *text, size_t len);

#endif
