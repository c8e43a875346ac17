/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells run without a store: to write their predictions, and to see whether a stored run comes out again.
 */
#include "benchmarks/runner.h"

#include "core/alloc.h"
#include "core/pool.h"
#include "core/progress.h"

#include <stdio.h>

typedef struct again {
    plx_bench *bench;
    const plx_model *model;
    const plx_params *params;
    plx_metric_mode mode;
    plx_arena **arenas; /* of each cell */
    plx_value **cells;
    plx_reals *score;
    plx_arena *keep;
    const plx_value *expected; /* list of cells; NULL: only predict */
    plx_bench_differs differs;
    void *payload;
} again;

static bool work(void *payload, size_t i, plx_err *err)
{
    again *g = payload;
    plx_bench *b = g->bench;
    const plx_bench_cell *c = &b->cells[i];
    plx_trial trial;
    plx_cell_result *r = plx_alloc_zero(1, sizeof *r);
    g->arenas[i] = plx_arena_new(0);
    bool ok = r && g->arenas[i] ? true : plx_fail_nomem(err, sizeof *r);
    ok = ok && b->task->trial(b->ctx, b->data[c->unit], c->fold, c->seed, g->arenas[i], &trial, err) &&
         plx_cell_run(b->ctx, b->task, g->model, g->params, &trial, g->mode, g->arenas[i], r, err);
    if (ok && g->expected) {
        g->cells[i] = plx_cell_to_value(g->arenas[i], b->task, b->units[c->unit], c->fold, c->seed, &trial, r);
        ok = g->cells[i] ? true : plx_fail_nomem(err, sizeof *r);
    } else if (ok) {
        g->score[i] = (plx_reals){PLX_F64, r->n_score, r->score};
    } else {
        plx_note(err, "unit %s, fold %u, seed %llu", b->units[c->unit], c->fold, (unsigned long long)c->seed);
    }
    plx_free(r);
    return ok;
}

/* The first member that is another. */
static const char *first_difference(const plx_value *a, const plx_value *b)
{
    for (size_t i = 0; a->kind == PLX_V_OBJ && i < a->u.obj.n; i++) {
        const plx_member *m = &a->u.obj.members[i];
        const plx_value *other = plx_v_get(b, m->key.ptr);
        if (!other || !plx_v_equal(m->value, other)) {
            return m->key.ptr;
        }
    }
    return a->u.obj.n == b->u.obj.n ? NULL : "members";
}

static bool done(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    again *g = payload;
    if (!ok) {
        if (err) {
            *err = *err_i;
        }
        return false;
    }
    plx_progress_step(g->bench->ctx, 1);
    if (!g->expected) {
        void *copy = plx_arena_alloc(g->keep, (g->score[i].n + 1) * sizeof(double));
        if (!copy) {
            return plx_fail_nomem(err, g->score[i].n * sizeof(double));
        }
        memcpy(copy, g->score[i].ptr, g->score[i].n * sizeof(double));
        g->score[i].ptr = copy;
    } else {
        const plx_value *stored = g->expected->u.arr.items[i];
        const char *what = stored->kind == PLX_V_OBJ ? first_difference(g->cells[i], stored) : "cell";
        if (what && !g->differs(g->payload, i, what)) {
            return plx_fail(err, PLX_E_NEGATIVE, "cell %zu differs", i);
        }
    }
    plx_arena_free(g->arenas[i]);
    g->arenas[i] = NULL;
    return true;
}

static bool run_all(again *g, const char *verb, plx_err *err)
{
    plx_bench *b = g->bench;
    char label[160];
    g->arenas = plx_alloc_zero(b->n_cells, sizeof(plx_arena *));
    g->cells = plx_alloc_zero(b->n_cells, sizeof(plx_value *));
    bool ok = g->arenas && g->cells ? true : plx_fail_nomem(err, b->n_cells * sizeof(plx_value *));
    if (ok) {
        snprintf(label, sizeof label, "%s %s", verb, g->model->name);
        plx_progress_begin(b->ctx, label, b->n_cells, "cells");
        ok = plx_pool_map(b->ctx, b->n_cells, work, done, g, err);
        plx_progress_end(b->ctx);
    }
    for (size_t i = 0; g->arenas && i < b->n_cells; i++) {
        plx_arena_free(g->arenas[i]);
    }
    plx_free(g->arenas);
    plx_free(g->cells);
    return ok;
}

bool plx_bench_predict(plx_bench *bench, const plx_model *model, const plx_params *params, plx_arena *arena,
                       plx_reals *score, plx_err *err)
{
    again g = {.bench = bench, .model = model, .params = params, .score = score, .keep = arena};
    return plx_bench_accepts(bench->task, model, err) && run_all(&g, "predict", err);
}

static bool same_int(const plx_value *identity, const char *path, int64_t mine, const char *what, plx_err *err)
{
    int64_t theirs = 0;
    plx_v_as_i64(plx_v_at(identity, path), &theirs);
    if (theirs == mine) {
        return true;
    }
    plx_fail(err, PLX_E_SCHEMA, "the run cannot be done again: it is of another version of its %s", what);
    return plx_err_why(err, "it is of version %lld, this program has version %lld", (long long)theirs, (long long)mine);
}

bool plx_bench_replay(plx_bench *bench, const plx_model *model, const plx_params *params, plx_metric_mode mode,
                      const plx_value *record, plx_bench_differs differs, void *payload, plx_err *err)
{
    const plx_value *identity = plx_v_get(record, "identity"), *cells = plx_v_get(record, "cells");
    const char *board = plx_v_get_text(identity, "board");
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&bench->board, hex);
    if (!same_int(identity, "task.version", bench->task->version, "task", err) ||
        !same_int(identity, "model.version", model->version, "model", err)) {
        return false;
    }
    if (!board || strcmp(board, hex) != 0 || !cells || cells->kind != PLX_V_ARR || cells->u.arr.n != bench->n_cells) {
        plx_fail(err, PLX_E_SCHEMA, "the run cannot be done again: its splits or data are others now");
        return plx_err_why(err, "it is of board %.16s, now it is %.16s", board ? board : "-", hex);
    }
    again g = {.bench = bench,
               .model = model,
               .params = params,
               .mode = mode,
               .expected = cells,
               .differs = differs,
               .payload = payload};
    return plx_bench_accepts(bench->task, model, err) && run_all(&g, "replay", err);
}
