/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers to text. A double whose shortest text has at most 15 digits is found by scaling to an integer, since no other
 * text so short means the same double; the rest by asking printf for 15, 16 and 17 digits until the text parses back.
 */
#include "core/num.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIXED_LEAST = -4, FIXED_MOST = 14 }; /* powers of ten of the leading digit printed without an exponent */

size_t plx_print_u64(uint64_t x, char out[PLX_NUM_TEXT])
{
    char reversed[20];
    size_t n = 0;
    do {
        reversed[n++] = (char)('0' + x % 10);
        x /= 10;
    } while (x);
    for (size_t i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    out[n] = '\0';
    return n;
}

size_t plx_print_i64(int64_t x, char out[PLX_NUM_TEXT])
{
    size_t sign = x < 0;
    if (sign) {
        out[0] = '-';
    }
    return sign + plx_print_u64(x < 0 ? 0 - (uint64_t)x : (uint64_t)x, out + sign);
}

/* 0.digits... without exponent, or d.ddde+xx. `power` is that of the first digit; digits have no trailing zeros. */
static size_t lay_out(const char *digits, size_t n, int power, char *out)
{
    size_t at = 0;
    if (power < FIXED_LEAST || power > FIXED_MOST) {
        out[at++] = digits[0];
        if (n > 1) {
            out[at++] = '.';
            memcpy(out + at, digits + 1, n - 1);
            at += n - 1;
        }
        int size = power < 0 ? -power : power;
        out[at++] = 'e';
        out[at++] = power < 0 ? '-' : '+';
        if (size < 10) {
            out[at++] = '0';
        }
        return at + plx_print_u64((uint64_t)size, out + at);
    }
    size_t before = power < 0 ? 0 : (size_t)power + 1;
    if (before == 0) {
        out[at++] = '0';
        out[at++] = '.';
        for (int i = -1; i > power; i--) {
            out[at++] = '0';
        }
    }
    for (size_t i = 0; i < n || i < before; i++) {
        if (i == before && before > 0) {
            out[at++] = '.';
        }
        out[at++] = i < n ? digits[i] : '0';
    }
    if (n <= before) {
        out[at++] = '.';
        out[at++] = '0';
    }
    out[at] = '\0';
    return at;
}

/* The digits of a positive number when some x 10^k, k <= 20, is a whole number below `most` that divides back to x. */
static size_t short_digits(double x, bool single, double most, char digits[PLX_NUM_TEXT], int *power)
{
    double ten = 1.0;
    for (int k = 0; k <= 20; k++, ten *= 10.0) {
        double scaled = x * ten + 0.5;
        if (!(scaled < most)) {
            return 0;
        }
        uint64_t whole = (uint64_t)scaled;
        double back = (double)whole / ten;
        if (whole == 0 || (single ? (double)(float)back != x : back != x)) {
            continue;
        }
        size_t n = plx_print_u64(whole, digits);
        *power = (int)n - 1 - k;
        while (n > 1 && digits[n - 1] == '0') {
            n--;
        }
        return n;
    }
    return 0;
}

/* The same by printf with `precision` digits; 0 when they do not parse back to x. */
static size_t printf_digits(double x, bool single, int precision, char digits[PLX_NUM_TEXT], int *power)
{
    char text[PLX_NUM_TEXT];
    int len = snprintf(text, sizeof text, "%.*e", precision - 1, x);
    double back;
    if (!plx_parse_f64(text, (size_t)len, &back) || (single ? (double)(float)back != x : back != x)) {
        return 0;
    }
    char *e = strchr(text, 'e');
    int64_t value = 0;
    plx_parse_i64(e + 1, strlen(e + 1), &value);
    *power = (int)value;
    size_t n = 0;
    for (const char *at = text; at < e; at++) {
        if (*at != '.') {
            digits[n++] = *at;
        }
    }
    while (n > 1 && digits[n - 1] == '0') {
        n--;
    }
    return n;
}

/* sure: every text of that many digits comes back unchanged from the type; enough: as many tell any two numbers apart.
 */
static size_t print(double x, bool single, char *out)
{
    const int sure = single ? 6 : 15, enough = single ? 9 : 17;
    const double most = single ? 1e6 : 1e15, least_normal = single ? 0x1p-126 : 0x1p-1022;
    char digits[PLX_NUM_TEXT];
    int power = 0;
    if (isnan(x)) {
        memcpy(out, "nan", 4);
        return 3;
    }
    size_t sign = signbit(x) ? 1 : 0;
    if (sign) {
        *out++ = '-';
        x = -x;
    }
    if (isinf(x)) {
        memcpy(out, "inf", 4);
        return sign + 3;
    }
    if (x == 0.0) {
        memcpy(out, "0.0", 4);
        return sign + 3;
    }
    size_t n = x >= 1e-5 ? short_digits(x, single, most, digits, &power) : 0;
    /* Subnormal numbers have fewer digits than the others, so there the search starts at one. */
    for (int precision = x < least_normal ? 1 : sure; n == 0 && precision <= enough; precision++) {
        n = printf_digits(x, single, precision, digits, &power);
    }
    return sign + lay_out(digits, n, power, out);
}

size_t plx_print_f64(double x, char out[PLX_NUM_TEXT])
{
    return print(x, false, out);
}

size_t plx_print_f32(float x, char out[PLX_NUM_TEXT])
{
    return print((double)x, true, out);
}

size_t plx_print_bytes(uint64_t bytes, char out[PLX_NUM_TEXT])
{
    static const char units[][3] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        size_t n = plx_print_u64(bytes, out);
        memcpy(out + n, " B", 3);
        return n + 2;
    }
    uint64_t unit = 1000, tenths = 0;
    size_t i = 0;
    for (;; i++, unit *= 1000) {
        /* Rounded to the nearest tenth; 999.95 kB and above belong to the next unit. */
        tenths = bytes / unit * 10 + (bytes % unit + unit / 20) / (unit / 10);
        if (tenths < 10000 || i + 1 == sizeof units / sizeof units[0]) {
            break;
        }
    }
    size_t n = plx_print_u64(tenths / 10, out);
    out[n++] = '.';
    out[n++] = (char)('0' + tenths % 10);
    out[n++] = ' ';
    memcpy(out + n, units[i], 3);
    return n + 2;
}

size_t plx_print_grouped(uint64_t x, char out[PLX_NUM_TEXT])
{
    char digits[PLX_NUM_TEXT];
    size_t n = plx_print_u64(x, digits), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            out[at++] = ' ';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return at;
}
