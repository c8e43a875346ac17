/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures of scored pairs.
 */
#include "cli/plot_labels.h"

#include "benchmarks/label_plot.h"
#include "benchmarks/metrics/instances.h"
#include "cli/bench_args.h"

static bool read_params(const plx_metric *metric, const plx_opt_list *set, plx_params *out, plx_err *err)
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

static bool draw(plx_cli *cli, const plx_metric *metric, const plx_params *params, plx_metric_mode mode,
                 const plx_plot_labels_opts *opts, plx_drawing *out, plx_err *err)
{
    enum { BYTES_PER_PAIR = 64 };
    bool fisbe = strcmp(metric->name, "fisbe") == 0;
    const plx_label_pair_opts read = {.spatial = fisbe ? 3 : 0, .squeeze = mode == PLX_METRIC_REFERENCE};
    plx_label_pair pair;
    if (!plx_label_pair_read(&cli->ctx, opts->pred, opts->truth, &read, cli->arena, &pair, err)) {
        return false;
    }
    const plx_labels labels = {.spatial = pair.spatial, .partly = opts->partly, .dim = pair.dim, .n_dim = pair.n_dim};
    plx_iscore_options o = plx_iscore_options_of(params, mode, &labels);
    plx_iscore s;
    size_t cells = (size_t)(plx_limits_of(&cli->ctx).memory_bytes / BYTES_PER_PAIR);
    char *file = plx_arena_strndup(cli->arena, opts->pred, strcspn(opts->pred, ":"));
    const char *title =
        file ? plx_arena_printf(cli->arena, "%s, %s mode", plx_path_base(file), plx_metric_mode_name(mode)) : NULL;
    bool ok = plx_iscore_run(&pair.truth, &pair.pred, &o, cells, cli->arena, &s, err) &&
              plx_label_plot(&cli->ctx, &pair, &s, opts->raw, title ? title : "", cli->arena, out, err);
    plx_label_pair_free(&pair);
    return ok;
}

bool plx_plot_labels(plx_cli *cli, const char *metric, const plx_plot_labels_opts *opts, plx_drawing *out, plx_err *err)
{
    const plx_metric *driver;
    plx_params params;
    plx_metric_mode mode;
    if (!plx_cli_find_metric(metric, &driver, err)) {
        return false;
    }
    if (!(driver->accepts & PLX_EVIDENCE_LABELS)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "there is no picture of %s", metric);
        return plx_err_why(err, "pictures are of label volumes: metric:fisbe and metric:instance-segmentation");
    }
    if (!opts->pred || !opts->truth) {
        plx_fail(err, PLX_E_ARG, "--pred and --truth must name the label volumes");
        return plx_err_next(err, "plexus plot %s --pred FILE --truth FILE -o FILE.png", metric);
    }
    return (plx_metric_mode_parse(opts->mode, &mode) || plx_fail(err, PLX_E_ARG, "there is no mode %s", opts->mode)) &&
           read_params(driver, opts->set, &params, err) && draw(cli, driver, &params, mode, opts, out, err);
}
