/* SPDX-License-Identifier: Apache-2.0
 *
 * One skeleton for each instance, and for truth that shares voxels one more without those.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "benchmarks/kernels/thin.h"
#include "core/alloc.h"

#include <string.h>

/* Thin into the arena; in strict mode an object that vanishes keeps its deepest voxel. */
static bool thin(plx_ijob *job, const plx_mask *mask, plx_voxels *out, bool *vanished, plx_err *err)
{
    plx_voxels v;
    if (!(job->o->spatial == 2 ? plx_thin_zhang : plx_thin_lee)(mask, &v, err)) {
        return false;
    }
    *vanished = v.n == 0 && mask->n_runs > 0;
    bool rescue = *vanished && job->o->strict;
    out->n = rescue ? 1 : v.n;
    out->items = plx_arena_alloc(job->arena, (out->n + 1) * sizeof *out->items);
    bool ok = out->items || plx_fail_nomem(err, out->n * sizeof *out->items);
    if (ok && rescue) {
        uint64_t depth;
        ok = plx_deepest_voxel(mask, out->items, &depth, err);
    } else if (ok && v.n > 0) {
        memcpy(out->items, v.items, v.n * sizeof *v.items);
    }
    plx_free(v.items);
    return ok;
}

static bool note_vanished(plx_ijob *job, const plx_iside *side, bool is_truth, size_t i, plx_err *err)
{
    return plx_iscore_say(job->arena, job->out, "skeleton-vanished", err,
                          "%s instance %zu (label %lld, %llu voxels) is of even thickness and thins to nothing%s",
                          is_truth ? "truth" : "predicted", i + 1, (long long)side->in->items[i].label,
                          (unsigned long long)side->in->items[i].n_voxels,
                          job->o->strict ? "; its deepest voxel stands for it" : "; the reference cannot match it");
}

static bool thin_side(plx_ijob *job, plx_iside *side, bool is_truth, plx_err *err)
{
    side->skeleton = plx_arena_zero(job->arena, side->in->n + 1, sizeof *side->skeleton);
    if (!side->skeleton) {
        return plx_fail_nomem(err, side->in->n * sizeof *side->skeleton);
    }
    for (size_t i = 0; i < side->in->n; i++) {
        plx_mask mask = plx_instance_mask(side->in, i);
        bool vanished;
        if (!thin(job, &mask, &side->skeleton[i], &vanished, err)) {
            return false;
        }
        if (vanished && !note_vanished(job, side, is_truth, i, err)) {
            return false;
        }
    }
    return true;
}

/* The runs of an instance without the voxels of two or more; NULL runs when nothing goes. */
static bool cut_mask(const plx_mask *mask, const plx_label_cover *cover, plx_run **runs, size_t *n, plx_err *err)
{
    size_t cap = 0, hint = 0;
    bool cut = false;
    *runs = NULL;
    *n = 0;
    for (size_t i = 0; i < mask->n_runs; i++) {
        uint64_t at = mask->runs[i].start, end = at + mask->runs[i].len;
        while (at < end) {
            const plx_stretch *s = plx_label_cover_at(cover, at, &hint);
            uint64_t stop = s && s->end < end ? s->end : end;
            bool keep = !s || s->n_ids < 2;
            cut = cut || !keep;
            if (keep && *n > 0 && (*runs)[*n - 1].start + (*runs)[*n - 1].len == at && at != mask->runs[i].start) {
                (*runs)[*n - 1].len += stop - at;
            } else if (keep) {
                if (!plx_grow(runs, &cap, *n + 1, sizeof **runs)) {
                    plx_free(*runs);
                    *runs = NULL;
                    return plx_fail_nomem(err, (*n + 1) * sizeof **runs);
                }
                (*runs)[(*n)++] = (plx_run){at, stop - at};
            }
            at = stop;
        }
    }
    if (!cut) {
        plx_free(*runs);
        *runs = NULL;
        *n = SIZE_MAX;
    }
    return true;
}

static bool cut_side(plx_ijob *job, plx_iside *side, plx_err *err)
{
    side->cut = plx_arena_zero(job->arena, side->in->n + 1, sizeof *side->cut);
    if (!side->cut) {
        return plx_fail_nomem(err, side->in->n * sizeof *side->cut);
    }
    for (size_t i = 0; i < side->in->n; i++) {
        plx_mask mask = plx_instance_mask(side->in, i);
        plx_run *runs;
        size_t n;
        if (!cut_mask(&mask, &side->cover, &runs, &n, err)) {
            return false;
        }
        side->cut[i] = side->skeleton[i];
        if (n != SIZE_MAX) {
            mask.runs = runs;
            mask.n_runs = n;
            bool vanished, ok = thin(job, &mask, &side->cut[i], &vanished, err);
            plx_free(runs);
            if (!ok) {
                return false;
            }
        }
    }
    return true;
}

bool plx_ijob_skeletons(plx_ijob *job, plx_err *err)
{
    if (job->o->localise != PLX_BY_CLDICE && job->o->parts == 0) {
        return true;
    }
    if (!thin_side(job, &job->truth, true, err) || !thin_side(job, &job->pred, false, err)) {
        return false;
    }
    bool overlaps = job->truth.cover.overlaps || job->pred.cover.overlaps;
    return !(overlaps && job->o->localise == PLX_BY_CLDICE) || cut_side(job, &job->truth, err);
}
