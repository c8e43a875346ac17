/* SPDX-License-Identifier: Apache-2.0
 *
 * Compressed rows against a dense matrix filled from the same edges.
 */
#include "benchmarks/graph.h"
#include "core/rng.h"
#include "support/support.h"

#include <check.h>

enum { N = 23, KINDS = 2, EDGES = 400 };
static const char *const kinds[] = {"chemical", "gap"};

static void same(const plx_csr *csr, double dense[N][N])
{
    ck_assert_uint_eq(csr->n, N);
    for (size_t i = 0; i < N; i++) {
        size_t seen = 0;
        for (uint64_t k = csr->ptr[i]; k < csr->ptr[i + 1]; k++) {
            ck_assert(k == csr->ptr[i] || csr->index[k] > csr->index[k - 1]);
            ck_assert_double_eq(csr->weight[k], dense[i][csr->index[k]]);
        }
        for (size_t j = 0; j < N; j++) {
            seen += dense[i][j] > 0;
            ck_assert((plx_csr_find(csr, i, (uint32_t)j) != csr->ptr[N]) == (dense[i][j] > 0));
        }
        ck_assert_uint_eq(seen, plx_csr_degree(csr, i));
    }
}

START_TEST(equals_a_dense_matrix)
{
    static double any[N][N], out[N][N], in[N][N], kind_out[KINDS][N][N], kind_in[KINDS][N][N];
    plx_graph_edge edges[EDGES];
    plx_rng rng = plx_rng_seed(3);
    for (size_t i = 0; i < EDGES; i++) {
        edges[i] = (plx_graph_edge){(uint32_t)plx_rng_below(&rng, N - 1), (uint32_t)plx_rng_below(&rng, N - 1),
                                    (uint32_t)plx_rng_below(&rng, KINDS), (double)(1 + plx_rng_below(&rng, 5))};
        plx_graph_edge e = edges[i];
        if (e.pre == e.post) {
            continue;
        }
        any[e.pre][e.post] += e.weight;
        any[e.post][e.pre] += e.weight;
        out[e.pre][e.post] += e.weight;
        in[e.post][e.pre] += e.weight;
        kind_out[e.kind][e.pre][e.post] += e.weight;
        kind_in[e.kind][e.post][e.pre] += e.weight;
    }
    plx_arena *arena = plx_arena_new(0);
    plx_graph g;
    plx_err err;
    ck_assert_msg(plx_graph_build(arena, N, KINDS, kinds, edges, EDGES, &g, &err), "%s", plx_test_err(&err));
    same(&g.any, any);
    same(&g.out, out);
    same(&g.in, in);
    for (size_t k = 0; k < KINDS; k++) {
        same(&g.kind_out[k], kind_out[k]);
        same(&g.kind_in[k], kind_in[k]);
    }
    plx_arena_free(arena);
}
END_TEST

START_TEST(empty_and_out_of_range)
{
    plx_arena *arena = plx_arena_new(0);
    plx_graph g;
    plx_err err;
    ck_assert(plx_graph_build(arena, 0, 0, NULL, NULL, 0, &g, &err));
    ck_assert_uint_eq(g.any.ptr[0], 0);
    static const plx_graph_edge bad[] = {{3, 0, 0, 1}, {0, 3, 0, 1}, {0, 1, 2, 1}};
    for (size_t i = 0; i < 3; i++) {
        ck_assert(!plx_graph_build(arena, 3, 2, kinds, &bad[i], 1, &g, &err));
        ck_assert_int_eq(err.code, PLX_E_BUG);
    }
    plx_arena_free(arena);
}
END_TEST

START_TEST(memory_runs_out)
{
    static const plx_graph_edge edges[] = {{0, 1, 0, 1}, {1, 2, 1, 1}};
    plx_err err;
    for (size_t k = 0;; k++) {
        plx_graph g;
        plx_arena *arena = plx_arena_new(0);
        plx_test_alloc_fail_at(k);
        bool ok = plx_graph_build(arena, 3, 2, kinds, edges, 2, &g, &err);
        size_t asked = plx_test_alloc_ok();
        plx_arena_free(arena);
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
        ck_assert(!ok);
        ck_assert_int_eq(err.code, PLX_E_NOMEM);
    }
}
END_TEST

Suite *graph_suite(void)
{
    Suite *s = suite_create("graph");
    TCase *t = tcase_create("rows");
    tcase_add_test(t, equals_a_dense_matrix);
    tcase_add_test(t, empty_and_out_of_range);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}
