/* SPDX-License-Identifier: Apache-2.0
 *
 * Decoding in a child process. Libraries that are known to crash or loop on hostile files (HDF5, freexl) run in a
 * forked child under resource limits and, where the kernel has seccomp, with nearly all system calls taken away; what
 * they decode comes back through a pipe as messages. Whatever happens to the child, the parent gets messages, an error,
 * or both.
 *
 * The child is forked, not executed anew: libraries do not know where the program is. A process with several threads
 * may do so here because the child takes no lock that another thread can have held: glibc makes malloc usable after
 * fork, shared libraries the child needs are loaded before (libhdf5; freexl is linked), and the parent never calls into
 * them.
 */
#ifndef PLX_FORMATS_ISOLATE_H
#define PLX_FORMATS_ISOLATE_H

#include "core/ctx.h"

#include <stddef.h>

enum { PLX_ISOLATE_MESSAGE = 16 << 20 }; /* bytes of one message at most */

/* The child's end of the pipe. */
typedef struct plx_isolate_out plx_isolate_out;
/* One message of a kind below 2^31. errors: LIMIT for one that is too long; IO. */
bool plx_isolate_send(plx_isolate_out *out, uint32_t kind, const void *bytes, size_t len, plx_err *err);

typedef struct plx_isolate_job {
    const char *path; /* the file that is decoded, for messages */
    /* Runs in the child; what it allocates need not be freed. Its error becomes the parent's. */
    bool (*decode)(plx_isolate_out *out, void *arg, plx_err *err);
    void *arg;
    /* Runs in the parent for each message. The bytes come from a process a hostile file may have taken over: check
     * them. False stops everything. */
    bool (*take)(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err);
    void *payload;
    unsigned cpu_seconds; /* 0: 5, and 8 for each MiB of the file */
} plx_isolate_job;

/* errors: NOTFOUND, ARG, POLICY for what is not a regular file; what `decode` or `take` said; FORMAT for a child that
 * died, naming the file and how; LIMIT when it used up its processor time or memory; CANCELLED. cost: one fork and one
 * copy of the messages. */
bool plx_isolate(const plx_ctx *ctx, const plx_isolate_job *job, plx_err *err);

/* A message of wrong size or order. */
bool plx_isolate_garbled(const char *path, plx_err *err);

#endif
