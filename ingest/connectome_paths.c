/* SPDX-License-Identifier: Apache-2.0
 *
 * Ways between two cells: a search backwards says how far each cell is from the goal, and a walk forwards follows only
 * steps that can still arrive in time.
 */
#include "ingest/connectome_builder.h"
#include "ingest/connectome_graph.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 16, MOST_FOUND = 1000000 };
#define UNREACHED UINT32_MAX

typedef struct step {
    uint32_t to;
    double weight;
} step;

typedef struct walk {
    const plx_ctx *ctx;
    const plx_graph *g;
    plx_arena *arena;
    uint32_t *start; /* of each cell's steps; kinds of one pair are one step */
    step *steps;
    uint32_t *far; /* hops to the goal */
    uint32_t goal, max_hops;
    uint32_t way[DEEPEST + 1];
    double weakest[DEEPEST + 1];
    size_t most;
    plx_paths *out;
} walk;

static int by_target(const void *a, const void *b)
{
    uint32_t x = ((const step *)a)->to, y = ((const step *)b)->to;
    return x < y ? -1 : x > y;
}

static bool counts(const walk *w, const uint8_t *kind, uint32_t edge)
{
    const plx_graph *g = w->g;
    return kind ? g->kind[edge] == *kind
                : strcmp(g->kinds[g->kind[edge]], plx_edge_kind_name(PLX_EDGE_FUNCTIONAL)) != 0;
}

static bool merge_steps(walk *w, const uint8_t *kind, plx_err *err)
{
    const plx_graph *g = w->g;
    w->start = plx_arena_zero(w->arena, g->n_cells + 1, sizeof *w->start);
    w->steps = plx_arena_zero(w->arena, g->n_edges + 1, sizeof *w->steps);
    if (!w->start || !w->steps) {
        return plx_fail_nomem(err, g->n_edges * sizeof *w->steps);
    }
    uint32_t n = 0;
    for (size_t i = 0; i < g->n_cells; i++) {
        uint32_t first = n;
        w->start[i] = n;
        for (uint32_t k = g->out_start[i]; k < g->out_start[i + 1]; k++) {
            uint32_t edge = g->out[k];
            if (counts(w, kind, edge) && g->post[edge] != i) {
                w->steps[n++] = (step){g->post[edge], g->weight[edge]};
            }
        }
        qsort(w->steps + first, n - first, sizeof *w->steps, by_target);
        uint32_t kept = first;
        for (uint32_t k = first; k < n; k++) {
            if (kept > first && w->steps[kept - 1].to == w->steps[k].to) {
                w->steps[kept - 1].weight += w->steps[k].weight;
            } else {
                w->steps[kept++] = w->steps[k];
            }
        }
        n = kept;
    }
    w->start[g->n_cells] = n;
    return true;
}

static bool measure(walk *w, const uint8_t *kind, uint32_t goal, plx_err *err)
{
    const plx_graph *g = w->g;
    w->far = plx_arena_zero(w->arena, g->n_cells + 1, sizeof *w->far);
    uint32_t *queue = plx_arena_zero(w->arena, g->n_cells + 1, sizeof *queue);
    if (!w->far || !queue) {
        return plx_fail_nomem(err, 0);
    }
    memset(w->far, 0xff, g->n_cells * sizeof *w->far);
    size_t read = 0, write = 0;
    queue[write++] = goal;
    w->far[goal] = 0;
    while (read < write) {
        uint32_t at = queue[read++];
        for (uint32_t k = g->in_start[at]; k < g->in_start[at + 1]; k++) {
            uint32_t edge = g->in[k], from = g->pre[edge];
            if (counts(w, kind, edge) && w->far[from] == UNREACHED) {
                w->far[from] = w->far[at] + 1;
                queue[write++] = from;
            }
        }
    }
    return true;
}

static int compare(const plx_path *a, const plx_path *b)
{
    if (a->n_hops != b->n_hops) {
        return a->n_hops < b->n_hops ? -1 : 1;
    }
    if (a->weakest != b->weakest) {
        return a->weakest > b->weakest ? -1 : 1;
    }
    for (uint32_t i = 0; i <= a->n_hops; i++) {
        if (a->cells[i] != b->cells[i]) {
            return a->cells[i] < b->cells[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Keep the way that was just completed among the best. */
static bool keep(walk *w, uint32_t hops, plx_err *err)
{
    plx_paths *out = w->out;
    plx_path path = {hops, w->way, w->weakest[hops]};
    out->found++;
    if (out->n == w->most && (w->most == 0 || compare(&out->list[out->n - 1], &path) <= 0)) {
        return true;
    }
    /* The place of the one that falls out is used again. */
    uint32_t *cells = out->n == w->most ? (uint32_t *)(uintptr_t)out->list[out->n - 1].cells
                                        : plx_arena_zero(w->arena, DEEPEST + 1, sizeof *cells);
    if (!cells) {
        return plx_fail_nomem(err, 0);
    }
    out->n -= out->n == w->most;
    memcpy(cells, w->way, (hops + 1) * sizeof *cells);
    path.cells = cells;
    size_t at = out->n++;
    for (; at > 0 && compare(&path, &out->list[at - 1]) < 0; at--) {
        out->list[at] = out->list[at - 1];
    }
    out->list[at] = path;
    return true;
}

static bool on_way(const walk *w, uint32_t hops, uint32_t cell)
{
    for (uint32_t i = 0; i <= hops; i++) {
        if (w->way[i] == cell) {
            return true;
        }
    }
    return false;
}

static bool go(walk *w, uint32_t hops, plx_err *err)
{
    uint32_t at = w->way[hops];
    for (uint32_t k = w->start[at]; w->out->all && k < w->start[at + 1]; k++) {
        uint32_t to = w->steps[k].to;
        if (w->far[to] == UNREACHED || hops + 1 + w->far[to] > w->max_hops || on_way(w, hops, to)) {
            continue;
        }
        double weight = w->steps[k].weight;
        w->way[hops + 1] = to;
        w->weakest[hops + 1] = hops == 0 || weight < w->weakest[hops] ? weight : w->weakest[hops];
        if (to != w->goal) {
            if (!go(w, hops + 1, err)) {
                return false;
            }
        } else if (w->out->found == MOST_FOUND) {
            w->out->all = false;
        } else if (!keep(w, hops + 1, err)) {
            return false;
        }
    }
    return plx_ctx_go_on(w->ctx, err);
}

bool plx_graph_paths(const plx_ctx *ctx, const plx_graph *g, const uint8_t *kind, uint32_t from, uint32_t to,
                     uint32_t max_hops, size_t most, plx_arena *arena, plx_paths *out, plx_err *err)
{
    *out = (plx_paths){.all = true};
    if (max_hops < 1 || max_hops > DEEPEST) {
        return plx_fail(err, PLX_E_ARG, "a way has 1 to %d hops, not %u", DEEPEST, max_hops);
    }
    if (from == to) {
        return plx_fail(err, PLX_E_ARG, "a way leads from one cell to another");
    }
    walk w = {.ctx = ctx, .g = g, .arena = arena, .goal = to, .max_hops = max_hops, .most = most, .out = out};
    out->list = plx_arena_zero(arena, most + 1, sizeof *out->list);
    if (!out->list) {
        return plx_fail_nomem(err, most * sizeof *out->list);
    }
    if (!merge_steps(&w, kind, err) || !measure(&w, kind, to, err)) {
        return false;
    }
    out->shortest = w.far[from] == UNREACHED ? 0 : w.far[from];
    w.way[0] = from;
    return out->shortest == 0 || out->shortest > max_hops || go(&w, 0, err);
}
