/* SPDX-License-Identifier: Apache-2.0
 *
 * What tasks on types of neurons share: left-right homologues stay in one fold, types are spread evenly.
 */
#ifndef PLX_BENCHMARKS_TASKS_TYPE_TASK_H
#define PLX_BENCHMARKS_TASKS_TYPE_TASK_H

#include "benchmarks/network.h"

/* `load` and `trial` of such tasks. Neurons without a type are part of the wiring, but not asked about. */
bool plx_type_task_load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **data, plx_err *err);
bool plx_type_task_trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena,
                         plx_trial *out, plx_err *err);

enum { PLX_TYPE_TASK_FOLDS = 5 };

#endif
