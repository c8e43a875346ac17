/* SPDX-License-Identifier: Apache-2.0
 *
 * Block-style YAML that plx_yaml_parse (and any YAML 1.1 or 1.2 reader) reads back as the same texts. A text is written
 * plain only when no reader could take it for something else, as a literal block when it has several lines, and
 * double-quoted otherwise. Numbers and booleans are written as such and come back as text: types are the schema's. Not
 * written: NUL inside text, bytes that are not UTF-8, trees deeper than MAX_DEPTH.
 */
#include "formats/yaml.h"

#include "core/num.h"
#include "core/utf8.h"

#include <ctype.h>
#include <string.h>

/* libyaml only takes a key for one without "?" when its ':' comes within 1024 characters. */
enum { MAX_DEPTH = 500, LONGEST_SIMPLE_KEY = 1000 };

typedef struct writer {
    plx_sb *out;
    plx_err *err;
} writer;

static void indent(writer *w, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        plx_sb_char(w->out, ' ');
    }
}

/* Neither a control character nor one YAML takes for a line break or a byte order mark. */
static bool is_plain_cp(uint32_t cp)
{
    return (cp >= 0x20 && cp < 0x7F) || (cp > 0xA0 && cp != 0x2028 && cp != 0x2029 && cp != 0xFEFF && cp < 0xFFFE) ||
           cp > 0xFFFF;
}

static bool is_word_of_another_type(plx_slice s)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", NULL};
    for (size_t i = 0; words[i]; i++) {
        size_t j = 0;
        while (j < s.len && words[i][j] && tolower((unsigned char)s.ptr[j]) == words[i][j]) {
            j++;
        }
        if (j == s.len && !words[i][j]) {
            return true;
        }
    }
    /* Numbers in any base, dates and base-60 times start with a digit and hold nothing else than these. */
    size_t k = 0;
    while (k < s.len && (isxdigit((unsigned char)s.ptr[k]) || strchr("xXoO_.:+-TtZz ", s.ptr[k]))) {
        k++;
    }
    return isdigit((unsigned char)s.ptr[0]) && k == s.len;
}

static bool can_be_plain(plx_slice s)
{
    if (s.len == 0 || s.len > LONGEST_SIMPLE_KEY || s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == ':') {
        return false;
    }
    unsigned char first = (unsigned char)s.ptr[0];
    if (!(isalnum(first) || first == '_' || first == '/' || first >= 0x80)) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < s.len; i += n) {
        uint32_t cp = plx_utf8_decode(s.ptr + i, &n);
        bool flow = cp < 0x80 && strchr(",[]{}`\"\\", (int)cp);
        bool colon = cp == ':' && s.ptr[i + 1] == ' ';
        bool comment = cp == '#' && s.ptr[i - 1] == ' '; /* never first */
        if (!is_plain_cp(cp) || flow || colon || comment) {
            return false;
        }
    }
    return !is_word_of_another_type(s);
}

/* Several lines, none of which needs an escape, and a first line that shows the indentation. */
static bool can_be_literal(plx_slice s)
{
    if (s.len == 0 || !memchr(s.ptr, '\n', s.len) || strchr(" \t\n", s.ptr[0])) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < s.len; i += n) {
        uint32_t cp = plx_utf8_decode(s.ptr + i, &n);
        if (!is_plain_cp(cp) && cp != '\n' && cp != '\t') {
            return false;
        }
    }
    return true;
}

static void write_quoted(writer *w, plx_slice s)
{
    plx_sb_char(w->out, '"');
    size_t n = 0;
    for (size_t i = 0; i < s.len; i += n) {
        uint32_t cp = plx_utf8_decode(s.ptr + i, &n);
        if (cp == '"' || cp == '\\') {
            plx_sb_char(w->out, '\\');
            plx_sb_char(w->out, (char)cp);
        } else if (cp == '\n' || cp == '\t' || cp == '\r') {
            plx_sb_text(w->out, cp == '\n' ? "\\n" : cp == '\t' ? "\\t" : "\\r");
        } else if (is_plain_cp(cp)) {
            plx_sb_bytes(w->out, s.ptr + i, n);
        } else {
            plx_sb_printf(w->out, cp < 0x100 ? "\\x%02X" : "\\u%04X", cp);
        }
    }
    plx_sb_char(w->out, '"');
}

static void write_literal(writer *w, plx_slice s, unsigned width)
{
    bool ends = s.ptr[s.len - 1] == '\n';
    bool ends_twice = ends && s.ptr[s.len - 2] == '\n'; /* the first character is not a break */
    plx_sb_text(w->out, ends_twice ? "|+\n" : ends ? "|\n" : "|-\n");
    for (size_t at = 0; at < s.len;) {
        const char *end = memchr(s.ptr + at, '\n', s.len - at);
        size_t n = end ? (size_t)(end - s.ptr) - at : s.len - at;
        if (n) {
            indent(w, width);
            plx_sb_bytes(w->out, s.ptr + at, n);
        }
        plx_sb_char(w->out, '\n');
        at += n + 1;
    }
}

static bool check_text(writer *w, plx_slice s)
{
    size_t bad = plx_utf8_valid_prefix(s.ptr, s.len);
    if (bad < s.len) {
        return plx_fail(w->err, PLX_E_UNSUPPORTED, "byte %zu of a text is not UTF-8, so it has no YAML form", bad);
    }
    if (s.len && memchr(s.ptr, 0, s.len)) {
        return plx_fail(w->err, PLX_E_UNSUPPORTED, "a text with a NUL character is not written as YAML");
    }
    return true;
}

/* `width` is where a block below this line would be indented. Ends the line. */
static bool write_text(writer *w, plx_slice s, unsigned width)
{
    if (!check_text(w, s)) {
        return false;
    }
    if (can_be_literal(s)) {
        write_literal(w, s, width);
        return true;
    }
    if (can_be_plain(s)) {
        plx_sb_bytes(w->out, s.ptr, s.len);
    } else {
        write_quoted(w, s);
    }
    plx_sb_char(w->out, '\n');
    return true;
}

static bool write_key(writer *w, plx_slice key, unsigned column)
{
    if (!check_text(w, key)) {
        return false;
    }
    if (can_be_plain(key)) {
        plx_sb_bytes(w->out, key.ptr, key.len);
    } else if (key.len <= LONGEST_SIMPLE_KEY / 6) { /* an escape is at most six characters */
        write_quoted(w, key);
    } else {
        plx_sb_text(w->out, "? ");
        write_quoted(w, key);
        plx_sb_char(w->out, '\n');
        indent(w, column);
    }
    plx_sb_char(w->out, ':');
    return true;
}

static bool is_block(const plx_value *v)
{
    return (v->kind == PLX_V_ARR && v->u.arr.n) || (v->kind == PLX_V_OBJ && v->u.obj.n);
}

static void write_word(writer *w, const plx_value *v)
{
    char digits[PLX_NUM_TEXT] = "";
    if (v->kind == PLX_V_I64) {
        plx_print_i64(v->u.i64, digits);
    } else if (v->kind == PLX_V_U64) {
        plx_print_u64(v->u.u64, digits);
    } else if (v->kind == PLX_V_F64) {
        plx_print_f64(v->u.f64, digits);
    }
    const char *word = v->kind == PLX_V_NULL   ? "null"
                       : v->kind == PLX_V_BOOL ? (v->u.b ? "true" : "false")
                       : v->kind == PLX_V_ARR  ? "[]"
                       : v->kind == PLX_V_OBJ  ? "{}"
                                               : digits;
    plx_sb_text(w->out, word);
    plx_sb_char(w->out, '\n');
}

static bool write_block(writer *w, const plx_value *v, unsigned column, unsigned depth);

/* The value after "key:" or "-"; `column` is the parent's. */
static bool write_after(writer *w, const plx_value *v, unsigned column, bool in_array, unsigned depth)
{
    if (is_block(v)) {
        if (in_array) {
            plx_sb_char(w->out, ' '); /* "- - a" and "- key: b" share the line */
        } else {
            plx_sb_char(w->out, '\n');
            indent(w, column + 2);
        }
        return write_block(w, v, column + 2, depth + 1);
    }
    plx_sb_char(w->out, ' ');
    if (v->kind == PLX_V_STR) {
        return write_text(w, v->u.str, column + 2);
    }
    write_word(w, v);
    return true;
}

/* A non-empty array or object whose first line is already indented. */
static bool write_block(writer *w, const plx_value *v, unsigned column, unsigned depth)
{
    if (depth > MAX_DEPTH) {
        return plx_fail(w->err, PLX_E_LIMIT, "a tree of more than %d levels is not written as YAML", MAX_DEPTH);
    }
    bool in_array = v->kind == PLX_V_ARR;
    size_t n = in_array ? v->u.arr.n : v->u.obj.n;
    for (size_t i = 0; i < n; i++) {
        if (i) {
            indent(w, column);
        }
        if (in_array) {
            plx_sb_char(w->out, '-');
        } else if (!write_key(w, v->u.obj.members[i].key, column)) {
            return false;
        }
        const plx_value *item = in_array ? v->u.arr.items[i] : v->u.obj.members[i].value;
        if (!write_after(w, item, column, in_array, depth)) {
            return false;
        }
    }
    return true;
}

bool plx_yaml_write(const plx_value *value, plx_sb *out, plx_err *err)
{
    writer w = {out, err};
    bool ok = true;
    if (is_block(value)) {
        ok = write_block(&w, value, 0, 1);
    } else if (value->kind == PLX_V_STR) {
        ok = write_text(&w, value->u.str, 2);
    } else {
        write_word(&w, value);
    }
    if (ok && out->failed) {
        return plx_fail_nomem(err, out->len);
    }
    return ok;
}
