/* SPDX-License-Identifier: Apache-2.0
 *
 * A byte source: what every reader reads from. Files, memory, gzip streams and archive members look alike.
 */
#ifndef PLX_FORMATS_SOURCE_H
#define PLX_FORMATS_SOURCE_H

#include "core/buf.h"
#include "core/ctx.h"

typedef struct plx_source plx_source;
struct plx_source {
    const char *name; /* for messages: path, or "a.zip!member"; owned by the source */
    int64_t size;     /* bytes to come in all, or -1 when unknown */
    /* Up to `cap` bytes into `out`; *got = 0 at the end. Short reads are allowed. */
    bool (*read)(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err);
    void (*close)(plx_source *self); /* frees self */
    /* Back to the first byte; NULL when that cannot be done. */
    bool (*rewind)(plx_source *self, plx_err *err);
};

/* A regular file (errors: NOTFOUND, IO; ARG for a folder; POLICY for pipes, sockets and devices). With `sniff_gzip`, a
 * file that starts with the gzip magic is unpacked while reading, within ctx->limits (LIMIT past file_bytes or ratio,
 * FORMAT/TRUNCATED for a damaged stream). */
bool plx_source_file(const plx_ctx *ctx, const char *path, bool sniff_gzip, plx_source **out, plx_err *err);
/* Borrowed memory. */
bool plx_source_mem(const char *name, const void *bytes, size_t len, plx_source **out, plx_err *err);
/* gzip (concatenated members allowed, CRC and length checked) over another source, which it takes over also on failure.
 */
bool plx_source_gzip(const plx_ctx *ctx, plx_source *packed, plx_source **out, plx_err *err);
/* Everything that is left, at most `limit` bytes. owner: *out. */
bool plx_source_slurp(plx_source *source, uint64_t limit, plx_buf *out, plx_err *err);
void plx_source_close(plx_source *source); /* accepts NULL */

#endif
