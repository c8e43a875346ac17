/* SPDX-License-Identifier: Apache-2.0
 *
 * Arena: a chain of blocks, each twice as large as the one before (4 KiB to 1 MiB, more for one large request).
 * Only the newest block hands out memory, so the order of the chain is the order of allocation and a mark is a block
 * and a fill level.
 */
#include "core/arena.h"

#include "core/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ALIGN = 16, FIRST_BLOCK = 4096, LARGEST_STEP = 1 << 20 };

typedef struct block {
    struct block *older;
    size_t cap, used;
} block;

/* Data starts at the next multiple of 16 after the header; malloc aligns blocks to 16. */
enum { HEADER = (sizeof(block) + ALIGN - 1) / ALIGN * ALIGN };

struct plx_arena {
    block *newest;
    size_t limit; /* of `held`; SIZE_MAX when there is none */
    size_t held;  /* bytes of all blocks with their headers */
    size_t used;
    size_t step; /* size of the next ordinary block */
};

plx_arena *plx_arena_new(size_t limit_bytes)
{
    plx_arena *arena = plx_alloc_zero(1, sizeof *arena);
    if (arena) {
        arena->limit = limit_bytes ? limit_bytes : SIZE_MAX;
        arena->step = FIRST_BLOCK;
    }
    return arena;
}

static void drop_newest(plx_arena *arena)
{
    block *gone = arena->newest;
    arena->newest = gone->older;
    arena->used -= gone->used;
    arena->held -= gone->cap + HEADER;
    plx_free(gone);
}

void plx_arena_free(plx_arena *arena)
{
    if (!arena) {
        return;
    }
    while (arena->newest) {
        drop_newest(arena);
    }
    plx_free(arena);
}

/* A block with room for `size` bytes on top of the chain. */
static block *add_block(plx_arena *arena, size_t size)
{
    size_t need;
    if (!plx_add_ok(size, HEADER, &need) || need > arena->limit - arena->held) {
        return NULL;
    }
    size_t room = arena->limit - arena->held;
    size_t total = arena->step > need ? arena->step : need;
    total = total > room ? room : total;
    block *fresh = plx_alloc(total);
    if (!fresh) {
        return NULL;
    }
    fresh->older = arena->newest;
    fresh->cap = total - HEADER;
    fresh->used = 0;
    arena->newest = fresh;
    arena->held += total;
    arena->step = arena->step < LARGEST_STEP ? 2 * arena->step : arena->step;
    return fresh;
}

void *plx_arena_alloc(plx_arena *arena, size_t size)
{
    size_t rounded;
    if (!plx_add_ok(size ? size : 1, ALIGN - 1, &rounded)) {
        return NULL;
    }
    rounded &= ~(size_t)(ALIGN - 1);
    block *from = arena->newest;
    if (!from || rounded > from->cap - from->used) {
        from = add_block(arena, rounded);
        if (!from) {
            return NULL;
        }
    }
    char *ptr = (char *)from + HEADER + from->used;
    from->used += rounded;
    arena->used += rounded;
    return ptr;
}

void *plx_arena_zero(plx_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    if (!plx_mul_ok(n, size, &bytes)) {
        return NULL;
    }
    void *ptr = plx_arena_alloc(arena, bytes);
    return ptr ? memset(ptr, 0, bytes) : NULL;
}

char *plx_arena_strndup(plx_arena *arena, const char *text, size_t len)
{
    size_t size;
    char *copy = plx_add_ok(len, 1, &size) ? plx_arena_alloc(arena, size) : NULL;
    if (copy) {
        if (len) {
            memcpy(copy, text, len);
        }
        copy[len] = '\0';
    }
    return copy;
}

char *plx_arena_strdup(plx_arena *arena, const char *text)
{
    return plx_arena_strndup(arena, text, strlen(text));
}

char *plx_arena_printf(plx_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = len < 0 ? NULL : plx_arena_alloc(arena, (size_t)len + 1);
    if (text) {
        va_start(args, fmt);
        vsnprintf(text, (size_t)len + 1, fmt, args);
        va_end(args);
    }
    return text;
}

size_t plx_arena_used(const plx_arena *arena)
{
    return arena->used;
}

plx_arena_mark plx_arena_get_mark(const plx_arena *arena)
{
    return (plx_arena_mark){arena->newest, arena->newest ? arena->newest->used : 0};
}

void plx_arena_reset(plx_arena *arena, plx_arena_mark mark)
{
    while (arena->newest && arena->newest != mark.block) {
        drop_newest(arena);
    }
    if (arena->newest) {
        arena->used -= arena->newest->used - mark.used;
        arena->newest->used = mark.used;
    }
}
