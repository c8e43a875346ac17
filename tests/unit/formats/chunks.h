/* SPDX-License-Identifier: Apache-2.0
 *
 * A source that hands out a few bytes at a time and cannot be rewound, as an archive member does.
 */
#ifndef PLX_TESTS_CHUNKS_H
#define PLX_TESTS_CHUNKS_H

#include "formats/source.h"

#include <stdlib.h>
#include <string.h>

typedef struct chunks {
    plx_source base;
    const char *bytes;
    size_t len, pos, chunk;
    size_t fail_at; /* reading past this offset is an I/O error; 0: never */
} chunks;

static inline bool chunks_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    chunks *c = (chunks *)self;
    if (c->fail_at && c->pos >= c->fail_at) {
        return plx_fail(err, PLX_E_IO, "the disk is on fire");
    }
    size_t n = c->len - c->pos;
    n = n < c->chunk ? n : c->chunk;
    n = n < cap ? n : cap;
    memcpy(out, c->bytes + c->pos, n);
    c->pos += n;
    *got = n;
    return true;
}

static inline void chunks_close(plx_source *self)
{
    (void)self;
}

/* The caller's struct is the source; nothing to free. */
static inline plx_source *chunks_open(chunks *c, const char *bytes, size_t len, size_t chunk)
{
    *c = (chunks){.base = {"chunks", -1, chunks_read, chunks_close, NULL}, .bytes = bytes, .len = len, .chunk = chunk};
    return &c->base;
}

#endif
