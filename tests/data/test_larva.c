/* SPDX-License-Identifier: Apache-2.0
 *
 * Acceptance on the published matrices of the larva: every count, a few weights and cells, one thread against eight.
 * source of the values: pandas over the same files, matrices aligned by id.
 */
#include "ingest/ingest.h"
#include "registry/refs.h"
#include "support/suites.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

typedef struct world {
    plx_ctx ctx;
    plx_store store;
    plx_registry *registry;
    plx_record *record;
} world;

static void open_larva(world *w, const char *store_name, unsigned jobs)
{
    plx_err err;
    char dir[PLX_PATH];
    char from[PLX_PATH];
    bool existed;
    const plx_manifest *m = NULL;
    plx_got got;
    w->ctx = plx_ctx_default();
    w->ctx.jobs = jobs;
    w->ctx.offline = true;
    snprintf(dir, sizeof dir, "%s/%s", plx_test_dir(), store_name);
    snprintf(from, sizeof from, "%s", plx_test_data("larva"));
    const char *const dirs[] = {from};
    const plx_get_opts opts = {.fetch = {.from_dirs = dirs, .n_from_dirs = 1}};
    ck_assert_msg(plx_store_init(&w->ctx, dir, &existed, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_store_open(&w->ctx, dir, PLX_STORE_WRITE, 0, &w->store, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_open(&w->ctx, NULL, &w->registry, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_find(w->registry, "connectome", "winding2023-larva", &m, &err), "%s",
                  plx_test_err(&err));
    ck_assert_msg(plx_get(&w->ctx, &w->store, w->registry, m, PLX_STRICT, &opts, &got, &err), "%s", plx_test_err(&err));
    plx_ref ref = {.kind = PLX_REF_DATASET,
                   .family = "connectome",
                   .name = "winding2023-larva",
                   .version = "1",
                   .has_mode = true,
                   .mode = PLX_STRICT};
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    plx_digest digest;
    ck_assert_msg(plx_refs_read(&w->ctx, &w->store, &ref, arena, &content, &err), "%s", plx_test_err(&err));
    const char *hex = plx_v_get_text(plx_v_get(content, "units")->u.arr.items[0], "record");
    ck_assert(plx_digest_parse(hex, strlen(hex), &digest));
    ck_assert_msg(plx_record_open(&w->ctx, &w->store, &digest, &w->record, &err), "%s", plx_test_err(&err));
    plx_arena_free(arena);
}

static void close_larva(world *w)
{
    plx_record_close(w->record);
    plx_registry_close(w->registry);
    plx_store_close(&w->store);
}

static const plx_table *table_of(const world *w, const char *name)
{
    const plx_record_view *view = plx_record_as_view(w->record);
    const plx_table *table = NULL;
    plx_err err;
    ck_assert_msg(view->table(view, name, &table, &err), "%s", plx_test_err(&err));
    ck_assert_ptr_nonnull(table);
    return table;
}

static size_t count_where(const plx_table *table, const char *column, const char *text)
{
    const plx_column *c = plx_table_find(table, column);
    size_t n = 0;
    for (size_t i = 0; i < table->n_rows; i++) {
        n += plx_slice_is(plx_column_str(c, i), text);
    }
    return n;
}

START_TEST(test_counts)
{
    static const struct {
        const char *name;
        double value;
    } want[] = {{"nodes", 2952},   {"edges", 110677},  {"sum", 352611},  {"max", 121},     {"self", 537},
                {"ad", 63545},     {"ad_sum", 234958}, {"ad_max", 121},  {"ad_self", 27},  {"aa", 40636},
                {"aa_sum", 90800}, {"aa_max", 65},     {"aa_self", 463}, {"dd", 9019},     {"dd_sum", 20415},
                {"dd_max", 108},   {"dd_self", 71},    {"da", 3722},     {"da_sum", 6438}, {"da_max", 22},
                {"da_self", 5}};
    world w;
    open_larva(&w, "counts", 1);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        double got = -1;
        ck_assert(plx_v_as_f64(plx_v_get(plx_v_get(plx_record_meta(w.record), "counts"), want[i].name), &got));
        ck_assert_msg(got == want[i].value, "%s is %g, must be %g", want[i].name, got, want[i].value);
    }
    close_larva(&w);
}
END_TEST

START_TEST(test_cells)
{
    static const struct {
        const char *column, *text;
        size_t n;
    } want[] = {{"type", "sensory", 430},
                {"type", "pre-DN-VNC", 476},
                {"type", "PN", 206},
                {"type", "LHN", 202},
                {"type", "DN-VNC", 182},
                {"type", "DN-SEZ", 164},
                {"type", "PN-somato", 152},
                {"type", "KC", 144},
                {"type", "LN", 110},
                {"type", "MB-FBN", 108},
                {"type", "pre-DN-SEZ", 102},
                {"type", "CN", 100},
                {"type", "RGN", 54},
                {"type", "MB-FFN", 54},
                {"type", "MBON", 48},
                {"type", "ascending", 46},
                {"type", "MBIN", 28},
                {"type", "", 346},
                {"class", "gustatory-external", 131},
                {"class", "gustatory-pharyngeal", 107},
                {"class", "gut", 85},
                {"class", "olfactory", 42},
                {"class", "visual", 29},
                {"class", "respiratory", 26},
                {"class", "thermo-cold", 6},
                {"class", "thermo-warm", 4},
                {"category", "neuron", 2952}};
    world w;
    open_larva(&w, "cells", 1);
    const plx_table *nodes = table_of(&w, "nodes");
    ck_assert_uint_eq(nodes->n_rows, 2952);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        size_t n = count_where(nodes, want[i].column, want[i].text);
        ck_assert_msg(n == want[i].n, "%s %s: %zu", want[i].column, want[i].text, n);
    }
    size_t excite = 0;
    size_t inhibit = 0;
    for (size_t i = 0; i < nodes->n_rows; i++) {
        double sign = plx_column_f64(plx_table_find(nodes, "sign"), i);
        excite += sign > 0;
        inhibit += sign < 0;
    }
    ck_assert_uint_eq(excite, 1923);
    ck_assert_uint_eq(inhibit, 1029);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(nodes, "label"), 0), "29"));
    ck_assert(plx_column_f64(plx_table_find(nodes, "axon_input"), 0) == 109);
    ck_assert(plx_column_f64(plx_table_find(nodes, "dendrite_input"), 0) == 94);
    ck_assert(plx_column_f64(plx_table_find(nodes, "axon_output"), 0) == 190);
    ck_assert(plx_column_f64(plx_table_find(nodes, "dendrite_output"), 0) == 28);
    const plx_table *changes = table_of(&w, "changes"); /* four cells, in each of three tables */
    ck_assert_uint_eq(changes->n_rows, 12);
    ck_assert_uint_eq(count_where(changes, "rule", "not-in-matrix"), 12);
    close_larva(&w);
}
END_TEST

/* One weight of each matrix whose order differs from the others': an alignment by position would not find them. */
START_TEST(test_weights_are_aligned_by_id)
{
    static const struct {
        int kind;
        const char *pre, *post;
        double weight;
    } want[] = {{0, "29", "8419602", 9},
                {0, "8419602", "29", 6},
                {1, "29", "9469519", 1},
                {2, "9842383", "1347886", 1},
                {3, "17360254", "17729088", 6}};
    world w;
    open_larva(&w, "weights", 1);
    const plx_column *label = plx_table_find(table_of(&w, "nodes"), "label");
    const plx_table *edges = table_of(&w, "edges");
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        size_t found = 0;
        for (size_t i = 0; i < edges->n_rows; i++) {
            if (plx_column_f64(plx_table_find(edges, "kind"), i) == want[k].kind &&
                plx_slice_is(plx_column_str(label, (size_t)plx_column_f64(plx_table_find(edges, "pre"), i)),
                             want[k].pre) &&
                plx_slice_is(plx_column_str(label, (size_t)plx_column_f64(plx_table_find(edges, "post"), i)),
                             want[k].post)) {
                found++;
                ck_assert(plx_column_f64(plx_table_find(edges, "weight"), i) == want[k].weight);
            }
        }
        ck_assert_msg(found == 1, "%s to %s: %zu edges", want[k].pre, want[k].post, found);
    }
    close_larva(&w);
}
END_TEST

START_TEST(test_threads_make_no_difference)
{
    world one;
    world eight;
    open_larva(&one, "one", 1);
    open_larva(&eight, "eight", 8);
    const plx_value *a = plx_v_get(plx_record_meta(one.record), "members");
    const plx_value *b = plx_v_get(plx_record_meta(eight.record), "members");
    ck_assert_uint_gt(a->u.arr.n, 20);
    ck_assert_uint_eq(a->u.arr.n, b->u.arr.n);
    for (size_t i = 0; i < a->u.arr.n; i++) {
        ck_assert_str_eq(plx_v_get_text(a->u.arr.items[i], "path"), plx_v_get_text(b->u.arr.items[i], "path"));
        ck_assert_str_eq(plx_v_get_text(a->u.arr.items[i], "sha256"), plx_v_get_text(b->u.arr.items[i], "sha256"));
    }
    close_larva(&one);
    close_larva(&eight);
}
END_TEST

Suite *larva_suite(void)
{
    if (!plx_test_data("larva")) {
        return NULL;
    }
    Suite *suite = suite_create("larva");
    TCase *tc = tcase_create("larva");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_counts);
    tcase_add_test(tc, test_cells);
    tcase_add_test(tc, test_weights_are_aligned_by_id);
    tcase_add_test(tc, test_threads_make_no_difference);
    suite_add_tcase(suite, tc);
    return suite;
}
