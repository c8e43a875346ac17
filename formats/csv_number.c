/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers the short path leaves: long mantissas, exponents, '+', nan and inf.
 */
#include "formats/csv_number.h"

#include "core/num.h"
#include "formats/decimal.h"

#include <string.h>

enum { LONGEST_COMMA = 512 }; /* bytes of a number that is rewritten with a decimal point */

const uint8_t plx_csv_slide[48] = {
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

static unsigned digit_at(const char *text, size_t i, size_t len)
{
    return i < len ? (unsigned)(unsigned char)text[i] - '0' : 10;
}

/* digits [point digits] [e [sign] digits] with at most 19 significant digits; false for the rest. */
static bool plain(const char *text, size_t len, char point, double *out)
{
    size_t i = 0, significant = 0;
    uint64_t w = 0;
    for (unsigned d; (d = digit_at(text, i, len)) < 10; i++) {
        w = w * 10 + d;
        significant += significant > 0 || d > 0;
    }
    if (i == 0) {
        return false;
    }
    int exp10 = 0;
    if (i < len && text[i] == point) {
        size_t first = ++i;
        for (unsigned d; (d = digit_at(text, i, len)) < 10; i++) {
            w = w * 10 + d;
            significant += significant > 0 || d > 0;
        }
        if (i == first || i - first > 1000) {
            return false;
        }
        exp10 = -(int)(i - first);
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        bool negative = i < len && text[i] == '-';
        i += negative || (i < len && text[i] == '+');
        size_t first = i;
        int e = 0;
        for (unsigned d; (d = digit_at(text, i, len)) < 10; i++) {
            e = e * 10 + (int)d;
            if (e > 1000) {
                return false;
            }
        }
        if (i == first) {
            return false;
        }
        exp10 += negative ? -e : e;
    }
    return i == len && significant <= 19 && plx_decimal_f64(w, exp10, out);
}

bool plx_csv_parse_f64(const char *text, size_t len, char point, double *out)
{
    size_t sign = len > 0 && *text == '-';
    if (plain(text + sign, len - sign, point, out)) {
        *out = sign ? -*out : *out;
        return true;
    }
    if (point == '.') {
        return plx_parse_f64(text, len, out);
    }
    char copy[LONGEST_COMMA];
    if (len > sizeof copy || memchr(text, '.', len)) {
        return false;
    }
    memcpy(copy, text, len);
    char *comma = memchr(copy, point, len);
    if (comma) {
        *comma = '.';
    }
    return plx_parse_f64(copy, len, out);
}
