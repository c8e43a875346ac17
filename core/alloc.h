/* SPDX-License-Identifier: Apache-2.0
 *
 * All memory comes through here, so that a test can fail the k-th allocation.
 * The hook is the one process-wide switch of the program; only tests set it, before any thread starts.
 */
#ifndef PLX_CORE_ALLOC_H
#define PLX_CORE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* malloc/calloc/realloc with an overflow-checked product; size 0 gives a unique pointer.
 * errors: NULL when memory is out or n * size overflows. owner: caller, plx_free. */
void *plx_alloc(size_t size);
void *plx_alloc_zero(size_t n, size_t size);
void *plx_realloc_array(void *ptr, size_t n, size_t size);
void plx_free(void *ptr);
char *plx_strdup(const char *text);

/* Grow an array of `size`-byte elements geometrically so that it holds `need`; *cap is updated.
 * errors: false when memory is out, the old block stays valid. */
bool plx_grow(void *array_ptr, size_t *cap, size_t need, size_t size);

/* Test hook: asked before each allocation; returning false makes it fail. NULL removes it. */
typedef bool (*plx_alloc_hook)(void *payload, size_t size);
void plx_alloc_set_hook(plx_alloc_hook hook, void *payload);

/* Blocks handed out and not yet freed, by all threads. */
size_t plx_alloc_live(void);

/* a * b and a + b with an overflow check. */
static inline bool plx_mul_ok(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool plx_add_ok(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

#endif
