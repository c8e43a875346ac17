/* SPDX-License-Identifier: Apache-2.0
 *
 * Reals into numbers, answers into scores.
 */
#include "benchmarks/metrics/numbers.h"

#include <math.h>

plx_numbers plx_numbers_of(const plx_reals *reals)
{
    bool single = reals->dtype == PLX_F32;
    return (plx_numbers){single ? NULL : reals->ptr, single ? reals->ptr : NULL, reals->n};
}

bool plx_scores_add_value(plx_scores *scores, const char *name, const plx_metric_value *value, plx_err *err)
{
    if (isnan(value->value)) {
        return plx_scores_undefined(scores, name, err, "%s", value->remark ? value->remark : "not defined");
    }
    if (value->remark) {
        plx_scores_diagnose(scores, "%s: %s", name, value->remark);
    }
    return plx_scores_add(scores, name, value->value, err);
}
