/* SPDX-License-Identifier: Apache-2.0
 *
 * What a model keeps between fit and predict, in one arena: a struct of the model's own whose first member is
 * `plx_arena *arena`.
 */
#ifndef PLX_BENCHMARKS_MODELS_FITTED_H
#define PLX_BENCHMARKS_MODELS_FITTED_H

#include "benchmarks/model.h"
#include "core/arena.h"

/* Such a struct of `size` bytes, zero but for its arena. owner: caller, plx_fitted_free. errors: NULL; NOMEM. */
void *plx_fitted_new(size_t size, plx_err *err);
/* Free it with all its arena holds; the `release` of these models. Accepts NULL. */
void plx_fitted_free(void *fitted);

#endif
