/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables for people, and what the terminal can do.
 */
#ifndef PLX_CORE_TTY_H
#define PLX_CORE_TTY_H

#include "core/err.h"

#include <stdint.h>
#include <stdio.h>

typedef enum plx_align { PLX_LEFT, PLX_RIGHT, PLX_WHOLE } plx_align; /* whole: left, and never cut */

typedef struct plx_grid plx_grid;

/* A table of text cells. Headers are borrowed literals. owner: caller. errors: NULL when memory is out. */
plx_grid *plx_grid_new(size_t n_cols, const char *const *headers, const plx_align *align);
void plx_grid_free(plx_grid *grid);
/* Copy one row of n_cols cells; NULL is an empty cell. Control characters are escaped. */
bool plx_grid_row(plx_grid *grid, const char *const *cells);
size_t plx_grid_rows(const plx_grid *grid);
/* Leave a line empty before the next row, in text alone: rows below belong together. None before the first. */
bool plx_grid_gap(plx_grid *grid);
/* Aligned text, two blanks between columns, no headers when all are empty; no line over `width` columns (0: unbounded):
 * the widest left-aligned column is cut with an ellipsis. */
bool plx_grid_print_text(const plx_grid *grid, FILE *to, unsigned width, bool color, plx_err *err);
bool plx_grid_print_csv(const plx_grid *grid, FILE *to, plx_err *err);
bool plx_grid_print_markdown(const plx_grid *grid, FILE *to, plx_err *err);
bool plx_grid_print_html(const plx_grid *grid, FILE *to, plx_err *err); /* one <table>, escaped */

/* Write `text` wrapped at blanks to `width` columns (0: unbounded); the cursor stands at `column`, where further lines
 * start. */
void plx_tty_wrap(const char *text, unsigned column, unsigned width, FILE *to);
bool plx_tty_is_terminal(FILE *f);
unsigned plx_tty_width(FILE *f); /* COLUMNS, else the window, else 0 */
bool plx_tty_wants_color(FILE *f,
                         const char *mode); /* auto, always, never; NO_COLOR, CLICOLOR_FORCE, TERM=dumb respected */

#endif
