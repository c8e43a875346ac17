/* SPDX-License-Identifier: Apache-2.0
 *
 * A cell as it is written: what is the same on every machine, and apart from it what was measured.
 */
#include "benchmarks/cell.h"

#include <math.h>

static plx_value *hex_value(plx_arena *arena, const plx_digest *digest)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(digest, hex);
    return plx_v_str(arena, hex);
}

/* {label: number or null}; why a score is null enters `reasons`. */
static plx_value *scores_value(plx_arena *arena, const plx_task *task, const plx_cell_scores *scores, const char *part,
                               plx_value *reasons)
{
    plx_value *out = plx_v_obj(arena);
    for (size_t i = 0; out && i < scores->n; i++) {
        const char *label = task->metrics[i].label;
        bool defined = !isnan(scores->value[i]);
        plx_value *value = defined ? plx_v_f64(arena, scores->value[i]) : plx_v_null(arena);
        const char *key = plx_arena_printf(arena, "%s.%s", part, label);
        if (!key || !plx_v_set(arena, out, label, value) ||
            (!defined && !plx_v_set(arena, reasons, key, plx_v_str(arena, scores->reason[i])))) {
            return NULL;
        }
    }
    return out;
}

static plx_value *diagnostics_value(plx_arena *arena, const plx_cell_scores *scores)
{
    plx_value *list = plx_v_arr(arena);
    for (size_t i = 0; list && i < scores->n_diagnostics && i < PLX_DIAGNOSTICS_MAX; i++) {
        if (!plx_v_push(arena, list, plx_v_str(arena, scores->diagnostic[i]))) {
            return NULL;
        }
    }
    return list;
}

plx_value *plx_cell_to_value(plx_arena *arena, const plx_task *task, const char *unit, unsigned fold, uint64_t seed,
                             const plx_trial *trial, const plx_cell_result *r)
{
    plx_value *out = plx_v_obj(arena), *reasons = plx_v_obj(arena);
    plx_sb params = {0};
    plx_params_print(&r->params, &params);
    bool ok = out && reasons && !params.failed && plx_v_set(arena, out, "unit", plx_v_str(arena, unit)) &&
              plx_v_set(arena, out, "fold", plx_v_i64(arena, fold)) &&
              plx_v_set(arena, out, "seed", plx_v_u64(arena, seed)) &&
              plx_v_set(arena, out, "split", hex_value(arena, &trial->split)) &&
              plx_v_set(arena, out, "target", hex_value(arena, &trial->target)) &&
              plx_v_set(arena, out, "n_train", plx_v_u64(arena, trial->final.train.n)) &&
              plx_v_set(arena, out, "n_test", plx_v_u64(arena, trial->final.query.n)) &&
              plx_v_set(arena, out, "n_parameters", plx_v_u64(arena, r->n_parameters)) &&
              plx_v_set(arena, out, "params", plx_v_str(arena, plx_sb_str(&params))) &&
              plx_v_set(arena, out, "predictions", hex_value(arena, &r->predictions)) &&
              plx_v_set(arena, out, "valid", scores_value(arena, task, &r->valid, "valid", reasons)) &&
              plx_v_set(arena, out, "test", scores_value(arena, task, &r->test, "test", reasons)) &&
              plx_v_set(arena, out, "reasons", reasons) &&
              plx_v_set(arena, out, "diagnostics", diagnostics_value(arena, &r->test)) &&
              (!r->test.detail || plx_v_set(arena, out, "detail", plx_v_copy(arena, r->test.detail)));
    plx_sb_free(&params);
    return ok ? out : NULL;
}

plx_value *plx_cell_measured(plx_arena *arena, const plx_cell_result *r)
{
    plx_value *out = plx_v_obj(arena);
    bool ok = out && plx_v_set(arena, out, "cpu_s", plx_v_f64(arena, r->cpu_s)) &&
              plx_v_set(arena, out, "wall_s", plx_v_f64(arena, r->wall_s)) &&
              plx_v_set(arena, out, "peak_rss_bytes", plx_v_u64(arena, r->peak_rss_bytes));
    return ok ? out : NULL;
}
