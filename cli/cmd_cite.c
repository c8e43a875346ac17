/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus cite: BibTeX for data sets and all they were made with.
 */
#include "cli/cli.h"

#include "registry/cite.h"

enum { REFS_MAX = 256 };

static plx_value *dataset_json(plx_arena *a, const plx_cited *d)
{
    const plx_manifest *m = d->manifest;
    plx_value *row = plx_v_obj(a), *keys = plx_v_arr(a);
    bool ok = row && keys;
    for (size_t i = 0; ok && i < m->n_citations; i++) {
        ok = plx_v_push(a, keys, plx_v_str(a, m->citation_keys[i]));
    }
    ok = ok && plx_v_set(a, row, "ref", plx_v_str(a, d->ref)) && plx_v_set(a, row, "title", plx_v_str(a, m->title)) &&
         plx_v_set(a, row, "licence", plx_v_str(a, m->licence)) &&
         plx_v_set(a, row, "licence_note", m->licence_note ? plx_v_str(a, m->licence_note) : plx_v_null(a)) &&
         plx_v_set(a, row, "homepage", m->homepage ? plx_v_str(a, m->homepage) : plx_v_null(a)) &&
         plx_v_set(a, row, "used_by", d->used_by ? plx_v_str(a, d->used_by) : plx_v_null(a)) &&
         plx_v_set(a, row, "present", plx_v_bool(a, d->present)) && plx_v_set(a, row, "demo", plx_v_bool(a, m->demo)) &&
         plx_v_set(a, row, "keys", keys);
    return ok ? row : NULL;
}

static plx_value *to_json(plx_arena *a, const plx_bibliography *b)
{
    plx_value *root = plx_v_obj(a), *datasets = plx_v_arr(a), *entries = plx_v_arr(a);
    bool ok = root && datasets && entries;
    for (size_t i = 0; ok && i < b->n_datasets; i++) {
        ok = plx_v_push(a, datasets, dataset_json(a, &b->datasets[i]));
    }
    for (size_t i = 0; ok && i < b->n_entries; i++) {
        plx_value *entry = plx_v_obj(a);
        ok = entry && plx_v_set(a, entry, "key", plx_v_str(a, b->entries[i].key)) &&
             plx_v_set(a, entry, "bibtex", plx_v_str(a, b->entries[i].bibtex)) && plx_v_push(a, entries, entry);
    }
    ok = ok && plx_v_set(a, root, "datasets", datasets) && plx_v_set(a, root, "entries", entries);
    return ok ? root : NULL;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts;
    (void)exit_code;
    plx_ref *refs = plx_arena_zero(cli->arena, n_args, sizeof *refs);
    bool ok = refs ? true : plx_fail_nomem(err, n_args * sizeof *refs);
    for (size_t i = 0; ok && i < n_args; i++) {
        ok = plx_ref_parse(args[i], &refs[i], err);
    }
    plx_bibliography b = {0};
    ok = ok &&
         plx_bibliography_make(&cli->ctx, cli->registry, cli->has_store ? &cli->store : NULL, refs, n_args, &b, err);
    if (ok && plx_cli_wants_json(cli)) {
        ok = plx_cli_json(cli, to_json(cli->arena, &b), err);
    } else if (ok) {
        plx_bibliography_print(&b, cli->out);
    }
    plx_bibliography_free(&b);
    return ok;
}

const plx_command plx_cmd_cite = {
    .name = "cite",
    .group = "data",
    .summary = "BibTeX for data sets and for what they were made with",
    .usage = "cite REF...",
    .examples = "plexus cite connectome/white1986-n2u\tto paste into a .bib file\n"
                "plexus cite connectome/white1986-n2u connectome/emmons2015 -o data.bib\teach entry once\n"
                "plexus cite emmons2015 --json\twith licences, for a program\n",
    .doc =
        "Prints the entries of exactly these data sets and of those whose records they use, each key once. Licences "
        "stand "
        "above them as comments; none-stated is said, not hidden. For a stored data set the manifest it was made from "
        "counts, even when the program knows a newer one.\n",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_JSON | PLX_AS_JSONL,
    .min_args = 1,
    .max_args = REFS_MAX,
    .args_doc = "ref",
    .run = run,
};
