/* SPDX-License-Identifier: Apache-2.0
 *
 * What all transfers of a command share: how patient to be, and connections that are kept open.
 */
#ifndef PLX_REGISTRY_NET_H
#define PLX_REGISTRY_NET_H

#include "registry/http.h"

typedef struct plx_net plx_net;
/* Zeros in `opts` become their defaults. owner: caller. errors: NULL when memory is out. */
plx_net *plx_net_new(const plx_net_opts *opts);
void plx_net_free(plx_net *net);
/* The options, defaults filled in. Borrowed. */
const plx_net_opts *plx_net_options(const plx_net *net);

/* Connections for one thread, to be given back. errors: UNSUPPORTED without libcurl, which is loaded here. */
bool plx_net_take(plx_net *net, plx_http **out, plx_err *err);
void plx_net_give(plx_net *net, plx_http *http);

#endif
