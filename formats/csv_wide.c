/* SPDX-License-Identifier: Apache-2.0
 *
 * Four fields at a time with AVX-512: each 16-byte lane holds the end of one field. What happens to a lane is what
 * plx_csv_short_decimal does to a field; masks of 16 bits, one bit a byte, take the place of its masks of bytes.
 */
#include "formats/csv_wide.h"

#include "formats/csv_number.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl")))

/* Constants that stay in registers: seen through, the compiler makes each anew for every four fields. */
typedef struct constants {
    __m512i minus, point, zero, nine;
    __m256i stop, start, one64, longest, sign, base;
    __m128i sixteen, one, ones, top;
} constants;

#define OPAQUE(x) __asm__("" : "+v"(x))

WIDE static inline constants constants_for(char point)
{
    constants k = {
        .minus = _mm512_set1_epi8('-'),
        .point = _mm512_set1_epi8(point),
        .zero = _mm512_set1_epi8('0'),
        .nine = _mm512_set1_epi8(9),
        .stop = _mm256_set1_epi64x(PLX_CSV_STOP),
        .start = _mm256_set1_epi64x(0xffffffff),
        .one64 = _mm256_set1_epi64x(1),
        .longest = _mm256_set1_epi64x(PLX_CSV_SHORT),
        .sign = _mm256_set1_epi64x(INT64_MIN),
        .base = _mm256_set1_epi64x(48),
        .sixteen = _mm_set1_epi16(16),
        .one = _mm_set1_epi16(1),
        .ones = _mm_set1_epi16(-1),
        .top = _mm_set1_epi16(INT16_MIN),
    };
    OPAQUE(k.minus);
    OPAQUE(k.zero);
    OPAQUE(k.nine);
    OPAQUE(k.stop);
    OPAQUE(k.start);
    OPAQUE(k.one64);
    OPAQUE(k.longest);
    OPAQUE(k.sign);
    OPAQUE(k.base);
    OPAQUE(k.sixteen);
    OPAQUE(k.one);
    OPAQUE(k.ones);
    OPAQUE(k.top);
    return k;
}

/* The 16 bytes that end each of four fields, one field a lane. */
WIDE static inline __m512i load_ends(const char *text, const plx_csv_range *ranges)
{
    const char *from = text - 16;
    __m512i lanes = _mm512_castsi128_si512(plx_csv_load16(from + (ranges[0].mark & PLX_CSV_STOP)));
    lanes = _mm512_inserti32x4(lanes, plx_csv_load16(from + (ranges[1].mark & PLX_CSV_STOP)), 1);
    lanes = _mm512_inserti32x4(lanes, plx_csv_load16(from + (ranges[2].mark & PLX_CSV_STOP)), 2);
    return _mm512_inserti32x4(lanes, plx_csv_load16(from + (ranges[3].mark & PLX_CSV_STOP)), 3);
}

/* 16 digits a lane to one number a lane: pairs, fours, eights, all. */
WIDE static inline __m256i join_digits(__m512i digits)
{
    const __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(1 << 8 | 10));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
    const __m512i eights = _mm512_madd_epi16(_mm512_packus_epi32(fours, fours), _mm512_set1_epi32(1 << 16 | 10000));
    const __m512i high = _mm512_mul_epu32(eights, _mm512_set1_epi64(100000000));
    const __m512i all = _mm512_add_epi64(high, _mm512_srli_epi64(eights, 32));
    return _mm512_castsi512_si256(_mm512_permutexvar_epi64(_mm512_set_epi64(0, 0, 0, 0, 6, 4, 2, 0), all));
}

/* Four fields to out[0], out[stride], ...; false, with nothing written, when one of them is no short decimal. */
WIDE static inline bool four(const constants *k, const char *text, const plx_csv_range *ranges, double *out,
                             size_t stride)
{
    const __m256i both = _mm256_loadu_si256((const __m256i *)(const void *)ranges);
    const __m256i stop = _mm256_and_si256(_mm256_srli_epi64(both, 32), k->stop);
    const __m256i len = _mm256_sub_epi64(stop, _mm256_and_si256(both, k->start));
    if (_mm256_cmpge_epu64_mask(_mm256_sub_epi64(len, k->one64), k->longest)) {
        return false;
    }
    const __m512i ends = load_ends(text, ranges);
    /* The bytes of each field, without its sign. */
    const __m128i before = _mm_sub_epi16(k->sixteen, _mm256_cvtepi64_epi16(len));
    const __m128i first = _mm_sllv_epi16(k->one, before);
    const __m128i minus = _mm_and_si128(first, _mm_cvtsi64_si128((int64_t)_mm512_cmpeq_epi8_mask(ends, k->minus)));
    const __m128i bytes = _mm_xor_si128(_mm_sllv_epi16(k->ones, before), minus);
    const __m128i lead = _mm_add_epi16(first, minus);
    /* Its point, which must be one, and neither first nor last. */
    const __m128i points = _mm_and_si128(bytes, _mm_cvtsi64_si128((int64_t)_mm512_cmpeq_epi8_mask(ends, k->point)));
    const __m128i none = _mm_cmpeq_epi16(points, _mm_setzero_si128()), below = _mm_sub_epi16(points, k->one);
    const __m128i wrong_point = _mm_and_si128(points, _mm_or_si128(below, _mm_or_si128(lead, k->top)));
    /* What is before the point moves up by a byte, over it. 16 digits may be too many for a double. */
    const __m128i kept = _mm_xor_si128(bytes, _mm_andnot_si128(none, lead));
    const __m128i wrong_length =
        _mm_or_si128(_mm_cmpeq_epi16(bytes, _mm_setzero_si128()), _mm_cmpeq_epi16(kept, k->ones));
    const __m128i head = _mm_andnot_si128(none, _mm_xor_si128(points, below));
    const __m512i values = _mm512_xor_si512(ends, k->zero);
    const __m512i closed =
        _mm512_mask_blend_epi8((uint64_t)_mm_cvtsi128_si64(head), values, _mm512_bslli_epi128(values, 1));
    const __m512i digits = _mm512_maskz_mov_epi8((uint64_t)_mm_cvtsi128_si64(kept), closed);
    const uint64_t wrong_digit = _mm512_cmpgt_epu8_mask(digits, k->nine);
    if (wrong_digit | (uint64_t)_mm_cvtsi128_si64(_mm_or_si128(wrong_point, wrong_length))) {
        return false;
    }
    /* Bit 15 - n for n digits behind the point; no bit gives 16, which the table takes for 0. */
    const __m256i behind = _mm256_sub_epi64(_mm256_lzcnt_epi64(_mm256_cvtepu16_epi64(points)), k->base);
    const __m512d scale = _mm512_permutex2var_pd(_mm512_loadu_pd(plx_csv_pow10), _mm512_castsi256_si512(behind),
                                                 _mm512_loadu_pd(plx_csv_pow10 + 8));
    const __m256d size = _mm256_div_pd(_mm256_cvtepu64_pd(join_digits(digits)), _mm512_castpd512_pd256(scale));
    const __m256i signs = _mm256_cvtepu16_epi64(minus), bits = _mm256_castpd_si256(size);
    const __m256d x =
        _mm256_castsi256_pd(_mm256_mask_or_epi64(bits, _mm256_test_epi64_mask(signs, signs), bits, k->sign));
    const __m128d low = _mm256_castpd256_pd128(x), high = _mm256_extractf128_pd(x, 1);
    _mm_storel_pd(out, low);
    _mm_storeh_pd(out + stride, low);
    _mm_storel_pd(out + 2 * stride, high);
    _mm_storeh_pd(out + 3 * stride, high);
    return true;
}

WIDE static size_t short_run(const char *text, const plx_csv_range *ranges, size_t n, char point, double *out,
                             size_t stride)
{
    const constants k = constants_for(point);
    size_t done = 0;
    while (n - done >= 4 && four(&k, text, ranges + done, out + done * stride, stride)) {
        done += 4;
    }
    return done;
}

plx_csv_run *plx_csv_wide(void)
{
    bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    return has ? short_run : NULL;
}

#else

plx_csv_run *plx_csv_wide(void)
{
    return NULL;
}

#endif
