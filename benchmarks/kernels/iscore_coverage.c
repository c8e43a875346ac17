/* SPDX-License-Identifier: Apache-2.0
 *
 * How much of each true centreline the predictions that were given to it cover: of all truth, of dim objects, and of
 * objects that share voxels.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "core/alloc.h"

#include <math.h>

static bool covered(const plx_ijob *job, const plx_stretch *s, const size_t *given, size_t r)
{
    for (uint32_t k = 0; s && k < s->n_ids; k++) {
        if (given[job->pred.cover.ids[s->first_id + k]] == r) {
            return true;
        }
    }
    /* Background can be given to a truth by intersection over union: it is where some channel is empty. */
    return given[0] == r && (!s || s->n_ids < job->pred.n_channels);
}

/* Share of the skeleton of truth `id` in the union of predictions given to `r`. */
static double union_share(const plx_ijob *job, const size_t *given, size_t r, size_t id)
{
    const plx_voxels *skeleton = &job->truth.skeleton[id - 1];
    size_t n = 0, hint = 0;
    for (size_t i = 0; i < skeleton->n; i++) {
        n += covered(job, plx_label_cover_at(&job->pred.cover, skeleton->items[i], &hint), given, r);
    }
    return skeleton->n ? (double)n / (double)skeleton->n : (double)NAN;
}

static bool any_given(const plx_ijob *job, const size_t *given, size_t r)
{
    for (size_t p = 0; p < job->stride; p++) {
        if (given[p] == r) {
            return true;
        }
    }
    return false;
}

static void by_union(const plx_ijob *job, const size_t *given, const plx_igroup *g, plx_coverage *out)
{
    out->n = g->n_members;
    out->single = false;
    for (size_t r = 1; r <= g->n_members; r++) {
        out->items[r - 1] = any_given(job, given, r) ? union_share(job, given, r, g->members[r - 1]) : 0.0;
    }
    out->mean = plx_mean_double(out->items, out->n);
}

/* Recalls are added up: what two predictions cover counts twice. */
static void by_sum(const plx_ijob *job, const size_t *given, const plx_igroup *g, double *scratch, plx_coverage *out)
{
    out->n = g->n_rows;
    out->single = true;
    for (size_t r = 1; r <= g->n_rows; r++) {
        size_t n = 0;
        for (size_t p = 0; p < job->stride; p++) {
            if (given[p] == r) {
                scratch[n++] = (double)job->rec[g->rows[r - 1] * job->stride + p];
            }
        }
        out->items[r - 1] = plx_sum_single(scratch, n);
    }
    out->mean = plx_mean_single(out->items, out->n);
}

static bool new_coverage(plx_ijob *job, const plx_igroup *g, plx_coverage *out, plx_err *err)
{
    size_t n = g->n_rows > g->n_members ? g->n_rows : g->n_members;
    *out = (plx_coverage){.items = plx_arena_zero(job->arena, n + 1, sizeof *out->items)};
    return out->items || plx_fail_nomem(err, n * sizeof *out->items);
}

bool plx_ijob_coverage_of(plx_ijob *job, const size_t *given, const plx_igroup *g, plx_coverage *out, plx_err *err)
{
    double *scratch = plx_arena_zero(job->arena, job->stride, sizeof *scratch);
    if (!scratch) {
        return plx_fail_nomem(err, job->stride * sizeof *scratch);
    }
    if (!new_coverage(job, g, out, err)) {
        return false;
    }
    if (job->o->strict || (g->overlaps && job->pred.cover.overlaps)) {
        bool flat = job->o->spatial == 2 && !job->o->strict;
        for (size_t r = 1; flat && r <= g->n_members; r++) {
            if (any_given(job, given, r)) {
                return plx_ijob_raises(job, "IndexError",
                                       "too many indices for array: array is 2-dimensional, but 3 were indexed");
            }
        }
        by_union(job, given, g, out);
    } else {
        by_sum(job, given, g, scratch, out);
    }
    return true;
}

static bool note_coverage(plx_ijob *job, const size_t *given, const plx_igroup *g, plx_err *err)
{
    const plx_coverage *c = &job->out->coverage;
    for (size_t i = 0; i < c->n; i++) {
        if (c->items[i] > 1 && !plx_iscore_say(job->arena, job->out, "coverage-above-1", err,
                                               "coverage of truth instance %zu is %.4f: predictions over the same "
                                               "voxels are added up",
                                               i + 1, c->items[i])) {
            return false;
        }
        if (isnan(c->items[i]) && !plx_iscore_say(job->arena, job->out, "coverage-nan", err,
                                                  "coverage of truth instance %zu is 0/0: it has no skeleton", i + 1)) {
            return false;
        }
    }
    plx_coverage other;
    double *scratch = plx_arena_zero(job->arena, job->stride, sizeof *scratch);
    if (!scratch || !new_coverage(job, g, &other, err)) {
        return scratch ? false : plx_fail_nomem(err, job->stride * sizeof *scratch);
    }
    if (c->single) {
        by_union(job, given, g, &other);
        return fabs(other.mean - c->mean) < 1e-6 ||
               plx_iscore_say(job->arena, job->out, "coverage-added", err,
                              "predictions that overlap add up to C %.6f; as a union they cover %.6f", c->mean,
                              other.mean);
    }
    by_sum(job, given, g, scratch, &other);
    bool reference_adds = job->o->strict && !(g->overlaps && job->pred.cover.overlaps);
    return !reference_adds || fabs(other.mean - c->mean) < 1e-6 ||
           plx_iscore_say(job->arena, job->out, "coverage-added", err,
                          "the reference would add predictions that overlap up to C %.6f", other.mean);
}

static void above_half(const plx_coverage *all, plx_coverage *out)
{
    out->single = all->single;
    for (size_t i = 0; i < all->n; i++) {
        if (all->items[i] > 0.5) {
            out->items[out->n++] = all->items[i];
        }
    }
    if (out->n > 0) {
        out->mean = out->single ? plx_mean_single(out->items, out->n) : plx_mean_double(out->items, out->n);
    }
}

bool plx_ijob_coverage(plx_ijob *job, plx_err *err)
{
    plx_iscore *out = job->out;
    size_t n = job->truth.in->n;
    plx_igroup g = {.n_rows = n, .n_members = n, .overlaps = job->truth.cover.overlaps};
    size_t *given = plx_arena_zero(job->arena, job->stride, sizeof *given);
    g.rows = g.members = plx_arena_zero(job->arena, n + 1, sizeof *g.rows);
    if (!given || !g.rows) {
        return plx_fail_nomem(err, (n + job->stride) * sizeof *given);
    }
    for (size_t i = 0; i < n; i++) {
        g.rows[i] = i + 1;
    }
    for (size_t p = job->o->strict ? 1 : 0; p < job->stride; p++) {
        given[p] = plx_ijob_best_truth(job, p);
    }
    if (n == 0) {
        out->coverage.mean = job->stride == 1; /* strict alone gets here */
    } else if (!plx_ijob_coverage_of(job, given, &g, &out->coverage, err) || !note_coverage(job, given, &g, err)) {
        return false;
    }
    if (!new_coverage(job, &g, &out->tp_coverage, err)) {
        return false;
    }
    above_half(&out->coverage, &out->tp_coverage);
    out->s = 0.5 * out->f19 + 0.5 * out->coverage.mean;
    return true;
}
