/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/npy.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* A file of version 1.0 with this header text and these data. */
static plx_sb make(const char *text, const void *data, size_t len)
{
    plx_sb file = {0};
    size_t n = strlen(text);
    plx_sb_bytes(&file, "\x93NUMPY\x01\x00", 8);
    plx_sb_char(&file, (char)(n & 0xFF));
    plx_sb_char(&file, (char)(n >> 8));
    plx_sb_bytes(&file, text, n);
    if (len) {
        plx_sb_bytes(&file, data, len);
    }
    return file;
}

static bool view(const plx_sb *file, plx_array *out, plx_err *err)
{
    plx_buf copy;
    plx_buf_alloc(file->len, &copy, NULL);
    memcpy(copy.ptr, plx_sb_str(file), file->len);
    memset(err, 0, sizeof *err);
    bool ok = plx_npy_view("t.npy", &copy, out, err);
    ck_assert(!ok || copy.ptr == NULL); /* taken over */
    plx_buf_free(&copy);
    return ok;
}

static void expect_code(const char *text, size_t data, plx_code code, const char *what)
{
    char zeros[512] = {0};
    plx_sb file = make(text, zeros, data);
    plx_array a;
    plx_err err;
    ck_assert_msg(!view(&file, &a, &err), "read: %s", text);
    ck_assert_msg(err.code == code, "%s: %s", text, plx_test_err(&err));
    ck_assert_msg(strstr(plx_test_err(&err), what) != NULL, "\"%s\" is not in %s", what, plx_test_err(&err));
    plx_sb_free(&file);
}

static plx_array expect_ok(const char *text, const void *data, size_t len)
{
    plx_sb file = make(text, data, len);
    plx_array a;
    plx_err err;
    ck_assert_msg(view(&file, &a, &err), "%s: %s", text, plx_test_err(&err));
    plx_sb_free(&file);
    return a;
}

typedef struct golden {
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS];
    const char *text;
    size_t len;
} golden;

/* numpy 1.24.2, numpy.lib.format.write_array_header_1_0 (what numpy.save writes): text without its padding, and the
 * length of the header with it. */
static const golden GOLDEN[] = {
    {PLX_B1, 0, {0}, "{'descr': '|b1', 'fortran_order': False, 'shape': (), }", 128},
    {PLX_I8, 1, {3}, "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }", 128},
    {PLX_I16, 2, {3, 4}, "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 4), }", 128},
    {PLX_I32, 3, {2, 3, 4}, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3, 4), }", 128},
    {PLX_I64, 1, {0}, "{'descr': '<i8', 'fortran_order': False, 'shape': (0,), }", 128},
    {PLX_U8, 3, {5, 0, 2}, "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 0, 2), }", 128},
    {PLX_U16, 1, {1}, "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }", 128},
    {PLX_U32, 1, {1000000}, "{'descr': '<u4', 'fortran_order': False, 'shape': (1000000,), }", 128},
    {PLX_U64, 2, {123456, 7}, "{'descr': '<u8', 'fortran_order': False, 'shape': (123456, 7), }", 128},
    {PLX_F16, 2, {2, 2}, "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }", 128},
    {PLX_F32, 2, {300, 3}, "{'descr': '<f4', 'fortran_order': False, 'shape': (300, 3), }", 128},
    {PLX_F64,
     8,
     {1, 2, 3, 4, 5, 6, 7, 8},
     "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2, 3, 4, 5, 6, 7, 8), }",
     128},
    {PLX_C64, 1, {12}, "{'descr': '<c8', 'fortran_order': False, 'shape': (12,), }", 128},
    {PLX_C128, 2, {1, 1}, "{'descr': '<c16', 'fortran_order': False, 'shape': (1, 1), }", 128},
    {PLX_F64, 2, {12345678901234, 0}, "{'descr': '<f8', 'fortran_order': False, 'shape': (12345678901234, 0), }", 128},
    {PLX_F64,
     8,
     {1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123,
      1234567890123},
     "{'descr': '<f8', 'fortran_order': False, "
     "'shape': (1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123, "
     "1234567890123, 1234567890123), }",
     256},
};

START_TEST(test_header_equals_numpy)
{
    const golden *g = &GOLDEN[_i];
    plx_sb got = {0};
    plx_err err = {0};
    ck_assert(plx_npy_header_text(g->dtype, g->ndim, g->shape, &got, &err));
    plx_sb want = make(g->text, NULL, 0);
    while (want.len < g->len - 1) {
        plx_sb_char(&want, ' ');
    }
    plx_sb_char(&want, '\n');
    want.ptr[8] = (char)((g->len - 10) & 0xFF);
    want.ptr[9] = (char)((g->len - 10) >> 8);
    ck_assert_uint_eq(got.len, want.len);
    ck_assert_mem_eq(got.ptr, want.ptr, want.len);
    ck_assert_uint_eq(got.len % 64, 0);

    plx_npy_header h;
    bool addressable = plx_npy_parse_header("g", (const uint8_t *)got.ptr, got.len, &h, &err);
    if (g->shape[0] == 1234567890123) {
        ck_assert(!addressable);
        ck_assert_int_eq(err.code, PLX_E_LIMIT);
    } else {
        ck_assert_msg(addressable, "%s", plx_test_err(&err));
        ck_assert_int_eq(h.dtype, g->dtype);
        ck_assert_int_eq(h.ndim, g->ndim);
        ck_assert_mem_eq(h.shape, g->shape, sizeof(size_t) * (size_t)g->ndim);
        ck_assert_uint_eq(h.data_offset, g->len);
        ck_assert(!h.swap && !h.fortran);
    }
    plx_sb_free(&got);
    plx_sb_free(&want);
}
END_TEST

START_TEST(test_header_of_strings_is_refused)
{
    plx_sb out = {0};
    plx_err err = {0};
    size_t shape[1] = {1};
    ck_assert(!plx_npy_header_text(PLX_STR, 1, shape, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_npy_header_text(PLX_F64, 9, shape, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(test_values)
{
    const double data[6] = {0, 1.5, -2, 3, 1e300, NAN};
    plx_array a = expect_ok("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }   \n", data, sizeof data);
    ck_assert_int_eq(a.dtype, PLX_F64);
    ck_assert_int_eq(a.stride[0], 24);
    ck_assert_int_eq(a.stride[1], 8);
    ck_assert_uint_eq(a.buf.len, sizeof data);
    ck_assert_mem_eq(a.buf.ptr, data, sizeof data);
    ck_assert(plx_array_is_c_order(&a));
    plx_array_free(&a);

    a = expect_ok("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n", data, sizeof data);
    ck_assert_int_eq(a.stride[0], 8);
    ck_assert_int_eq(a.stride[1], 16);
    plx_array c;
    ck_assert(plx_array_to_c_order(&a, &c, NULL));
    const double want[6] = {0, -2, 1e300, 1.5, 3, NAN};
    ck_assert_mem_eq(c.buf.ptr, want, sizeof want);
    plx_array_free(&c);
    plx_array_free(&a);
}
END_TEST

START_TEST(test_foreign_byte_order)
{
    const uint8_t i4[8] = {0, 0, 1, 2, 0xFF, 0xFF, 0xFF, 0xFE};
    plx_array a = expect_ok("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }\n", i4, sizeof i4);
    ck_assert_int_eq(((int32_t *)(void *)a.buf.ptr)[0], 258);
    ck_assert_int_eq(((int32_t *)(void *)a.buf.ptr)[1], -2);
    plx_array_free(&a);

    const uint8_t c8[8] = {0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0}; /* 1 - 2i */
    a = expect_ok("{'descr': '>c8', 'fortran_order': False, 'shape': (), }\n", c8, sizeof c8);
    ck_assert_int_eq(a.ndim, 0);
    ck_assert_float_eq(((float *)(void *)a.buf.ptr)[0], 1.0F);
    ck_assert_float_eq(((float *)(void *)a.buf.ptr)[1], -2.0F);
    plx_array_free(&a);
    const uint8_t u1[2] = {7, 8};
    a = expect_ok("{'descr': '>u1', 'fortran_order': False, 'shape': (2,), }\n", u1, sizeof u1);
    ck_assert_uint_eq(a.buf.ptr[1], 8);
    plx_array_free(&a);
}
END_TEST

START_TEST(test_shapes)
{
    const double one = 4.25;
    plx_array a = expect_ok("{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n", &one, sizeof one);
    ck_assert_uint_eq(plx_array_count(&a), 1);
    ck_assert_double_eq(*(double *)(void *)a.buf.ptr, 4.25);
    plx_array_free(&a);
    a = expect_ok("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 0, 2), }\n", NULL, 0);
    ck_assert_uint_eq(plx_array_count(&a), 0);
    ck_assert_uint_eq(a.shape[2], 2);
    plx_array_free(&a);
    a = expect_ok("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1), }\n", &one, sizeof one);
    ck_assert_int_eq(a.ndim, 8);
    plx_array_free(&a);
}
END_TEST

/* scipy.sparse.save_npz keeps its format's name as a byte string without axes. */
START_TEST(test_byte_strings)
{
    plx_array a = expect_ok("{'descr': '|S3', 'fortran_order': False, 'shape': (), }\n", "csr", 3);
    ck_assert_int_eq(a.dtype, PLX_U8);
    ck_assert_int_eq(a.ndim, 1);
    ck_assert_uint_eq(a.shape[0], 3);
    ck_assert_mem_eq(a.buf.ptr, "csr", 3);
    plx_array_free(&a);
    a = expect_ok("{'descr': '|S2', 'fortran_order': True, 'shape': (2, 2), }\n", "aabbccdd", 8);
    plx_array c;
    ck_assert(plx_array_to_c_order(&a, &c, NULL));
    ck_assert_int_eq(c.ndim, 3);
    ck_assert_mem_eq(c.buf.ptr, "aaccbbdd", 8);
    plx_array_free(&c);
    plx_array_free(&a);
    expect_code("{'descr': '|S4', 'fortran_order': False, 'shape': (2,), }", 7, PLX_E_TRUNCATED, "asks for 8 bytes");
    expect_code("{'descr': '|S4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1), }", 4, PLX_E_UNSUPPORTED,
                "more than 8 axes");
}
END_TEST

/* Data at an odd offset are copied, so that every element can be read where it lies. */
START_TEST(test_alignment)
{
    const double x[2] = {1, 2};
    const char *text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}";
    for (size_t pad = 0; pad < 8; pad++) {
        char padded[80];
        snprintf(padded, sizeof padded, "%s%*s\n", text, (int)pad, "");
        plx_array a = expect_ok(padded, x, sizeof x);
        ck_assert_uint_eq((uintptr_t)a.buf.ptr % 8, 0);
        ck_assert_mem_eq(a.buf.ptr, x, sizeof x);
        plx_array_free(&a);
    }
}
END_TEST

START_TEST(test_accepted_headers)
{
    static const char *const texts[] = {
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f8'}",
        "{\"descr\": \"<f8\", \"fortran_order\": True, \"shape\": (2,)}\n",
        "  {  'descr' :\t'<f8' ,\n'fortran_order':False,'shape':( 2 , ) , }  \n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }\n",
        "{'descr': '=f8', 'fortran_order': False, 'shape': (2,1), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,1,), }\n",
    };
    const double data[2] = {5, 6};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        plx_array a = expect_ok(texts[i], data, sizeof data);
        ck_assert_uint_eq(plx_array_count(&a), 2);
        ck_assert_mem_eq(a.buf.ptr, data, sizeof data);
        plx_array_free(&a);
    }
}
END_TEST

#define HEAD "{'descr': '<f8', 'fortran_order': False, 'shape': "

START_TEST(test_malformed_headers)
{
    static const char *const texts[] = {
        "",
        "{}",
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'shape': (2,)}",
        "['descr']",
        HEAD "(2,)",
        HEAD "(2,)} x",
        HEAD "(2,)}}",
        HEAD "(2)}",
        HEAD "[2]}",
        HEAD "2}",
        HEAD "(2 1)}",
        HEAD "(,)}",
        HEAD "(2,,1)}",
        HEAD "(-2,)}",
        HEAD "(+2,)}",
        HEAD "(2.0,)}",
        HEAD "(0x2,)}",
        HEAD "(02,)}",
        HEAD "(2_0,)}",
        HEAD "(1+1,)}",
        HEAD "(True,)}",
        HEAD "(2,), 'shape': (2,)}",
        HEAD "(2,), 'other': 1}",
        HEAD "(2,) 'x': 1}",
        HEAD "(2,)} # note",
        "{'descr': <f8, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8\\x00', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8;', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': false, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': Falsey, 'shape': (2,)}",
        "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (2,)}",
        "{descr: '<f8', 'fortran_order': False, 'shape': (2,)}",
        "{'descr' '<f8', 'fortran_order': False, 'shape': (2,)}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect_code(texts[i], 16, PLX_E_FORMAT, "expected");
    }
}
END_TEST

START_TEST(test_unsupported)
{
    expect_code("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 16, PLX_E_UNSUPPORTED, "pickled");
    expect_code("{'descr': '<U4', 'fortran_order': False, 'shape': (2,), }", 32, PLX_E_UNSUPPORTED, "unicode");
    expect_code("{'descr': '|S0', 'fortran_order': False, 'shape': (2,), }", 0, PLX_E_UNSUPPORTED, "'|S0'");
    expect_code("{'descr': '|V8', 'fortran_order': False, 'shape': (2,), }", 16, PLX_E_UNSUPPORTED, "records");
    expect_code("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (2,), }", 16, PLX_E_UNSUPPORTED, "dates");
    expect_code("{'descr': '<m8', 'fortran_order': False, 'shape': (2,), }", 16, PLX_E_UNSUPPORTED, "time spans");
    expect_code("{'descr': '<f16', 'fortran_order': False, 'shape': (2,), }", 32, PLX_E_UNSUPPORTED, "'<f16'");
    expect_code("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8, PLX_E_UNSUPPORTED,
                "structured dtypes are not read: [('x', '<f4')]");
    expect_code("{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (2,), }", 16, PLX_E_UNSUPPORTED,
                "structured");
    expect_code(HEAD "(1, 1, 1, 1, 1, 1, 1, 1, 1), }", 8, PLX_E_UNSUPPORTED, "more than 8 axes");
}
END_TEST

START_TEST(test_sizes)
{
    expect_code(HEAD "(2,), }", 15, PLX_E_TRUNCATED, "asks for 16 bytes of data, there are 15");
    expect_code(HEAD "(2,), }", 0, PLX_E_TRUNCATED, "ends before");
    expect_code(HEAD "(2,), }", 17, PLX_E_FORMAT, "goes on after");
    expect_code(HEAD "(0,), }", 1, PLX_E_FORMAT, "goes on after");
    expect_code(HEAD "(99999999999999999999,), }", 8, PLX_E_LIMIT, "too long to address");
    expect_code(HEAD "(9223372036854775807,), }", 8, PLX_E_LIMIT, "too large to address");
    expect_code(HEAD "(4294967296, 4294967296), }", 8, PLX_E_LIMIT, "too large to address");
    expect_code(HEAD "(0, 4294967296, 4294967296), }", 0, PLX_E_LIMIT, "too large to address");
    expect_code(HEAD "(1000000000,), }", 8, PLX_E_TRUNCATED, "8000000000");
}
END_TEST

START_TEST(test_versions)
{
    plx_sb body = {0};
    plx_npy_header h;
    plx_err err = {0};
    const char *text = HEAD "(0,), }";
    for (char version = 0; version < 5; version++) {
        plx_sb_free(&body);
        plx_sb_bytes(&body, "\x93NUMPY", 6);
        plx_sb_char(&body, version);
        plx_sb_char(&body, 0);
        plx_sb_char(&body, (char)strlen(text));
        plx_sb_bytes(&body, "\0\0\0", version == 1 ? 1 : 3);
        plx_sb_text(&body, text);
        bool ok = plx_npy_parse_header("v", (uint8_t *)body.ptr, body.len, &h, &err);
        ck_assert_int_eq(ok, version >= 1 && version <= 3);
        ck_assert_int_eq(ok ? PLX_OK : err.code, ok ? PLX_OK : PLX_E_UNSUPPORTED);
    }
    body.ptr[6] = 1;
    body.ptr[7] = 1;
    ck_assert(!plx_npy_parse_header("v", (uint8_t *)body.ptr, body.len, &h, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    const uint8_t huge[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xFF, 0xFF, 0xFF, 0xFF};
    ck_assert(!plx_npy_parse_header("v", huge, sizeof huge, &h, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_npy_parse_header("v", (const uint8_t *)"a,b\n1,2\n", 8, &h, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    plx_sb_free(&body);
}
END_TEST

START_TEST(test_every_prefix)
{
    const double data[2] = {1, 2};
    plx_sb file = make(HEAD "(2,), }\n", data, sizeof data);
    for (size_t n = 0; n < file.len; n++) {
        plx_sb part = {file.ptr, n, n, false};
        plx_array a;
        plx_err err;
        ck_assert(!view(&part, &a, &err));
        ck_assert_msg(err.code == PLX_E_TRUNCATED, "%zu: %s", n, plx_test_err(&err));
    }
    plx_sb_free(&file);
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    const double data[2] = {1, 2};
    plx_ctx ctx = plx_ctx_default();
    plx_sb file =
        make(_i ? "{'descr': '>f8', 'fortran_order': False, 'shape': (2,), }" : HEAD "(2,), }   ", data, sizeof data);
    size_t asked = 0;
    bool ok = false;
    size_t failures = 0;
    size_t before = plx_alloc_live();
    for (size_t k = 0; !ok || k < asked; k++) {
        plx_source *source = NULL;
        plx_array a = {0};
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        ok = plx_source_mem("t.npy", file.ptr, file.len, &source, &err) && plx_npy_read(&ctx, source, &a, &err);
        asked = plx_test_alloc_ok();
        ck_assert(ok || err.code == PLX_E_NOMEM);
        failures += !ok;
        plx_array_free(&a);
        plx_source_close(source);
        ck_assert_uint_eq(plx_alloc_live(), before);
    }
    ck_assert_uint_ge(failures, 2);
    plx_sb_free(&file);
}
END_TEST

START_TEST(test_read_within_limits)
{
    plx_ctx ctx = plx_ctx_default();
    double data[100] = {0};
    plx_sb file = make(HEAD "(100,), }", data, sizeof data);
    plx_source *source = NULL;
    plx_array a = {0};
    plx_err err = {0};
    ctx.limits.memory_bytes = 800;
    ck_assert(plx_source_mem("big.npy", file.ptr, file.len, &source, &err));
    ck_assert(!plx_npy_read(&ctx, source, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_source_close(source);
    plx_sb_free(&file);
}
END_TEST

START_TEST(test_describe)
{
    const size_t shape[3] = {300, 3, 1};
    plx_sb out = {0};
    plx_array a = plx_array_view(PLX_F64, 2, shape, NULL);
    plx_npy_describe(&a, &out);
    plx_sb_char(&out, ' ');
    a = plx_array_view(PLX_U8, 1, shape, NULL);
    plx_npy_describe(&a, &out);
    plx_sb_char(&out, ' ');
    a = plx_array_view(PLX_B1, 0, shape, NULL);
    plx_npy_describe(&a, &out);
    ck_assert_str_eq(plx_sb_str(&out), "float64 (300, 3) uint8 (300,) bool ()");
    plx_sb_free(&out);
}
END_TEST

Suite *npy_suite(void)
{
    Suite *s = suite_create("npy");
    TCase *tc = tcase_create("npy");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_header_equals_numpy, 0, (int)(sizeof GOLDEN / sizeof GOLDEN[0]));
    tcase_add_test(tc, test_header_of_strings_is_refused);
    tcase_add_test(tc, test_values);
    tcase_add_test(tc, test_foreign_byte_order);
    tcase_add_test(tc, test_shapes);
    tcase_add_test(tc, test_byte_strings);
    tcase_add_test(tc, test_alignment);
    tcase_add_test(tc, test_accepted_headers);
    tcase_add_test(tc, test_malformed_headers);
    tcase_add_test(tc, test_unsupported);
    tcase_add_test(tc, test_sizes);
    tcase_add_test(tc, test_versions);
    tcase_add_test(tc, test_every_prefix);
    tcase_add_loop_test(tc, test_every_failed_allocation, 0, 2);
    tcase_add_test(tc, test_read_within_limits);
    tcase_add_test(tc, test_describe);
    suite_add_tcase(s, tc);
    return s;
}
