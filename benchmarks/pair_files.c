/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/pair_files.h"

#include "core/arena.h"
#include "formats/csv.h"
#include "formats/npy.h"

#include <math.h>

typedef struct numbers {
    const char *path;
    size_t rows, cols;
    plx_reals values;
} numbers;

static bool copy_array(const char *path, const plx_array *array, plx_arena *arena, numbers *out, plx_err *err)
{
    plx_array flat;
    if (array->ndim < 1 || array->ndim > 2 || array->dtype == PLX_C64 || array->dtype == PLX_C128) {
        plx_sb text = {0};
        plx_npy_describe(array, &text);
        plx_fail(err, PLX_E_SCHEMA, "%s is %s", path, plx_sb_str(&text));
        plx_sb_free(&text);
        return plx_err_why(err, "expected one or two axes of numbers");
    }
    *out = (numbers){path, array->shape[0], array->ndim == 2 ? array->shape[1] : 1, {0}};
    if (!plx_array_to_c_order(array, &flat, err)) {
        return false;
    }
    size_t n = out->rows * out->cols;
    plx_dtype dtype = array->dtype == PLX_F32 ? PLX_F32 : PLX_F64;
    void *ptr = plx_arena_alloc(arena, (n + 1) * plx_dtype_size(dtype));
    plx_column column = {.dtype = array->dtype, .n = n, .values = flat.buf};
    if (ptr && array->dtype == dtype) {
        memcpy(ptr, flat.buf.ptr, n * plx_dtype_size(dtype));
    }
    for (size_t i = 0; ptr && array->dtype != dtype && i < n; i++) {
        ((double *)ptr)[i] = plx_column_f64(&column, i);
    }
    plx_array_free(&flat);
    out->values = (plx_reals){dtype, n, ptr};
    return ptr ? true : plx_fail_nomem(err, n * sizeof(double));
}

/* A table's only column, the one of a known name, or all of them as one matrix. */
static bool copy_table(const char *path, const plx_table *table, plx_arena *arena, numbers *out, plx_err *err)
{
    static const char *const known[] = {"score", "label", "value"};
    const plx_column *one = table->n_cols == 1 ? &table->cols[0] : NULL;
    for (size_t i = 0; !one && i < sizeof known / sizeof *known; i++) {
        one = plx_table_find(table, known[i]);
    }
    size_t n_cols = one ? 1 : table->n_cols;
    double *values = plx_arena_alloc(arena, (table->n_rows * n_cols + 1) * sizeof *values);
    if (!values) {
        return plx_fail_nomem(err, table->n_rows * n_cols * sizeof *values);
    }
    for (size_t k = 0; k < n_cols; k++) {
        const plx_column *column = one ? one : &table->cols[k];
        if (!column || column->dtype == PLX_STR) {
            plx_fail(err, PLX_E_SCHEMA, "the column %s of %s holds text", column ? column->name : "", path);
            return plx_err_why(err, "expected numbers");
        }
        for (size_t i = 0; i < table->n_rows; i++) {
            values[i * n_cols + k] = plx_column_f64(column, i);
        }
    }
    *out = (numbers){path, table->n_rows, n_cols, {PLX_F64, table->n_rows * n_cols, values}};
    return true;
}

static bool read_numbers(const plx_ctx *ctx, const char *path, plx_arena *arena, numbers *out, plx_err *err)
{
    plx_source *source;
    bool ok;
    if (!plx_source_file(ctx, path, true, &source, err)) {
        return false;
    }
    if (plx_ends_with(path, ".npy")) {
        plx_array array = {0};
        ok = plx_npy_read(ctx, source, &array, err) && copy_array(path, &array, arena, out, err);
        plx_array_free(&array);
    } else {
        static const plx_csv_opts opts = {.quote = '"', .trim = true};
        plx_csv *csv = NULL;
        plx_table table = {0};
        ok = plx_csv_open(ctx, source, &opts, &csv, err) && plx_csv_read_table(csv, NULL, 0, &table, err) &&
             copy_table(path, &table, arena, out, err);
        plx_csv_close(csv);
        plx_table_free(&table);
    }
    plx_source_close(source);
    return ok;
}

/* Whole numbers from lo to hi. */
static bool to_classes(const numbers *in, double hi, plx_arena *arena, int32_t **out, plx_err *err)
{
    *out = plx_arena_alloc(arena, (in->values.n + 1) * sizeof **out);
    if (!*out) {
        return plx_fail_nomem(err, in->values.n * sizeof **out);
    }
    for (size_t i = 0; i < in->values.n; i++) {
        double x = plx_reals_at(&in->values, i);
        if (!(x >= 0 && x <= hi) || x != floor(x)) {
            plx_fail(err, PLX_E_SCHEMA, "row %zu of %s is %g", i, in->path, x);
            return plx_err_why(err, "expected a whole number from 0 to %g", hi);
        }
        (*out)[i] = (int32_t)x;
    }
    return true;
}

static bool binary(const numbers *pred, const numbers *truth, plx_arena *arena, plx_evidence *out, plx_err *err)
{
    int32_t *classes;
    uint8_t *label = plx_arena_alloc(arena, truth->rows + 1);
    if (!label) {
        return plx_fail_nomem(err, truth->rows);
    }
    if (!to_classes(truth, 1, arena, &classes, err)) {
        return false;
    }
    for (size_t i = 0; i < truth->rows; i++) {
        label[i] = (uint8_t)classes[i];
    }
    *out = (plx_evidence){.kind = PLX_EVIDENCE_BINARY, .n = truth->rows, .score = pred->values, .label = label};
    return true;
}

static bool classes(const numbers *pred, const numbers *truth, plx_arena *arena, plx_evidence *out, plx_err *err)
{
    int32_t *is, *said;
    double most = pred->cols > 1 ? (double)pred->cols - 1 : 1e6;
    if (!to_classes(truth, most, arena, &is, err)) {
        return false;
    }
    size_t n_classes = pred->cols;
    if (pred->cols == 1) {
        if (!to_classes(pred, most, arena, &said, err)) {
            return false;
        }
        for (size_t i = 0; i < truth->rows; i++) {
            n_classes = (size_t)is[i] + 1 > n_classes ? (size_t)is[i] + 1 : n_classes;
            n_classes = (size_t)said[i] + 1 > n_classes ? (size_t)said[i] + 1 : n_classes;
        }
    } else {
        said = plx_arena_alloc(arena, (pred->rows + 1) * sizeof *said);
        for (size_t i = 0; said && i < pred->rows; i++) {
            size_t best = 0;
            for (size_t k = 1; k < pred->cols; k++) {
                best =
                    plx_reals_at(&pred->values, i * pred->cols + k) > plx_reals_at(&pred->values, i * pred->cols + best)
                        ? k
                        : best;
            }
            said[i] = (int32_t)best;
        }
    }
    *out = (plx_evidence){.kind = PLX_EVIDENCE_CLASSES,
                          .n = truth->rows,
                          .n_classes = n_classes,
                          .class_true = is,
                          .class_predicted = said};
    if (pred->cols > 1) {
        out->score = pred->values;
    }
    return said ? true : plx_fail_nomem(err, pred->rows);
}

/* The first column is the positive, the others its negatives. */
static bool rows_of_ranks(const numbers *pred, plx_arena *arena, plx_evidence *out, plx_err *err)
{
    size_t size = plx_dtype_size(pred->values.dtype), per_row = pred->cols - 1;
    uint8_t *positive = plx_arena_alloc(arena, (pred->rows + 1) * size);
    uint8_t *negative = plx_arena_alloc(arena, (pred->rows * per_row + 1) * size);
    if (!positive || !negative) {
        return plx_fail_nomem(err, pred->values.n * size);
    }
    for (size_t i = 0; i < pred->rows; i++) {
        const uint8_t *row = (const uint8_t *)pred->values.ptr + i * pred->cols * size;
        memcpy(positive + i * size, row, size);
        memcpy(negative + i * per_row * size, row + size, per_row * size);
    }
    *out = (plx_evidence){.kind = PLX_EVIDENCE_RANKING,
                          .positive = {pred->values.dtype, pred->rows, positive},
                          .negative = {pred->values.dtype, pred->rows * per_row, negative},
                          .negative_per_row = per_row};
    return true;
}

bool plx_evidence_read(const plx_ctx *ctx, const plx_metric *metric, const char *pred_path, const char *truth_path,
                       plx_arena *arena, plx_evidence *out, plx_err *err)
{
    numbers pred, truth;
    bool ranking = metric->accepts & PLX_EVIDENCE_RANKING;
    if (!(metric->accepts &
          (PLX_EVIDENCE_BINARY | PLX_EVIDENCE_RANKING | PLX_EVIDENCE_CLASSES | PLX_EVIDENCE_REGRESSION))) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "the metric %s does not measure tables of numbers", metric->name);
    }
    if (!truth_path && !ranking) {
        return plx_fail(err, PLX_E_ARG, "--truth must name the file with the truth");
    }
    if (!read_numbers(ctx, pred_path, arena, &pred, err) ||
        (truth_path && !read_numbers(ctx, truth_path, arena, &truth, err))) {
        return false;
    }
    if (!truth_path) {
        return pred.cols > 1
                   ? rows_of_ranks(&pred, arena, out, err)
                   : plx_fail(err, PLX_E_SCHEMA, "%s has one column: a positive without negatives", pred_path);
    }
    if (pred.rows != truth.rows || truth.cols != 1 || (pred.cols != 1 && !(metric->accepts & PLX_EVIDENCE_CLASSES))) {
        plx_fail(err, PLX_E_SCHEMA, "%s and %s do not fit together", pred_path, truth_path);
        return plx_err_why(err, "they have %zu and %zu rows, %zu and %zu columns", pred.rows, truth.rows, pred.cols,
                           truth.cols);
    }
    if (metric->accepts & PLX_EVIDENCE_CLASSES) {
        return classes(&pred, &truth, arena, out, err);
    }
    if (metric->accepts & (PLX_EVIDENCE_BINARY | PLX_EVIDENCE_RANKING)) {
        return binary(&pred, &truth, arena, out, err);
    }
    *out =
        (plx_evidence){.kind = PLX_EVIDENCE_REGRESSION, .n = truth.rows, .score = pred.values, .target = truth.values};
    return true;
}
