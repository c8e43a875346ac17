/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges and their mirror images across the midline. A canonical neuron without a homologue stands on it and is its own
 * image; of other cells without one nothing is known, and their edges have no image.
 */
#include "ingest/connectome_graph.h"

#include <math.h>
#include <stdlib.h>

typedef struct sums {
    double n, x, xx, xy;
} sums;

static uint32_t image_of(const plx_graph *g, const int32_t *slot, uint32_t cell)
{
    return g->homologue[cell] != PLX_NO_CELL ? g->homologue[cell] : slot[cell] >= 0 ? cell : PLX_NO_CELL;
}

/* The edge between the images, as it would stand in the record; false when there is no such thing. */
static bool mirror(const plx_graph *g, const int32_t *slot, size_t edge, bool gap, uint32_t *pre, uint32_t *post)
{
    uint32_t a = image_of(g, slot, g->pre[edge]), b = image_of(g, slot, g->post[edge]);
    if (a == PLX_NO_CELL || b == PLX_NO_CELL) {
        return false;
    }
    *pre = gap && a > b ? b : a;
    *post = gap && a > b ? a : b;
    return *pre != g->pre[edge] || *post != g->post[edge];
}

static int by_difference(const void *a, const void *b)
{
    const plx_asymmetry *x = a, *y = b;
    if (x->difference != y->difference) {
        return x->difference > y->difference ? -1 : 1;
    }
    return x->edge < y->edge ? -1 : x->edge > y->edge;
}

static void add(plx_symmetry *out, sums *s, double a, double b)
{
    out->pairs++;
    out->both += a != 0 && b != 0;
    out->one += a == 0 || b == 0;
    out->shared += fmin(a, b);
    out->total += fmax(a, b);
    s->n += 2;
    s->x += a + b;
    s->xx += a * a + b * b;
    s->xy += 2 * a * b;
}

bool plx_graph_symmetry(const plx_graph *g, uint8_t kind, size_t most, plx_arena *arena, plx_symmetry *out,
                        plx_asymmetry **worst, size_t *n_worst, plx_err *err)
{
    const plx_column *slots;
    bool gap = plx_graph_is_gap(g, kind);
    sums s = {0};
    *out = (plx_symmetry){0};
    *n_worst = 0;
    *worst = plx_arena_zero(arena, g->n_edges + 1, sizeof **worst);
    if (!*worst) {
        return plx_fail_nomem(err, g->n_edges * sizeof **worst);
    }
    if (!plx_table_need(g->nodes, "slot", PLX_I32, &slots, err)) {
        return false;
    }
    const int32_t *slot = (const void *)slots->values.ptr;
    for (size_t i = 0; i < g->n_edges; i++) {
        uint32_t pre, post;
        if (g->kind[i] != kind || (gap && g->pre[i] > g->post[i]) || !mirror(g, slot, i, gap, &pre, &post)) {
            continue;
        }
        size_t image = plx_graph_edge(g, kind, pre, post);
        double a = g->weight[i], b = image == SIZE_MAX ? 0 : g->weight[image];
        if (image != SIZE_MAX && image < i) {
            continue; /* met from its other side */
        }
        add(out, &s, a, b);
        bool first = fabs(a) >= fabs(b);
        if (a != b) {
            (*worst)[(*n_worst)++] = (plx_asymmetry){first ? i : image, first ? b : a, fabs(a - b)};
        }
    }
    qsort(*worst, *n_worst, sizeof **worst, by_difference);
    *n_worst = *n_worst < most ? *n_worst : most;
    double mean = s.n > 0 ? s.x / s.n : 0;
    double variance = s.xx - s.n * mean * mean, covariance = s.xy - s.n * mean * mean;
    out->correlation = variance > 0 ? covariance / variance : (double)NAN;
    return true;
}
