/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells of Winding et al. 2023: annotations by pairs of left and right, synapses onto and from axon and dendrite, and a
 * guess of who excites.
 */
#include "ingest/matrix_cells.h"

#include "core/alloc.h"
#include "core/num.h"
#include "formats/archive.h"
#include "formats/csv.h"

#include <math.h>
#include <stdlib.h>

static int id_order(plx_slice a, plx_slice b)
{
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : plx_slice_cmp(a, b);
}

static int by_id(const void *a, const void *b)
{
    return id_order(((const plx_matrix_cell *)a)->id, ((const plx_matrix_cell *)b)->id);
}

bool plx_matrix_cells_keep(plx_arena *arena, plx_slice text, plx_slice *out, plx_err *err)
{
    const char *copy = plx_arena_strndup(arena, text.ptr, text.len);
    *out = (plx_slice){copy, text.len};
    return copy || plx_fail_nomem(err, text.len);
}

bool plx_matrix_cells_begin(plx_matrix_cells *out, plx_ingest *job, const char *path, const plx_slice *ids, size_t n,
                            plx_err *err)
{
    *out = (plx_matrix_cells){.job = job, .path = path, .items = plx_alloc_zero(n, sizeof *out->items)};
    if (!out->items) {
        return plx_fail_nomem(err, n * sizeof *out->items);
    }
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        out->items[i] = (plx_matrix_cell){.id = ids[i], .side = ""};
        for (size_t k = 0; k < PLX_N_TOTALS; k++) {
            out->items[i].totals[k] = (double)NAN;
        }
    }
    qsort(out->items, n, sizeof *out->items, by_id);
    return true;
}

void plx_matrix_cells_free(plx_matrix_cells *cells)
{
    plx_free(cells->items);
    *cells = (plx_matrix_cells){0};
}

size_t plx_matrix_cells_find(const plx_matrix_cells *cells, plx_slice id)
{
    size_t low = 0;
    size_t high = cells->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (id_order(cells->items[mid].id, id) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < cells->n && plx_slice_eq(cells->items[low].id, id) ? low : cells->n;
}

typedef struct fact_table {
    plx_matrix_cells *cells;
    plx_csv *csv;
    const char *file; /* for people, in the arena */
} fact_table;

/* The cell of a row, NULL (with a change) when no matrix has it. */
static bool find_cell(const fact_table *t, plx_slice id, plx_matrix_cell **out, plx_err *err)
{
    size_t at = plx_matrix_cells_find(t->cells, id);
    *out = at < t->cells->n ? &t->cells->items[at] : NULL;
    if (*out) {
        return true;
    }
    plx_slice kept;
    plx_sink *sink = plx_ingest_sink(t->cells->job);
    return plx_matrix_cells_keep(plx_ingest_arena(t->cells->job), id, &kept, err) &&
           sink->change(sink,
                        &(plx_change){.action = "drop",
                                      .rule = "not-in-matrix",
                                      .subject = kept.ptr,
                                      .before = t->file,
                                      .after = "",
                                      .reason = "the table has a row for a cell that is in no matrix",
                                      .file = plx_ingest_text(t->cells->job, "archive"),
                                      .line = plx_csv_line(t->csv)},
                        err);
}

static bool twice(const fact_table *t, size_t field, plx_slice id, plx_err *err)
{
    plx_csv_fail(t->csv, PLX_E_FORMAT, field, err, "the id %.*s stands twice", (int)id.len, id.ptr);
    return plx_err_why(err, "expected one row per cell");
}

static bool annotate(const fact_table *t, const plx_slice *fields, const size_t *at, size_t side, plx_err *err)
{
    static const char *const sides[] = {"left", "right"};
    plx_arena *arena = plx_ingest_arena(t->cells->job);
    plx_slice id = fields[at[side]];
    plx_slice other = fields[at[1 - side]];
    plx_matrix_cell *cell;
    if (plx_slice_is(id, "no pair")) {
        return true;
    }
    if (!find_cell(t, id, &cell, err)) {
        return false;
    }
    if (!cell) {
        return true;
    }
    if (cell->annotated) {
        return twice(t, at[side], id, err);
    }
    cell->annotated = true;
    cell->side = sides[side];
    plx_slice annotation = fields[at[3]];
    return plx_matrix_cells_keep(arena, fields[at[2]], &cell->type, err) &&
           plx_matrix_cells_keep(arena,
                                 plx_slice_is(annotation, "no official annotation") ? (plx_slice){"", 0} : annotation,
                                 &cell->annotation, err) &&
           plx_matrix_cells_keep(arena, fields[at[4]], &cell->cluster, err) &&
           plx_matrix_cells_keep(arena, plx_slice_is(other, "no pair") ? (plx_slice){"", 0} : other, &cell->homologue,
                                 err);
}

static bool read_annotation(const fact_table *t, const plx_slice *fields, const size_t *at, plx_err *err)
{
    return annotate(t, fields, at, 0, err) && annotate(t, fields, at, 1, err);
}

static bool read_totals(const fact_table *t, const plx_slice *fields, const size_t *at, size_t first, plx_err *err)
{
    plx_matrix_cell *cell;
    if (!find_cell(t, fields[at[0]], &cell, err)) {
        return false;
    }
    if (!cell) {
        return true;
    }
    bool *seen = first == PLX_AXON_INPUT ? &cell->has_input : &cell->has_output;
    if (*seen) {
        return twice(t, at[0], fields[at[0]], err);
    }
    *seen = true;
    for (size_t k = 0; k < 2; k++) {
        plx_slice text = fields[at[k + 1]];
        double *value = &cell->totals[first + k];
        if (!plx_parse_f64(text.ptr, text.len, value) || !isfinite(*value) || *value < 0) {
            plx_csv_fail(t->csv, PLX_E_FORMAT, at[k + 1], err, "\"%.*s\" is no number of synapses", (int)text.len,
                         text.ptr);
            return plx_err_why(err, "expected a number of at least 0");
        }
    }
    return true;
}

static bool read_input(const fact_table *t, const plx_slice *fields, const size_t *at, plx_err *err)
{
    return read_totals(t, fields, at, PLX_AXON_INPUT, err);
}

static bool read_output(const fact_table *t, const plx_slice *fields, const size_t *at, plx_err *err)
{
    return read_totals(t, fields, at, PLX_AXON_OUTPUT, err);
}

static bool read_sign(const fact_table *t, const plx_slice *fields, const size_t *at, plx_err *err)
{
    plx_matrix_cell *cell;
    plx_slice text = fields[at[1]];
    bool excites = plx_slice_is(text, "True");
    if (!excites && !plx_slice_is(text, "False")) {
        plx_csv_fail(t->csv, PLX_E_FORMAT, at[1], err, "the sign \"%.*s\" is not known", (int)text.len, text.ptr);
        return plx_err_why(err, "expected True or False");
    }
    if (!find_cell(t, fields[at[0]], &cell, err)) {
        return false;
    }
    if (cell && cell->signed_) {
        return twice(t, at[0], fields[at[0]], err);
    }
    if (cell) {
        cell->signed_ = true;
        cell->sign = excites ? 1 : -1;
    }
    return true;
}

typedef bool (*read_fact)(const fact_table *t, const plx_slice *fields, const size_t *at, plx_err *err);

/* Columns by name in the first row; an id column may have the name "". */
static bool find_columns(const plx_csv *csv, const plx_slice *fields, const char *const *names, size_t *at,
                         plx_err *err)
{
    for (size_t k = 0; names[k]; k++) {
        size_t i = 0;
        while (i < plx_csv_n_columns(csv) && !plx_slice_is(fields[i], names[k])) {
            i++;
        }
        if (i == plx_csv_n_columns(csv)) {
            plx_fail(err, PLX_E_FORMAT, "the first row has no column \"%s\"", names[k]);
            return false;
        }
        at[k] = i;
    }
    return true;
}

static bool read_table(fact_table *t, plx_source *source, const char *const *names, read_fact read, plx_err *err)
{
    const plx_csv_opts opts = {.delimiter = ',', .quote = '"', .no_header = true};
    const plx_ctx *ctx = plx_ingest_ctx(t->cells->job);
    size_t at[8];
    const plx_slice *fields = NULL;
    bool ok = plx_csv_open(ctx, source, &opts, &t->csv, err) && plx_csv_next(t->csv, &fields, err);
    if (ok && !fields) {
        ok = plx_fail(err, PLX_E_FORMAT, "the table is empty");
    }
    ok = ok && find_columns(t->csv, fields, names, at, err);
    while (ok) {
        ok = plx_ctx_go_on(ctx, err) && plx_csv_next(t->csv, &fields, err);
        if (!ok || !fields) {
            break;
        }
        ok = read(t, fields, at, err);
    }
    plx_csv_close(t->csv);
    return ok || plx_note(err, "%s", t->file);
}

static bool read_in_archive(plx_matrix_cells *cells, const char *option, const char *const *names, read_fact read,
                            plx_err *err)
{
    const char *name = plx_ingest_text(cells->job, option);
    if (!*name) {
        return true;
    }
    plx_arena *arena = plx_ingest_arena(cells->job);
    const char *archive = plx_ingest_text(cells->job, "archive");
    const char *member = plx_arena_printf(arena, "%s%s", plx_ingest_text(cells->job, "folder"), name);
    fact_table t = {.cells = cells, .file = plx_arena_printf(arena, "%s, member %s", archive, member ? member : "")};
    plx_buf bytes = {0};
    plx_source *source = NULL;
    if (!member || !t.file) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = plx_archive_read_member(plx_ingest_ctx(cells->job), cells->path, member, &bytes, err) &&
              plx_source_mem(member, bytes.ptr, bytes.len, &source, err) && read_table(&t, source, names, read, err);
    if (!ok && err && err->code == PLX_E_NOTFOUND) {
        err->code = PLX_E_FORMAT; /* the archive is there, but is not as the manifest says */
    }
    plx_source_close(source);
    plx_buf_free(&bytes);
    return ok;
}

bool plx_matrix_cells_read_facts(plx_matrix_cells *cells, plx_err *err)
{
    static const char *const annotations[] = {"left_id",         "right_id", "celltype", "additional_annotations",
                                              "level_7_cluster", NULL};
    static const char *const inputs[] = {"", "axon_input", "dendrite_input", NULL};
    static const char *const outputs[] = {"", "axon_output", "dendrite_output", NULL};
    static const char *const signs[] = {"skid", "sign", NULL};
    const char *file = plx_ingest_text(cells->job, "signs");
    if (!read_in_archive(cells, "annotations", annotations, read_annotation, err) ||
        !read_in_archive(cells, "inputs", inputs, read_input, err) ||
        !read_in_archive(cells, "outputs", outputs, read_output, err)) {
        return false;
    }
    if (!*file) {
        return true;
    }
    fact_table t = {.cells = cells, .file = file};
    plx_source *source = NULL;
    bool ok = plx_ingest_open(cells->job, file, &source, err) && read_table(&t, source, signs, read_sign, err);
    plx_source_close(source);
    return ok;
}

bool plx_matrix_column(plx_table *table, const char *name, const char *unit, plx_dtype dtype, size_t n, void *out,
                       plx_err *err)
{
    plx_column *column = NULL;
    if (!plx_table_add(table, name, unit, dtype, n, &column, err)) {
        return false;
    }
    memcpy(out, &column->values.ptr, sizeof column->values.ptr);
    return true;
}

enum { LABEL, NAME, CATEGORY, CLASS, TYPE, TRANSMITTER, SIDE, HOMOLOGUE, CLUSTER, N_TEXTS };

static bool add_texts(const plx_matrix_cells *cells, plx_table *table, plx_err *err)
{
    static const char *const names[N_TEXTS] = {"label",       "name", "category",  "class",  "type",
                                               "transmitter", "side", "homologue", "cluster"};
    plx_slice *texts = plx_alloc_zero(cells->n, sizeof *texts);
    bool ok = texts || plx_fail_nomem(err, cells->n * sizeof *texts);
    for (size_t k = 0; ok && k < N_TEXTS; k++) {
        for (size_t i = 0; i < cells->n; i++) {
            const plx_matrix_cell *c = &cells->items[i];
            const plx_slice of[N_TEXTS] = {[LABEL] = c->id,
                                           [NAME] = {"", 0},
                                           [CATEGORY] = plx_slice_of("neuron"),
                                           [CLASS] = c->annotation,
                                           [TYPE] = c->type,
                                           [TRANSMITTER] = plx_slice_of("unknown"),
                                           [SIDE] = plx_slice_of(c->side),
                                           [HOMOLOGUE] = c->homologue,
                                           [CLUSTER] = c->cluster};
            texts[i] = of[k].ptr ? of[k] : (plx_slice){"", 0};
        }
        ok = plx_table_add_strings(table, names[k], texts, cells->n, err);
    }
    plx_free(texts);
    return ok;
}

bool plx_matrix_cells_emit(const plx_matrix_cells *cells, plx_err *err)
{
    static const char *const axes[] = {"x_um", "y_um", "z_um"};
    static const char *const totals[PLX_N_TOTALS] = {"axon_input", "dendrite_input", "axon_output", "dendrite_output"};
    plx_table table = {0};
    plx_sink *sink = plx_ingest_sink(cells->job);
    int32_t *slot = NULL;
    int32_t *sign = NULL;
    uint8_t *observable = NULL;
    uint8_t *in_source = NULL;
    double *um[3] = {NULL};
    double *total[PLX_N_TOTALS] = {NULL};
    size_t n = cells->n;
    bool ok = add_texts(cells, &table, err) && plx_matrix_column(&table, "slot", "", PLX_I32, n, &slot, err) &&
              plx_matrix_column(&table, "observable", "", PLX_U8, n, &observable, err) &&
              plx_matrix_column(&table, "in_source", "", PLX_U8, n, &in_source, err) &&
              plx_matrix_column(&table, "sign", "", PLX_I32, n, &sign, err);
    for (size_t k = 0; ok && k < 3; k++) {
        ok = plx_matrix_column(&table, axes[k], "um", PLX_F64, n, &um[k], err);
    }
    for (size_t k = 0; ok && k < PLX_N_TOTALS; k++) {
        ok = plx_matrix_column(&table, totals[k], plx_ingest_text(cells->job, "weight_unit"), PLX_F64, n, &total[k],
                               err);
    }
    for (size_t i = 0; ok && i < n; i++) {
        slot[i] = -1;
        observable[i] = in_source[i] = 1;
        sign[i] = cells->items[i].sign;
        for (size_t k = 0; k < 3; k++) {
            um[k][i] = (double)NAN;
        }
        for (size_t k = 0; k < PLX_N_TOTALS; k++) {
            total[k][i] = cells->items[i].totals[k];
        }
    }
    ok = ok && sink->table(sink, "nodes", &table, err);
    plx_table_free(&table);
    return ok;
}
