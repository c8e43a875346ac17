/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk that verify and repair share.
 */
#ifndef PLX_REGISTRY_VERIFY_RUN_H
#define PLX_REGISTRY_VERIFY_RUN_H

#include "registry/object.h"
#include "registry/survey.h"
#include "registry/verify.h"

/* `target`: what to move away to be rid of it, relative to the store; "" when there is nothing to move, or when it
 * could not be read, so that it may be sound. False ends the walk. */
typedef bool (*plx_found_target)(void *payload, const plx_finding *finding, const char *target);

typedef struct plx_verify_job {
    const plx_ctx *ctx;
    const plx_store *store;
    const plx_ref *only;
    bool quick;
    plx_found_target found;
    void *payload;
    plx_verify_stats *stats;
    plx_survey survey;
    bool stopped;       /* `found` said so */
    plx_err unreadable; /* the first thing that could not be read; code PLX_OK when there is none */
} plx_verify_job;

/* Everything but the catalog. The survey stays in the job: plx_survey_free. */
bool plx_verify_files(plx_verify_job *job, plx_err *err);
void plx_verify_tell(plx_verify_job *job, const plx_finding *finding, const char *target);
/* Hash (or, quick, measure) the objects of both areas in parallel and report in order. */
bool plx_verify_objects(plx_verify_job *job, plx_err *err);
/* Is the object really needed and really gone, now? Other processes may have changed the ref since it was read. */
bool plx_verify_is_missing(plx_verify_job *job, const plx_need *need, bool *missing, plx_err *err);
void plx_verify_tell_missing(plx_verify_job *job, const plx_need *need);

#endif
