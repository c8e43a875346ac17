/* SPDX-License-Identifier: Apache-2.0
 *
 * Models: fit on what a task hands out, predict what it asks. One const struct per file, one line in models/models.def.
 * A model opens no file, sees neither validation nor test targets, and is single-threaded: cells run in parallel.
 */
#ifndef PLX_BENCHMARKS_MODEL_H
#define PLX_BENCHMARKS_MODEL_H

#include "benchmarks/evidence.h"
#include "benchmarks/graph.h"
#include "benchmarks/param.h"
#include "core/ctx.h"

/* Kinds of question; a model says which it answers, a task which it asks. */
typedef enum plx_problem_kind {
    PLX_PROBLEM_LINKS = 1,  /* score pairs of nodes: the more likely joined, the higher */
    PLX_PROBLEM_TYPES = 2,  /* probabilities over classes for nodes */
    PLX_PROBLEM_BUNDLES = 4 /* arrays and tables in, arrays and tables out: segmentation and the like */
} plx_problem_kind;

/* What a model cannot do without; a task that does not hand it out is refused before anything runs. */
enum { PLX_USES_POSITIONS = 1, PLX_USES_HOMOLOGUES = 2, PLX_USES_TYPES = 4 };

/* Everything fit may see. Borrowed, and kept by the caller until the state is released. */
typedef struct plx_train {
    plx_problem_kind problem;
    const plx_graph *graph; /* LINKS, TYPES: training edges only */
    bool directed;          /* LINKS: pairs are ordered, a -> b; else a < b stands for both ways */
    size_t n;               /* labelled items */
    const uint32_t *a, *b;  /* LINKS: nodes of pairs; TYPES: nodes in `a`, b NULL */
    const int32_t *label;   /* [n] LINKS: 1 joined, 0 not; TYPES: class */
    size_t n_classes;       /* TYPES */
    const char *const *class_names;
    uint64_t seed;          /* plx_rng_stream(seed, "model-name", 0) */
    const plx_bundle *data; /* BUNDLES: inputs and targets */
} plx_train;

typedef struct plx_query {
    size_t n;
    const uint32_t *a, *b;  /* as in plx_train */
    const plx_bundle *data; /* BUNDLES: inputs */
} plx_query;

/* Where predict writes. */
typedef struct plx_answer {
    double *score;     /* [n], or [n * n_classes] in C order; made by the caller, must be filled with finite values */
    plx_bundle bundle; /* BUNDLES: made by the model in `arena` */
    plx_arena *arena;
} plx_answer;

typedef struct plx_model {
    const char *name, *title;
    const char *doc;         /* paragraphs: the formula, what it uses, how ties and unknown nodes are treated */
    const char *reference;   /* paper (doi) and equation */
    int version;             /* raise it when predictions change */
    unsigned solves;         /* mask of plx_problem_kind */
    unsigned uses;           /* mask of PLX_USES_ */
    bool random;             /* predictions depend on the seed */
    const plx_param *params; /* ended by name NULL; NULL: none. Those with a grid are chosen on validation */
    /* *state may stay NULL for a model that learns nothing. On failure nothing is left behind. */
    bool (*fit)(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err);
    bool (*predict)(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err);
    void (*release)(void *state); /* NULL when there is none */
    /* Numbers learned from the data; NULL: none. */
    uint64_t (*n_parameters)(const plx_train *train, const plx_params *params, const void *state);
} plx_model;

extern const plx_model *const plx_models[]; /* sorted by name, NULL at the end */
/* By name; NULL when there is none. */
const plx_model *plx_model_find(const char *name);

#endif
