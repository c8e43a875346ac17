/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/supervoxels.h"

#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct offset {
    int d2;
    int8_t z, y, x;
} offset;

static int by_distance(const void *a, const void *b)
{
    const offset *p = a, *q = b;
    if (p->d2 != q->d2) {
        return p->d2 < q->d2 ? -1 : 1;
    }
    int i = (p->z * 128 + p->y) * 128 + p->x, j = (q->z * 128 + q->y) * 128 + q->x;
    return (i > j) - (i < j);
}

/* All offsets up to `reach`, but 0, the nearest first. */
static offset *offsets_within(double reach, size_t *n, plx_err *err)
{
    int r = (int)reach;
    size_t side = (size_t)(2 * r + 1);
    offset *list = plx_alloc_zero(side * side * side, sizeof *list);
    *n = 0;
    if (!list) {
        plx_fail_nomem(err, side * side * side * sizeof *list);
        return NULL;
    }
    for (int z = -r; z <= r; z++) {
        for (int y = -r; y <= r; y++) {
            for (int x = -r; x <= r; x++) {
                int d2 = z * z + y * y + x * x;
                if (d2 > 0 && d2 <= reach * reach) {
                    list[(*n)++] = (offset){d2, (int8_t)z, (int8_t)y, (int8_t)x};
                }
            }
        }
    }
    qsort(list, *n, sizeof *list, by_distance);
    return list;
}

static bool inside(const plx_cloud *c, int64_t z, int64_t y, int64_t x)
{
    return z >= 0 && y >= 0 && x >= 0 && z < (int64_t)c->shape[0] && y < (int64_t)c->shape[1] &&
           x < (int64_t)c->shape[2];
}

bool plx_cloud_distance(const plx_cloud *cloud, uint32_t *out, plx_err *err)
{
    size_t n;
    offset *list = offsets_within(PLX_SUPERVOXEL_REACH, &n, err);
    if (!list) {
        return false;
    }
    for (size_t i = 0; i < cloud->n; i++) {
        int64_t at[3];
        plx_cloud_place(cloud, i, at);
        out[i] = PLX_SUPERVOXEL_REACH * PLX_SUPERVOXEL_REACH;
        for (size_t k = 0; k < n; k++) {
            int64_t z = at[0] + list[k].z, y = at[1] + list[k].y, x = at[2] + list[k].x;
            if (inside(cloud, z, y, x) && plx_cloud_find(cloud, z, y, x) == PLX_CLOUD_NONE) {
                out[i] = (uint32_t)list[k].d2;
                break;
            }
        }
    }
    plx_free(list);
    return true;
}

typedef struct height {
    uint32_t d, voxel;
} height;

static int by_height(const void *a, const void *b)
{
    const height *p = a, *q = b;
    if (p->d != q->d) {
        return p->d > q->d ? -1 : 1;
    }
    return (p->voxel > q->voxel) - (p->voxel < q->voxel);
}

/* A heap of voxels, the highest first, then the one that came first. */
typedef struct item {
    uint32_t d, voxel, order;
} item;

typedef struct heap {
    item *items;
    size_t n;
} heap;

static bool above(const item *a, const item *b)
{
    return a->d != b->d ? a->d > b->d : a->order < b->order;
}

static void push(heap *h, item x)
{
    size_t i = h->n++;
    while (i > 0 && above(&x, &h->items[(i - 1) / 2])) {
        h->items[i] = h->items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    h->items[i] = x;
}

static item pop(heap *h)
{
    item top = h->items[0], last = h->items[--h->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->n) {
            break;
        }
        child += child + 1 < h->n && above(&h->items[child + 1], &h->items[child]);
        if (!above(&h->items[child], &last)) {
            break;
        }
        h->items[i] = h->items[child];
        i = child;
    }
    h->items[i] = last;
    return top;
}

/* Peaks get numbers in the order of their height; every voxel within `apart` of one is no peak any more. */
static void find_peaks(const plx_cloud *cloud, const height *order, int apart, bool *barred, uint32_t *piece,
                       uint32_t *n_pieces)
{
    for (size_t k = 0; k < cloud->n; k++) {
        uint32_t i = order[k].voxel;
        if (barred[i]) {
            continue;
        }
        int64_t at[3];
        plx_cloud_place(cloud, i, at);
        piece[i] = ++*n_pieces;
        for (int64_t z = at[0] - apart; z <= at[0] + apart; z++) {
            for (int64_t y = at[1] - apart; y <= at[1] + apart; y++) {
                for (int64_t x = at[2] - apart; x <= at[2] + apart; x++) {
                    uint32_t j = plx_cloud_find(cloud, z, y, x);
                    if (j != PLX_CLOUD_NONE) {
                        barred[j] = true;
                    }
                }
            }
        }
    }
}

/* Give what can be reached from the heap's voxels their pieces, the highest first. */
static void flood(const plx_cloud *cloud, const uint32_t *distance, heap *h, uint32_t *count, uint32_t *piece)
{
    while (h->n > 0) {
        item top = pop(h);
        int64_t at[3];
        plx_cloud_place(cloud, top.voxel, at);
        for (int q = 0; q < 27; q++) {
            uint32_t j = plx_cloud_find(cloud, at[0] + q / 9 - 1, at[1] + q / 3 % 3 - 1, at[2] + q % 3 - 1);
            if (j != PLX_CLOUD_NONE && piece[j] == 0) {
                piece[j] = piece[top.voxel];
                push(h, (item){distance[j] < top.d ? distance[j] : top.d, j, (*count)++});
            }
        }
    }
}

bool plx_cloud_watershed(const plx_cloud *cloud, const uint32_t *distance, int apart, uint32_t *piece,
                         uint32_t *n_pieces, plx_err *err)
{
    size_t n = cloud->n;
    height *order = plx_alloc_zero(n, sizeof *order);
    bool *barred = plx_alloc_zero(n, sizeof *barred);
    heap h = {.items = plx_alloc_zero(n, sizeof *h.items)};
    bool ok = (order && barred && h.items) || plx_fail_nomem(err, n * sizeof *h.items);
    *n_pieces = 0;
    for (size_t i = 0; ok && i < n; i++) {
        order[i] = (height){distance[i], (uint32_t)i};
        piece[i] = 0;
    }
    if (ok && n) {
        qsort(order, n, sizeof *order, by_height);
        find_peaks(cloud, order, apart, barred, piece, n_pieces);
    }
    uint32_t count = 0;
    for (size_t k = 0; ok && k < n; k++) {
        uint32_t i = order[k].voxel;
        if (piece[i]) {
            push(&h, (item){distance[i], i, count++});
        }
    }
    if (ok) {
        flood(cloud, distance, &h, &count, piece);
    }
    /* Islands whose every voxel was too near to a peak elsewhere are pieces of their own. */
    for (size_t k = 0; ok && k < n; k++) {
        uint32_t i = order[k].voxel;
        if (piece[i] == 0) {
            piece[i] = ++*n_pieces;
            push(&h, (item){distance[i], i, count++});
            flood(cloud, distance, &h, &count, piece);
        }
    }
    plx_free(order);
    plx_free(barred);
    plx_free(h.items);
    return ok;
}

bool plx_cloud_piece_colors(const plx_cloud *cloud, const uint32_t *piece, uint32_t n_pieces, double *out, plx_err *err)
{
    uint32_t *count = plx_alloc_zero((size_t)n_pieces + 1, sizeof *count);
    if (!count) {
        return plx_fail_nomem(err, n_pieces * sizeof *count);
    }
    memset(out, 0, 3 * ((size_t)n_pieces + 1) * sizeof *out);
    for (size_t i = 0; i < cloud->n; i++) {
        count[piece[i]]++;
        for (size_t c = 0; c < 3; c++) {
            out[3 * (size_t)piece[i] + c] += (double)cloud->color[3 * i + c];
        }
    }
    for (size_t k = 0; k < 3 * ((size_t)n_pieces + 1); k++) {
        out[k] /= count[k / 3] ? count[k / 3] : 1;
    }
    plx_free(count);
    return true;
}

typedef struct pairs {
    plx_piece_pair *items;
    size_t n, cap;
} pairs;

static int by_pair(const void *a, const void *b)
{
    const plx_piece_pair *p = a, *q = b;
    if (p->a != q->a) {
        return p->a < q->a ? -1 : 1;
    }
    return (p->b > q->b) - (p->b < q->b);
}

static void make_unique(pairs *p)
{
    size_t kept = 0;
    if (p->n) {
        qsort(p->items, p->n, sizeof *p->items, by_pair);
    }
    for (size_t i = 0; i < p->n; i++) {
        if (i == 0 || by_pair(&p->items[i], &p->items[kept - 1]) != 0) {
            p->items[kept++] = p->items[i];
        }
    }
    p->n = kept;
}

bool plx_cloud_piece_pairs(const plx_cloud *cloud, const uint32_t *piece, double distance, plx_piece_pair **out,
                           size_t *n, plx_err *err)
{
    size_t n_offsets;
    offset *list = offsets_within(distance, &n_offsets, err);
    pairs p = {0};
    size_t tidy_at = 1 << 16;
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < cloud->n; i++) {
        int64_t at[3];
        plx_cloud_place(cloud, i, at);
        for (size_t k = 0; ok && piece[i] && k < n_offsets && list[k].d2 < distance * distance; k++) {
            uint32_t j = plx_cloud_find(cloud, at[0] + list[k].z, at[1] + list[k].y, at[2] + list[k].x);
            if (j == PLX_CLOUD_NONE || piece[j] <= piece[i]) {
                continue;
            }
            if (p.n && p.items[p.n - 1].a == piece[i] && p.items[p.n - 1].b == piece[j]) {
                continue;
            }
            ok = plx_grow(&p.items, &p.cap, p.n + 1, sizeof *p.items) || plx_fail_nomem(err, p.n * sizeof *p.items);
            if (ok) {
                p.items[p.n++] = (plx_piece_pair){piece[i], piece[j]};
            }
        }
        if (ok && p.n > tidy_at) {
            make_unique(&p);
            tidy_at = 2 * p.n > tidy_at ? 2 * p.n : tidy_at;
        }
    }
    make_unique(&p);
    plx_free(list);
    if (!ok) {
        plx_free(p.items);
        return false;
    }
    *out = p.items;
    *n = p.n;
    return true;
}

void plx_luv_of(const double rgb[3], double out[3])
{
    double x = .412453 * rgb[0] + .357580 * rgb[1] + .180423 * rgb[2];
    double y = .212671 * rgb[0] + .715160 * rgb[1] + .072169 * rgb[2];
    double z = .019334 * rgb[0] + .119193 * rgb[1] + .950227 * rgb[2];
    double sum = x + 15 * y + 3 * z;
    double l = y > .008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
    out[0] = l;
    out[1] = sum > 0 ? 13 * l * (4 * x / sum - .19783982) : 0;
    out[2] = sum > 0 ? 13 * l * (9 * y / sum - .46833630) : 0;
}
