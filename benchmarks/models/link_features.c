/* SPDX-License-Identifier: Apache-2.0
 *
 * Features of pairs.
 */
#include "benchmarks/models/link_features.h"

#include "core/fixed_math.h"

const char *const plx_link_feature_names[PLX_LINK_FEATURES] = {
    "log_attachment", "common", "adamic_adar", "resource", "jaccard",    "log_katz",  "log_pagerank", "distance_um",
    "position_known", "mirror", "svd",         "log_rate", "same_block", "log_forth", "log_back",
};

bool plx_log_weights(plx_arena *arena, const plx_csr *rows, double **out, plx_err *err)
{
    size_t n = (size_t)rows->ptr[rows->n];
    double *value = plx_arena_zero(arena, n + 1, sizeof *value);
    if (!value) {
        return plx_fail_nomem(err, n * sizeof *value);
    }
    for (size_t e = 0; e < n; e++) {
        double w = rows->weight ? rows->weight[e] : 1.0;
        value[e] = plx_fixed_log(1.0 + (w > 0.0 ? w : 0.0));
    }
    *out = value;
    return true;
}

bool plx_link_features_new(plx_arena *arena, const plx_train *train, plx_link_features *out, plx_err *err)
{
    *out = (plx_link_features){.links = plx_links_of(train)};
    const plx_links *links = &out->links;
    double *turned;
    return plx_degree_weights_new(arena, &train->graph->any, &out->weights, err) &&
           plx_katz_new(arena, links->out, links->directed, 0.5, &out->katz, err) &&
           plx_pagerank_new(arena, links->out, links->directed, 0.85, &out->ranks, err) &&
           plx_log_weights(arena, links->out, &out->svd_value, err) &&
           plx_log_weights(arena, links->in, &turned, err) &&
           plx_svd_truncated(arena, links->out, out->svd_value, links->in, turned, 8, &out->svd, err) &&
           plx_blocks_fit(arena, &train->graph->any, 12, 0, 1, train->seed, &out->blocks, err);
}

/* What an entry adds to its own place of the best approximation of low rank, to first order: entry times the share of
 * its row and column that the singular vectors span. */
static double svd_without(const plx_link_features *f, uint32_t a, uint32_t b)
{
    const plx_svd *svd = &f->svd;
    double value = plx_svd_element(svd, a, b);
    if (!plx_links_hidden(&f->links, a, b)) {
        return value;
    }
    double row = 0.0;
    double column = 0.0;
    double rows = 0.0;
    double columns = 0.0;
    for (size_t k = 0; k < svd->rank; k++) {
        double ua = svd->left[a * svd->rank + k];
        double ub = svd->left[b * svd->rank + k];
        double va = svd->right[a * svd->rank + k];
        double vb = svd->right[b * svd->rank + k];
        row += ua * ua;
        column += vb * vb;
        rows += ua * ub;
        columns += va * vb;
    }
    double share = row + column - row * column - (f->links.directed ? 0.0 : rows * columns);
    return value - f->svd_value[plx_csr_find(f->links.out, a, b)] * share;
}

static double log_weight(const plx_link_features *f, const plx_csr *rows, uint32_t a, uint32_t b)
{
    uint64_t e = plx_csr_find(rows, a, b);
    return f->links.own_edges || e == rows->ptr[rows->n] ? 0.0 : plx_fixed_log(1.0 + rows->weight[e]);
}

void plx_link_features_row(const plx_link_features *f, uint32_t a, uint32_t b, double *x)
{
    const plx_links *links = &f->links;
    bool hidden = plx_links_hidden(links, a, b);
    plx_overlap o = plx_neighbours_overlap(links->out, links->in, &f->weights, a, b);
    bool known;
    double distance = plx_links_distance(links, a, b, &known);
    /* Blocks are of the graph without directions, so a hidden edge is one only when there is none the other way. */
    bool in_blocks = hidden && (!links->directed || plx_csr_find(links->out, b, a) == links->out->ptr[links->out->n]);
    size_t i = 0;
    x[i++] = plx_fixed_log(1.0 + plx_links_attachment(links, a, b));
    x[i++] = o.common;
    x[i++] = o.adamic_adar;
    x[i++] = o.resource;
    x[i++] = o.together > 0.0 ? o.common / o.together : 0.0;
    double katz = plx_katz_score(&f->katz, a, b, hidden);
    x[i++] = plx_fixed_log(1e-9 + (katz > 0.0 ? katz : 0.0));
    x[i++] = plx_fixed_log(1e-9 + plx_pagerank_score(&f->ranks, a, b, hidden));
    x[i++] = distance;
    x[i++] = known ? 1.0 : 0.0;
    x[i++] = plx_links_mirrored(links, a, b);
    x[i++] = svd_without(f, a, b);
    x[i++] = plx_fixed_log(1e-6 + plx_blocks_score(&f->blocks, a, b, in_blocks));
    x[i++] = f->blocks.group[a] == f->blocks.group[b] ? 1.0 : 0.0;
    x[i++] = log_weight(f, &links->graph->out, a, b);
    x[i++] = log_weight(f, &links->graph->in, a, b);
}

bool plx_link_features_table(plx_arena *arena, const plx_link_features *features, const uint32_t *a, const uint32_t *b,
                             size_t n, double **out, plx_err *err)
{
    double *x = plx_arena_zero(arena, n + 1, PLX_LINK_FEATURES * sizeof *x);
    if (!x) {
        return plx_fail_nomem(err, n * PLX_LINK_FEATURES * sizeof *x);
    }
    for (size_t i = 0; i < n; i++) {
        plx_link_features_row(features, a[i], b[i], x + i * PLX_LINK_FEATURES);
    }
    *out = x;
    return true;
}
