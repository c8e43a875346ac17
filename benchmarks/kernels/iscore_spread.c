/* SPDX-License-Identifier: Apache-2.0
 *
 * Mean and spread over repeated runs: every number of a pooled result under the name the reference's stability report
 * gives it, and lists as one number where all runs have as many values.
 */
#include "benchmarks/kernels/iscore_pool.h"

#include "benchmarks/kernels/sum.h"

#include <math.h>
#include <string.h>

enum { N_KEYS = 36 };
enum { FN, FP, TP, SCORES, COVERAGES, N_LISTS };

typedef struct list {
    double *items;
    size_t n;
} list;

/* What one run says of one of its sets. */
typedef struct entry {
    const char *key;
    bool set_only; /* not of two sets combined */
    double value;
    const list *list; /* NULL: `value` */
} entry;

/* In the order of the report. */
static void entries(const plx_ipool *p, const list *l, entry out[N_KEYS])
{
    const entry all[N_KEYS] = {
        {"confusion_matrix.avFscore", false, p->f19, NULL},
        {"confusion_matrix.th_0_1.fscore", false, p->f[0], NULL},
        {"confusion_matrix.th_0_2.fscore", false, p->f[1], NULL},
        {"confusion_matrix.th_0_3.fscore", false, p->f[2], NULL},
        {"confusion_matrix.th_0_4.fscore", false, p->f[3], NULL},
        {"confusion_matrix.th_0_5.AP_FN", false, (double)p->fn_at[PLX_ISCORE_HALF], NULL},
        {"confusion_matrix.th_0_5.AP_FP", false, (double)p->fp_at[PLX_ISCORE_HALF], NULL},
        {"confusion_matrix.th_0_5.AP_TP", false, (double)p->tp_at[PLX_ISCORE_HALF], NULL},
        {"confusion_matrix.th_0_5.fscore", false, p->f[4], NULL},
        {"confusion_matrix.th_0_6.fscore", false, p->f[5], NULL},
        {"confusion_matrix.th_0_7.fscore", false, p->f[6], NULL},
        {"confusion_matrix.th_0_8.fscore", false, p->f[7], NULL},
        {"confusion_matrix.th_0_9.fscore", false, p->f[8], NULL},
        {"fn", true, 0, &l[FN]},
        {"fp", true, 0, &l[FP]},
        {"general.FM", false, (double)p->fm, NULL},
        {"general.FS", false, (double)p->fs, NULL},
        {"general.GT_dim", true, (double)p->dim.n, NULL},
        {"general.GT_overlap", true, (double)p->overlap.n, NULL},
        {"general.Num GT", false, (double)p->n_truth, NULL},
        {"general.Num Pred", false, (double)p->n_pred, NULL},
        {"general.TP_05", false, (double)p->tp, NULL},
        {"general.TP_05_cldice", true, 0, &l[SCORES]},
        {"general.TP_05_dim", true, (double)p->dim.tp, NULL},
        {"general.TP_05_overlap", true, (double)p->overlap.tp, NULL},
        {"general.TP_05_rel", false, p->tp_rel, NULL},
        {"general.TP_05_rel_dim", true, p->dim.tp_rel, NULL},
        {"general.TP_05_rel_overlap", true, p->overlap.tp_rel, NULL},
        {"general.avFscore", false, p->f19, NULL},
        {"general.avg_TP_05_cldice", false, p->tp_score, NULL},
        {"general.avg_f1_cov_score", false, p->s, NULL},
        {"general.avg_gt_cov_dim", true, p->dim.coverage, NULL},
        {"general.avg_gt_cov_overlap", true, p->overlap.coverage, NULL},
        {"general.avg_gt_skel_coverage", false, p->coverage, NULL},
        {"gt_covs", false, 0, &l[COVERAGES]},
        {"tp", true, 0, &l[TP]},
    };
    memcpy(out, all, sizeof all);
}

/* Coverages or scores of all samples, rounded as the reference pools them. */
static bool pooled(const plx_ipool_run *run, bool scores, plx_arena *arena, list *out, plx_err *err)
{
    size_t cap = 0;
    for (size_t i = 0; i < run->n_samples; i++) {
        cap += scores ? run->samples[i]->tp : run->samples[i]->coverage.n;
    }
    *out = (list){plx_arena_zero(arena, cap + 1, sizeof *out->items), 0};
    for (size_t i = 0; out->items && i < run->n_samples; i++) {
        const plx_iscore *s = run->samples[i];
        const double *items = scores ? s->tp_scores : s->coverage.items;
        for (size_t k = 0; k < (scores ? s->tp : s->coverage.n); k++) {
            out->items[out->n++] = (double)(float)items[k];
        }
    }
    return out->items || plx_fail_nomem(err, cap * sizeof *out->items);
}

static bool counts(const size_t *of, plx_arena *arena, list *out, plx_err *err)
{
    *out = (list){plx_arena_zero(arena, PLX_ISCORE_NINE, sizeof *out->items), PLX_ISCORE_NINE};
    for (size_t k = 0; out->items && k < out->n; k++) {
        out->items[k] = (double)of[k];
    }
    return out->items || plx_fail_nomem(err, out->n * sizeof *out->items);
}

static bool read_run(const plx_ipool_run *run, plx_arena *arena, list *lists, entry *out, plx_err *err)
{
    if (!counts(run->pool->fn_at, arena, &lists[FN], err) || !counts(run->pool->fp_at, arena, &lists[FP], err) ||
        !counts(run->pool->tp_at, arena, &lists[TP], err) || !pooled(run, true, arena, &lists[SCORES], err) ||
        !pooled(run, false, arena, &lists[COVERAGES], err)) {
        return false;
    }
    entries(run->pool, lists, out);
    return true;
}

static size_t length(const entry *e)
{
    return e->list ? e->list->n : 1;
}

/* The values of one key in all runs, end to end; false when one run has another number of them. */
static bool join(entry (*of)[N_KEYS], size_t n_runs, size_t key, double *values)
{
    size_t n = length(&of[0][key]);
    for (size_t r = 0; r < n_runs; r++) {
        const entry *e = &of[r][key];
        if (length(e) != n) {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            values[r * n + i] = e->list ? e->list->items[i] : e->value;
        }
    }
    return true;
}

void plx_ipool_spread(double *values, size_t n, double *mean, double *std)
{
    *mean = n ? plx_sum_f64(values, n) / (double)n : (double)NAN;
    for (size_t i = 0; i < n; i++) {
        values[i] = (values[i] - *mean) * (values[i] - *mean);
    }
    *std = n ? sqrt(plx_sum_f64(values, n) / (double)n) : (double)NAN;
}

bool plx_ipool_spreads(const plx_ipool_run *runs, size_t n_runs, plx_arena *arena, plx_spread **out, size_t *n,
                       plx_err *err)
{
    entry(*of)[N_KEYS] = plx_arena_zero(arena, n_runs, sizeof *of);
    list(*lists)[N_LISTS] = plx_arena_zero(arena, n_runs, sizeof *lists);
    size_t longest = PLX_ISCORE_NINE;
    *n = 0;
    *out = plx_arena_zero(arena, N_KEYS, sizeof **out);
    if (!of || !lists || !*out) {
        return plx_fail_nomem(err, n_runs * sizeof *of);
    }
    for (size_t r = 0; r < n_runs; r++) {
        if (!read_run(&runs[r], arena, lists[r], of[r], err)) {
            return false;
        }
        longest = lists[r][COVERAGES].n > longest ? lists[r][COVERAGES].n : longest;
        longest = lists[r][SCORES].n > longest ? lists[r][SCORES].n : longest;
    }
    double *values = plx_arena_zero(arena, longest * n_runs, sizeof *values);
    if (!values) {
        return plx_fail_nomem(err, longest * n_runs * sizeof *values);
    }
    for (size_t k = 0; k < N_KEYS; k++) {
        const entry *e = &of[0][k];
        if ((!e->set_only || runs[0].pool->has_subsets) && join(of, n_runs, k, values)) {
            plx_spread *s = &(*out)[(*n)++];
            s->key = e->key;
            plx_ipool_spread(values, length(e) * n_runs, &s->mean, &s->std);
        }
    }
    return true;
}
