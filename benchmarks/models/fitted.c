/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/fitted.h"

void *plx_fitted_new(size_t size, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_arena **fitted = arena ? plx_arena_zero(arena, 1, size) : NULL;
    if (!fitted) {
        plx_arena_free(arena);
        plx_fail_nomem(err, size);
        return NULL;
    }
    *fitted = arena;
    return fitted;
}

void plx_fitted_free(void *fitted)
{
    if (fitted) {
        plx_arena_free(*(plx_arena **)fitted);
    }
}
