/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board_print.h"

#include "benchmarks/board_plot.h"
#include "cli/bench_args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum { COLS_MAX = 24, FIXED_LEFT = 2, FIXED_RIGHT = 4 };

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Plexus boards</title>\n<style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\n"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #ccc}\n"
    "table{border-collapse:collapse;margin:.6rem 0;font-size:.86rem}\n"
    "th,td{border:1px solid #ddd;padding:.2rem .5rem;text-align:left;vertical-align:top}th{background:#f3f3f3}\n"
    "tbody tr:hover{background:#f6f9fc}code{background:#f3f3f3;padding:0 .25rem}\n"
    "figure{margin:.8rem 0;overflow-x:auto}figcaption{font-size:.86rem;color:#555}svg{max-width:100%;height:auto}\n"
    ".wide{overflow-x:auto}.wide td,.wide th{white-space:nowrap}\n"
    "</style>\n</head>\n<body>\n<h1>Boards</h1>\n";

static void put_escaped(FILE *to, const char *text, bool html)
{
    for (; *text; text++) {
        const char *entity = html ? plx_xml_entity(*text) : NULL;
        if (entity) {
            fputs(entity, to);
        } else {
            fputc(*text, to);
        }
    }
}

/* A paragraph. */
static void say(FILE *to, unsigned width, plx_out as, const char *label, const char *text)
{
    bool html = as == PLX_OUT_HTML;
    if (!text || !*text) {
        return;
    }
    if (html || as == PLX_OUT_MD) {
        fputs(html ? "<p>" : "\n", to);
        put_escaped(to, label, html);
        fputs(*label ? ": " : "", to);
        put_escaped(to, text, html);
        fputs(html ? "</p>\n" : "\n", to);
        return;
    }
    fprintf(to, *label ? "%-11s" : "%s", label);
    plx_tty_wrap(text, *label ? 11 : 0, width, to);
}

void plx_board_heading(const plx_board *b, FILE *to, unsigned width, plx_out as)
{
    char line[512];
    plx_sb data = {0};
    snprintf(line, sizeof line, "%s, version %d%s, %s metrics", b->task, b->version,
             b->outdated ? " (the task has another version now)" : "", b->mode);
    if (as == PLX_OUT_HTML) {
        fprintf(to, "<h2 id=\"%s-%.16s\">", b->mode, b->board);
    } else if (as == PLX_OUT_MD) {
        fputs("## ", to);
    }
    put_escaped(to, line, as == PLX_OUT_HTML);
    fputs(as == PLX_OUT_HTML ? "</h2>\n" : "\n", to);
    if (b->driver) {
        say(to, width, as, "", b->driver->question);
    }
    snprintf(line, sizeof line, "%s, %s is better; mean +- unbiased standard deviation over %lld seed%s%s",
             b->n_columns ? b->columns[0] : "", b->n_columns ? b->directions[0] : "", (long long)b->n_seeds,
             b->n_seeds == 1 ? "" : "s",
             b->driver && b->driver->pool       ? ", each pooled over all units"
             : b->n_folds > 1 && b->n_units > 1 ? ", each the mean over folds and units"
             : b->n_folds > 1                   ? ", each the mean over folds"
             : b->n_units > 1                   ? ", each the mean over units"
                                                : "");
    say(to, width, as, "ranked by", line);
    say(to, width, as, "set", b->metric_params);
    for (size_t i = 0; i < b->n_inputs; i++) {
        plx_sb_printf(&data, "%s%s", i ? ", " : "", b->inputs[i]);
    }
    say(to, width, as, "data", plx_sb_str(&data));
    plx_sb_free(&data);
    if (b->n_published) {
        snprintf(line, sizeof line, "%s; those scores were not made here and have no rank", b->published[0].source);
        say(to, width, as, "published", line);
    }
    for (size_t i = 0; i < b->n_rows; i++) {
        if (b->rows[i].why[0]) {
            snprintf(line, sizeof line, "%s (%.16s): %s", b->rows[i].model, b->rows[i].run, b->rows[i].why);
            say(to, width, as, "no rank", line);
        }
    }
    snprintf(line, sizeof line, "%.16s; runs with other splits, seeds or data are on another", b->board);
    say(to, width, as, "board", line);
}

static void cpu_text(double cpu_s, char out[32])
{
    if (isnan(cpu_s)) {
        snprintf(out, 32, "-");
    } else {
        snprintf(out, 32, cpu_s < 10 ? "%.2f" : "%.0f", cpu_s);
    }
}

static const char *model_text(const plx_board_row *row, plx_arena *arena)
{
    return plx_arena_printf(arena, "%s%s%s%s%s", row->model, row->external ? " (from files)" : "",
                            row->outdated ? " (older version)" : "", *row->params ? " " : "", row->params);
}

/* As it was published: few digits, counts without any. */
static void published_text(double x, char out[48])
{
    if (isnan(x)) {
        snprintf(out, 48, "-");
    } else {
        snprintf(out, 48, "%g", x);
    }
}

bool plx_board_grid(const plx_board *b, plx_arena *arena, plx_grid **out, plx_err *err)
{
    const char **headers = plx_arena_zero(arena, COLS_MAX, sizeof *headers); /* a grid borrows them */
    plx_align align[COLS_MAX] = {PLX_RIGHT, PLX_LEFT};
    size_t n_scores =
        b->n_columns < COLS_MAX - FIXED_LEFT - FIXED_RIGHT ? b->n_columns : COLS_MAX - FIXED_LEFT - FIXED_RIGHT;
    size_t n = FIXED_LEFT;
    if (!headers) {
        return plx_fail_nomem(err, COLS_MAX * sizeof *headers);
    }
    headers[0] = "rank";
    headers[1] = "model";
    for (size_t i = 0; i < n_scores; i++) {
        headers[n] = b->columns[i];
        align[n++] = PLX_RIGHT;
    }
    static const char *const right[FIXED_RIGHT] = {"cells", "cpu s", "MB", "run"};
    for (size_t i = 0; i < FIXED_RIGHT; i++) {
        headers[n] = right[i];
        align[n++] = i == FIXED_RIGHT - 1 ? PLX_LEFT : PLX_RIGHT;
    }
    plx_grid *grid = plx_grid_new(n, headers, align);
    bool ok = grid != NULL;
    for (size_t r = 0; ok && r < b->n_rows; r++) {
        const plx_board_row *row = &b->rows[r];
        char rank[16], cells[48], cpu[32], mb[32], run[32], scores[COLS_MAX][48];
        const char *texts[COLS_MAX] = {rank, model_text(row, arena)};
        snprintf(rank, sizeof rank, "%u", row->rank);
        snprintf(cells, sizeof cells,
                 row->n_done < row->n_cells ? "%zu of %zu"
                 : row->complete            ? "%zu"
                                            : "%zu, no result",
                 row->n_done, row->n_cells);
        cpu_text(row->cpu_s, cpu);
        snprintf(mb, sizeof mb, "%.0f", (double)row->peak_rss_bytes / 1e6);
        snprintf(run, sizeof run, "%.16s", row->run);
        for (size_t i = 0; i < n_scores; i++) {
            plx_cli_score_text(row->scores[i].mean, row->scores[i].std, scores[i]);
            texts[FIXED_LEFT + i] = scores[i];
        }
        texts[0] = row->rank ? rank : "-";
        texts[FIXED_LEFT + n_scores] = cells;
        texts[FIXED_LEFT + n_scores + 1] = cpu;
        texts[FIXED_LEFT + n_scores + 2] = row->peak_rss_bytes ? mb : "-";
        texts[FIXED_LEFT + n_scores + 3] = run;
        ok = texts[1] && plx_grid_row(grid, texts);
    }
    for (size_t r = 0; ok && r < b->n_published; r++) {
        char scores[COLS_MAX][48];
        const char *texts[COLS_MAX] = {"-", plx_arena_printf(arena, "%s (published)", b->published[r].method)};
        for (size_t i = 0; i < n_scores; i++) {
            published_text(b->published[r].scores[i], scores[i]);
            texts[FIXED_LEFT + i] = scores[i];
        }
        for (size_t i = 0; i < FIXED_RIGHT; i++) {
            texts[FIXED_LEFT + n_scores + i] = i == FIXED_RIGHT - 1 ? "not run here" : "-";
        }
        ok = texts[1] && plx_grid_row(grid, texts);
    }
    *out = grid;
    if (!ok) {
        plx_grid_free(grid);
        return plx_fail_nomem(err, 0);
    }
    return true;
}

bool plx_board_units_grid(const plx_board *b, plx_arena *arena, plx_grid **out, plx_err *err)
{
    const char **headers = plx_arena_zero(arena, COLS_MAX, sizeof *headers);
    plx_align align[COLS_MAX] = {PLX_LEFT};
    size_t n = b->n_units < COLS_MAX - 1 ? b->n_units : COLS_MAX - 1;
    *out = NULL;
    if (!headers) {
        return plx_fail_nomem(err, COLS_MAX * sizeof *headers);
    }
    if (b->n_units < 2 || b->n_columns == 0) {
        return true;
    }
    headers[0] = "model";
    for (size_t i = 0; i < n; i++) {
        headers[1 + i] = b->units[i];
        align[1 + i] = PLX_RIGHT;
    }
    plx_grid *grid = plx_grid_new(n + 1, headers, align);
    bool ok = grid != NULL;
    for (size_t r = 0; ok && r < b->n_rows && b->rows[r].rank; r++) {
        char scores[COLS_MAX][48];
        const char *texts[COLS_MAX] = {model_text(&b->rows[r], arena)};
        for (size_t i = 0; i < n; i++) {
            plx_cli_score_text(b->rows[r].unit_scores[i].mean, b->rows[r].unit_scores[i].std, scores[i]);
            texts[1 + i] = scores[i];
        }
        ok = texts[0] && plx_grid_row(grid, texts);
    }
    *out = grid;
    if (!ok) {
        plx_grid_free(grid);
        return plx_fail_nomem(err, 0);
    }
    return true;
}

static const char *number(plx_arena *arena, double x)
{
    char text[PLX_NUM_TEXT];
    plx_print_f64(x, text);
    return isnan(x) ? "" : plx_arena_strdup(arena, text);
}

static bool long_row(plx_grid *grid, const plx_board *b, const plx_board_row *row, const char *name, const char *unit,
                     const plx_board_score *s, plx_arena *arena)
{
    const char *texts[] = {b->task,
                           plx_arena_printf(arena, "%d", b->version),
                           b->mode,
                           b->board,
                           row->rank ? plx_arena_printf(arena, "%u", row->rank) : "",
                           row->model,
                           row->params,
                           name,
                           unit,
                           plx_arena_printf(arena, "%lld", (long long)s->n),
                           number(arena, s->mean),
                           number(arena, s->std),
                           plx_arena_printf(arena, "%zu", row->n_done),
                           plx_arena_printf(arena, "%zu", row->n_cells),
                           number(arena, row->cpu_s),
                           number(arena, row->wall_s),
                           plx_arena_printf(arena, "%llu", (unsigned long long)row->peak_rss_bytes),
                           row->commit,
                           row->run};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!texts[i]) {
            return false;
        }
    }
    return plx_grid_row(grid, texts);
}

bool plx_boards_long_grid(const plx_board *boards, size_t n, plx_arena *arena, plx_grid **out, plx_err *err)
{
    static const char *const headers[] = {
        "task", "task_version", "metrics", "board",   "rank",  "model",  "params",         "score",  "unit", "n",
        "mean", "std",          "n_done",  "n_cells", "cpu_s", "wall_s", "peak_rss_bytes", "commit", "run"};
    static const plx_align align[sizeof headers / sizeof *headers] = {PLX_LEFT};
    plx_grid *grid = plx_grid_new(sizeof headers / sizeof *headers, headers, align);
    bool ok = grid != NULL;
    for (size_t i = 0; i < n; i++) {
        const plx_board *b = &boards[i];
        for (size_t r = 0; ok && r < b->n_published; r++) {
            const plx_task_published *p = &b->published[r];
            const plx_board_row row = {.model = p->method,
                                       .params = "published",
                                       .commit = p->source,
                                       .run = "",
                                       .cpu_s = (double)NAN,
                                       .wall_s = (double)NAN};
            for (size_t k = 0; ok && k < b->n_columns; k++) {
                const plx_board_score s = {p->scores[k], (double)NAN, 0};
                ok = long_row(grid, b, &row, b->columns[k], "", &s, arena);
            }
        }
        for (size_t r = 0; ok && r < b->n_rows; r++) {
            for (size_t k = 0; ok && k < b->n_columns; k++) {
                ok = long_row(grid, b, &b->rows[r], b->columns[k], "", &b->rows[r].scores[k], arena);
            }
            for (size_t k = 0; ok && k < b->n_units && b->n_columns; k++) {
                ok = long_row(grid, b, &b->rows[r], b->columns[0], b->units[k], &b->rows[r].unit_scores[k], arena);
            }
        }
    }
    *out = grid;
    if (!ok) {
        plx_grid_free(grid);
        return plx_fail_nomem(err, 0);
    }
    return true;
}

static plx_value *score_value(const plx_board_score *s, plx_arena *a)
{
    plx_value *out = plx_v_obj(a);
    bool ok = out && plx_v_set(a, out, "mean", isnan(s->mean) ? plx_v_null(a) : plx_v_f64(a, s->mean)) &&
              plx_v_set(a, out, "std", isnan(s->std) ? plx_v_null(a) : plx_v_f64(a, s->std)) &&
              plx_v_set(a, out, "n", plx_v_i64(a, s->n));
    return ok ? out : NULL;
}

static plx_value *row_value(const plx_board *b, const plx_board_row *row, plx_arena *a)
{
    plx_value *out = plx_v_obj(a), *scores = plx_v_obj(a), *units = plx_v_obj(a), *reasons = plx_v_obj(a);
    bool ok = out && scores && units && reasons;
    for (size_t i = 0; ok && i < b->n_columns; i++) {
        ok = plx_v_set(a, scores, b->columns[i], score_value(&row->scores[i], a));
    }
    for (size_t i = 0; ok && i < b->n_units; i++) {
        ok = plx_v_set(a, units, b->units[i], score_value(&row->unit_scores[i], a));
    }
    ok = ok && (row->rank || plx_v_set(a, reasons, "rank", plx_v_str(a, row->why))) &&
         plx_v_set(a, out, "rank", row->rank ? plx_v_i64(a, row->rank) : plx_v_null(a)) &&
         plx_v_set(a, out, "reasons", reasons) && plx_v_set(a, out, "model", plx_v_str(a, row->model)) &&
         plx_v_set(a, out, "model_version", plx_v_i64(a, row->version)) &&
         plx_v_set(a, out, "external", plx_v_bool(a, row->external)) &&
         plx_v_set(a, out, "params", plx_v_str(a, row->params)) && plx_v_set(a, out, "scores", scores) &&
         plx_v_set(a, out, "units", units) && plx_v_set(a, out, "n_done", plx_v_u64(a, row->n_done)) &&
         plx_v_set(a, out, "n_cells", plx_v_u64(a, row->n_cells)) &&
         plx_v_set(a, out, "n_parameters", plx_v_u64(a, row->n_parameters)) &&
         plx_v_set(a, out, "cpu_s", isnan(row->cpu_s) ? plx_v_null(a) : plx_v_f64(a, row->cpu_s)) &&
         plx_v_set(a, out, "peak_rss_bytes", plx_v_u64(a, row->peak_rss_bytes)) &&
         plx_v_set(a, out, "commit", plx_v_str(a, row->commit)) && plx_v_set(a, out, "run", plx_v_str(a, row->run));
    return ok ? out : NULL;
}

static plx_value *published_value(const plx_board *b, const plx_task_published *p, plx_arena *a)
{
    plx_value *out = plx_v_obj(a), *scores = plx_v_obj(a);
    bool ok = out && scores && plx_v_set(a, out, "method", plx_v_str(a, p->method)) &&
              plx_v_set(a, out, "set", plx_v_str(a, p->set)) && plx_v_set(a, out, "source", plx_v_str(a, p->source)) &&
              plx_v_set(a, out, "scores", scores);
    for (size_t i = 0; ok && i < b->n_columns; i++) {
        ok = plx_v_set(a, scores, b->columns[i], isnan(p->scores[i]) ? plx_v_null(a) : plx_v_f64(a, p->scores[i]));
    }
    return ok ? out : NULL;
}

plx_value *plx_board_value(const plx_board *b, plx_arena *a)
{
    plx_value *published = plx_v_arr(a);
    plx_value *out = plx_v_obj(a), *rows = plx_v_arr(a), *columns = plx_v_arr(a), *inputs = plx_v_arr(a);
    bool ok = out && rows && columns && inputs && plx_v_set(a, out, "task", plx_v_str(a, b->task)) &&
              plx_v_set(a, out, "task_version", plx_v_i64(a, b->version)) &&
              plx_v_set(a, out, "question", b->driver ? plx_v_str(a, b->driver->question) : plx_v_null(a)) &&
              plx_v_set(a, out, "metric_mode", plx_v_str(a, b->mode)) &&
              plx_v_set(a, out, "board", plx_v_str(a, b->board)) &&
              plx_v_set(a, out, "metric_params", plx_v_str(a, b->metric_params)) &&
              plx_v_set(a, out, "first_seed", plx_v_i64(a, b->first_seed)) &&
              plx_v_set(a, out, "n_seeds", plx_v_i64(a, b->n_seeds)) && plx_v_set(a, out, "scores", columns) &&
              plx_v_set(a, out, "inputs", inputs) && plx_v_set(a, out, "rows", rows) && published &&
              plx_v_set(a, out, "published", published);
    for (size_t i = 0; ok && i < b->n_published; i++) {
        ok = plx_v_push(a, published, published_value(b, &b->published[i], a));
    }
    for (size_t i = 0; ok && i < b->n_columns; i++) {
        plx_value *column = plx_v_obj(a);
        ok = column && plx_v_set(a, column, "name", plx_v_str(a, b->columns[i])) &&
             plx_v_set(a, column, "direction", plx_v_str(a, b->directions[i])) && plx_v_push(a, columns, column);
    }
    for (size_t i = 0; ok && i < b->n_inputs; i++) {
        ok = plx_v_push(a, inputs, plx_v_str(a, b->inputs[i]));
    }
    for (size_t i = 0; ok && i < b->n_rows; i++) {
        ok = plx_v_push(a, rows, row_value(b, &b->rows[i], a));
    }
    return ok ? out : NULL;
}

static bool put_picture(const plx_board *b, plx_arena *arena, FILE *to, plx_err *err)
{
    plx_drawing picture;
    if (!plx_board_plot(b, arena, &picture, err)) {
        return false;
    }
    bool ok = true;
    if (picture.n > 0) {
        fputs("<figure>\n", to);
        ok = plx_drawing_svg(&picture, to, err);
        fprintf(to,
                "<figcaption>Dark: mean over %lld seeds, and one standard deviation to either side.%s The table says "
                "the same in numbers.</figcaption>\n</figure>\n",
                (long long)b->n_seeds, b->n_units > 1 ? " Light: the mean of each unit of data alone." : "");
    }
    plx_drawing_free(&picture);
    return ok;
}

/* A table that scrolls alone where the window is narrow. */
static bool put_table(const plx_grid *grid, FILE *to, plx_err *err)
{
    fputs("<div class=\"wide\">\n", to);
    bool ok = plx_grid_print_html(grid, to, err);
    fputs("</div>\n", to);
    return ok;
}

bool plx_board_html(const plx_board *b, plx_arena *arena, FILE *to, plx_err *err)
{
    plx_grid *grid = NULL, *units = NULL;
    plx_board_heading(b, to, 0, PLX_OUT_HTML);
    bool ok = put_picture(b, arena, to, err) && plx_board_grid(b, arena, &grid, err) && put_table(grid, to, err) &&
              plx_board_units_grid(b, arena, &units, err);
    if (ok && units) {
        fputs("<p>Each unit alone:</p>\n", to);
        ok = put_table(units, to, err);
    }
    plx_grid_free(grid);
    plx_grid_free(units);
    return ok;
}

/* Links to each board below. */
static void put_contents(const plx_board *boards, size_t n, FILE *to)
{
    fputs("<nav aria-label=\"Boards\">\n<ul>\n", to);
    for (size_t i = 0; i < n; i++) {
        fprintf(to, "<li><a href=\"#%s-%.16s\">", boards[i].mode, boards[i].board);
        put_escaped(to, boards[i].task, true);
        fprintf(to, "</a>, %lld seeds, %s metrics</li>\n", (long long)boards[i].n_seeds, boards[i].mode);
    }
    fputs("</ul>\n</nav>\n", to);
}

bool plx_boards_page(const plx_board *boards, size_t n, plx_arena *arena, FILE *to, plx_err *err)
{
    fputs(page_head, to);
    if (n > 1) {
        put_contents(boards, n, to);
    }
    for (size_t i = 0; i < n; i++) {
        if (!plx_board_html(&boards[i], arena, to, err)) {
            return false;
        }
    }
    fputs(
        "<p>Runs that lack cells do not rank. Run models with <code>plexus run TASK</code>, score predictions of your "
        "own with <code>plexus score FOLDER</code>; whether two models really differ says <code>plexus "
        "compare</code>.</p>\n</body>\n</html>\n",
        to);
    return !ferror(to) || plx_fail_sys(err, errno, "the page cannot be written");
}
