/* SPDX-License-Identifier: Apache-2.0
 *
 * file:///absolute/path addresses (RFC 8089 without hosts), %XX decoded. Only regular files.
 */
#include "registry/transports.h"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool decode(const char *url, char out[PLX_PATH], plx_err *err)
{
    const char *p = url + strlen("file://");
    size_t n = 0;
    for (; *p; p++) {
        int c = (unsigned char)*p;
        if (*p == '%') {
            int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);
            c = high * 16 + low;
            if (low < 0 || c == 0) {
                return plx_fail(err, PLX_E_ARG, "%% in %s is not followed by two hex digits of a character", url);
            }
            p += 2;
        }
        if (n + 1 >= PLX_PATH) {
            return plx_fail(err, PLX_E_ARG, "the path in a file address is longer than %d bytes", PLX_PATH - 1);
        }
        out[n++] = (char)c;
    }
    out[n] = 0;
    return true;
}

static bool open_file(const plx_ctx *ctx, const char *url, plx_source **out, plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_starts_with(url, "file:///")) {
        return plx_fail(err, PLX_E_ARG, "%s is not a file address: file:///absolute/path", url);
    }
    return decode(url, path, err) && plx_source_file(ctx, path, false, out, err);
}

const plx_transport plx_transport_file = {
    .scheme = "file", .title = "files of this machine", .network = false, .open = open_file};
