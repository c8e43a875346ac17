/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaderboards from the runs in a store. A board holds runs of one task, version and metric mode over exactly the same
 * splits and targets: nothing else is comparable. Only complete runs rank; of others it is said how many cells they
 * lack.
 */
#ifndef PLX_BENCHMARKS_BOARD_H
#define PLX_BENCHMARKS_BOARD_H

#include "benchmarks/bench.h"
#include "registry/runs.h"

typedef struct plx_board_score {
    double mean, std; /* NaN: not defined */
    int64_t n;        /* seeds */
} plx_board_score;

typedef struct plx_board_row {
    const char *run; /* "run:<hex>" */
    const char *model, *params, *commit, *finished;
    bool external; /* scored from files */
    bool complete; /* all cells are done and brought together in a result */
    unsigned rank; /* 1 is best, equal means share one; 0: not ranked, and `why` says why */
    const char *why;
    size_t n_done, n_cells;
    plx_board_score *scores;      /* [n_columns], over all units */
    plx_board_score *unit_scores; /* [n_units] of the first column */
    double cpu_s, wall_s;
    uint64_t peak_rss_bytes, n_parameters; /* the greatest of any cell */
    int version;                           /* of the model */
    bool outdated;                         /* the model has another version now */
} plx_board_row;

typedef struct plx_board {
    const char *task, *board; /* name, and digest */
    const plx_task *driver;   /* NULL when this program does not know it */
    int version;
    const char *mode;
    const char *metric_params; /* that were set in place of the task's, or "" */
    bool outdated;             /* the task has another version now */
    size_t n_columns, n_units;
    const char **columns, **directions, **units;
    const char **inputs; /* "ref sha256:<hex>" of each record */
    size_t n_inputs;
    int64_t first_seed, n_seeds, n_folds;
    plx_task_whole whole;          /* what its units are a part of; set NULL: of nothing */
    plx_task_published *published; /* of that set; they are no runs and have no rank */
    size_t n_published;
    size_t n_rows;
    plx_board_row *rows; /* ranked ones by rank, then the others */
} plx_board;

/* Boards of `task` (NULL: all), in the order of task, version, mode and digest; the newest versions first. owner: the
 * arena. Damaged runs are left out: verify tells of them. */
bool plx_boards_make(const plx_ctx *ctx, const plx_store *store, const char *task, plx_arena *arena, plx_board **out,
                     size_t *n, plx_err *err);

#endif
