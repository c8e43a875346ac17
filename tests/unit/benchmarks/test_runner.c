/* SPDX-License-Identifier: Apache-2.0
 *
 * The runner over a made-up task: selection on validation, commits, interruptions, threads, models that misbehave.
 */
#include "benchmarks/board.h"
#include "benchmarks/runner.h"
#include "core/rng.h"
#include "formats/json.h"
#include "registry/verify.h"

#include "unit/registry/store_fixture.h"

#include <math.h>

enum { N_PAIRS = 12, SEEDS = 6, FOLDS = 2 };

static plx_store store;
static plx_ctx ctx;
static plx_err err;
static plx_arena *arena;
static const plx_tool tool = {"1", "abc", "cc", "-O2", "none"};

/* Half of the pairs are joined; which ones depends on the seed. */
static bool make_trial(const plx_ctx *c, const void *data, unsigned fold, uint64_t seed, plx_arena *a, plx_trial *out,
                       plx_err *e)
{
    (void)c, (void)data;
    uint32_t *x = plx_arena_zero(a, N_PAIRS * 2, sizeof *x);
    int32_t *label = plx_arena_zero(a, N_PAIRS, sizeof *label);
    if (!x || !label) {
        return plx_fail_nomem(e, 1);
    }
    for (uint32_t i = 0; i < N_PAIRS; i++) {
        x[i] = i;
        x[N_PAIRS + i] = i + 1;
        label[i] = (i + seed + fold) % 2;
    }
    *out = (plx_trial){.split = plx_sha256_of(&seed, sizeof seed), .target = plx_sha256_of(&fold, sizeof fold)};
    out->select = (plx_stage){.train = {.problem = PLX_PROBLEM_LINKS, .seed = seed, .label = label},
                              .query = {.n = N_PAIRS, .a = x, .b = x + N_PAIRS},
                              .label = label};
    out->final = out->select;
    return true;
}

static const plx_task_metric metrics[] = {{"roc_auc", NULL, NULL, "auc"}, {"hits", "k=1", NULL, "hits@1"}, {0}};
static const plx_task task = {.name = "made-up",
                              .version = 3,
                              .problem = PLX_PROBLEM_LINKS,
                              .metrics = metrics,
                              .n_refs = 1,
                              .n_folds = FOLDS,
                              .n_seeds = SEEDS,
                              .trial = make_trial};

static plx_bench *open_bench(unsigned n_seeds)
{
    static const char *units[] = {"one", "two"};
    static void *data[2];
    plx_bench *b = plx_alloc_zero(1, sizeof *b);
    *b = (plx_bench){.ctx = &ctx,
                     .store = &store,
                     .task = &task,
                     .arena = plx_arena_new(0),
                     .units = units,
                     .n_units = 2,
                     .data = data,
                     .n_seeds = n_seeds,
                     .n_cells = 2 * FOLDS * n_seeds};
    b->cells = plx_arena_zero(b->arena, b->n_cells, sizeof *b->cells);
    for (uint32_t i = 0; i < b->n_cells; i++) {
        b->cells[i] = (plx_bench_cell){.unit = i / (FOLDS * n_seeds), .fold = i % FOLDS, .seed = i / FOLDS % n_seeds};
    }
    b->board = plx_sha256_of(&n_seeds, sizeof n_seeds);
    return b;
}

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    arena = plx_arena_new(0);
    fx_store("store", &store);
}

static void teardown(void)
{
    plx_store_close(&store);
    plx_arena_free(arena);
}

/* Right in a share of the pairs that grows with `skill`. */
static bool guess(const plx_ctx *c, const plx_train *train, const plx_params *params, const void *state,
                  const plx_query *query, plx_answer *answer, plx_err *e)
{
    (void)c, (void)state, (void)e;
    int64_t skill = plx_params_int(params, "skill");
    plx_rng rng = plx_rng_stream(train->seed, "guess", 0);
    for (size_t i = 0; i < query->n; i++) {
        bool knows = plx_rng_below(&rng, 10) < (uint64_t)skill;
        answer->score[i] = knows ? (double)train->label[i] : plx_rng_f64(&rng);
    }
    return true;
}

static const plx_param skills[] = {
    {"skill", PLX_PARAM_INT, "0", 0, 10, NULL, "1 9 4", "How much it knows."},
    {0},
};
static const plx_model model = {.name = "guess",
                                .version = 1,
                                .solves = PLX_PROBLEM_LINKS,
                                .random = true,
                                .reference = "",
                                .params = skills,
                                .predict = guess};

static plx_run_report run_it(const plx_model *m, unsigned jobs, unsigned n_seeds, bool ok)
{
    plx_params params;
    plx_run_subject subject = {.model = m, .params = &params};
    plx_run_report report = {0};
    plx_bench *b = open_bench(n_seeds);
    ctx.jobs = jobs;
    plx_err_clear(&err);
    OK(plx_params_init(m->params, m->name, &params, &err));
    ck_assert_msg(plx_bench_run(b, &subject, PLX_METRIC_REFERENCE, &tool, arena, &report, &err) == ok, "%s",
                  plx_test_err(&err));
    plx_bench_close(b);
    return report;
}

static char *record_text(const plx_run_report *report)
{
    plx_sb sb = {0};
    OK(plx_json_write(plx_v_get(report->result, "record"), true, &sb, &err));
    return plx_sb_take(&sb);
}

static bool count_finding(void *payload, const plx_finding *finding)
{
    (void)finding;
    ++*(size_t *)payload;
    return true;
}

static void sound(void)
{
    size_t n = 0;
    plx_verify_stats stats;
    OK(plx_verify(&ctx, &store, NULL, false, count_finding, &n, &stats, &err));
    ck_assert_uint_eq(n, 0);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}

START_TEST(record_is_the_same_for_any_jobs)
{
    plx_run_report one = run_it(&model, 1, SEEDS, true);
    char *a = record_text(&one), *b;
    bool was_there;
    ck_assert(!one.was_complete);
    ck_assert_uint_eq(one.n_before, 0);
    sound();
    plx_run_report again = run_it(&model, 1, SEEDS, true);
    ck_assert(again.was_complete);
    b = record_text(&again);
    ck_assert_str_eq(a, b);
    plx_free(b);
    OK(plx_runs_remove(&store, &one.run, &was_there, &err));
    plx_run_report four = run_it(&model, 4, SEEDS, true);
    ck_assert(plx_digest_eq(&one.run, &four.run));
    b = record_text(&four);
    ck_assert_str_eq(a, b);
    plx_free(a);
    plx_free(b);
}
END_TEST

START_TEST(parameters_come_from_validation)
{
    plx_run_report r = run_it(&model, 2, SEEDS, true);
    const plx_value *cells = plx_v_at(r.result, "record.cells");
    ck_assert_uint_eq(cells->u.arr.n, 2 * FOLDS * SEEDS);
    for (size_t i = 0; i < cells->u.arr.n; i++) {
        ck_assert_str_eq(plx_v_get_text(cells->u.arr.items[i], "params"), "skill=9");
        double valid, test;
        ck_assert(plx_v_as_f64(plx_v_at(cells->u.arr.items[i], "valid.auc"), &valid));
        ck_assert(plx_v_as_f64(plx_v_at(cells->u.arr.items[i], "test.auc"), &test));
        ck_assert_double_eq(valid, test); /* both stages of this task are the same */
    }
    /* Said by hand, it is not chosen, and that is another run. */
    plx_params params;
    plx_run_subject subject = {.model = &model, .params = &params};
    plx_run_report by_hand;
    plx_bench *b = open_bench(SEEDS);
    OK(plx_params_init(skills, "guess", &params, &err));
    OK(plx_params_set(&params, "guess", "skill=4", &err));
    OK(plx_bench_run(b, &subject, PLX_METRIC_REFERENCE, &tool, arena, &by_hand, &err));
    ck_assert(!plx_digest_eq(&r.run, &by_hand.run));
    ck_assert_str_eq(plx_v_text(plx_v_at(by_hand.result, "record.identity.params")), "skill=4");
    plx_run_report strict;
    OK(plx_bench_run(b, &subject, PLX_METRIC_STRICT, &tool, arena, &strict, &err));
    ck_assert(!plx_digest_eq(&strict.run, &by_hand.run));
    plx_bench_close(b);
}
END_TEST

START_TEST(means_are_over_folds_then_units_then_seeds)
{
    plx_run_report r = run_it(&model, 1, SEEDS, true);
    const plx_value *cells = plx_v_at(r.result, "record.cells"), *scores = plx_v_at(r.result, "record.scores");
    double by_seed[SEEDS] = {0}, mean = 0, square = 0, got_mean, got_std;
    for (size_t i = 0; i < cells->u.arr.n; i++) {
        double x;
        int64_t seed;
        ck_assert(plx_v_as_f64(plx_v_at(cells->u.arr.items[i], "test.auc"), &x));
        ck_assert(plx_v_as_i64(plx_v_get(cells->u.arr.items[i], "seed"), &seed));
        by_seed[seed] += x / (2 * FOLDS);
    }
    for (size_t s = 0; s < SEEDS; s++) {
        mean += by_seed[s] / SEEDS;
    }
    for (size_t s = 0; s < SEEDS; s++) {
        square += (by_seed[s] - mean) * (by_seed[s] - mean);
    }
    const plx_value *all = scores->u.arr.items[0];
    ck_assert_str_eq(plx_v_get_text(all, "name"), "auc");
    ck_assert_str_eq(plx_v_get_text(all, "unit"), "");
    ck_assert(plx_v_as_f64(plx_v_get(all, "mean"), &got_mean) && plx_v_as_f64(plx_v_get(all, "std"), &got_std));
    ck_assert_double_eq_tol(got_mean, mean, 1e-14);
    ck_assert_double_eq_tol(got_std, sqrt(square / (SEEDS - 1)), 1e-14);
    ck_assert_uint_eq(scores->u.arr.n, 2 * 3);
}
END_TEST

static int fails_left;
static bool faint(const plx_ctx *c, const plx_train *train, const plx_params *params, const void *state,
                  const plx_query *query, plx_answer *answer, plx_err *e)
{
    if (train->seed == 3 && fails_left-- > 0) {
        return plx_fail(e, PLX_E_LIMIT, "had enough");
    }
    return guess(c, train, params, state, query, answer, e);
}

START_TEST(interrupted_runs_go_on)
{
    plx_model m = model;
    m.params = NULL;
    m.name = "faint";
    m.predict = faint;
    fails_left = 0;
    plx_run_report whole = run_it(&m, 1, SEEDS, true);
    char *expected = record_text(&whole), *text;
    bool was_there;
    plx_board *boards;
    size_t n;
    OK(plx_runs_remove(&store, &whole.run, &was_there, &err));
    fails_left = 1;
    run_it(&m, 1, SEEDS, false);
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "seed 3"));
    ck_assert_ptr_nonnull(strstr(err.kept, "6 of 24 cells"));
    sound();
    OK(plx_boards_make(&ctx, &store, NULL, arena, &boards, &n, &err));
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(boards[0].rows[0].rank, 0);
    ck_assert_str_eq(boards[0].rows[0].why, "18 of 24 cells are missing");
    ck_assert(!boards[0].rows[0].complete);
    plx_run_report rest = run_it(&m, 1, SEEDS, true);
    ck_assert_uint_eq(rest.n_before, 6);
    OK(plx_boards_make(&ctx, &store, NULL, arena, &boards, &n, &err));
    ck_assert(boards[0].rows[0].complete && boards[0].rows[0].why[0] == '\0');
    text = record_text(&rest);
    ck_assert_str_eq(text, expected);
    sound();
    /* Cells that an interruption left beside the result go with the next start. */
    char left[PLX_PATH], hex[PLX_SHA256_HEX + 1], rel[128];
    plx_digest_hex(&rest.run, hex);
    snprintf(rel, sizeof rel, "runs/%s/cells", hex);
    fx_path(left, store.root, rel);
    OK(plx_fs_mkdirs(left, &err));
    run_it(&m, 1, SEEDS, true);
    ck_assert(!plx_fs_exists(left));
    plx_free(expected);
    plx_free(text);
}
END_TEST

static bool says_nothing(const plx_ctx *c, const plx_train *train, const plx_params *params, const void *state,
                         const plx_query *query, plx_answer *answer, plx_err *e)
{
    (void)c, (void)train, (void)params, (void)state, (void)query, (void)answer, (void)e;
    return false;
}

static bool leaves_out(const plx_ctx *c, const plx_train *train, const plx_params *params, const void *state,
                       const plx_query *query, plx_answer *answer, plx_err *e)
{
    (void)c, (void)train, (void)params, (void)state, (void)e;
    for (size_t i = 0; i + 1 < query->n; i++) {
        answer->score[i] = 0;
    }
    return true;
}

START_TEST(models_that_misbehave_are_named)
{
    plx_model m = {.name = "odd", .version = 1, .solves = PLX_PROBLEM_LINKS, .reference = "", .predict = says_nothing};
    run_it(&m, 2, 1, false);
    ck_assert_int_eq(err.code, PLX_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.what, "the model odd"));
    m.predict = leaves_out;
    run_it(&m, 2, 1, false);
    ck_assert_int_eq(err.code, PLX_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.what, "the model odd"));
    m.solves = PLX_PROBLEM_TYPES;
    run_it(&m, 2, 1, false);
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    m.solves = PLX_PROBLEM_LINKS;
    m.uses = PLX_USES_POSITIONS;
    run_it(&m, 2, 1, false);
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(err.why, "positions"));
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}
END_TEST

static bool all_equal(const plx_ctx *c, const plx_train *train, const plx_params *params, const void *state,
                      const plx_query *query, plx_answer *answer, plx_err *e)
{
    (void)c, (void)train, (void)params, (void)state, (void)e;
    for (size_t i = 0; i < query->n; i++) {
        answer->score[i] = 1;
    }
    return true;
}

START_TEST(boards_rank_what_is_comparable)
{
    plx_model twin = {
        .name = "all-equal", .version = 1, .solves = PLX_PROBLEM_LINKS, .reference = "", .predict = all_equal};
    plx_board *boards;
    size_t n;
    run_it(&model, 2, SEEDS, true);
    run_it(&twin, 2, SEEDS, true);
    twin.name = "all-equal-too";
    run_it(&twin, 2, SEEDS, true);
    run_it(&twin, 2, 2, true); /* other seeds: another board */
    OK(plx_boards_make(&ctx, &store, "made-up", arena, &boards, &n, &err));
    ck_assert_uint_eq(n, 2);
    const plx_board *b = boards[0].n_rows == 3 ? &boards[0] : &boards[1];
    ck_assert_uint_eq(b->n_rows, 3);
    ck_assert_str_eq(b->rows[0].model, "guess");
    ck_assert_uint_eq(b->rows[0].rank, 1);
    ck_assert_uint_eq(b->rows[1].rank, 2);
    ck_assert_uint_eq(b->rows[2].rank, 2); /* equal scores share a rank */
    ck_assert_double_eq(b->rows[1].scores[0].mean, 0.5);
    OK(plx_boards_make(&ctx, &store, "another", arena, &boards, &n, &err));
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(memory_runs_out)
{
    plx_params params;
    plx_run_subject subject = {.model = &model, .params = &params};
    OK(plx_params_init(skills, "guess", &params, &err));
    for (size_t k = 0;; k++) {
        plx_bench *b = open_bench(1);
        plx_arena *a = plx_arena_new(0);
        plx_run_report report;
        bool was_there;
        plx_test_alloc_fail_at(k);
        bool ok = plx_bench_run(b, &subject, PLX_METRIC_REFERENCE, &tool, a, &report, &err);
        size_t asked = plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(fx_count(&store, "partial"), 0);
        if (ok) {
            OK(plx_runs_remove(&store, &report.run, &was_there, &err));
        }
        plx_bench_close(b);
        plx_arena_free(a);
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *runner_suite(void)
{
    Suite *s = suite_create("runner");
    TCase *t = tcase_create("runs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, record_is_the_same_for_any_jobs);
    tcase_add_test(t, parameters_come_from_validation);
    tcase_add_test(t, means_are_over_folds_then_units_then_seeds);
    tcase_add_test(t, interrupted_runs_go_on);
    tcase_add_test(t, models_that_misbehave_are_named);
    tcase_add_test(t, boards_rank_what_is_comparable);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}
