/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/cloud.h"

#include "benchmarks/kernels/sets.h"
#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct picture {
    const plx_array *image;
    size_t channels, shape[3];
    double clip;
} picture;

static float value_at(const picture *p, size_t c, size_t z, size_t y, size_t x)
{
    const plx_array *a = p->image;
    const uint8_t *at = a->buf.ptr + (ptrdiff_t)c * a->stride[0] + (ptrdiff_t)z * a->stride[1] +
                        (ptrdiff_t)y * a->stride[2] + (ptrdiff_t)x * a->stride[3];
    double v;
    if (a->dtype == PLX_U8) {
        v = *at;
    } else if (a->dtype == PLX_U16) {
        uint16_t u;
        memcpy(&u, at, sizeof u);
        v = u;
    } else {
        float f;
        memcpy(&f, at, sizeof f);
        v = f > 0 ? (double)f : 0; /* NaN too */
    }
    return (float)((v < p->clip ? v : p->clip) / p->clip);
}

static float smooth_at(const picture *p, size_t c, size_t z, size_t y, size_t x)
{
    static const float weight[3] = {1, 2, 1};
    const size_t at[3] = {z, y, x};
    size_t low[3], high[3];
    float sum = 0, total = 0;
    for (int d = 0; d < 3; d++) {
        low[d] = at[d] ? at[d] - 1 : 0;
        high[d] = at[d] + 1 < p->shape[d] ? at[d] + 1 : at[d];
    }
    for (size_t k = low[0]; k <= high[0]; k++) {
        for (size_t j = low[1]; j <= high[1]; j++) {
            for (size_t i = low[2]; i <= high[2]; i++) {
                float w = weight[k + 1 - z] * weight[j + 1 - y] * weight[i + 1 - x];
                sum += w * value_at(p, c, k, j, i);
                total += w;
            }
        }
    }
    return sum / total;
}

static double level_of(const float *color, plx_cloud_level level)
{
    if (level == PLX_CLOUD_GREY) {
        return .2125 * (double)color[0] + .7154 * (double)color[1] + .0721 * (double)color[2];
    }
    float most = color[0] > color[1] ? color[0] : color[1];
    return (double)(most > color[2] ? most : color[2]);
}

static void read_color(const picture *p, bool smooth, size_t z, size_t y, size_t x, float out[PLX_CLOUD_COLORS])
{
    for (size_t c = 0; c < PLX_CLOUD_COLORS; c++) {
        out[c] = c < p->channels ? (smooth ? smooth_at(p, c, z, y, x) : value_at(p, c, z, y, x)) : 0;
    }
}

static bool add_voxel(plx_cloud *out, size_t *cap, uint64_t place, const float *color, plx_err *err)
{
    if (out->n >= (size_t)INT32_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "the image has more bright voxels than can be numbered");
    }
    if (out->n == *cap) {
        size_t cap_at = *cap, cap_color = 3 * *cap;
        if (!plx_grow(&out->at, &cap_at, out->n + 1, sizeof *out->at) ||
            !plx_grow(&out->color, &cap_color, 3 * cap_at, sizeof *out->color)) {
            return plx_fail_nomem(err, out->n * sizeof *out->at);
        }
        *cap = cap_at;
    }
    out->at[out->n] = place;
    memcpy(out->color + 3 * out->n++, color, 3 * sizeof *color);
    return true;
}

bool plx_cloud_of(const plx_array *image, double clip, double threshold, plx_cloud_level level, bool smooth,
                  plx_cloud *out, plx_err *err)
{
    *out = (plx_cloud){0};
    if (image->ndim != 4 || image->shape[0] < 1 || image->shape[0] > PLX_CLOUD_COLORS ||
        (image->dtype != PLX_U8 && image->dtype != PLX_U16 && image->dtype != PLX_F32)) {
        plx_fail(err, PLX_E_FORMAT, "the image cannot be segmented");
        return plx_err_why(err, "expected 1 to 3 channels, z, y, x of u8, u16 or f32");
    }
    picture p = {.image = image, .channels = image->shape[0], .clip = clip};
    memcpy(p.shape, image->shape + 1, sizeof p.shape);
    memcpy(out->shape, image->shape + 1, sizeof out->shape);
    size_t rows = p.shape[0] * p.shape[1], cap = 0;
    out->row = plx_alloc_zero(rows + 1, sizeof *out->row);
    bool ok = out->row || plx_fail_nomem(err, rows * sizeof *out->row);
    for (size_t r = 0; ok && p.shape[1] && r < rows; r++) {
        out->row[r] = (uint32_t)out->n;
        for (size_t x = 0; ok && x < p.shape[2]; x++) {
            float color[PLX_CLOUD_COLORS];
            size_t z = r / p.shape[1], y = r % p.shape[1];
            read_color(&p, false, z, y, x, color);
            /* A mean cannot be far above what is in the middle of noise: dark voxels are not looked at twice. */
            if (smooth && level_of(color, level) > threshold / 2) {
                read_color(&p, true, z, y, x, color);
            }
            if (level_of(color, level) > threshold) {
                ok = add_voxel(out, &cap, (uint64_t)r * p.shape[2] + x, color, err);
            }
        }
    }
    if (!ok) {
        plx_cloud_free(out);
        return false;
    }
    out->row[rows] = (uint32_t)out->n;
    return true;
}

void plx_cloud_free(plx_cloud *cloud)
{
    plx_free(cloud->at);
    plx_free(cloud->row);
    plx_free(cloud->color);
    *cloud = (plx_cloud){0};
}

uint32_t plx_cloud_find(const plx_cloud *cloud, int64_t z, int64_t y, int64_t x)
{
    const size_t *s = cloud->shape;
    if (z < 0 || y < 0 || x < 0 || z >= (int64_t)s[0] || y >= (int64_t)s[1] || x >= (int64_t)s[2]) {
        return PLX_CLOUD_NONE;
    }
    size_t row = (size_t)z * s[1] + (size_t)y;
    uint64_t place = (uint64_t)row * s[2] + (uint64_t)x;
    uint32_t low = cloud->row[row], high = cloud->row[row + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cloud->at[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < cloud->row[row + 1] && cloud->at[low] == place ? low : PLX_CLOUD_NONE;
}

void plx_cloud_place(const plx_cloud *cloud, size_t i, int64_t out[3])
{
    uint64_t rest = cloud->at[i];
    out[2] = (int64_t)(rest % cloud->shape[2]);
    rest /= cloud->shape[2];
    out[1] = (int64_t)(rest % cloud->shape[1]);
    out[0] = (int64_t)(rest / cloud->shape[1]);
}

/* Roots become 1, 2, ... in the order of first voxels; what is left out stays 0. */
static void number(size_t n, uint32_t *parent, const bool *in, uint32_t *label, uint32_t *n_labels)
{
    *n_labels = 0;
    for (size_t i = 0; i < n; i++) {
        label[i] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (!in[i]) {
            continue;
        }
        uint32_t root = plx_sets_find(parent, (uint32_t)i); /* the least of its set */
        label[i] = root == i ? ++*n_labels : label[root];
    }
}

bool plx_cloud_components(const plx_cloud *cloud, const int32_t *class_of, uint64_t small, uint32_t *label,
                          uint32_t *n_labels, plx_err *err)
{
    size_t n = cloud->n;
    uint32_t *parent = plx_alloc_zero(n, sizeof *parent);
    bool *in = plx_alloc_zero(n, sizeof *in);
    bool ok = (parent && in) || plx_fail_nomem(err, n * sizeof *parent);
    for (size_t i = 0; ok && i < n; i++) {
        parent[i] = (uint32_t)i;
        in[i] = !class_of || class_of[i] >= 0;
    }
    for (size_t i = 0; ok && i < n; i++) {
        int64_t at[3];
        plx_cloud_place(cloud, i, at);
        /* The 13 neighbours before it. */
        for (int k = 0; in[i] && k < 13; k++) {
            uint32_t j = plx_cloud_find(cloud, at[0] + k / 9 - 1, at[1] + k / 3 % 3 - 1, at[2] + k % 3 - 1);
            if (j != PLX_CLOUD_NONE && in[j] && (!class_of || class_of[i] == class_of[j])) {
                plx_sets_join(parent, (uint32_t)i, j);
            }
        }
    }
    if (ok) {
        number(n, parent, in, label, n_labels);
    }
    plx_free(parent);
    plx_free(in);
    return ok && plx_cloud_drop_small(n, small, label, n_labels, err);
}

bool plx_cloud_drop_small(size_t n, uint64_t small, uint32_t *label, uint32_t *n_labels, plx_err *err)
{
    uint64_t *size = plx_alloc_zero((size_t)*n_labels + 1, sizeof *size);
    if (!size) {
        return plx_fail_nomem(err, *n_labels * sizeof *size);
    }
    for (size_t i = 0; i < n; i++) {
        size[label[i]]++;
    }
    uint32_t kept = 0;
    for (uint32_t k = 1; k <= *n_labels; k++) {
        size[k] = size[k] > small ? ++kept : 0; /* from here on the new number */
    }
    size[0] = 0;
    for (size_t i = 0; i < n; i++) {
        label[i] = (uint32_t)size[label[i]];
    }
    *n_labels = kept;
    plx_free(size);
    return true;
}

/* --- joining --- */

typedef struct cell {
    uint64_t key; /* of the cell */
    uint32_t voxel;
} cell;

static int by_key(const void *a, const void *b)
{
    const cell *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return (x->voxel > y->voxel) - (x->voxel < y->voxel);
}

typedef struct joiner {
    const plx_cloud *cloud;
    const int32_t *class_of;
    const uint32_t *label;
    uint32_t *parent;
    const cell *cells;
    size_t n;
    int64_t side;
    double gap2;
    size_t grid[3];
} joiner;

static uint64_t cell_key(const joiner *j, const int64_t at[3])
{
    return ((uint64_t)at[0] * j->grid[1] + (uint64_t)at[1]) * j->grid[2] + (uint64_t)at[2];
}

static size_t lower(const joiner *j, uint64_t key)
{
    size_t low = 0, high = j->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (j->cells[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Voxels a of one cell against those of another; pairs that are together already cost a look at their sets only. */
static void join_cells(joiner *j, size_t a, size_t a_end, size_t b, size_t b_end)
{
    for (size_t p = a; p < a_end; p++) {
        uint32_t i = j->cells[p].voxel;
        int64_t at[3];
        plx_cloud_place(j->cloud, i, at);
        for (size_t q = b; q < b_end; q++) {
            uint32_t k = j->cells[q].voxel;
            if (j->label[i] == j->label[k] || (j->class_of && j->class_of[i] != j->class_of[k]) ||
                plx_sets_find(j->parent, j->label[i]) == plx_sets_find(j->parent, j->label[k])) {
                continue;
            }
            int64_t to[3];
            plx_cloud_place(j->cloud, k, to);
            double d = 0;
            for (int c = 0; c < 3; c++) {
                d += (double)((at[c] - to[c]) * (at[c] - to[c]));
            }
            if (d <= j->gap2) {
                plx_sets_join(j->parent, j->label[i], j->label[k]);
            }
        }
    }
}

static void join_all(joiner *j)
{
    for (size_t a = 0; a < j->n;) {
        size_t a_end = a;
        while (a_end < j->n && j->cells[a_end].key == j->cells[a].key) {
            a_end++;
        }
        uint64_t rest = j->cells[a].key;
        int64_t at[3];
        at[2] = (int64_t)(rest % j->grid[2]);
        rest /= j->grid[2];
        at[1] = (int64_t)(rest % j->grid[1]);
        at[0] = (int64_t)(rest / j->grid[1]);
        for (int k = 13; k < 27; k++) { /* itself and the 13 cells behind it */
            int64_t to[3] = {at[0] + k / 9 - 1, at[1] + k / 3 % 3 - 1, at[2] + k % 3 - 1};
            bool inside = to[1] >= 0 && to[2] >= 0 && to[0] < (int64_t)j->grid[0] && to[1] < (int64_t)j->grid[1] &&
                          to[2] < (int64_t)j->grid[2];
            if (!inside) {
                continue;
            }
            uint64_t key = cell_key(j, to);
            size_t b = lower(j, key), b_end = b;
            while (b_end < j->n && j->cells[b_end].key == key) {
                b_end++;
            }
            join_cells(j, a, a_end, b, b_end);
        }
        a = a_end;
    }
}

bool plx_cloud_join(const plx_cloud *cloud, const int32_t *class_of, double gap, uint32_t *label, uint32_t *n_labels,
                    plx_err *err)
{
    size_t n = cloud->n, m = 0;
    cell *cells = plx_alloc_zero(n, sizeof *cells);
    uint32_t *parent = plx_alloc_zero((size_t)*n_labels + 1, sizeof *parent);
    if (!cells || !parent) {
        plx_free(cells);
        plx_free(parent);
        return plx_fail_nomem(err, n * sizeof *cells);
    }
    joiner j = {.cloud = cloud, .class_of = class_of, .label = label, .parent = parent, .cells = cells};
    j.side = gap > 1 ? (int64_t)ceil(gap) : 1;
    j.gap2 = gap * gap;
    for (int d = 0; d < 3; d++) {
        j.grid[d] = cloud->shape[d] / (size_t)j.side + 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (label[i]) {
            int64_t at[3];
            plx_cloud_place(cloud, i, at);
            for (int d = 0; d < 3; d++) {
                at[d] /= j.side;
            }
            cells[m++] = (cell){cell_key(&j, at), (uint32_t)i};
        }
    }
    j.n = m;
    if (m) {
        qsort(cells, m, sizeof *cells, by_key);
    }
    for (uint32_t k = 0; k <= *n_labels; k++) {
        parent[k] = k;
    }
    join_all(&j);
    uint32_t kept = 0;
    for (uint32_t k = 1; k <= *n_labels; k++) { /* roots are the least of their sets, so they come first */
        uint32_t root = plx_sets_find(parent, k);
        if (root == k) {
            kept++;
        }
    }
    uint32_t *fresh = plx_alloc_zero((size_t)*n_labels + 1, sizeof *fresh);
    bool ok = fresh || plx_fail_nomem(err, *n_labels * sizeof *fresh);
    uint32_t next = 0;
    for (uint32_t k = 1; ok && k <= *n_labels; k++) {
        uint32_t root = plx_sets_find(parent, k);
        fresh[k] = root == k ? ++next : fresh[root];
    }
    for (size_t i = 0; ok && i < n; i++) {
        label[i] = fresh[label[i]];
    }
    *n_labels = ok ? kept : *n_labels;
    plx_free(fresh);
    plx_free(cells);
    plx_free(parent);
    return ok;
}
