/* SPDX-License-Identifier: Apache-2.0
 *
 * Predictions from anywhere: submission.json, a .csv and a .npy of scores, over a made-up task. What is accepted has a
 * finite score for every item; what is not is told. The first byte says which file the input is.
 */
#include "fuzz/fuzz.h"

#include "benchmarks/lint.h"
#include "benchmarks/submission.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 4 };
static const uint32_t node_a[N] = {0, 0, 1, 2}, node_b[N] = {1, 2, 3, 3};
static const int32_t label[N] = {1, 0, 1, 0};

static bool make_trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena,
                       plx_trial *out, plx_err *err)
{
    static const plx_slice names[] = {{"AVAL", 4}, {"AVAR", 4}, {"a,b", 3}, {"x", 1}};
    (void)ctx, (void)data, (void)fold, (void)seed, (void)arena, (void)err;
    *out = (plx_trial){.n_nodes = 4, .node_label = names};
    out->final.train = (plx_train){.problem = PLX_PROBLEM_LINKS};
    out->final.query = (plx_query){.n = N, .a = node_a, .b = node_b};
    out->final.label = label;
    return true;
}

static void predictions(const plx_ctx *ctx, const char *dir)
{
    static const plx_task task = {
        .name = "t", .version = 1, .problem = PLX_PROBLEM_LINKS, .n_folds = 1, .trial = make_trial};
    static const char *units[] = {"u"};
    static void *data[1];
    plx_bench_cell cell = {0};
    plx_bench bench = {.ctx = ctx,
                       .task = &task,
                       .n_units = 1,
                       .units = units,
                       .data = data,
                       .n_cells = 1,
                       .cells = &cell,
                       .n_seeds = 1};
    plx_submission submission;
    plx_violations found = {0};
    plx_err err = {0};
    bool usable = false;
    bool ok = plx_submission_open(&bench, dir, &submission, &found, &usable, &err);
    PLX_FUZZ_EXPECT(ok ? usable == (found.n == 0) : err.what[0] != '\0');
    if (ok && usable) {
        PLX_FUZZ_EXPECT(submission.score[0].n == N);
        for (size_t i = 0; i < N; i++) {
            PLX_FUZZ_EXPECT(isfinite(plx_reals_at(&submission.score[0], i)));
        }
    }
    plx_submission_close(&submission);
}

static void head(const plx_ctx *ctx, const char *dir)
{
    plx_submission_head out;
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    if (plx_submission_read_head(ctx, dir, arena, &out, &err)) {
        PLX_FUZZ_EXPECT(out.task && out.model && out.model[0] && out.n_units > 0 && out.n_seeds > 0);
    } else {
        PLX_FUZZ_EXPECT(err.what[0] != '\0');
    }
    plx_arena_free(arena);
}

static void pairs(const plx_ctx *ctx, const char *path)
{
    plx_lint lint = {{0}, {""}};
    plx_err err = {0};
    PLX_FUZZ_EXPECT(plx_lint_files(ctx, path, path, path, false, &lint, &err) || err.what[0] != '\0');
}

static void put(const char *dir, const char *name, const uint8_t *data, size_t size, char path[512])
{
    snprintf(path, 512, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    PLX_FUZZ_EXPECT(f && fwrite(data, 1, size, f) == size);
    fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"submission.json", "u/seed-0.csv", "u/seed-0.npy", "pairs.csv"};
    plx_ctx ctx = plx_fuzz_ctx();
    char dir[] = "/dev/shm/plexus-fuzz.XXXXXX", path[512], unit[512];
    if (size == 0) {
        return 0;
    }
    PLX_FUZZ_EXPECT(mkdtemp(dir));
    snprintf(unit, sizeof unit, "%s/u", dir);
    PLX_FUZZ_EXPECT(mkdir(unit, 0700) == 0);
    unsigned which = data[0] % 4;
    put(dir, names[which], data + 1, size - 1, path);
    if (which == 0) {
        head(&ctx, dir);
    } else if (which < 3) {
        predictions(&ctx, dir);
    } else {
        pairs(&ctx, path);
    }
    unlink(path);
    rmdir(unit);
    rmdir(dir);
    return 0;
}
