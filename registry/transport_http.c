/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP over libcurl. Nothing a server sends is trusted with more than its bytes: no decoding, no cookies, no
 * authentication, no names. Each hop of a redirect is checked twice, by its address before anything is sent and by the
 * IP that is really connected to, so that a name which resolves to a private network does not get around the rule.
 */
#include "registry/http.h"

#include "core/alloc.h"
#include "core/num.h"
#include "core/str.h"
#include "registry/http_address.h"
#include "registry/http_headers.h"
#include "registry/transport_http_lib.h"
#include "registry/transports.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, SLOW_BYTES_PER_S = 1024, MAX_REFUSED_BODY = 64 * 1024 };

struct plx_http {
    plx_curl lib;
    const plx_net_opts *opts;
    CURL *easy;
    char url[PLX_HTTP_URL]; /* of this hop */
    char host[PLX_HTTP_FIELD];
    bool afresh; /* the last exchange failed: what is left on open connections is not to be trusted */
};

/* One exchange, over all its hops. */
typedef struct exchange {
    plx_http *http;
    const plx_ctx *ctx;
    const plx_http_request *request;
    plx_http_reply *reply;
    plx_err err; /* the first that a callback set */
    size_t header_bytes, refused_bytes;
    bool in_body, judged; /* headers are over; `head` was called */
    bool secure;          /* this hop is https */
    bool first;           /* this hop is the address that was asked for */
    bool proxied;         /* a proxy may stand between: then only the host's text can be judged */
    plx_reach origin;     /* of the first hop: later ones are there too, or public */
    bool refused;         /* a connection was not allowed */
} exchange;

bool plx_http_is_url(const char *url)
{
    return plx_starts_with(url, "https://") || plx_starts_with(url, "http://");
}

bool plx_http_new(const plx_net_opts *opts, plx_http **out, plx_err *err)
{
    plx_http *http = plx_alloc_zero(1, sizeof *http);
    if (!http) {
        return plx_fail_nomem(err, sizeof *http);
    }
    http->opts = opts;
    if (!plx_curl_load(&http->lib, err)) {
        plx_free(http);
        return false;
    }
    http->easy = http->lib.curl_easy_init();
    if (!http->easy) {
        plx_free(http);
        return plx_fail_nomem(err, 0);
    }
    *out = http;
    return true;
}

void plx_http_free(plx_http *http)
{
    if (http) {
        http->lib.curl_easy_cleanup(http->easy);
        plx_free(http);
    }
}

/* The first error of a callback is the exchange's; returning false makes libcurl stop. */
static bool stop(exchange *x, const plx_err *why)
{
    if (x->err.code == PLX_OK) {
        x->err = *why;
    }
    return false;
}

static bool refuse_as(exchange *x, plx_code code, const char *what, const char *rule)
{
    plx_err why;
    plx_fail(&why, code, "%s", what);
    plx_err_why(&why, "%s", rule);
    x->reply->permanent = true;
    return stop(x, &why);
}

static bool refuse(exchange *x, const char *what, const char *rule)
{
    return refuse_as(x, PLX_E_POLICY, what, rule);
}

static bool refuse_http(exchange *x)
{
    return refuse(x, "http without TLS is only asked on this machine",
                  "bytes and addresses could be changed on the way; --allow-http permits it");
}

static bool judge_reach(exchange *x, plx_reach reach)
{
    if (x->first) {
        x->origin = reach;
        return x->secure || reach == PLX_REACH_LOOPBACK || x->http->opts->allow_http || refuse_http(x);
    }
    if (reach != PLX_REACH_PUBLIC && reach != x->origin) {
        return refuse(x, "a redirect leads to an address of a private network",
                      "a public server may not send this program to machines only it can reach");
    }
    return true;
}

static curl_socket_t open_socket(void *payload, curlsocktype purpose, struct curl_sockaddr *address)
{
    exchange *x = payload;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        (!x->proxied && address->family != AF_UNIX && !judge_reach(x, plx_reach_of(&address->addr)))) {
        x->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Once more for connections that were kept open, whoever opened them. */
static int before_request(void *payload, char *ip, char *own_ip, int port, int own_port)
{
    exchange *x = payload;
    (void)own_ip;
    (void)port;
    (void)own_port;
    bool known = false;
    plx_reach reach = plx_reach_of_host(ip, &known);
    if (!x->proxied && !judge_reach(x, known ? reach : PLX_REACH_PRIVATE)) {
        x->refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

static int look_up(void *payload, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    exchange *x = payload;
    plx_err why;
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    plx_err_clear(&why);
    return plx_ctx_go_on(x->ctx, &why) || stop(x, &why) ? 0 : 1;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_good(int status)
{
    return status == 200 || status == 206;
}

/* The headers of a hop are over. */
static bool headers_over(exchange *x)
{
    plx_err why;
    plx_err_clear(&why);
    if (x->reply->status < 200) {
        return true; /* an interim reply: the real one follows */
    }
    x->in_body = true;
    if (!is_good(x->reply->status)) {
        return true;
    }
    x->judged = true;
    return !x->request->head || x->request->head(x->request->payload, x->reply, &why) || stop(x, &why);
}

static size_t on_header(char *bytes, size_t size, size_t n, void *payload)
{
    exchange *x = payload;
    size_t len = size * n;
    if (x->in_body) {
        return len; /* trailers say nothing that is heard */
    }
    x->header_bytes += len;
    if (x->header_bytes > PLX_HTTP_HEADERS) {
        plx_err why;
        plx_fail(&why, PLX_E_LIMIT, "the server's headers do not end");
        plx_err_why(&why, "more than %d bytes of them are not read", PLX_HTTP_HEADERS);
        x->reply->permanent = true;
        stop(x, &why);
        return 0;
    }
    plx_slice line = plx_slice_trim((plx_slice){bytes, len});
    if (line.len == 0) {
        return headers_over(x) ? len : 0;
    }
    plx_http_read_header(line, x->reply);
    return len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *payload)
{
    exchange *x = payload;
    size_t len = size * n;
    plx_err why;
    plx_err_clear(&why);
    if (!x->judged) { /* the body of an error or redirect: a little is read, so that the connection can be kept */
        x->refused_bytes += len;
        return x->refused_bytes <= MAX_REFUSED_BODY ? len : 0;
    }
    return !x->request->body || x->request->body(x->request->payload, bytes, len, &why) || stop(x, &why) ? len : 0;
}

/* Sets x->secure and http->host from the address, as libcurl itself understands it. */
static bool judge_address(exchange *x)
{
    const plx_curl *lib = &x->http->lib;
    CURLU *parts = lib->curl_url();
    char *scheme = NULL, *host = NULL, *user = NULL;
    bool ok = parts && lib->curl_url_set(parts, CURLUPART_URL, x->http->url, 0) == CURLUE_OK &&
              lib->curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    x->secure = ok && strcasecmp(scheme, "https") == 0;
    if (ok && !x->secure && strcasecmp(scheme, "http") != 0) {
        ok =
            refuse(x, x->first ? "only https is asked" : "a redirect leads to another scheme than https", x->http->url);
    } else if (!ok || lib->curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        ok = refuse_as(x, x->first ? PLX_E_ARG : PLX_E_NET,
                       x->first ? "this is no address of the web" : "a redirect leads to something that is no address",
                       x->http->url);
    }
    if (ok && lib->curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK) {
        ok = refuse(x, "an address names a user", "this program has nobody's password to give");
    }
    bool same_host = ok && strcasecmp(x->http->host, host) == 0;
    if (ok) {
        snprintf(x->http->host, sizeof x->http->host, "%s", host);
        bool known = false;
        plx_reach reach = plx_reach_of_host(host, &known);
        const char *proxy = getenv(x->secure ? "https_proxy" : "http_proxy");
        proxy = proxy ? proxy : x->secure ? getenv("HTTPS_PROXY") : NULL;
        proxy = proxy ? proxy : getenv("all_proxy");
        proxy = proxy ? proxy : getenv("ALL_PROXY");
        x->proxied = proxy && *proxy && !(known && reach == PLX_REACH_LOOPBACK);
        if (!x->first && !x->secure && (reach != PLX_REACH_LOOPBACK || x->origin != PLX_REACH_LOOPBACK) &&
            !(x->http->opts->allow_http && plx_starts_with(x->request->url, "http://"))) {
            ok = refuse(x, "a redirect leads away from https", x->http->url);
        }
        if (ok && x->first && !x->secure && !known && !x->http->opts->allow_http) {
            ok = refuse_http(x);
        }
        ok = ok && (!known || judge_reach(x, reach));
    }
    if (ok && x->proxied) { /* what a server sends us to elsewhere always goes by the proxy */
        lib->curl_easy_setopt(x->http->easy, CURLOPT_NOPROXY, x->first || same_host ? NULL : "");
    }
    lib->curl_free(scheme);
    lib->curl_free(host);
    lib->curl_free(user);
    lib->curl_url_cleanup(parts);
    return ok;
}

static void set_trust(plx_http *http)
{
    const char *file = getenv("CURL_CA_BUNDLE"), *dir = getenv("SSL_CERT_DIR");
    file = file && *file ? file : getenv("SSL_CERT_FILE");
    if (file && *file) {
        http->lib.curl_easy_setopt(http->easy, CURLOPT_CAINFO, file);
    }
    if (dir && *dir) {
        http->lib.curl_easy_setopt(http->easy, CURLOPT_CAPATH, dir);
    }
}

static bool set_options(exchange *x, struct curl_slist **headers)
{
    plx_http *http = x->http;
    CURL *easy = http->easy;
    const plx_http_request *r = x->request;
    __typeof__(http->lib.curl_easy_setopt) set = http->lib.curl_easy_setopt;
    char text[PLX_HTTP_FIELD + 64];
    http->lib.curl_easy_reset(easy);
    if (set(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK || !judge_address(x)) {
        return false;
    }
    set(easy, CURLOPT_URL, http->url);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_FRESH_CONNECT, http->afresh ? 1L : 0L);
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_USERAGENT, "plexus");
    set(easy, CURLOPT_BUFFERSIZE, (long)CHUNK);
    set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(http->opts->connect_s * 1000));
    set(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
    set(easy, CURLOPT_LOW_SPEED_TIME, (long)(http->opts->stall_s < 1 ? 1 : http->opts->stall_s));
    if (r->total_s > 0) {
        set(easy, CURLOPT_TIMEOUT_MS, (long)(r->total_s * 1000) + 1);
    }
    bool known = false;
    if (plx_reach_of_host(http->host, &known) == PLX_REACH_LOOPBACK) {
        set(easy, CURLOPT_PROXY, "");
    }
    set_trust(http);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, x);
    set(easy, CURLOPT_PREREQFUNCTION, before_request);
    set(easy, CURLOPT_PREREQDATA, x);
    set(easy, CURLOPT_XFERINFOFUNCTION, look_up);
    set(easy, CURLOPT_XFERINFODATA, x);
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_HEADERFUNCTION, on_header);
    set(easy, CURLOPT_HEADERDATA, x);
    set(easy, CURLOPT_WRITEFUNCTION, on_body);
    set(easy, CURLOPT_WRITEDATA, x);
    if (r->ranged && r->to == UINT64_MAX) {
        snprintf(text, sizeof text, "%llu-", (unsigned long long)r->from);
        set(easy, CURLOPT_RANGE, text);
    } else if (r->ranged) {
        snprintf(text, sizeof text, "%llu-%llu", (unsigned long long)r->from, (unsigned long long)r->to);
        set(easy, CURLOPT_RANGE, text);
    }
    if (r->ranged && r->if_range && *r->if_range) {
        snprintf(text, sizeof text, "If-Range: %s", r->if_range);
        *headers = http->lib.curl_slist_append(*headers, text);
    }
    if (r->accept) {
        snprintf(text, sizeof text, "Accept: %s", r->accept);
        *headers = http->lib.curl_slist_append(*headers, text);
    }
    return set(easy, CURLOPT_HTTPHEADER, *headers) == CURLE_OK;
}

static bool fail_curl(exchange *x, CURLcode code, plx_err *err)
{
    const char *text = x->http->lib.curl_easy_strerror(code);
    const plx_http_reply *reply = x->reply;
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CRL_BADFILE:
        x->reply->permanent = true;
        plx_fail(err, PLX_E_POLICY, "the certificate of %s does not prove that it is %s", x->http->host, x->http->host);
        return plx_err_why(err, "%s; SSL_CERT_FILE names other authorities to trust", text);
    case CURLE_OUT_OF_MEMORY: /* also a header line beyond what libcurl takes */
        return plx_fail(err, PLX_E_LIMIT, "the server's headers are too long, or memory is out");
    case CURLE_OPERATION_TIMEDOUT:
        if (x->request->total_s > 0) {
            double took = 0;
            x->http->lib.curl_easy_getinfo(x->http->easy, CURLINFO_TOTAL_TIME, &took);
            if (took >= x->request->total_s) {
                return plx_fail(err, PLX_E_LIMIT, "the time for this file was up after %.1f s", took);
            }
        }
        return plx_fail(err, PLX_E_NET, "%s did not answer, or too slowly", x->http->host);
    case CURLE_PARTIAL_FILE:
        return plx_fail(err, PLX_E_NET, "%s ended before all was sent", x->http->host);
    case CURLE_URL_MALFORMAT:
        x->reply->permanent = true;
        break;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        if (x->proxied) {
            plx_fail(err, PLX_E_NET, "%s: %s", x->http->host, text);
            return plx_err_why(err, "by way of the proxy that %s names", x->secure ? "https_proxy" : "http_proxy");
        }
        break;
    case CURLE_WRITE_ERROR: /* a body that was not wanted was too long: the reply itself is whole */
        if (x->in_body && !is_good(reply->status)) {
            return true;
        }
        break;
    default:
        break;
    }
    return plx_fail(err, PLX_E_NET, "%s: %s", x->http->host[0] ? x->http->host : "the server", text);
}

static bool one_hop(exchange *x, plx_err *err)
{
    struct curl_slist *headers = NULL;
    plx_http_reply *reply = x->reply;
    plx_http_next_reply(reply);
    x->header_bytes = x->refused_bytes = 0;
    x->in_body = x->judged = x->refused = false;
    bool ready = set_options(x, &headers);
    CURLcode code = ready ? x->http->lib.curl_easy_perform(x->http->easy) : CURLE_OK;
    bool ok = ready && code == CURLE_OK;
    if (x->err.code != PLX_OK) {
        ok = false;
        if (err) {
            *err = x->err;
        }
    } else if (!ready) {
        plx_fail(err, PLX_E_UNSUPPORTED, "libcurl does not take the options it needs");
    } else if (!ok) {
        ok = fail_curl(x, code, err);
    }
    if (ok && !x->in_body) { /* the connection ended within the headers */
        ok = plx_fail(err, PLX_E_NET, "%s gave no whole answer", x->http->host);
    }
    x->http->lib.curl_slist_free_all(headers);
    x->http->afresh = !ok;
    return ok;
}

bool plx_http_get(plx_http *http, const plx_ctx *ctx, const plx_http_request *request, plx_http_reply *reply,
                  plx_err *err)
{
    exchange x = {
        .http = http, .ctx = ctx, .request = request, .reply = reply, .first = true, .origin = PLX_REACH_PUBLIC};
    *reply = (plx_http_reply){.retry_after_s = -1};
    int n = snprintf(http->url, sizeof http->url, "%s", request->url);
    if (n < 0 || (size_t)n >= sizeof http->url) {
        return plx_fail(err, PLX_E_ARG, "an address of more than %d bytes is not asked", PLX_HTTP_URL - 1);
    }
    http->host[0] = '\0';
    for (;;) {
        if (!plx_ctx_go_on(ctx, err) || !one_hop(&x, err)) {
            return false;
        }
        if (!is_redirect(reply->status)) {
            return true;
        }
        char *to = NULL;
        if (http->lib.curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK || !to || !*to ||
            strlen(to) >= sizeof http->url) {
            reply->permanent = true;
            return plx_fail(err, PLX_E_NET, "%s redirects, but to no address that can be asked", http->host);
        }
        if (++reply->n_hops > PLX_HTTP_HOPS) {
            reply->permanent = true;
            plx_fail(err, PLX_E_NET, "%s redirects without end", http->host);
            return plx_err_why(err, "%d redirects were followed", PLX_HTTP_HOPS);
        }
        snprintf(http->url, sizeof http->url, "%s", to);
        x.first = false;
    }
}

const plx_transport plx_transport_https = {.scheme = "https", .title = "web servers", .network = true};
const plx_transport plx_transport_http = {
    .scheme = "http", .title = "web servers of this machine (others with --allow-http)", .network = true};
