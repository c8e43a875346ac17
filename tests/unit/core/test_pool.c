/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"
#include "core/pool.h"
#include "support/support.h"

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { N = 500 };

/* Sanitizers need address space of their own for each thread, so that it cannot be taken away from them. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#endif

typedef struct job {
    uint64_t value[N];
    uint64_t chain; /* depends on the order in which results are taken */
    size_t fail_from, n_done, jobs;
    atomic_size_t started, taken;
    atomic_size_t ahead; /* most results that ever waited for their turn */
    volatile sig_atomic_t *cancel;
    size_t cancel_at;
} job;

static bool work(void *payload, size_t i, plx_err *err)
{
    job *j = payload;
    atomic_fetch_add(&j->started, 1);
    uint64_t x = i;
    for (unsigned k = 0; k < 50 + i * 7919 % 400; k++) { /* uneven lengths, so that items end out of order */
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    }
    j->value[i] = x;
    size_t ahead = i - (atomic_load(&j->taken) < i ? atomic_load(&j->taken) : i);
    size_t most = atomic_load(&j->ahead);
    while (ahead > most && !atomic_compare_exchange_weak(&j->ahead, &most, ahead)) {
    }
    if (i >= j->fail_from && (i - j->fail_from) % 3 == 0) {
        return plx_fail(err, PLX_E_FORMAT, "item %zu is bad", i);
    }
    return true;
}

static bool done(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    job *j = payload;
    (void)err;
    ck_assert_uint_eq(i, j->n_done);
    ck_assert_int_eq(ok, err_i->code == PLX_OK);
    j->n_done++;
    j->chain = (j->chain ^ j->value[i] ^ (uint64_t)!ok) * 1099511628211ULL;
    atomic_store(&j->taken, i + 1);
    if (j->cancel && i == j->cancel_at) {
        *j->cancel = 2;
    }
    return true;
}

static job *new_job(void)
{
    job *j = calloc(1, sizeof *j);
    ck_assert_ptr_nonnull(j);
    j->fail_from = SIZE_MAX;
    return j;
}

static plx_ctx with_jobs(unsigned jobs)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.jobs = jobs;
    return ctx;
}

static const unsigned job_counts[] = {1, 2, 8};

START_TEST(same_for_any_number_of_threads)
{
    uint64_t chain = 0;
    for (int t = 0; t < 3; t++) {
        plx_ctx ctx = with_jobs(job_counts[t]);
        plx_err err;
        plx_err_clear(&err);
        job *j = new_job();
        j->fail_from = 100;
        ck_assert_msg(plx_pool_map(&ctx, N, work, done, j, &err), "%s", plx_test_err(&err));
        ck_assert_uint_eq(j->n_done, N);
        if (t == 0) {
            chain = j->chain;
        }
        ck_assert_uint_eq(j->chain, chain);
        free(j);
    }
    ck_assert_uint_ne(chain, 0);
}
END_TEST

START_TEST(first_error_in_order)
{
    for (int t = 0; t < 3; t++) {
        plx_ctx ctx = with_jobs(job_counts[t]);
        plx_err err;
        plx_err_clear(&err);
        job *j = new_job();
        j->fail_from = 37;
        ck_assert(!plx_pool_map(&ctx, N, work, NULL, j, &err));
        ck_assert_str_eq(err.what, "item 37 is bad");
        ck_assert_int_eq(err.code, PLX_E_FORMAT);
        /* Nothing is handed out far past the failure. */
        ck_assert_uint_le(atomic_load(&j->started), 37 + 1 + 2 * 8);
        ck_assert(!plx_pool_map(&ctx, N, work, NULL, j, NULL));
        free(j);
    }
}
END_TEST

static bool refuse(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    (void)ok, (void)err_i;
    ++*(size_t *)((char *)payload + offsetof(job, n_done));
    return i < 20 || plx_fail(err, PLX_E_NEGATIVE, "enough at %zu", i);
}

START_TEST(done_can_stop)
{
    for (int t = 0; t < 3; t++) {
        plx_ctx ctx = with_jobs(job_counts[t]);
        plx_err err;
        plx_err_clear(&err);
        job *j = new_job();
        ck_assert(!plx_pool_map(&ctx, N, work, refuse, j, &err));
        ck_assert_str_eq(err.what, "enough at 20");
        ck_assert_uint_eq(j->n_done, 21);
        free(j);
    }
}
END_TEST

static bool slow_first(void *payload, size_t i, plx_err *err)
{
    if (i == 0) {
        struct timespec t = {0, 100000000};
        nanosleep(&t, NULL);
    }
    return work(payload, i, err);
}

START_TEST(results_waiting_are_bounded)
{
    plx_ctx ctx = with_jobs(4);
    plx_err err;
    job *j = new_job();
    ck_assert(plx_pool_map(&ctx, N, slow_first, done, j, &err));
    /* While item 0 slept, the others could only get 2 * jobs ahead (one more is counted before `taken` moves). */
    ck_assert_uint_le(atomic_load(&j->ahead), 8);
    ck_assert_uint_ge(atomic_load(&j->ahead), 4);
    free(j);
}
END_TEST

START_TEST(cancel)
{
    for (int t = 0; t < 3; t++) {
        volatile sig_atomic_t flag = 0;
        plx_ctx ctx = with_jobs(job_counts[t]);
        ctx.cancel = &flag;
        plx_err err;
        plx_err_clear(&err);
        job *j = new_job();
        j->cancel = &flag;
        j->cancel_at = 30;
        ck_assert(!plx_pool_map(&ctx, N, work, done, j, &err));
        ck_assert_int_eq(err.code, PLX_E_CANCELLED);
        ck_assert_uint_eq(j->n_done, 31);
        free(j);
    }
}
END_TEST

static bool mute(void *payload, size_t i, plx_err *err)
{
    (void)payload, (void)err;
    return i != 3;
}

START_TEST(silent_failure_is_a_bug)
{
    for (int t = 0; t < 3; t++) {
        plx_ctx ctx = with_jobs(job_counts[t]);
        plx_err err;
        plx_err_clear(&err);
        ck_assert(!plx_pool_map(&ctx, 9, mute, NULL, NULL, &err));
        ck_assert_int_eq(err.code, PLX_E_BUG);
    }
}
END_TEST

START_TEST(nothing_to_do)
{
    plx_ctx ctx = with_jobs(8);
    plx_err err;
    ck_assert(plx_pool_map(&ctx, 0, mute, NULL, NULL, &err));
    ck_assert(plx_pool_map(&ctx, 1, mute, NULL, NULL, &err));
    ck_assert(plx_pool_map(NULL, 3, mute, NULL, NULL, &err));
}
END_TEST

START_TEST(out_of_memory)
{
    plx_ctx ctx = with_jobs(4);
    for (size_t k = 0; k < 2; k++) {
        plx_err err;
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_pool_map(&ctx, 9, mute, NULL, NULL, &err);
        size_t live = plx_alloc_live();
        plx_test_alloc_ok();
        ck_assert(!ok);
        ck_assert_int_eq(err.code, PLX_E_NOMEM);
        ck_assert_uint_eq(live, 0);
    }
}
END_TEST

#ifndef UNDER_SANITIZER
START_TEST(no_threads_to_be_had)
{
    /* Stacks do not fit any more, so that pthread_create fails: the work must still be done, in this thread if need be.
     */
    struct rlimit none;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &none), 0);
    job *j = new_job();
    none.rlim_cur = 1 << 20;
    if (setrlimit(RLIMIT_AS, &none) != 0) {
        free(j);
        return;
    }
    plx_ctx ctx = with_jobs(8);
    plx_err err;
    plx_err_clear(&err);
    bool ok = plx_pool_map(&ctx, N, work, done, j, &err);
    none.rlim_cur = none.rlim_max;
    setrlimit(RLIMIT_AS, &none);
    ck_assert(ok || err.code == PLX_E_NOMEM);
    if (ok) {
        ck_assert_uint_eq(j->n_done, N);
    }
    free(j);
}
END_TEST
#endif

Suite *pool_suite(void)
{
    Suite *s = suite_create("pool");
    TCase *tc = tcase_create("pool");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, same_for_any_number_of_threads);
    tcase_add_test(tc, first_error_in_order);
    tcase_add_test(tc, done_can_stop);
    tcase_add_test(tc, results_waiting_are_bounded);
    tcase_add_test(tc, cancel);
    tcase_add_test(tc, silent_failure_is_a_bug);
    tcase_add_test(tc, nothing_to_do);
    tcase_add_test(tc, out_of_memory);
#ifndef UNDER_SANITIZER
    tcase_add_test(tc, no_threads_to_be_had);
#endif
    suite_add_tcase(s, tc);
    return s;
}
