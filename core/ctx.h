/* SPDX-License-Identifier: Apache-2.0
 *
 * What is passed down instead of globals: log, progress, threads, budgets, the wish to stop.
 */
#ifndef PLX_CORE_CTX_H
#define PLX_CORE_CTX_H

#include "core/err.h"

#include <signal.h>
#include <stdint.h>

typedef struct plx_log plx_log;
typedef struct plx_progress plx_progress;

/* Budgets for anything that reads bytes from outside. Zero means the default of plx_limits_default. */
typedef struct plx_limits {
    uint64_t file_bytes;   /* one file or archive member, unpacked */
    uint64_t total_bytes;  /* all members of one archive, unpacked */
    uint64_t memory_bytes; /* what one parser may hold */
    uint32_t ratio;        /* unpacked over packed, past the first MiB */
    uint32_t entries;      /* members in an archive */
    uint32_t depth;        /* nesting of trees and of archives */
    uint32_t columns;      /* of a table */
} plx_limits;

typedef struct plx_ctx {
    plx_log *log;           /* NULL: silent */
    plx_progress *progress; /* NULL: none */
    unsigned jobs;          /* threads to use, at least 1 */
    bool offline;
    plx_limits limits;
    const volatile sig_atomic_t *cancel; /* non-zero: stop soon; NULL: never */
} plx_ctx;

plx_limits plx_limits_default(void);
/* ctx->limits with the defaults in place of zeros. */
plx_limits plx_limits_of(const plx_ctx *ctx);
/* A silent one-thread context with default limits. */
plx_ctx plx_ctx_default(void);
/* False with CANCELLED when the user asked to stop. Call it in long loops. */
bool plx_ctx_go_on(const plx_ctx *ctx, plx_err *err);

#endif
