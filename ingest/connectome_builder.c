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
#include "core/hash.h"
#include "core/num.h"
#include "ingest/connectome_merge.h"
#include "schemas/neurons.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_LABEL = 64, SUBJECT_TEXT = 2 * LONGEST_LABEL + 16 };

typedef struct cell {
    plx_slice label;
    int slot;
    const char *category;
    bool blanks_told; /* a change already says that blanks around this label were dropped */
    uint32_t node;    /* row in the nodes table, once sorted */
} cell;

/* A spelling seen in the source and the cell it means. */
typedef struct spelling {
    plx_slice text;
    uint32_t cell;
} spelling;

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
    uint32_t slot_cell[PLX_N_NEURONS]; /* cell + 1 */
    cell *cells;
    size_t n_cells, cap_cells;
    spelling *spellings; /* open-addressed by text; free where text.ptr is NULL */
    size_t n_spellings, cap_spellings;
    plx_merge_row *rows;
    size_t n_rows, cap_rows;
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

const char *plx_edge_kind_name(plx_edge_kind kind)
{
    return kind == PLX_EDGE_GAP ? "gap" : "chemical";
}

const char *plx_cell_label_problem(plx_slice label)
{
    plx_slice text = plx_slice_trim(label);
    if (text.len == 0) {
        return "is empty";
    }
    if (text.len > LONGEST_LABEL) {
        return "is longer than 64 bytes";
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return "holds a control character";
        }
    }
    return NULL;
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
    b->arena = plx_arena_new((size_t)ctx->limits.memory_bytes);
    if (!b->arena) {
        plx_free(b);
        return plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        b->atlas[i] = (atlas_neuron){"", "", "", (double)NAN, (double)NAN, (double)NAN, false, false};
    }
    *out = b;
    return true;
}

void plx_connectome_builder_free(plx_connectome_builder *b)
{
    if (!b) {
        return;
    }
    plx_free(b->cells);
    plx_free(b->spellings);
    plx_free(b->rows);
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

/* Slot in the spelling table where `text` is or belongs. */
static size_t spelling_at(const plx_connectome_builder *b, plx_slice text)
{
    size_t at = (size_t)plx_hash64(text.ptr, text.len, 0) & (b->cap_spellings - 1);
    while (b->spellings[at].text.ptr && !plx_slice_eq(b->spellings[at].text, text)) {
        at = (at + 1) & (b->cap_spellings - 1);
    }
    return at;
}

static bool spelling_room(plx_connectome_builder *b, plx_err *err)
{
    if (b->n_spellings * 2 < b->cap_spellings) {
        return true;
    }
    size_t old_cap = b->cap_spellings;
    size_t cap = old_cap ? old_cap * 2 : 1024;
    spelling *fresh = plx_alloc_zero(cap, sizeof *fresh);
    if (!fresh) {
        return plx_fail_nomem(err, cap * sizeof *fresh);
    }
    spelling *old = b->spellings;
    b->spellings = fresh;
    b->cap_spellings = cap;
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].text.ptr) {
            b->spellings[spelling_at(b, old[i].text)] = old[i];
        }
    }
    plx_free(old);
    return true;
}

static bool spelling_add(plx_connectome_builder *b, plx_slice text, uint32_t id, plx_err *err)
{
    if (!spelling_room(b, err)) {
        return false;
    }
    size_t at = spelling_at(b, text);
    if (b->spellings[at].text.ptr) {
        return true;
    }
    const char *kept = keep(b, text);
    if (!kept) {
        return plx_fail_nomem(err, text.len);
    }
    b->spellings[at] = (spelling){{kept, text.len}, id};
    b->n_spellings++;
    return true;
}

static bool tell(plx_connectome_builder *b, const plx_change *change, plx_err *err)
{
    return b->sink->change(b->sink, change, err);
}

/* Say once per distinct name (blanks aside) what was made of it. */
static bool tell_name(plx_connectome_builder *b, plx_slice raw, const plx_neuron_name *name, bool new_text, bool merged,
                      const char *file, uint64_t line, plx_err *err)
{
    char before[LONGEST_LABEL * 4 + 1];
    snprintf(before, sizeof before, "%.*s", (int)raw.len, raw.ptr);
    char text[LONGEST_LABEL + 1];
    snprintf(text, sizeof text, "%.*s", (int)name->text.len, name->text.ptr);
    plx_change change = {.action = "rename",
                         .rule = name->rule,
                         .subject = text,
                         .before = before,
                         .reason = name->reason,
                         .file = file,
                         .line = line};
    change.after = name->slot >= 0 ? plx_neurons[name->slot] : text;
    if (new_text && name->slot < 0 && (strcmp(name->rule, "unknown") == 0 || strcmp(name->rule, "annotated") == 0)) {
        change.action = "keep";
        return tell(b, &change, err);
    }
    if (new_text && merged) {
        change.action = "merge";
        return tell(b, &change, err);
    }
    if (new_text && name->slot >= 0 && name->changed) {
        return tell(b, &change, err);
    }
    if (raw.len != name->text.len) {
        change.rule = "trim";
        change.reason = "blanks around the name were dropped";
        change.after = text;
        return tell(b, &change, err);
    }
    return true;
}

static bool new_cell(plx_connectome_builder *b, const plx_neuron_name *name, uint32_t *out, plx_err *err)
{
    if (!plx_grow(&b->cells, &b->cap_cells, b->n_cells + 1, sizeof *b->cells)) {
        return plx_fail_nomem(err, (b->n_cells + 1) * sizeof *b->cells);
    }
    const char *label = keep(b, name->text);
    if (!label) {
        return plx_fail_nomem(err, name->text.len);
    }
    *out = (uint32_t)b->n_cells;
    b->cells[b->n_cells++] = (cell){.label = {label, name->text.len}, .slot = name->slot, .category = name->category};
    if (name->slot >= 0) {
        b->slot_cell[name->slot] = *out + 1;
    }
    return true;
}

static bool find_cell(plx_connectome_builder *b, plx_slice raw, const char *file, uint64_t line, uint32_t *out,
                      plx_err *err)
{
    if (b->cap_spellings) {
        size_t at = spelling_at(b, raw);
        if (b->spellings[at].text.ptr) {
            *out = b->spellings[at].cell;
            return true;
        }
    }
    if (raw.len > LONGEST_LABEL * 4) {
        return plx_fail(err, PLX_E_LIMIT, "a cell name is %zu bytes long with its blanks; at most %d are read", raw.len,
                        LONGEST_LABEL * 4);
    }
    plx_neuron_name name =
        plx_neuron_name_of(raw, b->opts.mode == PLX_STRICT ? PLX_NAMES_STRICT : b->opts.compat_names);
    bool new_text = true;
    bool merged = false;
    uint32_t id = 0;
    size_t at = b->cap_spellings ? spelling_at(b, name.text) : 0;
    if (b->cap_spellings && b->spellings[at].text.ptr) {
        id = b->spellings[at].cell;
        new_text = false;
    } else if (name.slot >= 0 && b->slot_cell[name.slot]) {
        id = b->slot_cell[name.slot] - 1;
        merged = true;
    } else if (!new_cell(b, &name, &id, err)) {
        return false;
    }
    /* Compat drops what it does not know row by row, so only canonical names are worth a word here. */
    bool silent = (b->opts.mode == PLX_COMPAT && name.slot < 0) || (!new_text && b->cells[id].blanks_told);
    if (!silent && !tell_name(b, raw, &name, new_text, merged, file, line, err)) {
        return false;
    }
    b->cells[id].blanks_told |= raw.len != name.text.len;
    *out = id;
    return spelling_add(b, name.text, id, err) && spelling_add(b, raw, id, err);
}

bool plx_connectome_cell(plx_connectome_builder *b, plx_slice label, const char *file, uint64_t line, plx_err *err)
{
    uint32_t id;
    return find_cell(b, label, file, line, &id, err);
}

size_t plx_connectome_n_cells(const plx_connectome_builder *b)
{
    return b->n_cells;
}

static void edge_subject(const plx_connectome_builder *b, uint32_t pre, uint32_t post, plx_edge_kind kind,
                         char out[SUBJECT_TEXT])
{
    const plx_slice from = b->cells[pre].label;
    const plx_slice to = b->cells[post].label;
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
    return tell(b,
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

bool plx_connectome_add(plx_connectome_builder *b, const plx_connectome_row *row, plx_err *err)
{
    if (!isfinite(row->weight) || row->weight < 0) {
        return plx_fail(err, PLX_E_BUG, "a weight of %g reached the connectome builder", row->weight);
    }
    uint32_t pre;
    uint32_t post;
    if (!find_cell(b, row->pre, row->file, row->line, &pre, err) ||
        !find_cell(b, row->post, row->file, row->line, &post, err)) {
        return false;
    }
    b->rows_read++;
    if (b->opts.mode == PLX_COMPAT && (b->cells[pre].slot < 0 || b->cells[post].slot < 0)) {
        return tell_drop(b, pre, post, row, "outside-300",
                         "upstream keeps only rows between two of the 300 canonical neurons", err);
    }
    if (!(row->weight > 0)) {
        return tell_drop(b, pre, post, row, "zero-weight", "a weight of 0 is no connection", err);
    }
    if (b->n_rows >= UINT32_MAX || b->n_cells >= UINT32_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "a connectome has at most %u rows", UINT32_MAX);
    }
    if (!plx_grow(&b->rows, &b->cap_rows, b->n_rows + 1, sizeof *b->rows)) {
        return plx_fail_nomem(err, (b->n_rows + 1) * sizeof *b->rows);
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
    const cell *a = *(const cell *const *)left;
    const cell *b = *(const cell *const *)right;
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

static void fill_node(const plx_connectome_builder *b, node_columns *c, size_t row, const cell *cell_or_null, int slot)
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
    c->observable[row] = cell_or_null || in_region(b, slot);
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

static bool nodes_table(plx_connectome_builder *b, cell **order, plx_table *table, plx_err *err)
{
    bool all = b->opts.region != PLX_REGION_NAMED || b->opts.mode == PLX_COMPAT;
    size_t n_other = 0;
    size_t n_canonical = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        if (b->cells[i].slot >= 0) {
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
        cell *named = b->slot_cell[slot] ? &b->cells[b->slot_cell[slot] - 1] : NULL;
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

static bool edges_table(plx_connectome_builder *b, plx_table *table, plx_err *err)
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
        kind[i] = (uint8_t)edges[i].kind;
        pre[i] = edges[i].pre;
        post[i] = edges[i].post;
        weight[i] = edges[i].weight;
        n_rows[i] = edges[i].n_rows;
    }
    plx_free(edges);
    return ok;
}

static bool emit_attributes(plx_connectome_builder *b, plx_err *err)
{
    plx_value *kinds = plx_v_arr(b->arena);
    if (!kinds || !plx_v_push(b->arena, kinds, plx_v_str(b->arena, plx_edge_kind_name(PLX_EDGE_CHEMICAL))) ||
        !plx_v_push(b->arena, kinds, plx_v_str(b->arena, plx_edge_kind_name(PLX_EDGE_GAP)))) {
        return plx_fail_nomem(err, 0);
    }
    plx_value *read = plx_v_u64(b->arena, b->rows_read);
    if (!read) {
        return plx_fail_nomem(err, 0);
    }
    plx_sink *sink = b->sink;
    return sink->attribute(sink, "edge_kinds", kinds, err) &&
           plx_sink_text(sink, "weight_unit", b->opts.weight_unit, err) &&
           plx_sink_text(sink, "region", region_name(b->opts.region), err) &&
           plx_sink_text(sink, "gap_rows", b->opts.gap_both ? "both" : "once", err) &&
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
    cell **order = plx_alloc_zero(b->n_cells, sizeof *order);
    if (!order) {
        return plx_fail_nomem(err, b->n_cells * sizeof *order);
    }
    for (size_t i = 0; i < b->n_cells; i++) {
        order[i] = &b->cells[i];
    }
    qsort(order, b->n_cells, sizeof *order, by_slot_then_label);
    plx_table nodes = {0};
    plx_table edges = {0};
    bool ok = plx_ctx_go_on(b->ctx, err) && nodes_table(b, order, &nodes, err);
    for (size_t i = 0; ok && i < b->n_rows; i++) {
        b->rows[i].pre_label = b->cells[b->rows[i].pre].label;
        b->rows[i].post_label = b->cells[b->rows[i].post].label;
        b->rows[i].pre = b->cells[b->rows[i].pre].node;
        b->rows[i].post = b->cells[b->rows[i].post].node;
    }
    ok = ok && edges_table(b, &edges, err) && b->sink->table(b->sink, "nodes", &nodes, err) &&
         b->sink->table(b->sink, "edges", &edges, err) && emit_attributes(b, err);
    plx_table_free(&nodes);
    plx_table_free(&edges);
    plx_free(order);
    return ok;
}
