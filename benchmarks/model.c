/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of models.
 */
#include "benchmarks/model.h"

#include <string.h>

#define PLX_MODEL(name) extern const plx_model plx_model_##name;
#include "benchmarks/models/models.def"
#undef PLX_MODEL

const plx_model *const plx_models[] = {
#define PLX_MODEL(name) &plx_model_##name,
#include "benchmarks/models/models.def"
#undef PLX_MODEL
    NULL,
};

const plx_model *plx_model_find(const char *name)
{
    for (size_t i = 0; name && plx_models[i]; i++) {
        if (strcmp(plx_models[i]->name, name) == 0) {
            return plx_models[i];
        }
    }
    return NULL;
}
