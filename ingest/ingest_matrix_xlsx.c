/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes published as adjacency matrices in a workbook: one sheet of chemical synapses, one of gap junctions,
 * names in a row above and a column left of the weights (Cook et al. 2019, supplement 5). Titles and groups above and
 * left of the names are stepped over; anything else that is not a name or a weight is an error at its cell.
 */
#include "formats/xlsx.h"
#include "ingest/connectome_job.h"
#include "ingest/sheet_matrix.h"

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"workbook", "", "manifest file that holds the sheets; empty: the only one"},
    {"chemical_sheet", "", "sheet of chemical synapses, senders in rows; empty: none"},
    {"gap_sheet", "", "sheet of gap junctions, which must be symmetric where gap_rows is both; empty: none"},
    {"first_cell", "B2", "first weight, as in D4; names stand in the row above and the column left of it"},
    {"repeated_names", "no", "yes: the names stand again behind the last column and below the last row, as a check"},
    {NULL, NULL, NULL},
};

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_SCHEMA, "option %s cannot be \"%s\"", option, plx_ingest_text(job, option));
    plx_note(err, "%s", plx_ingest_manifest(job)->origin);
    return plx_err_why(err, "expected %s", expected);
}

static bool read_options(const plx_ingest *job, plx_sheet_matrix *out, plx_err *err)
{
    const char *repeated = plx_ingest_text(job, "repeated_names");
    *out = (plx_sheet_matrix){.ctx = plx_ingest_ctx(job), .arena = plx_ingest_arena(job)};
    out->whole = plx_connectome_whole_weights(job);
    out->repeated = strcmp(repeated, "yes") == 0;
    if (!out->repeated && strcmp(repeated, "no") != 0) {
        return bad_option(job, "repeated_names", "yes or no", err);
    }
    if (!plx_cell_parse(plx_slice_of(plx_ingest_text(job, "first_cell")), &out->row, &out->column) || out->row == 0 ||
        out->column == 0) {
        return bad_option(job, "first_cell", "a cell such as D4, with room for names above and left", err);
    }
    return true;
}

static bool tell_respelt(plx_ingest *job, const plx_sheet_matrix *m, const char *file, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(job);
    for (size_t i = 0; i < m->n_respelt; i++) {
        const plx_matrix_respelt *r = &m->respelt[i];
        char cell[PLX_CELL_NAME];
        plx_cell_name(r->row, r->column, cell);
        const char *name = plx_arena_strndup(plx_ingest_arena(job), r->name.ptr, r->name.len);
        const char *repeated = plx_arena_strndup(plx_ingest_arena(job), r->repeated.ptr, r->repeated.len);
        const char *reason = plx_arena_printf(
            plx_ingest_arena(job), "cell %s repeats the name in another spelling; that of the header is kept", cell);
        if (!name || !repeated || !reason) {
            return plx_fail_nomem(err, 0);
        }
        const plx_change change = {.action = "keep-first",
                                   .rule = "repeated-name",
                                   .subject = name,
                                   .before = repeated,
                                   .after = name,
                                   .reason = reason,
                                   .file = file,
                                   .line = r->row + 1};
        if (!sink->change(sink, &change, err)) {
            return false;
        }
    }
    return true;
}

static bool add_cell(plx_connectome_builder *builder, plx_slice name, const char *file, uint32_t row, uint32_t column,
                     plx_err *err)
{
    char cell[PLX_CELL_NAME];
    plx_cell_name(row, column, cell);
    return plx_connectome_cell(builder, name, file, row + 1, err) || plx_note(err, "cell %s", cell);
}

static bool add_matrix(plx_ingest *job, plx_connectome_builder *builder, const plx_sheet_matrix *m, plx_edge_kind kind,
                       const char *file, plx_err *err)
{
    for (size_t i = 0; i < m->pre.n; i++) {
        if (!add_cell(builder, m->pre.items[i], file, m->row + (uint32_t)i, m->column - 1, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < m->post.n; i++) {
        if (!add_cell(builder, m->post.items[i], file, m->row - 1, m->column + (uint32_t)i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < m->n; i++) {
        const plx_matrix_entry *e = &m->entries[i];
        const plx_connectome_row row = {.pre = plx_sheet_matrix_pre(m, e),
                                        .post = plx_sheet_matrix_post(m, e),
                                        .kind = kind,
                                        .weight = e->weight,
                                        .file = file,
                                        .line = e->row + 1};
        if (!plx_ctx_go_on(plx_ingest_ctx(job), err) || !plx_connectome_add(builder, &row, err)) {
            return false;
        }
    }
    return true;
}

static bool read_sheet(plx_ingest *job, plx_connectome_builder *builder, plx_xlsx *book, const char *workbook,
                       plx_edge_kind kind, plx_err *err)
{
    const char *title = plx_ingest_text(job, kind == PLX_EDGE_GAP ? "gap_sheet" : "chemical_sheet");
    plx_sheet_matrix m;
    size_t sheet;
    if (!*title) {
        return true;
    }
    if (!plx_xlsx_need(book, title, &sheet, err)) {
        if (err && err->code == PLX_E_NOTFOUND) {
            err->code = PLX_E_FORMAT; /* the file is there, but is not as the manifest says */
        }
        return false;
    }
    /* The builder keeps the name until it is done, hence the arena. */
    const char *file = plx_arena_printf(plx_ingest_arena(job), "%s!%s", workbook, title);
    if (!file) {
        return plx_fail_nomem(err, 0);
    }
    if (!read_options(job, &m, err)) {
        return false;
    }
    plx_sheet_sink sink = plx_sheet_matrix_sink(&m);
    bool symmetric = kind == PLX_EDGE_GAP && strcmp(plx_ingest_text(job, "gap_rows"), "both") == 0;
    bool ok = plx_xlsx_read(plx_ingest_ctx(job), book, sheet, &sink, NULL, err);
    if (ok && !(plx_sheet_matrix_check(&m, err) && (!symmetric || plx_sheet_matrix_check_symmetric(&m, err)))) {
        ok = plx_note(err, "%s, sheet \"%s\"", workbook, title);
    }
    ok = ok && tell_respelt(job, &m, file, err) && add_matrix(job, builder, &m, kind, file, err);
    plx_sheet_matrix_free(&m);
    return ok;
}

static bool run(plx_ingest *job, plx_err *err)
{
    const plx_manifest *manifest = plx_ingest_manifest(job);
    const char *workbook = plx_ingest_text(job, "workbook");
    plx_connectome_builder *builder = NULL;
    plx_xlsx *book = NULL;
    char path[PLX_PATH];
    if (!*workbook && manifest->n_files == 1) {
        workbook = manifest->files[0].name;
    }
    if (!*plx_ingest_text(job, "chemical_sheet") && !*plx_ingest_text(job, "gap_sheet")) {
        return bad_option(job, "chemical_sheet", "the name of a sheet, here or in gap_sheet", err);
    }
    if (!plx_connectome_begin(job, NULL, &builder, err)) {
        return false;
    }
    bool ok = plx_ingest_path(job, workbook, path, err) &&
              plx_xlsx_open(plx_ingest_ctx(job), path, workbook, &book, err) &&
              read_sheet(job, builder, book, workbook, PLX_EDGE_CHEMICAL, err) &&
              read_sheet(job, builder, book, workbook, PLX_EDGE_GAP, err) && plx_connectome_finish(job, builder, err);
    plx_xlsx_close(book);
    plx_connectome_builder_free(builder);
    return ok;
}

const plx_ingester plx_ingester_matrix_xlsx = {
    .name = "matrix_xlsx",
    .title = "Connectome from matrices in a workbook",
    .version = 2,
    .kind = "connectome",
    .reference = "qsimeon/worm-data-preprocess@953f66a7ff7e:preprocess/preprocessors/_connectome.py",
    .options = options,
    .defects = plx_connectome_defects,
    .run = run,
};
