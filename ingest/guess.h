/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ingester somebody's own files look made for.
 */
#ifndef PLX_INGEST_GUESS_H
#define PLX_INGEST_GUESS_H

#include "ingest/ingest.h"

enum { PLX_GUESS_MAX = 8 };

/* What a driver says of one file by its outline (formats/outline.h): options that say how to read it, each "key=value".
 */
typedef struct plx_guess {
    plx_arena *arena;
    const plx_ingester *ingester; /* whose options these are */
    const char *options[PLX_GUESS_MAX];
    size_t n_options;
} plx_guess;

/* Note "key=value" unless the value is the default of that option. False without memory, or when there are too many. */
bool plx_guess_option(plx_guess *guess, const char *key, const char *value);
/* The first of the names that the outline has among its items, or NULL. Case counts for nothing. */
const char *plx_guess_item(const plx_value *outline, const char *const *names);

/* The ingester that takes every one of the files, with the same options, and whose options these are. *out NULL when
 * none does, or when it is not the only one. Files that no format can read fit nothing. errors: NOMEM, CANCELLED. */
bool plx_ingest_guess(const plx_ctx *ctx, plx_arena *arena, const char *const *files, size_t n,
                      const plx_ingester **out, plx_guess *guess, plx_err *err);

#endif
