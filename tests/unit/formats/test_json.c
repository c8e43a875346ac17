/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/json.h"

#include "chunks.h"
#include "core/alloc.h"
#include "core/rng.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static plx_ctx ctx;
static plx_arena *arena;
static plx_err err;

static void setup(void)
{
    ctx = plx_ctx_default();
    arena = plx_arena_new(0);
    plx_err_clear(&err);
}

static void teardown(void)
{
    plx_arena_free(arena);
}

/* From an exact copy, so that a sanitizer sees a read past the end. */
static bool parse_n(const char *text, size_t len, const plx_json_opts *opts, plx_value **out)
{
    char *exact = malloc(len ? len : 1);
    memcpy(exact, text, len);
    plx_err_clear(&err);
    bool ok = plx_json_parse(&ctx, arena, "t.json", exact, len, opts, out, &err);
    free(exact);
    ck_assert(ok == (*out != NULL));
    return ok;
}

static const plx_value *parse(const char *text)
{
    plx_value *v;
    ck_assert_msg(parse_n(text, strlen(text), NULL, &v), "%s: %s", text, plx_test_err(&err));
    return v;
}

/* Python 3.11: json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False). */
static const char *const GOLDEN[][2] = {
    {"{\"b\":1,\"a\":[1.5,true,null,\"x\"]}", "{\"a\":[1.5,true,null,\"x\"],\"b\":1}"},
    {"[0,-0,1e2,1.0,0.1,1e22,123456789012345680000.0,-1.5e-7]",
     "[0,0,100.0,1.0,0.1,1e+22,1.2345678901234568e+20,-1.5e-07]"},
    {"{\"\\u00e9\":\"\\ud83d\\ude00\\n\",\"k\\\"\":\"\\/\\\\\\b\\f\\t\\u0001\"}",
     "{\"k\\\"\":\"/\\\\\\b\\f\\t\\u0001\",\"\303\251\":\"\360\237\230\200\\n\"}"},
    {"[9223372036854775807,-9223372036854775808,18446744073709551615]",
     "[9223372036854775807,-9223372036854775808,18446744073709551615]"},
    {"  [ ] ", "[]"},
    {"{}", "{}"},
    {"\"top\"", "\"top\""},
    {"-12", "-12"},
    {"[[[]],{\"x\":{}}]", "[[[]],{\"x\":{}}]"},
    {"[4.9406564584124654e-324,1.7976931348623157e308,2.2250738585072011e-308]",
     "[5e-324,1.7976931348623157e+308,2.225073858507201e-308]"},
    {"{\"z\":{\"y\":1,\"x\":2},\"\":0}", "{\"\":0,\"z\":{\"x\":2,\"y\":1}}"},
    {"[\"\303\244\316\261\346\274\242\360\237\220\233\177\"]",
     "[\"\303\244\316\261\346\274\242\360\237\220\233\177\"]"},
    {"[3.141592653589793,100000.0,0.00001,123456.789]", "[3.141592653589793,100000.0,1e-05,123456.789]"},
    {"\t\r\n{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }\n", "{\"a\":1,\"b\":[1,2]}"},
    {"\xef\xbb\xbf[1]", "[1]"},
};

START_TEST(test_golden)
{
    const plx_value *v = parse(GOLDEN[_i][0]);
    plx_sb out = {0};
    ck_assert(plx_json_write(v, false, &out, &err));
    ck_assert_str_eq(plx_sb_str(&out), GOLDEN[_i][1]);
    ck_assert(plx_v_equal(parse(plx_sb_str(&out)), v));
    plx_sb_free(&out);
}
END_TEST

/* What RFC 8259 does not allow, where it is noticed, and how. */
static const struct {
    const char *text;
    plx_code code;
    unsigned line, column;
} REFUSED[] = {
    {"", PLX_E_TRUNCATED, 1, 1},
    {"  \n ", PLX_E_TRUNCATED, 2, 2},
    {"[", PLX_E_TRUNCATED, 1, 2},
    {"[1", PLX_E_TRUNCATED, 1, 3},
    {"[1,", PLX_E_TRUNCATED, 1, 4},
    {"{\"a\"", PLX_E_TRUNCATED, 1, 5},
    {"{\"a\":", PLX_E_TRUNCATED, 1, 6},
    {"{\"a\":1", PLX_E_TRUNCATED, 1, 7},
    {"\"abc", PLX_E_TRUNCATED, 1, 5},
    {"\"abc\\", PLX_E_TRUNCATED, 1, 6},
    {"\"\\u00", PLX_E_TRUNCATED, 1, 6},
    {"\"\\ud83d\\", PLX_E_TRUNCATED, 1, 9},
    {"tru", PLX_E_TRUNCATED, 1, 4},
    {"-", PLX_E_TRUNCATED, 1, 2},
    {"1.", PLX_E_TRUNCATED, 1, 3},
    {"1e", PLX_E_TRUNCATED, 1, 3},
    {"1e+", PLX_E_TRUNCATED, 1, 4},
    {"[1,]", PLX_E_FORMAT, 1, 4},
    {"[,1]", PLX_E_FORMAT, 1, 2},
    {"[1 2]", PLX_E_FORMAT, 1, 4},
    {"[1\n,\n 2}", PLX_E_FORMAT, 3, 3},
    {"{\"a\":1,}", PLX_E_FORMAT, 1, 8},
    {"{\"a\" 1}", PLX_E_FORMAT, 1, 6},
    {"{a:1}", PLX_E_FORMAT, 1, 2},
    {"{1:1}", PLX_E_FORMAT, 1, 2},
    {"{\"a\":1]", PLX_E_FORMAT, 1, 7},
    {"{\"a\":1 \"b\":2}", PLX_E_FORMAT, 1, 8},
    {"[] []", PLX_E_FORMAT, 1, 4},
    {"1 2", PLX_E_FORMAT, 1, 3},
    {"]", PLX_E_FORMAT, 1, 1},
    {"'a'", PLX_E_FORMAT, 1, 1},
    {"truth", PLX_E_FORMAT, 1, 1},
    {"True", PLX_E_FORMAT, 1, 1},
    {"nan", PLX_E_FORMAT, 1, 1},
    {"NaN", PLX_E_FORMAT, 1, 1},
    {"[Infinity]", PLX_E_FORMAT, 1, 2},
    {"-Infinity", PLX_E_FORMAT, 1, 2},
    {"+1", PLX_E_FORMAT, 1, 1},
    {".5", PLX_E_FORMAT, 1, 1},
    {"[01]", PLX_E_FORMAT, 1, 2},
    {"-012", PLX_E_FORMAT, 1, 2},
    {"1.e1", PLX_E_FORMAT, 1, 3},
    {"1e1.5", PLX_E_FORMAT, 1, 4},
    {"0x1", PLX_E_FORMAT, 1, 2},
    {"1_000", PLX_E_FORMAT, 1, 2},
    {"1e400", PLX_E_FORMAT, 1, 1},
    {"// c\n1", PLX_E_FORMAT, 1, 1},
    {"\"a\nb\"", PLX_E_FORMAT, 1, 3},
    {"\"a\tb\"", PLX_E_FORMAT, 1, 3},
    {"\"\\x41\"", PLX_E_FORMAT, 1, 3},
    {"\"\\u12g4\"", PLX_E_FORMAT, 1, 6},
    {"\"\\ud800\"", PLX_E_FORMAT, 1, 2},
    {"\"\\udc00\"", PLX_E_FORMAT, 1, 2},
    {"\"\\ud800\\u0041\"", PLX_E_FORMAT, 1, 2},
    {"[\"\\ud800x\"]", PLX_E_FORMAT, 1, 3},
    {"\"a\xff\"", PLX_E_FORMAT, 1, 3},
    {"\"\xed\xa0\x80\"", PLX_E_FORMAT, 1, 2},
    {"\"\xc0\xaf\"", PLX_E_FORMAT, 1, 2},
    {"\"\\n\xe2\x82\"", PLX_E_FORMAT, 1, 4},
    {"{\"a\":1,\n\"b\":2, \"a\":3}", PLX_E_FORMAT, 2, 8},
    {"{\"\\u0061\":1,\"a\":3}", PLX_E_FORMAT, 1, 13},
    {"\xc2\xa0[]", PLX_E_FORMAT, 1, 1},
    {"\f[]", PLX_E_FORMAT, 1, 1},
};

START_TEST(test_refused)
{
    plx_value *v;
    const char *text = REFUSED[_i].text;
    ck_assert_msg(!parse_n(text, strlen(text), NULL, &v), "%s", text);
    char note[64];
    snprintf(note, sizeof note, "line %u, column %u, byte ", REFUSED[_i].line, REFUSED[_i].column);
    ck_assert_msg(err.code == REFUSED[_i].code, "%s: %s", text, plx_test_err(&err));
    ck_assert_msg(strncmp(err.note[0], note, strlen(note)) == 0, "%s: %s, not %s", text, plx_test_err(&err), note);
}
END_TEST

START_TEST(test_numbers)
{
    static const struct {
        const char *text;
        plx_vkind kind;
        uint64_t bits;
    } numbers[] = {
        {"9223372036854775807", PLX_V_I64, INT64_MAX},
        {"-9223372036854775808", PLX_V_I64, (uint64_t)INT64_MIN},
        {"9223372036854775808", PLX_V_U64, UINT64_C(9223372036854775808)},
        {"18446744073709551615", PLX_V_U64, UINT64_MAX},
        {"18446744073709551616", PLX_V_F64, 0x43F0000000000000},
        {"-9223372036854775809", PLX_V_F64, 0xC3E0000000000000},
        {"9007199254740993", PLX_V_I64, 9007199254740993},
        {"9007199254740993.0", PLX_V_F64, 0x4340000000000000},
        {"9007199254740993.00000000000000001", PLX_V_F64, 0x4340000000000001},
        {"0.1", PLX_V_F64, 0x3FB999999999999A},
        {"-0.0", PLX_V_F64, 0x8000000000000000},
        {"2.2250738585072011e-308", PLX_V_F64, 0x000FFFFFFFFFFFFF},
        {"1e-400", PLX_V_F64, 0},
        {"1E+2", PLX_V_F64, 0x4059000000000000},
        {"123456789012345678901234567890", PLX_V_F64, 0x45F8EE90FF6C373E},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const plx_value *v = parse(numbers[i].text);
        ck_assert_msg(v->kind == numbers[i].kind && v->u.u64 == numbers[i].bits, "%s: kind %d, %llx", numbers[i].text,
                      (int)v->kind, (unsigned long long)v->u.u64);
    }
    plx_value *v;
    plx_json_opts nan = {.allow_nan = true};
    const char *text = "[NaN,Infinity,-Infinity,-1]";
    ck_assert(parse_n(text, strlen(text), &nan, &v));
    ck_assert(isnan(v->u.arr.items[0]->u.f64) && v->u.arr.items[1]->u.f64 == INFINITY);
    ck_assert(v->u.arr.items[2]->u.f64 == -INFINITY && v->u.arr.items[3]->u.i64 == -1);
    ck_assert(!parse_n("-Inf", 4, &nan, &v));
    ck_assert_int_eq(err.code, PLX_E_TRUNCATED);
}
END_TEST

START_TEST(test_places)
{
    const plx_value *v = parse("{\n  \"a\": [10,\n    {\"b\": \"x\"}]\n}");
    const plx_value *b = plx_v_get(v->u.obj.members[0].value->u.arr.items[1], "b");
    ck_assert_uint_eq(v->line, 1);
    ck_assert_uint_eq(v->column, 1);
    ck_assert_uint_eq(v->u.obj.members[0].value->line, 2);
    ck_assert_uint_eq(v->u.obj.members[0].value->column, 8);
    ck_assert_uint_eq(b->line, 3);
    ck_assert_uint_eq(b->column, 11);
    ck_assert_uint_eq(b->offset, 24);
    const plx_value *s = parse("\"a\\u0000b\"");
    ck_assert_uint_eq(s->u.str.len, 3);
    ck_assert_mem_eq(s->u.str.ptr, "a\0b", 4);
}
END_TEST

START_TEST(test_duplicates)
{
    plx_json_opts opts = {.allow_duplicates = true};
    plx_value *v;
    const char *text = "{\"a\":1,\"b\":2,\"a\":3,\"a\":4}";
    ck_assert(parse_n(text, strlen(text), &opts, &v));
    ck_assert_uint_eq(v->u.obj.n, 2);
    ck_assert_int_eq(plx_v_get(v, "a")->u.i64, 4);
    ck_assert_int_eq(plx_v_get(v, "b")->u.i64, 2);
    for (int with = 0; with < 2; with++) { /* wide objects take another way */
        plx_sb big = {0};
        plx_sb_char(&big, '{');
        for (int i = 0; i < 1000; i++) {
            plx_sb_printf(&big, "\"k%d\":%d,\n", (i * 37) % 1000, i);
        }
        plx_sb_printf(&big, "\"%s\":1000}", with ? "k37" : "z");
        bool ok = parse_n(big.ptr, big.len, NULL, &v);
        ck_assert_msg(ok == !with, "%s", plx_test_err(&err));
        if (with) {
            ck_assert_int_eq(err.code, PLX_E_FORMAT);
            ck_assert_msg(strstr(err.what, "\"k37\" comes twice") != NULL, "%s", err.what);
            ck_assert_msg(strncmp(err.note[0], "line 1001, column 1,", 20) == 0, "%s", err.note[0]);
            ck_assert_str_eq(err.why, "it was first on line 2, column 1");
            ck_assert(parse_n(big.ptr, big.len, &opts, &v));
            ck_assert_uint_eq(v->u.obj.n, 1000);
            ck_assert_int_eq(plx_v_get(v, "k37")->u.i64, 1000);
        } else {
            ck_assert_uint_eq(v->u.obj.n, 1001);
            ck_assert_int_eq(plx_v_get(v, "k370")->u.i64, 10);
        }
        plx_sb_free(&big);
    }
}
END_TEST

START_TEST(test_depth)
{
    plx_value *v;
    char deep[4001];
    memset(deep, '[', 2000);
    memset(deep + 2000, ']', 2000);
    ck_assert(!parse_n(deep, 4000, NULL, &v));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_msg(strncmp(err.note[0], "line 1, column 65,", 18) == 0, "%s", err.note[0]);
    ck_assert(!parse_n(deep, 4000, &(plx_json_opts){.max_depth = 1999}, &v));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(parse_n(deep, 4000, &(plx_json_opts){.max_depth = 2000}, &v));
    ctx.limits.depth = 3;
    ck_assert(parse_n("[[[1]]]", 7, NULL, &v));
    ck_assert(!parse_n("[[[[1]]]]", 9, NULL, &v));
}
END_TEST

static const char PREFIXED[] =
    "{\"a\": [1, -2.5e3, true, null, \"\\u00e9\\ud83d\\ude00\xc3\xa9\"], \"b\": {\"c\": {}}}";

START_TEST(test_prefixes)
{
    plx_value *v;
    for (size_t n = 0; n < sizeof PREFIXED - 1; n++) {
        ck_assert(!parse_n(PREFIXED, n, NULL, &v));
        bool inside_utf8 = n > 0 && (unsigned char)PREFIXED[n] == 0xa9;
        ck_assert_msg(err.code == PLX_E_TRUNCATED || (inside_utf8 && err.code == PLX_E_FORMAT), "%zu: %s", n,
                      plx_test_err(&err));
    }
}
END_TEST

START_TEST(test_out_of_memory)
{
    size_t before = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_source *source;
        plx_value *v = NULL;
        plx_err_clear(&err);
        ck_assert(plx_source_mem("t.json", PREFIXED, sizeof PREFIXED - 1, &source, NULL));
        plx_test_alloc_fail_at(k);
        plx_arena *a = plx_arena_new(0);
        ok = a && plx_json_read(&ctx, a, source, NULL, &v, &err);
        plx_test_alloc_ok();
        ck_assert_msg(ok || !a || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        plx_arena_free(a);
        plx_source_close(source);
        ck_assert_uint_eq(plx_alloc_live(), before);
        ck_assert_uint_lt(k, 50);
    }
}
END_TEST

/* ---- streams ---- */

typedef struct collected {
    plx_value *all;
    size_t stop_at;
} collected;

static bool collect(void *payload, size_t index, const plx_value *element, plx_err *e)
{
    collected *c = payload;
    ck_assert_uint_eq(index, c->all->u.arr.n);
    if (index == c->stop_at) {
        return plx_fail(e, PLX_E_SCHEMA, "enough");
    }
    plx_sb text = {0};
    plx_value *copy;
    ck_assert(plx_json_write(element, false, &text, e));
    ck_assert(plx_json_parse(&ctx, arena, "copy", text.ptr, text.len, NULL, &copy, e));
    copy->line = element->line;
    copy->column = element->column;
    copy->offset = element->offset;
    ck_assert(plx_v_push(arena, c->all, copy));
    plx_sb_free(&text);
    return true;
}

static bool stream(const char *text, size_t len, size_t chunk, const plx_json_opts *opts, collected *c)
{
    chunks slow;
    *c = (collected){plx_v_arr(arena), SIZE_MAX};
    plx_err_clear(&err);
    return plx_json_stream(&ctx, chunks_open(&slow, text, len, chunk), opts, collect, c, &err);
}

/* An array that spans windows, with elements of every size up to more than one window. */
START_TEST(test_stream_equals_whole)
{
    plx_rng rng = plx_rng_seed(5);
    plx_sb text = {0};
    plx_sb_text(&text, "\xef\xbb\xbf [\n");
    for (int i = 0; i < 3000; i++) {
        plx_sb_printf(&text, "%s{\"i\": %d, \"x\": %.17g,\n\"s\": \"", i ? ",\n" : "", i, plx_rng_normal(&rng));
        size_t n = i == 2000 ? 700000 : plx_rng_below(&rng, 300);
        for (size_t k = 0; k < n; k++) {
            plx_sb_text(&text, k % 7 ? "y" : "\\n\xc3\xa9");
        }
        plx_sb_printf(&text, "\"} ");
    }
    plx_sb_text(&text, ", 12]\n ");
    plx_value *whole;
    ck_assert_msg(parse_n(text.ptr, text.len, NULL, &whole), "%s", plx_test_err(&err));
    static const size_t sizes[] = {1000, 65536, 10 << 20};
    for (size_t k = 0; k < 3; k++) {
        collected c;
        ck_assert_msg(stream(text.ptr, text.len, sizes[k], NULL, &c), "%s", plx_test_err(&err));
        ck_assert(plx_v_equal(c.all, whole));
        for (size_t i = 0; i < whole->u.arr.n; i++) {
            const plx_value *a = c.all->u.arr.items[i], *b = whole->u.arr.items[i];
            ck_assert(a->line == b->line && a->column == b->column && a->offset == b->offset);
        }
    }
    plx_sb_free(&text);
}
END_TEST

START_TEST(test_stream_small)
{
    const char *text = " [ 1 , [2,[3]] , {\"a\":\"b\"},\"\\u0041\" ,null,-1.5e3,true ] ";
    plx_value *whole;
    collected c;
    ck_assert(parse_n(text, strlen(text), NULL, &whole));
    for (size_t chunk = 1; chunk < 20; chunk++) {
        ck_assert_msg(stream(text, strlen(text), chunk, NULL, &c), "%s", plx_test_err(&err));
        ck_assert(plx_v_equal(c.all, whole));
    }
    ck_assert(stream("[]", 2, 1, NULL, &c) && c.all->u.arr.n == 0);
    for (size_t n = 0; n < strlen(text) - 2; n++) {
        ck_assert(!stream(text, n, 3, NULL, &c));
        ck_assert_msg(err.code == PLX_E_TRUNCATED, "%zu: %s", n, plx_test_err(&err));
    }
    static const char *const bad[] = {"{}", "12", "[1,]", "[1 2]", "[1}", "[1]x", "[,]", "[1,[2,]]", "[\"a\nb\"]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!stream(bad[i], strlen(bad[i]), 1, NULL, &c), "%s", bad[i]);
        ck_assert_msg(err.code == PLX_E_FORMAT && err.n_notes > 0, "%s: %s", bad[i], plx_test_err(&err));
    }
    chunks slow;
    c = (collected){plx_v_arr(arena), 2};
    ck_assert(!plx_json_stream(&ctx, chunks_open(&slow, "[1,2,3]", 7, 2), NULL, collect, &c, &err));
    ck_assert_str_eq(err.what, "enough");
    chunks_open(&slow, "[1,2,3]", 7, 2);
    slow.fail_at = 4;
    c = (collected){plx_v_arr(arena), SIZE_MAX};
    ck_assert(!plx_json_stream(&ctx, &slow.base, NULL, collect, &c, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
    ctx.limits.depth = 3;
    ck_assert(stream("[[[1]]]", 7, 9, NULL, &c));
    ck_assert(!stream("[[[[1]]]]", 9, 9, NULL, &c));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
}
END_TEST

static bool count(void *payload, size_t index, const plx_value *element, plx_err *e)
{
    (void)e;
    *(size_t *)payload += index < 2 && element != NULL;
    return true;
}

START_TEST(test_stream_memory)
{
    plx_sb text = {0};
    plx_sb_text(&text, "[\"");
    for (int i = 0; i < 600000; i++) {
        plx_sb_text(&text, "abcdefgh");
    }
    plx_sb_text(&text, "\"]");
    collected c;
    ctx.limits.memory_bytes = 1 << 20;
    ck_assert(!stream(text.ptr, text.len, 65536, NULL, &c));
    ck_assert_msg(err.code == PLX_E_LIMIT, "%s", plx_test_err(&err));
    plx_sb_free(&text);
    size_t before = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_test_alloc_fail_at(k);
        chunks slow;
        size_t n = 0;
        plx_err_clear(&err);
        ok = plx_json_stream(&ctx, chunks_open(&slow, "[[1],{\"a\":2}]", 13, 5), NULL, count, &n, &err);
        ck_assert(!ok || n == 2);
        plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        ck_assert_uint_lt(k, 50);
    }
}
END_TEST

Suite *json_suite(void)
{
    Suite *s = suite_create("json");
    TCase *tc = tcase_create("json");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_golden, 0, sizeof GOLDEN / sizeof *GOLDEN);
    tcase_add_loop_test(tc, test_refused, 0, sizeof REFUSED / sizeof *REFUSED);
    tcase_add_test(tc, test_numbers);
    tcase_add_test(tc, test_places);
    tcase_add_test(tc, test_duplicates);
    tcase_add_test(tc, test_depth);
    tcase_add_test(tc, test_prefixes);
    tcase_add_test(tc, test_out_of_memory);
    tcase_add_test(tc, test_stream_equals_whole);
    tcase_add_test(tc, test_stream_small);
    tcase_add_test(tc, test_stream_memory);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
