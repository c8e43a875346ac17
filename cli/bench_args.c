/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_args.h"

#include "cli/build_info.h"

#include <math.h>
#include <stdio.h>

enum { NAMES_MAX = 256 };

static const char *without_prefix(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : text;
}

static bool not_found(const char *kind, const char *name, const char *const *names, size_t n, plx_err *err)
{
    const char *near = plx_nearest(name, names, n);
    plx_fail(err, PLX_E_NOTFOUND, "there is no %s %s", kind, name);
    if (near) {
        plx_err_why(err, "did you mean %s?", near);
        return plx_err_next(err, "plexus show %s:%s", kind, near);
    }
    return plx_err_next(err, "plexus help %ss", kind);
}

bool plx_cli_find_task(const char *text, const plx_task **out, plx_err *err)
{
    const char *name = without_prefix(text, "task:");
    const char *names[NAMES_MAX];
    size_t n = 0;
    *out = plx_task_find(name);
    for (const plx_task *const *t = plx_tasks; *t && n < NAMES_MAX; t++) {
        names[n++] = (*t)->name;
    }
    return *out ? true : not_found("task", name, names, n, err);
}

bool plx_cli_find_model(const char *text, const plx_model **out, plx_err *err)
{
    const char *name = without_prefix(text, "model:");
    const char *names[NAMES_MAX];
    size_t n = 0;
    *out = plx_model_find(name);
    for (const plx_model *const *m = plx_models; *m && n < NAMES_MAX; m++) {
        names[n++] = (*m)->name;
    }
    return *out ? true : not_found("model", name, names, n, err);
}

bool plx_cli_find_metric(const char *text, const plx_metric **out, plx_err *err)
{
    const char *name = without_prefix(text, "metric:");
    const char *names[NAMES_MAX];
    size_t n = 0;
    *out = plx_metric_find(name);
    for (const plx_metric *const *m = plx_metrics; *m && n < NAMES_MAX; m++) {
        names[n++] = (*m)->name;
    }
    return *out ? true : not_found("metric", name, names, n, err);
}

bool plx_cli_metric_params(const plx_metric *metric, const plx_opt_list *set, plx_params *out, plx_err *err)
{
    char owner[96];
    snprintf(owner, sizeof owner, "the metric %s", metric->name);
    if (!plx_params_init(metric->params, owner, out, err)) {
        return false;
    }
    for (size_t i = 0; i < set->n; i++) {
        if (!plx_params_set(out, owner, set->items[i], err)) {
            return plx_err_next(err, "plexus show metric:%s", metric->name);
        }
    }
    return true;
}

bool plx_cli_tool(plx_cli *cli, plx_tool *out, plx_err *err)
{
    *out = (plx_tool){.version = plx_build.version,
                      .commit = plx_build.commit,
                      .compiler = plx_build.compiler,
                      .flags = plx_build.flags,
                      .libraries =
                          plx_arena_printf(cli->arena, "sqlite %s, zlib %s, libarchive %s, libyaml %s",
                                           plx_build.sqlite, plx_build.zlib, plx_build.libarchive, plx_build.libyaml)};
    return out->libraries ? true : plx_fail_nomem(err, 128);
}

void plx_cli_score_text(double mean, double std, char out[48])
{
    if (isnan(mean)) {
        snprintf(out, 48, "-");
    } else if (isnan(std)) {
        snprintf(out, 48, "%.4f", mean);
    } else {
        snprintf(out, 48, "%.4f +- %.4f", mean, std);
    }
}
