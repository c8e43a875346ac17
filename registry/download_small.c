/* SPDX-License-Identifier: Apache-2.0
 *
 * One answer into one buffer, asked for again as often as a file would be.
 */
#include "registry/download_small.h"

#include "core/str.h"
#include "registry/download_try.h"

#include <time.h>

enum { WINDOW = 64 * 1024, MAX_RETRY_AFTER_S = 120, NAP_MS = 50 };

typedef struct sink {
    plx_sb text;
    size_t limit;
    int want; /* status */
} sink;

/* The whole of a large file in the place of a piece is not read at all. */
static bool judge(void *payload, const plx_http_reply *reply, plx_err *err)
{
    const sink *s = payload;
    plx_http_reply copy = *reply;
    if (s->want == 206 && reply->status == 206 && reply->has_length && reply->length > s->limit) {
        return plx_fail(err, PLX_E_NET, "the server sends another range than the one asked for");
    }
    return reply->status == s->want || plx_try_fail_status(&copy, err);
}

static bool add(void *payload, const void *bytes, size_t len, plx_err *err)
{
    sink *s = payload;
    if (len > s->limit - s->text.len) {
        plx_fail(err, PLX_E_LIMIT, "the answer is longer than it can be");
        return plx_err_why(err, "more than %zu bytes of it are not read", s->limit);
    }
    plx_sb_bytes(&s->text, bytes, len);
    return !s->text.failed || plx_fail_nomem(err, len);
}

static bool wait_ms(const plx_ctx *ctx, int64_t ms, plx_err *err)
{
    for (; ms > 0; ms -= NAP_MS) {
        struct timespec nap = {0, (ms < NAP_MS ? ms : NAP_MS) * 1000000};
        if (!plx_ctx_go_on(ctx, err)) {
            return false;
        }
        nanosleep(&nap, NULL);
    }
    return plx_ctx_go_on(ctx, err);
}

/* One answer of status `want`, in memory. */
static bool fetch(const plx_ctx *ctx, plx_net *net, plx_http_request *request, int want, size_t limit, plx_buf *out,
                  plx_http_reply *reply, plx_err *err)
{
    const plx_net_opts *opts = plx_net_options(net);
    plx_http *http = NULL;
    bool ok = false;
    if (!plx_net_take(net, &http, err)) {
        return false;
    }
    for (unsigned tries = 1;; tries++) {
        sink s = {.limit = limit, .want = want};
        plx_err why;
        plx_err_clear(&why);
        request->head = judge;
        request->body = add;
        request->payload = &s;
        ok = plx_http_get(http, ctx, request, reply, &why);
        if (ok && reply->status != want) {
            ok = plx_try_fail_status(reply, &why);
        }
        if (ok) {
            size_t len = s.text.len;
            char *text = plx_sb_take(&s.text);
            *out = text ? plx_buf_own(text, len) : (plx_buf){0};
            break;
        }
        plx_sb_free(&s.text);
        bool last = reply->permanent || reply->status == 200 || reply->status == 206 || why.code != PLX_E_NET ||
                    tries >= opts->tries || reply->retry_after_s > MAX_RETRY_AFTER_S;
        int64_t pause = reply->retry_after_s >= 0 ? (int64_t)reply->retry_after_s * 1000
                                                  : (int64_t)opts->wait_ms << (tries < 7 ? tries - 1 : 6);
        if (last || !wait_ms(ctx, pause, &why)) {
            if (err) {
                *err = why;
            }
            plx_note(err, "%s", request->url);
            break;
        }
    }
    plx_net_give(net, http);
    return ok;
}

bool plx_download_text(const plx_ctx *ctx, plx_net *net, const char *url, size_t limit, plx_buf *out, plx_err *err)
{
    plx_http_reply reply;
    plx_http_request request = {.url = url, .accept = "application/json", .total_s = 4 * plx_net_options(net)->stall_s};
    return fetch(ctx, net, &request, 200, limit, out, &reply, err);
}

static bool fetch_window(plx_remote *r, uint64_t from, uint64_t n, plx_http_reply *reply, plx_err *err)
{
    plx_buf bytes = {0};
    plx_http_request request = {
        .url = r->url, .ranged = true, .from = from, .to = from + n - 1, .if_range = r->validator};
    if (!fetch(&r->ctx, r->net, &request, 206, (size_t)n, &bytes, reply, err)) {
        return false;
    }
    if (!reply->has_range || reply->first != from || reply->last != from + n - 1 || bytes.len != n ||
        !reply->has_total) {
        plx_buf_free(&bytes);
        return plx_fail(err, PLX_E_NET, "the server sends another range than the one asked for");
    }
    const char *now = reply->etag[0] == '"' ? reply->etag : reply->modified;
    bool changed =
        (r->base.size && reply->total != r->base.size) || (r->validator[0] && now[0] && strcmp(now, r->validator) != 0);
    if (changed) {
        plx_buf_free(&bytes);
        return plx_fail(err, PLX_E_NET, "the file there has changed meanwhile");
    }
    plx_buf_free(&r->window);
    r->window = bytes;
    r->at = from;
    return true;
}

static bool read_remote_at(plx_ranged *self, uint64_t offset, void *out, size_t n, plx_err *err)
{
    plx_remote *r = (plx_remote *)self;
    if (offset > self->size || n > self->size - offset) {
        return plx_fail(err, PLX_E_TRUNCATED, "%s ends early", self->name);
    }
    if (n == 0) {
        return true;
    }
    if (offset < r->at || offset - r->at > r->window.len || n > r->window.len - (size_t)(offset - r->at)) {
        uint64_t left = self->size - offset;
        uint64_t want = n < WINDOW ? WINDOW : n;
        plx_http_reply reply;
        if (!fetch_window(r, offset, want < left ? want : left, &reply, err)) {
            return false;
        }
    }
    memcpy(out, r->window.ptr + (offset - r->at), n);
    return true;
}

bool plx_remote_open(const plx_ctx *ctx, plx_net *net, const char *url, const char *name, const uint64_t *bytes,
                     plx_remote *out, plx_err *err)
{
    plx_http_reply reply;
    *out = (plx_remote){.base = {.name = name, .read_at = read_remote_at}, .ctx = *ctx, .net = net, .url = url};
    /* One byte tells size and validator, the rest follows under that validator. */
    if (!fetch_window(out, 0, 1, &reply, err)) {
        return plx_note(err, "%s", url);
    }
    out->base.size = reply.total;
    memcpy(out->validator, reply.etag[0] == '"' ? reply.etag : reply.modified, sizeof out->validator);
    uint64_t tail = reply.total < WINDOW ? reply.total : WINDOW;
    bool ok = !bytes || *bytes == reply.total;
    if (!ok) {
        plx_fail(err, PLX_E_DIGEST, "%s has the wrong size there", name);
        plx_err_why(err, "expected %llu bytes, the server has %llu", (unsigned long long)*bytes,
                    (unsigned long long)reply.total);
    }
    ok = ok && fetch_window(out, reply.total - tail, tail, &reply, err);
    if (!ok) {
        plx_remote_close(out);
    }
    return ok || plx_note(err, "%s", url);
}

void plx_remote_close(plx_remote *remote)
{
    plx_buf_free(&remote->window);
}
