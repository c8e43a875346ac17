/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures of scored pairs.
 */
#include "cli/plot_labels.h"

#include "benchmarks/label_plot.h"
#include "benchmarks/metrics/instances.h"
#include "cli/bench_args.h"

/* Of the benchmark's images, none of whose files says so. source: the benchmark's data sheet. */
static const double FISBE_VOXEL_UM = 0.44;

static bool voxel_size(const char *text, bool fisbe, double *um, plx_err *err)
{
    *um = fisbe ? FISBE_VOXEL_UM : 0;
    return !text || (plx_parse_f64(text, strlen(text), um) && *um > 0 && *um < 1e6) ||
           plx_fail(err, PLX_E_ARG, "--voxel-um %s is no width of a voxel", text);
}

static bool draw(plx_cli *cli, const plx_metric *metric, const plx_params *params, plx_metric_mode mode,
                 const plx_plot_labels_opts *opts, plx_drawing *out, plx_err *err)
{
    bool fisbe = strcmp(metric->name, "fisbe") == 0;
    const plx_label_pair_opts read = {.spatial = fisbe ? 3 : (int)opts->spatial,
                                      .squeeze = mode == PLX_METRIC_REFERENCE};
    plx_label_plot_opts plot = {.raw = opts->raw};
    plx_label_pair pair;
    if (!voxel_size(opts->voxel_um, fisbe, &plot.voxel_um, err) ||
        !plx_label_pair_read(&cli->ctx, opts->pred, opts->truth, &read, cli->arena, &pair, err)) {
        return false;
    }
    plx_iscore_options o = plx_iscore_options_of(params, mode);
    o.partly = opts->partly;
    plx_iscore s;
    char *file = plx_arena_strndup(cli->arena, opts->pred, strcspn(opts->pred, ":"));
    plot.title = file ? plx_path_base(file) : "";
    plot.definition = plx_arena_printf(cli->arena, "metric:%s by %s, %s mode", metric->name, plx_iscore_definition(&o),
                                       plx_metric_mode_name(mode));
    bool ok = (file && plot.definition) || plx_fail_nomem(err, strlen(opts->pred));
    ok = ok && plx_label_pair_score(&cli->ctx, &pair, &o, cli->arena, &s, err) &&
         plx_label_plot(&cli->ctx, &pair, &s, &plot, cli->arena, out, err);
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
           plx_cli_metric_params(driver, opts->set, &params, err) && draw(cli, driver, &params, mode, opts, out, err);
}
