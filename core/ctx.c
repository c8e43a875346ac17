/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ctx.h"

plx_limits plx_limits_default(void)
{
    return (plx_limits){
        .file_bytes = (uint64_t)16 << 30,
        .total_bytes = (uint64_t)64 << 30,
        .memory_bytes = (uint64_t)2 << 30,
        .ratio = 400, /* deflate cannot pass 1032; tables and label volumes stay far below this */
        .entries = 200000,
        .depth = 64,
        .columns = 65536,
    };
}

plx_limits plx_limits_of(const plx_ctx *ctx)
{
    const plx_limits *given = &ctx->limits;
    plx_limits d = plx_limits_default();
    return (plx_limits){
        .file_bytes = given->file_bytes ? given->file_bytes : d.file_bytes,
        .total_bytes = given->total_bytes ? given->total_bytes : d.total_bytes,
        .memory_bytes = given->memory_bytes ? given->memory_bytes : d.memory_bytes,
        .ratio = given->ratio ? given->ratio : d.ratio,
        .entries = given->entries ? given->entries : d.entries,
        .depth = given->depth ? given->depth : d.depth,
        .columns = given->columns ? given->columns : d.columns,
    };
}

plx_ctx plx_ctx_default(void)
{
    return (plx_ctx){.jobs = 1, .limits = plx_limits_default()};
}

bool plx_ctx_go_on(const plx_ctx *ctx, plx_err *err)
{
    if (ctx && ctx->cancel && __atomic_load_n(ctx->cancel, __ATOMIC_RELAXED)) {
        return plx_fail(err, PLX_E_CANCELLED, "interrupted");
    }
    return true;
}
