/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus run: models on a task, cell by cell.
 */
#include "cli/bench_args.h"

#include "registry/catalog.h"

#include <math.h>

typedef struct run_opts {
    plx_opt_list units, params;
    int64_t seeds;
    const char *metrics, *split;
} run_opts;

static const plx_opt opts_table[] = {
    {"on", 0, PLX_OPT_LIST, offsetof(run_opts, units), "UNIT", NULL,
     "Data to run on instead of the task's own: a data set, or two joined by ->. May be given again."},
    {"seeds", 0, PLX_OPT_INT, offsetof(run_opts, seeds), "N", NULL,
     "How many seeds, from --seed on; 0, the default, is what the task says."},
    {"split", 0, PLX_OPT_TEXT, offsetof(run_opts, split), "NAME", NULL,
     "For tasks with official splits, which of them to ask about: test, the default, val or train."},
    {"set", 0, PLX_OPT_LIST, offsetof(run_opts, params), "NAME=VALUE", NULL,
     "A parameter of the model, which is then not chosen on validation. For one model at a time."},
    {"metrics", 0, PLX_OPT_CHOICE, offsetof(run_opts, metrics), NULL, "reference|strict",
     "reference, the default, equals the reference implementations digit for digit; strict mends their quirks."},
    {0},
};
static const run_opts defaults = {.metrics = "reference"};

/* Named models, or all that answer the task. */
static bool choose_models(plx_cli *cli, const plx_task *task, const char *const *names, size_t n,
                          const plx_model ***out, size_t *n_out, plx_err *err)
{
    size_t n_all = 0;
    while (plx_models[n_all]) {
        n_all++;
    }
    *out = plx_arena_zero(cli->arena, n + n_all + 1, sizeof **out);
    *n_out = 0;
    if (!*out) {
        return plx_fail_nomem(err, n_all * sizeof **out);
    }
    for (size_t i = 0; i < n; i++) {
        if (!plx_cli_find_model(names[i], &(*out)[*n_out], err) || !plx_bench_accepts(task, (*out)[*n_out], err)) {
            return false;
        }
        *n_out += 1;
    }
    for (size_t i = 0; n == 0 && i < n_all; i++) {
        if (plx_bench_accepts(task, plx_models[i], NULL)) {
            (*out)[(*n_out)++] = plx_models[i];
        }
    }
    return true;
}

static bool set_params(const plx_model *model, const run_opts *opts, plx_params *params, plx_err *err)
{
    char owner[96];
    snprintf(owner, sizeof owner, "the model %s", model->name);
    bool ok = plx_params_init(model->params, owner, params, err);
    for (size_t i = 0; ok && i < opts->params.n; i++) {
        ok = plx_params_set(params, owner, opts->params.items[i], err);
    }
    return ok || plx_err_next(err, "plexus show model:%s", model->name);
}

/* Of all units and the first metric. */
static void first_score(const plx_value *result, double *mean, double *std)
{
    const plx_value *list = plx_v_at(result, "record.scores");
    const plx_value *first = list && list->kind == PLX_V_ARR && list->u.arr.n ? list->u.arr.items[0] : NULL;
    *mean = *std = (double)NAN;
    plx_v_as_f64(plx_v_get(first, "mean"), mean);
    plx_v_as_f64(plx_v_get(first, "std"), std);
}

static void print_line(plx_cli *cli, const plx_bench *bench, const char *name, const plx_run_report *report)
{
    char hex[PLX_SHA256_HEX + 1], score[48], before[64] = "";
    double mean, std;
    plx_digest_hex(&report->run, hex);
    first_score(report->result, &mean, &std);
    plx_cli_score_text(mean, std, score);
    if (report->was_complete) {
        snprintf(before, sizeof before, ", all there before");
    } else if (report->n_before) {
        snprintf(before, sizeof before, ", %zu there before", report->n_before);
    }
    fprintf(cli->out, "%-26s %s %s  (%zu cells%s)  run:%.12s\n", name, bench->task->metrics[0].label, score,
            bench->n_cells, before, hex);
}

static plx_value *to_json(plx_arena *a, const char *name, const plx_bench *bench, const plx_run_report *report)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_value *out = plx_v_obj(a), *scores = plx_arena_zero(a, 1, sizeof *scores);
    const plx_value *found = plx_v_at(report->result, "record.scores");
    plx_digest_hex(&report->run, hex);
    if (scores && found) {
        *scores = *found;
    }
    bool ok = out && plx_v_set(a, out, "model", plx_v_str(a, name)) && plx_v_set(a, out, "run", plx_v_str(a, hex)) &&
              plx_v_set(a, out, "task", plx_v_str(a, bench->task->name)) &&
              plx_v_set(a, out, "n_cells", plx_v_u64(a, bench->n_cells)) &&
              plx_v_set(a, out, "n_before", plx_v_u64(a, report->n_before)) && plx_v_set(a, out, "scores", scores);
    return ok ? out : NULL;
}

static bool describe(plx_cli *cli, const plx_bench *bench, const plx_model *const *models, size_t n)
{
    fprintf(cli->out, "%s, version %d: %zu units, %u folds, %u seeds, %zu cells for each model\n", bench->task->name,
            bench->task->version, bench->n_units, bench->task->n_folds, bench->n_seeds, bench->n_cells);
    for (size_t i = 0; i < bench->n_units; i++) {
        fprintf(cli->out, "  unit   %s\n", bench->units[i]);
    }
    for (size_t i = 0; i < n; i++) {
        fprintf(cli->out, "  model  %s\n", models[i]->name);
    }
    return true;
}

static bool run_models(plx_cli *cli, const run_opts *opts, plx_bench *bench, const plx_model *const *models, size_t n,
                       plx_err *err)
{
    plx_tool tool;
    plx_metric_mode mode;
    plx_value *list = plx_v_arr(cli->arena);
    if (!list || !plx_metric_mode_parse(opts->metrics, &mode)) {
        return plx_fail_nomem(err, sizeof *list);
    }
    if (!plx_cli_tool(cli, &tool, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        plx_params params;
        plx_run_subject subject = {.model = models[i], .params = &params};
        plx_run_report report;
        if (!set_params(models[i], opts, &params, err) ||
            !plx_bench_run(bench, &subject, mode, &tool, cli->arena, &report, err)) {
            return false;
        }
        if (!plx_cli_wants_json(cli)) {
            print_line(cli, bench, models[i]->name, &report);
            fflush(cli->out);
        } else if (!plx_v_push(cli->arena, list, to_json(cli->arena, models[i]->name, bench, &report))) {
            return plx_fail_nomem(err, sizeof *list);
        }
    }
    return !plx_cli_wants_json(cli) || plx_cli_json(cli, list, err);
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const run_opts *opts = options;
    const plx_task *task;
    const plx_model **models;
    size_t n;
    (void)exit_code;
    if (!plx_cli_find_task(args[0], &task, err) || !choose_models(cli, task, args + 1, n_args - 1, &models, &n, err)) {
        return false;
    }
    if (opts->params.n && n != 1) {
        return plx_fail(err, PLX_E_ARG, "--set is for one model, and %zu are to run", n);
    }
    if (opts->seeds < 0 || opts->seeds > 1000 || cli->g.seed < 0) {
        return plx_fail(err, PLX_E_ARG, "--seeds is a number from 0 to 1000, and --seed is not negative");
    }
    plx_params params;
    for (size_t i = 0; i < n; i++) {
        if (!set_params(models[i], opts, &params, err)) {
            return false;
        }
    }
    plx_bench_opts bench_opts = {.units = opts->units.n ? opts->units.items : NULL,
                                 .n_units = opts->units.n,
                                 .split = opts->split,
                                 .first_seed = (uint64_t)cli->g.seed,
                                 .n_seeds = (unsigned)opts->seeds};
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no store at %s", cli->store_dir);
        return plx_err_next(err, "plexus get %s", task->demo_unit ? task->demo_unit : task->units[0]);
    }
    plx_bench *bench;
    if (!plx_bench_open(&cli->ctx, &cli->store, task, &bench_opts, &bench, err)) {
        return false;
    }
    bool ok = cli->g.dry_run ? describe(cli, bench, models, n) : run_models(cli, opts, bench, models, n, err);
    plx_bench_close(bench);
    plx_err ignored;
    plx_err_clear(&ignored);
    if (!cli->g.dry_run && !plx_catalog_sync(&cli->ctx, &cli->store, ok ? err : &ignored)) {
        return false;
    }
    return ok;
}

const plx_command plx_cmd_run = {
    .name = "run",
    .group = "bench",
    .summary = "Run models on a task",
    .usage = "run TASK [MODEL...] [--on UNIT] [--seeds N] [--set NAME=VALUE]",
    .examples = "plexus run connectome-link\tall models that answer the task, on its data\n"
                "plexus run connectome-link random --on demo/micro-connectome\tone model on built-in data\n"
                "plexus run connectome-link -n\twhat would be run\n"
                "plexus run connectome-link --metrics strict\tscores without the quirks of reference implementations\n",
    .doc = "A task divides its data by fold and seed; each division of each unit is a cell. In every cell the model is "
           "fitted to the training part, its hyper-parameters are chosen on the validation part, and the test part is "
           "scored once with the best of them. Each cell is committed to the store as it ends: after an interruption "
           "the same command goes on where it was. Records are the same for any -j. A run that is there already is not "
           "run again. plexus board shows the results; plexus show task:NAME and model:NAME explain them.",
    .needs = PLX_NEEDS_WRITE | PLX_NEEDS_STORE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(run_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 128,
    .args_doc = "task",
    .run = run,
};
