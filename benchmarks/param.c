/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/param.h"

#include "core/num.h"

#include <math.h>
#include <stdio.h>

static bool choice_is_known(const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (const char *p = choices; p && *p;) {
        size_t n = strcspn(p, "|");
        if (n == len && memcmp(p, value, len) == 0) {
            return true;
        }
        p += n + (p[n] == '|');
    }
    return false;
}

static bool assign(plx_params *params, size_t i, const char *owner, const char *value, plx_err *err)
{
    const plx_param *spec = &params->specs[i];
    size_t len = strlen(value);
    double number = 0;
    int64_t whole = 0;
    bool ok = len > 0 && len < PLX_PARAM_TEXT;
    switch (spec->type) {
    case PLX_PARAM_INT:
        ok = ok && plx_parse_i64(value, len, &whole);
        number = (double)whole;
        break;
    case PLX_PARAM_REAL:
        ok = ok && plx_parse_f64(value, len, &number) && isfinite(number);
        break;
    case PLX_PARAM_CHOICE:
        if (!ok || !choice_is_known(spec->choices, value)) {
            plx_fail(err, PLX_E_ARG, "%s: %s cannot be \"%s\"", owner, spec->name, value);
            return plx_err_why(err, "it is one of %s", spec->choices);
        }
        break;
    }
    if (spec->type != PLX_PARAM_CHOICE && (!ok || number < spec->lo || number > spec->hi)) {
        char lo[PLX_NUM_TEXT];
        char hi[PLX_NUM_TEXT];
        plx_print_f64(spec->lo, lo);
        plx_print_f64(spec->hi, hi);
        plx_fail(err, PLX_E_ARG, "%s: %s cannot be \"%s\"", owner, spec->name, value);
        return plx_err_why(err, "it is %s from %s to %s", spec->type == PLX_PARAM_INT ? "a whole number" : "a number",
                           lo, hi);
    }
    params->number[i] = number;
    snprintf(params->text[i], sizeof params->text[i], "%s", value);
    return true;
}

bool plx_params_init(const plx_param *specs, const char *owner, plx_params *out, plx_err *err)
{
    memset(out, 0, sizeof *out);
    out->specs = specs;
    while (specs && specs[out->n].name) {
        if (out->n == PLX_PARAMS_MAX) {
            return plx_fail(err, PLX_E_BUG, "%s has more than %d parameters", owner, PLX_PARAMS_MAX);
        }
        if (!assign(out, out->n, owner, specs[out->n].fallback, err)) {
            return plx_fail(err, PLX_E_BUG, "the default \"%s\" of parameter %s of %s is none it may have",
                            specs[out->n].fallback, specs[out->n].name, owner);
        }
        out->n++;
    }
    return true;
}

static bool find(const plx_params *params, const char *name, size_t *out)
{
    for (size_t i = 0; i < params->n; i++) {
        if (strcmp(params->specs[i].name, name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool plx_params_put(plx_params *params, const char *owner, const char *name, const char *value, plx_err *err)
{
    size_t i;
    if (!find(params, name, &i)) {
        const char *names[PLX_PARAMS_MAX] = {0};
        for (size_t k = 0; k < params->n; k++) {
            names[k] = params->specs[k].name;
        }
        const char *near = plx_nearest(name, names, params->n);
        plx_fail(err, PLX_E_ARG, "%s has no parameter %s", owner, name);
        if (near) {
            plx_err_why(err, "did you mean %s?", near);
        } else if (params->n == 0) {
            plx_err_why(err, "it has none");
        }
        return false;
    }
    if (params->given[i]) {
        plx_fail(err, PLX_E_ARG, "%s: %s is set twice", owner, name);
        return plx_err_why(err, "to %s and to %s", params->text[i], value);
    }
    if (!assign(params, i, owner, value, err)) {
        return false;
    }
    params->given[i] = true;
    return true;
}

bool plx_params_set(plx_params *params, const char *owner, const char *assignment, plx_err *err)
{
    char name[64];
    size_t len = strcspn(assignment, "=");
    if (!assignment[len] || len == 0 || len >= sizeof name) {
        plx_fail(err, PLX_E_ARG, "\"%s\" sets no parameter of %s", assignment, owner);
        return plx_err_why(err, "expected NAME=VALUE");
    }
    memcpy(name, assignment, len);
    name[len] = '\0';
    return plx_params_put(params, owner, name, assignment + len + 1, err);
}

bool plx_params_set_all(plx_params *params, const char *owner, const char *assignments, plx_err *err)
{
    for (const char *p = assignments; p && *p;) {
        char word[128];
        size_t len = strcspn(p, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, p);
        if (len && !plx_params_set(params, owner, word, err)) {
            return false;
        }
        p += len + (p[len] == ' ');
    }
    return true;
}

int64_t plx_params_int(const plx_params *params, const char *name)
{
    return (int64_t)plx_params_real(params, name);
}

double plx_params_real(const plx_params *params, const char *name)
{
    size_t i;
    return find(params, name, &i) ? params->number[i] : 0;
}

const char *plx_params_text(const plx_params *params, const char *name)
{
    size_t i;
    return find(params, name, &i) ? params->text[i] : "";
}

void plx_params_print(const plx_params *params, plx_sb *out)
{
    for (size_t i = 0; i < params->n; i++) {
        plx_sb_printf(out, "%s%s=%s", i ? " " : "", params->specs[i].name, params->text[i]);
    }
}

/* Words of a grid between single blanks. */
static size_t grid_count(const char *grid)
{
    size_t n = 0;
    for (const char *p = grid; p && *p; n++) {
        p += strcspn(p, " ");
        p += *p == ' ';
    }
    return n;
}

static bool has_grid(const plx_params *params, size_t i)
{
    return params->specs[i].grid && !params->given[i];
}

size_t plx_params_grid_size(const plx_params *params)
{
    size_t n = 1;
    for (size_t i = 0; i < params->n; i++) {
        n *= has_grid(params, i) ? grid_count(params->specs[i].grid) : 1;
    }
    return n;
}

bool plx_params_grid_at(const plx_params *params, const char *owner, size_t i, plx_params *out, plx_err *err)
{
    *out = *params;
    for (size_t k = params->n; k-- > 0;) {
        if (!has_grid(params, k)) {
            continue;
        }
        const char *p = params->specs[k].grid;
        size_t values = grid_count(p), n = values ? values : 1;
        char word[PLX_PARAM_TEXT];
        for (size_t skip = i % n; skip > 0; skip--) {
            p += strcspn(p, " ") + 1;
        }
        snprintf(word, sizeof word, "%.*s", (int)strcspn(p, " "), p);
        i /= n;
        if (!assign(out, k, owner, word, err)) {
            return false;
        }
    }
    return true;
}
