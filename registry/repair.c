/* SPDX-License-Identifier: Apache-2.0
 *
 * Mend what can be mended from the store alone: leftovers, FORMAT, the catalog. Damaged objects, refs and runs are
 * moved to quarantine/ whole; the refs that miss them keep their names and are brought back by `get` from their
 * sources.
 */
#include "core/alloc.h"
#include "registry/catalog.h"
#include "registry/refs.h"
#include "registry/verify_run.h"

#include <stdio.h>
#include <string.h>

typedef struct repair {
    plx_verify_job *job;
    bool dry_run;
    plx_found found;
    void *payload;
    plx_err err; /* of a quarantine that failed inside the walk */
    size_t n_moved;
} repair;

static bool mend(void *payload, const plx_finding *finding, const char *target)
{
    repair *r = payload;
    const plx_store *store = r->job->store;
    char path[PLX_PATH], next[PLX_REF_TEXT + 32] = "";
    if (finding->kind == PLX_DAMAGE_MISSING) {
        return true; /* told per ref at the end, when all that is damaged is out of the way */
    }
    plx_finding told = *finding;
    if (finding->kind == PLX_DAMAGE_FORMAT) {
        if (!r->dry_run && !plx_store_mend_format(store, &r->err)) {
            return false;
        }
        told.next = "";
        return r->found(r->payload, &told);
    }
    if (finding->kind == PLX_DAMAGE_REF && finding->used_by[0]) {
        snprintf(next, sizeof next, "plexus get %s", finding->used_by);
    }
    told.next = r->dry_run ? "plexus repair" : next;
    if (!r->dry_run && target[0]) {
        if (!plx_path_join(path, store->root, target, &r->err) ||
            !plx_store_quarantine(store, path, finding->what, &r->err)) {
            return false;
        }
    }
    r->n_moved += target[0] != '\0';
    return r->found(r->payload, &told);
}

typedef struct tally {
    const plx_ctx *ctx;
    const plx_store *store;
    repair *r;
    bool stopped;
} tally;

static bool each_ref(void *payload, const plx_ref *ref, const char *rel_path, const plx_value *content,
                     const plx_digest *seal, const plx_err *problem, plx_err *err)
{
    (void)seal;
    tally *t = payload;
    bool present;
    char text[PLX_REF_TEXT], next[PLX_REF_TEXT + 48];
    if (!content && plx_object_unreadable(problem)) {
        if (err) {
            *err = *problem;
        }
        return false;
    }
    if (!content || t->stopped) {
        return true;
    }
    if (!plx_ctx_go_on(t->ctx, err) || !plx_refs_check_objects(t->ctx, t->store, content, &present, err)) {
        return false;
    }
    if (present) {
        return true;
    }
    plx_ref_print(ref, text);
    snprintf(next, sizeof next, "plexus get %s --from DIR", text);
    plx_finding finding = {PLX_DAMAGE_MISSING, rel_path, "some of its objects are gone: its sources are needed again",
                           text, next};
    t->r->job->stats->findings++;
    t->stopped = !t->r->found(t->r->payload, &finding);
    return true;
}

static bool catalog_problem(void *payload, const char *table, const char *key, const char *what)
{
    repair *r = payload;
    char path[512];
    bool whole = strcmp(table, "catalog.db") == 0;
    snprintf(path, sizeof path, whole ? "%s" : "catalog.db: %s[%s]", table, key);
    plx_finding finding = {PLX_DAMAGE_CATALOG, path, what, "", ""};
    r->job->stats->findings++;
    return r->found(r->payload, &finding);
}

/* With files moved away every difference is to be expected, so only an otherwise sound store's catalog is compared. */
static bool mend_catalog(repair *r, const plx_ctx *ctx, plx_store *store, plx_err *err)
{
    plx_err seen;
    plx_err_clear(&seen);
    if (r->n_moved == 0 && !plx_catalog_compare(ctx, store, catalog_problem, r, &seen)) {
        if (seen.code == PLX_E_NOMEM || seen.code == PLX_E_CANCELLED || seen.code == PLX_E_NEWER) {
            if (err) {
                *err = seen;
            }
            return false;
        }
        if (seen.code != PLX_OK) {
            plx_finding finding = {PLX_DAMAGE_CATALOG, "catalog.db", seen.what, "", ""};
            r->job->stats->findings++;
            r->found(r->payload, &finding);
        }
    }
    return r->dry_run || plx_catalog_rebuild(ctx, store, err);
}

bool plx_repair(const plx_ctx *ctx, plx_store *store, bool dry_run, plx_found found, void *payload,
                plx_verify_stats *stats, plx_err *err)
{
    repair r = {.dry_run = dry_run, .found = found, .payload = payload};
    plx_verify_job job = {.ctx = ctx, .store = store, .found = mend, .payload = &r, .stats = stats};
    size_t swept = 0;
    memset(stats, 0, sizeof *stats);
    plx_err_clear(&r.err);
    r.job = &job;
    if (!dry_run && !plx_store_sweep_partials(store, PLX_STORE_KEEP_PARTS_S, &swept, err)) {
        return false;
    }
    bool ok = plx_verify_files(&job, err);
    const plx_err *held = r.err.code != PLX_OK ? &r.err : job.unreadable.code != PLX_OK ? &job.unreadable : NULL;
    if (ok && held) { /* what could not be read may be sound: it stays, and the store is not called mended */
        ok = false;
        if (err) {
            *err = *held;
        }
    }
    tally t = {ctx, store, &r, job.stopped};
    ok = ok && plx_refs_walk(ctx, store, each_ref, &t, err) && mend_catalog(&r, ctx, store, err);
    stats->partials = swept;
    plx_survey_free(&job.survey);
    if (ok) {
        store->format_damaged = store->format_damaged && dry_run;
    }
    return ok;
}
