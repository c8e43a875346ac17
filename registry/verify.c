/* SPDX-License-Identifier: Apache-2.0
 *
 * Find damage: FORMAT, refs and runs by their seals, objects by their names, the catalog by deriving it again.
 */
#include "registry/verify.h"

#include "registry/catalog.h"
#include "registry/refs.h"
#include "registry/verify_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void plx_verify_tell(plx_verify_job *job, const plx_finding *finding, const char *target)
{
    if (!job->stopped) {
        job->stats->findings++;
        job->stopped = !job->found(job->payload, finding, target);
    }
}

void plx_verify_tell_missing(plx_verify_job *job, const plx_need *need)
{
    char path[PLX_PATH], next[PLX_REF_TEXT + 32];
    if (!plx_store_object_path(job->store, need->is_blob ? "blobs" : "records", &need->digest, path, NULL)) {
        return;
    }
    snprintf(next, sizeof next, "plexus get %s", need->used_by);
    plx_finding finding = {PLX_DAMAGE_MISSING, plx_store_rel(job->store, path), "missing", need->used_by, next};
    plx_verify_tell(job, &finding, "");
}

static bool is_there(const plx_store *store, bool is_blob, const plx_digest *digest, bool *there, plx_err *err)
{
    char path[PLX_PATH];
    struct stat st;
    if (!plx_store_object_path(store, is_blob ? "blobs" : "records", digest, path, err)) {
        return false;
    }
    *there = lstat(path, &st) == 0;
    return *there || errno == ENOENT || errno == ENOTDIR || plx_fail_sys(err, errno, "cannot look at %s", path);
}

typedef struct search {
    const plx_need *need;
    bool found;
} search;

static bool is_named(void *payload, const char *area, const plx_digest *digest, const uint64_t *bytes, plx_err *err)
{
    (void)bytes;
    (void)err;
    search *s = payload;
    s->found =
        s->found || ((strcmp(area, "blobs") == 0) == s->need->is_blob && plx_digest_eq(digest, &s->need->digest));
    return true;
}

bool plx_verify_is_missing(plx_verify_job *job, const plx_need *need, bool *missing, plx_err *err)
{
    bool there;
    *missing = false;
    if (!is_there(job->store, need->is_blob, &need->digest, &there, err)) {
        return false;
    }
    if (there) {
        return true;
    }
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    const plx_value *content = NULL;
    search s = {need, false};
    bool named = plx_refs_read(job->ctx, job->store, &need->ref, arena, &content, NULL) && content &&
                 plx_refs_objects(content, is_named, &s, NULL) && s.found;
    plx_arena_free(arena);
    if (!named) {
        return true;
    }
    if (!is_there(job->store, need->is_blob, &need->digest, &there, err)) {
        return false;
    }
    *missing = !there;
    return true;
}

static bool check_format(plx_verify_job *job, plx_err *err)
{
    plx_err seen;
    plx_err_clear(&seen);
    if (plx_store_check_format(job->store->root, &seen)) {
        return true;
    }
    if (seen.code != PLX_E_DIGEST && seen.code != PLX_E_NOTFOUND) {
        if (err) {
            *err = seen;
        }
        return false;
    }
    plx_finding finding = {PLX_DAMAGE_FORMAT, "FORMAT", seen.what, "", "plexus repair"};
    plx_verify_tell(job, &finding, "");
    return true;
}

static int by_need(const plx_need *a, const plx_need *b)
{
    return a->is_blob != b->is_blob ? (a->is_blob ? -1 : 1) : memcmp(&a->digest, &b->digest, sizeof a->digest);
}

/* Once per object, for the first ref that needs it. */
static bool told_before(const plx_survey *survey, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (by_need(&survey->needs[k], &survey->needs[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_needs(plx_verify_job *job, plx_err *err)
{
    for (size_t i = 0; i < job->survey.n_needs && !job->stopped; i++) {
        bool missing;
        if (!plx_verify_is_missing(job, &job->survey.needs[i], &missing, err)) {
            return false;
        }
        if (missing && !told_before(&job->survey, i)) {
            plx_verify_tell_missing(job, &job->survey.needs[i]);
        }
    }
    return true;
}

static void tell_bad_roots(plx_verify_job *job)
{
    for (size_t i = 0; i < job->survey.n_bad; i++) {
        const plx_bad_root *bad = &job->survey.bad[i];
        plx_finding finding = {bad->is_run ? PLX_DAMAGE_RUN : PLX_DAMAGE_REF, bad->path, bad->what, bad->used_by,
                               "plexus repair"};
        plx_verify_tell(job, &finding, bad->path);
    }
}

static bool count_partials(plx_verify_job *job, plx_err *err)
{
    char dir[PLX_PATH];
    char **names;
    size_t n;
    if (!plx_path_join(dir, job->store->root, "partial", err) || !plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    job->stats->partials = n;
    plx_fs_names_free(names, n);
    return true;
}

bool plx_verify_files(plx_verify_job *job, plx_err *err)
{
    memset(&job->survey, 0, sizeof job->survey);
    plx_err_clear(&job->unreadable);
    if (!job->only && !check_format(job, err)) {
        return false;
    }
    if (!plx_survey_make(job->ctx, job->store, job->only, &job->survey, err)) {
        return false;
    }
    if (job->only && job->survey.n_refs == 0) {
        char text[PLX_REF_TEXT];
        plx_ref_print(job->only, text);
        plx_fail(err, PLX_E_NOTFOUND, "the store has no data set %s", text);
        return plx_err_next(err, "plexus ls");
    }
    job->stats->refs = job->survey.n_refs;
    job->stats->runs = job->survey.n_runs;
    job->stats->bytes += job->survey.bytes;
    tell_bad_roots(job);
    if (job->survey.unreadable.code != PLX_OK) {
        job->unreadable = job->survey.unreadable;
        plx_finding finding = {PLX_DAMAGE_REF, "refs", job->unreadable.what, "", "plexus verify"};
        plx_verify_tell(job, &finding, "");
    }
    return check_needs(job, err) && (job->stopped || plx_verify_objects(job, err)) && count_partials(job, err);
}

static bool catalog_problem(void *payload, const char *table, const char *key, const char *what)
{
    plx_verify_job *job = payload;
    char path[512];
    bool whole = strcmp(table, "catalog.db") == 0;
    snprintf(path, sizeof path, whole ? "%s" : "catalog.db: %s[%s]", table, key);
    plx_finding finding = {PLX_DAMAGE_CATALOG, path, what, "", "plexus repair"};
    plx_verify_tell(job, &finding, "");
    return !job->stopped;
}

static bool check_catalog(plx_verify_job *job, plx_err *err)
{
    plx_err seen;
    plx_err_clear(&seen);
    if (plx_catalog_compare(job->ctx, job->store, catalog_problem, job, &seen) || job->stopped) {
        return true;
    }
    if (seen.code == PLX_E_NOMEM || seen.code == PLX_E_CANCELLED || seen.code == PLX_E_NEWER) {
        if (err) {
            *err = seen;
        }
        return false;
    }
    plx_finding finding = {PLX_DAMAGE_CATALOG, "catalog.db", seen.what, "", "plexus repair"};
    plx_verify_tell(job, &finding, "");
    return true;
}

typedef struct forward {
    plx_found found;
    void *payload;
} forward;

static bool without_target(void *payload, const plx_finding *finding, const char *target)
{
    (void)target;
    const forward *f = payload;
    return f->found(f->payload, finding);
}

bool plx_verify(const plx_ctx *ctx, const plx_store *store, const plx_ref *only, bool quick, plx_found found,
                void *payload, plx_verify_stats *stats, plx_err *err)
{
    forward f = {found, payload};
    plx_verify_job job = {.ctx = ctx,
                          .store = store,
                          .only = only,
                          .quick = quick,
                          .found = without_target,
                          .payload = &f,
                          .stats = stats};
    memset(stats, 0, sizeof *stats);
    bool ok = plx_verify_files(&job, err) && (only || quick || job.stopped || check_catalog(&job, err));
    plx_survey_free(&job.survey);
    return ok;
}
