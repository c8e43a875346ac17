/* SPDX-License-Identifier: Apache-2.0
 *
 * One request at the test server, and what behaviours are made of.
 */
#ifndef PLX_TESTS_HTTP_SERVER_INTERNAL_H
#define PLX_TESTS_HTTP_SERVER_INTERNAL_H

#include "support/http_server.h"

enum { PLX_SERVER_PATH = 4096 };

typedef struct plx_request {
    plx_server *server;
    int fd;
    bool close;     /* after this request */
    bool head_only; /* no body is wanted; heeded for files alone */
    char path[PLX_SERVER_PATH];
    char behaviour[64], name[1024];
    uint64_t size; /* of the file */
    uint64_t nth;  /* how often this very path was asked for, from 0 */
    bool has_range, has_last;
    uint64_t first, last;
    char if_range[256], etag[80];
} plx_request;

/* False when the client has gone. */
bool plx_send(plx_request *r, const void *bytes, size_t n);
bool plx_sendf(plx_request *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Bytes [from, to) of the file of this request. */
bool plx_send_content(plx_request *r, uint64_t from, uint64_t to);
/* Status line and headers of a sound server, with `more` header lines ("X: y\r\n"); the range is heeded unless the file
 * is not the one If-Range names. *from and *to say which bytes are to follow. */
bool plx_send_head(plx_request *r, const char *more, uint64_t *from, uint64_t *to);
/* Head and content: a sound answer. */
bool plx_send_file(plx_request *r, const char *more);
/* The next close sends a reset. */
void plx_reset(plx_request *r);
/* Wait, but not longer than the client or the server stays. False when either is gone. */
bool plx_linger(plx_request *r, int ms);

typedef struct plx_behaviour {
    const char *name;
    void (*act)(plx_request *r);
} plx_behaviour;
extern const plx_behaviour plx_server_answers[], plx_server_bodies[]; /* ended by name NULL */

#endif
