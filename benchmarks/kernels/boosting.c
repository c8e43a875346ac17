/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees are grown leaf by leaf, the most profitable first. The smaller child's histogram is counted, the other's is
 * what is left of the parent's.
 */
#include "benchmarks/kernels/boosting.h"

#include "core/fixed_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct cell {
    double gradient, hessian;
    uint32_t rows;
} cell;

typedef struct leaf {
    size_t first, n; /* rows[first .. first + n) */
    uint32_t node;
    cell *histogram; /* [d * bins] */
    double gradient, hessian, value;
    double gain; /* of its best split; 0: none */
    size_t feature, bin, n_left;
    double left_gradient, left_hessian;
} leaf;

typedef struct grower {
    size_t n, d;
    plx_boosting_opts opts;
    const double *x;
    double *edge;    /* [d * bins] thresholds between bins */
    size_t *n_edges; /* [d] */
    uint8_t *bin;    /* [d * n] one feature after the other */
    float *gradient, *hessian;
    uint32_t *rows, *spare;
    double *raw;
    leaf *leaves;
    cell *cells; /* histograms of all leaves a tree may have at a time, and of one more */
    plx_boosting *out;
} grower;

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Middles between distinct values when these are few, else quantiles (averaged inverse of the distribution). */
static size_t find_edges(double *sorted, size_t n, size_t bins, double *edge)
{
    qsort(sorted, n, sizeof *sorted, ascending);
    size_t distinct = 1;
    for (size_t i = 1; i < n; i++) {
        distinct += sorted[i] != sorted[i - 1];
    }
    size_t m = 0;
    if (distinct <= bins) {
        for (size_t i = 1; i < n; i++) {
            if (sorted[i] != sorted[i - 1]) {
                edge[m++] = (sorted[i - 1] + sorted[i]) / 2.0;
            }
        }
        return m;
    }
    double step = 100.0 / (double)bins;
    for (size_t k = 1; k < bins; k++) {
        double place = (double)n * ((double)k * step / 100.0) - 1.0;
        size_t at = place > 0.0 ? (size_t)place : 0;
        double part = place - floor(place);
        double value = at + 1 >= n ? sorted[n - 1] : part == 0.0 ? (sorted[at] + sorted[at + 1]) / 2.0 : sorted[at + 1];
        value = place < 0.0 ? sorted[0] : value;
        if (m == 0 || value != edge[m - 1]) {
            edge[m++] = value;
        }
    }
    return m;
}

static uint8_t bin_of(const double *edge, size_t n, double x)
{
    size_t lo = 0;
    size_t hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (edge[mid] < x) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return (uint8_t)lo;
}

static void make_bins(grower *g, double *column)
{
    for (size_t j = 0; j < g->d; j++) {
        for (size_t i = 0; i < g->n; i++) {
            column[i] = g->x[i * g->d + j];
        }
        double *edge = g->edge + j * g->opts.bins;
        g->n_edges[j] = find_edges(column, g->n, g->opts.bins, edge);
        for (size_t i = 0; i < g->n; i++) {
            g->bin[j * g->n + i] = bin_of(edge, g->n_edges[j], g->x[i * g->d + j]);
        }
    }
}

static void count(const grower *g, leaf *l)
{
    memset(l->histogram, 0, g->d * g->opts.bins * sizeof *l->histogram);
    for (size_t j = 0; j < g->d; j++) {
        cell *h = l->histogram + j * g->opts.bins;
        const uint8_t *bin = g->bin + j * g->n;
        for (size_t i = l->first; i < l->first + l->n; i++) {
            uint32_t row = g->rows[i];
            cell *c = &h[bin[row]];
            c->gradient += (double)g->gradient[row];
            c->hessian += (double)g->hessian[row];
            c->rows++;
        }
    }
}

static double node_value(const grower *g, double gradient, double hessian)
{
    return -gradient / (hessian + g->opts.l2 + 1e-15);
}

static void find_split(const grower *g, leaf *l)
{
    const double least_hessian = 1e-3;
    l->gain = 0.0;
    if (l->n < 2 * g->opts.least_rows) {
        return;
    }
    double here = l->value * l->gradient;
    for (size_t j = 0; j < g->d; j++) {
        const cell *h = l->histogram + j * g->opts.bins;
        double gl = 0.0;
        double hl = 0.0;
        size_t n = 0;
        for (size_t b = 0; b < g->n_edges[j]; b++) {
            n += h[b].rows;
            hl += h[b].hessian;
            gl += h[b].gradient;
            double gr = l->gradient - gl;
            double hr = l->hessian - hl;
            if (n < g->opts.least_rows || hl < least_hessian) {
                continue;
            }
            if (l->n - n < g->opts.least_rows || hr < least_hessian) {
                break;
            }
            double gain = here - node_value(g, gl, hl) * gl - node_value(g, gr, hr) * gr;
            if (gain > l->gain) {
                l->gain = gain;
                l->feature = j;
                l->bin = b;
                l->n_left = n;
                l->left_gradient = gl;
                l->left_hessian = hl;
            }
        }
    }
}

static uint32_t new_node(grower *g, double value)
{
    uint32_t at = (uint32_t)g->out->n_nodes++;
    g->out->node[at] = (plx_boosting_node){.value = value};
    return at;
}

/* Rows of l that go left first; order within either side stays. */
static void part_rows(grower *g, const leaf *l)
{
    const uint8_t *bin = g->bin + l->feature * g->n;
    size_t left = l->first;
    size_t right = 0;
    for (size_t i = l->first; i < l->first + l->n; i++) {
        uint32_t row = g->rows[i];
        if (bin[row] <= l->bin) {
            g->rows[left++] = row;
        } else {
            g->spare[right++] = row;
        }
    }
    memcpy(g->rows + left, g->spare, right * sizeof *g->rows);
}

/* Split leaf `at`; its left child takes its place, the right one becomes leaf number `n`. */
static void split(grower *g, size_t at, size_t n)
{
    leaf *l = &g->leaves[at];
    leaf *r = &g->leaves[n];
    leaf whole = *l;
    part_rows(g, l);
    cell *free_cells = g->cells + n * g->d * g->opts.bins;
    *r = (leaf){.first = whole.first + whole.n_left,
                .n = whole.n - whole.n_left,
                .gradient = whole.gradient - whole.left_gradient,
                .hessian = whole.hessian - whole.left_hessian};
    l->n = whole.n_left;
    l->gradient = whole.left_gradient;
    l->hessian = whole.left_hessian;
    l->value = node_value(g, l->gradient, l->hessian);
    r->value = node_value(g, r->gradient, r->hessian);
    plx_boosting_node *parent = &g->out->node[whole.node];
    parent->feature = (uint32_t)whole.feature;
    parent->threshold = g->edge[whole.feature * g->opts.bins + whole.bin];
    l->node = parent->left = new_node(g, l->value);
    r->node = parent->right = new_node(g, r->value);
    leaf *smaller = l->n <= r->n ? l : r;
    leaf *larger = l->n <= r->n ? r : l;
    smaller->histogram = free_cells;
    larger->histogram = whole.histogram;
    count(g, smaller);
    for (size_t c = 0; c < g->d * g->opts.bins; c++) {
        cell *big = &larger->histogram[c];
        const cell *small = &smaller->histogram[c];
        big->gradient -= small->gradient;
        big->hessian -= small->hessian;
        big->rows -= small->rows;
    }
    find_split(g, l);
    find_split(g, r);
}

static void grow_tree(grower *g)
{
    leaf *root = &g->leaves[0];
    *root = (leaf){.n = g->n, .histogram = g->cells};
    for (size_t i = 0; i < g->n; i++) {
        g->rows[i] = (uint32_t)i;
        root->gradient += (double)g->gradient[i];
        root->hessian += (double)g->hessian[i];
    }
    root->value = node_value(g, root->gradient, root->hessian);
    root->node = g->out->root[g->out->n_trees++] = new_node(g, root->value);
    count(g, root);
    if (root->hessian >= 1e-3) {
        find_split(g, root);
    }
    size_t n = 1;
    while (n < g->opts.leaves) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++) {
            best = g->leaves[i].gain > g->leaves[best].gain ? i : best;
        }
        if (!(g->leaves[best].gain > 0.0)) {
            break;
        }
        split(g, best, n++);
    }
    for (size_t i = 0; i < n; i++) {
        const leaf *l = &g->leaves[i];
        double value = l->value * g->opts.rate;
        g->out->node[l->node].value = value;
        for (size_t k = l->first; k < l->first + l->n; k++) {
            g->raw[g->rows[k]] += value;
        }
    }
}

static void derive(grower *g, const int32_t *label)
{
    for (size_t i = 0; i < g->n; i++) {
        double y = (double)label[i];
        bool far = g->raw[i] <= -37.0; /* there e^-raw would lose all else */
        double e = plx_fixed_exp(far ? g->raw[i] : -g->raw[i]);
        double scale = 1.0 + e;
        g->gradient[i] = (float)(far ? e - y : ((1.0 - y) - y * e) / scale);
        g->hessian[i] = (float)(far ? e : e / (scale * scale));
    }
}

static bool make_room(plx_arena *scratch, plx_arena *arena, grower *g, double **column, plx_err *err)
{
    size_t n = g->n;
    size_t cells = g->d * g->opts.bins;
    size_t nodes = g->opts.trees * (2 * g->opts.leaves - 1);
    g->edge = plx_arena_zero(scratch, cells + 1, sizeof *g->edge);
    g->n_edges = plx_arena_zero(scratch, g->d + 1, sizeof *g->n_edges);
    g->bin = plx_arena_zero(scratch, g->d * n + 1, 1);
    g->gradient = plx_arena_zero(scratch, n, 2 * sizeof *g->gradient);
    g->rows = plx_arena_zero(scratch, n, 2 * sizeof *g->rows);
    g->raw = plx_arena_zero(scratch, n, 2 * sizeof *g->raw);
    g->leaves = plx_arena_zero(scratch, g->opts.leaves + 1, sizeof *g->leaves);
    g->cells = plx_arena_zero(scratch, (g->opts.leaves + 1) * cells + 1, sizeof *g->cells);
    g->out->node = plx_arena_zero(arena, nodes, sizeof *g->out->node);
    g->out->root = plx_arena_zero(arena, g->opts.trees, sizeof *g->out->root);
    if (!g->edge || !g->n_edges || !g->bin || !g->gradient || !g->rows || !g->raw || !g->leaves || !g->cells ||
        !g->out->node || !g->out->root) {
        return plx_fail_nomem(err, n * g->d);
    }
    g->hessian = g->gradient + n;
    g->spare = g->rows + n;
    *column = g->raw + n;
    return true;
}

bool plx_boosting_fit(plx_arena *arena, const double *x, const int32_t *label, size_t n, size_t d,
                      const plx_boosting_opts *opts, plx_boosting *out, plx_err *err)
{
    *out = (plx_boosting){0};
    size_t n_pos = 0;
    for (size_t i = 0; i < n; i++) {
        n_pos += label[i] != 0;
    }
    if (n_pos == 0 || n_pos == n || opts->bins < 2 || opts->bins > 255 || opts->leaves < 2 || opts->trees == 0 ||
        opts->least_rows == 0 || n > UINT32_MAX) {
        return plx_fail(err, PLX_E_ARG, "boosting needs rows of both classes, trees of two leaves and 2 to 255 bins");
    }
    plx_arena *scratch = plx_arena_new(0);
    grower g = {.n = n, .d = d, .opts = *opts, .x = x, .out = out};
    double *column = NULL;
    bool ok = scratch ? make_room(scratch, arena, &g, &column, err) : plx_fail_nomem(err, n);
    if (ok) {
        make_bins(&g, column);
        double share = (double)n_pos / (double)n;
        out->baseline = plx_fixed_log(share / (1.0 - share));
        for (size_t i = 0; i < n; i++) {
            g.raw[i] = out->baseline;
        }
        for (size_t t = 0; t < opts->trees; t++) {
            derive(&g, label);
            grow_tree(&g);
        }
    }
    plx_arena_free(scratch);
    return ok;
}

double plx_boosting_raw(const plx_boosting *model, const double *x)
{
    double raw = model->baseline;
    for (size_t t = 0; t < model->n_trees; t++) {
        const plx_boosting_node *node = &model->node[model->root[t]];
        while (node->left) {
            node = &model->node[x[node->feature] <= node->threshold ? node->left : node->right];
        }
        raw += node->value;
    }
    return raw;
}
