/* SPDX-License-Identifier: Apache-2.0
 *
 * Which bytes of a CSV window are of interest: delimiters, quotes and control bytes, 64 bytes at a time.
 */
#ifndef PLX_FORMATS_CSV_MARKS_H
#define PLX_FORMATS_CSV_MARKS_H

#include "formats/csv_window.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bit i is set when text[i] is `delimiter`, `quote` or at most '\r'; *high gets the bytes above 0x7f. shape: text[64].
 */
typedef uint64_t plx_csv_classifier(const char *text, char delimiter, char quote, uint64_t *high);

static inline uint64_t plx_csv_classify_portable(const char *text, char delimiter, char quote, uint64_t *high)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7, gather = UINT64_C(0x0102040810204080);
    uint64_t marks = 0, above = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t x;
        memcpy(&x, text + 8 * i, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        x = __builtin_bswap64(x);
#endif
        uint64_t d = x ^ ones * (unsigned char)delimiter, q = x ^ ones * (unsigned char)quote;
        uint64_t hit = ~(((d & ~tops) + ~tops) | d) | ~(((q & ~tops) + ~tops) | q); /* zero bytes of d or q */
        hit |= ~(((x | tops) - ones * ('\r' + 1)) | x);                             /* bytes up to '\r' */
        marks |= (((hit & tops) >> 7) * gather >> 56) << (8 * i);
        above |= (((x & tops) >> 7) * gather >> 56) << (8 * i);
    }
    *high = above;
    return marks;
}

static inline uint64_t plx_csv_classify(const char *text, char delimiter, char quote, uint64_t *high)
{
#ifdef __SSE2__
    const __m128i d = _mm_set1_epi8(delimiter), q = _mm_set1_epi8(quote), control = _mm_set1_epi8('\r');
    uint64_t marks = 0, above = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, d), _mm_cmpeq_epi8(x, q));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(x, control), x));
        marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * i);
        above |= (uint64_t)(uint32_t)_mm_movemask_epi8(x) << (16 * i);
    }
    *high = above;
    return marks;
#else
    return plx_csv_classify_portable(text, delimiter, quote, high);
#endif
}

/* Look at the 64 bytes of the window from `at` on. */
static inline __attribute__((always_inline)) void plx_csv_scan(plx_csv *csv, size_t at, plx_csv_classifier *classify)
{
    csv->scan_at = at;
    csv->bits = 0;
    if (at >= csv->len) {
        return;
    }
    uint64_t high;
    uint64_t bits = classify(csv->text + at, csv->opts.delimiter, csv->quote < 0 ? '\n' : (char)csv->quote, &high);
    if (csv->len - at < 64) {
        uint64_t inside = (UINT64_C(1) << (csv->len - at)) - 1;
        bits &= inside;
        high &= inside;
    }
    if (high) {
        csv->high_end = at + 64 - (size_t)__builtin_clzll(high);
    }
    csv->bits = bits;
}

#endif
