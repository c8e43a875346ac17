/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set may be known to the registry, to the store, or to both: one added from local files is only in the store.
 */
#include "cli/find_ref.h"

#include "registry/refs.h"
#include "registry/resolve.h"

#include <stdio.h>

enum { MAX_PREFIX_HITS = 2 };

static const char *kind_noun(plx_ref_kind kind)
{
    switch (kind) {
    case PLX_REF_TASK:
        return "task";
    case PLX_REF_MODEL:
        return "model";
    case PLX_REF_METRIC:
        return "metric";
    case PLX_REF_RUN:
        return "run";
    case PLX_REF_DATASET:
    case PLX_REF_SHA256:
        break;
    }
    return "data set";
}

/* Versions of family/name (or of any family when it is "") in the store. The newest wins. */
typedef struct store_search {
    const plx_ref *wanted;
    plx_ref best;
    size_t n_names; /* different family/name */
} store_search;

static bool visit(void *payload, const plx_ref *ref, const char *rel_path, const plx_value *content,
                  const plx_digest *seal, const plx_err *problem, plx_err *err)
{
    store_search *s = payload;
    (void)rel_path;
    (void)content;
    (void)seal;
    (void)problem;
    (void)err;
    const plx_ref *w = s->wanted;
    if (strcmp(ref->name, w->name) != 0 || (w->family[0] && strcmp(ref->family, w->family) != 0) ||
        (w->version[0] && strcmp(ref->version, w->version) != 0)) {
        return true;
    }
    bool other = s->n_names && strcmp(s->best.family, ref->family) != 0;
    s->n_names += s->n_names == 0 || other;
    if (s->n_names == 1 && (!s->best.name[0] || plx_version_order(s->best.version, ref->version) < 0)) {
        s->best = *ref;
    }
    return true;
}

static bool find_in_store(plx_cli *cli, plx_ref *ref, bool *found, plx_err *err)
{
    store_search search = {.wanted = ref};
    *found = false;
    if (!cli->has_store) {
        return true;
    }
    if (!plx_refs_walk(&cli->ctx, &cli->store, visit, &search, err)) {
        return false;
    }
    if (search.n_names > 1) {
        return plx_fail(err, PLX_E_ARG, "%s is the name of several data sets in the store; write family/%s", ref->name,
                        ref->name);
    }
    if (search.n_names == 1) {
        snprintf(ref->family, sizeof ref->family, "%s", search.best.family);
        snprintf(ref->version, sizeof ref->version, "%s", search.best.version);
        *found = true;
    }
    return true;
}

static bool find_dataset(plx_cli *cli, plx_found_ref *out, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    const plx_manifest *m = NULL;
    bool known = plx_registry_find(cli->registry, out->ref.family, out->ref.name, &m, &why);
    if (!known && why.code != PLX_E_NOTFOUND) {
        *err = why;
        return false;
    }
    bool stored = false;
    if (known) {
        snprintf(out->ref.family, sizeof out->ref.family, "%s", m->family);
        if (!out->ref.version[0] || strcmp(out->ref.version, m->version) == 0) {
            snprintf(out->ref.version, sizeof out->ref.version, "%s", m->version);
            out->manifest = m;
        }
    }
    if (!out->manifest) {
        if (!find_in_store(cli, &out->ref, &stored, err)) {
            return false;
        }
        if (!stored && known) {
            plx_fail(err, PLX_E_NOTFOUND, "%s/%s is not known in version %s", m->family, m->name, out->ref.version);
            return plx_err_next(err, "plexus show %s/%s", m->family, m->name);
        }
        if (!stored) {
            *err = why;
            return false;
        }
    }
    out->ref.has_mode = true;
    plx_ref_print(&out->ref, out->text);
    if (!cli->has_store) {
        return true;
    }
    const plx_value *other = NULL;
    plx_ref other_mode = out->ref;
    other_mode.mode = out->ref.mode == PLX_STRICT ? PLX_COMPAT : PLX_STRICT;
    if (!plx_refs_read(&cli->ctx, &cli->store, &out->ref, cli->arena, &out->content, err)) {
        return false;
    }
    if (!out->content && plx_refs_read(&cli->ctx, &cli->store, &other_mode, cli->arena, &other, NULL)) {
        out->in_other_mode = other != NULL;
    }
    return true;
}

/* A whole digest, or the start of one that only one record has. */
static bool find_digest(plx_cli *cli, plx_found_ref *out, plx_err *err)
{
    const char *hex = out->ref.name;
    char dir[PLX_PATH];
    char sub[PLX_PATH];
    char **names = NULL;
    size_t n = 0;
    size_t hits = 0;
    out->by_digest = true;
    snprintf(out->text, sizeof out->text, "sha256:%s", hex);
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no record %s: there is no store at %s", out->text, cli->store_dir);
        return plx_err_next(err, "plexus init %s", cli->store_dir);
    }
    snprintf(sub, sizeof sub, "records/sha256/%.2s", hex);
    if (!plx_path_join(dir, cli->store.root, sub, err) || !plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n && hits < MAX_PREFIX_HITS; i++) {
        char whole[PLX_SHA256_HEX + 8];
        int len = snprintf(whole, sizeof whole, "%.2s%s", hex, names[i]);
        if (len == PLX_SHA256_HEX && plx_starts_with(whole, hex) &&
            plx_digest_parse(whole, PLX_SHA256_HEX, &out->record)) {
            hits++;
        }
    }
    plx_fs_names_free(names, n);
    if (hits == 1) {
        return true;
    }
    return plx_fail(err, hits ? PLX_E_ARG : PLX_E_NOTFOUND,
                    hits ? "several records start with %s; write more digits" : "the store has no record %s",
                    out->text);
}

bool plx_cli_find_ref(plx_cli *cli, const char *text, plx_found_ref *out, plx_err *err)
{
    *out = (plx_found_ref){0};
    if (!plx_ref_parse(text, &out->ref, err)) {
        return false;
    }
    if (out->ref.kind == PLX_REF_SHA256) {
        return find_digest(cli, out, err);
    }
    if (out->ref.kind != PLX_REF_DATASET) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no %s %s", kind_noun(out->ref.kind), out->ref.name);
        plx_err_why(err, "this version of the program has no %ss yet", kind_noun(out->ref.kind));
        return plx_err_next(err, "plexus ls");
    }
    return find_dataset(cli, out, err);
}

bool plx_cli_record_of(plx_cli *cli, const plx_found_ref *found, plx_digest *out, plx_err *err)
{
    if (found->by_digest) {
        *out = found->record;
        return true;
    }
    plx_ref whole = found->ref;
    char ref[PLX_REF_TEXT];
    whole.unit[0] = '\0';
    plx_ref_print(&whole, ref);
    if (!found->content) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is not in the store %s", ref, cli->store_dir);
        if (found->in_other_mode) {
            plx_err_why(err, "it is there in the other mode only");
        }
        return plx_err_next(err, "plexus get %s", ref);
    }
    const plx_value *units = plx_v_get(found->content, "units");
    size_t n = units && units->kind == PLX_V_ARR ? units->u.arr.n : 0;
    if (!found->ref.unit[0] && n > 1) {
        plx_fail(err, PLX_E_ARG, "%s has %zu records; name one as %s#UNIT", ref, n, ref);
        return plx_err_next(err, "plexus show %s", ref);
    }
    for (size_t i = 0; i < n; i++) {
        const char *unit = plx_v_get_text(units->u.arr.items[i], "unit");
        const char *hex = plx_v_get_text(units->u.arr.items[i], "record");
        if (unit && hex && (!found->ref.unit[0] || strcmp(unit, found->ref.unit) == 0)) {
            return plx_digest_parse(hex, strlen(hex), out) ||
                   plx_fail(err, PLX_E_SCHEMA, "the ref of %s names no proper digest", ref);
        }
    }
    plx_fail(err, PLX_E_NOTFOUND, "%s has no unit \"%s\"", ref, found->ref.unit);
    return plx_err_next(err, "plexus show %s", ref);
}
