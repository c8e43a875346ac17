/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes published as a zip of CSV adjacency matrices, one per kind of edge (Winding et al. 2023, Data S1): ids in
 * the first row and column, senders in rows. Every matrix may order its ids as it likes, rows and columns too: cells
 * are aligned by id, and all matrices must have the same ones. Facts of the cells come from matrix_cells.c. Matrices
 * outside an archive, and names of C. elegans, are not read here.
 */
#include "core/alloc.h"
#include "core/num.h"
#include "formats/csv.h"
#include "formats/zip_load.h"
#include "ingest/matrix_cells.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_MATRICES = 8, PATH_TEXT = 256 };

static const plx_ingest_option options[] = {
    {"archive", NULL, "manifest file that holds the matrices"},
    {"folder", "", "folder in the archive, with its slash, for all members named here"},
    {"matrices", NULL, "the kinds of edges and their members, each \"kind=member\""},
    {"total", "", "member whose weights must be the sums over all kinds; empty: none"},
    {"annotations", "", "member left_id,right_id,celltype,additional_annotations,level_7_cluster; empty: none"},
    {"inputs", "", "member id,axon_input,dendrite_input; empty: none"},
    {"outputs", "", "member id,axon_output,dendrite_output; empty: none"},
    {"signs", "", "manifest file skid,sign with True for cells that excite; empty: none"},
    {"organism", NULL, "species"},
    {"region", "brain", "what was imaged"},
    {"weight_unit", NULL, "what a weight counts, as in \"synapses\""},
    {NULL, NULL, NULL},
};

typedef struct entry {
    uint32_t pre, post; /* places in ids: first the matrix's own, then the sorted ones */
    double weight;
} entry;

typedef struct matrix {
    char kind[16];
    char member[PATH_TEXT];
    plx_slice *columns, *rows; /* text in the arena */
    size_t n;
    entry *entries;
    size_t n_entries, cap;
} matrix;

typedef struct reader {
    plx_ingest *job;
    const char *archive;
    matrix matrices[MAX_MATRICES + 1]; /* the last one used may be the total */
    size_t n, n_kinds;
    plx_matrix_cells cells;
} reader;

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_SCHEMA, "option %s cannot be \"%s\"", option, plx_ingest_text(job, option));
    plx_note(err, "%s", plx_ingest_manifest(job)->origin);
    return plx_err_why(err, "expected %s", expected);
}

static bool add_member(reader *r, plx_slice kind, plx_slice member)
{
    matrix *m = &r->matrices[r->n];
    int n =
        snprintf(m->member, sizeof m->member, "%s%.*s", plx_ingest_text(r->job, "folder"), (int)member.len, member.ptr);
    if (r->n > MAX_MATRICES || kind.len >= sizeof m->kind || n < 0 || (size_t)n >= sizeof m->member) {
        return false;
    }
    memcpy(m->kind, kind.ptr, kind.len);
    r->n++;
    return true;
}

static bool read_options(reader *r, plx_err *err)
{
    const char *p = plx_ingest_text(r->job, "matrices");
    for (p += strspn(p, " ,"); *p; p += strspn(p, " ,")) {
        size_t len = strcspn(p, " ,");
        const char *equals = memchr(p, '=', len);
        if (!equals || equals == p || r->n == MAX_MATRICES ||
            !add_member(r, (plx_slice){p, (size_t)(equals - p)},
                        (plx_slice){equals + 1, len - (size_t)(equals - p) - 1})) {
            break;
        }
        p += len;
    }
    if (*p || r->n == 0) {
        return bad_option(r->job, "matrices", "one to eight of kind=member, as in \"ad=ad.csv dd=dd.csv\"", err);
    }
    r->n_kinds = r->n;
    const char *total = plx_ingest_text(r->job, "total");
    if (*total && !add_member(r, (plx_slice){"", 0}, plx_slice_of(total))) {
        return bad_option(r->job, "total", "a shorter name", err);
    }
    r->archive = plx_ingest_text(r->job, "archive");
    return true;
}

/* --- one matrix --- */

static bool read_header(reader *r, matrix *m, plx_csv *csv, plx_err *err)
{
    const plx_slice *fields = NULL;
    plx_arena *arena = plx_ingest_arena(r->job);
    if (!plx_csv_next(csv, &fields, err)) {
        return false;
    }
    if (!fields || plx_csv_n_columns(csv) < 2) {
        plx_fail(err, PLX_E_FORMAT, "the matrix is empty");
        return plx_err_why(err, "expected ids in the first row and the first column");
    }
    m->n = plx_csv_n_columns(csv) - 1;
    m->columns = plx_arena_zero(arena, m->n, sizeof *m->columns);
    m->rows = plx_arena_zero(arena, m->n, sizeof *m->rows);
    if (!m->columns || !m->rows) {
        return plx_fail_nomem(err, m->n * sizeof *m->rows);
    }
    for (size_t i = 0; i < m->n; i++) {
        const char *problem = plx_cell_label_problem(fields[i + 1]);
        if (problem) {
            return plx_csv_fail(csv, PLX_E_FORMAT, i + 1, err, "the id of column %zu %s", i + 2, problem);
        }
        if (!plx_matrix_cells_keep(arena, fields[i + 1], &m->columns[i], err)) {
            return false;
        }
    }
    return true;
}

static bool add_weight(matrix *m, const plx_csv *csv, const plx_slice *fields, size_t row, size_t column, plx_err *err)
{
    plx_slice text = fields[column + 1];
    double weight;
    if (!plx_parse_f64(text.ptr, text.len, &weight) || !isfinite(weight) || weight < 0 || floor(weight) < weight ||
        weight > 9007199254740992.0) {
        plx_csv_fail(csv, PLX_E_FORMAT, column + 1, err,
                     "the weight \"%.*s\" of row %zu (id %.*s), column %zu (id %.*s) "
                     "cannot be",
                     (int)text.len, text.ptr, row + 2, (int)m->rows[row].len, m->rows[row].ptr, column + 2,
                     (int)m->columns[column].len, m->columns[column].ptr);
        return plx_err_why(err, "expected a whole number of at least 0");
    }
    if (!(weight > 0)) {
        return true;
    }
    if (!plx_grow(&m->entries, &m->cap, m->n_entries + 1, sizeof *m->entries)) {
        return plx_fail_nomem(err, (m->n_entries + 1) * sizeof *m->entries);
    }
    m->entries[m->n_entries++] = (entry){(uint32_t)row, (uint32_t)column, weight};
    return true;
}

static bool read_row(reader *r, matrix *m, const plx_csv *csv, const plx_slice *fields, size_t row, plx_err *err)
{
    const char *problem = plx_cell_label_problem(fields[0]);
    if (problem) {
        return plx_csv_fail(csv, PLX_E_FORMAT, 0, err, "the id of row %zu %s", row + 2, problem);
    }
    if (row == m->n) {
        plx_csv_fail(csv, PLX_E_FORMAT, 0, err, "row %zu (id %.*s) is one too many: there are %zu columns of weights",
                     row + 2, (int)fields[0].len, fields[0].ptr, m->n);
        return plx_err_why(err, "expected a square matrix");
    }
    if (!plx_matrix_cells_keep(plx_ingest_arena(r->job), fields[0], &m->rows[row], err)) {
        return false;
    }
    for (size_t i = 0; i < m->n; i++) {
        plx_slice text = fields[i + 1];
        bool zero = text.len == 3 && text.ptr[0] == '0' && text.ptr[1] == '.' && text.ptr[2] == '0';
        if (!zero && !add_weight(m, csv, fields, row, i, err)) {
            return false;
        }
    }
    return true;
}

static bool read_matrix(reader *r, matrix *m, plx_csv *csv, plx_err *err)
{
    const plx_ctx *ctx = plx_ingest_ctx(r->job);
    if (!read_header(r, m, csv, err)) {
        return false;
    }
    for (size_t row = 0;; row++) {
        const plx_slice *fields = NULL;
        if (!plx_ctx_go_on(ctx, err) || !plx_csv_next(csv, &fields, err)) {
            return false;
        }
        if (!fields && row < m->n) {
            plx_fail(err, PLX_E_FORMAT, "the matrix has %zu rows of weights and %zu columns", row, m->n);
            return plx_err_why(err, "expected a square matrix");
        }
        if (!fields) {
            return true;
        }
        if (!read_row(r, m, csv, fields, row, err)) {
            return false;
        }
    }
}

/* A member is unpacked whole, which is twice as fast as by pieces; one is held at a time. */
static bool read_member(reader *r, plx_zip_file *zip, matrix *m, plx_err *err)
{
    const plx_ctx *ctx = plx_ingest_ctx(r->job);
    const plx_csv_opts opts = {.delimiter = ',', .quote = '"', .no_header = true};
    plx_buf bytes = {0};
    plx_source *source = NULL;
    plx_csv *csv = NULL;
    if (!plx_zip_has(zip, m->member)) {
        return plx_fail(err, PLX_E_FORMAT, "the archive has no member %s", m->member);
    }
    if (!plx_zip_load(ctx, zip, m->member, &bytes, err)) {
        return false;
    }
    bool ok = plx_source_mem(m->member, bytes.ptr, bytes.len, &source, err) &&
              plx_csv_open(ctx, source, &opts, &csv, err) && read_matrix(r, m, csv, err);
    plx_csv_close(csv);
    plx_source_close(source);
    plx_buf_free(&bytes);
    return ok || plx_note(err, "member %s", m->member);
}

/* --- all of them --- */

/* Own places -> places among the sorted ids; each side must hold all of them once. */
static bool align_side(reader *r, const matrix *m, const plx_slice *ids, const char *side, uint32_t *to, plx_err *err)
{
    const plx_matrix_cells *cells = &r->cells;
    size_t *first = plx_alloc_zero(cells->n, sizeof *first);
    if (!first) {
        return plx_fail_nomem(err, cells->n * sizeof *first);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < m->n; i++) {
        size_t at = plx_matrix_cells_find(cells, ids[i]);
        if (at == cells->n) {
            ok = plx_fail(err, PLX_E_FORMAT, "the id %.*s of %s %zu is not in %s", (int)ids[i].len, ids[i].ptr, side,
                          i + 2, m == r->matrices ? "its first row" : r->matrices[0].member);
        } else if (first[at]) {
            ok = plx_fail(err, PLX_E_FORMAT, "the id %.*s stands in %s %zu and again in %s %zu", (int)ids[i].len,
                          ids[i].ptr, side, first[at], side, i + 2);
        } else {
            first[at] = i + 2;
            to[i] = (uint32_t)at;
        }
    }
    for (size_t i = 0; ok && i < cells->n; i++) {
        if (!first[i]) {
            ok = plx_fail(err, PLX_E_FORMAT, "no %s has the id %.*s, which is in %s", side, (int)cells->items[i].id.len,
                          cells->items[i].id.ptr, r->matrices[0].member);
        }
    }
    plx_free(first);
    if (!ok && err && err->code == PLX_E_FORMAT) {
        plx_err_why(err, "all matrices must have the same ids, once per row and once per column");
        plx_note(err, "%s, member %s", r->archive, m->member);
    }
    return ok;
}

static int by_pair(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;
    if (x->pre != y->pre) {
        return x->pre < y->pre ? -1 : 1;
    }
    return x->post == y->post ? 0 : x->post < y->post ? -1 : 1;
}

static bool align(reader *r, matrix *m, plx_err *err)
{
    uint32_t *rows = plx_alloc_zero(m->n, sizeof *rows);
    uint32_t *columns = plx_alloc_zero(m->n, sizeof *columns);
    bool ok = (rows && columns) || plx_fail_nomem(err, m->n * sizeof *rows);
    ok = ok && align_side(r, m, m->columns, "column", columns, err) && align_side(r, m, m->rows, "row", rows, err);
    for (size_t i = 0; ok && i < m->n_entries; i++) {
        m->entries[i].pre = rows[m->entries[i].pre];
        m->entries[i].post = columns[m->entries[i].post];
    }
    if (ok && m->n_entries) {
        qsort(m->entries, m->n_entries, sizeof *m->entries, by_pair);
    }
    plx_free(rows);
    plx_free(columns);
    return ok;
}

/* The total must be the sum of the kinds, pair by pair. */
static bool check_total(const reader *r, plx_err *err)
{
    const matrix *total = &r->matrices[r->n_kinds];
    size_t at[MAX_MATRICES + 1] = {0};
    size_t different = 0;
    char first[512] = "";
    for (;;) {
        entry next = {UINT32_MAX, UINT32_MAX, 0};
        for (size_t k = 0; k < r->n; k++) {
            const matrix *m = &r->matrices[k];
            if (at[k] < m->n_entries && by_pair(&m->entries[at[k]], &next) < 0) {
                next = m->entries[at[k]];
            }
        }
        if (next.pre == UINT32_MAX) {
            break;
        }
        double sum = 0;
        double said = 0;
        for (size_t k = 0; k < r->n; k++) {
            const matrix *m = &r->matrices[k];
            if (at[k] < m->n_entries && by_pair(&m->entries[at[k]], &next) == 0) {
                *(k == r->n_kinds ? &said : &sum) += m->entries[at[k]++].weight;
            }
        }
        if ((sum < said || sum > said) && different++ == 0) {
            const plx_matrix_cell *pre = &r->cells.items[next.pre];
            const plx_matrix_cell *post = &r->cells.items[next.post];
            snprintf(first, sizeof first, "row id %.*s, column id %.*s: it says %.15g, the kinds sum to %.15g",
                     (int)pre->id.len, pre->id.ptr, (int)post->id.len, post->id.ptr, said, sum);
        }
    }
    if (different == 0) {
        return true;
    }
    plx_fail(err, PLX_E_SCHEMA, "%zu weights of the total are not the sums over all kinds", different);
    plx_err_why(err, "%s", first);
    return plx_note(err, "%s, member %s", r->archive, total->member);
}

static bool emit_edges(const reader *r, plx_err *err)
{
    plx_table table = {0};
    plx_sink *sink = plx_ingest_sink(r->job);
    uint8_t *kind = NULL;
    uint32_t *pre = NULL;
    uint32_t *post = NULL;
    uint32_t *n_rows = NULL;
    double *weight = NULL;
    size_t n = 0;
    for (size_t k = 0; k < r->n_kinds; k++) {
        n += r->matrices[k].n_entries;
    }
    bool ok = plx_matrix_column(&table, "kind", "", PLX_U8, n, &kind, err) &&
              plx_matrix_column(&table, "pre", "", PLX_U32, n, &pre, err) &&
              plx_matrix_column(&table, "post", "", PLX_U32, n, &post, err) &&
              plx_matrix_column(&table, "weight", plx_ingest_text(r->job, "weight_unit"), PLX_F64, n, &weight, err) &&
              plx_matrix_column(&table, "n_rows", "", PLX_U32, n, &n_rows, err);
    size_t at = 0;
    for (size_t k = 0; ok && k < r->n_kinds; k++) {
        for (size_t i = 0; i < r->matrices[k].n_entries; i++, at++) {
            const entry *e = &r->matrices[k].entries[i];
            kind[at] = (uint8_t)k;
            pre[at] = e->pre;
            post[at] = e->post;
            weight[at] = e->weight;
            n_rows[at] = 1;
        }
    }
    ok = ok && sink->table(sink, "edges", &table, err);
    plx_table_free(&table);
    return ok;
}

static bool emit_attributes(const reader *r, plx_err *err)
{
    plx_arena *arena = plx_ingest_arena(r->job);
    plx_sink *sink = plx_ingest_sink(r->job);
    plx_value *kinds = plx_v_arr(arena);
    for (size_t k = 0; kinds && k < r->n_kinds; k++) {
        kinds = plx_v_push(arena, kinds, plx_v_str(arena, r->matrices[k].kind)) ? kinds : NULL;
    }
    if (!kinds) {
        return plx_fail_nomem(err, 0);
    }
    return sink->attribute(sink, "edge_kinds", kinds, err) &&
           plx_sink_text(sink, "organism", plx_ingest_text(r->job, "organism"), err) &&
           plx_sink_text(sink, "weight_unit", plx_ingest_text(r->job, "weight_unit"), err) &&
           plx_sink_text(sink, "region", plx_ingest_text(r->job, "region"), err);
}

static bool read_all(reader *r, const char *path, plx_err *err)
{
    plx_zip_file *zip = NULL;
    bool ok = plx_zip_open(plx_ingest_ctx(r->job), path, r->archive, &zip, err);
    for (size_t i = 0; ok && i < r->n; i++) {
        ok = read_member(r, zip, &r->matrices[i], err);
    }
    plx_zip_close(zip);
    if (!ok) {
        return plx_note(err, "%s", r->archive);
    }
    if (!plx_matrix_cells_begin(&r->cells, r->job, path, r->matrices[0].columns, r->matrices[0].n, err)) {
        return false;
    }
    for (size_t i = 0; i < r->n; i++) {
        if (!align(r, &r->matrices[i], err)) {
            return false;
        }
    }
    return r->n == r->n_kinds || check_total(r, err);
}

static bool run(plx_ingest *job, plx_err *err)
{
    reader r = {.job = job};
    char path[PLX_PATH];
    plx_digest digest;
    plx_sink *sink = plx_ingest_sink(job);
    bool ok = read_options(&r, err) && plx_ingest_path(job, r.archive, path, err) &&
              sink->begin(sink, "connectome", plx_ingest_unit(job), err) && read_all(&r, path, err) &&
              plx_matrix_cells_read_facts(&r.cells, err) && plx_matrix_cells_emit(&r.cells, err) &&
              emit_edges(&r, err) && emit_attributes(&r, err) && sink->commit(sink, &digest, err);
    for (size_t i = 0; i < r.n; i++) {
        plx_free(r.matrices[i].entries);
    }
    plx_matrix_cells_free(&r.cells);
    return ok;
}

const plx_ingester plx_ingester_matrix_zip = {
    .name = "matrix_zip",
    .title = "Connectome from a zip of CSV matrices",
    .version = 1,
    .kind = "connectome",
    .reference = "Winding et al. 2023, Science 379:eadd9330, Data S1",
    .options = options,
    .run = run,
};
