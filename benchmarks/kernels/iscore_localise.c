/* SPDX-License-Identifier: Apache-2.0
 *
 * How much each pair of instances has in common: centreline recall, precision and Dice, or intersection over union.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "core/alloc.h"

#include <string.h>

void plx_ijob_count(const plx_voxels *voxels, const plx_label_cover *cover, uint64_t *counts, size_t step)
{
    size_t hint = 0;
    for (size_t i = 0; i < voxels->n; i++) {
        const plx_stretch *s = plx_label_cover_at(cover, voxels->items[i], &hint);
        if (!s) {
            counts[0]++;
        } else {
            for (uint32_t k = 0; k < s->n_ids; k++) {
                counts[cover->ids[s->first_id + k] * step]++;
            }
        }
    }
}

static float share(uint64_t part, uint64_t whole)
{
    return whole ? (float)((double)part / (double)whole) : 0.0f;
}

static uint64_t *new_counts(plx_ijob *job, plx_err *err)
{
    uint64_t *counts = plx_arena_zero(job->arena, (job->truth.in->n + 1) * job->stride, sizeof *counts);
    if (!counts) {
        plx_fail_nomem(err, (job->truth.in->n + 1) * job->stride * sizeof *counts);
    }
    return counts;
}

static void recalls(const plx_ijob *job, const plx_voxels *skeletons, uint64_t *counts, float *out)
{
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        uint64_t *row = counts + g * job->stride;
        plx_ijob_count(&skeletons[g - 1], &job->pred.cover, row, 1);
        for (size_t p = 0; p < job->stride; p++) {
            out[g * job->stride + p] = share(row[p], skeletons[g - 1].n);
        }
    }
}

static bool cldice(plx_ijob *job, plx_err *err)
{
    size_t n = (job->truth.in->n + 1) * job->stride;
    job->rec_count = new_counts(job, err);
    job->prec_count = job->rec_count ? new_counts(job, err) : NULL;
    if (!job->prec_count) {
        return false;
    }
    recalls(job, job->truth.skeleton, job->rec_count, job->rec);
    for (size_t p = 1; p < job->stride; p++) {
        plx_ijob_count(&job->pred.skeleton[p - 1], &job->truth.cover, job->prec_count + p, job->stride);
        for (size_t g = 0; g <= job->truth.in->n; g++) {
            size_t at = g * job->stride + p;
            job->prec[at] = share(job->prec_count[at], job->pred.skeleton[p - 1].n);
        }
    }
    if (job->truth.cut) {
        uint64_t *counts = new_counts(job, err);
        job->rec_cut = counts ? plx_arena_zero(job->arena, n, sizeof *job->rec_cut) : NULL;
        if (!job->rec_cut) {
            return counts ? plx_fail_nomem(err, n * sizeof *job->rec_cut) : false;
        }
        recalls(job, job->truth.cut, counts, job->rec_cut);
    }
    for (size_t i = 0; i < n; i++) {
        float sum = job->prec[i] + job->rec[i], product = 2.0f * job->prec[i] * job->rec[i];
        job->loc[i] = sum > 0 ? product / sum : 0.0f;
    }
    return true;
}

/* Voxels in both, for all pairs that meet. */
static void count_common(const plx_ijob *job, uint64_t *common)
{
    const plx_label_cover *a = &job->truth.cover, *b = &job->pred.cover;
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        const plx_stretch *s = &a->items[i], *t = &b->items[j];
        uint64_t start = s->start > t->start ? s->start : t->start, end = s->end < t->end ? s->end : t->end;
        for (uint32_t k = 0; start < end && k < s->n_ids; k++) {
            for (uint32_t l = 0; l < t->n_ids; l++) {
                common[a->ids[s->first_id + k] * job->stride + b->ids[t->first_id + l]] += end - start;
            }
        }
        if (s->end <= t->end) {
            i++;
        } else {
            j++;
        }
    }
}

static uint64_t background(const plx_iside *side)
{
    uint64_t n = (uint64_t)side->in->shape[0] * side->in->shape[1] * side->in->shape[2] * side->n_channels;
    for (size_t i = 0; i < side->in->n; i++) {
        n -= side->in->items[i].n_voxels;
    }
    return n;
}

/* Voxels are counted once for each pair of channels: what is not in an instance of the other side is counted as
 * background as often as that side has channels. */
static void count_background(const plx_ijob *job, uint64_t *common)
{
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        uint64_t *row = common + g * job->stride;
        row[0] = job->truth.in->items[g - 1].n_voxels * job->pred.n_channels;
        for (size_t p = 1; p < job->stride; p++) {
            row[0] -= row[p];
        }
    }
    for (size_t p = 1; p < job->stride; p++) {
        common[p] = job->pred.in->items[p - 1].n_voxels * job->truth.n_channels;
        for (size_t g = 1; g <= job->truth.in->n; g++) {
            common[p] -= common[g * job->stride + p];
        }
    }
}

static bool iou(plx_ijob *job, plx_err *err)
{
    uint64_t *common = new_counts(job, err);
    if (!common) {
        return false;
    }
    count_common(job, common);
    count_background(job, common);
    if (!job->int_indices && !job->o->strict && (job->truth.in->n > 0 || job->pred.in->n > 0)) {
        return plx_ijob_raises(job, "IndexError",
                               "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or "
                               "boolean arrays are valid indices");
    }
    for (size_t g = 0; g <= job->truth.in->n; g++) {
        double n_g = (double)(g ? job->truth.in->items[g - 1].n_voxels : background(&job->truth));
        for (size_t p = 0; p < job->stride; p++) {
            size_t at = g * job->stride + p;
            double n_p = (double)(p ? job->pred.in->items[p - 1].n_voxels : background(&job->pred));
            if (common[at] > 0) {
                double c = (double)common[at];
                job->loc[at] = (float)(c / (n_g + n_p - c));
                job->rec[at] = (float)(c / n_g);
                job->prec[at] = (float)(c / n_p);
            }
        }
    }
    return true;
}

bool plx_ijob_localise(plx_ijob *job, plx_err *err)
{
    size_t n = (job->truth.in->n + 1) * job->stride;
    job->loc = plx_arena_zero(job->arena, n, sizeof *job->loc);
    job->rec = plx_arena_zero(job->arena, n, sizeof *job->rec);
    job->prec = plx_arena_zero(job->arena, n, sizeof *job->prec);
    if (!job->loc || !job->rec || !job->prec) {
        return plx_fail_nomem(err, n * 3 * sizeof *job->loc);
    }
    return job->o->localise == PLX_BY_CLDICE ? cldice(job, err) : iou(job, err);
}

size_t plx_ijob_best_truth(const plx_ijob *job, size_t pred)
{
    size_t best = 0;
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        if (job->prec[g * job->stride + pred] > job->prec[best * job->stride + pred]) {
            best = g;
        }
    }
    return best;
}
