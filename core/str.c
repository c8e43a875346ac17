/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices, the text builder, and the distance between a mistyped word and the known ones.
 */
#include "core/str.h"

#include "core/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

bool plx_slice_eq(plx_slice a, plx_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool plx_slice_is(plx_slice a, const char *text)
{
    return plx_slice_eq(a, plx_slice_of(text));
}

int plx_slice_cmp(plx_slice a, plx_slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

plx_slice plx_slice_trim(plx_slice a)
{
    while (a.len && is_blank(a.ptr[0])) {
        a.ptr++;
        a.len--;
    }
    while (a.len && is_blank(a.ptr[a.len - 1])) {
        a.len--;
    }
    return a;
}

bool plx_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool plx_ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

/* Room for `more` bytes and the final NUL. */
static bool reserve(plx_sb *sb, size_t more)
{
    size_t need;
    if (sb->failed) {
        return false;
    }
    if (!plx_add_ok(sb->len, more, &need) || !plx_add_ok(need, 1, &need) || !plx_grow(&sb->ptr, &sb->cap, need, 1)) {
        sb->failed = true;
        return false;
    }
    return true;
}

void plx_sb_bytes(plx_sb *sb, const void *bytes, size_t len)
{
    if (reserve(sb, len)) {
        if (len) {
            memcpy(sb->ptr + sb->len, bytes, len);
        }
        sb->len += len;
        sb->ptr[sb->len] = '\0';
    }
}

void plx_sb_text(plx_sb *sb, const char *text)
{
    plx_sb_bytes(sb, text, strlen(text));
}

void plx_sb_char(plx_sb *sb, char c)
{
    if (reserve(sb, 1)) {
        sb->ptr[sb->len++] = c;
        sb->ptr[sb->len] = '\0';
    }
}

void plx_sb_printf(plx_sb *sb, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) {
        sb->failed = true;
    }
    if (len < 0 || !reserve(sb, (size_t)len)) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(sb->ptr + sb->len, (size_t)len + 1, fmt, args);
    va_end(args);
    sb->len += (size_t)len;
}

const char *plx_sb_str(const plx_sb *sb)
{
    return sb->ptr ? sb->ptr : "";
}

char *plx_sb_take(plx_sb *sb)
{
    if (!sb->ptr) {
        plx_sb_bytes(sb, NULL, 0);
    }
    char *text = NULL;
    if (!sb->failed) {
        text = sb->ptr;
        sb->ptr = NULL;
    }
    plx_sb_free(sb);
    return text;
}

void plx_sb_free(plx_sb *sb)
{
    plx_free(sb->ptr);
    *sb = (plx_sb){0};
}

enum { WORD = 64 };

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Lowrance and Wagner 1975 (doi:10.1145/321879.321880): the matrix has one row and column more than the usual one, for
 * transpositions with a letter not seen yet. Longer words than WORD - 1 count as wholly different. */
unsigned plx_edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n >= WORD || m >= WORD) {
        size_t longer = n > m ? n : m;
        return strcmp(a, b) == 0 ? 0 : (unsigned)(longer < UINT32_MAX ? longer : UINT32_MAX);
    }
    unsigned char d[WORD + 1][WORD + 1];
    unsigned char last_row[256] = {0};
    unsigned far = (unsigned)(n + m);
    for (size_t i = 0; i <= n; i++) {
        d[i + 1][0] = (unsigned char)far;
        d[i + 1][1] = (unsigned char)i;
    }
    for (size_t j = 0; j <= m; j++) {
        d[0][j + 1] = (unsigned char)far;
        d[1][j + 1] = (unsigned char)j;
    }
    d[0][0] = (unsigned char)far;
    for (size_t i = 1; i <= n; i++) {
        size_t last_column = 0;
        for (size_t j = 1; j <= m; j++) {
            size_t i1 = last_row[fold(b[j - 1])], j1 = last_column;
            bool same = fold(a[i - 1]) == fold(b[j - 1]);
            last_column = same ? j : last_column;
            unsigned best = least(d[i][j] + (same ? 0U : 1U), least(d[i + 1][j], d[i][j + 1]) + 1U);
            unsigned swapped = d[i1][j1] + (unsigned)(i - i1 - 1 + j - j1 - 1) + 1U;
            d[i + 1][j + 1] = (unsigned char)least(best, swapped);
        }
        last_row[fold(a[i - 1])] = (unsigned char)i;
    }
    return d[n + 1][m + 1];
}

const char *plx_nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t len = strlen(word);
    unsigned limit = len >= WORD ? 0 : least((unsigned)len, WORD) / 3;
    const char *best = NULL;
    unsigned best_distance = limit < 1 ? 2 : limit + 1;
    for (size_t i = 0; i < n; i++) {
        unsigned distance = plx_edit_distance(word, candidates[i]);
        if (distance < best_distance) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}

const char *plx_xml_entity(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}
