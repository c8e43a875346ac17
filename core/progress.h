/* SPDX-License-Identifier: Apache-2.0
 *
 * Progress of long work: a bar redrawn at most 10 times a second on a terminal, one line per 10 s elsewhere.
 */
#ifndef PLX_CORE_PROGRESS_H
#define PLX_CORE_PROGRESS_H

#include "core/ctx.h"

#include <stdio.h>

/* `terminal`: redraw in place; otherwise nothing is written about a phase that ends within a second. owner: caller.
 * errors: NULL when memory is out. */
plx_progress *plx_progress_new(FILE *to, bool terminal, bool color);
void plx_progress_free(plx_progress *progress);

/* A phase with a known or unknown (0) total in `unit` ("files", "B", "cells"). Thread-safe; all accept a ctx without
 * progress. */
void plx_progress_begin(const plx_ctx *ctx, const char *label, uint64_t total, const char *unit);
void plx_progress_step(const plx_ctx *ctx, uint64_t n);
void plx_progress_note(const plx_ctx *ctx, const char *item);
void plx_progress_end(const plx_ctx *ctx);
/* Phases nest: the innermost one is shown, and steps count for it. */

/* One of several things that go on at once in the innermost phase, such as the files of a download: on a terminal each
 * has a line of its own above the bar, while there is room. `total` 0: not known (yet). Stepping an item steps the
 * phase too. NULL, which all accept, when there is no progress or no line free; then only the phase is stepped. */
typedef struct plx_progress_item plx_progress_item;
plx_progress_item *plx_progress_item_begin(const plx_ctx *ctx, const char *label, uint64_t total);
void plx_progress_item_total(plx_progress_item *item, uint64_t total);
void plx_progress_item_step(const plx_ctx *ctx, plx_progress_item *item, uint64_t n);
void plx_progress_item_end(const plx_ctx *ctx, plx_progress_item *item);

/* Take the bar off the terminal and keep it off until plx_progress_show; use around anything else that is written
 * there. */
void plx_progress_hide(const plx_ctx *ctx);
void plx_progress_show(const plx_ctx *ctx);

#endif
