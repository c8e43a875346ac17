/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/board.h"

#include "core/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* One run as read. */
typedef struct entry {
    const char *key;
    const plx_value *identity, *record, *measured;
    size_t n_done;
    const char *task, *board, *mode;
    int64_t version;
} entry;

static const char *text_of(const plx_value *object, const char *key)
{
    const char *text = plx_v_get_text(object, key);
    return text ? text : "";
}

static int64_t int_of(const plx_value *object, const char *key)
{
    int64_t n = 0;
    plx_v_as_i64(plx_v_get(object, key), &n);
    return n;
}

static double real_of(const plx_value *object, const char *key)
{
    double x;
    return plx_v_as_f64(plx_v_get(object, key), &x) ? x : (double)NAN;
}

static size_t list_of(const plx_value *object, const char *key, plx_value *const **items)
{
    const plx_value *list = plx_v_get(object, key);
    *items = list && list->kind == PLX_V_ARR ? list->u.arr.items : NULL;
    return *items ? list->u.arr.n : 0;
}

static int by_board(const void *x, const void *y)
{
    const entry *a = x, *b = y;
    int order = strcmp(a->task, b->task);
    order = order ? order : (a->version < b->version) - (a->version > b->version);
    order = order ? order : strcmp(a->mode, b->mode);
    order = order ? order : strcmp(a->board, b->board);
    return order ? order : strcmp(a->key, b->key);
}

static bool same_board(const entry *a, const entry *b)
{
    return strcmp(a->task, b->task) == 0 && a->version == b->version && strcmp(a->mode, b->mode) == 0 &&
           strcmp(a->board, b->board) == 0;
}

/* Damage is for verify to tell; anything else is an error. */
static bool read_entry(const plx_ctx *ctx, const plx_store *store, const plx_run_listed *run, plx_arena *arena,
                       entry *out, bool *usable, plx_err *err)
{
    const plx_value *content = NULL;
    plx_err seen;
    plx_err_clear(&seen);
    *usable = false;
    if (!plx_runs_read(ctx, store, &run->run, run->complete ? PLX_RUN_RESULT : PLX_RUN_PLAN, arena, &content, &seen)) {
        if (seen.code == PLX_E_NOMEM || seen.code == PLX_E_CANCELLED || seen.code == PLX_E_IO) {
            if (err) {
                *err = seen;
            }
            return false;
        }
        return true;
    }
    const plx_value *record = plx_v_get(content, "record");
    const plx_value *identity = plx_v_get(record ? record : content, "identity");
    const plx_value *task = plx_v_get(identity, "task");
    *out = (entry){.key = run->key,
                   .identity = identity,
                   .record = record,
                   .measured = plx_v_get(content, "measured"),
                   .n_done = run->n_cells,
                   .task = text_of(task, "name"),
                   .board = text_of(identity, "board"),
                   .mode = text_of(identity, "metric_mode"),
                   .version = int_of(task, "version")};
    *usable = out->task[0] != '\0';
    return true;
}

static plx_board_score find_score(const entry *e, const char *label, const char *unit)
{
    plx_value *const *items;
    size_t n = list_of(e->record, "scores", &items);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text_of(items[i], "name"), label) == 0 && strcmp(text_of(items[i], "unit"), unit) == 0) {
            return (plx_board_score){real_of(items[i], "mean"), real_of(items[i], "std"), int_of(items[i], "n")};
        }
    }
    return (plx_board_score){(double)NAN, (double)NAN, 0};
}

/* What the first cell without a score says. */
static const char *why_undefined(const plx_board *b, plx_value *const *cells, size_t n, plx_arena *arena)
{
    char key[PLX_SCORE_NAME + 16];
    snprintf(key, sizeof key, "test.%s", b->n_columns ? b->columns[0] : "");
    for (size_t i = 0; i < n; i++) {
        const char *reason = plx_v_get_text(plx_v_get(cells[i], "reasons"), key);
        if (reason) {
            return plx_arena_printf(arena, "its score is not defined in some cell: %s, %s", text_of(cells[i], "unit"),
                                    reason);
        }
    }
    return "its score is not defined in some cell";
}

static bool fill_row(const entry *e, const plx_board *b, plx_arena *arena, plx_board_row *row, plx_err *err)
{
    const plx_value *model = plx_v_get(e->identity, "model");
    const plx_value *external = plx_v_get(model, "external");
    const plx_model *driver = plx_model_find(text_of(model, "name"));
    *row = (plx_board_row){.run = e->key,
                           .model = text_of(model, "name"),
                           .params = text_of(e->identity, "params"),
                           .commit = text_of(plx_v_get(e->measured, "tool"), "commit"),
                           .finished = text_of(e->measured, "finished"),
                           .external = external && external->kind == PLX_V_BOOL && external->u.b,
                           .complete = e->record != NULL,
                           .n_cells = (size_t)int_of(e->identity, "n_cells"),
                           .why = "",
                           .version = (int)int_of(model, "version"),
                           .cpu_s = real_of(e->measured, "cpu_s"),
                           .wall_s = real_of(e->measured, "wall_s"),
                           .peak_rss_bytes = (uint64_t)int_of(e->measured, "peak_rss_bytes")};
    row->n_done = e->record ? row->n_cells : e->n_done;
    row->outdated = !row->external && driver && driver->version != row->version;
    row->scores = plx_arena_zero(arena, b->n_columns + 1, sizeof *row->scores);
    row->unit_scores = plx_arena_zero(arena, b->n_units + 1, sizeof *row->unit_scores);
    if (!row->scores || !row->unit_scores) {
        return plx_fail_nomem(err, b->n_columns * sizeof *row->scores);
    }
    for (size_t i = 0; i < b->n_columns; i++) {
        row->scores[i] = find_score(e, b->columns[i], "");
    }
    for (size_t i = 0; i < b->n_units && b->n_columns; i++) {
        row->unit_scores[i] = find_score(e, b->columns[0], b->units[i]);
    }
    plx_value *const *cells;
    size_t n = list_of(e->record, "cells", &cells);
    for (size_t i = 0; i < n; i++) {
        uint64_t parameters = (uint64_t)int_of(cells[i], "n_parameters");
        row->n_parameters = parameters > row->n_parameters ? parameters : row->n_parameters;
    }
    if (!e->record && row->n_done == row->n_cells) {
        row->why = "all cells are there, but their result is not: run it again";
    } else if (b->whole.set && row->n_done < b->whole.n_of) {
        row->why = plx_arena_printf(arena, "%zu of %zu units of the set \"%s\" are missing",
                                    b->whole.n_of - row->n_done, b->whole.n_of, b->whole.set);
    } else if (!e->record) {
        row->why = plx_arena_printf(arena, "%zu of %zu cells are missing", row->n_cells - row->n_done, row->n_cells);
    } else if (b->n_columns == 0 || isnan(row->scores[0].mean)) {
        row->why = why_undefined(b, cells, n, arena);
    }
    return row->why ? true : plx_fail_nomem(err, 64);
}

static bool text_list(const plx_value *list, const char *key, plx_arena *arena, const char ***out, size_t *n,
                      plx_err *err)
{
    *n = list && list->kind == PLX_V_ARR ? list->u.arr.n : 0;
    *out = plx_arena_zero(arena, *n + 1, sizeof **out);
    for (size_t i = 0; *out && i < *n; i++) {
        const plx_value *item = list->u.arr.items[i];
        const char *text = key ? text_of(item, key) : plx_v_text(item);
        (*out)[i] = text ? text : "";
    }
    return *out ? true : plx_fail_nomem(err, *n * sizeof **out);
}

/* Ranked rows first, best first; NaN and partial ones last, by name. */
static int by_score(const void *x, const void *y)
{
    const plx_board_row *a = x, *b = y;
    bool a_out = a->why[0] != '\0', b_out = b->why[0] != '\0';
    if (a_out != b_out) {
        return a_out ? 1 : -1;
    }
    if (!a_out && a->scores[0].mean < b->scores[0].mean) {
        return 1;
    }
    if (!a_out && a->scores[0].mean > b->scores[0].mean) {
        return -1;
    }
    int order = strcmp(a->model, b->model);
    return order ? order : strcmp(a->run, b->run);
}

static int by_score_lower(const void *x, const void *y)
{
    const plx_board_row *a = x, *b = y;
    bool ranked = !a->why[0] && !b->why[0];
    if (ranked && a->scores[0].mean < b->scores[0].mean) {
        return -1;
    }
    return ranked && a->scores[0].mean > b->scores[0].mean ? 1 : by_score(x, y);
}

static bool fill_inputs(const entry *e, plx_arena *arena, plx_board *b, plx_err *err)
{
    plx_value *const *items;
    b->n_inputs = list_of(e->identity, "inputs", &items);
    b->inputs = plx_arena_zero(arena, b->n_inputs + 1, sizeof *b->inputs);
    for (size_t i = 0; b->inputs && i < b->n_inputs; i++) {
        b->inputs[i] =
            plx_arena_printf(arena, "%s sha256:%.12s", text_of(items[i], "ref"), text_of(items[i], "record"));
        if (!b->inputs[i]) {
            return plx_fail_nomem(err, 64);
        }
    }
    return b->inputs ? true : plx_fail_nomem(err, b->n_inputs);
}

/* What the units belong to, and what others published on it. */
static bool fill_published(plx_arena *arena, plx_board *b, plx_err *err)
{
    const plx_task *task = b->outdated ? NULL : b->driver;
    plx_task_published *all;
    size_t n;
    if (task && task->whole && !task->whole(b->units, b->n_units, arena, &b->whole, err)) {
        return false;
    }
    if (!task || !task->published || !b->whole.set || strcmp(b->mode, "reference") != 0) {
        return true;
    }
    if (!task->published(arena, &all, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].set, b->whole.set) == 0) {
            all[b->n_published++] = all[i];
        }
    }
    b->published = all;
    return true;
}

static bool fill_board(const entry *e, size_t n, plx_arena *arena, plx_board *b, plx_err *err)
{
    const plx_value *metrics = plx_v_get(e->identity, "metrics");
    size_t n_directions;
    *b = (plx_board){.task = e->task,
                     .board = e->board,
                     .driver = plx_task_find(e->task),
                     .version = (int)e->version,
                     .mode = e->mode,
                     .n_rows = n,
                     .first_seed = int_of(e->identity, "first_seed"),
                     .n_seeds = int_of(e->identity, "n_seeds"),
                     .n_folds = int_of(e->identity, "n_folds")};
    b->outdated = b->driver && b->driver->version != b->version;
    const plx_value *first = metrics && metrics->kind == PLX_V_ARR && metrics->u.arr.n ? metrics->u.arr.items[0] : NULL;
    const char *set = text_of(first, "params"), *own = b->driver ? b->driver->metrics[0].params : NULL;
    b->metric_params = b->driver && !b->outdated && strcmp(set, own ? own : "") != 0 ? set : "";
    b->rows = plx_arena_zero(arena, n, sizeof *b->rows);
    if (!b->rows) {
        return plx_fail_nomem(err, n * sizeof *b->rows);
    }
    if (!text_list(metrics, "label", arena, &b->columns, &b->n_columns, err) ||
        !text_list(metrics, "direction", arena, &b->directions, &n_directions, err) ||
        !text_list(plx_v_get(e->identity, "units"), NULL, arena, &b->units, &b->n_units, err) ||
        !fill_inputs(e, arena, b, err) || !fill_published(arena, b, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!fill_row(&e[i], b, arena, &b->rows[i], err)) {
            return false;
        }
    }
    bool lower = n_directions > 0 && strcmp(b->directions[0], "lower") == 0;
    qsort(b->rows, n, sizeof *b->rows, lower ? by_score_lower : by_score);
    for (size_t i = 0; i < n && !b->rows[i].why[0]; i++) {
        bool tied = i > 0 && b->rows[i].scores[0].mean == b->rows[i - 1].scores[0].mean;
        b->rows[i].rank = tied ? b->rows[i - 1].rank : (unsigned)(i + 1);
    }
    return true;
}

bool plx_boards_make(const plx_ctx *ctx, const plx_store *store, const char *task, plx_arena *arena, plx_board **out,
                     size_t *n_out, plx_err *err)
{
    plx_run_listed *runs;
    size_t n_runs, n = 0;
    *out = NULL;
    *n_out = 0;
    if (!plx_runs_list(store, arena, &runs, &n_runs, err)) {
        return false;
    }
    entry *entries = plx_arena_zero(arena, n_runs + 1, sizeof *entries);
    *out = plx_arena_zero(arena, n_runs + 1, sizeof **out);
    if (!entries || !*out) {
        return plx_fail_nomem(err, n_runs * sizeof *entries);
    }
    for (size_t i = 0; i < n_runs; i++) {
        bool usable;
        if (!plx_ctx_go_on(ctx, err) || !read_entry(ctx, store, &runs[i], arena, &entries[n], &usable, err)) {
            return false;
        }
        n += usable && (!task || strcmp(entries[n].task, task) == 0);
    }
    qsort(entries, n, sizeof *entries, by_board);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && same_board(&entries[i], &entries[end])) {
            end++;
        }
        if (!fill_board(&entries[i], end - i, arena, &(*out)[(*n_out)++], err)) {
            return false;
        }
        i = end;
    }
    return true;
}
