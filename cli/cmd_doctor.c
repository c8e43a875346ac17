/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* mkdtemp */
#include "cli/build_info.h"
#include "cli/cli.h"
#include "cli/probes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PROBES = 16 };

static void set(plx_probe *p, const char *name, plx_health health, const char *detail)
{
    p->name = name;
    p->health = health;
    snprintf(p->detail, sizeof p->detail, "%s", detail);
}

/* The folder itself, or the nearest one above it that exists. */
static void nearest_folder(const char *path, char out[PLX_PATH])
{
    snprintf(out, PLX_PATH, "%s", path);
    while (out[0] && !plx_fs_is_dir(out)) {
        char *slash = strrchr(out, '/');
        if (!slash) {
            out[0] = '\0';
        } else if (slash == out) {
            slash[1] = '\0';
            break;
        } else {
            *slash = '\0';
        }
    }
    if (!out[0]) {
        snprintf(out, PLX_PATH, ".");
    }
}

static void probe_store(plx_cli *cli, plx_probe *p)
{
    plx_err err;
    plx_err_clear(&err);
    if (!plx_fs_exists(cli->store_dir)) {
        set(p, "store", PLX_HEALTH_OK, "none yet; made when it is first needed at");
    } else if (plx_store_open(&cli->ctx, cli->store_dir, PLX_STORE_READ, 0, &cli->store, &err)) {
        cli->has_store = true;
        set(p, "store", cli->store.format_damaged ? PLX_HEALTH_FAIL : PLX_HEALTH_OK,
            cli->store.format_damaged ? "its FORMAT file is damaged (plexus repair mends it):" : "found at");
    } else {
        set(p, "store", err.code == PLX_E_NOTFOUND ? PLX_HEALTH_WARN : PLX_HEALTH_FAIL, err.what);
        return;
    }
    size_t used = strlen(p->detail);
    snprintf(p->detail + used, sizeof p->detail - used, " %.300s", cli->store_dir);
}

static void probe_registry(plx_cli *cli, plx_probe *p)
{
    const char *dirs = cli->g.registry_dirs ? cli->g.registry_dirs : getenv("PLEXUS_REGISTRY");
    plx_err err;
    plx_err_clear(&err);
    const plx_manifest *manifest;
    bool ok = plx_registry_open(&cli->ctx, dirs, &cli->registry, &err);
    size_t n = ok ? plx_registry_count(cli->registry) : 0;
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_registry_get(cli->registry, i, &manifest, &err);
    }
    set(p, "manifests", ok ? PLX_HEALTH_OK : PLX_HEALTH_FAIL, err.what);
    if (ok) {
        snprintf(p->detail, sizeof p->detail, "%zu data sets known, every manifest sound", n);
    } else if (err.n_notes) {
        size_t used = strlen(p->detail);
        snprintf(p->detail + used, sizeof p->detail - used, " (%s)", err.note[0]);
    }
}

/* A private folder in the store, where a sweep finds it should we die, or else in `dir`. */
static bool make_scratch(const plx_cli *cli, const char *dir, char out[PLX_PATH], plx_err *err)
{
    if (cli->has_store) {
        return plx_store_partial(&cli->store, out, err);
    }
    return plx_path_join(out, dir, ".plexus-doctor-XXXXXX", err) &&
           (mkdtemp(out) || plx_fail_sys(err, errno, "nothing can be written in %s", dir));
}

/* Probes that write. */
static size_t probe_writing(const plx_cli *cli, const char *dir, plx_probe *p)
{
    char scratch[PLX_PATH];
    plx_err err;
    plx_err_clear(&err);
    if (!make_scratch(cli, dir, scratch, &err)) {
        bool forbidden = err.sys == EROFS || err.sys == EACCES; /* a store to read from is fine */
        set(p, "writing", forbidden ? PLX_HEALTH_WARN : PLX_HEALTH_FAIL, err.what);
        return 1;
    }
    plx_probe_fsync(scratch, &p[0]);
    plx_probe_publish(scratch, &p[1]);
    plx_probe_lock(scratch, &p[2]);
    plx_probe_file_clock(scratch, &p[3]);
    if (plx_fs_remove_tree(scratch, &err)) {
        return 4;
    }
    set(&p[4], "removing", PLX_HEALTH_FAIL, err.what);
    return 5;
}

static size_t examine(plx_cli *cli, plx_probe *p)
{
    size_t n = 0;
    char dir[PLX_PATH];
    set(&p[n], "plexus", PLX_HEALTH_OK, plx_build.version);
    snprintf(p[n].detail, sizeof p[n].detail, "%s%s%s, %s, store format %d", plx_build.version,
             plx_build.commit[0] ? " commit " : "", plx_build.commit, plx_build.compiler, PLX_STORE_FORMAT);
    n++;
    plx_probe_system(&p[n++]);
    plx_probe_cpu(&p[n++]);
    plx_probe_clock(&p[n++]);
    plx_probe_open_files(&p[n++]);
    probe_registry(cli, &p[n++]);
    probe_store(cli, &p[n++]);
    nearest_folder(cli->store_dir, dir);
    plx_probe_file_system(dir, &p[n++]);
    plx_probe_free_space(dir, &p[n++]);
    return n + probe_writing(cli, dir, &p[n]);
}

static const char *const words[] = {"ok", "warn", "fail"};

static bool print_json(plx_cli *cli, const plx_probe *p, size_t n, plx_err *err)
{
    plx_arena *a = cli->arena;
    plx_value *list = plx_v_arr(a);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        plx_value *row = plx_v_obj(a);
        ok = row && plx_v_set(a, row, "probe", plx_v_str(a, p[i].name)) &&
             plx_v_set(a, row, "health", plx_v_str(a, words[p[i].health])) &&
             plx_v_set(a, row, "detail", plx_v_str(a, p[i].detail)) && plx_v_push(a, list, row);
    }
    return plx_cli_json(cli, ok ? list : NULL, err);
}

static bool print_grid(plx_cli *cli, const plx_probe *p, size_t n, plx_err *err)
{
    static const char *const headers[] = {"health", "probe", "detail"};
    plx_grid *grid = plx_grid_new(3, headers, NULL);
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_grid_row(grid, (const char *const[]){words[p[i].health], p[i].name, p[i].detail});
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    return ok;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts, (void)args, (void)n_args;
    if (!cli->store_dir[0] && !plx_store_default_dir(cli->g.store_dir, cli->store_dir, err)) {
        return false;
    }
    plx_probe probes[MAX_PROBES];
    size_t n = examine(cli, probes);
    for (size_t i = 0; i < n; i++) {
        *exit_code |= probes[i].health == PLX_HEALTH_FAIL;
    }
    cli->width = 0; /* a diagnosis is not cut to fit */
    return plx_cli_wants_json(cli) ? print_json(cli, probes, n, err) : print_grid(cli, probes, n, err);
}

const plx_command plx_cmd_doctor = {
    .name = "doctor",
    .group = "store",
    .summary = "Whether this machine and its disk are fit for a store",
    .usage = "doctor [--store DIR] [--json]",
    .examples = "plexus doctor\tthe default store's place\n"
                "plexus doctor --store /scratch/lab/store\ta shared folder, before a store is made there\n"
                "plexus doctor --json\tto go with a bug report\n",
    .doc = "Looks at versions, clock, limits, manifests, space, and at what the file system really does. Each line is "
           "ok, warn or fail. The exit code is 1 when one fails: then the promises of a store cannot be "
           "kept there. A "
           "warning is something odd that plexus copes with.\n"
           "\n"
           "The file system is tried, not believed: whether a file and a folder reach the disk (fsync), whether a "
           "rename can be "
           "told not to replace, whether a lock keeps a second process out. This is done in a private folder in the "
           "store, or in "
           "the nearest folder above where it would be, and nothing stays behind.\n",
    .formats = PLX_AS_JSON | PLX_AS_JSONL | PLX_AS_GRID,
    .args_doc = "",
    .run = run,
};
