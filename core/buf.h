/* SPDX-License-Identifier: Apache-2.0
 *
 * Owned bytes: one release function serves malloc, arena, mmap and library memory alike.
 */
#ifndef PLX_CORE_BUF_H
#define PLX_CORE_BUF_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct plx_buf {
    uint8_t *ptr;
    size_t len;
    void (*release)(struct plx_buf *self); /* NULL: borrowed or empty */
    void *owner;
} plx_buf;

/* `len` bytes from plx_alloc, uninitialised. */
bool plx_buf_alloc(size_t len, plx_buf *out, plx_err *err);
/* Take over `len` bytes from plx_alloc. */
plx_buf plx_buf_own(void *ptr, size_t len);
/* A read-only private mapping of a whole file (len 0 maps nothing). Only for files inside a store, which never
 * change once published. errors: NOTFOUND, IO. */
bool plx_buf_map(const char *path, plx_buf *out, plx_err *err);
/* A whole file of at most `limit` bytes read into memory. errors: NOTFOUND, IO, LIMIT. */
bool plx_buf_read_file(const char *path, size_t limit, plx_buf *out, plx_err *err);
/* Bytes owned by somebody else. */
plx_buf plx_buf_view(const void *ptr, size_t len);
void plx_buf_free(plx_buf *buf);

#endif
