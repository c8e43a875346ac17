/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal to binary for mantissas of up to 64 bits and |exponent| <= 27, in integers: the quotient or product by a
 * power of five keeps at least 62 bits and a sticky bit, and is rounded once.
 */
#include "formats/decimal.h"

#include <string.h>

/* The only type in which a 64 by 64 bit product is exact. */
__extension__ typedef unsigned __int128 wide_uint;

const double plx_pow10[PLX_POW10_EXACT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

enum { MAX_POW5 = 27 };

static const uint64_t pow5[MAX_POW5 + 1] = {
    1,
    5,
    25,
    125,
    625,
    3125,
    15625,
    78125,
    390625,
    1953125,
    9765625,
    48828125,
    244140625,
    1220703125,
    6103515625,
    30517578125,
    152587890625,
    762939453125,
    3814697265625,
    19073486328125,
    95367431640625,
    476837158203125,
    2384185791015625,
    11920928955078125,
    59604644775390625,
    298023223876953125,
    1490116119384765625,
    7450580596923828125,
};

/* 2^e for a normal result. */
static double power_of_two(int e)
{
    uint64_t bits = (uint64_t)(e + 1023) << 52;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

bool plx_decimal_wide(uint64_t w, int exp10, double *out)
{
    if (exp10 < -MAX_POW5 || exp10 > MAX_POW5) {
        return false;
    }
    if (w == 0) {
        *out = 0.0;
        return true;
    }
    uint64_t q;
    int exp2;
    if (exp10 < 0) {
        uint64_t d = pow5[-exp10];
        int w_shift = __builtin_clzll(w), d_shift = __builtin_clzll(d);
        wide_uint n = (wide_uint)(w << w_shift) << 63;
        d <<= d_shift;
        q = (uint64_t)(n / d);
        q |= n % d != 0;
        exp2 = d_shift - w_shift - 63 + exp10;
    } else {
        wide_uint product = (wide_uint)w * pow5[exp10];
        uint64_t high = (uint64_t)(product >> 64);
        int shift = high ? 64 - __builtin_clzll(high) : 0;
        q = (uint64_t)(product >> shift);
        q |= ((wide_uint)q << shift) != product;
        exp2 = shift + exp10;
    }
    *out = (double)q * power_of_two(exp2); /* q has 62 bits or more: the sticky last bit decides only ties */
    return true;
}
