/* SPDX-License-Identifier: Apache-2.0
 *
 * Between label volumes and kernels/iscore.
 */
#include "benchmarks/metrics/instances.h"

#include <math.h>
#include <string.h>

static bool has(const plx_params *params, const char *name)
{
    for (size_t i = 0; i < params->n; i++) {
        if (strcmp(params->specs[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool says(const plx_params *params, const char *name, const char *value)
{
    return has(params, name) && strcmp(plx_params_text(params, name), value) == 0;
}

plx_iscore_options plx_iscore_options_of(const plx_params *params, plx_metric_mode mode)
{
    plx_iscore_options o = plx_iscore_fisbe();
    o.strict = mode == PLX_METRIC_STRICT;
    o.small = (uint64_t)plx_params_int(params, "small");
    o.localise = says(params, "localise", "iou") ? PLX_BY_IOU : PLX_BY_CLDICE;
    o.merge_rule = says(params, "merges", "paper-2024") ? PLX_MERGE_PAPER_2024 : PLX_MERGE_USED_UP;
    o.pairing = says(params, "assign", "hungarian") ? PLX_PAIR_LEAST_COST : PLX_PAIR_GREEDY;
    if (has(params, "fm")) {
        o.merge_threshold = plx_params_real(params, "fm");
        o.split_threshold = plx_params_real(params, "fs");
    }
    if (says(params, "skeletons", "no")) {
        o.parts = 0;
    }
    return o;
}

bool plx_iscore_labels(const plx_ctx *ctx, const plx_labels *labels, plx_iscore_options options, plx_arena *arena,
                       plx_iscore *out, plx_err *err)
{
    options.spatial = labels->spatial;
    options.partly = labels->partly;
    options.dim = labels->dim;
    options.n_dim = labels->n_dim;
    plx_instances sides[2] = {*labels->truth, *labels->predicted};
    for (int k = 0; k < 2; k++) { /* scoring drops instances from the lists, but leaves their runs */
        plx_instance *items = plx_arena_zero(arena, sides[k].n + 1, sizeof *items);
        if (!items) {
            return plx_fail_nomem(err, sides[k].n * sizeof *items);
        }
        if (sides[k].n > 0) {
            memcpy(items, sides[k].items, sides[k].n * sizeof *items);
        }
        sides[k].items = items;
    }
    return plx_iscore_run(&sides[0], &sides[1], &options, plx_iscore_max_cells(plx_limits_of(ctx).memory_bytes), arena,
                          out, err);
}

bool plx_iscore_add(const plx_iscore *score, const plx_named_score *named, size_t n, plx_scores *out, plx_err *err)
{
    for (size_t i = 0; i < n; i++) {
        bool ok = score->reference_error ? plx_scores_undefined(out, named[i].name, err, "the reference raises %s: %s",
                                                                score->reference_error, score->reference_error_text)
                  : isnan(named[i].value)
                      ? plx_scores_undefined(out, named[i].name, err, "0/0: a truth has no skeleton, or there is none")
                      : plx_scores_add(out, named[i].name, named[i].value, err);
        if (!ok) {
            return false;
        }
    }
    for (size_t i = 0; i < score->n_notes; i++) {
        plx_scores_diagnose(out, "%s: %s", score->notes[i].id, score->notes[i].text);
    }
    return true;
}
