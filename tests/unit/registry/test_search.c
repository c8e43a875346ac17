/* SPDX-License-Identifier: Apache-2.0
 *
 * Search over the built-in manifests and a small store.
 */
#include "registry/search.h"
#include "store_fixture.h"

static plx_ctx ctx;
static plx_err err;
static plx_registry *registry;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    OK(plx_registry_open(&ctx, NULL, &registry, &err));
}

static void teardown(void)
{
    plx_registry_close(registry);
}

typedef struct hits {
    size_t n;
    char ref[32][128], what[32][16], title[32][128], snippet[32][256];
    double score[32];
} hits;

static bool each(void *payload, const plx_hit *hit, plx_err *why)
{
    (void)why;
    hits *h = payload;
    if (h->n < 32) {
        snprintf(h->ref[h->n], sizeof h->ref[0], "%s", hit->ref);
        snprintf(h->what[h->n], sizeof h->what[0], "%s", hit->what);
        snprintf(h->title[h->n], sizeof h->title[0], "%s", hit->title);
        snprintf(h->snippet[h->n], sizeof h->snippet[0], "%s", hit->snippet);
        h->score[h->n] = hit->score;
    }
    h->n++;
    return true;
}

static hits look_for(plx_store *store, size_t limit, size_t n, const char *const *words)
{
    hits h = {0};
    OK(plx_search(&ctx, registry, store, words, n, limit, each, &h, &err));
    return h;
}

START_TEST(finds_data_sets)
{
    hits h = look_for(NULL, 20, 2, (const char *const[]){"tail", "JSE"});
    ck_assert_uint_ge(h.n, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert(plx_starts_with(h.ref[i], "connectome/white1986-jse"));
        ck_assert_str_eq(h.what[i], "data set");
        ck_assert(strchr(h.snippet[i], '[') && strchr(h.snippet[i], ']'));
    }
    for (size_t i = 1; i < h.n; i++) {
        ck_assert(h.score[i - 1] >= h.score[i]);
    }
    /* By name, by a citation's doi, by the beginning of a word, in any case. */
    ck_assert_uint_ge(look_for(NULL, 20, 1, (const char *const[]){"white1986-n2u"}).n, 1);
    ck_assert_uint_ge(look_for(NULL, 20, 1, (const char *const[]){"10.1098/rstb.1986.0056"}).n, 1);
    ck_assert_uint_ge(look_for(NULL, 20, 1, (const char *const[]){"HERMAPHROD"}).n, 1);
    /* All words must occur, also when they come as one argument. */
    ck_assert_uint_eq(look_for(NULL, 20, 1, (const char *const[]){"tail nosuchword"}).n, 0);
    ck_assert_uint_eq(look_for(NULL, 1, 1, (const char *const[]){"elegans"}).n, 1);
}
END_TEST

START_TEST(finds_cells_of_the_store)
{
    plx_store store;
    fx_store("store", &store);
    OK(fx_get(&store, "one", 1, &err));
    OK(fx_get(&store, "two", 2, &err));
    hits h = look_for(&store, 20, 1, (const char *const[]){"AVAL"});
    ck_assert_uint_ge(h.n, 1);
    bool found = false;
    for (size_t i = 0; i < h.n && i < 32; i++) {
        if (strcmp(h.what[i], "cell") == 0) {
            ck_assert_str_eq(h.title[i], "AVAL");
            ck_assert_str_eq(h.ref[i], "connectome/one@1:strict");
            found = true;
        }
    }
    ck_assert(found);
    h = look_for(&store, 20, 2, (const char *const[]){"AVA", "acetylcholine"});
    ck_assert_uint_ge(h.n, 2);
    hits two = look_for(&store, 20, 1, (const char *const[]){"AVAR"});
    for (size_t i = 0; i < two.n && i < 32; i++) {
        ck_assert(strcmp(two.what[i], "cell") != 0 || strstr(two.snippet[i], "in 2 data sets") != NULL);
    }
    plx_store_close(&store);
}
END_TEST

/* What FTS5 would read as syntax is just text here. */
START_TEST(takes_any_text_as_words)
{
    static const char *const odd[] = {"\"",      "a\"b",     "AND",      "NOT x",     "a*", "^a",
                                      "ref:x",   "(",        ")",        "NEAR(a b)", "-",  "a-b",
                                      "'; DROP", "\xc3\xbc", "\xff\xfe", "{a b}",     "+",  "a OR b"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        hits h = {0};
        plx_err_clear(&err);
        ck_assert_msg(plx_search(&ctx, registry, NULL, &odd[i], 1, 20, each, &h, &err), "%s: %s", odd[i],
                      plx_test_err(&err));
    }
    static const char *const empty[] = {"", "  ", "\t\n"};
    hits h = {0};
    plx_err_clear(&err);
    ck_assert(!plx_search(&ctx, registry, NULL, empty, 3, 20, each, &h, &err) && err.code == PLX_E_ARG);
}
END_TEST

Suite *search_suite(void)
{
    Suite *suite = suite_create("search");
    TCase *tc = tcase_create("search");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, finds_data_sets);
    tcase_add_test(tc, finds_cells_of_the_store);
    tcase_add_test(tc, takes_any_text_as_words);
    suite_add_tcase(suite, tc);
    return suite;
}
