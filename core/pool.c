/* SPDX-License-Identifier: Apache-2.0
 *
 * Items are handed out in order and their results wait in a ring of 2 * jobs slots until it is their turn, so a slow
 * item holds back at most that many finished ones. The calling thread does nothing but take results; with one job it
 * does everything.
 */
#include "core/pool.h"

#include "core/alloc.h"

#include <pthread.h>
#include <signal.h>

typedef struct slot {
    bool ready, ok;
    plx_err err;
} slot;

typedef struct pool {
    const plx_ctx *ctx;
    plx_work work;
    void *payload;
    size_t n, ring;
    slot *slots;
    pthread_mutex_t mutex;
    pthread_cond_t finished, room;
    size_t next;  /* item to hand out */
    size_t taken; /* results the caller is through with */
    bool stop;
} pool;

static bool work_one(plx_work work, void *payload, size_t i, plx_err *err)
{
    plx_err_clear(err);
    bool ok = work(payload, i, err);
    if (!ok && err->code == PLX_OK) {
        plx_fail(err, PLX_E_BUG, "item %zu of a parallel loop failed without saying why", i);
    }
    return ok;
}

/* What the caller does with result i; false ends the loop with `err` set. */
static bool take_one(plx_done done, void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    if (done) {
        if (done(payload, i, ok, err_i, err)) {
            return true;
        }
        if (err && err->code == PLX_OK) {
            plx_fail(err, PLX_E_BUG, "result %zu of a parallel loop was refused without saying why", i);
        }
        return false;
    }
    if (!ok && err) {
        *err = *err_i;
    }
    return ok;
}

static void *worker(void *arg)
{
    pool *p = arg;
    plx_err err;
    pthread_mutex_lock(&p->mutex);
    for (;;) {
        while (!p->stop && p->next < p->n && p->next >= p->taken + p->ring) {
            pthread_cond_wait(&p->room, &p->mutex);
        }
        if (p->stop || p->next >= p->n) {
            break;
        }
        size_t i = p->next++;
        pthread_mutex_unlock(&p->mutex);
        bool ok = work_one(p->work, p->payload, i, &err);
        pthread_mutex_lock(&p->mutex);
        slot *s = &p->slots[i % p->ring];
        s->ok = ok;
        if (!ok) {
            s->err = err;
        }
        s->ready = true;
        pthread_cond_signal(&p->finished);
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static bool collect(pool *p, plx_done done, plx_err *err)
{
    plx_err err_i;
    for (size_t i = 0; i < p->n; i++) {
        if (!plx_ctx_go_on(p->ctx, err)) {
            return false;
        }
        slot *s = &p->slots[i % p->ring];
        pthread_mutex_lock(&p->mutex);
        while (!s->ready) {
            pthread_cond_wait(&p->finished, &p->mutex);
        }
        bool ok = s->ok;
        plx_err_clear(&err_i);
        if (!ok) {
            err_i = s->err;
        }
        s->ready = false;
        pthread_mutex_unlock(&p->mutex);
        if (!take_one(done, p->payload, i, ok, &err_i, err)) {
            return false;
        }
        pthread_mutex_lock(&p->mutex);
        p->taken = i + 1;
        pthread_cond_broadcast(&p->room);
        pthread_mutex_unlock(&p->mutex);
    }
    return true;
}

static bool map_here(const plx_ctx *ctx, size_t n, plx_work work, plx_done done, void *payload, plx_err *err)
{
    plx_err err_i;
    for (size_t i = 0; i < n; i++) {
        if (!plx_ctx_go_on(ctx, err)) {
            return false;
        }
        bool ok = work_one(work, payload, i, &err_i);
        if (!take_one(done, payload, i, ok, &err_i, err)) {
            return false;
        }
    }
    return true;
}

/* Start up to `want` threads; signals go to the caller's thread only. Returns how many run. */
static size_t start(pool *p, pthread_t *threads, size_t want)
{
    sigset_t all, was;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was);
    size_t n = 0;
    while (n < want && pthread_create(&threads[n], NULL, worker, p) == 0) {
        n++;
    }
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    return n;
}

bool plx_pool_map(const plx_ctx *ctx, size_t n, plx_work work, plx_done done, void *payload, plx_err *err)
{
    size_t jobs = ctx && ctx->jobs > 1 ? ctx->jobs : 1;
    jobs = jobs < n ? jobs : n;
    if (jobs <= 1) {
        return map_here(ctx, n, work, done, payload, err);
    }
    pool p = {.ctx = ctx, .work = work, .payload = payload, .n = n, .ring = 2 * jobs};
    pthread_t *threads = plx_alloc_zero(jobs, sizeof *threads);
    p.slots = plx_alloc_zero(p.ring, sizeof *p.slots);
    if (!threads || !p.slots) {
        plx_free(threads);
        plx_free(p.slots);
        return plx_fail_nomem(err, p.ring * sizeof *p.slots);
    }
    pthread_mutex_init(&p.mutex, NULL); /* default attributes: cannot fail on Linux */
    pthread_cond_init(&p.finished, NULL);
    pthread_cond_init(&p.room, NULL);
    size_t n_threads = start(&p, threads, jobs);
    bool ok = n_threads ? collect(&p, done, err) : map_here(ctx, n, work, done, payload, err);
    pthread_mutex_lock(&p.mutex);
    p.stop = true;
    pthread_cond_broadcast(&p.room);
    pthread_mutex_unlock(&p.mutex);
    for (size_t i = 0; i < n_threads; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_cond_destroy(&p.room);
    pthread_cond_destroy(&p.finished);
    pthread_mutex_destroy(&p.mutex);
    plx_free(threads);
    plx_free(p.slots);
    return ok;
}
