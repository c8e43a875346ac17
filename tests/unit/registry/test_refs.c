/* SPDX-License-Identifier: Apache-2.0
 *
 * Refs: written whole, sealed, listed in order, and honest about their objects.
 */
#include "formats/json.h"
#include "registry/sealed.h"
#include "store_fixture.h"

#include <stdlib.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static char path[PLX_PATH];
static plx_arena *arena;

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("store", &store);
    arena = plx_arena_new(0);
}

static void teardown(void)
{
    plx_arena_free(arena);
    plx_store_close(&store);
}

START_TEST(read_back)
{
    plx_ref ref = fx_ref("x"), other = fx_ref("y");
    const plx_value *content;
    bool was_there;
    OK(fx_get(&store, "x", 2, &err));
    OK(plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
    ck_assert_ptr_nonnull(content);
    ck_assert_str_eq(plx_v_get_text(content, "dataset"), "connectome/x");
    fx_path(path, store.root, "refs/connectome/x/1.strict.json");
    ck_assert(plx_fs_exists(path));
    OK(plx_refs_read(&ctx, &store, &other, arena, &content, &err));
    ck_assert_ptr_null(content);
    ref.mode = PLX_COMPAT;
    OK(plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
    ck_assert_ptr_null(content);
    ref.mode = PLX_STRICT;
    OK(plx_refs_remove(&store, &ref, &was_there, &err));
    ck_assert(was_there);
    OK(plx_refs_remove(&store, &ref, &was_there, &err));
    ck_assert(!was_there);
    ck_assert(!plx_fs_exists(path));
    ref.version[0] = '\0';
    ck_assert(!plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

START_TEST(the_same_again_writes_nothing)
{
    struct stat before, after;
    OK(fx_get(&store, "x", 2, &err));
    fx_path(path, store.root, "refs/connectome/x/1.strict.json");
    ck_assert_int_eq(stat(path, &before), 0);
    OK(fx_get(&store, "x", 2, &err));
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    OK(fx_get(&store, "x", 3, &err));
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_ne(before.st_ino, after.st_ino);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    ck_assert_uint_eq(fx_count(&store, "refs/connectome/x"), 1);
}
END_TEST

START_TEST(every_harmed_byte_is_seen)
{
    plx_ref ref = fx_ref("x");
    const plx_value *content;
    plx_buf text;
    OK(fx_get(&store, "x", 2, &err));
    fx_path(path, store.root, "refs/connectome/x/1.strict.json");
    OK(plx_buf_read_file(path, 1 << 20, &text, &err));
    for (size_t at = 0; at < text.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            fx_flip(path, at, bit);
            plx_err_clear(&err);
            ck_assert(!plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
            ck_assert_int_eq(err.code, PLX_E_DIGEST);
            ck_assert_ptr_null(content);
            ck_assert_str_eq(err.next, "plexus repair");
            fx_flip(path, at, bit);
        }
    }
    for (size_t len = 0; len < text.len; len++) { /* every prefix */
        unlink(path);
        FILE *f = fopen(path, "wb");
        fwrite(text.ptr, 1, len, f);
        fclose(f);
        ck_assert(!plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
        ck_assert_int_eq(err.code, PLX_E_DIGEST);
    }
    plx_buf_free(&text);
}
END_TEST

static void put_sealed(const char *rel, const char *body)
{
    plx_sb text = {0};
    char dir[PLX_PATH];
    plx_sb_text(&text, body);
    plx_sealed_add(&text);
    fx_path(path, store.root, rel);
    snprintf(dir, sizeof dir, "%.*s", (int)(plx_path_base(path) - path), path);
    OK(plx_fs_mkdirs(dir, &err));
    fx_write(path, plx_sb_str(&text));
    plx_sb_free(&text);
}

START_TEST(sealed_but_wrong)
{
    plx_ref ref = fx_ref("y");
    const plx_value *content;
    static const char *const bodies[] = {
        "{}\n",
        "[]\n",
        "not json\n",
        "{\"dataset\": \"connectome/x\", \"version\": \"1\", \"mode\": \"strict\", \"units\": []}\n", /* of x */
        "{\"dataset\": \"connectome/y\", \"version\": \"2\", \"mode\": \"strict\", \"units\": []}\n",
        "{\"dataset\": \"connectome/y\", \"version\": \"1\", \"mode\": \"compat\", \"units\": []}\n",
        "{\"dataset\": \"connectome/y\", \"version\": \"1\", \"mode\": \"strict\"}\n"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        put_sealed("refs/connectome/y/1.strict.json", bodies[i]);
        ck_assert_msg(!plx_refs_read(&ctx, &store, &ref, arena, &content, &err), "%s", bodies[i]);
    }
    plx_value *mine = plx_v_obj(arena);
    ck_assert(plx_v_set(arena, mine, "dataset", plx_v_str(arena, "connectome/x")));
    ck_assert(!plx_refs_write(&store, &ref, mine, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
}
END_TEST

typedef struct seen {
    size_t n, bad;
    char text[1024];
} seen;

static bool each(void *payload, const plx_ref *ref, const char *rel, const plx_value *content, const plx_digest *seal,
                 const plx_err *problem, plx_err *e)
{
    (void)e;
    seen *s = payload;
    char text[PLX_REF_TEXT] = "?";
    static const plx_digest zero;
    if (ref->name[0]) {
        plx_ref_print(ref, text);
    }
    ck_assert((content != NULL) == (problem == NULL));
    ck_assert((content != NULL) == !plx_digest_eq(seal, &zero));
    size_t used = strlen(s->text);
    snprintf(s->text + used, sizeof s->text - used, "%s%s=%s", s->n ? "," : "", content ? "" : "!",
             content ? text : rel);
    s->n++;
    s->bad += content == NULL;
    return true;
}

START_TEST(walked_in_order)
{
    seen s = {0};
    OK(plx_refs_walk(&ctx, &store, each, &s, &err));
    ck_assert_uint_eq(s.n, 0);
    OK(fx_get(&store, "b", 2, &err));
    OK(fx_get(&store, "a.1", 2, &err));
    OK(fx_get(&store, "a", 2, &err));
    put_sealed("refs/connectome/b/1.5-rc.compat.json",
               "{\"dataset\": \"connectome/b\", \"version\": \"1.5-rc\", \"mode\": \"compat\", \"units\": []}\n");
    put_sealed("refs/connectome/c/1.strict.json", "{}\n");
    put_sealed("refs/connectome/notes.txt", "x\n");
    put_sealed("refs/connectome/b/1.other.json", "{}\n");
    put_sealed("refs/connectome/b/x/1.strict.json", "{}\n");
    OK(plx_refs_walk(&ctx, &store, each, &s, &err));
    ck_assert_str_eq(
        s.text, "=connectome/a.1@1:strict,=connectome/a@1:strict,"
                "=connectome/b@1.5-rc:compat,!=refs/connectome/b/1.other.json,=connectome/b@1:strict,"
                "!=refs/connectome/b/x/1.strict.json,!=refs/connectome/c/1.strict.json,!=refs/connectome/notes.txt");
    ck_assert_uint_eq(s.bad, 4);
}
END_TEST

typedef struct objects {
    char text[1024];
} objects;

static bool object(void *payload, const char *area, const plx_digest *digest, const uint64_t *bytes, plx_err *e)
{
    (void)e;
    objects *o = payload;
    size_t used = strlen(o->text);
    snprintf(o->text + used, sizeof o->text - used, "%s %02x %lld;", area, digest->bytes[0],
             bytes ? (long long)*bytes : -1LL);
    return true;
}

static plx_value *parse_hexes(const char *text)
{
    /* A digest of one repeated digit is written as that digit between two '#'. */
    char out[4096];
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        if (p[0] == '#' && p[1] && p[2] == '#') {
            memset(out + n, p[1], PLX_SHA256_HEX);
            n += PLX_SHA256_HEX;
            p += 2;
        } else {
            out[n++] = *p;
        }
    }
    plx_value *v;
    OK(plx_json_parse(&ctx, arena, "ref", out, n, NULL, &v, &err));
    return v;
}

START_TEST(names_all_its_objects)
{
    objects o = {""};
    const plx_value *v =
        parse_hexes("{\"manifest\": \"#1#\", \"files\": [{\"sha256\": \"#2#\", \"bytes\": 7}, {\"sha256\": \"#3#\"}],"
                    " \"units\": [{\"unit\": \"\", \"record\": \"#4#\"}], \"uses\": [{\"ref\": \"a/b\", \"records\": "
                    "[\"#5#\", {\"unit\": "
                    "\"u\", \"record\": \"#6#\"}]}, {\"ref\": \"a/c\", \"records\": {\"u\": \"#7#\"}}, {\"ref\": "
                    "\"a/d\", \"records\": \"#8#\"}]}");
    OK(plx_refs_objects(v, object, &o, &err));
    ck_assert_str_eq(o.text,
                     "blobs 11 -1;blobs 22 7;blobs 33 -1;records 44 -1;records 55 -1;records 66 -1;records 77 -1;"
                     "records 88 -1;");
    v = parse_hexes("{\"files\": [{\"name\": \"x\"}], \"units\": []}");
    ck_assert(!plx_refs_objects(v, object, &o, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
}
END_TEST

START_TEST(knows_when_an_object_is_gone)
{
    plx_ref ref = fx_ref("x");
    const plx_value *content;
    bool present;
    fx_files files;
    char dir[PLX_PATH];
    OK(fx_get(&store, "x", 2, &err));
    OK(plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
    OK(plx_refs_check_objects(&ctx, &store, content, &present, &err));
    ck_assert(present);
    static const char *const areas[] = {"blobs", "records"};
    for (size_t a = 0; a < 2; a++) {
        fx_path(dir, store.root, areas[a]);
        fx_list(dir, &files);
        for (size_t i = 0; i < files.n; i++) {
            char away[PLX_PATH];
            fx_path(path, dir, files.path[i]);
            fx_path(away, plx_test_dir(), "away");
            ck_assert_int_eq(rename(path, away), 0);
            OK(plx_refs_check_objects(&ctx, &store, content, &present, &err));
            ck_assert_msg(!present, "%s", files.path[i]);
            ck_assert_int_eq(rename(away, path), 0);
        }
    }
    OK(plx_refs_check_objects(&ctx, &store, content, &present, &err));
    ck_assert(present);
}
END_TEST

START_TEST(memory_runs_out)
{
    plx_ref ref = fx_ref("x");
    const plx_value *content, *again;
    OK(fx_get(&store, "x", 2, &err));
    OK(plx_refs_read(&ctx, &store, &ref, arena, &content, &err));
    fx_path(path, store.root, "refs/connectome/x/1.strict.json");
    bool ok = false, reached = true;
    for (size_t k = 0; reached; k++) {
        unlink(path);
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        ok = plx_refs_write(&store, &ref, content, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
        ck_assert(plx_fs_exists(path) == ok);
    }
    ck_assert(ok);
    reached = true;
    for (size_t k = 0; reached; k++) {
        seen s = {0};
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        ok = plx_refs_walk(&ctx, &store, each, &s, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
        ck_assert_uint_eq(s.bad, 0);
    }
    ck_assert(ok);
    OK(plx_refs_read(&ctx, &store, &ref, arena, &again, &err));
    ck_assert(plx_v_equal(content, again));
}
END_TEST

Suite *refs_suite(void)
{
    Suite *suite = suite_create("refs");
    TCase *tc = tcase_create("refs");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, read_back);
    tcase_add_test(tc, the_same_again_writes_nothing);
    tcase_add_test(tc, every_harmed_byte_is_seen);
    tcase_add_test(tc, sealed_but_wrong);
    tcase_add_test(tc, walked_in_order);
    tcase_add_test(tc, names_all_its_objects);
    tcase_add_test(tc, knows_when_an_object_is_gone);
    tcase_add_test(tc, memory_runs_out);
    suite_add_tcase(suite, tc);
    return suite;
}
