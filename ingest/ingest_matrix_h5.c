/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes published as square arrays in an HDF5 file, one of chemical synapses and one of gap junctions, with the
 * names of the cells in a text beside it (wormneuroatlas). Which index sends is an option: there, element [i, j] is
 * what j gives to i.
 */
#include "formats/h5.h"
#include "ingest/connectome_job.h"
#include "ingest/edge_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"arrays", NULL, "manifest file with the arrays"},
    {"names", NULL, "manifest file with the names of rows and columns, one a line, without header"},
    {"name_column", "c1", "column of the name in that file"},
    {"name_order", "file",
     "sorted: rows and columns follow the names sorted by their bytes, not their order in the file"},
    {"chemical", "", "data set of chemical synapses; empty: none"},
    {"gap", "", "data set of gap junctions, which must be symmetric; empty: none"},
    {"rows", "send", "send: element [i, j] is from cell i to cell j; receive: from j to i"},
    {NULL, NULL, NULL},
};

static const plx_defect defects[] = {
    {"not-observed", "names upstream does not know are looked up as index -1 and so counted as the last neuron's"},
    {"outside-300", "rows touching a cell that is none of the 300 canonical neurons are dropped"},
    {NULL, NULL},
};

typedef struct reader {
    plx_ingest *job;
    plx_connectome_builder *builder;
    plx_slice *names; /* in the arena */
    size_t n;
    bool rows_send, sorted;
} reader;

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_SCHEMA, "option %s cannot be \"%s\"", option, plx_ingest_text(job, option));
    plx_note(err, "%s", plx_ingest_manifest(job)->origin);
    return plx_err_why(err, "expected %s", expected);
}

static bool add_name(reader *r, plx_slice text, size_t *cap, plx_err *err)
{
    plx_arena *arena = plx_ingest_arena(r->job);
    if (r->n == *cap) {
        size_t more = *cap ? *cap * 2 : 512;
        plx_slice *names = plx_arena_zero(arena, more, sizeof *names);
        if (!names) {
            return plx_fail_nomem(err, more * sizeof *names);
        }
        if (r->n) {
            memcpy(names, r->names, r->n * sizeof *names);
        }
        r->names = names;
        *cap = more;
    }
    const char *kept = plx_arena_strndup(arena, text.ptr, text.len);
    r->names[r->n++] = (plx_slice){kept, text.len};
    return kept || plx_fail_nomem(err, text.len);
}

static int by_text(const void *left, const void *right)
{
    return plx_slice_cmp(*(const plx_slice *)left, *(const plx_slice *)right);
}

/* The names, each a cell; a name twice would be two rows for one cell. */
static bool read_names(reader *r, plx_err *err)
{
    const char *file = plx_ingest_text(r->job, "names");
    const plx_edge_rows_opts opts = {.no_header = true, .sheet = ""};
    plx_edge_rows *rows = NULL;
    const plx_slice *fields = NULL;
    size_t column = 0;
    size_t cap = 0;
    bool ok = plx_edge_rows_open(r->job, file, &opts, &rows, err) &&
              plx_edge_rows_need(rows, plx_ingest_text(r->job, "name_column"), &column, err) &&
              plx_edge_rows_next(rows, &fields, err);
    while (ok && fields) {
        const char *problem = plx_cell_label_problem(fields[column]);
        size_t known = plx_connectome_n_cells(r->builder);
        if (problem) {
            ok = plx_edge_rows_fail(rows, PLX_E_FORMAT, column, err, "the cell name %s", problem);
            break;
        }
        ok = plx_connectome_cell(r->builder, fields[column], file, plx_edge_rows_line(rows), err);
        if (ok && plx_connectome_n_cells(r->builder) == known) {
            ok = plx_edge_rows_fail(rows, PLX_E_FORMAT, column, err, "the cell %.*s is there twice",
                                    (int)fields[column].len, fields[column].ptr);
        }
        ok = ok && add_name(r, fields[column], &cap, err) && plx_edge_rows_next(rows, &fields, err);
    }
    plx_edge_rows_close(rows);
    if (ok && r->sorted) {
        qsort(r->names, r->n, sizeof *r->names, by_text);
    }
    return ok;
}

static bool fail_in(const reader *r, const char *dataset, size_t i, size_t j, plx_err *err, const char *what)
{
    plx_fail(err, PLX_E_FORMAT, "%s", what);
    plx_note(err, "element [%zu, %zu] (%.*s, %.*s)", i, j, (int)r->names[i].len, r->names[i].ptr, (int)r->names[j].len,
             r->names[j].ptr);
    return plx_note(err, "%s, data set %s", plx_ingest_text(r->job, "arrays"), dataset);
}

static bool check_shape(const reader *r, const char *dataset, const plx_array *a, plx_err *err)
{
    if (a->ndim == 2 && a->shape[0] == r->n && a->shape[1] == r->n && a->dtype == PLX_F64) {
        return true;
    }
    plx_fail(err, PLX_E_FORMAT, "the array is not one row and column of f64 for each name");
    plx_note(err, "%s, data set %s", plx_ingest_text(r->job, "arrays"), dataset);
    return plx_err_why(err, "%s names %zu cells; the array has %d axes, the first %zu long, of %s",
                       plx_ingest_text(r->job, "names"), r->n, a->ndim, a->ndim > 0 ? a->shape[0] : 0,
                       plx_dtype_name(a->dtype));
}

static bool check_value(const reader *r, const char *dataset, const double *values, size_t i, size_t j, bool gap,
                        plx_err *err)
{
    double value = values[i * r->n + j];
    double mirror = values[j * r->n + i];
    bool whole = !plx_connectome_whole_weights(r->job) || floor(value) >= value;
    if (!isfinite(value) || value < 0 || !whole) {
        fail_in(r, dataset, i, j, err, "the weight cannot be");
        return plx_err_why(err, "expected a%s number of at least 0, got %g",
                           plx_connectome_whole_weights(r->job) ? " whole" : "", value);
    }
    if (gap && (value < mirror || value > mirror)) {
        fail_in(r, dataset, i, j, err, "the array of gap junctions is not symmetric");
        return plx_err_why(err, "%g one way, %g the other", value, mirror);
    }
    return true;
}

static bool add_array(reader *r, const char *dataset, const plx_array *a, plx_edge_kind kind, plx_err *err)
{
    /* The builder keeps the name until it is done, hence the arena. */
    const char *file = plx_arena_printf(plx_ingest_arena(r->job), "%s!%s", plx_ingest_text(r->job, "arrays"), dataset);
    const double *values = (const void *)a->buf.ptr;
    if (!file) {
        return plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < r->n; i++) {
        for (size_t j = 0; j < r->n; j++) {
            const plx_connectome_row row = {.pre = r->names[r->rows_send ? i : j],
                                            .post = r->names[r->rows_send ? j : i],
                                            .kind = kind,
                                            .weight = values[i * r->n + j],
                                            .file = file,
                                            .line = i + 1};
            if (!check_value(r, dataset, values, i, j, kind == PLX_EDGE_GAP, err)) {
                return false;
            }
            if (row.weight > 0 && !plx_connectome_add(r->builder, &row, err)) {
                return false;
            }
        }
        if (!plx_ctx_go_on(plx_ingest_ctx(r->job), err)) {
            return false;
        }
    }
    return true;
}

static bool read_array(reader *r, const char *option, plx_edge_kind kind, plx_err *err)
{
    const char *dataset = plx_ingest_text(r->job, option);
    const char *file = plx_ingest_text(r->job, "arrays");
    char path[PLX_PATH];
    plx_array a = {0};
    if (!*dataset) {
        return true;
    }
    if (!plx_ingest_path(r->job, file, path, err)) {
        return false;
    }
    if (!plx_h5_read(plx_ingest_ctx(r->job), path, dataset, &a, err)) {
        if (err && err->code == PLX_E_NOTFOUND) {
            err->code = PLX_E_FORMAT; /* the file is there, but is not as the manifest says */
        }
        return plx_note(err, "%s, data set %s", file, dataset);
    }
    bool ok = check_shape(r, dataset, &a, err) && add_array(r, dataset, &a, kind, err);
    plx_array_free(&a);
    return ok;
}

static bool run(plx_ingest *job, plx_err *err)
{
    const char *rows = plx_ingest_text(job, "rows");
    bool has[] = {*plx_ingest_text(job, "chemical") != '\0', *plx_ingest_text(job, "gap") != '\0'};
    reader r = {.job = job, .rows_send = strcmp(rows, "send") == 0};
    if (!r.rows_send && strcmp(rows, "receive") != 0) {
        return bad_option(job, "rows", "send or receive", err);
    }
    const char *order = plx_ingest_text(job, "name_order");
    r.sorted = strcmp(order, "sorted") == 0;
    if (!r.sorted && strcmp(order, "file") != 0) {
        return bad_option(job, "name_order", "file or sorted", err);
    }
    if (!has[0] && !has[1]) {
        return bad_option(job, "chemical", "the name of a data set, here or in gap", err);
    }
    const plx_connectome_opts more = {.kinds =
                                          (has[0] ? 1U << PLX_EDGE_CHEMICAL : 0) | (has[1] ? 1U << PLX_EDGE_GAP : 0)};
    bool ok = plx_connectome_begin(job, &more, &r.builder, err) && read_names(&r, err) &&
              read_array(&r, "chemical", PLX_EDGE_CHEMICAL, err) && read_array(&r, "gap", PLX_EDGE_GAP, err) &&
              plx_connectome_emit(r.builder, err) &&
              plx_sink_text(plx_ingest_sink(job), "orientation",
                            r.rows_send ? "rows send: element [i, j] of the source is from i to j"
                                        : "rows receive: element [i, j] of the source is from j to i; here turned",
                            err) &&
              plx_connectome_commit(job, err);
    plx_connectome_builder_free(r.builder);
    return ok;
}

const plx_ingester plx_ingester_matrix_h5 = {
    .name = "matrix_h5",
    .title = "Connectome from arrays in an HDF5 file",
    .version = 1,
    .kind = "connectome",
    .reference = "francescorandi/wormneuroatlas@b2e13d88b670:wormneuroatlas/NeuroAtlas.py",
    .options = options,
    .defects = defects,
    .run = run,
};
