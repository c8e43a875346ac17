/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fuzz target defines, and the small budgets it runs under.
 */
#ifndef PLX_TESTS_FUZZ_H
#define PLX_TESTS_FUZZ_H

#include "core/ctx.h"

#include <stddef.h>
#include <stdint.h>

/* Run one input; abort on a broken promise. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline plx_ctx plx_fuzz_ctx(void)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.limits.file_bytes = 1 << 20;
    ctx.limits.total_bytes = 1 << 21;
    ctx.limits.memory_bytes = 1 << 24;
    ctx.limits.entries = 200;
    return ctx;
}

/* The promise every failure makes: a code and a sentence. Aborts otherwise. */
#define PLX_FUZZ_EXPECT(condition)                                                                                     \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
