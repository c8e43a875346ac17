/* SPDX-License-Identifier: Apache-2.0
 *
 * What is heard of the headers of an HTTP reply.
 */
#ifndef PLX_REGISTRY_HTTP_HEADERS_H
#define PLX_REGISTRY_HTTP_HEADERS_H

#include "core/str.h"
#include "registry/http.h"

/* Forget a reply but for digests that were announced on the way: who redirects knows what is meant. */
void plx_http_next_reply(plx_http_reply *reply);
/* Git's SHA-1 in an ETag, strong or weak: 40 hex digits. shape: out[41], "" when it is none. */
bool plx_http_etag_git_sha1(plx_slice value, char out[41]);
/* One line, blanks at both ends taken off: a status line starts the reply anew, anything malformed is passed over. */
void plx_http_read_header(plx_slice line, plx_http_reply *reply);

#endif
