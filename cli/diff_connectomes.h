/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between two connectomes, for people and as JSON: neurons that only one of them names and what that costs
 * the other, cells, edges, weights.
 */
#ifndef PLX_CLI_DIFF_CONNECTOMES_H
#define PLX_CLI_DIFF_CONNECTOMES_H

#include "cli/cli.h"
#include "registry/record.h"

typedef struct plx_diff_view {
    plx_cli *cli;
    const plx_record *a, *b;
    int64_t max; /* differences of each sort that are listed; 0: all */
    bool neurons, by_weight;
} plx_diff_view;

/* Adds to `out`, or prints when it is NULL. *same: no cell, edge or weight differs. */
bool plx_diff_connectomes(const plx_diff_view *view, plx_value *out, bool *same, plx_err *err);

#endif
