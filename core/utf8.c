/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 by the table of well-formed sequences in the Unicode standard (3.9, table 3-7). Widths follow East Asian Width
 * (UAX 11) for the blocks in common use; grapheme clusters (joined emoji, flags) are not formed.
 */
#include "core/utf8.h"

#include <string.h>

/* Length of the well-formed sequence at text, or 0. */
static size_t sequence(const unsigned char *text, size_t len, uint32_t *cp)
{
    unsigned lead = text[0];
    if (lead < 0x80) {
        *cp = lead;
        return 1;
    }
    size_t n = lead >= 0xC2 && lead <= 0xDF   ? 2
               : lead >= 0xE0 && lead <= 0xEF ? 3
               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                              : 0;
    if (n == 0 || n > len) {
        return 0;
    }
    unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    uint32_t value = lead & (0x7FU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3FU);
    }
    *cp = value;
    return n;
}

size_t plx_utf8_valid_prefix(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < len) {
        uint64_t eight;
        if (len - at >= sizeof eight) {
            memcpy(&eight, bytes + at, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        uint32_t cp;
        size_t n = sequence(bytes + at, len - at, &cp);
        if (n == 0) {
            return at;
        }
        at += n;
    }
    return len;
}

uint32_t plx_utf8_decode(const char *text, size_t *n)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *n = 1;
        return s[0];
    }
    *n = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    uint32_t cp = *n == 2 ? s[0] & 0x1FU : *n == 3 ? s[0] & 0x0FU : s[0] & 0x07U;
    for (size_t i = 1; i < *n; i++) {
        cp = cp << 6 | (s[i] & 0x3FU);
    }
    return cp;
}

size_t plx_utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        cp = 0xFFFD;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char)((0xF00U >> n & 0xFFU) | cp);
    return n;
}

typedef struct range {
    uint32_t first, last;
} range;

static const range zero_width[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
    {0x05BF, 0x05BF}, {0x05C1, 0x05C2},   {0x0610, 0x061A},   {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC},
    {0x093A, 0x093A}, {0x093C, 0x093C},   {0x0941, 0x0948},   {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1160, 0x11FF},   {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x20D0, 0x20FF},   {0x302A, 0x302D},   {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0000, 0xE0FFF},
};

static const range double_width[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},
    {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},   {0x26FA, 0x26FA},
    {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274C},
    {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},
    {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x2E80, 0x303E},
    {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF},
    {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C},
    {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4},
    {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E},
    {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F},
    {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6D7}, {0x1F6DC, 0x1F6DF},
    {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F93A},
    {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
};

static int in_ranges(uint32_t cp, const range *ranges, size_t n)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < cp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && ranges[low].first <= cp;
}

size_t plx_utf8_width(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t columns = 0;
    for (size_t at = 0; at < len;) {
        uint32_t cp;
        size_t n = sequence(bytes + at, len - at, &cp);
        if (n == 0) {
            columns++; /* terminals show one replacement character per bad byte */
            at++;
            continue;
        }
        at += n;
        if (cp >= 0x20 && cp < 0x7F) {
            columns++;
        } else if (!in_ranges(cp, zero_width, sizeof zero_width / sizeof zero_width[0])) {
            columns += in_ranges(cp, double_width, sizeof double_width / sizeof double_width[0]) ? 2 : 1;
        }
    }
    return columns;
}

/* Controls of both sets, line and paragraph separators, and what turns the direction of text around. */
static bool is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

size_t plx_escape(char *out, size_t cap, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *bytes = (const unsigned char *)text;
    size_t used = 0;
    if (cap == 0) {
        return 0;
    }
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        size_t n = sequence(bytes + at, len - at, &cp);
        bool plain = n > 0 && !is_control(cp);
        n = n ? n : 1;
        size_t need = plain ? n : 4 * n;
        if (need > cap - 1 - used) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            if (plain) {
                out[used++] = text[at + i];
            } else {
                out[used++] = '\\';
                out[used++] = 'x';
                out[used++] = hex[bytes[at + i] >> 4];
                out[used++] = hex[bytes[at + i] & 15];
            }
        }
        at += n;
    }
    out[used] = '\0';
    return used;
}
