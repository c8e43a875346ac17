/* SPDX-License-Identifier: Apache-2.0
 *
 * Dim objects, and objects that share voxels: matched and covered among themselves.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "core/alloc.h"
#include "core/str.h"

#include <math.h>

static bool add_member(plx_ijob *job, plx_igroup *g, size_t *cap, size_t id, plx_err *err)
{
    if (g->n_members == *cap) {
        size_t more = *cap ? 2 * *cap : 16;
        size_t *grown = plx_arena_zero(job->arena, more, sizeof *grown);
        if (!grown) {
            return plx_fail_nomem(err, more * sizeof *grown);
        }
        for (size_t i = 0; i < g->n_members; i++) {
            grown[i] = g->members[i];
        }
        g->members = grown;
        *cap = more;
    }
    g->members[g->n_members++] = id;
    return true;
}

/* The reference takes the channel of number id - 1 (the last for id 0) for the object. */
static bool add_channel(plx_ijob *job, plx_igroup *g, size_t *cap, size_t id, plx_err *err)
{
    const plx_instances *in = job->truth.in;
    size_t wanted = id ? id - 1 : job->truth.n_channels - 1, channel = 0;
    if (wanted >= job->truth.n_channels) {
        return plx_ijob_raises_index(job, wanted, 0, job->truth.n_channels);
    }
    for (size_t i = 0; i < in->n; i++) {
        channel += i > 0 && in->items[i].channel != in->items[i - 1].channel;
        if (channel == wanted && !add_member(job, g, cap, i + 1, err)) {
            return false;
        }
    }
    return true;
}

static bool find_overlap(plx_ijob *job, plx_igroup *g, plx_err *err)
{
    size_t *times = plx_arena_zero(job->arena, job->truth.in->n + 1, sizeof *times);
    if (!times) {
        return plx_fail_nomem(err, job->truth.in->n * sizeof *times);
    }
    for (size_t i = 0; i < g->n_members; i++) {
        times[g->members[i]]++;
    }
    const plx_label_cover *c = &job->truth.cover;
    for (size_t i = 0; i < c->n && !g->overlaps; i++) {
        size_t n = 0;
        for (uint32_t k = 0; k < c->items[i].n_ids; k++) {
            n += times[c->ids[c->items[i].first_id + k]];
        }
        g->overlaps = n > 1;
    }
    return true;
}

static bool make_group(plx_ijob *job, const size_t *ids, size_t n, plx_igroup *g, plx_err *err)
{
    size_t cap = 0;
    *g = (plx_igroup){.n_rows = n};
    g->rows = plx_arena_zero(job->arena, n + 1, sizeof *g->rows);
    if (!g->rows) {
        return plx_fail_nomem(err, n * sizeof *g->rows);
    }
    for (size_t i = 0; i < n; i++) {
        g->rows[i] = ids[i];
        if (!(job->o->strict ? add_member(job, g, &cap, ids[i], err) : add_channel(job, g, &cap, ids[i], err))) {
            return false;
        }
    }
    if (g->n_members != n) {
        bool ok = plx_iscore_say(job->arena, job->out, "channel-for-instance", err,
                                 "the reference takes channels for objects: %zu channels hold %zu instances", n,
                                 g->n_members);
        if (!ok) {
            return false;
        }
    }
    return find_overlap(job, g, err);
}

/* Each prediction to the member it lies in most, or to background: everything outside the group. */
static bool give(plx_ijob *job, const plx_igroup *g, size_t *given, plx_err *err)
{
    uint64_t *counts = plx_arena_zero(job->arena, job->truth.in->n + 1, sizeof *counts);
    bool *is_in = plx_arena_zero(job->arena, job->truth.in->n + 1, sizeof *is_in);
    if (!counts || !is_in) {
        return plx_fail_nomem(err, job->truth.in->n * sizeof *counts);
    }
    for (size_t i = 0; i < g->n_members; i++) {
        is_in[g->members[i]] = true;
    }
    for (size_t p = 1; p < job->stride; p++) {
        const plx_voxels *skeleton = &job->pred.skeleton[p - 1];
        const plx_label_cover *c = &job->truth.cover;
        size_t outside = 0, hint = 0;
        for (size_t i = 0; i <= job->truth.in->n; i++) {
            counts[i] = 0;
        }
        for (size_t i = 0; i < skeleton->n; i++) {
            const plx_stretch *s = plx_label_cover_at(c, skeleton->items[i], &hint);
            bool inside = false;
            for (uint32_t k = 0; s && k < s->n_ids; k++) {
                counts[c->ids[s->first_id + k]]++;
                inside = inside || is_in[c->ids[s->first_id + k]];
            }
            outside += !inside;
        }
        float best = skeleton->n ? (float)((double)outside / (double)skeleton->n) : 0.0f;
        for (size_t r = 1; r <= g->n_members; r++) {
            size_t n = counts[g->members[r - 1]];
            if (n > 0 && r > g->n_rows) {
                return plx_ijob_raises_index(job, r, 1, g->n_rows + 1);
            }
            float share = n ? (float)((double)n / (double)skeleton->n) : 0.0f;
            if (share > best) {
                best = share;
                given[p] = r;
            }
        }
    }
    return true;
}

static bool score_group(plx_ijob *job, const size_t *ids, size_t n, plx_iscore_subset *out, plx_err *err)
{
    plx_igroup g;
    size_t *given = plx_arena_zero(job->arena, job->stride, sizeof *given);
    size_t *pairs = plx_arena_zero(job->arena, (n < job->stride ? n : job->stride) + 1, 2 * sizeof *pairs);
    if (!given || !pairs) {
        return plx_fail_nomem(err, (n + job->stride) * sizeof *given);
    }
    if (!make_group(job, ids, n, &g, err) || !give(job, &g, given, err) ||
        !plx_ijob_coverage_of(job, given, &g, &out->coverage, err)) {
        return false;
    }
    if (job->stride == 1 && !job->o->strict) {
        return plx_ijob_raises(job, "ValueError",
                               "zero-size array to reduction operation maximum which has no identity");
    }
    if (!plx_ijob_pairs(job, g.rows, n, 0.5, pairs, &out->tp, err)) {
        return false;
    }
    out->tp_rel = (double)out->tp / (double)n;
    return true;
}

/* Ids of truths that share a voxel with another, ascending. */
static bool overlapping(plx_ijob *job, size_t **ids, size_t *n, plx_err *err)
{
    size_t n_truth = job->truth.in->n;
    const plx_label_cover *c = &job->truth.cover;
    bool *is_in = plx_arena_zero(job->arena, n_truth + 1, sizeof *is_in);
    *ids = plx_arena_zero(job->arena, n_truth + 1, sizeof **ids);
    *n = 0;
    if (!is_in || !*ids) {
        return plx_fail_nomem(err, n_truth * sizeof **ids);
    }
    for (size_t i = 0; i < c->n; i++) {
        for (uint32_t k = 0; c->items[i].n_ids > 1 && k < c->items[i].n_ids; k++) {
            is_in[c->ids[c->items[i].first_id + k]] = true;
        }
    }
    for (size_t id = 1; id <= n_truth; id++) {
        if (is_in[id]) {
            (*ids)[(*n)++] = id;
        }
    }
    return true;
}

bool plx_ijob_subsets(plx_ijob *job, plx_err *err)
{
    plx_iscore *out = job->out;
    if (job->o->parts & PLX_ISCORE_DIM) {
        out->dim.n = job->n_dim;
        if (job->n_dim > 0 && job->stride == 1 && !job->o->strict) {
            if (!plx_iscore_say(job->arena, out, "dim-dropped", err,
                                "without predictions the %zu dim objects are left out of mean coverage", job->n_dim)) {
                return false;
            }
        } else if (job->n_dim > 0 && !score_group(job, job->dim_id, job->n_dim, &out->dim, err)) {
            return false;
        }
    }
    if (job->o->parts & PLX_ISCORE_OVERLAP) {
        size_t *ids;
        if (!overlapping(job, &ids, &out->overlap.n, err)) {
            return false;
        }
        return out->overlap.n == 0 || score_group(job, ids, out->overlap.n, &out->overlap, err);
    }
    return true;
}
