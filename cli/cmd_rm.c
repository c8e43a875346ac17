/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus rm: forget data sets. Their objects stay until gc, so a get right after costs nothing.
 */
#include "cli/cli.h"

#include "registry/catalog.h"
#include "registry/refs.h"
#include "registry/refs_list.h"
#include "registry/runs.h"

#include <string.h>

typedef struct rm_opts {
    bool all;
} rm_opts;

static const plx_opt opts_table[] = {
    {"all", 0, PLX_OPT_FLAG, offsetof(rm_opts, all), NULL, NULL,
     "Every version and both modes of each data set, not only the one the reference stands for."},
    {0},
};

typedef struct picked {
    const plx_ref_file *files;
    size_t n_files;
    bool *wanted; /* shape: n_files */
    plx_digest *runs;
    size_t n_runs;
} picked;

static bool matches(const plx_ref *have, const plx_ref *ref, bool all)
{
    return strcmp(have->name, ref->name) == 0 && (!ref->family[0] || strcmp(have->family, ref->family) == 0) &&
           (!ref->version[0] || strcmp(have->version, ref->version) == 0) && (all || have->mode == ref->mode);
}

/* Known to the registry and not there is fine: what was asked for is so already. */
static bool not_stored(plx_cli *cli, const plx_ref *ref, plx_err *err)
{
    const plx_manifest *manifest;
    return plx_registry_find(cli->registry, ref->family, ref->name, &manifest, err) ||
           plx_err_kept(err, "nothing was removed");
}

/* Mark what one word stands for. */
static bool pick(plx_cli *cli, const char *text, bool all, picked *p, bool *any, plx_err *err)
{
    plx_ref ref;
    const plx_ref *first = NULL;
    *any = false;
    if (!plx_ref_parse(text, &ref, err)) {
        return false;
    }
    if (ref.kind == PLX_REF_RUN) {
        *any = true;
        return plx_runs_find(&cli->store, ref.name, &p->runs[p->n_runs++], err) ||
               plx_err_kept(err, "nothing was removed");
    }
    if (ref.kind != PLX_REF_DATASET || ref.unit[0]) {
        plx_fail(err, PLX_E_ARG, "%s is no data set as a whole", text);
        plx_err_why(err, "rm takes family/name, with @version and :mode where there are several, or run:HEX");
        return plx_err_kept(err, "nothing was removed");
    }
    for (size_t i = 0; i < p->n_files; i++) {
        const plx_ref *have = &p->files[i].ref;
        if (!matches(have, &ref, all)) {
            continue;
        }
        if (first && !all) {
            plx_fail(err, PLX_E_NOTFOUND, "%s stands for more than one data set", text);
            plx_err_why(err, "%s/%s@%s and %s/%s@%s are stored", first->family, first->name, first->version,
                        have->family, have->name, have->version);
            plx_err_kept(err, "nothing was removed");
            return plx_err_next(err, "plexus rm --all %s", text);
        }
        first = have;
        p->wanted[i] = true;
        *any = true;
    }
    return *any || not_stored(cli, &ref, err);
}

static bool remove_all(plx_cli *cli, const picked *p, plx_value *removed, plx_err *err)
{
    for (size_t i = 0; i < p->n_files; i++) {
        bool was_there = true;
        if (!p->wanted[i]) {
            continue;
        }
        if (!cli->g.dry_run && !plx_refs_remove(&cli->store, &p->files[i].ref, &was_there, err)) {
            return false;
        }
        if (was_there && !plx_v_push(cli->arena, removed, plx_v_str(cli->arena, p->files[i].key))) {
            return plx_fail_nomem(err, 0);
        }
    }
    for (size_t i = 0; i < p->n_runs; i++) {
        char hex[PLX_SHA256_HEX + 1];
        bool was_there = true;
        plx_digest_hex(&p->runs[i], hex);
        if (!cli->g.dry_run && !plx_runs_remove(&cli->store, &p->runs[i], &was_there, err)) {
            return false;
        }
        const char *name = plx_arena_printf(cli->arena, "run:%s", hex);
        if (was_there && (!name || !plx_v_push(cli->arena, removed, plx_v_str(cli->arena, name)))) {
            return plx_fail_nomem(err, sizeof hex);
        }
    }
    return cli->g.dry_run || plx_catalog_sync(&cli->ctx, &cli->store, err);
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)exit_code;
    const rm_opts *o = opts;
    plx_arena *a = cli->arena;
    picked p = {0};
    plx_ref_file *files;
    plx_value *removed = plx_v_arr(a), *absent = plx_v_arr(a);
    if (!plx_refs_list(&cli->store, a, &files, &p.n_files, err)) {
        return false;
    }
    p.files = files;
    p.wanted = plx_arena_zero(a, p.n_files + 1, sizeof *p.wanted);
    p.runs = plx_arena_zero(a, n_args, sizeof *p.runs);
    if (!removed || !absent || !p.wanted || !p.runs) {
        return plx_fail_nomem(err, p.n_files);
    }
    for (size_t i = 0; i < n_args; i++) { /* all words first: a slip in the last one removes nothing */
        bool any;
        if (!pick(cli, args[i], o->all, &p, &any, err)) {
            return false;
        }
        if (!any && !plx_v_push(a, absent, plx_v_str(a, args[i]))) {
            return plx_fail_nomem(err, 0);
        }
    }
    if (!remove_all(cli, &p, removed, err)) {
        return false;
    }
    if (plx_cli_wants_json(cli)) {
        plx_value *v = plx_v_obj(a);
        bool ok = v && plx_v_set(a, v, "dry_run", plx_v_bool(a, cli->g.dry_run)) &&
                  plx_v_set(a, v, "removed", removed) && plx_v_set(a, v, "not_stored", absent);
        return ok ? plx_cli_json(cli, v, err) : plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < removed->u.arr.n; i++) {
        fprintf(cli->out, "%s %s\n", cli->g.dry_run ? "would remove" : "removed", plx_v_text(removed->u.arr.items[i]));
    }
    for (size_t i = 0; i < absent->u.arr.n; i++) {
        fprintf(cli->out, "%s is not stored\n", plx_v_text(absent->u.arr.items[i]));
    }
    if (removed->u.arr.n && !cli->g.dry_run && !cli->g.quiet) {
        fprintf(stderr, "plexus gc gives back the space of what only they needed\n");
    }
    return true;
}

const plx_command plx_cmd_rm = {
    .name = "rm",
    .group = "store",
    .summary = "Forget data sets and runs; gc then frees their space",
    .usage = "rm REF... [--all] [-n]",
    .examples = "plexus rm connectome/white1986-n2u\tforget the strict one\n"
                "plexus rm connectome/white1986-n2u:compat\tforget the one with upstream's defects\n"
                "plexus rm --all connectome/white1986-n2u\tevery version and mode\n"
                "plexus rm connectome/white1986-n2u && plexus gc --grace 0\tforget it and free the space now\n"
                "plexus rm run:3f2a9c\ta run of a benchmark, result and all\n",
    .doc = "Removes the ref, one small file, and its rows in the catalog. Blobs and records stay until plexus gc, so "
           "getting "
           "it again before that costs nothing. Data sets that used this one keep the records they need. A data set "
           "that the registry knows and the store does not have is not an error. A run goes at once, whole.",
    .needs = PLX_NEEDS_STORE | PLX_NEEDS_WRITE | PLX_NEEDS_REGISTRY,
    .formats = PLX_AS_TEXT | PLX_AS_JSON,
    .opts = opts_table,
    .opts_size = sizeof(rm_opts),
    .min_args = 1,
    .max_args = 1024,
    .args_doc = "ref",
    .run = run,
};
