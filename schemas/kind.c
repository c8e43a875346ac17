/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of record kinds and the checks every kind shares: members present, of the stated type and of equal length.
 */
#include "schemas/kind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLX_KIND(name) extern const plx_kind plx_kind_##name;
#include "schemas/kinds.def"
#undef PLX_KIND

const plx_kind *const plx_kinds[] = {
#define PLX_KIND(name) &plx_kind_##name,
#include "schemas/kinds.def"
#undef PLX_KIND
    NULL,
};

const plx_kind *plx_kind_find(const char *name)
{
    for (size_t i = 0; name && plx_kinds[i]; i++) {
        if (strcmp(plx_kinds[i]->name, name) == 0) {
            return plx_kinds[i];
        }
    }
    return NULL;
}

void plx_violation(plx_violations *v, const char *fmt, ...)
{
    v->n++;
    size_t max = sizeof v->text / sizeof *v->text;
    if (v->shown >= max) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    vsnprintf(v->text[v->shown++], sizeof *v->text, fmt, args);
    va_end(args);
}

/* "nodes/label" -> table "nodes", column "label". A path without '/' is an array. */
static bool check_member(const plx_record_view *view, const plx_member_spec *spec, plx_violations *found, plx_err *err)
{
    const char *slash = strchr(spec->path, '/');
    if (!slash || spec->ndim != 1) {
        const plx_array *array = NULL;
        if (!view->array(view, spec->path, &array, err)) {
            return false;
        }
        if (!array) {
            if (spec->required) {
                plx_violation(found, "%s is missing", spec->path);
            }
        } else if (array->dtype != spec->dtype || array->ndim != spec->ndim) {
            plx_violation(found, "%s is %s with %d dimensions, must be %s with %d", spec->path,
                          plx_dtype_name(array->dtype), array->ndim, plx_dtype_name(spec->dtype), spec->ndim);
        }
        return true;
    }
    char table_name[64];
    size_t len = (size_t)(slash - spec->path);
    if (len >= sizeof table_name) {
        return plx_fail(err, PLX_E_BUG, "the member path %s is too long", spec->path);
    }
    memcpy(table_name, spec->path, len);
    table_name[len] = '\0';
    const plx_table *table = NULL;
    if (!view->table(view, table_name, &table, err)) {
        return false;
    }
    const plx_column *column = table ? plx_table_find(table, slash + 1) : NULL;
    if (!column) {
        if (spec->required) {
            plx_violation(found, "%s is missing", spec->path);
        }
        return true;
    }
    if (column->dtype != spec->dtype) {
        plx_violation(found, "%s is %s, must be %s", spec->path, plx_dtype_name(column->dtype),
                      plx_dtype_name(spec->dtype));
    }
    if (column->n != table->n_rows) {
        plx_violation(found, "%s has %zu rows, its table has %zu", spec->path, column->n, table->n_rows);
    }
    if (strcmp(spec->unit, "*") != 0 && column->unit && strcmp(spec->unit, column->unit) != 0) {
        plx_violation(found, "%s has unit \"%s\", must be \"%s\"", spec->path, column->unit, spec->unit);
    }
    return true;
}

bool plx_kind_validate(const plx_ctx *ctx, const plx_kind *kind, const plx_record_view *view, plx_violations *found,
                       plx_err *err)
{
    size_t before = found->n;
    for (const plx_member_spec *spec = kind->members; spec->path; spec++) {
        if (!check_member(view, spec, found, err)) {
            return false;
        }
    }
    for (const char *const *key = kind->attributes; key && *key; key++) {
        if (!plx_v_get(view->meta, *key)) {
            plx_violation(found, "attribute %s is missing", *key);
        }
    }
    /* The kind's own rules read the members just checked. */
    return found->n != before || !kind->validate || kind->validate(ctx, view, found, err);
}
