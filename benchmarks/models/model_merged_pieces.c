/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/segment.h"

#include "benchmarks/kernels/sets.h"
#include "benchmarks/kernels/supervoxels.h"
#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.1"),
    PLX_SEGMENT_SMALL,
    {"apart", PLX_PARAM_INT, "5", 1, 100, NULL, NULL, "least distance of peaks, in voxels"},
    {"reach", PLX_PARAM_REAL, "12", 0, 400, NULL, NULL, "distance of colours, in Luv, up to which pieces are one"},
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

typedef struct edge {
    double distance;
    uint32_t a, b;
} edge;

typedef struct merger {
    double *luv;    /* [3 (n + 1)] mean of each set, at its root */
    double *weight; /* voxels */
    uint32_t *parent;
} merger;

static int by_distance(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    if (x->distance < y->distance || x->distance > y->distance) {
        return x->distance < y->distance ? -1 : 1;
    }
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : (x->b > y->b) - (x->b < y->b);
}

/* Along a neurite brightness changes more than colour does. */
static double apart(const merger *m, uint32_t a, uint32_t b)
{
    double sum = 0;
    for (size_t c = 0; c < 3; c++) {
        double d = m->luv[3 * (size_t)a + c] - m->luv[3 * (size_t)b + c];
        sum += (c == 0 ? .1 : 1) * d * d;
    }
    return sqrt(sum);
}

static void unite(merger *m, uint32_t a, uint32_t b)
{
    uint32_t root = a < b ? a : b;
    double wa = m->weight[a], wb = m->weight[b];
    for (size_t c = 0; c < 3; c++) {
        m->luv[3 * (size_t)root + c] = (wa * m->luv[3 * (size_t)a + c] + wb * m->luv[3 * (size_t)b + c]) / (wa + wb);
    }
    m->weight[root] = wa + wb;
    plx_sets_join(m->parent, a, b);
}

/* Nearest first; each round looks at the means as they are by then, until one merges nothing. */
static bool merge(merger *m, const plx_piece_pair *pairs, size_t n_pairs, double reach, plx_err *err)
{
    edge *edges = plx_alloc_zero(n_pairs + 1, sizeof *edges);
    if (!edges) {
        return plx_fail_nomem(err, n_pairs * sizeof *edges);
    }
    for (bool changed = true; changed;) {
        size_t n = 0;
        changed = false;
        for (size_t i = 0; i < n_pairs; i++) {
            uint32_t a = plx_sets_find(m->parent, pairs[i].a), b = plx_sets_find(m->parent, pairs[i].b);
            double d = apart(m, a, b);
            if (a != b && d < reach) {
                edges[n++] = (edge){d, a, b};
            }
        }
        if (n) {
            qsort(edges, n, sizeof *edges, by_distance);
        }
        for (size_t i = 0; i < n; i++) {
            uint32_t a = plx_sets_find(m->parent, edges[i].a), b = plx_sets_find(m->parent, edges[i].b);
            if (a != b && apart(m, a, b) < reach) {
                unite(m, a, b);
                changed = true;
            }
        }
    }
    plx_free(edges);
    return true;
}

static bool merge_pieces(const plx_cloud *cloud, plx_segment_pieces *p, double reach, plx_err *err)
{
    size_t n = (size_t)p->n + 1, n_pairs = 0;
    plx_piece_pair *pairs = NULL;
    merger m = {plx_alloc_zero(3 * n, sizeof *m.luv), plx_alloc_zero(n, sizeof *m.weight),
                plx_alloc_zero(n, sizeof *m.parent)};
    bool ok = (m.luv && m.weight && m.parent) || plx_fail_nomem(err, 3 * n * sizeof *m.luv);
    ok = ok && plx_cloud_piece_pairs(cloud, p->piece, 1.8, &pairs, &n_pairs, err);
    for (size_t i = 0; ok && i < cloud->n; i++) {
        m.weight[p->piece[i]] += 1;
    }
    for (size_t k = 0; ok && k < n; k++) {
        m.parent[k] = (uint32_t)k;
        plx_luv_of(p->color + 3 * k, m.luv + 3 * k);
    }
    ok = ok && merge(&m, pairs, n_pairs, reach, err);
    uint32_t next = 0;
    for (size_t k = 1; ok && k < n; k++) { /* the weights are done with: new numbers */
        uint32_t root = plx_sets_find(m.parent, (uint32_t)k);
        m.weight[k] = root == k ? ++next : m.weight[root];
    }
    for (size_t i = 0; ok && i < cloud->n; i++) {
        p->piece[i] = (uint32_t)m.weight[p->piece[i]];
    }
    p->n = ok ? next : p->n;
    plx_free(pairs);
    plx_free(m.luv);
    plx_free(m.weight);
    plx_free(m.parent);
    return ok;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx, (void)train, (void)state;
    plx_cloud cloud;
    plx_segment_pieces pieces;
    if (!plx_segment_cloud(query, params, PLX_CLOUD_BRIGHTEST, true, &cloud, err)) {
        return false;
    }
    bool ok = plx_segment_cut(&cloud, (int)plx_params_int(params, "apart"), &pieces, err);
    ok = ok && merge_pieces(&cloud, &pieces, plx_params_real(params, "reach"), err) &&
         plx_cloud_drop_small(cloud.n, (uint64_t)plx_params_int(params, "small"), pieces.piece, &pieces.n, err) &&
         plx_segment_answer(&cloud, pieces.piece, answer, err);
    plx_segment_pieces_free(&pieces);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_merged_pieces;
const plx_model plx_model_merged_pieces = {
    .name = "merged_pieces",
    .title = "Watershed, merged by colour",
    .doc = "The pieces of watershed_pieces over values smoothed by 1 2 1 along each axis. Pieces that touch are "
           "merged, those nearest in CIE Luv first (lightness counts a tenth), as long as the mean colours of what has "
           "been merged are nearer than reach.",
    .reference = "",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = false,
    .params = params_table,
    .predict = predict,
};
