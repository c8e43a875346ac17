/* SPDX-License-Identifier: Apache-2.0
 *
 * What a running ingester stands on; only ingest.c and get.c look inside.
 */
#ifndef PLX_INGEST_INGEST_JOB_H
#define PLX_INGEST_INGEST_JOB_H

#include "ingest/ingest.h"

struct plx_ingest {
    const plx_ctx *ctx;
    const plx_store *store; /* NULL: files are read where the fetch found them */
    const plx_ingester *ingester;
    const plx_manifest *manifest;
    plx_mode mode;
    const char *unit; /* "" for a data set of one record */
    plx_arena *arena;
    plx_sink *sink;
    const plx_fetched *files; /* manifest->n_files of them */
    plx_record **uses;        /* manifest->n_uses of them */
};

/* The manifest's options against the ingester's table: unknown, missing and non-scalar ones are all named in one error.
 */
bool plx_ingest_check_options(const plx_ingester *ingester, const plx_manifest *manifest, plx_err *err);
/* errors: NOTFOUND, saying why, when `mode` is compat and upstream has no rule for this data set. */
bool plx_ingest_check_mode(const plx_ingester *ingester, const plx_manifest *manifest, plx_mode mode, plx_err *err);
/* Value of a declared option in this manifest, or its default; NULL for one the ingester does not declare. */
const char *plx_ingest_option_text(const plx_ingester *ingester, const plx_manifest *manifest, const char *option);

#endif
