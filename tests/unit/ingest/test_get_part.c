/* SPDX-License-Identifier: Apache-2.0
 *
 * Getting a part: some records of many, or the files alone.
 */
#include "ingest/get_files.h"
#include "registry/record.h"
#include "registry/refs.h"
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

/* A folder known/lab with one manifest that nothing reads, and its file. */
static const char *unread_registry(void)
{
    static char dir[PLX_PATH];
    char path[PLX_PATH], text[1024];
    snprintf(path, sizeof path, "%s/known/lab", plx_test_dir());
    ck_assert(plx_fs_mkdirs(path, NULL));
    snprintf(dir, sizeof dir, "%s/known", plx_test_dir());
    snprintf(path, sizeof path, "%s/unread.bin", plx_test_dir());
    ck_assert(plx_fs_replace(path, "bytes\n", 6, NULL));
    int len = snprintf(text, sizeof text,
                       "schema: manifest/1\nname: lab/unread\nversion: \"1\"\ntitle: t\ndescription: d\nkind: volume\n"
                       "licence: MIT\ningester: none\nlayout: l\nfiles: [{name: unread.bin, bytes: 6}]\n");
    ck_assert(plx_path_join(path, dir, "lab/unread.yaml", NULL));
    ck_assert(plx_fs_replace(path, text, (size_t)len, NULL));
    return dir;
}

START_TEST(test_files_without_a_reader)
{
    world w;
    plx_got got;
    plx_err err = {0};
    const plx_manifest *m = NULL, *atlas = NULL;
    const char *from[] = {plx_test_dir()};
    const plx_get_opts opts = {.fetch = {.from_dirs = from, .n_from_dirs = 1}};
    open_world(&w, "unread", unread_registry());
    ck_assert(plx_registry_find(w.registry, "lab", "unread", &m, &err));
    ck_assert(!plx_get(&w.ctx, &w.store, w.registry, m, PLX_STRICT, &opts, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    ck_assert_str_eq(err.next, "plexus get --files-only lab/unread");
    ck_assert_msg(plx_get_files(&w.ctx, &w.store, m, &opts, &got, &err), "%s", plx_test_err(&err));
    ck_assert(!got.was_there && got.n_fetched == 1 && got.fetched_bytes == 6 && got.n_units == 0);
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    ck_assert(ref_of(&w, "lab", "unread", PLX_STRICT, arena, &content));
    ck_assert_uint_eq(plx_v_get(content, "units")->u.arr.n, 0);
    ck_assert_str_eq(plx_v_get_text(plx_v_get(content, "files")->u.arr.items[0], "trust"), "first-use");
    const plx_get_opts nowhere = {0};
    ck_assert_msg(plx_get_files(&w.ctx, &w.store, m, &nowhere, &got, &err), "%s", plx_test_err(&err));
    ck_assert(got.was_there && got.n_fetched == 0);
    ck_assert(plx_registry_find(w.registry, "demo", "micro-atlas", &atlas, &err));
    ck_assert(!plx_get_files(&w.ctx, &w.store, atlas, &opts, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_files_without_a_reader_every_allocation)
{
    const char *known = unread_registry();
    for (size_t k = 0;; k += 1 + k / 12) {
        world w;
        plx_got got;
        plx_err err = {0};
        char name[32], file[PLX_PATH];
        const plx_manifest *m = NULL;
        const char *from[] = {file}; /* not the whole folder, which fills with stores */
        const plx_get_opts opts = {.fetch = {.from_dirs = from, .n_from_dirs = 1}};
        ck_assert(plx_path_join(file, plx_test_dir(), "unread.bin", NULL));
        snprintf(name, sizeof name, "files-%zu", k);
        open_world(&w, name, known);
        ck_assert(plx_registry_find(w.registry, "lab", "unread", &m, &err));
        plx_test_alloc_fail_at(k);
        bool ok = plx_get_files(&w.ctx, &w.store, m, &opts, &got, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_msg(plx_get_files(&w.ctx, &w.store, m, &opts, &got, &err), "after allocation %zu: %s", k,
                      plx_test_err(&err));
        close_world(&w);
        plx_fs_remove_tree(w.dir, NULL);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

/* Three worms, one file each, and a list of cells for all of them. */
static const char *unit_registry(void)
{
    static char dir[PLX_PATH];
    char path[PLX_PATH];
    char lab[PLX_PATH];
    plx_err err;
    ck_assert(plx_path_join(dir, plx_test_dir(), "registry-units", &err) && plx_path_join(lab, dir, "lab", &err));
    ck_assert_msg(plx_fs_mkdirs(lab, &err), "%s", plx_test_err(&err));
    static const char text[] =
        "schema: manifest/1\nname: lab/worms\nversion: \"1\"\ntitle: Three worms\ndescription: of a test\n"
        "kind: connectome\nlicence: CC0-1.0\ningester: edge_table\n"
        "options: {weight_unit: synapses, node_files: cells.csv, node_column: cell}\nfiles:\n"
        "  - {name: cells.csv}\n"
        "  - {name: a.csv, unit: worm-a}\n  - {name: b.csv, unit: worm-b}\n  - {name: c.csv, unit: worm-c}\n"
        "expect:\n  strict: {units: 3, all_edges: 5}\n";
    static const char cells[] = "cell\nAVAL\nAVAR\nAVBL\n";
    static const char a[] = "pre,post,type,synapses\nAVAL,AVAR,chemical,2\n";
    static const char b[] = "pre,post,type,synapses\nAVAL,AVAR,chemical,3\nAVAR,AVAL,chemical,1\n";
    static const char c[] = "pre,post,type,synapses\nAVAL,AVBL,chemical,4\nAVBL,AVAL,chemical,1\n";
    plx_test_file("cells.csv", cells, strlen(cells));
    plx_test_file("a.csv", a, strlen(a));
    plx_test_file("b.csv", b, strlen(b));
    plx_test_file("c.csv", c, strlen(c));
    ck_assert(plx_path_join(path, lab, "worms.yaml", &err) && plx_fs_replace(path, text, strlen(text), &err));
    return dir;
}

static bool get_units(world *w, const char *const *units, size_t n, bool force, plx_got *got, plx_err *err)
{
    const plx_manifest *m = NULL;
    const char *from[] = {plx_test_dir()};
    const plx_get_opts opts = {
        .fetch = {.from_dirs = from, .n_from_dirs = 1}, .units = units, .n_units = n, .force = force};
    plx_err_clear(err);
    return plx_registry_find(w->registry, "lab", "worms", &m, err) &&
           plx_get(&w->ctx, &w->store, w->registry, m, PLX_STRICT, &opts, got, err);
}

/* "worm-a=hex8 worm-c=hex8 | cells.csv a.csv c.csv": what the ref names. */
static const char *ref_says(world *w)
{
    static char text[1024];
    size_t used = 0;
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    ck_assert(ref_of(w, "lab", "worms", PLX_STRICT, arena, &content));
    const plx_value *units = plx_v_get(content, "units"), *files = plx_v_get(content, "files");
    for (size_t i = 0; i < units->u.arr.n; i++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s=%.8s ", plx_v_get_text(units->u.arr.items[i], "unit"),
                             plx_v_get_text(units->u.arr.items[i], "record"));
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "|");
    for (size_t i = 0; i < files->u.arr.n; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, " %s", plx_v_get_text(files->u.arr.items[i], "name"));
    }
    plx_arena_free(arena);
    return text;
}

/* One after the other, in any order, all at once: the same records, the same ref. */
START_TEST(test_units_one_by_one)
{
    static const char *const a[] = {"worm-a"}, *const c_a[] = {"worm-c", "worm-a"}, *const b[] = {"worm-b"};
    char whole[1024];
    world w, one;
    plx_got got;
    plx_err err;
    open_world(&w, "units-whole", unit_registry());
    ck_assert_msg(get_units(&w, NULL, 0, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(got.n_units == 3 && got.n_files == 4 && got.n_fetched == 4 && !got.was_there);
    snprintf(whole, sizeof whole, "%s", ref_says(&w));
    ck_assert_msg(strstr(whole, "| cells.csv a.csv b.csv c.csv") != NULL, "%s", whole);

    open_world(&one, "units-one", unit_registry());
    ck_assert_msg(get_units(&one, c_a, 2, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(got.n_units == 2 && got.n_files == 3 && got.n_fetched == 3);
    ck_assert_msg(strstr(ref_says(&one), "| cells.csv a.csv c.csv") != NULL, "%s", ref_says(&one));
    ck_assert_msg(get_units(&one, a, 1, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(got.was_there && got.n_units == 2 && got.n_fetched == 0);
    ck_assert_msg(get_units(&one, b, 1, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(!got.was_there && got.n_units == 3 && got.n_fetched == 1);
    ck_assert_str_eq(ref_says(&one), whole);
    ck_assert_msg(get_units(&one, NULL, 0, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(got.was_there && got.n_units == 3 && got.n_files == 4);
    ck_assert_msg(get_units(&one, b, 1, true, &got, &err), "%s", plx_test_err(&err));
    ck_assert(!got.was_there);
    ck_assert_str_eq(ref_says(&one), whole);
    close_world(&one);
    close_world(&w);
}
END_TEST

START_TEST(test_units_that_are_lost_are_made_again)
{
    static const char *const a[] = {"worm-a"};
    char before[1024], dir[PLX_PATH];
    world w;
    plx_got got;
    plx_err err;
    plx_arena *arena = plx_arena_new(0);
    open_world(&w, "units-lost", unit_registry());
    ck_assert_msg(get_units(&w, NULL, 0, false, &got, &err), "%s", plx_test_err(&err));
    snprintf(before, sizeof before, "%s", ref_says(&w));
    plx_record *record = record_of(&w, "lab", "worms", PLX_STRICT, arena); /* the first: worm-a */
    snprintf(dir, sizeof dir, "%s", plx_record_dir(record));
    plx_record_close(record);
    ck_assert_msg(plx_fs_remove_tree(dir, &err), "%s", plx_test_err(&err));
    ck_assert_msg(get_units(&w, a, 1, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(!got.was_there && got.n_units == 3);
    ck_assert_str_eq(ref_says(&w), before);
    plx_arena_free(arena);
    close_world(&w);
}
END_TEST

START_TEST(test_units_that_are_not_there)
{
    static const char *const d[] = {"worm-d"};
    world w;
    plx_got got;
    plx_err err;
    const plx_manifest *m = NULL;
    open_world(&w, "units-none", unit_registry());
    ck_assert(!get_units(&w, d, 1, false, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_msg(strstr(err.why, "did you mean worm-") != NULL, "%s", err.why);
    ck_assert(plx_registry_find(w.registry, "demo", "micro-atlas", &m, &err));
    const plx_get_opts opts = {.units = d, .n_units = 1};
    ck_assert(!plx_get(&w.ctx, &w.store, w.registry, m, PLX_STRICT, &opts, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    close_world(&w);
}
END_TEST

/* The sum over all records is what the manifest states; a part has nothing to be compared with. */
START_TEST(test_units_are_counted_together)
{
    static const char *const a[] = {"worm-a"};
    static const char more[] = "pre,post,type,synapses\nAVAL,AVAR,chemical,2\nAVAR,AVBL,chemical,2\n";
    world w;
    plx_got got;
    plx_err err;
    open_world(&w, "units-count", unit_registry());
    plx_test_file("a.csv", more, strlen(more));
    ck_assert_msg(get_units(&w, a, 1, false, &got, &err), "%s", plx_test_err(&err));
    ck_assert(!get_units(&w, NULL, 0, false, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_msg(strstr(err.why, "all_edges: expected 5.0, got 6.0") != NULL, "%s", err.why);
    close_world(&w);
}
END_TEST

START_TEST(test_units_every_allocation)
{
    static const char *const a[] = {"worm-a"}, *const b[] = {"worm-b"};
    const char *known = unit_registry();
    for (size_t k = 0;; k += 1 + k / 8) {
        world w;
        plx_got got;
        plx_err err = {0};
        char name[32];
        snprintf(name, sizeof name, "units-%zu", k);
        open_world(&w, name, known);
        ck_assert_msg(get_units(&w, a, 1, false, &got, &err), "%s", plx_test_err(&err));
        plx_test_alloc_fail_at(k);
        bool ok = get_units(&w, b, 1, false, &got, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_msg(get_units(&w, b, 1, false, &got, &err) && got.n_units == 2, "after allocation %zu: %s", k,
                      plx_test_err(&err));
        close_world(&w);
        plx_fs_remove_tree(w.dir, NULL);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *get_part_suite(void);
Suite *get_part_suite(void)
{
    Suite *suite = suite_create("get_part");
    TCase *tc = tcase_create("get_part");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_files_without_a_reader);
    tcase_add_test(tc, test_files_without_a_reader_every_allocation);
    tcase_add_test(tc, test_units_one_by_one);
    tcase_add_test(tc, test_units_that_are_lost_are_made_again);
    tcase_add_test(tc, test_units_that_are_not_there);
    tcase_add_test(tc, test_units_are_counted_together);
    tcase_add_test(tc, test_units_every_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}
