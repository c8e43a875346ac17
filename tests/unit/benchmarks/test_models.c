/* SPDX-License-Identifier: Apache-2.0
 *
 * The models over the kernels: each answers the questions it says it solves, the same way each time, and survives
 * memory that runs out. What is learned from a joined pair does not know of its edge. The kernels' numbers are held to
 * their references in tests/unit/kernels.
 */
#include "benchmarks/kernels/nearest.h"
#include "benchmarks/kernels/roc.h"
#include "benchmarks/kernels/spread.h"
#include "benchmarks/models/link_features.h"
#include "benchmarks/models/types.h"

#include "core/alloc.h"
#include "support/golden_graph.h"

#include <check.h>

enum { MOST = 2000 };

/* A small animal: wiring in groups, sides mirrored, positions by group. */
typedef struct animal {
    plx_arena *arena;
    plx_graph graph;
    plx_train train;
    plx_query query;
    uint32_t a[MOST], b[MOST];
    int32_t label[MOST];
    uint32_t test_a[MOST], test_b[MOST];
    uint8_t test_label[MOST];
    size_t n_test;
} animal;

static const char *const kinds[] = {"chemical", "gap"};

static void make_graph(animal *w, size_t n, const uint8_t *dense, const uint8_t *hide)
{
    plx_graph_edge *edges = plx_arena_zero(w->arena, n * n, sizeof *edges);
    size_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n; j++) {
            uint32_t low = i < j ? i : j, high = i < j ? j : i;
            if (dense[i * n + j] && !hide[low * n + high]) {
                edges[m++] = (plx_graph_edge){i, j, (i + j) % 2, 1.0 + (double)((i * 5 + j * 3) % 7)};
            }
        }
    }
    plx_err err = {0};
    ck_assert_msg(plx_graph_build(w->arena, n, 2, kinds, edges, m, &w->graph, &err), "%s", plx_test_err(&err));
}

static animal *make_animal(bool directed)
{
    enum { N = 48 };
    animal *w = calloc(1, sizeof *w);
    w->arena = plx_arena_new(0);
    uint8_t *dense = golden_graph(w->arena, 77, N, 3, 0.5, 0.04, true);
    uint8_t *hide = plx_arena_zero(w->arena, N * N, 1);
    double *pos = plx_arena_zero(w->arena, N * 3, sizeof *pos);
    int32_t *homologue = plx_arena_zero(w->arena, N, sizeof *homologue);
    for (uint32_t i = 0; i < N; i++) {
        homologue[i] = i < 24 ? (int32_t)i + 24 : (int32_t)i - 24;
        pos[3 * i] = i == 5 ? NAN : 10.0 * (i % 3) + golden_uniform(77, 5, i);
    }
    for (size_t i = 0; i < 24; i++) {
        for (size_t j = 0; j < 24; j++) {
            dense[(i + 24) * N + j + 24] = dense[i * N + j];
        }
    }
    size_t k = 0;
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t j = i + 1; j < N; j++) {
            bool joined = dense[i * N + j] || dense[j * N + i];
            double u = golden_uniform(77, 6, i * N + j);
            if (u > (joined ? 0.8 : 0.9)) {
                hide[i * N + j] = joined;
                w->test_a[w->n_test] = i;
                w->test_b[w->n_test] = j;
                w->test_label[w->n_test++] = joined;
            } else if (joined || u < 0.35) {
                w->a[k] = i;
                w->b[k] = j;
                w->label[k++] = joined;
            }
        }
    }
    make_graph(w, N, dense, hide);
    w->graph.pos_um = pos;
    w->graph.homologue = homologue;
    w->train = (plx_train){.problem = PLX_PROBLEM_LINKS,
                           .graph = &w->graph,
                           .directed = directed,
                           .n = k,
                           .a = w->a,
                           .b = w->b,
                           .label = w->label,
                           .seed = 3};
    w->query = (plx_query){.n = w->n_test, .a = w->test_a, .b = w->test_b};
    return w;
}

/* The same animal asked for the group of each node. */
static void ask_types(animal *w)
{
    static const char *const names[] = {"inter", "motor", "sensory"};
    size_t known = 0, asked = 0;
    for (uint32_t i = 0; i < w->graph.n_nodes; i++) {
        if (i % 24 < 14) {
            w->a[known] = i;
            w->label[known++] = (int32_t)(i % 3);
        } else {
            w->test_a[asked] = i;
            w->test_label[asked++] = (uint8_t)(i % 3);
        }
    }
    w->n_test = asked;
    w->train = (plx_train){.problem = PLX_PROBLEM_TYPES,
                           .graph = &w->graph,
                           .n = known,
                           .a = w->a,
                           .label = w->label,
                           .n_classes = 3,
                           .class_names = names,
                           .seed = 3};
    w->query = (plx_query){.n = asked, .a = w->test_a};
}

static void free_animal(animal *w)
{
    plx_arena_free(w->arena);
    free(w);
}

static bool run(const plx_model *m, const animal *w, const char *assignment, double *score, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_params params;
    void *state = NULL;
    plx_answer answer = {.score = score};
    if (!plx_params_init(m->params, m->name, &params, err) ||
        (assignment && !plx_params_set(&params, m->name, assignment, err)) ||
        (m->fit && !m->fit(&ctx, &w->train, &params, &state, err))) {
        return false;
    }
    bool ok = m->predict(&ctx, &w->train, &params, state, &w->query, &answer, err);
    if (ok && m->n_parameters) {
        ck_assert_uint_gt(m->n_parameters(&w->train, &params, state), 0);
    }
    if (m->release) {
        m->release(state);
    }
    return ok;
}

/* On planted structure every model of links but the random one finds most of what was hidden. */
START_TEST(links)
{
    for (int directed = 0; directed < 2; directed++) {
        animal *w = make_animal(directed);
        for (size_t i = 0; plx_models[i]; i++) {
            const plx_model *m = plx_models[i];
            static double score[MOST], again[MOST];
            plx_err err = {0};
            if (!(m->solves & PLX_PROBLEM_LINKS)) {
                continue;
            }
            const char *set = strcmp(m->name, "svd") == 0 ? "rank=3" : NULL; /* as many as there are groups */
            ck_assert_msg(run(m, w, set, score, &err), "%s: %s", m->name, plx_test_err(&err));
            for (size_t j = 0; j < w->n_test; j++) {
                ck_assert_msg(isfinite(score[j]), "%s", m->name);
            }
            ck_assert(run(m, w, set, again, &err));
            ck_assert_msg(memcmp(score, again, w->n_test * sizeof *score) == 0, "%s", m->name);
            plx_metric_value auc;
            ck_assert(plx_roc_auc(&(plx_numbers){score, NULL, w->n_test}, w->test_label, false, &auc, &err));
            bool blind = strcmp(m->name, "random") == 0 || strcmp(m->name, "preferential_attachment") == 0;
            ck_assert_msg(blind || auc.value > 0.7, "%s: %g", m->name, auc.value);
        }
        free_animal(w);
    }
}
END_TEST

START_TEST(types)
{
    animal *w = make_animal(false);
    ask_types(w);
    for (size_t i = 0; plx_models[i]; i++) {
        const plx_model *m = plx_models[i];
        double score[3 * 48], again[3 * 48];
        plx_err err = {0};
        if (!(m->solves & PLX_PROBLEM_TYPES)) {
            continue;
        }
        ck_assert_msg(run(m, w, NULL, score, &err), "%s: %s", m->name, plx_test_err(&err));
        size_t right = 0;
        for (size_t j = 0; j < w->n_test; j++) {
            const double *p = score + 3 * j;
            ck_assert_msg(p[0] >= 0 && p[1] >= 0 && p[2] >= 0, "%s", m->name);
            ck_assert_msg(fabs(p[0] + p[1] + p[2] - 1) < 1e-12, "%s", m->name);
            right += p[w->test_label[j]] >= fmax(p[0], fmax(p[1], p[2]));
        }
        bool blind = strcmp(m->name, "random") == 0 || strcmp(m->name, "majority") == 0;
        ck_assert_msg(blind || right * 10 >= w->n_test * 9, "%s: %zu of %zu", m->name, right, w->n_test);
        ck_assert(run(m, w, NULL, again, &err));
        ck_assert_msg(memcmp(score, again, 3 * w->n_test * sizeof *score) == 0, "%s", m->name);
    }
    free_animal(w);
}
END_TEST

START_TEST(memory_runs_out)
{
    for (int asks = 0; asks < 2; asks++) {
        animal *w = make_animal(false);
        if (asks) {
            ask_types(w);
        }
        for (size_t i = 0; plx_models[i]; i++) {
            const plx_model *m = plx_models[i];
            static double score[MOST];
            for (size_t k = 0; m->solves & w->train.problem; k++) {
                plx_err err = {0};
                size_t live = plx_alloc_live();
                plx_test_alloc_fail_at(k);
                bool ok = run(m, w, NULL, score, &err);
                plx_test_alloc_ok();
                ck_assert_msg(plx_alloc_live() == live, "%s leaks at %zu", m->name, k);
                if (ok) {
                    break;
                }
                ck_assert_msg(err.code == PLX_E_NOMEM, "%s at %zu: %s", m->name, k, plx_test_err(&err));
            }
        }
        free_animal(w);
    }
}
END_TEST

/* A joined training pair is described as it would be if its edge were unknown. */
START_TEST(own_edge_is_left_out)
{
    enum { N = 30 };
    double off = 0, uncorrected = 0;
    size_t n_pairs = 0;
    for (int directed = 0; directed < 2; directed++) {
        animal w = {.arena = plx_arena_new(0)};
        uint8_t *dense = golden_graph(w.arena, 5, N, 3, 0.5, 0.1, directed);
        uint8_t *hide = plx_arena_zero(w.arena, N * N, 1);
        plx_err err = {0};
        make_graph(&w, N, dense, hide);
        for (uint32_t i = 0; i < N; i++) {
            for (uint32_t j = 0; j < N; j++) {
                if (directed ? i != j : i < j) {
                    w.a[w.train.n] = i;
                    w.b[w.train.n] = j;
                    w.label[w.train.n++] = dense[i * N + j];
                }
            }
        }
        w.train = (plx_train){.problem = PLX_PROBLEM_LINKS,
                              .graph = &w.graph,
                              .directed = directed,
                              .n = w.train.n,
                              .a = w.a,
                              .b = w.b,
                              .label = w.label};
        plx_link_features all;
        ck_assert_msg(plx_link_features_new(w.arena, &w.train, &all, &err), "%s", plx_test_err(&err));
        ck_assert(all.links.own_edges);
        for (size_t k = 0; k < w.train.n; k += 13) {
            uint32_t i = w.a[k], j = w.b[k];
            if (!w.label[k]) {
                continue;
            }
            animal less = {.arena = plx_arena_new(0)};
            uint8_t kept = dense[j * N + i];
            dense[i * N + j] = 0;
            dense[j * N + i] = directed ? kept : 0;
            make_graph(&less, N, dense, hide);
            dense[i * N + j] = 1;
            dense[j * N + i] = kept;
            w.label[k] = 0;
            less.train = w.train;
            less.train.graph = &less.graph;
            plx_link_features other;
            ck_assert(plx_link_features_new(less.arena, &less.train, &other, &err));
            w.label[k] = 1;
            /* beta hangs on the eigenvalue of the whole graph, blocks on the whole division: these are kept. */
            other.blocks = all.blocks;
            double x[PLX_LINK_FEATURES], y[PLX_LINK_FEATURES];
            plx_link_features_row(&all, i, j, x);
            plx_link_features_row(&other, i, j, y);
            for (size_t f = 0; f < PLX_LINK_FEATURES; f++) {
                const char *name = plx_link_feature_names[f];
                if (strcmp(name, "svd") == 0) {
                    off += fabs(x[f] - y[f]);
                    uncorrected += fabs(plx_svd_element(&all.svd, i, j) - y[f]);
                } else if (strcmp(name, "log_katz") != 0 && strcmp(name, "log_rate") != 0) {
                    ck_assert_msg(fabs(x[f] - y[f]) < 1e-9 * (1 + fabs(y[f])), "%s of %u %u: %g, %g", name, i, j, x[f],
                                  y[f]);
                }
            }
            plx_arena_free(less.arena);
            n_pairs++;
        }
        /* A pair that no label calls an edge is described as it is. */
        w.label[0] = !w.label[0];
        ck_assert(!plx_links_of(&w.train).own_edges);
        plx_arena_free(w.arena);
    }
    ck_assert_uint_gt(n_pairs, 10);
    ck_assert_msg(off < 0.5 * uncorrected, "corrected by %g, off by %g", uncorrected, off);
}
END_TEST

START_TEST(mirrors_and_distances)
{
    animal w = {.arena = plx_arena_new(0)};
    /* 0 - 2 and 1 - 2 are joined; 0 and 1 are homologues, as are 3 and 4; 2 has none. */
    uint8_t dense[25] = {0}, hide[25] = {0};
    dense[0 * 5 + 2] = dense[2 * 5 + 1] = dense[1 * 5 + 3] = dense[0 * 5 + 1] = 1;
    make_graph(&w, 5, dense, hide);
    const int32_t homologue[] = {1, 0, -1, 4, 3};
    const double pos[] = {0, 0, 0, 3, 4, 0, 0, 0, 12, NAN, 0, 0, 0, 0, 1};
    w.graph.homologue = homologue;
    w.graph.pos_um = pos;
    w.train = (plx_train){.problem = PLX_PROBLEM_LINKS, .graph = &w.graph};
    plx_links of = plx_links_of(&w.train);
    ck_assert_double_eq(plx_links_mirrored(&of, 0, 2), 2 + 1); /* its mirror 1 - 2, which is (homologue, itself) too */
    ck_assert_double_eq(plx_links_mirrored(&of, 0, 4), 2);     /* 1 - 3; not 1 - 4 or 0 - 3 */
    ck_assert_double_eq(plx_links_mirrored(&of, 0, 3), 1);     /* 1 - 3 */
    ck_assert_double_eq(plx_links_mirrored(&of, 0, 1), 0);     /* its own mirror */
    bool known;
    ck_assert_double_eq(plx_links_distance(&of, 0, 1, &known), 5);
    ck_assert(known);
    double mean = (5 + 12 + 1 + 13 + sqrt(26) + 11) / 6;
    ck_assert_double_eq_tol(plx_links_distance(&of, 0, 3, &known), mean, 1e-12);
    ck_assert(!known);
    ck_assert_double_eq(plx_links_attachment(&of, 0, 2), 1); /* two each, without their own edge */
    ck_assert_double_eq(plx_links_attachment(&of, 0, 3), 2);
    plx_arena_free(w.arena);
}
END_TEST

/* Ways through 0 - 1 - 3 and 0 - 2 - 3 - 4, and a node apart. */
START_TEST(shortest_paths)
{
    animal w = {.arena = plx_arena_new(0)};
    uint8_t dense[36] = {0}, hide[36] = {0};
    dense[0 * 6 + 1] = dense[1 * 6 + 3] = dense[2 * 6 + 0] = dense[2 * 6 + 3] = dense[3 * 6 + 4] = 1;
    make_graph(&w, 6, dense, hide);
    const uint32_t a[] = {0, 0, 0, 0}, b[] = {3, 4, 5, 1};
    const int32_t label[] = {0};
    w.train = (plx_train){.problem = PLX_PROBLEM_LINKS, .graph = &w.graph, .n = 1, .a = a, .b = b, .label = label};
    w.query = (plx_query){.n = 4, .a = a, .b = b};
    double score[4];
    plx_err err = {0};
    ck_assert_msg(run(plx_model_find("shortest_path"), &w, NULL, score, &err), "%s", plx_test_err(&err));
    ck_assert_double_eq(score[0], 2.0 / 3.0 - 2.0); /* two ways of length 2 */
    ck_assert_double_eq(score[1], 2.0 / 3.0 - 3.0);
    ck_assert_double_eq(score[2], -7.0);
    ck_assert_double_eq(score[3], 1.0 / 2.0 - 3.0); /* its own edge is hidden: 0 - 2 - 3 - 1 */
    w.train.directed = true;
    ck_assert(run(plx_model_find("shortest_path"), &w, NULL, score, &err));
    ck_assert_double_eq(score[0], 1.0 / 2.0 - 2.0); /* 2 leads to 0, not back */
    const int32_t other[] = {1};
    w.train.label = other; /* not an edge: labels are not the graph's own, so nothing is hidden */
    ck_assert(run(plx_model_find("shortest_path"), &w, NULL, score, &err));
    ck_assert_double_eq(score[3], 1.0 / 2.0 - 1.0);
    plx_arena_free(w.arena);
}
END_TEST

/* Every item is as likely to be drawn; order and labels stay with their pairs. */
START_TEST(draws)
{
    enum { N = 50, MANY = 4000 };
    uint32_t a[N], b[N], times[N] = {0};
    int32_t label[N];
    for (uint32_t i = 0; i < N; i++) {
        a[i] = i;
        b[i] = i + 1;
        label[i] = (int32_t)(i % 2);
    }
    plx_train train = {.problem = PLX_PROBLEM_LINKS, .n = N, .a = a, .b = b, .label = label};
    plx_arena *arena = plx_arena_new(0);
    plx_err err = {0};
    plx_train part;
    ck_assert(plx_links_draw(arena, &train, N, &part, &err));
    ck_assert_ptr_eq(part.a, a);
    for (train.seed = 0; train.seed < MANY; train.seed++) {
        ck_assert(plx_links_draw(arena, &train, 10, &part, &err));
        ck_assert_uint_eq(part.n, 10);
        for (size_t i = 0; i < part.n; i++) {
            ck_assert(i == 0 || part.a[i] > part.a[i - 1]);
            ck_assert(part.b[i] == part.a[i] + 1 && part.label[i] == (int32_t)(part.a[i] % 2));
            times[part.a[i]]++;
        }
    }
    for (size_t i = 0; i < N; i++) {
        ck_assert_msg(times[i] > MANY / 5 - 125 && times[i] < MANY / 5 + 125, "%zu: %u", i, times[i]);
    }
    plx_arena_free(arena);
}
END_TEST

/* sklearn.neighbors.KNeighborsClassifier(metric='cosine'); NumPy's solve of Zhou's equation. */
START_TEST(votes_and_spreading)
{
    static double x[4096];
    static int32_t label[512];
    golden g = golden_open("models.tsv");
    size_t cases = 0;
    while (golden_next(&g, "neighbours")) {
        size_t n = golden_size(&g, 2), d = golden_size(&g, 3), classes = golden_size(&g, 4), k = golden_size(&g, 5);
        golden_table(golden_size(&g, 1), n, d, classes, x, label);
        double cosine[512], votes[8], sum = 0;
        const double *q = x + (n / 2 + golden_size(&g, 6)) * d;
        for (size_t i = 0; i < n / 2; i++) {
            double xx = 0, xq = 0, qq = 0;
            for (size_t j = 0; j < d; j++) {
                xx += x[i * d + j] * x[i * d + j];
                xq += x[i * d + j] * q[j];
                qq += q[j] * q[j];
            }
            cosine[i] = xq / sqrt(xx * qq);
        }
        plx_err err = {0};
        ck_assert(plx_nearest_votes(cosine, label, n / 2, k, classes, votes, &err));
        for (size_t c = 0; c < classes; c++) {
            sum += votes[c];
        }
        for (size_t c = 0; c < classes; c++) {
            ck_assert_double_eq_tol(votes[c] / sum, golden_number(&g, 7 + (int)c), 1e-12);
        }
        cases++;
    }
    ck_assert_uint_eq(cases, 33);
    g = golden_open("models.tsv");
    for (cases = 0; golden_next(&g, "spread"); cases++) {
        plx_arena *arena = plx_arena_new(0);
        uint64_t seed = golden_size(&g, 1);
        size_t n = golden_size(&g, 2), k = golden_size(&g, 3);
        uint8_t *dense = golden_graph(arena, seed, n, k, 0.5, 0.1, false);
        plx_csr graph = golden_csr(arena, dense, n, false);
        double *y = plx_arena_zero(arena, n * k, sizeof *y), sum = 0;
        for (size_t i = 0; i < n; i++) {
            y[i * k + i % k] = golden_uniform(seed, 3, i) < 0.4;
        }
        plx_err err = {0};
        ck_assert(plx_spread(&graph, NULL, k, golden_number(&g, 4), y, &err));
        const double *p = y + golden_size(&g, 5) * k;
        for (size_t c = 0; c < k; c++) {
            sum += p[c];
        }
        for (size_t c = 0; c < k; c++) {
            ck_assert_double_eq_tol(p[c] / sum, golden_number(&g, 6 + (int)c), 1e-6);
        }
        plx_arena_free(arena);
    }
    ck_assert_uint_eq(cases, 28);
}
END_TEST

/* The similarity of sparse wiring is the cosine of the rows written out. */
START_TEST(wiring_similarity)
{
    animal *w = make_animal(false);
    size_t n = w->graph.n_nodes;
    plx_wiring wiring;
    plx_err err = {0};
    ck_assert(plx_wiring_new(w->arena, &w->graph, &wiring, &err));
    double *row = plx_arena_zero(w->arena, 2 * n * n, sizeof *row), cosine[64];
    for (size_t i = 0; i < n; i++) {
        for (uint64_t e = w->graph.out.ptr[i]; e < w->graph.out.ptr[i + 1]; e++) {
            row[i * 2 * n + w->graph.out.index[e]] = log1p(w->graph.out.weight[e]);
        }
        for (uint64_t e = w->graph.in.ptr[i]; e < w->graph.in.ptr[i + 1]; e++) {
            row[i * 2 * n + n + w->graph.in.index[e]] = log1p(w->graph.in.weight[e]);
        }
    }
    for (uint32_t i = 0; i < n; i += 5) {
        plx_wiring_similarity(&wiring, i, cosine);
        for (size_t j = 0; j < n; j++) {
            double ij = 0, ii = 0, jj = 0;
            for (size_t c = 0; c < 2 * n; c++) {
                ij += row[i * 2 * n + c] * row[j * 2 * n + c];
                ii += row[i * 2 * n + c] * row[i * 2 * n + c];
                jj += row[j * 2 * n + c] * row[j * 2 * n + c];
            }
            ck_assert_double_eq_tol(cosine[j], ij / sqrt(ii * jj), 1e-12);
        }
    }
    free_animal(w);
}
END_TEST

Suite *models_suite(void)
{
    Suite *s = suite_create("models");
    TCase *tc = tcase_create("models");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, links);
    tcase_add_test(tc, types);
    tcase_add_test(tc, memory_runs_out);
    tcase_add_test(tc, own_edge_is_left_out);
    tcase_add_test(tc, mirrors_and_distances);
    tcase_add_test(tc, draws);
    tcase_add_test(tc, shortest_paths);
    tcase_add_test(tc, votes_and_spreading);
    tcase_add_test(tc, wiring_similarity);
    suite_add_tcase(s, tc);
    return s;
}
