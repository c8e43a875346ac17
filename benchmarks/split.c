/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of split rules.
 */
#include "benchmarks/split.h"

#include <stdio.h>

#define PLX_SPLIT(name) extern const plx_split plx_split_##name;
#include "benchmarks/splits/splits.def"
#undef PLX_SPLIT

const plx_split *const plx_splits[] = {
#define PLX_SPLIT(name) &plx_split_##name,
#include "benchmarks/splits/splits.def"
#undef PLX_SPLIT
    NULL,
};

const plx_split *plx_split_find(const char *name)
{
    for (size_t i = 0; name && plx_splits[i]; i++) {
        if (strcmp(plx_splits[i]->name, name) == 0) {
            return plx_splits[i];
        }
    }
    return NULL;
}

bool plx_split_divide(const char *name, const char *words, const plx_split_input *input, plx_arena *arena,
                      uint8_t **part, plx_err *err)
{
    const plx_split *split = plx_split_find(name);
    char owner[64];
    plx_params params;
    if (!split) {
        return plx_fail(err, PLX_E_BUG, "there is no split rule %s", name);
    }
    snprintf(owner, sizeof owner, "split %s", name);
    *part = plx_arena_zero(arena, input->n ? input->n : 1, 1);
    if (!*part) {
        return plx_fail_nomem(err, input->n);
    }
    return plx_params_init(split->params, owner, &params, err) && plx_params_set_all(&params, owner, words, err) &&
           split->divide(input, &params, *part, err);
}
