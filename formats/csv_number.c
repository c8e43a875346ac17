/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of the plain decimals, columns of them, and the numbers they leave: long mantissas, exponents, '+', nan and
 * inf.
 */
#include "formats/csv_number.h"

#include "formats/csv_wide.h"

#include <string.h>

enum { LONGEST_COMMA = 512 }; /* bytes of a number that is rewritten with a decimal point */

const double plx_csv_pow10[PLX_CSV_SHORT] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                             1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* On one cache line. */
const _Alignas(64) uint8_t plx_csv_slide[64] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

bool plx_csv_parse_f64(const char *text, size_t len, char point, double *out)
{
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

static size_t read_i64(const char *text, const plx_csv_range *ranges, size_t n, int64_t *out, bool *minus_zero)
{
    bool zero = *minus_zero;
    size_t i = 0;
    for (; i < n; i++) {
        const size_t start = ranges[i].start, len = (ranges[i].mark & PLX_CSV_STOP) - start;
        if (!plx_csv_plain_i64(text + start, len, &out[i], &zero)) {
            break;
        }
    }
    *minus_zero = zero;
    return i;
}

static size_t read_f64(const char *text, const plx_csv_range *ranges, size_t n, char point, double *out)
{
    for (size_t i = 0; i < n; i++) {
        const size_t start = ranges[i].start, len = (ranges[i].mark & PLX_CSV_STOP) - start;
        if (!plx_csv_plain_f64(text + start, len, point, &out[i])) {
            return i;
        }
    }
    return n;
}

const plx_csv_decoders plx_csv_portable = {read_i64, read_f64, plx_csv_cut_plain};
