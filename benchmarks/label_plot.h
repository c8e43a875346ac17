/* SPDX-License-Identifier: Apache-2.0
 *
 * A picture of a scored pair of label volumes: greatest projections along z of the image, the truth and the prediction
 * beside each other, and a map of what was found, missed, split and merged.
 */
#ifndef PLX_BENCHMARKS_LABEL_PLOT_H
#define PLX_BENCHMARKS_LABEL_PLOT_H

#include "benchmarks/kernels/iscore.h"
#include "benchmarks/label_files.h"
#include "formats/drawing.h"

enum { PLX_LABEL_PLOT_SIDE = 8192 };

typedef struct plx_label_plot_opts {
    const char *raw; /* a volume of one to three channels, FILE or FILE:DATASET, of the truth's size; or NULL */
    const char *title, *definition; /* definition: what the scores were computed by */
    double voxel_um;                /* width of a voxel in y and x, for the scale bar; 0: unknown */
} plx_label_plot_opts;

/* `pair` and `score` belong together and were scored already. owner: caller, plx_drawing_free; texts in `arena`.
 * errors: LIMIT for pictures wider or higher than PLX_LABEL_PLOT_SIDE; those of plx_volume_open; FORMAT when `raw` has
 * another size. */
bool plx_label_plot(const plx_ctx *ctx, const plx_label_pair *pair, const plx_iscore *score,
                    const plx_label_plot_opts *opts, plx_arena *arena, plx_drawing *out, plx_err *err);

#endif
