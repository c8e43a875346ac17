/* SPDX-License-Identifier: Apache-2.0
 *
 * Panels of a scored pair. A voxel's kind follows from who lies over it; a pixel shows the most telling kind along z.
 */
#include "benchmarks/label_plot.h"

#include "benchmarks/kernels/label_cover.h"
#include "benchmarks/label_raw.h"
#include "core/alloc.h"

#include <math.h>
#include <string.h>

/* In the order in which they cover each other. */
typedef enum kind { NOTHING, OUTSIDE, MISSED, FOUND, SPLIT, MERGED, N_KINDS } kind;
static const struct {
    const char *name;
    uint32_t rgb;
} kinds[N_KINDS] = {{"", 0},
                    {"predicted where nothing is labelled", 0x6E6E6E},
                    {"missed: no prediction", 0xE8C547},
                    {"found: in a matched pair", 0x3DBE6C},
                    {"false split: a piece in no pair", 0x4C8DFF},
                    {"false merge: in another's prediction", 0xE64CCB}};
enum { MARGIN = 24, GAP = 12, TITLE = 18, TEXT = 13, LINE = 20, LEAST_SIDE = 256, PANELS = 4, N_HUES = 6 };
static const plx_ink paper = {0xF7F7F5, 1}, black = {0x000000, 1};

typedef struct canvas {
    size_t ny, nx;
    uint8_t *kind;    /* [ny * nx] */
    uint32_t *pixels; /* [ny * nx], of the panel at work */
    unsigned zoom;
} canvas;

/* Golden-angle hues at full saturation: neighbours in number are far apart in colour. */
static uint32_t colour(size_t id)
{
    double hue = fmod((double)id * 0.618033988749895, 1.0) * N_HUES;
    double value = id % 3 == 0 ? 1.0 : id % 3 == 1 ? 0.85 : 0.7;
    unsigned up = (unsigned)(255 * value * (hue - floor(hue))), top = (unsigned)(255 * value), low = 48;
    unsigned down = top - up;
    up = up < low ? low : up;
    down = down < low ? low : down;
    switch ((int)hue) {
    case 0:
        return top << 16 | up << 8 | low;
    case 1:
        return down << 16 | top << 8 | low;
    case 2:
        return low << 16 | top << 8 | up;
    case 3:
        return low << 16 | down << 8 | top;
    case 4:
        return up << 16 | low << 8 | top;
    default:
        return top << 16 | low << 8 | down;
    }
}

/* What each side's instances are matched with, by id; 0: nothing. */
static size_t *partners(const plx_iscore *s, bool truth, size_t n, plx_arena *arena)
{
    size_t *of = plx_arena_zero(arena, n + 1, sizeof *of);
    for (size_t i = 0; of && i < s->n_rows; i++) {
        if (!s->rows[i].removed && s->rows[i].is_truth == truth && s->rows[i].id <= n) {
            of[s->rows[i].id] = s->rows[i].partner;
        }
    }
    return of;
}

static kind kind_of(const plx_label_cover *truth, const plx_stretch *t, const plx_label_cover *pred,
                    const plx_stretch *p, const size_t *partner_of_pred)
{
    kind worst = !t ? p ? OUTSIDE : NOTHING : p ? NOTHING : MISSED;
    for (uint32_t i = 0; t && p && i < p->n_ids; i++) {
        size_t partner = partner_of_pred[pred->ids[p->first_id + i]];
        kind k = partner ? MERGED : SPLIT;
        for (uint32_t j = 0; j < t->n_ids; j++) {
            if (truth->ids[t->first_id + j] == partner) {
                return FOUND;
            }
        }
        worst = k > worst ? k : worst;
    }
    return worst;
}

static void mark(canvas *c, uint64_t start, uint64_t end, kind k)
{
    for (uint64_t v = start; v < end; v++) {
        uint8_t *at = &c->kind[v % (c->ny * c->nx)];
        *at = *at < k ? (uint8_t)k : *at;
    }
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Walk both covers along, stretch by stretch. */
static void mark_kinds(canvas *c, const plx_label_cover *truth, const plx_label_cover *pred, const size_t *partner)
{
    uint64_t at = 0;
    for (size_t i = 0, j = 0; i < truth->n || j < pred->n;) {
        const plx_stretch *t = i < truth->n ? &truth->items[i] : NULL, *p = j < pred->n ? &pred->items[j] : NULL;
        if (t && t->end <= at) {
            i++;
            continue;
        }
        if (p && p->end <= at) {
            j++;
            continue;
        }
        uint64_t t_at = t ? later(t->start, at) : UINT64_MAX, p_at = p ? later(p->start, at) : UINT64_MAX;
        uint64_t t_end = t ? t->end : UINT64_MAX, p_end = p ? p->end : UINT64_MAX;
        uint64_t start = t_at < p_at ? t_at : p_at;
        bool in_t = t_at == start, in_p = p_at == start;
        t_end = in_t ? t_end : t_at;
        p_end = in_p ? p_end : p_at;
        uint64_t end = t_end < p_end ? t_end : p_end;
        mark(c, start, end, kind_of(truth, in_t ? t : NULL, pred, in_p ? p : NULL, partner));
        at = end;
    }
}

static void panel(plx_drawing *d, const canvas *c, double x, double y, const char *caption)
{
    double z = c->zoom;
    plx_draw_text(d, x, y - 10, TEXT, PLX_ANCHOR_START, 0, caption);
    plx_draw_rect(d, x, y, z * (double)c->nx, z * (double)c->ny, black, NULL);
    for (size_t row = 0; row < c->ny; row++) {
        const uint32_t *p = c->pixels + row * c->nx;
        for (size_t i = 0, end; i < c->nx; i = end) {
            for (end = i + 1; end < c->nx && p[end] == p[i]; end++) {
            }
            if (p[i]) {
                plx_draw_rect(d, x + z * (double)i, y + z * (double)row, z * (double)(end - i), z, (plx_ink){p[i], 1},
                              NULL);
            }
        }
    }
}

static void paint_instances(canvas *c, const plx_instances *in, const size_t *partner)
{
    memset(c->pixels, 0, c->ny * c->nx * sizeof *c->pixels);
    for (size_t i = 0; i < in->n; i++) {
        /* A matched prediction has its truth's colour. */
        uint32_t rgb = partner ? partner[i + 1] ? colour(partner[i + 1]) : 0x9A9A9A : colour(i + 1);
        plx_mask mask = plx_instance_mask(in, i);
        for (size_t k = 0; k < mask.n_runs; k++) {
            for (uint64_t v = mask.runs[k].start; v < mask.runs[k].start + mask.runs[k].len; v++) {
                c->pixels[v % (c->ny * c->nx)] = rgb;
            }
        }
    }
}

static void paint_kinds(canvas *c)
{
    for (size_t i = 0; i < c->ny * c->nx; i++) {
        c->pixels[i] = kinds[c->kind[i]].rgb;
    }
}

static void legend(plx_drawing *d, double x, double y, const plx_iscore *s, plx_arena *arena)
{
    const char *text =
        s->reference_error ? plx_arena_printf(arena, "no score: the reference raises %s", s->reference_error)
        : s->parts & PLX_ISCORE_COVERAGE
            ? plx_arena_printf(arena, "S %.4f   avF1 %.4f   C %.4f   matched %zu of %zu   FS %zu   FM %zu", s->s,
                               s->f19, s->coverage.mean, s->tp, s->n_truth, s->fs, s->fm)
            : plx_arena_printf(arena, "F1 at .5 %.4f   avF1 %.4f   matched %zu of %zu", s->at[PLX_ISCORE_HALF].fscore,
                               s->f19, s->tp, s->n_truth);
    plx_draw_text(d, x, y, TEXT, PLX_ANCHOR_START, 0, text ? text : "");
    double at = y + LINE;
    for (int k = MISSED; k < N_KINDS; k++, at += LINE) {
        plx_draw_rect(d, x, at - 10, 12, 12, (plx_ink){kinds[k].rgb, 1}, NULL);
        plx_draw_text(d, x + 18, at, TEXT, PLX_ANCHOR_START, 0, kinds[k].name);
    }
    plx_draw_rect(d, x, at - 10, 12, 12, (plx_ink){kinds[OUTSIDE].rgb, 1}, NULL);
    plx_draw_text(d, x + 18, at, TEXT, PLX_ANCHOR_START, 0, kinds[OUTSIDE].name);
    plx_draw_text(d, x, at + LINE, TEXT, PLX_ANCHOR_START, 0,
                  "A prediction has the colour of the truth it is matched with at .5, grey without one.");
}

static bool draw(const plx_ctx *ctx, const plx_label_pair *pair, const plx_iscore *score, const char *raw,
                 const char *title, canvas *c, plx_arena *arena, plx_drawing *d, plx_err *err)
{
    double step = (double)c->nx * c->zoom + GAP, x = MARGIN, y = MARGIN + TITLE + 2 * LINE;
    size_t n = raw ? PANELS : PANELS - 1;
    *d = (plx_drawing){.width = 2 * MARGIN + (double)n * step - GAP,
                       .height = y + (double)c->ny * c->zoom + LINE * (N_KINDS + 3) + MARGIN,
                       .title = title};
    plx_draw_rect(d, 0, 0, d->width, d->height, paper, NULL);
    plx_draw_text(d, MARGIN, MARGIN + TITLE, TITLE, PLX_ANCHOR_START, 0, title);
    if (raw) {
        if (!plx_label_raw(ctx, raw, pair, c->pixels, err)) {
            return false;
        }
        panel(d, c, x, y, "image");
        x += step;
    }
    const size_t *of_pred = partners(score, false, pair->pred.n, arena);
    if (!of_pred) {
        return plx_fail_nomem(err, pair->pred.n * sizeof *of_pred);
    }
    paint_instances(c, &pair->truth, NULL);
    panel(d, c, x, y, "truth");
    paint_instances(c, &pair->pred, of_pred);
    panel(d, c, x + step, y, "prediction");
    paint_kinds(c);
    panel(d, c, x + 2 * step, y, "what became of it");
    legend(d, MARGIN, y + (double)c->ny * c->zoom + 1.5 * LINE, score, arena);
    return !d->failed || plx_fail_nomem(err, d->n * sizeof *d->shapes);
}

bool plx_label_plot(const plx_ctx *ctx, const plx_label_pair *pair, const plx_iscore *score, const char *raw,
                    const char *title, plx_arena *arena, plx_drawing *out, plx_err *err)
{
    canvas c = {.ny = pair->truth.shape[1], .nx = pair->truth.shape[2], .zoom = 1};
    *out = (plx_drawing){0};
    size_t side = c.nx > c.ny ? c.nx : c.ny;
    c.zoom = side < LEAST_SIDE ? (unsigned)(LEAST_SIDE / side) : 1;
    if (c.ny > PLX_LABEL_PLOT_SIDE || c.nx * PANELS > PLX_LABEL_PLOT_SIDE) {
        return plx_fail(err, PLX_E_LIMIT, "a picture of planes of %zu x %zu is wider than %d", c.ny, c.nx,
                        PLX_LABEL_PLOT_SIDE);
    }
    c.kind = plx_arena_zero(arena, c.ny * c.nx, sizeof *c.kind);
    c.pixels = plx_arena_zero(arena, c.ny * c.nx, sizeof *c.pixels);
    const size_t *of_pred = partners(score, false, pair->pred.n, arena);
    if (!c.kind || !c.pixels || !of_pred) {
        return plx_fail_nomem(err, c.ny * c.nx * sizeof *c.pixels);
    }
    plx_label_cover truth = {0}, pred = {0};
    bool ok = plx_label_cover_make(&pair->truth, &truth, err) && plx_label_cover_make(&pair->pred, &pred, err);
    if (ok) {
        mark_kinds(&c, &truth, &pred, of_pred);
        ok = draw(ctx, pair, score, raw, title, &c, arena, out, err);
    }
    plx_label_cover_free(&truth);
    plx_label_cover_free(&pred);
    if (!ok) {
        plx_drawing_free(out);
    }
    return ok;
}
