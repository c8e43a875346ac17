/* SPDX-License-Identifier: Apache-2.0
 *
 * Blosc 1 containers through c-blosc, loaded when the first one is met. c-blosc reads as many bytes as the header
 * claims, so the header and the table of blocks are checked here against the bytes that are there and the size a chunk
 * must have.
 */
#define _GNU_SOURCE /* RTLD_NODELETE */
#include "core/alloc.h"
#include "formats/codec.h"

#include <blosc.h>
#include <dlfcn.h>
#include <string.h>

static const char LIBRARY[] = "libblosc.so.1";

enum { COMPRESS, DECOMPRESS, VALIDATE };
enum {
    HEAD = BLOSC_MIN_HEADER_LENGTH,
    VERSION = 2,
    FLAG_SHUFFLE = 1,
    FLAG_COPIED = 2,
    FLAG_BITSHUFFLE = 4,
    FLAG_RESERVED = 8,
    FLAG_NO_SPLIT = 16,
    FORMATS = 5,
    MAX_SPLITS = 16,
    MIN_SPLIT = 128
};

typedef __typeof__(&blosc_compress_ctx) compress_call;
typedef __typeof__(&blosc_decompress_ctx) decompress_call;
typedef __typeof__(&blosc_cbuffer_validate) validate_call;

static bool load(plx_codec_state *state, plx_err *err)
{
    static const char *const names[PLX_CODEC_CALLS] = {"blosc_compress_ctx", "blosc_decompress_ctx",
                                                       "blosc_cbuffer_validate"};
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        plx_fail(err, PLX_E_UNSUPPORTED, "chunks packed by blosc cannot be read: the library %s is not there", LIBRARY);
        return plx_err_next(err, "apt-get install libblosc1");
    }
    bool ok = true;
    for (int i = 0; i < PLX_CODEC_CALLS; i++) {
        void *symbol = dlsym(handle, names[i]);
        memcpy(&state->call[i], &symbol, sizeof symbol); /* ISO C has no cast from void * to a function */
        ok = ok && symbol;
    }
    dlclose(handle); /* RTLD_NODELETE: it stays */
    return ok || plx_fail(err, PLX_E_UNSUPPORTED, "chunks packed by blosc cannot be read: %s is too old", LIBRARY);
}

static bool open(const plx_value *settings, size_t item, plx_codec_state *out, plx_err *err)
{
    static const char *const inner[] = {"blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"};
    const char *name = plx_v_get_text(settings, "cname");
    name = name ? name : "lz4";
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        out->inner = strcmp(inner[i], name) == 0 ? inner[i] : out->inner;
    }
    if (!out->inner) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "blosc knows no compressor \"%.40s\"", name);
    }
    int64_t level, shuffle, block;
    if (!plx_codec_int(settings, "clevel", 5, 0, 9, &level, err) ||
        !plx_codec_int(settings, "shuffle", 1, -1, 2, &shuffle, err) ||
        !plx_codec_int(settings, "blocksize", 0, 0, BLOSC_MAX_BUFFERSIZE, &block, err)) {
        return false;
    }
    /* -1 leaves it to numcodecs: by bits for single bytes, else by bytes. */
    out->shuffle = shuffle >= 0 ? (int)shuffle : item == 1 ? BLOSC_BITSHUFFLE : BLOSC_SHUFFLE;
    out->level = (int)level;
    out->block = (size_t)block;
    return load(out, err);
}

static uint32_t u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Each block lies behind the table, and so do the sizes of its parts. */
static const char *check_blocks(const uint8_t *packed, size_t n, size_t want, size_t block, unsigned flags)
{
    size_t item = packed[3] ? packed[3] : 1;
    size_t n_blocks = (want + block - 1) / block;
    if (n_blocks > (n - HEAD) / 4) {
        return "its table of blocks runs past its end";
    }
    for (size_t b = 0; b < n_blocks; b++) {
        size_t at = u32(packed + HEAD + 4 * b);
        if (at < HEAD + 4 * n_blocks || at >= n) {
            return "a block starts outside of it";
        }
        size_t size = b + 1 < n_blocks ? block : want - b * block;
        bool is_split = !(flags & FLAG_NO_SPLIT) && item <= MAX_SPLITS && block / item >= MIN_SPLIT && size == block;
        size_t parts = is_split ? item : 1;
        for (size_t i = 0; i < parts; i++) {
            if (n - at < 4) {
                return "a block runs past its end";
            }
            size_t len = u32(packed + at);
            at += 4;
            if (len > n - at) {
                return "a block runs past its end";
            }
            at += len;
        }
    }
    return NULL;
}

static const char *check(const uint8_t *packed, size_t n, size_t want)
{
    size_t nbytes = u32(packed + 4), block = u32(packed + 8), cbytes = u32(packed + 12);
    unsigned flags = packed[2];
    if (packed[0] != VERSION) {
        return "it is of a version that is not known";
    }
    if (cbytes != n) {
        return "it is not as long as its header says";
    }
    if (nbytes != want || want > BLOSC_MAX_BUFFERSIZE) {
        return "by its header it does not unpack to a chunk";
    }
    if (want == 0) {
        return n == HEAD ? NULL : "it has bytes for nothing";
    }
    if (flags & FLAG_RESERVED || flags >> 5 >= FORMATS || block == 0 || block > want || packed[3] == 0) {
        return "its header is malformed";
    }
    if (flags & FLAG_COPIED) {
        return n - HEAD == want ? NULL : "it holds a copy of another size";
    }
    return check_blocks(packed, n, want, block, flags);
}

static bool decode(const plx_codec_state *state, const uint8_t *packed, size_t n, uint8_t *out, size_t want,
                   plx_err *err)
{
    if (n < HEAD) {
        return plx_fail(err, PLX_E_TRUNCATED, "it ends inside the header of blosc, after %zu of %d bytes", n, HEAD);
    }
    if (u32(packed + 12) > n) {
        return plx_fail(err, PLX_E_TRUNCATED, "it ends after %zu of %u packed bytes", n, u32(packed + 12));
    }
    const char *why = check(packed, n, want);
    if (why) {
        return plx_codec_damaged(err, "blosc", why);
    }
    if (want == 0) {
        return true;
    }
    validate_call validate = (validate_call)state->call[VALIDATE];
    decompress_call decompress = (decompress_call)state->call[DECOMPRESS];
    size_t size = 0;
    if (validate(packed, n, &size) != 0 || size != want) {
        return plx_codec_damaged(err, "blosc", "its header is malformed");
    }
    int got = decompress(packed, out, want, 1);
    return (got >= 0 && (size_t)got == want) || plx_codec_damaged(err, "blosc", "a block does not unpack");
}

static bool encode(const plx_codec_state *state, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err)
{
    if (n > BLOSC_MAX_BUFFERSIZE) {
        return plx_fail(err, PLX_E_LIMIT, "blosc packs at most %d bytes at a time", BLOSC_MAX_BUFFERSIZE);
    }
    compress_call compress = (compress_call)state->call[COMPRESS];
    size_t cap = n + BLOSC_MAX_OVERHEAD;
    if (!plx_buf_alloc(cap, out, err)) {
        return false;
    }
    int got =
        compress(state->level, state->shuffle, state->item, n, bytes, out->ptr, cap, state->inner, state->block, 1);
    if (got <= 0) {
        plx_buf_free(out);
        return plx_fail(err, PLX_E_UNSUPPORTED, "%s cannot pack with %s", LIBRARY, state->inner);
    }
    out->len = (size_t)got;
    return true;
}

extern const plx_codec plx_codec_blosc;
const plx_codec plx_codec_blosc = {
    .name = "blosc",
    .title = "Blosc 1 container",
    .reference = "c-blosc 1.21, README_CHUNK_FORMAT.rst; numcodecs.blosc",
    .limits = "Chunks below 2 GiB.",
    .open = open,
    .decode = decode,
    .encode = encode,
};
