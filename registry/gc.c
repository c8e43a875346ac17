/* SPDX-License-Identifier: Apache-2.0
 *
 * Give space back. An object goes in three steps: out of its place by one rename, then refs are read again and what was
 * named meanwhile is put back, then the rest is deleted. A writer touches what it reuses and looks again after writing
 * its ref, so one of the two always notices the other, whatever locks do. Killed anywhere, what was moved lies in a
 * dead process's partial folder.
 */
#include "registry/verify.h"

#include "core/alloc.h"
#include "registry/object.h"
#include "registry/survey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct victim {
    const plx_object *object;
    uint64_t bytes;
    bool moved;
} victim;

typedef struct gc {
    const plx_ctx *ctx;
    plx_store *store;
    double grace_s;
    plx_gc_stats *stats;
    plx_arena *arena;
    victim *victims;
    size_t n, cap;
    char partial[PLX_PATH];
} gc;

static bool is_old(const gc *g, const char *path)
{
    struct stat st;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (lstat(path, &st) != 0) {
        return false;
    }
    double age = (double)(now.tv_sec - st.st_mtim.tv_sec) + 1e-9 * (double)(now.tv_nsec - st.st_mtim.tv_nsec);
    return g->grace_s <= 0 || age >= g->grace_s;
}

/* With one root that cannot be read nobody knows what is needed. */
static bool all_roots_known(const plx_store *store, const plx_survey *survey, plx_err *err)
{
    if (survey->unreadable.code != PLX_OK) {
        if (err) {
            *err = survey->unreadable;
        }
        return plx_err_kept(err, "every object is still there");
    }
    if (!store->format_damaged && survey->n_bad == 0 && survey->n_bad_records == 0) {
        return true;
    }
    plx_fail(err, PLX_E_POLICY, "nothing is removed while the store is damaged");
    if (store->format_damaged) {
        plx_err_why(err, "FORMAT is damaged");
    } else if (survey->n_bad > 0) {
        plx_err_why(err, "%s: %s", survey->bad[0].path, survey->bad[0].what);
    } else {
        plx_err_why(err, "%zu record%s in use %s damaged, so what %s needed is not known", survey->n_bad_records,
                    survey->n_bad_records == 1 ? "" : "s", survey->n_bad_records == 1 ? "is" : "are",
                    survey->n_bad_records == 1 ? "it" : "they");
    }
    plx_err_kept(err, "every object is still there");
    return plx_err_next(err, "plexus repair");
}

static bool collect(gc *g, const plx_survey *survey, const char *area, plx_err *err)
{
    plx_object *objects;
    size_t n;
    if (!plx_objects_list(g->store, area, g->arena, &objects, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        char path[PLX_PATH];
        if (objects[i].odd || plx_survey_find(survey, &objects[i].digest)) {
            continue;
        }
        if (!plx_path_join(path, g->store->root, objects[i].rel, err)) {
            return false;
        }
        if (!is_old(g, path)) {
            g->stats->kept_young++;
            continue;
        }
        if (!plx_grow(&g->victims, &g->cap, g->n + 1, sizeof *g->victims)) {
            return plx_fail_nomem(err, sizeof *g->victims);
        }
        g->victims[g->n++] = (victim){&objects[i], plx_object_bytes(g->store, objects[i].rel), false};
    }
    return true;
}

static bool aside(const gc *g, size_t i, char from[PLX_PATH], char to[PLX_PATH], plx_err *err)
{
    char name[32];
    snprintf(name, sizeof name, "%zu", i);
    return plx_path_join(from, g->store->root, g->victims[i].object->rel, err) &&
           plx_path_join(to, g->partial, name, err);
}

static bool move_aside(gc *g, plx_err *err)
{
    char from[PLX_PATH], to[PLX_PATH];
    for (size_t i = 0; i < g->n; i++) {
        if (!plx_ctx_go_on(g->ctx, err) || !aside(g, i, from, to, err)) {
            return false;
        }
        if (!is_old(g, from)) { /* touched since it was listed, or gone */
            g->stats->kept_young += plx_fs_exists(from);
            continue;
        }
        if (rename(from, to) == 0) {
            g->victims[i].moved = true;
        } else if (errno != ENOENT) {
            return plx_fail_sys(err, errno, "cannot move %s away", from);
        }
    }
    return true;
}

/* `survey` NULL: everything. */
static bool put_back(gc *g, const plx_survey *survey, plx_err *err)
{
    bool ok = true;
    for (size_t i = 0; i < g->n; i++) {
        char from[PLX_PATH], to[PLX_PATH];
        bool existed;
        if (!g->victims[i].moved || (survey && !plx_survey_find(survey, &g->victims[i].object->digest))) {
            continue;
        }
        if (aside(g, i, from, to, err) && plx_object_publish(to, from, &existed, err)) {
            g->victims[i].moved = false;
        } else {
            ok = false;
        }
    }
    return ok;
}

static bool removed(gc *g, bool dry_run, bool (*each)(void *, const char *, uint64_t), void *payload)
{
    for (size_t i = 0; i < g->n; i++) {
        if (dry_run || g->victims[i].moved) {
            g->stats->objects++;
            g->stats->bytes += g->victims[i].bytes;
            if (each && !each(payload, g->victims[i].object->rel, g->victims[i].bytes)) {
                return false;
            }
        }
    }
    return true;
}

static bool remove_victims(gc *g, bool (*each)(void *, const char *, uint64_t), void *payload, plx_err *err)
{
    plx_survey again;
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_store_partial(g->store, g->partial, err)) {
        return false;
    }
    bool ok = move_aside(g, err);
    bool sure = plx_survey_make(g->ctx, g->store, NULL, &again, &seen) && all_roots_known(g->store, &again, &seen);
    if (!sure) {
        if (ok && err) {
            *err = seen;
        }
        ok = false;
    }
    /* What could not be put back is not deleted now; a run that can rename again should find it. */
    bool settled = put_back(g, sure ? &again : NULL, ok ? err : NULL);
    plx_survey_free(&again);
    if (!settled) {
        return false;
    }
    removed(g, false, each, payload);
    plx_err gone;
    plx_err_clear(&gone);
    if (!plx_fs_remove_tree(g->partial, &gone) && ok) {
        ok = false;
        if (err) {
            *err = gone;
        }
    }
    return ok;
}

bool plx_gc(const plx_ctx *ctx, plx_store *store, double grace_s, bool dry_run,
            bool (*each)(void *payload, const char *path, uint64_t bytes), void *payload, plx_gc_stats *stats,
            plx_err *err)
{
    gc g = {.ctx = ctx, .store = store, .grace_s = grace_s, .stats = stats};
    plx_survey survey;
    size_t swept = 0;
    memset(stats, 0, sizeof *stats);
    if (!dry_run && !plx_store_sweep_partials(store, (int64_t)grace_s, &swept, err)) {
        return false;
    }
    stats->partials = swept;
    g.arena = plx_arena_new(0);
    if (!g.arena) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = plx_survey_make(ctx, store, NULL, &survey, err) && all_roots_known(store, &survey, err) &&
              collect(&g, &survey, "records", err) && collect(&g, &survey, "blobs", err);
    plx_survey_free(&survey);
    if (ok && dry_run) {
        removed(&g, true, each, payload);
    } else if (ok && g.n > 0) {
        ok = remove_victims(&g, each, payload, err);
    }
    plx_free(g.victims);
    plx_arena_free(g.arena);
    return ok;
}
