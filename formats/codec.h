/* SPDX-License-Identifier: Apache-2.0
 *
 * Codecs: how the chunks of an array are packed. Names and settings are those of numcodecs, which zarr v2 writes into
 * its metadata. A chunk unpacks to a size that is known beforehand, so nothing is ever allocated for what a chunk says
 * of itself.
 */
#ifndef PLX_FORMATS_CODEC_H
#define PLX_FORMATS_CODEC_H

#include "core/buf.h"
#include "core/value.h"

enum { PLX_CODEC_CALLS = 3 };

/* What a codec keeps of its settings. Read-only once open: threads share it. */
typedef struct plx_codec_state {
    size_t item; /* bytes of one element, for shuffling */
    int level, shuffle;
    size_t block;
    const char *inner;                   /* compressor inside a container; a literal */
    void (*call[PLX_CODEC_CALLS])(void); /* of a library loaded at run time */
} plx_codec_state;

typedef struct plx_codec {
    const char *name; /* numcodecs id */
    const char *title, *reference;
    const char *limits; /* what is not read, in one sentence */
    /* Check settings ({"id": "blosc", "clevel": 5, ...}); what is left out takes numcodecs' default. errors: FORMAT for
     * a setting that cannot be, UNSUPPORTED. */
    bool (*open)(const plx_value *settings, size_t item, plx_codec_state *out, plx_err *err);
    /* Unpack exactly `want` bytes. errors: FORMAT, TRUNCATED saying what is wrong; NOMEM. */
    bool (*decode)(const plx_codec_state *state, const uint8_t *packed, size_t n, uint8_t *out, size_t want,
                   plx_err *err);
    /* The same bytes and settings give the same packed bytes. owner: *out. */
    bool (*encode)(const plx_codec_state *state, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err);
} plx_codec;

extern const plx_codec *const plx_codecs[]; /* sorted by name, NULL at the end */
const plx_codec *plx_codec_find(const char *name);
/* By the "id" of settings, and open it. errors: FORMAT when they are no object with an id; UNSUPPORTED naming the
 * codecs that are read; those of plx_codec.open. */
bool plx_codec_open(const plx_value *settings, size_t item, const plx_codec **codec, plx_codec_state *state,
                    plx_err *err);

/* Setting `key` as an integer from `low` to `high`, or `fallback` when it is left out. errors: FORMAT. */
bool plx_codec_int(const plx_value *settings, const char *key, int64_t fallback, int64_t low, int64_t high,
                   int64_t *out, plx_err *err);
/* The packed bytes are not what the codec makes. Returns false. */
bool plx_codec_damaged(plx_err *err, const char *codec, const char *why);

#endif
