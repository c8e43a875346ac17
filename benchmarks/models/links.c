/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairs, their edges, distances and mirror images.
 */
#include "benchmarks/models/links.h"

#include "core/rng.h"

#include <math.h>

bool plx_links_joined(const plx_links *links, uint32_t a, uint32_t b)
{
    return plx_csr_find(links->out, a, b) != links->out->ptr[links->out->n];
}

bool plx_links_hidden(const plx_links *links, uint32_t a, uint32_t b)
{
    return links->own_edges && plx_links_joined(links, a, b);
}

static double apart(const double *pos_um, size_t a, size_t b)
{
    double sum = 0.0;
    for (size_t k = 0; k < 3; k++) {
        double d = pos_um[3 * a + k] - pos_um[3 * b + k];
        sum += d * d;
    }
    return sqrt(sum);
}

static double mean_distance(const plx_graph *graph)
{
    enum { MOST_NODES = 2000 }; /* of more, every second, third, ... is taken */
    size_t step = graph->n_nodes / MOST_NODES + 1;
    double sum = 0.0;
    size_t n = 0;
    for (size_t a = 0; graph->pos_um && a < graph->n_nodes; a += step) {
        for (size_t b = a + step; b < graph->n_nodes; b += step) {
            double d = apart(graph->pos_um, a, b);
            if (!isnan(d)) {
                sum += d;
                n++;
            }
        }
    }
    return n ? sum / (double)n : 0.0;
}

plx_links plx_links_of(const plx_train *train)
{
    const plx_graph *graph = train->graph;
    plx_links links = {.graph = graph,
                       .out = train->directed ? &graph->out : &graph->any,
                       .in = train->directed ? &graph->in : &graph->any,
                       .directed = train->directed,
                       .own_edges = true,
                       .mean_distance_um = mean_distance(graph)};
    for (size_t i = 0; i < train->n && links.own_edges; i++) {
        links.own_edges = plx_links_joined(&links, train->a[i], train->b[i]) == (train->label[i] != 0);
    }
    return links;
}

double plx_links_attachment(const plx_links *links, uint32_t a, uint32_t b)
{
    double hidden = plx_links_hidden(links, a, b) ? 1.0 : 0.0;
    return ((double)plx_csr_degree(links->out, a) - hidden) * ((double)plx_csr_degree(links->in, b) - hidden);
}

double plx_links_distance(const plx_links *links, uint32_t a, uint32_t b, bool *known)
{
    double d = links->graph->pos_um ? apart(links->graph->pos_um, a, b) : (double)NAN;
    *known = !isnan(d);
    return *known ? d : links->mean_distance_um;
}

static uint32_t mirror(const plx_graph *graph, uint32_t node)
{
    return graph->homologue && graph->homologue[node] >= 0 ? (uint32_t)graph->homologue[node] : node;
}

static double image(const plx_links *links, uint32_t a, uint32_t b, uint32_t x, uint32_t y)
{
    bool itself = (x == a && y == b) || (!links->directed && x == b && y == a);
    return !itself && x != y && plx_links_joined(links, x, y) ? 1.0 : 0.0;
}

double plx_links_mirrored(const plx_links *links, uint32_t a, uint32_t b)
{
    uint32_t x = mirror(links->graph, a);
    uint32_t y = mirror(links->graph, b);
    return 2.0 * image(links, a, b, x, y) + image(links, a, b, x, b) + image(links, a, b, a, y);
}

bool plx_links_draw(plx_arena *arena, const plx_train *train, size_t most, plx_train *out, plx_err *err)
{
    *out = *train;
    if (train->n <= most) {
        return true;
    }
    uint32_t *a = plx_arena_zero(arena, most + 1, sizeof *a);
    uint32_t *b = plx_arena_zero(arena, most + 1, sizeof *b);
    int32_t *label = plx_arena_zero(arena, most + 1, sizeof *label);
    if (!a || !b || !label) {
        return plx_fail_nomem(err, most * 3 * sizeof *a);
    }
    plx_rng rng = plx_rng_stream(train->seed, "links-draw", train->n);
    size_t kept = 0;
    for (size_t i = 0; i < train->n && kept < most; i++) {
        /* Each of the rest is as likely as any other to be among those still to be drawn. */
        if (plx_rng_below(&rng, train->n - i) < most - kept) {
            a[kept] = train->a[i];
            b[kept] = train->b[i];
            label[kept++] = train->label[i];
        }
    }
    out->a = a;
    out->b = b;
    out->label = label;
    out->n = kept;
    return true;
}

bool plx_links_by_overlap(const plx_train *train, const plx_query *query, plx_links_pick pick, plx_answer *answer,
                          plx_err *err)
{
    plx_links links = plx_links_of(train);
    plx_arena *scratch = plx_arena_new(0);
    plx_degree_weights weights;
    if (!scratch) {
        return plx_fail_nomem(err, query->n * sizeof *answer->score);
    }
    bool ok = plx_degree_weights_new(scratch, &train->graph->any, &weights, err);
    for (size_t i = 0; ok && i < query->n; i++) {
        plx_overlap o = plx_neighbours_overlap(links.out, links.in, &weights, query->a[i], query->b[i]);
        answer->score[i] = pick(&o);
    }
    plx_arena_free(scratch);
    return ok;
}
