/* SPDX-License-Identifier: Apache-2.0
 *
 * LZF streams of known size, as h5py packs chunks (HDF5 filter 32000). The format is that of LibLZF 3.6: runs of up to
 * 32 literal bytes, and copies of 3 to 264 bytes from up to 8192 bytes back.
 */
#ifndef PLX_FORMATS_LZF_H
#define PLX_FORMATS_LZF_H

#include "core/err.h"

#include <stdint.h>

/* Unpack to exactly `want` bytes. errors: FORMAT saying what is wrong with the stream. */
bool plx_lzf_decode(const uint8_t *packed, size_t n, uint8_t *out, size_t want, plx_err *err);

#endif
