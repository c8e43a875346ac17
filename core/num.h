/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers to text and back, without locale. Parsing is correctly rounded; printing is the shortest text that parses
 * back.
 */
#ifndef PLX_CORE_NUM_H
#define PLX_CORE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of text[0..len) as a decimal double: [+-] digits [. digits] [e[+-]digits]. "nan", "inf", "infinity" in any
 * case are accepted; blanks, hex and a bare "." are not. Overflow gives +-inf and true, as strtod does. cost: a
 * multiplication or two when |exp10| <= 64 and 19 digits or fewer settle it, otherwise strtod. */
bool plx_parse_f64(const char *text, size_t len, double *out);
/* mantissa * 10^exponent, correctly rounded; false where a product with the table below does not settle it. */
bool plx_scale_f64(uint64_t mantissa, int64_t exponent, double *out);
/* The leading 128 bits of 5^q, high and low half, at q + PLX_POWER_OF_FIVE; those of 5^-q are rounded up. */
enum { PLX_POWER_OF_FIVE = 64 };
extern const uint64_t plx_power_of_five[2 * PLX_POWER_OF_FIVE + 1][2];
/* Whole text as an integer; false on overflow, sign for u64, or any other character. */
bool plx_parse_i64(const char *text, size_t len, int64_t *out);
bool plx_parse_u64(const char *text, size_t len, uint64_t *out);
/* "4G", "512M", "10k", "123": powers of 1024. */
bool plx_parse_bytes(const char *text, uint64_t *out);

enum { PLX_NUM_TEXT = 32 };
/* Shortest text that parses back to x ("0.1", "1e+22", "-0.0" keeps its sign, "nan", "inf"). Integral values below 1e15
 * print without exponent and with ".0". Returns the length. shape: out[PLX_NUM_TEXT]. */
size_t plx_print_f64(double x, char out[PLX_NUM_TEXT]);
size_t plx_print_f32(float x, char out[PLX_NUM_TEXT]);
size_t plx_print_i64(int64_t x, char out[PLX_NUM_TEXT]);
size_t plx_print_u64(uint64_t x, char out[PLX_NUM_TEXT]);
/* "1.4 MB", "312 B": powers of 1000, for people. */
size_t plx_print_bytes(uint64_t bytes, char out[PLX_NUM_TEXT]);
/* "12 345 678": groups of three, for people. */
size_t plx_print_grouped(uint64_t n, char out[PLX_NUM_TEXT]);

#endif
