/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of a web server: whatever they say, what is kept of them can be sent back and compared.
 */
#include "fuzz/fuzz.h"

#include "registry/http_headers.h"

#include <stdlib.h>
#include <string.h>

static void check_text(const char *text, size_t cap)
{
    size_t len = strnlen(text, cap);
    PLX_FUZZ_EXPECT(len < cap);
    for (size_t i = 0; i < len; i++) {
        PLX_FUZZ_EXPECT((unsigned char)text[i] >= ' ' && (unsigned char)text[i] < 0x7f);
    }
}

static void check_hex(const char *text, size_t digits)
{
    size_t len = strspn(text, "0123456789abcdef");
    PLX_FUZZ_EXPECT((len == 0 || len == digits) && text[len] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_http_reply reply = {.retry_after_s = -1};
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = stop ? (size_t)(stop - at) : (size_t)(end - at);
        plx_http_read_header(plx_slice_trim((plx_slice){at, len}), &reply);
        at += len + (stop != NULL);
    }
    PLX_FUZZ_EXPECT(reply.status == 0 || (reply.status >= 100 && reply.status <= 999));
    PLX_FUZZ_EXPECT(!reply.has_range || reply.last >= reply.first);
    PLX_FUZZ_EXPECT(!reply.has_range || !reply.has_total || reply.last < reply.total);
    PLX_FUZZ_EXPECT(reply.retry_after_s >= -1 && reply.retry_after_s <= 24 * 60 * 60);
    check_text(reply.etag, sizeof reply.etag);
    check_text(reply.modified, sizeof reply.modified);
    check_text(reply.type, sizeof reply.type);
    check_text(reply.encoding, sizeof reply.encoding);
    check_hex(reply.sha256, 64);
    check_hex(reply.md5, 32);
    return 0;
}
