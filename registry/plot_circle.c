/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells around a circle. Chords bend towards the middle, so that neighbours are told apart; a cell that sends to itself
 * has a halo.
 */
#include "registry/plot_job.h"

#include <math.h>

enum {
    LABEL_SIZE = 12,
    LABEL_ROOM = 13,
    LABELS_MOST = 600,
    BARE_ROOM = 2,
    MARGIN = 24,
    MIN_RADIUS = 150,
    MANY_EDGES = 50000
};
static const double PI = 3.14159265358979323846, BEND = 0.3, DOT = 4.5;

typedef struct circle {
    double x, y, r, dot;
    size_t n;
} circle;

static double angle_of(const circle *c, size_t i)
{
    return 2 * PI * (double)i / (double)c->n - PI / 2;
}

/* The more chords lie over each other, the less ink each gets. */
static double ink_of(const plx_plot_job *job)
{
    return job->n_edges > MANY_EDGES ? 0.06 : job->n_edges > 1000 ? 0.45 : 0.8;
}

static void put_edge(plx_plot_job *job, const circle *c, const plx_plot_edge *e)
{
    double a = angle_of(c, e->from), b = angle_of(c, e->to);
    double opacity = plx_plot_opacity(job, e->weight) * ink_of(job);
    plx_shape s = {.ink = {plx_plot_edge_rgb(e), opacity}, .x = c->x + c->r * cos(a), .y = c->y + c->r * sin(a)};
    if (e->from == e->to) {
        s.kind = PLX_SHAPE_DOT;
        s.w = c->dot * 2;
    } else {
        s.kind = PLX_SHAPE_CURVE;
        s.w = 0.6 + 0.3 * plx_plot_strength(job, e->weight);
        s.x2 = c->x + c->r * cos(b);
        s.y2 = c->y + c->r * sin(b);
        s.cx = c->x + BEND * ((s.x + s.x2) / 2 - c->x);
        s.cy = c->y + BEND * ((s.y + s.y2) / 2 - c->y);
    }
    plx_draw(job->d, &s);
}

static bool is_labelled(const plx_plot_job *job)
{
    return job->n_cells <= LABELS_MOST;
}

double plx_plot_radius(const plx_plot_job *job)
{
    return fmax(MIN_RADIUS, (double)job->n_cells * (is_labelled(job) ? LABEL_ROOM : BARE_ROOM) / (2 * PI));
}

void plx_plot_circle(plx_plot_job *job, double top, double width)
{
    plx_drawing *d = job->d;
    bool labelled = is_labelled(job);
    double dot = labelled ? DOT : BARE_ROOM / 2.0;
    double label = labelled ? (double)job->longest * LABEL_SIZE * 0.75 + 3 * DOT : 0;
    double r = plx_plot_radius(job), half = r + label + MARGIN;
    d->width = fmax(width, 2 * half);
    d->height = top + 2 * half;
    const circle c = {d->width / 2, top + half, r, dot, job->n_cells};
    for (size_t i = 0; i < job->n_edges; i++) {
        const plx_plot_edge *e = &job->edges[i];
        if (!plx_plot_is_gap(job, e->kind) || e->from <= e->to) { /* a gap junction stands there twice */
            put_edge(job, &c, e);
        }
    }
    for (size_t i = 0; i < job->n_cells; i++) {
        double a = angle_of(&c, i), degrees = a * 180 / PI, out = r + 2 * dot;
        bool left = degrees > 90;
        plx_draw(d, &(plx_shape){.kind = PLX_SHAPE_DOT,
                                 .ink = {plx_plot_group_rgb(job->cells[i].group), 1},
                                 .x = c.x + r * cos(a),
                                 .y = c.y + r * sin(a),
                                 .w = dot,
                                 .text = job->cells[i].label});
        if (labelled) {
            plx_draw_text(d, c.x + out * cos(a), c.y + out * sin(a), LABEL_SIZE,
                          left ? PLX_ANCHOR_END : PLX_ANCHOR_START, left ? degrees - 180 : degrees,
                          job->cells[i].label);
        }
    }
}
