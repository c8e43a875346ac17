/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures as a list of shapes, written as SVG or as PNG. Units are pixels of the PNG, y grows downwards, later shapes
 * cover earlier ones.
 */
#ifndef PLX_FORMATS_DRAWING_H
#define PLX_FORMATS_DRAWING_H

#include "core/arena.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct plx_ink {
    uint32_t rgb; /* 0xRRGGBB */
    double opacity;
} plx_ink;

typedef enum plx_shape_kind { PLX_SHAPE_RECT, PLX_SHAPE_DOT, PLX_SHAPE_CURVE, PLX_SHAPE_TEXT } plx_shape_kind;
typedef enum plx_anchor { PLX_ANCHOR_START, PLX_ANCHOR_MIDDLE, PLX_ANCHOR_END } plx_anchor;

typedef struct plx_shape {
    plx_shape_kind kind;
    plx_ink ink;
    double x, y;
    double w, h;           /* RECT; of a DOT w is the radius, of a CURVE the width of the line, of TEXT its size */
    double cx, cy, x2, y2; /* CURVE: control point and end */
    double angle;          /* TEXT: degrees, clockwise */
    plx_anchor anchor;
    const char *text; /* of TEXT; else what a pointer over the shape is told, or NULL */
} plx_shape;

/* {.width, .height, .title, .arena} is an empty picture. A failed addition makes `failed` stay. owner: plx_drawing_free
 * for the shapes; texts are borrowed. */
typedef struct plx_drawing {
    double width, height;
    const char *title;
    plx_shape *shapes;
    size_t n, cap;
    bool failed;
} plx_drawing;

/* Add a shape at the end. */
void plx_draw(plx_drawing *d, const plx_shape *shape);
void plx_draw_rect(plx_drawing *d, double x, double y, double w, double h, plx_ink ink, const char *tip);
void plx_draw_text(plx_drawing *d, double x, double y, double size, plx_anchor anchor, double angle, const char *text);
void plx_drawing_free(plx_drawing *d);

/* Write it. errors: NOMEM (of the additions as well), LIMIT, IO. */
bool plx_drawing_svg(const plx_drawing *d, FILE *to, plx_err *err);
bool plx_drawing_png(const plx_drawing *d, FILE *to, plx_err *err);

#endif
