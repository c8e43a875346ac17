/* SPDX-License-Identifier: Apache-2.0
 *
 * What all transfers share. Threads take connections out of a few slots and put them back; a slot is one atomic
 * pointer, so nothing waits.
 */
#include "registry/net.h"

#include "core/alloc.h"

#include <stdatomic.h>

enum { SLOTS = 64 };

struct plx_net {
    plx_net_opts opts;
    _Atomic(plx_http *) idle[SLOTS];
};

plx_net *plx_net_new(const plx_net_opts *opts)
{
    plx_net *net = plx_alloc_zero(1, sizeof *net);
    if (!net) {
        return NULL;
    }
    net->opts = *opts;
    plx_net_opts *o = &net->opts;
    o->tries = o->tries ? o->tries : 5;
    o->wait_ms = o->wait_ms ? o->wait_ms : 500;
    o->connect_s = o->connect_s > 0 ? o->connect_s : 20;
    o->stall_s = o->stall_s > 0 ? o->stall_s : 30;
    return net;
}

void plx_net_free(plx_net *net)
{
    for (size_t i = 0; net && i < SLOTS; i++) {
        plx_http_free(atomic_exchange(&net->idle[i], NULL));
    }
    plx_free(net);
}

const plx_net_opts *plx_net_options(const plx_net *net)
{
    return &net->opts;
}

bool plx_net_take(plx_net *net, plx_http **out, plx_err *err)
{
    for (size_t i = 0; i < SLOTS; i++) {
        plx_http *http = atomic_exchange(&net->idle[i], NULL);
        if (http) {
            *out = http;
            return true;
        }
    }
    return plx_http_new(&net->opts, out, err);
}

void plx_net_give(plx_net *net, plx_http *http)
{
    for (size_t i = 0; http && i < SLOTS; i++) {
        plx_http *none = NULL;
        if (atomic_compare_exchange_strong(&net->idle[i], &none, http)) {
            return;
        }
    }
    plx_http_free(http);
}
