/* SPDX-License-Identifier: Apache-2.0
 *
 * From cells to the scores of a run. Sums go in the order of the cells, so the last digit is the same everywhere.
 */
#include "benchmarks/runner.h"

#include "benchmarks/kernels/stats.h"
#include "core/alloc.h"

#include <math.h>

typedef struct cell_value {
    size_t unit;
    int64_t seed;
    double value; /* NaN: not defined */
} cell_value;

static size_t unit_index(const char *const *units, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (name && strcmp(units[i], name) == 0) {
            return i;
        }
    }
    return n;
}

/* Value of each seed, in order of first appearance: mean over the folds of each unit, then over units. `unit` n_units
 * stands for all. Cells of one unit and seed stand together, units in order. */
static size_t by_seed(const cell_value *cells, size_t n, size_t unit, size_t n_units, int64_t *seeds, double *sums,
                      size_t *counts)
{
    size_t n_seeds = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        double sum = 0;
        while (end < n && cells[end].unit == cells[i].unit && cells[end].seed == cells[i].seed) {
            sum += cells[end++].value;
        }
        if (unit == n_units || cells[i].unit == unit) {
            size_t s = 0;
            while (s < n_seeds && seeds[s] != cells[i].seed) {
                s++;
            }
            if (s == n_seeds) {
                seeds[n_seeds] = cells[i].seed;
                sums[s] = 0;
                counts[n_seeds++] = 0;
            }
            sums[s] += sum / (double)(end - i);
            counts[s]++;
        }
        i = end;
    }
    for (size_t s = 0; s < n_seeds; s++) {
        sums[s] /= (double)counts[s];
    }
    return n_seeds;
}

static bool add_score(plx_arena *arena, plx_value *list, const char *name, const char *unit, const double *values,
                      size_t n)
{
    double mean = n ? plx_stats_mean(values, n) : (double)NAN;
    double std = (double)NAN;
    if (n > 1 && !plx_stats_std(values, n, &std, NULL)) {
        return false;
    }
    plx_value *item = plx_v_obj(arena);
    return item && plx_v_set(arena, item, "name", plx_v_str(arena, name)) &&
           plx_v_set(arena, item, "unit", plx_v_str(arena, unit)) && plx_v_set(arena, item, "n", plx_v_u64(arena, n)) &&
           plx_v_set(arena, item, "mean", isnan(mean) ? plx_v_null(arena) : plx_v_f64(arena, mean)) &&
           plx_v_set(arena, item, "std", isnan(std) ? plx_v_null(arena) : plx_v_f64(arena, std)) &&
           plx_v_push(arena, list, item);
}

/* As by_seed for all units, by the task's own rule: values[k * n_cells + seed] of metric k. */
static bool pool_seeds(const plx_task *task, const plx_value *const *cells, size_t n_cells, int64_t *seeds,
                       double *values, size_t *n_seeds)
{
    const plx_value **detail = plx_alloc_zero(n_cells + 1, sizeof *detail);
    bool ok = detail != NULL;
    *n_seeds = 0;
    for (size_t i = 0; ok && i < n_cells; i++) {
        int64_t seed = 0;
        size_t s = 0;
        plx_v_as_i64(plx_v_get(cells[i], "seed"), &seed);
        while (s < *n_seeds && seeds[s] != seed) {
            s++;
        }
        if (s == *n_seeds) {
            seeds[(*n_seeds)++] = seed;
        }
    }
    for (size_t s = 0; ok && s < *n_seeds; s++) {
        double pooled[PLX_TASK_METRICS_MAX];
        size_t n = 0;
        for (size_t i = 0; i < n_cells; i++) {
            int64_t seed = 0;
            plx_v_as_i64(plx_v_get(cells[i], "seed"), &seed);
            if (seed == seeds[s]) {
                detail[n++] = plx_v_get(cells[i], "detail");
            }
        }
        ok = task->pool(detail, n, pooled, NULL);
        for (size_t k = 0; ok && task->metrics[k].metric; k++) {
            values[k * n_cells + s] = pooled[k];
        }
    }
    plx_free(detail);
    return ok;
}

plx_value *plx_run_scores(plx_arena *arena, const plx_task *task, const char *const *units, size_t n_units,
                          const plx_value *const *cells, size_t n_cells)
{
    plx_value *list = plx_v_arr(arena);
    cell_value *values = plx_alloc_zero(n_cells + 1, sizeof *values);
    int64_t *seeds = plx_alloc_zero(n_cells + 1, sizeof *seeds);
    double *sums = plx_alloc_zero(n_cells + 1, sizeof *sums);
    size_t *counts = plx_alloc_zero(n_cells + 1, sizeof *counts);
    double *pooled = plx_alloc_zero((n_cells + 1) * PLX_TASK_METRICS_MAX, sizeof *pooled);
    size_t n_pooled = 0;
    bool ok = list && values && seeds && sums && counts && pooled &&
              (!task->pool || pool_seeds(task, cells, n_cells, seeds, pooled, &n_pooled));
    for (const plx_task_metric *m = task->metrics; ok && m->metric; m++) {
        for (size_t i = 0; i < n_cells; i++) {
            values[i] = (cell_value){unit_index(units, n_units, plx_v_get_text(cells[i], "unit")), 0, (double)NAN};
            plx_v_as_i64(plx_v_get(cells[i], "seed"), &values[i].seed);
            plx_v_as_f64(plx_v_get(plx_v_get(cells[i], "test"), m->label), &values[i].value);
        }
        for (size_t k = 0; ok && k <= n_units; k++) { /* all units first */
            size_t unit = k ? k - 1 : n_units;
            if (k == 0 && task->pool) {
                ok = add_score(arena, list, m->label, "", pooled + (size_t)(m - task->metrics) * n_cells, n_pooled);
                continue;
            }
            size_t n = by_seed(values, n_cells, unit, n_units, seeds, sums, counts);
            ok = add_score(arena, list, m->label, k ? units[unit] : "", sums, n);
        }
    }
    plx_free(values);
    plx_free(seeds);
    plx_free(sums);
    plx_free(counts);
    plx_free(pooled);
    return ok ? list : NULL;
}
