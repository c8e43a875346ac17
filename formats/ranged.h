/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes that can be read anywhere: a file, a part of one, or something far away.
 */
#ifndef PLX_FORMATS_RANGED_H
#define PLX_FORMATS_RANGED_H

#include "core/ctx.h"

#include <stddef.h>

typedef struct plx_ranged plx_ranged;
struct plx_ranged {
    const char *name; /* for messages; borrowed */
    uint64_t size;
    /* All n bytes from `offset` on. errors: TRUNCATED past the end. */
    bool (*read_at)(plx_ranged *self, uint64_t offset, void *out, size_t n, plx_err *err);
};

/* An open file. `start` is the offset of its first byte, for a piece cut out of something larger. */
typedef struct plx_ranged_file {
    plx_ranged base; /* first: read_at gets a pointer to it */
    int fd;
    uint64_t start;
} plx_ranged_file;
/* errors: IO. The file stays the caller's. */
bool plx_ranged_from_fd(int fd, const char *name, uint64_t start, plx_ranged_file *out, plx_err *err);

#endif
