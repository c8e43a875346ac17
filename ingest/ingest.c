/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of ingesters, their options, and what a running one may ask for.
 */
#include "ingest/ingest_job.h"

#include "core/alloc.h"

#include <stdio.h>
#include <string.h>

#define PLX_INGESTER(name) extern const plx_ingester plx_ingester_##name;
#include "ingest/ingesters.def"
#undef PLX_INGESTER

const plx_ingester *const plx_ingesters[] = {
#define PLX_INGESTER(name) &plx_ingester_##name,
#include "ingest/ingesters.def"
#undef PLX_INGESTER
    NULL,
};

const plx_ingester *plx_ingester_find(const char *name)
{
    for (size_t i = 0; name && plx_ingesters[i]; i++) {
        if (strcmp(plx_ingesters[i]->name, name) == 0) {
            return plx_ingesters[i];
        }
    }
    return NULL;
}

const plx_ctx *plx_ingest_ctx(const plx_ingest *job)
{
    return job->ctx;
}

plx_sink *plx_ingest_sink(const plx_ingest *job)
{
    return job->sink;
}

plx_mode plx_ingest_mode(const plx_ingest *job)
{
    return job->mode;
}

plx_arena *plx_ingest_arena(const plx_ingest *job)
{
    return job->arena;
}

const plx_manifest *plx_ingest_manifest(const plx_ingest *job)
{
    return job->manifest;
}

const char *plx_ingest_unit(const plx_ingest *job)
{
    return job->unit ? job->unit : "";
}

static const plx_ingest_option *find_option(const plx_ingester *ingester, const char *name)
{
    for (const plx_ingest_option *o = ingester->options; o && o->name; o++) {
        if (strcmp(o->name, name) == 0) {
            return o;
        }
    }
    return NULL;
}

const char *plx_ingest_option_text(const plx_ingester *ingester, const plx_manifest *manifest, const char *option)
{
    const plx_ingest_option *known = find_option(ingester, option);
    if (!known) {
        return NULL;
    }
    const plx_value *given = manifest->options ? plx_v_get(manifest->options, option) : NULL;
    const char *text = given ? plx_v_text(given) : NULL;
    if (given && given->kind == PLX_V_NULL) {
        text = ""; /* "option:" with nothing behind it switches the option off */
    }
    return text ? text : known->fallback ? known->fallback : "";
}

const char *plx_ingest_text(const plx_ingest *job, const char *option)
{
    const char *text = plx_ingest_option_text(job->ingester, job->manifest, option);
    return text ? text : "";
}

static const char *known_options(const plx_ingester *ingester, char *out, size_t cap)
{
    size_t used = 0;
    out[0] = '\0';
    for (const plx_ingest_option *o = ingester->options; o && o->name && used < cap; o++) {
        int n = snprintf(out + used, cap - used, "%s%s", used ? " " : "", o->name);
        used += n > 0 ? (size_t)n : 0;
    }
    return out;
}

bool plx_ingest_check_options(const plx_ingester *ingester, const plx_manifest *manifest, plx_err *err)
{
    char problems[PLX_ERR_TEXT] = "";
    size_t used = 0;
    const plx_value *options = manifest->options;
    size_t n = options && options->kind == PLX_V_OBJ ? options->u.obj.n : 0;
    for (size_t i = 0; i < n && used < sizeof problems; i++) {
        const plx_member *m = &options->u.obj.members[i];
        bool scalar = m->value->kind == PLX_V_STR || m->value->kind == PLX_V_NULL;
        if (!find_option(ingester, m->key.ptr)) {
            used += (size_t)snprintf(problems + used, sizeof problems - used, "%sline %u: no option \"%s\"",
                                     used ? "; " : "", m->value->line, m->key.ptr);
        } else if (!scalar) {
            used += (size_t)snprintf(problems + used, sizeof problems - used, "%sline %u: %s must be one value",
                                     used ? "; " : "", m->value->line, m->key.ptr);
        }
    }
    for (const plx_ingest_option *o = ingester->options; o && o->name && used < sizeof problems; o++) {
        if (!o->fallback && (!options || !plx_v_get(options, o->name))) {
            used += (size_t)snprintf(problems + used, sizeof problems - used, "%s%s is required (%s)", used ? "; " : "",
                                     o->name, o->doc);
        }
    }
    if (used == 0) {
        return true;
    }
    char known[PLX_ERR_NOTE];
    plx_fail(err, PLX_E_SCHEMA, "the options of %s/%s do not fit the ingester %s: %s", manifest->family, manifest->name,
             ingester->name, problems);
    plx_note(err, "%s", manifest->origin);
    return plx_err_why(err, "%s knows: %s", ingester->name, known_options(ingester, known, sizeof known));
}

bool plx_ingest_check_manifest(const plx_manifest *manifest, plx_err *err)
{
    const plx_ingester *ingester = plx_ingester_find(manifest->ingester);
    if (!manifest->ingester) {
        return true;
    }
    if (!ingester) {
        plx_fail(err, PLX_E_SCHEMA, "%s/%s asks for the ingester \"%s\", which this program does not have",
                 manifest->family, manifest->name, manifest->ingester);
        plx_err_why(err, "files that nothing reads yet have \"ingester: none\" and a layout");
        return plx_note(err, "%s", manifest->origin);
    }
    if (strcmp(ingester->kind, manifest->kind) != 0) {
        plx_fail(err, PLX_E_SCHEMA, "%s/%s is said to be a %s, but the ingester %s makes a %s", manifest->family,
                 manifest->name, manifest->kind, manifest->ingester, ingester->kind);
        return plx_note(err, "%s", manifest->origin);
    }
    return plx_ingest_check_options(ingester, manifest, err);
}

bool plx_ingester_has_compat(const plx_ingester *ingester, const plx_manifest *manifest)
{
    const char *upstream = plx_ingest_option_text(ingester, manifest, "upstream");
    return ingester->defects && (!upstream || *upstream);
}

bool plx_ingest_check_mode(const plx_ingester *ingester, const plx_manifest *manifest, plx_mode mode, plx_err *err)
{
    if (mode == PLX_STRICT || plx_ingester_has_compat(ingester, manifest)) {
        return true;
    }
    plx_fail(err, PLX_E_NOTFOUND, "%s/%s has no compat mode", manifest->family, manifest->name);
    plx_err_why(err, "no published pipeline reads this source, so there is no upstream result to reproduce");
    return plx_err_next(err, "plexus get %s/%s", manifest->family, manifest->name);
}

/* Readers name their source in errors. People know a file by the manifest's name for it, not by the blob it lies in. */
typedef struct named_source {
    plx_source base; /* first: the reader holds a pointer to it */
    plx_source *inner;
} named_source;

static bool named_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    named_source *s = (named_source *)self;
    return s->inner->read(s->inner, out, cap, got, err);
}

static bool named_rewind(plx_source *self, plx_err *err)
{
    named_source *s = (named_source *)self;
    return s->inner->rewind(s->inner, err);
}

static void named_close(plx_source *self)
{
    named_source *s = (named_source *)self;
    plx_source_close(s->inner);
    plx_free(s);
}

static bool open_named(const plx_ingest *job, size_t i, plx_source **out, plx_err *err)
{
    named_source *s = plx_alloc_zero(1, sizeof *s);
    if (!s) {
        return plx_fail_nomem(err, sizeof *s);
    }
    if (!plx_fetched_open(job->ctx, job->store, &job->files[i], &s->inner, err)) {
        plx_free(s);
        return false;
    }
    s->base = (plx_source){.name = job->manifest->files[i].name,
                           .size = s->inner->size,
                           .read = named_read,
                           .rewind = s->inner->rewind ? named_rewind : NULL,
                           .close = named_close};
    *out = &s->base;
    return true;
}

static bool find_file(const plx_ingest *job, const char *name, size_t *out, plx_err *err)
{
    for (size_t i = 0; i < job->manifest->n_files; i++) {
        if (strcmp(job->manifest->files[i].name, name) == 0) {
            *out = i;
            return true;
        }
    }
    plx_fail(err, PLX_E_SCHEMA, "the manifest of %s/%s has no file \"%s\"", job->manifest->family, job->manifest->name,
             name);
    return plx_note(err, "%s", job->manifest->origin);
}

bool plx_ingest_open(const plx_ingest *job, const char *name, plx_source **out, plx_err *err)
{
    size_t i;
    return find_file(job, name, &i, err) && open_named(job, i, out, err);
}

bool plx_ingest_path(const plx_ingest *job, const char *name, char out[PLX_PATH], plx_err *err)
{
    size_t i;
    if (!find_file(job, name, &i, err)) {
        return false;
    }
    const plx_fetched *file = &job->files[i];
    if (job->store) {
        return plx_store_object_path(job->store, "blobs", &file->sha256, out, err);
    }
    const char *path = plx_starts_with(file->from, "file://") ? file->from + strlen("file://") : file->from;
    int n = snprintf(out, PLX_PATH, "%s", path);
    if (n < 0 || n >= PLX_PATH || !plx_fs_exists(out)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s cannot be read before it is in a store", name);
        return plx_note(err, "from %s", file->from);
    }
    return true;
}

bool plx_ingest_uses(const plx_ingest *job, size_t i, const plx_record **out, plx_err *err)
{
    if (i >= job->manifest->n_uses) {
        return plx_fail(err, PLX_E_SCHEMA, "the manifest of %s/%s names no data set to use (uses: [family/name])",
                        job->manifest->family, job->manifest->name);
    }
    *out = job->uses[i];
    return true;
}
