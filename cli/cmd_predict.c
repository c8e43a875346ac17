/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus predict: what a task asks, and a model's answers, as files.
 */
#include "cli/bench_args.h"

#include "benchmarks/submission.h"
#include "benchmarks/volume_predict.h"

typedef struct predict_opts {
    plx_opt_list units, params;
    int64_t seeds;
    const char *dir, *split;
} predict_opts;

static const plx_opt opts_table[] = {
    {"output", 'o', PLX_OPT_TEXT, offsetof(predict_opts, dir), "DIR", NULL,
     "The folder to make; it must not be there."},
    {"on", 0, PLX_OPT_LIST, offsetof(predict_opts, units), "UNIT", NULL,
     "Data to use instead of the task's own, as for plexus run."},
    {"seeds", 0, PLX_OPT_INT, offsetof(predict_opts, seeds), "N", NULL,
     "How many seeds, from --seed on; 0, the default, is what the task says."},
    {"split", 0, PLX_OPT_TEXT, offsetof(predict_opts, split), "NAME", NULL,
     "Which official split of the task, as for plexus run."},
    {"set", 0, PLX_OPT_LIST, offsetof(predict_opts, params), "NAME=VALUE", NULL, "A parameter of the model."},
    {0},
};

static bool predict(plx_cli *cli, const predict_opts *opts, plx_bench *bench, const plx_model *model, plx_err *err)
{
    plx_params params;
    char owner[96];
    plx_reals *score = plx_arena_zero(cli->arena, bench->n_cells, sizeof *score);
    if (!score) {
        return plx_fail_nomem(err, bench->n_cells * sizeof *score);
    }
    if (model) {
        snprintf(owner, sizeof owner, "the model %s", model->name);
        bool ok = plx_params_init(model->params, owner, &params, err);
        for (size_t i = 0; ok && i < opts->params.n; i++) {
            ok = plx_params_set(&params, owner, opts->params.items[i], err);
        }
        if (ok && bench->task->read) {
            return plx_bench_accepts(bench->task, model, err) &&
                   plx_volume_predict_all(bench, model, &params, opts->dir, err);
        }
        if (!ok || !plx_bench_predict(bench, model, &params, cli->arena, score, err)) {
            return false;
        }
    }
    if (bench->task->read) {
        return plx_volume_predict_all(bench, NULL, NULL, opts->dir, err);
    }
    return plx_submission_write(bench, opts->dir, model ? model->name : "", model ? score : NULL, err);
}

static bool say(plx_cli *cli, const predict_opts *opts, const plx_bench *bench, const plx_model *model, plx_err *err)
{
    if (plx_cli_wants_json(cli)) {
        plx_arena *a = cli->arena;
        plx_value *out = plx_v_obj(a);
        bool ok = out && plx_v_set(a, out, "path", plx_v_str(a, opts->dir)) &&
                  plx_v_set(a, out, "task", plx_v_str(a, bench->task->name)) &&
                  plx_v_set(a, out, "n_cells", plx_v_u64(a, bench->n_cells)) &&
                  plx_v_set(a, out, "model", model ? plx_v_str(a, model->name) : plx_v_null(a));
        return plx_cli_json(cli, ok ? out : NULL, err);
    }
    fprintf(cli->out, "%s: %zu cells of %s, ", opts->dir, bench->n_cells, bench->task->name);
    fprintf(cli->out, model ? "predicted by %s; plexus score %s scores them\n" : "to be predicted%s%s\n",
            model ? model->name : "", model ? opts->dir : "");
    if (!model && bench->task->read) {
        fprintf(cli->out,
                "images.csv lists the images and the files to write their labels to, beside it; plexus path REF says "
                "where an\nimage lies on disk. Put your model's name into submission.json, then\n  plexus score %s\n",
                opts->dir);
    } else if (!model) {
        fprintf(
            cli->out,
            "Each cell has .train.csv and .graph.csv to learn from and .test.csv to score; write the scores beside "
            "them as\n.npy (one number for each row, in order) or .csv, put your model's name into submission.json, "
            "then\n  plexus score %s\n",
            opts->dir);
    }
    return true;
}

/* model:NAME FILE: labels of one image. */
static bool label_image(plx_cli *cli, const predict_opts *opts, const char *const *args, size_t n_args, plx_err *err)
{
    const plx_model *model;
    plx_params params;
    plx_volume_predicted got;
    char owner[96];
    if (!plx_cli_find_model(args[0], &model, err)) {
        return false;
    }
    if (n_args < 2 || !opts->dir) {
        plx_fail(err, PLX_E_ARG, "an image and -o FILE for its labels must be named");
        return plx_err_next(err, "plexus predict model:%s IMAGE[:DATASET] -o labels.zarr.zip", model->name);
    }
    snprintf(owner, sizeof owner, "the model %s", model->name);
    bool ok = plx_params_init(model->params, owner, &params, err);
    for (size_t i = 0; ok && i < opts->params.n; i++) {
        ok = plx_params_set(&params, owner, opts->params.items[i], err);
    }
    ok = ok && plx_volume_predict(&cli->ctx, model, &params, (uint64_t)cli->g.seed, args[1], opts->dir, &got, err);
    if (ok && plx_cli_wants_json(cli)) {
        plx_value *v = plx_v_obj(cli->arena);
        bool made = v && plx_v_set(cli->arena, v, "path", plx_v_str(cli->arena, opts->dir)) &&
                    plx_v_set(cli->arena, v, "model", plx_v_str(cli->arena, model->name)) &&
                    plx_v_set(cli->arena, v, "n_labels", plx_v_i64(cli->arena, got.n_labels));
        return plx_cli_json(cli, made ? v : NULL, err);
    }
    if (ok) {
        fprintf(cli->out, "%s: %lld labels of %s in the array labels\n", opts->dir, (long long)got.n_labels, args[1]);
    }
    return ok;
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const predict_opts *opts = options;
    const plx_task *task;
    const plx_model *model = NULL;
    plx_bench *bench;
    (void)exit_code;
    if (plx_starts_with(args[0], "model:")) {
        return label_image(cli, opts, args, n_args, err);
    }
    if (!plx_cli_find_task(args[0], &task, err) ||
        (n_args > 1 && (!plx_cli_find_model(args[1], &model, err) || !plx_bench_accepts(task, model, err)))) {
        return false;
    }
    if (!opts->dir) {
        plx_fail(err, PLX_E_ARG, "-o must name the folder to make");
        return plx_err_next(err, "plexus predict %s -o FOLDER", task->name);
    }
    if (opts->seeds < 0 || opts->seeds > 1000 || cli->g.seed < 0) {
        return plx_fail(err, PLX_E_ARG, "--seeds is a number from 0 to 1000, and --seed is not negative");
    }
    plx_bench_opts bench_opts = {.units = opts->units.n ? opts->units.items : NULL,
                                 .n_units = opts->units.n,
                                 .split = opts->split,
                                 .first_seed = (uint64_t)cli->g.seed,
                                 .n_seeds = (unsigned)opts->seeds};
    if (!plx_bench_open(&cli->ctx, &cli->store, task, &bench_opts, &bench, err)) {
        return false;
    }
    bool ok = predict(cli, opts, bench, model, err) && say(cli, opts, bench, model, err);
    plx_bench_close(bench);
    return ok;
}

const plx_command plx_cmd_predict = {
    .name = "predict",
    .group = "bench",
    .summary = "Write what a task asks, or a model's predictions, as files",
    .usage = "predict TASK [MODEL] -o DIR | model:NAME IMAGE[:DATASET] -o FILE [--set NAME=VALUE]",
    .examples = "plexus predict connectome-link -o mine\twhat a program of yours needs to predict\n"
                "plexus predict connectome-link random -o theirs\ta model's predictions, to look at or to score\n"
                "plexus predict model:traced_paths brain.zarr:volumes/raw -o mine.zarr.zip\tlabels of one image\n",
    .doc =
        "Without a model, the folder holds for each cell the items and labels to learn from (.train.csv), the wiring "
        "to "
        "learn from (.graph.csv) and the items to score (.test.csv), and a submission.json that names task, splits and "
        "data. Put scores beside them, as one .npy or .csv for each cell, and plexus score DIR scores them: any "
        "language "
        "will do. With a model its predictions are there as .npy. For "
        "fisbe-instances the folder holds images.csv in place of tables, and a model's labels as one .zarr.zip for "
        "each "
        "image. Models choose hyper-parameters on validation, as in "
        "plexus run. With model:NAME and an image (channels, z, y, x), the model's labels of it become the array "
        "labels "
        "of a new zarr zip, which plexus score metric:fisbe --pred FILE --truth FILE scores.",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON,
    .opts = opts_table,
    .opts_size = sizeof(predict_opts),
    .min_args = 1,
    .max_args = 2,
    .args_doc = "task",
    .run = run,
};
