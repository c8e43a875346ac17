/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of place an IP address is: this machine, a private network, or the world.
 */
#ifndef PLX_REGISTRY_HTTP_ADDRESS_H
#define PLX_REGISTRY_HTTP_ADDRESS_H

#include <stdbool.h>

/* In the order of trust: who was asked in one place may send us to the same or a later one. */
typedef enum plx_reach { PLX_REACH_LOOPBACK, PLX_REACH_PRIVATE, PLX_REACH_PUBLIC } plx_reach;

struct sockaddr;
/* Addresses that are neither loopback nor of the public internet count as private, as do families unknown here. */
plx_reach plx_reach_of(const struct sockaddr *address);
/* Of a host as it stands in an address: an IP (also "[::1]"), or a name that always means this machine. *known false
 * for all other names, which only a resolver can tell. */
plx_reach plx_reach_of_host(const char *host, bool *known);

#endif
