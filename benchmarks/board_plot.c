/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/board_plot.h"

#include "core/alloc.h"

#include <math.h>
#include <stdio.h>

enum {
    WIDTH = 860,
    LINE = 22,
    TOP = 8,
    FOOT = 44,
    RIGHT = 24,
    TEXT = 13,
    LETTER = 8,
    LEAST_LEFT = 60,
    MOST_LEFT = 380
};
static const plx_ink paper = {0xFFFFFF, 1}, grid_ink = {0xDDDDDD, 1}, mean_ink = {0x1F5FA8, 1},
                     unit_ink = {0x7F8C99, 0.75};

/* Scores along x. */
typedef struct axis {
    double lo, hi, step; /* of the ticks, the first and the last of which are lo and hi */
    double left, right;  /* pixels of lo and hi */
} axis;

static double place(const axis *x, double score)
{
    return x->left + (score - x->lo) / (x->hi - x->lo) * (x->right - x->left);
}

static size_t count_ranked(const plx_board *b)
{
    size_t n = 0;
    while (n < b->n_rows && b->rows[n].rank) {
        n++;
    }
    return n;
}

static void widen(axis *x, double score)
{
    if (!isnan(score)) {
        x->lo = fmin(x->lo, score);
        x->hi = fmax(x->hi, score);
    }
}

/* Steps of 1, 2 or 5 times a power of ten, four to nine of them, around all that is drawn. */
static axis make_axis(const plx_board *b, size_t n, double left)
{
    axis x = {.lo = HUGE_VAL, .hi = -HUGE_VAL, .left = left, .right = WIDTH - RIGHT};
    for (size_t r = 0; r < n; r++) {
        const plx_board_score *s = b->rows[r].scores;
        widen(&x, s->mean);
        widen(&x, s->mean - s->std);
        widen(&x, s->mean + s->std);
        for (size_t u = 0; u < b->n_units; u++) {
            widen(&x, b->rows[r].unit_scores[u].mean);
        }
    }
    if (!(x.hi > x.lo)) {
        x.lo -= 0.5;
        x.hi += 0.5;
    }
    double range = x.hi - x.lo, power = pow(10.0, floor(log10(range)));
    x.step = range / power > 5 ? power : range / power > 2 ? power / 2 : power / 5;
    x.lo = floor(x.lo / x.step) * x.step;
    x.hi = ceil(x.hi / x.step) * x.step;
    return x;
}

/* Text from an arena, which may be out of memory. */
static void draw_label(plx_drawing *out, double x, double y, plx_anchor anchor, const char *text)
{
    out->failed = out->failed || !text;
    plx_draw_text(out, x, y, TEXT, anchor, 0, text ? text : "");
}

static void draw_axis(const plx_board *b, const axis *x, double bottom, plx_arena *arena, plx_drawing *out)
{
    int digits = x->step < 1 ? (int)ceil(-log10(x->step)) : 0;
    size_t n = (size_t)lround((x->hi - x->lo) / x->step);
    for (size_t i = 0; i <= n; i++) {
        double score = x->lo + (double)i * x->step, at = place(x, score);
        plx_draw_rect(out, at - 0.5, TOP, 1, bottom - TOP, grid_ink, NULL);
        draw_label(out, at, bottom + 12, PLX_ANCHOR_MIDDLE,
                   plx_arena_printf(arena, "%.*f", digits, fabs(score) < x->step / 2 ? 0.0 : score));
    }
    draw_label(out, (x->left + x->right) / 2, bottom + 32, PLX_ANCHOR_MIDDLE,
               plx_arena_printf(arena, "%s, %s is better", b->columns[0], b->directions[0]));
}

static void draw_dot(plx_drawing *out, double x, double y, double radius, plx_ink colour, const char *tip)
{
    plx_draw(out, &(plx_shape){.kind = PLX_SHAPE_DOT, .ink = colour, .x = x, .y = y, .w = radius, .text = tip});
}

static void draw_row(const plx_board *b, const plx_board_row *row, const axis *x, double y, plx_arena *arena,
                     plx_drawing *out)
{
    const plx_board_score *s = row->scores;
    draw_label(out, x->left - 12, y, PLX_ANCHOR_END,
               plx_arena_printf(arena, "%s%s%s%s", row->model, row->external ? " (from files)" : "",
                                *row->params ? " " : "", row->params));
    for (size_t u = 0; u < b->n_units && b->n_units > 1; u++) {
        double mean = row->unit_scores[u].mean;
        if (!isnan(mean)) {
            draw_dot(out, place(x, mean), y, 3.5, unit_ink, plx_arena_printf(arena, "%s: %.4f", b->units[u], mean));
        }
    }
    if (s->std > 0) {
        double from = place(x, s->mean - s->std);
        plx_draw_rect(out, from, y - 1, place(x, s->mean + s->std) - from, 2, mean_ink, NULL);
    }
    draw_dot(out, place(x, s->mean), y, 4.5, mean_ink,
             isnan(s->std) ? plx_arena_printf(arena, "%s: %.4f", row->model, s->mean)
                           : plx_arena_printf(arena, "%s: %.4f +- %.4f", row->model, s->mean, s->std));
}

bool plx_board_plot(const plx_board *board, plx_arena *arena, plx_drawing *out, plx_err *err)
{
    size_t n = count_ranked(board), longest = 0;
    for (size_t r = 0; r < n; r++) {
        const plx_board_row *row = &board->rows[r];
        size_t len = strlen(row->model) + strlen(row->params) + 1 + (row->external ? strlen(" (from files)") : 0);
        longest = len > longest ? len : longest;
    }
    double left = fmin(fmax((double)longest * LETTER + LETTER * 3, LEAST_LEFT), MOST_LEFT);
    double bottom = TOP + (double)n * LINE;
    *out = (plx_drawing){.width = WIDTH,
                         .height = bottom + FOOT,
                         .title = plx_arena_printf(arena, "%s: %s of each model", board->task,
                                                   board->n_columns ? board->columns[0] : "score")};
    if (n == 0) {
        return true;
    }
    axis x = make_axis(board, n, left);
    plx_draw_rect(out, 0, 0, out->width, out->height, paper, NULL);
    draw_axis(board, &x, bottom, arena, out);
    for (size_t r = 0; r < n; r++) {
        draw_row(board, &board->rows[r], &x, TOP + ((double)r + 0.5) * LINE, arena, out);
    }
    if (out->failed || !out->title) {
        plx_drawing_free(out);
        return plx_fail_nomem(err, n * sizeof *out->shapes);
    }
    return true;
}
