/* SPDX-License-Identifier: Apache-2.0
 *
 * A leaderboard on the terminal, as Markdown, CSV, JSON and as a page of its own. All from one struct.
 */
#ifndef PLX_CLI_BOARD_PRINT_H
#define PLX_CLI_BOARD_PRINT_H

#include "benchmarks/board.h"
#include "cli/cli.h"

/* What a board says above its table: question, direction, data; as text, Markdown or HTML. */
void plx_board_heading(const plx_board *board, FILE *to, unsigned width, plx_out as);
/* The table: rank, model, scores, cells, cost. owner: caller, plx_grid_free. errors: NOMEM. */
bool plx_board_grid(const plx_board *board, plx_arena *arena, plx_grid **out, plx_err *err);
/* Scores of the first column for each unit; *out NULL when there is one unit only. */
bool plx_board_units_grid(const plx_board *board, plx_arena *arena, plx_grid **out, plx_err *err);
/* One row for each run, score and unit, of all boards: for programs. */
bool plx_boards_long_grid(const plx_board *boards, size_t n, plx_arena *arena, plx_grid **out, plx_err *err);
/* Everything there is to say, as a tree. owner: the arena; NULL when it is out of memory. */
plx_value *plx_board_value(const plx_board *board, plx_arena *arena);
/* Heading and tables as HTML, without the page around them. */
bool plx_board_html(const plx_board *board, plx_arena *arena, FILE *to, plx_err *err);
/* One self-contained page of all boards. */
bool plx_boards_page(const plx_board *boards, size_t n, plx_arena *arena, FILE *to, plx_err *err);

#endif
