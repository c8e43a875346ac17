/* SPDX-License-Identifier: Apache-2.0
 *
 * The transports there are; plx_transports in fetch.c lists them.
 */
#ifndef PLX_REGISTRY_TRANSPORTS_H
#define PLX_REGISTRY_TRANSPORTS_H

#include "registry/fetch.h"

extern const plx_transport plx_transport_builtin;
extern const plx_transport plx_transport_file;
extern const plx_transport plx_transport_http;
extern const plx_transport plx_transport_https;

#endif
