/* SPDX-License-Identifier: Apache-2.0
 *
 * What the divisions of connectome-link promise, over made-up wiring: which pairs are where, what the training graph
 * holds, where negatives come from.
 */
#include "benchmarks/lint.h"
#include "benchmarks/tasks/pair_task.h"
#include "support/support.h"

#include <check.h>

enum { N = 40, EDGES = 260 };

static plx_ctx ctx;
static plx_err err;
static plx_arena *arena;
static plx_pair_data data;
static char text[N][8];

static void setup(void)
{
    static const char *kinds[] = {"chemical", "gap"};
    plx_rng rng = plx_rng_seed(5);
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    arena = plx_arena_new(0);
    data = (plx_pair_data){.unit = "made-up"};
    plx_network *net = &data.net;
    *net = (plx_network){.n = N, .n_kinds = 2, .kind_names = kinds, .n_edges = EDGES};
    net->label = plx_arena_zero(arena, N, sizeof *net->label);
    net->pos_um = plx_arena_zero(arena, N * 3, sizeof *net->pos_um);
    net->homologue = plx_arena_zero(arena, N, sizeof *net->homologue);
    net->observable = plx_arena_zero(arena, N, 1);
    net->edges = plx_arena_zero(arena, EDGES, sizeof *net->edges);
    for (uint32_t i = 0; i < N; i++) {
        snprintf(text[i], sizeof text[i], "N%02u", i);
        net->label[i] = plx_slice_of(text[i]);
        net->homologue[i] = (int32_t)(i ^ 1);
        net->observable[i] = i < N - 6; /* the last cells lie outside the volume */
    }
    for (size_t i = 0; i < EDGES; i++) {
        uint32_t a = (uint32_t)plx_rng_below(&rng, N - 6), b = (uint32_t)plx_rng_below(&rng, N - 7);
        b += b >= a;
        net->edges[i] = (plx_graph_edge){a, b, (uint32_t)plx_rng_below(&rng, 2), 1};
    }
    ck_assert_msg(plx_pair_data_index(arena, &data, &err), "%s", plx_test_err(&err));
}

static void teardown(void)
{
    plx_arena_free(arena);
}

static plx_trial make(uint64_t seed, bool full)
{
    plx_trial t;
    ck_assert_msg(plx_pair_link_trial(&ctx, &data, seed, full, arena, &t, &err), "%s", plx_test_err(&err));
    return t;
}

static bool joined(uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < EDGES; i++) {
        const plx_graph_edge *e = &data.net.edges[i];
        if ((e->pre == a && e->post == b) || (e->pre == b && e->post == a)) {
            return true;
        }
    }
    return false;
}

/* Sorted, a < b, observable, labelled as the wiring is; counts positives. */
static size_t sound(size_t n, const uint32_t *a, const uint32_t *b, const int32_t *label)
{
    size_t positives = 0;
    for (size_t i = 0; i < n; i++) {
        ck_assert(a[i] < b[i]);
        ck_assert(data.net.observable[a[i]] && data.net.observable[b[i]]);
        ck_assert_int_eq(label[i], joined(a[i], b[i]));
        ck_assert(i == 0 || a[i - 1] < a[i] || (a[i - 1] == a[i] && b[i - 1] < b[i]));
        positives += label[i] == 1;
    }
    return positives;
}

START_TEST(parts_are_what_the_page_says)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        plx_trial t = make(seed, false);
        const plx_train *train = &t.final.train;
        size_t pos_train = sound(train->n, train->a, train->b, train->label);
        size_t pos_valid = sound(t.select.query.n, t.select.query.a, t.select.query.b, t.select.label);
        size_t pos_test = sound(t.final.query.n, t.final.query.a, t.final.query.b, t.final.label);
        ck_assert_uint_eq(pos_train + pos_valid + pos_test, data.n_joined);
        ck_assert_uint_eq(pos_train, (size_t)(0.8 * (double)data.n_joined + 0.5));
        ck_assert_uint_eq(train->n, 2 * pos_train);
        ck_assert_uint_eq(t.select.query.n, 2 * pos_valid);
        ck_assert_uint_eq(t.final.query.n, 2 * pos_test);
        ck_assert_ptr_eq(t.select.train.graph, train->graph);
    }
}
END_TEST

START_TEST(the_graph_holds_training_pairs_whole)
{
    plx_trial t = make(3, false);
    const plx_graph *g = t.final.train.graph;
    for (size_t i = 0; i < t.final.train.n; i++) {
        uint32_t a = t.final.train.a[i], b = t.final.train.b[i];
        ck_assert((plx_csr_find(&g->any, a, b) != g->any.ptr[N]) == (t.final.train.label[i] == 1));
        for (uint32_t kind = 0; kind < 2 && t.final.train.label[i]; kind++) { /* both ways and both kinds, or none */
            double forth = 0, back = 0;
            for (size_t k = 0; k < EDGES; k++) {
                const plx_graph_edge *e = &data.net.edges[k];
                forth += e->kind == kind && e->pre == a && e->post == b;
                back += e->kind == kind && e->pre == b && e->post == a;
            }
            uint64_t at = plx_csr_find(&g->kind_out[kind], a, b), turned = plx_csr_find(&g->kind_out[kind], b, a);
            ck_assert_double_eq(at == g->kind_out[kind].ptr[N] ? 0 : g->kind_out[kind].weight[at], forth);
            ck_assert_double_eq(turned == g->kind_out[kind].ptr[N] ? 0 : g->kind_out[kind].weight[turned], back);
        }
    }
    for (size_t i = 0; i < t.final.query.n; i++) {
        ck_assert(plx_csr_find(&g->any, t.final.query.a[i], t.final.query.b[i]) == g->any.ptr[N]);
    }
}
END_TEST

START_TEST(the_full_variant_asks_about_all_others)
{
    plx_trial t = make(1, true), few = make(1, false);
    size_t seen = N - 6, all = seen * (seen - 1) / 2;
    ck_assert_uint_eq(t.final.train.n + t.select.query.n + t.final.query.n, all);
    ck_assert_uint_eq(sound(t.final.query.n, t.final.query.a, t.final.query.b, t.final.label), few.final.query.n / 2);
    ck_assert(!plx_digest_eq(&t.split, &few.split));
}
END_TEST

START_TEST(nothing_leaks)
{
    for (unsigned full = 0; full < 2; full++) {
        plx_trial t = make(8, full);
        plx_lint lint = {{0}, {""}};
        plx_lint_input in = {
            .train = {t.final.train.n, t.final.train.a, t.final.train.b, t.final.train.label},
            .test = {t.final.query.n, t.final.query.a, t.final.query.b, t.final.label},
            .n_nodes = N,
            .name = t.node_label,
            .observable = t.node_observable,
            .graph = &t.final.train.graph->any,
        };
        ck_assert(plx_lint_check(&in, &lint, &err));
        for (size_t i = 0; i < PLX_N_LEAKS; i++) {
            ck_assert_uint_eq(lint.n[i], 0);
        }
    }
}
END_TEST

START_TEST(digests_follow_the_seed)
{
    plx_trial a = make(1, false), again = make(1, false), b = make(2, false);
    ck_assert(plx_digest_eq(&a.split, &again.split) && plx_digest_eq(&a.target, &again.target));
    ck_assert(!plx_digest_eq(&a.split, &b.split));
    /* Raise the tasks' version when this changes: boards made before are no longer comparable. */
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&a.split, hex);
    ck_assert_str_eq(hex, "9733eb9d7d287fe22f9a38927031b1e86cf0a12db4a7834c573666db73930c80");
}
END_TEST

START_TEST(too_little_is_told)
{
    plx_trial t;
    data.net.n_edges = 5;
    data.n_joined = 0;
    ck_assert(plx_pair_data_index(arena, &data, &err));
    ck_assert(!plx_pair_link_trial(&ctx, &data, 0, false, arena, &t, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    /* Everybody joined to everybody: there are no negatives. */
    teardown();
    setup();
    for (size_t a = 0; a < N; a++) {
        for (size_t b = a + 1; b < N; b++) {
            plx_pair_set_add(&data.joined, a, b);
        }
    }
    ck_assert(!plx_pair_link_trial(&ctx, &data, 0, false, arena, &t, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
}
END_TEST

START_TEST(memory_runs_out)
{
    for (size_t k = 0;; k++) {
        plx_trial t;
        plx_arena *a = plx_arena_new(0);
        plx_test_alloc_fail_at(k);
        bool ok = plx_pair_link_trial(&ctx, &data, 0, true, a, &t, &err);
        size_t asked = plx_test_alloc_ok();
        plx_arena_free(a);
        ck_assert(ok || err.code == PLX_E_NOMEM);
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *pair_task_suite(void)
{
    Suite *s = suite_create("pair_task");
    TCase *t = tcase_create("pairs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, parts_are_what_the_page_says);
    tcase_add_test(t, the_graph_holds_training_pairs_whole);
    tcase_add_test(t, the_full_variant_asks_about_all_others);
    tcase_add_test(t, nothing_leaks);
    tcase_add_test(t, digests_follow_the_seed);
    tcase_add_test(t, too_little_is_told);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}
