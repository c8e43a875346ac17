/* SPDX-License-Identifier: Apache-2.0
 *
 * BibTeX entries are quoted to people as they stand in the manifest; here they are only checked for what makes a .bib
 * file unreadable: no type, no key, open braces, text after the end. @string, @comment and parenthesized entries are
 * not read.
 */
#include "registry/bibtex.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_key(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (c != 0 && strchr("_-:.+/", c));
}

static bool refuse(const char *text, size_t offset, const char **why, size_t *at)
{
    *why = text;
    *at = offset;
    return false;
}

bool plx_bibtex_check(plx_slice text, plx_slice *key, const char **why, size_t *at)
{
    const char *p = text.ptr;
    size_t n = text.len, i = 0;
    while (i < n && is_blank(p[i])) {
        i++;
    }
    if (i >= n || p[i] != '@') {
        return refuse("a BibTeX entry starts with @type{key,", i, why, at);
    }
    size_t type = ++i;
    while (i < n && is_letter(p[i])) {
        i++;
    }
    if (i == type || i >= n || p[i] != '{') {
        return refuse("expected a type and { after @, as in @article{key,", i, why, at);
    }
    i++;
    while (i < n && is_blank(p[i])) {
        i++;
    }
    size_t start = i;
    while (i < n && is_key(p[i])) {
        i++;
    }
    if (i == start || i >= n || p[i] != ',') {
        return refuse("expected a citation key followed by a comma", i, why, at);
    }
    *key = (plx_slice){p + start, i - start};

    size_t depth = 1;
    for (; i < n && depth > 0; i++) {
        if (p[i] == '\\' && i + 1 < n) {
            i++;
        } else if (p[i] == '{') {
            depth++;
        } else if (p[i] == '}') {
            depth--;
        }
    }
    if (depth > 0) {
        return refuse("a brace is never closed", n, why, at);
    }
    while (i < n && is_blank(p[i])) {
        i++;
    }
    return i == n || refuse("text after the closing brace", i, why, at);
}
