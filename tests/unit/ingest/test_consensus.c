/* SPDX-License-Identifier: Apache-2.0
 *
 * A consensus of four small connectomes, worked out by hand, in both modes; and what cannot be one.
 */
#include "ingest/ingest.h"
#include "registry/refs.h"
#include "schemas/neurons.h"
#include "support/suites.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct world {
    plx_ctx ctx;
    plx_store store;
    plx_registry *registry;
    char dir[PLX_PATH], manifests[PLX_PATH - 16], files[PLX_PATH];
} world;

static void put(const char *dir, const char *name, const char *text)
{
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
}

static void put_manifest(const world *w, const char *name, const char *ingester, const char *options, const char *uses,
                         const char *files)
{
    char text[4096];
    char file[128];
    char folder[PLX_PATH];
    snprintf(folder, sizeof folder, "%s/test", w->manifests);
    snprintf(
        text, sizeof text,
        "schema: manifest/1\nname: test/%s\nversion: \"1\"\ntitle: small\ndescription: |\n  small\nkind: connectome\n"
        "licence: none-stated\nlicence_note: made for a test\ningester: %s\noptions: {%s}\nuses: [%s]\nfiles: %s\n",
        name, ingester, options, uses, files);
    snprintf(file, sizeof file, "%s.yaml", name);
    put(folder, file, text);
}

#define LOADER "whole_weights: no, gap_rows: once, upstream: Loader, "
static const char all_uses[] =
    "demo/micro-atlas, test/one:strict, test/two:strict, test/three:strict, test/signal:strict, "
    "test/one:compat, test/two:compat, test/three:compat, test/signal:compat";

static void open_world(world *w, const char *name)
{
    plx_err err;
    bool existed;
    char folder[PLX_PATH];
    w->ctx = plx_ctx_default();
    w->ctx.offline = true;
    snprintf(w->dir, sizeof w->dir, "%s/%s.store", plx_test_dir(), name);
    snprintf(w->manifests, sizeof w->manifests, "%s/%s.manifests", plx_test_dir(), name);
    snprintf(w->files, sizeof w->files, "%s/%s.files", plx_test_dir(), name);
    snprintf(folder, sizeof folder, "%s/test", w->manifests);
    ck_assert(mkdir(w->manifests, 0755) == 0 && mkdir(folder, 0755) == 0 && mkdir(w->files, 0755) == 0);
    put(w->files, "one.csv",
        "pre,post,type,synapses\nAVAL,AVAR,chemical,2\nAVAL,AVAR,electrical,1\nVB02,AVM,chemical,9\n");
    put(w->files, "two.csv",
        "pre,post,type,synapses\nAVAL,AVAR,chemical,4\nAVAL,AVAR,electrical,1\nAVBL,AVAL,chemical,3\n");
    put(w->files, "three.csv",
        "pre,post,type,synapses\nAVAL,AVAR,chemical,30\nAVAL,AVAR,electrical,7\nAVAR,AVBL,chemical,10\n");
    put(w->files, "signal.csv", "AVAL,AVBL,-0.1\nAVAL,AVAR,0.5\n");
    put_manifest(w, "one", "edge_table", LOADER "weight_unit: synapses, region: whole", "demo/micro-atlas",
                 "[{name: one.csv}]");
    put_manifest(w, "two", "edge_table", LOADER "weight_unit: synapses", "demo/micro-atlas", "[{name: two.csv}]");
    put_manifest(w, "three", "edge_table", LOADER "weight_unit: EM sections", "demo/micro-atlas",
                 "[{name: three.csv}]");
    put_manifest(w, "signal", "edge_table",
                 LOADER "weight_unit: dF/F, header: no, edge_files: signal.csv=functional, pre_column: c1, "
                        "post_column: c2, weight_column: c3",
                 "demo/micro-atlas", "[{name: signal.csv}]");
    put_manifest(w, "all", "consensus",
                 LOADER "weight_unit: see the modes, region: whole, upstream_names: signal=funconn three=cook",
                 all_uses, "[]");
    put_manifest(w, "empty", "consensus", "weight_unit: n, region: whole", "demo/micro-atlas", "[]");
    put_manifest(w, "headless", "consensus", "weight_unit: n", "test/one", "[]");
    put_manifest(w, "larval", "consensus", "weight_unit: n", "demo/micro-atlas, demo/micro-atlas", "[]");
    put_manifest(w, "half", "consensus", "weight_unit: n", "demo/micro-atlas:compat, test/one", "[]");
    ck_assert_msg(plx_store_init(&w->ctx, w->dir, &existed, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_store_open(&w->ctx, w->dir, PLX_STORE_WRITE, 0, &w->store, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_open(&w->ctx, w->manifests, &w->registry, &err), "%s", plx_test_err(&err));
}

static void close_world(world *w)
{
    plx_registry_close(w->registry);
    plx_store_close(&w->store);
}

static bool get(world *w, const char *name, plx_mode mode, plx_err *err)
{
    const plx_manifest *m = NULL;
    const char *from[] = {w->files};
    const plx_get_opts opts = {.fetch = {.from_dirs = from, .n_from_dirs = 1}};
    plx_got got;
    return plx_registry_find(w->registry, "test", name, &m, err) &&
           plx_get(&w->ctx, &w->store, w->registry, m, mode, &opts, &got, err);
}

static plx_record *open_all(world *w, plx_mode mode)
{
    plx_err err;
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = mode};
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    plx_digest digest;
    plx_record *record = NULL;
    ck_assert_msg(get(w, "all", mode, &err), "%s", plx_test_err(&err));
    snprintf(ref.family, sizeof ref.family, "test");
    snprintf(ref.name, sizeof ref.name, "all");
    snprintf(ref.version, sizeof ref.version, "1");
    ck_assert_msg(plx_refs_read(&w->ctx, &w->store, &ref, arena, &content, &err), "%s", plx_test_err(&err));
    const char *hex = plx_v_get_text(plx_v_get(content, "units")->u.arr.items[0], "record");
    ck_assert(plx_digest_parse(hex, strlen(hex), &digest));
    ck_assert_msg(plx_record_open(&w->ctx, &w->store, &digest, &record, &err), "%s", plx_test_err(&err));
    plx_arena_free(arena);
    return record;
}

static const plx_table *table_of(plx_record *record, const char *name)
{
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *table = NULL;
    plx_err err;
    ck_assert_msg(view->table(view, name, &table, &err) && table, "%s", plx_test_err(&err));
    return table;
}

static size_t pair_row(const char *pre, const char *post)
{
    return (size_t)plx_neuron_slot(plx_slice_of(pre)) * PLX_N_NEURONS + (size_t)plx_neuron_slot(plx_slice_of(post));
}

/* Number in the table of pairs. */
static double number(plx_record *record, const char *pre, const char *post, const char *column)
{
    const plx_column *c = plx_table_find(table_of(record, "consensus"), column);
    ck_assert_ptr_nonnull(c);
    return plx_column_f64(c, pair_row(pre, post));
}

static bool text_is(plx_record *record, const char *pre, const char *post, const char *column, const char *text)
{
    return plx_slice_is(plx_column_str(plx_table_find(table_of(record, "consensus"), column), pair_row(pre, post)),
                        text);
}

START_TEST(test_compat)
{
    world w;
    open_world(&w, "compat");
    plx_record *r = open_all(&w, PLX_COMPAT);
    ck_assert(number(r, "AVAL", "AVAR", "mean_chem_weight") == 12); /* 2, 4 and 30, whatever their units */
    ck_assert(number(r, "AVAL", "AVAR", "mean_gap_weight") == 4);   /* D10: of 1, 1 and 7 */
    ck_assert(number(r, "AVAR", "AVAL", "mean_gap_weight") == 4);
    double want = 0.9 * sqrt((100.0 + 64 + 324) / 3) + (1 - 0.9) * 3;
    ck_assert(fabs(number(r, "AVAL", "AVAR", "uncertainty") - want) < 1e-14);
    ck_assert(isnan(number(r, "AVBL", "AVAL", "uncertainty")));    /* D11 */
    ck_assert(number(r, "AVBL", "AVAL", "mean_chem_weight") == 3); /* where it is absent it does not count */
    ck_assert(number(r, "AVAL", "AVBL", "functional_weight") == (double)-0.1F);
    ck_assert(text_is(r, "AVAL", "AVAR", "data_sources", "['cook', 'funconn', 'one', 'two']"));
    ck_assert(text_is(r, "AVAL", "AVM", "data_sources", "[]"));
    ck_assert(text_is(r, "AVAL", "AVM", "to_type", "sensory"));
    ck_assert(text_is(r, "AVAL", "AVM", "from_pos", "(nan, nan, nan)"));
    ck_assert(isnan(number(r, "VB2", "AVM", "mean_chem_weight"))); /* D2, in the record it is made from */
    ck_assert_uint_eq(table_of(r, "consensus")->n_rows, 90000);
    const plx_value *rows = plx_v_get(plx_record_as_view(r)->meta, "published_rows");
    double n = 0;
    ck_assert(plx_v_as_f64(plx_v_get(rows, "trimmed_nofunc"), &n) && n == 4); /* a gap junction counts twice */
    ck_assert(plx_v_as_f64(plx_v_get(rows, "trimmed_withfunc"), &n) && n == 5);
    const plx_table *changes = table_of(r, "changes");
    ck_assert_uint_eq(changes->n_rows, 1);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(changes, "rule"), 0), "D10"));
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(changes, "subject"), 0), "AVAL->AVAR gap"));
    plx_record_close(r);
    close_world(&w);
}
END_TEST

START_TEST(test_strict)
{
    world w;
    open_world(&w, "strict");
    plx_record *r = open_all(&w, PLX_STRICT);
    ck_assert(number(r, "AVAL", "AVAR", "chem_observable") == 3 && number(r, "AVAL", "AVAR", "chem_present") == 3);
    ck_assert(number(r, "AVAL", "AVAR", "mean_chem_synapses") == 3 &&
              number(r, "AVAL", "AVAR", "mean_chem_sections") == 30);
    ck_assert(number(r, "AVAR", "AVAL", "mean_gap_synapses") == 1 &&
              number(r, "AVAR", "AVAL", "mean_gap_sections") == 7);
    ck_assert(number(r, "AVBL", "AVAL", "chem_observable") == 3 && number(r, "AVBL", "AVAL", "chem_present") == 1);
    ck_assert(number(r, "AVBL", "AVAL", "mean_chem_synapses") == 1.5); /* absent counts as 0 */
    ck_assert(number(r, "AVBL", "AVAL", "mean_chem_sections") == 0);
    ck_assert(number(r, "VB2", "AVM", "chem_observable") == 1 && number(r, "VB2", "AVM", "mean_chem_synapses") == 9);
    ck_assert(isnan(number(r, "VB2", "AVM", "mean_chem_sections"))); /* no such graph holds VB2 */
    ck_assert(number(r, "AVAL", "AVBL", "functional_weight") == -0.1);
    ck_assert(number(r, "AVAL", "AVAR", "functional_measured") == 1 &&
              number(r, "AVAL", "AVM", "functional_measured") == 0);
    const plx_table *edges = table_of(r, "edges");
    ck_assert_uint_eq(edges->n_rows, 6); /* four chemical, one gap junction both ways */
    const plx_column *weight = plx_table_find(edges, "weight");
    const plx_column *graphs = plx_table_find(edges, "graphs");
    ck_assert(plx_column_f64(weight, 0) == 1 && plx_slice_is(plx_column_str(graphs, 0), "one, three, two"));
    ck_assert(fabs(plx_column_f64(weight, 2) - 1.0 / 3) < 1e-15 && plx_slice_is(plx_column_str(graphs, 2), "two"));
    ck_assert_uint_eq(table_of(r, "changes")->n_rows, 0);
    const plx_value *list = plx_v_get(plx_record_as_view(r)->meta, "graphs");
    ck_assert_uint_eq(list->u.arr.n, 4);
    ck_assert_str_eq(plx_v_text(list->u.arr.items[2]), "test/three:strict (EM sections)");
    plx_record_close(r);
    close_world(&w);
}
END_TEST

START_TEST(test_what_is_none)
{
    static const struct {
        const char *name, *words;
    } bad[] = {{"empty", "needs connectomes under uses"},
               {"headless", "is no neuron atlas"},
               {"larval", "is made of connectomes"},
               {"half", "must be an atlas, in both modes"}};
    world w;
    plx_err err;
    open_world(&w, "none");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!get(&w, bad[i].name, PLX_STRICT, &err), "%s", bad[i].name);
        ck_assert_msg(err.code == PLX_E_SCHEMA && strstr(plx_test_err(&err), bad[i].words), "%s: %s", bad[i].name,
                      plx_test_err(&err));
    }
    ck_assert(!get(&w, "empty", PLX_COMPAT, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    close_world(&w);
}
END_TEST

Suite *consensus_suite(void)
{
    Suite *suite = suite_create("consensus");
    TCase *tc = tcase_create("consensus");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_compat);
    tcase_add_test(tc, test_strict);
    tcase_add_test(tc, test_what_is_none);
    suite_add_tcase(suite, tc);
    return suite;
}
