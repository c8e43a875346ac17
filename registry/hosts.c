/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of hosts, and what their drivers share. Hosts are asked for sizes and digests, never for where to go: the
 * address of a file is put together here, and a host's answer only gives it numbers and names of its own kind.
 */
#include "core/hash.h"
#include "core/str.h"
#include "formats/json.h"
#include "registry/download_small.h"
#include "registry/host.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_ANSWER = 64 << 20 };

#define PLX_HOST(name) extern const plx_host plx_host_##name;
#include "registry/hosts.def"
#undef PLX_HOST

#define PLX_HOST(name) &plx_host_##name,
const plx_host *const plx_hosts[] = {
#include "registry/hosts.def"
    NULL,
};
#undef PLX_HOST

struct plx_host_answer {
    plx_host_answer *next;
    const char *url;
    const plx_value *value; /* NULL: it failed */
    plx_err err;
};

const plx_host *plx_host_find(const char *address)
{
    size_t len = strcspn(address, ":");
    for (const plx_host *const *h = plx_hosts; address[len] && *h; h++) {
        if (strlen((*h)->scheme) == len && memcmp((*h)->scheme, address, len) == 0) {
            return *h;
        }
    }
    return NULL;
}

bool plx_host_resolve(plx_asking *ask, const char *address, bool known, plx_place *out, plx_err *err)
{
    const plx_host *host = plx_host_find(address);
    *out = (plx_place){.shown = address};
    if (!host) {
        return plx_fail(err, PLX_E_ARG, "%s is an address of no host", address);
    }
    return host->resolve(ask, address + strlen(host->scheme) + 1, known, out, err) &&
           (out->url || plx_fail_nomem(err, 0));
}

const char *plx_ask_url(plx_asking *ask, const char *fmt, ...)
{
    char url[PLX_HTTP_URL];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(url, sizeof url, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof url) {
        return NULL;
    }
    const char *at = plx_net_options(ask->net)->hosts_at;
    return at ? plx_arena_printf(ask->arena, "%s/%s", at, url + strlen("https://")) : plx_arena_strdup(ask->arena, url);
}

bool plx_ask_json(plx_asking *ask, const char *url, const plx_value **out, plx_err *err)
{
    if (!url) {
        return plx_fail_nomem(err, 0);
    }
    for (plx_host_answer *a = ask->answers; a; a = a->next) {
        if (strcmp(a->url, url) != 0) {
            continue;
        }
        *out = a->value;
        if (!a->value && err) {
            *err = a->err;
        }
        return a->value != NULL;
    }
    plx_host_answer *answer = plx_arena_zero(ask->arena, 1, sizeof *answer);
    plx_buf text = {0};
    plx_value *value = NULL;
    if (!answer) {
        return plx_fail_nomem(err, sizeof *answer);
    }
    plx_err_clear(&answer->err);
    if (plx_download_text(ask->ctx, ask->net, url, MAX_ANSWER, &text, &answer->err) &&
        !plx_json_parse(ask->ctx, ask->arena, url, (const char *)text.ptr, text.len, NULL, &value, &answer->err) &&
        answer->err.code == PLX_E_FORMAT) {
        answer->err.code = PLX_E_NET; /* no fault of a file, but a host that answers with something else */
    }
    plx_buf_free(&text);
    answer->url = url;
    answer->value = value;
    answer->next = ask->answers;
    ask->answers = answer;
    *out = value;
    if (!value && err) {
        *err = answer->err;
    }
    return value != NULL;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool plx_ask_decode(plx_asking *ask, const char *text, const char **out, plx_err *err)
{
    char *to = plx_arena_alloc(ask->arena, strlen(text) + 1);
    size_t n = 0;
    if (!to) {
        return plx_fail_nomem(err, strlen(text));
    }
    for (const char *p = text; *p; p++) {
        int high = *p == '%' ? hex_digit(p[1]) : 0;
        int low = *p == '%' && high >= 0 ? hex_digit(p[2]) : 0;
        if (high < 0 || low < 0 || (*p == '%' && high * 16 + low == 0)) {
            return plx_fail(err, PLX_E_ARG, "%% in %s is not followed by two hex digits of a character", text);
        }
        to[n++] = *p == '%' ? (char)(high * 16 + low) : *p;
        p += *p == '%' ? 2 : 0;
    }
    to[n] = '\0';
    *out = to;
    return true;
}

const plx_value *plx_ask_pick(const plx_value *list, const char *key, const char *value)
{
    for (size_t i = 0; list && list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        const char *text = plx_v_get_text(list->u.arr.items[i], key);
        if (text && strcmp(text, value) == 0) {
            return list->u.arr.items[i];
        }
    }
    return NULL;
}

void plx_ask_size(const plx_value *size, plx_place *out)
{
    int64_t n = 0;
    if (size && plx_v_as_i64(size, &n) && n >= 0) {
        out->has_bytes = true;
        out->bytes = (uint64_t)n;
    }
}

static bool is_hex(const char *text, size_t n)
{
    return strlen(text) == n && strspn(text, "0123456789abcdef") == n;
}

void plx_ask_md5(const char *hex, plx_place *out)
{
    out->md5 = hex && is_hex(hex, PLX_MD5_HEX) ? hex : out->md5;
}

void plx_ask_sha256(const char *hex, plx_place *out)
{
    out->sha256 = hex && is_hex(hex, PLX_SHA256_HEX) ? hex : out->sha256;
}

bool plx_ask_is_word(const char *text)
{
    size_t n = text ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") : 0;
    return n > 0 && text[n] == '\0' && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

bool plx_ask_missing(const char *rest, const char *where, plx_err *err)
{
    return plx_fail(err, PLX_E_NOTFOUND, "%s has no file %s", where, rest);
}
