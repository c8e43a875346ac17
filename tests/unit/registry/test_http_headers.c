/* SPDX-License-Identifier: Apache-2.0
 *
 * What is heard of header lines, and that everything malformed is passed over.
 */
#include "registry/http_headers.h"

#include <check.h>
#include <stdio.h>

static plx_http_reply reply;

static void hear(const char *line)
{
    plx_http_read_header(plx_slice_of(line), &reply);
}

static void anew(void)
{
    reply = (plx_http_reply){.retry_after_s = -1};
}

START_TEST(sound_headers)
{
    hear("HTTP/1.1 206 Partial Content");
    hear("Content-Length: 95");
    hear("content-RANGE: bytes 5-99/100");
    hear("ETag:  \"abc\"");
    hear("Last-Modified: Sat, 01 Nov 2025 10:00:00 GMT");
    hear("Content-Type: text/csv; charset=utf-8");
    hear("Content-Encoding: gzip");
    hear("Retry-After: 7");
    ck_assert_int_eq(reply.status, 206);
    ck_assert(reply.has_length && reply.length == 95);
    ck_assert(reply.has_range && reply.first == 5 && reply.last == 99 && reply.has_total && reply.total == 100);
    ck_assert_str_eq(reply.etag, "\"abc\"");
    ck_assert_str_eq(reply.modified, "Sat, 01 Nov 2025 10:00:00 GMT");
    ck_assert_str_eq(reply.type, "text/csv; charset=utf-8");
    ck_assert_str_eq(reply.encoding, "gzip");
    ck_assert_int_eq(reply.retry_after_s, 7);
    hear("HTTP/2 200");
    ck_assert_int_eq(reply.status, 200);
    ck_assert(!reply.has_length && !reply.has_range && !reply.etag[0] && reply.retry_after_s == -1);
}
END_TEST

START_TEST(names_of_git)
{
    static const char *const none[] = {"",
                                       "W/",
                                       "\"\"",
                                       "cfa20f81071245f292f0b52b37beb7adf9259a26",
                                       "\"cfa20f81071245f292f0b52b37beb7adf9259a2\"",
                                       "\"Cfa20f81071245f292f0b52b37beb7adf9259a26\"",
                                       "w/\"cfa20f81071245f292f0b52b37beb7adf9259a26\""};
    char out[41] = "";
    ck_assert(plx_http_etag_git_sha1(plx_slice_of("W/\"cfa20f81071245f292f0b52b37beb7adf9259a26\""), out));
    ck_assert_str_eq(out, "cfa20f81071245f292f0b52b37beb7adf9259a26");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        out[0] = '\0';
        ck_assert(!plx_http_etag_git_sha1(plx_slice_of(none[i]), out) && !out[0]);
    }
    anew();
    hear("X-Linked-Etag: \"cfa20f81071245f292f0b52b37beb7adf9259a26\"");
    hear("HTTP/1.1 200 OK"); /* of the next hop */
    ck_assert_str_eq(reply.git_sha1, "cfa20f81071245f292f0b52b37beb7adf9259a26");
    ck_assert_str_eq(reply.sha256, "");
}
END_TEST

START_TEST(ranges)
{
    static const struct {
        const char *value;
        bool range, total;
    } cases[] = {
        {"bytes 0-0/1", true, true},
        {"bytes 0-9/*", true, false},
        {"bytes */77", false, true},
        {"bytes 5-4/10", false, true},
        {"bytes 5-10/10", false, true},
        {"bytes 5-9", false, false},
        {"bits 5-9/10", false, false},
        {"bytes -9/10", false, true},
        {"bytes 5-/10", false, true},
        {"bytes x-9/10", false, true},
        {"bytes 5-9/x", true, false},
        {"bytes", false, false},
        {"", false, false},
        {"bytes 5-99999999999999999999/10", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[128];
        anew();
        snprintf(line, sizeof line, "Content-Range: %s", cases[i].value);
        hear(line);
        ck_assert_msg(reply.has_range == cases[i].range && reply.has_total == cases[i].total, "%s", cases[i].value);
    }
}
END_TEST

START_TEST(digests_that_hosts_announce)
{
    static const char sha[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    anew();
    hear("X-Linked-Etag: \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
    ck_assert_str_eq(reply.sha256, sha);
    hear("HTTP/1.1 302 Found"); /* a later hop does not know better */
    ck_assert_str_eq(reply.sha256, sha);
    anew();
    hear("X-Linked-Etag: \"0123456789012345678901234567890123456789\""); /* git's name of a small file */
    ck_assert_str_eq(reply.sha256, "");
    hear("X-Linked-Etag: W/\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015\"");
    ck_assert_str_eq(reply.sha256, "");
    hear("Repr-Digest: md5=:AAAA:, sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:");
    ck_assert_str_eq(reply.sha256, sha);
    hear("x-goog-hash: crc32c=n03x6A==,md5=kAFQmDzST7DWlj99KOF/cg==");
    ck_assert_str_eq(reply.md5, "900150983cd24fb0d6963f7d28e17f72");
    anew();
    hear("x-goog-hash: md5=kAFQmDzST7DWlj99KOF/");
    hear("x-goog-hash: md5=kAFQmDzST7DWlj99KOF/cgAA");
    hear("x-goog-hash: md5=kAFQmDzST7DWlj99KOF!cg==");
    hear("Repr-Digest: sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    hear("Repr-Digest: sha-256=:");
    ck_assert_str_eq(reply.md5, "");
    ck_assert_str_eq(reply.sha256, "");
}
END_TEST

START_TEST(odd_lines)
{
    char line[2 * PLX_HTTP_FIELD] = "ETag: ";
    anew();
    memset(line + 6, 'x', sizeof line - 7);
    line[sizeof line - 1] = '\0';
    hear(line);
    ck_assert_str_eq(reply.etag, "");
    hear("ETag: \"a\x01\"");
    ck_assert_str_eq(reply.etag, "");
    hear("ETag: \"\xff\"");
    ck_assert_str_eq(reply.etag, "");
    hear("Content-Length: -5");
    hear("Content-Length: 5, 5");
    hear("Content-Length:");
    ck_assert(!reply.has_length);
    hear("Retry-After: Sat, 01 Nov 2025 10:00:00 GMT");
    hear("Retry-After: -1");
    ck_assert_int_eq(reply.retry_after_s, -1);
    hear("Retry-After: 18446744073709551615");
    ck_assert_int_eq(reply.retry_after_s, 24 * 60 * 60);
    hear("");
    hear(":");
    hear("no colon");
    hear("HTTP/");
    hear("HTTP/1.1");
    ck_assert_int_eq(reply.status, 0);
    hear("HTTP/1.1 2x0 Odd");
    ck_assert_int_eq(reply.status, 0);
    hear("HTTP/1.1 20");
    ck_assert_int_eq(reply.status, 0);
}
END_TEST

START_TEST(every_prefix)
{
    static const char *const lines[] = {
        "HTTP/1.1 206 Partial Content",
        "Content-Range: bytes 5-99/100",
        "Repr-Digest: md5=:AAAA:, sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:",
        "x-goog-hash: crc32c=n03x6A==,md5=kAFQmDzST7DWlj99KOF/cg==",
        "X-Linked-Etag: \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        for (size_t n = 0; n + 2 < strlen(lines[i]); n++) { /* the padding of Base64 may be missing */
            char exact[128];                                /* the sanitizer sees a read beyond it */
            memcpy(exact + sizeof exact - n, lines[i], n);
            anew();
            plx_http_read_header((plx_slice){exact + sizeof exact - n, n}, &reply);
            ck_assert(reply.sha256[0] == '\0' && reply.md5[0] == '\0');
        }
    }
}
END_TEST

Suite *http_headers_suite(void)
{
    Suite *s = suite_create("http_headers");
    TCase *tc = tcase_create("http_headers");
    tcase_add_checked_fixture(tc, anew, NULL);
    tcase_add_test(tc, sound_headers);
    tcase_add_test(tc, names_of_git);
    tcase_add_test(tc, ranges);
    tcase_add_test(tc, digests_that_hosts_announce);
    tcase_add_test(tc, odd_lines);
    tcase_add_test(tc, every_prefix);
    suite_add_tcase(s, tc);
    return s;
}
