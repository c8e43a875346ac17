/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about a connectome: one cell or class and its partners, ways between two cells, degrees, symmetry.
 */
#ifndef PLX_CLI_SHOW_GRAPH_H
#define PLX_CLI_SHOW_GRAPH_H

#include "cli/find_ref.h"
#include "ingest/connectome_graph.h"

typedef struct plx_graph_query {
    const char *cell;      /* its page; NULL: none */
    bool class;            /* of its class instead */
    const char *from, *to; /* ways between them; NULL: none */
    bool degrees, symmetry;
    const char *kind; /* only edges of that kind; NULL: all */
    int64_t hops;
    int64_t max; /* rows of text; 0: all */
} plx_graph_query;

/* Print the answer, or with JSON hand it over as *out (else NULL). errors: UNSUPPORTED for what is no connectome,
 * NOTFOUND with near names. */
bool plx_show_graph(plx_cli *cli, const plx_found_ref *found, const plx_graph_query *query, plx_value **out,
                    plx_err *err);

/* Inside: the tree of one question, which is also what the text is made of. */
typedef struct plx_asked {
    plx_cli *cli;
    plx_arena *a;
    const plx_graph_query *query;
    plx_graph g;
    plx_value *root;
} plx_asked;
bool plx_ask_cell(plx_asked *q, plx_err *err);
bool plx_ask_class(plx_asked *q, plx_err *err);
bool plx_ask_paths(plx_asked *q, plx_err *err);
bool plx_ask_degrees(plx_asked *q, plx_err *err);
bool plx_ask_symmetry(plx_asked *q, plx_err *err);
/* The text of the answer. */
bool plx_tell_graph(plx_asked *q, plx_err *err);

#endif
