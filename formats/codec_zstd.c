/* SPDX-License-Identifier: Apache-2.0
 *
 * Zstandard frames (RFC 8878), unpacked in one go into the chunk, so that a window of any size costs no memory.
 */
#include "core/alloc.h"
#include "formats/codec.h"

#include <zstd.h>

static bool open(const plx_value *settings, size_t item, plx_codec_state *out, plx_err *err)
{
    (void)item;
    int64_t level, checksum;
    if (!plx_codec_int(settings, "level", 1, ZSTD_minCLevel(), ZSTD_maxCLevel(), &level, err)) {
        return false;
    }
    const plx_value *given = plx_v_get(settings, "checksum");
    checksum = given && given->kind == PLX_V_BOOL && given->u.b;
    out->level = (int)level;
    out->shuffle = (int)checksum;
    return true;
}

static bool decode(const plx_codec_state *state, const uint8_t *packed, size_t n, uint8_t *out, size_t want,
                   plx_err *err)
{
    (void)state;
    size_t got = ZSTD_decompress(out, want, packed, n);
    if (ZSTD_isError(got)) {
        return plx_codec_damaged(err, "zstd", ZSTD_getErrorName(got));
    }
    return got == want || plx_codec_damaged(err, "zstd", "it unpacks to fewer bytes than a chunk has");
}

static bool encode(const plx_codec_state *state, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err)
{
    size_t cap = ZSTD_compressBound(n);
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    bool ok = zstd ? plx_buf_alloc(cap, out, err) : plx_fail_nomem(err, cap);
    if (ok) {
        (void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, state->level);
        (void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, state->shuffle);
        size_t got = ZSTD_compress2(zstd, out->ptr, cap, bytes, n);
        if (ZSTD_isError(got)) {
            ok = plx_fail(err, PLX_E_NOMEM, "zstd cannot pack %zu bytes: %s", n, ZSTD_getErrorName(got));
            plx_buf_free(out);
        } else {
            out->len = got;
        }
    }
    ZSTD_freeCCtx(zstd);
    return ok;
}

extern const plx_codec plx_codec_zstd;
const plx_codec plx_codec_zstd = {
    .name = "zstd",
    .title = "Zstandard",
    .reference = "RFC 8878; numcodecs.zstd",
    .limits = "No dictionaries.",
    .open = open,
    .decode = decode,
    .encode = encode,
};
