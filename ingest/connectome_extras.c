/* SPDX-License-Identifier: Apache-2.0
 *
 * See connectome_extras.h.
 */
#include "ingest/connectome_extras.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

bool plx_edge_extras_add(plx_edge_extras *x, plx_arena *arena, const plx_edge_value *values, plx_err *err)
{
    if (x->n_columns == 0) {
        return true;
    }
    if (!plx_grow(&x->values, &x->cap, (x->n_rows + 1) * x->n_columns, sizeof *x->values)) {
        return plx_fail_nomem(err, (x->n_rows + 1) * x->n_columns * sizeof *x->values);
    }
    plx_edge_value *to = &x->values[x->n_rows * x->n_columns];
    for (size_t i = 0; i < x->n_columns; i++) {
        to[i] = values ? values[i] : (plx_edge_value){.number = (double)NAN};
        plx_slice text = plx_slice_trim(to[i].text);
        if (x->columns[i].dtype != PLX_STR || text.len == 0) {
            to[i].text = (plx_slice){"", 0};
            continue;
        }
        to[i].text = (plx_slice){plx_arena_strndup(arena, text.ptr, text.len), text.len};
        if (!to[i].text.ptr) {
            return plx_fail_nomem(err, text.len);
        }
    }
    x->n_rows++;
    return true;
}

void plx_edge_extras_free(plx_edge_extras *x)
{
    plx_free(x->values);
    *x = (plx_edge_extras){0};
}

static const plx_edge_value *value_of(const plx_edge_extras *x, const plx_merge_row *row, size_t column)
{
    return &x->values[(size_t)row->order * x->n_columns + column];
}

static bool said_before(const plx_edge_extras *x, const plx_merge_row *rows, size_t n, size_t column, plx_slice text)
{
    for (size_t i = 0; i < n; i++) {
        if (plx_slice_eq(value_of(x, &rows[i], column)->text, text)) {
            return true;
        }
    }
    return false;
}

static bool add_texts(const plx_edge_extras *x, size_t column, const plx_merge_row *rows, const plx_merge_edge *edges,
                      size_t n_edges, plx_table *table, plx_err *err)
{
    plx_strcol texts = {0};
    plx_sb all = {0};
    for (size_t i = 0; i < n_edges; i++) {
        const plx_merge_row *group = rows + edges[i].first_row;
        all.len = 0;
        for (size_t k = 0; k < edges[i].n_rows; k++) {
            plx_slice text = value_of(x, &group[k], column)->text;
            if (text.len && !said_before(x, group, k, column, text)) {
                plx_sb_text(&all, all.len ? ", " : "");
                plx_sb_bytes(&all, text.ptr, text.len);
            }
        }
        plx_strcol_add(&texts, (plx_slice){all.len ? all.ptr : "", all.len});
    }
    bool ok =
        (!all.failed || plx_fail_nomem(err, all.len)) && plx_strcol_finish(&texts, table, x->columns[column].name, err);
    plx_sb_free(&all);
    plx_strcol_free(&texts);
    return ok;
}

static bool add_numbers(const plx_edge_extras *x, size_t column, const plx_merge_row *rows, const plx_merge_edge *edges,
                        size_t n_edges, plx_table *table, plx_err *err)
{
    plx_column *to = NULL;
    const plx_edge_column *spec = &x->columns[column];
    if (!plx_table_add(table, spec->name, spec->unit, spec->dtype, n_edges, &to, err)) {
        return false;
    }
    for (size_t i = 0; i < n_edges; i++) {
        double number = value_of(x, &rows[edges[i].first_row], column)->number;
        if (spec->dtype == PLX_I32) {
            ((int32_t *)(void *)to->values.ptr)[i] = isfinite(number) ? (int32_t)number : 0;
        } else {
            ((double *)(void *)to->values.ptr)[i] = number;
        }
    }
    return true;
}

bool plx_edge_extras_emit(const plx_edge_extras *x, const plx_merge_row *rows, const plx_merge_edge *edges,
                          size_t n_edges, plx_table *table, plx_err *err)
{
    for (size_t i = 0; i < x->n_columns; i++) {
        bool is_text = x->columns[i].dtype == PLX_STR;
        if (!(is_text ? add_texts : add_numbers)(x, i, rows, edges, n_edges, table, err)) {
            return false;
        }
    }
    return true;
}

bool plx_edge_extras_pairings(const plx_edge_extras *x, const plx_merge_row *rows, const plx_merge_edge *edges,
                              size_t n_edges, plx_table *table, plx_err *err)
{
    size_t n = 0;
    plx_column *edge = NULL;
    for (size_t i = 0; i < n_edges; i++) {
        n += edges[i].n_rows;
    }
    if (!plx_table_add(table, "edge", "", PLX_U32, n, &edge, err)) {
        return false;
    }
    uint32_t *to = (void *)edge->values.ptr;
    for (size_t i = 0, at = 0; i < n_edges; i++) {
        for (size_t k = 0; k < edges[i].n_rows; k++) {
            to[at++] = (uint32_t)i;
        }
    }
    for (size_t c = 0; c < x->n_columns; c++) {
        plx_strcol texts = {0};
        for (size_t i = 0; x->columns[c].dtype == PLX_STR && i < n_edges; i++) {
            for (size_t k = 0; k < edges[i].n_rows; k++) {
                plx_strcol_add(&texts, value_of(x, &rows[edges[i].first_row + k], c)->text);
            }
        }
        if (x->columns[c].dtype == PLX_STR && !plx_strcol_finish(&texts, table, x->columns[c].name, err)) {
            plx_strcol_free(&texts);
            return false;
        }
    }
    return true;
}
