/* SPDX-License-Identifier: Apache-2.0
 *
 * A task opened over its data: records read, splits of every cell made and hashed. Shared by all models run on it.
 */
#ifndef PLX_BENCHMARKS_BENCH_H
#define PLX_BENCHMARKS_BENCH_H

#include "benchmarks/task.h"

/* What made a result, for its row. All borrowed. */
typedef struct plx_tool {
    const char *version, *commit, *compiler, *flags;
    const char *libraries; /* "sqlite 3.40.1, zlib 1.2.13" */
} plx_tool;

typedef struct plx_bench_cell {
    uint32_t unit; /* index */
    unsigned fold;
    uint64_t seed;
    plx_digest split, target;
} plx_bench_cell;

typedef struct plx_bench {
    const plx_ctx *ctx;
    plx_store *store;
    const plx_task *task;
    plx_arena *arena;
    size_t n_units;
    const char **units; /* "connectome/white1986-n2u", as written */
    void **data;        /* of each, made by the task */
    size_t n_inputs;    /* records, each once */
    const char **input_refs;
    plx_digest *input_records;
    uint64_t first_seed;
    unsigned n_seeds;
    const char *metric_params; /* as given, or NULL */
    size_t n_cells;
    plx_bench_cell *cells; /* units x folds x seeds, in this order; folds of one seed stand together */
    plx_digest board;      /* over task, version, units, folds, seeds, splits, targets: results with another one are not
                              comparable */
} plx_bench;

typedef struct plx_bench_opts {
    const char *const *units; /* NULL: the task's own */
    size_t n_units;
    const char *split;         /* NULL: the task's own units, those of "test" where it has official splits */
    bool present;              /* leave out units that are not in the store, as long as there is one */
    const char *metric_params; /* "merges=paper-2024": of its metrics; a board of its own. NULL: the task's */
    uint64_t first_seed;
    unsigned n_seeds; /* 0: the task's own */
} plx_bench_opts;

/* Read the units' records and divide them. A unit whose data set has several records stands for one unit each. owner:
 * caller, plx_bench_close. errors: NOTFOUND naming all data sets that are not in the store (next: plexus get ...); ARG
 * for a unit of the wrong form. */
bool plx_bench_open(const plx_ctx *ctx, plx_store *store, const plx_task *task, const plx_bench_opts *opts,
                    plx_bench **out, plx_err *err);
void plx_bench_close(plx_bench *bench); /* accepts NULL */

/* Can the model answer this task? errors: UNSUPPORTED saying what is missing. */
bool plx_bench_accepts(const plx_task *task, const plx_model *model, plx_err *err);

#endif
