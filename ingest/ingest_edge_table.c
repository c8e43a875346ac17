/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes published as edge tables: one row per connection with sender, receiver, weight and, where one file holds
 * both kinds, a word for the kind. CSV, TSV or a sheet of an xlsx workbook; node files may list the cells there are.
 * Adjacency matrices are not read here.
 */
#include "core/num.h"
#include "ingest/connectome_job.h"
#include "ingest/edge_rows.h"

#include <math.h>
#include <stdio.h>

enum { WORD = 64 };

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"edge_files", "",
     "manifest files with edges, each \"file\" (a column gives the kind) or \"file=kind\"; empty: all but the node "
     "files"},
    {"node_files", "", "manifest files that list the cells; an edge to a cell in none of them is an error"},
    {"delimiter", "auto", "auto, tab, comma, semicolon or pipe"},
    {"sheet", "", "sheet of a workbook; empty: the only one"},
    {"pre_column", "pre", "column of the sender"},
    {"post_column", "post", "column of the receiver"},
    {"weight_column", "synapses", "column of the weight"},
    {"type_column", "type", "column of the kind"},
    {"type_words", "chemical=chemical electrical=gap", "what the words of that column mean"},
    {"node_column", "Name", "column of the name in node files"},
    {NULL, NULL, NULL},
};

/* Next "key" or "key=value" of a blank-separated list. */
static bool next_pair(const char **cursor, plx_slice *key, plx_slice *value)
{
    const char *p = *cursor;
    p += strspn(p, " ,");
    if (!*p) {
        return false;
    }
    size_t len = strcspn(p, " ,");
    const char *equals = memchr(p, '=', len);
    *key = (plx_slice){p, equals ? (size_t)(equals - p) : len};
    *value = equals ? (plx_slice){equals + 1, len - key->len - 1} : (plx_slice){p + len, 0};
    *cursor = p + len;
    return true;
}

static bool copy_word(plx_slice word, char out[WORD])
{
    if (word.len >= WORD) {
        return false;
    }
    memcpy(out, word.ptr, word.len);
    out[word.len] = '\0';
    return true;
}

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_SCHEMA, "option %s cannot be \"%s\"", option, plx_ingest_text(job, option));
    plx_note(err, "%s", plx_ingest_manifest(job)->origin);
    return plx_err_why(err, "expected %s", expected);
}

static bool read_kind(plx_slice word, plx_edge_kind *out)
{
    if (plx_slice_is(word, "chemical")) {
        *out = PLX_EDGE_CHEMICAL;
        return true;
    }
    *out = PLX_EDGE_GAP;
    return plx_slice_is(word, "gap");
}

static bool read_delimiter(const plx_ingest *job, char *out, plx_err *err)
{
    static const struct {
        const char *name;
        char delimiter;
    } known[] = {{"auto", 0}, {"tab", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"pipe", '|'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, plx_ingest_text(job, "delimiter")) == 0) {
            *out = known[i].delimiter;
            return true;
        }
    }
    return bad_option(job, "delimiter", "auto, tab, comma, semicolon or pipe", err);
}

typedef struct edge_file {
    plx_ingest *job;
    plx_connectome_builder *builder;
    const char *name;
    plx_edge_rows *rows;
    size_t pre, post, weight, type;
    bool has_type, whole, closed; /* closed: every cell must be known already */
    plx_edge_kind kind;
} edge_file;

static bool check_label(const edge_file *f, const plx_slice *fields, size_t column, plx_err *err)
{
    const char *problem = plx_cell_label_problem(fields[column]);
    if (!problem) {
        return true;
    }
    plx_edge_rows_fail(f->rows, PLX_E_FORMAT, column, err, "the cell name %s", problem);
    return plx_err_why(err, "expected the name of a cell in column \"%.*s\"",
                       (int)plx_edge_rows_column_name(f->rows, column).len,
                       plx_edge_rows_column_name(f->rows, column).ptr);
}

static bool read_weight(const edge_file *f, const plx_slice *fields, double *out, plx_err *err)
{
    plx_slice text = plx_slice_trim(fields[f->weight]);
    const char *expected = f->whole ? "a whole number of at least 0" : "a number of at least 0";
    if (!plx_parse_f64(text.ptr, text.len, out)) {
        plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->weight, err, "the weight \"%.*s\" is not a number", (int)text.len,
                           text.ptr);
        return plx_err_why(err, "expected %s", expected);
    }
    if (!isfinite(*out) || *out < 0 || (f->whole && (floor(*out) < *out || *out > 9007199254740992.0))) {
        plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->weight, err, "the weight %.*s cannot be", (int)text.len, text.ptr);
        return plx_err_why(err, "expected %s", expected);
    }
    return true;
}

static bool read_type(const edge_file *f, const plx_slice *fields, plx_edge_kind *out, plx_err *err)
{
    plx_slice text = plx_slice_trim(fields[f->type]);
    const char *words = plx_ingest_text(f->job, "type_words");
    const char *cursor = words;
    plx_slice word;
    plx_slice meaning;
    while (next_pair(&cursor, &word, &meaning)) {
        if (plx_slice_eq(word, text)) {
            return read_kind(meaning, out) || bad_option(f->job, "type_words", "word=chemical or word=gap", err);
        }
    }
    plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->type, err, "the kind of connection \"%.*s\" is not known",
                       (int)text.len, text.ptr);
    return plx_err_why(err, "expected one of: %s", words);
}

static bool read_row(const edge_file *f, const plx_slice *fields, plx_err *err)
{
    plx_connectome_row row = {.pre = fields[f->pre],
                              .post = fields[f->post],
                              .kind = f->kind,
                              .file = f->name,
                              .line = plx_edge_rows_line(f->rows)};
    if (!check_label(f, fields, f->pre, err) || !check_label(f, fields, f->post, err) ||
        !read_weight(f, fields, &row.weight, err) || (f->has_type && !read_type(f, fields, &row.kind, err))) {
        return false;
    }
    size_t known = plx_connectome_n_cells(f->builder);
    if (!plx_connectome_add(f->builder, &row, err)) {
        return plx_note(err, "%s line %llu", f->name, (unsigned long long)row.line);
    }
    if (f->closed && plx_connectome_n_cells(f->builder) != known) {
        plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->pre, err,
                           "the edge %.*s to %.*s names a cell that no node file lists", (int)row.pre.len, row.pre.ptr,
                           (int)row.post.len, row.post.ptr);
        return plx_err_why(err, "expected cells of: %s", plx_ingest_text(f->job, "node_files"));
    }
    return true;
}

static bool open_rows(plx_ingest *job, const char *name, plx_edge_rows **rows, plx_err *err)
{
    char delimiter = 0;
    *rows = NULL;
    return read_delimiter(job, &delimiter, err) &&
           plx_edge_rows_open(job, name, delimiter, plx_ingest_text(job, "sheet"), rows, err);
}

static bool read_rows(edge_file *f, plx_err *err)
{
    const plx_ctx *ctx = plx_ingest_ctx(f->job);
    if (!plx_edge_rows_need(f->rows, plx_ingest_text(f->job, "pre_column"), &f->pre, err) ||
        !plx_edge_rows_need(f->rows, plx_ingest_text(f->job, "post_column"), &f->post, err) ||
        !plx_edge_rows_need(f->rows, plx_ingest_text(f->job, "weight_column"), &f->weight, err) ||
        (f->has_type && !plx_edge_rows_need(f->rows, plx_ingest_text(f->job, "type_column"), &f->type, err))) {
        return false;
    }
    for (;;) {
        const plx_slice *fields = NULL;
        if (!plx_edge_rows_next(f->rows, &fields, err)) {
            return false;
        }
        if (!fields) {
            return true;
        }
        if (!plx_ctx_go_on(ctx, err) || !read_row(f, fields, err)) {
            return false;
        }
    }
}

static bool read_edge_file(plx_ingest *job, plx_connectome_builder *builder, plx_slice name, plx_slice kind,
                           plx_err *err)
{
    /* The builder keeps the file's name until it is done, hence the arena. */
    edge_file f = {.job = job,
                   .builder = builder,
                   .name = plx_arena_strndup(plx_ingest_arena(job), name.ptr, name.len),
                   .has_type = kind.len == 0,
                   .whole = plx_connectome_whole_weights(job),
                   .closed = *plx_ingest_text(job, "node_files") != '\0'};
    if (!f.name) {
        return plx_fail_nomem(err, name.len);
    }
    if (kind.len > 0 && !read_kind(kind, &f.kind)) {
        return bad_option(job, "edge_files", "file, file=chemical or file=gap", err);
    }
    bool ok = open_rows(job, f.name, &f.rows, err) && read_rows(&f, err);
    plx_edge_rows_close(f.rows);
    return ok;
}

static bool read_node_file(plx_ingest *job, plx_connectome_builder *builder, plx_slice name, plx_err *err)
{
    plx_edge_rows *rows = NULL;
    size_t column = 0;
    char file[WORD];
    if (!copy_word(name, file)) {
        return bad_option(job, "node_files", "names of the manifest's files", err);
    }
    const char *kept = plx_arena_strdup(plx_ingest_arena(job), file);
    if (!kept) {
        return plx_fail_nomem(err, sizeof file);
    }
    bool ok =
        open_rows(job, kept, &rows, err) && plx_edge_rows_need(rows, plx_ingest_text(job, "node_column"), &column, err);
    while (ok) {
        const plx_slice *fields = NULL;
        ok = plx_edge_rows_next(rows, &fields, err);
        if (!ok || !fields) {
            break;
        }
        const char *problem = plx_cell_label_problem(fields[column]);
        if (problem) {
            ok = plx_edge_rows_fail(rows, PLX_E_FORMAT, column, err, "the cell name %s", problem);
        } else {
            ok = plx_connectome_cell(builder, fields[column], kept, plx_edge_rows_line(rows), err);
        }
    }
    plx_edge_rows_close(rows);
    return ok;
}

static bool is_node_file(const plx_ingest *job, const char *file)
{
    plx_slice name;
    plx_slice kind;
    for (const char *cursor = plx_ingest_text(job, "node_files"); next_pair(&cursor, &name, &kind);) {
        if (plx_slice_is(name, file)) {
            return true;
        }
    }
    return false;
}

static bool read_edge_files(plx_ingest *job, plx_connectome_builder *builder, plx_err *err)
{
    const plx_manifest *m = plx_ingest_manifest(job);
    const char *cursor = plx_ingest_text(job, "edge_files");
    plx_slice name;
    plx_slice kind;
    if (!*cursor) {
        for (size_t i = 0; i < m->n_files; i++) {
            if (!is_node_file(job, m->files[i].name) &&
                !read_edge_file(job, builder, plx_slice_of(m->files[i].name), (plx_slice){0}, err)) {
                return false;
            }
        }
        return true;
    }
    size_t n = 0;
    for (; next_pair(&cursor, &name, &kind); n++) {
        if (!read_edge_file(job, builder, name, kind, err)) {
            return false;
        }
    }
    return n > 0 || bad_option(job, "edge_files", "at least one file", err);
}

static bool run(plx_ingest *job, plx_err *err)
{
    plx_connectome_builder *builder = NULL;
    if (!plx_connectome_begin(job, &builder, err)) {
        return false;
    }
    bool ok = true;
    plx_slice name;
    plx_slice kind;
    for (const char *cursor = plx_ingest_text(job, "node_files"); ok && next_pair(&cursor, &name, &kind);) {
        ok = read_node_file(job, builder, name, err);
    }
    ok = ok && read_edge_files(job, builder, err);
    ok = ok && plx_connectome_finish(job, builder, err);
    plx_connectome_builder_free(builder);
    return ok;
}

const plx_ingester plx_ingester_edge_table = {
    .name = "edge_table",
    .title = "Connectome from edge tables",
    .version = 1,
    .kind = "connectome",
    .reference = "qsimeon/worm-data-preprocess@953f66a7ff7e:preprocess/preprocessors/_connectome.py",
    .options = options,
    .defects = plx_connectome_defects,
    .run = run,
};
