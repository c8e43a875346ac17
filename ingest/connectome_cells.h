/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells a source names. Spellings that mean one cell are one cell; what was made of each name is told to the sink
 * once.
 */
#ifndef PLX_INGEST_CONNECTOME_CELLS_H
#define PLX_INGEST_CONNECTOME_CELLS_H

#include "core/arena.h"
#include "core/err.h"
#include "ingest/neuron_name.h"
#include "schemas/neurons.h"
#include "schemas/sink.h"

enum { PLX_CELL_LABEL = 64 }; /* longest name, blanks around it not counted */

typedef struct plx_worm_cell {
    plx_slice label;
    int slot;
    const char *category;
    bool blanks_told; /* a change already says that blanks around this label were dropped */
    uint32_t node;    /* row in the nodes table, once sorted */
} plx_worm_cell;

/* A spelling seen in the source and the cell it means. */
typedef struct plx_spelling {
    plx_slice text;
    uint32_t cell;
} plx_spelling;

/* A name of the source that stands for another. */
typedef struct plx_cell_alias {
    plx_slice from, to;
    const char *rule, *reason;
} plx_cell_alias;

typedef struct plx_cells {
    plx_sink *sink;
    plx_name_rules rules;
    const plx_cell_alias *aliases; /* sorted by from; for names that are no canonical neuron as they stand */
    size_t n_aliases;
    bool drops_unknown; /* whoever asks drops what is no canonical neuron, and tells that itself */
    bool refuses_unknown;
    plx_arena *arena;
    plx_worm_cell *items;
    size_t n, cap;
    uint32_t of_slot[PLX_N_NEURONS]; /* cell + 1; 0: not named */
    plx_spelling *spellings;         /* open-addressed by text; free where text.ptr is NULL */
    size_t n_spellings, cap_spellings;
} plx_cells;

/* The cell `raw` means, made when new. Texts are kept in cells->arena. errors: FORMAT for a name nobody knows where
 * those are refused. cost: O(1) for a spelling seen before. */
bool plx_cells_find(plx_cells *cells, plx_slice raw, const char *file, uint64_t line, uint32_t *out, plx_err *err);
/* The cell a spelling seen before means, or NULL. */
const plx_worm_cell *plx_cells_known(const plx_cells *cells, plx_slice raw);
/* The arena is not freed. */
void plx_cells_free(plx_cells *cells);

#endif
