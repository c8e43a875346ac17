/* SPDX-License-Identifier: Apache-2.0
 *
 * The header of .npy, versions 1.0, 2.0 and 3.0 (numpy.lib.format), read and written. It is a Python dictionary written
 * as text; the grammar read here is only what NumPy itself can mean by it: three keys in any order, blanks between
 * tokens, a string, True or False, and a tuple of plain decimal integers (with Python 2's L). Not read: pickled
 * objects, structured and sub-array dtypes, text, dates, long double; more than PLX_MAX_DIMS axes.
 */
#include "formats/npy.h"

#include "core/alloc.h"
#include "core/num.h"

#include <ctype.h>
#include <string.h>

static const uint8_t MAGIC[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
enum { MAX_HEADER = 1 << 20, DATA_ALIGN = 64 };

/* NumPy leaves room so that the first axis can grow in place (GROWTH_AXIS_MAX_DIGITS). */
enum { GROWTH_DIGITS = 21 };

typedef struct scan {
    const char *name;
    const char *text; /* the dictionary */
    size_t at, len, base;
    plx_err *err;
} scan;

static bool fail_here(scan *s, const char *expected)
{
    plx_fail(s->err, PLX_E_FORMAT, "the .npy header is malformed: %s expected", expected);
    return plx_note(s->err, "%s, byte %zu", s->name, s->base + s->at);
}

static void skip_blanks(scan *s)
{
    while (s->at < s->len && s->text[s->at] && strchr(" \t\n\r\f", s->text[s->at])) {
        s->at++;
    }
}

static bool take(scan *s, char c)
{
    skip_blanks(s);
    if (s->at < s->len && s->text[s->at] == c) {
        s->at++;
        return true;
    }
    return false;
}

static bool scan_string(scan *s, plx_slice *out)
{
    skip_blanks(s);
    char quote = s->at < s->len ? s->text[s->at] : 0;
    if (quote != '\'' && quote != '"') {
        return fail_here(s, "a quoted word");
    }
    size_t start = ++s->at;
    while (s->at < s->len && s->text[s->at] != quote) {
        unsigned char c = (unsigned char)s->text[s->at];
        if (c < 0x20 || c > 0x7E || c == '\\') {
            return fail_here(s, "a plain character");
        }
        s->at++;
    }
    if (s->at == s->len) {
        return fail_here(s, "the end of a quoted word");
    }
    *out = (plx_slice){s->text + start, s->at - start};
    s->at++;
    return true;
}

/* What NumPy calls the type characters that are well formed but have no place here. */
static const char *dtype_kind(char kind)
{
    switch (kind) {
    case 'O':
        return "pickled Python objects";
    case 'U':
        return "fixed-width unicode text";
    case 'V':
        return "raw or structured records";
    case 'M':
        return "dates";
    case 'm':
        return "time spans";
    default:
        return NULL;
    }
}

/* "|S12": returns 12, or 0 for anything else. */
static size_t byte_string_width(const char *code)
{
    uint64_t width = 0;
    const char *digits = code + 2;
    bool is_string = strchr("<>|=", code[0]) && code[1] == 'S' && digits[0] != '0' && strlen(digits) <= 9;
    return is_string && plx_parse_u64(digits, strlen(digits), &width) ? (size_t)width : 0;
}

static bool scan_dtype(scan *s, plx_npy_header *out, size_t *text_width)
{
    skip_blanks(s);
    if (s->at < s->len && (s->text[s->at] == '[' || s->text[s->at] == '(')) {
        size_t left = s->len - s->at;
        int shown = left < 60 ? (int)left : 60;
        plx_fail(s->err, PLX_E_UNSUPPORTED, "structured dtypes are not read: %.*s", shown, s->text + s->at);
        return plx_note(s->err, "%s, byte %zu", s->name, s->base + s->at);
    }
    size_t start = s->at;
    plx_slice word;
    if (!scan_string(s, &word)) {
        return false;
    }
    char code[32];
    if (word.len < 2 || word.len >= sizeof code) {
        s->at = start;
        return fail_here(s, "a dtype");
    }
    memcpy(code, word.ptr, word.len);
    code[word.len] = 0;
    if (plx_dtype_from_numpy(code, &out->swap, &out->dtype)) {
        return true;
    }
    *text_width = byte_string_width(code);
    if (*text_width) {
        out->dtype = PLX_U8;
        return true;
    }
    const char *type = strchr("<>|=", code[0]) ? code + 1 : code;
    const char *kind = dtype_kind(type[0]);
    s->at = start;
    if (!kind && (!isalpha((unsigned char)type[0]) || strspn(type + 1, "0123456789") != strlen(type + 1))) {
        return fail_here(s, "a dtype");
    }
    plx_fail(s->err, PLX_E_UNSUPPORTED, "arrays of dtype '%s'%s%s%s are not read", code, kind ? " (" : "",
             kind ? kind : "", kind ? ")" : "");
    return plx_note(s->err, "%s, byte %zu", s->name, s->base + s->at);
}

static bool scan_bool(scan *s, bool *out)
{
    skip_blanks(s);
    size_t left = s->len - s->at;
    if (left >= 4 && memcmp(s->text + s->at, "True", 4) == 0) {
        *out = true;
        s->at += 4;
        return true;
    }
    if (left >= 5 && memcmp(s->text + s->at, "False", 5) == 0) {
        *out = false;
        s->at += 5;
        return true;
    }
    return fail_here(s, "True or False");
}

static bool scan_extent(scan *s, size_t *out)
{
    skip_blanks(s);
    size_t start = s->at;
    while (s->at < s->len && isdigit((unsigned char)s->text[s->at])) {
        s->at++;
    }
    size_t n = s->at - start;
    uint64_t extent = 0;
    if (n == 0 || (n > 1 && s->text[start] == '0')) {
        s->at = start;
        return fail_here(s, "a whole number");
    }
    if (!plx_parse_u64(s->text + start, n, &extent) || extent > PTRDIFF_MAX) {
        plx_fail(s->err, PLX_E_LIMIT, "an axis of the array is too long to address");
        return plx_note(s->err, "%s, byte %zu", s->name, s->base + start);
    }
    if (s->at < s->len && s->text[s->at] == 'L') {
        s->at++;
    }
    *out = (size_t)extent;
    return true;
}

static bool fail_axes(scan *s)
{
    plx_fail(s->err, PLX_E_UNSUPPORTED, "arrays of more than %d axes are not read", PLX_MAX_DIMS);
    return plx_note(s->err, "%s, byte %zu", s->name, s->base + s->at);
}

static bool scan_shape(scan *s, plx_npy_header *out)
{
    out->ndim = 0;
    if (!take(s, '(')) {
        return fail_here(s, "'(' of the shape");
    }
    bool comma = true;
    while (!take(s, ')')) {
        if (!comma) {
            return fail_here(s, "',' or ')'");
        }
        if (out->ndim == PLX_MAX_DIMS) {
            return fail_axes(s);
        }
        if (!scan_extent(s, &out->shape[out->ndim])) {
            return false;
        }
        out->ndim++;
        comma = take(s, ',');
    }
    /* "(3)" is a number in Python; only "(3,)" is a tuple. */
    return out->ndim != 1 || comma ? true : fail_here(s, "a tuple, as in (3,)");
}

static bool add_text_axis(scan *s, size_t width, plx_npy_header *out)
{
    if (out->ndim == PLX_MAX_DIMS) {
        return fail_axes(s);
    }
    out->shape[out->ndim++] = width;
    out->text = true;
    return true;
}

static bool scan_dict(scan *s, plx_npy_header *out)
{
    enum { DESCR = 1, ORDER = 2, SHAPE = 4, ALL = 7 };
    unsigned seen = 0;
    size_t text_width = 0;
    bool comma = true;
    if (!take(s, '{')) {
        return fail_here(s, "'{'");
    }
    while (!take(s, '}')) {
        plx_slice key;
        if (!comma) {
            return fail_here(s, "',' or '}'");
        }
        if (!scan_string(s, &key)) {
            return false;
        }
        unsigned which = plx_slice_is(key, "descr")           ? DESCR
                         : plx_slice_is(key, "fortran_order") ? ORDER
                         : plx_slice_is(key, "shape")         ? SHAPE
                                                              : 0U;
        if (!which || (seen & which)) {
            return fail_here(s, "each of the keys descr, fortran_order and shape once");
        }
        seen |= which;
        if (!take(s, ':')) {
            return fail_here(s, "':'");
        }
        bool ok = which == DESCR   ? scan_dtype(s, out, &text_width)
                  : which == ORDER ? scan_bool(s, &out->fortran)
                                   : scan_shape(s, out);
        if (!ok) {
            return false;
        }
        comma = take(s, ',');
    }
    if (seen != ALL) {
        return fail_here(s, "each of the keys descr, fortran_order and shape once");
    }
    skip_blanks(s);
    if (text_width && !add_text_axis(s, text_width, out)) {
        return false;
    }
    return s->at == s->len ? true : fail_here(s, "only blanks after the dictionary");
}

/* Bytes of the data. Zero-length axes do not excuse the others from being addressable: strides are made of them. */
static bool count_bytes(const char *name, plx_npy_header *h, plx_err *err)
{
    size_t bytes = plx_dtype_size(h->dtype);
    bool empty = false;
    for (int i = 0; i < h->ndim; i++) {
        empty = empty || h->shape[i] == 0;
        if (!plx_mul_ok(bytes, h->shape[i] ? h->shape[i] : 1, &bytes) || bytes > PTRDIFF_MAX) {
            plx_fail(err, PLX_E_LIMIT, "the array's shape is too large to address");
            return plx_note(err, "%s, axis %d", name, i);
        }
    }
    h->data_bytes = empty ? 0 : bytes;
    return true;
}

static bool fail_short(const char *name, size_t len, size_t need, plx_err *err)
{
    plx_fail(err, PLX_E_TRUNCATED, "%s ends inside its .npy header", name);
    return plx_err_why(err, "it has %zu bytes, the header needs %zu", len, need);
}

bool plx_npy_parse_header(const char *name, const uint8_t *bytes, size_t len, plx_npy_header *out, plx_err *err)
{
    memset(out, 0, sizeof *out);
    size_t common = len < sizeof MAGIC ? len : sizeof MAGIC;
    if (memcmp(bytes, MAGIC, common) != 0) {
        return plx_fail(err, PLX_E_FORMAT, "%s is not an .npy file: it does not start with \\x93NUMPY", name);
    }
    if (len < 10) {
        return fail_short(name, len, 10, err);
    }
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s is .npy version %u.%u", name, bytes[6], bytes[7]);
        return plx_err_why(err, "versions 1.0, 2.0 and 3.0 are read");
    }
    size_t base = bytes[6] == 1 ? 10 : 12;
    if (len < base) {
        return fail_short(name, len, base, err);
    }
    size_t text_len = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (base == 12) {
        text_len |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    }
    if (text_len > MAX_HEADER) {
        plx_fail(err, PLX_E_LIMIT, "the .npy header of %s is too long", name);
        return plx_err_why(err, "it claims %zu bytes, %d are allowed", text_len, MAX_HEADER);
    }
    if (len - base < text_len) {
        return fail_short(name, len, base + text_len, err);
    }
    scan s = {name, (const char *)bytes + base, 0, text_len, base, err};
    if (!scan_dict(&s, out)) {
        return false;
    }
    out->data_offset = base + text_len;
    return count_bytes(name, out, err);
}

bool plx_npy_header_text(plx_dtype dtype, int ndim, const size_t *shape, plx_sb *out, plx_err *err)
{
    const char *code = plx_dtype_numpy(dtype);
    if (!code || ndim < 0 || ndim > PLX_MAX_DIMS) {
        return plx_fail(err, PLX_E_ARG, "%s arrays of %d axes have no .npy form here", plx_dtype_name(dtype), ndim);
    }
    return plx_npy_code_header_text(code, ndim, shape, out, err);
}

bool plx_npy_code_header_text(const char *code, int ndim, const size_t *shape, plx_sb *out, plx_err *err)
{
    plx_sb text = {0};
    plx_sb_printf(&text, "{'descr': '%s', 'fortran_order': False, 'shape': (", code);
    for (int i = 0; i < ndim; i++) {
        plx_sb_printf(&text, i ? ", %zu" : "%zu", shape[i]);
    }
    plx_sb_text(&text, ndim == 1 ? ",), }" : "), }");
    if (ndim > 0) {
        char digits[PLX_NUM_TEXT];
        for (size_t n = plx_print_u64(shape[0], digits); n < GROWTH_DIGITS; n++) {
            plx_sb_char(&text, ' ');
        }
    }
    /* NumPy always pads by 1..64, never 0. */
    size_t fixed = sizeof MAGIC + 4;
    for (size_t pad = DATA_ALIGN - (fixed + text.len + 1) % DATA_ALIGN; pad > 0; pad--) {
        plx_sb_char(&text, ' ');
    }
    plx_sb_char(&text, '\n');
    plx_sb_bytes(out, MAGIC, sizeof MAGIC);
    const uint8_t version_and_length[4] = {1, 0, (uint8_t)(text.len & 0xFF), (uint8_t)(text.len >> 8)};
    plx_sb_bytes(out, version_and_length, sizeof version_and_length);
    plx_sb_bytes(out, plx_sb_str(&text), text.len);
    size_t len = text.len;
    bool failed = text.failed || out->failed;
    plx_sb_free(&text);
    return failed ? plx_fail_nomem(err, len) : true;
}
