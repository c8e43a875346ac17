/* SPDX-License-Identifier: Apache-2.0
 *
 * FISBe: samples of fly neurons in three colours (zarr v2, CZYX), each with its neurons labelled one per channel. Every
 * sample is a zip of its own and becomes a record of its own, which names the arrays inside the zip and holds a table
 * of the neurons. Which of them are dim stands in the labels' attribute "dim_neurons", or in a JSON file for all
 * samples. Not read: H5J, the reference channel.
 */
#include "core/alloc.h"
#include "core/num.h"
#include "formats/json.h"
#include "ingest/ingest_job.h"
#include "ingest/volume_instances.h"
#include "schemas/ref.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const plx_ingest_option options[] = {
    {"raw", "volumes/raw", "array of the image in each zip, or the end of its path; empty: none"},
    {"truth", "volumes/gt_instances", "array of the labelled neurons; empty: none"},
    {"dim_neurons", "", "manifest file that lists dim neurons by sample, as JSON; empty: none"},
    {"labelled", "completely", "completely: all neurons are labelled; partly: only some are"},
    {"voxel_um", "0.44", "edge of a voxel in um; the files do not say"},
    {NULL, NULL, NULL},
};

typedef struct reader {
    plx_ingest *job;
    double voxel_um;
    const plx_value *dim; /* of all samples; NULL: none */
} reader;

static bool read_dim_file(reader *r, plx_err *err)
{
    const char *name = plx_ingest_text(r->job, "dim_neurons");
    plx_source *source;
    plx_value *value;
    if (!*name) {
        return true;
    }
    if (!plx_ingest_open(r->job, name, &source, err)) {
        return false;
    }
    bool ok = plx_json_read(plx_ingest_ctx(r->job), plx_ingest_arena(r->job), source, NULL, &value, err);
    plx_source_close(source);
    r->dim = value;
    return ok;
}

static bool mark_dim(const reader *r, const char *sample, const plx_value *attributes, plx_volume_instances *all,
                     const char **where, plx_err *err)
{
    const plx_value *list = plx_v_get(attributes, "dim_neurons");
    *where = list ? "attribute dim_neurons of the labels" : "";
    if (!list && r->dim) {
        list = plx_v_find_list(r->dim, sample);
        *where = list ? plx_ingest_text(r->job, "dim_neurons") : "";
    }
    if (!list) {
        return true;
    }
    if (list->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_FORMAT, "dim_neurons of %s is no list", sample);
    }
    for (size_t i = 0; i < all->n; i++) {
        all->items[i].dim = 0;
    }
    for (size_t k = 0; k < list->u.arr.n; k++) {
        int64_t label;
        bool found = false;
        if (!plx_v_as_i64(list->u.arr.items[k], &label) || label <= 0) {
            return plx_fail(err, PLX_E_FORMAT, "dim_neurons of %s lists what is no label", sample);
        }
        for (size_t i = 0; i < all->n; i++) {
            if (all->items[i].label == (uint64_t)label) {
                all->items[i].dim = 1;
                found = true;
            }
        }
        if (!found) {
            char text[PLX_NUM_TEXT];
            plx_print_i64(label, text);
            plx_sink *sink = plx_ingest_sink(r->job);
            const plx_change change = {.action = "drop",
                                       .rule = "dim-without-voxels",
                                       .subject = text,
                                       .before = "dim",
                                       .reason = "no voxel has this label",
                                       .file = sample};
            if (!sink->change(sink, &change, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool fill_spec(const reader *r, const plx_volume *volume, const char *name, const char *role,
                      const plx_digest *blob, plx_volume_spec *spec, plx_err *err)
{
    const plx_volume_info *info = plx_volume_about(volume);
    *spec = (plx_volume_spec){.dtype = info->dtype, .ndim = info->ndim, .blob = *blob};
    snprintf(spec->name, sizeof spec->name, "%s", name);
    snprintf(spec->role, sizeof spec->role, "%s", role);
    snprintf(spec->axes, sizeof spec->axes, "%s", info->ndim == 3 ? "zyx" : "czyx");
    spec->voxel_um[0] = spec->voxel_um[1] = spec->voxel_um[2] = r->voxel_um;
    spec->overlapping = info->ndim == 4 && strcmp(role, "labels") == 0;
    memcpy(spec->shape, info->shape, sizeof spec->shape);
    memcpy(spec->chunk, info->chunk, sizeof spec->chunk);
    if (info->ndim != 3 && info->ndim != 4) {
        plx_fail(err, PLX_E_FORMAT, "the array %s has %d axes", info->dataset, info->ndim);
        return plx_err_why(err, "expected z, y, x, and channels before them");
    }
    if (strlen(info->dataset) >= sizeof spec->path) {
        return plx_fail(err, PLX_E_LIMIT, "the path of the array %.80s... is too long", info->dataset);
    }
    snprintf(spec->path, sizeof spec->path, "%s", info->dataset);
    return true;
}

static bool open_array(const reader *r, const char *path, const char *dataset, const char *file, plx_volume **out,
                       plx_err *err)
{
    return plx_volume_open_zips(plx_ingest_ctx(r->job), &path, 1, dataset, file, out, err);
}

static bool emit_raw(const reader *r, const char *path, const char *file, const plx_digest *blob, plx_err *err)
{
    const char *dataset = plx_ingest_text(r->job, "raw");
    plx_sink *sink = plx_ingest_sink(r->job);
    plx_volume *volume;
    plx_volume_spec spec;
    if (!*dataset) {
        return true;
    }
    if (!open_array(r, path, dataset, file, &volume, err)) {
        return false;
    }
    bool ok = fill_spec(r, volume, "raw", "image", blob, &spec, err) && sink->volume_in_blob(sink, &spec, err);
    plx_volume_close(volume);
    return ok;
}

static bool emit_truth(const reader *r, const char *path, const char *file, const char *sample, const plx_digest *blob,
                       plx_err *err)
{
    const char *dataset = plx_ingest_text(r->job, "truth");
    plx_sink *sink = plx_ingest_sink(r->job);
    plx_arena *arena = plx_ingest_arena(r->job);
    plx_volume *volume;
    plx_volume_spec spec;
    plx_volume_instances all = {0};
    plx_table table = {0};
    const char *where = "";
    if (!*dataset) {
        return true;
    }
    if (!open_array(r, path, dataset, file, &volume, err)) {
        return false;
    }
    bool ok = fill_spec(r, volume, "instances", "labels", blob, &spec, err) &&
              plx_volume_instances_count(plx_ingest_ctx(r->job), volume, &spec, &all, err) &&
              mark_dim(r, sample, plx_volume_about(volume)->attributes, &all, &where, err) &&
              sink->volume_in_blob(sink, &spec, err) && plx_volume_instances_table(&all, spec.name, &table, err) &&
              sink->table(sink, "instances", &table, err);
    plx_value *overlap = ok ? plx_v_u64(arena, all.overlap) : NULL;
    ok = ok && (overlap || plx_fail_nomem(err, 0)) && sink->attribute(sink, "overlap_voxels", overlap, err) &&
         (!*where || plx_sink_text(sink, "dim_neurons_from", where, err));
    plx_table_free(&table);
    plx_volume_instances_free(&all);
    plx_volume_close(volume);
    return ok;
}

/* "train" of "train/R38F04-20181005_63_G3.zarr.zip"; the same samples are in the same split wherever they come from. */
static bool emit_facts(const reader *r, const plx_manifest_file *file, const char *sample, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(r->job);
    char text[PLX_REF_PART];
    const char *slash = strchr(file->name, '/');
    const char *dash = strrchr(sample, '-');
    if (slash) {
        snprintf(text, sizeof text, "%.*s", (int)(slash - file->name), file->name);
        if (!plx_sink_text(sink, "split", text, err)) {
            return false;
        }
    }
    snprintf(text, sizeof text, "%.*s", dash ? (int)(dash - sample) : 0, sample);
    return plx_sink_text(sink, "organism", "Drosophila melanogaster", err) &&
           plx_sink_text(sink, "region", "central brain", err) &&
           plx_sink_text(sink, "labelled", plx_ingest_text(r->job, "labelled"), err) &&
           plx_sink_text(sink, "line", text, err);
}

static bool read_sample(const reader *r, size_t i, plx_err *err)
{
    const plx_manifest_file *file = &plx_ingest_manifest(r->job)->files[i];
    plx_sink *sink = plx_ingest_sink(r->job);
    char path[PLX_PATH];
    plx_digest digest;
    const plx_digest *blob = &r->job->files[i].sha256;
    bool ok = plx_ingest_path(r->job, file->name, path, err) && sink->begin(sink, "volume", file->unit, err) &&
              emit_raw(r, path, file->name, blob, err) && emit_truth(r, path, file->name, file->unit, blob, err) &&
              emit_facts(r, file, file->unit, err) && sink->commit(sink, &digest, err);
    if (!ok) {
        sink->abort(sink);
        return plx_note(err, "sample %s", file->unit);
    }
    return true;
}

static bool run(plx_ingest *job, plx_err *err)
{
    const plx_manifest *manifest = plx_ingest_manifest(job);
    reader r = {.job = job};
    const char *voxel = plx_ingest_text(job, "voxel_um");
    if (!plx_parse_f64(voxel, strlen(voxel), &r.voxel_um) || !(r.voxel_um > 0) || isinf(r.voxel_um)) {
        plx_fail(err, PLX_E_SCHEMA, "option voxel_um cannot be \"%s\"", voxel);
        return plx_note(err, "%s", manifest->origin);
    }
    if (!read_dim_file(&r, err)) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < manifest->n_files; i++) {
        const plx_manifest_file *file = &manifest->files[i];
        if (!file->unit) {
            continue;
        }
        if (!read_sample(&r, i, err)) {
            return false;
        }
        n++;
    }
    return n > 0 || plx_fail(err, PLX_E_SCHEMA, "the manifest of %s/%s has no file with a unit", manifest->family,
                             manifest->name);
}

extern const plx_ingester plx_ingester_fisbe;
const plx_ingester plx_ingester_fisbe = {
    .name = "fisbe",
    .title = "FISBe samples: zarr with neurons in channels",
    .version = 1,
    .kind = "volume",
    .reference = "Mais et al. 2024, CVPR, 22249-22259; doi:10.5281/zenodo.10875063",
    .options = options,
    .run = run,
};
