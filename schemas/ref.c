/* SPDX-License-Identifier: Apache-2.0
 *
 * References: one hand-written scanner, so that an error can point at the character that is off.
 *
 *     dataset   [family/]name[@version][:mode][#unit]
 *     others    task:name  model:name  metric:name  run:hex  sha256:hex
 */
#include "schemas/ref.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct ref_prefix {
    const char *text;
    plx_ref_kind kind;
    bool hex;
    size_t min_len;
} ref_prefix;

static const ref_prefix prefixes[] = {
    {"task:", PLX_REF_TASK, false, 1}, {"model:", PLX_REF_MODEL, false, 1},  {"metric:", PLX_REF_METRIC, false, 1},
    {"run:", PLX_REF_RUN, true, 4},    {"sha256:", PLX_REF_SHA256, true, 6},
};

static bool is_alnum(char c, bool upper)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (upper && c >= 'A' && c <= 'Z');
}

static bool is_inner(char c)
{
    return c == '.' || c == '_' || c == '-';
}

static bool fail_at(const char *text, size_t at, plx_err *err, const char *why)
{
    plx_fail(err, PLX_E_ARG, "\"%s\" is not a reference: %s at character %zu", text, why, at + 1);
    plx_err_why(
        err, "expected family/name[@version][:strict|:compat][#unit], task:NAME, model:NAME, metric:NAME, run:HEX or "
             "sha256:HEX");
    return plx_err_next(err, "plexus help references");
}

/* Copies one part starting at text[*at]; stops at the first character that cannot belong to it. */
static bool take_part(const char *text, size_t *at, bool upper, const char *what, char out[PLX_REF_PART], plx_err *err)
{
    size_t start = *at;
    size_t end = start;
    while (is_alnum(text[end], upper) || is_inner(text[end])) {
        end++;
    }
    char why[96];
    if (end == start) {
        if (!text[end]) {
            snprintf(why, sizeof why, "the %s is missing", what);
        } else if (isupper((unsigned char)text[end])) {
            snprintf(why, sizeof why, "the %s must be in lower case", what);
        } else {
            snprintf(why, sizeof why, "a %s must start with a letter or digit", what);
        }
        return fail_at(text, end, err, why);
    }
    if (!is_alnum(text[start], upper) || !is_alnum(text[end - 1], upper)) {
        snprintf(why, sizeof why, "a %s starts and ends with a letter or digit", what);
        return fail_at(text, is_alnum(text[start], upper) ? end - 1 : start, err, why);
    }
    if (end - start >= PLX_REF_PART) {
        snprintf(why, sizeof why, "the %s is longer than %d characters", what, PLX_REF_PART - 1);
        return fail_at(text, start, err, why);
    }
    memcpy(out, text + start, end - start);
    out[end - start] = '\0';
    *at = end;
    return true;
}

static bool parse_prefixed(const char *text, const ref_prefix *prefix, plx_ref *out, plx_err *err)
{
    size_t at = strlen(prefix->text);
    out->kind = prefix->kind;
    if (!prefix->hex) {
        if (!take_part(text, &at, false, "name", out->name, err)) {
            return false;
        }
        return text[at] ? fail_at(text, at, err, "unexpected character") : true;
    }
    size_t n = 0;
    for (; text[at]; at++, n++) {
        if (!isxdigit((unsigned char)text[at])) {
            return fail_at(text, at, err, "only the hex digits 0-9 and a-f belong here");
        }
        if (n >= 64) {
            return fail_at(text, at, err, "a digest has at most 64 hex digits");
        }
        out->name[n] = (char)tolower((unsigned char)text[at]);
    }
    out->name[n] = '\0';
    if (n < prefix->min_len) {
        char why[64];
        snprintf(why, sizeof why, "at least %zu hex digits are needed", prefix->min_len);
        return fail_at(text, at, err, why);
    }
    return true;
}

static bool parse_mode(const char *text, size_t *at, plx_ref *out, plx_err *err)
{
    size_t start = *at + 1;
    size_t end = start;
    while (text[end] && text[end] != '#') {
        end++;
    }
    char word[16];
    if (end - start >= sizeof word) {
        return fail_at(text, start, err, "the mode must be strict or compat");
    }
    memcpy(word, text + start, end - start);
    word[end - start] = '\0';
    if (!plx_mode_parse(word, &out->mode)) {
        return fail_at(text, start, err, "the mode must be strict or compat");
    }
    out->has_mode = true;
    *at = end;
    return true;
}

bool plx_ref_parse(const char *text, plx_ref *out, plx_err *err)
{
    *out = (plx_ref){.kind = PLX_REF_DATASET, .mode = PLX_STRICT};
    if (!text || !*text) {
        return fail_at("", 0, err, "it is empty");
    }
    if (strlen(text) >= PLX_REF_TEXT) {
        plx_fail(err, PLX_E_ARG, "a reference has at most %d characters", PLX_REF_TEXT - 1);
        return plx_err_next(err, "plexus help references");
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(text, prefixes[i].text, strlen(prefixes[i].text)) == 0) {
            return parse_prefixed(text, &prefixes[i], out, err);
        }
    }
    size_t at = 0;
    if (!take_part(text, &at, false, "name", out->name, err)) {
        return false;
    }
    if (text[at] == '/') {
        memcpy(out->family, out->name, sizeof out->family);
        at++;
        if (!take_part(text, &at, false, "name", out->name, err)) {
            return false;
        }
    }
    if (text[at] == '@') {
        at++;
        if (!take_part(text, &at, false, "version", out->version, err)) {
            return false;
        }
    }
    if (text[at] == ':' && !parse_mode(text, &at, out, err)) {
        return false;
    }
    if (text[at] == '#') {
        at++;
        if (!take_part(text, &at, true, "unit", out->unit, err)) {
            return false;
        }
    }
    if (text[at]) {
        return fail_at(text, at, err, isupper((unsigned char)text[at]) ? "upper case" : "unexpected character");
    }
    return true;
}

void plx_ref_print(const plx_ref *ref, char out[PLX_REF_TEXT])
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (ref->kind == prefixes[i].kind) {
            snprintf(out, PLX_REF_TEXT, "%s%s", prefixes[i].text, ref->name);
            return;
        }
    }
    snprintf(out, PLX_REF_TEXT, "%s%s%s%s%s%s%s%s%s", ref->family, ref->family[0] ? "/" : "", ref->name,
             ref->version[0] ? "@" : "", ref->version, ref->has_mode ? ":" : "",
             ref->has_mode ? plx_mode_name(ref->mode) : "", ref->unit[0] ? "#" : "", ref->unit);
}
