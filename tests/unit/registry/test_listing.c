/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of what is known and what is stored.
 */
#include "registry/listing.h"
#include "store_fixture.h"

static plx_ctx ctx;
static plx_err err;
static plx_registry *registry;
static plx_arena *arena;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    arena = plx_arena_new(0);
    OK(plx_registry_open(&ctx, NULL, &registry, &err));
}

static void teardown(void)
{
    plx_registry_close(registry);
    plx_arena_free(arena);
}

static const plx_listed *find(const plx_listed *items, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(items[i].name, name) == 0) {
            return &items[i];
        }
    }
    return NULL;
}

START_TEST(lists_what_is_known_without_a_store)
{
    plx_listed *items = NULL;
    size_t n = 0, n_atlas = 0;
    OK(plx_listing_make(&ctx, registry, NULL, NULL, arena, &items, &n, &err));
    ck_assert_uint_eq(n, plx_registry_count(registry));
    const plx_listed *item = find(items, n, "connectome/white1986-n2u");
    ck_assert(item && item->known && !item->strict && !item->compat && !item->demo);
    ck_assert_str_eq(item->kind, "connectome");
    ck_assert_str_eq(item->state, "");
    ck_assert(strstr(item->title, "N2U") != NULL);
    OK(plx_listing_make(&ctx, registry, NULL, "atlas", arena, &items, &n_atlas, &err));
    ck_assert_uint_lt(n_atlas, n);
    ck_assert_ptr_nonnull(find(items, n_atlas, "atlas/celegans-neurons"));
    OK(plx_listing_make(&ctx, registry, NULL, "atlas/", arena, &items, &n, &err));
    ck_assert_uint_eq(n, n_atlas);
    OK(plx_listing_make(&ctx, registry, NULL, "atlas/celegans-neurons", arena, &items, &n, &err));
    ck_assert_uint_eq(n, 1);
    ck_assert(!plx_listing_make(&ctx, registry, NULL, "atlas/celegans", arena, &items, &n, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    plx_err_clear(&err);
}
END_TEST

START_TEST(marks_what_is_stored)
{
    plx_store store;
    fx_store("store", &store);
    OK(fx_get(&store, "white1986-n2u", 1, &err));
    OK(fx_get(&store, "aaa", 1, &err));
    OK(fx_get(&store, "zzz", 1, &err));
    plx_arena *a = plx_arena_new(0);
    plx_ref ref = fx_ref("zzz");
    const plx_value *content = NULL;
    OK(plx_refs_read(&ctx, &store, &ref, a, &content, &err));
    plx_value *copy = plx_v_obj(a);
    for (size_t i = 0; i < content->u.obj.n; i++) {
        ck_assert(plx_v_set(a, copy, content->u.obj.members[i].key.ptr, content->u.obj.members[i].value));
    }
    ck_assert(plx_v_set(a, copy, "mode", plx_v_str(a, "compat")));
    ref.mode = PLX_COMPAT;
    OK(plx_refs_write(&store, &ref, copy, &err));
    plx_arena_free(a);

    plx_listed *items = NULL;
    size_t n = 0;
    OK(plx_listing_make(&ctx, registry, &store, "connectome", arena, &items, &n, &err));
    ck_assert_str_eq(items[0].name, "connectome/aaa");
    ck_assert_str_eq(items[n - 1].name, "connectome/zzz");
    ck_assert(!items[0].known);
    ck_assert_str_eq(items[0].state, "strict");
    ck_assert_str_eq(items[n - 1].state, "strict, compat");
    ck_assert_str_eq(find(items, n, "connectome/white1986-n2u")->state, "strict");
    ck_assert(find(items, n, "connectome/white1986-n2u")->known);
    plx_store_close(&store);
}
END_TEST

START_TEST(suggests_families)
{
    plx_listed *items = NULL;
    size_t n = 0;
    ck_assert(!plx_listing_make(&ctx, registry, NULL, "conectome", arena, &items, &n, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_str_eq(err.why, "did you mean connectome?");
    ck_assert_str_eq(err.next, "plexus ls connectome");
}
END_TEST

/* A broken manifest of the user is one line of the list, not the end of it. */
START_TEST(goes_on_past_a_broken_manifest)
{
    char dir[PLX_PATH], family[PLX_PATH], path[PLX_PATH];
    fx_path(dir, plx_test_dir(), "mine");
    fx_path(family, dir, "connectome");
    fx_path(path, family, "broken.yaml");
    OK(plx_fs_mkdirs(family, &err));
    fx_write(path, "schema: manifest/1\ntitle: [\n");
    plx_registry *mine = NULL;
    plx_listed *items = NULL;
    size_t n = 0;
    OK(plx_registry_open(&ctx, dir, &mine, &err));
    OK(plx_listing_make(&ctx, mine, NULL, NULL, arena, &items, &n, &err));
    ck_assert_uint_eq(n, plx_registry_count(registry) + 1);
    const plx_listed *item = find(items, n, "connectome/broken");
    ck_assert(item && item->problem && item->problem[0]);
    plx_registry_close(mine);
}
END_TEST

Suite *listing_suite(void)
{
    Suite *suite = suite_create("listing");
    TCase *tc = tcase_create("listing");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, lists_what_is_known_without_a_store);
    tcase_add_test(tc, marks_what_is_stored);
    tcase_add_test(tc, suggests_families);
    tcase_add_test(tc, goes_on_past_a_broken_manifest);
    suite_add_tcase(suite, tc);
    return suite;
}
