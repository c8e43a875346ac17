/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing files of a manifest by the record they are for.
 */
#include "registry/manifest_units.h"

#include "core/str.h"

bool plx_unit_among(const char *unit, const char *const *units, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(units[i], unit) == 0) {
            return true;
        }
    }
    return false;
}

bool plx_manifest_units(plx_arena *arena, const plx_manifest *manifest, const char *const **names, size_t *n,
                        plx_err *err)
{
    const char **units = plx_arena_zero(arena, manifest->n_files + 1, sizeof *units);
    *n = 0;
    if (!units) {
        return plx_fail_nomem(err, manifest->n_files * sizeof *units);
    }
    for (size_t i = 0; i < manifest->n_files; i++) {
        const char *unit = manifest->files[i].unit;
        if (unit && !plx_unit_among(unit, units, *n)) {
            units[(*n)++] = unit;
        }
    }
    *names = units;
    return true;
}

static bool no_unit(plx_arena *arena, const plx_manifest *m, const char *unit, plx_err *err)
{
    const char *const *names = NULL;
    size_t n = 0;
    if (!plx_manifest_units(arena, m, &names, &n, err)) {
        return false;
    }
    const char *near = plx_nearest(unit, names, n);
    plx_fail(err, PLX_E_NOTFOUND, "%s/%s has no unit \"%s\"", m->family, m->name, unit);
    if (near) {
        plx_err_why(err, "did you mean %s?", near);
        return plx_err_next(err, "plexus get %s/%s#%s", m->family, m->name, near);
    }
    plx_err_why(err, n ? "it has %zu units" : "its manifest does not tell its files apart by unit", n);
    return plx_err_next(err, "plexus show %s/%s", m->family, m->name);
}

bool plx_manifest_pick(plx_arena *arena, const plx_manifest *manifest, const char *const *units, size_t n,
                       plx_manifest *out, plx_err *err)
{
    plx_manifest_file *files = plx_arena_zero(arena, manifest->n_files + 1, sizeof *files);
    size_t kept = 0;
    if (!files) {
        return plx_fail_nomem(err, manifest->n_files * sizeof *files);
    }
    for (size_t k = 0; k < n; k++) {
        bool known = false;
        for (size_t i = 0; i < manifest->n_files && !known; i++) {
            known = manifest->files[i].unit && strcmp(manifest->files[i].unit, units[k]) == 0;
        }
        if (!known) {
            return no_unit(arena, manifest, units[k], err);
        }
    }
    for (size_t i = 0; i < manifest->n_files; i++) {
        const char *unit = manifest->files[i].unit;
        if (!unit || plx_unit_among(unit, units, n)) {
            files[kept++] = manifest->files[i];
        }
    }
    *out = *manifest;
    out->files = files;
    out->n_files = kept;
    return true;
}
