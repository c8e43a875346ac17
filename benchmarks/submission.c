/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading predictions: every problem of every file is told at once.
 */
#include "benchmarks/submission.h"

#include "benchmarks/cell.h"
#include "core/alloc.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_MOST = 100 };

void plx_submission_stem(const plx_bench *bench, size_t cell, char out[PLX_PATH])
{
    const plx_bench_cell *c = &bench->cells[cell];
    size_t n = 0;
    for (const char *p = bench->units[c->unit]; *p && n < PLX_PATH / 2; p++) {
        if (p[0] == '-' && p[1] == '>') {
            n += (size_t)snprintf(out + n, PLX_PATH - n, "-to-");
            p++;
            continue;
        }
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '-' ||
                     *p == '_' || *p == '.';
        out[n++] = plain ? *p : '.';
    }
    n += (size_t)snprintf(out + n, PLX_PATH - n, "/seed-%llu", (unsigned long long)c->seed);
    if (bench->task->n_folds > 1) {
        snprintf(out + n, PLX_PATH - n, ".fold-%u", c->fold);
    }
}

static bool need_int(const plx_value *json, const char *key, int64_t lo, int64_t hi, int64_t *out, plx_err *err)
{
    return (plx_v_as_i64(plx_v_get(json, key), out) && *out >= lo && *out <= hi) ||
           plx_fail(err, PLX_E_SCHEMA, "submission.json: %s must be a whole number from %lld to %lld", key,
                    (long long)lo, (long long)hi);
}

bool plx_submission_read_head(const plx_ctx *ctx, const char *dir, plx_arena *arena, plx_submission_head *out,
                              plx_err *err)
{
    char path[PLX_PATH];
    plx_source *source;
    plx_value *json;
    int64_t version, first = 0, n = 0;
    *out = (plx_submission_head){0};
    if (!plx_path_join(path, dir, "submission.json", err) || !plx_source_file(ctx, path, false, &source, err)) {
        return plx_err_why(err, "a submission is a folder with submission.json and a file for each cell");
    }
    bool ok = plx_json_read(ctx, arena, source, NULL, &json, err);
    plx_source_close(source);
    if (!ok) {
        return false;
    }
    const char *schema = plx_v_get_text(json, "schema");
    out->json = json;
    out->task = plx_v_get_text(json, "task");
    out->board = plx_v_get_text(json, "board");
    out->model = plx_v_text(plx_v_at(json, "model.name"));
    const plx_value *units = plx_v_get(json, "units");
    if (!schema || strcmp(schema, "submission/1") != 0) {
        return plx_fail(err, PLX_E_SCHEMA, "submission.json: schema must be \"submission/1\"");
    }
    if (!out->task || !out->board || !out->model) {
        return plx_fail(err, PLX_E_SCHEMA, "submission.json: task, board and model.name must be texts");
    }
    if (!*out->model || strlen(out->model) > NAME_MOST) {
        plx_fail(err, PLX_E_SCHEMA, "submission.json: model.name is %s", *out->model ? "too long" : "empty");
        plx_err_why(err, "the board will call your model so: write its name there, in up to %d bytes", NAME_MOST);
        return plx_err_next(err, "plexus help score");
    }
    if (!units || units->kind != PLX_V_ARR || units->u.arr.n == 0) {
        return plx_fail(err, PLX_E_SCHEMA, "submission.json: units must be a list of texts");
    }
    out->n_units = units->u.arr.n;
    out->units = plx_arena_zero(arena, out->n_units, sizeof *out->units);
    for (size_t i = 0; out->units && i < out->n_units; i++) {
        out->units[i] = plx_v_text(units->u.arr.items[i]);
        if (!out->units[i]) {
            return plx_fail(err, PLX_E_SCHEMA, "submission.json: units must be a list of texts");
        }
    }
    if (!need_int(json, "version", 1, 1000000, &version, err) ||
        !need_int(json, "first_seed", 0, INT64_MAX / 2, &first, err) || !need_int(json, "n_seeds", 1, 1000, &n, err)) {
        return false;
    }
    out->first_seed = (uint64_t)first;
    out->n_seeds = (unsigned)n;
    return out->units ? true : plx_fail_nomem(err, out->n_units);
}

bool plx_submission_check_board(const plx_bench *bench, const plx_submission_head *head, plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&bench->board, hex);
    if (strcmp(hex, head->board) == 0) {
        return true;
    }
    plx_fail(err, PLX_E_SCHEMA, "the submission is of other splits than those of %s here", bench->task->name);
    plx_err_why(err, "it was made for board %.16s, with these data and this version of the task it is %.16s",
                head->board, hex);
    return plx_err_next(err, "plexus predict %s -o FOLDER", bench->task->name);
}

typedef struct reader {
    const plx_bench *bench;
    const char *dir;
    plx_submission *out;
    plx_violations *found;
} reader;

/* C-order reals of the right number, or a violation. Whole numbers are taken as reals. */
static bool take_array(reader *r, size_t cell, const char *name, const plx_array *array, size_t n, size_t width,
                       plx_err *err)
{
    bool real = array->dtype == PLX_F32 || array->dtype == PLX_F64;
    bool whole = array->dtype < PLX_F16;
    size_t rows = array->ndim >= 1 ? array->shape[0] : 0;
    size_t cols = array->ndim == 2 ? array->shape[1] : 1;
    plx_array flat;
    if ((!real && !whole) || array->ndim < 1 || array->ndim > 2 || rows != n || cols != width) {
        plx_sb text = {0};
        plx_npy_describe(array, &text);
        plx_violation(r->found, width > 1 ? "%s is %s, expected reals (%zu, %zu)" : "%s is %s, expected reals (%zu,)",
                      name, plx_sb_str(&text), n, width);
        plx_sb_free(&text);
        return true;
    }
    if (!plx_array_to_c_order(array, &flat, err)) {
        return false;
    }
    plx_dtype dtype = array->dtype == PLX_F32 ? PLX_F32 : PLX_F64;
    void *ptr = plx_arena_alloc(r->out->arena, (n * width + 1) * plx_dtype_size(dtype));
    if (ptr && real) {
        memcpy(ptr, flat.buf.ptr, n * width * plx_dtype_size(dtype));
    }
    plx_column as = {.dtype = array->dtype, .n = n * width, .values = flat.buf};
    for (size_t i = 0; ptr && !real && i < n * width; i++) {
        ((double *)ptr)[i] = plx_column_f64(&as, i);
    }
    plx_array_free(&flat);
    r->out->score[cell] = (plx_reals){dtype, n * width, ptr};
    return ptr ? true : plx_fail_nomem(err, n * width * sizeof(double));
}

static bool read_npy(reader *r, size_t cell, const char *path, const char *name, size_t n, size_t width, plx_err *err)
{
    plx_source *source;
    plx_array array = {0};
    plx_err seen;
    plx_err_clear(&seen);
    bool ok = plx_source_file(r->bench->ctx, path, false, &source, &seen);
    if (ok) {
        ok = plx_npy_read(r->bench->ctx, source, &array, &seen);
        plx_source_close(source);
    }
    if (!ok) {
        if (seen.code == PLX_E_NOMEM || seen.code == PLX_E_CANCELLED || seen.code == PLX_E_IO) {
            if (err) {
                *err = seen;
            }
            return false;
        }
        plx_violation(r->found, "%s: %s", name, seen.what);
        return true;
    }
    ok = take_array(r, cell, name, &array, n, width, err);
    plx_array_free(&array);
    return ok;
}

/* Items by the labels of their nodes. */
typedef struct key {
    plx_slice a, b;
    size_t at;
} key;

static int by_labels(const void *x, const void *y)
{
    const key *p = x, *q = y;
    int order = plx_slice_cmp(p->a, q->a);
    return order ? order : plx_slice_cmp(p->b, q->b);
}

static const key *find_item(const key *keys, size_t n, plx_slice a, plx_slice b)
{
    key want = {a, b, 0};
    return bsearch(&want, keys, n, sizeof *keys, by_labels);
}

/* The columns of a row: the item's labels, then its scores. */
typedef struct layout {
    bool pairs, directed;
    size_t width;
    const key *keys;
    size_t n;
    size_t *columns; /* [2 + width] of the file */
} layout;

static bool take_row(reader *r, const layout *l, plx_csv *csv, const plx_slice *fields, const char *name, double *score,
                     uint8_t *seen)
{
    plx_slice a = fields[l->columns[0]], b = l->pairs ? fields[l->columns[1]] : (plx_slice){0};
    const key *item = find_item(l->keys, l->n, a, b);
    if (!item && l->pairs && !l->directed) {
        item = find_item(l->keys, l->n, b, a); /* an unordered pair either way round */
    }
    unsigned long long line = (unsigned long long)plx_csv_line(csv);
    if (!item) {
        plx_violation(r->found, "%s line %llu: %.*s%s%.*s is not asked about", name, line, (int)a.len, a.ptr,
                      l->pairs ? "," : "", (int)b.len, b.ptr ? b.ptr : "");
        return true;
    }
    if (seen[item->at]) {
        plx_violation(r->found, "%s line %llu: %.*s%s%.*s is there twice", name, line, (int)a.len, a.ptr,
                      l->pairs ? "," : "", (int)b.len, b.ptr ? b.ptr : "");
        return true;
    }
    seen[item->at] = 1;
    for (size_t k = 0; k < l->width; k++) {
        plx_slice text = fields[l->columns[2 + k]];
        if (!plx_parse_f64(text.ptr, text.len, &score[item->at * l->width + k])) {
            score[item->at * l->width + k] = (double)NAN;
        }
    }
    return true;
}

static bool find_columns(reader *r, const layout *l, plx_csv *csv, const char *name, const plx_stage *stage, bool *ok)
{
    for (size_t k = 0; k < 2 + l->width; k++) {
        const char *want = k == 0     ? (l->pairs ? "a" : "node")
                           : k == 1   ? "b"
                           : l->pairs ? "score"
                                      : stage->train.class_names[k - 2];
        size_t at = SIZE_MAX;
        for (size_t i = 0; i < plx_csv_n_columns(csv); i++) {
            at = plx_slice_is(plx_csv_column_name(csv, i), want) ? i : at;
        }
        if (at == SIZE_MAX && (k != 1 || l->pairs)) {
            plx_violation(r->found, "%s has no column %s", name, want);
            *ok = false;
        }
        l->columns[k] = at;
    }
    return true;
}

static bool read_rows(reader *r, layout *l, plx_csv *csv, const char *name, const plx_stage *stage, double *score,
                      plx_err *err)
{
    const plx_slice *fields = NULL;
    bool columns = true, read = true;
    uint8_t *seen = plx_alloc_zero(l->n + 1, 1);
    if (!seen) {
        return plx_fail_nomem(err, l->n);
    }
    find_columns(r, l, csv, name, stage, &columns);
    for (bool more = columns; more;) {
        read = plx_csv_next(csv, &fields, err);
        more = read && fields && take_row(r, l, csv, fields, name, score, seen);
    }
    size_t missing = 0, first = 0;
    for (size_t i = 0; columns && read && i < l->n; i++) {
        first = seen[l->keys[i].at] || missing ? first : i;
        missing += !seen[l->keys[i].at];
    }
    if (missing) {
        plx_violation(r->found, "%s lacks %zu of %zu items, such as %.*s%s%.*s", name, missing, l->n,
                      (int)l->keys[first].a.len, l->keys[first].a.ptr, l->pairs ? "," : "", (int)l->keys[first].b.len,
                      l->keys[first].b.ptr ? l->keys[first].b.ptr : "");
    }
    plx_free(seen);
    return read;
}

static bool read_csv(reader *r, size_t cell, const char *path, const char *name, const plx_trial *trial, plx_err *err)
{
    const plx_stage *stage = &trial->final;
    layout l = {.pairs = stage->train.problem == PLX_PROBLEM_LINKS,
                .directed = stage->train.directed,
                .width = plx_stage_width(stage),
                .n = stage->query.n};
    key *keys = plx_alloc_zero(l.n + 1, sizeof *keys);
    l.columns = plx_alloc_zero(2 + l.width, sizeof *l.columns);
    double *score = plx_arena_alloc(r->out->arena, (l.n * l.width + 1) * sizeof *score);
    plx_source *source = NULL;
    plx_csv *csv = NULL;
    bool ok = keys && l.columns && score ? true : plx_fail_nomem(err, l.n * sizeof *keys);
    for (size_t i = 0; ok && i < l.n; i++) {
        keys[i] = (key){trial->node_label[stage->query.a[i]],
                        l.pairs ? trial->node_label[stage->query.b[i]] : (plx_slice){0}, i};
        for (size_t k = 0; k < l.width; k++) {
            score[i * l.width + k] = 0;
        }
    }
    if (ok) {
        static const plx_csv_opts opts = {.quote = '"', .trim = true};
        plx_err seen;
        plx_err_clear(&seen);
        qsort(keys, l.n, sizeof *keys, by_labels);
        l.keys = keys;
        if (!plx_source_file(r->bench->ctx, path, false, &source, &seen) ||
            !plx_csv_open(r->bench->ctx, source, &opts, &csv, &seen) ||
            !read_rows(r, &l, csv, name, stage, score, &seen)) {
            ok = seen.code != PLX_E_NOMEM && seen.code != PLX_E_CANCELLED && seen.code != PLX_E_IO;
            if (ok) {
                plx_violation(r->found, "%s: %s", name, seen.what);
            } else if (err) {
                *err = seen;
            }
        }
        plx_csv_close(csv);
        plx_source_close(source);
        r->out->score[cell] = (plx_reals){PLX_F64, l.n * l.width, score};
    }
    plx_free(keys);
    plx_free(l.columns);
    return ok;
}

/* Items with a score that is NaN or infinite, told as one violation. */
static void look_for_infinite(reader *r, const plx_reals *score, const char *name, const plx_trial *trial)
{
    const plx_query *query = &trial->final.query;
    size_t width = plx_stage_width(&trial->final), n = 0, first = 0;
    for (size_t i = 0; score->ptr && i < query->n; i++) {
        bool finite = true;
        for (size_t k = 0; k < width; k++) {
            finite = finite && isfinite(plx_reals_at(score, i * width + k));
        }
        first = n || finite ? first : i;
        n += !finite;
    }
    if (n) {
        bool pairs = trial->final.train.problem == PLX_PROBLEM_LINKS;
        plx_slice a = trial->node_label[query->a[first]], b = {0};
        b = pairs ? trial->node_label[query->b[first]] : b;
        plx_violation(r->found,
                      "%s: %zu of %zu items %s a score that is not a finite number%s %.*s%s%.*s (row %zu, from 0)",
                      name, n, query->n, n == 1 ? "has" : "have", n == 1 ? ":" : ", first", (int)a.len, a.ptr,
                      pairs ? "," : "", (int)b.len, b.ptr ? b.ptr : "", first);
    }
}

static bool read_cell(reader *r, size_t cell, plx_err *err)
{
    const plx_bench_cell *c = &r->bench->cells[cell];
    char stem[PLX_PATH], npy[PLX_PATH], csv[PLX_PATH];
    plx_trial trial;
    plx_submission_stem(r->bench, cell, stem);
    plx_arena *scratch = plx_arena_new(0);
    if (!scratch ||
        !r->bench->task->trial(r->bench->ctx, r->bench->data[c->unit], c->fold, c->seed, scratch, &trial, err)) {
        plx_arena_free(scratch);
        return scratch ? false : plx_fail_nomem(err, 0);
    }
    size_t n = trial.final.query.n, width = plx_stage_width(&trial.final);
    bool long_path = snprintf(npy, sizeof npy, "%s/%s.npy", r->dir, stem) >= PLX_PATH ||
                     snprintf(csv, sizeof csv, "%s/%s.csv", r->dir, stem) >= PLX_PATH;
    bool has_npy = !long_path && plx_fs_exists(npy), has_csv = !long_path && plx_fs_exists(csv), ok = true;
    const char *name = has_npy ? npy + strlen(r->dir) + 1 : csv + strlen(r->dir) + 1;
    if (has_npy && has_csv) {
        plx_violation(r->found, "%s is there as .npy and as .csv", stem);
    } else if (has_npy) {
        ok = read_npy(r, cell, npy, name, n, width, err);
    } else if (has_csv) {
        ok = read_csv(r, cell, csv, name, &trial, err);
    } else {
        plx_violation(r->found, "%s.npy (or .csv) is missing", stem);
    }
    if (ok) {
        look_for_infinite(r, &r->out->score[cell], name, &trial);
    }
    plx_arena_free(scratch);
    return ok;
}

typedef struct strangers {
    const plx_bench *bench;
    plx_violations *found;
} strangers;

/* Predictions of cells there are not. Tables that `plexus predict` wrote, and whatever else lies there, is no harm. */
static bool visit(void *payload, const char *rel, uint64_t bytes, bool is_link, plx_err *err)
{
    strangers *s = payload;
    char stem[PLX_PATH];
    (void)bytes;
    (void)err;
    if (is_link || strchr(rel, '/') == NULL || strstr(plx_path_base(rel), "seed-") != plx_path_base(rel) ||
        plx_ends_with(rel, ".train.csv") || plx_ends_with(rel, ".test.csv") || plx_ends_with(rel, ".graph.csv") ||
        (!plx_ends_with(rel, ".npy") && !plx_ends_with(rel, ".csv"))) {
        return true;
    }
    for (size_t i = 0; i < s->bench->n_cells; i++) {
        plx_submission_stem(s->bench, i, stem);
        size_t len = strlen(stem);
        if (strncmp(rel, stem, len) == 0 && strlen(rel) == len + 4) {
            return true;
        }
    }
    plx_violation(s->found, "%s belongs to no cell", rel);
    return true;
}

bool plx_submission_open(const plx_bench *bench, const char *dir, plx_submission *out, plx_violations *found,
                         bool *usable, plx_err *err)
{
    reader r = {bench, dir, out, found};
    strangers s = {bench, found};
    plx_sha256 hash;
    *out = (plx_submission){.bench = bench, .arena = plx_arena_new(0)};
    *usable = false;
    if (bench->task->problem == PLX_PROBLEM_BUNDLES) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "submissions to %s are no tables of scores", bench->task->name);
    }
    out->score = out->arena ? plx_arena_zero(out->arena, bench->n_cells, sizeof *out->score) : NULL;
    if (!out->score) {
        return plx_fail_nomem(err, bench->n_cells * sizeof *out->score);
    }
    for (size_t i = 0; i < bench->n_cells; i++) {
        if (!plx_ctx_go_on(bench->ctx, err) || !read_cell(&r, i, err)) {
            return false;
        }
    }
    if (!plx_fs_walk(dir, visit, &s, err)) {
        return false;
    }
    plx_sha256_init(&hash);
    for (size_t i = 0; i < bench->n_cells && found->n == 0; i++) {
        plx_sha256_update(&hash, out->score[i].ptr, out->score[i].n * plx_dtype_size(out->score[i].dtype));
    }
    out->evidence = plx_sha256_final(&hash);
    *usable = found->n == 0;
    return true;
}

void plx_submission_close(plx_submission *submission)
{
    plx_arena_free(submission->arena);
    *submission = (plx_submission){0};
}
