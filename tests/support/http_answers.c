/* SPDX-License-Identifier: Apache-2.0
 *
 * What servers do, from sound to hostile. Each behaviour is one function and one line of the table; what must come of
 * it stands with the test (tests/unit/registry/test_hostile_http.c).
 */
#include "support/http_server_internal.h"

#include <stdio.h>
#include <string.h>

#define OK_HEAD   "HTTP/1.1 200 OK\r\n"
#define LONG_LINE 200000

static void ok(plx_request *r)
{
    plx_send_file(r, "");
}

static void no_validator(plx_request *r)
{
    r->etag[0] = '\0';
    r->if_range[0] = '\0';
    plx_send_file(r, "");
}

static void close_after(plx_request *r)
{
    plx_send_file(r, "");
    r->close = true;
}

static void redirect(plx_request *r, int status, const char *to)
{
    plx_sendf(r, "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nhere", status, to);
}

static void redirect_to(plx_request *r, int status, const char *behaviour)
{
    char to[2048];
    snprintf(to, sizeof to, "/%s/%llu/%s", behaviour, (unsigned long long)r->size, r->name);
    redirect(r, status, to);
}

static void moved(plx_request *r)
{
    redirect_to(r, 302, "ok");
}

static void moved_thrice(plx_request *r)
{
    redirect_to(r, 307, "moved-twice");
}

static void moved_twice(plx_request *r)
{
    redirect_to(r, 308, "moved");
}

static void loop(plx_request *r)
{
    redirect_to(r, 301, "loop");
}

static void loop_growing(plx_request *r)
{
    char to[PLX_SERVER_PATH + 32];
    snprintf(to, sizeof to, "%s%llu", r->path, (unsigned long long)r->nth);
    redirect(r, 302, to);
}

static void to_file(plx_request *r)
{
    redirect(r, 302, "file:///etc/passwd");
}

static void to_ftp(plx_request *r)
{
    redirect(r, 302, "ftp://127.0.0.1/x");
}

static void to_gopher(plx_request *r)
{
    redirect(r, 302, "gopher://127.0.0.1:25/x");
}

static void to_metadata(plx_request *r)
{
    redirect(r, 302, "http://169.254.169.254/latest/meta-data/");
}

static void to_private(plx_request *r)
{
    redirect(r, 302, "https://10.0.0.1/x");
}

static void to_mapped(plx_request *r)
{
    redirect(r, 302, "https://[::ffff:192.168.1.1]/x");
}

static void to_any(plx_request *r)
{
    redirect(r, 302, "https://0.0.0.0/x");
}

static void to_user(plx_request *r)
{
    redirect(r, 302, "https://user:secret@example.org/x");
}

static void to_plain(plx_request *r)
{
    redirect(r, 302, "http://example.org/x");
}

static void to_nowhere(plx_request *r)
{
    plx_sendf(r, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
}

static void to_far(plx_request *r)
{
    char to[10000];
    memset(to, 'a', sizeof to);
    to[0] = '/';
    to[sizeof to - 1] = '\0';
    redirect(r, 302, to);
}

static void to_garbage(plx_request *r)
{
    redirect(r, 302, "http://[:::]:99999/");
}

static void status(plx_request *r, const char *line, const char *more)
{
    plx_sendf(r, "HTTP/1.1 %s\r\n%sContent-Length: 5\r\n\r\nsorry", line, more);
}

static void not_found(plx_request *r)
{
    status(r, "404 Not Found", "");
}

static void gone(plx_request *r)
{
    status(r, "410 Gone", "");
}

static void forbidden(plx_request *r)
{
    status(r, "403 Forbidden", "");
}

static void unauthorized(plx_request *r)
{
    status(r, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n");
}

static void broken(plx_request *r)
{
    status(r, "500 Internal Server Error", "");
}

static void busy_twice(plx_request *r)
{
    if (r->nth < 2) {
        status(r, "503 Service Unavailable", "");
    } else {
        plx_send_file(r, "");
    }
}

static void wait_once(plx_request *r)
{
    if (r->nth < 1) {
        status(r, "429 Too Many Requests", "Retry-After: 1\r\n");
    } else {
        plx_send_file(r, "");
    }
}

static void wait_days(plx_request *r)
{
    status(r, "429 Too Many Requests", "Retry-After: 999999\r\n");
}

static void wait_forever(plx_request *r)
{
    status(r, "429 Too Many Requests", "Retry-After: 0\r\n");
}

static void no_content(plx_request *r)
{
    plx_sendf(r, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void not_modified(plx_request *r)
{
    plx_sendf(r, "HTTP/1.1 304 Not Modified\r\n\r\n");
}

static void odd_status(plx_request *r)
{
    status(r, "999 What", "");
}

static void headers_endless(plx_request *r)
{
    plx_sendf(r, OK_HEAD);
    for (int i = 0; i < 100000 && plx_sendf(r, "X-Header-%d: some text that goes on for a while\r\n", i); i++) {
    }
    r->close = true;
}

static void header_long(plx_request *r)
{
    static const char many[] = "0123456789012345678901234567890123456789012345678901234567890123";
    plx_sendf(r, OK_HEAD "X-Long: ");
    for (int i = 0; i < LONG_LINE / 64 && plx_send(r, many, 64); i++) {
    }
    plx_sendf(r, "\r\nContent-Length: 0\r\n\r\n");
    r->close = true;
}

static void header_nul(plx_request *r)
{
    static const char text[] = OK_HEAD "X-Nul: a\0b\r\nContent-Length: 3\r\n\r\nabc";
    plx_send(r, text, sizeof text - 1);
    r->close = true;
}

static void interim_endless(plx_request *r)
{
    for (int i = 0; i < 100000 && plx_sendf(r, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"); i++) {
    }
    r->close = true;
}

static void interim(plx_request *r)
{
    plx_sendf(r, "HTTP/1.1 103 Early Hints\r\nETag: \"not this\"\r\nContent-Length: 3\r\n\r\n");
    plx_send_file(r, "");
}

static void header_fat(plx_request *r)
{
    char more[12000];
    memset(more, 'x', sizeof more);
    memcpy(more, "X-Fat: ", 7);
    memcpy(more + sizeof more - 3, "\r\n", 3);
    plx_send_file(r, more);
}

static void header_case(plx_request *r)
{
    uint64_t size = r->size;
    plx_sendf(r, "HTTP/1.1 200\r\ncONTENT-lENGTH:%llu\r\n: empty\r\neTaG:\t\"x\"  \r\n\r\n", (unsigned long long)size);
    plx_send_content(r, 0, size);
}

static void header_odd(plx_request *r)
{
    plx_sendf(r, OK_HEAD "No colon here\r\n\x01\x02\x03\r\nContent-Length: 3\r\n\r\nabc");
    r->close = true;
}

static void names(plx_request *r)
{
    plx_send_file(r, "Content-Disposition: attachment; filename=\"../../../tmp/evil\"; "
                     "filename*=UTF-8''..%2f..%2fevil\r\n"
                     "Content-Location: file:///tmp/evil\r\nLink: <x>; rel=\"\xff\xfe\x1b[31m\"\r\n");
}

static void cookies(plx_request *r)
{
    plx_send_file(
        r, "Set-Cookie: a=b; Path=/\r\nStrict-Transport-Security: max-age=1\r\nAlt-Svc: h3=\":1\"\r\nRefresh: 0; "
           "url=file:///etc/passwd\r\n");
}

static void slow_start(plx_request *r)
{
    plx_linger(r, 300);
    plx_send_file(r, "");
}

static void page(plx_request *r, const char *type, const char *text)
{
    plx_sendf(r, OK_HEAD "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type, strlen(text), text);
}

static void html(plx_request *r)
{
    page(r, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n");
}

static void html_as_data(plx_request *r)
{
    page(r, "application/octet-stream", "  \n<html><body>Please log in</body></html>\n");
}

static void html_hidden(plx_request *r)
{
    page(r, "text/plain", "\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- <a,b> --> <!doctype HTML><title>x</title>");
}

static void html_type(plx_request *r)
{
    plx_send_file(r, "Content-Type: text/html\r\n");
}

static void json_error(plx_request *r)
{
    page(r, "application/json", "{\"message\": \"rate limit\"}");
}

static void gzip_bomb(plx_request *r)
{
    plx_sendf(r, OK_HEAD "Content-Encoding: gzip\r\nContent-Length: %llu\r\n\r\n\x1f\x8b\x08",
              (unsigned long long)r->size);
    plx_send_content(r, 3, r->size);
}

static void gzip_label(plx_request *r)
{
    plx_send_file(r, "Content-Encoding: x-gzip\r\n");
}

static void sha_announced(plx_request *r)
{
    plx_send_file(r, "X-Linked-Etag: \"0000000000000000000000000000000000000000000000000000000000000000\"\r\n");
}

static void digest_announced(plx_request *r)
{
    plx_send_file(r, "Repr-Digest: sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:\r\n");
}

static void md5_announced(plx_request *r)
{
    plx_send_file(r, "x-goog-hash: crc32c=AAAAAA==,md5=AAAAAAAAAAAAAAAAAAAAAA==\r\n");
}

const plx_behaviour plx_server_answers[] = {
    {"ok", ok},
    {"broken", broken},
    {"busy-twice", busy_twice},
    {"close-after", close_after},
    {"cookies", cookies},
    {"digest-announced", digest_announced},
    {"forbidden", forbidden},
    {"gone", gone},
    {"gzip-bomb", gzip_bomb},
    {"gzip-label", gzip_label},
    {"header-case", header_case},
    {"header-fat", header_fat},
    {"header-long", header_long},
    {"header-nul", header_nul},
    {"header-odd", header_odd},
    {"headers-endless", headers_endless},
    {"html", html},
    {"html-as-data", html_as_data},
    {"html-hidden", html_hidden},
    {"html-type", html_type},
    {"interim", interim},
    {"interim-endless", interim_endless},
    {"json-error", json_error},
    {"loop", loop},
    {"loop-growing", loop_growing},
    {"md5-announced", md5_announced},
    {"moved", moved},
    {"moved-thrice", moved_thrice},
    {"moved-twice", moved_twice},
    {"names", names},
    {"no-content", no_content},
    {"no-validator", no_validator},
    {"not-found", not_found},
    {"not-modified", not_modified},
    {"odd-status", odd_status},
    {"sha-announced", sha_announced},
    {"slow-start", slow_start},
    {"to-any", to_any},
    {"to-far", to_far},
    {"to-file", to_file},
    {"to-ftp", to_ftp},
    {"to-garbage", to_garbage},
    {"to-gopher", to_gopher},
    {"to-mapped", to_mapped},
    {"to-metadata", to_metadata},
    {"to-nowhere", to_nowhere},
    {"to-plain", to_plain},
    {"to-private", to_private},
    {"to-user", to_user},
    {"unauthorized", unauthorized},
    {"wait-days", wait_days},
    {"wait-forever", wait_forever},
    {"wait-once", wait_once},
    {0},
};
