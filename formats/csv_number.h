/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in a CSV field. Fields of at most 16 bytes without exponent, which is nearly all of them, take a path without
 * branches on their content: two 16-byte loads that end at the field's end, one shifted by a byte to close the gap of
 * the decimal point, and three multiply-adds. Everything else is scanned byte by byte. Both are correctly rounded,
 * hence equal.
 */
#ifndef PLX_FORMATS_CSV_NUMBER_H
#define PLX_FORMATS_CSV_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* +-w / 10^scale */
typedef struct plx_csv_decimal {
    uint64_t w;
    uint32_t scale;
    uint32_t negative;  /* 0 or 1 */
    uint32_t has_point; /* 0 or not */
} plx_csv_decimal;

enum { PLX_CSV_SHORT = 16 };

extern const double plx_csv_pow10[PLX_CSV_SHORT];
/* 16 bytes of ones, 16 of zeros, 32 of ones: 16 bytes from 16 + n on mask all but the last n, from 0 on nothing. */
extern const uint8_t plx_csv_slide[64];

/* [-] digits [point digits] in at most 16 bytes behind the sign; false for everything else, number or not.
 * shape: text[-17..len) must be readable. */
static inline bool plx_csv_short_decimal_portable(const char *text, size_t len, char point, plx_csv_decimal *out)
{
    bool negative = len > 0 && *text == '-';
    text += negative;
    len -= negative;
    if (len - 1 >= PLX_CSV_SHORT) {
        return false;
    }
    uint64_t w = 0;
    size_t at = len;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit < 10) {
            w = w * 10 + digit;
        } else if (text[i] == point && at == len && i > 0 && i + 1 < len) {
            at = i;
        } else {
            return false;
        }
    }
    *out = (plx_csv_decimal){w, at < len ? (unsigned)(len - 1 - at) : 0, negative, at < len};
    return true;
}

#ifdef __SSE2__
static inline __m128i plx_csv_load16(const void *at)
{
    return _mm_loadu_si128((const __m128i *)at);
}
#endif

static inline bool plx_csv_short_decimal(const char *text, size_t len, char point, plx_csv_decimal *out)
{
#ifdef __SSE2__
    /* Arithmetic instead of ==: a flag in a byte register would tie each field to the one before. */
    const uint32_t negative = (((uint32_t)(unsigned char)*text ^ '-') - 1) >> 31;
    const char *end = text + len;
    const size_t n = len - negative;
    if (n - 1 >= PLX_CSV_SHORT) {
        return false;
    }
    const __m128i whole = plx_csv_load16(end - 16), shifted = plx_csv_load16(end - 17);
    const uint32_t first = UINT32_C(0x10000) >> n, last = 0x8000; /* bits of the outer bytes in a mask of 16 */
    const uint32_t points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(whole, _mm_set1_epi8(point))) & (0 - first);
    /* Digits behind the first point, or -16 when there is none; a second point stays in and is no digit. */
    const int behind = 15 - __builtin_ctz(points | UINT32_C(1) << 31);
    const __m128i tail = plx_csv_load16(plx_csv_slide + 16 + behind), zero = _mm_set1_epi8('0');
    const __m128i in_tail = _mm_and_si128(_mm_xor_si128(whole, zero), plx_csv_load16(plx_csv_slide + 16 + n));
    const __m128i in_head = _mm_and_si128(_mm_xor_si128(shifted, zero), plx_csv_load16(plx_csv_slide + 15 + n));
    const __m128i digits = _mm_or_si128(_mm_and_si128(tail, in_tail), _mm_andnot_si128(tail, in_head));
    const uint32_t over_nine = (uint32_t)_mm_movemask_epi8(_mm_adds_epu8(digits, _mm_set1_epi8(127 - 9)));
    if (over_nine | (points & (first | last))) {
        return false;
    }
    /* 16 digits -> 8 pairs -> 4 fours -> 2 eights */
    const __m128i pairs = _mm_srli_epi16(_mm_mullo_epi16(digits, _mm_set1_epi16(10 * 256 + 1)), 8);
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
    const __m128i eights = _mm_madd_epi16(_mm_packs_epi32(fours, fours), _mm_set1_epi32(1 << 16 | 10000));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    *out = (plx_csv_decimal){(both & 0xffffffff) * 100000000 + (both >> 32), (unsigned)behind & 15, negative, points};
    return true;
#else
    return plx_csv_short_decimal_portable(text, len, point, out);
#endif
}

/* A short decimal as a double: both operands of the division are exact, so its one rounding is the right one. */
static inline bool plx_csv_short_f64(const char *text, size_t len, char point, double *out)
{
    plx_csv_decimal d;
    if (!plx_csv_short_decimal(text, len, point, &d) || d.w > UINT64_C(1) << 53) {
        return false;
    }
    double x = (double)(int64_t)d.w / plx_csv_pow10[d.scale];
    uint64_t bits; /* the sign without a branch, since signs follow no pattern */
    memcpy(&bits, &x, sizeof bits);
    bits |= (uint64_t)d.negative << 63;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* Any number plx_parse_f64 takes, with `point` for its decimal point. */
bool plx_csv_parse_f64(const char *text, size_t len, char point, double *out);

#endif
