/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing data sets and ordering them by what they use.
 */
#include "cli/get_plan.h"

#include "core/alloc.h"
#include "registry/manifest_units.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_DEPTH = 8 };

void plx_get_plan_free(plx_get_plan *plan)
{
    plx_free(plan->items);
    *plan = (plx_get_plan){0};
}

static plx_get_item *find_item(const plx_get_plan *plan, const plx_manifest *m, plx_mode mode)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->items[i].manifest == m && plan->items[i].mode == mode) {
            return &plan->items[i];
        }
    }
    return NULL;
}

static const char *ref_text(plx_cli *cli, const plx_manifest *m, plx_mode mode)
{
    return plx_arena_printf(cli->arena, "%s/%s@%s:%s", m->family, m->name, m->version, plx_mode_name(mode));
}

/* `unit` "" asks for all, and all is more than some. */
static bool add_unit(plx_cli *cli, plx_get_item *item, bool is_new, const char *unit, plx_err *err)
{
    if (!*unit || (!is_new && item->n_units == 0)) {
        item->n_units = 0;
        return true;
    }
    const char **units = plx_arena_zero(cli->arena, item->n_units + 1, sizeof *units);
    if (!units) {
        return plx_fail_nomem(err, (item->n_units + 1) * sizeof *units);
    }
    for (size_t i = 0; i < item->n_units; i++) {
        units[i] = item->units[i];
    }
    units[item->n_units++] = unit;
    item->units = units;
    return true;
}

/* The manifest, what it uses, and its level. */
static bool add(plx_cli *cli, plx_get_plan *plan, const plx_manifest *m, plx_mode mode, const char *unit, bool asked,
                unsigned depth, unsigned *level, plx_err *err)
{
    if (depth > MAX_DEPTH) {
        return plx_fail(err, PLX_E_SCHEMA, "%s/%s is used by data sets more than %d deep", m->family, m->name,
                        MAX_DEPTH);
    }
    plx_get_item *have = find_item(plan, m, mode);
    if (have) {
        have->asked |= asked;
        *level = have->level;
        return add_unit(cli, have, false, unit, err);
    }
    *level = 0;
    for (size_t i = 0; i < m->n_uses; i++) {
        plx_ref ref;
        const plx_manifest *used = NULL;
        unsigned below = 0;
        bool wanted = false;
        if (!plx_manifest_use(m, i, mode, &ref, &wanted, err)) {
            return false;
        }
        if (!wanted) {
            continue;
        }
        if (!plx_registry_find(cli->registry, ref.family, ref.name, &used, err) ||
            !add(cli, plan, used, ref.mode, "", false, depth + 1, &below, err)) {
            return plx_note(err, "%s/%s uses it (%s)", m->family, m->name, m->origin);
        }
        *level = below + 1 > *level ? below + 1 : *level;
    }
    /* Both modes read the same files: one after the other, so that it never depends on threads which of them fetches.
     */
    const plx_get_item *sibling = find_item(plan, m, mode == PLX_STRICT ? PLX_COMPAT : PLX_STRICT);
    if (sibling && sibling->level + 1 > *level) {
        *level = sibling->level + 1;
    }
    const char *text = ref_text(cli, m, mode);
    if (!text || !plx_grow(&plan->items, &plan->cap, plan->n + 1, sizeof *plan->items)) {
        return plx_fail_nomem(err, sizeof *plan->items);
    }
    plan->items[plan->n++] = (plx_get_item){.manifest = m, .mode = mode, .ref = text, .asked = asked, .level = *level};
    return add_unit(cli, &plan->items[plan->n - 1], true, unit, err);
}

/* Why a data set is left out of its family; NULL when it is not. */
static const char *skip_reason(const plx_manifest *m, plx_mode mode, bool files_only)
{
    const plx_ingester *ingester = plx_ingester_find(m->ingester);
    if (files_only) {
        return m->ingester ? "it can be read, so it is got without --files-only" : NULL;
    }
    if (!m->ingester) {
        return "nothing reads it yet; with --files-only its files are kept";
    }
    return mode == PLX_COMPAT && ingester && !plx_ingester_has_compat(ingester, m)
               ? "no published pipeline reads it, so it has no compat mode"
               : NULL;
}

static bool no_family(plx_cli *cli, const char *family, const char *arg, plx_err *err)
{
    enum { MOST = 64 };
    const char *families[MOST];
    size_t n = 0;
    plx_fail(err, PLX_E_NOTFOUND, "no data set belongs to %s", arg);
    for (size_t i = 0; i < plx_registry_count(cli->registry) && n < MOST; i++) {
        const char *name = plx_registry_name(cli->registry, i);
        size_t len = strcspn(name, "/");
        if (n && strncmp(families[n - 1], name, len) == 0 && families[n - 1][len] == '\0') {
            continue;
        }
        families[n] = plx_arena_strndup(cli->arena, name, len);
        if (!families[n++]) {
            return plx_fail_nomem(err, len);
        }
    }
    const char *near = plx_nearest(family, families, n);
    return near ? plx_err_next(err, "plexus get %s/", near) : plx_err_next(err, "plexus ls");
}

static bool add_family(plx_cli *cli, plx_get_plan *plan, const char *family, plx_mode mode, bool files_only,
                       const char *arg, plx_err *err)
{
    size_t n_before = plan->n;
    char prefix[PLX_REF_PART + 2];
    snprintf(prefix, sizeof prefix, "%s/", family);
    for (size_t i = 0; i < plx_registry_count(cli->registry); i++) {
        const char *name = plx_registry_name(cli->registry, i);
        const plx_manifest *m = NULL;
        unsigned level;
        if (*family ? !plx_starts_with(name, prefix) : plx_starts_with(name, "demo/")) {
            continue;
        }
        if (!plx_registry_get(cli->registry, i, &m, err)) {
            return false;
        }
        const char *skip = skip_reason(m, mode, files_only);
        if (skip) {
            if (!find_item(plan, m, mode)) {
                const char *text = ref_text(cli, m, mode);
                if (!text || !plx_grow(&plan->items, &plan->cap, plan->n + 1, sizeof *plan->items)) {
                    return plx_fail_nomem(err, sizeof *plan->items);
                }
                plan->items[plan->n++] =
                    (plx_get_item){.manifest = m, .mode = mode, .ref = text, .asked = true, .skip = skip};
            }
        } else if (!add(cli, plan, m, mode, "", true, 0, &level, err)) {
            return false;
        }
    }
    return plan->n != n_before || no_family(cli, family, arg, err);
}

/* "connectome/", "connectome/<star>", either with :mode behind it. */
static bool parse_family(const char *arg, char family[PLX_REF_PART], plx_mode *mode)
{
    const char *slash = strchr(arg, '/');
    size_t len = slash ? (size_t)(slash - arg) : 0;
    if (!slash || len == 0 || len >= PLX_REF_PART) {
        return false;
    }
    const char *rest = slash + 1 + (slash[1] == '*');
    *mode = PLX_STRICT;
    if (*rest && (*rest != ':' || !plx_mode_parse(rest + 1, mode))) {
        return false;
    }
    memcpy(family, arg, len);
    family[len] = '\0';
    return true;
}

static bool add_arg(plx_cli *cli, plx_get_plan *plan, const char *arg, bool files_only, plx_err *err)
{
    char family[PLX_REF_PART];
    plx_mode mode;
    if (parse_family(arg, family, &mode)) {
        return add_family(cli, plan, family, mode, files_only, arg, err);
    }
    plx_ref ref;
    const plx_manifest *m = NULL;
    unsigned level;
    if (!plx_ref_parse(arg, &ref, err)) {
        return false;
    }
    if (ref.kind != PLX_REF_DATASET) {
        return plx_fail(err, PLX_E_ARG, "%s is no data set; only data sets can be got", arg);
    }
    if (!plx_registry_find(cli->registry, ref.family, ref.name, &m, err)) {
        return false;
    }
    if (files_only && ref.mode == PLX_COMPAT) {
        plx_fail(err, PLX_E_ARG, "files have no mode: a mode is a way to read them");
        return plx_err_next(err, "plexus get --files-only %s/%s", m->family, m->name);
    }
    if (ref.version[0] && strcmp(ref.version, m->version) != 0) {
        plx_fail(err, PLX_E_NOTFOUND, "%s/%s is not known in version %s", m->family, m->name, ref.version);
        plx_err_why(err, "the registry has version %s", m->version);
        return plx_err_next(err, "plexus get %s/%s", m->family, m->name);
    }
    plx_manifest picked;
    const char *unit = plx_arena_strdup(cli->arena, ref.unit);
    if (!unit) {
        return plx_fail_nomem(err, sizeof ref.unit);
    }
    return (!*unit || plx_manifest_pick(cli->arena, m, &unit, 1, &picked, err)) &&
           add(cli, plan, m, ref.mode, unit, true, 0, &level, err);
}

/* Stable: qsort alone is not, so the place in the list breaks ties. */
static void sort_by_level(plx_get_plan *plan)
{
    for (size_t i = 1; i < plan->n; i++) {
        plx_get_item item = plan->items[i];
        size_t k = i;
        for (; k > 0 && plan->items[k - 1].level > item.level; k--) {
            plan->items[k] = plan->items[k - 1];
        }
        plan->items[k] = item;
    }
}

bool plx_get_plan_make(plx_cli *cli, const char *const *args, size_t n_args, bool all, bool files_only,
                       plx_get_plan *out, plx_err *err)
{
    *out = (plx_get_plan){0};
    bool ok = true;
    if (n_args == 0 && !all) {
        plx_fail(err, PLX_E_ARG, "which data set?");
        plx_err_next(err, "plexus ls");
        ok = false;
    }
    if (ok && all) {
        ok = add_family(cli, out, "", PLX_STRICT, files_only, "--all", err);
    }
    for (size_t i = 0; ok && i < n_args; i++) {
        ok = add_arg(cli, out, args[i], files_only, err);
    }
    if (!ok) {
        plx_get_plan_free(out);
        return false;
    }
    sort_by_level(out);
    for (size_t i = 0; i < out->n; i++) {
        out->n_asked += out->items[i].asked;
        out->n_levels = out->items[i].level + 1;
    }
    return true;
}
