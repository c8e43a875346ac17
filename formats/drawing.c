/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of shapes, and SVG 1.1 of it. source: W3C SVG 1.1, second edition.
 */
#include "formats/drawing.h"

#include "core/alloc.h"
#include "core/str.h"

#include <errno.h>

static const uint32_t TEXT_RGB = 0x333333;

void plx_draw(plx_drawing *d, const plx_shape *shape)
{
    if (d->failed || !plx_grow(&d->shapes, &d->cap, d->n + 1, sizeof *d->shapes)) {
        d->failed = true;
        return;
    }
    d->shapes[d->n++] = *shape;
}

void plx_draw_rect(plx_drawing *d, double x, double y, double w, double h, plx_ink ink, const char *tip)
{
    plx_draw(d, &(plx_shape){.kind = PLX_SHAPE_RECT, .ink = ink, .x = x, .y = y, .w = w, .h = h, .text = tip});
}

void plx_draw_text(plx_drawing *d, double x, double y, double size, plx_anchor anchor, double angle, const char *text)
{
    plx_draw(d, &(plx_shape){.kind = PLX_SHAPE_TEXT,
                             .ink = {TEXT_RGB, 1},
                             .x = x,
                             .y = y,
                             .w = size,
                             .anchor = anchor,
                             .angle = angle,
                             .text = text});
}

void plx_drawing_free(plx_drawing *d)
{
    plx_free(d->shapes);
    *d = (plx_drawing){0};
}

static void put_text(FILE *to, const char *text)
{
    for (const char *p = text; *p; p++) {
        const char *entity = plx_xml_entity(*p);
        if (entity) {
            fputs(entity, to);
        } else { /* XML has no way to write control characters */
            fputc((unsigned char)*p < 0x20 ? ' ' : *p, to);
        }
    }
}

static void put_ink(FILE *to, const char *what, plx_ink ink)
{
    fprintf(to, " %s=\"#%06x\"", what, (unsigned)ink.rgb);
    if (ink.opacity < 1) {
        fprintf(to, " %s-opacity=\"%.2f\"", what, ink.opacity);
    }
}

static void close_shape(FILE *to, const char *element, const char *tip)
{
    if (tip) {
        fputs("><title>", to);
        put_text(to, tip);
        fprintf(to, "</title></%s>\n", element);
    } else {
        fputs("/>\n", to);
    }
}

static void put_shape(FILE *to, const plx_shape *s)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    switch (s->kind) {
    case PLX_SHAPE_RECT:
        fprintf(to, "<rect x=\"%.7g\" y=\"%.7g\" width=\"%.7g\" height=\"%.7g\"", s->x, s->y, s->w, s->h);
        put_ink(to, "fill", s->ink);
        close_shape(to, "rect", s->text);
        break;
    case PLX_SHAPE_DOT:
        fprintf(to, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\"", s->x, s->y, s->w);
        put_ink(to, "fill", s->ink);
        close_shape(to, "circle", s->text);
        break;
    case PLX_SHAPE_CURVE:
        fprintf(to, "<path d=\"M%.2f %.2fQ%.2f %.2f %.2f %.2f\" fill=\"none\" stroke-width=\"%.2f\"", s->x, s->y, s->cx,
                s->cy, s->x2, s->y2, s->w);
        put_ink(to, "stroke", s->ink);
        close_shape(to, "path", s->text);
        break;
    case PLX_SHAPE_TEXT:
        fprintf(to, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.7g\"", s->x, s->y, s->w);
        put_ink(to, "fill", s->ink);
        if (s->anchor != PLX_ANCHOR_START) {
            fprintf(to, " text-anchor=\"%s\"", anchors[s->anchor]);
        }
        if (s->angle < 0 || s->angle > 0) {
            fprintf(to, " transform=\"rotate(%.2f %.2f %.2f)\"", s->angle, s->x, s->y);
        }
        fputs(" dominant-baseline=\"central\">", to);
        put_text(to, s->text);
        fputs("</text>\n", to);
        break;
    }
}

bool plx_drawing_svg(const plx_drawing *d, FILE *to, plx_err *err)
{
    if (d->failed) {
        return plx_fail_nomem(err, d->cap * sizeof *d->shapes);
    }
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.7g %.7g\" width=\"%.7g\" height=\"%.7g\" "
            "role=\"img\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n<title>",
            d->width, d->height, d->width, d->height);
    put_text(to, d->title);
    fputs("</title>\n", to);
    for (size_t i = 0; i < d->n; i++) {
        put_shape(to, &d->shapes[i]);
    }
    fputs("</svg>\n", to);
    return !ferror(to) || plx_fail_sys(err, errno ? errno : EIO, "cannot write the picture");
}
