/* SPDX-License-Identifier: Apache-2.0
 *
 * See connectome_graph.h. Edges of a record are sorted by kind, then pre, then post, which makes one edge a binary
 * search away.
 */
#include "ingest/connectome_graph.h"

#include "ingest/connectome_builder.h"
#include "schemas/neurons.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NEAR = 8192, LISTED = 12, LONGEST = 64 };

/* --- opening --- */

static bool find_columns(const plx_record_view *view, plx_graph *g, const plx_column **name, const plx_column **slot,
                         plx_err *err)
{
    const plx_column *pre, *post, *kind, *weight;
    if (!view->table(view, "nodes", &g->nodes, err) || !view->table(view, "edges", &g->edges, err)) {
        return false;
    }
    if (!g->nodes || !g->edges) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "the record is no connectome: it has no cells and edges");
    }
    bool ok =
        plx_table_need(g->nodes, "label", PLX_STR, &g->label, err) &&
        plx_table_need(g->nodes, "class", PLX_STR, &g->class, err) &&
        plx_table_need(g->nodes, "category", PLX_STR, &g->category, err) &&
        plx_table_need(g->nodes, "name", PLX_STR, name, err) && plx_table_need(g->nodes, "slot", PLX_I32, slot, err) &&
        plx_table_need(g->edges, "pre", PLX_U32, &pre, err) && plx_table_need(g->edges, "post", PLX_U32, &post, err) &&
        plx_table_need(g->edges, "kind", PLX_U8, &kind, err) &&
        plx_table_need(g->edges, "weight", PLX_F64, &weight, err);
    if (!ok) {
        return false;
    }
    g->n_cells = g->nodes->n_rows;
    g->n_edges = g->edges->n_rows;
    g->pre = (const void *)pre->values.ptr;
    g->post = (const void *)post->values.ptr;
    g->kind = (const void *)kind->values.ptr;
    g->weight = (const void *)weight->values.ptr;
    return g->n_cells < PLX_NO_CELL && g->n_edges < UINT32_MAX
               ? true
               : plx_fail(err, PLX_E_LIMIT, "the record has more cells or edges than can be asked");
}

static bool read_kinds(const plx_value *meta, plx_arena *arena, plx_graph *g, plx_err *err)
{
    const plx_value *kinds = plx_v_get(meta, "edge_kinds");
    const char *unit = plx_v_get_text(meta, "weight_unit");
    g->weight_unit = unit ? unit : "";
    g->n_kinds = kinds && kinds->kind == PLX_V_ARR ? kinds->u.arr.n : 0;
    const char **names = plx_arena_zero(arena, g->n_kinds + 1, sizeof *names);
    if (!names) {
        return plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < g->n_kinds; i++) {
        names[i] = plx_v_text(kinds->u.arr.items[i]);
        if (!names[i]) {
            return plx_fail(err, PLX_E_SCHEMA, "the record's edge_kinds are not names");
        }
    }
    g->kinds = names;
    return true;
}

static bool check_edges(const plx_ctx *ctx, const plx_graph *g, plx_err *err)
{
    for (size_t i = 0; i < g->n_edges; i++) {
        if (g->pre[i] >= g->n_cells || g->post[i] >= g->n_cells || g->kind[i] >= g->n_kinds) {
            return plx_fail(err, PLX_E_SCHEMA, "edges row %zu joins cells %u and %u of %zu by kind %u of %zu", i,
                            g->pre[i], g->post[i], g->n_cells, g->kind[i], g->n_kinds);
        }
        if ((i & 0xffff) == 0 && !plx_ctx_go_on(ctx, err)) {
            return false;
        }
    }
    return true;
}

/* Edges by one of their ends, in the record's order. */
static bool index_edges(const uint32_t *end, const plx_graph *g, plx_arena *arena, const uint32_t **start,
                        const uint32_t **list, plx_err *err)
{
    uint32_t *s = plx_arena_zero(arena, g->n_cells + 2, sizeof *s);
    uint32_t *l = plx_arena_zero(arena, g->n_edges + 1, sizeof *l);
    if (!s || !l) {
        return plx_fail_nomem(err, g->n_edges * sizeof *l);
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        s[end[i] + 2]++;
    }
    for (size_t i = 2; i < g->n_cells + 2; i++) {
        s[i] += s[i - 1];
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        l[s[end[i] + 1]++] = (uint32_t)i;
    }
    *start = s;
    *list = l;
    return true;
}

static uint32_t row_of_label(const plx_graph *g, plx_slice label)
{
    for (size_t i = 0; i < g->n_cells; i++) {
        if (plx_slice_eq(plx_column_str(g->label, i), label)) {
            return (uint32_t)i;
        }
    }
    return PLX_NO_CELL;
}

typedef struct labelled {
    plx_slice label;
    uint32_t row;
} labelled;

static int by_label(const void *a, const void *b)
{
    return plx_slice_cmp(((const labelled *)a)->label, ((const labelled *)b)->label);
}

/* The column homologue names labels; where it says nothing, canonical neurons know their own. */
static bool find_homologues(plx_graph *g, const plx_column *slot, plx_arena *arena, plx_err *err)
{
    uint32_t row_of_slot[PLX_N_NEURONS];
    const plx_column *named = plx_table_find(g->nodes, "homologue");
    uint32_t *out = plx_arena_zero(arena, g->n_cells + 1, sizeof *out);
    labelled *sorted = named ? plx_arena_zero(arena, g->n_cells + 1, sizeof *sorted) : NULL;
    if (!out || (named && !sorted)) {
        return plx_fail_nomem(err, g->n_cells * sizeof *out);
    }
    memset(row_of_slot, 0xff, sizeof row_of_slot);
    for (size_t i = 0; i < g->n_cells; i++) {
        int32_t s = ((const int32_t *)(const void *)slot->values.ptr)[i];
        out[i] = PLX_NO_CELL;
        if (s >= 0 && s < PLX_N_NEURONS) {
            row_of_slot[s] = (uint32_t)i;
        }
        if (sorted) {
            sorted[i] = (labelled){plx_column_str(g->label, i), (uint32_t)i};
        }
    }
    if (sorted) {
        qsort(sorted, g->n_cells, sizeof *sorted, by_label);
    }
    for (size_t i = 0; i < g->n_cells; i++) {
        int32_t s = ((const int32_t *)(const void *)slot->values.ptr)[i];
        int other = s >= 0 && s < PLX_N_NEURONS ? plx_neuron_homologue(s) : -1;
        out[i] = other >= 0 ? row_of_slot[other] : PLX_NO_CELL;
        labelled key = {named && named->dtype == PLX_STR ? plx_column_str(named, i) : (plx_slice){"", 0}, 0};
        const labelled *hit = key.label.len ? bsearch(&key, sorted, g->n_cells, sizeof key, by_label) : NULL;
        out[i] = hit ? hit->row : out[i];
    }
    g->homologue = out;
    return true;
}

bool plx_graph_open(const plx_ctx *ctx, const plx_record_view *view, plx_arena *arena, plx_graph *out, plx_err *err)
{
    const plx_column *name = NULL, *slot = NULL;
    *out = (plx_graph){0};
    return find_columns(view, out, &name, &slot, err) && read_kinds(view->meta, arena, out, err) &&
           check_edges(ctx, out, err) && index_edges(out->pre, out, arena, &out->out_start, &out->out, err) &&
           index_edges(out->post, out, arena, &out->in_start, &out->in, err) && find_homologues(out, slot, arena, err);
}

/* --- names --- */

/* Up to NEAR distinct texts of a column as C strings, for plx_nearest. */
typedef struct words {
    plx_arena *arena;
    const char **list;
    size_t n;
} words;

static bool add_word(words *w, plx_slice text)
{
    if (text.len == 0 || text.len >= LONGEST || w->n == NEAR) {
        return true;
    }
    if (w->n > 0 && plx_slice_is(text, w->list[w->n - 1])) {
        return true; /* cells of a class tend to stand together */
    }
    w->list[w->n] = plx_arena_strndup(w->arena, text.ptr, text.len);
    return w->list[w->n++] != NULL;
}

/* Not there: what was probably meant, or some that are. */
static bool no_name(const plx_column *column, const char *what, const char *name, plx_err *err)
{
    words w = {.arena = plx_arena_new(0)};
    w.list = w.arena ? plx_arena_zero(w.arena, NEAR, sizeof *w.list) : NULL;
    bool ok = w.list != NULL;
    for (size_t i = 0; ok && i < column->n; i++) {
        ok = add_word(&w, plx_column_str(column, i));
    }
    if (!ok) {
        plx_arena_free(w.arena);
        return plx_fail_nomem(err, 0);
    }
    plx_fail(err, PLX_E_NOTFOUND, "there is no %s named \"%s\" in this connectome", what, name);
    const char *near = plx_nearest(name, w.list, w.n);
    plx_sb list = {0};
    for (size_t i = 0; i < w.n && list.len < PLX_ERR_TEXT / 3; i++) {
        if (near ? plx_edit_distance(name, w.list[i]) <= plx_edit_distance(name, near) : i < LISTED) {
            plx_sb_printf(&list, "%s%s", list.len ? ", " : "", w.list[i]);
        }
    }
    plx_err_why(err, "%s: %s%s", near ? "nearest" : "there are", plx_sb_str(&list),
                near || w.n <= LISTED ? "" : ", ...");
    plx_sb_free(&list);
    plx_arena_free(w.arena);
    return false;
}

/* The row of a name, by its label, its canonical name, or either in other case; PLX_NO_CELL when none fits. */
static uint32_t row_of(const plx_graph *g, const char *name)
{
    plx_slice text = plx_slice_of(name);
    uint32_t row = row_of_label(g, text);
    const plx_column *canonical = plx_table_find(g->nodes, "name");
    plx_neuron_name meant = plx_neuron_name_of(text, PLX_NAMES_STRICT);
    for (size_t i = 0; row == PLX_NO_CELL && meant.slot >= 0 && canonical && i < g->n_cells; i++) {
        row = plx_slice_is(plx_column_str(canonical, i), plx_neurons[meant.slot]) ? (uint32_t)i : row;
    }
    for (size_t i = 0; row == PLX_NO_CELL && i < g->n_cells; i++) {
        plx_slice label = plx_column_str(g->label, i);
        row = label.len == text.len && strncasecmp(label.ptr, name, text.len) == 0 ? (uint32_t)i : row;
    }
    return row;
}

bool plx_graph_find(const plx_graph *g, const char *name, uint32_t *out, plx_err *err)
{
    *out = row_of(g, name);
    return *out != PLX_NO_CELL || no_name(g->label, "cell", name, err);
}

bool plx_graph_class(const plx_graph *g, const char *name, plx_arena *arena, plx_slice *class, uint32_t **cells,
                     size_t *n, plx_err *err)
{
    *class = (plx_slice){NULL, 0};
    for (size_t i = 0; !class->ptr && i < g->n_cells; i++) {
        plx_slice each = plx_column_str(g->class, i);
        *class = each.len == strlen(name) && strncasecmp(each.ptr, name, each.len) == 0 ? each : *class;
    }
    if (!class->ptr) {
        uint32_t row = row_of(g, name);
        if (row == PLX_NO_CELL) {
            return no_name(g->class, "class", name, err);
        }
        *class = plx_column_str(g->class, row);
        if (class->len == 0) {
            return plx_fail(err, PLX_E_NOTFOUND, "%s is of no class", name);
        }
    }
    *cells = plx_arena_zero(arena, g->n_cells, sizeof **cells);
    if (!*cells) {
        return plx_fail_nomem(err, 0);
    }
    *n = 0;
    for (size_t i = 0; i < g->n_cells; i++) {
        if (plx_slice_eq(plx_column_str(g->class, i), *class)) {
            (*cells)[(*n)++] = (uint32_t)i;
        }
    }
    return true;
}

bool plx_graph_kind(const plx_graph *g, const char *name, uint8_t *out, plx_err *err)
{
    plx_sb list = {0};
    for (size_t i = 0; i < g->n_kinds; i++) {
        if (strcmp(g->kinds[i], name) == 0) {
            *out = (uint8_t)i;
            plx_sb_free(&list);
            return true;
        }
        plx_sb_printf(&list, "%s%s", i ? ", " : "", g->kinds[i]);
    }
    plx_fail(err, PLX_E_NOTFOUND, "this connectome has no edges of kind %s", name);
    plx_err_why(err, "its kinds: %s", plx_sb_str(&list));
    plx_sb_free(&list);
    return false;
}

bool plx_graph_is_gap(const plx_graph *g, uint8_t kind)
{
    return strcmp(g->kinds[kind], plx_edge_kind_name(PLX_EDGE_GAP)) == 0;
}

size_t plx_graph_edge(const plx_graph *g, uint8_t kind, uint32_t pre, uint32_t post)
{
    size_t low = 0, high = g->n_edges;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        bool before = g->kind[mid] != kind ? g->kind[mid] < kind
                      : g->pre[mid] != pre ? g->pre[mid] < pre
                                           : g->post[mid] < post;
        low = before ? mid + 1 : low;
        high = before ? high : mid;
    }
    bool hit = low < g->n_edges && g->kind[low] == kind && g->pre[low] == pre && g->post[low] == post;
    return hit ? low : SIZE_MAX;
}
