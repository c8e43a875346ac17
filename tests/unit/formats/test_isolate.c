/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "formats/isolate.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct got {
    size_t n, bytes, stop_at;
    uint32_t last;
    bool ordered;
} got;

static bool take(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    got *g = payload;
    g->ordered = (g->n == 0 || kind == g->last + 1) && (len == 0 || bytes[len - 1] == (uint8_t)kind);
    g->last = kind;
    g->bytes += len;
    if (++g->n == g->stop_at) {
        return plx_fail(err, PLX_E_SCHEMA, "enough");
    }
    return true;
}

typedef bool (*decoder)(plx_isolate_out *, void *, plx_err *);

static bool run_for(unsigned cpu_seconds, decoder decode, const plx_ctx *ctx, got *g, plx_err *err)
{
    plx_err_clear(err);
    plx_isolate_job job = {.path = plx_test_file("x.bin", "abc", 3), .decode = decode, .take = take, .payload = g};
    job.cpu_seconds = cpu_seconds;
    size_t live = plx_alloc_live();
    bool ok = plx_isolate(ctx, &job, err);
    ck_assert_uint_eq(plx_alloc_live(), live);
    return ok;
}

/* Under the limit on processor time that files have: only what loops may meet it, also on a machine where touching
 * memory is slow. */
static bool run(decoder decode, const plx_ctx *ctx, got *g, plx_err *err)
{
    return run_for(0, decode, ctx, g, err);
}

static bool send_many(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)arg;
    static uint8_t bytes[3 << 20];
    for (uint32_t i = 0; i < 200; i++) {
        memset(bytes, (int)(uint8_t)i, sizeof bytes);
        if (!plx_isolate_send(out, i, bytes, i % 7 == 0 ? sizeof bytes : i, err)) {
            return false;
        }
    }
    return true;
}

static bool refuse(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)arg;
    plx_isolate_send(out, 0, "", 0, err);
    plx_fail(err, PLX_E_UNSUPPORTED, "no %s here", "flags");
    plx_err_why(err, "because");
    return plx_note(err, "at byte 3");
}

static bool crash(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)out, (void)arg, (void)err;
    raise(SIGSEGV);
    return true;
}

static bool vanish(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)out, (void)arg, (void)err;
    _exit(3);
    return true;
}

static bool loop(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)out, (void)arg, (void)err;
    for (volatile int go = 1; go;) {
    }
    return true;
}

static bool hoard(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)out, (void)arg;
    /* The limit is on what is mapped: no page need be touched but the first. */
    for (int i = 0; i < 64; i++) {
        volatile char *p = malloc(8 << 20);
        if (!p) {
            return plx_fail_nomem(err, 8 << 20);
        }
        *p = 1;
    }
    return true;
}

static bool too_long(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)arg;
    return plx_isolate_send(out, 1, "", (size_t)PLX_ISOLATE_MESSAGE + 1, err);
}

static bool call_home(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)out, (void)arg, (void)err;
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool write_file(plx_isolate_out *out, void *arg, plx_err *err)
{
    (void)out, (void)err;
    return open(arg ? arg : "/tmp/plexus-must-not-exist", O_WRONLY | O_CREAT, 0600) >= 0;
}

START_TEST(test_messages)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    got g = {0};
    ck_assert_msg(run(send_many, &ctx, &g, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(g.n, 200);
    ck_assert(g.ordered);
    size_t expected = 0;
    for (size_t i = 0; i < 200; i++) {
        expected += i % 7 == 0 ? 3 << 20 : i;
    }
    ck_assert_uint_eq(g.bytes, expected);
    g = (got){.stop_at = 5};
    ck_assert(!run(send_many, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_uint_eq(g.n, 5);
    ck_assert(!run(too_long, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
}
END_TEST

START_TEST(test_the_childs_error)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    got g = {0};
    ck_assert(!run(refuse, &ctx, &g, &err));
    ck_assert_uint_eq(g.n, 1);
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    ck_assert_str_eq(err.what, "no flags here");
    ck_assert_str_eq(err.why, "because");
    ck_assert_int_eq(err.n_notes, 1);
    ck_assert_str_eq(err.note[0], "at byte 3");
}
END_TEST

START_TEST(test_deaths)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    got g = {0};
    ck_assert(!run(crash, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "x.bin"));
    ck_assert(!run(vanish, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.why, "status 3"));
    ck_assert(!run_for(1, loop, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "more than 1 s"));
}
END_TEST

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if !defined(SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CONFINED /* under a sanitizer the child keeps its system calls and memory */
#endif

#ifdef CONFINED
START_TEST(test_confined)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    got g = {0};
    ctx.limits.memory_bytes = 64 << 20;
    ck_assert(!run(hoard, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_NOMEM);
    ctx.limits.memory_bytes = 1 << 30;
    ck_assert_msg(run(hoard, &ctx, &g, &err), "%s", plx_test_err(&err));
    ck_assert(!run(call_home, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.why, "system call"));
    ck_assert(!run(write_file, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert(!plx_fs_exists("/tmp/plexus-must-not-exist"));
}
END_TEST
#endif

START_TEST(test_cancel_and_not_a_file)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    got g = {0};
    volatile sig_atomic_t stop = 1;
    ctx.cancel = &stop;
    ck_assert(!run(loop, &ctx, &g, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    ctx = plx_ctx_default();
    plx_isolate_job job = {.path = "/nonexistent/x", .decode = crash, .take = take, .payload = &g};
    ck_assert(!plx_isolate(&ctx, &job, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    job.path = plx_test_dir();
    ck_assert(!plx_isolate(&ctx, &job, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

Suite *isolate_suite(void)
{
    Suite *suite = suite_create("isolate");
    TCase *tc = tcase_create("isolate");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, test_messages);
    tcase_add_test(tc, test_the_childs_error);
    tcase_add_test(tc, test_deaths);
#ifdef CONFINED
    tcase_add_test(tc, test_confined);
#else
    (void)hoard, (void)call_home, (void)write_file;
#endif
    tcase_add_test(tc, test_cancel_and_not_a_file);
    suite_add_tcase(suite, tc);
    return suite;
}
