/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus compare: paired differences between runs.
 */
#include "cli/bench_args.h"

#include "benchmarks/board.h"
#include "benchmarks/compare.h"
#include "benchmarks/kernels/stats.h"
#include "schemas/ref.h"

#include <math.h>

typedef struct compare_opts {
    const char *over, *metrics;
    bool all_scores;
} compare_opts;

static const plx_opt opts_table[] = {
    {"over", 0, PLX_OPT_CHOICE, offsetof(compare_opts, over), NULL, "seeds|units|both",
     "What one difference is of: a seed (the default), a unit of data, or each seed of each unit, taken as if these "
     "were independent. Only units speak for other animals."},
    {"metrics", 0, PLX_OPT_CHOICE, offsetof(compare_opts, metrics), NULL, "reference|strict",
     "With a task: runs scored in this mode."},
    {"all", 0, PLX_OPT_FLAG, offsetof(compare_opts, all_scores), NULL, NULL,
     "Every score, not only the one that ranks."},
    {0},
};
static const compare_opts defaults = {.over = "seeds", .metrics = "reference"};

typedef struct chosen {
    const char *name;
    const plx_value *record;
} chosen;

static bool read_record(plx_cli *cli, const plx_digest *run, chosen *out, plx_err *err)
{
    const plx_value *result;
    if (!plx_runs_read(&cli->ctx, &cli->store, run, PLX_RUN_RESULT, cli->arena, &result, err)) {
        return false;
    }
    if (!result) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s is not complete: only complete runs compare", out->name);
    }
    out->record = plx_v_get(result, "record");
    return true;
}

static bool choose_run(plx_cli *cli, const char *text, chosen *out, plx_err *err)
{
    plx_ref ref;
    plx_digest run;
    if (!plx_ref_parse(text, &ref, err)) {
        return false;
    }
    if (ref.kind != PLX_REF_RUN) {
        plx_fail(err, PLX_E_ARG, "%s is no run", text);
        return plx_err_why(err, "name runs as run:HEX, or a task and models");
    }
    out->name = text;
    if (!plx_runs_find(&cli->store, ref.name, &run, err) || !read_record(cli, &run, out, err)) {
        return false;
    }
    const char *model = plx_v_text(plx_v_at(out->record, "identity.model.name"));
    out->name = model ? plx_arena_printf(cli->arena, "%s (%s)", model, text) : text;
    return out->name ? true : plx_fail_nomem(err, 64);
}

/* The ranked run of a model whose parameters were chosen on validation, if there is one: a value set by hand may have
 * been chosen by its score on the test. */
static const plx_board_row *find_row(const plx_board *b, const char *model)
{
    const plx_board_row *found = NULL;
    for (size_t r = 0; r < b->n_rows; r++) {
        const plx_board_row *row = &b->rows[r];
        if (row->rank && strcmp(row->model, model) == 0 && (!found || (*found->params && !*row->params))) {
            found = row;
        }
    }
    return found;
}

static bool has_mode(const plx_board *b, const compare_opts *opts)
{
    return strcmp(b->mode, opts->metrics) == 0 && !b->outdated;
}

/* No board has them all: the first name that nothing answers to, or the command that runs them. */
static bool say_what_lacks(const compare_opts *opts, const plx_task *task, const plx_board *boards, size_t n_boards,
                           const char *const *names, size_t n, plx_err *err)
{
    plx_sb next = {0};
    plx_sb_printf(&next, "plexus run %s", task->name);
    for (size_t k = 0; k < n; k++) {
        const plx_model *model;
        const plx_board_row *row = NULL;
        for (size_t i = 0; !row && i < n_boards; i++) {
            row = has_mode(&boards[i], opts) ? find_row(&boards[i], names[k]) : NULL;
        }
        if (!row && (!plx_cli_find_model(names[k], &model, err) || !plx_bench_accepts(task, model, err))) {
            plx_sb_free(&next);
            return false;
        }
        if (!row || !row->external) {
            plx_sb_printf(&next, " %s", names[k]);
        }
    }
    plx_sb_printf(&next, "%s", strcmp(opts->metrics, defaults.metrics) == 0 ? "" : " --metrics strict");
    plx_fail(err, PLX_E_NOTFOUND, "no board of %s has complete runs of all of these", task->name);
    plx_err_why(err, "only runs over the same splits, seeds and data compare");
    plx_err_next(err, "%s", plx_sb_str(&next));
    plx_sb_free(&next);
    return false;
}

/* Models of one task: the board with all of them that has most runs. */
static bool choose_models(plx_cli *cli, const compare_opts *opts, const char *const *args, size_t n, chosen *out,
                          plx_err *err)
{
    const plx_task *task;
    plx_board *boards;
    const plx_board *best = NULL;
    size_t n_boards;
    if (!plx_cli_find_task(args[0], &task, err) ||
        !plx_boards_make(&cli->ctx, &cli->store, task->name, cli->arena, &boards, &n_boards, err)) {
        return false;
    }
    for (size_t i = 0; i < n_boards; i++) {
        bool all = has_mode(&boards[i], opts);
        for (size_t k = 1; all && k < n; k++) {
            all = find_row(&boards[i], args[k]) != NULL;
        }
        best = all && (!best || boards[i].n_rows > best->n_rows) ? &boards[i] : best;
    }
    if (!best) {
        return say_what_lacks(opts, task, boards, n_boards, args + 1, n - 1, err);
    }
    for (size_t k = 1; k < n; k++) {
        plx_digest run;
        const plx_board_row *row = find_row(best, args[k]);
        const char *key = row ? row->run + strlen("run:") : "";
        out[k - 1].name = args[k];
        if (!plx_digest_parse(key, strlen(key), &run) || !read_record(cli, &run, &out[k - 1], err)) {
            return plx_err_next(err, "plexus verify");
        }
    }
    return true;
}

static const char *p_text(double p, char out[24])
{
    snprintf(out, 24, isnan(p) ? "-" : p < 0.0001 ? "< 0.0001" : "%.4f", p);
    return out;
}

static plx_value *to_json(plx_arena *a, const chosen *x, const chosen *y, const plx_comparison *c)
{
    const struct {
        const char *key;
        double value;
    } reals[] = {
        {"mean_a", c->mean_a}, {"mean_b", c->mean_b},           {"difference", c->mean}, {"lo", c->lo},
        {"hi", c->hi},         {"p_sign_flip", c->p_sign_flip}, {"p_holm", c->p_holm},   {"p_wilcoxon", c->p_wilcoxon}};
    plx_value *out = plx_v_obj(a);
    bool ok = out && plx_v_set(a, out, "a", plx_v_str(a, x->name)) && plx_v_set(a, out, "b", plx_v_str(a, y->name)) &&
              plx_v_set(a, out, "score", plx_v_str(a, c->label)) && plx_v_set(a, out, "n", plx_v_u64(a, c->n)) &&
              plx_v_set(a, out, "n_better", plx_v_u64(a, c->n_better)) &&
              plx_v_set(a, out, "n_worse", plx_v_u64(a, c->n_worse)) &&
              plx_v_set(a, out, "exact", plx_v_bool(a, c->exact));
    for (size_t i = 0; ok && i < sizeof reals / sizeof *reals; i++) {
        ok = plx_v_set(a, out, reals[i].key, isnan(reals[i].value) ? plx_v_null(a) : plx_v_f64(a, reals[i].value));
    }
    return ok ? out : NULL;
}

static bool add_row(plx_grid *grid, const chosen *x, const chosen *y, const plx_comparison *c)
{
    char mean[24], ci[48], n[24], better[32], p[24], holm[24], w[24];
    snprintf(mean, sizeof mean, "%+.4f", c->mean);
    snprintf(ci, sizeof ci, "%+.4f to %+.4f", c->lo, c->hi);
    snprintf(n, sizeof n, "%zu", c->n);
    snprintf(better, sizeof better, "%zu : %zu", c->n_better, c->n_worse);
    const char *cells[] = {x->name,
                           y->name,
                           c->label,
                           mean,
                           ci,
                           n,
                           better,
                           p_text(c->p_sign_flip, p),
                           p_text(c->p_holm, holm),
                           p_text(c->p_wilcoxon, w)};
    return plx_grid_row(grid, cells);
}

static bool compare_all(plx_cli *cli, const compare_opts *opts, const chosen *runs, size_t n, plx_err *err)
{
    static const char *const headers[] = {"first", "against",        "score", "difference", "95 % interval",
                                          "n",     "better : worse", "p",     "p (Holm)",   "p (Wilcoxon)"};
    static const plx_align align[] = {PLX_LEFT,  PLX_LEFT,  PLX_LEFT,  PLX_RIGHT, PLX_RIGHT,
                                      PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT, PLX_RIGHT};
    plx_compare_over over = strcmp(opts->over, "units") == 0  ? PLX_OVER_UNITS
                            : strcmp(opts->over, "both") == 0 ? PLX_OVER_BOTH
                                                              : PLX_OVER_SEEDS;
    plx_value *list = plx_v_arr(cli->arena);
    plx_comparison **all = plx_arena_zero(cli->arena, n, sizeof *all);
    size_t *counts = plx_arena_zero(cli->arena, n, sizeof *counts);
    double *p = plx_arena_zero(cli->arena, n, sizeof *p), *holm = plx_arena_zero(cli->arena, n, sizeof *holm);
    plx_grid *grid = plx_grid_new(sizeof headers / sizeof *headers, headers, align);
    bool ok = list && all && counts && p && holm && grid ? true : plx_fail_nomem(err, n * sizeof *all);
    for (size_t i = 1; ok && i < n; i++) {
        ok = plx_compare_runs(runs[0].record, runs[i].record, over, (uint64_t)(cli->g.seed > 0 ? cli->g.seed : 0),
                              cli->arena, &all[i], &counts[i], err);
    }
    /* All comparisons of the first score were made at once. */
    for (size_t i = 1; ok && i < n; i++) {
        p[i - 1] = counts[i] ? all[i][0].p_sign_flip : (double)NAN;
    }
    ok = ok && plx_stats_holm(p, n - 1, holm, err);
    for (size_t i = 1; ok && i < n; i++) {
        for (size_t k = 0; ok && k < counts[i] && (k == 0 || opts->all_scores); k++) {
            plx_comparison *c = &all[i][k];
            c->p_holm = k == 0 ? holm[i - 1] : (double)NAN;
            ok = (plx_cli_wants_json(cli) ? plx_v_push(cli->arena, list, to_json(cli->arena, &runs[0], &runs[i], c))
                                          : add_row(grid, &runs[0], &runs[i], c)) ||
                 plx_fail_nomem(err, sizeof *c);
        }
    }
    ok = ok && (plx_cli_wants_json(cli)           ? plx_cli_json(cli, list, err)
                : cli->out_format == PLX_OUT_TEXT ? plx_grid_print_text(grid, cli->out, 0, cli->color, err)
                                                  : plx_cli_grid(cli, grid, err));
    plx_grid_free(grid);
    return ok;
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const compare_opts *opts = options;
    bool by_run = plx_starts_with(args[0], "run:");
    size_t n = by_run ? n_args : n_args - 1;
    chosen *runs = plx_arena_zero(cli->arena, n_args, sizeof *runs);
    (void)exit_code;
    if (!runs) {
        return plx_fail_nomem(err, n_args * sizeof *runs);
    }
    if (n < 2) {
        plx_fail(err, PLX_E_ARG, "a comparison needs two runs");
        return plx_err_next(err, "plexus compare %s MODEL MODEL", by_run ? "TASK" : args[0]);
    }
    for (size_t i = 0; by_run && i < n; i++) {
        if (!choose_run(cli, args[i], &runs[i], err)) {
            return false;
        }
    }
    return (by_run || choose_models(cli, opts, args, n_args, runs, err)) && compare_all(cli, opts, runs, n, err);
}

const plx_command plx_cmd_compare = {
    .name = "compare",
    .group = "bench",
    .summary = "Do two runs really differ? Paired over seeds or units",
    .usage = "compare TASK MODEL MODEL... | compare run:HEX run:HEX... [--over seeds|units|both]",
    .examples = "plexus compare connectome-link katz homologue_copy distance\tthe first against each of the others\n"
                "plexus compare run:3f2a9c run:77b01d --over units\ttwo runs, paired over animals\n",
    .doc = "The first run is compared with each of the others on exactly the same splits. Scores are averaged over "
           "folds, and over units or seeds as --over says; what is left are pairs. p is that of a sign-flip "
           "permutation test of the mean difference (all sign patterns for up to 20 pairs, else 10000 random ones), p "
           "(Holm) is adjusted for all comparisons made at once, p (Wilcoxon) that of the signed-rank test; the "
           "interval is a percentile bootstrap. Seeds divide the same data again and again: they say whether a "
           "difference is more than the luck of the split. Whether it holds for other animals only units can say, and "
           "five units cannot reach p below 0.06. A model's name stands for the run whose parameters were chosen on "
           "validation; runs with parameters set by hand are named as run:HEX.",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(compare_opts),
    .defaults = &defaults,
    .min_args = 2,
    .max_args = 64,
    .args_doc = "task",
    .run = run,
};
