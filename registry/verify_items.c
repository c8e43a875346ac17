/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects, one by one: hashed by several threads, reported by one, in the order of their paths.
 */
#include "core/alloc.h"
#include "core/pool.h"
#include "core/progress.h"
#include "registry/hash_file.h"
#include "registry/record.h"
#include "registry/verify_run.h"

#include <stdlib.h>
#include <string.h>

typedef struct item {
    const plx_object *object;
    bool is_blob, gone;
    uint64_t bytes;
    plx_sb problems; /* flaw, path NUL what NUL, repeated */
} item;

typedef struct batch {
    plx_verify_job *job;
    plx_ctx quiet; /* hashing a quick check's record.json is no progress */
    item *items;
    size_t n;
} batch;

static bool add_problem(void *payload, const char *path, plx_flaw flaw, const char *what)
{
    item *it = payload;
    plx_sb_char(&it->problems, (char)('0' + (int)flaw));
    plx_sb_bytes(&it->problems, path, strlen(path) + 1);
    plx_sb_bytes(&it->problems, what, strlen(what) + 1);
    return true;
}

static bool add_failure(item *it, const plx_err *err)
{
    return add_problem(it, "", plx_object_unreadable(err) ? PLX_FLAW_UNREADABLE : PLX_FLAW_DIFFERS, err->what);
}

static const plx_need *need_of(const plx_survey *survey, const plx_digest *digest, bool is_blob)
{
    for (size_t i = 0; i < survey->n_needs; i++) {
        if (survey->needs[i].is_blob == is_blob && plx_digest_eq(&survey->needs[i].digest, digest)) {
            return &survey->needs[i];
        }
    }
    return NULL;
}

/* Quick: a blob's size, where a ref says what it should be. */
static bool measure_blob(plx_verify_job *job, item *it, const char *path)
{
    uint64_t bytes;
    const plx_need *need = need_of(&job->survey, &it->object->digest, true);
    if (!plx_fs_size(path, &bytes, NULL)) {
        return add_problem(it, "", PLX_FLAW_DIFFERS, "is not a regular file");
    }
    it->bytes = bytes;
    if (need && need->has_bytes && need->bytes != bytes) {
        char what[96];
        snprintf(what, sizeof what, "size differs: %llu bytes, expected %llu", (unsigned long long)bytes,
                 (unsigned long long)need->bytes);
        return add_problem(it, "", PLX_FLAW_DIFFERS, what);
    }
    return true;
}

/* An object that could not be looked into: gone meanwhile, no reason to go on, or a finding of its own. */
static bool not_read(item *it, const plx_err *seen, plx_err *err)
{
    if (seen->code == PLX_E_NOTFOUND) {
        it->gone = true;
        return true;
    }
    if (seen->code == PLX_E_NOMEM || seen->code == PLX_E_CANCELLED) {
        if (err) {
            *err = *seen;
        }
        return false;
    }
    return add_failure(it, seen);
}

static bool check_blob(plx_verify_job *job, const plx_ctx *ctx, item *it, const char *path, plx_err *err)
{
    plx_digest got;
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_fs_exists(path)) {
        it->gone = true;
        return true;
    }
    if (job->quick) {
        return measure_blob(job, it, path);
    }
    if (plx_hash_path(ctx, path, &got, &it->bytes, &seen)) {
        return plx_digest_eq(&got, &it->object->digest) || add_problem(it, "", PLX_FLAW_DIFFERS, "sha256 differs");
    }
    return not_read(it, &seen, err);
}

static bool work(void *payload, size_t i, plx_err *err)
{
    batch *b = payload;
    item *it = &b->items[i];
    plx_verify_job *job = b->job;
    char path[PLX_PATH];
    if (!plx_ctx_go_on(job->ctx, err) || !plx_path_join(path, job->store->root, it->object->rel, err)) {
        return false;
    }
    if (it->object->odd) {
        return add_problem(it, "", PLX_FLAW_EXTRA, "unexpected file");
    }
    const plx_ctx *ctx = job->quick ? &b->quiet : job->ctx;
    if (it->is_blob) {
        return check_blob(job, ctx, it, path, err);
    }
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_record_verify(ctx, path, &it->object->digest, job->quick, add_problem, it, &it->bytes, &seen)) {
        return not_read(it, &seen, err);
    }
    if (it->problems.len > 0 && !plx_fs_exists(path)) { /* moved away while it was being read */
        plx_sb_free(&it->problems);
        it->gone = true;
    }
    return true;
}

static void report(plx_verify_job *job, const item *it, const char *path, plx_flaw flaw, const char *what)
{
    char full[PLX_PATH];
    const char *rel = it->object->rel;
    const plx_reached *by = it->object->odd ? NULL : plx_survey_find(&job->survey, &it->object->digest);
    if (path[0]) {
        if (!plx_path_join(full, rel, path, NULL)) {
            return;
        }
    } else {
        snprintf(full, sizeof full, "%s", rel);
    }
    const char *target = flaw == PLX_FLAW_EXTRA ? full : flaw == PLX_FLAW_UNREADABLE ? "" : rel;
    if (flaw == PLX_FLAW_UNREADABLE && job->unreadable.code == PLX_OK) {
        plx_fail(&job->unreadable, PLX_E_IO, "%s", what);
    }
    plx_finding finding = {.kind = it->is_blob ? PLX_DAMAGE_BLOB : PLX_DAMAGE_RECORD,
                           .path = full,
                           .what = what,
                           .used_by = by ? by->used_by : "",
                           .next = "plexus repair"};
    plx_verify_tell(job, &finding, target);
}

static bool done(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    batch *b = payload;
    item *it = &b->items[i];
    plx_verify_job *job = b->job;
    if (!ok) {
        if (err) {
            *err = *err_i;
        }
        return false;
    }
    if (it->problems.failed) {
        return plx_fail_nomem(err, it->problems.len);
    }
    job->stats->bytes += it->bytes;
    job->stats->blobs += it->is_blob && !it->object->odd;
    job->stats->records += !it->is_blob && !it->object->odd;
    for (size_t at = 0; at < it->problems.len && !job->stopped;) {
        plx_flaw flaw = (plx_flaw)(it->problems.ptr[at] - '0');
        const char *path = it->problems.ptr + at + 1;
        const char *what = path + strlen(path) + 1;
        at += strlen(path) + strlen(what) + 3;
        report(job, it, path, flaw, what);
    }
    plx_sb_free(&it->problems);
    const plx_need *need = it->gone ? need_of(&job->survey, &it->object->digest, it->is_blob) : NULL;
    if (need) {
        bool missing;
        if (!plx_verify_is_missing(job, need, &missing, err)) {
            return false;
        }
        if (missing) {
            plx_verify_tell_missing(job, need);
        }
    }
    return !job->stopped;
}

/* Those of one area that are to be looked at; orphans are counted here. */
static bool collect(plx_verify_job *job, bool is_blob, batch *b, size_t *cap, uint64_t *total, plx_err *err)
{
    plx_object *objects;
    size_t n;
    if (!plx_objects_list(job->store, is_blob ? "blobs" : "records", job->survey.arena, &objects, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        bool reached = !objects[i].odd && plx_survey_find(&job->survey, &objects[i].digest);
        if (job->only && !reached) {
            continue;
        }
        uint64_t bytes = plx_object_bytes(job->store, objects[i].rel);
        *total += bytes;
        if (!reached && !objects[i].odd) {
            job->stats->orphan_objects++;
            job->stats->orphan_bytes += bytes;
        }
        if (!plx_grow(&b->items, cap, b->n + 1, sizeof *b->items)) {
            return plx_fail_nomem(err, sizeof *b->items);
        }
        b->items[b->n++] = (item){.object = &objects[i], .is_blob = is_blob};
    }
    return true;
}

bool plx_verify_objects(plx_verify_job *job, plx_err *err)
{
    batch b = {.job = job, .quiet = *job->ctx};
    size_t cap = 0;
    uint64_t total = 0;
    b.quiet.progress = NULL;
    bool ok = collect(job, true, &b, &cap, &total, err) && collect(job, false, &b, &cap, &total, err);
    if (ok && b.n > 0) {
        plx_progress_begin(job->ctx, "verify", job->quick ? 0 : total, "B");
        plx_err seen;
        plx_err_clear(&seen);
        ok = plx_pool_map(job->ctx, b.n, work, done, &b, &seen) || job->stopped;
        if (!ok && err) {
            *err = seen;
        }
        plx_progress_end(job->ctx);
    }
    for (size_t i = 0; i < b.n; i++) {
        plx_sb_free(&b.items[i].problems);
    }
    plx_free(b.items);
    return ok;
}
