/* SPDX-License-Identifier: Apache-2.0
 *
 * A record's tables, as they are stored and as people read them; CSV, JSON and .npy.
 */
#include "registry/export_job.h"

#include "core/alloc.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/npy.h"

#include <string.h>

enum { ROWS_PER_LOOK = 4096 };

/* Write what has gathered; the builder keeps its memory. */
static bool flush(plx_sb *sb, FILE *to, plx_err *err)
{
    size_t len = sb->len;
    if (sb->failed) {
        return plx_fail_nomem(err, len);
    }
    if (len) { /* the stream's own error is seen when the file is closed */
        fwrite(sb->ptr, 1, len, to);
    }
    sb->len = 0;
    return true;
}

/* Borrow the columns of `from`: first those the kind describes, in its order, then the others. */
static bool order_columns(plx_export_job *job, const char *name, const plx_table *from, plx_table *out, plx_err *err)
{
    const plx_kind *kind = plx_kind_find(plx_record_kind(job->record));
    size_t len = strlen(name);
    *out = (plx_table){.n_rows = from->n_rows, .cap = from->n_cols};
    out->cols = plx_arena_zero(job->arena, from->n_cols + 1, sizeof *out->cols);
    if (!out->cols) {
        return plx_fail_nomem(err, from->n_cols * sizeof *out->cols);
    }
    for (const plx_member_spec *m = kind ? kind->members : NULL; m && m->path; m++) {
        bool here = strncmp(m->path, name, len) == 0 && m->path[len] == '/';
        const plx_column *column = here ? plx_table_find(from, m->path + len + 1) : NULL;
        if (column && !plx_table_find(out, column->name)) {
            out->cols[out->n_cols++] = *column;
        }
    }
    for (size_t i = 0; i < from->n_cols; i++) {
        if (!plx_table_find(out, from->cols[i].name)) {
            out->cols[out->n_cols++] = from->cols[i];
        }
    }
    return true;
}

/* The text column that index column `from` stands for: text(index). owner: the arena. */
static bool resolve(plx_export_job *job, const plx_column *from, const plx_slice *texts, size_t n_texts,
                    plx_column *out, plx_err *err)
{
    size_t bytes = 0;
    uint64_t *offsets = plx_arena_zero(job->arena, from->n + 1, sizeof *offsets);
    if (!offsets) {
        return plx_fail_nomem(err, from->n * sizeof *offsets);
    }
    for (size_t i = 0; i < from->n; i++) {
        double index = plx_column_f64(from, i);
        if (!(index >= 0 && index < (double)n_texts)) {
            return plx_fail(err, PLX_E_SCHEMA, "row %zu of edges/%s is %g, of %zu", i, from->name, index, n_texts);
        }
        bytes += texts[(size_t)index].len;
        offsets[i + 1] = bytes;
    }
    char *text = plx_arena_alloc(job->arena, bytes + 1);
    if (!text) {
        return plx_fail_nomem(err, bytes);
    }
    for (size_t i = 0; i < from->n; i++) {
        plx_slice one = texts[(size_t)plx_column_f64(from, i)];
        memcpy(text + offsets[i], one.ptr, one.len);
    }
    *out = *from;
    out->dtype = PLX_STR;
    out->values = plx_buf_view(text, bytes);
    out->offsets = plx_buf_view(offsets, (from->n + 1) * sizeof *offsets);
    return true;
}

/* Edges as people read them: the labels of their cells and the name of their kind. */
static bool name_edges(plx_export_job *job, plx_table *plain, plx_err *err)
{
    const plx_column *label;
    if (!plx_table_need(job->nodes, "label", PLX_STR, &label, err)) {
        return false;
    }
    size_t n_kinds = job->edge_kinds->u.arr.n;
    plx_slice *labels = plx_arena_zero(job->arena, label->n + 1, sizeof *labels);
    plx_slice *kinds = plx_arena_zero(job->arena, n_kinds + 1, sizeof *kinds);
    if (!labels || !kinds) {
        return plx_fail_nomem(err, (label->n + n_kinds) * sizeof *labels);
    }
    for (size_t i = 0; i < label->n; i++) {
        labels[i] = plx_column_str(label, i);
    }
    for (size_t i = 0; i < n_kinds; i++) {
        const char *text = plx_v_text(job->edge_kinds->u.arr.items[i]);
        kinds[i] = plx_slice_of(text ? text : "");
    }
    for (size_t i = 0; i < plain->n_cols; i++) {
        plx_column *column = &plain->cols[i];
        bool is_end = strcmp(column->name, "pre") == 0 || strcmp(column->name, "post") == 0;
        if (is_end ? !resolve(job, column, labels, label->n, column, err)
                   : strcmp(column->name, "kind") == 0 && !resolve(job, column, kinds, n_kinds, column, err)) {
            return false;
        }
    }
    return true;
}

/* Tables are folders one level deep whose files have one axis; what is left are arrays. */
static bool find_parts(plx_export_job *job, plx_err *err)
{
    plx_member_file *members;
    size_t n;
    if (!plx_members_parse(job->arena, plx_record_meta(job->record), &members, &n, err)) {
        return false;
    }
    job->tables = plx_arena_zero(job->arena, n + 1, sizeof *job->tables);
    plx_member_file *arrays = plx_arena_zero(job->arena, n + 1, sizeof *arrays);
    if (!job->tables || !arrays) {
        return plx_fail_nomem(err, n * sizeof *arrays);
    }
    job->arrays = arrays;
    for (size_t i = 0; i < n; i++) {
        const char *slash = strchr(members[i].path, '/');
        if (!plx_ends_with(members[i].path, ".npy")) {
            continue; /* chunks of a volume are no table and no array that fits here */
        }
        if (!slash || strchr(slash + 1, '/') || members[i].ndim != 1) {
            arrays[job->n_arrays++] = members[i];
            continue;
        }
        char *name = plx_arena_strndup(job->arena, members[i].path, (size_t)(slash - members[i].path));
        if (!name) {
            return plx_fail_nomem(err, 0);
        }
        bool seen = strcmp(name, "changes") == 0;
        for (size_t k = 0; k < job->n_tables && !seen; k++) {
            seen = strcmp(job->tables[k].name, name) == 0;
        }
        if (!seen) {
            job->tables[job->n_tables++].name = name;
        }
    }
    return true;
}

bool plx_export_load(plx_export_job *job, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(job->record);
    if (!find_parts(job, err) || !view->table(view, "changes", &job->changes, err)) {
        return false;
    }
    for (size_t i = 0; i < job->n_tables; i++) {
        plx_export_table *t = &job->tables[i];
        const plx_table *table = NULL;
        if (!view->table(view, t->name, &table, err)) {
            return false;
        }
        if (!table) {
            return plx_fail(err, PLX_E_SCHEMA, "the record has files below %s/, but no table", t->name);
        }
        if (!order_columns(job, t->name, table, &t->raw, err) || !order_columns(job, t->name, table, &t->plain, err)) {
            return false;
        }
        job->nodes = strcmp(t->name, "nodes") == 0 ? &t->raw : job->nodes;
        job->edges = strcmp(t->name, "edges") == 0 ? &t->raw : job->edges;
    }
    job->edge_kinds = plx_v_get(view->meta, "edge_kinds");
    if (strcmp(plx_record_kind(job->record), "connectome") != 0) {
        job->nodes = job->edges = NULL;
        return true;
    }
    if (!job->nodes || !job->edges || !job->edge_kinds || job->edge_kinds->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_SCHEMA, "the record has no complete nodes and edges");
    }
    for (size_t i = 0; i < job->n_tables; i++) {
        if (strcmp(job->tables[i].name, "edges") == 0 && !name_edges(job, &job->tables[i].plain, err)) {
            return false;
        }
    }
    return true;
}

/* CSV and JSON are tables of texts and real numbers. */
static bool only_plain(const plx_export_job *job, plx_err *err)
{
    const char *path = job->n_arrays ? job->arrays[0].path : NULL;
    for (size_t i = 0; i < job->n_tables; i++) {
        for (size_t c = 0; c < job->tables[i].raw.n_cols; c++) {
            plx_dtype dtype = job->tables[i].raw.cols[c].dtype;
            path = dtype == PLX_C64 || dtype == PLX_C128 ? job->tables[i].raw.cols[c].name : path;
        }
    }
    if (path) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s is no column of texts or real numbers", path);
        return plx_err_why(err, "such a record goes out as npy or npz");
    }
    return true;
}

static bool fill_csv(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    const plx_table *table = payload;
    plx_sb sb = {0};
    bool ok = true;
    for (size_t c = 0; c < table->n_cols; c++) {
        plx_sb_text(&sb, c ? "," : "");
        plx_csv_write_field(&sb, plx_slice_of(table->cols[c].name), ',');
    }
    plx_sb_char(&sb, '\n');
    for (size_t row = 0; ok && row < table->n_rows; row++) {
        for (size_t c = 0; c < table->n_cols; c++) {
            const plx_column *column = &table->cols[c];
            char number[PLX_NUM_TEXT];
            plx_slice text = column->dtype == PLX_STR ? plx_column_str(column, row)
                                                      : (plx_slice){number, plx_column_number(column, row, number)};
            plx_sb_text(&sb, c ? "," : "");
            plx_csv_write_field(&sb, text, ',');
        }
        plx_sb_char(&sb, '\n');
        ok = flush(&sb, to, err) && (row % ROWS_PER_LOOK != 0 || plx_ctx_go_on(job->ctx, err));
    }
    ok = ok && flush(&sb, to, err);
    plx_sb_free(&sb);
    return ok;
}

bool plx_export_csv(const plx_export_job *job, plx_err *err)
{
    bool ok = only_plain(job, err);
    for (size_t i = 0; ok && i < job->n_tables; i++) {
        const char *name = plx_arena_printf(job->arena, "%s.csv", job->tables[i].name);
        ok = name ? plx_export_file(job, name, fill_csv, &job->tables[i].plain, err) : plx_fail_nomem(err, 0);
    }
    return ok;
}

bool plx_export_changes(const plx_export_job *job, plx_err *err)
{
    return !job->changes || plx_export_file(job, "changes.csv", fill_csv, job->changes, err);
}

static void json_row(plx_sb *sb, const plx_table *table, size_t row)
{
    for (size_t c = 0; c < table->n_cols; c++) {
        const plx_column *column = &table->cols[c];
        char number[PLX_NUM_TEXT];
        plx_sb_text(sb, c ? ", " : "{");
        plx_json_write_text(sb, plx_slice_of(column->name));
        plx_sb_text(sb, ": ");
        if (column->dtype == PLX_STR) {
            plx_json_write_text(sb, plx_column_str(column, row));
        } else { /* JSON has neither NaN nor infinities */
            bool known = plx_column_number(column, row, number) > 0 && !strstr(number, "inf");
            plx_sb_text(sb, known ? number : "null");
        }
    }
    plx_sb_text(sb, table->n_cols ? "}" : "{}");
}

static bool fill_json(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    plx_sb sb = {0};
    bool ok = true;
    (void)payload;
    plx_sb_text(&sb, "{\n\"meta\": ");
    const plx_value *meta = plx_export_provenance(job);
    ok = meta ? plx_json_write(meta, false, &sb, err) : plx_fail_nomem(err, 0);
    while (sb.len && sb.ptr[sb.len - 1] == '\n') {
        sb.ptr[--sb.len] = '\0';
    }
    for (size_t i = 0; ok && i < job->n_tables; i++) {
        const plx_table *table = &job->tables[i].plain;
        plx_sb_text(&sb, ",\n");
        plx_json_write_text(&sb, plx_slice_of(job->tables[i].name));
        plx_sb_text(&sb, ": [");
        for (size_t row = 0; ok && row < table->n_rows; row++) {
            plx_sb_text(&sb, row ? ",\n " : "\n ");
            json_row(&sb, table, row);
            ok = flush(&sb, to, err) && (row % ROWS_PER_LOOK != 0 || plx_ctx_go_on(job->ctx, err));
        }
        plx_sb_char(&sb, ']');
    }
    plx_sb_text(&sb, "\n}\n");
    ok = ok && flush(&sb, to, err);
    plx_sb_free(&sb);
    return ok;
}

bool plx_export_json(const plx_export_job *job, plx_err *err)
{
    return only_plain(job, err) && plx_export_file(job, "record.json", fill_json, NULL, err);
}

static bool fill_column(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    plx_sb sb = {0};
    bool ok = plx_npy_column(job->ctx, payload, &sb, err) && flush(&sb, to, err);
    plx_sb_free(&sb);
    return ok;
}

static bool fill_array(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    const plx_array *array = payload;
    plx_sb sb = {0};
    (void)job;
    bool ok = plx_npy_header_text(array->dtype, array->ndim, array->shape, &sb, err) && flush(&sb, to, err);
    if (ok) {
        fwrite(array->buf.ptr, plx_dtype_size(array->dtype), plx_array_count(array), to);
    }
    plx_sb_free(&sb);
    return ok;
}

bool plx_export_npy(const plx_export_job *job, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(job->record);
    for (size_t i = 0; i < job->n_tables; i++) {
        for (size_t c = 0; c < job->tables[i].raw.n_cols; c++) {
            const plx_column *column = &job->tables[i].raw.cols[c];
            const char *name = plx_arena_printf(job->arena, "%s/%s.npy", job->tables[i].name, column->name);
            if (!name) {
                return plx_fail_nomem(err, 0);
            }
            if (!plx_export_file(job, name, fill_column, column, err)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < job->n_arrays; i++) {
        const char *path = job->arrays[i].path;
        size_t len = strlen(path) - (plx_ends_with(path, ".npy") ? 4 : 0);
        const char *name = plx_arena_strndup(job->arena, path, len);
        const plx_array *array = NULL;
        if (!name) {
            return plx_fail_nomem(err, len);
        }
        if (!view->array(view, name, &array, err)) {
            return false;
        }
        if (array && !plx_export_file(job, path, fill_array, array, err)) {
            return false;
        }
    }
    return true;
}
