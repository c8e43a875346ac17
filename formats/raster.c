/* SPDX-License-Identifier: Apache-2.0
 *
 * A drawing as pixels. Everything is made of convex polygons, each pixel of a letter included; a pixel takes as much of
 * the ink as of its 4 x 4 points lie inside. What no glyph exists for is drawn as a box.
 */
#include "formats/drawing.h"

#include "core/alloc.h"
#include "formats/glyphs.h"
#include "formats/png_write.h"

#include <math.h>
#include <string.h>

enum { SUB = 4, DOT_SIDES = 24, MIN_STEPS = 8, MAX_STEPS = 400, MAX_SIDE = 30000, MAX_CORNERS = DOT_SIDES };

/* A font of size s has lines s high; its glyphs are as wide as those of a monospaced font. */
static const double PIXEL_OF_SIZE = 1.0 / 8, ADVANCE = 6;
static const double HALF_DIAGONAL = 0.71;
static const double STEP = 6; /* pixels of a curve that are drawn straight */
static const double FLAT = 1e-6;

typedef struct canvas {
    uint8_t *rgb;
    size_t width, height;
} canvas;

typedef struct point {
    double x, y;
} point;

static size_t clamp(double v, size_t max)
{
    return v <= 0 ? 0 : v >= (double)max ? max : (size_t)v;
}

static void blend(canvas *c, size_t x, size_t y, plx_ink ink, double share)
{
    uint8_t *p = c->rgb + (y * c->width + x) * 3;
    double a = ink.opacity * share;
    for (int i = 0; i < 3; i++) {
        double to = (double)(ink.rgb >> (16 - 8 * i) & 0xFF);
        p[i] = (uint8_t)(p[i] + (to - p[i]) * a + 0.5);
    }
}

/* Distance to the nearest edge from inside is a x + b y + c; negative outside. */
typedef struct edge {
    double a, b, c;
} edge;

static void find_edges(const point *corners, size_t n, edge *out)
{
    double area = 0;
    for (size_t i = 0; i < n; i++) {
        const point *p = &corners[i], *q = &corners[(i + 1) % n];
        area += p->x * q->y - q->x * p->y;
    }
    for (size_t i = 0; i < n; i++) {
        const point *p = &corners[i], *q = &corners[(i + 1) % n];
        double dx = q->x - p->x, dy = q->y - p->y, len = hypot(dx, dy) * (area < 0 ? -1 : 1);
        bool has_length = len < 0 || len > 0;
        out[i] = has_length ? (edge){-dy / len, dx / len, (dy * p->x - dx * p->y) / len} : (edge){0, 0, 1};
    }
}

static double depth(const edge *edges, size_t n, double x, double y)
{
    double least = edges[0].a * x + edges[0].b * y + edges[0].c;
    for (size_t i = 1; i < n; i++) {
        double d = edges[i].a * x + edges[i].b * y + edges[i].c;
        least = d < least ? d : least;
    }
    return least;
}

static bool is_inside(const edge *edges, size_t n, double x, double y)
{
    size_t i = 0;
    while (i < n && edges[i].a * x + edges[i].b * y + edges[i].c >= 0) {
        i++;
    }
    return i == n;
}

/* Of the pixel whose upper left corner this is: only where an edge may cross it are its points looked at. */
static double coverage(const edge *edges, size_t n, double x, double y)
{
    double middle = depth(edges, n, x + 0.5, y + 0.5);
    if (middle < -HALF_DIAGONAL || middle > HALF_DIAGONAL) {
        return middle > 0 ? 1 : 0;
    }
    int hits = 0;
    for (int k = 0; k < SUB * SUB; k++) {
        int column = k % SUB, row = k / SUB;
        hits += is_inside(edges, n, x + (column + 0.5) / SUB, y + (row + 0.5) / SUB);
    }
    return (double)hits / (SUB * SUB);
}

/* Pixels of a row, given by its middle, that may be covered: all others of the box lie too far outside some edge. */
static void narrow(const edge *edges, size_t n, double y, double *from, double *to)
{
    for (size_t i = 0; i < n; i++) {
        if (fabs(edges[i].a) > FLAT) { /* others run along the row: the box is enough */
            double at = -(edges[i].b * y + edges[i].c + HALF_DIAGONAL) / edges[i].a;
            *from = edges[i].a > 0 ? fmax(*from, floor(at) - 1) : *from;
            *to = edges[i].a > 0 ? *to : fmin(*to, ceil(at) + 1);
        }
    }
}

static void fill(canvas *c, const point *corners, size_t n, plx_ink ink)
{
    edge edges[MAX_CORNERS];
    double x0 = corners[0].x, x1 = x0, y0 = corners[0].y, y1 = y0;
    for (size_t i = 1; i < n; i++) {
        x0 = fmin(x0, corners[i].x);
        x1 = fmax(x1, corners[i].x);
        y0 = fmin(y0, corners[i].y);
        y1 = fmax(y1, corners[i].y);
    }
    find_edges(corners, n, edges);
    size_t bottom = clamp(ceil(y1), c->height);
    for (size_t y = clamp(floor(y0), c->height); y < bottom; y++) {
        double from = floor(x0), to = ceil(x1);
        narrow(edges, n, (double)y + 0.5, &from, &to);
        size_t right = clamp(to, c->width);
        for (size_t x = clamp(from, c->width); x < right; x++) {
            double share = coverage(edges, n, (double)x, (double)y);
            if (share > 0) {
                blend(c, x, y, ink, share);
            }
        }
    }
}

static void fill_dot(canvas *c, const plx_shape *s)
{
    point corners[DOT_SIDES];
    for (int i = 0; i < DOT_SIDES; i++) {
        double a = 2 * 3.14159265358979323846 * i / DOT_SIDES;
        corners[i] = (point){s->x + s->w * cos(a), s->y + s->w * sin(a)};
    }
    fill(c, corners, DOT_SIDES, s->ink);
}

static point on_curve(const plx_shape *s, double t)
{
    double u = 1 - t;
    return (point){u * u * s->x + 2 * u * t * s->cx + t * t * s->x2, u * u * s->y + 2 * u * t * s->cy + t * t * s->y2};
}

static void fill_curve(canvas *c, const plx_shape *s)
{
    /* Short pieces: what is looked at for each is the upright box around it. */
    double along = hypot(s->cx - s->x, s->cy - s->y) + hypot(s->x2 - s->cx, s->y2 - s->cy);
    int steps = (int)fmin(MAX_STEPS, fmax(MIN_STEPS, along / STEP));
    point a = on_curve(s, 0);
    for (int i = 1; i <= steps; i++) {
        point b = on_curve(s, (double)i / steps);
        double dx = b.x - a.x, dy = b.y - a.y, len = hypot(dx, dy);
        if (len > 0) {
            double ox = -dy / len * s->w / 2, oy = dx / len * s->w / 2;
            const point corners[4] = {
                {a.x + ox, a.y + oy}, {b.x + ox, b.y + oy}, {b.x - ox, b.y - oy}, {a.x - ox, a.y - oy}};
            fill(c, corners, 4, s->ink);
        }
        a = b;
    }
}

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        n += ((unsigned char)*p & 0xC0) != 0x80;
    }
    return n;
}

static void fill_text(canvas *c, const plx_shape *s)
{
    static const uint8_t unknown[PLX_GLYPH_HEIGHT] = {0x1F, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1F};
    double unit = s->w * PIXEL_OF_SIZE, a = s->angle * 3.14159265358979323846 / 180, co = cos(a), si = sin(a);
    double width = ((double)count_characters(s->text) * ADVANCE - 1) * unit;
    double left = s->anchor == PLX_ANCHOR_START ? 0 : s->anchor == PLX_ANCHOR_MIDDLE ? -width / 2 : -width;
    double top = -PLX_GLYPH_HEIGHT * unit / 2;
    if (s->angle >= 0 && s->angle <= 0) { /* upright text is crisp only on whole pixels */
        left = round(s->x + left) - s->x;
        top = round(s->y + top) - s->y;
    } else if (s->angle >= -90 && s->angle <= -90) { /* and so is text that runs upwards */
        left = s->y - round(s->y - left);
        top = round(s->x + top) - s->x;
    }
    for (const char *p = s->text; *p; p++) {
        unsigned char ch = (unsigned char)*p;
        if ((ch & 0xC0) == 0x80) {
            continue;
        }
        const uint8_t *rows =
            ch >= PLX_GLYPH_FIRST && ch <= PLX_GLYPH_LAST ? plx_glyphs[ch - PLX_GLYPH_FIRST] : unknown;
        for (int k = 0; k < PLX_GLYPH_WIDTH * PLX_GLYPH_HEIGHT; k++) {
            int row = k / PLX_GLYPH_WIDTH, col = k % PLX_GLYPH_WIDTH;
            if (rows[row] >> (PLX_GLYPH_WIDTH - 1 - col) & 1) {
                point corners[4];
                for (int i = 0; i < 4; i++) {
                    double x = left + (col + (i == 1 || i == 2)) * unit, y = top + (row + (i >= 2)) * unit;
                    corners[i] = (point){s->x + x * co - y * si, s->y + x * si + y * co};
                }
                fill(c, corners, 4, s->ink);
            }
        }
        left += ADVANCE * unit;
    }
}

bool plx_drawing_png(const plx_drawing *d, FILE *to, plx_err *err)
{
    if (d->failed) {
        return plx_fail_nomem(err, d->cap * sizeof *d->shapes);
    }
    if (!(d->width >= 1 && d->height >= 1 && d->width <= MAX_SIDE && d->height <= MAX_SIDE)) {
        return plx_fail(err, PLX_E_LIMIT, "a picture of %.0f x %.0f pixels is too large for PNG here", d->width,
                        d->height);
    }
    canvas c = {.width = (size_t)ceil(d->width), .height = (size_t)ceil(d->height)};
    size_t bytes = c.width * c.height * 3;
    c.rgb = plx_alloc(bytes);
    if (!c.rgb) {
        return plx_fail_nomem(err, bytes);
    }
    memset(c.rgb, 0xFF, bytes);
    for (size_t i = 0; i < d->n; i++) {
        const plx_shape *s = &d->shapes[i];
        const point corners[4] = {{s->x, s->y}, {s->x + s->w, s->y}, {s->x + s->w, s->y + s->h}, {s->x, s->y + s->h}};
        switch (s->kind) {
        case PLX_SHAPE_RECT:
            fill(&c, corners, 4, s->ink);
            break;
        case PLX_SHAPE_DOT:
            fill_dot(&c, s);
            break;
        case PLX_SHAPE_CURVE:
            fill_curve(&c, s);
            break;
        case PLX_SHAPE_TEXT:
            fill_text(&c, s);
            break;
        }
    }
    bool ok = plx_png_write(c.rgb, c.width, c.height, to, err);
    plx_free(c.rgb);
    return ok;
}
