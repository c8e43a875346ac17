/* SPDX-License-Identifier: Apache-2.0
 *
 * Pooled scores as a tree, and the summary file.
 */
#include "benchmarks/label_report.h"

#include "core/alloc.h"

#include <math.h>

const char *const plx_iscore_columns[PLX_ISCORE_COLUMNS + 1] = {"general Num GT",
                                                                "general Num Pred",
                                                                "general avg_f1_cov_score",
                                                                "confusion_matrix avFscore",
                                                                "general avg_gt_skel_coverage",
                                                                "th_0_5 AP_TP",
                                                                "th_0_5 AP_FP",
                                                                "th_0_5 AP_FN",
                                                                "general FM",
                                                                "general FS",
                                                                "general TP_05",
                                                                "general TP_05_rel",
                                                                "general avg_TP_05_cldice",
                                                                "general GT_dim",
                                                                "general TP_05_dim",
                                                                "general TP_05_rel_dim",
                                                                "general avg_gt_cov_dim",
                                                                "general GT_overlap",
                                                                "general TP_05_overlap",
                                                                "general TP_05_rel_overlap",
                                                                "general avg_gt_cov_overlap",
                                                                "th_0_1 fscore",
                                                                "th_0_2 fscore",
                                                                "th_0_3 fscore",
                                                                "th_0_4 fscore",
                                                                "th_0_5 fscore",
                                                                "th_0_6 fscore",
                                                                "th_0_7 fscore",
                                                                "th_0_8 fscore",
                                                                "th_0_9 fscore",
                                                                NULL};

/* Columns that are counts, and in pooled rows those in single precision. */
enum { FIRST_F = 21, C_COLUMN = 4, SCORE_COLUMN = 12, DIM_COLUMN = 16, OVERLAP_COLUMN = 20 };

static bool is_count(int k)
{
    static const int counts[] = {0, 1, 5, 6, 7, 8, 9, 10, 13, 14, 17, 18};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i] == k) {
            return true;
        }
    }
    return false;
}

void plx_iscore_row_values(const plx_iscore *s, double *out)
{
    const plx_iscore_at *half = &s->at[PLX_ISCORE_HALF];
    const double first[FIRST_F] = {(double)s->n_truth,
                                   (double)s->n_pred,
                                   s->s,
                                   s->f19,
                                   s->coverage.mean,
                                   (double)half->tp,
                                   (double)half->fp,
                                   (double)half->fn,
                                   (double)s->fm,
                                   (double)s->fs,
                                   (double)s->tp,
                                   s->tp_rel,
                                   s->tp_score,
                                   (double)s->dim.n,
                                   (double)s->dim.tp,
                                   s->dim.tp_rel,
                                   s->dim.coverage.mean,
                                   (double)s->overlap.n,
                                   (double)s->overlap.tp,
                                   s->overlap.tp_rel,
                                   s->overlap.coverage.mean};
    for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        out[k] = k < FIRST_F ? first[k] : s->at[k - FIRST_F].fscore;
    }
}

void plx_ipool_row_values(const plx_ipool *p, double *out)
{
    const double first[FIRST_F] = {(double)p->n_truth,
                                   (double)p->n_pred,
                                   p->s,
                                   p->f19,
                                   p->coverage,
                                   (double)p->tp_at[PLX_ISCORE_HALF],
                                   (double)p->fp_at[PLX_ISCORE_HALF],
                                   (double)p->fn_at[PLX_ISCORE_HALF],
                                   (double)p->fm,
                                   (double)p->fs,
                                   (double)p->tp,
                                   p->tp_rel,
                                   p->tp_score,
                                   (double)p->dim.n,
                                   (double)p->dim.tp,
                                   p->dim.tp_rel,
                                   p->dim.coverage,
                                   (double)p->overlap.n,
                                   (double)p->overlap.tp,
                                   p->overlap.tp_rel,
                                   p->overlap.coverage};
    for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        out[k] = k < FIRST_F ? first[k] : p->f[k - FIRST_F];
    }
}

static plx_value *pooled_general(const plx_ipool *p, const double *row, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    for (int k = 0; v && k < FIRST_F; k++) {
        const char *name = plx_iscore_columns[k];
        bool subset = k >= 13;
        if (strncmp(name, "general ", 8) == 0 && (!subset || p->has_subsets)) {
            plx_value *value = is_count(k) ? plx_v_i64(a, (int64_t)row[k]) : plx_v_f64(a, row[k]);
            v = plx_v_set(a, v, name + 8, value) ? v : NULL;
        }
    }
    return v && plx_v_set(a, v, "avFscore", plx_v_f64(a, p->f19)) ? v : NULL;
}

static plx_value *pooled_confusion(const plx_ipool *p, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "avFscore", plx_v_f64(a, p->f19));
    for (size_t k = 0; ok && k < PLX_ISCORE_NINE; k++) {
        plx_value *at = plx_v_obj(a);
        char *key = plx_arena_printf(a, "th_0_%zu", k + 1);
        ok = at && key && plx_v_set(a, at, "fscore", plx_v_f64(a, p->f[k])) &&
             plx_v_set(a, at, "AP_TP", plx_v_i64(a, (int64_t)p->tp_at[k])) &&
             plx_v_set(a, at, "AP_FP", plx_v_i64(a, (int64_t)p->fp_at[k])) &&
             plx_v_set(a, at, "AP_FN", plx_v_i64(a, (int64_t)p->fn_at[k])) && plx_v_set(a, v, key, at);
    }
    return ok ? v : NULL;
}

plx_value *plx_ipool_metrics(const plx_ipool *pool, plx_arena *arena)
{
    double row[PLX_ISCORE_COLUMNS];
    plx_ipool_row_values(pool, row);
    plx_value *v = plx_v_obj(arena);
    return v && plx_v_set(arena, v, "samples", plx_v_i64(arena, (int64_t)pool->n_samples)) &&
                   plx_v_set(arena, v, "general", pooled_general(pool, row, arena)) &&
                   plx_v_set(arena, v, "confusion_matrix", pooled_confusion(pool, arena))
               ? v
               : NULL;
}

static void put_row(plx_sb *out, const char *name, const double *row)
{
    char text[PLX_NUM_TEXT];
    plx_sb_text(out, name);
    for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        plx_print_f64(row[k], text);
        plx_sb_char(out, ';');
        plx_sb_text(out, text);
    }
    plx_sb_text(out, "\n");
}

/* Counts without a point, and what is in single precision as short as that needs. */
static void put_pooled(plx_sb *out, const plx_ipool *pool)
{
    double row[PLX_ISCORE_COLUMNS];
    char text[PLX_NUM_TEXT];
    plx_ipool_row_values(pool, row);
    plx_sb_text(out, "avg_inst");
    for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        bool subset = k == DIM_COLUMN || k == OVERLAP_COLUMN;
        bool single = k == C_COLUMN || k == SCORE_COLUMN || (subset && pool->has_subsets);
        bool missing = k >= 13 && k < FIRST_F && !pool->has_subsets;
        if (is_count(k) && !missing) {
            plx_print_i64((int64_t)row[k], text);
        } else if (single && row[k] != 0.0) {
            plx_print_f32((float)row[k], text);
        } else {
            plx_print_f64(row[k], text);
        }
        plx_sb_char(out, ';');
        plx_sb_text(out, text);
    }
    plx_sb_text(out, "\n");
}

bool plx_iscore_summary(const char *const *names, const plx_iscore *const *scores, size_t n, const plx_ipool *pool,
                        plx_sb *out, plx_err *err)
{
    double row[PLX_ISCORE_COLUMNS], sum[PLX_ISCORE_COLUMNS] = {0}, mean[PLX_ISCORE_COLUMNS];
    plx_sb_text(out, "sample");
    for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        plx_sb_printf(out, ";%s", plx_iscore_columns[k]);
    }
    plx_sb_text(out, "\n");
    for (size_t i = 0; i < n; i++) {
        plx_iscore_row_values(scores[i], row);
        put_row(out, names[i], row);
        for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
            sum[k] += row[k]; /* in order: along the first axis NumPy adds row by row */
        }
    }
    for (int k = 0; k < PLX_ISCORE_COLUMNS; k++) {
        mean[k] = sum[k] / (double)n;
    }
    put_row(out, "mean", mean);
    put_row(out, "sum", sum);
    put_pooled(out, pool);
    return !out->failed || plx_fail_nomem(err, out->len);
}
