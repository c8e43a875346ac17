/* SPDX-License-Identifier: Apache-2.0
 *
 * Eight fields of a column at a time with AVX-512. What happens to a lane is what csv_number.h does to a field. Whether
 * a byte of a field is a digit, the point or the sign is kept in masks of a bit a byte, one 32-bit lane for each field.
 */
#include "formats/csv_wide.h"

#include "formats/csv_number.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include "formats/csv_cut.h"

#include <immintrin.h>

#define WIDE        __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,bmi,popcnt")))
#define WIDE_INLINE WIDE __attribute__((always_inline)) static inline

enum { LANES = 8, SMALL = 8, SHORT = 16, LONG = 24 }; /* bytes of a field */

/* Eight fields. */
typedef struct fields {
    const char *text;
    const plx_csv_range *ranges;
    __m512i start, len;
} fields;

/* What their bytes are; bit 0 is the first of the last SHORT or LONG ones. */
typedef struct layout {
    __m256i points, minus;
    __m256i head; /* bytes before the point, when there is one: they move up by a byte, over it */
    __m256i kept; /* digits, once they have moved */
} layout;

/* Eight plain decimals, +-w / 10^scale. */
typedef struct decimals {
    __m512i w, scale;
    __mmask8 negative, has_point;
} decimals;

WIDE_INLINE fields load_fields(const char *text, const plx_csv_range *ranges)
{
    const __m512i both = _mm512_loadu_si512(ranges);
    const __m512i stop = _mm512_and_si512(_mm512_srli_epi64(both, 32), _mm512_set1_epi64(PLX_CSV_STOP));
    const __m512i start = _mm512_and_si512(both, _mm512_set1_epi64(UINT32_MAX));
    return (fields){text, ranges, start, _mm512_sub_epi64(stop, start)};
}

/* No field is empty, and none longer than `most` bytes. */
WIDE_INLINE bool fit(const fields *f, int most)
{
    const __m512i above = _mm512_sub_epi64(f->len, _mm512_set1_epi64(1));
    return _mm512_cmpge_epu64_mask(above, _mm512_set1_epi64(most)) == 0;
}

/* ---- digits ---- */

WIDE_INLINE uint64_t load8(const char *at)
{
    uint64_t x;
    memcpy(&x, at, sizeof x);
    return x;
}

/* Offset in the text of the end of field i. */
WIDE_INLINE size_t end_of(const fields *f, int i)
{
    return f->ranges[i].mark & PLX_CSV_STOP;
}

/* The 16 bytes that lie `back` bytes before the end of each of four fields, one field a lane. */
WIDE_INLINE __m512i load_ends(const fields *f, int first, int back)
{
    const char *from = f->text - SHORT - back;
    __m512i lanes = _mm512_castsi128_si512(plx_csv_load16(from + end_of(f, first)));
    lanes = _mm512_inserti32x4(lanes, plx_csv_load16(from + end_of(f, first + 1)), 1);
    lanes = _mm512_inserti32x4(lanes, plx_csv_load16(from + end_of(f, first + 2)), 2);
    return _mm512_inserti32x4(lanes, plx_csv_load16(from + end_of(f, first + 3)), 3);
}

WIDE_INLINE __m512i eight_words(const char *at[LANES])
{
    return _mm512_set_epi64((int64_t)load8(at[7]), (int64_t)load8(at[6]), (int64_t)load8(at[5]), (int64_t)load8(at[4]),
                            (int64_t)load8(at[3]), (int64_t)load8(at[2]), (int64_t)load8(at[1]), (int64_t)load8(at[0]));
}

/* 4 digits to a number in each 32-bit lane. */
WIDE_INLINE __m512i join_fours(__m512i digits)
{
    const __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(1 << 8 | 10));
    return _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << 16 | 100));
}

/* 8 digits to a number in each 64-bit lane. */
WIDE_INLINE __m512i join_eights(__m512i digits)
{
    const __m512i fours = join_fours(digits);
    return _mm512_add_epi64(_mm512_mul_epu32(fours, _mm512_set1_epi64(10000)), _mm512_srli_epi64(fours, 32));
}

/* 16 digits in each of two times four lanes to eight numbers. */
WIDE_INLINE __m512i join_sixteens(__m512i low, __m512i high)
{
    const __m512i fours = _mm512_packus_epi32(join_fours(low), join_fours(high));
    const __m512i eights = _mm512_madd_epi16(fours, _mm512_set1_epi32(1 << 16 | 10000));
    const __m512i upper = _mm512_mul_epu32(eights, _mm512_set1_epi64(100000000));
    const __m512i all = _mm512_add_epi64(upper, _mm512_srli_epi64(eights, 32));
    return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), all);
}

/* ---- layout ---- */

/* False when a point is first or last, or there are two, or no digits. */
WIDE_INLINE bool lay_out(const fields *f, int width, __m256i minus, __m256i points, layout *out)
{
    const __m256i one = _mm256_set1_epi32(1), all = _mm256_set1_epi32((1 << width) - 1);
    const __m256i none = _mm256_setzero_si256(), top = _mm256_set1_epi32(1 << (width - 1));
    const __m256i before = _mm256_sub_epi32(_mm256_set1_epi32(width), _mm512_cvtepi64_epi32(f->len));
    const __m256i first = _mm256_sllv_epi32(one, before);
    out->minus = _mm256_and_si256(first, minus);
    /* The bytes of each field, without its sign; the first of them. */
    const __m256i bytes = _mm256_andnot_si256(out->minus, _mm256_and_si256(all, _mm256_sllv_epi32(all, before)));
    const __m256i lead = _mm256_add_epi32(first, out->minus);
    out->points = _mm256_and_si256(bytes, points);
    const __m256i below = _mm256_sub_epi32(out->points, one);
    const __m256i wrong = _mm256_and_si256(out->points, _mm256_or_si256(below, _mm256_or_si256(lead, top)));
    const __mmask8 has_point = _mm256_test_epi32_mask(out->points, out->points);
    out->kept = _mm256_mask_xor_epi32(bytes, has_point, bytes, lead);
    out->head = _mm256_maskz_xor_epi32(has_point, out->points, below);
    return _mm256_test_epi32_mask(wrong, wrong) == 0 && _mm256_cmpeq_epi32_mask(bytes, none) == 0;
}

/* A mask of 128 bits, a lane of 16 for each of eight fields, as 32-bit lanes, and back. */
WIDE_INLINE __m256i spread(uint64_t low, uint64_t high)
{
    return _mm256_cvtepu16_epi32(_mm_set_epi64x((int64_t)high, (int64_t)low));
}

WIDE_INLINE decimals finish(__m512i w, const layout *l, int width)
{
    const __mmask8 has_point = _mm256_test_epi32_mask(l->points, l->points);
    /* Leading zeros of a 32-bit lane with bit width - 1 - n alone: n digits are behind the point. */
    const __m256i scale =
        _mm256_maskz_sub_epi32(has_point, _mm256_lzcnt_epi32(l->points), _mm256_set1_epi32(32 - width));
    return (decimals){w, _mm512_cvtepu32_epi64(scale), _mm256_test_epi32_mask(l->minus, l->minus), has_point};
}

/* ---- plain decimals ---- */

/* At most 16 bytes. */
WIDE_INLINE bool short_decimals(const fields *f, char point, decimals *out)
{
    const __m512i low = load_ends(f, 0, 0), high = load_ends(f, 4, 0);
    const __m512i minus = _mm512_set1_epi8('-'), dot = _mm512_set1_epi8(point), zero = _mm512_set1_epi8('0');
    layout l;
    if (!lay_out(f, SHORT, spread(_mm512_cmpeq_epi8_mask(low, minus), _mm512_cmpeq_epi8_mask(high, minus)),
                 spread(_mm512_cmpeq_epi8_mask(low, dot), _mm512_cmpeq_epi8_mask(high, dot)), &l)) {
        return false;
    }
    const __m128i head = _mm256_cvtepi32_epi16(l.head), kept = _mm256_cvtepi32_epi16(l.kept);
    const __m512i a = _mm512_xor_si512(low, zero), b = _mm512_xor_si512(high, zero);
    const __m512i a_closed = _mm512_mask_blend_epi8((uint64_t)_mm_cvtsi128_si64(head), a, _mm512_bslli_epi128(a, 1));
    const __m512i b_closed = _mm512_mask_blend_epi8((uint64_t)_mm_extract_epi64(head, 1), b, _mm512_bslli_epi128(b, 1));
    const __m512i a_digits = _mm512_maskz_mov_epi8((uint64_t)_mm_cvtsi128_si64(kept), a_closed);
    const __m512i b_digits = _mm512_maskz_mov_epi8((uint64_t)_mm_extract_epi64(kept, 1), b_closed);
    const __m512i largest = _mm512_max_epu8(a_digits, b_digits);
    if (_mm512_cmpgt_epu8_mask(largest, _mm512_set1_epi8(9))) {
        return false;
    }
    *out = finish(join_sixteens(a_digits, b_digits), &l, SHORT);
    return true;
}

/* At most 24 bytes: the last 16 as above, the 8 before them in words of their own. */
WIDE_INLINE bool long_decimals(const fields *f, char point, decimals *out)
{
    enum { MOST_HEAD = 1843 }; /* times 10^16, and 16 digits more, is below 2^64 */
    const __m512i minus = _mm512_set1_epi8('-'), dot = _mm512_set1_epi8(point), zero = _mm512_set1_epi8('0');
    const __m512i low = load_ends(f, 0, 0), high = load_ends(f, 4, 0);
    const char *at[LANES];
    for (int i = 0; i < LANES; i++) {
        at[i] = f->text + end_of(f, i) - LONG;
    }
    const __m512i front = eight_words(at);
    const __m256i tail_minus = spread(_mm512_cmpeq_epi8_mask(low, minus), _mm512_cmpeq_epi8_mask(high, minus));
    const __m256i tail_dot = spread(_mm512_cmpeq_epi8_mask(low, dot), _mm512_cmpeq_epi8_mask(high, dot));
    const __m256i front_minus = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)_mm512_cmpeq_epi8_mask(front, minus)));
    const __m256i front_dot = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)_mm512_cmpeq_epi8_mask(front, dot)));
    layout l;
    if (!lay_out(f, LONG, _mm256_or_si256(front_minus, _mm256_slli_epi32(tail_minus, 8)),
                 _mm256_or_si256(front_dot, _mm256_slli_epi32(tail_dot, 8)), &l)) {
        return false;
    }
    const __m128i tail_head = _mm256_cvtepi32_epi16(_mm256_srli_epi32(l.head, 8));
    const __m128i tail_kept = _mm256_cvtepi32_epi16(_mm256_srli_epi32(l.kept, 8));
    const uint64_t front_head = (uint64_t)_mm_cvtsi128_si64(_mm256_cvtepi32_epi8(l.head));
    const uint64_t front_kept = (uint64_t)_mm_cvtsi128_si64(_mm256_cvtepi32_epi8(l.kept));
    const __m512i a = _mm512_mask_mov_epi8(low, (uint64_t)_mm_cvtsi128_si64(tail_head), load_ends(f, 0, 1));
    const __m512i b = _mm512_mask_mov_epi8(high, (uint64_t)_mm_extract_epi64(tail_head, 1), load_ends(f, 4, 1));
    const __m512i c = _mm512_mask_mov_epi8(front, front_head, _mm512_slli_epi64(front, 8));
    const __m512i a_digits = _mm512_maskz_sub_epi8((uint64_t)_mm_cvtsi128_si64(tail_kept), a, zero);
    const __m512i b_digits = _mm512_maskz_sub_epi8((uint64_t)_mm_extract_epi64(tail_kept, 1), b, zero);
    const __m512i c_digits = _mm512_maskz_sub_epi8(front_kept, c, zero);
    const __m512i largest = _mm512_max_epu8(_mm512_max_epu8(a_digits, b_digits), c_digits);
    if (_mm512_cmpgt_epu8_mask(largest, _mm512_set1_epi8(9))) {
        return false;
    }
    const __m512i top = join_eights(c_digits), rest = join_sixteens(a_digits, b_digits);
    if (_mm512_cmpgt_epu64_mask(top, _mm512_set1_epi64(MOST_HEAD))) {
        return false;
    }
    const __m512i w = _mm512_add_epi64(_mm512_mullo_epi64(top, _mm512_set1_epi64(10000000000000000)), rest);
    *out = finish(w, &l, LONG);
    return true;
}

/* ---- columns of integers ---- */

/* At most 8 bytes: the digits at the top of a word each, zeros below. */
WIDE_INLINE bool small_integers(const fields *f, int64_t *out, bool *minus_zero)
{
    const char *at[LANES];
    for (int i = 0; i < LANES; i++) {
        at[i] = f->text + f->ranges[i].start;
    }
    const __m512i bytes = eight_words(at);
    const __mmask64 signs = _mm512_mask_cmpeq_epi8_mask(0x0101010101010101, bytes, _mm512_set1_epi8('-'));
    const __m512i values = _mm512_maskz_xor_epi64(0xff, bytes, _mm512_set1_epi8('0'));
    const __m512i shift = _mm512_slli_epi64(_mm512_sub_epi64(_mm512_set1_epi64(SMALL), f->len), 3);
    const __m512i digits = _mm512_sllv_epi64(_mm512_maskz_mov_epi8(~signs, values), shift);
    if (_mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9))) {
        return false;
    }
    __m512i w = join_eights(digits);
    if (signs) {
        const __m512i sign = _mm512_maskz_set1_epi8(signs, 1);
        const __mmask8 negative = _mm512_test_epi64_mask(sign, sign);
        if (_mm512_mask_cmpeq_epi64_mask(negative, f->len, _mm512_set1_epi64(1))) {
            return false; /* a sign alone */
        }
        *minus_zero |= _mm512_mask_cmpeq_epi64_mask(negative, w, _mm512_setzero_si512()) != 0;
        w = _mm512_mask_sub_epi64(w, negative, _mm512_setzero_si512(), w);
    }
    _mm512_storeu_si512(out, w);
    return true;
}

WIDE_INLINE bool eight_i64(const char *text, const plx_csv_range *ranges, int64_t *out, bool *minus_zero)
{
    const fields f = load_fields(text, ranges);
    if (fit(&f, SMALL)) {
        return small_integers(&f, out, minus_zero);
    }
    decimals d;
    if (!fit(&f, LONG) || !long_decimals(&f, '.', &d) || d.has_point || _mm512_movepi64_mask(d.w)) {
        return false;
    }
    *minus_zero |= _mm512_mask_cmpeq_epi64_mask(d.negative, d.w, _mm512_setzero_si512()) != 0;
    _mm512_storeu_si512(out, _mm512_mask_sub_epi64(d.w, d.negative, _mm512_setzero_si512(), d.w));
    return true;
}

WIDE static size_t read_i64(const char *text, const plx_csv_range *ranges, size_t n, int64_t *out, bool *minus_zero)
{
    size_t done = 0;
    while (n - done >= LANES) {
        if (!eight_i64(text, ranges + done, out + done, minus_zero)) {
            size_t more = plx_csv_portable.i64(text, ranges + done, LANES, out + done, minus_zero);
            if (more < LANES) {
                return done + more;
            }
        }
        done += LANES;
    }
    return done + plx_csv_portable.i64(text, ranges + done, n - done, out + done, minus_zero);
}

/* ---- columns of doubles ---- */

/* w / 10^scale where w <= 2^53 and scale < 16: both operands are exact. */
WIDE_INLINE __m512d by_division(const decimals *d)
{
    const __m512d power =
        _mm512_permutex2var_pd(_mm512_loadu_pd(plx_csv_pow10), d->scale, _mm512_loadu_pd(plx_csv_pow10 + 8));
    return _mm512_div_pd(_mm512_cvtepu64_pd(d->w), power);
}

/* The high halves of 5^-23 to 5^0. */
WIDE_INLINE __m512i fives(__m512i scale)
{
    const uint64_t *rows = plx_power_of_five[PLX_POWER_OF_FIVE - 23];
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i low = _mm512_permutex2var_epi64(_mm512_loadu_si512(rows), even, _mm512_loadu_si512(rows + 8));
    const __m512i middle =
        _mm512_permutex2var_epi64(_mm512_loadu_si512(rows + 16), even, _mm512_loadu_si512(rows + 24));
    const __m512i high = _mm512_permutex2var_epi64(_mm512_loadu_si512(rows + 32), even, _mm512_loadu_si512(rows + 40));
    const __m512i row = _mm512_sub_epi64(_mm512_set1_epi64(23), scale);
    const __mmask8 above = _mm512_cmpge_epu64_mask(row, _mm512_set1_epi64(16));
    return _mm512_mask_permutexvar_epi64(_mm512_permutex2var_epi64(low, row, middle), above, row, high);
}

/* w / 10^scale as plx_scale_f64 has it from a product of 128 bits; false when one of them takes another look. */
WIDE_INLINE bool by_product(const decimals *d, __m512d *out)
{
    const __m512i one = _mm512_set1_epi64(1), half = _mm512_set1_epi64(UINT32_MAX), low_bits = _mm512_set1_epi64(0x1ff);
    const __m512i zeros = _mm512_lzcnt_epi64(d->w), x = _mm512_sllv_epi64(d->w, zeros), y = fives(d->scale);
    const __m512i x_high = _mm512_srli_epi64(x, 32), y_high = _mm512_srli_epi64(y, 32);
    const __m512i ll = _mm512_mul_epu32(x, y), lh = _mm512_mul_epu32(x, y_high), hl = _mm512_mul_epu32(x_high, y);
    const __m512i middle = _mm512_add_epi64(_mm512_add_epi64(_mm512_srli_epi64(ll, 32), _mm512_and_si512(lh, half)),
                                            _mm512_and_si512(hl, half));
    const __m512i carried = _mm512_add_epi64(_mm512_srli_epi64(lh, 32), _mm512_srli_epi64(hl, 32));
    const __m512i high =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_mul_epu32(x_high, y_high), carried), _mm512_srli_epi64(middle, 32));
    const __m512i low = _mm512_or_si512(_mm512_slli_epi64(middle, 32), _mm512_and_si512(ll, half));
    const __m512i top = _mm512_srli_epi64(high, 63);
    const __m512i bits = _mm512_srlv_epi64(high, _mm512_add_epi64(top, _mm512_set1_epi64(9)));
    const __mmask8 open = _mm512_cmpeq_epi64_mask(_mm512_and_si512(high, low_bits), low_bits);
    const __mmask8 middle_way = _mm512_mask_cmpeq_epi64_mask(_mm512_cmple_epu64_mask(low, one),
                                                             _mm512_and_si512(bits, _mm512_set1_epi64(3)), one);
    if (open | middle_way) {
        return false;
    }
    const __m512i rounded = _mm512_srli_epi64(_mm512_add_epi64(bits, _mm512_and_si512(bits, one)), 1);
    /* floor(log2(5^-scale)) - scale is -scale * 217706 >> 16 */
    const __m512i log = _mm512_srai_epi64(_mm512_mul_epi32(d->scale, _mm512_set1_epi64(-217706)), 16);
    const __m512i power =
        _mm512_add_epi64(_mm512_sub_epi64(log, zeros), _mm512_add_epi64(top, _mm512_set1_epi64(63 + 1022)));
    /* The leading 1 of the mantissa, or the 2 it was rounded up to, goes into the exponent. */
    const __m512i sum = _mm512_add_epi64(_mm512_slli_epi64(power, 52), rounded);
    *out = _mm512_castsi512_pd(_mm512_maskz_mov_epi64(_mm512_test_epi64_mask(d->w, d->w), sum));
    return true;
}

WIDE_INLINE bool eight_f64(const char *text, const plx_csv_range *ranges, char point, double *out)
{
    const fields f = load_fields(text, ranges);
    decimals d;
    __m512d x;
    if (fit(&f, SHORT)) {
        if (!short_decimals(&f, point, &d) || _mm512_cmpgt_epu64_mask(d.w, _mm512_set1_epi64(INT64_C(1) << 53))) {
            return false;
        }
        x = by_division(&d);
    } else if (!fit(&f, LONG) || !long_decimals(&f, point, &d) || !by_product(&d, &x)) {
        return false;
    }
    const __m512i sign = _mm512_set1_epi64(INT64_MIN), bits = _mm512_castpd_si512(x);
    _mm512_storeu_si512(out, _mm512_mask_or_epi64(bits, d.negative, bits, sign));
    return true;
}

WIDE static size_t read_f64(const char *text, const plx_csv_range *ranges, size_t n, char point, double *out)
{
    size_t done = 0;
    while (n - done >= LANES) {
        if (!eight_f64(text, ranges + done, point, out + done)) {
            size_t more = plx_csv_portable.f64(text, ranges + done, LANES, point, out + done);
            if (more < LANES) {
                return done + more;
            }
        }
        done += LANES;
    }
    return done + plx_csv_portable.f64(text, ranges + done, n - done, point, out + done);
}

/* ---- rows ---- */

WIDE_INLINE uint64_t classify(const char *text, char delimiter, char quote, uint64_t *high)
{
    const __m512i x = _mm512_loadu_si512(text);
    *high = _mm512_movepi8_mask(x);
    return _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(delimiter)) | _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(quote)) |
           _mm512_cmple_epu8_mask(x, _mm512_set1_epi8('\r'));
}

WIDE_INLINE size_t put(uint32_t *out, uint64_t bits, uint32_t base)
{
    const __m512i places = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    size_t n = 0;
    for (uint32_t i = 0; i < 64; i += 16) {
        const __mmask16 mask = (__mmask16)(bits >> i);
        const __m512i here = _mm512_add_epi32(places, _mm512_set1_epi32((int)(base + i)));
        _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi32(mask, here));
        n += (size_t)(unsigned)__builtin_popcount(mask);
    }
    return n;
}

WIDE static void cut(plx_csv *csv, plx_csv_block *block)
{
    plx_csv_cut_with(csv, block, classify, put);
}

const plx_csv_decoders *plx_csv_wide(void)
{
    static const plx_csv_decoders wide = {read_i64, read_f64, cut};
    bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
    return has ? &wide : NULL;
}

#else

const plx_csv_decoders *plx_csv_wide(void)
{
    return NULL;
}

#endif
