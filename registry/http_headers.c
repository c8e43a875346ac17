/* SPDX-License-Identifier: Apache-2.0
 *
 * Header lines of RFC 9110 and 9530, and those by which hosts announce the digest of what they send: x-linked-etag (the
 * SHA-256 of a large file on Hugging Face) and x-goog-hash (Google Cloud Storage).
 */
#include "registry/http_headers.h"

#include "core/hash.h"
#include "core/num.h"
#include "registry/rare_digests.h"

#include <strings.h>

enum { MAX_WAIT_S = 24 * 60 * 60 };

static bool name_is(plx_slice name, const char *want)
{
    return name.len == strlen(want) && strncasecmp(name.ptr, want, name.len) == 0;
}

/* Text that does not fit, or that could not be sent back as it is, counts as absent. */
static void keep(char out[PLX_HTTP_FIELD], plx_slice value)
{
    out[0] = '\0';
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] < ' ' || (unsigned char)value.ptr[i] >= 0x7f) {
            return;
        }
    }
    if (value.len < PLX_HTTP_FIELD) {
        memcpy(out, value.ptr, value.len);
        out[value.len] = '\0';
    }
}

/* "bytes 5-9/100", "bytes 5-9/" and a star, or with a star in place of the range as 416 has it. */
static void read_range(plx_slice value, plx_http_reply *reply)
{
    if (value.len < 6 || strncasecmp(value.ptr, "bytes", 5) != 0 || (value.ptr[5] != ' ' && value.ptr[5] != '=')) {
        return;
    }
    plx_slice rest = plx_slice_trim((plx_slice){value.ptr + 6, value.len - 6});
    const char *slash = memchr(rest.ptr, '/', rest.len);
    if (!slash) {
        return;
    }
    plx_slice range = {rest.ptr, (size_t)(slash - rest.ptr)};
    plx_slice total = {slash + 1, rest.len - range.len - 1};
    const char *dash = memchr(range.ptr, '-', range.len);
    reply->has_total = plx_parse_u64(total.ptr, total.len, &reply->total);
    reply->has_range = dash && plx_parse_u64(range.ptr, (size_t)(dash - range.ptr), &reply->first) &&
                       plx_parse_u64(dash + 1, (size_t)(range.ptr + range.len - dash - 1), &reply->last) &&
                       reply->last >= reply->first && (!reply->has_total || reply->last < reply->total);
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Base64 of exactly n bytes as lower-case hex. shape: out[2 * n + 1]. */
static bool base64_to_hex(plx_slice text, size_t n, char *out)
{
    static const char hex[] = "0123456789abcdef";
    unsigned bits = 0, held = 0;
    size_t done = 0;
    while (text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.ptr[i]);
        if (digit < 0 || done > n) {
            return false;
        }
        bits = (bits << 6 | (unsigned)digit) & 0xffff;
        held += 6;
        if (held >= 8 && done < n) {
            held -= 8;
            unsigned byte = bits >> held & 0xff;
            out[2 * done] = hex[byte >> 4];
            out[2 * done + 1] = hex[byte & 15];
            done++;
        } else if (held >= 8) {
            return false;
        }
    }
    out[2 * n] = '\0';
    return done == n;
}

/* The value after `key` in "crc32c=...,md5=..." or "sha-256=:...:". */
static bool find_item(plx_slice list, const char *key, plx_slice *out)
{
    size_t n = strlen(key);
    while (list.len > 0) {
        const char *comma = memchr(list.ptr, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.ptr) : list.len;
        plx_slice item = plx_slice_trim((plx_slice){list.ptr, len});
        if (item.len > n && strncasecmp(item.ptr, key, n) == 0) {
            *out = (plx_slice){item.ptr + n, item.len - n};
            return true;
        }
        len += comma ? 1 : 0;
        list = (plx_slice){list.ptr + len, list.len - len};
    }
    return false;
}

static void read_digest(plx_slice list, plx_http_reply *reply)
{
    plx_slice item;
    char hex[PLX_SHA256_HEX + 1];
    if (find_item(list, "sha-256=:", &item) && item.len > 1 && item.ptr[item.len - 1] == ':' &&
        base64_to_hex((plx_slice){item.ptr, item.len - 1}, PLX_SHA256_BYTES, hex)) {
        memcpy(reply->sha256, hex, sizeof hex);
    }
}

bool plx_http_etag_git_sha1(plx_slice value, char out[41])
{
    if (value.len > 2 && value.ptr[0] == 'W' && value.ptr[1] == '/') {
        value = (plx_slice){value.ptr + 2, value.len - 2};
    }
    if (value.len != 42 || value.ptr[0] != '"' || value.ptr[41] != '"') {
        return false;
    }
    memcpy(out, value.ptr + 1, 40);
    out[40] = '\0';
    if (!plx_is_git_sha1(out)) {
        out[0] = '\0';
    }
    return out[0] != '\0';
}

/* Strong and 64 hex digits: the SHA-256 of a file kept in large-file storage; 40: git's SHA-1 of one that is not. */
static void read_linked_etag(plx_slice value, plx_http_reply *reply)
{
    plx_digest digest;
    if (plx_http_etag_git_sha1(value, reply->git_sha1)) {
        return;
    }
    if (value.len == PLX_SHA256_HEX + 2 && value.ptr[0] == '"' &&
        plx_digest_parse(value.ptr + 1, PLX_SHA256_HEX, &digest)) {
        plx_digest_hex(&digest, reply->sha256);
    }
}

void plx_http_next_reply(plx_http_reply *reply)
{
    plx_http_reply fresh = {.n_hops = reply->n_hops, .retry_after_s = -1};
    memcpy(fresh.sha256, reply->sha256, sizeof fresh.sha256);
    memcpy(fresh.git_sha1, reply->git_sha1, sizeof fresh.git_sha1);
    *reply = fresh;
}

static void read_status(plx_slice line, plx_http_reply *reply)
{
    const char *blank = memchr(line.ptr, ' ', line.len);
    uint64_t status = 0;
    plx_http_next_reply(reply);
    if (blank && (size_t)(line.ptr + line.len - blank) >= 4 && plx_parse_u64(blank + 1, 3, &status) && status >= 100) {
        reply->status = (int)status;
    }
}

void plx_http_read_header(plx_slice line, plx_http_reply *reply)
{
    if (line.len > 5 && strncasecmp(line.ptr, "HTTP/", 5) == 0) {
        read_status(line, reply);
        return;
    }
    const char *colon = memchr(line.ptr, ':', line.len);
    if (!colon) {
        return;
    }
    plx_slice name = {line.ptr, (size_t)(colon - line.ptr)};
    plx_slice value = plx_slice_trim((plx_slice){colon + 1, line.len - name.len - 1});
    uint64_t n = 0;
    plx_slice item;
    char hex[33];
    if (name_is(name, "content-length")) {
        reply->has_length = plx_parse_u64(value.ptr, value.len, &reply->length);
    } else if (name_is(name, "content-range")) {
        read_range(value, reply);
    } else if (name_is(name, "etag")) {
        keep(reply->etag, value);
    } else if (name_is(name, "last-modified")) {
        keep(reply->modified, value);
    } else if (name_is(name, "content-type")) {
        keep(reply->type, value);
    } else if (name_is(name, "content-encoding")) {
        keep(reply->encoding, value);
    } else if (name_is(name, "retry-after") && plx_parse_u64(value.ptr, value.len, &n)) {
        reply->retry_after_s = (int)(n < MAX_WAIT_S ? n : MAX_WAIT_S);
    } else if (name_is(name, "repr-digest")) {
        read_digest(value, reply);
    } else if (name_is(name, "x-linked-etag")) {
        read_linked_etag(value, reply);
    } else if (name_is(name, "x-goog-hash") && find_item(value, "md5=", &item) && base64_to_hex(item, 16, hex)) {
        memcpy(reply->md5, hex, sizeof hex);
    }
}
