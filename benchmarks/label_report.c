/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees of instance scores.
 */
#include "benchmarks/label_report.h"

#include <math.h>

static plx_value *count(plx_arena *a, size_t n)
{
    return plx_v_i64(a, (int64_t)n);
}

static plx_value *list(plx_arena *a, const double *items, size_t n)
{
    plx_value *v = plx_v_arr(a);
    for (size_t i = 0; v && i < n; i++) {
        v = plx_v_push(a, v, plx_v_f64(a, items[i])) ? v : NULL;
    }
    return v;
}

static const char *threshold_key(double threshold, plx_arena *a)
{
    char text[PLX_NUM_TEXT];
    plx_print_f64(threshold, text);
    char *key = plx_arena_printf(a, "th_0_%s", text + 2); /* 0.55 is th_0_55 */
    return key ? key : "";
}

static plx_value *at_threshold(const plx_iscore *s, size_t k, plx_arena *a)
{
    const plx_iscore_at *at = &s->at[k];
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "AP_TP", count(a, at->tp)) && plx_v_set(a, v, "AP_FP", count(a, at->fp)) &&
              plx_v_set(a, v, "AP_FN", count(a, at->fn)) && plx_v_set(a, v, "precision", plx_v_f64(a, at->precision)) &&
              plx_v_set(a, v, "recall", plx_v_f64(a, at->recall)) && plx_v_set(a, v, "AP", plx_v_f64(a, at->ap)) &&
              plx_v_set(a, v, "fscore", plx_v_f64(a, at->fscore)) &&
              plx_v_set(a, v, "false_split", count(a, at->false_split)) &&
              plx_v_set(a, v, "false_merge", count(a, at->false_merge));
    if (ok && k == PLX_ISCORE_HALF && (s->parts & PLX_ISCORE_COVERAGE)) {
        ok = plx_v_set(a, v, "tp_skel_coverage", list(a, s->tp_coverage.items, s->tp_coverage.n));
    }
    return ok ? v : NULL;
}

static plx_value *confusion(const plx_iscore *s, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "avAP", plx_v_f64(a, s->ap59)) && plx_v_set(a, v, "avAP59", plx_v_f64(a, s->ap59)) &&
              plx_v_set(a, v, "avAP19", plx_v_f64(a, s->ap19)) && plx_v_set(a, v, "avFscore", plx_v_f64(a, s->f19)) &&
              plx_v_set(a, v, "avFscore59", plx_v_f64(a, s->f59)) &&
              plx_v_set(a, v, "avFscore19", plx_v_f64(a, s->f19));
    for (size_t k = 0; ok && k < PLX_ISCORE_THRESHOLDS; k++) {
        ok = plx_v_set(a, v, threshold_key(s->at[k].threshold, a), at_threshold(s, k, a));
    }
    return ok ? v : NULL;
}

static bool set_subset(plx_value *v, const char *name, const plx_iscore_subset *s, plx_arena *a)
{
    const char *keys[5] = {"GT_%s", "TP_05_%s", "TP_05_rel_%s", "gt_covs_%s", "avg_gt_cov_%s"};
    plx_value *values[5] = {count(a, s->n), count(a, s->tp), plx_v_f64(a, s->tp_rel),
                            list(a, s->coverage.items, s->coverage.n), plx_v_f64(a, s->coverage.mean)};
    for (int k = 0; k < 5; k++) {
        size_t stem = strlen(keys[k]) - 2;
        char *key = plx_arena_printf(a, "%.*s%s", (int)stem, keys[k], name);
        if (!key || !plx_v_set(a, v, key, values[k])) {
            return false;
        }
    }
    return true;
}

static plx_value *general(const plx_iscore *s, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "Num GT", count(a, s->n_truth)) &&
              plx_v_set(a, v, "Num Pred", count(a, s->n_pred)) && plx_v_set(a, v, "TP_05", count(a, s->tp)) &&
              plx_v_set(a, v, "TP_05_rel", plx_v_f64(a, s->tp_rel)) &&
              plx_v_set(a, v, "TP_05_cldice", list(a, s->tp_scores, s->tp)) &&
              plx_v_set(a, v, "avg_TP_05_cldice", plx_v_f64(a, s->tp_score));
    if (ok && (s->parts & PLX_ISCORE_COVERAGE)) {
        ok = plx_v_set(a, v, "gt_skel_coverage", list(a, s->coverage.items, s->coverage.n)) &&
             plx_v_set(a, v, "avg_gt_skel_coverage", plx_v_f64(a, s->coverage.mean)) &&
             plx_v_set(a, v, "avg_tp_skel_coverage", plx_v_f64(a, s->tp_coverage.mean)) &&
             plx_v_set(a, v, "avg_f1_cov_score", plx_v_f64(a, s->s));
    }
    if (ok && (s->parts & PLX_ISCORE_MERGES)) {
        ok = plx_v_set(a, v, "FM", count(a, s->fm)) && plx_v_set(a, v, "FS", count(a, s->fs));
    }
    ok = ok && (!(s->parts & PLX_ISCORE_DIM) || set_subset(v, "dim", &s->dim, a)) &&
         (!(s->parts & PLX_ISCORE_OVERLAP) || set_subset(v, "overlap", &s->overlap, a));
    return ok ? v : NULL;
}

plx_value *plx_iscore_metrics(const plx_iscore *score, plx_arena *arena)
{
    plx_value *v = plx_v_obj(arena);
    return v && plx_v_set(arena, v, "general", general(score, arena)) &&
                   plx_v_set(arena, v, "confusion_matrix", confusion(score, arena))
               ? v
               : NULL;
}

static plx_value *instance(const plx_iscore_row *r, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "side", plx_v_str(a, r->is_truth ? "truth" : "prediction")) &&
              plx_v_set(a, v, "id", count(a, r->id)) && plx_v_set(a, v, "channel", count(a, r->channel)) &&
              plx_v_set(a, v, "label", plx_v_i64(a, r->label)) &&
              plx_v_set(a, v, "voxels", plx_v_i64(a, (int64_t)r->n_voxels)) &&
              plx_v_set(a, v, "skeleton_voxels", plx_v_i64(a, (int64_t)r->n_skeleton)) &&
              plx_v_set(a, v, "matched_with", r->partner ? count(a, r->partner) : plx_v_null(a)) &&
              plx_v_set(a, v, "score", plx_v_f64(a, r->score)) &&
              plx_v_set(a, v, "overlaps", plx_v_bool(a, r->overlaps));
    if (ok && r->is_truth) {
        ok = plx_v_set(a, v, "coverage", isnan(r->coverage) ? plx_v_null(a) : plx_v_f64(a, r->coverage)) &&
             plx_v_set(a, v, "dim", plx_v_bool(a, r->dim));
    } else if (ok) {
        ok = plx_v_set(a, v, "lies_in", count(a, r->best));
    }
    return ok ? v : NULL;
}

static plx_value *removed(const plx_iscore_row *r, plx_arena *a)
{
    plx_value *v = plx_v_obj(a);
    return v && plx_v_set(a, v, "channel", count(a, r->channel)) && plx_v_set(a, v, "label", plx_v_i64(a, r->label)) &&
                   plx_v_set(a, v, "voxels", plx_v_i64(a, (int64_t)r->n_voxels))
               ? v
               : NULL;
}

static plx_value *rows(const plx_iscore *s, bool gone, plx_arena *a)
{
    plx_value *v = plx_v_arr(a);
    for (size_t i = 0; v && i < s->n_rows; i++) {
        if (s->rows[i].removed == gone) {
            v = plx_v_push(a, v, gone ? removed(&s->rows[i], a) : instance(&s->rows[i], a)) ? v : NULL;
        }
    }
    return v;
}

static plx_value *notes(const plx_iscore *s, plx_arena *a)
{
    plx_value *v = plx_v_arr(a);
    for (size_t i = 0; v && i < s->n_notes; i++) {
        plx_value *n = plx_v_obj(a);
        v = n && plx_v_set(a, n, "id", plx_v_str(a, s->notes[i].id)) &&
                    plx_v_set(a, n, "text", plx_v_str(a, s->notes[i].text)) && plx_v_push(a, v, n)
                ? v
                : NULL;
    }
    return v;
}

/* Why a value is null in JSON. */
static plx_value *reasons(const plx_iscore *s, plx_arena *a)
{
    static const char why[] = "0/0: a truth instance has no skeleton";
    plx_value *v = plx_v_obj(a);
    const struct {
        const char *key;
        double value;
    } rows_of[] = {{"general.avg_gt_skel_coverage", s->coverage.mean},
                   {"general.avg_f1_cov_score", s->s},
                   {"general.avg_gt_cov_dim", s->dim.coverage.mean},
                   {"general.avg_gt_cov_overlap", s->overlap.coverage.mean}};
    for (size_t i = 0; v && i < sizeof rows_of / sizeof rows_of[0]; i++) {
        if (isnan(rows_of[i].value)) {
            v = plx_v_set(a, v, rows_of[i].key, plx_v_str(a, why)) ? v : NULL;
        }
    }
    return v;
}

plx_value *plx_iscore_report(const plx_iscore *score, const plx_iscore_options *options, plx_arena *arena)
{
    plx_value *v = plx_v_obj(arena);
    bool ok =
        v && plx_v_set(arena, v, "definition", plx_v_str(arena, plx_iscore_definition(options))) &&
        plx_v_set(arena, v, "mode", plx_v_str(arena, options->strict ? "strict" : "reference")) &&
        plx_v_set(arena, v, "partly", plx_v_bool(arena, options->partly)) &&
        plx_v_set(arena, v, "localization", plx_v_str(arena, options->localise == PLX_BY_IOU ? "iou" : "cldice")) &&
        plx_v_set(arena, v, "assignment",
                  plx_v_str(arena, options->pairing == PLX_PAIR_GREEDY ? "greedy" : "hungarian")) &&
        plx_v_set(arena, v, "merges", plx_v_str(arena, plx_merge_rule_name(options->merge_rule))) &&
        plx_v_set(arena, v, "remove_small_components", plx_v_i64(arena, (int64_t)options->small));
    if (ok && score->reference_error) {
        ok = plx_v_set(arena, v, "reference_error", plx_v_str(arena, score->reference_error)) &&
             plx_v_set(arena, v, "reference_error_text", plx_v_str(arena, score->reference_error_text));
    } else if (ok) {
        plx_value *metrics = plx_iscore_metrics(score, arena), *why = reasons(score, arena);
        ok = metrics && why && plx_v_set(arena, v, "general", metrics->u.obj.members[0].value) &&
             plx_v_set(arena, v, "confusion_matrix", metrics->u.obj.members[1].value) &&
             (why->u.obj.n == 0 || plx_v_set(arena, v, "reasons", why)) &&
             plx_v_set(arena, v, "instances", rows(score, false, arena)) &&
             plx_v_set(arena, v, "removed", rows(score, true, arena));
    }
    return ok && plx_v_set(arena, v, "diagnostics", notes(score, arena)) ? v : NULL;
}
