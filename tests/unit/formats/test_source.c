/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/source.h"

#include "chunks.h"
#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

/* One gzip member at `out`; returns its length. */
static size_t gz(const void *bytes, size_t len, uint8_t *out, size_t cap)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return n;
}

/* Unpack through a source of `chunk` bytes at a time. */
static bool unpack(const plx_ctx *ctx, const uint8_t *packed, size_t len, size_t chunk, plx_buf *out, plx_err *err)
{
    chunks c;
    plx_source *s;
    *out = (plx_buf){0};
    plx_err_clear(err);
    if (!plx_source_gzip(ctx, chunks_open(&c, (const char *)packed, len, chunk), &s, err)) {
        return false;
    }
    bool ok = plx_source_slurp(s, UINT64_MAX, out, err);
    plx_source_close(s);
    return ok;
}

START_TEST(test_file)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_source *s;
    plx_buf all;
    const char *path = plx_test_file("plain.txt", "hello\nworld\n", 12);
    ck_assert_msg(plx_source_file(&ctx, path, true, &s, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(s->name, path);
    ck_assert_int_eq(s->size, 12);
    for (int pass = 0; pass < 2; pass++) {
        ck_assert(plx_source_slurp(s, 12, &all, &err));
        ck_assert_uint_eq(all.len, 12);
        ck_assert_mem_eq(all.ptr, "hello\nworld\n", 12);
        plx_buf_free(&all);
        ck_assert(s->rewind(s, &err));
    }
    ck_assert(!plx_source_slurp(s, 11, &all, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_ptr_null(all.ptr);
    plx_source_close(s);
    plx_source_close(NULL);
}
END_TEST

START_TEST(test_file_refusals)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_source *s = NULL;
    char path[PLX_PATH];
    ck_assert(!plx_source_file(&ctx, plx_test_dir(), true, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert_ptr_null(s);
    ck_assert(plx_path_join(path, plx_test_dir(), "nothing", &err));
    ck_assert(!plx_source_file(&ctx, path, true, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    const char *plain = plx_test_file("plain.txt", "x", 1);
    ck_assert(plx_path_join(path, plain, "below", &err));
    ck_assert(!plx_source_file(&ctx, path, true, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(plx_path_join(path, plx_test_dir(), "pipe", &err));
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(!plx_source_file(&ctx, path, true, &s, &err)); /* must not wait for a writer */
    ck_assert_int_eq(err.code, PLX_E_POLICY);
    ck_assert(!plx_source_file(&ctx, "/dev/null", true, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_POLICY);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/s", plx_test_dir());
    if (n > 0 && (size_t)n < sizeof at.sun_path) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
        ck_assert(!plx_source_file(&ctx, at.sun_path, true, &s, &err));
        ck_assert_int_eq(err.code, PLX_E_POLICY);
        close(fd);
    }
}
END_TEST

START_TEST(test_mem)
{
    plx_err err;
    plx_source *s;
    ck_assert(plx_source_mem("m", "abcdef", 6, &s, &err));
    char two[2];
    size_t got;
    ck_assert(s->read(s, two, 2, &got, &err));
    ck_assert_uint_eq(got, 2);
    plx_buf rest;
    ck_assert(plx_source_slurp(s, 4, &rest, &err));
    ck_assert_uint_eq(rest.len, 4);
    ck_assert_mem_eq(rest.ptr, "cdef", 4);
    plx_buf_free(&rest);
    ck_assert(s->read(s, two, 2, &got, &err));
    ck_assert_uint_eq(got, 0);
    plx_source_close(s);
    ck_assert(plx_source_mem("empty", NULL, 0, &s, &err));
    ck_assert(plx_source_slurp(s, 0, &rest, &err));
    ck_assert_uint_eq(rest.len, 0);
    plx_buf_free(&rest);
    plx_source_close(s);
}
END_TEST

/* Two members, zeros between and after, in chunks of every small size; then the same through a file, twice. */
START_TEST(test_gzip)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_buf out;
    uint8_t packed[512] = {0};
    size_t n = gz("first,", 6, packed, 200);
    n += 5;
    n += gz("second", 6, packed + n, 200);
    for (size_t chunk = 1; chunk < 40; chunk++) {
        ck_assert_msg(unpack(&ctx, packed, n + 7, chunk, &out, &err), "%s", plx_test_err(&err));
        ck_assert_uint_eq(out.len, 12);
        ck_assert_mem_eq(out.ptr, "first,second", 12);
        plx_buf_free(&out);
    }
    plx_source *s;
    ck_assert(plx_source_file(&ctx, plx_test_file("t.gz", packed, n), true, &s, &err));
    ck_assert_int_eq(s->size, -1);
    for (int pass = 0; pass < 2; pass++) {
        ck_assert_msg(plx_source_slurp(s, 100, &out, &err), "%s", plx_test_err(&err));
        ck_assert_uint_eq(out.len, 12);
        ck_assert_mem_eq(out.ptr, "first,second", 12);
        plx_buf_free(&out);
        ck_assert(s->rewind(s, &err));
    }
    plx_source_close(s);
    ck_assert(plx_source_file(&ctx, plx_test_file("t.gz", packed, n), false, &s, &err));
    ck_assert_int_eq(s->size, (int64_t)n);
    plx_source_close(s);
}
END_TEST

/* Every prefix is TRUNCATED, every changed byte of body or trailer FORMAT or another text with another error; none
 * passes. */
START_TEST(test_gzip_damage)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_buf out;
    uint8_t packed[512];
    const char *text = "the quick brown fox jumps over the lazy dog, the quick brown fox";
    size_t len = strlen(text), n = gz(text, len, packed, sizeof packed);
    for (size_t k = 0; k < n; k++) {
        ck_assert(!unpack(&ctx, packed, k, 64, &out, &err));
        ck_assert_msg(err.code == PLX_E_TRUNCATED, "prefix %zu: %s", k, plx_test_err(&err));
    }
    for (size_t k = 10; k < n; k++) {
        packed[k] ^= 0x41;
        ck_assert_msg(!unpack(&ctx, packed, n, 64, &out, &err), "byte %zu", k);
        ck_assert_msg(err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED, "%s", plx_test_err(&err));
        packed[k] ^= 0x41;
    }
    packed[n] = 'x';
    ck_assert(!unpack(&ctx, packed, n + 1, 64, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_msg(strstr(err.what, "goes on after") != NULL, "%s", plx_test_err(&err));
    ck_assert(!unpack(&ctx, (const uint8_t *)"plain text", 10, 64, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    uint8_t zlib_stream[] = {0x78, 0x9c, 3, 0, 0, 0, 0, 1};
    ck_assert(!unpack(&ctx, zlib_stream, sizeof zlib_stream, 64, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
}
END_TEST

START_TEST(test_gzip_limits)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_buf out;
    size_t len = 8 << 20, cap = 64 << 10;
    uint8_t *zeros = calloc(len, 1), *packed = malloc(cap);
    size_t n = gz(zeros, len, packed, cap);
    ctx.limits.ratio = 100;
    ck_assert(!unpack(&ctx, packed, n, 512, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_msg(strstr(err.what, "100 times") != NULL, "%s", plx_test_err(&err));
    ctx.limits.ratio = 2000;
    ck_assert_msg(unpack(&ctx, packed, n, 512, &out, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(out.len, len);
    plx_buf_free(&out);
    ctx.limits.file_bytes = len - 1;
    ck_assert(!unpack(&ctx, packed, n, 512, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ctx.limits.file_bytes = len;
    ck_assert(unpack(&ctx, packed, n, 512, &out, &err));
    plx_buf_free(&out);
    n = gz(zeros, 1 << 20, packed, cap); /* the first MiB is free */
    ctx.limits.ratio = 2;
    ck_assert_msg(unpack(&ctx, packed, n, 512, &out, &err), "%s", plx_test_err(&err));
    plx_buf_free(&out);
    volatile sig_atomic_t stop = 1;
    ctx.cancel = &stop;
    ck_assert(!unpack(&ctx, packed, n, 512, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    free(zeros);
    free(packed);
}
END_TEST

START_TEST(test_read_failure)
{
    plx_err err;
    plx_buf out;
    chunks c;
    plx_source *s = chunks_open(&c, "0123456789", 10, 3);
    c.fail_at = 6;
    ck_assert(!plx_source_slurp(s, 100, &out, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
    ck_assert_ptr_null(out.ptr);
}
END_TEST

START_TEST(test_out_of_memory)
{
    plx_ctx ctx = plx_ctx_default();
    uint8_t packed[512];
    size_t n = gz("some text to pack", 17, packed, sizeof packed);
    const char *path = plx_test_file("oom.gz", packed, n);
    size_t before = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_err err = {0};
        plx_source *s;
        plx_buf out = {0};
        plx_test_alloc_fail_at(k);
        ok = plx_source_file(&ctx, path, true, &s, &err);
        if (ok) {
            ok = plx_source_slurp(s, 100, &out, &err);
            plx_source_close(s);
        }
        ck_assert(!ok || out.len == 17);
        plx_buf_free(&out);
        size_t asked = plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        ck_assert(!ok || asked <= k);
        ck_assert_uint_lt(k, 50);
    }
}
END_TEST

Suite *source_suite(void)
{
    Suite *s = suite_create("source");
    TCase *tc = tcase_create("source");
    tcase_add_test(tc, test_file);
    tcase_add_test(tc, test_file_refusals);
    tcase_add_test(tc, test_mem);
    tcase_add_test(tc, test_gzip);
    tcase_add_test(tc, test_gzip_damage);
    tcase_add_test(tc, test_gzip_limits);
    tcase_add_test(tc, test_read_failure);
    tcase_add_test(tc, test_out_of_memory);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
