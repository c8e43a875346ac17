/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus plot: a picture of a connectome, or of a scored pair of label volumes.
 */
#include "cli/find_ref.h"
#include "cli/plot_labels.h"

#include "registry/cite.h"
#include "registry/plot.h"

#include <stddef.h>

typedef struct options {
    const char *format, *layout, *pred, *truth, *raw, *mode, *voxel_um;
    int64_t spatial;
    bool partly;
    plx_opt_list set;
} options;

static const options defaults = {.layout = "matrix", .mode = "reference"};

static const plx_opt opts_table[] = {
    {"layout", 0, PLX_OPT_CHOICE, offsetof(options, layout), NULL, "matrix|circle",
     "A sorted adjacency matrix, or the cells around a circle."},
    {"format", 'O', PLX_OPT_CHOICE, offsetof(options, format), NULL, "svg|png",
     "Of the picture; when left out as the name of FILE ends, and svg on standard output."},
    {"pred", 0, PLX_OPT_TEXT, offsetof(options, pred), "FILE[:DATASET]", NULL, "Of metric:NAME: predicted labels."},
    {"truth", 0, PLX_OPT_TEXT, offsetof(options, truth), "FILE[:DATASET]", NULL, "Of metric:NAME: true labels."},
    {"raw", 0, PLX_OPT_TEXT, offsetof(options, raw), "FILE[:DATASET]", NULL, "Of metric:NAME: the image, beside them."},
    {"mode", 0, PLX_OPT_CHOICE, offsetof(options, mode), NULL, "reference|strict", "Of metric:NAME: as plexus score."},
    {"voxel-um", 0, PLX_OPT_TEXT, offsetof(options, voxel_um), "UM", NULL,
     "Of metric:NAME: width of a voxel, for the scale bar; of metric:fisbe 0.44 when left out, else unknown."},
    {"spatial", 0, PLX_OPT_INT, offsetof(options, spatial), "N", NULL,
     "Of metric:NAME: axes in space, as plexus score."},
    {"partly", 0, PLX_OPT_FLAG, offsetof(options, partly), NULL, NULL,
     "Of metric:NAME: only some objects are labelled."},
    {"set", 0, PLX_OPT_LIST, offsetof(options, set), "NAME=VALUE", NULL, "Of metric:NAME: a parameter."},
    {0},
};

/* SVG or PNG, as asked for or as the file is called. */
static bool is_png(const plx_cli *cli, const options *o, bool *png, plx_err *err)
{
    const char *path = cli->g.output_path;
    bool to_stdout = !path || strcmp(path, "-") == 0;
    *png = o->format ? strcmp(o->format, "png") == 0 : !to_stdout && plx_ends_with(path, ".png");
    if (!o->format && !to_stdout && !*png && !plx_ends_with(path, ".svg")) {
        plx_fail(err, PLX_E_ARG, "%s ends neither in .svg nor in .png", path);
        return plx_err_why(err, "-O svg or -O png says which it is to be");
    }
    if (*png && to_stdout && plx_tty_is_terminal(cli->out)) {
        plx_fail(err, PLX_E_ARG, "a terminal shows no PNG");
        return plx_err_why(err, "-o FILE.png names a file for it");
    }
    return true;
}

/* "chalfie1985, white1986". */
static bool citation_keys(plx_cli *cli, const plx_ref *ref, char *out, size_t cap, plx_err *err)
{
    plx_bibliography b = {0};
    out[0] = '\0';
    if (!plx_bibliography_make(&cli->ctx, cli->registry, &cli->store, ref, 1, &b, err)) {
        return false;
    }
    for (size_t i = 0, used = 0; i < b.n_entries && used < cap; i++) {
        int n = snprintf(out + used, cap - used, "%s%s", i ? ", " : "", b.entries[i].key);
        used += n > 0 ? (size_t)n : 0;
    }
    plx_bibliography_free(&b);
    return true;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const options *o = opts;
    plx_found_ref found;
    plx_record *record = NULL;
    plx_drawing picture = {0};
    char keys[256] = "";
    bool png;
    (void)n_args;
    (void)exit_code;
    plx_plot_layout layout = strcmp(o->layout, "circle") == 0 ? PLX_PLOT_CIRCLE : PLX_PLOT_MATRIX;
    if (strncmp(args[0], "metric:", 7) == 0) {
        const plx_plot_labels_opts labels = {.pred = o->pred,
                                             .truth = o->truth,
                                             .raw = o->raw,
                                             .mode = o->mode,
                                             .voxel_um = o->voxel_um,
                                             .spatial = o->spatial,
                                             .partly = o->partly,
                                             .set = &o->set};
        bool drawn = is_png(cli, o, &png, err) && plx_plot_labels(cli, args[0], &labels, &picture, err) &&
                     (png ? plx_drawing_png(&picture, cli->out, err) : plx_drawing_svg(&picture, cli->out, err));
        plx_drawing_free(&picture);
        return drawn;
    }
    bool ok = is_png(cli, o, &png, err) && plx_cli_find_ref(cli, args[0], &found, err) &&
              plx_cli_open_record(cli, &found, &record, err) &&
              (found.by_digest || citation_keys(cli, &found.ref, keys, sizeof keys, err)) &&
              plx_plot(record, found.text, keys, layout, cli->arena, &picture, err);
    ok = ok && (png ? plx_drawing_png(&picture, cli->out, err) : plx_drawing_svg(&picture, cli->out, err));
    plx_drawing_free(&picture);
    plx_record_close(record);
    return ok;
}

const plx_command plx_cmd_plot = {
    .name = "plot",
    .group = "catalog",
    .summary = "Draw a connectome, or label volumes that were scored, as SVG or PNG",
    .usage =
        "plot REF -o FILE.svg|FILE.png [--layout matrix|circle] | plot metric:NAME --pred FILE --truth FILE [--raw "
        "FILE] -o FILE.png",
    .examples = "plexus plot connectome/white1986-n2u -o n2u.svg\tthe matrix, cells sorted by type and class\n"
                "plexus plot connectome/white1986-n2u --layout circle -o n2u.png\tcells around a circle\n"
                "plexus plot metric:fisbe --pred a.hdf:volumes/labels --truth a.zarr:volumes/gt_instances --raw "
                "a.zarr:volumes/raw -o a.png\tfound, missed, split and merged neurons\n",
    .doc =
        "Every cell with an edge is drawn, in the order of type, class and name, beside the colour of its type. In the "
        "matrix rows send and columns receive; chemical synapses fill their square, gap junctions stand inside it. "
        "Stronger is darker; a negative response has a colour of its own. Numbers, unit and what to cite stand above. "
        "In SVG a pointer over a square says which "
        "edge it is. The same record gives the same bytes.\n"
        "\n"
        "Of a pair of label volumes the greatest projections along z stand side by side: the image, the truth, the "
        "prediction in the colour of what it is matched with at .5, and a map of voxels in a matched pair, missed "
        "ones, "
        "pieces of a truth that are in no pair (false splits) and truth inside another's prediction (false merges); "
        "where several kinds lie behind each other the last of these is shown. Objects carry the numbers they have in "
        "plexus score; the bar is a scale. The scores stand below.\n",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_TEXT,
    .opts = opts_table,
    .opts_size = sizeof(options),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 1,
    .args_doc = "ref",
    .run = run,
};
