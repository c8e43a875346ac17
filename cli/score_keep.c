/* SPDX-License-Identifier: Apache-2.0
 *
 * A scored folder as a run of task:fisbe-instances, so that it is on the board.
 */
#include "cli/score_labels.h"

#include "benchmarks/machine.h"
#include "registry/catalog.h"

typedef struct scored {
    const plx_bench *bench;
    const plx_iscore_options *options;
    const plx_label_sample **of_cell; /* [n_cells] NULL: no prediction */
} scored;

static bool fill_cell(void *payload, size_t i, plx_arena *arena, plx_cell_result *out, plx_err *err)
{
    const scored *s = payload;
    const plx_label_sample *sample = s->of_cell[i];
    plx_label_scored *one = plx_arena_zero(arena, 1, sizeof *one);
    plx_iscore_options options = *s->options;
    if (!one) {
        return plx_fail_nomem(err, sizeof *one);
    }
    one->score = sample->score;
    memcpy(one->truth_sha256, sample->truth_sha256, sizeof one->truth_sha256);
    options.partly = sample->partly;
    out->cpu_s = sample->cpu_s;
    out->wall_s = sample->wall_s;
    out->peak_rss_bytes = plx_peak_rss_bytes();
    plx_digest_parse(sample->pred_sha256, PLX_SHA256_HEX, &out->predictions);
    return plx_label_cell_scores(sample->record, one, &options, s->bench->task->metrics, arena, &out->test, err);
}

bool plx_score_keep(plx_cli *cli, plx_bench *bench, const plx_label_folder *folder, const plx_iscore_options *options,
                    const char *name, plx_run_report *out, plx_err *err)
{
    scored s = {.bench = bench, .options = options};
    bool *has = plx_arena_zero(cli->arena, bench->n_cells, sizeof *has);
    plx_sha256 hash;
    plx_tool tool;
    s.of_cell = plx_arena_zero(cli->arena, bench->n_cells, sizeof *s.of_cell);
    if (!has || !s.of_cell) {
        return plx_fail_nomem(err, bench->n_cells * sizeof *s.of_cell);
    }
    plx_sha256_init(&hash);
    for (size_t i = 0; i < bench->n_cells; i++) {
        for (size_t k = 0; k < folder->n; k++) {
            if (folder->samples[k].record == bench->data[bench->cells[i].unit]) {
                s.of_cell[i] = &folder->samples[k];
                has[i] = true;
                plx_sha256_text(&hash, folder->samples[k].name);
                plx_sha256_update(&hash, folder->samples[k].pred_sha256, PLX_SHA256_HEX);
            }
        }
    }
    plx_digest evidence = plx_sha256_final(&hash);
    plx_run_subject subject = {.name = name, .evidence = &evidence};
    return plx_cli_tool(cli, &tool, err) &&
           plx_bench_run_scored(bench, &subject, fill_cell, has, &s,
                                options->strict ? PLX_METRIC_STRICT : PLX_METRIC_REFERENCE, &tool, cli->arena, out,
                                err) &&
           plx_catalog_sync(&cli->ctx, bench->store, err);
}

/* "merges=paper-2024": what was set, in the order of the table; NULL: nothing. */
static bool given_params(plx_cli *cli, const plx_params *params, const char **out, plx_err *err)
{
    plx_sb text = {0};
    *out = NULL;
    for (size_t i = 0; i < params->n; i++) {
        if (params->given[i]) {
            plx_sb_printf(&text, "%s%s=%s", text.len ? " " : "", params->specs[i].name, params->text[i]);
        }
    }
    if (text.len || text.failed) {
        *out = text.failed ? NULL : plx_arena_strdup(cli->arena, plx_sb_str(&text));
    }
    bool ok = (!text.len && !text.failed) || *out || plx_fail_nomem(err, text.len);
    plx_sb_free(&text);
    return ok;
}

static bool read_head(plx_cli *cli, const char *pred, plx_submission_head *out, plx_err *err)
{
    char dir[PLX_PATH], path[PLX_PATH];
    snprintf(dir, sizeof dir, "%s", pred);
    for (char *colon = strrchr(dir, ':'); colon && !plx_fs_is_dir(dir); colon = strrchr(dir, ':')) {
        *colon = '\0';
    }
    *out = (plx_submission_head){0};
    return snprintf(path, sizeof path, "%s/submission.json", dir) >= PLX_PATH || !plx_fs_exists(path) ||
           plx_submission_read_head(&cli->ctx, dir, cli->arena, out, err);
}

bool plx_score_records_open(plx_cli *cli, const plx_score_labels_opts *opts, const plx_params *params, const char *pred,
                            plx_score_records *out, plx_err *err)
{
    const plx_task *task = plx_task_find("fisbe-instances");
    plx_bench_opts bench = {.split = opts->split, .present = opts->subset};
    *out = (plx_score_records){0};
    if (!read_head(cli, pred, &out->head, err) || !given_params(cli, params, &bench.metric_params, err)) {
        return false;
    }
    if (out->head.json && strcmp(out->head.task, task->name) != 0) {
        return plx_fail(err, PLX_E_ARG, "%s is a submission to %s", pred, out->head.task);
    }
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no store at %s to take truths from", cli->store_dir);
        plx_err_why(err, "without --truth FOLDER the truths are the records of fisbe/completely and fisbe/partly");
        return plx_err_next(err, "plexus get fisbe/completely fisbe/partly");
    }
    if (out->head.json && !opts->split) {
        bench.units = out->head.units;
        bench.n_units = out->head.n_units;
    }
    if (!plx_cli_open_store(cli, PLX_STORE_WRITE, &out->store, err)) {
        return false;
    }
    bool ok = plx_bench_open(&cli->ctx, &out->store, task, &bench, &out->bench, err);
    ok = ok && (!bench.units || bench.present || bench.metric_params ||
                plx_submission_check_board(out->bench, &out->head, err));
    if (!ok) {
        plx_score_records_close(out);
    }
    return ok;
}

void plx_score_records_close(plx_score_records *records)
{
    plx_bench_close(records->bench);
    plx_store_close(&records->store);
    *records = (plx_score_records){0};
}
