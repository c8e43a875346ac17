/* SPDX-License-Identifier: Apache-2.0
 *
 * What is heard of the headers of an HTTP reply.
 */
#ifndef PLX_REGISTRY_HTTP_HEADERS_H
#define PLX_REGISTRY_HTTP_HEADERS_H

#include "core/str.h"
#include "registry/http.h"

/* Forget a reply but for the digest that was announced on the way: who redirects knows what is meant. */
void plx_http_next_reply(plx_http_reply *reply);
/* One line, blanks at both ends taken off: a status line starts the reply anew, anything malformed is passed over. */
void plx_http_read_header(plx_slice line, plx_http_reply *reply);

#endif
