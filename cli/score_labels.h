/* SPDX-License-Identifier: Apache-2.0
 *
 * What plexus score prints of label volumes: one pair, or folders of images.
 */
#ifndef PLX_CLI_SCORE_LABELS_H
#define PLX_CLI_SCORE_LABELS_H

#include "benchmarks/metric.h"
#include "cli/cli.h"

typedef struct plx_score_labels_opts {
    const char *pred, *truth; /* FILE[:DATASET]; for folders `pred` is unused */
    plx_metric_mode mode;
    bool partly, subset;
    int64_t spatial;                  /* 0: by the files */
    const char *against;              /* an earlier result as JSON, or NULL */
    const char *dim_file;             /* JSON, for truths without that attribute, or NULL */
    const plx_opt_list *dim;          /* labels, in place of those of the truth's attribute */
    const plx_opt_list *partly_names; /* folders */
} plx_score_labels_opts;

/* One pair by a metric that accepts PLX_EVIDENCE_LABELS. Exit code 1 when the reference raises. */
bool plx_score_labels(plx_cli *cli, const plx_metric *metric, const plx_params *params,
                      const plx_score_labels_opts *opts, int *exit_code, plx_err *err);
/* task:fisbe-instances, with parameters of metric:fisbe: one folder of predictions, or three runs of which mean and
 * spread are told. */
bool plx_score_label_folders(plx_cli *cli, const plx_params *params, const plx_score_labels_opts *opts,
                             const char *const *folders, size_t n, int *exit_code, plx_err *err);

#endif
