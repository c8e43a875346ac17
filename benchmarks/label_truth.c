/* SPDX-License-Identifier: Apache-2.0
 *
 * Truths from files and records.
 */
#include "benchmarks/label_truth.h"

#include "benchmarks/label_samples.h"
#include "benchmarks/metrics/instances.h"
#include "registry/record_volume.h"

#include <string.h>

/* Which split an image is of, where the benchmark lists it; what a record says of labelling counts anyway. */
static bool set_split(plx_label_truth *out, const plx_record *record, plx_arena *arena, plx_err *err)
{
    plx_label_listed *listed;
    size_t n;
    const char *labelled = plx_v_get_text(plx_v_get(plx_record_meta(record), "attributes"), "labelled");
    out->split = "";
    out->partly = labelled && strcmp(labelled, "partly") == 0;
    if (!plx_label_samples(arena, &listed, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(listed[i].name, out->name) == 0) {
            out->split = listed[i].split;
        }
    }
    return true;
}

bool plx_label_truth_of_record(const plx_task_input *input, plx_arena *arena, plx_label_truth *out, plx_err *err)
{
    plx_record *record = input->record[0];
    const char *hash = strchr(input->ref[0], '#');
    plx_volume_spec spec;
    if (strcmp(plx_record_kind(record), "volume") != 0 ||
        !plx_volume_spec_find(plx_v_get(plx_record_meta(record), "attributes"), "instances", &spec, NULL)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s has no array of labelled instances", input->ref[0]);
        return plx_err_why(err, "fisbe-instances needs records such as those of fisbe/completely");
    }
    *out = (plx_label_truth){.name = plx_arena_strdup(arena, hash ? hash + 1 : input->ref[0]),
                             .store = input->store,
                             .record = *plx_record_digest(record),
                             .ref = plx_arena_strdup(arena, input->ref[0])};
    if (!out->name || !out->ref) {
        return plx_fail_nomem(err, sizeof *out);
    }
    const plx_metric *metric = plx_metric_find("fisbe");
    return set_split(out, record, arena, err) && plx_params_init(metric->params, metric->name, &out->params, err) &&
           plx_params_set_all(&out->params, metric->name, input->metric_params, err);
}

static bool open_array(const plx_ctx *ctx, const plx_label_truth *truth, const char *name, plx_record **record,
                       plx_volume **out, plx_err *err)
{
    if (!plx_record_open(ctx, truth->store, &truth->record, record, err)) {
        return false;
    }
    if (!plx_record_volume_open(ctx, truth->store, *record, name, NULL, out, err)) {
        plx_record_close(*record);
        *record = NULL;
        return plx_note(err, "the array %s of %s", name, truth->ref);
    }
    return true;
}

bool plx_label_truth_raw(const plx_ctx *ctx, const plx_label_truth *truth, plx_array *out, plx_err *err)
{
    plx_record *record;
    plx_volume *volume;
    if (!open_array(ctx, truth, "raw", &record, &volume, err)) {
        return false;
    }
    bool ok = plx_volume_read(ctx, volume, NULL, NULL, out, err);
    plx_volume_close(volume);
    plx_record_close(record);
    return ok;
}

/* Labels of the table "instances" that are marked as dim. */
static bool dim_of_record(const plx_record *record, plx_arena *arena, plx_label_pair *pair, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *table = NULL;
    if (!view->table(view, "instances", &table, err)) {
        return false;
    }
    const plx_column *label = table ? plx_table_find(table, "label") : NULL;
    const plx_column *dim = table ? plx_table_find(table, "dim") : NULL;
    size_t n = label && dim ? table->n_rows : 0;
    pair->n_dim = 0;
    pair->dim = plx_arena_zero(arena, n + 1, sizeof *pair->dim);
    if (!pair->dim) {
        return plx_fail_nomem(err, n * sizeof *pair->dim);
    }
    for (size_t i = 0; i < n; i++) {
        if (plx_column_f64(dim, i) > 0) {
            pair->dim[pair->n_dim++] = (int64_t)plx_column_f64(label, i);
        }
    }
    return true;
}

static bool score_pair(const plx_ctx *ctx, const plx_label_truth *truth, const plx_record *record,
                       const plx_label_side *pred, const plx_label_side *with, const plx_value *dim,
                       const plx_iscore_options *options, plx_arena *arena, plx_label_scored *out, plx_err *err)
{
    plx_label_pair pair;
    plx_iscore_options o = *options;
    const plx_label_pair_opts read = {
        .spatial = o.spatial, .squeeze = !o.strict, .dim = record ? NULL : dim, .digests = pred->volume != NULL};
    o.partly = truth->partly;
    if (!plx_label_pair_of(ctx, pred, with, &read, arena, &pair, err)) {
        return false;
    }
    bool ok = (!record || dim_of_record(record, arena, &pair, err)) &&
              plx_label_pair_score(ctx, &pair, &o, arena, &out->score, err);
    snprintf(out->pred_sha256, sizeof out->pred_sha256, "%s", pair.pred_sha256);
    snprintf(out->truth_sha256, sizeof out->truth_sha256, "%s", pair.truth_sha256);
    if (record) {
        plx_digest_hex(&truth->record, out->truth_sha256);
    }
    plx_label_pair_free(&pair);
    return ok;
}

bool plx_label_truth_score(const plx_ctx *ctx, const plx_label_truth *truth, const char *pred, const plx_array *labels,
                           const plx_value *dim, const plx_iscore_options *options, plx_arena *arena,
                           plx_label_scored *out, plx_err *err)
{
    plx_record *record = NULL;
    plx_volume *p = NULL, *t = NULL;
    *out = (plx_label_scored){0};
    bool ok = (!pred || plx_volume_open(ctx, pred, &p, err)) &&
              (truth->path ? plx_volume_open(ctx, truth->path, &t, err)
                           : open_array(ctx, truth, "instances", &record, &t, err));
    if (ok) {
        const plx_label_side side = {.name = pred ? pred : "the model's labels", .volume = p, .array = labels};
        const plx_label_side with = {.name = truth->path ? truth->path : truth->ref, .volume = t};
        ok = score_pair(ctx, truth, record, &side, &with, dim, options, arena, out, err);
    }
    plx_volume_close(t);
    plx_volume_close(p);
    plx_record_close(record);
    return ok || plx_note(err, "image %s", truth->name);
}
