/* SPDX-License-Identifier: Apache-2.0
 *
 * Getting data sets into a store, over the demo sets and manifests of the tests' own.
 */
#include "ingest/connectome_diff.h"
#include "ingest/ingest.h"
#include "registry/catalog.h"
#include "registry/refs.h"
#include "registry/verify.h"
#include "support/suites.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct world {
    plx_ctx ctx;
    plx_store store;
    plx_registry *registry;
    char dir[PLX_PATH];
} world;

static void open_world(world *w, const char *name, const char *registry_dir)
{
    plx_err err;
    bool existed;
    w->ctx = plx_ctx_default();
    snprintf(w->dir, sizeof w->dir, "%s/%s", plx_test_dir(), name);
    ck_assert_msg(plx_store_init(&w->ctx, w->dir, &existed, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_store_open(&w->ctx, w->dir, PLX_STORE_WRITE, 0, &w->store, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_open(&w->ctx, registry_dir, &w->registry, &err), "%s", plx_test_err(&err));
}

static void close_world(world *w)
{
    plx_registry_close(w->registry);
    plx_store_close(&w->store);
}

static bool get(world *w, const char *family, const char *name, plx_mode mode, bool force, plx_got *got, plx_err *err)
{
    const plx_manifest *m = NULL;
    const char *from[] = {plx_test_dir()};
    const plx_get_opts opts = {.fetch = {.from_dirs = from, .n_from_dirs = 1}, .force = force};
    return plx_registry_find(w->registry, family, name, &m, err) &&
           plx_get(&w->ctx, &w->store, w->registry, m, mode, &opts, got, err);
}

static void get_ok(world *w, const char *family, const char *name, plx_mode mode, plx_got *got)
{
    plx_err err;
    ck_assert_msg(get(w, family, name, mode, false, got, &err), "%s", plx_test_err(&err));
}

static bool ref_of(world *w, const char *family, const char *name, plx_mode mode, plx_arena *arena,
                   const plx_value **out)
{
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = mode};
    plx_err err;
    snprintf(ref.family, sizeof ref.family, "%s", family);
    snprintf(ref.name, sizeof ref.name, "%s", name);
    snprintf(ref.version, sizeof ref.version, "1");
    return plx_refs_read(&w->ctx, &w->store, &ref, arena, out, &err) && *out;
}

static plx_record *record_of(world *w, const char *family, const char *name, plx_mode mode, plx_arena *arena)
{
    const plx_value *content = NULL;
    plx_digest digest;
    plx_record *record = NULL;
    plx_err err;
    ck_assert(ref_of(w, family, name, mode, arena, &content));
    const char *hex = plx_v_get_text(plx_v_get(content, "units")->u.arr.items[0], "record");
    ck_assert(plx_digest_parse(hex, strlen(hex), &digest));
    ck_assert_msg(plx_record_open(&w->ctx, &w->store, &digest, &record, &err), "%s", plx_test_err(&err));
    return record;
}

static bool no_finding(void *payload, const plx_finding *finding)
{
    (void)payload;
    ck_abort_msg("%s: %s", finding->path, finding->what);
    return true;
}

START_TEST(test_demo_sets)
{
    static const char *const names[] = {"micro-atlas", "micro-connectome", "micro-nemanode"};
    world w;
    plx_got got;
    plx_err err;
    plx_verify_stats stats;
    open_world(&w, "demo", NULL);
    for (size_t i = 0; i < 3; i++) {
        get_ok(&w, "demo", names[i], PLX_STRICT, &got);
        ck_assert(!got.was_there);
        get_ok(&w, "demo", names[i], PLX_STRICT, &got);
        ck_assert(got.was_there);
        ck_assert_uint_eq(got.n_units, 1);
    }
    get_ok(&w, "demo", "micro-nemanode", PLX_COMPAT, &got);
    plx_arena *arena = plx_arena_new(0);
    plx_record *record = record_of(&w, "demo", "micro-connectome", PLX_STRICT, arena);
    const plx_value *meta = plx_record_meta(record);
    ck_assert(plx_v_get(meta, "demo")->u.b);
    ck_assert_str_eq(plx_v_get_text(meta, "dataset"), "demo/micro-connectome");
    ck_assert_str_eq(plx_v_get_text(plx_v_at(meta, "provenance.ingester"), "name"), "edge_table");
    ck_assert_str_eq(plx_v_get_text(plx_v_at(meta, "provenance.uses")->u.arr.items[0], "ref"),
                     "demo/micro-atlas@1:strict");
    plx_record_close(record);
    ck_assert_msg(plx_catalog_sync(&w.ctx, &w.store, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_verify(&w.ctx, &w.store, NULL, false, no_finding, NULL, &stats, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(stats.findings, 0);
    ck_assert_uint_eq(stats.orphan_objects, 0);
    ck_assert_uint_eq(stats.refs, 4);
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_uses_are_got_first)
{
    world w;
    plx_got got;
    const plx_value *content = NULL;
    plx_arena *arena = plx_arena_new(0);
    open_world(&w, "uses", NULL);
    get_ok(&w, "demo", "micro-connectome", PLX_COMPAT, &got);
    ck_assert(ref_of(&w, "demo", "micro-atlas", PLX_STRICT, arena, &content));
    ck_assert(!ref_of(&w, "demo", "micro-connectome", PLX_STRICT, arena, &content));
    ck_assert(ref_of(&w, "demo", "micro-connectome", PLX_COMPAT, arena, &content));
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_force_gives_the_same)
{
    world w;
    plx_got got;
    plx_err err;
    plx_digest before;
    plx_arena *arena = plx_arena_new(0);
    open_world(&w, "force", NULL);
    get_ok(&w, "demo", "micro-nemanode", PLX_STRICT, &got);
    size_t changes = got.n_changes;
    plx_record *record = record_of(&w, "demo", "micro-nemanode", PLX_STRICT, arena);
    before = *plx_record_digest(record);
    plx_record_close(record);
    ck_assert(get(&w, "demo", "micro-nemanode", PLX_STRICT, true, &got, &err));
    ck_assert(!got.was_there);
    ck_assert_uint_eq(got.n_changes, changes);
    ck_assert_uint_gt(changes, 5);
    record = record_of(&w, "demo", "micro-nemanode", PLX_STRICT, arena);
    ck_assert(plx_digest_eq(&before, plx_record_digest(record)));
    plx_record_close(record);
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_missing_object_is_made_again)
{
    world w;
    plx_got got;
    plx_err err;
    plx_arena *arena = plx_arena_new(0);
    open_world(&w, "missing", NULL);
    get_ok(&w, "demo", "micro-connectome", PLX_STRICT, &got);
    plx_record *record = record_of(&w, "demo", "micro-connectome", PLX_STRICT, arena);
    char dir[PLX_PATH];
    snprintf(dir, sizeof dir, "%s", plx_record_dir(record));
    plx_record_close(record);
    ck_assert_msg(plx_fs_remove_tree(dir, &err), "%s", plx_test_err(&err));
    get_ok(&w, "demo", "micro-connectome", PLX_STRICT, &got);
    ck_assert(!got.was_there);
    plx_record_close(record_of(&w, "demo", "micro-connectome", PLX_STRICT, arena));
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

/* A registry folder with one manifest over a file of the scratch folder. */
static const char *own_registry(const char *tag, const char *more, const char *table)
{
    static char dir[PLX_PATH];
    char path[PLX_PATH + 64];
    char text[2048];
    plx_err err;
    char file[64];
    snprintf(dir, sizeof dir, "%s/registry-%s", plx_test_dir(), tag);
    snprintf(path, sizeof path, "%s/lab", dir);
    ck_assert_msg(plx_fs_mkdirs(path, &err), "%s", plx_test_err(&err));
    snprintf(file, sizeof file, "%s.csv", tag);
    plx_test_file(file, table, strlen(table));
    snprintf(path, sizeof path, "%s/lab/worm.yaml", dir);
    snprintf(
        text, sizeof text,
        "schema: manifest/1\nname: lab/worm\nversion: \"1\"\ntitle: A worm\ndescription: of a test\nkind: connectome\n"
        "licence: CC0-1.0\ningester: edge_table\nfiles:\n  - {name: %s}\n%s",
        file, more);
    ck_assert(plx_fs_replace(path, text, strlen(text), &err));
    return dir;
}

static const char table[] = "pre,post,type,synapses\nAVAL,AVAR,chemical,2\nAVAL,AVAR,electrical,1\n";

START_TEST(test_counts_are_held)
{
    char options[512];
    world w;
    plx_got got;
    plx_err err;
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    plx_verify_stats stats;
    snprintf(options, sizeof options,
             "options: {edge_files: held.csv, weight_unit: n}\n"
             "expect:\n  strict: {nodes: 3, edges: 2, gap_sum: 2.5, all_nodes: 2, knots: 1, changes: 0}\n");
    open_world(&w, "held", own_registry("held", options, table));
    ck_assert(!get(&w, "lab", "worm", PLX_STRICT, false, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_str_eq(
        err.why,
        "nodes: expected 3.0, got 2.0; gap_sum: expected 2.5, got 2.0; knots: expected 1.0, got no such count");
    ck_assert_ptr_nonnull(strstr(err.kept, "nothing was published"));
    ck_assert(!ref_of(&w, "lab", "worm", PLX_STRICT, arena, &content));
    ck_assert(plx_verify(&w.ctx, &w.store, NULL, false, no_finding, NULL, &stats, &err));
    ck_assert_uint_eq(stats.records, 0);
    ck_assert_uint_eq(stats.partials, 0);
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_manifest_faults)
{
    static const struct {
        const char *tag, *more, *what;
        plx_code code;
        plx_mode mode;
    } cases[] = {
        {"f1", "options: {edge_files: f1.csv, weight_unit: n, colour: red}\n", "no option \"colour\"", PLX_E_SCHEMA,
         PLX_STRICT},
        {"f2", "options: {edge_files: f2.csv}\n", "weight_unit is required", PLX_E_SCHEMA, PLX_STRICT},
        {"f3", "options: {edge_files: f3.csv, weight_unit: [n]}\n", "\"weight_unit\" must be a single value",
         PLX_E_SCHEMA, PLX_STRICT},
        {"f4", "options: {edge_files: f4.csv, weight_unit: n}\n", "no compat mode", PLX_E_NOTFOUND, PLX_COMPAT},
        {"f5", "options: {edge_files: f5.csv, weight_unit: n}\nuses: [lab/nobody]\n", "lab/nobody", PLX_E_NOTFOUND,
         PLX_STRICT},
        {"f6", "options: {edge_files: f6.csv, weight_unit: n}\nuses: [lab/worm]\n", "more than", PLX_E_SCHEMA,
         PLX_STRICT},
        {"f7", "options: {edge_files: f7.csv, weight_unit: n}\nuses: [demo/micro-connectome]\n", "no neuron atlas",
         PLX_E_SCHEMA, PLX_STRICT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w;
        plx_got got;
        plx_err err;
        open_world(&w, cases[i].tag, own_registry(cases[i].tag, cases[i].more, table));
        ck_assert_msg(!get(&w, "lab", "worm", cases[i].mode, false, &got, &err), "%s was taken", cases[i].tag);
        ck_assert_msg(strstr(plx_test_err(&err), cases[i].what) != NULL, "%s", plx_test_err(&err));
        ck_assert_int_eq(err.code, cases[i].code);
        close_world(&w);
    }
}
END_TEST

START_TEST(test_bad_row_leaves_nothing)
{
    world w;
    plx_got got;
    plx_err err;
    plx_verify_stats stats;
    open_world(&w, "bad-row",
               own_registry("bad", "options: {edge_files: bad.csv, weight_unit: n}\n",
                            "pre,post,type,synapses\nAVAL,AVAR,chemical,two\n"));
    ck_assert(!get(&w, "lab", "worm", PLX_STRICT, false, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "line 2"));
    ck_assert_ptr_nonnull(strstr(err.kept, "source files that were verified stay"));
    ck_assert(plx_verify(&w.ctx, &w.store, NULL, false, no_finding, NULL, &stats, &err));
    ck_assert_uint_eq(stats.records, 0);
    ck_assert_uint_eq(stats.refs, 0);
    close_world(&w);
}
END_TEST

START_TEST(test_check_keeps_nothing)
{
    world w;
    plx_err err;
    const plx_manifest *m = NULL;
    plx_sb summary = {0};
    const char *from[] = {plx_test_dir()};
    const plx_fetch_opts opts = {.from_dirs = from, .n_from_dirs = 1};
    open_world(
        &w, "check",
        own_registry("check", "options: {edge_files: check.csv, weight_unit: n}\nuses: [demo/micro-atlas]\n", table));
    ck_assert(plx_registry_find(w.registry, "lab", "worm", &m, &err));
    ck_assert_msg(plx_ingest_check(&w.ctx, w.registry, m, PLX_STRICT, &opts, &summary, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(plx_sb_str(&summary),
                     "lab/worm:strict: connectome nodes 2 edges 2 gap_directed 2 gap_pairs 1 chemical 1 both 1 "
                     "gap_sum 2 chemical_sum 2 self 0 changes 0\n");
    plx_sb_free(&summary);
    close_world(&w);
}
END_TEST

START_TEST(test_diff)
{
    world w;
    plx_got got;
    plx_err err;
    plx_connectome_diff d;
    plx_arena *arena = plx_arena_new(0);
    open_world(&w, "diff", NULL);
    get_ok(&w, "demo", "micro-nemanode", PLX_STRICT, &got);
    get_ok(&w, "demo", "micro-nemanode", PLX_COMPAT, &got);
    plx_record *a = record_of(&w, "demo", "micro-nemanode", PLX_STRICT, arena);
    plx_record *b = record_of(&w, "demo", "micro-nemanode", PLX_COMPAT, arena);
    ck_assert_msg(plx_connectome_diff_make(&w.ctx, plx_record_as_view(a), plx_record_as_view(a), &d, &err), "%s",
                  plx_test_err(&err));
    ck_assert(plx_connectome_diff_empty(&d));
    ck_assert_uint_eq(d.n_cells_both, 8);
    ck_assert_uint_eq(d.n_edges_same, 8); /* 4 chemical, 4 junctions */
    plx_connectome_diff_free(&d);
    ck_assert(plx_connectome_diff_make(&w.ctx, plx_record_as_view(a), plx_record_as_view(b), &d, &err));
    ck_assert(!plx_connectome_diff_empty(&d));
    ck_assert_uint_eq(d.n_edges_only_a, 6); /* all but AVBR--VB2 and VB10--VB10 */
    ck_assert_uint_eq(d.n_edges_only_b, 0);
    ck_assert_uint_eq(d.n_weights, 0);
    ck_assert_uint_eq(d.n_edges_same, 2);
    ck_assert(plx_slice_is(d.edges_only_a[0].pre, "AIA?"));
    ck_assert(!d.edges_only_a[0].neurons);
    plx_connectome_diff_free(&d);
    for (size_t k = 0;; k++) {
        plx_test_alloc_fail_at(k);
        bool ok = plx_connectome_diff_make(&w.ctx, plx_record_as_view(a), plx_record_as_view(b), &d, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert(ok || err.code == PLX_E_NOMEM);
        plx_connectome_diff_free(&d);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
    plx_record_close(a);
    plx_record_close(b);
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t k = 0;
    for (;; k += 1 + k / 12) { /* ever wider steps: there are thousands, and each costs a store */
        world w;
        plx_got got;
        plx_err err = {0};
        char name[32];
        snprintf(name, sizeof name, "alloc-%zu", k);
        open_world(&w, name, NULL);
        const plx_manifest *m = NULL;
        const plx_get_opts opts = {0};
        ck_assert(plx_registry_find(w.registry, "demo", "micro-atlas", &m, &err));
        plx_test_alloc_fail_at(k);
        bool ok = plx_get(&w.ctx, &w.store, w.registry, m, PLX_STRICT, &opts, &got, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_msg(plx_get(&w.ctx, &w.store, w.registry, m, PLX_STRICT, &opts, &got, &err),
                      "after allocation %zu: %s", k, plx_test_err(&err));
        close_world(&w);
        plx_fs_remove_tree(w.dir, NULL);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
    ck_assert_uint_gt(k, 500);
}
END_TEST

START_TEST(test_ingesters_are_described)
{
    for (size_t i = 0; plx_ingesters[i]; i++) {
        const plx_ingester *g = plx_ingesters[i];
        ck_assert(i == 0 || strcmp(plx_ingesters[i - 1]->name, g->name) < 0);
        ck_assert_ptr_eq(plx_ingester_find(g->name), g);
        ck_assert(g->title && g->reference && g->version > 0 && g->run && plx_kind_find(g->kind));
        for (const plx_ingest_option *o = g->options; o && o->name; o++) {
            ck_assert_msg(o->doc && *o->doc, "%s: %s", g->name, o->name);
        }
        for (const plx_defect *d = g->defects; d && d->id; d++) {
            ck_assert(d->doc && *d->doc);
        }
    }
    ck_assert_ptr_null(plx_ingester_find("nobody"));
    ck_assert_ptr_null(plx_ingester_find(NULL));
}
END_TEST

/* Every manifest built in parses, names an ingester that takes its options, and uses data sets there are. */
/* What the registry cannot know: that the ingesters are there and take these options. */
START_TEST(test_built_in_manifests)
{
    world w;
    plx_err err;
    open_world(&w, "manifests", NULL);
    size_t n = plx_registry_count(w.registry);
    ck_assert_uint_ge(n, 18);
    for (size_t i = 0; i < n; i++) {
        const plx_manifest *m = NULL;
        ck_assert_msg(plx_registry_get(w.registry, i, &m, &err), "%s", plx_test_err(&err));
        ck_assert_msg(plx_ingest_check_manifest(m, &err), "%s", plx_test_err(&err));
        ck_assert(m->demo || strcmp(m->family, "demo") != 0); /* made-up sets may stand beside real ones, too */
        ck_assert_msg(!m->ingester || m->expect, "%s/%s expects nothing", m->family, m->name);
        for (size_t k = 0; k < m->n_uses; k++) {
            plx_ref ref;
            const plx_manifest *used = NULL;
            ck_assert(plx_ref_parse(m->uses[k], &ref, &err));
            ck_assert_msg(plx_registry_find(w.registry, ref.family, ref.name, &used, &err), "%s", plx_test_err(&err));
        }
    }
    close_world(&w);
}
END_TEST

Suite *get_suite(void)
{
    Suite *suite = suite_create("get");
    TCase *tc = tcase_create("get");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_demo_sets);
    tcase_add_test(tc, test_uses_are_got_first);
    tcase_add_test(tc, test_force_gives_the_same);
    tcase_add_test(tc, test_missing_object_is_made_again);
    tcase_add_test(tc, test_counts_are_held);
    tcase_add_test(tc, test_manifest_faults);
    tcase_add_test(tc, test_bad_row_leaves_nothing);
    tcase_add_test(tc, test_check_keeps_nothing);
    tcase_add_test(tc, test_diff);
    tcase_add_test(tc, test_every_allocation);
    tcase_add_test(tc, test_ingesters_are_described);
    tcase_add_test(tc, test_built_in_manifests);
    suite_add_tcase(suite, tc);
    return suite;
}
