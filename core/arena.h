/* SPDX-License-Identifier: Apache-2.0
 *
 * Arena: memory for one file parse or one command, freed as a whole.
 */
#ifndef PLX_CORE_ARENA_H
#define PLX_CORE_ARENA_H

#include <stddef.h>

typedef struct plx_arena plx_arena;

/* `limit_bytes` bounds the sum of all blocks (0: no bound). errors: NULL when memory is out. */
plx_arena *plx_arena_new(size_t limit_bytes);
void plx_arena_free(plx_arena *arena);

/* Uninitialised memory aligned to 16. errors: NULL when memory or the limit is out. owner: the arena. */
void *plx_arena_alloc(plx_arena *arena, size_t size);
/* n * size zeroed bytes, overflow checked. */
void *plx_arena_zero(plx_arena *arena, size_t n, size_t size);
/* NUL-terminated copy of `len` bytes. */
char *plx_arena_strndup(plx_arena *arena, const char *text, size_t len);
char *plx_arena_strdup(plx_arena *arena, const char *text);
char *plx_arena_printf(plx_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far. */
size_t plx_arena_used(const plx_arena *arena);

/* Everything allocated after `mark` is given back. */
typedef struct plx_arena_mark {
    void *block;
    size_t used;
} plx_arena_mark;
plx_arena_mark plx_arena_get_mark(const plx_arena *arena);
void plx_arena_reset(plx_arena *arena, plx_arena_mark mark);

#endif
