/* SPDX-License-Identifier: Apache-2.0
 *
 * The image that was segmented, as its greatest projection along z.
 */
#ifndef PLX_BENCHMARKS_LABEL_RAW_H
#define PLX_BENCHMARKS_LABEL_RAW_H

#include "benchmarks/label_files.h"

/* 0xRRGGBB of each pixel: one channel is grey, two or three are red, green, blue; each is stretched to its own greatest
 * value, the brightest thousandth aside. `spec` is FILE or FILE:DATASET of the size of the pair. shape: pixels[y * x].
 * errors: those of plx_volume_open; FORMAT for another size or more than three channels; UNSUPPORTED for complex
 * numbers and text; NOMEM. */
bool plx_label_raw(const plx_ctx *ctx, const char *spec, const plx_label_pair *pair, uint32_t *pixels, plx_err *err);

#endif
