/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show_driver.h"

#include "cli/bench_args.h"
#include "core/num.h"

#include <stdio.h>

enum { FACTS_MAX = 24, INDENT = 18 };

typedef struct fact {
    const char *label, *text;
} fact;

struct plx_page {
    plx_arena *arena;
    char name[PLX_REF_TEXT]; /* "task:connectome-link" */
    const char *title;
    size_t n_facts;
    fact facts[FACTS_MAX];
    const char *doc;
    /* One table: parameters, metrics of a task, scores of a run. */
    const char *table_title;
    size_t n_cols, n_rows;
    const char *const *headers;
    const char ***rows;
    plx_value *value;
    bool failed;
};

static void add(plx_page *page, const char *label, const char *text)
{
    if (text && *text && page->n_facts < FACTS_MAX) {
        page->facts[page->n_facts++] = (fact){label, text};
        page->failed = page->failed || !plx_v_set(page->arena, page->value, label, plx_v_str(page->arena, text));
    }
}

static void add_number(plx_page *page, const char *label, int64_t n)
{
    const char *text = plx_arena_printf(page->arena, "%lld", (long long)n);
    page->failed = page->failed || !text;
    if (text && page->n_facts < FACTS_MAX) {
        page->facts[page->n_facts++] = (fact){label, text};
        page->failed = page->failed || !plx_v_set(page->arena, page->value, label, plx_v_i64(page->arena, n));
    }
}

static plx_page *new_page(plx_cli *cli, const char *kind, const char *name, const char *title, const char *doc)
{
    plx_page *page = plx_arena_zero(cli->arena, 1, sizeof *page);
    plx_value *value = page ? plx_v_obj(cli->arena) : NULL;
    if (!value) {
        return NULL;
    }
    page->arena = cli->arena;
    page->value = value;
    page->title = title;
    page->doc = doc;
    snprintf(page->name, sizeof page->name, "%s:%s", kind, name);
    page->failed = !plx_v_set(cli->arena, value, "name", plx_v_str(cli->arena, page->name)) ||
                   !plx_v_set(cli->arena, value, "title", plx_v_str(cli->arena, title)) ||
                   (doc && !plx_v_set(cli->arena, value, "doc", plx_v_str(cli->arena, doc)));
    return page;
}

/* Room for a table; its rows are set with put_row, which also makes them objects under `key`. */
static void begin_table(plx_page *page, const char *title, const char *const *headers, size_t n_cols, size_t n_rows,
                        const char *key)
{
    page->table_title = title;
    page->headers = headers;
    page->n_cols = n_cols;
    page->rows = plx_arena_zero(page->arena, n_rows + 1, sizeof *page->rows);
    page->failed = page->failed || !page->rows || !plx_v_set(page->arena, page->value, key, plx_v_arr(page->arena));
}

static void put_row(plx_page *page, const char *key, const char *const *cells)
{
    const plx_value *list = plx_v_get(page->value, key);
    plx_value *row = plx_v_obj(page->arena);
    const char **copy = plx_arena_zero(page->arena, page->n_cols, sizeof *copy);
    if (page->failed || !row || !copy || !list) {
        page->failed = true;
        return;
    }
    for (size_t i = 0; i < page->n_cols; i++) {
        copy[i] = cells[i] ? cells[i] : "";
        page->failed = page->failed || !plx_v_set(page->arena, row, page->headers[i], plx_v_str(page->arena, copy[i]));
    }
    page->rows[page->n_rows++] = copy;
    for (size_t i = 0; i < page->value->u.obj.n; i++) {
        if (page->value->u.obj.members[i].value == list) {
            page->failed = page->failed || !plx_v_push(page->arena, page->value->u.obj.members[i].value, row);
        }
    }
}

static void put_params(plx_page *page, const plx_param *params)
{
    static const char *const headers[] = {"name", "default", "range", "chosen from", "what"};
    size_t n = 0;
    while (params && params[n].name) {
        n++;
    }
    if (n == 0) {
        return;
    }
    begin_table(page, "Parameters", headers, 5, n, "params");
    for (size_t i = 0; i < n; i++) {
        char lo[PLX_NUM_TEXT], hi[PLX_NUM_TEXT];
        plx_print_f64(params[i].lo, lo);
        plx_print_f64(params[i].hi, hi);
        if (params[i].type == PLX_PARAM_INT) {
            plx_print_i64((int64_t)params[i].lo, lo);
            plx_print_i64((int64_t)params[i].hi, hi);
        }
        const char *range =
            params[i].type == PLX_PARAM_CHOICE ? params[i].choices : plx_arena_printf(page->arena, "%s to %s", lo, hi);
        const char *cells[] = {params[i].name, params[i].fallback, range, params[i].grid ? params[i].grid : "",
                               params[i].doc};
        put_row(page, "params", cells);
    }
}

static const char *join(plx_arena *arena, const char *const *items, const char *between)
{
    plx_sb sb = {0};
    for (size_t i = 0; items && items[i]; i++) {
        plx_sb_printf(&sb, "%s%s", i ? between : "", items[i]);
    }
    const char *text = sb.failed ? NULL : plx_arena_strdup(arena, plx_sb_str(&sb));
    plx_sb_free(&sb);
    return text;
}

static bool task_page(plx_cli *cli, const char *name, plx_page **out, plx_err *err)
{
    static const char *const headers[] = {"score", "metric", "parameters", "direction"};
    const plx_task *task;
    if (!plx_cli_find_task(name, &task, err)) {
        return false;
    }
    plx_page *page = new_page(cli, "task", task->name, task->title, task->doc);
    if (!page) {
        return plx_fail_nomem(err, sizeof *page);
    }
    *out = page;
    add(page, "question", task->question);
    add(page, "unit", task->unit);
    add(page, "split", task->split);
    add(page, "negatives", task->negatives);
    add(page, "ranked by",
        plx_arena_printf(cli->arena, "%s, %s is better", task->metrics[0].label,
                         plx_direction_name(plx_task_direction(task, &task->metrics[0]))));
    add(page, "data", join(cli->arena, task->units, ", "));
    add(page, "cells",
        plx_arena_printf(cli->arena, "each unit of data, %u fold%s, %u seed%s", task->n_folds,
                         task->n_folds == 1 ? "" : "s", task->n_seeds, task->n_seeds == 1 ? "" : "s"));
    add(page, "reference", task->reference);
    add_number(page, "version", task->version);
    size_t n = 0;
    while (task->metrics[n].metric) {
        n++;
    }
    begin_table(page, "Scores", headers, 4, n, "scores");
    for (size_t i = 0; i < n; i++) {
        const plx_task_metric *m = &task->metrics[i];
        const char *cells[] = {m->label, m->metric, m->params, plx_direction_name(plx_task_direction(task, m))};
        put_row(page, "scores", cells);
    }
    return true;
}

static bool model_page(plx_cli *cli, const char *name, plx_page **out, plx_err *err)
{
    const plx_model *model;
    const char *answers[64];
    size_t n = 0;
    if (!plx_cli_find_model(name, &model, err)) {
        return false;
    }
    plx_page *page = new_page(cli, "model", model->name, model->title, model->doc);
    if (!page) {
        return plx_fail_nomem(err, sizeof *page);
    }
    *out = page;
    for (const plx_task *const *t = plx_tasks; *t && n + 1 < sizeof answers / sizeof *answers; t++) {
        if (plx_bench_accepts(*t, model, NULL)) {
            answers[n++] = (*t)->name;
        }
    }
    answers[n] = NULL;
    add(page, "answers", join(cli->arena, answers, ", "));
    add(page, "random",
        model->random ? "its predictions depend on the seed" : "no: the same for every seed of one split");
    add(page, "reference", model->reference);
    add_number(page, "version", model->version);
    put_params(page, model->params);
    return true;
}

static const char *evidence_text(plx_arena *arena, unsigned accepts)
{
    const char *kinds[6];
    size_t n = 0;
    if (accepts & PLX_EVIDENCE_BINARY) {
        kinds[n++] = "scores with labels 0 and 1";
    }
    if (accepts & PLX_EVIDENCE_RANKING) {
        kinds[n++] = "scores of positives and of negatives";
    }
    if (accepts & PLX_EVIDENCE_CLASSES) {
        kinds[n++] = "classes and their probabilities";
    }
    if (accepts & PLX_EVIDENCE_REGRESSION) {
        kinds[n++] = "numbers";
    }
    if (accepts & PLX_EVIDENCE_BUNDLES) {
        kinds[n++] = "volumes, graphs or other arrays and tables";
    }
    kinds[n] = NULL;
    return join(arena, kinds, "; ");
}

static bool metric_page(plx_cli *cli, const char *name, plx_page **out, plx_err *err)
{
    const plx_metric *metric;
    if (!plx_cli_find_metric(name, &metric, err)) {
        return false;
    }
    plx_page *page = new_page(cli, "metric", metric->name, metric->title, metric->doc);
    if (!page) {
        return plx_fail_nomem(err, sizeof *page);
    }
    *out = page;
    add(page, "scores", join(cli->arena, metric->scores, ", "));
    add(page, "range", metric->range);
    add(page, "direction", plx_arena_printf(cli->arena, "%s is better", plx_direction_name(metric->direction)));
    add(page, "unit", metric->unit);
    add(page, "of", evidence_text(cli->arena, metric->accepts));
    add(page, "reference", metric->reference);
    for (const char *q = metric->quirks; q && *q;) {
        size_t tab = strcspn(q, "\t"), end = strcspn(q, "\n");
        add(page, plx_arena_printf(cli->arena, "quirk %.*s", (int)tab, q),
            plx_arena_printf(cli->arena, "%.*s", (int)(end > tab ? end - tab - 1 : 0), q + tab + 1));
        q += end + (q[end] == '\n');
    }
    add_number(page, "version", metric->version);
    put_params(page, metric->params);
    return true;
}

static const char *text_at(const plx_value *root, const char *path)
{
    const char *text = plx_v_text(plx_v_at(root, path));
    return text ? text : "";
}

static void add_value(plx_page *page, const char *label, const plx_value *v, const char *unit)
{
    double x;
    char number[PLX_NUM_TEXT];
    if (plx_v_as_f64(v, &x)) {
        plx_print_f64(x, number);
        size_t len = strlen(number);
        if (len > 2 && strcmp(number + len - 2, ".0") == 0) {
            number[len - 2] = '\0';
        }
        add(page, label, plx_arena_printf(page->arena, "%s%s", number, unit));
    }
}

static bool run_page(plx_cli *cli, const char *hex, plx_page **out, plx_err *err)
{
    static const char *const headers[] = {"score", "unit", "n", "mean", "std"};
    plx_digest run;
    const plx_value *plan = NULL, *result = NULL;
    char full[PLX_SHA256_HEX + 1];
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no run %s: there is no store at %s", hex, cli->store_dir);
        return plx_err_next(err, "plexus init %s", cli->store_dir);
    }
    if (!plx_runs_find(&cli->store, hex, &run, err) ||
        !plx_runs_read(&cli->ctx, &cli->store, &run, PLX_RUN_PLAN, cli->arena, &plan, err) ||
        !plx_runs_read(&cli->ctx, &cli->store, &run, PLX_RUN_RESULT, cli->arena, &result, err)) {
        return false;
    }
    plx_digest_hex(&run, full);
    const plx_value *identity = result ? plx_v_at(result, "record.identity") : plx_v_get(plan, "identity");
    plx_page *page = new_page(
        cli, "run", full,
        plx_arena_printf(cli->arena, "%s on %s", text_at(identity, "model.name"), text_at(identity, "task.name")),
        NULL);
    if (!page) {
        return plx_fail_nomem(err, sizeof *page);
    }
    *out = page;
    add(page, "status", result ? "complete" : "partial: run it again to go on");
    add(page, "parameters", text_at(identity, "params"));
    add(page, "metrics", text_at(identity, "metric_mode"));
    add_value(page, "cells", plx_v_get(identity, "n_cells"), "");
    add_value(page, "seeds", plx_v_get(identity, "n_seeds"), "");
    add(page, "board", text_at(identity, "board"));
    const plx_value *inputs = plx_v_get(identity, "inputs");
    for (size_t i = 0; inputs && inputs->kind == PLX_V_ARR && i < inputs->u.arr.n && i < 8; i++) {
        add(page, i ? plx_arena_printf(cli->arena, "data %zu", i + 1) : "data",
            plx_arena_printf(cli->arena, "%s sha256:%s", text_at(inputs->u.arr.items[i], "ref"),
                             text_at(inputs->u.arr.items[i], "record")));
    }
    add_value(page, "cpu", plx_v_at(result, "measured.cpu_s"), " s");
    add_value(page, "peak memory", plx_v_at(result, "measured.peak_rss_bytes"), " bytes");
    add(page, "made by", text_at(result, "measured.tool.commit"));
    add(page, "compiler", text_at(result, "measured.tool.compiler"));
    add(page, "libraries", text_at(result, "measured.tool.libraries"));
    add(page, "machine", text_at(result, "measured.machine.cpu"));
    add(page, "finished", text_at(result, "measured.finished"));
    const plx_value *scores = plx_v_at(result, "record.scores");
    size_t n = scores && scores->kind == PLX_V_ARR ? scores->u.arr.n : 0;
    if (n) {
        begin_table(page, "Scores", headers, 5, n, "scores");
    }
    for (size_t i = 0; i < n; i++) {
        const plx_value *s = scores->u.arr.items[i];
        char number[3][PLX_NUM_TEXT] = {"", "-", "-"};
        double mean, std;
        int64_t count = 0;
        plx_v_as_i64(plx_v_get(s, "n"), &count);
        plx_print_i64(count, number[0]);
        if (plx_v_as_f64(plx_v_get(s, "mean"), &mean)) {
            plx_print_f64(mean, number[1]);
        }
        if (plx_v_as_f64(plx_v_get(s, "std"), &std)) {
            plx_print_f64(std, number[2]);
        }
        const char *unit = text_at(s, "unit");
        const char *cells[] = {text_at(s, "name"), *unit ? unit : "all", plx_arena_strdup(cli->arena, number[0]),
                               plx_arena_strdup(cli->arena, number[1]), plx_arena_strdup(cli->arena, number[2])};
        put_row(page, "scores", cells);
    }
    return true;
}

bool plx_cli_driver_page(plx_cli *cli, const plx_ref *ref, plx_page **out, plx_err *err)
{
    bool ok = false;
    switch (ref->kind) {
    case PLX_REF_TASK:
        ok = task_page(cli, ref->name, out, err);
        break;
    case PLX_REF_MODEL:
        ok = model_page(cli, ref->name, out, err);
        break;
    case PLX_REF_METRIC:
        ok = metric_page(cli, ref->name, out, err);
        break;
    case PLX_REF_RUN:
        ok = run_page(cli, ref->name, out, err);
        break;
    case PLX_REF_DATASET:
    case PLX_REF_SHA256:
        return plx_fail(err, PLX_E_BUG, "%s is no driver", ref->name);
    }
    return ok && ((*out)->failed ? plx_fail_nomem(err, sizeof **out) : true);
}

const plx_value *plx_cli_page_value(const plx_page *page)
{
    return page->value;
}

static bool print_table(plx_cli *cli, const plx_page *page, plx_err *err)
{
    static const plx_align align[8] = {PLX_LEFT};
    plx_grid *grid = plx_grid_new(page->n_cols, page->headers, align);
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < page->n_rows; i++) {
        ok = plx_grid_row(grid, page->rows[i]);
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    return ok;
}

bool plx_cli_page_print(plx_cli *cli, const plx_page *page, plx_err *err)
{
    bool md = cli->out_format == PLX_OUT_MD;
    if (!md && cli->out_format != PLX_OUT_TEXT) {
        plx_fail(err, PLX_E_ARG, "the page of %s is no table", page->name);
        return plx_err_next(err, "plexus show %s --json", page->name);
    }
    if (md) {
        fprintf(cli->out, "# %s\n\n%s.\n\n| | |\n|---|---|\n", strchr(page->name, ':') + 1, page->title);
    } else {
        fprintf(cli->out, "%s%s%s\n%s\n\n", cli->color ? "\033[1m" : "", page->name, cli->color ? "\033[0m" : "",
                page->title);
    }
    for (size_t i = 0; i < page->n_facts; i++) {
        if (md) {
            fprintf(cli->out, "| %s | %s |\n", page->facts[i].label, page->facts[i].text);
            continue;
        }
        fprintf(cli->out, "  %-*s ", INDENT - 3, page->facts[i].label);
        plx_tty_wrap(page->facts[i].text, INDENT, cli->width, cli->out);
    }
    if (page->doc) {
        fputc('\n', cli->out);
        plx_help_text(page->doc, 0, md ? 0 : cli->width, cli->out);
    }
    if (page->n_rows == 0) {
        return true;
    }
    fprintf(cli->out, md ? "\n## %s\n\n" : "\n%s\n", page->table_title);
    return print_table(cli, page, err);
}

static void entry(FILE *to, unsigned width, bool color, const char *name, const char *title)
{
    fprintf(to, "  %s%-26s%s", color ? "\033[1m" : "", name, color ? "\033[0m" : "");
    plx_tty_wrap(title, 28, width, to);
}

void plx_help_tasks(FILE *to, unsigned width, bool color)
{
    plx_help_text("Tasks that plexus run takes. plexus show task:NAME says how one is divided and scored.\n\n", 0,
                  width, to);
    for (const plx_task *const *t = plx_tasks; *t; t++) {
        entry(to, width, color, (*t)->name, (*t)->question);
    }
}

void plx_help_models(FILE *to, unsigned width, bool color)
{
    plx_help_text(
        "Models that plexus run and predict take; plexus show model:NAME gives the formula and the parameters. A model "
        "sees the training part of a task alone: wiring, and what else the task hands out of each neuron. "
        "Parameters that are not set by hand are chosen on the validation part. None needs a network or another "
        "program. What a model answers, pairs or classes, decides which tasks take it.\n\n",
        0, width, to);
    for (const plx_model *const *m = plx_models; *m; m++) {
        entry(to, width, color, (*m)->name, (*m)->title);
    }
}

void plx_help_metrics(FILE *to, unsigned width, bool color)
{
    plx_help_text("Metrics of tasks and of plexus score. Each equals its reference implementation digit for digit; in "
                  "strict mode "
                  "its quirks are mended instead. plexus show metric:NAME says which and how.\n\n",
                  0, width, to);
    for (const plx_metric *const *m = plx_metrics; *m; m++) {
        entry(to, width, color, (*m)->name, (*m)->title);
    }
}
