/* SPDX-License-Identifier: Apache-2.0
 *
 * w * 10^e to the nearest double, without strtod, for the decimals data files are made of.
 */
#ifndef PLX_FORMATS_DECIMAL_H
#define PLX_FORMATS_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

enum { PLX_POW10_EXACT = 22 }; /* 10^22 is the last power of ten that is a double */
extern const double plx_pow10[PLX_POW10_EXACT + 1];

/* For what plx_decimal_f64 does not settle by one exact operation: integer arithmetic while 5^|e| fits 64 bits.
 * errors: false for |exp10| > 27; parse the text with plx_parse_f64 then. */
bool plx_decimal_wide(uint64_t w, int exp10, double *out);

/* Correctly rounded, as plx_parse_f64 is; false where neither way applies. */
static inline bool plx_decimal_f64(uint64_t w, int exp10, double *out)
{
    if (w <= (UINT64_C(1) << 53) && exp10 >= -PLX_POW10_EXACT && exp10 <= PLX_POW10_EXACT) {
        /* Both operands are exact, so the one rounding is the right one. */
        *out = exp10 < 0 ? (double)w / plx_pow10[-exp10] : (double)w * plx_pow10[exp10];
        return true;
    }
    return plx_decimal_wide(w, exp10, out);
}

#endif
