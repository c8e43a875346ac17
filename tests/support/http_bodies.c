/* SPDX-License-Identifier: Apache-2.0
 *
 * How bodies come, or do not: cut, stalled, of another length, of another file. As http_answers.c.
 */
#include "support/http_server_internal.h"

#include <stdio.h>
#include <string.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static void dated(plx_request *r)
{
    static const char date[] = "Sat, 01 Nov 2025 10:00:00 GMT";
    snprintf(r->etag, sizeof r->etag, "%s", strcmp(r->if_range, date) == 0 ? date : "");
    uint64_t from, to;
    bool again = r->has_range && r->etag[0];
    if (!again) {
        r->has_range = false;
    }
    r->etag[0] = r->if_range[0] = '\0';
    plx_send_head(r, "Last-Modified: Sat, 01 Nov 2025 10:00:00 GMT\r\n", &from, &to);
    plx_send_content(r, from, again ? to : to / 2);
    r->close = true;
}

static void chunks(plx_request *r, bool ended)
{
    uint64_t from = r->has_range ? r->first : 0;
    if (r->has_range && from >= r->size) {
        plx_send_file(r, "");
        return;
    }
    if (from) {
        plx_sendf(r, "HTTP/1.1 206 Partial Content\r\nETag: %s\r\nContent-Range: bytes %llu-%llu/%llu\r\n", r->etag,
                  (unsigned long long)from, (unsigned long long)r->size - 1, (unsigned long long)r->size);
    } else {
        plx_sendf(r, OK_HEAD "ETag: %s\r\n", r->etag);
    }
    plx_sendf(r, "Transfer-Encoding: chunked\r\n\r\n");
    while (from < r->size) {
        uint64_t n = r->size - from < 100000 ? r->size - from : 100000;
        plx_sendf(r, "%llx;ext=\"x\"\r\n", (unsigned long long)n);
        if (!plx_send_content(r, from, from + n) || !plx_send(r, "\r\n", 2)) {
            return;
        }
        from += n;
    }
    if (ended) {
        plx_sendf(r, "0\r\nContent-Length: 5\r\nX-Trailer: y\r\n\r\n");
    } else {
        r->close = true;
    }
}

static void chunked(plx_request *r)
{
    chunks(r, true);
}

/* All bytes come, their end does not: a range from there on is past the end of the file. */
static void end_missing(plx_request *r)
{
    chunks(r, false);
}

static void until_close(plx_request *r)
{
    plx_sendf(r, OK_HEAD "Connection: close\r\n\r\n");
    plx_send_content(r, 0, r->size);
    r->close = true;
}

/* Sends bytes [from, min(to, from + n)) of a promised whole, then closes. */
static void send_some(plx_request *r, uint64_t n, const char *more)
{
    uint64_t from, to;
    if (plx_send_head(r, more, &from, &to)) {
        plx_send_content(r, from, to - from < n ? to : from + n);
    }
    r->close = true;
}

static void drop_once(plx_request *r)
{
    send_some(r, r->nth == 0 ? r->size / 2 : r->size, "");
}

static void drop_often(plx_request *r)
{
    send_some(r, 1300000, "");
}

static void drop_weak(plx_request *r)
{
    snprintf(r->etag, sizeof r->etag, "W/\"weak\"");
    send_some(r, r->nth == 0 ? r->size / 2 : r->size, "");
}

static void drop_always(plx_request *r)
{
    send_some(r, 0, "");
}

static void drop_early(plx_request *r)
{
    send_some(r, 1000, "");
}

static void drop_some(plx_request *r)
{
    send_some(r, 100000, "");
}

static void drop_last_byte(plx_request *r)
{
    r->has_range = false;
    send_some(r, r->size - 1, "");
}

static void reset_once(plx_request *r)
{
    if (r->nth == 0) {
        send_some(r, r->size / 2, "");
        plx_linger(r, 100); /* a reset throws away what was not read yet */
        plx_reset(r);
    } else {
        plx_send_file(r, "");
    }
}

static void reset_first(plx_request *r)
{
    plx_reset(r);
}

static void range_ignored(plx_request *r)
{
    r->has_range = false;
    send_some(r, r->nth == 0 ? r->size / 2 : r->size, "");
}

static void range_off(plx_request *r)
{
    if (!r->has_range) {
        send_some(r, r->size / 2, "");
        return;
    }
    plx_sendf(r, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 7-%llu/%llu\r\nContent-Length: %llu\r\n\r\n",
              (unsigned long long)r->size - 1, (unsigned long long)r->size, (unsigned long long)r->size - 7);
    plx_send_content(r, 7, r->size);
}

static void range_unnamed(plx_request *r)
{
    if (!r->has_range) {
        send_some(r, r->size / 2, "");
        return;
    }
    plx_sendf(r, "HTTP/1.1 206 Partial Content\r\nContent-Length: %llu\r\n\r\n",
              (unsigned long long)(r->size - r->first));
    plx_send_content(r, r->first, r->size);
}

static void range_parts(plx_request *r)
{
    if (!r->has_range) {
        send_some(r, r->size / 2, "");
        return;
    }
    plx_sendf(
        r,
        "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\nContent-Length: 60\r\n\r\n"
        "--x\r\nContent-Range: bytes 0-9/10\r\n\r\n0123456789\r\n--x--\r\n      ");
}

static void range_grows(plx_request *r)
{
    if (!r->has_range) {
        send_some(r, r->size / 2, "");
        return;
    }
    plx_sendf(
        r,
        "HTTP/1.1 206 Partial Content\r\nETag: %s\r\nContent-Range: bytes %llu-%llu/%llu\r\nContent-Length: 1\r\n\r\nx",
        r->etag, (unsigned long long)r->first, (unsigned long long)r->first, (unsigned long long)r->size + 1000);
}

static void range_unasked(plx_request *r)
{
    if (r->has_range) {
        plx_send_file(r, "");
        return;
    }
    plx_sendf(
        r,
        "HTTP/1.1 206 Partial Content\r\nETag: %s\r\nContent-Range: bytes 0-%llu/%llu\r\nContent-Length: %llu\r\n\r\n",
        r->etag, (unsigned long long)(r->size / 2 - 1), (unsigned long long)r->size, (unsigned long long)(r->size / 2));
    plx_send_content(r, 0, r->size / 2);
}

/* The first answer is another file's; then the file has changed, as If-Range brings out. */
static void changed(plx_request *r)
{
    if (r->nth == 0) {
        char name[sizeof r->name];
        memcpy(name, r->name, sizeof name);
        snprintf(r->name, sizeof r->name, "old");
        snprintf(r->etag, sizeof r->etag, "\"old\"");
        send_some(r, r->size / 2, "");
        memcpy(r->name, name, sizeof name);
    } else {
        plx_send_file(r, "");
    }
}

/* The same, but If-Range is not understood: only the ETag of the range tells. */
static void changed_silently(plx_request *r)
{
    r->if_range[0] = '\0';
    changed(r);
}

/* The same, and the ETag does not tell either: only the digest does. */
static void changed_unseen(plx_request *r)
{
    r->if_range[0] = '\0';
    snprintf(r->etag, sizeof r->etag, "\"one\"");
    if (r->nth == 0) {
        char name[sizeof r->name];
        memcpy(name, r->name, sizeof name);
        snprintf(r->name, sizeof r->name, "old");
        send_some(r, r->size / 2, "");
        memcpy(r->name, name, sizeof name);
    } else {
        plx_send_file(r, "");
    }
}

static void changes_always(plx_request *r)
{
    snprintf(r->etag, sizeof r->etag, "\"%llu\"", (unsigned long long)r->nth);
    send_some(r, r->size / 2, "");
}

static void longer(plx_request *r)
{
    r->size += 10;
    plx_send_file(r, "");
}

static void shorter(plx_request *r)
{
    r->size -= 10;
    plx_send_file(r, "");
}

static void longer_chunked(plx_request *r)
{
    r->size += 100000;
    r->has_range = false;
    chunked(r);
}

static void other(plx_request *r)
{
    r->name[0] ^= 1;
    plx_send_file(r, "");
}

static void one_bit(plx_request *r)
{
    uint64_t from, to;
    uint8_t last;
    if (plx_send_head(r, "", &from, &to) && plx_send_content(r, from, to - 1)) {
        plx_server_content(r->name, r->size, to - 1, &last, 1);
        last ^= 1;
        plx_send(r, &last, 1);
    }
}

static void nothing(plx_request *r)
{
    plx_sendf(r, OK_HEAD "Content-Length: 0\r\n\r\n");
}

static void surplus(plx_request *r)
{
    plx_send_file(r, "");
    plx_send(r, "GARBAGE AFTER THE END", 21);
    r->close = true;
}

static void endless(plx_request *r)
{
    plx_sendf(r, OK_HEAD "\r\n");
    while (plx_send_content(r, 0, 1 << 20)) {
    }
    r->close = true;
}

static void lengthy(plx_request *r, const char *length)
{
    plx_sendf(r, OK_HEAD "Content-Length: %s\r\n\r\n", length);
    plx_send_content(r, 0, r->size);
    r->close = true;
}

static void vast(plx_request *r)
{
    lengthy(r, "1000000000000000");
}

static void overflowing(plx_request *r)
{
    lengthy(r, "99999999999999999999999999");
}

static void negative(plx_request *r)
{
    lengthy(r, "-5");
}

static void wordy(plx_request *r)
{
    lengthy(r, "many");
}

static void two_lengths(plx_request *r)
{
    plx_sendf(r, OK_HEAD "Content-Length: %llu\r\nContent-Length: 3\r\n\r\n", (unsigned long long)r->size);
    plx_send_content(r, 0, r->size);
    r->close = true;
}

static void cut(plx_request *r, const char *text)
{
    plx_sendf(r, "%s", text);
    r->close = true;
}

static void cut_status(plx_request *r)
{
    cut(r, "HTTP/1.1 20");
}

static void cut_headers(plx_request *r)
{
    cut(r, OK_HEAD "Content-Len");
}

static void cut_chunk_size(plx_request *r)
{
    cut(r, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1000");
}

static void cut_chunk(plx_request *r)
{
    cut(r, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1000\r\nabc");
}

static void bad_chunk(plx_request *r)
{
    cut(r, OK_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n");
}

static void vast_chunk(plx_request *r)
{
    cut(r, OK_HEAD "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc");
}

static void shut(plx_request *r)
{
    r->close = true;
}

static void banner(plx_request *r)
{
    cut(r, "SSH-2.0-OpenSSH_9.2p1\r\n");
}

static void bare(plx_request *r)
{
    plx_send_content(r, 0, r->size);
    r->close = true;
}

static void zeros(plx_request *r)
{
    static const char none[4096];
    plx_send(r, none, sizeof none);
    r->close = true;
}

static void bytewise(plx_request *r)
{
    uint64_t from, to;
    plx_send_head(r, "", &from, &to);
    while (from < to && plx_send_content(r, from, from + 1)) {
        from++;
    }
}

static void drip(plx_request *r)
{
    uint64_t from, to;
    plx_send_head(r, "", &from, &to);
    while (from < to && plx_send_content(r, from, from + 1) && plx_linger(r, 50)) {
        from++;
    }
    r->close = true;
}

static void drip_headers(plx_request *r)
{
    plx_sendf(r, OK_HEAD);
    while (plx_sendf(r, "X") && plx_linger(r, 50)) {
    }
    r->close = true;
}

static void silent(plx_request *r)
{
    plx_linger(r, 60000);
    r->close = true;
}

static void stalls(plx_request *r)
{
    uint64_t from, to;
    plx_send_head(r, "", &from, &to);
    plx_send_content(r, from, from + (to - from) / 2);
    plx_linger(r, 60000);
    r->close = true;
}

static void stalls_once(plx_request *r)
{
    if (r->nth == 0) {
        stalls(r);
    } else {
        plx_send_file(r, "");
    }
}

const plx_behaviour plx_server_bodies[] = {
    {"banner", banner},
    {"bad-chunk", bad_chunk},
    {"bare", bare},
    {"bytewise", bytewise},
    {"changed", changed},
    {"changed-silently", changed_silently},
    {"changed-unseen", changed_unseen},
    {"changes-always", changes_always},
    {"chunked", chunked},
    {"cut-chunk", cut_chunk},
    {"cut-chunk-size", cut_chunk_size},
    {"cut-headers", cut_headers},
    {"cut-status", cut_status},
    {"dated", dated},
    {"drip", drip},
    {"drip-headers", drip_headers},
    {"drop-always", drop_always},
    {"drop-early", drop_early},
    {"drop-last-byte", drop_last_byte},
    {"drop-often", drop_often},
    {"drop-once", drop_once},
    {"drop-some", drop_some},
    {"drop-weak", drop_weak},
    {"end-missing", end_missing},
    {"endless", endless},
    {"longer", longer},
    {"longer-chunked", longer_chunked},
    {"negative", negative},
    {"nothing", nothing},
    {"one-bit", one_bit},
    {"other", other},
    {"overflowing", overflowing},
    {"range-grows", range_grows},
    {"range-ignored", range_ignored},
    {"range-off", range_off},
    {"range-parts", range_parts},
    {"range-unasked", range_unasked},
    {"range-unnamed", range_unnamed},
    {"reset-first", reset_first},
    {"reset-once", reset_once},
    {"shorter", shorter},
    {"shut", shut},
    {"silent", silent},
    {"stalls", stalls},
    {"stalls-once", stalls_once},
    {"surplus", surplus},
    {"two-lengths", two_lengths},
    {"until-close", until_close},
    {"vast", vast},
    {"vast-chunk", vast_chunk},
    {"wordy", wordy},
    {"zeros", zeros},
    {0},
};
