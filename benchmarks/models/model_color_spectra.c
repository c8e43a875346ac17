/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/segment.h"

#include "benchmarks/kernels/mixture.h"
#include "benchmarks/kernels/spectral.h"
#include "benchmarks/kernels/supervoxels.h"
#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.05"),
    PLX_SEGMENT_SMALL,
    PLX_SEGMENT_GAP,
    {"apart", PLX_PARAM_INT, "5", 1, 100, NULL, NULL, "least distance of peaks, in voxels"},
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

enum { COORDINATES = 10, FROM = 2, TO = 10, NEAR = 32, MOST_PIECES = 60000 };

static const double TOUCH = 3, ALIKE = 8, FALL = 1e-4;

typedef struct near_piece {
    double d;
    uint32_t piece;
} near_piece;

static int by_nearness(const void *a, const void *b)
{
    const near_piece *x = a, *y = b;
    if (x->d < y->d || x->d > y->d) {
        return x->d < y->d ? -1 : 1;
    }
    return (x->piece > y->piece) - (x->piece < y->piece);
}

static int by_pair(const void *a, const void *b)
{
    const plx_piece_pair *x = a, *y = b;
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : (x->b > y->b) - (x->b < y->b);
}

static double luv_distance(const double *luv, uint32_t a, uint32_t b)
{
    double sum = 0;
    for (size_t c = 0; c < 3; c++) {
        double d = luv[3 * (size_t)a + c] - luv[3 * (size_t)b + c];
        sum += d * d;
    }
    return sqrt(sum);
}

/* Pairs near in colour are added to those near in space; each once. */
static bool add_alike(const double *luv, uint32_t n, plx_piece_pair **pairs, size_t *n_pairs, plx_err *err)
{
    near_piece *row = plx_alloc_zero((size_t)n + 1, sizeof *row);
    size_t cap = *n_pairs, kept = 0;
    bool ok = row || plx_fail_nomem(err, n * sizeof *row);
    for (uint32_t a = 1; ok && a <= n; a++) {
        size_t m = 0;
        for (uint32_t b = 1; b <= n; b++) {
            double d = luv_distance(luv, a, b);
            if (a != b && d < ALIKE) {
                row[m++] = (near_piece){d, b};
            }
        }
        if (m) {
            qsort(row, m, sizeof *row, by_nearness);
        }
        m = m < NEAR ? m : NEAR;
        ok = plx_grow(pairs, &cap, *n_pairs + m, sizeof **pairs) || plx_fail_nomem(err, *n_pairs * sizeof **pairs);
        for (size_t k = 0; ok && k < m; k++) {
            uint32_t b = row[k].piece;
            (*pairs)[(*n_pairs)++] = a < b ? (plx_piece_pair){a, b} : (plx_piece_pair){b, a};
        }
    }
    plx_free(row);
    if (ok && *n_pairs) {
        qsort(*pairs, *n_pairs, sizeof **pairs, by_pair);
    }
    for (size_t i = 0; ok && i < *n_pairs; i++) {
        if (i == 0 || by_pair(&(*pairs)[i], &(*pairs)[kept - 1]) != 0) {
            (*pairs)[kept++] = (*pairs)[i];
        }
    }
    *n_pairs = ok ? kept : *n_pairs;
    return ok;
}

/* The normalised affinity as rows; pieces are 0 to n - 1 here. */
static bool make_rows(plx_arena *arena, const double *luv, uint32_t n, const plx_piece_pair *pairs, size_t n_pairs,
                      plx_csr *out, double **values, plx_err *err)
{
    uint64_t *ptr = plx_arena_zero(arena, (size_t)n + 1, sizeof *ptr), *at = plx_arena_zero(arena, n, sizeof *at);
    uint32_t *index = plx_arena_zero(arena, 2 * n_pairs + n, sizeof *index);
    double *sum = plx_arena_zero(arena, n, sizeof *sum);
    *values = plx_arena_zero(arena, 2 * n_pairs + n, sizeof **values);
    if (!ptr || !at || !index || !sum || !*values) {
        return plx_fail_nomem(err, 2 * n_pairs * sizeof *index);
    }
    for (size_t i = 0; i < n_pairs; i++) {
        ptr[pairs[i].a]++;
        ptr[pairs[i].b]++;
    }
    for (uint32_t k = 0; k < n; k++) {
        at[k] = ptr[k];
        ptr[k + 1] += ptr[k];
    }
    for (int side = 0; side < 2; side++) { /* smaller neighbours first, so that columns ascend */
        for (size_t i = 0; i < n_pairs; i++) {
            uint32_t row = (side ? pairs[i].a : pairs[i].b) - 1, column = (side ? pairs[i].b : pairs[i].a) - 1;
            double d = luv_distance(luv, pairs[i].a, pairs[i].b);
            index[at[row]] = column;
            (*values)[at[row]++] = exp(-FALL * d * d);
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        for (uint64_t e = ptr[k]; e < ptr[k + 1]; e++) {
            sum[k] += (*values)[e];
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        for (uint64_t e = ptr[k]; e < ptr[k + 1]; e++) {
            (*values)[e] /= sqrt(sum[k] * sum[index[e]]);
        }
    }
    *out = (plx_csr){.n = n, .ptr = ptr, .index = index};
    return true;
}

static bool cluster(const double *luv, uint32_t n, const plx_piece_pair *pairs, size_t n_pairs, plx_rng rng,
                    int32_t *class, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_csr rows;
    plx_svd svd;
    double *values, *points = NULL;
    size_t k;
    bool ok = arena || plx_fail_nomem(err, 0);
    ok = ok && make_rows(arena, luv, n, pairs, n_pairs, &rows, &values, err) &&
         plx_svd_truncated(arena, &rows, values, &rows, values, n < COORDINATES ? n : COORDINATES, &svd, err);
    size_t dims = ok ? svd.rank : 0;
    if (ok && dims > 0) {
        points = plx_arena_zero(arena, n * dims, sizeof *points);
        ok = points || plx_fail_nomem(err, n * dims * sizeof *points);
    }
    for (uint32_t i = 0; ok && dims && i < n; i++) {
        double norm = 0;
        for (size_t c = 0; c < dims; c++) {
            norm += svd.left[i * dims + c] * svd.left[i * dims + c];
        }
        norm = sqrt(norm);
        for (size_t c = 0; c < dims; c++) {
            points[i * dims + c] = norm > 0 ? svd.left[i * dims + c] / norm : 0;
        }
    }
    ok = ok && (dims == 0 || plx_mixture_fit(points, n, dims, FROM, TO, 1e-4, rng, class, &k, err));
    plx_arena_free(arena);
    return ok;
}

static bool segment(const plx_cloud *cloud, const plx_segment_pieces *p, plx_rng rng, int32_t *voxel_class,
                    plx_err *err)
{
    size_t n_pairs = 0;
    plx_piece_pair *pairs = NULL;
    double *luv = plx_alloc_zero(3 * ((size_t)p->n + 1), sizeof *luv);
    int32_t *class = plx_alloc_zero((size_t)p->n + 1, sizeof *class);
    bool ok = (luv && class) || plx_fail_nomem(err, p->n * sizeof *luv);
    if (ok && p->n > MOST_PIECES) {
        ok = plx_fail(err, PLX_E_LIMIT, "the image has %u pieces, and %d can be compared by colour", p->n, MOST_PIECES);
    }
    for (size_t k = 0; ok && k <= p->n; k++) {
        plx_luv_of(p->color + 3 * k, luv + 3 * k);
    }
    ok = ok && plx_cloud_piece_pairs(cloud, p->piece, TOUCH, &pairs, &n_pairs, err) &&
         add_alike(luv, p->n, &pairs, &n_pairs, err) &&
         (p->n == 0 || cluster(luv, p->n, pairs, n_pairs, rng, class, err));
    for (size_t i = 0; ok && i < cloud->n; i++) {
        voxel_class[i] = class[p->piece[i] - 1];
    }
    plx_free(pairs);
    plx_free(luv);
    plx_free(class);
    return ok;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx, (void)state;
    plx_cloud cloud;
    plx_segment_pieces pieces = {0};
    uint32_t n;
    if (!plx_segment_cloud(query, params, PLX_CLOUD_GREY, true, &cloud, err)) {
        return false;
    }
    uint32_t *label = plx_alloc_zero(cloud.n, sizeof *label);
    int32_t *class = plx_alloc_zero(cloud.n, sizeof *class);
    bool ok = (label && class) || plx_fail_nomem(err, cloud.n * sizeof *label);
    ok = ok && plx_segment_cut(&cloud, (int)plx_params_int(params, "apart"), &pieces, err) &&
         segment(&cloud, &pieces, plx_rng_stream(train->seed, "color_spectra", 0), class, err) &&
         plx_cloud_components(&cloud, class, 0, label, &n, err) &&
         plx_cloud_join(&cloud, class, plx_params_real(params, "gap"), label, &n, err) &&
         plx_cloud_drop_small(cloud.n, (uint64_t)plx_params_int(params, "small"), label, &n, err) &&
         plx_segment_answer(&cloud, label, answer, err);
    plx_segment_pieces_free(&pieces);
    plx_free(label);
    plx_free(class);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_color_spectra;
const plx_model plx_model_color_spectra = {
    .name = "color_spectra",
    .title = "Spectral colour clusters, after Duan et al.",
    .doc = "Values are smoothed; voxels whose grey value is above the threshold are cut by the watershed of "
           "watershed_pieces; a piece has the CIE Luv of its mean colour. Two pieces are adjacent when voxels of "
           "theirs are less than 3 apart or their colours less than 8; their affinity is exp(-0.0001 d^2) of the "
           "colour distance d, which is divided by the roots of the rows' sums. Pieces are points of its leading "
           "singular vectors (at most 10) with rows of length 1, which a Gaussian mixture of 2 to 10 components "
           "clusters, chosen by the Bayesian information criterion. Neurons are the connected components of a cluster, "
           "joined over gaps of up to 20 voxels. Differences from the published re-implementation: smoothing by 1 2 1 "
           "instead of BM4D; the mixture sees 10 spectral coordinates of the normalised affinity and not its N rows; "
           "plain BIC instead of BIC with five-fold cross-validation; a grid instead of all pairs of voxels; of pieces "
           "near in colour alone, each is adjacent to the 32 nearest at most; neither splitting by colour, demixing "
           "nor bridging, which the re-implementation lacks too.",
    .reference = "Duan et al., BrainbowTracing; github tuffr5/BrainbowTracing@c11ec38550fb, "
                 "Kainmueller-Lab/brainbow@6096f500ff40",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = true,
    .params = params_table,
    .predict = predict,
};
