/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking folders and asking the ingesters; the manifest itself is written by registry/manifest_local.c.
 */
#include "cli/add_files.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "formats/format.h"
#include "ingest/guess.h"

#include <stdio.h>

enum { FILES_MAX = 100000, LAYOUT_FILES = 40 };

typedef struct found {
    plx_cli *cli;
    const char *folder; /* being walked; NULL for a file that was named */
    const char **paths, **names;
    size_t n, paths_cap, names_cap;
} found;

static bool add(found *f, const char *path, const char *name, plx_err *err)
{
    if (f->n == FILES_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "there are more than %d files", FILES_MAX);
    }
    if (!plx_grow(&f->paths, &f->paths_cap, f->n + 1, sizeof *f->paths) ||
        !plx_grow(&f->names, &f->names_cap, f->n + 1, sizeof *f->names)) {
        return plx_fail_nomem(err, (f->n + 1) * sizeof *f->paths);
    }
    f->paths[f->n] = plx_arena_strdup(f->cli->arena, path);
    f->names[f->n] = plx_arena_strdup(f->cli->arena, name);
    f->n++;
    return (f->paths[f->n - 1] && f->names[f->n - 1]) || plx_fail_nomem(err, strlen(path));
}

/* Hidden files are a program's own business; links may lead anywhere. */
static bool visit(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    found *f = payload;
    char path[PLX_PATH];
    (void)bytes;
    if (is_link || rel_path[0] == '.' || strstr(rel_path, "/.")) {
        return true;
    }
    return plx_path_join(path, f->folder, rel_path, err) && add(f, path, rel_path, err);
}

static bool find_files(found *f, const char *const *paths, size_t n, plx_err *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t before = f->n;
        f->folder = paths[i];
        bool folder = plx_fs_is_dir(paths[i]);
        if (!(folder ? plx_fs_walk(paths[i], visit, f, err) : add(f, paths[i], plx_path_base(paths[i]), err))) {
            return false;
        }
        if (folder && f->n == before) {
            plx_fail(err, PLX_E_NOTFOUND, "there are no files in %s", paths[i]);
            return plx_err_next(err, "ls %s", paths[i]);
        }
    }
    return true;
}

static bool no_ingester(const plx_add_wish *wish, plx_err *err)
{
    plx_sb names = {0};
    if (wish->ingester) {
        plx_fail(err, PLX_E_ARG, "there is no ingester %s", wish->ingester);
    } else {
        plx_fail(err, PLX_E_ARG, "which ingester reads the files? None says that they look like its own");
    }
    for (const plx_ingester *const *i = plx_ingesters; *i; i++) {
        plx_sb_printf(&names, "%s%s", names.len ? ", " : "", (*i)->name);
    }
    plx_err_why(err, "there are: %s; or none, to keep the files as they are", plx_sb_str(&names));
    plx_sb_free(&names);
    return plx_err_next(err, "plexus add FILE... --as %s/%s --ingester NAME", wish->family, wish->name);
}

/* "a.csv: CSV table, 94 rows, 4 columns" for each: a start for whoever describes the layout. */
static const char *describe(plx_cli *cli, const found *f)
{
    plx_sb text = {0};
    for (size_t i = 0; i < f->n && i < LAYOUT_FILES; i++) {
        const plx_format *format = NULL;
        plx_sb summary = {0};
        bool sound =
            plx_format_detect(f->paths[i], &format, NULL) && format->check(&cli->ctx, f->paths[i], &summary, NULL);
        plx_sb_printf(&text, "%s: %s%s%s\n", f->names[i], format ? format->title : "of no format that is read here",
                      sound ? ", " : "", sound ? plx_sb_str(&summary) : "");
        plx_sb_free(&summary);
    }
    if (f->n > LAYOUT_FILES) {
        plx_sb_printf(&text, "and %zu more files\n", f->n - LAYOUT_FILES);
    }
    const char *copy = text.failed ? NULL : plx_arena_strndup(cli->arena, plx_sb_str(&text), text.len);
    plx_sb_free(&text);
    return copy;
}

/* Options given by hand come after those that were guessed, and replace them. */
static bool merge_options(plx_cli *cli, const plx_opt_list *set, const plx_guess *guess, plx_local_spec *spec,
                          plx_err *err)
{
    const char **options = plx_arena_zero(cli->arena, set->n + guess->n_options + 1, sizeof *options);
    if (!options) {
        return plx_fail_nomem(err, set->n * sizeof *options);
    }
    for (size_t i = 0; i < guess->n_options; i++) {
        size_t key = strcspn(guess->options[i], "=") + 1;
        bool given = false;
        for (size_t k = 0; k < set->n; k++) {
            given |= strncmp(set->items[k], guess->options[i], key) == 0;
        }
        if (!given) {
            options[spec->n_options++] = guess->options[i];
        }
    }
    for (size_t i = 0; i < set->n; i++) {
        options[spec->n_options++] = set->items[i];
    }
    spec->options = options;
    return true;
}

static bool choose_reader(plx_cli *cli, const plx_add_wish *wish, const found *f, plx_local_spec *spec, plx_err *err)
{
    const plx_ingester *ingester = NULL;
    plx_guess guess = {0};
    bool none = wish->ingester && strcmp(wish->ingester, "none") == 0;
    if (wish->ingester && !none) {
        ingester = plx_ingester_find(wish->ingester);
    } else if (!none && !plx_ingest_guess(&cli->ctx, cli->arena, f->paths, f->n, &ingester, &guess, err)) {
        return false;
    }
    if (!ingester && !none && !(wish->draft && !wish->ingester)) {
        return no_ingester(wish, err);
    }
    if (!wish->ingester && !cli->g.quiet) {
        fprintf(stderr, ingester ? "reads like %s: %s\n" : "no ingester says that these look like its own%s%s\n",
                ingester ? ingester->name : "", ingester ? ingester->title : "; the manifest has none");
    }
    if (!ingester) {
        spec->kind = "files";
        spec->layout = describe(cli, f);
        return spec->layout || plx_fail_nomem(err, 0);
    }
    spec->kind = ingester->kind;
    spec->ingester = ingester->name;
    return merge_options(cli, wish->set, &guess, spec, err);
}

static bool read_citation(plx_cli *cli, const char *path, const char **out, plx_err *err)
{
    plx_buf text = {0};
    if (!path) {
        return true;
    }
    if (!plx_buf_read_file(path, 1 << 20, &text, err)) {
        return false;
    }
    size_t len = text.len;
    *out = plx_arena_strndup(cli->arena, (const char *)text.ptr, len);
    plx_buf_free(&text);
    return *out || plx_fail_nomem(err, len);
}

static bool make(plx_cli *cli, const plx_add_wish *wish, const found *f, const plx_manifest **out, plx_err *err)
{
    plx_local_spec spec = {.family = wish->family,
                           .name = wish->name,
                           .version = wish->version,
                           .title = wish->title,
                           .licence = wish->licence,
                           .uses = wish->uses->items,
                           .n_uses = wish->uses->n,
                           .files = f->paths,
                           .names = f->names,
                           .n_files = f->n,
                           .unit_per_file = wish->unit_per_file};
    return choose_reader(cli, wish, f, &spec, err) && read_citation(cli, wish->cite, &spec.bibtex, err) &&
           plx_manifest_from_files(&cli->ctx, cli->arena, &spec, out, err) && plx_ingest_check_manifest(*out, err);
}

bool plx_add_manifest(plx_cli *cli, const plx_add_wish *wish, const char *const *paths, size_t n_paths,
                      const plx_manifest **out, plx_err *err)
{
    found f = {.cli = cli};
    bool ok = find_files(&f, paths, n_paths, err) && make(cli, wish, &f, out, err);
    plx_free(f.paths);
    plx_free(f.names);
    return ok;
}
