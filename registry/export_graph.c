/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes as GraphML, and as one sparse matrix per kind of edge in the layout of scipy.sparse.save_npz; other
 * tables as .npz archives of their columns.
 */
#include "registry/export_job.h"

#include "core/alloc.h"
#include "formats/graphml_write.h"
#include "formats/npy.h"
#include "formats/zip_write.h"

#include <string.h>

static bool fill_graphml(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    /* Edges by number for their ends, by name for their kind. */
    const plx_table *plain = payload;
    plx_table edges = *plain;
    edges.cols = plx_arena_zero(job->arena, plain->n_cols + 1, sizeof *edges.cols);
    if (!edges.cols) {
        return plx_fail_nomem(err, plain->n_cols * sizeof *edges.cols);
    }
    for (size_t i = 0; i < plain->n_cols; i++) {
        bool is_kind = strcmp(plain->cols[i].name, "kind") == 0;
        edges.cols[i] = is_kind ? plain->cols[i] : *plx_table_find(job->edges, plain->cols[i].name);
    }
    const plx_graphml graph = {job->ref, job->nodes, "label", &edges, "pre", "post"};
    return plx_graphml_write(job->ctx, &graph, to, err);
}

bool plx_export_graphml(const plx_export_job *job, plx_err *err)
{
    if (!job->edges) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s is no graph: it is a record of kind %s", job->ref,
                 plx_record_kind(job->record));
        return plx_err_why(err, "csv, json, npz and npy are there for it");
    }
    for (size_t i = 0; i < job->n_tables; i++) {
        if (strcmp(job->tables[i].name, "edges") == 0) {
            return plx_export_file(job, "graph.graphml", fill_graphml, &job->tables[i].plain, err);
        }
    }
    return plx_fail(err, PLX_E_SCHEMA, "the record has no edges");
}

/* Add the array named `name` of this NumPy type. */
static bool add_array(plx_zip_writer *zip, const char *name, const char *code, int ndim, size_t n, const void *data,
                      size_t bytes, plx_err *err)
{
    plx_sb file = {0};
    bool ok = plx_npy_code_header_text(code, ndim, &n, &file, err);
    plx_sb_bytes(&file, data, bytes);
    ok = ok && (!file.failed || plx_fail_nomem(err, bytes)) && plx_zip_add(zip, name, file.ptr, file.len, err);
    plx_sb_free(&file);
    return ok;
}

typedef struct csr {
    size_t n_rows, n; /* of the matrix; stored values */
    int64_t *indices, *indptr;
    double *data;
} csr;

/* Edges of one kind, row by row. Records hold them sorted, but a matrix out of an unsorted one would be wrong without a
 * word. */
static bool make_csr(const plx_export_job *job, size_t kind, csr *out, plx_err *err)
{
    const plx_column *pre, *post, *kinds, *weight;
    const plx_table *edges = job->edges;
    if (!plx_table_need(edges, "pre", PLX_U32, &pre, err) || !plx_table_need(edges, "post", PLX_U32, &post, err) ||
        !plx_table_need(edges, "kind", PLX_U8, &kinds, err) ||
        !plx_table_need(edges, "weight", PLX_F64, &weight, err)) {
        return false;
    }
    const uint32_t *from = (const void *)pre->values.ptr, *to = (const void *)post->values.ptr;
    const double *w = (const void *)weight->values.ptr;
    *out = (csr){.n_rows = job->nodes->n_rows};
    out->indptr = plx_arena_zero(job->arena, out->n_rows + 1, sizeof *out->indptr);
    out->indices = plx_arena_zero(job->arena, edges->n_rows + 1, sizeof *out->indices);
    out->data = plx_arena_zero(job->arena, edges->n_rows + 1, sizeof *out->data);
    if (!out->indptr || !out->indices || !out->data) {
        return plx_fail_nomem(err, edges->n_rows * sizeof *out->data);
    }
    size_t last = 0;
    for (size_t i = 0; i < edges->n_rows; i++) {
        if (kinds->values.ptr[i] != kind) {
            continue;
        }
        if (from[i] >= out->n_rows || to[i] >= out->n_rows || from[i] < last) {
            return plx_fail(err, PLX_E_SCHEMA, "row %zu of edges is out of order or joins nodes %u and %u of %zu", i,
                            from[i], to[i], out->n_rows);
        }
        last = from[i];
        out->indices[out->n] = to[i];
        out->data[out->n++] = w[i];
        out->indptr[last + 1] = (int64_t)out->n;
    }
    for (size_t i = 1; i <= out->n_rows; i++) {
        out->indptr[i] = out->indptr[i] ? out->indptr[i] : out->indptr[i - 1];
    }
    return true;
}

/* What scipy.sparse.save_npz writes, in its order. */
static bool fill_csr(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    csr m;
    if (!make_csr(job, *(const size_t *)payload, &m, err)) {
        return false;
    }
    plx_zip_writer zip = {.to = to};
    const int64_t shape[2] = {(int64_t)m.n_rows, (int64_t)m.n_rows};
    bool ok = add_array(&zip, "indices.npy", "<i8", 1, m.n, m.indices, m.n * sizeof *m.indices, err) &&
              add_array(&zip, "indptr.npy", "<i8", 1, m.n_rows + 1, m.indptr, (m.n_rows + 1) * sizeof *m.indptr, err) &&
              add_array(&zip, "format.npy", "|S3", 0, 0, "csr", 3, err) &&
              add_array(&zip, "shape.npy", "<i8", 1, 2, shape, sizeof shape, err) &&
              add_array(&zip, "data.npy", "<f8", 1, m.n, m.data, m.n * sizeof *m.data, err);
    return plx_zip_finish(&zip, ok, err);
}

static bool fill_table(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    const plx_table *table = payload;
    plx_zip_writer zip = {.to = to};
    bool ok = true;
    for (size_t i = 0; ok && i < table->n_cols; i++) {
        plx_sb file = {0};
        const char *name = plx_arena_printf(job->arena, "%s.npy", table->cols[i].name);
        ok = name ? plx_npy_column(job->ctx, &table->cols[i], &file, err) : plx_fail_nomem(err, 0);
        ok = ok && plx_zip_add(&zip, name, file.ptr, file.len, err);
        plx_sb_free(&file);
    }
    return plx_zip_finish(&zip, ok, err);
}

static bool fill_arrays(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(job->record);
    plx_zip_writer zip = {.to = to};
    bool ok = true;
    (void)payload;
    for (size_t i = 0; ok && i < job->n_arrays; i++) {
        const char *path = job->arrays[i].path;
        const char *name = plx_arena_strndup(job->arena, path, strlen(path) - (plx_ends_with(path, ".npy") ? 4 : 0));
        const plx_array *a = NULL;
        plx_sb file = {0};
        ok = name ? view->array(view, name, &a, err) : plx_fail_nomem(err, 0);
        if (ok && a) {
            ok = plx_npy_header_text(a->dtype, a->ndim, a->shape, &file, err);
            plx_sb_bytes(&file, a->buf.ptr, plx_array_count(a) * plx_dtype_size(a->dtype));
            ok = ok && (!file.failed || plx_fail_nomem(err, a->buf.len)) &&
                 plx_zip_add(&zip, path, file.ptr, file.len, err);
        }
        plx_sb_free(&file);
    }
    return plx_zip_finish(&zip, ok, err);
}

bool plx_export_npz(const plx_export_job *job, plx_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < job->n_tables; i++) {
        const char *name = plx_arena_printf(job->arena, "%s.npz", job->tables[i].name);
        ok = name ? plx_export_file(job, name, fill_table, &job->tables[i].raw, err) : plx_fail_nomem(err, 0);
    }
    for (size_t kind = 0; ok && job->edges && kind < job->edge_kinds->u.arr.n; kind++) {
        const char *text = plx_v_text(job->edge_kinds->u.arr.items[kind]);
        const char *name = plx_arena_printf(job->arena, "%s.npz", text ? text : "");
        ok = name ? plx_export_file(job, name, fill_csr, &kind, err) : plx_fail_nomem(err, 0);
    }
    return ok && (job->n_arrays == 0 || plx_export_file(job, "arrays.npz", fill_arrays, NULL, err));
}
