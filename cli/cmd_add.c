/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus add: data of one's own through the same path as published data. Either a manifest, or files and what they are.
 */
#include "cli/cli.h"

#include "cli/add_files.h"
#include "ingest/get_files.h"
#include "registry/catalog.h"
#include "registry/refs.h"
#include "schemas/ref.h"

typedef struct add_opts {
    const char *as, *ingester, *title, *licence, *cite;
    plx_opt_list set, uses, from;
    bool print_manifest, unit_per_file;
} add_opts;

static const plx_opt opts_table[] = {
    {"as", 0, PLX_OPT_TEXT, offsetof(add_opts, as), "REF", NULL,
     "What to call it: family/name[@version][:mode]. Needed unless a manifest is given."},
    {"ingester", 0, PLX_OPT_TEXT, offsetof(add_opts, ingester), "NAME", NULL,
     "Who reads the files, such as edge_table (plexus help formats lists them with their options), or none to keep "
     "them as they are; left out, the files are looked at."},
    {"set", 0, PLX_OPT_LIST, offsetof(add_opts, set), "KEY=VALUE", NULL,
     "Option of the ingester, such as weight_column=n; may be given again."},
    {"uses", 0, PLX_OPT_LIST, offsetof(add_opts, uses), "REF", NULL, "Data set whose records the ingester needs too."},
    {"title", 0, PLX_OPT_TEXT, offsetof(add_opts, title), "TEXT", NULL, "One line that says what it is."},
    {"licence", 0, PLX_OPT_TEXT, offsetof(add_opts, licence), "SPDX", NULL, "Licence; none-stated when left out."},
    {"cite", 0, PLX_OPT_TEXT, offsetof(add_opts, cite), "FILE", NULL, "BibTeX entry of the source."},
    {"unit-per-file", 0, PLX_OPT_FLAG, offsetof(add_opts, unit_per_file), NULL, NULL,
     "Each file is a record of its own, named after it: REF#NAME."},
    {"from", 0, PLX_OPT_LIST, offsetof(add_opts, from), "DIR", NULL, "For a manifest: folders to find its files in."},
    {"print-manifest", 0, PLX_OPT_FLAG, offsetof(add_opts, print_manifest), NULL, NULL,
     "Print the manifest that would be added, to edit and keep, and stop; so does -n."},
    {0},
};

static bool manifest_of_yaml(plx_cli *cli, const char *path, const plx_manifest **out, plx_err *err)
{
    plx_buf text;
    if (!plx_buf_read_file(path, 1 << 20, &text, err)) {
        return false;
    }
    char *copy = plx_arena_strndup(cli->arena, (const char *)text.ptr, text.len);
    size_t len = text.len;
    plx_buf_free(&text);
    return copy ? plx_manifest_parse(&cli->ctx, cli->arena, path, copy, len, out, err) : plx_fail_nomem(err, len);
}

static bool run(plx_cli *cli, const void *opts_void, const char *const *args, size_t n_args, int *exit_code,
                plx_err *err)
{
    const add_opts *opts = opts_void;
    const plx_manifest *manifest;
    plx_ref ref = {0};
    (void)exit_code;
    if (opts->as && !plx_ref_parse(opts->as, &ref, err)) {
        return false;
    }
    if (opts->as && (ref.kind != PLX_REF_DATASET || !ref.family[0] || ref.unit[0])) {
        plx_fail(err, PLX_E_ARG, "%s does not name a data set", opts->as);
        return plx_err_why(err, "expected family/name[@version][:mode]");
    }
    bool yaml = n_args == 1 && (plx_ends_with(args[0], ".yaml") || plx_ends_with(args[0], ".yml"));
    if (!yaml && !opts->as) {
        plx_fail(err, PLX_E_ARG, "what should the data set be called?");
        return plx_err_next(err, "plexus add %s --as FAMILY/NAME", args[0]);
    }
    plx_add_wish wish = {.family = ref.family,
                         .name = ref.name,
                         .version = ref.version[0] ? ref.version : "1",
                         .ingester = opts->ingester,
                         .title = opts->title,
                         .licence = opts->licence,
                         .cite = opts->cite,
                         .set = &opts->set,
                         .uses = &opts->uses,
                         .unit_per_file = opts->unit_per_file,
                         .draft = opts->print_manifest || cli->g.dry_run};
    if (yaml ? !manifest_of_yaml(cli, args[0], &manifest, err)
             : !plx_add_manifest(cli, &wish, args, n_args, &manifest, err)) {
        return false;
    }
    if (opts->print_manifest || cli->g.dry_run) {
        fwrite(manifest->text.ptr, 1, manifest->text.len, cli->out);
        return true;
    }
    /* A name of the registry means published bytes to whoever reads it later; it is not given to other data. */
    const plx_manifest *known;
    if (plx_registry_find(cli->registry, manifest->family, manifest->name, &known, NULL) &&
        !plx_slice_eq(known->text, manifest->text)) {
        plx_fail(err, PLX_E_POLICY, "%s/%s is a published data set", manifest->family, manifest->name);
        plx_err_kept(err, "nothing was changed");
        return plx_err_next(err, "plexus add %s --as local/%s", args[0], manifest->name);
    }
    plx_ref as = {.kind = PLX_REF_DATASET, .mode = ref.mode, .has_mode = true};
    snprintf(as.family, sizeof as.family, "%s", manifest->family);
    snprintf(as.name, sizeof as.name, "%s", manifest->name);
    snprintf(as.version, sizeof as.version, "%s", manifest->version);
    const plx_value *before = NULL; /* a damaged one is replaced like any other */
    bool replaces = plx_refs_read(&cli->ctx, &cli->store, &as, cli->arena, &before, NULL) && before;
    plx_got got;
    plx_get_opts get = {.fetch = {.from_dirs = opts->from.items, .n_from_dirs = opts->from.n}, .take_back = true};
    if (!(manifest->ingester ? plx_get(&cli->ctx, &cli->store, cli->registry, manifest, ref.mode, &get, &got, err)
                             : plx_get_files(&cli->ctx, &cli->store, manifest, &get, &got, err)) ||
        !plx_catalog_sync(&cli->ctx, &cli->store, err)) {
        return false;
    }
    if (!manifest->ingester) {
        fprintf(cli->out, "%s/%s@%s: %s, %zu %s kept, none read\n", manifest->family, manifest->name, manifest->version,
                got.was_there ? "already there"
                : replaces    ? "replaced"
                              : "added",
                got.n_files, got.n_files == 1 ? "file" : "files");
        return true;
    }
    fprintf(cli->out, "%s/%s@%s: %s, %zu %s, %zu %s recorded\n", manifest->family, manifest->name, manifest->version,
            got.was_there ? "already there"
            : replaces    ? "replaced"
                          : "added",
            got.n_units, got.n_units == 1 ? "record" : "records", got.n_changes,
            got.n_changes == 1 ? "change" : "changes");
    if (replaces && !got.was_there && !cli->g.quiet) {
        fprintf(stderr, "what had that name before stays in the store until plexus gc; to keep both, add one as @2\n");
    }
    return true;
}

const plx_command plx_cmd_add = {
    .name = "add",
    .group = "data",
    .summary = "Ingest local files of your own",
    .usage = "add FILE|DIR... --as REF [--ingester NAME] [--set KEY=VALUE]... [-n] | add MANIFEST.yaml [--from DIR]",
    .examples =
        "plexus add edges.csv --as lab/worm7 --ingester edge_table --set weight_unit=synapses\tone table of "
        "connections, with the columns pre, post, type and synapses\n"
        "plexus add e.csv --as lab/worm7 --ingester edge_table --set weight_unit=synapses --set weight_column=n "
        "--uses atlas/celegans-neurons\twith a weight column of another name, and the names of cells made "
        "canonical\n"
        "plexus add edges.csv --as lab/worm7 --set weight_unit=synapses -n\tfind out who reads it, and see the "
        "manifest "
        "first\n"
        "plexus add worms/ --as lab/worms --set weight_unit=synapses --unit-per-file\ta folder of tables, one record "
        "each\n"
        "plexus add scans/ --as lab/scans --ingester none\tfiles that nothing reads yet, kept and verified\n"
        "plexus add worm7.yaml --from ~/data\ta manifest you wrote or edited\n",
    .doc =
        "Local files take the same path as published ones: hashed, stored unchanged, read by an ingester, validated, "
        "published whole. Their addresses are kept as file: addresses and their licence as none-stated unless you say "
        "otherwise. A folder stands for all files below it but hidden ones. A name that the registry knows is refused "
        "for other data; a name given before, in the same "
        "version, "
        "then stands for the new files.",
    .needs = PLX_NEEDS_REGISTRY | PLX_NEEDS_WRITE,
    .formats = PLX_AS_TEXT,
    .opts = opts_table,
    .opts_size = sizeof(add_opts),
    .min_args = 1,
    .max_args = 256,
    .args_doc = "file",
    .run = run,
};
