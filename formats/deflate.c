/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/deflate.h"

#include <libdeflate.h>

enum { DEFAULT_LEVEL = 6 };

bool plx_deflate_open(const plx_value *settings, size_t item, plx_codec_state *out, plx_err *err)
{
    (void)item;
    int64_t level;
    if (!plx_codec_int(settings, "level", 1, -1, 9, &level, err)) {
        return false;
    }
    out->level = level < 0 ? DEFAULT_LEVEL : (int)level;
    return true;
}

static bool fail(enum libdeflate_result result, bool gzip, plx_err *err)
{
    const char *name = gzip ? "gzip" : "zlib";
    return plx_codec_damaged(err, name,
                             result == LIBDEFLATE_SHORT_OUTPUT         ? "it unpacks to fewer bytes than a chunk has"
                             : result == LIBDEFLATE_INSUFFICIENT_SPACE ? "it unpacks to more bytes than a chunk has"
                                                                       : "the stream is broken or its sum is wrong");
}

bool plx_deflate_decode(bool gzip, const uint8_t *packed, size_t n, uint8_t *out, size_t want, plx_err *err)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d) {
        return plx_fail_nomem(err, 0);
    }
    size_t used = 0, made = 0, at = 0, done = 0;
    enum libdeflate_result result = LIBDEFLATE_BAD_DATA;
    do {
        result = gzip ? libdeflate_gzip_decompress_ex(d, packed + at, n - at, out + done, want - done, &used, &made)
                      : libdeflate_zlib_decompress_ex(d, packed, n, out, want, &used, &made);
        if (result == LIBDEFLATE_SUCCESS) {
            at += used;
            done += made;
        }
    } while (gzip && result == LIBDEFLATE_SUCCESS && at < n);
    libdeflate_free_decompressor(d);
    if (result != LIBDEFLATE_SUCCESS) {
        return fail(result, gzip, err);
    }
    if (at != n) {
        return plx_codec_damaged(err, gzip ? "gzip" : "zlib", "there are bytes behind the stream");
    }
    return done == want || fail(LIBDEFLATE_SHORT_OUTPUT, gzip, err);
}

bool plx_deflate_encode(bool gzip, int level, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
    if (!c) {
        return plx_fail_nomem(err, 0);
    }
    size_t cap = gzip ? libdeflate_gzip_compress_bound(c, n) : libdeflate_zlib_compress_bound(c, n);
    bool ok = plx_buf_alloc(cap, out, err);
    if (ok) {
        out->len = gzip ? libdeflate_gzip_compress(c, bytes, n, out->ptr, cap)
                        : libdeflate_zlib_compress(c, bytes, n, out->ptr, cap);
        if (out->len == 0) {
            plx_buf_free(out);
            ok = plx_fail(err, PLX_E_BUG, "libdeflate does not keep to its own bound");
        }
    }
    libdeflate_free_compressor(c);
    return ok;
}
