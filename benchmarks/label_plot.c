/* SPDX-License-Identifier: Apache-2.0
 *
 * Panels of a scored pair. A voxel's kind follows from who lies over it; a pixel shows the most telling kind along z.
 * Colours were chosen to differ on black by more than 25 (CIEDE2000) in pairs, also with each kind of colour blindness
 * as simulated after Machado et al. 2009, doi:10.1109/TVCG.2009.113; objects carry their numbers besides.
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
                    {"predicted where nothing is labelled", 0x5B5B5B},
                    {"missed: no prediction", 0xFFF626},
                    {"found: in a matched pair", 0x02991D},
                    {"false split: in a prediction without a partner", 0xBDEFFD},
                    {"false merge: in the prediction of another", 0xCD00D2}};
/* Of Okabe and Ito, in their order, with a lighter blue; then hues. */
static const uint32_t palette[] = {0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x3F6FFF, 0xD55E00, 0xCC79A7, 0xFFFFFF};
enum { MARGIN = 24, GAP = 12, TITLE = 18, TEXT = 13, LINE = 20, LEAST_SIDE = 384, PANELS = 4, N_HUES = 6 };
enum { N_PALETTE = sizeof palette / sizeof palette[0], MOST_NUMBERS = 40, NUMBER = 16, PADDING = 8, BAR = 4, BOX = 12 };
static const plx_ink paper = {0xF7F7F5, 1}, black = {0x000000, 1}, white = {0xFFFFFF, 1};

typedef struct canvas {
    size_t ny, nx;
    uint8_t *kind;       /* [ny * nx] */
    uint32_t *pixels;    /* [ny * nx], of the panel at work */
    uint64_t n[N_KINDS]; /* voxels */
    unsigned zoom;
} canvas;

/* Past the palette golden-angle hues at full saturation: neighbours in number are far apart in colour. */
static uint32_t colour(size_t id)
{
    if (id > 0 && id <= N_PALETTE) {
        return palette[id - 1];
    }
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
    c->n[k] += end - start;
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

/* White on black whatever lies behind. */
static void label(plx_drawing *d, double x, double y, plx_anchor anchor, const char *text)
{
    static const double around[5][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {0, 0}};
    for (int i = 0; text && i < 5; i++) {
        plx_draw(d, &(plx_shape){.kind = PLX_SHAPE_TEXT,
                                 .ink = i == 4 ? white : black,
                                 .x = x + around[i][0],
                                 .y = y + around[i][1],
                                 .w = NUMBER,
                                 .anchor = anchor,
                                 .text = text});
    }
}

/* The number of each object at one of its voxels, unless there are too many to be read. */
static void put_numbers(plx_drawing *d, const canvas *c, const plx_instances *in, double x, double y, plx_arena *arena)
{
    for (size_t i = 0; in->n <= MOST_NUMBERS && i < in->n; i++) {
        plx_mask mask = plx_instance_mask(in, i);
        if (mask.n_runs > 0) {
            const plx_run *middle = &mask.runs[mask.n_runs / 2];
            uint64_t voxel = middle->start + middle->len / 2, column = voxel % c->nx, row = voxel / c->nx % c->ny;
            double right = (double)column * c->zoom, down = (double)row * c->zoom;
            bool at_edge = right > (double)c->nx * c->zoom - 3 * NUMBER;
            label(d, x + right + (at_edge ? -PADDING : PADDING), y + down, at_edge ? PLX_ANCHOR_END : PLX_ANCHOR_START,
                  plx_arena_printf(arena, "%zu", i + 1));
        }
    }
}

/* The greatest 1, 2 or 5 times a power of ten up to a quarter of the width. */
static void scale_bar(plx_drawing *d, const canvas *c, double voxel_um, double x, double y, plx_arena *arena)
{
    double unit = voxel_um > 0 ? voxel_um : 1, most = (double)c->nx * unit / 4, ten = pow(10, floor(log10(most)));
    double length = ten * (most >= 5 * ten   ? 5
                           : most >= 2 * ten ? 2
                                             : 1),
           top = y + (double)c->ny * c->zoom - PADDING - BAR;
    plx_draw_rect(d, x + PADDING - 1, top - 1, length / unit * c->zoom + 2, BAR + 2, black, NULL);
    plx_draw_rect(d, x + PADDING, top, length / unit * c->zoom, BAR, white, NULL);
    label(d, x + PADDING, top - NUMBER, PLX_ANCHOR_START,
          plx_arena_printf(arena, voxel_um > 0 ? "%g um" : "%g voxels", length));
}

static const char *scores_text(const plx_iscore *s, plx_arena *arena)
{
    const char *text =
        s->reference_error ? plx_arena_printf(arena, "no score: the reference raises %s", s->reference_error)
        : s->parts & PLX_ISCORE_COVERAGE
            ? plx_arena_printf(arena,
                               "S %.4f   avF1 %.4f   C %.4f   matched %zu of %zu (mean clDice %.4f)   FS %zu   FM %zu",
                               s->s, s->f19, s->coverage.mean, s->tp, s->n_truth, s->tp_score, s->fs, s->fm)
            : plx_arena_printf(arena, "F1 at .5 %.4f   avF1 %.4f   matched %zu of %zu (mean score %.4f)",
                               s->at[PLX_ISCORE_HALF].fscore, s->f19, s->tp, s->n_truth, s->tp_score);
    return text ? text : "";
}

static void legend(plx_drawing *d, const canvas *c, double x, double y, const plx_iscore *s,
                   const plx_label_plot_opts *opts, plx_arena *arena)
{
    static const kind order[] = {FOUND, MISSED, SPLIT, MERGED, OUTSIDE};
    uint64_t truth = c->n[FOUND] + c->n[MISSED] + c->n[SPLIT] + c->n[MERGED];
    plx_draw_text(d, x, y, TEXT, PLX_ANCHOR_START, 0, scores_text(s, arena));
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        kind k = order[i];
        double share = truth ? 100.0 * (double)c->n[k] / (double)truth : 0;
        const char *text = plx_arena_printf(
            arena, k == OUTSIDE ? "%s (%.1f %% as many)" : "%s (%.1f %% of true voxels)", kinds[k].name, share);
        y += LINE;
        plx_draw_rect(d, x, y - BOX / 2.0, BOX, BOX, (plx_ink){kinds[k].rgb, 1}, NULL);
        plx_draw_text(d, x + BOX + 6, y, TEXT, PLX_ANCHOR_START, 0, text ? text : "");
    }
    plx_draw_text(
        d, x, y + LINE, TEXT, PLX_ANCHOR_START, 0,
        "A prediction has the colour of the truth it is matched with at .5, grey without one; FS and FM count "
        "what is past their thresholds.");
    plx_draw_text(d, x, y + 2 * LINE, TEXT, PLX_ANCHOR_START, 0, opts->definition);
}

static bool draw(const plx_ctx *ctx, const plx_label_pair *pair, const plx_iscore *score,
                 const plx_label_plot_opts *opts, canvas *c, plx_arena *arena, plx_drawing *d, plx_err *err)
{
    const char *raw = opts->raw;
    double step = (double)c->nx * c->zoom + GAP, x = MARGIN, y = MARGIN + TITLE + 2 * LINE;
    size_t n = raw ? PANELS : PANELS - 1;
    *d = (plx_drawing){.width = 2 * MARGIN + (double)n * step - GAP,
                       .height = y + (double)c->ny * c->zoom + LINE * (N_KINDS + 3) + MARGIN,
                       .title = opts->title};
    plx_draw_rect(d, 0, 0, d->width, d->height, paper, NULL);
    plx_draw_text(d, MARGIN, MARGIN + TITLE, TITLE, PLX_ANCHOR_START, 0, opts->title);
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
    put_numbers(d, c, &pair->truth, x, y, arena);
    paint_instances(c, &pair->pred, of_pred);
    panel(d, c, x + step, y, "prediction");
    put_numbers(d, c, &pair->pred, x + step, y, arena);
    paint_kinds(c);
    panel(d, c, x + 2 * step, y, "what became of it");
    scale_bar(d, c, opts->voxel_um, MARGIN, y, arena);
    legend(d, c, MARGIN, y + (double)c->ny * c->zoom + LINE, score, opts, arena);
    return !d->failed || plx_fail_nomem(err, d->n * sizeof *d->shapes);
}

bool plx_label_plot(const plx_ctx *ctx, const plx_label_pair *pair, const plx_iscore *score,
                    const plx_label_plot_opts *opts, plx_arena *arena, plx_drawing *out, plx_err *err)
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
        ok = draw(ctx, pair, score, opts, &c, arena, out, err);
    }
    plx_label_cover_free(&truth);
    plx_label_cover_free(&pred);
    if (!ok) {
        plx_drawing_free(out);
    }
    return ok;
}
