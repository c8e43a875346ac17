/* SPDX-License-Identifier: Apache-2.0
 *
 * Getting some records of a data set: what its ref holds already stays, and is added to.
 */
#ifndef PLX_INGEST_GET_UNITS_H
#define PLX_INGEST_GET_UNITS_H

#include "ingest/get_trees.h"
#include "registry/manifest_units.h"

typedef struct plx_get_part {
    const char *const *wanted; /* units that must be made now, in the manifest's order */
    size_t n_wanted;
    size_t n_all;          /* units of the manifest; 0: it has none, and nothing of this applies */
    plx_get_unit *carried; /* records the ref holds already, and keeps */
    size_t n_carried;
} plx_get_part;

/* Decide what is to be made of `facts->whole`: the units asked for (none: all) but those whose record and files are in
 * the store by a ref of the same manifest and ingester. Sets facts->manifest to the files that are needed for that, and
 * facts->carried to those of the ref that stay. `records`: a unit without a record does not count as there. owner: the
 * arena. errors: NOTFOUND for a unit there is not. */
bool plx_get_part_choose(const plx_ctx *ctx, const plx_store *store, plx_arena *arena, plx_get_facts *facts,
                         const plx_get_opts *opts, bool records, plx_get_part *out, plx_err *err);
/* New and carried records in the manifest's order; those of no unit of the manifest first. */
bool plx_get_part_merge(plx_arena *arena, const plx_get_facts *facts, const plx_get_part *part,
                        const plx_get_unit *made, size_t n_made, plx_get_unit **out, size_t *n, plx_err *err);
/* Counts of many records added up: what plx_expect_check wants to see. */
typedef struct plx_get_sums {
    plx_value *counts, *counts_all; /* NULL: none were begun */
} plx_get_sums;

bool plx_get_sums_begin(plx_arena *arena, plx_get_sums *out, plx_err *err);
bool plx_get_sums_add(plx_arena *arena, const plx_get_sums *sums, const plx_value *meta, plx_err *err);
/* Once all `n` units are there: their number, and the sums over those made now (`sums`) and those carried, against what
 * the manifest expects. */
bool plx_get_part_expect(const plx_ctx *ctx, const plx_store *store, plx_arena *arena, const plx_get_facts *facts,
                         const plx_get_part *part, size_t n, const plx_get_sums *sums, plx_err *err);

#endif
