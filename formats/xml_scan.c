/* SPDX-License-Identifier: Apache-2.0
 *
 * See xml_scan.h. Everything is found with memchr: most bytes are looked at once.
 */
#define _GNU_SOURCE /* memmem */
#include "formats/xml_scan.h"

#include "core/utf8.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

bool plx_xml_fail(plx_xml *x, plx_code code, const char *what)
{
    plx_fail(x->err, code, "%s", what);
    return plx_note(x->err, "byte %zu of the XML", (size_t)(x->p - x->start));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *find(const plx_xml *x, const char *what)
{
    return memmem(x->p, (size_t)(x->end - x->p), what, strlen(what));
}

static bool stands(const plx_xml *x, const char *what)
{
    size_t n = strlen(what);
    return (size_t)(x->end - x->p) >= n && memcmp(x->p, what, n) == 0;
}

/* All that is left is the beginning of `what`. */
static bool is_cut(const plx_xml *x, const char *what)
{
    size_t n = (size_t)(x->end - x->p);
    return n < strlen(what) && memcmp(x->p, what, n) == 0;
}

bool plx_xml_begin(plx_xml *x, const char *text, size_t len, plx_err *err)
{
    *x = (plx_xml){text, text, text + len, err};
    if (len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0 || !text[0] || !text[1])) {
        return plx_xml_fail(x, PLX_E_UNSUPPORTED, "the XML is UTF-16 or UTF-32; only UTF-8 is read");
    }
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        x->p += 3;
    }
    const char *end = stands(x, "<?xml") ? find(x, "?>") : NULL;
    if (!end) {
        return true;
    }
    plx_xml_tag declaration = {.attributes = x->p + 5, .attributes_end = end};
    plx_slice encoding = plx_xml_attribute(&declaration, "encoding");
    if (encoding.ptr && !(encoding.len == 5 && strncasecmp(encoding.ptr, "UTF-8", 5) == 0) &&
        !(encoding.len == 8 && strncasecmp(encoding.ptr, "US-ASCII", 8) == 0)) {
        return plx_xml_fail(x, PLX_E_UNSUPPORTED, "the XML says it is not UTF-8, which is all that is read");
    }
    return true;
}

/* Past a comment or processing instruction at p. *skipped is false when a tag stands there. */
static bool skip_markup(plx_xml *x, bool *skipped)
{
    const char *close;
    *skipped = true;
    if (stands(x, "<?")) {
        close = find(x, "?>");
        x->p = close ? close + 2 : x->p;
    } else if (!stands(x, "<!")) {
        *skipped = false;
        return true;
    } else if (stands(x, "<!--")) {
        x->p += 4;
        close = find(x, "-->");
        x->p = close ? close + 3 : x->p;
    } else if (stands(x, "<![CDATA[")) {
        close = find(x, "]]>");
        x->p = close ? close + 3 : x->p;
    } else if (stands(x, "<!DOCTYPE")) {
        return plx_xml_fail(x, PLX_E_POLICY, "a document type declaration is refused: data files have none");
    } else if (is_cut(x, "<!--") || is_cut(x, "<![CDATA[") || is_cut(x, "<!DOCTYPE")) {
        close = NULL;
    } else {
        return plx_xml_fail(x, PLX_E_FORMAT, "a declaration stands where none may");
    }
    return close || plx_xml_fail(x, PLX_E_TRUNCATED, "a comment, instruction or CDATA section has no end");
}

static bool read_tag(plx_xml *x, plx_xml_tag *out)
{
    const char *p = x->p + 1;
    out->closes = p < x->end && *p == '/';
    p += out->closes;
    const char *name = p;
    while (p < x->end && !is_blank(*p) && *p != '>' && *p != '/' && *p != '<') {
        if (*p == ':') {
            name = p + 1;
        }
        p++;
    }
    out->name = (plx_slice){name, (size_t)(p - name)};
    out->attributes = p;
    while (p < x->end && *p != '>') {
        if (*p == '"' || *p == '\'') {
            const char *quote = memchr(p + 1, *p, (size_t)(x->end - p - 1));
            if (!quote) {
                return plx_xml_fail(x, PLX_E_TRUNCATED, "an attribute has no end");
            }
            p = quote;
        } else if (*p == '<') {
            return plx_xml_fail(x, PLX_E_FORMAT, "a tag begins inside a tag");
        }
        p++;
    }
    if (p >= x->end) {
        return plx_xml_fail(x, PLX_E_TRUNCATED, "a tag has no end");
    }
    if (out->name.len == 0) {
        return plx_xml_fail(x, PLX_E_FORMAT, "a tag has no name");
    }
    out->empty = p[-1] == '/';
    out->attributes_end = p - out->empty;
    x->p = p + 1;
    return true;
}

bool plx_xml_next(plx_xml *x, plx_xml_tag *out, bool *found)
{
    for (;;) {
        const char *lt = memchr(x->p, '<', (size_t)(x->end - x->p));
        bool skipped = false;
        *found = lt != NULL;
        if (!lt) {
            x->p = x->end;
            return true;
        }
        x->p = lt;
        if (!skip_markup(x, &skipped)) {
            return false;
        }
        if (!skipped) {
            return read_tag(x, out);
        }
    }
}

bool plx_xml_inner(plx_xml *x, plx_xml_tag *out)
{
    bool found;
    return plx_xml_next(x, out, &found) &&
           (found || plx_xml_fail(x, PLX_E_TRUNCATED, "the XML ends inside an element"));
}

plx_slice plx_xml_attribute(const plx_xml_tag *tag, const char *name)
{
    size_t len = strlen(name);
    const char *p = tag->attributes;
    const char *end = tag->attributes_end;
    while (p < end) {
        while (p < end && is_blank(*p)) {
            p++;
        }
        const char *key = p;
        while (p < end && *p != '=' && !is_blank(*p)) {
            p++;
        }
        size_t key_len = (size_t)(p - key);
        while (p < end && *p != '"' && *p != '\'') {
            p++;
        }
        const char *close = p < end ? memchr(p + 1, *p, (size_t)(end - p - 1)) : NULL;
        if (!close) {
            break;
        }
        if (key_len == len && memcmp(key, name, len) == 0) {
            return (plx_slice){p + 1, (size_t)(close - p - 1)};
        }
        p = close + 1;
    }
    return (plx_slice){NULL, 0};
}

/* The code point of text[0..len), the part of "&#65;" or "&#x41;" between "&#" and ";"; 0 when XML has none such. */
static uint32_t char_reference(const char *text, size_t len)
{
    bool hex = len > 0 && text[0] == 'x';
    uint32_t base = hex ? 16 : 10;
    uint32_t cp = 0;
    for (size_t i = hex; i < len; i++) {
        char c = text[i];
        uint32_t digit = base;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = (uint32_t)(c - 'A') + 10;
        }
        if (digit >= base || cp > 0x10FFFF) {
            return 0;
        }
        cp = cp * base + digit;
    }
    bool control = cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r';
    return control || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF) || cp == 0xFFFE || cp == 0xFFFF ? 0 : cp;
}

/* One entity at text[0] == '&'; returns its length, 0 when it is none of XML's own. */
static size_t decode_entity(const char *text, size_t len, plx_sb *out)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].name);
        if (len >= n && memcmp(text, known[i].name, n) == 0) {
            plx_sb_char(out, known[i].c);
            return n;
        }
    }
    const char *end = len > 3 && text[1] == '#' ? memchr(text, ';', len) : NULL;
    uint32_t cp = end ? char_reference(text + 2, (size_t)(end - text) - 2) : 0;
    if (cp == 0) {
        return 0;
    }
    char bytes[4];
    plx_sb_bytes(out, bytes, plx_utf8_encode(cp, bytes));
    return (size_t)(end - text) + 1;
}

/* Appends text, with "\r\n" and "\r" as "\n" (XML 1.0, 2.11). */
static void add_plain(plx_sb *out, const char *text, size_t len)
{
    while (len > 0) {
        const char *cr = memchr(text, '\r', len);
        size_t n = cr ? (size_t)(cr - text) : len;
        plx_sb_bytes(out, text, n);
        if (cr) {
            plx_sb_char(out, '\n');
            n += n + 1 < len && cr[1] == '\n' ? 2 : 1;
        }
        text += n;
        len -= n;
    }
}

static bool add_text(plx_xml *x, const char *text, size_t len, plx_sb *out)
{
    while (len > 0) {
        const char *amp = memchr(text, '&', len);
        size_t used = amp ? (size_t)(amp - text) : len;
        add_plain(out, text, used);
        if (amp) {
            size_t entity = decode_entity(amp, len - used, out);
            if (entity == 0) {
                return plx_xml_fail(x, PLX_E_POLICY, "an entity that XML does not define is refused");
            }
            used += entity;
        }
        text += used;
        len -= used;
    }
    return true;
}

bool plx_xml_text(plx_xml *x, const plx_xml_tag *open, plx_sb *out)
{
    if (open->empty) {
        return true;
    }
    for (;;) {
        const char *lt = memchr(x->p, '<', (size_t)(x->end - x->p));
        bool skipped = false;
        if (!lt) {
            return plx_xml_fail(x, PLX_E_TRUNCATED, "the XML ends inside a value");
        }
        if (!add_text(x, x->p, (size_t)(lt - x->p), out)) {
            return false;
        }
        x->p = lt;
        bool cdata = stands(x, "<![CDATA[");
        if (!skip_markup(x, &skipped)) {
            return false;
        }
        if (cdata) {
            add_plain(out, lt + 9, (size_t)(x->p - lt) - 12);
        } else if (!skipped) {
            plx_xml_tag t;
            if (!read_tag(x, &t)) {
                return false;
            }
            return (t.closes && plx_slice_eq(t.name, open->name)) ||
                   plx_xml_fail(x, PLX_E_FORMAT, "a value holds another element");
        }
    }
}

bool plx_xml_skip(plx_xml *x, const plx_xml_tag *open)
{
    size_t depth = open->empty ? 0 : 1;
    while (depth > 0) {
        plx_xml_tag t;
        if (!plx_xml_inner(x, &t)) {
            return false;
        }
        if (t.closes) {
            depth--;
        } else if (!t.empty) {
            depth++;
        }
    }
    return true;
}

bool plx_xml_is_text(plx_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 && !is_blank(text.ptr[i])) {
            return false;
        }
    }
    return plx_utf8_valid_prefix(text.ptr, text.len) == text.len;
}
