/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks: a question with its data, split, negatives, metrics and their directions. One const struct per file, one line
 * in tasks/tasks.def. Its cells are units x folds x seeds; a unit is one record, or several joined by "->".
 */
#ifndef PLX_BENCHMARKS_TASK_H
#define PLX_BENCHMARKS_TASK_H

#include "benchmarks/metric.h"
#include "benchmarks/model.h"
#include "benchmarks/split.h"
#include "registry/record.h"

typedef struct plx_task_metric {
    const char *metric; /* driver */
    const char *params; /* "k=20", several between blanks; NULL: defaults */
    const char *score;  /* which of its scores; NULL: the first */
    const char *label;  /* column on boards: "hits@20" */
} plx_task_metric;

/* One fit and one prediction. The targets stay with the runner: models get `train` and `query` alone. */
typedef struct plx_stage {
    plx_train train;
    plx_query query;         /* n 0 and no data: there is nothing to do */
    const int32_t *label;    /* [query.n] LINKS: 1 or 0; TYPES: class */
    const plx_bundle *truth; /* BUNDLES */
    const void *source; /* BUNDLES whose arrays the task reads when they are needed: what `read` and `score` take */
} plx_stage;

/* One cell: `select` is fitted on training items and scored on validation, once for each combination of
 * hyper-parameters; `final` is fitted with the best of them and scored on test. */
typedef struct plx_trial {
    plx_digest split;  /* of items and parts */
    plx_digest target; /* of the test targets */
    plx_stage select, final;
    /* For lint and for files of predictions; models do not see these. */
    size_t n_nodes;
    const plx_slice *node_label;    /* LINKS, TYPES */
    const uint8_t *node_observable; /* NULL: all are */
    bool graph_is_given;            /* the wiring is not what is asked for: it may join test pairs */
    bool two_animals;               /* what is learned and what is asked are of different ones: a pair may be in both */
} plx_trial;

/* The records of one unit. */
typedef struct plx_task_input {
    const char *unit; /* "connectome/white1986-n2u->connectome/witvliet2020-8" */
    size_t n;
    const char *const *ref;    /* complete references of the data sets */
    plx_record *const *record; /* open; may be used by one thread at a time: `load` alone reads them */
    const plx_store *store;    /* for what `load` leaves in its record; stays open as long as the data */
    const char *metric_params; /* "merges=paper-2024", in place of the metrics' defaults; NULL: none were given */
} plx_task_input;

struct plx_cell_scores;

/* What somebody else published, for boards; nothing of it was run here. */
typedef struct plx_task_published {
    const char *method, *set, *source; /* set: which units: "combined" */
    double *scores;                    /* in the order of the task's metrics; NaN: not published */
} plx_task_published;

/* What a list of units is of what belongs together. */
typedef struct plx_task_whole {
    const char *set; /* "combined"; NULL: units that are of no such set */
    size_t n, n_of;  /* so many of its units are there; fewer than all do not rank */
} plx_task_whole;

typedef struct plx_task {
    const char *name, *title;
    int version;           /* raise it when split, targets or scores change */
    const char *question;  /* one sentence with a question mark */
    const char *unit;      /* what is scored: "unordered pair of neurons" */
    const char *split;     /* the rule in words */
    const char *negatives; /* what stands against the positives, or "none: ..." */
    const char *doc;       /* paragraphs: why, how to read it, what to beat */
    const char *reference; /* paper or code it follows, or "" */
    plx_problem_kind problem;
    unsigned hands_out;             /* mask of PLX_USES_ */
    const plx_task_metric *metrics; /* the first ranks; ended by metric NULL */
    const char *const *units;       /* default units, NULL-ended; refs without a mode are strict */
    const char *demo_unit;          /* a unit of built-in data, for `plexus demo`; NULL: none */
    unsigned n_refs;                /* records in one unit */
    unsigned n_folds, n_seeds;
    /* Read one unit whole. What is not there or too small to divide is an error: SCHEMA, UNSUPPORTED. */
    bool (*load)(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **data, plx_err *err);
    /* One cell. Pure, and safe in several threads over the same data. owner: the arena, which also holds everything the
     * trial points to besides `data`. */
    bool (*trial)(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena, plx_trial *out,
                  plx_err *err);

    /* All that follows may be NULL. Labels of scores of which less is better though it is not the metric's first,
     * NULL-ended. */
    const char *const *lower;
    /* Units of one of the official splits, in place of `units`. owner: the arena. errors:
     * ARG for a split there is not. */
    bool (*split_units)(const char *split, plx_arena *arena, const char *const **units, size_t *n, plx_err *err);
    /* BUNDLES that are too big to be held for all units: read what a stage asks about just before it is needed. owner:
     * *out, `let_go`. */
    bool (*read)(const plx_ctx *ctx, const plx_stage *stage, plx_arena *arena, plx_bundle *out, plx_err *err);
    void (*let_go)(plx_bundle *bundle);
    /* Compare an answer with the truth of such a stage. */
    bool (*score)(const plx_ctx *ctx, const plx_stage *stage, const plx_bundle *answer, plx_metric_mode mode,
                  plx_arena *arena, struct plx_cell_scores *out, plx_err *err);
    /* Scores of all units together, from the `detail` of their cells, where they are no means: value[metrics], NaN for
     * what is not defined. */
    bool (*pool)(const plx_value *const *detail, size_t n, double *value, plx_err *err);
    bool (*whole)(const char *const *units, size_t n, plx_arena *arena, plx_task_whole *out, plx_err *err);
    bool (*published)(plx_arena *arena, plx_task_published **out, size_t *n, plx_err *err);
} plx_task;

/* Which values of a task's score are better. */
plx_direction plx_task_direction(const plx_task *task, const plx_task_metric *metric);

extern const plx_task *const plx_tasks[]; /* sorted by name, NULL at the end */
/* By name; NULL when there is none. */
const plx_task *plx_task_find(const char *name);

#endif
