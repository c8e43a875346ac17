/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders of predictions: what is written is read back, every prefix of a file is told or right, failing memory leaves
 * nothing behind.
 */
#include "benchmarks/submission.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

enum { N = 5 };
static const uint32_t node_a[N] = {0, 0, 1, 2, 0}, node_b[N] = {1, 2, 3, 3, 3};
static const int32_t label[N] = {1, 0, 1, 0, 1};
static plx_ctx ctx;
static plx_err err;

static bool make_trial(const plx_ctx *c, const void *data, unsigned fold, uint64_t seed, plx_arena *arena,
                       plx_trial *out, plx_err *e)
{
    static const plx_slice names[] = {{"AVAL", 4}, {"AVAR", 4}, {"a,b", 3}, {"x\"y", 3}};
    (void)c, (void)data, (void)fold, (void)seed, (void)arena, (void)e;
    *out = (plx_trial){.n_nodes = 4, .node_label = names};
    out->final.train = (plx_train){.problem = PLX_PROBLEM_LINKS, .n = 2, .a = node_a, .b = node_b, .label = label};
    out->final.query = (plx_query){.n = N, .a = node_a, .b = node_b};
    out->final.label = label;
    return true;
}

static const plx_task task = {
    .name = "t", .version = 1, .problem = PLX_PROBLEM_LINKS, .n_folds = 2, .trial = make_trial};
static const char *units[] = {"family/one->family/two#u"};
static void *data[1];
static plx_bench_cell cells[2] = {{.fold = 0, .seed = 7}, {.fold = 1, .seed = 7}};
static plx_bench bench;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    bench = (plx_bench){.ctx = &ctx,
                        .task = &task,
                        .n_units = 1,
                        .units = units,
                        .data = data,
                        .first_seed = 7,
                        .n_seeds = 1,
                        .n_cells = 2,
                        .cells = cells};
}

static const char *dir_of(const char *name)
{
    static char dir[PLX_PATH];
    ck_assert(plx_path_join(dir, plx_test_dir(), name, NULL));
    return dir;
}

static bool open_it(const char *dir, plx_submission *s, plx_violations *found)
{
    bool usable = false;
    *found = (plx_violations){0};
    ck_assert_msg(plx_submission_open(&bench, dir, s, found, &usable, &err), "%s", plx_test_err(&err));
    ck_assert_int_eq(usable, found->n == 0);
    return usable;
}

static void put(const char *dir, const char *name, const void *bytes, size_t len)
{
    char path[PLX_PATH];
    ck_assert(plx_path_join(path, dir, name, NULL));
    ck_assert(plx_fs_replace(path, bytes, len, &err));
}

START_TEST(written_and_read_back)
{
    double a[N] = {1, 2, 3, 4, 5};
    float b[N] = {5, 4, 3, 2, 0.5F};
    plx_reals score[2] = {{PLX_F64, N, a}, {PLX_F32, N, b}};
    plx_submission s;
    plx_violations found;
    plx_submission_head head;
    char stem[PLX_PATH];
    plx_arena *arena = plx_arena_new(0);
    plx_submission_stem(&bench, 1, stem);
    ck_assert_str_eq(stem, "family.one-to-family.two.u/seed-7.fold-1");
    ck_assert_msg(plx_submission_write(&bench, dir_of("sub"), "mine", score, &err), "%s", plx_test_err(&err));
    ck_assert(!plx_submission_write(&bench, dir_of("sub"), "mine", score, &err));
    ck_assert_int_eq(err.code, PLX_E_POLICY);
    ck_assert(open_it(dir_of("sub"), &s, &found));
    for (size_t i = 0; i < N; i++) {
        ck_assert_double_eq(plx_reals_at(&s.score[0], i), a[i]);
        ck_assert_double_eq(plx_reals_at(&s.score[1], i), (double)b[i]);
    }
    plx_submission_close(&s);
    ck_assert(plx_submission_read_head(&ctx, dir_of("sub"), arena, &head, &err));
    ck_assert_str_eq(head.model, "mine");
    ck_assert_str_eq(head.units[0], units[0]);
    ck_assert_uint_eq(head.first_seed, 7);
    ck_assert(plx_submission_check_board(&bench, &head, &err));
    bench.board.bytes[0] ^= 1;
    ck_assert(!plx_submission_check_board(&bench, &head, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    plx_arena_free(arena);
}
END_TEST

/* Names with commas and quotes, any order, either way round. */
static const char good[] =
    "score,b,a\n1,AVAL,AVAR\n2,AVAL,\"a,b\"\n3,\"x\"\"y\",AVAR\n4,\"a,b\",\"x\"\"y\"\n5e-1,\"x\"\"y\",AVAL\n";

START_TEST(every_prefix_of_a_table)
{
    static const double expected[N] = {1, 2, 3, 4, 0.5};
    plx_submission s;
    plx_violations found;
    const char *dir = dir_of("prefix");
    ck_assert(plx_submission_write(&bench, dir, "mine", NULL, &err));
    put(dir, "family.one-to-family.two.u/seed-7.fold-1.csv", good, sizeof good - 1);
    for (size_t n = 0; n < sizeof good; n++) {
        put(dir, "family.one-to-family.two.u/seed-7.fold-0.csv", good, n);
        bool usable = open_it(dir, &s, &found);
        ck_assert_msg(usable == (n >= sizeof good - 2), "%zu bytes", n); /* the last newline may be missing */
        for (size_t i = 0; usable && i < N; i++) {
            ck_assert_double_eq(plx_reals_at(&s.score[0], i), expected[i]);
        }
        plx_submission_close(&s);
    }
}
END_TEST

START_TEST(all_that_is_wrong_is_told)
{
    static const char bad[] = "a,b,score\nAVAL,AVAR,1\nAVAR,AVAL,2\nAVAL,q,3\nAVAL,\"a,b\",inf\n";
    plx_submission s;
    plx_violations found;
    const char *dir = dir_of("wrong");
    ck_assert(plx_submission_write(&bench, dir, "mine", NULL, &err));
    put(dir, "family.one-to-family.two.u/seed-7.fold-0.csv", bad, sizeof bad - 1);
    put(dir, "family.one-to-family.two.u/seed-9.fold-0.csv", bad, sizeof bad - 1);
    put(dir, "family.one-to-family.two.u/seed-7.fold-0.npy", "x", 1);
    ck_assert(!open_it(dir, &s, &found));
    ck_assert_ptr_nonnull(strstr(found.text[0], "as .npy and as .csv"));
    ck_assert_ptr_nonnull(strstr(found.text[1], "is missing"));
    ck_assert_ptr_nonnull(strstr(found.text[2], "seed-9.fold-0.csv belongs to no cell"));
    ck_assert_uint_eq(found.n, 3);
    plx_submission_close(&s);
    char path[PLX_PATH];
    ck_assert(plx_path_join(path, dir, "family.one-to-family.two.u/seed-7.fold-0.npy", NULL));
    ck_assert(plx_fs_remove_tree(path, &err));
    ck_assert(!open_it(dir, &s, &found));
    ck_assert_ptr_nonnull(strstr(found.text[0], "line 3: AVAR,AVAL is there twice"));
    ck_assert_ptr_nonnull(strstr(found.text[1], "line 4: AVAL,q is not asked about"));
    ck_assert_ptr_nonnull(strstr(found.text[2], "lacks 3 of 5 items"));
    ck_assert_ptr_nonnull(strstr(found.text[3], "is not a finite number"));
    plx_submission_close(&s);
}
END_TEST

START_TEST(memory_runs_out)
{
    const char *dir = dir_of("memory");
    double a[N] = {1, 2, 3, 4, 5};
    plx_reals score[2] = {{PLX_F64, N, a}, {PLX_F64, N, a}};
    for (size_t k = 0;; k++) {
        plx_test_alloc_fail_at(k);
        bool ok = plx_submission_write(&bench, dir, "mine", score, &err);
        size_t asked = plx_test_alloc_ok();
        ck_assert(ok || err.code == PLX_E_NOMEM);
        ck_assert(ok == plx_fs_exists(dir)); /* whole or not at all */
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
        ck_assert(plx_fs_remove_tree(dir, &err));
    }
    char path[PLX_PATH];
    ck_assert(plx_path_join(path, dir, "family.one-to-family.two.u/seed-7.fold-0.npy", NULL));
    ck_assert(plx_fs_remove_tree(path, &err));
    put(dir, "family.one-to-family.two.u/seed-7.fold-0.csv", good, sizeof good - 1);
    for (size_t k = 0;; k++) {
        plx_submission s;
        plx_violations found = {0};
        bool usable = false;
        plx_test_alloc_fail_at(k);
        bool ok = plx_submission_open(&bench, dir, &s, &found, &usable, &err);
        size_t asked = plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        plx_submission_close(&s);
        if (asked <= k) {
            ck_assert(ok && usable);
            break;
        }
    }
}
END_TEST

Suite *submission_suite(void)
{
    Suite *s = suite_create("submission");
    TCase *t = tcase_create("folders");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, written_and_read_back);
    tcase_add_test(t, every_prefix_of_a_table);
    tcase_add_test(t, all_that_is_wrong_is_told);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}
