/* SPDX-License-Identifier: Apache-2.0
 *
 * A leaderboard as a picture.
 */
#ifndef PLX_BENCHMARKS_BOARD_PLOT_H
#define PLX_BENCHMARKS_BOARD_PLOT_H

#include "benchmarks/board.h"
#include "formats/drawing.h"

/* The score that ranks, a line for each ranked row, best on top: its mean as a dark dot with one standard deviation to
 * either side, and each unit's own mean as a light one. `out` has no shapes when nothing ranks.
 * owner: caller, plx_drawing_free; texts are in the arena. errors: NOMEM. */
bool plx_board_plot(const plx_board *board, plx_arena *arena, plx_drawing *out, plx_err *err);

#endif
