/* SPDX-License-Identifier: Apache-2.0
 *
 * core/buf: memory, views, mappings and whole files.
 */
#include "core/alloc.h"
#include "core/buf.h"
#include "support/support.h"

#include <check.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(memory_and_views)
{
    size_t live = plx_alloc_live();
    plx_err err;
    plx_buf buf;
    ck_assert(plx_buf_alloc(100, &buf, &err));
    ck_assert_uint_eq(buf.len, 100);
    memset(buf.ptr, 7, 100);
    plx_buf view = plx_buf_view(buf.ptr, 50);
    ck_assert_ptr_eq(view.ptr, buf.ptr);
    ck_assert_uint_eq(view.len, 50);
    plx_buf_free(&view);
    ck_assert_int_eq(buf.ptr[0], 7);
    plx_buf_free(&buf);
    plx_buf_free(&buf);
    ck_assert_ptr_null(buf.ptr);
    plx_buf own = plx_buf_own(plx_strdup("abc"), 3);
    ck_assert_uint_eq(plx_alloc_live(), live + 1);
    plx_buf_free(&own);
    ck_assert_uint_eq(plx_alloc_live(), live);
    plx_test_alloc_fail_at(0);
    ck_assert(!plx_buf_alloc(100, &buf, &err));
    plx_test_alloc_ok();
    ck_assert_int_eq(err.code, PLX_E_NOMEM);
    ck_assert_ptr_null(buf.ptr);
}
END_TEST

START_TEST(files_are_mapped_and_read)
{
    size_t live = plx_alloc_live();
    plx_err err;
    plx_buf buf;
    const char *path = plx_test_file("some", "hello\0world", 11);
    ck_assert_msg(plx_buf_map(path, &buf, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(buf.len, 11);
    ck_assert_mem_eq(buf.ptr, "hello\0world", 11);
    plx_buf_free(&buf);
    ck_assert(plx_buf_read_file(path, 11, &buf, &err));
    ck_assert_uint_eq(buf.len, 11);
    ck_assert_mem_eq(buf.ptr, "hello\0world", 11);
    plx_buf_free(&buf);
    ck_assert(!plx_buf_read_file(path, 10, &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_ptr_null(buf.ptr);
    path = plx_test_file("empty", "", 0);
    ck_assert(plx_buf_map(path, &buf, &err));
    ck_assert_uint_eq(buf.len, 0);
    plx_buf_free(&buf);
    ck_assert(plx_buf_read_file(path, 0, &buf, &err));
    ck_assert_uint_eq(buf.len, 0);
    plx_buf_free(&buf);
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

START_TEST(missing_files_and_folders)
{
    plx_err err;
    plx_buf buf;
    ck_assert(!plx_buf_map("/nonexistent/x", &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_buf_read_file("/nonexistent/x", 10, &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_buf_read_file(plx_test_dir(), 1000, &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
    ck_assert(!plx_buf_map(plx_test_dir(), &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
    ck_assert(!plx_buf_map("/dev/null", &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_IO);
}
END_TEST

static void *write_pipe(void *path)
{
    FILE *f = fopen(path, "wb");
    for (int i = 0; f && i < 50000; i++) {
        fprintf(f, "%05d", i);
    }
    if (f) {
        fclose(f);
    }
    return NULL;
}

/* A pipe has no size: it is read until its end, or until it is past the limit. */
START_TEST(pipes_are_read_to_the_end)
{
    char path[PLX_PATH];
    plx_err err;
    plx_buf buf;
    ck_assert(plx_path_join(path, plx_test_dir(), "pipe", &err));
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    pthread_t writer;
    ck_assert_int_eq(pthread_create(&writer, NULL, write_pipe, path), 0);
    ck_assert_msg(plx_buf_read_file(path, 250000, &buf, &err), "%s", plx_test_err(&err));
    pthread_join(writer, NULL);
    ck_assert_uint_eq(buf.len, 250000);
    ck_assert_mem_eq(buf.ptr + 5 * 49999, "49999", 5);
    plx_buf_free(&buf);
    ck_assert(!plx_buf_read_file("/dev/zero", 100000, &buf, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
}
END_TEST

START_TEST(failing_allocations)
{
    const char *path = plx_test_file("some", "0123456789", 10);
    size_t live = plx_alloc_live();
    bool ok = false;
    for (size_t k = 0; !ok; k++) {
        plx_err err;
        plx_buf buf;
        plx_test_alloc_fail_at(k);
        ok = plx_buf_read_file(path, 10, &buf, &err);
        size_t asked = plx_test_alloc_ok();
        ck_assert(ok || err.code == PLX_E_NOMEM);
        ck_assert(ok || asked > k);
        plx_buf_free(&buf);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *buf_suite(void)
{
    Suite *s = suite_create("buf");
    TCase *tc = tcase_create("buf");
    tcase_add_test(tc, memory_and_views);
    tcase_add_test(tc, files_are_mapped_and_read);
    tcase_add_test(tc, missing_files_and_folders);
    tcase_add_test(tc, pipes_are_read_to_the_end);
    tcase_add_test(tc, failing_allocations);
    suite_add_tcase(s, tc);
    return s;
}
