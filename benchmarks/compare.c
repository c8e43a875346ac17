/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/compare.h"

#include "benchmarks/kernels/stats.h"
#include "core/alloc.h"

#include <math.h>

enum { RESAMPLES = 10000 };

static const char *text_at(const plx_value *root, const char *path)
{
    const char *text = plx_v_text(plx_v_at(root, path));
    return text ? text : "";
}

static bool same_text(const plx_value *a, const plx_value *b, const char *path, const char *what, plx_err *err)
{
    const char *x = text_at(a, path), *y = text_at(b, path);
    if (strcmp(x, y) == 0 && *x) {
        return true;
    }
    plx_fail(err, PLX_E_POLICY, "the runs are not comparable: they differ in %s", what);
    return plx_err_why(err, "%.80s against %.80s", x, y);
}

typedef struct paired {
    size_t n;          /* groups: seeds, units or both */
    double *a, *b, *d; /* sums, then means */
    size_t *count;
    const char **unit;
    int64_t *seed;
} paired;

static size_t group_of(paired *p, plx_compare_over over, const char *unit, int64_t seed)
{
    for (size_t i = 0; i < p->n; i++) {
        bool same_unit = over == PLX_OVER_SEEDS || strcmp(p->unit[i], unit) == 0;
        bool same_seed = over == PLX_OVER_UNITS || p->seed[i] == seed;
        if (same_unit && same_seed) {
            return i;
        }
    }
    p->unit[p->n] = unit;
    p->seed[p->n] = seed;
    return p->n++;
}

static bool fill(paired *p, const plx_value *a, const plx_value *b, const char *label, plx_compare_over over)
{
    p->n = 0;
    for (size_t i = 0; i < a->u.arr.n; i++) {
        const plx_value *x = a->u.arr.items[i], *y = b->u.arr.items[i];
        const char *unit = plx_v_get_text(x, "unit");
        int64_t seed = 0;
        double u, v;
        plx_v_as_i64(plx_v_get(x, "seed"), &seed);
        if (!unit || !plx_v_as_f64(plx_v_get(plx_v_get(x, "test"), label), &u) ||
            !plx_v_as_f64(plx_v_get(plx_v_get(y, "test"), label), &v)) {
            return false;
        }
        size_t before = p->n, g = group_of(p, over, unit, seed);
        if (g == before) {
            p->a[g] = p->b[g] = 0;
            p->count[g] = 0;
        }
        p->a[g] += u;
        p->b[g] += v;
        p->count[g]++;
    }
    for (size_t g = 0; g < p->n; g++) {
        p->a[g] /= (double)p->count[g];
        p->b[g] /= (double)p->count[g];
        p->d[g] = p->a[g] - p->b[g];
    }
    return p->n > 0;
}

static bool compare_one(const paired *p, uint64_t seed, plx_comparison *c, plx_err *err)
{
    plx_wilcoxon w;
    c->n = p->n;
    c->mean_a = plx_stats_mean(p->a, p->n);
    c->mean_b = plx_stats_mean(p->b, p->n);
    c->mean = plx_stats_mean(p->d, p->n);
    for (size_t i = 0; i < p->n; i++) {
        c->n_better += c->higher_is_better ? p->d[i] > 0 : p->d[i] < 0;
        c->n_worse += c->higher_is_better ? p->d[i] < 0 : p->d[i] > 0;
    }
    if (!plx_stats_sign_flip(p->d, p->n, RESAMPLES, seed, &c->p_sign_flip, &c->exact, err) ||
        !plx_stats_wilcoxon(p->d, p->n, &w, err) ||
        !plx_stats_bootstrap(p->d, p->n, 0.95, RESAMPLES, seed, &c->lo, &c->hi, err)) {
        return false;
    }
    c->p_wilcoxon = w.p;
    c->p_holm = c->p_sign_flip;
    return true;
}

bool plx_compare_runs(const plx_value *a, const plx_value *b, plx_compare_over over, uint64_t seed, plx_arena *arena,
                      plx_comparison **out, size_t *n, plx_err *err)
{
    const plx_value *cells_a = plx_v_get(a, "cells"), *cells_b = plx_v_get(b, "cells");
    const plx_value *metrics = plx_v_at(a, "identity.metrics");
    *n = 0;
    if (!same_text(a, b, "identity.task.name", "task", err) ||
        !same_text(a, b, "identity.metric_mode", "the mode of their metrics", err) ||
        !same_text(a, b, "identity.board", "splits, seeds or data", err)) {
        return false;
    }
    if (!cells_a || cells_a->kind != PLX_V_ARR || !cells_b || cells_b->kind != PLX_V_ARR || !metrics ||
        metrics->kind != PLX_V_ARR || cells_a->u.arr.n != cells_b->u.arr.n) {
        return plx_fail(err, PLX_E_SCHEMA, "a run has no cells or metrics");
    }
    size_t room = cells_a->u.arr.n + 1;
    paired p = {.a = plx_arena_zero(arena, room, sizeof *p.a),
                .b = plx_arena_zero(arena, room, sizeof *p.b),
                .d = plx_arena_zero(arena, room, sizeof *p.d),
                .count = plx_arena_zero(arena, room, sizeof *p.count),
                .unit = plx_arena_zero(arena, room, sizeof *p.unit),
                .seed = plx_arena_zero(arena, room, sizeof *p.seed)};
    *out = plx_arena_zero(arena, metrics->u.arr.n + 1, sizeof **out);
    if (!p.a || !p.b || !p.d || !p.count || !p.unit || !p.seed || !*out) {
        return plx_fail_nomem(err, room * sizeof(double));
    }
    for (size_t i = 0; i < metrics->u.arr.n; i++) {
        plx_comparison *c = &(*out)[*n];
        c->label = text_at(metrics->u.arr.items[i], "label");
        c->higher_is_better = strcmp(text_at(metrics->u.arr.items[i], "direction"), "lower") != 0;
        if (!fill(&p, cells_a, cells_b, c->label, over)) {
            continue; /* not defined in some cell */
        }
        if (!compare_one(&p, seed, c, err)) {
            return false;
        }
        *n += 1;
    }
    return true;
}
