/* SPDX-License-Identifier: Apache-2.0
 *
 * What split rules share: groups of items, sorted by stratum and shuffled within each by the seed.
 */
#ifndef PLX_BENCHMARKS_SPLITS_DEAL_H
#define PLX_BENCHMARKS_SPLITS_DEAL_H

#include "benchmarks/split.h"

typedef struct plx_deal {
    size_t n_groups, n_strata;
    size_t *start;      /* [n_strata + 1] into order */
    uint32_t *order;    /* groups, stratum by stratum, shuffled within */
    uint8_t *part;      /* [n_groups] for the rule to fill */
    uint32_t *group_of; /* [n] dense group of each item, by first appearance */
} plx_deal;

/* owner: caller, plx_deal_close. errors: NOMEM; LIMIT past 2^32 items. */
bool plx_deal_open(const plx_split_input *input, plx_deal *out, plx_err *err);
/* Give every item the part of its group (`part` NULL: do not) and free everything. */
void plx_deal_close(const plx_split_input *input, plx_deal *deal, uint8_t *part);

#endif
