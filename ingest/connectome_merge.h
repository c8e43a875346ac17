/* SPDX-License-Identifier: Apache-2.0
 *
 * Repeated rows of a connection become one edge, gap junctions become symmetric; each merge is told to the sink as a
 * change.
 */
#ifndef PLX_INGEST_CONNECTOME_MERGE_H
#define PLX_INGEST_CONNECTOME_MERGE_H

#include "core/err.h"
#include "ingest/connectome_builder.h"

typedef struct plx_merge_row {
    uint32_t pre, post; /* rows of the nodes table */
    plx_edge_kind kind;
    double weight;
    uint32_t order; /* as read */
    const char *file;
    uint64_t line;
    plx_slice pre_label, post_label; /* for messages */
} plx_merge_row;

typedef struct plx_merge_edge {
    uint32_t pre, post;
    plx_edge_kind kind;
    double weight;
    uint32_t n_rows;
    uint32_t first_row; /* of the sorted rows; its others follow */
} plx_merge_edge;

typedef struct plx_merge_opts {
    plx_mode mode;
    bool gap_both;
} plx_merge_opts;

/* Rules:
 *   chemical  strict: weights of one ordered pair are summed. compat: the first row is kept (D16).
 *   gap       compat: mean of all rows of the unordered pair. strict: rows of one direction are summed; where the
 * source lists both directions the two are averaged; where it lists each junction once, all rows of the pair are
 * summed.
 *   functional  a pair has one row; another is an error.
 *   monoamine, neuropeptide  rows are the ways in which a sender reaches a receiver: their weights add up to how many.
 * `rows` is reordered. *out is sorted by (kind, pre, post). owner: caller, plx_free. cost: O(n log n). */
bool plx_merge_rows(plx_merge_row *rows, size_t n, const plx_merge_opts *opts, plx_sink *sink, plx_merge_edge **out,
                    size_t *n_out, plx_err *err);

#endif
