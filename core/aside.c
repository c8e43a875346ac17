/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the one piece of work is under a mutex, which is also what makes the payload safe to share.
 */
#include "core/aside.h"

#include "core/alloc.h"

#include <pthread.h>
#include <signal.h>

struct plx_aside {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    void (*work)(void *payload);
    void *payload;
    bool busy, stop;
};

static void *run(void *arg)
{
    plx_aside *a = arg;
    pthread_mutex_lock(&a->mutex);
    for (;;) {
        while (!a->busy && !a->stop) {
            pthread_cond_wait(&a->changed, &a->mutex);
        }
        if (!a->busy) {
            break;
        }
        pthread_mutex_unlock(&a->mutex);
        a->work(a->payload);
        pthread_mutex_lock(&a->mutex);
        a->busy = false;
        pthread_cond_broadcast(&a->changed);
    }
    pthread_mutex_unlock(&a->mutex);
    return NULL;
}

plx_aside *plx_aside_new(void (*work)(void *payload), void *payload)
{
    plx_aside *a = plx_alloc_zero(1, sizeof *a);
    sigset_t all, was;
    if (!a) {
        return NULL;
    }
    a->work = work;
    a->payload = payload;
    pthread_mutex_init(&a->mutex, NULL); /* default attributes: cannot fail on Linux */
    pthread_cond_init(&a->changed, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was); /* signals go to the caller's thread only */
    bool ok = pthread_create(&a->thread, NULL, run, a) == 0;
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    if (!ok) {
        pthread_cond_destroy(&a->changed);
        pthread_mutex_destroy(&a->mutex);
        plx_free(a);
        return NULL;
    }
    return a;
}

void plx_aside_start(plx_aside *aside)
{
    pthread_mutex_lock(&aside->mutex);
    aside->busy = true;
    pthread_cond_broadcast(&aside->changed);
    pthread_mutex_unlock(&aside->mutex);
}

bool plx_aside_is_busy(plx_aside *aside)
{
    pthread_mutex_lock(&aside->mutex);
    bool busy = aside->busy;
    pthread_mutex_unlock(&aside->mutex);
    return busy;
}

void plx_aside_wait(plx_aside *aside)
{
    pthread_mutex_lock(&aside->mutex);
    while (aside->busy) {
        pthread_cond_wait(&aside->changed, &aside->mutex);
    }
    pthread_mutex_unlock(&aside->mutex);
}

void plx_aside_free(plx_aside *aside)
{
    if (!aside) {
        return;
    }
    pthread_mutex_lock(&aside->mutex);
    aside->stop = true;
    pthread_cond_broadcast(&aside->changed);
    pthread_mutex_unlock(&aside->mutex);
    pthread_join(aside->thread, NULL);
    pthread_cond_destroy(&aside->changed);
    pthread_mutex_destroy(&aside->mutex);
    plx_free(aside);
}
