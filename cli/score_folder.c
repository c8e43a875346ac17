/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus score task:fisbe-instances: a row for each image, sets, and what others published.
 */
#include "cli/score_labels.h"

#include "benchmarks/label_files.h"
#include "benchmarks/label_folder.h"
#include "benchmarks/label_report.h"
#include "benchmarks/label_samples.h"
#include "benchmarks/metrics/instances.h"

#include <math.h>

enum { STABILITY_RUNS = 3 };

static const char *number(plx_arena *arena, double x)
{
    const char *text = isnan(x) ? "-" : plx_arena_printf(arena, "%.4f", x);
    return text ? text : "";
}

static const char *count(plx_arena *arena, size_t n)
{
    const char *text = plx_arena_printf(arena, "%zu", n);
    return text ? text : "";
}

static const char *const columns[] = {"image", "set",       "truth", "pred", "S",  "avF1",
                                      "C",     "clDice_TP", "tp",    "FS",   "FM", "removed"};
static const plx_align aligned[] = {PLX_WHOLE, PLX_WHOLE, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT,
                                    PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT};
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

static bool add_image(plx_arena *a, plx_grid *grid, const plx_label_sample *s)
{
    const plx_iscore *r = &s->score;
    const char *set = s->partly ? "partly" : "completely";
    if (r->reference_error) {
        const char *cells[N_COLUMNS] = {s->name, set, count(a, r->n_truth), count(a, r->n_pred), r->reference_error};
        return plx_grid_row(grid, cells);
    }
    const char *cells[N_COLUMNS] = {s->name,
                                    set,
                                    count(a, r->n_truth),
                                    count(a, r->n_pred),
                                    number(a, r->s),
                                    number(a, r->f19),
                                    number(a, r->coverage.mean),
                                    number(a, r->tp_score),
                                    number(a, r->tp_rel),
                                    count(a, r->fs),
                                    count(a, r->fm),
                                    r->n_removed ? count(a, r->n_removed) : ""};
    return plx_grid_row(grid, cells);
}

static bool add_pool(plx_arena *a, plx_grid *grid, const char *name, const plx_ipool *p)
{
    const char *cells[N_COLUMNS] = {name,
                                    "",
                                    count(a, p->n_truth),
                                    count(a, p->n_pred),
                                    number(a, p->s),
                                    number(a, p->f19),
                                    number(a, p->coverage),
                                    number(a, p->tp_score),
                                    number(a, p->tp_rel),
                                    count(a, p->fs),
                                    count(a, p->fm),
                                    ""};
    return plx_grid_row(grid, cells);
}

static bool has_both(const plx_label_folder *f)
{
    return f->n_completely > 0 && f->n_completely < f->n;
}

/* Published rows of the sets that were scored, for comparison: "PatchPerPix (published)". */
static bool add_published(plx_arena *a, plx_grid *grid, plx_err *err)
{
    plx_published *rows;
    size_t n;
    if (!plx_published_fisbe(a, &rows, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const double *s = rows[i].scores;
        const char *cells[N_COLUMNS] = {plx_arena_printf(a, "%s (published)", rows[i].method),
                                        rows[i].set,
                                        "",
                                        "",
                                        plx_arena_printf(a, "%.2f", s[0]),
                                        plx_arena_printf(a, "%.2f", s[1]),
                                        plx_arena_printf(a, "%.2f", s[2]),
                                        plx_arena_printf(a, "%.2f", s[3]),
                                        plx_arena_printf(a, "%.2f", s[4]),
                                        plx_arena_printf(a, "%.0f", s[5]),
                                        plx_arena_printf(a, "%.0f", s[6]),
                                        ""};
        if (!plx_grid_row(grid, cells)) {
            return plx_fail_nomem(err, 0);
        }
    }
    return true;
}

static bool print_grid(plx_cli *cli, const plx_label_folder *f, plx_err *err)
{
    plx_grid *grid = plx_grid_new(N_COLUMNS, columns, aligned);
    plx_arena *a = cli->arena;
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < f->n; i++) {
        ok = add_image(a, grid, &f->samples[i]);
    }
    if (ok && f->n_raised == 0) {
        ok = plx_grid_gap(grid) &&
             (!has_both(f) ||
              (add_pool(a, grid, "completely", &f->completely) && add_pool(a, grid, "partly", &f->partly))) &&
             add_pool(a, grid, has_both(f) ? "combined" : "all", &f->all) && plx_grid_gap(grid);
    }
    if (!ok) {
        plx_fail_nomem(err, 0);
    }
    ok = ok && add_published(a, grid, err) && plx_cli_grid(cli, grid, err);
    plx_grid_free(grid);
    return ok;
}

static void tell_definition(plx_cli *cli, const plx_iscore_options *o)
{
    fprintf(cli->out_format == PLX_OUT_TEXT ? cli->out : stderr, "\nby %s, %s mode\n", plx_iscore_definition(o),
            o->strict ? "strict" : "reference");
}

static void tell(const plx_label_folder *f)
{
    if (!f->whole) {
        fprintf(stderr, "these are not the 23 test images of the benchmark: published rows are of those\n");
    }
    for (size_t i = 0; i < f->n_missing; i++) {
        fprintf(stderr, "missing: %s has no prediction and is left out\n", f->missing[i]);
    }
    for (size_t i = 0; i < f->n; i++) {
        const plx_iscore *s = &f->samples[i].score;
        for (size_t k = 0; k < s->n_notes; k++) {
            fprintf(stderr, "%s: %s: %s\n", f->samples[i].name, s->notes[k].id, s->notes[k].text);
        }
    }
    if (f->n_raised > 0) {
        fprintf(stderr,
                "nothing is pooled: the reference raises on %zu images; strict mode (--mode strict) has "
                "scores\n",
                f->n_raised);
    }
}

static plx_value *sample_value(const plx_label_sample *s, const plx_iscore_options *options, plx_arena *a)
{
    plx_iscore_options o = *options;
    o.partly = s->partly;
    plx_value *v = plx_iscore_report(&s->score, &o, a);
    return v && plx_v_set(a, v, "sample", plx_v_str(a, s->name)) &&
                   plx_v_set(a, v, "prediction", plx_v_str(a, s->pred)) &&
                   plx_v_set(a, v, "truth", plx_v_str(a, s->truth)) &&
                   plx_v_set(a, v, "prediction_sha256", plx_v_str(a, s->pred_sha256)) &&
                   plx_v_set(a, v, "truth_sha256", plx_v_str(a, s->truth_sha256))
               ? v
               : NULL;
}

static plx_value *published_value(plx_arena *a, plx_err *err)
{
    plx_published *rows;
    size_t n;
    plx_value *list = plx_v_arr(a);
    if (!plx_published_fisbe(a, &rows, &n, err)) {
        return NULL;
    }
    for (size_t i = 0; list && i < n; i++) {
        plx_value *v = plx_v_obj(a);
        bool ok = v && plx_v_set(a, v, "set", plx_v_str(a, rows[i].set)) &&
                  plx_v_set(a, v, "method", plx_v_str(a, rows[i].method));
        for (size_t k = 0; ok && k < PLX_PUBLISHED_SCORES; k++) {
            ok = plx_v_set(a, v, plx_published_names[k], plx_v_f64(a, rows[i].scores[k]));
        }
        list = ok && plx_v_push(a, list, v) ? list : NULL;
    }
    return list;
}

static plx_value *folder_value(const plx_label_folder *f, const plx_iscore_options *o, plx_arena *a, plx_err *err)
{
    plx_value *v = plx_v_obj(a), *samples = plx_v_arr(a), *missing = plx_v_arr(a);
    bool ok = v && samples && missing;
    for (size_t i = 0; ok && i < f->n; i++) {
        ok = plx_v_push(a, samples, sample_value(&f->samples[i], o, a));
    }
    for (size_t i = 0; ok && i < f->n_missing; i++) {
        ok = plx_v_push(a, missing, plx_v_str(a, f->missing[i]));
    }
    ok = ok && plx_v_set(a, v, "task", plx_v_str(a, "fisbe-instances")) &&
         plx_v_set(a, v, "definition", plx_v_str(a, plx_iscore_definition(o))) &&
         plx_v_set(a, v, "mode", plx_v_str(a, o->strict ? "strict" : "reference")) &&
         plx_v_set(a, v, "whole_test_set", plx_v_bool(a, f->whole)) && plx_v_set(a, v, "missing", missing) &&
         plx_v_set(a, v, "published", published_value(a, err)) && plx_v_set(a, v, "samples", samples);
    if (ok && f->n_raised == 0) {
        ok = (!has_both(f) || (plx_v_set(a, v, "completely", plx_ipool_metrics(&f->completely, a)) &&
                               plx_v_set(a, v, "partly", plx_ipool_metrics(&f->partly, a)))) &&
             plx_v_set(a, v, has_both(f) ? "combined" : "all", plx_ipool_metrics(&f->all, a));
    }
    return ok ? v : NULL;
}

static bool print_summary(plx_cli *cli, const plx_label_folder *f, plx_err *err)
{
    const char **names = plx_arena_zero(cli->arena, f->n, sizeof *names);
    const plx_iscore **scores = plx_arena_zero(cli->arena, f->n, sizeof *scores);
    plx_sb text = {0};
    if (!names || !scores) {
        return plx_fail_nomem(err, f->n * sizeof *names);
    }
    for (size_t i = 0; i < f->n; i++) {
        names[i] = f->samples[i].name;
        scores[i] = &f->samples[i].score;
    }
    bool ok = plx_iscore_summary(names, scores, f->n, &f->all, &text, err);
    if (ok) {
        fputs(plx_sb_str(&text), cli->out);
    }
    plx_sb_free(&text);
    return ok;
}

static void tell_run(plx_cli *cli, const plx_run_report *kept)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&kept->run, hex);
    fprintf(cli->out_format == PLX_OUT_TEXT ? cli->out : stderr, "%srun:%.12s%s; plexus board fisbe-instances\n",
            kept->result ? "kept as " : "kept as part of ", hex, kept->was_complete ? ", which was there before" : "");
}

/* `kept` (may be NULL): the run it became. */
static bool print_folder(plx_cli *cli, const plx_label_folder *f, const plx_iscore_options *o, const char *against,
                         const plx_run_report *kept, bool *stale, plx_err *err)
{
    if (against || plx_cli_wants_json(cli)) {
        char hex[PLX_SHA256_HEX + 1];
        plx_value *v = folder_value(f, o, cli->arena, err);
        if (v && kept) {
            plx_digest_hex(&kept->run, hex);
            v = plx_v_set(cli->arena, v, "run", plx_v_str(cli->arena, hex)) ? v : NULL;
        }
        if (!v) {
            return plx_fail_nomem(err, 0);
        }
        if (against && !plx_score_against(cli, against, v, stale, err)) {
            return false;
        }
        if (plx_cli_wants_json(cli)) {
            return plx_cli_json(cli, v, err);
        }
    }
    if (cli->out_format == PLX_OUT_CSV && f->n_raised == 0) {
        return print_summary(cli, f, err);
    }
    if (!print_grid(cli, f, err)) {
        return false;
    }
    tell_definition(cli, o);
    if (kept) {
        tell_run(cli, kept);
    }
    tell(f);
    return true;
}

/* --name, or what the submission says, or the folder's name. */
static const char *method_of(plx_cli *cli, const plx_score_labels_opts *opts, const plx_score_records *records,
                             const char *folder)
{
    if (opts->name || (records->head.json && records->head.model[0])) {
        return opts->name ? opts->name : records->head.model;
    }
    size_t len = plx_fs_is_dir(folder) ? strlen(folder) : strcspn(folder, ":");
    while (len > 1 && folder[len - 1] == '/') {
        len--;
    }
    const char *dir = plx_arena_strndup(cli->arena, folder, len);
    return dir ? plx_path_base(dir) : "";
}

/* The sets of a stability report, by our name and the reference's. */
static const struct {
    const char *name, *mode;
} sets[] = {{"completely", "MODE 1: COMPLETE"}, {"partly", "MODE 2: PARTLY"}, {"combined", "MODE 3: COMBINED"}};
enum { N_SETS = sizeof sets / sizeof sets[0], BOTH = N_SETS - 1 };

typedef struct stability {
    const char *set[N_SETS], *mode[N_SETS];
    plx_spread *rows[N_SETS];
    size_t n_rows[N_SETS], n_sets;
} stability;

static bool same_images(const plx_label_folder *runs, plx_err *err)
{
    for (int r = 1; r < STABILITY_RUNS; r++) {
        bool same = runs[r].n == runs[0].n;
        for (size_t i = 0; same && i < runs[0].n; i++) {
            same = strcmp(runs[r].samples[i].name, runs[0].samples[i].name) == 0;
        }
        if (!same) {
            plx_fail(err, PLX_E_ARG, "the runs are not of the same images");
            return plx_err_why(err, "their spread would be that of the images");
        }
    }
    return true;
}

static bool find_stability(const plx_label_folder *runs, plx_arena *arena, stability *out, plx_err *err)
{
    *out = (stability){0};
    for (int k = has_both(runs) ? 0 : BOTH; k < N_SETS; k++) {
        plx_ipool_run of[STABILITY_RUNS];
        for (int r = 0; r < STABILITY_RUNS; r++) {
            const plx_label_folder *f = &runs[r];
            of[r] = k == 0   ? (plx_ipool_run){&f->completely, f->pooled, f->n_completely}
                    : k == 1 ? (plx_ipool_run){&f->partly, f->pooled + f->n_completely, f->n - f->n_completely}
                             : (plx_ipool_run){&f->all, f->pooled, f->n};
        }
        size_t i = out->n_sets++;
        out->set[i] = has_both(runs) ? sets[k].name : "all";
        out->mode[i] = sets[k].mode;
        if (!plx_ipool_spreads(of, STABILITY_RUNS, arena, &out->rows[i], &out->n_rows[i], err)) {
            return false;
        }
    }
    return true;
}

static plx_value *stability_value(const stability *s, const plx_iscore_options *o, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "task", plx_v_str(a, "fisbe-instances")) &&
              plx_v_set(a, v, "definition", plx_v_str(a, plx_iscore_definition(o))) &&
              plx_v_set(a, v, "mode", plx_v_str(a, o->strict ? "strict" : "reference")) &&
              plx_v_set(a, v, "runs", plx_v_i64(a, STABILITY_RUNS));
    for (size_t k = 0; ok && k < s->n_sets; k++) {
        plx_value *set = plx_v_obj(a);
        ok = set != NULL;
        for (size_t i = 0; ok && i < s->n_rows[k]; i++) {
            const plx_spread *row = &s->rows[k][i];
            bool defined = !isnan(row->mean);
            plx_value *one = plx_v_obj(a);
            ok = one && plx_v_set(a, one, "mean", defined ? plx_v_f64(a, row->mean) : plx_v_null(a)) &&
                 plx_v_set(a, one, "std", defined ? plx_v_f64(a, row->std) : plx_v_null(a)) &&
                 plx_v_set(a, set, row->key, one);
        }
        ok = ok && plx_v_set(a, v, s->set[k], set);
    }
    return ok ? v : NULL;
}

/* As the reference writes stability_report.csv. */
static void print_stability_csv(plx_cli *cli, const stability *s)
{
    fputs("Mode,Metric,Mean,StdDev\n", cli->out);
    for (size_t k = 0; k < s->n_sets; k++) {
        for (size_t i = 0; i < s->n_rows[k]; i++) {
            const plx_spread *row = &s->rows[k][i];
            char mean[PLX_NUM_TEXT] = "", std[PLX_NUM_TEXT] = "";
            if (!isnan(row->mean)) {
                plx_print_f64(row->mean, mean);
                plx_print_f64(row->std, std);
            }
            fprintf(cli->out, "%s,%s,%s,%s\n", s->mode[k], row->key, mean, std);
        }
    }
}

static bool print_stability_grid(plx_cli *cli, const stability *s, plx_err *err)
{
    static const char *const headers[] = {"set", "score", "mean", "std"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_RIGHT, PLX_RIGHT};
    plx_grid *grid = plx_grid_new(4, headers, align);
    bool ok = grid != NULL;
    for (size_t k = 0; k < s->n_sets; k++) {
        for (size_t i = 0; ok && i < s->n_rows[k]; i++) {
            const plx_spread *row = &s->rows[k][i];
            const char *cells[] = {s->set[k], row->key, number(cli->arena, row->mean), number(cli->arena, row->std)};
            ok = plx_grid_row(grid, cells);
        }
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    return ok;
}

static bool print_spread(plx_cli *cli, const plx_label_folder *runs, const plx_iscore_options *o, plx_err *err)
{
    stability s;
    if (!same_images(runs, err) || !find_stability(runs, cli->arena, &s, err)) {
        return false;
    }
    if (plx_cli_wants_json(cli)) {
        plx_value *v = stability_value(&s, o, cli->arena);
        return v ? plx_cli_json(cli, v, err) : plx_fail_nomem(err, 0);
    }
    if (cli->out_format == PLX_OUT_CSV) {
        print_stability_csv(cli, &s);
        return true;
    }
    bool ok = print_stability_grid(cli, &s, err);
    tell_definition(cli, o);
    return ok;
}

/* Folders one after the other; with `records` each is kept as a run. */
static bool score_all(plx_cli *cli, const plx_score_labels_opts *opts, plx_label_folder_opts *o,
                      plx_score_records *records, const char *const *folders, size_t n, int *exit_code, plx_err *err)
{
    plx_label_folder runs[STABILITY_RUNS] = {0};
    plx_run_report kept[STABILITY_RUNS] = {0};
    bool ok = true, stale = false;
    size_t raised = 0, done = 0;
    for (; ok && done < n; done++) {
        o->pred = folders[done];
        ok = plx_label_folder_score(&cli->ctx, o, cli->arena, &runs[done], err) &&
             (!records || plx_score_keep(cli, records->bench, &runs[done], &o->score,
                                         method_of(cli, opts, records, folders[done]), &kept[done], err));
        raised += ok ? runs[done].n_raised : 0;
    }
    if (ok && n == STABILITY_RUNS && raised == 0) {
        ok = print_spread(cli, runs, &o->score, err);
    } else {
        for (size_t i = 0; ok && i < n; i++) {
            ok = print_folder(cli, &runs[i], &o->score, opts->against, records ? &kept[i] : NULL, &stale, err);
        }
    }
    for (size_t i = 0; i < done; i++) {
        plx_label_folder_free(&runs[i]);
    }
    *exit_code = ok && (raised > 0 || stale) ? 1 : 0;
    return ok;
}

/* Against what the store has of the benchmark. */
static bool score_records(plx_cli *cli, const plx_params *params, const plx_score_labels_opts *opts,
                          plx_label_folder_opts *o, const char *const *folders, size_t n, int *exit_code, plx_err *err)
{
    plx_score_records records;
    if (opts->dim_file || (opts->partly_names && opts->partly_names->n)) {
        plx_fail(err, PLX_E_ARG, "--dim-file and --partly-images go with --truth FOLDER");
        return plx_err_why(err, "records of the store say which neurons are dim and how images are labelled");
    }
    if (!plx_score_records_open(cli, opts, params, folders[0], &records, err)) {
        return false;
    }
    const plx_label_truth **truths = plx_arena_zero(cli->arena, records.bench->n_units, sizeof *truths);
    for (size_t i = 0; truths && i < records.bench->n_units; i++) {
        truths[i] = records.bench->data[i];
    }
    o->records = truths;
    o->n_records = records.bench->n_units;
    bool ok = truths ? score_all(cli, opts, o, &records, folders, n, exit_code, err)
                     : plx_fail_nomem(err, records.bench->n_units * sizeof *truths);
    plx_score_records_close(&records);
    return ok;
}

bool plx_score_label_folders(plx_cli *cli, const plx_params *params, const plx_score_labels_opts *opts,
                             const char *const *folders, size_t n, int *exit_code, plx_err *err)
{
    plx_label_folder_opts o = {
        .truth = opts->truth, .subset = opts->subset, .score = plx_iscore_options_of(params, opts->mode)};
    if (n != 1 && n != STABILITY_RUNS) {
        plx_fail(err, PLX_E_ARG, "%zu folders of predictions are neither one nor three runs", n);
        return plx_err_why(err, "of three runs mean and standard deviation are told, as the benchmark asks for");
    }
    if (opts->against && n != 1) {
        return plx_fail(err, PLX_E_ARG, "--against is for one folder");
    }
    if (!opts->truth) {
        return score_records(cli, params, opts, &o, folders, n, exit_code, err);
    }
    if (opts->name || opts->split) {
        plx_fail(err, PLX_E_ARG, "--name and --split go with the truths of the store");
        return plx_err_why(err, "against --truth FOLDER nothing is kept");
    }
    plx_value *listed = NULL;
    if (opts->dim_file && !plx_label_dim_read(&cli->ctx, opts->dim_file, cli->arena, &listed, err)) {
        return false;
    }
    o.dim = listed;
    if (opts->partly_names) {
        o.partly = opts->partly_names->items;
        o.n_partly = opts->partly_names->n;
    }
    return score_all(cli, opts, &o, NULL, folders, n, exit_code, err);
}
