/* SPDX-License-Identifier: Apache-2.0
 *
 * source: W3C PNG specification, second edition: signature, IHDR, one IDAT, IEND. Each row is filtered by what stands
 * left of it (Sub), which suits flat colours.
 */
#include "formats/png_write.h"

#include "core/alloc.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

enum { CHANNELS = 3, FILTER_SUB = 1, LEVEL = 6 };

static void put32(uint8_t out[4], uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

static bool chunk(FILE *to, const char *type, const uint8_t *bytes, size_t len, plx_err *err)
{
    uint8_t head[8], tail[4];
    put32(head, (uint32_t)len);
    memcpy(head + 4, type, 4);
    uint32_t crc = (uint32_t)crc32(0, head + 4, 4);
    crc = len ? (uint32_t)crc32(crc, bytes, (uInt)len) : crc;
    put32(tail, crc);
    bool ok = fwrite(head, 1, sizeof head, to) == sizeof head && (len == 0 || fwrite(bytes, 1, len, to) == len) &&
              fwrite(tail, 1, sizeof tail, to) == sizeof tail;
    return ok || plx_fail_sys(err, errno ? errno : EIO, "cannot write the picture");
}

/* Rows with their filter byte. */
static uint8_t *filtered(const uint8_t *rgb, size_t width, size_t height, size_t *len)
{
    size_t row = width * CHANNELS;
    *len = (row + 1) * height;
    uint8_t *out = plx_alloc(*len);
    for (size_t y = 0; out && y < height; y++) {
        const uint8_t *from = rgb + y * row;
        uint8_t *to = out + y * (row + 1);
        *to++ = FILTER_SUB;
        for (size_t i = 0; i < row; i++) {
            to[i] = (uint8_t)(from[i] - (i >= CHANNELS ? from[i - CHANNELS] : 0));
        }
    }
    return out;
}

bool plx_png_write(const uint8_t *rgb, size_t width, size_t height, FILE *to, plx_err *err)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uint8_t header[13] = {0};
    size_t bytes, len;
    if (width == 0 || height == 0) {
        return plx_fail(err, PLX_E_ARG, "a picture needs a width and a height");
    }
    if (!plx_mul_ok(width, CHANNELS, &bytes) || !plx_mul_ok(bytes + 1, height, &bytes) || bytes > 1U << 30) {
        return plx_fail(err, PLX_E_LIMIT, "a picture of %zu x %zu is too large", width, height);
    }
    put32(header, (uint32_t)width);
    put32(header + 4, (uint32_t)height);
    header[8] = 8; /* bits */
    header[9] = 2; /* RGB */
    uint8_t *raw = filtered(rgb, width, height, &len);
    uLongf packed_len = compressBound((uLong)len);
    uint8_t *packed = plx_alloc(packed_len);
    bool ok = raw && packed ? true : plx_fail_nomem(err, packed_len);
    if (ok && compress2(packed, &packed_len, raw, (uLong)len, LEVEL) != Z_OK) {
        ok = plx_fail_nomem(err, packed_len); /* the only way left for it to fail */
    }
    if (ok && fwrite(signature, 1, sizeof signature, to) != sizeof signature) {
        ok = plx_fail_sys(err, errno ? errno : EIO, "cannot write the picture");
    }
    ok = ok && chunk(to, "IHDR", header, sizeof header, err) && chunk(to, "IDAT", packed, packed_len, err) &&
         chunk(to, "IEND", NULL, 0, err);
    plx_free(raw);
    plx_free(packed);
    return ok;
}
