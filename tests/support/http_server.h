/* SPDX-License-Identifier: Apache-2.0
 *
 * A web server on 127.0.0.1 for tests, mostly an ill-behaved one. Address: http://127.0.0.1:PORT/BEHAVIOUR/SIZE/NAME,
 * where the behaviour is one of http_answers.c and http_bodies.c and the file has SIZE bytes that follow from SIZE and
 * NAME alone.
 */
#ifndef PLX_TESTS_HTTP_SERVER_H
#define PLX_TESTS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct plx_server plx_server;
/* Ends the process when no server can be started. Threads of this process answer; with `root`, addresses below /files/
 * are files of that folder. */
plx_server *plx_server_start(const char *root);
/* Closes all connections and waits for its threads. */
void plx_server_stop(plx_server *server);
int plx_server_port(const plx_server *server);
/* Since the start, or since they were asked for last: requests answered, and bytes of bodies sent. */
uint64_t plx_server_requests(plx_server *server);
uint64_t plx_server_bytes(plx_server *server);
/* Give an address of its own a text to answer with, as a host's interface would. Both are borrowed. */
void plx_server_answer(plx_server *server, const char *path, const char *text);

/* The content of a file: bytes [offset, offset + n). */
void plx_server_content(const char *name, uint64_t size, uint64_t offset, void *out, size_t n);

#endif
