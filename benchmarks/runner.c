/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/runner.h"

#include "benchmarks/machine.h"
#include "core/alloc.h"
#include "core/pool.h"
#include "core/progress.h"

#include <stdio.h>

static bool put_text(plx_arena *arena, plx_value *obj, const char *key, const char *text)
{
    return plx_v_set(arena, obj, key, plx_v_str(arena, text ? text : ""));
}

static bool put_hex(plx_arena *arena, plx_value *obj, const char *key, const plx_digest *digest)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(digest, hex);
    return put_text(arena, obj, key, hex);
}

/* What the user set, in table order; grids and defaults are the model's, which its version covers. */
static void print_given(const plx_params *params, plx_sb *out)
{
    for (size_t i = 0; params && i < params->n; i++) {
        if (params->given[i]) {
            plx_sb_printf(out, "%s%s=%s", out->len ? " " : "", params->specs[i].name, params->text[i]);
        }
    }
}

static plx_value *metrics_value(plx_arena *arena, const plx_task *task, const char *given)
{
    plx_value *list = plx_v_arr(arena);
    for (const plx_task_metric *m = task->metrics; list && m->metric; m++) {
        const plx_metric *metric = plx_metric_find(m->metric);
        plx_value *item = plx_v_obj(arena);
        bool ok = item && put_text(arena, item, "label", m->label) && put_text(arena, item, "metric", m->metric) &&
                  plx_v_set(arena, item, "version", plx_v_i64(arena, metric ? metric->version : 0)) &&
                  put_text(arena, item, "params", given ? given : m->params) &&
                  put_text(arena, item, "direction", plx_direction_name(plx_task_direction(task, m))) &&
                  put_text(arena, item, "score",
                           m->score ? m->score
                           : metric ? metric->scores[0]
                                    : "") &&
                  plx_v_push(arena, list, item);
        list = ok ? list : NULL;
    }
    return list;
}

static plx_value *model_value(plx_arena *arena, const plx_run_subject *subject)
{
    plx_value *model = plx_v_obj(arena);
    bool ok = model && put_text(arena, model, "name", subject->model ? subject->model->name : subject->name) &&
              plx_v_set(arena, model, "external", plx_v_bool(arena, !subject->model));
    if (ok && subject->model) {
        ok = plx_v_set(arena, model, "version", plx_v_i64(arena, subject->model->version)) &&
             put_text(arena, model, "reference", subject->model->reference);
    } else if (ok) {
        plx_value *about = plx_arena_zero(arena, 1, sizeof *about);
        if (about && subject->about) {
            *about = *subject->about;
        }
        ok = put_hex(arena, model, "predictions", subject->evidence) &&
             plx_v_set(arena, model, "about", subject->about ? about : plx_v_obj(arena));
    }
    return ok ? model : NULL;
}

plx_value *plx_run_identity(const plx_bench *bench, const plx_run_subject *subject, plx_metric_mode mode,
                            const plx_tool *tool, plx_arena *arena)
{
    plx_value *out = plx_v_obj(arena), *task = plx_v_obj(arena), *inputs = plx_v_arr(arena), *units = plx_v_arr(arena);
    plx_sb given = {0};
    print_given(subject->params, &given);
    bool ok = out && task && inputs && units && !given.failed && put_text(arena, task, "name", bench->task->name) &&
              plx_v_set(arena, task, "version", plx_v_i64(arena, bench->task->version)) &&
              plx_v_set(arena, out, "task", task) && plx_v_set(arena, out, "model", model_value(arena, subject)) &&
              put_text(arena, out, "params", plx_sb_str(&given)) &&
              put_text(arena, out, "metric_mode", plx_metric_mode_name(mode)) &&
              plx_v_set(arena, out, "metrics", metrics_value(arena, bench->task, bench->metric_params)) &&
              plx_v_set(arena, out, "inputs", inputs) && plx_v_set(arena, out, "units", units) &&
              plx_v_set(arena, out, "n_folds", plx_v_i64(arena, bench->task->n_folds)) &&
              plx_v_set(arena, out, "first_seed", plx_v_u64(arena, bench->first_seed)) &&
              plx_v_set(arena, out, "n_seeds", plx_v_i64(arena, bench->n_seeds)) &&
              put_hex(arena, out, "board", &bench->board) &&
              plx_v_set(arena, out, "n_cells", plx_v_u64(arena, bench->n_cells)) &&
              put_text(arena, out, "tool", tool->version);
    plx_sb_free(&given);
    for (size_t i = 0; ok && i < bench->n_units; i++) {
        ok = plx_v_push(arena, units, plx_v_str(arena, bench->units[i]));
    }
    for (size_t i = 0; ok && i < bench->n_inputs; i++) {
        plx_value *item = plx_v_obj(arena);
        ok = item && put_text(arena, item, "ref", bench->input_refs[i]) &&
             put_hex(arena, item, "record", &bench->input_records[i]) && plx_v_push(arena, inputs, item);
    }
    return ok ? out : NULL;
}

typedef struct job {
    plx_bench *bench;
    const plx_run_subject *subject;
    plx_run_read read;
    plx_run_scored scored; /* NULL: `read` is there */
    const bool *has;       /* [n_cells] cells there are predictions for; NULL: all */
    void *payload;
    plx_metric_mode mode;
    plx_run_writer *writer;
    size_t n_todo, n_done;
    bool partial;                       /* some will stay undone */
    size_t *todo;                       /* cells that are not there yet */
    plx_arena **arenas;                 /* [n_todo] each holds its cell's values until it is committed */
    const plx_value **cell, **measured; /* [n_cells] */
    plx_arena *arena;
} job;

static bool score_files(job *j, size_t i, const plx_trial *trial, plx_arena *arena, plx_cell_result *r, plx_err *err)
{
    plx_reals score;
    double cpu = plx_cpu_s(), wall = plx_wall_s();
    if (j->scored) {
        return j->scored(j->payload, i, arena, r, err);
    }
    if (!j->read(j->payload, i, trial, arena, &score, err) ||
        !plx_stage_score(j->bench->ctx, j->bench->task, &trial->final, &score, j->mode, &r->test, err)) {
        return false;
    }
    r->predictions = plx_sha256_of(score.ptr, score.n * plx_dtype_size(score.dtype));
    r->cpu_s = plx_cpu_s() - cpu;
    r->wall_s = plx_wall_s() - wall;
    r->peak_rss_bytes = plx_peak_rss_bytes();
    return true;
}

static bool work(void *payload, size_t k, plx_err *err)
{
    job *j = payload;
    plx_bench *b = j->bench;
    size_t i = j->todo[k];
    const plx_bench_cell *c = &b->cells[i];
    plx_trial trial;
    plx_arena *scratch = plx_arena_new(0);
    plx_cell_result *r = plx_alloc_zero(1, sizeof *r);
    j->arenas[k] = plx_arena_new(0);
    bool ok = scratch && r && j->arenas[k] ? true : plx_fail_nomem(err, sizeof *r);
    ok = ok && b->task->trial(b->ctx, b->data[c->unit], c->fold, c->seed, scratch, &trial, err) &&
         (j->subject->model
              ? plx_cell_run(b->ctx, b->task, j->subject->model, j->subject->params, &trial, j->mode, scratch, r, err)
              : score_files(j, i, &trial, scratch, r, err));
    if (ok) {
        j->cell[i] = plx_cell_to_value(j->arenas[k], b->task, b->units[c->unit], c->fold, c->seed, &trial, r);
        j->measured[i] = plx_cell_measured(j->arenas[k], r);
        ok = j->cell[i] && j->measured[i] ? true : plx_fail_nomem(err, sizeof *r);
    } else {
        plx_note(err, "unit %s, fold %u, seed %llu", b->units[c->unit], c->fold, (unsigned long long)c->seed);
    }
    plx_arena_free(scratch);
    plx_free(r);
    return ok;
}

static bool commit(void *payload, size_t k, bool ok, const plx_err *err_k, plx_err *err)
{
    job *j = payload;
    size_t i = j->todo[k];
    if (!ok) {
        if (err) {
            *err = *err_k;
        }
        return false;
    }
    if (!plx_run_writer_cell(j->writer, (uint32_t)i, j->cell[i], j->measured[i], err)) {
        return false;
    }
    j->n_done++;
    plx_progress_step(j->bench->ctx, 1);
    return true;
}

/* Cells on disk, and what is left. A cell of another split than now (it cannot be, since the run's name covers them) is
 * done again. */
static bool look(job *j, plx_err *err)
{
    plx_bench *b = j->bench;
    const plx_value **files = plx_alloc_zero(b->n_cells, sizeof *files);
    bool ok = files
                  ? plx_runs_read_cells(b->ctx, b->store, &j->writer->run, j->arena, files, b->n_cells, &j->n_done, err)
                  : plx_fail_nomem(err, b->n_cells * sizeof *files);
    for (size_t i = 0; ok && i < b->n_cells; i++) {
        j->cell[i] = plx_v_get(files[i], "cell");
        j->measured[i] = plx_v_get(files[i], "measured");
        if (!j->cell[i] && j->has && !j->has[i]) {
            j->partial = true;
        } else if (!j->cell[i]) {
            j->todo[j->n_todo++] = i;
        }
    }
    plx_free(files);
    return ok;
}

static plx_value *tool_value(plx_arena *arena, const plx_tool *tool)
{
    plx_value *out = plx_v_obj(arena);
    bool ok = out && put_text(arena, out, "version", tool->version) && put_text(arena, out, "commit", tool->commit) &&
              put_text(arena, out, "compiler", tool->compiler) && put_text(arena, out, "flags", tool->flags) &&
              put_text(arena, out, "libraries", tool->libraries);
    return ok ? out : NULL;
}

static double real_of(const plx_value *object, const char *key)
{
    double x = 0;
    plx_v_as_f64(plx_v_get(object, key), &x);
    return x;
}

static plx_value *measured_value(const job *j, const plx_tool *tool, plx_arena *arena)
{
    plx_value *out = plx_v_obj(arena), *cells = plx_v_arr(arena);
    double cpu = 0, wall = 0, peak = 0;
    char now[24];
    bool ok = out && cells;
    for (size_t i = 0; ok && i < j->bench->n_cells; i++) {
        plx_value *copy = plx_arena_zero(arena, 1, sizeof *copy);
        double rss = real_of(j->measured[i], "peak_rss_bytes");
        cpu += real_of(j->measured[i], "cpu_s");
        wall += real_of(j->measured[i], "wall_s");
        peak = rss > peak ? rss : peak;
        if (copy && j->measured[i]) {
            *copy = *j->measured[i];
        }
        ok = copy && plx_v_push(arena, cells, copy);
    }
    plx_utc_now(now);
    ok = ok && plx_v_set(arena, out, "cpu_s", plx_v_f64(arena, cpu)) &&
         plx_v_set(arena, out, "wall_s", plx_v_f64(arena, wall)) &&
         plx_v_set(arena, out, "peak_rss_bytes", plx_v_u64(arena, (uint64_t)peak)) &&
         plx_v_set(arena, out, "cells", cells) && plx_v_set(arena, out, "tool", tool_value(arena, tool)) &&
         plx_v_set(arena, out, "machine", plx_machine_facts(arena)) && put_text(arena, out, "finished", now);
    return ok ? out : NULL;
}

static plx_value *record_value(const job *j, const plx_value *identity, plx_arena *arena)
{
    plx_value *out = plx_v_obj(arena), *cells = plx_v_arr(arena), *copy = plx_arena_zero(arena, 1, sizeof *copy);
    bool ok = out && cells && copy;
    for (size_t i = 0; ok && i < j->bench->n_cells; i++) {
        plx_value *cell = plx_arena_zero(arena, 1, sizeof *cell);
        if (cell) {
            *cell = *j->cell[i];
        }
        ok = cell && plx_v_push(arena, cells, cell);
    }
    if (ok) {
        *copy = *identity;
        ok = plx_v_set(arena, out, "identity", copy) && plx_v_set(arena, out, "cells", cells) &&
             plx_v_set(
                 arena, out, "scores",
                 plx_run_scores(arena, j->bench->task, j->bench->units, j->bench->n_units, j->cell, j->bench->n_cells));
    }
    return ok ? out : NULL;
}

/* What is handed back is read from the store: cells go with the arenas they were made in. */
static bool finish(job *j, const plx_value *identity, const plx_tool *tool, plx_run_report *out, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *record = arena ? record_value(j, identity, arena) : NULL;
    plx_value *measured = record ? measured_value(j, tool, arena) : NULL;
    bool ok = measured ? plx_run_writer_result(j->writer, record, measured, err) : plx_fail_nomem(err, sizeof *record);
    plx_arena_free(arena);
    return ok &&
           plx_runs_read(j->bench->ctx, j->bench->store, &j->writer->run, PLX_RUN_RESULT, j->arena, &out->result, err);
}

static bool do_cells(job *j, const plx_tool *tool, const plx_value *identity, plx_run_report *out, plx_err *err)
{
    plx_bench *b = j->bench;
    size_t n = b->n_cells;
    j->todo = plx_alloc_zero(n, sizeof *j->todo);
    j->arenas = plx_alloc_zero(n, sizeof(plx_arena *));
    j->cell = plx_alloc_zero(n, sizeof(const plx_value *));
    j->measured = plx_alloc_zero(n, sizeof(const plx_value *));
    bool ok = j->todo && j->arenas && j->cell && j->measured ? true : plx_fail_nomem(err, n * sizeof *j->todo);
    ok = ok && look(j, err);
    out->n_before = j->n_done;
    if (ok) {
        char label[160];
        snprintf(label, sizeof label, "%s on %s", j->subject->model ? j->subject->model->name : j->subject->name,
                 b->task->name);
        plx_progress_begin(b->ctx, label, j->n_todo, "cells");
        ok = plx_pool_map(b->ctx, j->n_todo, work, commit, j, err);
        plx_progress_end(b->ctx);
    }
    ok = ok && (j->partial || finish(j, identity, tool, out, err));
    if (!ok && j->n_done > 0) {
        plx_err_kept(err, "%zu of %zu cells are done; the same command goes on from there", j->n_done, n);
    }
    for (size_t k = 0; j->arenas && k < j->n_todo; k++) {
        plx_arena_free(j->arenas[k]);
    }
    plx_free(j->todo);
    plx_free(j->arenas);
    plx_free(j->cell);
    plx_free(j->measured);
    return ok;
}

static bool run(job *j, const plx_tool *tool, plx_run_report *out, plx_err *err)
{
    plx_run_writer writer;
    plx_value *identity = plx_run_identity(j->bench, j->subject, j->mode, tool, j->arena);
    memset(out, 0, sizeof *out);
    if (!identity) {
        return plx_fail_nomem(err, sizeof *identity);
    }
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_runs_name(identity, &out->run, err)) {
        return false;
    }
    /* A damaged result is made again. */
    if (!plx_runs_read(j->bench->ctx, j->bench->store, &out->run, PLX_RUN_RESULT, j->arena, &out->result, &seen) &&
        seen.code != PLX_E_DIGEST && seen.code != PLX_E_SCHEMA && seen.code != PLX_E_FORMAT) {
        if (err) {
            *err = seen;
        }
        return false;
    }
    if (out->result) {
        out->was_complete = true;
        out->n_before = j->bench->n_cells;
        return plx_runs_clean(j->bench->store, &out->run, err);
    }
    if (!plx_run_writer_open(j->bench->store, identity, &writer, err)) {
        return false;
    }
    j->writer = &writer;
    bool ok = do_cells(j, tool, identity, out, err);
    j->writer = NULL;
    plx_run_writer_close(&writer);
    return ok;
}

bool plx_bench_run(plx_bench *bench, const plx_run_subject *subject, plx_metric_mode mode, const plx_tool *tool,
                   plx_arena *arena, plx_run_report *out, plx_err *err)
{
    job j = {.bench = bench, .subject = subject, .mode = mode, .arena = arena};
    return plx_bench_accepts(bench->task, subject->model, err) && run(&j, tool, out, err);
}

bool plx_bench_run_files(plx_bench *bench, const plx_run_subject *subject, plx_run_read read, void *payload,
                         plx_metric_mode mode, const plx_tool *tool, plx_arena *arena, plx_run_report *out,
                         plx_err *err)
{
    job j = {.bench = bench, .subject = subject, .read = read, .payload = payload, .mode = mode, .arena = arena};
    return run(&j, tool, out, err);
}

bool plx_bench_run_scored(plx_bench *bench, const plx_run_subject *subject, plx_run_scored scored, const bool *has,
                          void *payload, plx_metric_mode mode, const plx_tool *tool, plx_arena *arena,
                          plx_run_report *out, plx_err *err)
{
    job j = {.bench = bench,
             .subject = subject,
             .scored = scored,
             .has = has,
             .payload = payload,
             .mode = mode,
             .arena = arena};
    return run(&j, tool, out, err);
}
