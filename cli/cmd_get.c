/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus get: fetch, verify and ingest data sets, in parallel, with one line for each.
 */
#include "cli/get_plan.h"

#include "core/num.h"
#include "core/pool.h"
#include "core/progress.h"
#include "ingest/get_files.h"
#include "registry/catalog.h"
#include "registry/record.h"
#include "registry/refs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOREVER_S = 1 << 20, FILES_AT_ONCE = 8 };

typedef struct get_opts {
    plx_opt_list from, mirrors;
    bool force, all, files_only, allow_http;
    int64_t tries;
    double stall_s, max_time_s;
} get_opts;

static const get_opts defaults = {.tries = 5, .stall_s = 30, .max_time_s = -1};

static const plx_opt opts_table[] = {
    {"from", 0, PLX_OPT_LIST, offsetof(get_opts, from), "DIR", NULL,
     "Look for files in this folder and below before asking the network; found by size and sha256, whatever their "
     "names."},
    {"mirror", 0, PLX_OPT_LIST, offsetof(get_opts, mirrors), "URL", NULL,
     "Ask this address before those of the manifest: a store served as files, or a folder with family/name/file; also "
     "$PLEXUS_MIRRORS, separated by blanks."},
    {"allow-http", 0, PLX_OPT_FLAG, offsetof(get_opts, allow_http), NULL, NULL,
     "Ask addresses without TLS on other machines than this one."},
    {"tries", 0, PLX_OPT_INT, offsetof(get_opts, tries), "N", NULL,
     "How often an address is asked in a row without a MiB of progress (default 5)."},
    {"stall", 0, PLX_OPT_SECONDS, offsetof(get_opts, stall_s), "TIME", NULL,
     "A connection that gives less than 1 KiB/s for so long is broken (default 30s)."},
    {"max-time", 0, PLX_OPT_SECONDS, offsetof(get_opts, max_time_s), "TIME", NULL,
     "Time for one file, tries and pauses included (default: forever)."},
    {"all", 0, PLX_OPT_FLAG, offsetof(get_opts, all), NULL, NULL, "Every data set of the registry but the demo sets."},
    {"files-only", 0, PLX_OPT_FLAG, offsetof(get_opts, files_only), NULL, NULL,
     "Fetch and verify the files of data sets that nothing reads yet, and keep them in the store."},
    {"force", 0, PLX_OPT_FLAG, offsetof(get_opts, force), NULL, NULL,
     "Ingest again even if the store holds the result of the very same inputs."},
    {0},
};

typedef struct work {
    plx_cli *cli;
    plx_get_opts opts;
    bool files_only;
    plx_get_plan plan;
    size_t first, n_level; /* the level being worked on: its first item, and how many there are */
    size_t n_failed, n_done;
    plx_value *list; /* JSON */
} work;

static bool get_one(void *payload, size_t i, plx_err *err)
{
    work *w = payload;
    plx_get_item *item = &w->plan.items[w->first + i];
    if (item->skip) {
        return true;
    }
    plx_get_opts opts = w->opts;
    opts.units = item->units;
    opts.n_units = item->n_units;
    plx_ctx ctx = w->cli->ctx; /* -j is for all of them together */
    unsigned at_once = w->n_level < ctx.jobs ? (unsigned)w->n_level : ctx.jobs;
    opts.fetch.jobs = opts.fetch.jobs / at_once ? opts.fetch.jobs / at_once : 1;
    ctx.jobs = ctx.jobs / at_once;
    plx_progress_note(&ctx, item->ref);
    if (w->files_only) {
        return plx_get_files(&ctx, &w->cli->store, item->manifest, &opts, &item->got, err);
    }
    return plx_get(&ctx, &w->cli->store, w->cli->registry, item->manifest, item->mode, &opts, &item->got, err);
}

static bool read_meta(work *w, const plx_get_item *item, plx_record **out, plx_err *err)
{
    const plx_manifest *m = item->manifest;
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = item->mode};
    const plx_value *content = NULL;
    plx_digest digest;
    snprintf(ref.family, sizeof ref.family, "%s", m->family);
    snprintf(ref.name, sizeof ref.name, "%s", m->name);
    snprintf(ref.version, sizeof ref.version, "%s", m->version);
    if (!plx_refs_read(&w->cli->ctx, &w->cli->store, &ref, w->cli->arena, &content, err)) {
        return false;
    }
    const plx_value *units = plx_v_get(content, "units");
    if (!units || units->kind != PLX_V_ARR || units->u.arr.n == 0) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s was removed while it was being got", item->ref);
    }
    const char *hex = plx_v_get_text(units->u.arr.items[0], "record");
    if (!hex || !plx_digest_parse(hex, strlen(hex), &digest)) {
        return plx_fail(err, PLX_E_SCHEMA, "the ref of %s names no proper digest", item->ref);
    }
    return plx_record_open(&w->cli->ctx, &w->cli->store, &digest, out, err);
}

static uint64_t n_changes(const plx_value *meta)
{
    const plx_value *by_rule = plx_v_get(meta, "n_changes");
    uint64_t sum = 0;
    for (size_t i = 0; by_rule && i < by_rule->u.obj.n; i++) {
        int64_t n = 0;
        sum += plx_v_as_i64(by_rule->u.obj.members[i].value, &n) ? (uint64_t)n : 0;
    }
    return sum;
}

/* The first two counts of the kind say what came in: "180 nodes, 1848 edges". */
static void print_counts(FILE *to, const plx_value *meta, const plx_kind *kind)
{
    const plx_value *counts = plx_v_get(meta, "counts");
    for (size_t i = 0; kind && i < 2 && kind->count_specs && kind->count_specs[i].name; i++) {
        double value = 0;
        if (plx_v_as_f64(plx_v_get(counts, kind->count_specs[i].name), &value)) {
            fprintf(to, "%s%.15g %s", i ? ", " : "", value, kind->count_specs[i].name);
        }
    }
}

static const char *outcome(const work *w, const plx_get_item *item)
{
    return item->skip            ? "skipped"
           : !item->ok           ? "failed"
           : item->got.was_there ? "present"
           : w->files_only       ? "fetched"
                                 : "ingested";
}

static void print_line(work *w, const plx_get_item *item, const plx_value *meta, const plx_kind *kind)
{
    FILE *to = w->cli->out;
    if (item->skip) {
        fprintf(to, "%-44s skipped   %s\n", item->ref, item->skip);
        return;
    }
    fprintf(to, "%-44s %-9s ", item->ref, outcome(w, item));
    if (w->files_only) {
        fprintf(to, "%zu %s kept, none read", item->got.n_files, item->got.n_files == 1 ? "file" : "files");
    } else {
        print_counts(to, meta, kind);
        uint64_t changes = n_changes(meta);
        fprintf(to, ", %llu %s", (unsigned long long)changes, changes == 1 ? "change" : "changes");
    }
    if (item->got.n_units > 1) {
        fprintf(to, " in the first of %zu records", item->got.n_units);
    }
    for (size_t i = 0; i < item->n_units; i++) {
        fprintf(to, "%s%s", i ? ", " : "; asked for ", item->units[i]);
    }
    if (item->got.n_fetched) {
        char size[PLX_NUM_TEXT];
        plx_print_bytes(item->got.fetched_bytes, size);
        fprintf(to, "; %zu %s fetched (%s)", item->got.n_fetched, item->got.n_fetched == 1 ? "file" : "files", size);
    }
    fprintf(to, "%s\n", item->asked ? "" : "; others use it");
}

static plx_value *error_value(plx_arena *a, const plx_err *e)
{
    plx_value *obj = plx_v_obj(a);
    plx_value *where = plx_v_arr(a);
    bool ok = obj && where;
    for (int i = 0; ok && i < e->n_notes; i++) {
        ok = plx_v_push(a, where, plx_v_str(a, e->note[i]));
    }
    ok = ok && plx_v_set(a, obj, "code", plx_v_str(a, plx_code_name(e->code))) &&
         plx_v_set(a, obj, "what", plx_v_str(a, e->what)) && plx_v_set(a, obj, "where", where) &&
         plx_v_set(a, obj, "why", plx_v_str(a, e->why)) && plx_v_set(a, obj, "kept", plx_v_str(a, e->kept)) &&
         plx_v_set(a, obj, "next", plx_v_str(a, e->next));
    return ok ? obj : NULL;
}

/* Counts are copied: the record is closed before the list is printed. */
static bool add_json(work *w, const plx_get_item *item, const plx_value *meta, plx_err *err)
{
    plx_arena *a = w->cli->arena;
    plx_value *obj = plx_v_obj(a);
    const plx_value *counts = meta ? plx_v_get(meta, "counts") : NULL;
    plx_value *copy = plx_v_obj(a);
    bool ok = obj && copy;
    for (size_t i = 0; ok && counts && i < counts->u.obj.n; i++) {
        double value = 0;
        int64_t whole = 0;
        const plx_member *m = &counts->u.obj.members[i];
        bool is_whole = plx_v_as_i64(m->value, &whole);
        plx_v_as_f64(m->value, &value);
        ok = plx_v_set(a, copy, m->key.ptr, is_whole ? plx_v_i64(a, whole) : plx_v_f64(a, value));
    }
    ok = ok && plx_v_set(a, obj, "ref", plx_v_str(a, item->ref)) &&
         plx_v_set(a, obj, "outcome", plx_v_str(a, outcome(w, item))) &&
         plx_v_set(a, obj, "asked", plx_v_bool(a, item->asked)) &&
         plx_v_set(a, obj, "files_fetched", plx_v_u64(a, item->got.n_fetched)) &&
         plx_v_set(a, obj, "bytes_fetched", plx_v_u64(a, item->got.fetched_bytes)) &&
         plx_v_set(a, obj, "records", plx_v_u64(a, item->got.n_units)) &&
         plx_v_set(a, obj, "changes", meta ? plx_v_u64(a, n_changes(meta)) : plx_v_null(a)) &&
         plx_v_set(a, obj, "counts", meta ? copy : plx_v_null(a));
    if (!item->ok && !item->skip) {
        ok = ok && plx_v_set(a, obj, "error", error_value(a, &item->err));
    }
    return (ok && plx_v_push(a, w->list, obj)) || plx_fail_nomem(err, 0);
}

static bool one_done(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    work *w = payload;
    plx_get_item *item = &w->plan.items[w->first + i];
    item->ok = ok;
    w->n_done += ok && !item->skip;
    plx_progress_step(&w->cli->ctx, 1);
    if (!ok) {
        item->err = *err_i;
        w->n_failed++;
        if (err_i->code == PLX_E_CANCELLED) {
            *err = *err_i;
            return false;
        }
        /* What others need fails once more in each of them; that is told once for each that was asked for. */
        if (!plx_cli_wants_json(w->cli) && w->plan.n_asked > 1 && item->asked) {
            plx_render_err(stderr, err_i, w->cli->color);
        }
        return !plx_cli_wants_json(w->cli) || add_json(w, item, NULL, err);
    }
    plx_record *record = NULL;
    const plx_value *meta = NULL;
    if (!item->skip && !w->files_only && !read_meta(w, item, &record, err)) {
        return false;
    }
    meta = record ? plx_record_meta(record) : NULL;
    bool told = true;
    if (plx_cli_wants_json(w->cli)) {
        told = add_json(w, item, meta, err);
    } else {
        print_line(w, item, meta, record ? plx_kind_find(plx_record_kind(record)) : NULL);
    }
    plx_record_close(record);
    return told;
}

static bool get_levels(work *w, plx_err *err)
{
    const plx_ctx *ctx = &w->cli->ctx;
    plx_progress_begin(ctx, "getting", w->plan.n, "data sets");
    bool ok = true;
    for (unsigned level = 0; ok && level < w->plan.n_levels; level++) {
        size_t n = 0;
        while (w->first + n < w->plan.n && w->plan.items[w->first + n].level == level) {
            n++;
        }
        w->n_level = n;
        ok = plx_pool_map(ctx, n, get_one, one_done, w, err);
        w->first += n;
    }
    plx_progress_end(ctx);
    return ok;
}

static bool get_all(work *w, int *exit_code, plx_err *err)
{
    bool ok = get_levels(w, err);
    plx_err sync_err;
    plx_err_clear(&sync_err);
    if (w->n_done && !plx_catalog_sync(&w->cli->ctx, &w->cli->store, &sync_err) && ok) {
        *err = sync_err;
        return false;
    }
    if (!ok) {
        return false;
    }
    const plx_get_item *failed = NULL;
    for (size_t i = 0; i < w->plan.n; i++) {
        const plx_get_item *item = &w->plan.items[i];
        failed = !item->ok && !item->skip && (!failed || item->asked) ? item : failed;
    }
    if (plx_cli_wants_json(w->cli) && !plx_cli_json(w->cli, w->list, err)) {
        return false;
    }
    if (!failed) {
        return true;
    }
    if (w->plan.n_asked == 1) {
        *exit_code = plx_code_exit(failed->err.code);
        if (plx_cli_wants_json(w->cli)) {
            return true;
        }
        *err = failed->err;
        return false;
    }
    fprintf(stderr, "plexus: %zu of %zu data sets failed:", w->n_failed, w->plan.n);
    for (size_t i = 0; i < w->plan.n; i++) {
        if (!w->plan.items[i].ok) {
            fprintf(stderr, " %s", w->plan.items[i].ref);
        }
    }
    fprintf(stderr, "\n");
    *exit_code = plx_code_exit(PLX_E_NEGATIVE);
    return true;
}

/* --mirror, then $PLEXUS_MIRRORS. */
static bool find_mirrors(plx_cli *cli, const get_opts *opts, plx_fetch_opts *fetch, plx_err *err)
{
    const char *more = getenv("PLEXUS_MIRRORS");
    const char **all = plx_arena_zero(cli->arena, 2 * PLX_OPT_LIST_MAX, sizeof *all);
    char *text = all ? plx_arena_strdup(cli->arena, more ? more : "") : NULL;
    if (!text) {
        return plx_fail_nomem(err, 0);
    }
    size_t n = opts->mirrors.n;
    memcpy(all, opts->mirrors.items, n * sizeof *all);
    while (text += strspn(text, " \t\n"), *text && n < 2 * PLX_OPT_LIST_MAX) {
        size_t len = strcspn(text, " \t\n");
        bool last = text[len] == '\0';
        text[len] = '\0';
        all[n++] = text;
        text += len + (last ? 0 : 1);
    }
    for (size_t i = 0; i < n; i++) {
        const plx_transport *transport = plx_transport_find(all[i]);
        if (!transport || !strstr(all[i], "://")) {
            plx_fail(err, PLX_E_ARG, "the mirror %s is no address", all[i]);
            return plx_err_why(err, "a mirror starts with https://, or with http:// or file:/// for one that is near");
        }
    }
    fetch->mirrors = all;
    fetch->n_mirrors = n;
    return true;
}

static bool run(plx_cli *cli, const void *opts_ptr, const char *const *args, size_t n_args, int *exit_code,
                plx_err *err)
{
    const get_opts *opts = opts_ptr;
    work w = {.cli = cli, .files_only = opts->files_only, .list = plx_v_arr(cli->arena)};
    w.opts =
        (plx_get_opts){.fetch = {.from_dirs = opts->from.items, .n_from_dirs = opts->from.n}, .force = opts->force};
    if (!w.list) {
        return plx_fail_nomem(err, 0);
    }
    if (opts->tries < 1 || opts->tries > 1000) {
        return plx_fail(err, PLX_E_ARG, "--tries is a number from 1 to 1000");
    }
    w.opts.fetch.jobs = cli->g.jobs ? cli->ctx.jobs : FILES_AT_ONCE;
    if (!find_mirrors(cli, opts, &w.opts.fetch, err)) {
        return false;
    }
    if (!plx_get_plan_make(cli, args, n_args, opts->all, opts->files_only, &w.plan, err)) {
        return false;
    }
    if (!cli->g.dry_run && cli->out_format != PLX_OUT_TEXT && !plx_cli_wants_json(cli)) {
        plx_get_plan_free(&w.plan);
        plx_fail(err, PLX_E_ARG, "get tells what it does as text, json or jsonl");
        return plx_err_why(err, "only its dry run is a table");
    }
    plx_net_opts patience = {.allow_http = opts->allow_http, .tries = (unsigned)opts->tries};
    patience.stall_s = opts->stall_s < 0 ? FOREVER_S : opts->stall_s;
    patience.total_s = opts->max_time_s < 0 ? 0 : opts->max_time_s;
    w.opts.fetch.net = plx_net_new(&patience);
    bool ok = w.opts.fetch.net != NULL || plx_fail_nomem(err, 0);
    ok = ok && (cli->g.dry_run ? plx_get_preview(cli, &w.plan, &w.opts.fetch, err) : get_all(&w, exit_code, err));
    plx_net_free(w.opts.fetch.net);
    plx_get_plan_free(&w.plan);
    return ok;
}

const plx_command plx_cmd_get = {
    .name = "get",
    .group = "data",
    .summary = "Fetch, verify and ingest data sets",
    .usage = "get REF... [--from DIR] [--mirror URL] [--all] [--force] [--files-only] [-n]",
    .examples = "plexus get connectome/white1986-n2u\tone data set, and what it uses\n"
                "plexus get connectome/white1986-n2u:compat\twith the published pipeline's defects reproduced\n"
                "plexus get fisbe/completely#R14A02-20180905_65_A6\tone record of many, with the files it needs alone\n"
                "plexus get connectome/\ta whole family\n"
                "plexus get connectome/ --from ~/downloads --offline\tfrom files that are already here\n"
                "plexus get --all -n\twhat would be fetched, from where, how big, under which licence\n",
    .doc =
        "Each file is verified against the size and sha256 of its manifest before anything reads it, and kept "
        "unchanged. "
        "The ingester's records are validated and their counts compared with the published ones; a data set appears "
        "whole or "
        "not at all. What is there already and comes from the very same inputs is left as it is, so get can be "
        "repeated and "
        "resumed at will: a download goes on where it was broken off, also by another process, and loses at most a "
        "MiB.\n\n"
        "Files come over https; a proxy is taken from https_proxy and no_proxy, further certificate authorities from "
        "SSL_CERT_FILE. Eight are fetched at a time, or as many as -j says. plexus help downloads says what is "
        "refused.\n\n"
        "With several data sets one failure does not stop the others: the exit code is then 1 and the failed ones "
        "are listed. "
        "A family in compat mode leaves out data sets that no published pipeline reads.\n\n"
        "A data set whose layout nothing reads yet (\"no reader\" in ls) is refused with exit code 8, and left out of "
        "its family. With --files-only its files are fetched, verified and kept as they are; -n lists them either way.",
    .needs = PLX_NEEDS_REGISTRY | PLX_NEEDS_WRITE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(get_opts),
    .defaults = &defaults,
    .min_args = 0,
    .max_args = 1024,
    .args_doc = "ref",
    .run = run,
};
