/* SPDX-License-Identifier: Apache-2.0
 *
 * Thinning of a plane in two half passes, each of which takes away all it finds at once.
 */
#include "benchmarks/kernels/thin.h"

#include "core/alloc.h"

#include <string.h>

/* Neighbours clockwise from north; north is y - 1. */
enum { N = 1, NE = 2, E = 4, SE = 8, S = 16, SW = 32, W = 64, NW = 128, N_SETS = 256 };
enum { FIRST = 1, SECOND = 2 };

typedef struct plane {
    size_t row, lo[2]; /* lo: y, x of the bounding box */
    uint8_t *at;
    size_t *active, *going;
    size_t n_active;
    uint8_t table[N_SETS]; /* in which half passes a pixel with these neighbours goes */
} plane;

/* What Zhang and Suen take away: a pixel with 2 to 6 neighbours in one stretch, on the south-east border or a
 * north-west corner first, on the other side second. */
static unsigned zhang_suen(unsigned set)
{
    unsigned n = (unsigned)__builtin_popcount(set), next = (set >> 1) | (set & 1) << 7;
    if (n < 2 || n > 6 || __builtin_popcount(next & ~set & 0xFF) != 1) {
        return 0;
    }
    bool first = (set & (N | E | S)) != (N | E | S) && (set & (E | S | W)) != (E | S | W);
    bool second = (set & (N | E | W)) != (N | E | W) && (set & (N | S | W)) != (N | S | W);
    return (first ? FIRST : 0) | (second ? SECOND : 0);
}

/* scikit-image departs from the paper for these neighbours: corners go that only touch diagonally, and ends of slanting
 * lines stay or go in one half pass alone. Found by comparing skeletons of random images with the paper's. */
static void fill_table(plane *p)
{
    static const struct {
        uint8_t set, passes;
    } differs[] = {{N | NE, FIRST},          {N | E, FIRST},       {NE | E, FIRST},
                   {N | NE | E, FIRST},      {E | SE, SECOND},     {N | E | SE, SECOND},
                   {E | S, FIRST | SECOND},  {SE | S, 0},          {E | SE | S, SECOND},
                   {S | SW, SECOND},         {E | S | SW, SECOND}, {NE | E | S | SW, SECOND},
                   {N | W, FIRST | SECOND},  {N | NE | W, FIRST},  {S | W, FIRST | SECOND},
                   {SE | S | W, SECOND},     {SW | W, SECOND},     {N | SW | W, FIRST},
                   {N | NE | SW | W, FIRST}, {S | SW | W, SECOND}, {N | NW, FIRST},
                   {N | E | NW, FIRST},      {W | NW, 0},          {N | W | NW, FIRST},
                   {S | W | NW, FIRST}};
    for (unsigned set = 0; set < N_SETS; set++) {
        p->table[set] = (uint8_t)zhang_suen(set);
    }
    for (size_t i = 0; i < sizeof differs / sizeof differs[0]; i++) {
        p->table[differs[i].set] = differs[i].passes;
    }
}

static unsigned around(const plane *p, size_t i)
{
    const uint8_t *a = p->at + i;
    size_t r = p->row;
    return (unsigned)(a[-(ptrdiff_t)r] * N | a[1 - (ptrdiff_t)r] * NE | a[1] * E | a[r + 1] * SE | a[r] * S |
                      a[r - 1] * SW | a[-1] * W | a[-1 - (ptrdiff_t)r] * NW);
}

static bool half_pass(plane *p, unsigned pass)
{
    size_t n = 0, kept = 0;
    for (size_t k = 0; k < p->n_active; k++) {
        size_t i = p->active[k];
        if (p->table[around(p, i)] & pass) {
            p->going[n++] = i;
        } else {
            p->active[kept++] = i;
        }
    }
    for (size_t k = 0; k < n; k++) {
        p->at[p->going[k]] = 0;
    }
    p->n_active = kept;
    return n > 0;
}

static size_t bounding_box(const plx_mask *mask, plane *p, size_t n[2])
{
    size_t hi[2] = {0, 0}, n_pixels = 0;
    p->lo[0] = p->lo[1] = SIZE_MAX;
    for (size_t i = 0; i < mask->n_runs; i++) {
        size_t y = mask->runs[i].start / mask->shape[2], x = mask->runs[i].start % mask->shape[2];
        size_t last = x + mask->runs[i].len - 1;
        p->lo[0] = y < p->lo[0] ? y : p->lo[0];
        p->lo[1] = x < p->lo[1] ? x : p->lo[1];
        hi[0] = y > hi[0] ? y : hi[0];
        hi[1] = last > hi[1] ? last : hi[1];
        n_pixels += mask->runs[i].len;
    }
    for (int k = 0; k < 2; k++) {
        n[k] = hi[k] - p->lo[k] + 1;
    }
    return n_pixels;
}

static void fill(plane *p, const plx_mask *mask)
{
    for (size_t i = 0; i < mask->n_runs; i++) {
        size_t y = mask->runs[i].start / mask->shape[2] - p->lo[0] + 1;
        size_t at = y * p->row + mask->runs[i].start % mask->shape[2] - p->lo[1] + 1;
        for (size_t k = 0; k < mask->runs[i].len; k++) {
            p->at[at + k] = 1;
            p->active[p->n_active++] = at + k;
        }
    }
}

bool plx_thin_zhang(const plx_mask *mask, plx_voxels *out, plx_err *err)
{
    *out = (plx_voxels){0};
    if (mask->n_runs == 0) {
        return true;
    }
    plane p = {0};
    size_t size[2], n_pixels = bounding_box(mask, &p, size);
    p.row = size[1] + 2;
    p.at = plx_alloc_zero(size[0] + 2, p.row);
    p.active = plx_realloc_array(NULL, n_pixels, sizeof *p.active);
    p.going = plx_realloc_array(NULL, n_pixels, sizeof *p.going);
    bool ok = p.at && p.active && p.going;
    if (ok) {
        fill_table(&p);
        fill(&p, mask);
        for (bool more = true; more;) {
            more = half_pass(&p, FIRST);
            more = half_pass(&p, SECOND) || more;
        }
        out->items = plx_realloc_array(NULL, p.n_active, sizeof *out->items);
        ok = out->items != NULL;
    }
    for (size_t k = 0; ok && k < p.n_active; k++) {
        uint64_t y = p.active[k] / p.row - 1 + p.lo[0], x = p.active[k] % p.row - 1 + p.lo[1];
        out->items[out->n++] = y * mask->shape[2] + x;
    }
    plx_free(p.at);
    plx_free(p.active);
    plx_free(p.going);
    return ok || plx_fail_nomem(err, n_pixels * sizeof *p.active);
}
