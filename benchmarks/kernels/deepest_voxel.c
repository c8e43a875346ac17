/* SPDX-License-Identifier: Apache-2.0
 *
 * The voxel farthest from the border, by an exact squared distance transform in three passes along the axes. Each pass
 * works on stretches of the mask alone: a voxel just outside bounds everything behind it.
 */
#include "benchmarks/kernels/thin.h"

#include "core/alloc.h"

#include <stdlib.h>

typedef struct spot {
    uint64_t at[3]; /* z, y, x */
    uint64_t d2;    /* squared distance along the axes done so far */
} spot;

static int by_columns(const void *a, const void *b) /* z, x, y */
{
    static const int order[3] = {0, 2, 1};
    const spot *p = a, *q = b;
    for (int i = 0; i < 3; i++) {
        int k = order[i];
        if (p->at[k] != q->at[k]) {
            return p->at[k] < q->at[k] ? -1 : 1;
        }
    }
    return 0;
}

static int by_depth(const void *a, const void *b) /* y, x, z */
{
    static const int order[3] = {1, 2, 0};
    const spot *p = a, *q = b;
    for (int i = 0; i < 3; i++) {
        int k = order[i];
        if (p->at[k] != q->at[k]) {
            return p->at[k] < q->at[k] ? -1 : 1;
        }
    }
    return 0;
}

/* One stretch of voxels that follow each other along an axis. Just outside d2 is 0, so nothing past the nearer end can
 * be closer. */
static void along_stretch(const spot *in, size_t n, uint64_t *out)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t left = (uint64_t)i + 1, right = (uint64_t)(n - i);
        uint64_t end = left < right ? left : right;
        uint64_t best = end * end < in[i].d2 ? end * end : in[i].d2;
        for (uint64_t k = 1; k < end && k * k < best; k++) {
            uint64_t a = in[i - k].d2 + k * k, b = in[i + k].d2 + k * k;
            best = a < best ? a : best;
            best = b < best ? b : best;
        }
        out[i] = best;
    }
}

static void along(spot *spots, size_t n, int axis, uint64_t *d2)
{
    int other[2] = {(axis + 1) % 3, (axis + 2) % 3};
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && spots[end].at[other[0]] == spots[i].at[other[0]] &&
               spots[end].at[other[1]] == spots[i].at[other[1]] && spots[end].at[axis] == spots[end - 1].at[axis] + 1) {
            end++;
        }
        along_stretch(spots + i, end - i, d2 + i);
        i = end;
    }
    for (size_t i = 0; i < n; i++) {
        spots[i].d2 = d2[i];
    }
}

static void fill(const plx_mask *mask, spot *spots)
{
    size_t n = 0;
    for (size_t i = 0; i < mask->n_runs; i++) {
        uint64_t row = mask->runs[i].start / mask->shape[2], x = mask->runs[i].start - row * mask->shape[2];
        for (uint64_t k = 0; k < mask->runs[i].len; k++) {
            uint64_t left = k + 1, right = mask->runs[i].len - k, end = left < right ? left : right;
            spots[n++] = (spot){{row / mask->shape[1], row % mask->shape[1], x + k}, end * end};
        }
    }
}

bool plx_deepest_voxel(const plx_mask *mask, uint64_t *voxel, uint64_t *distance_squared, plx_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < mask->n_runs; i++) {
        n += mask->runs[i].len;
    }
    spot *spots = plx_realloc_array(NULL, n, sizeof *spots);
    uint64_t *d2 = plx_realloc_array(NULL, n, sizeof *d2);
    bool ok = spots && d2;
    *voxel = *distance_squared = 0;
    if (ok) {
        fill(mask, spots);
        qsort(spots, n, sizeof *spots, by_columns);
        along(spots, n, 1, d2);
        qsort(spots, n, sizeof *spots, by_depth);
        along(spots, n, 0, d2);
        for (size_t i = 0; i < n; i++) {
            uint64_t at = (spots[i].at[0] * mask->shape[1] + spots[i].at[1]) * mask->shape[2] + spots[i].at[2];
            if (spots[i].d2 > *distance_squared || (spots[i].d2 == *distance_squared && at < *voxel)) {
                *distance_squared = spots[i].d2;
                *voxel = at;
            }
        }
    }
    plx_free(spots);
    plx_free(d2);
    return ok || plx_fail_nomem(err, n * sizeof *spots);
}
