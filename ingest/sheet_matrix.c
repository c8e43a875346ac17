/* SPDX-License-Identifier: Apache-2.0
 *
 * See sheet_matrix.h.
 */
#include "ingest/sheet_matrix.h"

#include "core/alloc.h"
#include "core/num.h"
#include "ingest/connectome_builder.h"

#include <math.h>
#include <stdlib.h>

static bool fail_at(uint32_t row, uint32_t column, plx_err *err, const char *what)
{
    char cell[PLX_CELL_NAME];
    plx_cell_name(row, column, cell);
    plx_fail(err, PLX_E_FORMAT, "%s", what);
    return plx_note(err, "cell %s", cell);
}

/* Room for one more, within the budget of memory. */
static bool grow(const plx_sheet_matrix *m, void *array_ptr, size_t *cap, size_t n, size_t size, plx_err *err)
{
    if ((n + 1) * size > plx_limits_of(m->ctx).memory_bytes) {
        return plx_fail(err, PLX_E_LIMIT, "the matrix does not fit the memory budget");
    }
    return plx_grow(array_ptr, cap, n + 1, size) || plx_fail_nomem(err, (n + 1) * size);
}

static bool keep(const plx_sheet_matrix *m, plx_slice text, plx_slice *out, plx_err *err)
{
    const char *copy = plx_arena_strndup(m->arena, text.ptr, text.len);
    *out = (plx_slice){copy, text.len};
    return copy || plx_fail_nomem(err, text.len);
}

/* The next name of a row or column of names; `at` counts from its first. */
static bool add_name(plx_sheet_matrix *m, plx_matrix_names *names, size_t at, const plx_sheet_cell *cell, plx_err *err)
{
    if (cell->kind != PLX_SHEET_TEXT || cell->formula) {
        plx_fail(err, PLX_E_FORMAT, "this is not the name of a cell of the animal");
        return plx_err_why(err, "expected a row of names above the weights and a column of names left of them");
    }
    const char *problem = plx_cell_label_problem(cell->text);
    if (problem) {
        return plx_fail(err, PLX_E_FORMAT, "the name %s", problem);
    }
    if (at != names->n) {
        plx_fail(err, PLX_E_FORMAT, "a name is missing before \"%.*s\"", (int)cell->text.len, cell->text.ptr);
        return plx_err_why(err, "expected names without a blank among them");
    }
    if (!grow(m, &names->items, &names->cap, names->n, sizeof *names->items, err) ||
        !keep(m, cell->text, &names->items[names->n], err)) {
        return false;
    }
    names->n++;
    return true;
}

static bool compare_repeated(plx_sheet_matrix *m, plx_matrix_names *names, size_t at, const plx_sheet_cell *cell,
                             plx_err *err)
{
    names->n_repeated++;
    if (plx_slice_eq(names->items[at], cell->text)) {
        return true;
    }
    if (!grow(m, &m->respelt, &m->cap_respelt, m->n_respelt, sizeof *m->respelt, err)) {
        return false;
    }
    plx_matrix_respelt *r = &m->respelt[m->n_respelt];
    *r = (plx_matrix_respelt){.row = cell->row, .column = cell->column, .name = names->items[at]};
    names->n_differ++;
    m->n_respelt++;
    return keep(m, cell->text, &r->repeated, err);
}

static bool add_weight(plx_sheet_matrix *m, const plx_sheet_cell *cell, plx_err *err)
{
    const char *expected = m->negative ? "a number, or a blank cell"
                           : m->whole  ? "a whole number of at least 0, or a blank cell"
                                       : "a number of at least 0, or a blank cell";
    if (cell->formula) {
        plx_fail(err, PLX_E_FORMAT, "a formula stands where a weight is expected");
        return plx_err_why(err, "its value is what some program last computed; expected %s", expected);
    }
    if (cell->kind != PLX_SHEET_NUMBER) {
        if (cell->text.ptr) {
            plx_fail(err, PLX_E_FORMAT, "the weight \"%.*s\" is not a number", (int)cell->text.len, cell->text.ptr);
        } else {
            plx_fail(err, PLX_E_FORMAT, "the weight is a date or a truth value");
        }
        return plx_err_why(err, "expected %s", expected);
    }
    if ((cell->number < 0 && !m->negative) ||
        (m->whole && (floor(cell->number) < cell->number || cell->number > 9007199254740992.0))) {
        char text[PLX_NUM_TEXT];
        plx_print_f64(cell->number, text);
        plx_fail(err, PLX_E_FORMAT, "the weight %s cannot be", text);
        return plx_err_why(err, "expected %s", expected);
    }
    if (!grow(m, &m->entries, &m->cap, m->n, sizeof *m->entries, err)) {
        return false;
    }
    m->entries[m->n++] = (plx_matrix_entry){cell->row, cell->column, cell->number};
    return true;
}

static bool see_cell(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    plx_sheet_matrix *m = payload;
    if (cell->row + 1 < m->row || cell->column + 1 < m->column) {
        return true; /* titles and groups */
    }
    if (cell->row < m->row && cell->column < m->column) {
        plx_fail(err, PLX_E_FORMAT, "something stands in the corner between the names");
        return plx_err_why(err, "expected a blank cell: is the header shifted?");
    }
    if (cell->row < m->row) {
        return add_name(m, &m->post, cell->column - m->column, cell, err);
    }
    size_t i = cell->row - m->row;
    if (cell->column < m->column) {
        return add_name(m, &m->pre, i, cell, err);
    }
    size_t k = cell->column - m->column;
    bool is_text = cell->kind == PLX_SHEET_TEXT && !cell->formula;
    if (i < m->pre.n && k < m->post.n) {
        return add_weight(m, cell, err);
    }
    if (m->repeated && is_text && i < m->pre.n && k == m->post.n) {
        return compare_repeated(m, &m->pre, i, cell, err);
    }
    if (m->repeated && is_text && i == m->pre.n && k < m->post.n) {
        return compare_repeated(m, &m->post, k, cell, err);
    }
    plx_fail(err, PLX_E_FORMAT, "something stands outside the named rows and columns");
    return plx_err_why(err, "the sheet names %zu rows and %zu columns up to here", m->pre.n, m->post.n);
}

static bool see_merged(void *payload, const plx_sheet_range *r, plx_err *err)
{
    const plx_sheet_matrix *m = payload;
    bool rows = r->last_row + 1 >= m->row && r->row < m->row + m->pre.n;
    bool columns = r->last_column + 1 >= m->column && r->column < m->column + m->post.n;
    if (!rows || !columns) {
        return true;
    }
    fail_at(r->row, r->column, err, "cells are merged among the names or weights");
    return plx_err_why(err, "a merged cell stands for one place of the matrix, and which is not said");
}

plx_sheet_sink plx_sheet_matrix_sink(plx_sheet_matrix *m)
{
    return (plx_sheet_sink){.cell = see_cell, .merged = see_merged, .payload = m};
}

static int by_text(const void *left, const void *right)
{
    const plx_slice *a = *(const plx_slice *const *)left;
    const plx_slice *b = *(const plx_slice *const *)right;
    int order = plx_slice_cmp(*a, *b);
    return order ? order : (a > b) - (a < b);
}

/* *twice is the second of two equal names, or NULL. */
static bool find_twice(const plx_matrix_names *names, const plx_slice **twice, plx_err *err)
{
    const plx_slice **sorted = plx_alloc(names->n * sizeof *sorted);
    *twice = NULL;
    if (!sorted) {
        return plx_fail_nomem(err, names->n * sizeof *sorted);
    }
    for (size_t i = 0; i < names->n; i++) {
        sorted[i] = &names->items[i];
    }
    qsort(sorted, names->n, sizeof *sorted, by_text);
    for (size_t i = 1; i < names->n && !*twice; i++) {
        *twice = plx_slice_eq(*sorted[i - 1], *sorted[i]) ? sorted[i] : NULL;
    }
    plx_free(sorted);
    return true;
}

static bool check_names(const plx_sheet_matrix *m, const plx_matrix_names *names, bool rows, plx_err *err)
{
    const plx_slice *twice;
    if (names->n == 0) {
        fail_at(rows ? m->row : m->row - 1, rows ? m->column - 1 : m->column, err, "there is no name");
        return plx_err_why(err, "expected the first of the names here: is the header shifted?");
    }
    if (!find_twice(names, &twice, err)) {
        return false;
    }
    if (twice) {
        uint32_t at = (uint32_t)(twice - names->items);
        char cell[PLX_CELL_NAME];
        plx_cell_name(rows ? m->row + at : m->row - 1, rows ? m->column - 1 : m->column + at, cell);
        plx_fail(err, PLX_E_FORMAT, "the name \"%.*s\" is there twice", (int)twice->len, twice->ptr);
        return plx_note(err, "cell %s", cell);
    }
    if (names->n_differ <= 1 || names->n_differ * 10 <= names->n_repeated) {
        return true;
    }
    for (size_t i = 0; i < m->n_respelt; i++) {
        const plx_matrix_respelt *r = &m->respelt[i];
        if ((r->column == m->column + m->post.n) == rows) {
            fail_at(r->row, r->column, err, "the names at the two ends of the matrix do not match");
            return plx_err_why(err, "\"%.*s\" against \"%.*s\", and %zu of %zu differ: is the header shifted?",
                               (int)r->name.len, r->name.ptr, (int)r->repeated.len, r->repeated.ptr, names->n_differ,
                               names->n_repeated);
        }
    }
    return true;
}

bool plx_sheet_matrix_check(const plx_sheet_matrix *m, plx_err *err)
{
    return check_names(m, &m->post, false, err) && check_names(m, &m->pre, true, err);
}

static int by_place(const void *left, const void *right)
{
    const plx_matrix_entry *a = left;
    const plx_matrix_entry *b = right;
    int order = (a->row > b->row) - (a->row < b->row);
    return order ? order : (a->column > b->column) - (a->column < b->column);
}

const plx_matrix_entry *plx_sheet_matrix_at(const plx_sheet_matrix *m, uint32_t row, uint32_t column)
{
    const plx_matrix_entry key = {row, column, 0};
    return m->n ? bsearch(&key, m->entries, m->n, sizeof key, by_place) : NULL;
}

bool plx_sheet_matrix_check_symmetric(const plx_sheet_matrix *m, plx_err *err)
{
    for (size_t i = 0; i < m->pre.n || i < m->post.n; i++) {
        if (i >= m->pre.n || i >= m->post.n || !plx_slice_eq(m->pre.items[i], m->post.items[i])) {
            fail_at(m->row + (uint32_t)i, m->column - 1, err, "rows and columns do not name the same cells");
            return plx_err_why(err, "a symmetric matrix names the same cells in the same order in both");
        }
    }
    for (size_t i = 0; i < m->n; i++) {
        const plx_matrix_entry *e = &m->entries[i];
        plx_matrix_entry key = {m->row + (e->column - m->column), m->column + (e->row - m->row), 0};
        const plx_matrix_entry *mirror = plx_sheet_matrix_at(m, key.row, key.column);
        if (mirror ? mirror->weight < e->weight || mirror->weight > e->weight : e->weight > 0) {
            char cell[PLX_CELL_NAME];
            char text[PLX_NUM_TEXT];
            plx_slice pre = plx_sheet_matrix_pre(m, e);
            plx_slice post = plx_sheet_matrix_post(m, e);
            plx_cell_name(key.row, key.column, cell);
            plx_print_f64(mirror ? mirror->weight : 0, text);
            fail_at(e->row, e->column, err, "the matrix is not symmetric");
            return plx_err_why(err, "%.*s to %.*s weighs %g, but its mirror image in cell %s is %s", (int)pre.len,
                               pre.ptr, (int)post.len, post.ptr, e->weight, cell, mirror ? text : "blank");
        }
    }
    return true;
}

plx_slice plx_sheet_matrix_pre(const plx_sheet_matrix *m, const plx_matrix_entry *entry)
{
    return m->pre.items[entry->row - m->row];
}

plx_slice plx_sheet_matrix_post(const plx_sheet_matrix *m, const plx_matrix_entry *entry)
{
    return m->post.items[entry->column - m->column];
}

void plx_sheet_matrix_free(plx_sheet_matrix *m)
{
    plx_free(m->pre.items);
    plx_free(m->post.items);
    plx_free(m->entries);
    plx_free(m->respelt);
    m->pre = m->post = (plx_matrix_names){0};
    m->entries = NULL;
    m->respelt = NULL;
    m->n = m->cap = m->n_respelt = m->cap_respelt = 0;
}
