/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus score metric:fisbe and metric:instance-segmentation.
 */
#include "cli/score_labels.h"

#include "benchmarks/label_files.h"
#include "benchmarks/label_report.h"
#include "benchmarks/metrics/instances.h"

#include <math.h>

/* "0.3657", "-" for what is not defined; every digit outside of tables for people. */
static const char *number(const plx_cli *cli, double x)
{
    char digits[PLX_NUM_TEXT];
    plx_print_f64(x, digits);
    bool text = cli->out_format == PLX_OUT_TEXT;
    const char *out = isnan(x) ? text ? "-" : ""
                      : text   ? plx_arena_printf(cli->arena, "%.4f", x)
                               : plx_arena_strdup(cli->arena, digits);
    return out ? out : "";
}

static const char *count(plx_arena *arena, uint64_t n)
{
    const char *text = plx_arena_printf(arena, "%llu", (unsigned long long)n);
    return text ? text : "";
}

static bool dim_labels(plx_cli *cli, const plx_opt_list *given, plx_label_pair *pair, plx_err *err)
{
    if (!given || given->n == 0) {
        return true;
    }
    int64_t *all = plx_arena_zero(cli->arena, given->n, sizeof *all);
    if (!all) {
        return plx_fail_nomem(err, given->n * sizeof *all);
    }
    for (size_t i = 0; i < given->n; i++) {
        if (!plx_parse_i64(given->items[i], strlen(given->items[i]), &all[i])) {
            return plx_fail(err, PLX_E_ARG, "%s is no label", given->items[i]);
        }
    }
    pair->dim = all;
    pair->n_dim = given->n;
    return true;
}

static bool grid_of_rows(plx_cli *cli, const plx_iscore *s, plx_err *err)
{
    static const char *const headers[] = {"side",  "id",    "channel",  "label",   "voxels", "skeleton",
                                          "match", "score", "coverage", "lies in", "note"};
    static const plx_align align[] = {PLX_LEFT,  PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT,
                                      PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_LEFT};
    plx_grid *grid = plx_grid_new(sizeof headers / sizeof headers[0], headers, align);
    plx_arena *a = cli->arena;
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < s->n_rows; i++) {
        const plx_iscore_row *r = &s->rows[i];
        bool truth = r->is_truth, here = !r->removed;
        const char *label = plx_arena_printf(a, "%lld", (long long)r->label);
        const char *note =
            plx_arena_printf(a, "%s%s%s%s", r->removed ? "removed by the size filter" : "", r->dim ? "dim" : "",
                             r->dim && r->overlaps ? ", " : "", r->overlaps ? "shares voxels" : "");
        const char *cells[] = {truth ? "truth" : "prediction",
                               here ? count(a, r->id) : "",
                               count(a, r->channel),
                               label,
                               count(a, r->n_voxels),
                               here && r->n_skeleton ? count(a, r->n_skeleton) : "",
                               r->partner ? count(a, r->partner) : "",
                               here ? number(cli, r->score) : "",
                               truth && !isnan(r->coverage) ? number(cli, r->coverage) : "",
                               here && !truth && r->best ? count(a, r->best) : "",
                               note};
        ok = plx_grid_row(grid, cells);
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    return ok;
}

/* Pairs at every threshold, rising. */
static bool print_thresholds(plx_cli *cli, const plx_iscore *s, plx_err *err)
{
    static const char *const headers[] = {"above", "matched", "false positives", "missed", "precision", "recall",
                                          "F1",    "AP"};
    static const plx_align align[] = {PLX_LEFT,  PLX_RIGHT, PLX_RIGHT, PLX_RIGHT,
                                      PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT};
    static const size_t rising[PLX_ISCORE_THRESHOLDS] = {0, 1, 2, 3, 4, 9, 5, 10, 6, 11, 7, 12, 8, 13};
    plx_grid *grid = plx_grid_new(sizeof headers / sizeof headers[0], headers, align);
    bool ok = grid != NULL;
    for (size_t k = 0; ok && k < PLX_ISCORE_THRESHOLDS; k++) {
        const plx_iscore_at *at = &s->at[rising[k]];
        const char *threshold = plx_arena_printf(cli->arena, "%.2f", at->threshold);
        const char *cells[] = {threshold ? threshold : "", count(cli->arena, at->tp),  count(cli->arena, at->fp),
                               count(cli->arena, at->fn),  number(cli, at->precision), number(cli, at->recall),
                               number(cli, at->fscore),    number(cli, at->ap)};
        ok = plx_grid_row(grid, cells);
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    fputc('\n', cli->out);
    return ok;
}

static void print_scores(plx_cli *cli, const plx_iscore *s, const plx_iscore_options *o)
{
    const plx_iscore_at *half = &s->at[PLX_ISCORE_HALF];
    FILE *to = cli->out;
    if (s->parts & PLX_ISCORE_COVERAGE) {
        fprintf(to, "S %.4f = (avF1 %.4f + C %.4f) / 2\n", s->s, s->f19, s->coverage.mean);
    } else {
        double pq, sq, rq;
        plx_iscore_panoptic(s, &pq, &sq, &rq);
        fprintf(to, "PQ %.4f = SQ %.4f x RQ %.4f; avF1 %.4f, avAP %.4f\n", pq, sq, rq, s->f19, s->ap59);
    }
    fprintf(to, "%zu of %zu true objects matched above .5, mean score %.4f; %zu false positives, %zu missed\n", s->tp,
            s->n_truth, s->tp_score, half->fp, half->fn);
    if (s->parts & PLX_ISCORE_MERGES) {
        fprintf(to, "false splits %zu, false merges %zu%s\n", s->fs, s->fm,
                o->merge_rule == PLX_MERGE_PAPER_2024 ? ", as counted for the paper of 2024" : "");
    }
    if (s->parts & PLX_ISCORE_DIM && s->dim.n > 0) {
        fprintf(to, "dim objects: %zu of %zu matched, mean coverage %.4f\n", s->dim.tp, s->dim.n, s->dim.coverage.mean);
    }
    if (s->parts & PLX_ISCORE_OVERLAP && s->overlap.n > 0) {
        fprintf(to, "objects that share voxels: %zu of %zu matched, mean coverage %.4f\n", s->overlap.tp, s->overlap.n,
                s->overlap.coverage.mean);
    }
}

static bool print_pair(plx_cli *cli, const plx_iscore *s, const plx_iscore_options *o, plx_err *err)
{
    if (cli->out_format == PLX_OUT_TEXT) {
        if (s->reference_error) {
            fprintf(cli->out, "no score: the reference raises %s: %s\n", s->reference_error, s->reference_error_text);
        } else {
            print_scores(cli, s, o);
            fprintf(cli->out, "by %s, %s mode\n\n", plx_iscore_definition(o), o->strict ? "strict" : "reference");
            if (!print_thresholds(cli, s, err)) {
                return false;
            }
        }
    }
    if (!s->reference_error && !grid_of_rows(cli, s, err)) {
        return false;
    }
    for (size_t i = 0; i < s->n_notes; i++) {
        fprintf(stderr, "%s: %s\n", s->notes[i].id, s->notes[i].text);
    }
    if (s->reference_error) {
        fprintf(stderr, "strict mode (--mode strict) has a score\n");
    }
    return true;
}

static plx_value *tree_of(plx_cli *cli, const plx_metric *metric, const plx_score_labels_opts *opts,
                          const plx_label_pair *pair, const plx_iscore *s, const plx_iscore_options *o)
{
    plx_arena *a = cli->arena;
    plx_value *v = plx_iscore_report(s, o, a);
    bool ok = v && plx_v_set(a, v, "metric", plx_v_str(a, metric->name)) &&
              plx_v_set(a, v, "prediction", plx_v_str(a, opts->pred)) &&
              plx_v_set(a, v, "truth", plx_v_str(a, opts->truth)) &&
              plx_v_set(a, v, "prediction_shape", plx_v_str(a, pair->pred_shape)) &&
              plx_v_set(a, v, "truth_shape", plx_v_str(a, pair->truth_shape)) &&
              plx_v_set(a, v, "prediction_sha256", plx_v_str(a, pair->pred_sha256)) &&
              plx_v_set(a, v, "truth_sha256", plx_v_str(a, pair->truth_sha256)) &&
              plx_v_set(a, v, "cropped", plx_v_bool(a, pair->cropped));
    if (ok && !s->reference_error) {
        double pq, sq, rq;
        plx_iscore_panoptic(s, &pq, &sq, &rq);
        plx_value *p = plx_v_obj(a);
        ok = p && plx_v_set(a, p, "PQ", plx_v_f64(a, pq)) && plx_v_set(a, p, "SQ", plx_v_f64(a, sq)) &&
             plx_v_set(a, p, "RQ", plx_v_f64(a, rq)) && plx_v_set(a, v, "panoptic", p);
    }
    return ok ? v : NULL;
}

static bool print(plx_cli *cli, const plx_metric *metric, const plx_score_labels_opts *opts, const plx_label_pair *pair,
                  const plx_iscore *s, const plx_iscore_options *o, int *exit_code, plx_err *err)
{
    const plx_value *tree = tree_of(cli, metric, opts, pair, s, o);
    bool stale = false;
    if (!tree) {
        return plx_fail_nomem(err, 0);
    }
    if (opts->against && !plx_score_against(cli, opts->against, tree, &stale, err)) {
        return false;
    }
    *exit_code = s->reference_error || stale;
    return plx_cli_wants_json(cli) ? plx_cli_json(cli, tree, err) : print_pair(cli, s, o, err);
}

bool plx_score_labels(plx_cli *cli, const plx_metric *metric, const plx_params *params,
                      const plx_score_labels_opts *opts, int *exit_code, plx_err *err)
{
    plx_label_pair pair;
    plx_value *listed = NULL;
    bool strict = opts->mode == PLX_METRIC_STRICT, fisbe = strcmp(metric->name, "fisbe") == 0;
    plx_label_pair_opts read = {.spatial = fisbe ? 3 : (int)opts->spatial, .squeeze = !strict, .digests = true};
    if (opts->spatial != 0 && (opts->spatial < 2 || opts->spatial > 3 || (fisbe && opts->spatial != 3))) {
        return plx_fail(err, PLX_E_ARG, "%s has 2 or 3 axes in space%s", "--spatial", fisbe ? ", and fisbe 3" : "");
    }
    if (opts->dim_file && !plx_label_dim_read(&cli->ctx, opts->dim_file, cli->arena, &listed, err)) {
        return false;
    }
    read.dim = listed;
    if (!plx_label_pair_read(&cli->ctx, opts->pred, opts->truth, &read, cli->arena, &pair, err)) {
        return false;
    }
    bool ok = dim_labels(cli, opts->dim, &pair, err);
    if (ok) {
        plx_iscore_options o = plx_iscore_options_of(params, opts->mode);
        plx_iscore s;
        o.partly = opts->partly;
        ok = plx_label_pair_score(&cli->ctx, &pair, &o, cli->arena, &s, err) &&
             print(cli, metric, opts, &pair, &s, &o, exit_code, err);
    }
    plx_label_pair_free(&pair);
    return ok;
}
