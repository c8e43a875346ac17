/* SPDX-License-Identifier: Apache-2.0
 *
 * A neuron is a tree of paths. A path is a walk in steps of one voxel whose direction changes a little at random and
 * leans towards a point, the tract, that all neurons of an image share, which is why they meet. Each step stamps a ball
 * that fills voxels at its edge in part. Stamps are sorted and merged, so a neuron is a list of voxels.
 */
#include "ingest/fisbe_like.h"

#include "core/alloc.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 3, MOST_PATHS = 64, LEAST = 16, MOST = 2048 };

static const double BACKGROUND = 7, READ_NOISE = 4, SHOT_NOISE = 1.5, FULL = 4095;
static const double LEAN = 0.06, WOBBLE = 0.22, BRANCH = 1.0 / 45;

typedef struct stamp {
    uint64_t voxel;
    uint8_t cover;
} stamp;

typedef struct tracts {
    double at[2][3];
} tracts;

typedef struct grower {
    const plx_fisbe_like_params *p;
    plx_rng rng;
    tracts tracts;
    stamp *stamps;
    size_t n, cap;
    unsigned paths;
    bool failed;
} grower;

typedef struct path {
    double at[3], direction[3], radius;
    unsigned length, depth;
} path;

static double uniform(grower *g, double low, double high)
{
    return low + (high - low) * plx_rng_f64(&g->rng);
}

static void normalize(double v[3])
{
    double n = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int d = 0; d < 3; d++) {
        v[d] = n > 0 ? v[d] / n : d == 2;
    }
}

static void add_stamp(grower *g, uint64_t voxel, double cover)
{
    if (!plx_grow(&g->stamps, &g->cap, g->n + 1, sizeof *g->stamps)) {
        g->failed = true;
        return;
    }
    g->stamps[g->n++] = (stamp){voxel, (uint8_t)(cover * 255)};
}

static void stamp_ball(grower *g, const double at[3], double radius)
{
    const size_t *s = g->p->shape;
    long low[3], high[3];
    for (int d = 0; d < 3; d++) {
        low[d] = (long)(at[d] - radius - 1);
        high[d] = (long)(at[d] + radius + 2);
        low[d] = low[d] < 0 ? 0 : low[d];
        high[d] = high[d] >= (long)s[d] ? (long)s[d] - 1 : high[d];
    }
    for (long z = low[0]; z <= high[0]; z++) {
        for (long y = low[1]; y <= high[1]; y++) {
            for (long x = low[2]; x <= high[2]; x++) {
                double a = (double)z - at[0], b = (double)y - at[1], c = (double)x - at[2];
                double cover = (radius + 0.7 - sqrt(a * a + b * b + c * c)) / 1.4;
                if (cover > 0.03) {
                    uint64_t voxel = ((uint64_t)z * s[1] + (uint64_t)y) * s[2] + (uint64_t)x;
                    add_stamp(g, voxel, cover < 1 ? cover : 1);
                }
            }
        }
    }
}

static void random_direction(grower *g, double out[3])
{
    do {
        for (int d = 0; d < 3; d++) {
            out[d] = uniform(g, -1, 1);
        }
    } while (out[0] * out[0] + out[1] * out[1] + out[2] * out[2] > 1);
    normalize(out);
}

/* Branches start while their path is walked and are walked after it. */
static void grow(grower *g, path first)
{
    path waiting[MOST_PATHS];
    size_t n = 0;
    waiting[n++] = first;
    while (n > 0 && !g->failed) {
        path p = waiting[--n];
        const double *goal = g->tracts.at[plx_rng_below(&g->rng, 2)];
        for (unsigned i = 0; i < p.length && !g->failed; i++) {
            double change[3], pull[3];
            random_direction(g, change);
            for (int d = 0; d < 3; d++) {
                pull[d] = goal[d] - p.at[d];
            }
            normalize(pull);
            double lean = p.depth == 0 && i < p.length / 2 ? LEAN : 0;
            for (int d = 0; d < 3; d++) {
                p.direction[d] += WOBBLE * change[d] + lean * pull[d];
            }
            normalize(p.direction);
            for (int d = 0; d < 3; d++) {
                double end = (double)g->p->shape[d] - 3;
                p.at[d] += p.direction[d];
                if (p.at[d] < 2 || p.at[d] > end) {
                    p.direction[d] = -p.direction[d];
                    p.at[d] = p.at[d] < 2 ? 2 : end;
                }
            }
            double taper = 1 - 0.35 * i / p.length;
            stamp_ball(g, p.at, p.radius * taper);
            if (p.depth < MAX_DEPTH && g->paths < MOST_PATHS && n < MOST_PATHS &&
                plx_rng_f64(&g->rng) < BRANCH / (1 + p.depth)) {
                path b = p;
                double turn[3];
                random_direction(g, turn);
                for (int d = 0; d < 3; d++) {
                    b.direction[d] += 0.9 * turn[d];
                }
                normalize(b.direction);
                b.radius = p.radius * 0.75 > 0.8 ? p.radius * 0.75 : 0.8;
                b.length = (unsigned)(p.length * uniform(g, 0.15, 0.5));
                b.depth++;
                g->paths++;
                waiting[n++] = b;
            }
        }
    }
}

static int by_voxel(const void *a, const void *b)
{
    const stamp *x = a, *y = b;
    if (x->voxel != y->voxel) {
        return x->voxel < y->voxel ? -1 : 1;
    }
    return (x->cover < y->cover) - (x->cover > y->cover); /* the fullest first */
}

static bool merge(grower *g, plx_fisbe_like_neuron *out, plx_err *err)
{
    if (g->failed) {
        return plx_fail_nomem(err, g->n * sizeof *g->stamps);
    }
    qsort(g->stamps, g->n, sizeof *g->stamps, by_voxel);
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        n += i == 0 || g->stamps[i].voxel != g->stamps[i - 1].voxel;
    }
    out->voxels = plx_alloc_zero(n, sizeof *out->voxels);
    out->cover = plx_alloc(n);
    if (!out->voxels || !out->cover) {
        return plx_fail_nomem(err, n * sizeof *out->voxels);
    }
    for (size_t i = 0; i < g->n; i++) {
        if (i == 0 || g->stamps[i].voxel != g->stamps[i - 1].voxel) {
            out->voxels[out->n] = g->stamps[i].voxel;
            out->cover[out->n++] = g->stamps[i].cover;
        }
    }
    return true;
}

/* Colours lie anywhere between the three pure ones; most neurons show two channels. */
static void choose_color(grower *g, plx_fisbe_like_neuron *out)
{
    double sum = 0, weight[PLX_FISBE_LIKE_COLORS];
    for (int c = 0; c < PLX_FISBE_LIKE_COLORS; c++) {
        double u = plx_rng_f64(&g->rng);
        weight[c] = u * u;
        sum += weight[c];
    }
    out->dim = plx_rng_f64(&g->rng) < 0.2;
    double bright = out->dim ? uniform(g, 120, 220) : uniform(g, 500, 2600);
    for (int c = 0; c < PLX_FISBE_LIKE_COLORS; c++) {
        out->color[c] = bright * weight[c] / (sum > 0 ? sum : 1);
    }
}

static bool grow_neuron(const plx_fisbe_like_params *p, size_t i, const tracts *towards, plx_fisbe_like_neuron *out,
                        plx_err *err)
{
    grower g = {.p = p, .rng = plx_rng_stream(p->seed, "fisbe-like neuron", i), .tracts = *towards};
    size_t longest = p->shape[0];
    longest = p->shape[1] > longest ? p->shape[1] : longest;
    longest = p->shape[2] > longest ? p->shape[2] : longest;
    path root = {.radius = uniform(&g, 1.4, 2.4), .length = (unsigned)(uniform(&g, 0.9, 1.7) * (double)longest)};
    for (int d = 0; d < 3; d++) {
        root.at[d] = uniform(&g, 2, (double)p->shape[d] - 3);
    }
    /* From one of the sides in y or x. */
    int side = 1 + (int)plx_rng_below(&g.rng, 2);
    root.at[side] = plx_rng_below(&g.rng, 2) ? 2 : (double)p->shape[side] - 3;
    for (int d = 0; d < 3; d++) {
        root.direction[d] = towards->at[0][d] - root.at[d];
    }
    normalize(root.direction);
    choose_color(&g, out);
    grow(&g, root);
    bool ok = merge(&g, out, err);
    plx_free(g.stamps);
    return ok;
}

bool plx_fisbe_like_new(const plx_fisbe_like_params *params, plx_fisbe_like *out, plx_err *err)
{
    *out = (plx_fisbe_like){.params = *params};
    for (int d = 0; d < 3; d++) {
        if (params->shape[d] < LEAST || params->shape[d] > MOST) {
            return plx_fail(err, PLX_E_ARG, "a made-up image has %d to %d voxels along each axis, not %zu", LEAST, MOST,
                            params->shape[d]);
        }
    }
    if (params->neurons > PLX_FISBE_LIKE_NEURONS || !(params->noise >= 0) || params->noise > 100) {
        return plx_fail(err, PLX_E_ARG, "a made-up image has up to %d neurons, and noise from 0 to 100",
                        PLX_FISBE_LIKE_NEURONS);
    }
    plx_rng rng = plx_rng_stream(params->seed, "fisbe-like image", 0);
    out->n_neurons = params->neurons ? params->neurons : (size_t)(2 + plx_rng_below(&rng, 8));
    tracts towards;
    for (int k = 0; k < 2; k++) {
        for (int d = 0; d < 3; d++) {
            towards.at[k][d] = (double)params->shape[d] * (0.3 + 0.4 * plx_rng_f64(&rng));
        }
    }
    out->neurons = plx_alloc_zero(out->n_neurons, sizeof *out->neurons);
    bool ok = out->neurons || plx_fail_nomem(err, out->n_neurons * sizeof *out->neurons);
    for (size_t i = 0; ok && i < out->n_neurons; i++) {
        ok = grow_neuron(params, i, &towards, &out->neurons[i], err);
    }
    if (!ok) {
        plx_fisbe_like_free(out);
    }
    return ok;
}

void plx_fisbe_like_free(plx_fisbe_like *image)
{
    for (size_t i = 0; image->neurons && i < image->n_neurons; i++) {
        plx_free(image->neurons[i].voxels);
        plx_free(image->neurons[i].cover);
    }
    plx_free(image->neurons);
    image->neurons = NULL;
    image->n_neurons = 0;
}

/* First voxel of the list that is not below `place`. */
static size_t lower(const plx_fisbe_like_neuron *n, uint64_t place)
{
    size_t low = 0, high = n->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->voxels[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* About normal, from the sum of four 16-bit numbers; variance 1. */
static double rough_normal(plx_rng *rng)
{
    uint64_t u = plx_rng_u64(rng);
    double sum = (double)(u & 0xFFFF) + (double)(u >> 16 & 0xFFFF) + (double)(u >> 32 & 0xFFFF) + (double)(u >> 48);
    return (sum / 65536 - 2) * 1.7320508075688772;
}

static void finish_plane(const plx_fisbe_like *image, unsigned color, size_t z, uint16_t *plane, size_t n)
{
    plx_rng rng = plx_rng_stream(image->params.seed, "fisbe-like noise", z * PLX_FISBE_LIKE_COLORS + color);
    double scale = image->params.noise;
    for (size_t i = 0; i < n; i++) {
        double mean = BACKGROUND + plane[i];
        double sd = plane[i] ? sqrt(READ_NOISE * READ_NOISE + SHOT_NOISE * SHOT_NOISE * mean) : READ_NOISE;
        double v = mean + scale * sd * rough_normal(&rng);
        plane[i] = (uint16_t)(v < 0 ? 0 : v > FULL ? FULL : v + 0.5);
    }
}

void plx_fisbe_like_raw(const plx_fisbe_like *image, unsigned color, size_t z0, size_t nz, uint16_t *out)
{
    size_t plane = image->params.shape[1] * image->params.shape[2];
    uint64_t begin = (uint64_t)z0 * plane, end = begin + (uint64_t)nz * plane;
    memset(out, 0, nz * plane * sizeof *out);
    for (size_t k = 0; k < image->n_neurons; k++) {
        const plx_fisbe_like_neuron *n = &image->neurons[k];
        for (size_t i = lower(n, begin); i < n->n && n->voxels[i] < end; i++) {
            uint16_t *v = &out[n->voxels[i] - begin];
            double sum = *v + n->color[color] * n->cover[i] / 255;
            *v = (uint16_t)(sum < FULL ? sum : FULL);
        }
    }
    for (size_t z = 0; z < nz; z++) {
        finish_plane(image, color, z0 + z, out + z * plane, plane);
    }
}

void plx_fisbe_like_labels(const plx_fisbe_like *image, size_t neuron, size_t z0, size_t nz, uint8_t *out)
{
    size_t plane = image->params.shape[1] * image->params.shape[2];
    uint64_t begin = (uint64_t)z0 * plane, end = begin + (uint64_t)nz * plane;
    const plx_fisbe_like_neuron *n = &image->neurons[neuron];
    memset(out, 0, nz * plane);
    for (size_t i = lower(n, begin); i < n->n && n->voxels[i] < end; i++) {
        if (n->cover[i] >= 128) {
            out[n->voxels[i] - begin] = (uint8_t)(neuron + 1);
        }
    }
}
