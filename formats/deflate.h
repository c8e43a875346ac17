/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole zlib and gzip streams of known size, through libdeflate, which is about twice as fast as streaming.
 */
#ifndef PLX_FORMATS_DEFLATE_H
#define PLX_FORMATS_DEFLATE_H

#include "formats/codec.h"

/* Settings and coding of the codecs zlib and gzip; gzip may consist of several members, as RFC 1952 allows. Levels are
 * -1 (the default, 6) to 9. errors: those of plx_codec. */
bool plx_deflate_open(const plx_value *settings, size_t item, plx_codec_state *out, plx_err *err);
bool plx_deflate_decode(bool gzip, const uint8_t *packed, size_t n, uint8_t *out, size_t want, plx_err *err);
bool plx_deflate_encode(bool gzip, int level, const uint8_t *bytes, size_t n, plx_buf *out, plx_err *err);

#endif
