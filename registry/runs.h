/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of benchmarks on disk. runs/<run>/run.json is what is to be done, and <run> the SHA-256 of its identity (task,
 * splits, inputs, model, parameters): the same question has the same name everywhere. Each cell is committed as
 * runs/<run>/cells/<index>.json when it ends. When all are there they become runs/<run>/result.json, which alone makes
 * a run complete, and the folder of cells goes. All three are sealed. What a machine measured (time, memory) stands
 * apart in `measured`; everything else is the same for any number of threads and interruptions.
 */
#ifndef PLX_REGISTRY_RUNS_H
#define PLX_REGISTRY_RUNS_H

#include "core/value.h"
#include "registry/store.h"

enum { PLX_RUN_CELLS_MAX = 1000000 };

typedef enum plx_run_file { PLX_RUN_PLAN, PLX_RUN_CELL, PLX_RUN_RESULT } plx_run_file;
/* What the path `rel`, below runs/, is of; false when it is none of these. */
bool plx_runs_of_path(const char *rel, plx_digest *run, plx_run_file *file, uint32_t *index);
/* Is `content` that of this file? A sound file in the wrong place is damage too. errors: SCHEMA. */
bool plx_runs_check(const plx_digest *run, plx_run_file file, uint32_t index, const plx_value *content, plx_err *err);

/* SHA-256 of the identity's canonical text. */
bool plx_runs_name(const plx_value *identity, plx_digest *run, plx_err *err);

/* Commits files of one run by way of one private folder. */
typedef struct plx_run_writer {
    const plx_store *store;
    plx_digest run;
    char dir[PLX_PATH];     /* runs/<run> */
    char partial[PLX_PATH]; /* private */
} plx_run_writer;
/* Open the run of this identity, writing run.json {schema, identity} when it is not there. owner: caller,
 * plx_run_writer_close. */
bool plx_run_writer_open(plx_store *store, const plx_value *identity, plx_run_writer *out, plx_err *err);
void plx_run_writer_close(plx_run_writer *writer);
/* {schema, run, index, cell, measured}. */
bool plx_run_writer_cell(plx_run_writer *writer, uint32_t index, const plx_value *cell, const plx_value *measured,
                         plx_err *err);
/* {schema, run, record, measured}; afterwards cells/ is removed. */
bool plx_run_writer_result(plx_run_writer *writer, const plx_value *record, const plx_value *measured, plx_err *err);

/* Remove the cells that an interruption left beside a result. */
bool plx_runs_clean(const plx_store *store, const plx_digest *run, plx_err *err);

/* Content of run.json or result.json; *out NULL when it is not there. errors: DIGEST, SCHEMA, FORMAT (next: plexus
 * repair). */
bool plx_runs_read(const plx_ctx *ctx, const plx_store *store, const plx_digest *run, plx_run_file file,
                   plx_arena *arena, const plx_value **out, plx_err *err);
/* Contents of the cells there are: cells[i] NULL for those that are not, or are damaged. shape: cells[n]. */
bool plx_runs_read_cells(const plx_ctx *ctx, const plx_store *store, const plx_digest *run, plx_arena *arena,
                         const plx_value **cells, size_t n, size_t *n_done, plx_err *err);

typedef struct plx_run_listed {
    const char *key; /* "run:<hex>" */
    plx_digest run;
    bool complete;
    size_t n_cells;   /* committed, of one that is not complete */
    plx_digest state; /* differs when anything about it does; as the files claim, unchecked */
} plx_run_listed;
/* Every run, sorted by key, from names and last lines alone. owner: the arena. */
bool plx_runs_list(const plx_store *store, plx_arena *arena, plx_run_listed **out, size_t *n, plx_err *err);
/* A run by the start of its name (6 digits or more). errors: NOTFOUND, also when several start like that; ARG. */
bool plx_runs_find(const plx_store *store, const char *hex, plx_digest *out, plx_err *err);
/* Take a run out of the store, whole. */
bool plx_runs_remove(plx_store *store, const plx_digest *run, bool *was_there, plx_err *err);

#endif
