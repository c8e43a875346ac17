/* SPDX-License-Identifier: Apache-2.0
 *
 * Description length and its greedy descent. All counts are whole, so logarithms of factorials come from a table and a
 * move is judged by the few terms it changes.
 */
#include "benchmarks/kernels/block_model.h"

#include "core/alloc.h"
#include "core/fixed_math.h"
#include "core/rng.h"

#include <string.h>

enum { MOST_GROUPS = 64, SWEEPS = 12 };

typedef struct fit {
    const plx_csr *graph;
    size_t n, n_edges, k; /* k: groups in use are 0 .. k - 1, but may be empty during sweeps */
    uint32_t *group;
    uint32_t *degree;
    int64_t *between; /* [k * k], inside a group counted twice */
    int64_t *ends, *size;
    double *lf;     /* ln of factorials */
    double *lff;    /* ln of double factorials of even numbers: lff[i] = ln (2i)!! */
    double degrees; /* sum of ln d_i!, which no division changes */
} fit;

static double binomial(const fit *f, int64_t top, int64_t below)
{
    return below < 0 || below > top ? 0.0 : f->lf[top] - f->lf[below] - f->lf[top - below];
}

/* Terms of one group: its ends shared out among its nodes, and its place among the groups. */
static double group_terms(const fit *f, int64_t size, int64_t ends)
{
    double spread = size > 0 ? binomial(f, size + ends - 1, ends) : 0.0;
    return f->lf[ends] + spread - f->lf[size];
}

static double pair_term(const fit *f, int64_t edges, bool inside)
{
    return inside ? -f->lff[edges / 2] : -f->lf[edges];
}

/* Terms that depend on the number of groups alone. */
static double count_terms(const fit *f, size_t k)
{
    int64_t cells = (int64_t)(k * (k + 1) / 2);
    return binomial(f, cells + (int64_t)f->n_edges - 1, (int64_t)f->n_edges) +
           binomial(f, (int64_t)f->n - 1, (int64_t)k - 1) + f->lf[f->n] + plx_fixed_log((double)f->n);
}

static double description_length(const fit *f)
{
    size_t used = 0;
    double sum = -f->degrees;
    for (size_t r = 0; r < f->k; r++) {
        used += f->size[r] > 0;
        sum += group_terms(f, f->size[r], f->ends[r]);
        for (size_t s = 0; s <= r; s++) {
            sum += pair_term(f, f->between[r * f->k + s], r == s);
        }
    }
    return sum + count_terms(f, used);
}

static void count(fit *f)
{
    memset(f->between, 0, f->k * f->k * sizeof *f->between);
    memset(f->ends, 0, f->k * sizeof *f->ends);
    memset(f->size, 0, f->k * sizeof *f->size);
    for (size_t i = 0; i < f->n; i++) {
        uint32_t r = f->group[i];
        f->size[r]++;
        f->ends[r] += f->degree[i];
        for (uint64_t e = f->graph->ptr[i]; e < f->graph->ptr[i + 1]; e++) {
            f->between[r * f->k + f->group[f->graph->index[e]]]++;
        }
    }
}

/* What pairs of groups r and s add to the length, all others left out. */
static double cross_terms(const fit *f, size_t r, size_t s)
{
    double sum = 0.0;
    for (size_t t = 0; t < f->k; t++) {
        sum += pair_term(f, f->between[r * f->k + t], r == t);
        if (t != r) {
            sum += pair_term(f, f->between[s * f->k + t], s == t);
        }
    }
    return sum;
}

/* Put node i from r to s; `to` counts its neighbours by group. */
static void shift(fit *f, size_t i, size_t r, size_t s, const int64_t *to)
{
    size_t k = f->k;
    for (size_t t = 0; t < k; t++) {
        f->between[r * k + t] -= to[t];
        f->between[t * k + r] -= to[t];
        f->between[s * k + t] += to[t];
        f->between[t * k + s] += to[t];
    }
    f->size[r]--;
    f->size[s]++;
    f->ends[r] -= f->degree[i];
    f->ends[s] += f->degree[i];
    f->group[i] = (uint32_t)s;
}

/* A node on the move: its neighbours by group, and which groups they are in. */
typedef struct mover {
    int64_t to[MOST_GROUPS];
    size_t met[MOST_GROUPS], n_met;
    size_t from;
    int64_t degree;
} mover;

static void look_around(const fit *f, size_t i, mover *m)
{
    memset(m->to, 0, f->k * sizeof *m->to);
    m->n_met = 0;
    m->from = f->group[i];
    m->degree = f->degree[i];
    for (uint64_t e = f->graph->ptr[i]; e < f->graph->ptr[i + 1]; e++) {
        size_t t = f->group[f->graph->index[e]];
        if (m->to[t]++ == 0) {
            m->met[m->n_met++] = t;
        }
    }
}

/* What leaving its group changes, whatever the node goes to: all but the pairs of the old group with itself and with
 * the new one. */
static double leave_change(const fit *f, const mover *m)
{
    size_t r = m->from;
    double change = group_terms(f, f->size[r] - 1, f->ends[r] - m->degree) - group_terms(f, f->size[r], f->ends[r]);
    for (size_t j = 0; j < m->n_met; j++) {
        size_t t = m->met[j];
        if (t != r) {
            int64_t edges = f->between[r * f->k + t];
            change += pair_term(f, edges - m->to[t], false) - pair_term(f, edges, false);
        }
    }
    return change;
}

static double move_change(const fit *f, const mover *m, size_t s, double leave)
{
    size_t r = m->from;
    size_t k = f->k;
    double change =
        leave + group_terms(f, f->size[s] + 1, f->ends[s] + m->degree) - group_terms(f, f->size[s], f->ends[s]);
    for (size_t j = 0; j < m->n_met; j++) {
        size_t t = m->met[j];
        if (t != r && t != s) {
            int64_t edges = f->between[s * k + t];
            change += pair_term(f, edges + m->to[t], false) - pair_term(f, edges, false);
        }
    }
    int64_t rr = f->between[r * k + r];
    int64_t ss = f->between[s * k + s];
    int64_t rs = f->between[r * k + s];
    change += pair_term(f, rr - 2 * m->to[r], true) - pair_term(f, rr, true);
    change += pair_term(f, ss + 2 * m->to[s], true) - pair_term(f, ss, true);
    /* leave_change took the new group for any other, where it is met. */
    double taken = m->to[s] ? pair_term(f, rs - m->to[s], false) : pair_term(f, rs, false);
    change += pair_term(f, rs + m->to[r] - m->to[s], false) - taken;
    return change;
}

/* One pass over all nodes in an order of its own; nodes never leave a group empty. */
static size_t sweep(fit *f, uint32_t *order, plx_rng *rng)
{
    mover m;
    size_t moved = 0;
    plx_rng_shuffle(rng, order, f->n, sizeof *order);
    for (size_t o = 0; o < f->n; o++) {
        size_t i = order[o];
        size_t r = f->group[i];
        if (f->size[r] == 1) {
            continue;
        }
        look_around(f, i, &m);
        double leave = leave_change(f, &m);
        size_t best = r;
        double least = -1e-9;
        for (size_t s = 0; s < f->k; s++) {
            /* A group that holds no neighbour is tried for nodes without edges only. */
            if (s == r || (m.to[s] == 0 && m.degree > 0)) {
                continue;
            }
            double change = move_change(f, &m, s, leave);
            if (change < least) {
                least = change;
                best = s;
            }
        }
        if (best != r) {
            shift(f, i, r, best, m.to);
            moved++;
        }
    }
    return moved;
}

/* What making r and s one adds to the length, the number of groups apart. */
static double merge_cost(const fit *f, size_t r, size_t s)
{
    size_t k = f->k;
    double before =
        cross_terms(f, r, s) + group_terms(f, f->size[r], f->ends[r]) + group_terms(f, f->size[s], f->ends[s]);
    double after = group_terms(f, f->size[r] + f->size[s], f->ends[r] + f->ends[s]);
    int64_t inside = f->between[r * k + r] + f->between[s * k + s] + 2 * f->between[r * k + s];
    after += pair_term(f, inside, true);
    for (size_t t = 0; t < k; t++) {
        if (t != r && t != s) {
            after += pair_term(f, f->between[r * k + t] + f->between[s * k + t], false);
        }
    }
    return after - before;
}

static void merge_cheapest(fit *f)
{
    size_t best_r = 0;
    size_t best_s = 1;
    double least = 0.0;
    for (size_t r = 0; r < f->k; r++) {
        for (size_t s = r + 1; s < f->k; s++) {
            double cost = merge_cost(f, r, s);
            if ((r == 0 && s == 1) || cost < least) {
                least = cost;
                best_r = r;
                best_s = s;
            }
        }
    }
    for (size_t i = 0; i < f->n; i++) {
        uint32_t g = f->group[i];
        g = g == best_s ? (uint32_t)best_r : g;
        f->group[i] = g > best_s ? g - 1 : g;
    }
    f->k--;
    count(f);
}

static bool prepare(plx_arena *arena, const plx_csr *graph, size_t most, fit *f, plx_err *err)
{
    size_t n = graph->n;
    size_t ends = (size_t)graph->ptr[n];
    size_t largest = n + ends + MOST_GROUPS * (MOST_GROUPS + 1) / 2 + 2;
    *f = (fit){.graph = graph, .n = n, .n_edges = ends / 2, .k = most};
    f->group = plx_arena_zero(arena, n + 1, sizeof *f->group);
    f->degree = plx_arena_zero(arena, n + 1, sizeof *f->degree);
    f->between = plx_arena_zero(arena, most * most + 1, sizeof *f->between);
    f->ends = plx_arena_zero(arena, most + 1, sizeof *f->ends);
    f->size = plx_arena_zero(arena, most + 1, sizeof *f->size);
    f->lf = plx_arena_zero(arena, largest + 1, sizeof *f->lf);
    f->lff = plx_arena_zero(arena, ends / 2 + 2, sizeof *f->lff);
    if (!f->group || !f->degree || !f->between || !f->ends || !f->size || !f->lf || !f->lff) {
        return plx_fail_nomem(err, largest * sizeof *f->lf);
    }
    for (size_t i = 2; i <= largest; i++) {
        f->lf[i] = f->lf[i - 1] + plx_fixed_log((double)i);
    }
    for (size_t i = 1; i <= ends / 2; i++) {
        f->lff[i] = f->lff[i - 1] + plx_fixed_log((double)(2 * i));
    }
    for (size_t i = 0; i < n; i++) {
        f->degree[i] = (uint32_t)plx_csr_degree(graph, i);
        f->degrees += f->lf[f->degree[i]];
    }
    return true;
}

bool plx_blocks_of(plx_arena *arena, const plx_csr *graph, const uint32_t *group, size_t n_groups, plx_blocks *out,
                   plx_err *err)
{
    if (n_groups == 0 || n_groups > MOST_GROUPS || graph->n == 0) {
        return plx_fail(err, PLX_E_ARG, "a division into %zu groups is not one into 1 to %d", n_groups, MOST_GROUPS);
    }
    plx_arena *scratch = plx_arena_new(0);
    fit f;
    size_t n = graph->n;
    *out = (plx_blocks){.n = n, .n_groups = n_groups};
    out->group = plx_arena_zero(arena, n + 1, sizeof *out->group);
    out->degree = plx_arena_zero(arena, n + 1, sizeof *out->degree);
    out->between = plx_arena_zero(arena, n_groups * n_groups, sizeof *out->between);
    out->ends = plx_arena_zero(arena, n_groups, sizeof *out->ends);
    bool ok = scratch && out->group && out->degree && out->between && out->ends;
    ok = ok ? prepare(scratch, graph, n_groups, &f, err) : plx_fail_nomem(err, n * 2 * sizeof *out->degree);
    if (ok) {
        memcpy(f.group, group, n * sizeof *group);
        memcpy(out->group, group, n * sizeof *group);
        count(&f);
        out->length = description_length(&f);
        for (size_t i = 0; i < n; i++) {
            out->degree[i] = (double)f.degree[i];
        }
        for (size_t r = 0; r < n_groups; r++) {
            out->ends[r] = (double)f.ends[r];
            for (size_t s = 0; s < n_groups; s++) {
                out->between[r * n_groups + s] = (double)f.between[r * n_groups + s];
            }
        }
    }
    plx_arena_free(scratch);
    return ok;
}

/* Number groups by their first node. */
static void renumber(uint32_t *group, size_t n)
{
    uint32_t names[MOST_GROUPS];
    uint32_t next = 0;
    memset(names, 0xFF, sizeof names);
    for (size_t i = 0; i < n; i++) {
        uint32_t *name = &names[group[i]];
        *name = *name == UINT32_MAX ? next++ : *name;
        group[i] = *name;
    }
}

bool plx_blocks_fit(plx_arena *arena, const plx_csr *graph, size_t most, size_t n_groups, size_t starts, uint64_t seed,
                    plx_blocks *out, plx_err *err)
{
    size_t n = graph->n;
    most = n_groups > most ? n_groups : most;
    if (most == 0 || most > MOST_GROUPS || n == 0) {
        return plx_fail(err, PLX_E_ARG, "a block model has 1 to %d groups and at least one node", MOST_GROUPS);
    }
    most = most < n ? most : n;
    n_groups = n_groups < n ? n_groups : n;
    plx_arena *scratch = plx_arena_new(0);
    uint32_t *best = scratch ? plx_arena_zero(scratch, n, sizeof *best) : NULL;
    uint32_t *order = scratch ? plx_arena_zero(scratch, n, sizeof *order) : NULL;
    fit f;
    bool ok = best && order ? prepare(scratch, graph, most, &f, err) : plx_fail_nomem(err, n * 2 * sizeof *best);
    double least = 0.0;
    size_t best_k = 0;
    for (size_t start = 0; ok && start < starts; start++) {
        plx_rng rng = plx_rng_stream(seed, "block-model", start);
        f.k = most;
        for (size_t i = 0; i < n; i++) {
            order[i] = (uint32_t)i;
        }
        plx_rng_shuffle(&rng, order, n, sizeof *order);
        for (size_t i = 0; i < n; i++) {
            f.group[order[i]] = (uint32_t)(i % most);
        }
        count(&f);
        for (;;) {
            for (int pass = 0; pass < SWEEPS && sweep(&f, order, &rng) > 0; pass++) {
            }
            double length = description_length(&f);
            if ((n_groups == 0 || f.k == n_groups) && (best_k == 0 || length < least - 1e-9)) {
                least = length;
                best_k = f.k;
                memcpy(best, f.group, n * sizeof *best);
            }
            if (f.k == 1 || f.k == n_groups) {
                break;
            }
            merge_cheapest(&f);
        }
    }
    if (ok) {
        renumber(best, n);
        ok = plx_blocks_of(arena, graph, best, best_k, out, err);
    }
    plx_arena_free(scratch);
    return ok;
}

double plx_blocks_score(const plx_blocks *blocks, uint32_t a, uint32_t b, bool without)
{
    size_t r = blocks->group[a];
    size_t s = blocks->group[b];
    double one = without ? 1.0 : 0.0;
    double ends_r = blocks->ends[r] - (r == s ? 2.0 * one : one);
    double ends_s = blocks->ends[s] - (r == s ? 2.0 * one : one);
    double between = blocks->between[r * blocks->n_groups + s] - (r == s ? 2.0 * one : one);
    double share = ends_r > 0.0 && ends_s > 0.0 ? between / (ends_r * ends_s) : 0.0;
    return (blocks->degree[a] - one) * (blocks->degree[b] - one) * share;
}
