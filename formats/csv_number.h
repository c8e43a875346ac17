/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in a CSV field. Nearly all are plain decimals, [-] digits [point digits], which are read without branches on
 * their content: integers of at most 8 digits in one word, up to 16 bytes by two loads that end at the field's end, one
 * shifted by a byte to close the gap of the decimal point, and up to 32 bytes as two of those. Everything else is
 * scanned byte by byte. All are correctly rounded, hence equal.
 */
#ifndef PLX_FORMATS_CSV_NUMBER_H
#define PLX_FORMATS_CSV_NUMBER_H

#include "core/num.h"

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

/* [-] digits [point digits] in at most 32 bytes behind the sign, whose digits make at most 2^64 - 1; false for
 * everything else, number or not. */
static inline bool plx_csv_decimal_portable(const char *text, size_t len, char point, plx_csv_decimal *out)
{
    bool negative = len > 0 && *text == '-';
    text += negative;
    len -= negative;
    if (len - 1 >= (size_t)2 * PLX_CSV_SHORT) {
        return false;
    }
    uint64_t w = 0;
    size_t at = len;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit < 10) {
            if (__builtin_mul_overflow(w, 10U, &w) || __builtin_add_overflow(w, digit, &w)) {
                return false;
            }
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

/* The n <= 16 bytes before `end`, digits and perhaps one point. Points: bit 15 - i for one i bytes from the end. */
static inline bool plx_csv_digits16(const char *end, size_t n, char point, uint64_t *w, uint32_t *points)
{
    const __m128i whole = plx_csv_load16(end - 16), shifted = plx_csv_load16(end - 17);
    const uint32_t first = UINT32_C(0x10000) >> n;
    *points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(whole, _mm_set1_epi8(point))) & (0 - first);
    /* Digits behind the first point, or -16 when there is none; a second point stays in and is no digit. */
    const int behind = 15 - __builtin_ctz(*points | UINT32_C(1) << 31);
    const __m128i tail = plx_csv_load16(plx_csv_slide + 16 + behind), zero = _mm_set1_epi8('0');
    const __m128i in_tail = _mm_and_si128(_mm_xor_si128(whole, zero), plx_csv_load16(plx_csv_slide + 16 + n));
    const __m128i in_head = _mm_and_si128(_mm_xor_si128(shifted, zero), plx_csv_load16(plx_csv_slide + 15 + n));
    const __m128i digits = _mm_or_si128(_mm_and_si128(tail, in_tail), _mm_andnot_si128(tail, in_head));
    /* 16 digits -> 8 pairs -> 4 fours -> 2 eights */
    const __m128i pairs = _mm_srli_epi16(_mm_mullo_epi16(digits, _mm_set1_epi16(10 * 256 + 1)), 8);
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
    const __m128i eights = _mm_madd_epi16(_mm_packs_epi32(fours, fours), _mm_set1_epi32(1 << 16 | 10000));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    *w = (both & 0xffffffff) * 100000000 + (both >> 32);
    return _mm_movemask_epi8(_mm_adds_epu8(digits, _mm_set1_epi8(127 - 9))) == 0;
}
#endif

/* The same. shape: text[-33..len) must be readable. */
static inline bool plx_csv_plain_decimal(const char *text, size_t len, char point, plx_csv_decimal *out)
{
#ifdef __SSE2__
    enum { LAST = 0x8000 }; /* the bit of the last byte */
    /* Arithmetic instead of ==: a flag in a byte register would tie each field to the one before. */
    const uint32_t negative = (((uint32_t)(unsigned char)*text ^ '-') - 1) >> 31;
    const char *end = text + len;
    const size_t n = len - negative;
    uint64_t w, head;
    uint32_t points, head_points = 0;
    if (n - 1 < PLX_CSV_SHORT) {
        bool digits = plx_csv_digits16(end, n, point, &w, &points);
        *out = (plx_csv_decimal){w, (15 - (uint32_t)__builtin_ctz(points | UINT32_C(1) << 31)) & 15, negative, points};
        return digits && (points & (UINT32_C(0x10000) >> n | LAST)) == 0;
    }
    if (n - 1 >= (size_t)2 * PLX_CSV_SHORT || !plx_csv_digits16(end, PLX_CSV_SHORT, point, &w, &points) ||
        !plx_csv_digits16(end - 16, n - 16, point, &head, &head_points) || (points & LAST) ||
        (head_points & UINT32_C(0x10000) >> (n - 16)) || (points && head_points) ||
        __builtin_mul_overflow(head, points ? UINT64_C(1000000000000000) : UINT64_C(10000000000000000), &head) ||
        __builtin_add_overflow(head, w, &w)) {
        return false;
    }
    uint32_t scale = points        ? 15 - (uint32_t)__builtin_ctz(points)
                     : head_points ? 31 - (uint32_t)__builtin_ctz(head_points)
                                   : 0;
    *out = (plx_csv_decimal){w, scale, negative, points | head_points};
    return true;
#else
    return plx_csv_decimal_portable(text, len, point, out);
#endif
}

/* A plain decimal as a double. In short ones both operands of the division are exact, so its one rounding is the right
 * one. */
static inline bool plx_csv_plain_f64(const char *text, size_t len, char point, double *out)
{
    plx_csv_decimal d;
    double x;
    if (!plx_csv_plain_decimal(text, len, point, &d)) {
        return false;
    }
    if (d.w <= UINT64_C(1) << 53 && d.scale < PLX_CSV_SHORT) {
        x = (double)(int64_t)d.w / plx_csv_pow10[d.scale];
    } else if (!plx_scale_f64(d.w, -(int64_t)d.scale, &x)) {
        return false;
    }
    uint64_t bits; /* the sign without a branch, since signs follow no pattern */
    memcpy(&bits, &x, sizeof bits);
    bits |= (uint64_t)d.negative << 63;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* [-] digits as an integer. minus_zero is set, never cleared, by a "-0". shape: as above, and text[..7] as well. */
static inline bool plx_csv_plain_i64(const char *text, size_t len, int64_t *out, bool *minus_zero)
{
    const size_t negative = *text == '-', n = len - negative;
    uint64_t w;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (n - 1 < 8) {
        /* The digits at the top, zeros below: 8 digits -> 4 pairs -> 2 fours -> 1 */
        memcpy(&w, text + negative, sizeof w);
        w = (w ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
        if (((w + UINT64_C(0x7676767676767676)) | w) & UINT64_C(0x8080808080808080)) {
            return false;
        }
        w = (w * (1 + (10 << 8))) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
        w = (w * (1 + (100 << 16))) >> 16 & UINT64_C(0x0000ffff0000ffff);
        w = (w * (1 + (UINT64_C(10000) << 32))) >> 32;
    } else
#endif
    {
        plx_csv_decimal d;
        if (!plx_csv_plain_decimal(text, len, '.', &d) || d.has_point || d.w > INT64_MAX) {
            return false;
        }
        w = d.w;
    }
    *minus_zero |= negative && w == 0;
    *out = negative ? -(int64_t)w : (int64_t)w;
    return true;
}

/* Any number plx_parse_f64 takes, with `point` for its decimal point. */
bool plx_csv_parse_f64(const char *text, size_t len, char point, double *out);

#endif
