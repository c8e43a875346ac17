/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus export: a record as a folder that other programs open.
 */
#include "cli/find_ref.h"

#include "core/num.h"
#include "registry/export.h"

#include <stddef.h>

typedef struct options {
    const char *as, *dir;
} options;

static const options defaults = {.as = "csv"};

static const plx_opt opts_table[] = {
    {"format", 'O', PLX_OPT_CHOICE, offsetof(options, as), NULL, PLX_EXPORT_NAMES, "What to make; csv when left out."},
    {"output", 'o', PLX_OPT_TEXT, offsetof(options, dir), "DIR", NULL,
     "The folder to make. It appears whole or not at all, and never replaces anything."},
    {0},
};

/* The data set a record says it is of, so that one named by its digest is cited as well. */
static bool whose(const plx_found_ref *found, const plx_record *record, plx_ref *out, plx_err *err)
{
    if (!found->by_digest) {
        *out = found->ref;
        return true;
    }
    const plx_value *meta = plx_record_meta(record);
    const char *dataset = plx_v_get_text(meta, "dataset"), *version = plx_v_get_text(meta, "version");
    const char *mode = plx_v_get_text(meta, "mode");
    char text[PLX_REF_TEXT];
    snprintf(text, sizeof text, "%s@%s:%s", dataset ? dataset : "", version ? version : "", mode ? mode : "");
    return plx_ref_parse(text, out, err);
}

static bool report(plx_cli *cli, const char *ref, const char *as, const plx_exported *done, plx_err *err)
{
    if (plx_cli_wants_json(cli)) {
        plx_arena *a = cli->arena;
        plx_value *obj = plx_v_obj(a);
        bool ok = obj && plx_v_set(a, obj, "ref", plx_v_str(a, ref)) && plx_v_set(a, obj, "as", plx_v_str(a, as)) &&
                  plx_v_set(a, obj, "dir", plx_v_str(a, done->dir)) &&
                  plx_v_set(a, obj, "files", plx_v_u64(a, done->n_files)) &&
                  plx_v_set(a, obj, "bytes", plx_v_u64(a, done->bytes)) &&
                  plx_v_set(a, obj, "was_there", plx_v_bool(a, done->was_there));
        return ok ? plx_cli_json(cli, obj, err) : plx_fail_nomem(err, 0);
    }
    char size[PLX_NUM_TEXT];
    plx_print_bytes(done->bytes, size);
    fprintf(cli->out, "%s  %s as %s, %zu files, %s%s\n", done->dir, ref, as, done->n_files, size,
            done->was_there ? "; was there already" : "");
    return true;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const options *o = opts;
    plx_export_as as;
    plx_found_ref found;
    plx_record *record = NULL;
    plx_bibliography cited = {0};
    plx_exported done = {0};
    plx_ref ref;
    (void)n_args;
    (void)exit_code;
    if (!o->dir || !plx_export_parse(o->as, &as)) {
        plx_fail(err, PLX_E_ARG, "an export needs a folder to make");
        return plx_err_next(err, "plexus export %s -O %s -o DIR", args[0], o->as);
    }
    bool ok = plx_cli_find_ref(cli, args[0], &found, err) && plx_cli_open_record(cli, &found, &record, err) &&
              whose(&found, record, &ref, err) &&
              plx_bibliography_make(&cli->ctx, cli->registry, &cli->store, &ref, 1, &cited, err);
    if (ok && cli->g.dry_run) {
        fprintf(cli->out, "would make %s  %s as %s\n", o->dir, found.text, o->as);
    } else if (ok) {
        char text[PLX_REF_TEXT];
        plx_ref_print(&ref, text);
        ok =
            plx_export(&cli->ctx, record, text, &cited, as, o->dir, &done, err) && report(cli, text, o->as, &done, err);
    }
    plx_bibliography_free(&cited);
    plx_record_close(record);
    return ok;
}

const plx_command plx_cmd_export = {
    .name = "export",
    .group = "catalog",
    .summary = "Write a record as CSV, GraphML, NPZ, NPY or JSON, with licence and citation",
    .usage = "export REF [-O csv|graphml|npz|npy|json] -o DIR",
    .examples = "plexus export connectome/white1986-n2u -o n2u\tnodes.csv and edges.csv\n"
                "plexus export connectome/white1986-n2u -O graphml -o n2u\tfor networkx, igraph, Gephi, Cytoscape\n"
                "plexus export connectome/white1986-n2u -O npz -o n2u\ta scipy.sparse matrix for each kind of edge\n"
                "plexus export atlas/celegans-neurons -O json -o atlas\tone document\n",
    .doc =
        "Beside the data the folder holds LICENCE.txt, CITATION.bib, provenance.json, changes.csv (every change made "
        "at ingest) and a README.txt that says how to open it. The folder appears whole or not at all. One that is "
        "there with exactly the same files is left as it is; one that holds anything else is refused (exit code 9). "
        "The same record gives the same bytes.\n"
        "\n"
        "Unlike elsewhere, -O and -o say what is made; with --json the report on it is JSON. docs/export.md says "
        "what is in each file.\n",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(options),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 1,
    .args_doc = "ref",
    .run = run,
};
