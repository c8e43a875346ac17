/* SPDX-License-Identifier: Apache-2.0
 *
 * Which data sets `plexus get` was asked for, and in which order they can be got.
 */
#ifndef PLX_CLI_GET_PLAN_H
#define PLX_CLI_GET_PLAN_H

#include "cli/cli.h"
#include "ingest/ingest.h"
#include "schemas/ref.h"

typedef struct plx_get_item {
    const plx_manifest *manifest;
    plx_mode mode;
    const char *ref;    /* family/name@version:mode */
    const char **units; /* only these records; n_units 0: all */
    size_t n_units;
    bool asked;       /* false: only needed by others */
    const char *skip; /* chosen by family, but left out for this reason; NULL: not left out */
    unsigned level;   /* 0: uses nothing; n: uses something of level n - 1 */
    bool ok;
    plx_got got;
    plx_err err;
} plx_get_item;

typedef struct plx_get_plan {
    plx_get_item *items; /* by level, then in the order asked for; each data set and mode once */
    size_t n, cap;
    unsigned n_levels;
    size_t n_asked;
} plx_get_plan;

/* Arguments: references, "family/" or "family/<star>" (with :compat if wanted) for all of a family; `all` for
 * everything but demo sets. `files_only`: of a family those that nothing reads, else those that something does. Parses
 * the manifests of everything in the plan, so that threads may look them up. owner: caller. */
bool plx_get_plan_make(plx_cli *cli, const char *const *args, size_t n_args, bool all, bool files_only,
                       plx_get_plan *out, plx_err *err);
void plx_get_plan_free(plx_get_plan *plan);
/* `get -n`: each file with its size, where it would come from and its licence; a store is not needed. Asks no network.
 */
bool plx_get_preview(plx_cli *cli, const plx_get_plan *plan, const plx_fetch_opts *opts, plx_err *err);

#endif
