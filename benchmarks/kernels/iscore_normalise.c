/* SPDX-License-Identifier: Apache-2.0
 *
 * What counts as an instance: negative labels, the size filter, empty channels, ids and dim labels.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "core/alloc.h"
#include "core/str.h"

#include <stdlib.h>
#include <string.h>

typedef struct label_size {
    int64_t label;
    uint64_t n;
    size_t item;
} label_size;

static int by_label(const void *a, const void *b)
{
    const label_size *p = a, *q = b;
    return p->label < q->label ? -1 : p->label > q->label;
}

static uint64_t volume(const plx_instances *in)
{
    return (uint64_t)in->shape[0] * in->shape[1] * in->shape[2];
}

static uint64_t foreground(const plx_instances *in)
{
    uint64_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        n += in->items[i].n_voxels;
    }
    return n;
}

static int64_t greatest_label(const plx_instances *in)
{
    int64_t max = 0;
    for (size_t i = 0; i < in->n; i++) {
        max = in->items[i].label > max ? in->items[i].label : max;
    }
    return max;
}

/* By label: voxels of each instance's label in all channels. */
static bool sizes_of(const plx_instances *in, plx_arena *arena, label_size **out, plx_err *err)
{
    label_size *s = plx_arena_zero(arena, in->n + 1, sizeof *s);
    if (!s) {
        return plx_fail_nomem(err, in->n * sizeof *s);
    }
    for (size_t i = 0; i < in->n; i++) {
        s[i] = (label_size){in->items[i].label, in->items[i].n_voxels, i};
    }
    if (in->n > 0) {
        qsort(s, in->n, sizeof *s, by_label);
    }
    for (size_t i = 0, end; i < in->n; i = end) {
        uint64_t total = 0;
        for (end = i; end < in->n && s[end].label == s[i].label; end++) {
            total += s[end].n;
        }
        for (size_t k = i; k < end; k++) {
            s[k].n = total;
        }
    }
    *out = s;
    return true;
}

static bool note_removed(plx_ijob *job, const label_size *sizes, size_t n_removed, plx_err *err)
{
    plx_sb text = {0};
    size_t shown = 0;
    for (size_t i = 0; i < job->pred.in->n && shown < 8; i++) {
        if (sizes[i].n <= job->o->small) {
            plx_sb_printf(&text, "%s%lld (%llu voxels)", shown++ ? ", " : "", (long long)sizes[i].label,
                          (unsigned long long)sizes[i].n);
        }
    }
    bool ok = plx_iscore_say(job->arena, job->out, "size-filter", err,
                             "%zu of %zu predicted instances have %llu voxels or fewer and were removed: label %s%s",
                             n_removed, job->pred.in->n, (unsigned long long)job->o->small, plx_sb_str(&text),
                             n_removed > shown ? ", ..." : "");
    plx_sb_free(&text);
    return ok;
}

static void keep_row(plx_ijob *job, const plx_instance *it)
{
    /* Room for all rows was taken before the filter runs. */
    job->out->rows[job->out->n_rows++] =
        (plx_iscore_row){.channel = it->channel, .label = it->label, .n_voxels = it->n_voxels, .removed = true};
}

/* The reference filters before it tells apart what one label is in several channels. */
static bool note_together(plx_ijob *job, size_t n, plx_err *err)
{
    return n == 0 || plx_iscore_say(job->arena, job->out, "mask-filter", err,
                                    "the reference compares the voxels of a label in all channels together with the "
                                    "size filter: %zu predicted instances of %llu voxels or fewer %s",
                                    n, (unsigned long long)job->o->small,
                                    job->o->strict ? "stay there, and are removed here" : "stay");
}

/* Predictions of `small` voxels or fewer go. */
static bool filter(plx_ijob *job, plx_err *err)
{
    plx_instances *in = job->pred.in;
    label_size *sizes = NULL;
    bool *keep = plx_arena_zero(job->arena, in->n + 1, sizeof *keep);
    if (!keep || !sizes_of(in, job->arena, &sizes, err)) {
        return keep ? false : plx_fail_nomem(err, in->n);
    }
    size_t n_removed = 0, n_together = 0;
    for (size_t i = 0; i < in->n; i++) {
        uint64_t own = in->items[sizes[i].item].n_voxels;
        n_together += own <= job->o->small && sizes[i].n > job->o->small;
        sizes[i].n = job->o->strict ? own : sizes[i].n;
        keep[sizes[i].item] = sizes[i].n > job->o->small;
        n_removed += sizes[i].n <= job->o->small;
    }
    uint64_t background = volume(in) * in->n_channels - foreground(in) - in->n_negative;
    job->int_indices = n_removed > 0 || (background > 0 && background <= job->o->small);
    for (size_t i = 0; i < in->n; i++) {
        if (!keep[i]) {
            keep_row(job, &in->items[i]);
        }
    }
    if (!note_together(job, n_together, err) || (n_removed > 0 && !note_removed(job, sizes, n_removed, err))) {
        return false;
    }
    job->out->n_removed = n_removed;
    plx_instances_keep(in, keep);
    return true;
}

static int by_place(const void *a, const void *b)
{
    const label_size *p = a, *q = b;
    int c = by_label(a, b);
    return c ? c : p->n < q->n ? -1 : p->n > q->n;
}

static bool same_voxels(const plx_instances *in, size_t a, size_t b)
{
    plx_mask p = plx_instance_mask(in, a), q = plx_instance_mask(in, b);
    return p.n_runs == q.n_runs && memcmp(p.runs, q.runs, p.n_runs * sizeof *p.runs) == 0;
}

/* Predictions that are there twice; those that may be the same are neighbours by first voxel and size. */
static bool note_doubles(plx_ijob *job, plx_err *err)
{
    const plx_instances *in = job->pred.in;
    label_size *s = plx_arena_zero(job->arena, in->n + 1, sizeof *s);
    size_t n = 0;
    if (!s) {
        return plx_fail_nomem(err, in->n * sizeof *s);
    }
    for (size_t i = 0; i < in->n; i++) {
        s[i] = (label_size){(int64_t)plx_instance_mask(in, i).runs[0].start, in->items[i].n_voxels, i};
    }
    if (in->n > 0) {
        qsort(s, in->n, sizeof *s, by_place);
    }
    for (size_t i = 1; i < in->n; i++) {
        n += by_place(&s[i - 1], &s[i]) == 0 && same_voxels(in, s[i - 1].item, s[i].item);
    }
    return n == 0 || plx_iscore_say(job->arena, job->out, "duplicate-prediction", err,
                                    "%zu predicted instances have the very voxels of another: %s", n,
                                    job->o->strict ? "they add no coverage"
                                                   : "where the truth does not overlap, the reference adds their "
                                                     "coverage again");
}

static size_t channels_in_use(const plx_instances *in)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        n += i == 0 || in->items[i].channel != in->items[i - 1].channel;
    }
    return in->n_channels == 1 ? 1 : n;
}

/* Ids that do not fit the type they are stored in wrap in the reference: no answer is better than that one. */
static bool ids_fit(const plx_instances *in, const char *side, plx_err *err)
{
    static const size_t top[PLX_N_DTYPES] = {
        [PLX_B1] = 1,         [PLX_I8] = 127,    [PLX_I16] = 32767,      [PLX_U8] = 255,      [PLX_I32] = 2147483647,
        [PLX_I64] = SIZE_MAX, [PLX_U16] = 65535, [PLX_U32] = 4294967295, [PLX_U64] = SIZE_MAX};
    if (in->n <= top[in->dtype] || greatest_label(in) <= 1) {
        return true;
    }
    plx_fail(err, PLX_E_UNSUPPORTED, "%zu instances of the %s do not fit the %s they are stored in", in->n, side,
             plx_dtype_name(in->dtype));
    plx_err_why(err,
                "the reference writes ids 1 to %zu back into that type, where those above %zu wrap and are taken "
                "for others",
                in->n, top[in->dtype]);
    return plx_err_next(err, "store the labels in a wider type, or score with --mode strict");
}

static bool check_negative(plx_ijob *job, const plx_instances *in, bool is_truth, plx_err *err)
{
    if (in->n_negative == 0) {
        return true;
    }
    if (job->o->strict) {
        return plx_fail(err, PLX_E_FORMAT, "%llu voxels of the %s have labels below 0",
                        (unsigned long long)in->n_negative, is_truth ? "truth" : "prediction");
    }
    return plx_ijob_raises(job, "AssertionError",
                           is_truth ? "found negative ids in gt label array"
                                    : "found negative ids in pred label array");
}

static bool note_split_labels(plx_ijob *job, const plx_instances *in, const char *side, plx_err *err)
{
    label_size *sizes = NULL;
    size_t n = 0;
    if (!sizes_of(in, job->arena, &sizes, err)) {
        return false;
    }
    if (greatest_label(in) > 1) {
        for (size_t i = 1; i < in->n; i++) {
            n += sizes[i].label == sizes[i - 1].label && (i < 2 || sizes[i].label != sizes[i - 2].label);
        }
    }
    return n == 0 ||
           plx_iscore_say(job->arena, job->out, "label-in-channels", err,
                          "%zu labels of the %s are in several channels and count as an instance in each", n, side);
}

/* The id of a dim label: that of its first channel. */
static bool find_dim(plx_ijob *job, plx_err *err)
{
    const plx_instances *in = job->truth.in;
    bool binary = greatest_label(in) == 1;
    job->n_dim = 0;
    job->dim_id = plx_arena_zero(job->arena, job->o->n_dim + 1, sizeof *job->dim_id);
    if (!job->dim_id) {
        return plx_fail_nomem(err, job->o->n_dim * sizeof *job->dim_id);
    }
    for (size_t k = 0; k < job->o->n_dim; k++) {
        size_t id = 0;
        for (size_t i = 0; i < in->n && id == 0; i++) {
            id = (binary ? (int64_t)i + 1 : in->items[i].label) == job->o->dim[k] ? i + 1 : 0;
        }
        if (id == 0 &&
            !plx_iscore_say(job->arena, job->out, "dim-unknown", err, "dim label %lld is not in the truth%s",
                            (long long)job->o->dim[k],
                            job->o->strict ? " and is left out" : "; the reference takes background in its place")) {
            return false;
        }
        if (id > 0 || !job->o->strict) {
            job->dim_id[job->n_dim++] = id;
        }
    }
    return true;
}

static bool note_empty(plx_ijob *job, plx_err *err)
{
    return (job->truth.in->n > 0 ||
            plx_iscore_say(job->arena, job->out, "empty-truth", err, "the truth has no instance")) &&
           (job->pred.in->n > 0 ||
            plx_iscore_say(job->arena, job->out, "empty-prediction", err, "the prediction has no instance%s",
                           job->out->n_removed ? " left after the size filter" : ""));
}

bool plx_ijob_normalise(plx_ijob *job, plx_err *err)
{
    plx_instances *truth = job->truth.in, *pred = job->pred.in;
    job->int_indices = true;
    job->out->rows = plx_arena_zero(job->arena, truth->n + pred->n + 1, sizeof *job->out->rows);
    if (!job->out->rows) {
        return plx_fail_nomem(err, (truth->n + pred->n) * sizeof *job->out->rows);
    }
    if (!check_negative(job, truth, true, err) || !check_negative(job, pred, false, err) ||
        (job->o->small > 0 && !filter(job, err)) || !note_empty(job, err)) {
        return false;
    }
    job->truth.n_channels = channels_in_use(truth);
    job->pred.n_channels = channels_in_use(pred);
    if (!job->o->strict && (job->truth.n_channels == 0 || job->pred.n_channels == 0)) {
        return plx_ijob_raises(job, "ValueError",
                               "zero-size array to reduction operation maximum which has no identity");
    }
    if (!job->o->strict &&
        (!ids_fit(truth, "truth", err) || (job->o->small == 0 && !ids_fit(pred, "prediction", err)))) {
        return false;
    }
    job->int_indices = job->int_indices || greatest_label(pred) == 1;
    return note_split_labels(job, truth, "truth", err) && note_split_labels(job, pred, "prediction", err) &&
           note_doubles(job, err) && find_dim(job, err);
}
