/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads with ordered results: output never depends on how many there are.
 */
#ifndef PLX_CORE_POOL_H
#define PLX_CORE_POOL_H

#include "core/ctx.h"

/* Run work(payload, i, err) for i in [0, n) on ctx->jobs threads; then, in order of i and in the calling thread,
 * done(payload, i, ok, err_i). done returning false stops the rest. `done` may be NULL. With one job everything runs in
 * the calling thread. At most 2 * jobs finished results wait for their turn. errors: the first failure in order of i
 * (not of time), unless `done` is given, which then decides; CANCELLED. */
typedef bool (*plx_work)(void *payload, size_t i, plx_err *err);
typedef bool (*plx_done)(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err);
bool plx_pool_map(const plx_ctx *ctx, size_t n, plx_work work, plx_done done, void *payload, plx_err *err);

#endif
