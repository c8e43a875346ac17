/* SPDX-License-Identifier: Apache-2.0
 *
 * Kind "neuron_atlas": what is known of each neuron apart from its connections. One table, one row per neuron, in slot
 * order.
 */
#include "schemas/kind.h"
#include "schemas/neurons.h"

#include <math.h>
#include <string.h>

static const plx_member_spec members[] = {
    {"neurons/name", PLX_STR, 1, "", true, "canonical name; unique"},
    {"neurons/slot", PLX_I32, 1, "", true, "index in the list of 300 canonical neurons; rows are sorted by it"},
    {"neurons/class", PLX_STR, 1, "", true, "class: AVA of AVAL and AVAR"},
    {"neurons/type", PLX_STR, 1, "", true, "sensory, inter, motor or pharyngeal"},
    {"neurons/transmitter", PLX_STR, 1, "", true, "main transmitter, or \"unknown\""},
    {"neurons/x_um", PLX_F64, 1, "um", true, "position; NaN when not known"},
    {"neurons/y_um", PLX_F64, 1, "um", true, "position along the body from the nose; NaN when not known"},
    {"neurons/z_um", PLX_F64, 1, "um", true, "position; NaN when not known"},
    {"neurons/in_head", PLX_U8, 1, "", true, "1 when head volumes of the EM series hold the neuron"},
    {"neurons/in_tail", PLX_U8, 1, "", true, "1 when tail volumes of the EM series hold the neuron"},
    {"neurons/embryonic", PLX_U8, 1, "", true, "1 when born before hatching"},
    {NULL, PLX_U8, 0, NULL, false, NULL},
};

static const char *const attributes[] = {"observability", "species", NULL};

static const plx_count_spec count_specs[] = {
    {"neurons", "rows"},
    {"classes", "different classes"},
    {"types", "different types"},
    {"transmitters", "different transmitters, \"unknown\" not counted"},
    {"positions", "neurons with a position"},
    {"in_head", "neurons in head volumes"},
    {"in_tail", "neurons in tail volumes"},
    {"embryonic", "neurons born before hatching"},
    {NULL, NULL},
};

static bool find_columns(const plx_record_view *view, const plx_table **out, plx_violations *found, plx_err *err)
{
    if (!view->table(view, "neurons", out, err)) {
        return false;
    }
    if (!*out) {
        plx_violation(found, "the table neurons is missing");
        return true;
    }
    for (const plx_member_spec *spec = members; spec->path; spec++) {
        const plx_column *column = plx_table_find(*out, strchr(spec->path, '/') + 1);
        if (!column || column->dtype != spec->dtype || column->n != (*out)->n_rows) {
            plx_violation(found, "%s is missing, of another type or of another length", spec->path);
            *out = NULL;
            return true;
        }
    }
    return true;
}

static bool validate(const plx_ctx *ctx, const plx_record_view *view, plx_violations *found, plx_err *err)
{
    const plx_table *table = NULL;
    if (!plx_ctx_go_on(ctx, err) || !find_columns(view, &table, found, err)) {
        return false;
    }
    if (!table) {
        return true;
    }
    const plx_column *name = plx_table_find(table, "name");
    const plx_column *slot = plx_table_find(table, "slot");
    static const char *const flags[] = {"in_head", "in_tail", "embryonic"};
    static const char *const texts[] = {"class", "type", "transmitter"};
    double last = -1;
    for (size_t i = 0; i < table->n_rows; i++) {
        plx_slice text = plx_column_str(name, i);
        double value = plx_column_f64(slot, i);
        if (value < 0 || value >= PLX_N_NEURONS) {
            plx_violation(found, "neurons row %zu has slot %g, outside 0..%d", i, value, PLX_N_NEURONS - 1);
        } else if (!plx_slice_is(text, plx_neurons[(int)value])) {
            plx_violation(found, "neurons row %zu has slot %g (%s) but the name \"%.*s\"", i, value,
                          plx_neurons[(int)value], (int)text.len, text.ptr);
        }
        if (value <= last) {
            plx_violation(found, "neurons rows %zu and %zu are out of order or the same neuron", i - 1, i);
        }
        last = value;
        for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
            if (plx_column_f64(plx_table_find(table, flags[k]), i) > 1) {
                plx_violation(found, "neurons row %zu: %s must be 0 or 1", i, flags[k]);
            }
        }
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            if (plx_column_str(plx_table_find(table, texts[k]), i).len == 0) {
                plx_violation(found, "neurons row %zu has no %s", i, texts[k]);
            }
        }
    }
    return true;
}

/* At most PLX_N_NEURONS rows, so the quadratic walk is cheap. */
static uint64_t count_distinct(const plx_column *column, const char *but)
{
    uint64_t n = 0;
    for (size_t i = 0; i < column->n; i++) {
        plx_slice text = plx_column_str(column, i);
        bool seen = but && plx_slice_is(text, but);
        for (size_t k = 0; k < i && !seen; k++) {
            seen = plx_slice_eq(plx_column_str(column, k), text);
        }
        n += !seen;
    }
    return n;
}

static uint64_t count_set(const plx_column *column)
{
    uint64_t n = 0;
    for (size_t i = 0; i < column->n; i++) {
        n += plx_column_f64(column, i) > 0;
    }
    return n;
}

static uint64_t count_known(const plx_column *column)
{
    uint64_t n = 0;
    for (size_t i = 0; i < column->n; i++) {
        if (!isnan(plx_column_f64(column, i))) {
            n++;
        }
    }
    return n;
}

static bool counts(const plx_ctx *ctx, const plx_record_view *view, plx_arena *arena, plx_value *out, plx_err *err)
{
    plx_violations found = {0};
    const plx_table *table = NULL;
    if (!plx_ctx_go_on(ctx, err) || !find_columns(view, &table, &found, err)) {
        return false;
    }
    if (!table || table->n_rows > PLX_N_NEURONS) {
        return plx_fail(err, PLX_E_SCHEMA, "the record has no complete neurons table");
    }
    const uint64_t values[] = {
        table->n_rows,
        count_distinct(plx_table_find(table, "class"), NULL),
        count_distinct(plx_table_find(table, "type"), NULL),
        count_distinct(plx_table_find(table, "transmitter"), "unknown"),
        count_known(plx_table_find(table, "x_um")),
        count_set(plx_table_find(table, "in_head")),
        count_set(plx_table_find(table, "in_tail")),
        count_set(plx_table_find(table, "embryonic")),
    };
    plx_value *obj = plx_v_obj(arena);
    bool ok = obj != NULL;
    for (size_t i = 0; ok && count_specs[i].name; i++) {
        ok = plx_v_set(arena, obj, count_specs[i].name, plx_v_u64(arena, values[i]));
    }
    return (ok && plx_v_set(arena, out, "counts", obj)) || plx_fail_nomem(err, 0);
}

const plx_kind plx_kind_neuron_atlas = {
    .name = "neuron_atlas",
    .title = "Neuron atlas",
    .doc = "Class, type, transmitter, position and observability of each neuron, in slot order.",
    .members = members,
    .attributes = attributes,
    .count_specs = count_specs,
    .validate = validate,
    .counts = counts,
};
