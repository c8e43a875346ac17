/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus demo: every family's micro-set through the real readers into a store of its own, and a page to look at.
 * Offline.
 */
#include "cli/cli.h"

#include "cli/bench_args.h"
#include "cli/demo_page.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "ingest/ingest.h"
#include "registry/verify.h"

#include <errno.h>
#include <stdlib.h>

enum { DEMO_SEEDS = 3 };

typedef struct demo {
    plx_cli *cli;
    const plx_ctx *ctx;
    plx_store store;
    char dir[PLX_PATH], page[PLX_PATH];
} demo;

static bool ingest_all(demo *d, plx_err *err)
{
    plx_registry *registry = d->cli->registry;
    for (size_t i = 0; i < plx_registry_count(registry); i++) {
        const plx_manifest *manifest;
        plx_got got;
        plx_get_opts opts = {.force = false};
        if (!plx_starts_with(plx_registry_name(registry, i), "demo/")) {
            continue;
        }
        if (!plx_registry_get(registry, i, &manifest, err) ||
            !plx_get(d->ctx, &d->store, registry, manifest, PLX_STRICT, &opts, &got, err)) {
            return plx_note(err, "%s", plx_registry_name(registry, i));
        }
        fprintf(d->cli->out, "  %-24s %s, %zu %s recorded\n", plx_registry_name(registry, i),
                got.was_there ? "already there" : "ingested", got.n_changes, got.n_changes == 1 ? "change" : "changes");
    }
    return plx_catalog_sync(d->ctx, &d->store, err);
}

/* Every model that can, on the tasks that have built-in data. What a micro-set is too small for is left out. */
static bool run_task(demo *d, const plx_task *task, const plx_tool *tool, plx_err *err)
{
    plx_bench_opts opts = {.units = &task->demo_unit, .n_units = 1, .n_seeds = DEMO_SEEDS};
    plx_bench *bench;
    size_t n = 0;
    if (!plx_bench_open(d->ctx, &d->store, task, &opts, &bench, err)) {
        return plx_note(err, "task %s", task->name);
    }
    bool ok = true;
    for (const plx_model *const *m = plx_models; ok && *m; m++) {
        plx_params params;
        plx_run_subject subject = {.model = *m, .params = &params};
        plx_run_report report;
        plx_err why;
        plx_err_clear(&why);
        if (!plx_bench_accepts(task, *m, NULL)) {
            continue;
        }
        ok = plx_params_init((*m)->params, (*m)->name, &params, &why) &&
             plx_bench_run(bench, &subject, PLX_METRIC_REFERENCE, tool, d->cli->arena, &report, &why);
        n += ok;
        if (!ok && why.code == PLX_E_UNSUPPORTED) {
            ok = true;
        } else if (!ok && err) {
            *err = why;
        }
    }
    if (ok) {
        fprintf(d->cli->out, "  %-24s %zu models, %zu cells each\n", task->name, n, bench->n_cells);
    }
    plx_bench_close(bench);
    return ok;
}

static bool run_boards(demo *d, plx_err *err)
{
    plx_tool tool;
    fputs("Models on what the micro-sets allow, to show how:\n", d->cli->out);
    if (!plx_cli_tool(d->cli, &tool, err)) {
        return false;
    }
    for (const plx_task *const *t = plx_tasks; *t; t++) {
        if ((*t)->demo_unit && !run_task(d, *t, &tool, err)) {
            return false;
        }
    }
    return plx_catalog_sync(d->ctx, &d->store, err);
}

static bool write_page(demo *d, plx_err *err)
{
    plx_catalog *catalog;
    char *text = NULL;
    size_t len = 0;
    if (!plx_catalog_open(d->ctx, &d->store, &catalog, err)) {
        return false;
    }
    FILE *to = open_memstream(&text, &len);
    bool ok =
        to ? plx_demo_page(d->ctx, &d->store, catalog, to, err) : plx_fail_sys(err, errno, "no memory for the page");
    if (to && fclose(to) != 0 && ok) {
        ok = plx_fail_sys(err, errno, "no memory for the page");
    }
    ok = ok && plx_fs_replace(d->page, text, len, err);
    free(text); /* of open_memstream, not of plx_alloc */
    plx_catalog_close(catalog);
    return ok;
}

static bool count_finding(void *payload, const plx_finding *finding)
{
    (void)payload;
    (void)finding;
    return true;
}

static bool fill(demo *d, int *exit_code, plx_err *err)
{
    plx_verify_stats stats;
    if (!ingest_all(d, err) || !run_boards(d, err) ||
        !plx_verify(d->ctx, &d->store, NULL, false, count_finding, NULL, &stats, err) || !write_page(d, err)) {
        return false;
    }
    fprintf(d->cli->out, "  verified: %llu blobs, %llu records, every catalog row derived again; %llu findings\n",
            (unsigned long long)stats.blobs, (unsigned long long)stats.records, (unsigned long long)stats.findings);
    if (stats.findings > 0) {
        *exit_code = plx_code_exit(PLX_E_DIGEST);
    }
    fprintf(d->cli->out,
            "\nLook at %s\nThen try, with --store %s:\n  plexus ls --store %s\n  plexus show demo/micro-connectome "
            "--store %s\n"
            "  plexus sql \"SELECT pre, post, weight FROM synapse ORDER BY weight DESC LIMIT 5\" --store %s\n"
            "  plexus board --store %s\n",
            d->page, d->store.root, d->store.root, d->store.root, d->store.root, d->store.root);
    return true;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    demo d = {.cli = cli, .ctx = &cli->ctx};
    char store_dir[PLX_PATH];
    bool existed;
    (void)opts;
    if (!plx_path_join(d.dir, n_args > 0 ? args[0] : "plexus-demo", "", err) ||
        !plx_path_join(store_dir, d.dir, "store", err) || !plx_path_join(d.page, d.dir, "index.html", err) ||
        !plx_fs_mkdirs(d.dir, err) || !plx_store_init(d.ctx, store_dir, &existed, err) ||
        !plx_store_open(d.ctx, store_dir, PLX_STORE_WRITE, 0, &d.store, err)) {
        return false;
    }
    fprintf(cli->out, "Micro-sets built into the program, through the real readers, into %s:\n", store_dir);
    bool ok = fill(&d, exit_code, err);
    plx_store_close(&d.store);
    return ok;
}

const plx_command plx_cmd_demo = {
    .name = "demo",
    .group = "other",
    .summary = "See everything work, offline, on micro-sets built into the program",
    .usage = "demo [DIR]",
    .examples = "plexus demo\tmake plexus-demo/ with a store and a page\n"
                "plexus demo tour\tthe same in tour/\n",
    .doc =
        "Ingests a micro-set of every family through the readers that real data take, verifies the store and writes a "
        "self-contained page; models are run on the tasks that have a micro-set, and their boards are on the page. The "
        "sets are transcribed from the papers they cite, or synthetic, and labelled so. "
        "Running it again changes nothing.",
    .needs = PLX_NEEDS_REGISTRY,
    .formats = PLX_AS_TEXT,
    .min_args = 0,
    .max_args = 1,
    .args_doc = "dir",
    .run = run,
};
