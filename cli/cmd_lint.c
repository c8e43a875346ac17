/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus lint: does the test leak into training?
 */
#include "cli/bench_args.h"

#include "benchmarks/lint.h"

typedef struct lint_opts {
    plx_opt_list units;
    const char *train, *test, *observable;
    bool directed;
    int64_t seeds;
} lint_opts;

static const plx_opt opts_table[] = {
    {"on", 0, PLX_OPT_LIST, offsetof(lint_opts, units), "UNIT", NULL,
     "Data to use instead of the task's own, as for plexus run."},
    {"seeds", 0, PLX_OPT_INT, offsetof(lint_opts, seeds), "N", NULL, "How many seeds; 0 is what the task says."},
    {"train", 0, PLX_OPT_TEXT, offsetof(lint_opts, train), "FILE", NULL, "A table of training pairs: a,b and label."},
    {"test", 0, PLX_OPT_TEXT, offsetof(lint_opts, test), "FILE", NULL, "A table of test pairs: a,b and label."},
    {"observable", 0, PLX_OPT_TEXT, offsetof(lint_opts, observable), "FILE", NULL,
     "Names of nodes that could be seen, one a line; without it all are."},
    {"directed", 0, PLX_OPT_FLAG, offsetof(lint_opts, directed), NULL, NULL,
     "Pairs of the tables are ordered: then the way back of a test pair in training is a leak of its own."},
    {0},
};

static bool check(plx_cli *cli, const lint_opts *opts, const char *task_name, plx_lint *lint, plx_err *err)
{
    const plx_task *task;
    plx_bench *bench;
    if (!task_name) {
        if (!opts->train || !opts->test) {
            return plx_fail(err, PLX_E_ARG, "name a task, or tables by --train and --test");
        }
        return plx_lint_files(&cli->ctx, opts->train, opts->test, opts->observable, opts->directed, lint, err);
    }
    if (opts->train || opts->test || opts->observable || opts->directed) {
        return plx_fail(err, PLX_E_ARG,
                        "a task has its own pairs: --train, --test, --observable and --directed go without one");
    }
    if (!plx_cli_find_task(task_name, &task, err)) {
        return false;
    }
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no store at %s", cli->store_dir);
        return plx_err_next(err, "plexus get %s", task->units[0]);
    }
    if (opts->seeds < 0 || opts->seeds > 1000) {
        return plx_fail(err, PLX_E_ARG, "--seeds is a number from 0 to 1000");
    }
    plx_bench_opts bench_opts = {.units = opts->units.n ? opts->units.items : NULL,
                                 .n_units = opts->units.n,
                                 .first_seed = cli->g.seed > 0 ? (uint64_t)cli->g.seed : 0,
                                 .n_seeds = (unsigned)opts->seeds};
    if (!plx_bench_open(&cli->ctx, &cli->store, task, &bench_opts, &bench, err)) {
        return false;
    }
    bool ok = plx_lint_bench(bench, lint, err);
    plx_bench_close(bench);
    return ok;
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    plx_lint *lint = plx_arena_zero(cli->arena, 1, sizeof *lint);
    plx_arena *a = cli->arena;
    plx_value *list = plx_v_arr(a);
    size_t n = 0;
    if (!lint || !list) {
        return plx_fail_nomem(err, sizeof *lint);
    }
    if (!check(cli, options, n_args ? args[0] : NULL, lint, err)) {
        return false;
    }
    for (size_t i = 0; i < PLX_N_LEAKS; i++) {
        if (lint->n[i] == 0) {
            continue;
        }
        n++;
        if (!plx_cli_wants_json(cli)) {
            fprintf(cli->out, "%-22s %zu: %s, such as %s\n", plx_leak_name((plx_leak)i), lint->n[i],
                    plx_leak_doc((plx_leak)i), lint->first[i]);
            continue;
        }
        plx_value *item = plx_v_obj(a);
        if (!item || !plx_v_set(a, item, "leak", plx_v_str(a, plx_leak_name((plx_leak)i))) ||
            !plx_v_set(a, item, "n", plx_v_u64(a, lint->n[i])) ||
            !plx_v_set(a, item, "first", plx_v_str(a, lint->first[i])) || !plx_v_push(a, list, item)) {
            return plx_fail_nomem(err, sizeof *item);
        }
    }
    *exit_code = n ? 1 : 0;
    if (plx_cli_wants_json(cli)) {
        return plx_cli_json(cli, list, err);
    }
    if (n == 0) {
        fputs("clean: nothing of the test is in training\n", cli->out);
    }
    return true;
}

const plx_command plx_cmd_lint = {
    .name = "lint",
    .group = "bench",
    .summary = "Does the test leak into training?",
    .usage = "lint TASK [--on UNIT] | lint --train FILE --test FILE [--observable FILE] [--directed]",
    .examples = "plexus lint connectome-link\tall cells of a task\n"
                "plexus lint --train train.csv --test test.csv --directed\ttables of your own: a,b and label\n",
    .doc =
        "Looks for test items that are learned from, the way back of a test pair in training, test pairs in the wiring "
        "to learn from, pairs that are positive and negative, items that are there twice, and negatives with a cell "
        "that the imaged volume does not hold, of which nobody can know that they are negatives. Without --directed "
        "a,b and b,a are one pair. Exit code 1 when anything leaks.",
    .needs = PLX_MAY_STORE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(lint_opts),
    .max_args = 1,
    .args_doc = "task",
    .run = run,
};
