/* SPDX-License-Identifier: Apache-2.0
 *
 * What plexus score prints of label volumes: one pair, or folders of images.
 */
#ifndef PLX_CLI_SCORE_LABELS_H
#define PLX_CLI_SCORE_LABELS_H

#include "benchmarks/label_folder.h"
#include "benchmarks/submission.h"
#include "cli/bench_args.h"

typedef struct plx_score_labels_opts {
    const char *pred, *truth; /* FILE[:DATASET]; for folders `pred` is unused */
    plx_metric_mode mode;
    bool partly, subset;
    int64_t spatial;                  /* 0: by the files */
    const char *against;              /* an earlier result as JSON, or NULL */
    const char *dim_file;             /* JSON, for truths without that attribute, or NULL */
    const plx_opt_list *dim;          /* labels, in place of those of the truth's attribute */
    const plx_opt_list *partly_names; /* folders */
    const char *name, *split;         /* folders against records: of the method; of the benchmark */
} plx_score_labels_opts;

/* What an earlier result was made of that is no longer so: each is told, and makes *stale true. The results may be of
 * one pair or of a folder. errors: those of reading `path`. */
bool plx_score_against(plx_cli *cli, const char *path, const plx_value *now, bool *stale, plx_err *err);

/* One pair by a metric that accepts PLX_EVIDENCE_LABELS. Exit code 1 when the reference raises. */
bool plx_score_labels(plx_cli *cli, const plx_metric *metric, const plx_params *params,
                      const plx_score_labels_opts *opts, int *exit_code, plx_err *err);
/* task:fisbe-instances, with parameters of metric:fisbe, against a folder of truths, or without one against the records
 * of the store, in which the result is kept: one folder of predictions, or three runs of which mean and
 * spread are told. */
bool plx_score_label_folders(plx_cli *cli, const plx_params *params, const plx_score_labels_opts *opts,
                             const char *const *folders, size_t n, int *exit_code, plx_err *err);

/* The task over records of a store. */
typedef struct plx_score_records {
    plx_store store;
    plx_bench *bench;
    plx_submission_head head; /* json NULL: the folder has no submission.json */
} plx_score_records;
/* Open the task for the folder `pred` (FOLDER or FOLDER:DATASET): units are those its submission.json names, or those
 * of a split of the benchmark; with `subset` those of them that are in the store. owner: *out, plx_score_records_close.
 * errors: those of plx_store_open, plx_bench_open, plx_submission_read_head and plx_submission_check_board. */
bool plx_score_records_open(plx_cli *cli, const plx_score_labels_opts *opts, const plx_params *params, const char *pred,
                            plx_score_records *out, plx_err *err);
void plx_score_records_close(plx_score_records *records);
/* Keep a scored folder as a run: records are its truths, `bench` the task over them. */
bool plx_score_keep(plx_cli *cli, plx_bench *bench, const plx_label_folder *folder, const plx_iscore_options *options,
                    const char *name, plx_run_report *out, plx_err *err);

#endif
