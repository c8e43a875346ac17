/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores of an image as a cell of a run, and cells pooled: every number the pooling needs goes through the cell's file,
 * so that a run that was interrupted gives the same scores.
 */
#include "benchmarks/kernels/iscore_pool.h"
#include "benchmarks/label_truth.h"
#include "benchmarks/metrics/instances.h"
#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static plx_value *number(plx_arena *a, double x)
{
    return isnan(x) ? plx_v_null(a) : plx_v_f64(a, x);
}

static plx_value *numbers(plx_arena *a, const double *items, size_t n)
{
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < n; i++) {
        list = plx_v_push(a, list, number(a, items[i])) ? list : NULL;
    }
    return list;
}

static plx_value *counts(plx_arena *a, const plx_iscore *s, int what)
{
    plx_value *list = plx_v_arr(a);
    for (size_t k = 0; list && k < PLX_ISCORE_NINE; k++) {
        const plx_iscore_at *at = &s->at[k];
        list = plx_v_push(a, list, plx_v_u64(a, what == 0 ? at->tp : what == 1 ? at->fp : at->fn)) ? list : NULL;
    }
    return list;
}

static plx_value *subset(plx_arena *a, const plx_iscore_subset *s)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "n", plx_v_u64(a, s->n)) && plx_v_set(a, v, "tp", plx_v_u64(a, s->tp)) &&
              plx_v_set(a, v, "coverage", numbers(a, s->coverage.items, s->coverage.n));
    return ok ? v : NULL;
}

static plx_value *detail_of(const plx_label_truth *truth, const plx_label_scored *scored, const plx_iscore_options *o,
                            plx_arena *a)
{
    const plx_iscore *s = &scored->score;
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "sample", plx_v_str(a, truth->name)) &&
              plx_v_set(a, v, "split", plx_v_str(a, truth->split)) &&
              plx_v_set(a, v, "partly", plx_v_bool(a, truth->partly)) &&
              plx_v_set(a, v, "definition", plx_v_str(a, plx_iscore_definition(o))) &&
              plx_v_set(a, v, "variant", plx_v_str(a, plx_merge_rule_name(o->merge_rule))) &&
              plx_v_set(a, v, "mode", plx_v_str(a, o->strict ? "strict" : "reference")) &&
              plx_v_set(a, v, "truth", plx_v_str(a, scored->truth_sha256)) &&
              plx_v_set(a, v, "reference_error", s->reference_error ? plx_v_str(a, s->reference_error) : plx_v_null(a));
    if (ok && !s->reference_error) {
        ok = plx_v_set(a, v, "n_truth", plx_v_u64(a, s->n_truth)) &&
             plx_v_set(a, v, "n_pred", plx_v_u64(a, s->n_pred)) &&
             plx_v_set(a, v, "n_removed", plx_v_u64(a, s->n_removed)) && plx_v_set(a, v, "tp_at", counts(a, s, 0)) &&
             plx_v_set(a, v, "fp_at", counts(a, s, 1)) && plx_v_set(a, v, "fn_at", counts(a, s, 2)) &&
             plx_v_set(a, v, "tp_scores", numbers(a, s->tp_scores, s->tp)) &&
             plx_v_set(a, v, "coverage", numbers(a, s->coverage.items, s->coverage.n)) &&
             plx_v_set(a, v, "fs", plx_v_u64(a, s->fs)) && plx_v_set(a, v, "fm", plx_v_u64(a, s->fm)) &&
             plx_v_set(a, v, "dim", subset(a, &s->dim)) && plx_v_set(a, v, "overlap", subset(a, &s->overlap));
    }
    return ok ? v : NULL;
}

bool plx_label_cell_scores(const plx_label_truth *truth, const plx_label_scored *scored,
                           const plx_iscore_options *options, const plx_task_metric *metrics, plx_arena *arena,
                           plx_cell_scores *out, plx_err *err)
{
    const plx_iscore *s = &scored->score;
    plx_scores *all = plx_alloc_zero(1, sizeof *all);
    *out = (plx_cell_scores){.detail = detail_of(truth, scored, options, arena)};
    if (!all || !out->detail) {
        plx_free(all);
        return plx_fail_nomem(err, sizeof *all);
    }
    bool ok = plx_iscore_fisbe_scores(s, all, err);
    for (const plx_task_metric *m = metrics; ok && m->metric; m++) {
        const plx_score *score = plx_scores_find(all, m->score);
        ok = score || plx_fail(err, PLX_E_BUG, "the metric %s has no score %s", m->metric, m->score);
        if (ok) {
            out->value[out->n] = score->value;
            snprintf(out->reason[out->n++], PLX_SCORE_REASON, "%s", score->reason);
        }
    }
    out->n_diagnostics = all->n_diagnostics;
    memcpy(out->diagnostic, all->diagnostic, sizeof out->diagnostic);
    plx_free(all);
    return ok;
}

static size_t count_of(const plx_value *v, const char *key)
{
    int64_t n = 0;
    plx_v_as_i64(plx_v_get(v, key), &n);
    return n > 0 ? (size_t)n : 0;
}

/* A list of numbers; null is NaN. */
static bool read_numbers(const plx_value *v, const char *key, plx_arena *arena, double **items, size_t *n, plx_err *err)
{
    const plx_value *list = plx_v_get(v, key);
    *n = list && list->kind == PLX_V_ARR ? list->u.arr.n : 0;
    *items = plx_arena_zero(arena, *n + 1, sizeof **items);
    for (size_t i = 0; *items && i < *n; i++) {
        if (!plx_v_as_f64(list->u.arr.items[i], &(*items)[i])) {
            (*items)[i] = (double)NAN;
        }
    }
    return *items ? true : plx_fail_nomem(err, *n * sizeof **items);
}

static bool read_subset(const plx_value *v, plx_arena *arena, plx_iscore_subset *out, plx_err *err)
{
    out->n = count_of(v, "n");
    out->tp = count_of(v, "tp");
    return read_numbers(v, "coverage", arena, &out->coverage.items, &out->coverage.n, err);
}

static bool read_detail(const plx_value *v, plx_arena *arena, plx_iscore *out, plx_err *err)
{
    static const char *const keys[] = {"tp_at", "fp_at", "fn_at"};
    *out = (plx_iscore){.n_truth = count_of(v, "n_truth"),
                        .n_pred = count_of(v, "n_pred"),
                        .fs = count_of(v, "fs"),
                        .fm = count_of(v, "fm")};
    for (int what = 0; what < 3; what++) {
        double *items;
        size_t n;
        if (!read_numbers(v, keys[what], arena, &items, &n, err)) {
            return false;
        }
        for (size_t k = 0; k < n && k < PLX_ISCORE_NINE; k++) {
            plx_iscore_at *at = &out->at[k];
            *(what == 0 ? &at->tp : what == 1 ? &at->fp : &at->fn) = (size_t)items[k];
        }
    }
    return read_numbers(v, "tp_scores", arena, &out->tp_scores, &out->tp, err) &&
           read_numbers(v, "coverage", arena, &out->coverage.items, &out->coverage.n, err) &&
           read_subset(plx_v_get(v, "dim"), arena, &out->dim, err) &&
           read_subset(plx_v_get(v, "overlap"), arena, &out->overlap, err);
}

static bool is_partly(const plx_value *detail)
{
    const plx_value *v = plx_v_get(detail, "partly");
    return v && v->kind == PLX_V_BOOL && v->u.b;
}

/* The completely labelled, then the others, each in natural order of names: sums go in one order. */
static int by_set(const void *x, const void *y)
{
    const plx_value *a = *(const plx_value *const *)x, *b = *(const plx_value *const *)y;
    const char *p = plx_v_get_text(a, "sample"), *q = plx_v_get_text(b, "sample");
    int order = (int)is_partly(a) - (int)is_partly(b);
    return order ? order : plx_natural_order(p ? p : "", q ? q : "");
}

static double value_of(const plx_ipool *p, const char *score)
{
    const struct {
        const char *name;
        double value;
    } all[] = {{"S", p->s},       {"avF1", p->f19},      {"C", p->coverage},   {"clDice_TP", p->tp_score},
               {"tp", p->tp_rel}, {"FS", (double)p->fs}, {"FM", (double)p->fm}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, score) == 0) {
            return all[i].value;
        }
    }
    return (double)NAN;
}

static bool pool_sorted(const plx_value *const *sorted, size_t n, plx_arena *arena, plx_ipool *out, plx_err *err)
{
    plx_iscore *scores = plx_arena_zero(arena, n + 1, sizeof *scores);
    const plx_iscore **list = plx_arena_zero(arena, n + 1, sizeof *list);
    size_t n_completely = 0;
    if (!scores || !list) {
        return plx_fail_nomem(err, n * sizeof *scores);
    }
    for (size_t i = 0; i < n; i++) {
        if (!read_detail(sorted[i], arena, &scores[i], err)) {
            return false;
        }
        list[i] = &scores[i];
        n_completely += !is_partly(sorted[i]);
    }
    return n_completely > 0 && n_completely < n
               ? plx_ipool_combine(list, n_completely, list + n_completely, n - n_completely, out, err)
               : plx_ipool_set(list, n, out, err);
}

bool plx_label_cells_pool(const plx_task_metric *metrics, const plx_value *const *detail, size_t n, double *value,
                          plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    const plx_value **sorted = arena ? plx_arena_zero(arena, n + 1, sizeof *sorted) : NULL;
    plx_ipool pool = {0};
    bool raised = n == 0, ok = sorted ? true : plx_fail_nomem(err, n * sizeof *sorted);
    for (size_t i = 0; ok && i < n; i++) {
        sorted[i] = detail[i];
        raised = raised || !detail[i] || plx_v_get_text(detail[i], "reference_error");
    }
    if (ok && !raised) {
        qsort(sorted, n, sizeof *sorted, by_set);
        ok = pool_sorted(sorted, n, arena, &pool, err);
        raised = pool.reference_error != NULL;
    }
    for (size_t k = 0; metrics[k].metric; k++) {
        value[k] = raised ? (double)NAN : value_of(&pool, metrics[k].score);
    }
    plx_arena_free(arena);
    return ok;
}
