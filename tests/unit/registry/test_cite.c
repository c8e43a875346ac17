/* SPDX-License-Identifier: Apache-2.0
 *
 * Bibliographies: exactly the inputs, each key once, from the stored manifest where there is one.
 */
#include "registry/cite.h"
#include "store_fixture.h"

static plx_ctx ctx;
static plx_err err;
static plx_registry *registry;

static void write_manifest(const char *family, const char *name, const char *version, const char *rest)
{
    char folder[PLX_PATH], path[PLX_PATH + 64], text[4096];
    snprintf(path, sizeof path, "mine/%s", family);
    fx_path(folder, plx_test_dir(), path);
    OK(plx_fs_mkdirs(folder, &err));
    snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    snprintf(
        text, sizeof text,
        "schema: manifest/1\nname: %s/%s\nversion: \"%s\"\ntitle: T\ndescription: x\nkind: connectome\nlicence: MIT\n"
        "ingester: edge_table\nfiles:\n  - {name: a, urls: [https://example.org/a]}\n%s",
        family, name, version, rest);
    fx_write(path, text);
}

#define ENTRY(key) "  - \"@misc{" key ",}\"\n"

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    write_manifest("mine", "base", "1", "citations:\n" ENTRY("base2001"));
    write_manifest("mine", "middle", "1", "uses: [mine/base]\ncitations:\n" ENTRY("middle2002") ENTRY("shared"));
    write_manifest("mine", "top", "1", "uses: [mine/middle, mine/base]\ncitations:\n" ENTRY("shared") ENTRY("aaa"));
    write_manifest("mine", "silent", "1", "demo: true\n");
    write_manifest("mine", "loop-a", "1", "uses: [mine/loop-b]\n");
    write_manifest("mine", "loop-b", "1", "uses: [mine/loop-a]\n");
    write_manifest("mine", "orphan", "1", "uses: [mine/nowhere]\n");
    char dir[PLX_PATH];
    fx_path(dir, plx_test_dir(), "mine");
    OK(plx_registry_open(&ctx, dir, &registry, &err));
}

static void teardown(void)
{
    plx_registry_close(registry);
}

static bool cite(const plx_store *store, size_t n, const char *const *texts, plx_bibliography *out)
{
    plx_ref refs[4];
    for (size_t i = 0; i < n; i++) {
        ck_assert(plx_ref_parse(texts[i], &refs[i], NULL));
    }
    plx_err_clear(&err);
    return plx_bibliography_make(&ctx, registry, store, refs, n, out, &err);
}

START_TEST(cites_exactly_the_inputs)
{
    plx_bibliography b;
    OK(cite(NULL, 1, (const char *const[]){"mine/top"}, &b));
    ck_assert_uint_eq(b.n_datasets, 3);
    ck_assert_str_eq(b.datasets[0].ref, "mine/top@1");
    ck_assert_ptr_null(b.datasets[0].used_by);
    ck_assert_str_eq(b.datasets[1].ref, "mine/middle@1");
    ck_assert_str_eq(b.datasets[1].used_by, "mine/top@1");
    ck_assert_str_eq(b.datasets[2].used_by, "mine/middle@1");
    ck_assert_uint_eq(b.n_entries, 4);
    static const char *const keys[] = {"aaa", "base2001", "middle2002", "shared"};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(b.entries[i].key, keys[i]);
    }
    ck_assert_str_eq(b.entries[1].bibtex, "@misc{base2001,}");
    plx_bibliography_free(&b);

    /* Asked for itself, it is no longer only used by another. */
    OK(cite(NULL, 3, (const char *const[]){"mine/top", "base", "mine/silent"}, &b));
    ck_assert_uint_eq(b.n_datasets, 4);
    ck_assert_ptr_null(b.datasets[2].used_by);
    ck_assert(b.datasets[3].manifest->demo);
    plx_bibliography_free(&b);
}
END_TEST

START_TEST(ends_on_loops_and_gaps)
{
    plx_bibliography b;
    OK(cite(NULL, 1, (const char *const[]){"mine/loop-a"}, &b));
    ck_assert_uint_eq(b.n_datasets, 2);
    plx_bibliography_free(&b);
    ck_assert(!cite(NULL, 1, (const char *const[]){"mine/orphan"}, &b) && err.code == PLX_E_NOTFOUND);
    ck_assert_str_eq(err.note[0], "used by mine/orphan@1");
    ck_assert(!cite(NULL, 1, (const char *const[]){"mine/nothing"}, &b) && err.code == PLX_E_NOTFOUND);
    ck_assert(!cite(NULL, 1, (const char *const[]){"mine/top@9"}, &b) && err.code == PLX_E_NOTFOUND);
    ck_assert(!cite(NULL, 1, (const char *const[]){"metric:roc_auc"}, &b) && err.code == PLX_E_ARG);
}
END_TEST

/* The store keeps the manifest a data set was made from; that one counts, whatever the program knows by now. */
START_TEST(prefers_the_stored_manifest)
{
    static const char text[] =
        "schema: manifest/1\nname: mine/top\nversion: \"1\"\ntitle: Old\ndescription: x\nkind: connectome\n"
        "licence: MIT\ningester: edge_table\nfiles:\n  - {name: a, urls: [https://example.org/a]}\n"
        "citations:\n" ENTRY("old1999");
    plx_store store;
    plx_digest manifest;
    fx_store("store", &store);
    OK(fx_get(&store, "one", 1, &err));
    OK(fx_blob(&store, text, &manifest, &err));
    plx_arena *a = plx_arena_new(0);
    plx_value *content = fx_content(a, "top", &manifest, &manifest, 1, &manifest);
    plx_ref ref = fx_ref("top");
    snprintf(ref.family, sizeof ref.family, "mine");
    ck_assert(plx_v_set(a, content, "dataset", plx_v_str(a, "mine/top")));
    OK(plx_refs_write(&store, &ref, content, &err));
    plx_bibliography b;
    OK(cite(&store, 1, (const char *const[]){"mine/top"}, &b));
    ck_assert_uint_eq(b.n_datasets, 1);
    ck_assert(b.datasets[0].present);
    ck_assert_str_eq(b.datasets[0].manifest->title, "Old");
    ck_assert_str_eq(b.entries[0].key, "old1999");
    plx_bibliography_free(&b);
    OK(cite(&store, 1, (const char *const[]){"mine/top:compat"}, &b));
    ck_assert(!b.datasets[0].present);
    plx_bibliography_free(&b);
    plx_arena_free(a);
    plx_store_close(&store);
}
END_TEST

Suite *cite_suite(void)
{
    Suite *suite = suite_create("cite");
    TCase *tc = tcase_create("cite");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, cites_exactly_the_inputs);
    tcase_add_test(tc, ends_on_loops_and_gaps);
    tcase_add_test(tc, prefers_the_stored_manifest);
    suite_add_tcase(suite, tc);
    return suite;
}
