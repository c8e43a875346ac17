/* SPDX-License-Identifier: Apache-2.0
 *
 * Options and life cycle shared by the ingesters of connectomes.
 */
#include "ingest/connectome_job.h"

#include "core/alloc.h"
#include "ingest/connectome_cells.h"
#include "ingest/edge_rows.h"

#include <stdlib.h>
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
    if (!is(job, "unknown_cells", "refuse") && !is(job, "unknown_cells", "keep")) {
        return bad_option(job, "unknown_cells", "refuse or keep", err);
    }
    out->refuses_unknown = is(job, "unknown_cells", "refuse");
    out->unobserved = plx_ingest_text(job, "unobserved");
    return true;
}

bool plx_connectome_whole_weights(const plx_ingest *job)
{
    return is(job, "whole_weights", "yes");
}

typedef struct alias_list {
    plx_cell_alias *items; /* plx_alloc memory while it grows, then the arena's */
    size_t n, cap;
} alias_list;

static bool add_alias(plx_ingest *job, alias_list *list, plx_slice from, plx_slice to, const char *rule,
                      const char *reason, plx_err *err)
{
    plx_arena *arena = plx_ingest_arena(job);
    from = plx_slice_trim(from);
    to = plx_slice_trim(to);
    if (plx_slice_eq(from, to)) {
        return true;
    }
    if (!plx_grow(&list->items, &list->cap, list->n + 1, sizeof *list->items)) {
        return plx_fail_nomem(err, 0);
    }
    const char *kept_from = plx_arena_strndup(arena, from.ptr, from.len);
    const char *kept_to = plx_arena_strndup(arena, to.ptr, to.len);
    list->items[list->n++] = (plx_cell_alias){{kept_from, from.len}, {kept_to, to.len}, rule, reason};
    return (kept_from && kept_to) || plx_fail_nomem(err, from.len);
}

static bool read_alias_option(plx_ingest *job, alias_list *list, plx_err *err)
{
    const char *p = plx_ingest_text(job, "aliases");
    for (p += strspn(p, " "); *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        const char *equals = memchr(p, '=', len);
        size_t left = equals ? (size_t)(equals - p) : 0;
        if (left == 0 || left + 1 == len) {
            return bad_option(job, "aliases", "NAME=NAME, with blanks between several", err);
        }
        if (!add_alias(job, list, (plx_slice){p, left}, (plx_slice){equals + 1, len - left - 1}, "alias",
                       "the source calls this cell so; the manifest says which it is", err)) {
            return false;
        }
        p += len;
    }
    return true;
}

static bool read_names_file(plx_ingest *job, alias_list *list, plx_err *err)
{
    const char *name = plx_ingest_text(job, "names_file");
    const plx_edge_rows_opts opts = {.sheet = ""};
    plx_edge_rows *rows = NULL;
    const plx_slice *fields = NULL;
    if (!*name) {
        return true;
    }
    const char *reason = plx_arena_printf(plx_ingest_arena(job), "%s gives this name for the cell", name);
    bool ok = (reason || plx_fail_nomem(err, 0)) && plx_edge_rows_open(job, name, &opts, &rows, err) &&
              plx_edge_rows_next(rows, &fields, err);
    while (ok && fields) {
        for (size_t i = 0; ok && i < 2; i++) {
            const char *problem = plx_cell_label_problem(fields[i]);
            ok = !problem || plx_edge_rows_fail(rows, PLX_E_FORMAT, i, err, "the cell name %s", problem);
        }
        ok = ok && add_alias(job, list, fields[0], fields[1], "replaced-name", reason, err) &&
             plx_edge_rows_next(rows, &fields, err);
    }
    plx_edge_rows_close(rows);
    return ok;
}

static int by_from(const void *left, const void *right)
{
    return plx_slice_cmp(((const plx_cell_alias *)left)->from, ((const plx_cell_alias *)right)->from);
}

static bool read_aliases(plx_ingest *job, plx_connectome_opts *opts, plx_err *err)
{
    alias_list list = {0};
    bool ok = read_alias_option(job, &list, err) && read_names_file(job, &list, err);
    if (list.n) {
        qsort(list.items, list.n, sizeof *list.items, by_from);
    }
    for (size_t i = 1; ok && i < list.n; i++) {
        if (plx_slice_eq(list.items[i - 1].from, list.items[i].from)) {
            ok = plx_fail(err, PLX_E_FORMAT, "two names are given for the cell %s", list.items[i].from.ptr);
        }
    }
    if (ok && list.n) {
        plx_cell_alias *kept = plx_arena_alloc(plx_ingest_arena(job), list.n * sizeof *kept);
        ok = kept || plx_fail_nomem(err, list.n * sizeof *kept);
        if (kept) {
            memcpy(kept, list.items, list.n * sizeof *kept);
        }
        opts->aliases = kept;
        opts->n_aliases = list.n;
    }
    plx_free(list.items);
    return ok;
}

bool plx_connectome_begin(plx_ingest *job, const plx_connectome_opts *more, plx_connectome_builder **out, plx_err *err)
{
    plx_connectome_opts opts;
    plx_sink *sink = plx_ingest_sink(job);
    *out = NULL;
    if (!read_options(job, &opts, err) || !read_aliases(job, &opts, err) ||
        !sink->begin(sink, "connectome", plx_ingest_unit(job), err)) {
        return false;
    }
    if (more) {
        opts.kinds = more->kinds;
        opts.columns = more->columns;
        opts.n_columns = more->n_columns;
        opts.pairings = more->pairings;
        opts.weight_unit = more->weight_unit ? more->weight_unit : opts.weight_unit;
    }
    plx_connectome_builder *builder = NULL;
    bool ok = plx_connectome_builder_new(plx_ingest_ctx(job), sink, &opts, &builder, err);
    if (ok && plx_ingest_manifest(job)->n_uses > 0) {
        const plx_record *atlas = NULL;
        ok = plx_ingest_uses(job, 0, &atlas, err) &&
             (atlas || plx_fail(err, PLX_E_SCHEMA, "the first data set under uses must be an atlas, in both modes")) &&
             plx_connectome_use_atlas(builder, plx_record_as_view(atlas), err);
    }
    if (!ok) {
        plx_connectome_builder_free(builder);
        return false;
    }
    *out = builder;
    return true;
}

bool plx_connectome_commit(plx_ingest *job, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(job);
    plx_digest digest;
    const char *upstream = plx_ingest_text(job, "upstream");
    bool compat = plx_ingest_mode(job) == PLX_COMPAT;
    return (!compat || plx_sink_text(sink, "upstream", upstream, err)) && sink->commit(sink, &digest, err);
}

bool plx_connectome_finish(plx_ingest *job, plx_connectome_builder *builder, plx_err *err)
{
    return plx_connectome_emit(builder, err) && plx_connectome_commit(job, err);
}
