/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus score: a folder of predictions against its task, or two files by one metric.
 */
#include "cli/bench_args.h"
#include "cli/score_labels.h"

#include "benchmarks/pair_files.h"
#include "benchmarks/submission.h"
#include "core/log.h"
#include "registry/catalog.h"

#include <math.h>

typedef struct score_opts {
    const char *pred, *truth, *metrics, *mode, *against, *dim_file, *name, *split;
    bool partly, subset;
    int64_t spatial;
    plx_opt_list params, dim, partly_images;
} score_opts;

static const plx_opt opts_table[] = {
    {"pred", 0, PLX_OPT_TEXT, offsetof(score_opts, pred), "FILE", NULL,
     "For a metric: the predictions, .npy or .csv; label volumes also as FILE:DATASET."},
    {"truth", 0, PLX_OPT_TEXT, offsetof(score_opts, truth), "FILE", NULL,
     "For a metric: the truth, likewise; for task:fisbe-instances a folder of true label volumes, in place of the "
     "store's records."},
    {"set", 0, PLX_OPT_LIST, offsetof(score_opts, params), "NAME=VALUE", NULL,
     "A parameter of the metric; for task:fisbe-instances of metric:fisbe."},
    {"metrics", 0, PLX_OPT_CHOICE, offsetof(score_opts, metrics), NULL, "reference|strict",
     "reference, the default, equals the reference implementations digit for digit; strict mends their quirks."},
    {"mode", 0, PLX_OPT_CHOICE, offsetof(score_opts, mode), NULL, "reference|strict", "The same as --metrics."},
    {"partly", 0, PLX_OPT_FLAG, offsetof(score_opts, partly), NULL, NULL,
     "Label volumes: only some of the objects are labelled, and predictions outside of them are not wrong."},
    {"partly-images", 0, PLX_OPT_LIST, offsetof(score_opts, partly_images), "NAME", NULL,
     "Images that are partly labelled, besides those the benchmark lists."},
    {"subset", 0, PLX_OPT_FLAG, offsetof(score_opts, subset), NULL, NULL, "Leave out images without a prediction."},
    {"dim", 0, PLX_OPT_LIST, offsetof(score_opts, dim), "LABEL", NULL,
     "Labels of dim objects, in place of the truth's attribute dim_neurons."},
    {"dim-file", 0, PLX_OPT_TEXT, offsetof(score_opts, dim_file), "FILE.json", NULL,
     "Labels of dim objects by image, for truths without that attribute, such as dim_neurons_val_and_test_sets.json."},
    {"spatial", 0, PLX_OPT_INT, offsetof(score_opts, spatial), "N", NULL,
     "Axes of label images in space, 2 or 3; when left out, 2 if both files have two axes and 3 otherwise."},
    {"name", 0, PLX_OPT_TEXT, offsetof(score_opts, name), "NAME", NULL,
     "For task:fisbe-instances: what the method is called on the board; when left out, as the submission or the "
     "folder."},
    {"split", 0, PLX_OPT_CHOICE, offsetof(score_opts, split), NULL, "test|val|train",
     "For task:fisbe-instances: which of the benchmark's splits the folder is of; test, or what its submission says."},
    {"against", 0, PLX_OPT_TEXT, offsetof(score_opts, against), "RESULT.json", NULL,
     "Of label volumes, a pair or a folder: say whether an earlier result (of -O json) is of these files and settings; "
     "exit code 1 when it is stale."},
    {0},
};
static const score_opts defaults = {.metrics = "reference"};

static plx_value *scores_value(plx_arena *a, const plx_metric *metric, const plx_scores *scores, plx_metric_mode mode)
{
    plx_value *out = plx_v_obj(a), *values = plx_v_obj(a), *reasons = plx_v_obj(a), *said = plx_v_arr(a);
    bool ok = out && values && reasons && said && plx_v_set(a, out, "metric", plx_v_str(a, metric->name)) &&
              plx_v_set(a, out, "version", plx_v_i64(a, metric->version)) &&
              plx_v_set(a, out, "mode", plx_v_str(a, plx_metric_mode_name(mode))) &&
              plx_v_set(a, out, "scores", values) && plx_v_set(a, out, "reasons", reasons) &&
              plx_v_set(a, out, "diagnostics", said);
    for (size_t i = 0; ok && i < scores->n; i++) {
        const plx_score *s = &scores->items[i];
        bool defined = !isnan(s->value);
        ok = plx_v_set(a, values, s->name, defined ? plx_v_f64(a, s->value) : plx_v_null(a)) &&
             (defined || plx_v_set(a, reasons, s->name, plx_v_str(a, s->reason)));
    }
    for (size_t i = 0; ok && i < scores->n_diagnostics && i < PLX_DIAGNOSTICS_MAX; i++) {
        ok = plx_v_push(a, said, plx_v_str(a, scores->diagnostic[i]));
    }
    return ok ? out : NULL;
}

static bool print_scores(plx_cli *cli, const plx_metric *metric, const plx_scores *scores, plx_metric_mode mode,
                         plx_err *err)
{
    if (plx_cli_wants_json(cli)) {
        return plx_cli_json(cli, scores_value(cli->arena, metric, scores, mode), err);
    }
    for (size_t i = 0; i < scores->n; i++) {
        char number[PLX_NUM_TEXT];
        plx_print_f64(scores->items[i].value, number);
        bool defined = !isnan(scores->items[i].value);
        fprintf(cli->out, "%-20s %s\n", scores->items[i].name,
                defined ? number : plx_arena_printf(cli->arena, "not defined: %s", scores->items[i].reason));
    }
    for (size_t i = 0; i < scores->n_diagnostics && i < PLX_DIAGNOSTICS_MAX; i++) {
        plx_logf(&cli->ctx, PLX_LOG_INFO, metric->name, "%s", scores->diagnostic[i]);
    }
    return true;
}

/* Only scores of label volumes are tables. */
static bool is_plain(const plx_cli *cli, plx_err *err)
{
    return cli->out_format == PLX_OUT_TEXT || plx_cli_wants_json(cli) ||
           plx_fail(err, PLX_E_ARG, "these scores are printed as text or json");
}

static plx_score_labels_opts labels_of(const score_opts *opts, plx_metric_mode mode)
{
    return (plx_score_labels_opts){.pred = opts->pred,
                                   .truth = opts->truth,
                                   .mode = mode,
                                   .partly = opts->partly,
                                   .subset = opts->subset,
                                   .spatial = opts->spatial,
                                   .against = opts->against,
                                   .dim_file = opts->dim_file,
                                   .dim = &opts->dim,
                                   .partly_names = &opts->partly_images,
                                   .name = opts->name,
                                   .split = opts->split};
}

static bool score_metric(plx_cli *cli, const score_opts *opts, const char *name, plx_metric_mode mode, int *exit_code,
                         plx_err *err)
{
    const plx_metric *metric;
    plx_params params;
    if (!plx_cli_find_metric(name, &metric, err)) {
        return false;
    }
    if (!opts->pred) {
        plx_fail(err, PLX_E_ARG, "--pred and --truth must name the files to compare");
        return plx_err_next(err, "plexus score metric:%s --pred FILE --truth FILE", metric->name);
    }
    if (!plx_cli_metric_params(metric, &opts->params, &params, err)) {
        return false;
    }
    if (metric->accepts & PLX_EVIDENCE_LABELS) {
        const plx_score_labels_opts labels = labels_of(opts, mode);
        if (!opts->truth) {
            plx_fail(err, PLX_E_ARG, "--truth must name the true label volume");
            return plx_err_next(err, "plexus score metric:%s --pred FILE --truth FILE", metric->name);
        }
        return plx_score_labels(cli, metric, &params, &labels, exit_code, err);
    }
    if (!is_plain(cli, err)) {
        return false;
    }
    plx_evidence evidence;
    plx_scores *scores = plx_arena_zero(cli->arena, 1, sizeof *scores);
    if (!scores) {
        return plx_fail_nomem(err, sizeof *scores);
    }
    return plx_evidence_read(&cli->ctx, metric, opts->pred, opts->truth, cli->arena, &evidence, err) &&
           plx_metric_evaluate(&cli->ctx, metric, &evidence, &params, mode, scores, err) &&
           print_scores(cli, metric, scores, mode, err);
}

static bool read_cell(void *payload, size_t i, const plx_trial *trial, plx_arena *arena, plx_reals *out, plx_err *err)
{
    const plx_submission *submission = payload;
    (void)trial;
    (void)arena;
    (void)err;
    *out = submission->score[i];
    return true;
}

static bool print_run(plx_cli *cli, const plx_bench *bench, const plx_submission_head *head,
                      const plx_run_report *report, plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    const plx_value *scores = plx_v_at(report->result, "record.scores");
    plx_digest_hex(&report->run, hex);
    if (plx_cli_wants_json(cli)) {
        plx_value *out = plx_v_obj(cli->arena), *copy = plx_arena_zero(cli->arena, 1, sizeof *copy);
        if (copy && scores) {
            *copy = *scores;
        }
        bool ok = out && plx_v_set(cli->arena, out, "run", plx_v_str(cli->arena, hex)) &&
                  plx_v_set(cli->arena, out, "task", plx_v_str(cli->arena, bench->task->name)) &&
                  plx_v_set(cli->arena, out, "model", plx_v_str(cli->arena, head->model)) &&
                  plx_v_set(cli->arena, out, "scores", copy);
        return plx_cli_json(cli, ok ? out : NULL, err);
    }
    fprintf(cli->out, "%s on %s: %zu cells  run:%.12s\n", head->model, bench->task->name, bench->n_cells, hex);
    for (size_t i = 0; scores && i < scores->u.arr.n; i++) {
        const plx_value *s = scores->u.arr.items[i];
        double mean = (double)NAN, std = (double)NAN;
        char text[48];
        const char *unit = plx_v_get_text(s, "unit"), *name = plx_v_get_text(s, "name");
        plx_v_as_f64(plx_v_get(s, "mean"), &mean);
        plx_v_as_f64(plx_v_get(s, "std"), &std);
        plx_cli_score_text(mean, std, text);
        if (unit && !*unit) {
            fprintf(cli->out, "  %-20s %s\n", name ? name : "", text);
        }
    }
    return true;
}

static bool fail_listed(plx_cli *cli, const char *dir, const plx_violations *found, plx_err *err)
{
    for (size_t i = 0; i < found->shown; i++) {
        plx_logf(&cli->ctx, PLX_LOG_ERROR, "score", "%s", found->text[i]);
    }
    plx_fail(err, PLX_E_FORMAT, "%s cannot be scored: %zu thing%s wrong with it", dir, found->n,
             found->n == 1 ? " is" : "s are");
    plx_err_why(err, "first: %s", found->text[0]);
    plx_err_kept(err, "nothing was scored");
    return plx_err_next(err, "plexus help score");
}

static bool score_opened(plx_cli *cli, plx_store *store, const char *dir, const plx_submission_head *head,
                         const plx_task *task, plx_metric_mode mode, plx_err *err)
{
    plx_bench_opts opts = {
        .units = head->units, .n_units = head->n_units, .first_seed = head->first_seed, .n_seeds = head->n_seeds};
    plx_bench *bench;
    plx_submission submission = {0};
    plx_tool tool;
    plx_run_report report;
    bool usable = false;
    plx_violations *found = plx_arena_zero(cli->arena, 1, sizeof *found);
    if (!found) {
        return plx_fail_nomem(err, sizeof *found);
    }
    if (!plx_cli_tool(cli, &tool, err) || !plx_bench_open(&cli->ctx, store, task, &opts, &bench, err)) {
        return false;
    }
    bool ok = plx_submission_check_board(bench, head, err) &&
              plx_submission_open(bench, dir, &submission, found, &usable, err) &&
              (usable || fail_listed(cli, dir, found, err));
    plx_run_subject subject = {
        .name = head->model, .about = plx_v_get(head->json, "model"), .evidence = &submission.evidence};
    ok = ok && plx_bench_run_files(bench, &subject, read_cell, &submission, mode, &tool, cli->arena, &report, err) &&
         plx_catalog_sync(&cli->ctx, store, err) && print_run(cli, bench, head, &report, err);
    plx_submission_close(&submission);
    plx_bench_close(bench);
    return ok;
}

static bool score_folder(plx_cli *cli, const char *dir, plx_metric_mode mode, plx_err *err)
{
    plx_submission_head head;
    const plx_task *task;
    plx_store store;
    if (!plx_submission_read_head(&cli->ctx, dir, cli->arena, &head, err) ||
        !plx_cli_find_task(head.task, &task, err)) {
        return false;
    }
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no store at %s", cli->store_dir);
        return plx_err_next(err, "plexus get %s", head.units[0]);
    }
    if (!plx_cli_open_store(cli, PLX_STORE_WRITE, &store, err)) {
        return false;
    }
    bool ok = score_opened(cli, &store, dir, &head, task, mode, err);
    plx_store_close(&store);
    return ok;
}

/* A submission to a task whose answers are volumes; what is wrong with others is told where they are scored. */
static bool is_of_volumes(plx_cli *cli, const char *dir)
{
    plx_submission_head head;
    plx_err ignored;
    plx_err_clear(&ignored);
    const plx_task *task =
        plx_submission_read_head(&cli->ctx, dir, cli->arena, &head, &ignored) ? plx_task_find(head.task) : NULL;
    return task && task->problem == PLX_PROBLEM_BUNDLES;
}

/* task:fisbe-instances FOLDER...; its answers are volumes. */
static bool score_volumes(plx_cli *cli, const score_opts *opts, const char *const *folders, size_t n,
                          plx_metric_mode mode, int *exit_code, plx_err *err)
{
    const plx_score_labels_opts labels = labels_of(opts, mode);
    const plx_metric *metric = plx_metric_find("fisbe");
    plx_params params;
    return plx_cli_metric_params(metric, &opts->params, &params, err) &&
           plx_score_label_folders(cli, &params, &labels, folders, n, exit_code, err);
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const score_opts *opts = options;
    plx_metric_mode mode;
    if (!plx_metric_mode_parse(opts->mode ? opts->mode : opts->metrics, &mode)) {
        return plx_fail(err, PLX_E_ARG, "--metrics is reference or strict");
    }
    if (strcmp(args[0], "task:fisbe-instances") == 0) {
        return score_volumes(cli, opts, args + 1, n_args - 1, mode, exit_code, err);
    }
    if (n_args > 1) {
        return plx_fail(err, PLX_E_ARG, "several folders are scored for task:fisbe-instances alone");
    }
    if (strncmp(args[0], "metric:", 7) == 0) {
        return score_metric(cli, opts, args[0], mode, exit_code, err);
    }
    if (opts->pred || opts->truth) {
        return plx_fail(err, PLX_E_ARG, "--pred, --truth and --set go with metric:NAME");
    }
    if (is_of_volumes(cli, args[0])) {
        return score_volumes(cli, opts, args, 1, mode, exit_code, err);
    }
    if (opts->params.n) {
        return plx_fail(err, PLX_E_ARG, "--pred, --truth and --set go with metric:NAME");
    }
    return is_plain(cli, err) && score_folder(cli, args[0], mode, err);
}

const plx_command plx_cmd_score = {
    .name = "score",
    .group = "bench",
    .summary = "Score predictions of your own",
    .usage = "score DIR | score metric:NAME --pred FILE --truth FILE [--set NAME=VALUE] | score task:fisbe-instances "
             "FOLDER... [--truth FOLDER]",
    .examples =
        "plexus score mine\ta folder of predictions with submission.json: onto the board\n"
        "plexus score metric:roc_auc --pred scores.npy --truth labels.npy\ttwo files by one metric, without a "
        "store\n"
        "plexus score metric:hits --set k=10 --pred scores.csv --truth labels.csv\twith a parameter\n"
        "plexus score metric:fisbe --pred a.hdf:volumes/labels --truth a.zarr:volumes/gt_instances\tlabel volumes: "
        "one image\n"
        "plexus score task:fisbe-instances predictions:volumes/labels --truth test:volumes/gt_instances\tall "
        "images, pooled as the benchmark does\n"
        "plexus score task:fisbe-instances predictions:volumes/labels --name mine\tagainst the store, and onto the "
        "board\n",
    .doc =
        "A folder holds submission.json and, for each cell of the task, one .npy or .csv of scores; plexus predict "
        "TASK "
        "-o DIR writes the rest of it. Before anything is scored, everything that is missing, not asked for, there "
        "twice, of another shape or not finite is listed, with exit code 8. Nothing in the folder is executed. The "
        "result is a run like any other, marked as scored from files.\n"
        "\n"
        "By one metric: scores and labels 0 or 1 of the same length for metrics of pairs; probabilities (rows by "
        "classes) or predicted classes, and true classes, for metrics of classes; two columns of numbers for the "
        "others. "
        "For a ranking metric without --truth the first column of --pred is the positive, the others are its "
        "negatives. A "
        ".csv has one column, or one called score, label or value. No store is needed.\n"
        "\n"
        "Label volumes are zarr, HDF5, TIFF or NumPy files of integers; 0 is background, and objects may overlap when "
        "they are in different channels, the first of four axes. fisbe compares neurons by their centrelines, "
        "instance-segmentation any objects in two or three dimensions. With -O json and toml the keys are those of "
        "the reference (general, confusion_matrix, ...), then all instances, those the size filter removed, and "
        "diagnostics. Where the reference raises an exception the answer names it, and the exit code is 1.\n"
        "\n"
        "task:fisbe-instances takes a folder with a file or zarr for each image, named after it up to the first dot, "
        "or three such folders, runs of one method, of which mean and standard deviation are told. The truths are "
        "the records of fisbe/completely and fisbe/partly in the store: the 23 test images, those of --split, or "
        "those the folder's submission.json names; the result is kept as a run and is on plexus board "
        "fisbe-instances. With --truth FOLDER the truths are files and nothing is kept. A missing or extra prediction "
        "is an error: nothing is scored as 0 because it is not there; with --subset what is there is scored, and the "
        "board says how many images are missing. -O csv is the reference's summary file. Rows marked published are "
        "others' results and were not run here.",
    .needs = PLX_MAY_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL | PLX_AS_TOML,
    .opts = opts_table,
    .opts_size = sizeof(score_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 4,
    .args_doc = "dir",
    .run = run,
};
