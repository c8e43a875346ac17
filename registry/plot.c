/* SPDX-License-Identifier: Apache-2.0
 *
 * What is drawn and in which order, title and legend, and the matrix.
 */
#include "registry/plot_job.h"

#include "core/num.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 24, MIN_WIDTH = 640, BAND = 8, N_GROUPS = 4, N_KIND_COLORS = 6, SMALL_MOST = 8, STRONG = 15 };
static const double LEGIBLE = 1600, GREATEST = 4;

static const struct {
    const char *name;
    uint32_t rgb;
} groups[N_GROUPS] = {{"sensory", 0x2E9E6B}, {"inter", 0x8C6BB1}, {"motor", 0xCB4B57}, {"pharyngeal", 0xC9A227}};
static const uint32_t OTHER_RGB = 0x9A9A9A, PAPER = 0xF7F7F5, RULE = 0xB8B8B8, NEGATIVE_RGB = 0xC2185B;
static const uint32_t kind_rgb[N_KIND_COLORS] = {0x1F5FA8, 0xF0801A, 0x2E9E6B, 0xA5418F, 0x7A5C3E, 0x555555};

uint32_t plx_plot_group_rgb(const char *group)
{
    for (size_t i = 0; i < N_GROUPS; i++) {
        if (strcmp(group, groups[i].name) == 0) {
            return groups[i].rgb;
        }
    }
    return OTHER_RGB;
}

uint32_t plx_plot_kind_rgb(unsigned kind)
{
    return kind_rgb[kind % N_KIND_COLORS];
}

uint32_t plx_plot_edge_rgb(const plx_plot_edge *edge)
{
    return edge->weight < 0 ? NEGATIVE_RGB : plx_plot_kind_rgb(edge->kind);
}

double plx_plot_strength(const plx_plot_job *job, double weight)
{
    return log2(1 + fabs(weight) * job->scale);
}

double plx_plot_opacity(const plx_plot_job *job, double weight)
{
    return fmin(1, 0.35 + 0.17 * plx_plot_strength(job, weight));
}

bool plx_plot_is_gap(const plx_plot_job *job, unsigned kind)
{
    const char *name = kind < job->kinds->u.arr.n ? plx_v_text(job->kinds->u.arr.items[kind]) : NULL;
    return name && strcmp(name, "gap") == 0;
}

static int by_type_class_name(const void *a, const void *b)
{
    const plx_plot_cell *x = a, *y = b;
    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    int c = strcmp(x->group, y->group);
    c = c ? c : plx_slice_cmp(x->class, y->class);
    return c ? c : plx_slice_cmp(x->text_label, y->text_label);
}

typedef struct tables {
    const plx_column *label, *type, *category, *class, *pre, *post, *kind, *weight;
    size_t n_nodes, n_edges;
} tables;

static bool find_tables(plx_record *record, plx_plot_job *job, tables *t, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *nodes, *edges;
    if (strcmp(plx_record_kind(record), "connectome") != 0) {
        plx_fail(err, PLX_E_UNSUPPORTED, "only connectomes can be drawn");
        return plx_err_why(err, "this is a record of kind %s", plx_record_kind(record));
    }
    if (!view->table(view, "nodes", &nodes, err) || !view->table(view, "edges", &edges, err)) {
        return false;
    }
    job->kinds = plx_v_get(view->meta, "edge_kinds");
    if (!nodes || !edges || !job->kinds || job->kinds->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_SCHEMA, "the record has no complete nodes and edges");
    }
    t->n_nodes = nodes->n_rows;
    t->n_edges = edges->n_rows;
    return plx_table_need(nodes, "label", PLX_STR, &t->label, err) &&
           plx_table_need(nodes, "type", PLX_STR, &t->type, err) &&
           plx_table_need(nodes, "category", PLX_STR, &t->category, err) &&
           plx_table_need(nodes, "class", PLX_STR, &t->class, err) &&
           plx_table_need(edges, "pre", PLX_U32, &t->pre, err) &&
           plx_table_need(edges, "post", PLX_U32, &t->post, err) &&
           plx_table_need(edges, "kind", PLX_U8, &t->kind, err) &&
           plx_table_need(edges, "weight", PLX_F64, &t->weight, err);
}

static bool add_cell(plx_plot_job *job, const tables *t, size_t row, plx_err *err)
{
    plx_plot_cell *cell = &job->cells[job->n_cells++];
    plx_slice type = plx_column_str(t->type, row);
    plx_slice group = type.len ? type : plx_column_str(t->category, row);
    cell->text_label = plx_column_str(t->label, row);
    cell->class = plx_column_str(t->class, row);
    cell->row = (uint32_t)row;
    cell->label = plx_arena_strndup(job->arena, cell->text_label.ptr, cell->text_label.len);
    cell->group = plx_arena_strndup(job->arena, group.ptr, group.len);
    if (!cell->label || !cell->group) {
        return plx_fail_nomem(err, group.len);
    }
    while (cell->rank < N_GROUPS && strcmp(cell->group, groups[cell->rank].name) != 0) {
        cell->rank++;
    }
    job->longest = cell->text_label.len > job->longest ? cell->text_label.len : job->longest;
    return true;
}

static bool has_fractions(const double *weight, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (weight[i] < floor(weight[i]) || weight[i] > floor(weight[i])) {
            return true;
        }
    }
    return false;
}

static bool load(plx_record *record, plx_plot_job *job, plx_err *err)
{
    tables t;
    if (!find_tables(record, job, &t, err)) {
        return false;
    }
    const uint32_t *pre = (const void *)t.pre->values.ptr, *post = (const void *)t.post->values.ptr;
    const double *weight = (const void *)t.weight->values.ptr;
    uint8_t *seen = plx_arena_zero(job->arena, t.n_nodes + 1, 1);
    uint32_t *place = plx_arena_zero(job->arena, t.n_nodes + 1, sizeof *place);
    job->cells = plx_arena_zero(job->arena, t.n_nodes + 1, sizeof *job->cells);
    job->edges = plx_arena_zero(job->arena, t.n_edges + 1, sizeof *job->edges);
    if (!seen || !place || !job->cells || !job->edges) {
        return plx_fail_nomem(err, t.n_edges * sizeof *job->edges);
    }
    for (size_t i = 0; i < t.n_edges; i++) {
        if (pre[i] >= t.n_nodes || post[i] >= t.n_nodes) {
            return plx_fail(err, PLX_E_SCHEMA, "row %zu of edges joins nodes %u and %u of %zu", i, pre[i], post[i],
                            t.n_nodes);
        }
        seen[pre[i]] = seen[post[i]] = 1;
    }
    for (size_t i = 0; i < t.n_nodes; i++) {
        if (seen[i] && !add_cell(job, &t, i, err)) {
            return false;
        }
    }
    if (job->n_cells > PLX_PLOT_MAX_CELLS) {
        return plx_fail(err, PLX_E_LIMIT, "%zu cells are too many for a picture of this kind; %d are the limit",
                        job->n_cells, PLX_PLOT_MAX_CELLS);
    }
    qsort(job->cells, job->n_cells, sizeof *job->cells, by_type_class_name);
    for (size_t i = 0; i < job->n_cells; i++) {
        place[job->cells[i].row] = (uint32_t)i;
    }
    for (size_t i = 0; i < t.n_edges; i++) {
        job->edges[i] = (plx_plot_edge){place[pre[i]], place[post[i]], t.kind->values.ptr[i], weight[i]};
    }
    job->n_edges = t.n_edges;
    double most = 0;
    for (size_t i = 0; i < t.n_edges; i++) {
        most = fmax(most, fabs(weight[i]));
    }
    job->scale = most > 0 && most < SMALL_MOST && has_fractions(weight, t.n_edges) ? STRONG / most : 1;
    return true;
}

static const char *kind_name(const plx_plot_job *job, unsigned kind)
{
    const char *name = kind < job->kinds->u.arr.n ? plx_v_text(job->kinds->u.arr.items[kind]) : NULL;
    return name ? name : "?";
}

/* A square of colour and what it means; returns where the next may start. */
static double key(plx_plot_job *job, double u, double x, double y, uint32_t rgb, const char *text)
{
    plx_draw_rect(job->d, x, y - 7 * u, 14 * u, 14 * u, (plx_ink){rgb, 1}, NULL);
    plx_draw_text(job->d, x + 20 * u, y, 16 * u, PLX_ANCHOR_START, 0, text);
    return x + (20 + (double)strlen(text) * 12 + 22) * u;
}

/* Kinds and groups with their numbers, a line each, all `u` times as large as in a small picture. Returns where the
 * picture itself may start; *width grows as needed. */
static double head(plx_plot_job *job, const char *ref, const char *cite, const char *how, const char *unit, double u,
                   double *width)
{
    double x = MARGIN, y = MARGIN + 12 * u;
    plx_draw_text(job->d, x, y, 24 * u, PLX_ANCHOR_START, 0, ref);
    *width = fmax(MIN_WIDTH, 2 * MARGIN + (double)strlen(ref) * 18 * u);
    y += 32 * u;
    for (unsigned k = 0; k < job->kinds->u.arr.n; k++) {
        size_t n = 0;
        bool gap = plx_plot_is_gap(job, k);
        for (size_t i = 0; i < job->n_edges; i++) {
            n += job->edges[i].kind == k && (!gap || job->edges[i].from <= job->edges[i].to);
        }
        const char *text =
            plx_arena_printf(job->arena, gap ? "%zu %s junctions" : "%zu %s edges", n, kind_name(job, k));
        x = key(job, u, x, y, plx_plot_kind_rgb(k), text ? text : "");
        job->d->failed |= !text;
    }
    size_t negative = 0;
    for (size_t i = 0; i < job->n_edges; i++) {
        negative += job->edges[i].weight < 0;
    }
    if (negative) {
        const char *text = plx_arena_printf(job->arena, "%zu of them negative", negative);
        x = key(job, u, x, y, NEGATIVE_RGB, text ? text : "");
        job->d->failed |= !text;
    }
    *width = fmax(*width, x + MARGIN);
    x = MARGIN;
    y += 24 * u;
    for (size_t i = 0, first = 0; i < job->n_cells; i++) {
        if (i + 1 == job->n_cells || strcmp(job->cells[i].group, job->cells[i + 1].group) != 0) {
            const char *text = plx_arena_printf(job->arena, "%zu %s", i + 1 - first, job->cells[i].group);
            x = key(job, u, x, y, plx_plot_group_rgb(job->cells[i].group), text ? text : "");
            job->d->failed |= !text;
            first = i + 1;
        }
    }
    *width = fmax(*width, x + MARGIN);
    const char *notes[2] = {plx_arena_printf(job->arena, "%s Weight in %s.", how, unit),
                            *cite ? plx_arena_printf(job->arena, "Cite: %s", cite) : ""};
    for (size_t i = 0; i < 2; i++) {
        job->d->failed |= !notes[i];
        if (notes[i] && *notes[i]) {
            y += 24 * u;
            plx_draw_text(job->d, MARGIN, y, 16 * u, PLX_ANCHOR_START, 0, notes[i]);
            *width = fmax(*width, 2 * MARGIN + (double)strlen(notes[i]) * 12 * u);
        }
    }
    return y + 28 * u;
}

static void draw_frame(plx_plot_job *job, double x0, double y0, double cell, double label)
{
    plx_drawing *d = job->d;
    double side = (double)job->n_cells * cell;
    plx_draw_rect(d, x0, y0, side, side, (plx_ink){PAPER, 1}, NULL);
    for (size_t i = 0; i < job->n_cells; i++) {
        const plx_plot_cell *c = &job->cells[i];
        double at = (double)i * cell, middle = at + cell / 2;
        plx_ink ink = {plx_plot_group_rgb(c->group), 1};
        plx_draw_rect(d, x0 - BAND - 2, y0 + at, BAND, cell, ink, NULL);
        plx_draw_rect(d, x0 + at, y0 - BAND - 2, cell, BAND, ink, NULL);
        if (label > 0) {
            plx_draw_text(d, x0 - BAND - 6, y0 + middle, label, PLX_ANCHOR_END, 0, c->label);
            plx_draw_text(d, x0 + middle, y0 - BAND - 6, label, PLX_ANCHOR_START, -90, c->label);
        }
        if (i > 0 && strcmp(c->group, job->cells[i - 1].group) != 0) {
            plx_draw_rect(d, x0, y0 + at - 0.5, side, 1, (plx_ink){RULE, 1}, NULL);
            plx_draw_rect(d, x0 + at - 0.5, y0, 1, side, (plx_ink){RULE, 1}, NULL);
        }
    }
}

static double square_of(size_t n)
{
    return n <= 40 ? 16 : n <= 120 ? 12 : n <= 600 ? 8 : 3;
}

static void matrix(plx_plot_job *job, double top, double width)
{
    size_t n = job->n_cells;
    double cell = square_of(n), label = cell >= 16 ? 16 : cell >= 8 ? 8 : 0;
    double room = label > 0 ? (double)job->longest * label * 0.75 + 4 : 0;
    double x0 = MARGIN + room + BAND + 4, y0 = top + room + BAND + 4;
    job->d->width = fmax(width, x0 + (double)n * cell + MARGIN);
    job->d->height = y0 + (double)n * cell + MARGIN;
    draw_frame(job, x0, y0, cell, label);
    for (size_t i = 0; i < job->n_edges; i++) {
        const plx_plot_edge *e = &job->edges[i];
        char weight[PLX_NUM_TEXT];
        plx_print_f64(e->weight, weight);
        const char *tip = plx_arena_printf(job->arena, "%s to %s: %s %s", job->cells[e->from].label,
                                           job->cells[e->to].label, kind_name(job, e->kind), weight);
        job->d->failed |= !tip;
        double inset = e->kind == 0 ? 0.5 : cell >= 8 ? cell / 4 : 0.5; /* a later kind leaves the first one visible */
        plx_draw_rect(job->d, x0 + (double)e->to * cell + inset, y0 + (double)e->from * cell + inset, cell - 2 * inset,
                      cell - 2 * inset, (plx_ink){plx_plot_edge_rgb(e), plx_plot_opacity(job, e->weight)}, tip);
    }
}

bool plx_plot(plx_record *record, const char *ref, const char *cite, plx_plot_layout layout, plx_arena *arena,
              plx_drawing *out, plx_err *err)
{
    plx_plot_job job = {.d = out, .arena = arena};
    double width;
    *out = (plx_drawing){.title = ref};
    if (!load(record, &job, err)) {
        return false;
    }
    const char *unit = plx_v_get_text(plx_record_as_view(record)->meta, "weight_unit");
    bool circle = layout == PLX_PLOT_CIRCLE;
    double side = circle ? 2 * plx_plot_radius(&job) : (double)job.n_cells * square_of(job.n_cells);
    double u =
        fmin(GREATEST, fmax(1, floor(side / LEGIBLE))); /* so that it can be read when all of it is on a screen */
    double top = head(&job, ref, cite, circle ? "Stronger is wider and darker." : "Rows send, columns receive.",
                      unit ? unit : "?", u, &width);
    if (circle) {
        plx_plot_circle(&job, top, width);
    } else {
        matrix(&job, top, width);
    }
    if (out->failed) {
        plx_drawing_free(out);
        return plx_fail_nomem(err, 0);
    }
    return true;
}
