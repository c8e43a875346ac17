/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows -> connectome record: the cells and the rows. Merging them into edges is connectome_merge.c.
 *
 * source: compat rules are those of qsimeon/worm-data-preprocess@953f66a7ff7e ConnectomeBasePreprocessor: rows touching
 * a name outside the 300 are dropped, zero weights skipped, the first of repeated chemical rows kept (D16), gap weights
 * averaged.
 */
#include "ingest/connectome_builder.h"

#include "core/alloc.h"
#include "core/arena.h"
#include "core/num.h"
#include "ingest/connectome_cells.h"
#include "ingest/connectome_extras.h"
#include "ingest/connectome_merge.h"
#include "schemas/neurons.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUBJECT_TEXT = 2 * PLX_CELL_LABEL + 16 };

typedef struct atlas_neuron {
    const char *class_name, *type, *transmitter;
    double x_um, y_um, z_um;
    bool in_head, in_tail;
} atlas_neuron;

struct plx_connectome_builder {
    const plx_ctx *ctx;
    plx_sink *sink;
    plx_connectome_opts opts;
    plx_arena *arena;
    bool has_atlas;
    atlas_neuron atlas[PLX_N_NEURONS];
    plx_cells cells;
    plx_merge_row *rows;
    size_t n_rows, cap_rows;
    plx_edge_extras extras;
    uint64_t rows_read;
};

bool plx_region_parse(const char *text, plx_region *out)
{
    static const char *const names[] = {"whole", "head", "tail", "named"};
    for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (plx_region)i;
            return true;
        }
    }
    return false;
}

static const char *region_name(plx_region region)
{
    switch (region) {
    case PLX_REGION_WHOLE:
        return "whole";
    case PLX_REGION_HEAD:
        return "head";
    case PLX_REGION_TAIL:
        return "tail";
    case PLX_REGION_NAMED:
        break;
    }
    return "named";
}

static const char *const kind_names[PLX_N_EDGE_KINDS] = {"chemical", "gap", "functional", "monoamine", "neuropeptide"};

const char *plx_edge_kind_name(plx_edge_kind kind)
{
    return kind_names[kind];
}

bool plx_edge_kind_parse(plx_slice name, plx_edge_kind *out)
{
    for (size_t i = 0; i < PLX_N_EDGE_KINDS; i++) {
        if (plx_slice_is(name, kind_names[i])) {
            *out = (plx_edge_kind)i;
            return true;
        }
    }
    return false;
}

bool plx_connectome_builder_new(const plx_ctx *ctx, plx_sink *sink, const plx_connectome_opts *opts,
                                plx_connectome_builder **out, plx_err *err)
{
    *out = NULL;
    plx_connectome_builder *b = plx_alloc_zero(1, sizeof *b);
    if (!b) {
        return plx_fail_nomem(err, sizeof *b);
    }
    b->ctx = ctx;
    b->sink = sink;
    b->opts = *opts;
    b->opts.kinds = opts->kinds ? opts->kinds : 1U << PLX_EDGE_CHEMICAL | 1U << PLX_EDGE_GAP;
    b->extras = (plx_edge_extras){.columns = opts->columns, .n_columns = opts->n_columns};
    b->arena = plx_arena_new((size_t)ctx->limits.memory_bytes);
    if (!b->arena) {
        plx_free(b);
        return plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        b->atlas[i] = (atlas_neuron){"", "", "", (double)NAN, (double)NAN, (double)NAN, false, false};
    }
    b->cells = (plx_cells){.sink = sink, .arena = b->arena, .drops_unknown = opts->mode == PLX_COMPAT};
    b->cells.refuses_unknown = opts->refuses_unknown && opts->mode == PLX_STRICT;
    b->cells.aliases = opts->aliases;
    b->cells.n_aliases = opts->mode == PLX_COMPAT ? 0 : opts->n_aliases;
    b->cells.rules = opts->mode == PLX_COMPAT ? opts->compat_names : PLX_NAMES_STRICT;
    *out = b;
    return true;
}

void plx_connectome_builder_free(plx_connectome_builder *b)
{
    if (!b) {
        return;
    }
    plx_cells_free(&b->cells);
    plx_free(b->rows);
    plx_edge_extras_free(&b->extras);
    plx_arena_free(b->arena);
    plx_free(b);
}

static const char *keep(plx_connectome_builder *b, plx_slice text)
{
    return plx_arena_strndup(b->arena, text.ptr, text.len);
}

bool plx_connectome_use_atlas(plx_connectome_builder *b, const plx_record_view *atlas, plx_err *err)
{
    const plx_table *table = NULL;
    if (!atlas->table(atlas, "neurons", &table, err)) {
        return false;
    }
    if (!table) {
        return plx_fail(err, PLX_E_SCHEMA, "the data set to take neuron facts from is no neuron atlas");
    }
    static const struct {
        const char *name;
        plx_dtype dtype;
    } want[] = {{"slot", PLX_I32}, {"class", PLX_STR}, {"type", PLX_STR},   {"transmitter", PLX_STR}, {"x_um", PLX_F64},
                {"y_um", PLX_F64}, {"z_um", PLX_F64},  {"in_head", PLX_U8}, {"in_tail", PLX_U8}};
    const plx_column *columns[sizeof want / sizeof *want];
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        if (!plx_table_need(table, want[i].name, want[i].dtype, &columns[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        double slot = plx_column_f64(columns[0], i);
        if (slot < 0 || slot >= PLX_N_NEURONS) {
            return plx_fail(err, PLX_E_SCHEMA, "the atlas has slot %g in row %zu", slot, i);
        }
        atlas_neuron *n = &b->atlas[(size_t)slot];
        n->class_name = keep(b, plx_column_str(columns[1], i));
        n->type = keep(b, plx_column_str(columns[2], i));
        n->transmitter = keep(b, plx_column_str(columns[3], i));
        if (!n->class_name || !n->type || !n->transmitter) {
            return plx_fail_nomem(err, 0);
        }
        n->x_um = plx_column_f64(columns[4], i);
        n->y_um = plx_column_f64(columns[5], i);
        n->z_um = plx_column_f64(columns[6], i);
        n->in_head = plx_column_f64(columns[7], i) > 0;
        n->in_tail = plx_column_f64(columns[8], i) > 0;
    }
    b->has_atlas = true;
    return true;
}

bool plx_connectome_cell(plx_connectome_builder *b, plx_slice label, const char *file, uint64_t line, plx_err *err)
{
    uint32_t id;
    return plx_cells_find(&b->cells, label, file, line, &id, err);
}

size_t plx_connectome_n_cells(const plx_connectome_builder *b)
{
    return b->cells.n;
}

bool plx_connectome_node(const plx_connectome_builder *b, plx_slice label, uint32_t *out)
{
    const plx_worm_cell *cell = plx_cells_known(&b->cells, label);
    bool there = cell && (cell->slot >= 0 || b->opts.mode == PLX_STRICT);
    *out = there ? cell->node : 0;
    return there;
}

/* Is this one of the cells of which the source says nothing that holds? */
static bool is_unobserved(const plx_connectome_builder *b, plx_slice label)
{
    const char *p = b->opts.mode == PLX_STRICT && b->opts.unobserved ? b->opts.unobserved : "";
    for (p += strspn(p, " "); *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        if (plx_slice_eq(label, (plx_slice){p, len})) {
            return true;
        }
        p += len;
    }
    return false;
}

static void edge_subject(const plx_connectome_builder *b, uint32_t pre, uint32_t post, plx_edge_kind kind,
                         char out[SUBJECT_TEXT])
{
    const plx_slice from = b->cells.items[pre].label;
    const plx_slice to = b->cells.items[post].label;
    snprintf(out, SUBJECT_TEXT, "%.*s->%.*s %s", (int)from.len, from.ptr, (int)to.len, to.ptr,
             plx_edge_kind_name(kind));
}

static bool tell_drop(plx_connectome_builder *b, uint32_t pre, uint32_t post, const plx_connectome_row *row,
                      const char *rule, const char *reason, plx_err *err)
{
    char subject[SUBJECT_TEXT];
    char before[PLX_NUM_TEXT];
    edge_subject(b, pre, post, row->kind, subject);
    size_t len = plx_print_f64(row->weight, before);
    if (len > 2 && strcmp(before + len - 2, ".0") == 0) {
        before[len - 2] = '\0';
    }
    return b->sink->change(b->sink,
                           &(plx_change){.action = "drop",
                                         .rule = rule,
                                         .subject = subject,
                                         .before = before,
                                         .after = "",
                                         .reason = reason,
                                         .file = row->file,
                                         .line = row->line},
                           err);
}

static bool find_ends(plx_connectome_builder *b, const plx_connectome_row *row, uint32_t *pre, uint32_t *post,
                      plx_err *err)
{
    b->rows_read++;
    return plx_cells_find(&b->cells, row->pre, row->file, row->line, pre, err) &&
           plx_cells_find(&b->cells, row->post, row->file, row->line, post, err);
}

bool plx_connectome_drop(plx_connectome_builder *b, const plx_connectome_row *row, const char *rule, const char *reason,
                         plx_err *err)
{
    uint32_t pre;
    uint32_t post;
    return find_ends(b, row, &pre, &post, err) && tell_drop(b, pre, post, row, rule, reason, err);
}

/* Would both ends be neurons if zeros before the number were not in the way? */
static bool lost_by_padding(const plx_connectome_builder *b, uint32_t pre, uint32_t post)
{
    const uint32_t ends[] = {pre, post};
    for (size_t i = 0; i < 2; i++) {
        const plx_worm_cell *cell = &b->cells.items[ends[i]];
        plx_neuron_name strict = plx_neuron_name_of(cell->label, PLX_NAMES_STRICT);
        if (cell->slot < 0 && (strict.slot < 0 || !strstr(strict.rule, "pad-zero"))) {
            return false;
        }
    }
    return true;
}

static bool tell_outside(plx_connectome_builder *b, uint32_t pre, uint32_t post, const plx_connectome_row *row,
                         plx_err *err)
{
    if (lost_by_padding(b, pre, post)) {
        return tell_drop(b, pre, post, row, "D2",
                         "upstream's loader does not recognise a neuron whose name is padded with zeros", err);
    }
    return tell_drop(b, pre, post, row, "outside-300",
                     "upstream keeps only rows between two of the 300 canonical neurons", err);
}

bool plx_connectome_add(plx_connectome_builder *b, const plx_connectome_row *row, plx_err *err)
{
    bool response = row->kind == PLX_EDGE_FUNCTIONAL;
    if (!isfinite(row->weight) || (row->weight < 0 && !response) || !(b->opts.kinds & 1U << row->kind)) {
        return plx_fail(err, PLX_E_BUG, "a weight of %g, %s, reached the connectome builder", row->weight,
                        plx_edge_kind_name(row->kind));
    }
    uint32_t pre;
    uint32_t post;
    if (!find_ends(b, row, &pre, &post, err)) {
        return false;
    }
    if (b->opts.mode == PLX_COMPAT && (b->cells.items[pre].slot < 0 || b->cells.items[post].slot < 0)) {
        return tell_outside(b, pre, post, row, err);
    }
    if (is_unobserved(b, b->cells.items[pre].label) || is_unobserved(b, b->cells.items[post].label)) {
        return tell_drop(b, pre, post, row, "not-observed",
                         "the manifest says that what the source holds of this cell is not that cell's", err);
    }
    if (!(row->weight > 0 || row->weight < 0)) {
        return tell_drop(b, pre, post, row, "zero-weight", "a weight of 0 is no connection", err);
    }
    uint64_t budget = b->ctx->limits.memory_bytes ? b->ctx->limits.memory_bytes : plx_limits_default().memory_bytes;
    if ((b->n_rows + 1) * (uint64_t)sizeof *b->rows > budget) {
        plx_fail(err, PLX_E_LIMIT, "the rows of this connectome do not fit the memory budget");
        return plx_err_why(err, "%zu rows were read, %llu bytes are allowed", b->n_rows, (unsigned long long)budget);
    }
    if (b->n_rows >= UINT32_MAX || b->cells.n >= UINT32_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "a connectome has at most %u rows", UINT32_MAX);
    }
    if (!plx_grow(&b->rows, &b->cap_rows, b->n_rows + 1, sizeof *b->rows)) {
        return plx_fail_nomem(err, (b->n_rows + 1) * sizeof *b->rows);
    }
    if (!plx_edge_extras_add(&b->extras, b->arena, row->values, err)) {
        return false;
    }
    b->rows[b->n_rows] = (plx_merge_row){.pre = pre,
                                         .post = post,
                                         .kind = row->kind,
                                         .weight = row->weight,
                                         .order = (uint32_t)b->n_rows,
                                         .file = row->file,
                                         .line = row->line};
    b->n_rows++;
    return true;
}

/* Canonical neurons by slot, then the other cells by label. */
static int by_slot_then_label(const void *left, const void *right)
{
    const plx_worm_cell *a = *(const plx_worm_cell *const *)left;
    const plx_worm_cell *b = *(const plx_worm_cell *const *)right;
    if ((a->slot >= 0) != (b->slot >= 0)) {
        return a->slot >= 0 ? -1 : 1;
    }
    if (a->slot >= 0) {
        return a->slot < b->slot ? -1 : a->slot > b->slot;
    }
    return plx_slice_cmp(a->label, b->label);
}

typedef struct node_columns {
    plx_strcol label, name, category, class_name, type, transmitter;
    int32_t *slot;
    double *x_um, *y_um, *z_um;
    uint8_t *observable, *in_source;
} node_columns;

static bool in_region(const plx_connectome_builder *b, int slot)
{
    switch (b->opts.region) {
    case PLX_REGION_HEAD:
        return b->atlas[slot].in_head;
    case PLX_REGION_TAIL:
        return b->atlas[slot].in_tail;
    case PLX_REGION_WHOLE:
        return true;
    case PLX_REGION_NAMED:
        break;
    }
    return false;
}

static void fill_node(const plx_connectome_builder *b, node_columns *c, size_t row, const plx_worm_cell *cell_or_null,
                      int slot)
{
    static const atlas_neuron nothing = {"", "", "", 0, 0, 0, false, false};
    const atlas_neuron *facts = slot >= 0 ? &b->atlas[slot] : &nothing;
    const char *name = slot >= 0 ? plx_neurons[slot] : "";
    plx_strcol_add(&c->label, cell_or_null ? cell_or_null->label : plx_slice_of(name));
    plx_strcol_add(&c->name, plx_slice_of(name));
    plx_strcol_add(&c->category, plx_slice_of(cell_or_null ? cell_or_null->category : "neuron"));
    plx_strcol_add(&c->class_name, plx_slice_of(facts->class_name));
    plx_strcol_add(&c->type, plx_slice_of(facts->type));
    plx_strcol_add(&c->transmitter, plx_slice_of(facts->transmitter));
    c->slot[row] = slot;
    c->x_um[row] = slot >= 0 ? facts->x_um : (double)NAN;
    c->y_um[row] = slot >= 0 ? facts->y_um : (double)NAN;
    c->z_um[row] = slot >= 0 ? facts->z_um : (double)NAN;
    c->in_source[row] = cell_or_null != NULL;
    c->observable[row] =
        (cell_or_null || in_region(b, slot)) && !(cell_or_null && is_unobserved(b, cell_or_null->label));
}

static bool add_values(plx_table *table, const char *name, const char *unit, plx_dtype dtype, size_t n, void *out_ptr,
                       plx_err *err)
{
    plx_column *column = NULL;
    if (!plx_table_add(table, name, unit, dtype, n, &column, err)) {
        return false;
    }
    memcpy(out_ptr, &column->values.ptr, sizeof(void *));
    return true;
}

static bool nodes_table(plx_connectome_builder *b, plx_worm_cell **order, plx_table *table, plx_err *err)
{
    bool all = b->opts.region != PLX_REGION_NAMED || b->opts.mode == PLX_COMPAT;
    size_t n_other = 0;
    size_t n_canonical = 0;
    for (size_t i = 0; i < b->cells.n; i++) {
        if (b->cells.items[i].slot >= 0) {
            n_canonical++;
        } else if (b->opts.mode == PLX_STRICT) {
            n_other++;
        }
    }
    size_t first_other = n_canonical;
    n_canonical = all ? PLX_N_NEURONS : n_canonical;
    size_t n = n_canonical + n_other;
    node_columns c = {0};
    bool ok = add_values(table, "slot", "", PLX_I32, n, &c.slot, err) &&
              add_values(table, "x_um", "um", PLX_F64, n, &c.x_um, err) &&
              add_values(table, "y_um", "um", PLX_F64, n, &c.y_um, err) &&
              add_values(table, "z_um", "um", PLX_F64, n, &c.z_um, err) &&
              add_values(table, "observable", "", PLX_U8, n, &c.observable, err) &&
              add_values(table, "in_source", "", PLX_U8, n, &c.in_source, err);
    if (!ok) {
        return false;
    }
    size_t row = 0;
    for (size_t i = 0; i < (all ? PLX_N_NEURONS : first_other); i++, row++) {
        int slot = all ? (int)i : order[i]->slot;
        plx_worm_cell *named = b->cells.of_slot[slot] ? &b->cells.items[b->cells.of_slot[slot] - 1] : NULL;
        fill_node(b, &c, row, named, slot);
        if (named) {
            named->node = (uint32_t)row;
        }
    }
    for (size_t i = 0; i < n_other; i++, row++) {
        order[first_other + i]->node = (uint32_t)row;
        fill_node(b, &c, row, order[first_other + i], -1);
    }
    ok = plx_strcol_finish(&c.label, table, "label", err) && plx_strcol_finish(&c.name, table, "name", err) &&
         plx_strcol_finish(&c.category, table, "category", err) &&
         plx_strcol_finish(&c.class_name, table, "class", err) && plx_strcol_finish(&c.type, table, "type", err) &&
         plx_strcol_finish(&c.transmitter, table, "transmitter", err);
    plx_strcol_free(&c.label);
    plx_strcol_free(&c.name);
    plx_strcol_free(&c.category);
    plx_strcol_free(&c.class_name);
    plx_strcol_free(&c.type);
    plx_strcol_free(&c.transmitter);
    return ok;
}

/* Place of a kind among those the record has. */
static uint8_t kind_code(const plx_connectome_builder *b, plx_edge_kind kind)
{
    unsigned before = b->opts.kinds & ((1U << kind) - 1);
    return (uint8_t)__builtin_popcount(before);
}

static bool edges_table(plx_connectome_builder *b, plx_table *table, plx_table *pairings, plx_err *err)
{
    plx_merge_edge *edges = NULL;
    size_t n = 0;
    const plx_merge_opts opts = {.mode = b->opts.mode, .gap_both = b->opts.gap_both};
    if (!plx_merge_rows(b->rows, b->n_rows, &opts, b->sink, &edges, &n, err)) {
        return false;
    }
    uint8_t *kind = NULL;
    uint32_t *pre = NULL;
    uint32_t *post = NULL;
    uint32_t *n_rows = NULL;
    double *weight = NULL;
    bool ok = add_values(table, "kind", "", PLX_U8, n, &kind, err) &&
              add_values(table, "pre", "", PLX_U32, n, &pre, err) &&
              add_values(table, "post", "", PLX_U32, n, &post, err) &&
              add_values(table, "weight", b->opts.weight_unit, PLX_F64, n, &weight, err) &&
              add_values(table, "n_rows", "", PLX_U32, n, &n_rows, err);
    for (size_t i = 0; ok && i < n; i++) {
        kind[i] = kind_code(b, edges[i].kind);
        pre[i] = edges[i].pre;
        post[i] = edges[i].post;
        weight[i] = edges[i].weight;
        n_rows[i] = edges[i].n_rows;
    }
    ok = ok && plx_edge_extras_emit(&b->extras, b->rows, edges, n, table, err) &&
         (!b->opts.pairings || plx_edge_extras_pairings(&b->extras, b->rows, edges, n, pairings, err));
    plx_free(edges);
    return ok;
}

static bool emit_attributes(plx_connectome_builder *b, plx_err *err)
{
    plx_value *kinds = plx_v_arr(b->arena);
    plx_value *read = plx_v_u64(b->arena, b->rows_read);
    bool made = kinds && read;
    for (unsigned kind = 0; made && kind < PLX_N_EDGE_KINDS; kind++) {
        made = !(b->opts.kinds & 1U << kind) || plx_v_push(b->arena, kinds, plx_v_str(b->arena, kind_names[kind]));
    }
    if (!made) {
        return plx_fail_nomem(err, 0);
    }
    plx_sink *sink = b->sink;
    bool gap = b->opts.kinds & 1U << PLX_EDGE_GAP;
    return sink->attribute(sink, "edge_kinds", kinds, err) &&
           plx_sink_text(sink, "weight_unit", b->opts.weight_unit, err) &&
           plx_sink_text(sink, "region", region_name(b->opts.region), err) &&
           (!gap || plx_sink_text(sink, "gap_rows", b->opts.gap_both ? "both" : "once", err)) &&
           sink->attribute(sink, "source_rows", read, err);
}

bool plx_connectome_emit(plx_connectome_builder *b, plx_err *err)
{
    if (!b->has_atlas && (b->opts.region == PLX_REGION_HEAD || b->opts.region == PLX_REGION_TAIL)) {
        return plx_fail(err, PLX_E_SCHEMA, "the region \"%s\" needs an atlas that says which neurons it holds",
                        region_name(b->opts.region));
    }
    if (b->n_rows == 0) {
        plx_fail(err, PLX_E_SCHEMA, "no connection is left of %llu rows", (unsigned long long)b->rows_read);
        return plx_err_why(err, "every row was dropped, or the files hold none");
    }
    plx_worm_cell **order = plx_alloc_zero(b->cells.n, sizeof *order);
    if (!order) {
        return plx_fail_nomem(err, b->cells.n * sizeof *order);
    }
    for (size_t i = 0; i < b->cells.n; i++) {
        order[i] = &b->cells.items[i];
    }
    qsort(order, b->cells.n, sizeof *order, by_slot_then_label);
    plx_table nodes = {0};
    plx_table edges = {0};
    plx_table pairings = {0};
    bool ok = plx_ctx_go_on(b->ctx, err) && nodes_table(b, order, &nodes, err);
    for (size_t i = 0; ok && i < b->n_rows; i++) {
        b->rows[i].pre_label = b->cells.items[b->rows[i].pre].label;
        b->rows[i].post_label = b->cells.items[b->rows[i].post].label;
        b->rows[i].pre = b->cells.items[b->rows[i].pre].node;
        b->rows[i].post = b->cells.items[b->rows[i].post].node;
    }
    ok = ok && edges_table(b, &edges, &pairings, err) && b->sink->table(b->sink, "nodes", &nodes, err) &&
         b->sink->table(b->sink, "edges", &edges, err) &&
         (!b->opts.pairings || b->sink->table(b->sink, "pairings", &pairings, err)) && emit_attributes(b, err);
    plx_table_free(&pairings);
    plx_table_free(&nodes);
    plx_table_free(&edges);
    plx_free(order);
    return ok;
}
