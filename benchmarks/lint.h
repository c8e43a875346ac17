/* SPDX-License-Identifier: Apache-2.0
 *
 * Leakage: what of the test a model may have learned from already.
 */
#ifndef PLX_BENCHMARKS_LINT_H
#define PLX_BENCHMARKS_LINT_H

#include "benchmarks/bench.h"

typedef enum plx_leak {
    PLX_LEAK_IN_TRAINING,  /* a test item is a training item */
    PLX_LEAK_MIRROR,       /* b -> a is a training item, a -> b a test item */
    PLX_LEAK_IN_GRAPH,     /* the training graph joins a test pair */
    PLX_LEAK_BOTH_LABELS,  /* one pair is positive and negative */
    PLX_LEAK_TWICE,        /* an item is there twice in one part */
    PLX_LEAK_UNOBSERVABLE, /* a negative of which nobody can know that it is one */
    PLX_N_LEAKS
} plx_leak;

/* Name and sentence: "mirror-in-training". */
const char *plx_leak_name(plx_leak leak);
const char *plx_leak_doc(plx_leak leak);

/* Items of one part: pairs of nodes, or (b NULL) nodes. */
typedef struct plx_lint_items {
    size_t n;
    const uint32_t *a, *b;
    const int32_t *label; /* 1 or 0 of pairs; NULL: not known */
} plx_lint_items;

typedef struct plx_lint_input {
    plx_lint_items train, test;
    size_t n_nodes;
    const plx_slice *name;
    const uint8_t *observable; /* NULL: all are */
    const plx_csr *graph;      /* symmetric wiring to learn from; NULL: none */
    bool directed;             /* pairs are ordered; else b, a is the pair a, b */
    bool two_animals;          /* labels of training and test are of different ones */
} plx_lint_input;

typedef struct plx_lint {
    size_t n[PLX_N_LEAKS];        /* how many */
    char first[PLX_N_LEAKS][160]; /* one of each */
} plx_lint;
/* Add what is wrong with the input. cost: O(n log n). errors: NOMEM. */
bool plx_lint_check(const plx_lint_input *input, plx_lint *out, plx_err *err);
/* Every cell of a task: training against validation and test. */
bool plx_lint_bench(const plx_bench *bench, plx_lint *out, plx_err *err);
/* Pairs from tables "a,b" or "a,b,label", and names of observable nodes, one a line (NULL: all are). errors: FORMAT,
 * SCHEMA naming file and line. */
bool plx_lint_files(const plx_ctx *ctx, const char *train, const char *test, const char *observable, bool directed,
                    plx_lint *out, plx_err *err);

#endif
