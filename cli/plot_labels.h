/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus plot metric:fisbe: a picture of a scored pair of label volumes.
 */
#ifndef PLX_CLI_PLOT_LABELS_H
#define PLX_CLI_PLOT_LABELS_H

#include "cli/cli.h"
#include "formats/drawing.h"

typedef struct plx_plot_labels_opts {
    const char *pred, *truth, *raw; /* FILE[:DATASET]; raw may be NULL */
    const char *mode;               /* "reference" or "strict" */
    const char *voxel_um;           /* a number, or NULL */
    int64_t spatial;                /* 0: by the files */
    bool partly;
    const plx_opt_list *set; /* parameters of the metric */
} plx_plot_labels_opts;

/* `metric` is "metric:NAME". owner: *out, plx_drawing_free. */
bool plx_plot_labels(plx_cli *cli, const char *metric, const plx_plot_labels_opts *opts, plx_drawing *out,
                     plx_err *err);

#endif
