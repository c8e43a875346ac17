/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"
#include "registry/refs.h"
#include "registry/resolve.h"
#include "registry/status.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

static plx_ctx ctx;
static plx_store store;
static plx_err err;
static char near[PLX_REF_TEXT];

static void put_ref(const char *text)
{
    plx_arena *a = plx_arena_new(0);
    plx_ref ref;
    ck_assert(plx_ref_parse(text, &ref, &err));
    plx_value *content = plx_v_obj(a);
    char dataset[PLX_REF_TEXT];
    snprintf(dataset, sizeof dataset, "%s/%s", ref.family, ref.name);
    ck_assert(plx_v_set(a, content, "dataset", plx_v_str(a, dataset)) &&
              plx_v_set(a, content, "version", plx_v_str(a, ref.version)) &&
              plx_v_set(a, content, "mode", plx_v_str(a, plx_mode_name(ref.mode))) &&
              plx_v_set(a, content, "units", plx_v_arr(a)));
    ck_assert_msg(plx_refs_write(&store, &ref, content, &err), "%s", plx_test_err(&err));
    plx_arena_free(a);
}

static void setup(void)
{
    char dir[PLX_PATH];
    bool existed;
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    ck_assert(plx_path_join(dir, plx_test_dir(), "store", &err) && plx_store_init(&ctx, dir, &existed, &err));
    ck_assert_msg(plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, &store, &err), "%s", plx_test_err(&err));
    put_ref("activity/worm@1.9:strict");
    put_ref("activity/worm@1.10:strict");
    put_ref("activity/worm@1.2:compat");
    put_ref("connectome/worm@1:strict");
    put_ref("connectome/only@3:compat");
    put_ref("atlas/cells@1:strict");
}

static void teardown(void)
{
    plx_store_close(&store);
}

static const char *resolved(const char *text)
{
    static char out[PLX_REF_TEXT];
    plx_ref asked, ref;
    bool found;
    plx_err_clear(&err);
    ck_assert_msg(plx_ref_parse(text, &asked, &err), "%s", plx_test_err(&err));
    if (!plx_resolve(&store, &asked, &ref, &found, near, &err) || !found) {
        return NULL;
    }
    ref.has_mode = true;
    plx_ref_print(&ref, out);
    return out;
}

START_TEST(parts_are_filled_in)
{
    static const char *const cases[][2] = {
        {"activity/worm", "activity/worm@1.10:strict"},        {"activity/worm:compat", "activity/worm@1.2:compat"},
        {"activity/worm@1.9", "activity/worm@1.9:strict"},     {"cells", "atlas/cells@1:strict"},
        {"connectome/worm#U1", "connectome/worm@1:strict#U1"}, {"only:compat", "connectome/only@3:compat"},
        {"connectome/only", "connectome/only@3:strict"}, /* it is there, if not in that mode */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = resolved(cases[i][0]);
        ck_assert_msg(got != NULL, "%s: %s", cases[i][0], plx_test_err(&err));
        ck_assert_str_eq(got, cases[i][1]);
    }
}
END_TEST

START_TEST(what_is_not_there)
{
    static const char *const cases[][2] = {
        {"atlas/cells@2", "atlas/cells"},
        {"activity/wrom", "activity/worm"},
        {"cels", "cells"},
        {"nothing/like-it", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_ptr_null(resolved(cases[i][0]));
        ck_assert_int_eq(err.code, PLX_OK);
        ck_assert_str_eq(near, cases[i][1]);
    }
    ck_assert_ptr_null(resolved("worm"));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_str_eq(err.what, "worm is in more than one family");
    ck_assert_str_eq(err.why, "there is activity/worm and connectome/worm");
    ck_assert_str_eq(err.next, "plexus show activity/worm");
}
END_TEST

START_TEST(versions)
{
    static const char *const rising[] = {"1", "1.0",     "1.2",    "1.9", "1.10", "1.10a",
                                         "2", "2020-01", "2020-2", "a",   "b2",   "b10"};
    for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
        for (size_t j = 0; j < sizeof rising / sizeof *rising; j++) {
            int order = plx_version_order(rising[i], rising[j]);
            ck_assert_msg((i < j && order < 0) || (i == j && order == 0) || (i > j && order > 0), "%s against %s: %d",
                          rising[i], rising[j], order);
        }
    }
}
END_TEST

static void make_object(const char *area, const char *hex)
{
    plx_digest digest;
    char path[PLX_PATH], *slash;
    ck_assert(plx_digest_parse(hex, 64, &digest) && plx_store_object_path(&store, area, &digest, path, &err));
    slash = strrchr(path, '/');
    *slash = '\0';
    ck_assert(plx_fs_mkdirs(path, &err));
    *slash = '/';
    ck_assert(plx_fs_replace(path, "x", 1, &err));
}

START_TEST(digests)
{
    char one[65], two[65], three[65];
    memset(one, 'a', 64);
    memset(two, 'a', 64);
    memset(three, 'b', 64);
    one[64] = two[64] = three[64] = '\0';
    two[10] = 'c';
    make_object("blobs", one);
    make_object("blobs", two);
    make_object("records", three);
    const char *area;
    plx_digest found;
    char hex[65];
    ck_assert(plx_resolve_digest(&store, "aaaaaaaaaac", &area, &found, &err));
    plx_digest_hex(&found, hex);
    ck_assert_str_eq(hex, two);
    ck_assert_str_eq(area, "blobs");
    ck_assert(plx_resolve_digest(&store, three, &area, &found, &err));
    ck_assert_str_eq(area, "records");
    ck_assert(!plx_resolve_digest(&store, "aaaaaaaaaa", &area, &found, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_str_eq(err.why, "2 do; give more digits");
    ck_assert(!plx_resolve_digest(&store, "cccccc", &area, &found, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_resolve_digest(&store, "aaaaa", &area, &found, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_resolve_digest(&store, "aaaaaz", &area, &found, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

START_TEST(status)
{
    plx_status s;
    char hex[65];
    memset(hex, 'd', 64);
    hex[64] = '\0';
    make_object("blobs", hex);
    char path[PLX_PATH];
    ck_assert(plx_store_partial(&store, path, &err));
    ck_assert_msg(plx_status_make(&ctx, &store, &s, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(s.datasets, 6);
    ck_assert_uint_eq(s.blobs, 1);
    ck_assert_uint_eq(s.blob_bytes, 1);
    ck_assert_uint_eq(s.records, 0);
    ck_assert_uint_eq(s.partials, 1);
    ck_assert_uint_eq(s.quarantined, 0);
    ck_assert_uint_gt(s.free_bytes, 0);
    ck_assert_str_eq(plx_catalog_state_name(s.catalog), "missing");
    ck_assert(plx_path_join(path, store.root, "catalog.db", &err) &&
              plx_fs_replace(path, "not a database, not at all", 26, &err));
    ck_assert(plx_status_make(&ctx, &store, &s, &err));
    ck_assert_int_eq(s.catalog, PLX_CATALOG_DAMAGED);
}
END_TEST

START_TEST(out_of_memory)
{
    plx_ref asked, ref;
    ck_assert(plx_ref_parse("activity/worm", &asked, &err));
    for (size_t k = 0;; k++) {
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        bool found, ok = plx_resolve(&store, &asked, &ref, &found, near, &err);
        size_t asked_for = plx_test_alloc_ok();
        ck_assert_uint_eq(plx_alloc_live(), live);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        if (asked_for <= k) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *resolve_suite(void)
{
    Suite *s = suite_create("resolve");
    TCase *tc = tcase_create("resolve");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, parts_are_filled_in);
    tcase_add_test(tc, what_is_not_there);
    tcase_add_test(tc, versions);
    tcase_add_test(tc, digests);
    tcase_add_test(tc, status);
    tcase_add_test(tc, out_of_memory);
    suite_add_tcase(s, tc);
    return s;
}
