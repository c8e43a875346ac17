/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/codec.h"

#include "core/rng.h"
#include "formats/json.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>

static const char *const SETTINGS[] = {
    "{\"id\":\"blosc\",\"cname\":\"lz4\",\"clevel\":5,\"shuffle\":1,\"blocksize\":0}",
    "{\"id\":\"blosc\",\"cname\":\"lz4hc\",\"clevel\":9,\"shuffle\":0,\"blocksize\":1024}",
    "{\"id\":\"blosc\",\"cname\":\"blosclz\",\"clevel\":9,\"shuffle\":2}",
    "{\"id\":\"blosc\",\"cname\":\"zlib\",\"clevel\":1}",
    "{\"id\":\"blosc\",\"cname\":\"zstd\",\"clevel\":3,\"shuffle\":2,\"blocksize\":512}",
    "{\"id\":\"blosc\",\"cname\":\"snappy\",\"clevel\":3}",
    "{\"id\":\"blosc\",\"clevel\":0}",
    "{\"id\":\"blosc\"}",
    "{\"id\":\"zstd\",\"level\":3}",
    "{\"id\":\"zstd\",\"level\":0,\"checksum\":true}",
    "{\"id\":\"gzip\",\"level\":1}",
    "{\"id\":\"zlib\",\"level\":9}",
    "{\"id\":\"zlib\",\"level\":0}",
    "{\"id\":\"lz4\",\"acceleration\":1}",
};
enum { N_SETTINGS = sizeof SETTINGS / sizeof *SETTINGS, N = 6000 };

static const plx_codec *open_codec(const char *settings, size_t item, plx_codec_state *state)
{
    plx_ctx ctx = plx_ctx_default();
    plx_arena *arena = plx_arena_new(0);
    plx_value *json;
    plx_err err = {0};
    const plx_codec *codec;
    ck_assert(plx_json_parse(&ctx, arena, "s", settings, strlen(settings), NULL, &json, &err));
    ck_assert_msg(plx_codec_open(json, item, &codec, state, &err), "%s", plx_test_err(&err));
    plx_arena_free(arena);
    return codec;
}

/* Runs of equal small numbers, as label volumes have, or noise. */
static void fill(uint8_t *bytes, size_t n, bool noise)
{
    plx_rng rng = plx_rng_seed(3);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = noise ? (uint8_t)plx_rng_u64(&rng) : (uint8_t)(i / 300 * 37 % 5);
    }
}

START_TEST(test_round_trip)
{
    uint8_t bytes[N], back[N];
    plx_err err = {0};
    for (int noise = 0; noise < 2; noise++) {
        fill(bytes, N, noise);
        for (size_t n = 0; n <= N; n = n < 4 ? n + 1 : n * 3) {
            plx_codec_state state;
            const plx_codec *codec = open_codec(SETTINGS[_i], 4, &state);
            plx_buf packed;
            ck_assert_msg(codec->encode(&state, bytes, n, &packed, &err), "%s", plx_test_err(&err));
            memset(back, 0xAA, sizeof back);
            ck_assert_msg(codec->decode(&state, packed.ptr, packed.len, back, n, &err), "%s, %zu: %s", SETTINGS[_i], n,
                          plx_test_err(&err));
            ck_assert_mem_eq(back, bytes, n);
            ck_assert(n == N || back[n] == 0xAA);
            ck_assert(n == 0 || !codec->decode(&state, packed.ptr, packed.len, back, n - 1, &err));
            ck_assert_int_eq(plx_code_exit(n == 0 ? PLX_E_FORMAT : err.code), 8);
            ck_assert(!codec->decode(&state, packed.ptr, packed.len, back, n + 1, &err));
            plx_buf_free(&packed);
        }
    }
}
END_TEST

/* Cut anywhere, and with any byte changed: refused, or the right number of bytes. */
START_TEST(test_damage)
{
    uint8_t bytes[N], back[N];
    plx_err err = {0};
    plx_codec_state state;
    fill(bytes, N, false);
    const plx_codec *codec = open_codec(SETTINGS[_i], 2, &state);
    plx_buf packed;
    ck_assert(codec->encode(&state, bytes, N, &packed, &err));
    for (size_t n = 0; n < packed.len; n++) {
        uint8_t *cut = malloc(n ? n : 1); /* of that size, for the sanitizer to see */
        memcpy(cut, packed.ptr, n);
        plx_err_clear(&err);
        ck_assert_msg(!codec->decode(&state, cut, n, back, N, &err), "%s cut at %zu", SETTINGS[_i], n);
        ck_assert_int_eq(plx_code_exit(err.code), 8);
        free(cut);
    }
    size_t refused = 0;
    size_t step = packed.len > 500 ? 7 : 1;
    for (size_t at = 0; at < packed.len; at += at < 64 ? 1 : step) {
        for (unsigned flip = 1; flip < 256; flip = flip * 2 + 1) {
            packed.ptr[at] = (uint8_t)(packed.ptr[at] ^ flip);
            plx_err_clear(&err);
            bool ok = codec->decode(&state, packed.ptr, packed.len, back, N, &err);
            ck_assert(ok || err.what[0]);
            refused += !ok;
            packed.ptr[at] = (uint8_t)(packed.ptr[at] ^ flip);
        }
    }
    ck_assert_uint_ge(refused, 24);
    ck_assert(codec->decode(&state, packed.ptr, packed.len, back, N, &err));
    plx_buf_free(&packed);
}
END_TEST

START_TEST(test_same_bytes_again)
{
    plx_codec_state state;
    plx_err err = {0};
    uint8_t bytes[N];
    fill(bytes, N, false);
    const plx_codec *codec = open_codec(SETTINGS[_i], 2, &state);
    plx_buf a, b;
    ck_assert(codec->encode(&state, bytes, N, &a, &err) && codec->encode(&state, bytes, N, &b, &err));
    ck_assert_uint_eq(a.len, b.len);
    ck_assert_mem_eq(a.ptr, b.ptr, a.len);
    plx_buf_free(&a);
    plx_buf_free(&b);
}
END_TEST

START_TEST(test_table)
{
    for (const plx_codec *const *c = plx_codecs; *c; c++) {
        ck_assert(!c[1] || strcmp(c[0]->name, c[1]->name) < 0);
        ck_assert((*c)->title[0] && (*c)->reference[0] && (*c)->limits[0]);
        ck_assert_ptr_eq(plx_codec_find((*c)->name), *c);
    }
    ck_assert_ptr_null(plx_codec_find("bz2"));
}
END_TEST

Suite *codec_suite(void)
{
    Suite *s = suite_create("codec");
    TCase *t = tcase_create("codec");
    tcase_add_test(t, test_table);
    tcase_add_loop_test(t, test_round_trip, 0, N_SETTINGS);
    tcase_add_loop_test(t, test_damage, 0, N_SETTINGS);
    tcase_add_loop_test(t, test_same_bytes_again, 0, N_SETTINGS);
    suite_add_tcase(s, t);
    return s;
}
