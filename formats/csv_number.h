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
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* +-w / 10^scale */
typedef struct plx_csv_decimal {
    uint64_t w;
    unsigned scale;
    bool negative, has_point;
} plx_csv_decimal;

enum { PLX_CSV_SHORT = 16 };

/* 16 zero bytes and 16 bytes of ones: any run of 16 is a mask of its last bytes. */
extern const uint8_t plx_csv_slide[48];

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

static inline bool plx_csv_short_decimal(const char *text, size_t len, char point, plx_csv_decimal *out)
{
#ifdef __SSE2__
    bool negative = *text == '-' && len > 0;
    const char *end = text + len;
    len -= negative;
    if (len - 1 >= PLX_CSV_SHORT) {
        return false;
    }
    const __m128i whole = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
    const __m128i shifted = _mm_loadu_si128((const __m128i *)(const void *)(end - 17));
    const uint32_t first = UINT32_C(1) << (16 - len); /* the field's first byte; bit 15 is its last */
    uint32_t points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(whole, _mm_set1_epi8(point)));
    points &= 0xffff & ~(first - 1);
    /* Digits behind the last point, or 16 when there is none. */
    const unsigned behind = (unsigned)__builtin_clz(points << 1 | 1) - 15;
    const __m128i field = _mm_loadu_si128((const __m128i *)(const void *)(plx_csv_slide + len - (points != 0)));
    const __m128i tail = _mm_loadu_si128((const __m128i *)(const void *)(plx_csv_slide + behind));
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
    __m128i digits = _mm_or_si128(_mm_and_si128(tail, whole), _mm_andnot_si128(tail, shifted));
    digits = _mm_and_si128(_mm_xor_si128(digits, zero), field);
    const __m128i in_range = _mm_cmpeq_epi8(_mm_min_epu8(digits, nine), digits);
    if (_mm_movemask_epi8(in_range) != 0xffff || (points & (first | 0x8000))) {
        return false;
    }
    /* 16 digits -> 8 pairs -> 4 fours -> 2 eights */
    const __m128i low = _mm_and_si128(digits, _mm_set1_epi16(0xff)), high = _mm_srli_epi16(digits, 8);
    const __m128i pairs = _mm_add_epi16(_mm_mullo_epi16(low, _mm_set1_epi16(10)), high);
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
    const __m128i packed = _mm_packs_epi32(fours, fours);
    const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(1 << 16 | 10000));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    *out = (plx_csv_decimal){(both & 0xffffffff) * 100000000 + (both >> 32), behind & 15, negative, points != 0};
    return true;
#else
    return plx_csv_short_decimal_portable(text, len, point, out);
#endif
}

/* Any number plx_parse_f64 takes, with `point` for its decimal point. */
bool plx_csv_parse_f64(const char *text, size_t len, char point, double *out);

#endif
