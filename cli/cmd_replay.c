/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus replay: does a run come out again, digit for digit?
 */
#include "cli/bench_args.h"

#include "schemas/ref.h"

enum { SHOWN = 20 };

typedef struct listing {
    plx_cli *cli;
    const plx_bench *bench;
    size_t n;
} listing;

static bool differs(void *payload, size_t cell, const char *what)
{
    listing *l = payload;
    const plx_bench_cell *c = &l->bench->cells[cell];
    if (l->n++ < SHOWN && !plx_cli_wants_json(l->cli)) {
        fprintf(l->cli->out, "differs: unit %s, fold %u, seed %llu: %s\n", l->bench->units[c->unit], c->fold,
                (unsigned long long)c->seed, what);
    }
    return true;
}

static bool replay(plx_cli *cli, const plx_value *record, int *exit_code, plx_err *err)
{
    const plx_value *identity = plx_v_get(record, "identity"), *units = plx_v_get(identity, "units");
    const char *task_name = plx_v_text(plx_v_at(identity, "task.name"));
    const char *model_name = plx_v_text(plx_v_at(identity, "model.name"));
    const char *mode_name = plx_v_get_text(identity, "metric_mode");
    const plx_value *external = plx_v_at(identity, "model.external");
    const plx_task *task;
    const plx_model *model;
    plx_params params;
    plx_metric_mode mode;
    plx_bench *bench;
    int64_t first = 0, n_seeds = 0;
    if (external && external->kind == PLX_V_BOOL && external->u.b) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the run was scored from files, which the store does not keep");
        return plx_err_next(err, "plexus score FOLDER");
    }
    if (!task_name || !model_name || !mode_name || !units || units->kind != PLX_V_ARR ||
        !plx_metric_mode_parse(mode_name, &mode) || !plx_v_as_i64(plx_v_get(identity, "first_seed"), &first) ||
        !plx_v_as_i64(plx_v_get(identity, "n_seeds"), &n_seeds)) {
        return plx_fail(err, PLX_E_SCHEMA, "the run does not say what it is of");
    }
    const char **names = plx_arena_zero(cli->arena, units->u.arr.n + 1, sizeof *names);
    for (size_t i = 0; names && i < units->u.arr.n; i++) {
        names[i] = plx_v_text(units->u.arr.items[i]);
    }
    if (!names || !plx_cli_find_task(task_name, &task, err) || !plx_cli_find_model(model_name, &model, err) ||
        !plx_params_init(model->params, model->name, &params, err) ||
        !plx_params_set_all(&params, model->name, plx_v_get_text(identity, "params"), err)) {
        return names ? false : plx_fail_nomem(err, units->u.arr.n * sizeof *names);
    }
    plx_bench_opts opts = {
        .units = names, .n_units = units->u.arr.n, .first_seed = (uint64_t)first, .n_seeds = (unsigned)n_seeds};
    if (!plx_bench_open(&cli->ctx, &cli->store, task, &opts, &bench, err)) {
        return false;
    }
    listing l = {.cli = cli, .bench = bench};
    bool ok = plx_bench_replay(bench, model, &params, mode, record, differs, &l, err);
    *exit_code = l.n ? 1 : 0;
    if (ok && plx_cli_wants_json(cli)) {
        plx_value *out = plx_v_obj(cli->arena);
        bool made = out && plx_v_set(cli->arena, out, "n_cells", plx_v_u64(cli->arena, bench->n_cells)) &&
                    plx_v_set(cli->arena, out, "n_different", plx_v_u64(cli->arena, l.n));
        ok = plx_cli_json(cli, made ? out : NULL, err);
    } else if (ok) {
        fprintf(cli->out, l.n ? "%zu of %zu cells differ\n" : "the same: %zu of %zu cells came out again\n",
                l.n ? l.n : bench->n_cells, bench->n_cells);
    }
    plx_bench_close(bench);
    return ok;
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    plx_ref ref;
    plx_digest run;
    const plx_value *result;
    (void)options;
    (void)n_args;
    if (!plx_ref_parse(args[0], &ref, err)) {
        return false;
    }
    if (ref.kind != PLX_REF_RUN) {
        plx_fail(err, PLX_E_ARG, "%s is no run", args[0]);
        return plx_err_next(err, "plexus board");
    }
    if (!plx_runs_find(&cli->store, ref.name, &run, err) ||
        !plx_runs_read(&cli->ctx, &cli->store, &run, PLX_RUN_RESULT, cli->arena, &result, err)) {
        return false;
    }
    if (!result) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is not complete", args[0]);
        return plx_err_next(err, "plexus show %s", args[0]);
    }
    return replay(cli, plx_v_get(result, "record"), exit_code, err);
}

const plx_command plx_cmd_replay = {
    .name = "replay",
    .group = "bench",
    .summary = "Run a stored run again and see whether it comes out the same",
    .usage = "replay run:HEX",
    .examples = "plexus replay run:3f2a9c\tevery cell again: splits, predictions and scores must be equal\n",
    .doc =
        "Splits, targets and predictions are compared by digest, scores and chosen parameters by value: any last digit "
        "counts. Nothing is written. Exit code 1 when a cell differs; 8 when the run is of another version of its "
        "task or model, or its data changed.",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON,
    .min_args = 1,
    .max_args = 1,
    .args_doc = "",
    .run = run,
};
