/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels of models against NetworkX, NumPy and scikit-learn: tests/golden/files/models.tsv.
 */
#include "benchmarks/kernels/block_model.h"
#include "benchmarks/kernels/boosting.h"
#include "benchmarks/kernels/logistic.h"
#include "benchmarks/kernels/neighbours.h"
#include "benchmarks/kernels/spectral.h"
#include "benchmarks/kernels/walks.h"

#include "core/alloc.h"
#include "support/golden_graph.h"

#include <check.h>

static void near(const golden *g, int at, double value, double relative, const char *what)
{
    double expected = golden_number(g, at);
    ck_assert_msg(fabs(value - expected) <= relative * (fabs(expected) + 1e-3), "%s, %s %s %s: %.17g, expected %.17g",
                  what, g->field[1], g->field[2], g->field[3], value, expected);
}

typedef struct world {
    plx_arena *arena;
    size_t n;
    bool directed;
    uint8_t *dense;
    plx_csr out, in, any;
    plx_degree_weights weights;
    plx_walks katz, ranks;
    plx_svd svd;
} world;

static world make_world(const golden *g)
{
    world w = {.arena = plx_arena_new(0), .n = golden_size(g, 2), .directed = golden_size(g, 6) != 0};
    plx_err err = {0};
    w.dense = golden_graph(w.arena, golden_size(g, 1), w.n, golden_size(g, 3), golden_number(g, 4), golden_number(g, 5),
                           w.directed);
    w.out = golden_csr(w.arena, w.dense, w.n, false);
    w.in = golden_csr(w.arena, w.dense, w.n, true);
    uint8_t *either = plx_arena_zero(w.arena, w.n * w.n, 1);
    for (size_t i = 0; i < w.n * w.n; i++) {
        either[i] = w.dense[i] | w.dense[i % w.n * w.n + i / w.n];
    }
    w.any = golden_csr(w.arena, either, w.n, false);
    double radius;
    ck_assert(plx_spectral_radius(&w.out, &radius, &err));
    near(g, 7, radius, 1e-9, "spectral radius");
    ck_assert_msg(plx_degree_weights_new(w.arena, &w.any, &w.weights, &err) &&
                      plx_katz_new(w.arena, &w.out, w.directed, 0.5, &w.katz, &err) &&
                      plx_pagerank_new(w.arena, &w.out, w.directed, 0.85, &w.ranks, &err) &&
                      plx_svd_truncated(w.arena, &w.out, NULL, &w.in, NULL, 4, &w.svd, &err),
                  "%s", plx_test_err(&err));
    for (int k = 0; k < 4; k++) {
        near(g, 8 + k, w.svd.sigma[k], 1e-10, "singular value");
    }
    return w;
}

START_TEST(graphs)
{
    golden g = golden_open("models.tsv");
    size_t n_graphs = 0, n_pairs = 0, n_edges = 0;
    while (golden_next(&g, "graph")) {
        world w = make_world(&g);
        char seed[16];
        snprintf(seed, sizeof seed, "%s", g.field[1]);
        golden p = golden_open("models.tsv");
        while (golden_next(&p, "pair")) {
            if (strcmp(p.field[1], seed) != 0) {
                continue;
            }
            uint32_t a = (uint32_t)golden_size(&p, 2), b = (uint32_t)golden_size(&p, 3);
            bool joined = w.dense[a * w.n + b];
            plx_overlap o = plx_neighbours_overlap(&w.out, &w.in, &w.weights, a, b);
            near(&p, 4, o.common, 0, "common neighbours");
            near(&p, 5, o.adamic_adar, 1e-14, "Adamic-Adar");
            near(&p, 6, o.resource, 1e-14, "resource allocation");
            near(&p, 7, o.together > 0 ? o.common / o.together : 0, 1e-15, "Jaccard");
            near(&p, 8, plx_katz_score(&w.katz, a, b, false), 1e-10, "Katz");
            near(&p, 9, plx_katz_score(&w.katz, a, b, joined), 1e-9, "Katz without the edge");
            near(&p, 10, plx_pagerank_score(&w.ranks, a, b, false), 1e-10, "PageRank");
            near(&p, 11, plx_pagerank_score(&w.ranks, a, b, joined), 1e-9, "PageRank without the edge");
            near(&p, 12, plx_svd_element(&w.svd, a, b), 1e-8, "truncated SVD");
            n_pairs++;
            n_edges += joined;
        }
        plx_arena_free(w.arena);
        n_graphs++;
    }
    ck_assert_uint_eq(n_graphs, 5);
    ck_assert_uint_eq(n_pairs, 193);
    ck_assert_uint_gt(n_edges, 20);
}
END_TEST

START_TEST(description_lengths)
{
    golden g = golden_open("models.tsv");
    size_t cases = 0;
    while (golden_next(&g, "blocks")) {
        plx_arena *arena = plx_arena_new(0);
        size_t n = golden_size(&g, 2), k = golden_size(&g, 6);
        uint8_t *dense = golden_graph(arena, golden_size(&g, 1), n, golden_size(&g, 3), golden_number(&g, 4),
                                      golden_number(&g, 5), false);
        plx_csr graph = golden_csr(arena, dense, n, false);
        uint32_t group[64];
        for (size_t i = 0; i < n; i++) {
            group[i] = (uint32_t)(i % k);
        }
        plx_blocks blocks;
        plx_err err = {0};
        ck_assert_msg(plx_blocks_of(arena, &graph, group, k, &blocks, &err), "%s", plx_test_err(&err));
        near(&g, 7, blocks.length, 1e-12, "description length");
        plx_arena_free(arena);
        cases++;
    }
    ck_assert_uint_eq(cases, 16);
}
END_TEST

/* The planted division is found, and is no longer than what is found: its number of groups comes from the length. */
START_TEST(planted_groups)
{
    static const struct {
        uint64_t seed;
        size_t n, groups;
    } rows[] = {{12, 45, 3}, {13, 60, 4}, {14, 30, 1}};
    for (size_t c = 0; c < 3; c++) {
        plx_arena *arena = plx_arena_new(0);
        size_t n = rows[c].n, k = rows[c].groups;
        uint8_t *dense = golden_graph(arena, rows[c].seed, n, k, k == 1 ? 0.3 : 0.6, k == 1 ? 0.3 : 0.05, false);
        plx_csr graph = golden_csr(arena, dense, n, false);
        plx_blocks found, again, planted, kept;
        uint32_t group[64];
        for (size_t i = 0; i < n; i++) {
            group[i] = (uint32_t)(i % k);
        }
        plx_err err = {0};
        ck_assert_msg(plx_blocks_fit(arena, &graph, 12, 0, 2, 9, &found, &err), "%s", plx_test_err(&err));
        ck_assert(plx_blocks_of(arena, &graph, group, k, &planted, &err));
        ck_assert_uint_eq(found.n_groups, k);
        ck_assert_double_le(found.length, planted.length + 1e-9);
        if (k > 1) {
            ck_assert_mem_eq(found.group, group, n * sizeof group[0]);
        }
        ck_assert(plx_blocks_fit(arena, &graph, 12, 0, 2, 9, &again, &err));
        ck_assert_mem_eq(found.group, again.group, n * sizeof group[0]);
        ck_assert(plx_blocks_fit(arena, &graph, 12, 2, 1, 9, &kept, &err));
        ck_assert_uint_eq(kept.n_groups, 2);
        ck_assert_double_ge(kept.length, found.length);
        /* Leaving an edge out is counting again without it. */
        for (uint32_t a = 0; a < n; a++) {
            uint32_t b = (a * 7 + 3) % (uint32_t)n;
            if (!dense[a * n + b]) {
                continue;
            }
            dense[a * n + b] = dense[b * n + a] = 0;
            plx_csr less = golden_csr(arena, dense, n, false);
            plx_blocks other;
            ck_assert(plx_blocks_of(arena, &less, found.group, found.n_groups, &other, &err));
            ck_assert_double_eq_tol(plx_blocks_score(&found, a, b, true), plx_blocks_score(&other, a, b, false), 1e-12);
            dense[a * n + b] = dense[b * n + a] = 1;
        }
        plx_arena_free(arena);
    }
}
END_TEST

START_TEST(logistic)
{
    static double x[4096];
    static int32_t label[512];
    golden g = golden_open("models.tsv");
    size_t cases = 0;
    while (golden_next(&g, "logistic")) {
        size_t n = golden_size(&g, 2), d = golden_size(&g, 3), k = golden_size(&g, 4);
        golden_table(golden_size(&g, 1), n, d, k, x, label);
        plx_arena *arena = plx_arena_new(0);
        plx_logistic model;
        plx_err err = {0};
        double p[8];
        ck_assert_msg(plx_logistic_fit(arena, x, label, n, d, k, golden_number(&g, 5), 1e-8, &model, &err), "%s",
                      plx_test_err(&err));
        plx_logistic_predict(&model, x + golden_size(&g, 6) * d, p);
        for (size_t c = 0; c < k; c++) {
            near(&g, 7 + (int)c, p[c], 1e-5, "probability");
        }
        plx_arena_free(arena);
        cases++;
    }
    ck_assert_uint_eq(cases, 40);
}
END_TEST

START_TEST(boosting)
{
    static double x[8192];
    static int32_t label[1024];
    golden g = golden_open("models.tsv");
    size_t cases = 0;
    while (golden_next(&g, "boosting")) {
        size_t n = golden_size(&g, 2), d = golden_size(&g, 3);
        golden_table(golden_size(&g, 1), n, d, 2, x, label);
        plx_boosting_opts opts = {.trees = golden_size(&g, 4),
                                  .leaves = golden_size(&g, 5),
                                  .least_rows = golden_size(&g, 6),
                                  .bins = golden_size(&g, 7),
                                  .rate = 0.1};
        plx_arena *arena = plx_arena_new(0);
        plx_boosting model;
        plx_err err = {0};
        ck_assert_msg(plx_boosting_fit(arena, x, label, n, d, &opts, &model, &err), "%s", plx_test_err(&err));
        near(&g, 9, plx_boosting_raw(&model, x + golden_size(&g, 8) * d), 1e-6, "log odds");
        plx_arena_free(arena);
        cases++;
    }
    ck_assert_uint_eq(cases, 80);
}
END_TEST

/* Multiple singular values, a matrix without entries, fewer columns than were asked for. */
START_TEST(odd_matrices)
{
    plx_arena *arena = plx_arena_new(0);
    plx_err err = {0};
    plx_svd svd;
    uint8_t two_stars[64] = {0}; /* 8 nodes: 0 - 1 2 3, 4 - 5 6 7 */
    for (size_t leaf = 1; leaf < 4; leaf++) {
        two_stars[leaf] = two_stars[leaf * 8] = two_stars[4 * 8 + 4 + leaf] = two_stars[(4 + leaf) * 8 + 4] = 1;
    }
    plx_csr a = golden_csr(arena, two_stars, 8, false);
    ck_assert(plx_svd_truncated(arena, &a, NULL, &a, NULL, 4, &svd, &err));
    for (size_t k = 0; k < 4; k++) {
        ck_assert_double_eq_tol(svd.sigma[k], sqrt(3), 1e-12);
    }
    for (uint32_t i = 0; i < 8; i++) {
        for (uint32_t j = 0; j < 8; j++) {
            ck_assert_double_eq_tol(plx_svd_element(&svd, i, j), two_stars[i * 8 + j], 1e-12);
        }
    }
    uint8_t none[9] = {0};
    plx_csr empty = golden_csr(arena, none, 3, false);
    ck_assert(plx_svd_truncated(arena, &empty, NULL, &empty, NULL, 9, &svd, &err));
    ck_assert_uint_eq(svd.rank, 3);
    ck_assert_double_eq(plx_svd_element(&svd, 0, 1), 0.0);
    plx_walks w;
    ck_assert(plx_katz_new(arena, &empty, false, 0.5, &w, &err));
    ck_assert_double_eq(plx_katz_score(&w, 0, 1, false), 0.0);
    ck_assert(plx_pagerank_new(arena, &empty, false, 0.5, &w, &err));
    ck_assert_double_eq(plx_pagerank_score(&w, 0, 1, false), 0.0);
    double singular[4] = {1, -1, -1, 1};
    ck_assert(!plx_m_matrix_invert(singular, 2, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    enum { MANY = 8193 };
    plx_csr many = {.n = MANY, .ptr = plx_arena_zero(arena, MANY + 1, sizeof *many.ptr)};
    ck_assert(!plx_katz_new(arena, &many, false, 0.5, &w, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_pagerank_new(arena, &many, false, 0.5, &w, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_blocks blocks;
    ck_assert(plx_blocks_fit(arena, &empty, 8, 0, 1, 1, &blocks, &err));
    ck_assert_double_eq(plx_blocks_score(&blocks, 0, 1, false), 0.0);
    ck_assert(!plx_blocks_fit(arena, &empty, 65, 0, 1, 1, &blocks, &err));
    ck_assert(!plx_blocks_fit(arena, &empty, 0, 0, 1, 1, &blocks, &err));
    const double x[2] = {1, 2};
    const int32_t same[2] = {1, 1}, wrong[2] = {0, 2};
    plx_boosting trees;
    plx_boosting_opts opts = {.trees = 1, .leaves = 2, .least_rows = 1, .bins = 2, .rate = 0.1};
    ck_assert(!plx_boosting_fit(arena, x, same, 2, 1, &opts, &trees, &err));
    plx_logistic model;
    ck_assert(!plx_logistic_fit(arena, x, wrong, 2, 1, 2, 1.0, 1e-6, &model, &err));
    ck_assert(!plx_logistic_fit(arena, x, same, 2, 1, 1, 1.0, 1e-6, &model, &err));
    plx_arena_free(arena);
}
END_TEST

static bool once(int which, plx_arena *arena, const plx_csr *graph, plx_err *err)
{
    static const double x[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const int32_t label[12] = {0, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1};
    plx_boosting_opts opts = {.trees = 2, .leaves = 3, .least_rows = 1, .bins = 4, .rate = 0.1};
    plx_walks w;
    plx_svd svd;
    plx_blocks blocks;
    plx_logistic model;
    plx_boosting trees;
    plx_degree_weights weights;
    switch (which) {
    case 0:
        return plx_katz_new(arena, graph, false, 0.5, &w, err);
    case 1:
        return plx_pagerank_new(arena, graph, false, 0.5, &w, err);
    case 2:
        return plx_svd_truncated(arena, graph, NULL, graph, NULL, 3, &svd, err);
    case 3:
        return plx_blocks_fit(arena, graph, 4, 0, 1, 1, &blocks, err);
    case 4:
        return plx_logistic_fit(arena, x, label, 12, 1, 2, 1.0, 1e-6, &model, err);
    case 5:
        return plx_boosting_fit(arena, x, label, 12, 1, &opts, &trees, err);
    default:
        return plx_degree_weights_new(arena, graph, &weights, err);
    }
}

START_TEST(memory_runs_out)
{
    plx_arena *kept = plx_arena_new(0);
    uint8_t *dense = golden_graph(kept, 1, 12, 2, 0.6, 0.2, false);
    plx_csr graph = golden_csr(kept, dense, 12, false);
    size_t failures = 0;
    for (int which = 0; which < 7; which++) {
        for (size_t k = 0;; k++) {
            plx_err err = {0};
            size_t live = plx_alloc_live();
            plx_arena *arena = plx_arena_new(0);
            plx_test_alloc_fail_at(k);
            bool ok = once(which, arena, &graph, &err);
            plx_test_alloc_ok();
            plx_arena_free(arena);
            ck_assert_uint_eq(plx_alloc_live(), live);
            if (ok) {
                break;
            }
            ck_assert_int_eq(err.code, PLX_E_NOMEM);
            failures++;
        }
    }
    ck_assert_uint_gt(failures, 12);
    plx_arena_free(kept);
}
END_TEST

Suite *models_golden_suite(void)
{
    Suite *s = suite_create("models_golden");
    TCase *tc = tcase_create("models_golden");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, graphs);
    tcase_add_test(tc, description_lengths);
    tcase_add_test(tc, planted_groups);
    tcase_add_test(tc, logistic);
    tcase_add_test(tc, boosting);
    tcase_add_test(tc, odd_matrices);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(s, tc);
    return s;
}
