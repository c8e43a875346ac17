/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/yaml.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>

static plx_arena *arena;
static plx_ctx ctx;

static void setup(void)
{
    ctx = plx_ctx_default();
    arena = plx_arena_new(0);
}

static void teardown(void)
{
    plx_arena_free(arena);
}

static plx_value *parse(const char *text)
{
    plx_value *v = NULL;
    plx_err err = {0};
    ck_assert_msg(plx_yaml_parse(&ctx, arena, "m.yaml", text, strlen(text), &v, &err), "%s", plx_test_err(&err));
    return v;
}

static void refuse(const char *text, plx_code code, const char *what, const char *where)
{
    plx_value *v = NULL;
    plx_err err = {0};
    ck_assert_msg(!plx_yaml_parse(&ctx, arena, "m.yaml", text, strlen(text), &v, &err), "read: %s", text);
    ck_assert_msg(err.code == code, "%s", plx_test_err(&err));
    ck_assert_msg(strstr(err.what, what) != NULL, "%s has no %s", plx_test_err(&err), what);
    ck_assert_int_ge(err.n_notes, 1);
    ck_assert_str_eq(err.note[0], where);
    ck_assert_ptr_null(v);
}

START_TEST(test_tree)
{
    plx_value *v = parse("title: Worm # a comment\n"
                         "files:\n"
                         "  - url: a.csv\n"
                         "    bytes: 12\n"
                         "  - {url: 'b''s', bytes: ~}\n"
                         "none: null\n"
                         "empty:\n"
                         "quoted_null: \"null\"\n"
                         "flag: no\n"
                         "text: |\n"
                         "  one\n"
                         "  two\n");
    ck_assert_int_eq(v->kind, PLX_V_OBJ);
    ck_assert_uint_eq(v->u.obj.n, 7);
    ck_assert_str_eq(plx_v_get_text(v, "title"), "Worm");
    const plx_value *files = plx_v_get(v, "files");
    ck_assert_int_eq(files->kind, PLX_V_ARR);
    ck_assert_uint_eq(files->u.arr.n, 2);
    ck_assert_str_eq(plx_v_get_text(files->u.arr.items[0], "bytes"), "12");
    ck_assert_str_eq(plx_v_get_text(files->u.arr.items[1], "url"), "b's");
    ck_assert_int_eq(plx_v_get(files->u.arr.items[1], "bytes")->kind, PLX_V_NULL);
    ck_assert_int_eq(plx_v_get(v, "none")->kind, PLX_V_NULL);
    ck_assert_int_eq(plx_v_get(v, "empty")->kind, PLX_V_NULL);
    ck_assert_str_eq(plx_v_get_text(v, "quoted_null"), "null");
    ck_assert_str_eq(plx_v_get_text(v, "flag"), "no");
    ck_assert_str_eq(plx_v_get_text(v, "text"), "one\ntwo\n");
    ck_assert_str_eq(v->u.obj.members[1].key.ptr, "files");
}
END_TEST

START_TEST(test_places)
{
    plx_value *v = parse("\xEF\xBB\xBFk\xC3\xA9: [x,  yy]\r\nb:\r\n  c: z\r\n");
    const plx_value *arr = plx_v_get(v, "k\xC3\xA9");
    ck_assert_uint_eq(v->line, 1);
    ck_assert_uint_eq(v->column, 1);
    ck_assert_uint_eq(arr->column, 5);
    ck_assert_uint_eq(arr->offset, 8); /* the byte order mark takes three, the accent two */
    ck_assert_uint_eq(arr->u.arr.items[1]->column, 10);
    ck_assert_uint_eq(arr->u.arr.items[1]->offset, 13);
    const plx_value *z = plx_v_at(v, "b.c");
    ck_assert_uint_eq(z->line, 3);
    ck_assert_uint_eq(z->column, 6);
    ck_assert_uint_eq(z->offset, 27);
}
END_TEST

START_TEST(test_small_documents)
{
    ck_assert_int_eq(parse("")->kind, PLX_V_NULL);
    ck_assert_int_eq(parse("# nothing\n")->kind, PLX_V_NULL);
    ck_assert_int_eq(parse("---\n")->kind, PLX_V_NULL);
    ck_assert_str_eq(plx_v_text(parse("--- word\n...\n")), "word");
    ck_assert_str_eq(plx_v_text(parse("%YAML 1.1\n--- word\n")), "word");
    ck_assert_str_eq(plx_v_text(parse("''")), "");
    ck_assert_uint_eq(parse("[]")->u.arr.n, 0);
    ck_assert_uint_eq(parse("{}")->u.obj.n, 0);
    ck_assert_str_eq(plx_v_text(parse("Null")), "Null");
}
END_TEST

START_TEST(test_refused)
{
    refuse("a: 1\nb: &x 2\n", PLX_E_FORMAT, "anchors", "m.yaml, line 2, column 4");
    refuse("a: &x {}\n", PLX_E_FORMAT, "anchors", "m.yaml, line 1, column 4");
    refuse("a: &x []\n", PLX_E_FORMAT, "anchors", "m.yaml, line 1, column 4");
    refuse("a: *x\n", PLX_E_FORMAT, "aliases", "m.yaml, line 1, column 4");
    refuse("*x : 1\n", PLX_E_FORMAT, "aliases", "m.yaml, line 1, column 1");
    refuse("a: !!int 3\n", PLX_E_FORMAT, "tags", "m.yaml, line 1, column 4");
    refuse("a: !x {}\n", PLX_E_FORMAT, "tags", "m.yaml, line 1, column 4");
    refuse("a: !x []\n", PLX_E_FORMAT, "tags", "m.yaml, line 1, column 4");
    refuse("a: ! 3\n", PLX_E_FORMAT, "tags", "m.yaml, line 1, column 4");
    refuse("%TAG ! tag:x,2000:\n---\na\n", PLX_E_FORMAT, "tags", "m.yaml, line 1, column 1");
    refuse("a: 1\nb: 2\na: 3\n", PLX_E_FORMAT, "given twice: a", "m.yaml, line 3, column 1");
    refuse("a: 1\n'a': 3\n", PLX_E_FORMAT, "given twice: a", "m.yaml, line 2, column 1");
    refuse("- a\n---\n- b\n", PLX_E_FORMAT, "second document", "m.yaml, line 2, column 1");
    refuse("[a]: 1\n", PLX_E_FORMAT, "a key must be text", "m.yaml, line 1, column 1");
    refuse("{a: 1}: 1\n", PLX_E_FORMAT, "a key must be text", "m.yaml, line 1, column 1");
    refuse("null: 1\n", PLX_E_FORMAT, "a key must be text", "m.yaml, line 1, column 1");
    refuse("?\n: 1\n", PLX_E_FORMAT, "a key must be text", "m.yaml, line 1, column 2");
    refuse("<<: {a: 1}\n", PLX_E_FORMAT, "merge keys", "m.yaml, line 1, column 1");
    refuse("a: \"x\\0y\"\n", PLX_E_FORMAT, "NUL", "m.yaml, line 1, column 4");
    refuse("a: [1, 2\nb: 3\n", PLX_E_FORMAT, "not valid YAML", "m.yaml, line 2, column 2");
    refuse("a:\n\tb: 3\n", PLX_E_FORMAT, "not valid YAML", "m.yaml, line 2, column 1");
    refuse("ok: 1\nbad: \xFF\n", PLX_E_FORMAT, "not valid YAML", "m.yaml, line 2, column 6");
    refuse("bell: \a\n", PLX_E_FORMAT, "not valid YAML", "m.yaml, line 1, column 7");
}
END_TEST

START_TEST(test_error_says_both_lines_of_a_double_key)
{
    plx_value *v;
    plx_err err = {0};
    const char *text = "x: 1\ny: 2\nz: 3\ny: 4\nx: 5\n";
    ck_assert(!plx_yaml_parse(&ctx, arena, "m.yaml", text, strlen(text), &v, &err));
    ck_assert_str_eq(err.note[0], "m.yaml, line 4, column 1");
    ck_assert_str_eq(err.why, "it is already set in line 2");
}
END_TEST

START_TEST(test_limits)
{
    char deep[400];
    memset(deep, '[', 200);
    memset(deep + 200, ']', 200);
    plx_value *v = NULL;
    plx_err err = {0};
    ck_assert(!plx_yaml_parse(&ctx, arena, "deep", deep, sizeof deep, &v, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_str_eq(err.note[0], "deep, line 1, column 65"); /* 64 levels by default */
    ctx.limits.depth = 200;
    ck_assert(plx_yaml_parse(&ctx, arena, "deep", deep, sizeof deep, &v, &err));
    ctx.limits.file_bytes = 399;
    ck_assert(!plx_yaml_parse(&ctx, arena, "deep", deep, sizeof deep, &v, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);

    plx_sb many = {0};
    for (int i = 0; i < 20000; i++) {
        plx_sb_text(&many, "- a\n");
    }
    ctx = plx_ctx_default();
    ctx.limits.memory_bytes = 100000;
    ck_assert(!plx_yaml_parse(&ctx, arena, "many", many.ptr, many.len, &v, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_sb_free(&many);
}
END_TEST

START_TEST(test_many_keys_are_not_quadratic)
{
    plx_sb text = {0};
    for (int i = 0; i < 100000; i++) {
        plx_sb_printf(&text, "key_%d: %d\n", i, i);
    }
    plx_value *v = parse(plx_sb_str(&text));
    ck_assert_uint_eq(v->u.obj.n, 100000);
    ck_assert_str_eq(plx_v_text(v->u.obj.members[99999].value), "99999");
    plx_sb_free(&text);
}
END_TEST

static const char SMALL[] = "title: \"A\\u00e9\"\nfiles:\n  - {a: 1, b: [x, ~]}\n  - 'q'\nc: |\n  t\n   u\n? k\n: v\n";

START_TEST(test_every_prefix)
{
    size_t n_read = 0;
    for (size_t n = 0; n < sizeof SMALL; n++) {
        plx_value *v = NULL;
        plx_err err = {0};
        char *exact = malloc(n ? n : 1);
        memcpy(exact, SMALL, n);
        if (plx_yaml_parse(&ctx, arena, "p", exact, n, &v, &err)) {
            ck_assert_ptr_nonnull(v);
            n_read++;
        } else {
            ck_assert_msg(err.code == PLX_E_FORMAT, "%zu: %s", n, plx_test_err(&err));
        }
        free(exact);
    }
    ck_assert_uint_gt(n_read, 10);
    ck_assert_uint_lt(n_read, sizeof SMALL - 1);
}
END_TEST

/* Once (the k-th) or for good (from the k-th on): growing an array tries twice, so that one failure alone may not show.
 */
static size_t fail_from;
static size_t asked;

static bool failing(void *payload, size_t size)
{
    bool for_good = *(bool *)payload;
    (void)size;
    asked++;
    return for_good ? asked <= fail_from : asked != fail_from + 1;
}

START_TEST(test_every_failed_allocation)
{
    bool for_good = _i;
    size_t failures = 0;
    size_t before = plx_alloc_live();
    bool ok = false;
    for (fail_from = 0; !ok || fail_from < asked; fail_from++) {
        asked = 0;
        plx_alloc_set_hook(failing, &for_good);
        plx_arena *a = plx_arena_new(0);
        plx_value *v = NULL;
        plx_err err = {0};
        ok = a && plx_yaml_parse(&ctx, a, "p", SMALL, sizeof SMALL - 1, &v, &err);
        if (!ok) {
            ck_assert(!a || err.code == PLX_E_NOMEM);
            failures++;
        }
        plx_arena_free(a);
        plx_alloc_set_hook(NULL, NULL);
        ck_assert_uint_eq(plx_alloc_live(), before);
    }
    ck_assert_uint_ge(failures, for_good ? 3 : 1);
}
END_TEST

Suite *yaml_suite(void)
{
    Suite *s = suite_create("yaml");
    TCase *tc = tcase_create("yaml");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_tree);
    tcase_add_test(tc, test_places);
    tcase_add_test(tc, test_small_documents);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_error_says_both_lines_of_a_double_key);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_many_keys_are_not_quadratic);
    tcase_add_test(tc, test_every_prefix);
    tcase_add_loop_test(tc, test_every_failed_allocation, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}
