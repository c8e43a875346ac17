/* SPDX-License-Identifier: Apache-2.0
 *
 * Options and life cycle shared by the ingesters of connectomes.
 */
#include "ingest/connectome_job.h"

#include <string.h>

const plx_defect plx_connectome_defects[] = {
    {"D2", "names padded with zeros are not recognised unless the loader strips zeros; their rows are dropped"},
    {"D3", "of the chemical rows only those of type Sp are read, where the source has S as well"},
    {"D16", "of repeated rows of a chemical connection the first is kept and the others are lost"},
    {"outside-300", "rows touching a cell that is none of the 300 canonical neurons are dropped"},
    {"gap-mean", "all rows of a gap junction are averaged, also repeats of one direction"},
    {NULL, NULL},
};

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    const plx_manifest *m = plx_ingest_manifest(job);
    plx_fail(err, PLX_E_SCHEMA, "option %s of %s/%s cannot be \"%s\"", option, m->family, m->name,
             plx_ingest_text(job, option));
    plx_note(err, "%s", m->origin);
    return plx_err_why(err, "expected %s", expected);
}

static bool is(const plx_ingest *job, const char *option, const char *word)
{
    return strcmp(plx_ingest_text(job, option), word) == 0;
}

static bool read_options(const plx_ingest *job, plx_connectome_opts *out, plx_err *err)
{
    *out = (plx_connectome_opts){.mode = plx_ingest_mode(job), .weight_unit = plx_ingest_text(job, "weight_unit")};
    if (!*out->weight_unit) {
        return bad_option(job, "weight_unit", "a unit such as synapses", err);
    }
    if (!is(job, "whole_weights", "yes") && !is(job, "whole_weights", "no")) {
        return bad_option(job, "whole_weights", "yes or no", err);
    }
    if (!is(job, "gap_rows", "once") && !is(job, "gap_rows", "both")) {
        return bad_option(job, "gap_rows", "once or both", err);
    }
    out->gap_both = is(job, "gap_rows", "both");
    if (!plx_region_parse(plx_ingest_text(job, "region"), &out->region)) {
        return bad_option(job, "region", "whole, head, tail or named", err);
    }
    if (!is(job, "compat_names", "exact") && !is(job, "compat_names", "strip-zeros")) {
        return bad_option(job, "compat_names", "exact or strip-zeros", err);
    }
    out->compat_names = is(job, "compat_names", "exact") ? PLX_NAMES_EXACT : PLX_NAMES_STRIP_ZEROS;
    return true;
}

bool plx_connectome_whole_weights(const plx_ingest *job)
{
    return is(job, "whole_weights", "yes");
}

bool plx_connectome_begin(plx_ingest *job, const plx_connectome_opts *more, plx_connectome_builder **out, plx_err *err)
{
    plx_connectome_opts opts;
    plx_sink *sink = plx_ingest_sink(job);
    *out = NULL;
    if (!read_options(job, &opts, err) || !sink->begin(sink, "connectome", "", err)) {
        return false;
    }
    if (more) {
        opts.kinds = more->kinds;
        opts.columns = more->columns;
        opts.n_columns = more->n_columns;
        opts.pairings = more->pairings;
    }
    plx_connectome_builder *builder = NULL;
    bool ok = plx_connectome_builder_new(plx_ingest_ctx(job), sink, &opts, &builder, err);
    if (ok && plx_ingest_manifest(job)->n_uses > 0) {
        const plx_record *atlas = NULL;
        ok = plx_ingest_uses(job, 0, &atlas, err) && plx_connectome_use_atlas(builder, plx_record_as_view(atlas), err);
    }
    if (!ok) {
        plx_connectome_builder_free(builder);
        return false;
    }
    *out = builder;
    return true;
}

bool plx_connectome_finish(plx_ingest *job, plx_connectome_builder *builder, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(job);
    plx_digest digest;
    const char *upstream = plx_ingest_text(job, "upstream");
    bool compat = plx_ingest_mode(job) == PLX_COMPAT;
    return plx_connectome_emit(builder, err) && (!compat || plx_sink_text(sink, "upstream", upstream, err)) &&
           sink->commit(sink, &digest, err);
}
