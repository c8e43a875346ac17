/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes in NemaNode's JSON: an array of {pre, post, typ, syn}. typ 0 is chemical, 2 electrical; syn lists one
 * size per synapse; a gap junction is listed in both directions. ids, pre_tid and post_tid (places in the volume) are
 * not read.
 */
#include "formats/json.h"
#include "ingest/connectome_job.h"
#include "ingest/guess.h"

#include <stdio.h>

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"connections", "", "manifest file with the connections; empty: the only one"},
    {"weight", "sum", "sum: sizes of all synapses added; count: number of synapses"},
    {NULL, NULL, NULL},
};

typedef struct reader {
    plx_ingest *job;
    plx_connectome_builder *builder;
    const char *file;
    bool count;
} reader;

static bool fail_at(const reader *r, const plx_value *at, plx_err *err, const char *expected, const char *key)
{
    plx_fail(err, PLX_E_FORMAT, "a connection has no proper \"%s\"", key);
    plx_note(err, "%s line %u, column %u (byte %llu)", r->file, at->line, at->column, (unsigned long long)at->offset);
    return plx_err_why(err, "expected %s", expected);
}

static bool read_label(const reader *r, const plx_value *row, const char *key, plx_slice *out, plx_err *err)
{
    const plx_value *v = plx_v_get(row, key);
    if (!v || v->kind != PLX_V_STR) {
        return fail_at(r, v ? v : row, err, "the name of a cell", key);
    }
    *out = v->u.str;
    const char *problem = plx_cell_label_problem(*out);
    if (problem) {
        fail_at(r, v, err, "the name of a cell", key);
        return plx_err_why(err, "expected the name of a cell; this one %s", problem);
    }
    return true;
}

static bool read_weight(const reader *r, const plx_value *row, double *out, plx_err *err)
{
    const plx_value *syn = plx_v_get(row, "syn");
    if (!syn || syn->kind != PLX_V_ARR || syn->u.arr.n == 0) {
        return fail_at(r, syn ? syn : row, err, "a list of synapse sizes with at least one entry", "syn");
    }
    double sum = 0;
    for (size_t i = 0; i < syn->u.arr.n; i++) {
        const plx_value *v = syn->u.arr.items[i];
        int64_t size;
        if (!plx_v_as_i64(v, &size) || size < 0 || size > (1LL << 40)) {
            return fail_at(r, v, err, "synapse sizes that are whole numbers of at least 0", "syn");
        }
        sum += (double)size;
    }
    *out = r->count ? (double)syn->u.arr.n : sum;
    return true;
}

static bool each(void *payload, size_t index, const plx_value *row, plx_err *err)
{
    reader *r = payload;
    if ((index & 255) == 0 && !plx_ctx_go_on(plx_ingest_ctx(r->job), err)) {
        return false;
    }
    if (row->kind != PLX_V_OBJ) {
        return fail_at(r, row, err, "an object {pre, post, typ, syn} for every connection", "pre");
    }
    plx_connectome_row out = {.file = r->file, .line = row->line};
    const plx_value *typ = plx_v_get(row, "typ");
    int64_t type = -1;
    if (!read_label(r, row, "pre", &out.pre, err) || !read_label(r, row, "post", &out.post, err)) {
        return false;
    }
    if (!typ || !plx_v_as_i64(typ, &type) || (type != 0 && type != 2)) {
        return fail_at(r, typ ? typ : row, err, "0 (chemical) or 2 (electrical)", "typ");
    }
    out.kind = type == 2 ? PLX_EDGE_GAP : PLX_EDGE_CHEMICAL;
    if (!read_weight(r, row, &out.weight, err)) {
        return false;
    }
    return plx_connectome_add(r->builder, &out, err) || plx_note(err, "%s line %u", r->file, row->line);
}

static bool run(plx_ingest *job, plx_err *err)
{
    const char *weight = plx_ingest_text(job, "weight");
    reader r = {.job = job, .file = plx_ingest_text(job, "connections"), .count = strcmp(weight, "count") == 0};
    if (!r.count && strcmp(weight, "sum") != 0) {
        plx_fail(err, PLX_E_SCHEMA, "option weight cannot be \"%s\"", weight);
        return plx_err_why(err, "expected sum or count");
    }
    if (!plx_connectome_begin(job, NULL, &r.builder, err)) {
        return false;
    }
    plx_source *source = NULL;
    const plx_manifest *m = plx_ingest_manifest(job);
    if (!*r.file && m->n_files == 1) {
        r.file = m->files[0].name;
    }
    bool ok = plx_ingest_open(job, r.file, &source, err) &&
              plx_json_stream(plx_ingest_ctx(job), source, NULL, each, &r, err) &&
              plx_connectome_finish(job, r.builder, err);
    plx_source_close(source);
    plx_connectome_builder_free(r.builder);
    return ok;
}

/* A list of objects with pre, post, syn and typ. */
static bool fits(const char *format, const plx_value *outline, plx_guess *guess)
{
    static const char *const names[][2] = {{"pre", NULL}, {"post", NULL}, {"syn", NULL}, {"typ", NULL}};
    const plx_value *rows = plx_v_get(outline, "items");
    const plx_value *first = rows && rows->kind == PLX_V_ARR && rows->u.arr.n > 0 ? rows->u.arr.items[0] : NULL;
    bool all = strcmp(format, "json") == 0 && first;
    for (size_t i = 0; all && i < sizeof names / sizeof names[0]; i++) {
        all = plx_guess_item(first, names[i]) != NULL;
    }
    return all && plx_guess_option(guess, "unknown_cells", "keep");
}

const plx_ingester plx_ingester_nemanode_json = {
    .name = "nemanode_json",
    .title = "Connectome from NemaNode JSON",
    .version = 2,
    .kind = "connectome",
    .reference = "zhenlab-ltri/NemaNode@6b7ca03f6d68:src/server/populate-db",
    .options = options,
    .defects = plx_connectome_defects,
    .run = run,
    .fits = fits,
};
