/* SPDX-License-Identifier: Apache-2.0
 *
 * Lint over tables of pairs that somebody else made.
 */
#include "benchmarks/lint.h"

#include "core/alloc.h"
#include "core/table.h"
#include "formats/csv.h"

#include <stdlib.h>

typedef struct pair_table {
    plx_table table;
    const plx_column *a, *b, *label;
} pair_table;

static bool read_pairs(const plx_ctx *ctx, const char *path, pair_table *out, plx_err *err)
{
    static const plx_csv_opts opts = {.quote = '"', .trim = true};
    plx_source *source;
    plx_csv *csv = NULL;
    size_t at;
    *out = (pair_table){0};
    if (!plx_source_file(ctx, path, true, &source, err)) {
        return false;
    }
    bool ok = plx_csv_open(ctx, source, &opts, &csv, err) && plx_csv_need(csv, "a", &at, err) &&
              plx_csv_need(csv, "b", &at, err);
    bool has_label = false;
    for (size_t i = 0; ok && i < plx_csv_n_columns(csv); i++) {
        has_label = has_label || plx_slice_is(plx_csv_column_name(csv, i), "label");
    }
    static const plx_csv_want want[] = {{"a", PLX_STR}, {"b", PLX_STR}, {"label", PLX_F64}};
    ok = ok && plx_csv_read_table(csv, want, has_label ? 3 : 2, &out->table, err);
    plx_csv_close(csv);
    plx_source_close(source);
    out->a = plx_table_find(&out->table, "a");
    out->b = plx_table_find(&out->table, "b");
    out->label = plx_table_find(&out->table, "label");
    for (size_t i = 0; ok && out->label && i < out->table.n_rows; i++) {
        double x = plx_column_f64(out->label, i);
        if (x != 0 && x != 1) {
            plx_fail(err, PLX_E_SCHEMA, "row %zu of %s has the label %g", i + 1, path, x);
            ok = plx_err_why(err, "expected 0 or 1");
        }
    }
    return ok || plx_note(err, "%s", path);
}

static int by_text(const void *x, const void *y)
{
    return plx_slice_cmp(*(const plx_slice *)x, *(const plx_slice *)y);
}

/* All names of both tables, sorted, each once. */
static size_t collect(const pair_table *x, const pair_table *y, plx_slice *names)
{
    size_t n = 0, m = 0;
    for (const pair_table *t = x;; t = y) {
        for (size_t i = 0; i < t->table.n_rows; i++) {
            names[n++] = plx_column_str(t->a, i);
            names[n++] = plx_column_str(t->b, i);
        }
        if (t == y) {
            break;
        }
    }
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++) {
        if (m == 0 || !plx_slice_eq(names[m - 1], names[i])) {
            names[m++] = names[i];
        }
    }
    return m;
}

static uint32_t place(const plx_slice *names, size_t n, plx_slice name)
{
    const plx_slice *hit = bsearch(&name, names, n, sizeof *names, by_text);
    return hit ? (uint32_t)(hit - names) : 0;
}

static bool number_items(const pair_table *t, const plx_slice *names, size_t n_names, plx_arena *arena,
                         plx_lint_items *out, plx_err *err)
{
    size_t n = t->table.n_rows;
    uint32_t *a = plx_arena_zero(arena, n + 1, sizeof *a), *b = plx_arena_zero(arena, n + 1, sizeof *b);
    int32_t *label = plx_arena_zero(arena, n + 1, sizeof *label);
    if (!a || !b || !label) {
        return plx_fail_nomem(err, n * sizeof *a);
    }
    for (size_t i = 0; i < n; i++) {
        a[i] = place(names, n_names, plx_column_str(t->a, i));
        b[i] = place(names, n_names, plx_column_str(t->b, i));
        label[i] = t->label ? (int32_t)plx_column_f64(t->label, i) : -1;
    }
    *out = (plx_lint_items){n, a, b, t->label ? label : NULL};
    return true;
}

/* One name a line. */
static bool read_observable(const plx_ctx *ctx, const char *path, const plx_slice *names, size_t n, uint8_t *seen,
                            plx_err *err)
{
    plx_source *source;
    plx_buf text;
    if (!plx_source_file(ctx, path, true, &source, err)) {
        return false;
    }
    bool ok = plx_source_slurp(source, plx_limits_of(ctx).memory_bytes, &text, err);
    plx_source_close(source);
    if (!ok) {
        return false;
    }
    const char *p = (const char *)text.ptr, *end = p + text.len;
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        plx_slice name = plx_slice_trim((plx_slice){p, (size_t)((stop ? stop : end) - p)});
        const plx_slice *hit = name.len ? bsearch(&name, names, n, sizeof *names, by_text) : NULL;
        if (hit) {
            seen[hit - names] = 1;
        }
        p = stop ? stop + 1 : end;
    }
    plx_buf_free(&text);
    return true;
}

bool plx_lint_files(const plx_ctx *ctx, const char *train, const char *test, const char *observable, bool directed,
                    plx_lint *out, plx_err *err)
{
    pair_table x, y = {0};
    plx_lint_input in = {.directed = directed};
    plx_arena *arena = plx_arena_new(0);
    bool ok = arena ? true : plx_fail_nomem(err, 0);
    ok = read_pairs(ctx, train, &x, ok ? err : NULL) && ok && read_pairs(ctx, test, &y, err);
    size_t room = ok ? (x.table.n_rows + y.table.n_rows) * 2 + 1 : 1;
    plx_slice *names = ok ? plx_arena_zero(arena, room, sizeof *names) : NULL;
    uint8_t *seen = ok ? plx_arena_zero(arena, room, 1) : NULL;
    if (ok && (!names || !seen)) {
        ok = plx_fail_nomem(err, room * sizeof *names);
    }
    if (ok) {
        in.n_nodes = collect(&x, &y, names);
        in.name = names;
        in.observable = observable ? seen : NULL;
        ok = (!observable || read_observable(ctx, observable, names, in.n_nodes, seen, err)) &&
             number_items(&x, names, in.n_nodes, arena, &in.train, err) &&
             number_items(&y, names, in.n_nodes, arena, &in.test, err) && plx_lint_check(&in, out, err);
    }
    plx_table_free(&x.table);
    plx_table_free(&y.table);
    plx_arena_free(arena);
    return ok;
}
