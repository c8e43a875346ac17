/* SPDX-License-Identifier: Apache-2.0
 *
 * One LZ4 block behind its unpacked size as four little-endian bytes, as numcodecs writes it.
 */
#include "core/alloc.h"
#include "formats/codec.h"

#include <limits.h>
#include <lz4.h>

enum { HEAD = 4 };

static bool open(const plx_value *settings, size_t item, plx_codec_state *out, plx_err *err)
{
    (void)item;
    int64_t acceleration;
    if (!plx_codec_int(settings, "acceleration", 1, INT_MIN, INT_MAX, &acceleration, err)) {
        return false;
    }
    out->level = acceleration < 1 ? 1 : (int)acceleration;
    return true;
}

static bool decode(const plx_codec_state *state, const uint8_t *packed, size_t n, uint8_t *out, size_t want,
                   plx_err *err)
{
    (void)state;
    if (n < HEAD) {
        return plx_fail(err, PLX_E_TRUNCATED, "it ends before the four bytes of its size");
    }
    uint32_t size = packed[0] | (uint32_t)packed[1] << 8 | (uint32_t)packed[2] << 16 | (uint32_t)packed[3] << 24;
    if (size != want || want > INT_MAX || n - HEAD > INT_MAX) {
        plx_fail(err, PLX_E_FORMAT, "its packed bytes are damaged");
        return plx_err_why(err, "lz4: it says that it unpacks to %u bytes, a chunk has %zu", size, want);
    }
    int got = LZ4_decompress_safe((const char *)packed + HEAD, (char *)out, (int)(n - HEAD), (int)want);
    return (got >= 0 && (size_t)got == want) || plx_codec_damaged(err, "lz4", "the block does not unpack");
}

static bool encode(const plx_codec_state *state, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err)
{
    if (n > LZ4_MAX_INPUT_SIZE) {
        return plx_fail(err, PLX_E_LIMIT, "lz4 packs at most %d bytes at a time", LZ4_MAX_INPUT_SIZE);
    }
    int bound = LZ4_compressBound((int)n);
    if (!plx_buf_alloc((size_t)bound + HEAD, out, err)) {
        return false;
    }
    for (int i = 0; i < HEAD; i++) {
        out->ptr[i] = (uint8_t)(n >> (8 * i));
    }
    int got = LZ4_compress_fast((const char *)bytes, (char *)out->ptr + HEAD, (int)n, bound, state->level);
    if (got <= 0) {
        plx_buf_free(out);
        return plx_fail_nomem(err, (size_t)bound);
    }
    out->len = (size_t)got + HEAD;
    return true;
}

extern const plx_codec plx_codec_lz4;
const plx_codec plx_codec_lz4 = {
    .name = "lz4",
    .title = "LZ4 block",
    .reference = "LZ4 Block Format (2022-07-31); numcodecs.lz4",
    .limits = "Chunks below 2 GiB.",
    .open = open,
    .decode = decode,
    .encode = encode,
};
