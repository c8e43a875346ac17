/* SPDX-License-Identifier: Apache-2.0
 *
 * What refs and runs name: the roots that verify checks objects against and gc keeps. Anything that looks like a
 * SHA-256 in a ref, in a run file or in the provenance of a record they name counts as reached: keeping too much is
 * harmless.
 */
#ifndef PLX_REGISTRY_SURVEY_H
#define PLX_REGISTRY_SURVEY_H

#include "core/arena.h"
#include "registry/store.h"
#include "schemas/ref.h"

/* An object a ref cannot do without. */
typedef struct plx_need {
    bool is_blob, has_bytes;
    plx_digest digest;
    uint64_t bytes;
    const char *used_by; /* "connectome/white1986-n2u@1:strict" */
    plx_ref ref;
} plx_need;

/* A file under refs/ or runs/ that cannot be believed. */
typedef struct plx_bad_root {
    const char *path; /* "refs/connectome/x/1.strict.json" */
    const char *what;
    const char *used_by; /* the ref it was, or "" */
    bool is_run, is_extra;
} plx_bad_root;

typedef struct plx_reached {
    plx_digest digest;
    const char *used_by;
} plx_reached;

typedef struct plx_survey {
    plx_arena *arena;
    plx_need *needs;
    plx_bad_root *bad;
    plx_reached *reached;
    size_t n_needs, needs_cap, n_bad, bad_cap, n_reached, reached_cap;
    uint32_t *slots; /* open addressing into reached, index + 1 */
    size_t n_slots;
    size_t n_refs, n_runs;
    size_t n_bad_records; /* named, there, but not what their name says: what they reach is not known */
    uint64_t bytes;       /* of the run files read */
    plx_err unreadable;   /* the first file that the system would not let us read; code PLX_OK when there is none */
} plx_survey;

/* `only` (may be NULL) restricts it to the refs it matches, and leaves runs out. owner: caller, plx_survey_free, also
 * on failure. */
bool plx_survey_make(const plx_ctx *ctx, const plx_store *store, const plx_ref *only, plx_survey *out, plx_err *err);
void plx_survey_free(plx_survey *survey);
/* NULL when nothing names it. */
const plx_reached *plx_survey_find(const plx_survey *survey, const plx_digest *digest);
/* Does `ref` stand for `only`? Parts that `only` leaves out match anything; so does a mode that was not given. */
bool plx_ref_matches(const plx_ref *ref, const plx_ref *only);

#endif
