/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of what is to be predicted, and of predictions: made beside its place and put there by one rename.
 */
#include "benchmarks/submission.h"

#include "core/alloc.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/npy.h"

#include <stdio.h>
#include <unistd.h>

typedef struct writer {
    const plx_bench *bench;
    const char *dir; /* where it is being written */
    const plx_reals *score;
} writer;

static bool put_file(const writer *w, const char *name, const plx_sb *text, plx_err *err)
{
    char path[PLX_PATH], parent[PLX_PATH];
    if (text->failed) {
        return plx_fail_nomem(err, text->len);
    }
    if (!plx_path_join(path, w->dir, name, err)) {
        return false;
    }
    snprintf(parent, sizeof parent, "%.*s", (int)(plx_path_base(path) - path - 1), path);
    return plx_fs_mkdirs(parent, err) && plx_fs_replace(path, text->ptr ? text->ptr : "", text->len, err);
}

static void put_label(plx_sb *text, const plx_trial *trial, uint32_t node, char before)
{
    if (before) {
        plx_sb_char(text, before);
    }
    plx_csv_write_field(text, trial->node_label[node], ',');
}

/* Items of a stage; with labels, what is learned from. */
static void put_items(plx_sb *text, const plx_trial *trial, const plx_train *train, size_t n, const uint32_t *a,
                      const uint32_t *b, const int32_t *label)
{
    plx_sb_text(text, b ? "a,b" : "node");
    plx_sb_text(text, label ? ",label\n" : "\n");
    for (size_t i = 0; i < n; i++) {
        put_label(text, trial, a[i], 0);
        if (b) {
            put_label(text, trial, b[i], ',');
        }
        if (label && b) {
            plx_sb_printf(text, ",%d", label[i]);
        } else if (label) {
            plx_sb_char(text, ',');
            plx_csv_write_field(text, plx_slice_of(train->class_names[label[i]]), ',');
        }
        plx_sb_char(text, '\n');
    }
}

static void put_graph(plx_sb *text, const plx_trial *trial, const plx_graph *graph)
{
    plx_sb_text(text, "pre,post,kind,weight\n");
    for (size_t k = 0; k < graph->n_kinds; k++) {
        const plx_csr *csr = &graph->kind_out[k];
        for (uint32_t i = 0; i < csr->n; i++) {
            for (uint64_t e = csr->ptr[i]; e < csr->ptr[i + 1]; e++) {
                char number[PLX_NUM_TEXT];
                plx_print_f64(csr->weight[e], number);
                put_label(text, trial, i, 0);
                put_label(text, trial, csr->index[e], ',');
                plx_sb_printf(text, ",%s,%s\n", graph->kind_names[k], number);
            }
        }
    }
}

static bool put_npy(const writer *w, const char *name, const plx_reals *score, size_t n, plx_err *err)
{
    plx_sb text = {0};
    size_t shape[2] = {n, n ? score->n / n : 1};
    bool ok = plx_npy_header_text(score->dtype, shape[1] > 1 ? 2 : 1, shape, &text, err);
    if (ok) {
        plx_sb_bytes(&text, score->ptr, score->n * plx_dtype_size(score->dtype));
        ok = put_file(w, name, &text, err);
    }
    plx_sb_free(&text);
    return ok;
}

static bool put_cell(const writer *w, size_t cell, const plx_reals *score, plx_err *err)
{
    const plx_bench *b = w->bench;
    const plx_bench_cell *c = &b->cells[cell];
    char stem[PLX_PATH], name[PLX_PATH + 16];
    plx_trial trial;
    plx_sb text = {0};
    plx_arena *scratch = plx_arena_new(0);
    bool ok = scratch ? b->task->trial(b->ctx, b->data[c->unit], c->fold, c->seed, scratch, &trial, err)
                      : plx_fail_nomem(err, 0);
    plx_submission_stem(b, cell, stem);
    const plx_stage *stage = &trial.final;
    if (ok) {
        snprintf(name, sizeof name, "%s.train.csv", stem);
        put_items(&text, &trial, &stage->train, stage->train.n, stage->train.a, stage->train.b, stage->train.label);
        ok = put_file(w, name, &text, err);
        plx_sb_free(&text);
    }
    if (ok) {
        snprintf(name, sizeof name, "%s.test.csv", stem);
        put_items(&text, &trial, &stage->train, stage->query.n, stage->query.a, stage->query.b, NULL);
        ok = put_file(w, name, &text, err);
        plx_sb_free(&text);
    }
    if (ok && stage->train.graph) {
        snprintf(name, sizeof name, "%s.graph.csv", stem);
        put_graph(&text, &trial, stage->train.graph);
        ok = put_file(w, name, &text, err);
        plx_sb_free(&text);
    }
    if (ok && score) {
        snprintf(name, sizeof name, "%s.npy", stem);
        ok = put_npy(w, name, score, stage->query.n, err);
    }
    plx_sb_free(&text);
    plx_arena_free(scratch);
    return ok;
}

static bool put_head(const writer *w, const char *model, plx_err *err)
{
    const plx_bench *b = w->bench;
    char hex[PLX_SHA256_HEX + 1];
    plx_sb text = {0};
    plx_arena *a = plx_arena_new(0);
    plx_value *head = a ? plx_v_obj(a) : NULL, *units = a ? plx_v_arr(a) : NULL, *about = a ? plx_v_obj(a) : NULL;
    plx_digest_hex(&b->board, hex);
    bool ok = head && units && about && plx_v_set(a, about, "name", plx_v_str(a, model)) &&
              plx_v_set(a, head, "schema", plx_v_str(a, "submission/1")) &&
              plx_v_set(a, head, "task", plx_v_str(a, b->task->name)) &&
              plx_v_set(a, head, "version", plx_v_i64(a, b->task->version)) &&
              plx_v_set(a, head, "board", plx_v_str(a, hex)) && plx_v_set(a, head, "model", about) &&
              plx_v_set(a, head, "units", units) && plx_v_set(a, head, "first_seed", plx_v_u64(a, b->first_seed)) &&
              plx_v_set(a, head, "n_seeds", plx_v_i64(a, b->n_seeds)) &&
              plx_v_set(a, head, "n_folds", plx_v_i64(a, b->task->n_folds));
    for (size_t i = 0; ok && i < b->n_units; i++) {
        ok = plx_v_push(a, units, plx_v_str(a, b->units[i]));
    }
    ok = ok ? plx_json_write(head, true, &text, err) && put_file(w, "submission.json", &text, err)
            : plx_fail_nomem(err, sizeof *head);
    plx_sb_free(&text);
    plx_arena_free(a);
    return ok;
}

bool plx_submission_make(const plx_bench *bench, const char *dir, const char *model, plx_submission_fill fill,
                         void *payload, plx_err *err)
{
    char temp[PLX_PATH], place[PLX_PATH];
    bool existed = false;
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    int n = snprintf(temp, sizeof temp, "%.*s.partial-%ld", (int)len, dir, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temp) {
        return plx_fail(err, PLX_E_ARG, "the path %.80s... is too long", dir);
    }
    if (plx_fs_exists(dir)) {
        return plx_fail(err, PLX_E_POLICY, "%s is there already", dir);
    }
    snprintf(place, sizeof place, "%.*s", (int)len, dir);
    const writer w = {bench, temp, NULL};
    bool ok = plx_fs_mkdirs(temp, err) && put_head(&w, model, err) && fill(payload, temp, err) &&
              plx_fs_publish(temp, place, &existed, err);
    if (ok && existed) {
        ok = plx_fail(err, PLX_E_POLICY, "%s is there already", dir);
    }
    if (!ok) {
        plx_fs_remove_tree(temp, NULL);
    }
    return ok;
}

static bool put_cells(void *payload, const char *dir, plx_err *err)
{
    writer w = *(const writer *)payload;
    w.dir = dir;
    for (size_t i = 0; i < w.bench->n_cells; i++) {
        if (!plx_ctx_go_on(w.bench->ctx, err) || !put_cell(&w, i, w.score ? &w.score[i] : NULL, err)) {
            return false;
        }
    }
    return true;
}

bool plx_submission_write(const plx_bench *bench, const char *dir, const char *model, const plx_reals *score,
                          plx_err *err)
{
    writer w = {bench, NULL, score};
    return plx_submission_make(bench, dir, model, put_cells, &w, err);
}
