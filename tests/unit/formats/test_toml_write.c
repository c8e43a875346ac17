/* SPDX-License-Identifier: Apache-2.0
 *
 * formats/toml_write: tables, arrays of tables, odd keys, what is left out, and what is refused.
 */
#include "core/alloc.h"
#include "formats/json.h"
#include "formats/toml_write.h"
#include "support/support.h"

#include <check.h>

static void writes(const char *json, const char *toml)
{
    plx_ctx ctx = plx_ctx_default();
    plx_arena *arena = plx_arena_new(0);
    plx_value *v;
    plx_err err = {0};
    plx_sb out = {0};
    const plx_json_opts opts = {.allow_nan = true};
    ck_assert(plx_json_parse(&ctx, arena, "test", json, strlen(json), &opts, &v, &err));
    ck_assert_msg(plx_toml_write(v, &out, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(plx_sb_str(&out), toml);
    plx_sb_free(&out);
    plx_arena_free(arena);
}

START_TEST(values)
{
    writes("{}", "");
    writes("{\"a\": 1, \"b\": 0.1, \"c\": true, \"d\": \"x\\n\\\"\", \"e\": null, \"f\": NaN, \"g\": 2.0}",
           "a = 1\nb = 0.1\nc = true\nd = \"x\\n\\\"\"\nf = nan\ng = 2.0\n");
    writes("{\"Num GT\": 7, \"\": [], \"n\": [1, null, [2, 3]], \"o\": [1, {\"k\": 2, \"n\": null}]}",
           "\"Num GT\" = 7\n\"\" = []\nn = [1, [2, 3]]\no = [1, {k = 2}]\n");
}
END_TEST

START_TEST(tables)
{
    writes("{\"t\": {\"u\": {\"x\": 1}, \"y\": 2}, \"z\": 3, \"empty\": {}}",
           "z = 3\n\n[t]\ny = 2\n\n[t.u]\nx = 1\n\n[empty]\n");
    writes("{\"r\": [{\"a\": 1, \"in\": {\"b\": 2}}, {\"a\": 3}]}", "[[r]]\na = 1\n\n[r.in]\nb = 2\n\n[[r]]\na = 3\n");
    writes("{\"odd key\": {\"th.5\": {\"x\": 1}}}", "[\"odd key\"]\n\n[\"odd key\".\"th.5\"]\nx = 1\n");
}
END_TEST

START_TEST(refused)
{
    plx_arena *arena = plx_arena_new(0);
    plx_err err = {0};
    plx_sb out = {0};
    ck_assert(!plx_toml_write(plx_v_i64(arena, 1), &out, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    plx_value *big = plx_v_obj(arena);
    ck_assert(plx_v_set(arena, big, "n", plx_v_u64(arena, UINT64_MAX)));
    ck_assert(!plx_toml_write(big, &out, &err));
    for (int list = 0; list < 2; list++) {
        plx_value *deep = plx_v_i64(arena, 1);
        for (int i = 0; i < 100; i++) {
            plx_value *up = list ? plx_v_arr(arena) : plx_v_obj(arena);
            ck_assert(list ? plx_v_push(arena, up, deep) : plx_v_set(arena, up, "d", deep));
            deep = up;
        }
        plx_value *root = plx_v_obj(arena);
        ck_assert(plx_v_set(arena, root, "d", deep));
        ck_assert(!plx_toml_write(root, &out, &err));
        ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    }
    plx_sb_free(&out);
    plx_arena_free(arena);
}
END_TEST

static bool never(void *payload, size_t size)
{
    (void)payload, (void)size;
    return false;
}

START_TEST(memory_runs_out)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *v = plx_v_obj(arena);
    ck_assert(
        plx_v_set(arena, v, "a", plx_v_str(arena, "a text that is longer than what a first block holds, and so on")));
    plx_err err = {0};
    plx_sb out = {0};
    plx_alloc_set_hook(never, NULL);
    bool ok = plx_toml_write(v, &out, &err);
    plx_alloc_set_hook(NULL, NULL);
    ck_assert(!ok && err.code == PLX_E_NOMEM);
    plx_sb_free(&out);
    plx_arena_free(arena);
}
END_TEST

Suite *toml_write_suite(void)
{
    Suite *s = suite_create("toml_write");
    TCase *c = tcase_create("toml_write");
    tcase_add_test(c, values);
    tcase_add_test(c, tables);
    tcase_add_test(c, refused);
    tcase_add_test(c, memory_runs_out);
    suite_add_tcase(s, c);
    return s;
}
