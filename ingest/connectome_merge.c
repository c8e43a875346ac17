/* SPDX-License-Identifier: Apache-2.0
 *
 * Merging rows into edges. Rows are grouped by sorting on (kind, pair, place in the source), so results and the order
 * of changes depend on nothing but the input.
 */
#include "ingest/connectome_merge.h"

#include "core/alloc.h"
#include "core/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 160 };

static uint32_t low_end(const plx_merge_row *r)
{
    return r->kind == PLX_EDGE_GAP && r->post < r->pre ? r->post : r->pre;
}

static uint32_t high_end(const plx_merge_row *r)
{
    return r->kind == PLX_EDGE_GAP && r->post < r->pre ? r->pre : r->post;
}

/* Same edge (gap junctions: either direction)? */
static int compare_pair(const plx_merge_row *a, const plx_merge_row *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (low_end(a) != low_end(b)) {
        return low_end(a) < low_end(b) ? -1 : 1;
    }
    return high_end(a) == high_end(b) ? 0 : high_end(a) < high_end(b) ? -1 : 1;
}

static int by_pair_then_order(const void *left, const void *right)
{
    const plx_merge_row *a = left;
    const plx_merge_row *b = right;
    int order = compare_pair(a, b);
    return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

static int by_edge(const void *left, const void *right)
{
    const plx_merge_edge *a = left;
    const plx_merge_edge *b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->pre != b->pre) {
        return a->pre < b->pre ? -1 : 1;
    }
    return a->post < b->post ? -1 : a->post > b->post;
}

/* Whole weights without ".0", as sources print them. */
static void weight_text(double weight, char out[PLX_NUM_TEXT])
{
    size_t len = plx_print_f64(weight, out);
    if (len > 2 && strcmp(out + len - 2, ".0") == 0) {
        out[len - 2] = '\0';
    }
}

/* "2 + 3 + 1", or "2 | 3" for the two directions of a gap junction; cut with dots when long. */
static void weights_text(const plx_merge_row *rows, size_t n, const char *joint, char out[TEXT])
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        char number[PLX_NUM_TEXT];
        weight_text(rows[i].weight, number);
        int wrote = snprintf(out + used, TEXT - used, "%s%s", i ? joint : "", number);
        if (wrote < 0 || (size_t)wrote >= TEXT - used - 4) {
            snprintf(out + used, TEXT - used, "...");
            return;
        }
        used += (size_t)wrote;
    }
}

static bool tell(plx_sink *sink, const plx_merge_row *rows, size_t n, const char *action, const char *rule,
                 const char *joint, double after, const char *reason, plx_err *err)
{
    char subject[TEXT];
    char before[TEXT];
    char result[PLX_NUM_TEXT];
    snprintf(subject, sizeof subject, "%.*s->%.*s %s", (int)rows->pre_label.len, rows->pre_label.ptr,
             (int)rows->post_label.len, rows->post_label.ptr, plx_edge_kind_name(rows->kind));
    weights_text(rows, n, joint, before);
    weight_text(after, result);
    return sink->change(sink,
                        &(plx_change){.action = action,
                                      .rule = rule,
                                      .subject = subject,
                                      .before = before,
                                      .after = result,
                                      .reason = reason,
                                      .file = rows->file,
                                      .line = rows->line},
                        err);
}

static double sum_of(const plx_merge_row *rows, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += rows[i].weight;
    }
    return sum;
}

static bool merge_chemical(const plx_merge_row *rows, size_t n, plx_mode mode, plx_sink *sink, double *weight,
                           plx_err *err)
{
    if (mode == PLX_COMPAT) {
        *weight = rows[0].weight;
        for (size_t i = 1; i < n; i++) {
            if (!tell(sink, &rows[i], 1, "keep-first", "D16", "", *weight,
                      "upstream keeps the first of repeated rows of a pair and loses the others", err)) {
                return false;
            }
        }
        return true;
    }
    *weight = sum_of(rows, n);
    return n == 1 || tell(sink, rows, n, "merge", "sum-repeats", " + ", *weight,
                          "the source has several rows for this connection; their weights are added", err);
}

static bool all_equal(const plx_merge_row *rows, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (rows[i].weight < rows[0].weight || rows[i].weight > rows[0].weight) {
            return false;
        }
    }
    return true;
}

static bool merge_gap_compat(const plx_merge_row *rows, size_t n, bool gap_both, plx_sink *sink, double *weight,
                             plx_err *err)
{
    *weight = sum_of(rows, n) / (double)n;
    bool expected = n == 1 || (gap_both && n == 2 && rows[0].pre != rows[1].pre && all_equal(rows, n));
    return expected || tell(sink, rows, n, "average", "gap-mean", " | ", *weight,
                            "upstream averages all rows of a gap junction", err);
}

/* Moves the rows of the first row's direction to the front, keeping their order. A group has seldom more than two rows.
 */
static size_t split_directions(plx_merge_row *rows, size_t n)
{
    size_t n_forward = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].pre != rows[0].pre) {
            continue;
        }
        plx_merge_row row = rows[i];
        for (size_t k = i; k > n_forward; k--) {
            rows[k] = rows[k - 1];
        }
        rows[n_forward++] = row;
    }
    return n_forward;
}

static bool merge_gap_strict(plx_merge_row *rows, size_t n, bool gap_both, plx_sink *sink, double *weight, plx_err *err)
{
    bool self = rows[0].pre == rows[0].post;
    size_t n_forward = gap_both && !self ? split_directions(rows, n) : n;
    size_t n_back = n - n_forward;
    double forward = sum_of(rows, n_forward);
    double back = sum_of(rows + n_forward, n_back);
    const char *repeated = "the source has several rows for this gap junction; their weights are added";
    if (n_forward > 1 && !tell(sink, rows, n_forward, "merge", "sum-repeats", " + ", forward, repeated, err)) {
        return false;
    }
    if (n_back > 1 && !tell(sink, rows + n_forward, n_back, "merge", "sum-repeats", " + ", back, repeated, err)) {
        return false;
    }
    *weight = n_back ? (forward + back) / 2 : forward;
    if (n_back && (forward < back || forward > back)) {
        return tell(sink, rows, n, "average", "gap-unequal", " | ", *weight,
                    "the source gives this gap junction another weight in each direction; their mean is taken", err);
    }
    if (gap_both && !self && !n_back) {
        return tell(sink, rows, n, "symmetrize", "gap-one-way", " + ", *weight,
                    "the source lists this gap junction in one direction only; the other is added", err);
    }
    return true;
}

static bool merge_response(const plx_merge_row *rows, size_t n, double *weight, plx_err *err)
{
    *weight = rows[0].weight;
    if (n == 1) {
        return true;
    }
    plx_fail(err, PLX_E_FORMAT, "the response of %.*s to %.*s is given twice", (int)rows->post_label.len,
             rows->post_label.ptr, (int)rows->pre_label.len, rows->pre_label.ptr);
    return plx_note(err, "%s, lines %llu and %llu", rows->file, (unsigned long long)rows[0].line,
                    (unsigned long long)rows[1].line);
}

static bool merge_group(plx_merge_row *rows, size_t n, const plx_merge_opts *opts, plx_sink *sink, double *weight,
                        plx_err *err)
{
    switch (rows->kind) {
    case PLX_EDGE_CHEMICAL:
        return merge_chemical(rows, n, opts->mode, sink, weight, err);
    case PLX_EDGE_GAP:
        return opts->mode == PLX_COMPAT ? merge_gap_compat(rows, n, opts->gap_both, sink, weight, err)
                                        : merge_gap_strict(rows, n, opts->gap_both, sink, weight, err);
    case PLX_EDGE_FUNCTIONAL:
        return merge_response(rows, n, weight, err);
    case PLX_EDGE_MONOAMINE:
    case PLX_EDGE_NEUROPEPTIDE:
        break;
    }
    *weight = sum_of(rows, n);
    return true;
}

bool plx_merge_rows(plx_merge_row *rows, size_t n, const plx_merge_opts *opts, plx_sink *sink, plx_merge_edge **out,
                    size_t *n_out, plx_err *err)
{
    *out = NULL;
    *n_out = 0;
    size_t cap;
    if (!plx_mul_ok(n, 2, &cap)) {
        return plx_fail(err, PLX_E_LIMIT, "too many rows");
    }
    plx_merge_edge *edges = plx_alloc_zero(cap ? cap : 1, sizeof *edges);
    if (!edges) {
        return plx_fail_nomem(err, cap * sizeof *edges);
    }
    qsort(rows, n, sizeof *rows, by_pair_then_order);
    size_t n_edges = 0;
    for (size_t start = 0; start < n;) {
        size_t end = start + 1;
        while (end < n && compare_pair(&rows[start], &rows[end]) == 0) {
            end++;
        }
        plx_merge_row *group = rows + start;
        size_t n_group = end - start;
        double weight = 0;
        bool gap = group->kind == PLX_EDGE_GAP;
        if (!merge_group(group, n_group, opts, sink, &weight, err)) {
            plx_free(edges);
            return false;
        }
        plx_merge_edge edge = {group->pre, group->post, group->kind, weight, (uint32_t)n_group, (uint32_t)start};
        edges[n_edges++] = edge;
        if (gap && edge.pre != edge.post) {
            edge.pre = group->post;
            edge.post = group->pre;
            edges[n_edges++] = edge;
        }
        start = end;
    }
    qsort(edges, n_edges, sizeof *edges, by_edge);
    *out = edges;
    *n_out = n_edges;
    return true;
}
