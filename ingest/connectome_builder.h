/* SPDX-License-Identifier: Apache-2.0
 *
 * From rows (pre, post, kind, weight) of any source to a "connectome" record: resolves labels, merges repeated rows,
 * makes gap junctions symmetric, marks what was observable, and reports every drop, rename and merge as a change.
 *
 * The record's first rows of `nodes` are the canonical neurons in slot order (all 300 of them unless the region is
 * "named", then those the source names); other cells follow in byte order of their labels. In compat mode there are
 * only the 300.
 */
#ifndef PLX_INGEST_CONNECTOME_BUILDER_H
#define PLX_INGEST_CONNECTOME_BUILDER_H

#include "core/ctx.h"
#include "ingest/neuron_name.h"
#include "schemas/kind.h"
#include "schemas/mode.h"
#include "schemas/sink.h"

/* Which canonical neurons the volume holds: those the atlas marks for the region and those the source names. */
typedef enum plx_region { PLX_REGION_WHOLE, PLX_REGION_HEAD, PLX_REGION_TAIL, PLX_REGION_NAMED } plx_region;
bool plx_region_parse(const char *text, plx_region *out);

typedef enum plx_edge_kind {
    PLX_EDGE_CHEMICAL,
    PLX_EDGE_GAP,
    PLX_EDGE_FUNCTIONAL, /* a response, which may be negative */
    PLX_EDGE_MONOAMINE,
    PLX_EDGE_NEUROPEPTIDE,
} plx_edge_kind;
enum { PLX_N_EDGE_KINDS = PLX_EDGE_NEUROPEPTIDE + 1 };
/* "chemical", "gap" and so on. */
const char *plx_edge_kind_name(plx_edge_kind kind);
bool plx_edge_kind_parse(plx_slice name, plx_edge_kind *out);

/* A further column of edges, PLX_F64, PLX_I32 or PLX_STR, and a row's value in it. */
typedef struct plx_edge_column {
    const char *name, *unit;
    plx_dtype dtype;
} plx_edge_column;
typedef struct plx_edge_value {
    double number; /* NaN: not known */
    plx_slice text;
} plx_edge_value;

typedef struct plx_connectome_opts {
    plx_mode mode;
    plx_name_rules compat_names; /* how upstream's loader reads names; strict mode has its own rules */
    bool refuses_unknown;        /* strict mode: a name of no neuron and no other known cell is an error */
    bool gap_both;               /* the source lists each gap junction in both directions */
    plx_region region;
    const struct plx_cell_alias *aliases; /* sorted by name; outlive the builder */
    size_t n_aliases;
    const char
        *unobserved; /* labels with blanks between: strict mode takes no row of them, and they are not observable */
    const char *weight_unit;        /* "synapses" */
    unsigned kinds;                 /* bits of plx_edge_kind the record has; 0: chemical and gap */
    const plx_edge_column *columns; /* outlive the builder */
    size_t n_columns;
    bool pairings; /* also the table `pairings`: the texts of each row */
} plx_connectome_opts;

typedef struct plx_connectome_builder plx_connectome_builder;

/* `sink` has been begun; changes go there at once, tables at the end. owner: caller, plx_connectome_builder_free. */
bool plx_connectome_builder_new(const plx_ctx *ctx, plx_sink *sink, const plx_connectome_opts *opts,
                                plx_connectome_builder **out, plx_err *err);
void plx_connectome_builder_free(plx_connectome_builder *builder);

/* Class, type, transmitter, position and observability come from a neuron_atlas record. Regions head and tail need one.
 */
bool plx_connectome_use_atlas(plx_connectome_builder *builder, const plx_record_view *atlas, plx_err *err);

/* Why a text cannot be a cell's label (empty, longer than 64 bytes, control characters), or NULL. Pure. */
const char *plx_cell_label_problem(plx_slice label);

/* A cell the source lists, with or without edges. */
bool plx_connectome_cell(plx_connectome_builder *builder, plx_slice label, const char *file, uint64_t line,
                         plx_err *err);
/* Different cells seen so far. */
size_t plx_connectome_n_cells(const plx_connectome_builder *builder);

/* A cell's row of nodes, once the tables are out; false for one that is not there. */
bool plx_connectome_node(const plx_connectome_builder *builder, plx_slice label, uint32_t *out);

/* One row. `weight` is finite, negative only for a response; a zero is dropped with a change. `file` outlives the
 * builder. */
typedef struct plx_connectome_row {
    plx_slice pre, post;
    plx_edge_kind kind;
    double weight;
    const char *file;
    uint64_t line;
    const plx_edge_value *values; /* opts.n_columns of them, or NULL */
} plx_connectome_row;
bool plx_connectome_add(plx_connectome_builder *builder, const plx_connectome_row *row, plx_err *err);
/* Tell that a row is not taken; its cells are known all the same. */
bool plx_connectome_drop(plx_connectome_builder *builder, const plx_connectome_row *row, const char *rule,
                         const char *reason, plx_err *err);

/* Merge, sort and hand tables and attributes to the sink; committing is the caller's. errors: SCHEMA when no edge is
 * left. */
bool plx_connectome_emit(plx_connectome_builder *builder, plx_err *err);

#endif
