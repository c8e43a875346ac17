/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus check: read files to the end and say whether they are sound, without touching any store. A manifest is checked
 * against its schema; with --from its ingester also runs over the local files into a sink that keeps nothing.
 */
#include "cli/cli.h"

#include "core/alloc.h"
#include "formats/format.h"
#include "ingest/ingest.h"

#include <stdlib.h>

typedef struct check_opts {
    plx_opt_list from;
    const char *mode, *as;
} check_opts;

static const plx_opt opts_table[] = {
    {"from", 0, PLX_OPT_LIST, offsetof(check_opts, from), "DIR", NULL,
     "For a manifest: run its ingester over the files in this folder, keeping nothing; without one, look that they are "
     "there."},
    {"mode", 0, PLX_OPT_CHOICE, offsetof(check_opts, mode), NULL, "strict|compat", "Mode of that run."},
    {"as", 0, PLX_OPT_TEXT, offsetof(check_opts, as), "FORMAT", NULL,
     "Read as this format instead of finding out (see plexus help formats)."},
    {0},
};

/* A YAML file that names its schema or its ingester is meant as a manifest, however little else is right in it. */
static bool is_manifest(const plx_buf *text)
{
    static const char *const keys[] = {"schema: manifest/", "ingester:"};
    const char *at = (const char *)text->ptr, *end = at + text->len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = stop ? (size_t)(stop - at) : (size_t)(end - at);
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            if (len >= strlen(keys[i]) && memcmp(at, keys[i], strlen(keys[i])) == 0) {
                return true;
            }
        }
        at += len + (stop ? 1 : 0);
    }
    return false;
}

static bool check_manifest(plx_cli *cli, const check_opts *opts, const char *path, const plx_buf *text, plx_sb *summary,
                           plx_err *err)
{
    const plx_manifest *manifest;
    if (!plx_manifest_parse(&cli->ctx, cli->arena, path, (const char *)text->ptr, text->len, &manifest, err)) {
        return false;
    }
    if (!plx_ingest_check_manifest(manifest, err)) {
        return false;
    }
    plx_sb_printf(summary, "%s/%s@%s, %zu %s", manifest->family, manifest->name, manifest->version, manifest->n_files,
                  manifest->n_files == 1 ? "file" : "files");
    if (!manifest->ingester) {
        plx_sb_text(summary, ", no reader");
    }
    if (opts->from.n == 0) {
        return true;
    }
    plx_mode mode = PLX_STRICT;
    if (opts->mode && !plx_mode_parse(opts->mode, &mode)) {
        return plx_fail(err, PLX_E_ARG, "no such mode: %s", opts->mode);
    }
    plx_fetch_opts fetch = {.from_dirs = opts->from.items, .n_from_dirs = opts->from.n};
    if (!manifest->ingester) {
        plx_ctx offline = cli->ctx;
        plx_fetched *found = plx_arena_zero(cli->arena, manifest->n_files + 1, sizeof *found);
        offline.offline = fetch.dry_run = true;
        plx_sb_text(summary, "; all found");
        return found ? plx_fetch(&offline, NULL, manifest, &fetch, found, err) : plx_fail_nomem(err, 0);
    }
    plx_sb_text(summary, "; ");
    return plx_ingest_check(&cli->ctx, cli->registry, manifest, mode, &fetch, summary, err);
}

static bool check_file(plx_cli *cli, const check_opts *opts, const char *path, const char **format_name,
                       plx_sb *summary, plx_err *err)
{
    const plx_format *format = NULL;
    if (opts->as) {
        format = plx_format_find(opts->as);
        if (!format) {
            plx_fail(err, PLX_E_ARG, "there is no format %s", opts->as);
            return plx_err_next(err, "plexus help formats");
        }
    } else if (!plx_format_detect(path, &format, err)) {
        return false;
    }
    *format_name = format->name;
    if (strcmp(format->name, "yaml") == 0) {
        plx_buf text;
        if (!plx_buf_read_file(path, cli->ctx.limits.file_bytes, &text, err)) {
            return false;
        }
        if (is_manifest(&text)) {
            *format_name = "manifest";
            bool ok = check_manifest(cli, opts, path, &text, summary, err);
            plx_buf_free(&text);
            return ok;
        }
        plx_buf_free(&text);
    }
    if (opts->from.n > 0) {
        plx_fail(err, PLX_E_ARG, "--from goes with a manifest, and %s is %s", path, format->title);
        return plx_err_next(err, "plexus check %s", path);
    }
    return format->check(&cli->ctx, path, summary, err);
}

static plx_value *result(plx_arena *arena, const char *path, const char *format, bool ok, const char *summary,
                         const plx_err *problem)
{
    plx_value *v = plx_v_obj(arena);
    if (!v || !plx_v_set(arena, v, "file", plx_v_str(arena, path)) ||
        !plx_v_set(arena, v, "format", format ? plx_v_str(arena, format) : plx_v_null(arena)) ||
        !plx_v_set(arena, v, "ok", plx_v_bool(arena, ok)) ||
        !plx_v_set(arena, v, "summary", plx_v_str(arena, summary))) {
        return NULL;
    }
    if (!ok) {
        plx_value *where = plx_v_arr(arena);
        for (int i = 0; where && i < problem->n_notes; i++) {
            if (!plx_v_push(arena, where, plx_v_str(arena, problem->note[i]))) {
                return NULL;
            }
        }
        if (!plx_v_set(arena, v, "code", plx_v_str(arena, plx_code_name(problem->code))) ||
            !plx_v_set(arena, v, "what", plx_v_str(arena, problem->what)) ||
            !plx_v_set(arena, v, "why", plx_v_str(arena, problem->why)) || !plx_v_set(arena, v, "where", where)) {
            return NULL;
        }
    }
    return v;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    bool json = plx_cli_wants_json(cli);
    plx_value *all = plx_v_arr(cli->arena);
    for (size_t i = 0; i < n_args; i++) {
        plx_err problem;
        plx_err_clear(&problem);
        plx_sb summary = {0};
        const char *format = NULL;
        bool ok = check_file(cli, opts, args[i], &format, &summary, &problem);
        if (!ok && (problem.code == PLX_E_CANCELLED || (n_args == 1 && !json))) {
            plx_sb_free(&summary);
            *err = problem;
            return false;
        }
        if (json) {
            plx_v_push(cli->arena, all, result(cli->arena, args[i], format, ok, plx_sb_str(&summary), &problem));
        } else if (ok) {
            fprintf(cli->out, "%s: sound %s, %s\n", args[i], format, plx_sb_str(&summary));
        } else {
            plx_render_err(stderr, &problem, cli->color);
        }
        /* One file's answer is its own code; of several, 1 says that some failed. */
        if (!ok) {
            *exit_code = n_args == 1 ? plx_code_exit(problem.code) : 1;
        }
        plx_sb_free(&summary);
    }
    return !json || plx_cli_json(cli, n_args == 1 && all && all->u.arr.n == 1 ? all->u.arr.items[0] : all, err);
}

const plx_command plx_cmd_check = {
    .name = "check",
    .group = "data",
    .summary = "Validate files or a manifest without touching a store",
    .usage = "check FILE... [--as FORMAT] [--from DIR]",
    .examples = "plexus check edges.csv\tread a table to its end and count its rows\n"
                "plexus check mine.yaml\tvalidate a manifest, every violation with line and column\n"
                "plexus check mine.yaml --from ~/data\talso run its ingester over local files, keeping nothing\n",
    .doc =
        "Every file is read whole by the reader that ingesters use, within the same budgets, so a file that passes "
        "here "
        "will not surprise them. Exit 8 names the place of the first fault in a malformed file; with several files the "
        "exit code is 1 when some failed.",
    .needs = PLX_NEEDS_REGISTRY,
    .formats = PLX_AS_TEXT | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(check_opts),
    .min_args = 1,
    .max_args = 1024,
    .args_doc = "file",
    .run = run,
};
