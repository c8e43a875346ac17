/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/deflate.h"

static bool decode(const plx_codec_state *state, const uint8_t *packed, size_t n, uint8_t *out, size_t want,
                   plx_err *err)
{
    (void)state;
    return plx_deflate_decode(false, packed, n, out, want, err);
}

static bool encode(const plx_codec_state *state, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err)
{
    return plx_deflate_encode(false, state->level, bytes, n, out, err);
}

extern const plx_codec plx_codec_zlib;
const plx_codec plx_codec_zlib = {
    .name = "zlib",
    .title = "Deflate in a zlib stream",
    .reference = "RFC 1950; numcodecs.zlib",
    .limits = "No preset dictionaries.",
    .open = plx_deflate_open,
    .decode = decode,
    .encode = encode,
};
