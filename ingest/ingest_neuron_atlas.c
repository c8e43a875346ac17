/* SPDX-License-Identifier: Apache-2.0
 *
 * The neuron atlas, from up to three files:
 *   sheet      CSV label,class,neurotransmitter,type,x,y,z: one row per neuron
 *   positions  CSV without header: name, a, b, c, where x = b, y = a (along the body), z = c. Checked against the sheet
 *   cells      NemaNode's cell table, a JSON array of {name, inhead, intail, emb, ...}: which volumes hold a neuron
 * Spellings of transmitters are unified, each with a change.
 */
#include "core/num.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "ingest/ingest.h"
#include "ingest/neuron_name.h"
#include "schemas/neurons.h"

#include <math.h>
#include <stdio.h>

static const plx_ingest_option options[] = {
    {"sheet", "", "manifest file with class, type, transmitter and position; empty: the only one"},
    {"positions", "", "manifest file with positions, to check the sheet's against or to fill them in"},
    {"cells", "", "manifest file with NemaNode's cell table"},
    {"complete", "yes", "no: fewer than the 300 neurons will do"},
    {"species", "Caenorhabditis elegans", "species"},
    {NULL, NULL, NULL},
};

enum { X, Y, Z, N_AXES };

typedef struct neuron {
    bool present, in_cells;
    const char *class_name, *type, *transmitter;
    double um[N_AXES];
    uint8_t in_head, in_tail, embryonic;
    uint64_t line;
} neuron;

typedef struct atlas {
    plx_ingest *job;
    const char *file; /* being read */
    neuron neurons[PLX_N_NEURONS];
} atlas;

static bool tell(const atlas *a, const plx_change *change, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(a->job);
    return sink->change(sink, change, err);
}

static const char *keep(const atlas *a, plx_slice text)
{
    return plx_arena_strndup(plx_ingest_arena(a->job), text.ptr, text.len);
}

/* One spelling per transmitter. The list is that of the sheet, where ACh is written in two ways. */
static bool unify_transmitter(const atlas *a, const char *label, plx_slice text, uint64_t line, const char **out,
                              plx_err *err)
{
    static const struct {
        const char *found, *unified, *rule, *reason;
    } spellings[] = {
        {"Ach", "ACh", "transmitter-case", "acetylcholine is written ACh everywhere else in the sheet"},
        {"Unknown (orphan)", "unknown", "transmitter-unknown", "no transmitter is known for this neuron"},
    };
    *out = keep(a, text);
    if (!*out) {
        return plx_fail_nomem(err, text.len);
    }
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (plx_slice_is(text, spellings[i].found)) {
            *out = spellings[i].unified;
            return tell(a,
                        &(plx_change){.action = "rename",
                                      .rule = spellings[i].rule,
                                      .subject = label,
                                      .before = spellings[i].found,
                                      .after = spellings[i].unified,
                                      .reason = spellings[i].reason,
                                      .file = a->file,
                                      .line = line},
                        err);
        }
    }
    return true;
}

/* An empty field is a position not known. */
static bool read_position(const plx_csv *csv, const plx_slice *fields, size_t column, double *out, plx_err *err)
{
    plx_slice text = plx_slice_trim(fields[column]);
    *out = (double)NAN;
    if (text.len == 0) {
        return true;
    }
    if (!plx_parse_f64(text.ptr, text.len, out) || !isfinite(*out)) {
        plx_csv_fail(csv, PLX_E_FORMAT, column, err, "the position \"%.*s\" is not a number", (int)text.len, text.ptr);
        return plx_err_why(err, "expected micrometres, or nothing when not known");
    }
    return true;
}

enum { LABEL, CLASS, TRANSMITTER, TYPE, POS_X, POS_Y, POS_Z, N_COLUMNS };
static const char *const sheet_columns[N_COLUMNS] = {"label", "class", "neurotransmitter", "type", "x", "y", "z"};

static bool read_sheet_row(atlas *a, const plx_csv *csv, const plx_slice *fields, const size_t *at, plx_err *err)
{
    uint64_t line = plx_csv_line(csv);
    plx_neuron_name name = plx_neuron_name_of(fields[at[LABEL]], PLX_NAMES_STRICT);
    if (name.slot < 0 || name.changed) {
        plx_csv_fail(csv, PLX_E_FORMAT, at[LABEL], err, "\"%.*s\" is not the name of one of the 300 neurons",
                     (int)name.text.len, name.text.ptr);
        return plx_err_why(err, "%s", name.reason);
    }
    neuron *n = &a->neurons[name.slot];
    if (n->present) {
        plx_csv_fail(csv, PLX_E_FORMAT, at[LABEL], err, "%s stands twice in the sheet", plx_neurons[name.slot]);
        return plx_err_why(err, "expected one row per neuron; the first is on line %llu", (unsigned long long)n->line);
    }
    for (size_t k = CLASS; k <= TYPE; k++) {
        if (plx_slice_trim(fields[at[k]]).len == 0) {
            plx_csv_fail(csv, PLX_E_FORMAT, at[k], err, "%s has no %s", plx_neurons[name.slot], sheet_columns[k]);
            return plx_err_why(err, "expected a text in column \"%s\"", sheet_columns[k]);
        }
    }
    plx_slice type = plx_slice_trim(fields[at[TYPE]]);
    static const char *const types[] = {"sensory", "inter", "motor", "pharyngeal"};
    size_t t = 0;
    while (t < sizeof types / sizeof *types && !plx_slice_is(type, types[t])) {
        t++;
    }
    if (t == sizeof types / sizeof *types) {
        plx_csv_fail(csv, PLX_E_FORMAT, at[TYPE], err, "the type \"%.*s\" is not known", (int)type.len, type.ptr);
        return plx_err_why(err, "expected sensory, inter, motor or pharyngeal");
    }
    n->type = types[t];
    n->class_name = keep(a, plx_slice_trim(fields[at[CLASS]]));
    if (!n->class_name) {
        return plx_fail_nomem(err, 0);
    }
    n->present = true;
    n->line = line;
    return unify_transmitter(a, plx_neurons[name.slot], plx_slice_trim(fields[at[TRANSMITTER]]), line, &n->transmitter,
                             err) &&
           read_position(csv, fields, at[POS_X], &n->um[X], err) &&
           read_position(csv, fields, at[POS_Y], &n->um[Y], err) &&
           read_position(csv, fields, at[POS_Z], &n->um[Z], err);
}

static bool read_sheet(atlas *a, plx_csv *csv, plx_err *err)
{
    size_t at[N_COLUMNS];
    for (size_t k = 0; k < N_COLUMNS; k++) {
        if (!plx_csv_need(csv, sheet_columns[k], &at[k], err)) {
            return false;
        }
    }
    for (;;) {
        const plx_slice *fields = NULL;
        if (!plx_csv_next(csv, &fields, err)) {
            return false;
        }
        if (!fields) {
            return true;
        }
        if (!read_sheet_row(a, csv, fields, at, err)) {
            return false;
        }
    }
}

static void position_text(const double um[N_AXES], char out[128])
{
    char x[PLX_NUM_TEXT];
    char y[PLX_NUM_TEXT];
    char z[PLX_NUM_TEXT];
    plx_print_f64(um[X], x);
    plx_print_f64(um[Y], y);
    plx_print_f64(um[Z], z);
    snprintf(out, 128, "%s %s %s", x, y, z);
}

/* The sheet's position stands; where it has none the positions file fills it in. */
static bool merge_position(atlas *a, int slot, const double um[N_AXES], uint64_t line, plx_err *err)
{
    neuron *n = &a->neurons[slot];
    bool missing = isnan(n->um[X]) || isnan(n->um[Y]) || isnan(n->um[Z]);
    bool same = !missing && !(n->um[X] < um[X] || n->um[X] > um[X] || n->um[Y] < um[Y] || n->um[Y] > um[Y] ||
                              n->um[Z] < um[Z] || n->um[Z] > um[Z]);
    if (same) {
        return true;
    }
    char sheet[128];
    char other[128];
    position_text(n->um, sheet);
    position_text(um, other);
    plx_change change = {.action = "impute",
                         .rule = "position-from-atlas",
                         .subject = plx_neurons[slot],
                         .before = "",
                         .after = other,
                         .reason = "the sheet has no position; the low-resolution atlas has one",
                         .file = a->file,
                         .line = line};
    if (missing) {
        memcpy(n->um, um, sizeof n->um);
    } else {
        change.action = "keep-first";
        change.rule = "position-differs";
        change.before = other;
        change.after = sheet;
        change.reason = "sheet and low-resolution atlas give different positions; the sheet's is kept";
    }
    return tell(a, &change, err);
}

static bool read_positions(atlas *a, plx_csv *csv, plx_err *err)
{
    if (plx_csv_n_columns(csv) != 4) {
        plx_fail(err, PLX_E_FORMAT, "%s has %zu columns", a->file, plx_csv_n_columns(csv));
        return plx_err_why(err, "expected four: name and three coordinates");
    }
    for (;;) {
        const plx_slice *fields = NULL;
        if (!plx_csv_next(csv, &fields, err)) {
            return false;
        }
        if (!fields) {
            return true;
        }
        double um[N_AXES];
        if (!read_position(csv, fields, 2, &um[X], err) || !read_position(csv, fields, 1, &um[Y], err) ||
            !read_position(csv, fields, 3, &um[Z], err)) {
            return false;
        }
        plx_neuron_name name = plx_neuron_name_of(fields[0], PLX_NAMES_STRICT);
        if (name.slot >= 0 && a->neurons[name.slot].present) {
            if (!merge_position(a, name.slot, um, plx_csv_line(csv), err)) {
                return false;
            }
            continue;
        }
        const char *label = keep(a, name.text);
        if (!label) {
            return plx_fail_nomem(err, name.text.len);
        }
        if (!tell(a,
                  &(plx_change){.action = "drop",
                                .rule = name.slot >= 0 ? "not-in-sheet" : name.rule,
                                .subject = label,
                                .before = "position",
                                .after = "",
                                .reason = name.slot >= 0 ? "the sheet does not list this neuron" : name.reason,
                                .file = a->file,
                                .line = plx_csv_line(csv)},
                  err)) {
            return false;
        }
    }
}

static bool with_csv(atlas *a, const char *name, bool header, bool (*read)(atlas *, plx_csv *, plx_err *), plx_err *err)
{
    plx_source *source = NULL;
    plx_csv *csv = NULL;
    plx_csv_opts opts = {.delimiter = ',', .quote = '"', .no_header = !header};
    a->file = name;
    bool ok = plx_ingest_open(a->job, name, &source, err) &&
              plx_csv_open(plx_ingest_ctx(a->job), source, &opts, &csv, err) && read(a, csv, err);
    plx_csv_close(csv);
    plx_source_close(source);
    return ok;
}

static bool fail_cell(const atlas *a, const plx_value *at, plx_err *err, const char *key, const char *expected)
{
    plx_fail(err, PLX_E_FORMAT, "a cell has no proper \"%s\"", key);
    plx_note(err, "%s line %u, column %u (byte %llu)", a->file, at->line, at->column, (unsigned long long)at->offset);
    return plx_err_why(err, "expected %s", expected);
}

static bool read_flag(const atlas *a, const plx_value *cell, const char *key, uint8_t *out, plx_err *err)
{
    const plx_value *v = plx_v_get(cell, key);
    int64_t flag;
    if (!v || !plx_v_as_i64(v, &flag) || (flag != 0 && flag != 1)) {
        return fail_cell(a, v ? v : cell, err, key, "0 or 1");
    }
    *out = (uint8_t)flag;
    return true;
}

static bool each_cell(void *payload, size_t index, const plx_value *cell, plx_err *err)
{
    (void)index;
    atlas *a = payload;
    const plx_value *label = plx_v_get(cell, "name");
    if (!label || label->kind != PLX_V_STR || label->u.str.len == 0) {
        return fail_cell(a, label ? label : cell, err, "name", "the name of a cell");
    }
    plx_neuron_name name = plx_neuron_name_of(label->u.str, PLX_NAMES_STRICT);
    if (name.slot < 0 || !a->neurons[name.slot].present) {
        return tell(a,
                    &(plx_change){.action = "drop",
                                  .rule = name.slot >= 0 ? "not-in-sheet" : name.rule,
                                  .subject = label->u.str.ptr,
                                  .before = "observability",
                                  .after = "",
                                  .reason = name.slot >= 0 ? "the sheet does not list this neuron" : name.reason,
                                  .file = a->file,
                                  .line = label->line},
                    err);
    }
    neuron *n = &a->neurons[name.slot];
    if (n->in_cells) {
        return fail_cell(a, label, err, "name", "every neuron once; this one stands twice");
    }
    n->in_cells = true;
    return read_flag(a, cell, "inhead", &n->in_head, err) && read_flag(a, cell, "intail", &n->in_tail, err) &&
           read_flag(a, cell, "emb", &n->embryonic, err);
}

static bool read_cells(atlas *a, const char *name, plx_err *err)
{
    plx_source *source = NULL;
    a->file = name;
    bool ok = plx_ingest_open(a->job, name, &source, err) &&
              plx_json_stream(plx_ingest_ctx(a->job), source, NULL, each_cell, a, err);
    plx_source_close(source);
    return ok;
}

static bool check_complete(const atlas *a, bool with_cells, plx_err *err)
{
    bool complete = strcmp(plx_ingest_text(a->job, "complete"), "no") != 0;
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        const neuron *n = &a->neurons[i];
        if (complete && !n->present) {
            plx_fail(err, PLX_E_SCHEMA, "the sheet has no row for %s", plx_neurons[i]);
            return plx_err_why(err, "expected all %d neurons", PLX_N_NEURONS);
        }
        if (n->present && with_cells && !n->in_cells) {
            plx_fail(err, PLX_E_SCHEMA, "the cell table has no row for %s", plx_neurons[i]);
            return plx_err_why(err, "expected a row for every neuron of the sheet");
        }
    }
    return true;
}

static bool emit(const atlas *a, plx_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        n += a->neurons[i].present;
    }
    enum { SLOT, X_UM, Y_UM, Z_UM, IN_HEAD, IN_TAIL, EMBRYONIC, N_VALUES };
    static const struct {
        const char *name, *unit;
        plx_dtype dtype;
    } specs[N_VALUES] = {{"slot", "", PLX_I32},    {"x_um", "um", PLX_F64}, {"y_um", "um", PLX_F64},
                         {"z_um", "um", PLX_F64},  {"in_head", "", PLX_U8}, {"in_tail", "", PLX_U8},
                         {"embryonic", "", PLX_U8}};
    plx_table table = {0};
    plx_strcol name = {0};
    plx_strcol class_name = {0};
    plx_strcol type = {0};
    plx_strcol transmitter = {0};
    uint8_t *values[N_VALUES] = {NULL};
    bool ok = true;
    for (size_t k = 0; ok && k < N_VALUES; k++) {
        plx_column *column = NULL;
        ok = plx_table_add(&table, specs[k].name, specs[k].unit, specs[k].dtype, n, &column, err);
        values[k] = ok ? column->values.ptr : NULL;
    }
    size_t row = 0;
    for (size_t i = 0; ok && i < PLX_N_NEURONS; i++) {
        const neuron *from = &a->neurons[i];
        if (!from->present) {
            continue;
        }
        plx_strcol_add(&name, plx_slice_of(plx_neurons[i]));
        plx_strcol_add(&class_name, plx_slice_of(from->class_name));
        plx_strcol_add(&type, plx_slice_of(from->type));
        plx_strcol_add(&transmitter, plx_slice_of(from->transmitter));
        int32_t slot = (int32_t)i;
        memcpy(values[SLOT] + row * sizeof slot, &slot, sizeof slot);
        for (size_t k = 0; k < N_AXES; k++) {
            memcpy(values[X_UM + k] + row * sizeof(double), &from->um[k], sizeof(double));
        }
        values[IN_HEAD][row] = from->in_head;
        values[IN_TAIL][row] = from->in_tail;
        values[EMBRYONIC][row] = from->embryonic;
        row++;
    }
    plx_sink *sink = plx_ingest_sink(a->job);
    ok = ok && plx_strcol_finish(&name, &table, "name", err) && plx_strcol_finish(&class_name, &table, "class", err) &&
         plx_strcol_finish(&type, &table, "type", err) && plx_strcol_finish(&transmitter, &table, "transmitter", err) &&
         sink->table(sink, "neurons", &table, err);
    plx_strcol_free(&name);
    plx_strcol_free(&class_name);
    plx_strcol_free(&type);
    plx_strcol_free(&transmitter);
    plx_table_free(&table);
    return ok;
}

static bool run(plx_ingest *job, plx_err *err)
{
    atlas *a = plx_arena_zero(plx_ingest_arena(job), 1, sizeof *a);
    if (!a) {
        return plx_fail_nomem(err, sizeof *a);
    }
    a->job = job;
    const plx_manifest *m = plx_ingest_manifest(job);
    const char *sheet = plx_ingest_text(job, "sheet");
    if (!*sheet && m->n_files == 1) {
        sheet = m->files[0].name;
    }
    const char *positions = plx_ingest_text(job, "positions");
    const char *cells = plx_ingest_text(job, "cells");
    plx_sink *sink = plx_ingest_sink(job);
    plx_digest digest;
    return sink->begin(sink, "neuron_atlas", plx_ingest_unit(a->job), err) &&
           with_csv(a, sheet, true, read_sheet, err) &&
           (!*positions || with_csv(a, positions, false, read_positions, err)) &&
           (!*cells || read_cells(a, cells, err)) && check_complete(a, *cells != '\0', err) && emit(a, err) &&
           plx_sink_text(sink, "species", plx_ingest_text(job, "species"), err) &&
           plx_sink_text(sink, "observability", *cells ? "NemaNode cell table: inhead, intail, emb" : "not stated",
                         err) &&
           sink->commit(sink, &digest, err);
}

const plx_ingester plx_ingester_neuron_atlas = {
    .name = "neuron_atlas",
    .title = "Neuron atlas from sheet, positions and cell table",
    .version = 1,
    .kind = "neuron_atlas",
    .reference = "qsimeon/worm-data-preprocess@c61ab0228037:data/raw/neuron_master_sheet.csv",
    .options = options,
    .defects = NULL,
    .run = run,
};
