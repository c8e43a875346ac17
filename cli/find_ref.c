/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set may be known to the registry, to the store, or to both: one added from local files is only in the store.
 */
#include "cli/find_ref.h"

#include "core/str.h"
#include "registry/refs.h"
#include "registry/resolve.h"

#include <stdio.h>

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
    char near[PLX_REF_TEXT] = "";
    if (known) {
        snprintf(out->ref.family, sizeof out->ref.family, "%s", m->family);
        if (!out->ref.version[0] || strcmp(out->ref.version, m->version) == 0) {
            snprintf(out->ref.version, sizeof out->ref.version, "%s", m->version);
            out->manifest = m;
        }
    }
    if (!out->manifest) {
        plx_ref asked = out->ref;
        if (cli->has_store && !plx_resolve(&cli->store, &asked, &out->ref, &stored, near, err)) {
            return false;
        }
        if (!stored && known) {
            plx_fail(err, PLX_E_NOTFOUND, "%s/%s is not known in version %s", m->family, m->name, out->ref.version);
            return plx_err_next(err, "plexus show %s/%s", m->family, m->name);
        }
        if (!stored) {
            char name[2 * PLX_REF_PART + 2];
            snprintf(name, sizeof name, "%s%s%s", out->ref.family, out->ref.family[0] ? "/" : "", out->ref.name);
            if (strcmp(near, name) == 0) {
                plx_fail(err, PLX_E_NOTFOUND, "%s is not known in version %s", name, out->ref.version);
                return plx_err_next(err, "plexus show %s", name);
            }
            *err = why;
            if (!why.why[0] && near[0]) {
                plx_err_why(err, "nearest: %s", near);
                plx_err_next(err, "plexus show %s", near);
            }
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

static bool find_digest(plx_cli *cli, plx_found_ref *out, plx_err *err)
{
    const char *area = "";
    out->by_digest = true;
    snprintf(out->text, sizeof out->text, "sha256:%s", out->ref.name);
    if (!cli->has_store) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no record %s: there is no store at %s", out->text, cli->store_dir);
        return plx_err_next(err, "plexus init %s", cli->store_dir);
    }
    if (!plx_resolve_digest(&cli->store, out->ref.name, &area, &out->record, err)) {
        return false;
    }
    if (strcmp(area, "records") != 0) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is a published file, not a record", out->text);
        return plx_err_next(err, "plexus path %s", out->text);
    }
    return true;
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
        plx_fail(err, PLX_E_NOTFOUND, "%s is no data set", text);
        plx_err_why(err, "it names a %s", kind_noun(out->ref.kind));
        return plx_err_next(err, "plexus show %s", text);
    }
    return find_dataset(cli, out, err);
}

bool plx_cli_not_stored(const plx_cli *cli, const plx_found_ref *found, plx_err *err)
{
    plx_ref whole = found->ref;
    char ref[PLX_REF_TEXT];
    whole.unit[0] = '\0';
    plx_ref_print(&whole, ref);
    plx_fail(err, PLX_E_NOTFOUND, "%s is not in the store %s", ref, cli->store_dir);
    if (found->in_other_mode) {
        plx_err_why(err, "it is there in the other mode only");
    }
    return plx_err_next(err, "plexus get %s", ref);
}

bool plx_cli_no_unit(const plx_value *units, const char *ref, const char *unit, plx_err *err)
{
    const char *names[256] = {0};
    size_t n = 0;
    for (size_t i = 0; i < units->u.arr.n && n < sizeof names / sizeof *names; i++) {
        const char *name = plx_v_get_text(units->u.arr.items[i], "unit");
        names[n] = name;
        n += name && name[0];
    }
    if (units->u.arr.n == 0) {
        plx_fail(err, PLX_E_NOTFOUND, "%s has no record: only its files are in the store", ref);
        plx_err_why(err, "nothing had read them when they were got");
        return plx_err_next(err, "plexus path --sources %s", ref);
    }
    const char *near = plx_nearest(unit, names, n);
    plx_fail(err, PLX_E_NOTFOUND, "%s has no unit \"%s\"", ref, unit);
    if (near) {
        plx_err_why(err, "did you mean %s?", near);
    } else if (n == 0) {
        plx_err_why(err, "it is one record, without units");
    }
    return plx_err_next(err, "plexus show %s", ref);
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
        return plx_cli_not_stored(cli, found, err);
    }
    const plx_value *units = plx_v_get(found->content, "units");
    size_t n = units && units->kind == PLX_V_ARR ? units->u.arr.n : 0;
    if (!found->ref.unit[0] && n > 1) {
        plx_fail(err, PLX_E_NOTFOUND, "%s has %zu records; name one as %s#UNIT", ref, n, ref);
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
    return units && units->kind == PLX_V_ARR ? plx_cli_no_unit(units, ref, found->ref.unit, err)
                                             : plx_fail(err, PLX_E_SCHEMA, "the ref of %s names no records", ref);
}

bool plx_cli_open_record(plx_cli *cli, const plx_found_ref *found, plx_record **out, plx_err *err)
{
    plx_digest digest;
    *out = NULL;
    return plx_cli_record_of(cli, found, &digest, err) && plx_record_open(&cli->ctx, &cli->store, &digest, out, err);
}
