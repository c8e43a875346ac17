/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/yaml.h"

#include "core/alloc.h"
#include "core/rng.h"
#include "core/utf8.h"
#include "support/support.h"

#include <check.h>

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

static void expect(const plx_value *v, const char *text)
{
    plx_sb out = {0};
    plx_err err = {0};
    ck_assert_msg(plx_yaml_write(v, &out, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(plx_sb_str(&out), text);
    plx_sb_free(&out);
}

static void expect_text(const char *value, const char *text)
{
    expect(plx_v_str(arena, value), text);
}

START_TEST(test_texts)
{
    expect_text("plain words", "plain words\n");
    expect_text("2020_witvliet", "2020_witvliet\n");
    expect_text("http://example.org/a#b", "http://example.org/a#b\n");
    expect_text("", "\"\"\n");
    expect_text("null", "\"null\"\n");
    expect_text("Yes", "\"Yes\"\n");
    expect_text("~", "\"~\"\n");
    expect_text("12", "\"12\"\n");
    expect_text("1e5", "\"1e5\"\n");
    expect_text("0x1F", "\"0x1F\"\n");
    expect_text("1986-11-12", "\"1986-11-12\"\n");
    expect_text("12:30:45", "\"12:30:45\"\n");
    expect_text("-5", "\"-5\"\n");
    expect_text(".inf", "\".inf\"\n");
    expect_text("a: b", "\"a: b\"\n");
    expect_text("a:b", "a:b\n");
    expect_text("ends:", "\"ends:\"\n");
    expect_text("a #b", "\"a #b\"\n");
    expect_text(" a", "\" a\"\n");
    expect_text("a ", "\"a \"\n");
    expect_text("*a", "\"*a\"\n");
    expect_text("[a]", "\"[a]\"\n");
    expect_text("say \"x\"", "\"say \\\"x\\\"\"\n");
    expect_text("tab\there", "\"tab\\there\"\n");
    expect_text("esc\x1B[0m", "\"esc\\x1B[0m\"\n");
    expect_text("line\xE2\x80\xA8separator", "\"line\\u2028separator\"\n");
    expect_text("caf\xC3\xA9", "caf\xC3\xA9\n");
    expect_text("a\nb", "|-\n  a\n  b\n");
    expect_text("a\nb\n", "|\n  a\n  b\n");
    expect_text("a\n\n\n", "|+\n  a\n\n\n");
    expect_text("\na", "\"\\na\"\n");
}
END_TEST

START_TEST(test_tree)
{
    plx_value *file = plx_v_obj(arena);
    plx_v_set(arena, file, "url", plx_v_str(arena, "a.csv"));
    plx_v_set(arena, file, "bytes", plx_v_i64(arena, -12));
    plx_value *inner = plx_v_arr(arena);
    plx_v_push(arena, inner, plx_v_null(arena));
    plx_v_push(arena, inner, plx_v_bool(arena, true));
    plx_value *files = plx_v_arr(arena);
    plx_v_push(arena, files, file);
    plx_v_push(arena, files, inner);
    plx_v_push(arena, files, plx_v_str(arena, "x\ny\n"));
    plx_value *root = plx_v_obj(arena);
    plx_v_set(arena, root, "files", files);
    plx_v_set(arena, root, "no", plx_v_arr(arena));
    plx_v_set(arena, root, "e", plx_v_obj(arena));
    plx_v_set(arena, root, "half", plx_v_f64(arena, 0.5));
    plx_v_set(arena, root, "big", plx_v_u64(arena, UINT64_MAX));
    expect(root, "files:\n"
                 "  - url: a.csv\n"
                 "    bytes: -12\n"
                 "  - - null\n"
                 "    - true\n"
                 "  - |\n"
                 "    x\n"
                 "    y\n"
                 "\"no\": []\n"
                 "e: {}\n"
                 "half: 0.5\n"
                 "big: 18446744073709551615\n");
}
END_TEST

static void round_trip(const plx_value *v)
{
    plx_sb out = {0};
    plx_err err = {0};
    plx_value *again = NULL;
    ck_assert_msg(plx_yaml_write(v, &out, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_yaml_parse(&ctx, arena, "w", out.ptr, out.len, &again, &err), "%s\n%s", plx_test_err(&err),
                  out.ptr);
    ck_assert_msg(plx_v_equal(v, again), "came back different:\n%s", out.ptr);
    plx_sb_free(&out);
}

/* Pieces chosen to be trouble. */
static plx_value *random_text(plx_rng *rng)
{
    static const char *const pieces[] = {
        "a",
        "B",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        ":",
        ": ",
        " #",
        "#",
        "-",
        "- ",
        "?",
        "? ",
        "\"",
        "'",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&",
        "*",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "---",
        "...",
        "\n---\n",
        "\n...\n",
        "null",
        "~",
        "yes",
        "0x1",
        "1_000",
        "1.5",
        "1:2",
        "<<",
        "=",
        "\x01",
        "\x7F",
        "\xC2\x85",
        "\xC2\xA0",
        "\xE2\x80\xA8",
        "\xE2\x80\xA9",
        "\xEF\xBB\xBF",
        "\xEF\xBF\xBE",
        "\xC3\xA9",
        "\xF0\x9F\xA7\xA0",
        "word",
    };
    plx_sb text = {0};
    for (uint64_t n = plx_rng_below(rng, 6); n > 0; n--) {
        plx_sb_text(&text, pieces[plx_rng_below(rng, sizeof pieces / sizeof pieces[0])]);
    }
    if (plx_rng_below(rng, 200) == 0) { /* longer than a simple key may be */
        for (int i = 0; i < 300; i++) {
            plx_sb_text(&text, i % 7 ? "long " : "\x1B\xC3\xA9");
        }
    }
    plx_value *v = plx_v_strn(arena, plx_sb_str(&text), text.len);
    plx_sb_free(&text);
    return v;
}

static plx_value *random_tree(plx_rng *rng, int depth)
{
    uint64_t kind = plx_rng_below(rng, depth > 0 ? 8 : 4);
    if (kind == 0) {
        return plx_v_null(arena);
    }
    if (kind < 4) {
        return random_text(rng);
    }
    plx_value *v = kind < 6 ? plx_v_arr(arena) : plx_v_obj(arena);
    for (uint64_t n = plx_rng_below(rng, 4); n > 0; n--) {
        if (kind < 6) {
            plx_v_push(arena, v, random_tree(rng, depth - 1));
        } else {
            plx_v_set(arena, v, plx_v_text(random_text(rng)), random_tree(rng, depth - 1));
        }
    }
    return v;
}

START_TEST(test_random_trees_round_trip)
{
    plx_rng rng = plx_rng_seed(7);
    for (int i = 0; i < 20000; i++) {
        plx_arena_mark mark = plx_arena_get_mark(arena);
        round_trip(random_tree(&rng, 4));
        plx_arena_reset(arena, mark);
    }
}
END_TEST

START_TEST(test_refused)
{
    plx_sb out = {0};
    plx_err err = {0};
    ck_assert(!plx_yaml_write(plx_v_strn(arena, "a\0b", 3), &out, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    ck_assert(!plx_yaml_write(plx_v_str(arena, "a\xFF"), &out, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    plx_value *deep = plx_v_arr(arena);
    for (int i = 0; i < 600; i++) {
        plx_value *outer = plx_v_arr(arena);
        plx_v_push(arena, outer, deep);
        deep = outer;
    }
    ck_assert(!plx_yaml_write(deep, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_sb_free(&out);
}
END_TEST

static bool out_of_memory(void *payload, size_t size)
{
    size_t *left = payload;
    (void)size;
    return *left && (*left)--;
}

START_TEST(test_out_of_memory)
{
    plx_value *obj = plx_v_obj(arena);
    plx_v_set(arena, obj, "key", plx_v_str(arena, "a text long enough for the builder to grow more than once"));
    size_t failures = 0;
    size_t before = plx_alloc_live();
    for (size_t k = 0; k < 3; k++) {
        plx_sb out = {0};
        plx_err err = {0};
        size_t left = k;
        plx_alloc_set_hook(out_of_memory, &left);
        if (!plx_yaml_write(obj, &out, &err)) {
            ck_assert_int_eq(err.code, PLX_E_NOMEM);
            failures++;
        }
        plx_alloc_set_hook(NULL, NULL);
        plx_sb_free(&out);
        ck_assert_uint_eq(plx_alloc_live(), before);
    }
    ck_assert_uint_ge(failures, 1);
    ck_assert_uint_lt(failures, 3);
}
END_TEST

Suite *yaml_write_suite(void)
{
    Suite *s = suite_create("yaml_write");
    TCase *tc = tcase_create("yaml_write");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_texts);
    tcase_add_test(tc, test_tree);
    tcase_add_test(tc, test_random_trees_round_trip);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_out_of_memory);
    suite_add_tcase(s, tc);
    return s;
}
