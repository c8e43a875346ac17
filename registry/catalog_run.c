/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of one run: of a complete one from its result, of another only its plan and how far it is. What the files leave
 * out is NULL or empty; nothing here refuses a file whose seal holds.
 */
#include "registry/catalog_put.h"

static plx_cell real_of(const plx_value *object, const char *key)
{
    double x;
    return plx_v_as_f64(plx_v_get(object, key), &x) ? plx_cell_real(x) : plx_cell_null();
}

static int64_t int_of(const plx_value *object, const char *key)
{
    int64_t n = 0;
    return plx_v_as_i64(plx_v_get(object, key), &n) && n >= 0 ? n : 0;
}

static bool add_run(plx_catalog_rows *rows, const char *key, const plx_value *identity, const plx_value *measured,
                    bool complete, size_t n_done, const plx_digest *state, plx_err *err)
{
    const plx_value *task = plx_v_get(identity, "task");
    const plx_value *model = plx_v_get(identity, "model");
    const plx_value *external = plx_v_get(model, "external");
    int64_t n_cells = int_of(identity, "n_cells");
    plx_cell cells[] = {
        plx_cell_text(key),
        plx_cell_of_text(task, "name"),
        plx_cell_of_int(task, "version"),
        plx_cell_of_text(model, "name"),
        plx_cell_of_int(model, "version"),
        plx_cell_int(external && external->kind == PLX_V_BOOL && external->u.b),
        plx_cell_of_text(identity, "params"),
        plx_cell_of_text(identity, "metric_mode"),
        plx_cell_of_text(identity, "board"),
        plx_cell_text(complete ? "complete" : "partial"),
        plx_cell_int(complete ? n_cells : (int64_t)n_done),
        plx_cell_int(n_cells),
        real_of(measured, "cpu_s"),
        real_of(measured, "wall_s"),
        plx_cell_of_int(measured, "peak_rss_bytes"),
        measured ? plx_cell_of_text(plx_v_get(measured, "tool"), "commit") : plx_cell_null(),
        measured ? plx_cell_of_text(plx_v_get(measured, "machine"), "cpu") : plx_cell_null(),
        plx_cell_blob(state->bytes, sizeof state->bytes),
    };
    return PLX_CATALOG_PUT(rows, ROW_RUN, cells, err);
}

static bool add_inputs(plx_catalog_rows *rows, const char *key, const plx_value *identity, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = plx_list_of(identity, "inputs", &items);
    for (size_t i = 0; i < n; i++) {
        plx_digest record;
        plx_cell cells[] = {plx_cell_text(key), plx_cell_int((int64_t)i), plx_cell_of_text(items[i], "ref"),
                            plx_cell_of_digest(items[i], "record", &record)};
        if (!PLX_CATALOG_PUT(rows, ROW_RUN_INPUT, cells, err)) {
            return false;
        }
    }
    return true;
}

static bool add_cell_scores(plx_catalog_rows *rows, const char *key, size_t i, const plx_value *cell, const char *part,
                            plx_err *err)
{
    const plx_value *scores = plx_v_get(cell, part);
    size_t n = scores && scores->kind == PLX_V_OBJ ? scores->u.obj.n : 0;
    for (size_t k = 0; k < n; k++) {
        const plx_member *m = &scores->u.obj.members[k];
        double x;
        plx_cell cells[] = {plx_cell_text(key), plx_cell_int((int64_t)i), plx_cell_slice(m->key), plx_cell_text(part),
                            plx_v_as_f64(m->value, &x) ? plx_cell_real(x) : plx_cell_null()};
        if (!PLX_CATALOG_PUT(rows, ROW_CELL_SCORE, cells, err)) {
            return false;
        }
    }
    return true;
}

static bool add_cells(plx_catalog_rows *rows, const char *key, const plx_value *record, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = plx_list_of(record, "cells", &items);
    for (size_t i = 0; i < n; i++) {
        plx_digest split, target, predictions;
        plx_cell cells[] = {plx_cell_text(key),
                            plx_cell_int((int64_t)i),
                            plx_cell_of_text(items[i], "unit"),
                            plx_cell_int(int_of(items[i], "fold")),
                            plx_cell_int(int_of(items[i], "seed")),
                            plx_cell_of_text(items[i], "params"),
                            plx_cell_of_digest(items[i], "split", &split),
                            plx_cell_of_digest(items[i], "target", &target),
                            plx_cell_of_digest(items[i], "predictions", &predictions)};
        if (!PLX_CATALOG_PUT(rows, ROW_RUN_CELL, cells, err) ||
            !add_cell_scores(rows, key, i, items[i], "valid", err) ||
            !add_cell_scores(rows, key, i, items[i], "test", err)) {
            return false;
        }
    }
    return true;
}

static bool add_scores(plx_catalog_rows *rows, const char *key, const plx_value *record, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = plx_list_of(record, "scores", &items);
    for (size_t i = 0; i < n; i++) {
        plx_cell cells[] = {plx_cell_text(key),
                            plx_cell_of_text(items[i], "name"),
                            plx_cell_of_text(items[i], "unit"),
                            plx_cell_int(int_of(items[i], "n")),
                            real_of(items[i], "mean"),
                            real_of(items[i], "std")};
        if (!PLX_CATALOG_PUT(rows, ROW_SCORE, cells, err)) {
            return false;
        }
    }
    return true;
}

bool plx_catalog_rows_add_run(plx_catalog_rows *rows, const char *key, const plx_value *content, size_t n_done,
                              const plx_digest *state, plx_err *err)
{
    const plx_value *record = plx_v_get(content, "record");
    const plx_value *identity = plx_v_get(record ? record : content, "identity");
    const plx_value *measured = plx_v_get(content, "measured");
    return (add_run(rows, key, identity, measured, record != NULL, n_done, state, err) &&
            add_inputs(rows, key, identity, err) && add_cells(rows, key, record, err) &&
            add_scores(rows, key, record, err)) ||
           plx_note(err, "catalog rows of %s", key);
}
