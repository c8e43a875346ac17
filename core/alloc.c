/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that calls malloc and free. The hook and the count of live blocks are the program's only process-wide
 * state; the count is one relaxed atomic addition per block.
 */
#define _DEFAULT_SOURCE /* madvise */
#include "core/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LARGE = 2 * 1024 * 1024, PAGE = 4096 }; /* from the size of a huge page on */

static plx_alloc_hook test_hook;
static void *test_payload;
static atomic_size_t live_blocks;

static bool may_allocate(size_t size)
{
    return size <= PTRDIFF_MAX && (!test_hook || test_hook(test_payload, size));
}

/* A large block starts where a huge page may. malloc would write its own header in the first page before the advice
 * below is given, which would leave the pages around it small. */
static void *fresh(size_t size)
{
    void *ptr;
    return size < LARGE ? malloc(size ? size : 1) : posix_memalign(&ptr, LARGE, size) == 0 ? ptr : NULL;
}

/* Ask for huge pages below a large block: first touch then costs a fault per 2 MiB, not per 4 KiB. Whole pages, so that
 * neighbouring blocks become one range to the kernel; to a byte of another block on them it makes no difference. A
 * refusal is fine. */
static void *advised(void *ptr, size_t size)
{
#ifdef MADV_HUGEPAGE
    if (ptr && size >= LARGE) {
        size_t into = (uintptr_t)ptr % PAGE;
        (void)madvise((char *)ptr - into, (into + size + PAGE - 1) / PAGE * PAGE, MADV_HUGEPAGE);
    }
#else
    (void)size;
#endif
    return ptr;
}

static void *counted(void *ptr)
{
    if (ptr) {
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    }
    return ptr;
}

void *plx_alloc(size_t size)
{
    return may_allocate(size) ? counted(advised(fresh(size), size)) : NULL;
}

void *plx_alloc_zero(size_t n, size_t size)
{
    size_t bytes;
    if (!plx_mul_ok(n, size, &bytes) || !may_allocate(bytes)) {
        return NULL;
    }
    return counted(advised(calloc(1, bytes ? bytes : 1), bytes));
}

void *plx_realloc_array(void *ptr, size_t n, size_t size)
{
    size_t bytes;
    if (!plx_mul_ok(n, size, &bytes) || !may_allocate(bytes)) {
        return NULL;
    }
    void *grown = advised(ptr ? realloc(ptr, bytes ? bytes : 1) : fresh(bytes), bytes);
    return ptr ? grown : counted(grown);
}

void plx_free(void *ptr)
{
    if (ptr) {
        atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
        free(ptr);
    }
}

char *plx_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = plx_alloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

bool plx_grow(void *array_ptr, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap) {
        return true;
    }
    size_t target = *cap + *cap / 2;
    size_t least = size >= 64 ? 4 : 64 / (size ? size : 1);
    target = target < need ? need : target;
    target = target < least ? least : target;
    /* The caller's pointer is of some object type: memcpy reads and writes it without naming that type. */
    void *block;
    memcpy(&block, array_ptr, sizeof block);
    void *grown = plx_realloc_array(block, target, size);
    if (!grown && target > need) {
        target = need;
        grown = plx_realloc_array(block, target, size);
    }
    if (!grown) {
        return false;
    }
    memcpy(array_ptr, &grown, sizeof grown);
    *cap = target;
    return true;
}

void plx_alloc_set_hook(plx_alloc_hook hook, void *payload)
{
    test_hook = hook;
    test_payload = payload;
}

size_t plx_alloc_live(void)
{
    return atomic_load_explicit(&live_blocks, memory_order_relaxed);
}
