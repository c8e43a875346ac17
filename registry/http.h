/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP exchange at a time over libcurl, which is loaded when the first one is made. Redirects are followed here, so
 * that each hop meets the same rules: https (http only to this machine, or where the user allows it), never from a
 * public address to a private one. docs/downloading.md.
 */
#ifndef PLX_REGISTRY_HTTP_H
#define PLX_REGISTRY_HTTP_H

#include "core/ctx.h"

#include <stddef.h>

enum { PLX_HTTP_URL = 8192, PLX_HTTP_FIELD = 256, PLX_HTTP_HEADERS = 64 * 1024, PLX_HTTP_HOPS = 10 };

/* How patient to be. Zero means the default. */
typedef struct plx_net_opts {
    bool allow_http;  /* http to other machines */
    unsigned tries;   /* of each address without a MiB of progress; default 5 */
    unsigned wait_ms; /* before the second try, then doubled each time up to 30 s, with jitter; default 500 */
    double connect_s; /* default 20 */
    double stall_s;   /* less than 1 KiB/s for so long counts as a broken connection; default 30 */
    double total_s;   /* for one file, waiting included; default: none */
    /* Where the interfaces of hosts are instead, as in http://127.0.0.1:8000: an address https://host/path is asked as
     * <hosts_at>/host/path. NULL: at the hosts. */
    const char *hosts_at;
} plx_net_opts;

/* Connections that are kept open from one exchange to the next. Of one thread at a time. */
typedef struct plx_http plx_http;
/* owner: caller. `opts` is borrowed, with no zeros but total_s. errors: UNSUPPORTED without libcurl. */
bool plx_http_new(const plx_net_opts *opts, plx_http **out, plx_err *err);
void plx_http_free(plx_http *http); /* accepts NULL */

/* What a server said before the first byte of a body. Text that does not fit its field counts as absent. */
typedef struct plx_http_reply {
    int status; /* 0: none */
    int n_hops;
    bool permanent;    /* trying again would fail alike: a certificate, a rule, a redirect to nowhere */
    int retry_after_s; /* -1: not said */
    bool has_length, has_range, has_total;
    uint64_t length, first, last, total;
    char etag[PLX_HTTP_FIELD], modified[PLX_HTTP_FIELD], type[PLX_HTTP_FIELD], encoding[PLX_HTTP_FIELD];
    char sha256[65], md5[33], git_sha1[41]; /* announced by hosts that do; "" otherwise */
} plx_http_reply;

typedef struct plx_http_request {
    const char *url;
    bool ranged;
    uint64_t from, to;    /* bytes asked for when `ranged`; `to` is the last one, or UINT64_MAX for the rest */
    const char *if_range; /* validator the range holds for, or NULL */
    const char *accept;   /* NULL: anything */
    double total_s;       /* time for all of it; 0: none */
    /* Status 200 or 206 only: once before the body, and for each piece of it. False ends the exchange with the error
     * set. */
    bool (*head)(void *payload, const plx_http_reply *reply, plx_err *err);
    bool (*body)(void *payload, const void *bytes, size_t len, plx_err *err);
    void *payload;
} plx_http_request;

/* True when a server gave its whole answer, whatever its status. errors: what `head` and `body` failed with; NET for
 * anything between here and there; POLICY for a hop that is not allowed or a certificate that proves nothing; LIMIT for
 * headers without end and for total_s; CANCELLED. `reply` is filled as far as it came in either case. */
bool plx_http_get(plx_http *http, const plx_ctx *ctx, const plx_http_request *request, plx_http_reply *reply,
                  plx_err *err);
/* Does an address start like one that plx_http_get takes? */
bool plx_http_is_url(const char *url);

#endif
