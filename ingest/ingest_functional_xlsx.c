/* SPDX-License-Identifier: Apache-2.0
 *
 * Functional connectomes published as two matrices in a workbook: how a cell responds when another is stimulated, and
 * how significant that is (Randi et al. 2023, supplementary table 1, which gives 1 - q). A response that is significant
 * becomes an edge; the table `pairs` keeps every pair that was measured, so what was looked at and not found can be
 * told from what was not looked at. Which way the matrices lie is an option, for publications differ.
 */
#include "core/num.h"
#include "formats/xlsx.h"
#include "ingest/connectome_job.h"
#include "ingest/sheet_matrix.h"

#include <math.h>

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"workbook", "", "manifest file that holds the sheets; empty: the only one"},
    {"response_sheet", NULL, "sheet of responses; blank where a pair was not measured"},
    {"significance_sheet", NULL, "sheet of 1 - q for the same pairs"},
    {"first_cell", "B2", "first number of both sheets; names stand in the row above and the column left of it"},
    {"rows", "send", "send: rows name the stimulated cell and columns the responding one; receive: the other way"},
    {"max_q", "0.05", "a response with a smaller q is an edge"},
    {NULL, NULL, NULL},
};

static const plx_defect defects[] = {
    {"D1", "1 - q is compared with the threshold instead of q, which keeps the responses that are not significant"},
    {"outside-300", "rows touching a cell that is none of the 300 canonical neurons are dropped"},
    {"functional-as-chemical",
     "responses are written into the channel of chemical synapses; here they stay functional"},
    {NULL, NULL},
};

typedef struct run_state {
    plx_ingest *job;
    plx_connectome_builder *builder;
    const char *workbook, *file; /* file: with the sheet of responses, for changes */
    plx_sheet_matrix response, significance;
    bool rows_send, compat;
    double max_q;
} run_state;

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_SCHEMA, "option %s cannot be \"%s\"", option, plx_ingest_text(job, option));
    plx_note(err, "%s", plx_ingest_manifest(job)->origin);
    return plx_err_why(err, "expected %s", expected);
}

static bool read_options(run_state *r, plx_err *err)
{
    const char *rows = plx_ingest_text(r->job, "rows");
    const char *max_q = plx_ingest_text(r->job, "max_q");
    const char *first = plx_ingest_text(r->job, "first_cell");
    plx_sheet_matrix m = {.ctx = plx_ingest_ctx(r->job), .arena = plx_ingest_arena(r->job), .negative = true};
    if (!plx_cell_parse(plx_slice_of(first), &m.row, &m.column) || m.row == 0 || m.column == 0) {
        return bad_option(r->job, "first_cell", "a cell such as B2, with room for names above and left", err);
    }
    r->rows_send = strcmp(rows, "send") == 0;
    if (!r->rows_send && strcmp(rows, "receive") != 0) {
        return bad_option(r->job, "rows", "send or receive", err);
    }
    if (!plx_parse_f64(max_q, strlen(max_q), &r->max_q) || !(r->max_q > 0 && r->max_q <= 1)) {
        return bad_option(r->job, "max_q", "a number above 0 and at most 1", err);
    }
    r->compat = plx_ingest_mode(r->job) == PLX_COMPAT;
    r->response = r->significance = m;
    r->significance.negative = false;
    return true;
}

static bool read_matrix(const run_state *r, plx_xlsx *book, const char *option, plx_sheet_matrix *m, plx_err *err)
{
    const char *title = plx_ingest_text(r->job, option);
    plx_sheet_sink sink = plx_sheet_matrix_sink(m);
    size_t sheet;
    if (!plx_xlsx_need(book, title, &sheet, err)) {
        if (err && err->code == PLX_E_NOTFOUND) {
            err->code = PLX_E_FORMAT; /* the file is there, but is not as the manifest says */
        }
        return false;
    }
    return plx_xlsx_read(m->ctx, book, sheet, &sink, NULL, err) &&
           (plx_sheet_matrix_check(m, err) || plx_note(err, "%s, sheet \"%s\"", r->workbook, title));
}

/* An error at a place of one of the sheets. */
static bool fail_at(const run_state *r, const char *option, uint32_t row, uint32_t column, plx_err *err,
                    const char *what)
{
    char cell[PLX_CELL_NAME];
    plx_cell_name(row, column, cell);
    plx_fail(err, PLX_E_FORMAT, "%s", what);
    plx_note(err, "cell %s", cell);
    return plx_note(err, "%s, sheet \"%s\"", r->workbook, plx_ingest_text(r->job, option));
}

static bool same_names(const run_state *r, const plx_matrix_names *a, const plx_matrix_names *b, bool rows,
                       plx_err *err)
{
    const plx_sheet_matrix *m = &r->significance;
    for (size_t i = 0; i < a->n || i < b->n; i++) {
        if (i >= a->n || i >= b->n || !plx_slice_eq(a->items[i], b->items[i])) {
            uint32_t at = (uint32_t)i;
            return fail_at(r, "significance_sheet", rows ? m->row + at : m->row - 1,
                           rows ? m->column - 1 : m->column + at, err,
                           "the sheet does not name the same cells in the same order as that of the responses");
        }
    }
    return true;
}

/* q of a measured pair. */
static bool find_q(const run_state *r, const plx_matrix_entry *e, double *q, double *given, plx_err *err)
{
    const plx_matrix_entry *s = plx_sheet_matrix_at(&r->significance, e->row, e->column);
    if (!s) {
        return fail_at(r, "significance_sheet", e->row, e->column, err,
                       "there is a response of this pair, but not how significant it is");
    }
    if (s->weight > 1) {
        fail_at(r, "significance_sheet", e->row, e->column, err, "this is no 1 - q");
        return plx_err_why(err, "expected a number from 0 to 1, got %g", s->weight);
    }
    *given = s->weight;
    *q = 1 - s->weight;
    return true;
}

static bool add_cells(const run_state *r, plx_err *err)
{
    const plx_sheet_matrix *m = &r->response;
    for (size_t i = 0; i < m->pre.n; i++) {
        if (!plx_connectome_cell(r->builder, m->pre.items[i], r->file, m->row + i + 1, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < m->post.n; i++) {
        if (!plx_connectome_cell(r->builder, m->post.items[i], r->file, m->row, err)) {
            return false;
        }
    }
    return true;
}

static plx_slice sender(const run_state *r, const plx_matrix_entry *e)
{
    return (r->rows_send ? plx_sheet_matrix_pre : plx_sheet_matrix_post)(&r->response, e);
}

static plx_slice receiver(const run_state *r, const plx_matrix_entry *e)
{
    return (r->rows_send ? plx_sheet_matrix_post : plx_sheet_matrix_pre)(&r->response, e);
}

static bool add_edges(const run_state *r, plx_err *err)
{
    for (size_t i = 0; i < r->response.n; i++) {
        const plx_matrix_entry *e = &r->response.entries[i];
        plx_edge_value q = {0};
        double given = 0;
        if (!plx_ctx_go_on(plx_ingest_ctx(r->job), err) || !find_q(r, e, &q.number, &given, err)) {
            return false;
        }
        const plx_connectome_row row = {.pre = sender(r, e),
                                        .post = receiver(r, e),
                                        .kind = PLX_EDGE_FUNCTIONAL,
                                        .weight = e->weight,
                                        .file = r->file,
                                        .line = e->row + 1,
                                        .values = &q};
        bool edge = r->compat ? given < r->max_q : q.number < r->max_q; /* D1 */
        if (edge && !plx_connectome_add(r->builder, &row, err)) {
            return false;
        }
    }
    return true;
}

/* Pairs that compat mode does not list, told once for all. */
static bool tell_outside(const run_state *r, size_t n, plx_err *err)
{
    char subject[64];
    plx_sink *sink = plx_ingest_sink(r->job);
    snprintf(subject, sizeof subject, "%zu measured pairs", n);
    const plx_change change = {.action = "drop",
                               .rule = "outside-300",
                               .subject = subject,
                               .before = "",
                               .after = "",
                               .reason = "the table of pairs lists those between two of the 300 canonical neurons",
                               .file = r->file};
    return n == 0 || sink->change(sink, &change, err);
}

static bool emit_pairs(const run_state *r, plx_err *err)
{
    plx_table table = {0};
    plx_column *columns[4] = {NULL};
    static const char *const names[] = {"pre", "post", "dff", "q"};
    uint32_t pre;
    uint32_t post;
    size_t n = 0;
    for (size_t i = 0; i < r->response.n; i++) {
        const plx_matrix_entry *e = &r->response.entries[i];
        n += plx_connectome_node(r->builder, sender(r, e), &pre) &&
             plx_connectome_node(r->builder, receiver(r, e), &post);
    }
    bool ok = tell_outside(r, r->response.n - n, err);
    for (size_t c = 0; ok && c < 4; c++) {
        ok = plx_table_add(&table, names[c], c == 2 ? plx_ingest_text(r->job, "weight_unit") : "",
                           c < 2 ? PLX_U32 : PLX_F64, n, &columns[c], err);
    }
    for (size_t i = 0, at = 0; ok && i < r->response.n; i++) {
        const plx_matrix_entry *e = &r->response.entries[i];
        double q;
        double given;
        if (!plx_connectome_node(r->builder, sender(r, e), &pre) ||
            !plx_connectome_node(r->builder, receiver(r, e), &post)) {
            continue; /* a cell outside the 300 in compat mode */
        }
        ok = find_q(r, e, &q, &given, err);
        ((uint32_t *)(void *)table.cols[0].values.ptr)[at] = pre;
        ((uint32_t *)(void *)table.cols[1].values.ptr)[at] = post;
        ((double *)(void *)table.cols[2].values.ptr)[at] = e->weight;
        ((double *)(void *)table.cols[3].values.ptr)[at++] = q;
    }
    plx_sink *sink = plx_ingest_sink(r->job);
    ok = ok && sink->table(sink, "pairs", &table, err);
    plx_table_free(&table);
    return ok;
}

static bool emit_attributes(const run_state *r, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(r->job);
    plx_arena *arena = plx_ingest_arena(r->job);
    const char *rule = plx_arena_printf(
        arena, r->compat ? "1 - q < %g (D1: the responses that are not significant)" : "q < %g", r->max_q);
    if (!rule) {
        return plx_fail_nomem(err, 0);
    }
    return plx_sink_text(sink, "orientation",
                         r->rows_send ? "rows send: a row is the stimulated cell, a column the responding one"
                                      : "rows receive: a column is the stimulated cell, a row the responding one",
                         err) &&
           plx_sink_text(sink, "edge_rule", rule, err) &&
           (!r->compat || plx_sink_text(sink, "upstream_channel", "chemical", err));
}

static bool read_workbook(run_state *r, plx_err *err)
{
    char path[PLX_PATH];
    plx_xlsx *book = NULL;
    bool ok = plx_ingest_path(r->job, r->workbook, path, err) &&
              plx_xlsx_open(plx_ingest_ctx(r->job), path, r->workbook, &book, err) &&
              read_matrix(r, book, "response_sheet", &r->response, err) &&
              read_matrix(r, book, "significance_sheet", &r->significance, err) &&
              same_names(r, &r->response.pre, &r->significance.pre, true, err) &&
              same_names(r, &r->response.post, &r->significance.post, false, err);
    plx_xlsx_close(book);
    return ok;
}

static bool run(plx_ingest *job, plx_err *err)
{
    static const plx_edge_column q_column = {"q", "", PLX_F64};
    const plx_connectome_opts more = {.kinds = 1U << PLX_EDGE_FUNCTIONAL, .columns = &q_column, .n_columns = 1};
    const plx_manifest *manifest = plx_ingest_manifest(job);
    run_state r = {.job = job, .workbook = plx_ingest_text(job, "workbook")};
    if (!*r.workbook && manifest->n_files == 1) {
        r.workbook = manifest->files[0].name;
    }
    r.file = plx_arena_printf(plx_ingest_arena(job), "%s!%s", r.workbook, plx_ingest_text(job, "response_sheet"));
    if (!r.file) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = read_options(&r, err) && plx_connectome_begin(job, &more, &r.builder, err) && read_workbook(&r, err) &&
              add_cells(&r, err) && add_edges(&r, err) && plx_connectome_emit(r.builder, err) && emit_pairs(&r, err) &&
              emit_attributes(&r, err) && plx_connectome_commit(job, err);
    plx_sheet_matrix_free(&r.response);
    plx_sheet_matrix_free(&r.significance);
    plx_connectome_builder_free(r.builder);
    return ok;
}

const plx_ingester plx_ingester_functional_xlsx = {
    .name = "functional_xlsx",
    .title = "Functional connectome from matrices in a workbook",
    .version = 1,
    .kind = "connectome",
    .reference = "qsimeon/worm-data-preprocess@953f66a7ff7e:preprocess/preprocessors/_connectome.py; "
                 "doi:10.1038/s41586-023-06683-4",
    .options = options,
    .defects = defects,
    .run = run,
};
