/* SPDX-License-Identifier: Apache-2.0
 *
 * One-to-one matching at each threshold, and what follows from it.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "benchmarks/kernels/assignment.h"
#include "benchmarks/kernels/sum.h"
#include "core/alloc.h"

static const double thresholds[PLX_ISCORE_THRESHOLDS] = {.1, .2, .3, .4, .5, .6, .7, .8, .9, .55, .65, .75, .85, .95};

/* Least cost, pairs by row. */
static bool least_cost(plx_ijob *job, const float *loc, size_t n_rows, float threshold, size_t *pairs, size_t *n_pairs,
                       plx_err *err)
{
    size_t n_pred = job->stride - 1;
    float twice = 2.0f * (float)(n_rows < n_pred ? n_rows : n_pred);
    double *cost = plx_realloc_array(NULL, n_rows * n_pred, sizeof *cost);
    int64_t *partner = plx_realloc_array(NULL, n_rows, sizeof *partner);
    bool ok = (cost && partner) || plx_fail_nomem(err, n_rows * n_pred * sizeof *cost);
    for (size_t i = 0; ok && i < n_rows * n_pred; i++) {
        cost[i] = (loc[i] > threshold ? -1.0 : -0.0) - (double)(loc[i] / twice);
    }
    ok = ok && plx_assign_least_cost(cost, n_rows, n_pred, partner, err);
    for (size_t i = 0; ok && i < n_rows; i++) {
        if (partner[i] != PLX_UNASSIGNED && loc[i * n_pred + (size_t)partner[i]] > threshold) {
            pairs[2 * *n_pairs] = i;
            pairs[2 * *n_pairs + 1] = (size_t)partner[i];
            ++*n_pairs;
        }
    }
    plx_free(cost);
    plx_free(partner);
    return ok;
}

bool plx_ijob_pairs(plx_ijob *job, const size_t *rows, size_t n_rows, double threshold, size_t *pairs, size_t *n_pairs,
                    plx_err *err)
{
    size_t n_pred = job->stride - 1;
    *n_pairs = 0;
    if (n_rows == 0 || n_pred == 0) {
        return true;
    }
    float *loc = plx_realloc_array(NULL, n_rows * n_pred, sizeof *loc);
    if (!loc) {
        return plx_fail_nomem(err, n_rows * n_pred * sizeof *loc);
    }
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t p = 0; p < n_pred; p++) {
            loc[i * n_pred + p] = job->loc[(rows ? rows[i] : i + 1) * job->stride + p + 1];
        }
    }
    bool ok = job->o->pairing == PLX_PAIR_GREEDY
                  ? plx_assign_greedy(loc, n_rows, n_pred, n_pred, (float)threshold, pairs, n_pairs, err)
                  : least_cost(job, loc, n_rows, (float)threshold, pairs, n_pairs, err);
    for (size_t i = 0; i < *n_pairs; i++) {
        pairs[2 * i + 1]++; /* ids count from 1 */
    }
    plx_free(loc);
    return ok;
}

static size_t count_merges(const plx_ijob *job, float threshold)
{
    size_t merges = 0;
    for (size_t p = 1; p < job->stride; p++) {
        size_t n = 0;
        for (size_t g = 1; g <= job->truth.in->n; g++) {
            size_t at = g * job->stride + p;
            n += job->rec[at] > threshold && (!job->rec_cut || job->rec_cut[at] > threshold);
        }
        merges += n > 1 ? n - 1 : 0;
    }
    return merges;
}

static void ratios(const plx_ijob *job, plx_iscore_at *at)
{
    size_t positive = at->tp + at->fp, true_objects = at->tp + at->fn;
    at->precision = (double)at->tp / (double)(positive ? positive : 1);
    at->recall = (double)at->tp / (double)(true_objects ? true_objects : 1);
    if (job->o->strict && positive + true_objects == 0) {
        at->precision = at->recall = 1; /* nothing to find, and nothing found */
    }
    at->ap = at->precision * at->recall;
    double sum = at->precision + at->recall;
    at->fscore = sum > 0 ? 2.0 * at->precision * at->recall / sum : 0.0;
}

static bool at_threshold(plx_ijob *job, size_t k, const size_t *best, size_t *pairs, bool *matched, plx_err *err)
{
    plx_iscore_at *at = &job->out->at[k];
    size_t n = 0;
    at->threshold = thresholds[k];
    if (!plx_ijob_pairs(job, NULL, job->truth.in->n, at->threshold, pairs, &n, err)) {
        return false;
    }
    for (size_t p = 1; p < job->stride; p++) {
        matched[p] = false;
    }
    for (size_t i = 0; i < n; i++) {
        matched[pairs[2 * i + 1]] = true;
    }
    at->tp = n;
    at->false_split = 0;
    for (size_t p = 1; p < job->stride; p++) {
        at->false_split += !matched[p] && best[p] > 0;
    }
    at->fn = job->truth.in->n - n;
    at->fp = job->o->partly ? at->false_split : job->stride - 1 - n;
    at->false_merge = count_merges(job, (float)at->threshold);
    ratios(job, at);
    return true;
}

/* The pairs of .5: their scores, and who belongs to whom. */
static bool keep_pairs(plx_ijob *job, const size_t *pairs, plx_err *err)
{
    plx_iscore *out = job->out;
    size_t n = out->at[PLX_ISCORE_HALF].tp;
    out->tp = n;
    out->tp_scores = plx_arena_zero(job->arena, n + 1, sizeof *out->tp_scores);
    job->partner_of_truth = plx_arena_zero(job->arena, job->truth.in->n + 1, sizeof *job->partner_of_truth);
    job->partner_of_pred = plx_arena_zero(job->arena, job->stride, sizeof *job->partner_of_pred);
    if (!out->tp_scores || !job->partner_of_truth || !job->partner_of_pred) {
        return plx_fail_nomem(err, (job->truth.in->n + job->stride) * sizeof(size_t));
    }
    for (size_t i = 0; i < n; i++) {
        size_t g = pairs[2 * i] + 1, p = pairs[2 * i + 1];
        out->tp_scores[i] = (double)job->loc[g * job->stride + p];
        job->partner_of_truth[g] = p;
        job->partner_of_pred[p] = g;
    }
    out->tp_score = n ? plx_mean_single(out->tp_scores, n) : 0.0;
    return true;
}

/* The reference indexes with an empty array of reals when background alone is above .5. */
static bool background_alone(const plx_ijob *job)
{
    if (job->o->strict || job->out->at[PLX_ISCORE_HALF].tp > 0 || job->stride < 2 || job->truth.in->n == 0) {
        return false;
    }
    float max = 0;
    for (size_t i = 0; i < (job->truth.in->n + 1) * job->stride; i++) {
        max = job->loc[i] > max ? job->loc[i] : max;
    }
    return max > 0.5f;
}

bool plx_ijob_thresholds(plx_ijob *job, plx_err *err)
{
    plx_iscore *out = job->out;
    size_t n_truth = job->truth.in->n, n_pred = job->stride - 1;
    size_t least = n_truth < n_pred ? n_truth : n_pred;
    size_t *pairs = plx_arena_zero(job->arena, least + 1, 2 * sizeof *pairs);
    size_t *best = plx_arena_zero(job->arena, job->stride, sizeof *best);
    bool *matched = plx_arena_zero(job->arena, job->stride, sizeof *matched);
    if (!pairs || !best || !matched) {
        return plx_fail_nomem(err, job->stride * sizeof *best);
    }
    for (size_t p = 1; p <= n_pred; p++) {
        best[p] = plx_ijob_best_truth(job, p);
    }
    double ap[PLX_ISCORE_THRESHOLDS], f[PLX_ISCORE_THRESHOLDS];
    for (size_t k = 0; k < PLX_ISCORE_THRESHOLDS; k++) {
        if (!at_threshold(job, k, best, pairs, matched, err)) {
            return false;
        }
        ap[k] = out->at[k].ap;
        f[k] = out->at[k].fscore;
        if (k == PLX_ISCORE_HALF && !keep_pairs(job, pairs, err)) {
            return false;
        }
    }
    if (background_alone(job)) {
        return plx_ijob_raises(job, "IndexError", "arrays used as indices must be of integer (or boolean) type");
    }
    out->ap19 = plx_mean_double(ap, PLX_ISCORE_NINE);
    out->f19 = plx_mean_double(f, PLX_ISCORE_NINE);
    out->ap59 = plx_mean_double(ap + PLX_ISCORE_HALF, PLX_ISCORE_THRESHOLDS - PLX_ISCORE_HALF);
    out->f59 = plx_mean_double(f + PLX_ISCORE_HALF, PLX_ISCORE_THRESHOLDS - PLX_ISCORE_HALF);
    if (n_truth == 0 && !job->o->strict) {
        return plx_ijob_raises(job, "ZeroDivisionError", "float division by zero");
    }
    out->tp_rel = n_truth ? (double)out->tp / (double)n_truth : out->at[PLX_ISCORE_HALF].fscore;
    return true;
}

double plx_mean_double(const double *values, size_t n)
{
    return plx_sum_f64(values, n) / (double)n;
}

/* The halves of plx_sum_f32, narrowed a block at a time. */
double plx_sum_single(const double *values, size_t n)
{
    enum { BLOCK = 128, LANES = 8 };
    float block[BLOCK];
    if (n > BLOCK) {
        size_t half = n / 2 - n / 2 % LANES;
        float left = (float)plx_sum_single(values, half), right = (float)plx_sum_single(values + half, n - half);
        return (double)(left + right);
    }
    for (size_t i = 0; i < n; i++) {
        block[i] = (float)values[i];
    }
    return (double)plx_sum_f32(block, n);
}

double plx_mean_single(const double *values, size_t n)
{
    return (double)(float)(plx_sum_single(values, n) / (double)n);
}
