/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks planted one at a time in clean splits: each is found, and nothing else; the clean ones stay clean.
 */
#include "benchmarks/lint.h"
#include "benchmarks/network.h"
#include "support/support.h"

#include <check.h>

enum { NODES = 30, TRAIN = 40, TEST = 20, TASKS = 40 };

static uint32_t train_a[TRAIN + 1], train_b[TRAIN + 1], test_a[TEST + 1], test_b[TEST + 1];
static int32_t train_label[TRAIN + 1], test_label[TEST + 1];
static plx_slice names[NODES];
static char text[NODES][8];
static uint8_t observable[NODES];

/* Different unordered pairs throughout. */
static plx_lint_input clean(uint64_t seed, bool directed)
{
    plx_rng rng = plx_rng_seed(seed);
    bool taken[NODES][NODES] = {{false}};
    for (size_t i = 0; i < NODES; i++) {
        snprintf(text[i], sizeof text[i], "N%zu", i);
        names[i] = plx_slice_of(text[i]);
        observable[i] = 1;
    }
    for (size_t i = 0; i < TRAIN + TEST;) {
        uint32_t a = (uint32_t)plx_rng_below(&rng, NODES), b = (uint32_t)plx_rng_below(&rng, NODES);
        if (a == b || taken[a][b]) {
            continue;
        }
        taken[a][b] = taken[b][a] = true;
        *(i < TRAIN ? &train_a[i] : &test_a[i - TRAIN]) = a;
        *(i < TRAIN ? &train_b[i] : &test_b[i - TRAIN]) = b;
        *(i < TRAIN ? &train_label[i] : &test_label[i - TRAIN]) = (int32_t)plx_rng_below(&rng, 2);
        i++;
    }
    return (plx_lint_input){.train = {TRAIN, train_a, train_b, train_label},
                            .test = {TEST, test_a, test_b, test_label},
                            .n_nodes = NODES,
                            .name = names,
                            .observable = observable,
                            .directed = directed};
}

static plx_lint check(const plx_lint_input *in)
{
    plx_lint lint = {{0}, {""}};
    plx_err err;
    plx_err_clear(&err);
    ck_assert_msg(plx_lint_check(in, &lint, &err), "%s", plx_test_err(&err));
    return lint;
}

static void only(const plx_lint *lint, plx_leak leak, size_t n)
{
    for (size_t i = 0; i < PLX_N_LEAKS; i++) {
        ck_assert_msg(lint->n[i] == (i == leak ? n : 0), "%s: %zu", plx_leak_name((plx_leak)i), lint->n[i]);
    }
}

START_TEST(clean_splits_are_clean)
{
    for (uint64_t seed = 0; seed < TASKS; seed++) {
        plx_lint_input in = clean(seed, seed % 2);
        plx_lint lint = check(&in);
        only(&lint, PLX_N_LEAKS, 0);
    }
}
END_TEST

START_TEST(planted_leaks_are_found)
{
    for (uint64_t seed = 0; seed < TASKS; seed++) {
        plx_lint_input in = clean(seed, false);
        size_t k = seed % TEST;
        /* The same pair in training, the other way round for odd seeds: unordered, it is the same. */
        train_a[TRAIN] = seed % 2 ? test_b[k] : test_a[k];
        train_b[TRAIN] = seed % 2 ? test_a[k] : test_b[k];
        train_label[TRAIN] = test_label[k];
        in.train.n = TRAIN + 1;
        plx_lint lint = check(&in);
        only(&lint, PLX_LEAK_IN_TRAINING, 1);
        ck_assert_ptr_nonnull(strstr(lint.first[PLX_LEAK_IN_TRAINING], text[test_a[k]]));
        /* In two animals it may be. */
        in.two_animals = true;
        lint = check(&in);
        only(&lint, PLX_N_LEAKS, 0);

        /* Ordered pairs: the way back is another pair, and a leak of its own. */
        in = clean(seed, true);
        train_a[TRAIN] = test_b[k];
        train_b[TRAIN] = test_a[k];
        train_label[TRAIN] = test_label[k];
        in.train.n = TRAIN + 1;
        lint = check(&in);
        only(&lint, PLX_LEAK_MIRROR, 1);

        in = clean(seed, true);
        train_a[TRAIN] = train_a[k];
        train_b[TRAIN] = train_b[k];
        train_label[TRAIN] = train_label[k];
        in.train.n = TRAIN + 1;
        lint = check(&in);
        only(&lint, PLX_LEAK_TWICE, 1);

        in = clean(seed, false);
        test_a[TEST] = train_a[k];
        test_b[TEST] = train_b[k];
        test_label[TEST] = !train_label[k];
        in.test.n = TEST + 1;
        in.two_animals = false;
        lint = check(&in);
        ck_assert_uint_eq(lint.n[PLX_LEAK_BOTH_LABELS], 1);
        ck_assert_uint_eq(lint.n[PLX_LEAK_IN_TRAINING], 1);

        in = clean(seed, false);
        size_t negatives = 0;
        observable[seed % NODES] = 0;
        for (size_t i = 0; i < TRAIN + TEST; i++) {
            uint32_t a = i < TRAIN ? train_a[i] : test_a[i - TRAIN], b = i < TRAIN ? train_b[i] : test_b[i - TRAIN];
            negatives +=
                (a == seed % NODES || b == seed % NODES) && !(i < TRAIN ? train_label[i] : test_label[i - TRAIN]);
        }
        lint = check(&in);
        only(&lint, PLX_LEAK_UNOBSERVABLE, negatives);

        in = clean(seed, false);
        plx_graph_edge edge = {test_a[k], test_b[k], 0, 1};
        plx_arena *arena = plx_arena_new(0);
        plx_graph graph;
        static const char *const kinds[] = {"x"};
        plx_err err;
        ck_assert(plx_graph_build(arena, NODES, 1, kinds, &edge, 1, &graph, &err));
        in.graph = &graph.any;
        lint = check(&in);
        only(&lint, PLX_LEAK_IN_GRAPH, 1);
        plx_arena_free(arena);
    }
}
END_TEST

START_TEST(nodes_of_both_parts)
{
    plx_lint_input in = clean(1, false);
    for (uint32_t i = 0; i < 10; i++) {
        train_a[i] = i;
        test_a[i] = i + 10;
    }
    in.train = (plx_lint_items){10, train_a, NULL, NULL};
    in.test = (plx_lint_items){10, test_a, NULL, NULL};
    plx_lint lint = check(&in);
    only(&lint, PLX_N_LEAKS, 0);
    test_a[3] = 5;
    lint = check(&in);
    only(&lint, PLX_LEAK_IN_TRAINING, 1);
    ck_assert_str_eq(lint.first[PLX_LEAK_IN_TRAINING], "N5");
}
END_TEST

START_TEST(files_of_every_length)
{
    static const char train[] = "a,b,label\nAVAL,AVAR,1\n\"AVBL\",AVBR,0\n", observed[] = "AVAL\nAVAR\n\n AVBL \n";
    plx_ctx ctx = plx_ctx_default();
    for (size_t n = 0; n < sizeof train; n++) {
        char a[PLX_PATH], b[PLX_PATH];
        plx_lint lint = {{0}, {""}};
        plx_err err;
        plx_err_clear(&err);
        snprintf(a, sizeof a, "%s", plx_test_file("train.csv", train, n));
        snprintf(b, sizeof b, "%s", plx_test_file("seen.txt", observed, n < sizeof observed ? n : sizeof observed - 1));
        bool ok = plx_lint_files(&ctx, a, a, b, false, &lint, &err);
        ck_assert_msg(ok || err.code == PLX_E_FORMAT || err.code == PLX_E_SCHEMA || err.code == PLX_E_TRUNCATED ||
                          err.code == PLX_E_NOTFOUND || err.code == PLX_E_ARG,
                      "%zu: %s", n, plx_test_err(&err));
        ck_assert(ok || err.what[0]);
    }
}
END_TEST

START_TEST(memory_runs_out)
{
    static const char pairs[] = "a,b,label\nAVAL,AVAR,1\nAVBL,AVBR,0\n";
    plx_ctx ctx = plx_ctx_default();
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", plx_test_file("pairs.csv", pairs, sizeof pairs - 1));
    for (size_t k = 0;; k++) {
        plx_lint lint = {{0}, {""}};
        plx_err err;
        plx_test_alloc_fail_at(k);
        bool ok = plx_lint_files(&ctx, path, path, path, false, &lint, &err);
        size_t asked = plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *lint_suite(void)
{
    Suite *s = suite_create("lint");
    TCase *t = tcase_create("leaks");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, clean_splits_are_clean);
    tcase_add_test(t, planted_leaks_are_found);
    tcase_add_test(t, nodes_of_both_parts);
    tcase_add_test(t, files_of_every_length);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}
