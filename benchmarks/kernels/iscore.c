/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of the reference, from labels to scores.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "benchmarks/kernels/sum.h"
#include "core/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTE_TEXT = 480, MAX_NOTES = 200 };

plx_iscore_options plx_iscore_fisbe(void)
{
    return (plx_iscore_options){
        .spatial = 3, .small = 800, .merge_threshold = 0.1, .split_threshold = 0.05, .parts = PLX_ISCORE_ALL};
}

const char *plx_iscore_definition(const plx_iscore_options *options)
{
    return options->merge_rule == PLX_MERGE_PAPER_2024
               ? "fisbe 1 (evaluate-instance-segmentation cc34f4d; FM and FS paper-2024, 73a8124)"
               : "fisbe 1 (evaluate-instance-segmentation cc34f4d)";
}

const char *plx_merge_rule_name(plx_merge_rule rule)
{
    return rule == PLX_MERGE_PAPER_2024 ? "paper-2024" : "used-up";
}

bool plx_iscore_say(plx_arena *arena, plx_iscore *score, const char *id, plx_err *err, const char *fmt, ...)
{
    char text[NOTE_TEXT];
    if (score->n_notes >= MAX_NOTES) {
        return true; /* more of the same would not be read */
    }
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (score->n_notes == score->cap_notes) {
        size_t cap = score->cap_notes ? 2 * score->cap_notes : 16;
        plx_iscore_note *grown = plx_arena_zero(arena, cap, sizeof *grown);
        if (!grown) {
            return plx_fail_nomem(err, cap * sizeof *grown);
        }
        if (score->n_notes > 0) {
            memcpy(grown, score->notes, score->n_notes * sizeof *grown);
        }
        score->notes = grown;
        score->cap_notes = cap;
    }
    char *kept = plx_arena_strdup(arena, text);
    if (!kept) {
        return plx_fail_nomem(err, strlen(text) + 1);
    }
    score->notes[score->n_notes++] = (plx_iscore_note){id, kept};
    return true;
}

bool plx_ijob_raises(plx_ijob *job, const char *name, const char *text)
{
    job->out->reference_error = name;
    job->out->reference_error_text = text;
    return false;
}

bool plx_ijob_raises_index(plx_ijob *job, size_t index, size_t axis, size_t size)
{
    char *text =
        plx_arena_printf(job->arena, "index %zu is out of bounds for axis %zu with size %zu", index, axis, size);
    return plx_ijob_raises(job, "IndexError", text ? text : "index out of bounds");
}

/* The best score a truth or prediction has with anything on the other side. */
static double best_score(const plx_ijob *job, bool is_truth, size_t id)
{
    float best = 0;
    size_t n = is_truth ? job->stride - 1 : job->truth.in->n;
    for (size_t k = 1; k <= n; k++) {
        float s = is_truth ? job->loc[id * job->stride + k] : job->loc[k * job->stride + id];
        best = s > best ? s : best;
    }
    return (double)best;
}

static plx_iscore_row row_of(const plx_ijob *job, bool is_truth, size_t id)
{
    const plx_iside *side = is_truth ? &job->truth : &job->pred;
    const plx_instance *it = &side->in->items[id - 1];
    plx_iscore_row row = {.is_truth = is_truth,
                          .id = id,
                          .channel = it->channel,
                          .label = it->label,
                          .n_voxels = it->n_voxels,
                          .n_skeleton = side->skeleton ? side->skeleton[id - 1].n : 0,
                          .partner = is_truth ? job->partner_of_truth[id] : job->partner_of_pred[id],
                          .coverage = (double)NAN};
    if (row.partner) {
        row.score =
            (double)(is_truth ? job->loc[id * job->stride + row.partner] : job->loc[row.partner * job->stride + id]);
    } else {
        row.score = best_score(job, is_truth, id);
    }
    if (is_truth && id <= job->out->coverage.n) {
        row.coverage = job->out->coverage.items[id - 1];
    }
    row.best = is_truth ? 0 : plx_ijob_best_truth(job, id);
    return row;
}

static void mark(const plx_ijob *job, plx_iscore_row *rows)
{
    const plx_label_cover *sides[2] = {&job->truth.cover, &job->pred.cover};
    for (int s = 0; s < 2; s++) {
        plx_iscore_row *first = rows + (s ? job->truth.in->n : 0);
        for (size_t i = 0; i < sides[s]->n; i++) {
            const plx_stretch *stretch = &sides[s]->items[i];
            for (uint32_t k = 0; stretch->n_ids > 1 && k < stretch->n_ids; k++) {
                first[sides[s]->ids[stretch->first_id + k] - 1].overlaps = true;
            }
        }
    }
    for (size_t k = 0; k < job->n_dim; k++) {
        if (job->dim_id[k]) {
            rows[job->dim_id[k] - 1].dim = true;
        }
    }
}

bool plx_ijob_rows(plx_ijob *job, plx_err *err)
{
    plx_iscore *out = job->out;
    size_t n_removed = out->n_rows, n = job->truth.in->n + job->stride - 1;
    plx_iscore_row *rows = plx_arena_zero(job->arena, n + n_removed + 1, sizeof *rows);
    if (!rows) {
        return plx_fail_nomem(err, (n + n_removed) * sizeof *rows);
    }
    size_t k = 0;
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        rows[k++] = row_of(job, true, g);
    }
    for (size_t p = 1; p < job->stride; p++) {
        rows[k++] = row_of(job, false, p);
    }
    mark(job, rows);
    memcpy(rows + k, out->rows, n_removed * sizeof *rows);
    out->rows = rows;
    out->n_rows = k + n_removed;
    return true;
}

static bool note_partly(plx_ijob *job, plx_err *err)
{
    size_t ignored = job->stride - 1 - job->out->tp - job->out->at[PLX_ISCORE_HALF].fp;
    return !job->o->partly || ignored == 0 ||
           plx_iscore_say(job->arena, job->out, "partly-ignored", err,
                          "%zu unmatched predictions lie mostly outside the truth and are not counted as wrong, since "
                          "only a part of the objects is labelled",
                          ignored);
}

static bool steps(plx_ijob *job, plx_err *err)
{
    const plx_iscore_options *o = job->o;
    size_t unused;
    if (!plx_ijob_skeletons(job, err) || !plx_ijob_localise(job, err) || !plx_ijob_thresholds(job, err) ||
        !note_partly(job, err)) {
        return false;
    }
    if ((o->parts & PLX_ISCORE_COVERAGE) && !plx_ijob_coverage(job, err)) {
        return false;
    }
    if ((o->parts & PLX_ISCORE_MERGES) && (!plx_ijob_merges(job, o->merge_threshold, &job->out->fm, &unused, err) ||
                                           !plx_ijob_merges(job, o->split_threshold, &unused, &job->out->fs, err))) {
        return false;
    }
    return plx_ijob_subsets(job, err) && plx_ijob_rows(job, err);
}

bool plx_iscore_run(plx_instances *truth, plx_instances *pred, const plx_iscore_options *options, size_t max_cells,
                    plx_arena *arena, plx_iscore *out, plx_err *err)
{
    *out = (plx_iscore){.parts = options->parts};
    plx_ijob job = {.o = options, .truth.in = truth, .pred.in = pred, .arena = arena, .out = out};
    bool ok = plx_ijob_normalise(&job, err);
    size_t cells;
    out->n_truth = truth->n;
    out->n_pred = pred->n;
    job.stride = pred->n + 1;
    if (ok && (!plx_mul_ok(truth->n + 1, job.stride, &cells) || cells > max_cells)) {
        ok = plx_fail(err, PLX_E_LIMIT, "%zu true and %zu predicted instances make more pairs than fit in memory",
                      truth->n, pred->n);
    }
    ok = ok && plx_label_cover_make(truth, &job.truth.cover, err) && plx_label_cover_make(pred, &job.pred.cover, err) &&
         steps(&job, err);
    plx_label_cover_free(&job.truth.cover);
    plx_label_cover_free(&job.pred.cover);
    return ok || out->reference_error != NULL;
}

size_t plx_iscore_max_cells(uint64_t memory_bytes)
{
    enum { BYTES_PER_PAIR = 64 };
    return (size_t)(memory_bytes / BYTES_PER_PAIR);
}

void plx_iscore_panoptic(const plx_iscore *score, double *pq, double *sq, double *rq)
{
    size_t n = 2 * score->tp + score->at[PLX_ISCORE_HALF].fp + score->at[PLX_ISCORE_HALF].fn;
    *rq = n ? 2.0 * (double)score->tp / (double)n : (double)NAN;
    *sq = score->tp ? plx_sum_f64(score->tp_scores, score->tp) / (double)score->tp : n ? 0.0 : (double)NAN;
    *pq = *sq * *rq;
}
