/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares, similarity and features of nodes.
 */
#include "benchmarks/models/types.h"

#include "benchmarks/kernels/spectral.h"
#include "benchmarks/models/link_features.h"

#include "core/fixed_math.h"

#include <math.h>
#include <string.h>

enum { VECTORS = 8 };

void plx_types_prior(const plx_train *train, double *p)
{
    for (size_t c = 0; c < train->n_classes; c++) {
        p[c] = 0.0;
    }
    for (size_t i = 0; i < train->n; i++) {
        p[train->label[i]] += 1.0;
    }
    for (size_t c = 0; c < train->n_classes; c++) {
        p[c] = train->n ? p[c] / (double)train->n : 1.0 / (double)train->n_classes;
    }
}

void plx_types_mix(const plx_train *train, const double *weight, double *p)
{
    double sum = 0.0;
    for (size_t c = 0; c < train->n_classes; c++) {
        sum += weight[c];
    }
    plx_types_prior(train, p);
    for (size_t c = 0; c < train->n_classes && sum > 0.0; c++) {
        p[c] = 0.99 * (weight[c] / sum) + 0.01 * p[c];
    }
}

bool plx_wiring_new(plx_arena *arena, const plx_graph *graph, plx_wiring *out, plx_err *err)
{
    *out = (plx_wiring){.graph = graph};
    out->size = plx_arena_zero(arena, graph->n_nodes + 1, sizeof *out->size);
    if (!out->size) {
        return plx_fail_nomem(err, graph->n_nodes * sizeof *out->size);
    }
    if (!plx_log_weights(arena, &graph->out, &out->out, err) || !plx_log_weights(arena, &graph->in, &out->in, err)) {
        return false;
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        double sum = 0.0;
        for (uint64_t e = graph->out.ptr[i]; e < graph->out.ptr[i + 1]; e++) {
            sum += out->out[e] * out->out[e];
        }
        for (uint64_t e = graph->in.ptr[i]; e < graph->in.ptr[i + 1]; e++) {
            sum += out->in[e] * out->in[e];
        }
        out->size[i] = sqrt(sum);
    }
    return true;
}

/* Add, for each partner of `node` in `to`, its products with all who have that partner, by the transpose `back`. */
static void add_products(const plx_csr *to, const double *value, const plx_csr *back, const double *back_value,
                         uint32_t node, double *sum)
{
    for (uint64_t e = to->ptr[node]; e < to->ptr[node + 1]; e++) {
        uint32_t partner = to->index[e];
        for (uint64_t f = back->ptr[partner]; f < back->ptr[partner + 1]; f++) {
            sum[back->index[f]] += value[e] * back_value[f];
        }
    }
}

void plx_wiring_similarity(const plx_wiring *w, uint32_t node, double *cosine)
{
    const plx_graph *g = w->graph;
    memset(cosine, 0, g->n_nodes * sizeof *cosine);
    add_products(&g->out, w->out, &g->in, w->in, node, cosine);
    add_products(&g->in, w->in, &g->out, w->out, node, cosine);
    for (size_t i = 0; i < g->n_nodes; i++) {
        double sizes = w->size[node] * w->size[i];
        cosine[i] = sizes > 0.0 ? cosine[i] / sizes : 0.0;
    }
}

static size_t degrees(const plx_csr *rows, size_t node, double *x)
{
    double weight = 0.0;
    for (uint64_t e = rows->ptr[node]; e < rows->ptr[node + 1]; e++) {
        weight += rows->weight ? rows->weight[e] : 1.0;
    }
    x[0] = plx_fixed_log(1.0 + (double)plx_csr_degree(rows, node));
    x[1] = plx_fixed_log(1.0 + (weight > 0.0 ? weight : 0.0));
    return 2;
}

/* Shares of classes among partners whose class is known; all 0 when there is none. */
static size_t partners(const plx_csr *rows, const double *value, const int32_t *known, size_t k, size_t node, double *x)
{
    double sum = 0.0;
    for (uint64_t e = rows->ptr[node]; e < rows->ptr[node + 1]; e++) {
        int32_t c = known[rows->index[e]];
        if (c >= 0) {
            x[c] += value[e];
            sum += value[e];
        }
    }
    for (size_t c = 0; c < k && sum > 0.0; c++) {
        x[c] /= sum;
    }
    return k;
}

static size_t vectors(const plx_svd *svd, const double *side, size_t node, double *x)
{
    for (size_t k = 0; k < svd->rank; k++) {
        x[k] = side[node * svd->rank + k] * sqrt(svd->sigma[k]);
    }
    return svd->rank;
}

static void fill(const plx_train *train, const plx_wiring *w, const plx_svd *svd, const int32_t *known, size_t node,
                 double *x)
{
    const plx_graph *g = train->graph;
    size_t at = 0;
    for (size_t k = 0; k < g->n_kinds; k++) {
        at += degrees(&g->kind_out[k], node, x + at);
        at += degrees(&g->kind_in[k], node, x + at);
    }
    at += partners(&g->out, w->out, known, train->n_classes, node, x + at);
    at += partners(&g->in, w->in, known, train->n_classes, node, x + at);
    at += vectors(svd, svd->left, node, x + at);
    vectors(svd, svd->right, node, x + at);
}

bool plx_node_features_new(plx_arena *arena, const plx_train *train, plx_node_features *out, plx_err *err)
{
    const plx_graph *g = train->graph;
    size_t n = g->n_nodes;
    plx_arena *scratch = plx_arena_new(0);
    int32_t *known = scratch ? plx_arena_zero(scratch, n + 1, sizeof *known) : NULL;
    plx_wiring wiring;
    plx_svd svd;
    bool ok = known ? plx_wiring_new(scratch, g, &wiring, err) &&
                          plx_svd_truncated(scratch, &g->out, wiring.out, &g->in, wiring.in, VECTORS, &svd, err)
                    : plx_fail_nomem(err, n * sizeof *known);
    if (ok) {
        *out = (plx_node_features){.n = n, .d = 4 * g->n_kinds + 2 * train->n_classes + 2 * svd.rank};
        out->x = plx_arena_zero(arena, n * out->d + 1, sizeof *out->x);
        ok = out->x ? true : plx_fail_nomem(err, n * out->d * sizeof *out->x);
    }
    if (ok) {
        for (size_t i = 0; i < n; i++) {
            known[i] = -1;
        }
        for (size_t i = 0; i < train->n; i++) {
            known[train->a[i]] = train->label[i];
        }
        for (size_t i = 0; i < n; i++) {
            fill(train, &wiring, &svd, known, i, out->x + i * out->d);
        }
    }
    plx_arena_free(scratch);
    return ok;
}

bool plx_node_features_rows(plx_arena *arena, const plx_node_features *features, const uint32_t *node, size_t n,
                            double **out, plx_err *err)
{
    size_t d = features->d;
    double *x = plx_arena_zero(arena, n * d + 1, sizeof *x);
    if (!x) {
        return plx_fail_nomem(err, n * d * sizeof *x);
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * d, features->x + node[i] * d, d * sizeof *x);
    }
    *out = x;
    return true;
}
