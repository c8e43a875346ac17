/* SPDX-License-Identifier: Apache-2.0
 *
 * A bitmap font for pictures: 5 x 7 pixels, printable ASCII.
 */
#ifndef PLX_FORMATS_GLYPHS_H
#define PLX_FORMATS_GLYPHS_H

#include <stdint.h>

enum { PLX_GLYPH_WIDTH = 5, PLX_GLYPH_HEIGHT = 7, PLX_GLYPH_FIRST = ' ', PLX_GLYPH_LAST = '~' };

/* Rows from the top; bit 4 is the leftmost pixel. */
extern const uint8_t plx_glyphs[PLX_GLYPH_LAST - PLX_GLYPH_FIRST + 1][PLX_GLYPH_HEIGHT];

#endif
