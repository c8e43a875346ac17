/* SPDX-License-Identifier: Apache-2.0
 *
 * Strings, numbers and bare words of JSON. Strings without escapes, nearly all of them, are found eight bytes at a time
 * and copied once.
 */
#include "core/num.h"
#include "core/utf8.h"
#include "formats/json_parser.h"

#include <math.h>
#include <string.h>

static uint64_t ones(uint8_t byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

/* High bit of each zero byte of x; exact up to and including the first one. */
static uint64_t zero_bytes(uint64_t x)
{
    return (x - ones(1)) & ~x & ones(0x80);
}

/* First quote, backslash or control byte in [p, end), or end. *high becomes true if a byte before it is above 0x7f. */
static const char *plain_end(const char *p, const char *end, bool *high)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - p >= 8) {
        uint64_t x;
        memcpy(&x, p, sizeof x);
        uint64_t stop = zero_bytes(x ^ ones('"')) | zero_bytes(x ^ ones('\\')) | ((x - ones(0x20)) & ~x & ones(0x80));
        uint64_t above = x & ones(0x80);
        if (stop) {
            uint64_t first = stop & (0 - stop);
            *high |= (above & (first - 1)) != 0;
            return p + __builtin_ctzll(stop) / 8;
        }
        *high |= above != 0;
        p += 8;
    }
#endif
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\' || c < 0x20) {
            break;
        }
        *high |= c >= 0x80;
    }
    return p;
}

static bool hex4(plx_json_parser *j, const char *p, uint32_t *out, plx_err *err)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        char c = p < j->end ? *p : '\0';
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            digit = (uint32_t)(c - 'A' + 10);
        } else {
            return plx_json_fail(j, p, err, "four hex digits after \\u");
        }
        *out = *out << 4 | digit;
        p++;
    }
    return true;
}

/* The escape at p (behind the backslash) as UTF-8 at `to`; moves both. */
static bool escape(plx_json_parser *j, const char **p, char **to, plx_err *err)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (*p >= j->end) {
        return plx_json_fail(j, *p, err, "an escape after the backslash");
    }
    const char *known = **p ? strchr(from, **p) : NULL;
    if (known) {
        *(*to)++ = into[known - from];
        (*p)++;
        return true;
    }
    if (**p != 'u') {
        return plx_json_fail(j, *p, err, "one of \" \\ / b f n r t u after the backslash");
    }
    const char *start = *p - 1;
    uint32_t cp, low;
    if (!hex4(j, *p + 1, &cp, err)) {
        return false;
    }
    *p += 5;
    if (cp >= 0xdc00 && cp <= 0xdfff) {
        return plx_json_wrong(j, start, err, "a low surrogate without the high one before it");
    }
    if (cp >= 0xd800 && cp <= 0xdbff) {
        if (*p >= j->end || (**p == '\\' && *p + 1 >= j->end)) {
            return plx_json_fail(j, j->end, err, "the low half of a surrogate pair");
        }
        if ((*p)[0] != '\\' || (*p)[1] != 'u') {
            return plx_json_wrong(j, start, err, "a high surrogate without the low one after it");
        }
        if (!hex4(j, *p + 2, &low, err)) {
            return false;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return plx_json_wrong(j, start, err, "a high surrogate without the low one after it");
        }
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
        *p += 6;
    }
    *to += plx_utf8_encode(cp, *to);
    return true;
}

/* A string with escapes: `plain` is the first backslash. */
static bool escaped_string(plx_json_parser *j, const char *start, const char *plain, bool *high, plx_slice *out,
                           plx_err *err)
{
    const char *p = plain; /* the closing quote first: decoded text is never longer than the raw one */
    while (p < j->end && *p != '"') {
        p += *p == '\\' && p + 1 < j->end ? 2 : 1;
    }
    char *text = plx_json_alloc(j, (size_t)(p - start) + 1, err);
    if (!text) {
        return false;
    }
    char *to = text;
    p = start;
    for (;;) {
        size_t n = (size_t)(plain - p);
        memcpy(to, p, n);
        to += n;
        p = plain;
        if (p >= j->end || *p != '\\') {
            break;
        }
        p++;
        if (!escape(j, &p, &to, err)) {
            return false;
        }
        plain = plain_end(p, j->end, high);
    }
    *to = '\0';
    *out = (plx_slice){text, (size_t)(to - text)};
    j->p = p;
    return true;
}

/* p stands behind the opening quote. */
bool plx_json_string(plx_json_parser *j, plx_slice *out, plx_err *err)
{
    const char *start = j->p;
    bool high = false;
    const char *stop = plain_end(start, j->end, &high);
    if (stop < j->end && *stop == '\\') {
        if (!escaped_string(j, start, stop, &high, out, err)) {
            return false;
        }
    } else {
        j->p = stop;
    }
    if (j->p >= j->end || *j->p != '"') {
        return plx_json_fail(j, j->p, err, "the closing quote of a string");
    }
    if (high) {
        size_t raw = (size_t)(j->p - start), valid = plx_utf8_valid_prefix(start, raw);
        if (valid < raw) {
            return plx_json_wrong(j, start + valid, err, "a string is not UTF-8");
        }
    }
    if (j->p == stop) {
        size_t len = (size_t)(stop - start);
        char *text = plx_json_alloc(j, len + 1, err);
        if (!text) {
            return false;
        }
        memcpy(text, start, len);
        text[len] = '\0';
        *out = (plx_slice){text, len};
    }
    j->p++;
    return true;
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static const char *skip_digits(const char *p, const char *end)
{
    while (is_digit(p, end)) {
        p++;
    }
    return p;
}

/* What comes behind the whole part: at least one digit after a point, and after an e. */
static bool fraction(plx_json_parser *j, const char **p, plx_err *err)
{
    if (*p < j->end && **p == '.') {
        (*p)++;
        if (!is_digit(*p, j->end)) {
            return plx_json_fail(j, *p, err, "a digit after the decimal point");
        }
        *p = skip_digits(*p, j->end);
    }
    if (*p < j->end && (**p == 'e' || **p == 'E')) {
        (*p)++;
        *p += *p < j->end && (**p == '-' || **p == '+');
        if (!is_digit(*p, j->end)) {
            return plx_json_fail(j, *p, err, "a digit in the exponent");
        }
        *p = skip_digits(*p, j->end);
    }
    return true;
}

bool plx_json_number(plx_json_parser *j, plx_value *v, plx_err *err)
{
    const char *start = j->p, *p = start + (*start == '-');
    if (!is_digit(p, j->end)) {
        return plx_json_fail(j, p, err, "a digit");
    }
    if (*p == '0' && is_digit(p + 1, j->end)) {
        return plx_json_wrong(j, p, err, "a number starts with a needless 0");
    }
    p = skip_digits(p, j->end);
    const char *whole_end = p;
    if (!fraction(j, &p, err)) {
        return false;
    }
    if (p == j->end && j->partial) {
        j->starved = true;
        return false;
    }
    size_t len = (size_t)(p - start);
    j->p = p;
    if (p == whole_end) {
        if (plx_parse_i64(start, len, &v->u.i64)) {
            v->kind = PLX_V_I64;
            return true;
        }
        if (plx_parse_u64(start, len, &v->u.u64)) {
            v->kind = PLX_V_U64;
            return true;
        }
    }
    v->kind = PLX_V_F64;
    if (!plx_parse_f64(start, len, &v->u.f64)) {
        return plx_json_wrong(j, start, err, "a number cannot be read");
    }
    return isfinite(v->u.f64) || plx_json_wrong(j, start, err, "a number is beyond the range of a double");
}

/* One of the bare words, or an error when it is none. */
bool plx_json_word(plx_json_parser *j, plx_value *v, plx_err *err)
{
    static const struct {
        const char *text;
        plx_vkind kind;
        bool b, needs_nan;
        double f64;
    } words[] = {
        {"true", PLX_V_BOOL, true, false, 0},
        {"false", PLX_V_BOOL, false, false, 0},
        {"null", PLX_V_NULL, false, false, 0},
        {"NaN", PLX_V_F64, false, true, (double)NAN},
        {"Infinity", PLX_V_F64, false, true, (double)INFINITY},
        {"-Infinity", PLX_V_F64, false, true, (double)-INFINITY},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i].text), have = (size_t)(j->end - j->p), n = len < have ? len : have;
        if ((words[i].needs_nan && !j->allow_nan) || memcmp(j->p, words[i].text, n) != 0) {
            continue;
        }
        if (n < len) {
            return plx_json_fail(j, j->end, err, words[i].text);
        }
        j->p += len;
        v->kind = words[i].kind;
        if (v->kind == PLX_V_F64) {
            v->u.f64 = words[i].f64;
        } else {
            v->u.b = words[i].b;
        }
        return true;
    }
    return plx_json_fail(j, j->p, err, "a value");
}
