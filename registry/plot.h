/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures of connectomes. Cells with an edge are sorted by type, class and name. Matrix: rows send, columns receive;
 * circle: cells around it, edges as chords. Stronger edges are darker, in the circle also wider.
 */
#ifndef PLX_REGISTRY_PLOT_H
#define PLX_REGISTRY_PLOT_H

#include "formats/drawing.h"
#include "registry/record.h"

typedef enum plx_plot_layout { PLX_PLOT_MATRIX, PLX_PLOT_CIRCLE } plx_plot_layout;

enum { PLX_PLOT_MAX_CELLS = 4000 };

/* `ref` heads the picture, `cite` (may be "") stands below it. owner: caller, plx_drawing_free; its texts live in
 * `arena`. errors: UNSUPPORTED for what is no connectome, LIMIT past PLX_PLOT_MAX_CELLS. */
bool plx_plot(plx_record *record, const char *ref, const char *cite, plx_plot_layout layout, plx_arena *arena,
              plx_drawing *out, plx_err *err);

#endif
