/* SPDX-License-Identifier: Apache-2.0
 *
 * Split rules: which items are learned from, which choose hyper-parameters, which are tested on. A rule is pure: the
 * same input gives the same parts on every machine. One const struct per file, one line in splits/splits.def.
 */
#ifndef PLX_BENCHMARKS_SPLIT_H
#define PLX_BENCHMARKS_SPLIT_H

#include "benchmarks/param.h"
#include "core/arena.h"
#include "core/hash.h"

typedef enum plx_part { PLX_PART_TRAIN, PLX_PART_VALID, PLX_PART_TEST, PLX_PART_UNUSED } plx_part;

/* What is divided. */
typedef struct plx_split_input {
    size_t n;              /* items */
    const uint32_t *group; /* [n] items of one group stay together; NULL: each on its own */
    const uint32_t
        *stratum; /* [n] shares are kept within each stratum (a group has that of its first item); NULL: none */
    unsigned fold, n_folds;
    uint64_t seed;
    const char *stream; /* names the random stream: "connectome-link connectome/white1986-n2u" */
} plx_split_input;

typedef struct plx_split {
    const char *name, *title;
    const char *doc;
    int version; /* raise it when parts change */
    const plx_param *params;
    /* shape: part[n], plx_part values. */
    bool (*divide)(const plx_split_input *input, const plx_params *params, uint8_t *part, plx_err *err);
} plx_split;

extern const plx_split *const plx_splits[]; /* sorted by name, NULL at the end */
/* By name; NULL when there is none. */
const plx_split *plx_split_find(const char *name);
/* Divide by the rule `name` with "key=value" parameters between blanks (NULL: defaults) into part[n] from the arena. */
bool plx_split_divide(const char *name, const char *params, const plx_split_input *input, plx_arena *arena,
                      uint8_t **part, plx_err *err);

#endif
