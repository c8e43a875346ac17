/* SPDX-License-Identifier: Apache-2.0
 *
 * Predictions in files, so that anything written in any language can be scored: a folder with submission.json and, for
 * each cell, one .npy or .csv. docs/benchmarks.md has the format. Nothing in it is executed.
 */
#ifndef PLX_BENCHMARKS_SUBMISSION_H
#define PLX_BENCHMARKS_SUBMISSION_H

#include "benchmarks/bench.h"
#include "schemas/kind.h"

/* "connectome.white1986-n2u/seed-3" or ".../seed-3.fold-1": where the files of a cell lie, without their endings.
 * shape: out[PLX_PATH]. */
void plx_submission_stem(const plx_bench *bench, size_t cell, char out[PLX_PATH]);

/* What submission.json says. */
typedef struct plx_submission_head {
    const plx_value *json; /* the whole object */
    const char *task, *model, *board;
    const char **units;
    size_t n_units;
    uint64_t first_seed;
    unsigned n_seeds;
} plx_submission_head;
/* owner: the arena. errors: NOTFOUND; FORMAT and SCHEMA naming what is wrong. */
bool plx_submission_read_head(const plx_ctx *ctx, const char *dir, plx_arena *arena, plx_submission_head *out,
                              plx_err *err);

typedef struct plx_submission {
    const plx_bench *bench;
    plx_arena *arena;
    plx_reals *score;    /* [n_cells], in the order of each cell's test items */
    plx_digest evidence; /* over all of them */
} plx_submission;
/* Read every cell. Everything that is missing, there twice, not known, of another shape or not finite is collected in
 * `found`; *usable false when there is any. owner: caller, plx_submission_close, also on failure. */
bool plx_submission_open(const plx_bench *bench, const char *dir, plx_submission *out, plx_violations *found,
                         bool *usable, plx_err *err);
void plx_submission_close(plx_submission *submission);
/* Is the submission of these splits? errors: SCHEMA. */
bool plx_submission_check_board(const plx_bench *bench, const plx_submission_head *head, plx_err *err);

/* Make `dir` with submission.json and what `fill` puts into the folder it is given. Whole or not at all. errors: POLICY
 * when it is there; those of `fill`. */
typedef bool (*plx_submission_fill)(void *payload, const char *dir, plx_err *err);
bool plx_submission_make(const plx_bench *bench, const char *dir, const char *model, plx_submission_fill fill,
                         void *payload, plx_err *err);
/* Such a folder with, for each cell, <stem>.train.csv (items and labels), <stem>.graph.csv (edges to
 * learn from) and <stem>.test.csv (items to score); with `score` (one array for each cell) also <stem>.npy. */
bool plx_submission_write(const plx_bench *bench, const char *dir, const char *model, const plx_reals *score,
                          plx_err *err);

#endif
