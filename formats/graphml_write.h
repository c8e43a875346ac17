/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a directed graph as GraphML. Every column becomes a typed key; a NaN or an empty text is no datum, as GraphML
 * has no missing value. Each edge has an id, so that networkx keeps parallel edges apart.
 */
#ifndef PLX_FORMATS_GRAPHML_WRITE_H
#define PLX_FORMATS_GRAPHML_WRITE_H

#include "core/ctx.h"
#include "core/table.h"

typedef struct plx_graphml {
    const char *title;           /* said in the graph's description */
    const plx_table *nodes;      /* all columns become data, that of `id` the node's name */
    const char *id;              /* a text column of nodes; unique */
    const plx_table *edges;      /* all columns but these two become data */
    const char *source, *target; /* u32 columns of edges: rows of nodes */
} plx_graphml;

/* errors: SCHEMA when a column is missing or an edge leaves the table; UNSUPPORTED for complex numbers and for control
 * characters, which XML 1.0 cannot hold; IO, CANCELLED. */
bool plx_graphml_write(const plx_ctx *ctx, const plx_graphml *graph, FILE *to, plx_err *err);

#endif
