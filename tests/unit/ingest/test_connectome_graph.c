/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about a graph small enough to answer by hand:
 *
 *   chemical: AVAL -5-> AVBL, AVAR -2-> AVBR, AVAL -1-> AVAR, AVBL -3-> MUSC, AVBR -4-> MUSC, MUSC -6-> AVAL
 *   gap: AVAL -7- AVBR (both ways), AVL -1- AVAL
 */
#include "ingest/connectome_graph.h"

#include "core/alloc.h"
#include "schemas/neurons.h"
#include "support/memory_view.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

enum { AVAL, AVAR, AVBL, AVBR, AVL, MUSC, N_CELLS, CHEMICAL = 0, GAP = 1 };

static const char *const labels[N_CELLS] = {"AVAL", "AVAR", "AVBL", "AVBR", "AVL", "MUSC"};
static const char *const classes[N_CELLS] = {"AVA", "AVA", "AVB", "AVB", "AVL", ""};

typedef struct edge {
    uint8_t kind;
    uint32_t pre, post;
    double weight;
} edge;
static const edge edges[] = {
    {CHEMICAL, AVAL, AVAR, 1}, {CHEMICAL, AVAL, AVBL, 5}, {CHEMICAL, AVAR, AVBR, 2}, {CHEMICAL, AVBL, MUSC, 3},
    {CHEMICAL, AVBR, MUSC, 4}, {CHEMICAL, MUSC, AVAL, 6}, {GAP, AVAL, AVBR, 7},      {GAP, AVAL, AVL, 1},
    {GAP, AVBR, AVAL, 7},      {GAP, AVL, AVAL, 1},
};
enum { N_EDGES = sizeof edges / sizeof *edges };

typedef struct fixture {
    memory_record record;
    plx_arena *arena;
    plx_value *meta;
    plx_record_view view;
} fixture;

static void add_texts(plx_table *table, const char *name, const char *const *texts)
{
    plx_slice slices[N_CELLS];
    plx_err err = {0};
    for (size_t i = 0; i < N_CELLS; i++) {
        slices[i] = plx_slice_of(texts[i]);
    }
    ck_assert_msg(plx_table_add_strings(table, name, slices, N_CELLS, &err), "%s", plx_test_err(&err));
}

static void setup(fixture *f)
{
    static const char *const names[N_CELLS] = {"AVAL", "AVAR", "AVBL", "AVBR", "AVL", ""};
    static const char *const categories[N_CELLS] = {"neuron", "neuron", "neuron", "neuron", "neuron", "muscle"};
    plx_err err = {0};
    *f = (fixture){.record = {.name = {"nodes", "edges"}, .n_tables = 2}, .arena = plx_arena_new(0)};
    plx_table *nodes = &f->record.table[0], *table = &f->record.table[1];
    add_texts(nodes, "label", labels);
    add_texts(nodes, "name", names);
    add_texts(nodes, "class", classes);
    add_texts(nodes, "category", categories);
    plx_column *slot, *pre, *post, *kind, *weight;
    ck_assert(plx_table_add(nodes, "slot", "", PLX_I32, N_CELLS, &slot, &err));
    for (size_t i = 0; i < N_CELLS; i++) {
        ((int32_t *)(void *)slot->values.ptr)[i] = plx_neuron_slot(plx_slice_of(names[i]));
    }
    ck_assert(plx_table_add(table, "pre", "", PLX_U32, N_EDGES, &pre, &err));
    uint32_t *pres = (void *)pre->values.ptr;
    ck_assert(plx_table_add(table, "post", "", PLX_U32, N_EDGES, &post, &err));
    uint32_t *posts = (void *)post->values.ptr;
    ck_assert(plx_table_add(table, "kind", "", PLX_U8, N_EDGES, &kind, &err));
    uint8_t *kinds = kind->values.ptr;
    ck_assert(plx_table_add(table, "weight", "", PLX_F64, N_EDGES, &weight, &err));
    double *weights = (void *)weight->values.ptr;
    for (size_t i = 0; i < N_EDGES; i++) {
        pres[i] = edges[i].pre;
        posts[i] = edges[i].post;
        kinds[i] = edges[i].kind;
        weights[i] = edges[i].weight;
    }
    plx_value *list = plx_v_arr(f->arena);
    f->meta = plx_v_obj(f->arena);
    ck_assert(plx_v_push(f->arena, list, plx_v_str(f->arena, "chemical")) &&
              plx_v_push(f->arena, list, plx_v_str(f->arena, "gap")) &&
              plx_v_set(f->arena, f->meta, "edge_kinds", list) &&
              plx_v_set(f->arena, f->meta, "weight_unit", plx_v_str(f->arena, "synapses")));
    f->view = memory_view(&f->record, f->meta);
}

static void teardown(fixture *f)
{
    memory_record_free(&f->record);
    plx_arena_free(f->arena);
}

static plx_graph open_graph(fixture *f)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_graph g;
    ck_assert_msg(plx_graph_open(&ctx, &f->view, f->arena, &g, &err), "%s", plx_test_err(&err));
    return g;
}

START_TEST(test_open_and_names)
{
    fixture f;
    setup(&f);
    plx_graph g = open_graph(&f);
    plx_err err = {0};
    uint32_t row;
    ck_assert_uint_eq(g.n_cells, N_CELLS);
    ck_assert_uint_eq(g.out_start[AVAL + 1] - g.out_start[AVAL], 4);
    ck_assert_uint_eq(g.in_start[AVAL + 1] - g.in_start[AVAL], 3);
    ck_assert_uint_eq(g.out_start[N_CELLS], N_EDGES);
    ck_assert_uint_eq(g.pre[g.in[g.in_start[AVBR]]], AVAR);
    ck_assert_uint_eq(g.homologue[AVAL], AVAR);
    ck_assert_uint_eq(g.homologue[AVBR], AVBL);
    ck_assert_uint_eq(g.homologue[AVL], PLX_NO_CELL);
    ck_assert_uint_eq(g.homologue[MUSC], PLX_NO_CELL);
    ck_assert_uint_eq(plx_graph_edge(&g, GAP, AVBR, AVAL), 8);
    ck_assert_uint_eq(plx_graph_edge(&g, GAP, AVBL, AVAL), SIZE_MAX);
    ck_assert(plx_graph_is_gap(&g, GAP) && !plx_graph_is_gap(&g, CHEMICAL));
    ck_assert(plx_graph_find(&g, "AVBR", &row, &err) && row == AVBR);
    ck_assert(plx_graph_find(&g, "avbr", &row, &err) && row == AVBR);
    ck_assert(plx_graph_find(&g, "musc", &row, &err) && row == MUSC);
    ck_assert(!plx_graph_find(&g, "AVLB", &row, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.why, "nearest: "));
    ck_assert_ptr_nonnull(strstr(err.why, "AVL"));
    ck_assert(!plx_graph_find(&g, "something", &row, &err));
    ck_assert_str_eq(err.why, "there are: AVAL, AVAR, AVBL, AVBR, AVL, MUSC");
    plx_slice class;
    uint32_t *cells;
    size_t n;
    ck_assert(plx_graph_class(&g, "ava", f.arena, &class, &cells, &n, &err));
    ck_assert(plx_slice_is(class, "AVA") && n == 2 && cells[0] == AVAL && cells[1] == AVAR);
    ck_assert(plx_graph_class(&g, "AVBL", f.arena, &class, &cells, &n, &err));
    ck_assert(plx_slice_is(class, "AVB") && n == 2);
    ck_assert(!plx_graph_class(&g, "MUSC", f.arena, &class, &cells, &n, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    uint8_t kind;
    ck_assert(plx_graph_kind(&g, "gap", &kind, &err) && kind == GAP);
    ck_assert(!plx_graph_kind(&g, "electrical", &kind, &err));
    ck_assert_str_eq(err.why, "its kinds: chemical, gap");
    teardown(&f);
}
END_TEST

static void is_path(const plx_path *path, double weakest, uint32_t n, const uint32_t *cells)
{
    ck_assert_uint_eq(path->n_hops, n - 1);
    ck_assert_double_eq(path->weakest, weakest);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(path->cells[i], cells[i]);
    }
}

START_TEST(test_paths)
{
    fixture f;
    setup(&f);
    plx_graph g = open_graph(&f);
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_paths p;
    uint8_t kind = CHEMICAL;
    ck_assert(plx_graph_paths(&ctx, &g, NULL, AVAL, MUSC, 3, 10, f.arena, &p, &err));
    ck_assert_uint_eq(p.found, 3);
    ck_assert(p.all);
    ck_assert_uint_eq(p.shortest, 2);
    is_path(&p.list[0], 4, 3, (uint32_t[]){AVAL, AVBR, MUSC}); /* over the gap junction */
    is_path(&p.list[1], 3, 3, (uint32_t[]){AVAL, AVBL, MUSC});
    is_path(&p.list[2], 1, 4, (uint32_t[]){AVAL, AVAR, AVBR, MUSC});
    ck_assert(plx_graph_paths(&ctx, &g, NULL, AVAL, MUSC, 3, 1, f.arena, &p, &err));
    ck_assert(p.n == 1 && p.found == 3);
    is_path(&p.list[0], 4, 3, (uint32_t[]){AVAL, AVBR, MUSC});
    ck_assert(plx_graph_paths(&ctx, &g, &kind, AVAL, MUSC, 2, 10, f.arena, &p, &err));
    ck_assert_uint_eq(p.n, 1);
    is_path(&p.list[0], 3, 3, (uint32_t[]){AVAL, AVBL, MUSC});
    ck_assert(plx_graph_paths(&ctx, &g, NULL, AVAL, MUSC, 1, 10, f.arena, &p, &err));
    ck_assert(p.n == 0 && p.found == 0 && p.shortest == 2);
    ck_assert(plx_graph_paths(&ctx, &g, &kind, AVAL, AVL, 9, 10, f.arena, &p, &err));
    ck_assert(p.found == 0 && p.shortest == 0);
    ck_assert(!plx_graph_paths(&ctx, &g, NULL, AVAL, AVAL, 3, 10, f.arena, &p, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_graph_paths(&ctx, &g, NULL, AVAL, MUSC, 17, 10, f.arena, &p, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    volatile sig_atomic_t stop = 1;
    ctx.cancel = &stop;
    ck_assert(!plx_graph_paths(&ctx, &g, NULL, AVAL, MUSC, 3, 10, f.arena, &p, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    teardown(&f);
}
END_TEST

START_TEST(test_symmetry)
{
    fixture f;
    setup(&f);
    plx_graph g = open_graph(&f);
    plx_err err = {0};
    plx_symmetry s;
    plx_asymmetry *worst;
    size_t n;
    /* AVAL-AVBL 5 against AVAR-AVBR 2; AVAL-AVAR 1 against AVAR-AVAL 0; the muscle has no known side. */
    ck_assert(plx_graph_symmetry(&g, CHEMICAL, 9, f.arena, &s, &worst, &n, &err));
    ck_assert(s.pairs == 2 && s.both == 1 && s.one == 1);
    ck_assert_double_eq(s.shared, 2);
    ck_assert_double_eq(s.total, 6);
    /* Over (5, 2), (2, 5), (1, 0), (0, 1): mean 2, covariance 20 - 16, variance 30 - 16. */
    ck_assert_double_eq_tol(s.correlation, 4.0 / 14, 1e-15);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(worst[0].edge, 1);
    ck_assert_double_eq(worst[0].mirrored, 2);
    ck_assert_double_eq(worst[1].mirrored, 0);
    /* AVAL-AVBR 7 against AVAR-AVBL 0; AVAL-AVL 1 against AVAR-AVL 0, for AVL stands on the midline. */
    ck_assert(plx_graph_symmetry(&g, GAP, 1, f.arena, &s, &worst, &n, &err));
    ck_assert(s.pairs == 2 && s.both == 0 && s.one == 2);
    ck_assert_uint_eq(n, 1);
    ck_assert_double_eq(worst[0].difference, 7);
    teardown(&f);
}
END_TEST

START_TEST(test_damaged)
{
    fixture f;
    setup(&f);
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_graph g;
    ((uint32_t *)(void *)f.record.table[1].cols[1].values.ptr)[3] = N_CELLS;
    ck_assert(!plx_graph_open(&ctx, &f.view, f.arena, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ((uint32_t *)(void *)f.record.table[1].cols[1].values.ptr)[3] = MUSC;
    f.record.name[1] = "pairs";
    ck_assert(!plx_graph_open(&ctx, &f.view, f.arena, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    teardown(&f);
}
END_TEST

static bool ask_all(fixture *f, plx_arena *arena, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_graph g;
    plx_paths p;
    plx_symmetry s;
    plx_asymmetry *worst;
    plx_slice class;
    uint32_t *cells;
    size_t n;
    return arena && plx_graph_open(&ctx, &f->view, arena, &g, err) &&
           plx_graph_paths(&ctx, &g, NULL, AVAL, MUSC, 3, 10, arena, &p, err) &&
           plx_graph_symmetry(&g, CHEMICAL, 9, arena, &s, &worst, &n, err) &&
           plx_graph_class(&g, "AVA", arena, &class, &cells, &n, err);
}

START_TEST(test_every_failed_allocation)
{
    fixture f;
    setup(&f);
    bool ok = false;
    size_t k = 0, live = plx_alloc_live();
    for (; !ok; k++) {
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        plx_arena *arena = plx_arena_new(0);
        ok = ask_all(&f, arena, &err);
        plx_test_alloc_ok();
        plx_arena_free(arena);
        ck_assert_uint_eq(plx_alloc_live(), live);
        ck_assert_uint_lt(k, 1000);
    }
    ck_assert_uint_ge(k, 2);
    teardown(&f);
}
END_TEST

Suite *connectome_graph_suite(void)
{
    Suite *suite = suite_create("connectome_graph");
    TCase *tc = tcase_create("connectome_graph");
    tcase_add_test(tc, test_open_and_names);
    tcase_add_test(tc, test_paths);
    tcase_add_test(tc, test_symmetry);
    tcase_add_test(tc, test_damaged);
    tcase_add_test(tc, test_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}
