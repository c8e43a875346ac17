/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus ls: every data set that is known or stored. Works without a store, and reads no record and no catalog.
 */
#include "cli/cli.h"

#include "ingest/ingest.h"
#include "registry/listing.h"

#include <stdio.h>
#include <strings.h>

typedef struct ls_opts {
    bool present, missing, ingestible, full;
    const char *licence;
} ls_opts;

static const plx_opt opts_table[] = {
    {"present", 0, PLX_OPT_FLAG, offsetof(ls_opts, present), NULL, NULL, "Only what the store holds."},
    {"missing", 0, PLX_OPT_FLAG, offsetof(ls_opts, missing), NULL, NULL, "Only what the store does not hold."},
    {"ingestible", 0, PLX_OPT_FLAG, offsetof(ls_opts, ingestible), NULL, NULL,
     "Only what this program can read today."},
    {"licence", 0, PLX_OPT_TEXT, offsetof(ls_opts, licence), "TEXT", NULL,
     "Only what has TEXT in its licence, such as CC-BY or none-stated."},
    {"long", 'l', PLX_OPT_FLAG, offsetof(ls_opts, full), NULL, NULL,
     "Also the number of files, the licence and who reads them."},
    {0},
};

static bool is_ingestible(const plx_listed *item)
{
    return !item->problem && item->ingester && (!item->known || plx_ingester_find(item->ingester));
}

static bool is_here(const plx_listed *item)
{
    return item->strict || item->compat;
}

static plx_value *text(plx_arena *a, const char *value)
{
    return value && *value ? plx_v_str(a, value) : plx_v_null(a);
}

static plx_value *to_json(plx_arena *a, const plx_listed *item)
{
    const plx_manifest_size *size = &item->size;
    bool sized = size->bytes > 0 || !size->incomplete;
    const char *exact = !sized ? NULL : size->incomplete ? "at least" : size->about ? "about" : "exact";
    plx_value *row = plx_v_obj(a), *modes = plx_v_arr(a);
    bool files_only = strcmp(item->state, "files") == 0;
    bool ok =
        row && modes && (!item->strict || files_only || plx_v_push(a, modes, plx_v_str(a, "strict"))) &&
        (!item->compat || plx_v_push(a, modes, plx_v_str(a, "compat"))) &&
        plx_v_set(a, row, "name", plx_v_str(a, item->name)) && plx_v_set(a, row, "kind", plx_v_str(a, item->kind)) &&
        plx_v_set(a, row, "title", plx_v_str(a, item->title)) && plx_v_set(a, row, "present", modes) &&
        plx_v_set(a, row, "files_only", plx_v_bool(a, files_only)) &&
        plx_v_set(a, row, "ingestible", plx_v_bool(a, is_ingestible(item))) &&
        plx_v_set(a, row, "ingester", text(a, item->ingester)) &&
        plx_v_set(a, row, "licence", text(a, item->licence)) &&
        plx_v_set(a, row, "files", plx_v_u64(a, size->n_files)) &&
        plx_v_set(a, row, "bytes", sized ? plx_v_u64(a, size->bytes) : plx_v_null(a)) &&
        plx_v_set(a, row, "bytes_are", text(a, exact)) && plx_v_set(a, row, "known", plx_v_bool(a, item->known)) &&
        plx_v_set(a, row, "demo", plx_v_bool(a, item->demo)) &&
        plx_v_set(a, row, "problem", item->problem ? plx_v_str(a, item->problem) : plx_v_null(a));
    return ok ? row : NULL;
}

/* Letters of any case: SPDX ids are compared so. */
static bool holds(const char *text, const char *part)
{
    size_t len = strlen(part);
    for (; *text && strncasecmp(text, part, len) != 0; text++) {
    }
    return *text != '\0' || len == 0;
}

static bool keep(const ls_opts *opts, const plx_listed *item)
{
    return (!opts->present || is_here(item)) && (!opts->missing || !is_here(item)) &&
           (!opts->ingestible || is_ingestible(item)) && (!opts->licence || holds(item->licence, opts->licence));
}

static bool add_row(plx_cli *cli, plx_grid *grid, bool full, const plx_listed *item)
{
    bool unmarked = item->demo && !plx_starts_with(item->title, "Demo");
    const char *title = item->problem  ? plx_arena_printf(cli->arena, "(%s)", item->problem)
                        : !item->known ? plx_arena_printf(cli->arena, "%s (added here)", item->title)
                        : unmarked     ? plx_arena_printf(cli->arena, "Demo: %s", item->title)
                                       : item->title;
    const char *state = *item->state || item->problem || is_ingestible(item) ? item->state : "no reader";
    const char *reader = item->ingester ? item->ingester : "none";
    char size[PLX_SIZE_TEXT] = "";
    char files[PLX_SIZE_TEXT];
    if (!item->problem) {
        plx_manifest_size_text(&item->size, size);
    }
    snprintf(files, sizeof files, "%zu", item->size.n_files);
    const char *brief[] = {item->name, item->kind, size, state, title};
    const char *all[] = {item->name, item->kind, size, files, item->licence, reader, state, title};
    return title && plx_grid_row(grid, full ? all : brief);
}

static void print_sum(const plx_cli *cli, const plx_listed *items, size_t n)
{
    size_t readable = 0, here = 0;
    for (size_t i = 0; i < n; i++) {
        readable += is_ingestible(&items[i]);
        here += is_here(&items[i]);
    }
    if (!cli->g.quiet && cli->out_format == PLX_OUT_TEXT && plx_tty_is_terminal(stderr)) {
        fprintf(stderr, "\n%zu data set%s: %zu can be read today, %zu in the store\n", n, n == 1 ? "" : "s", readable,
                here);
    }
}

static bool print_table(plx_cli *cli, const ls_opts *opts, const plx_listed *items, size_t n, plx_err *err)
{
    static const char *const brief[] = {"name", "kind", "size", "state", "title"};
    static const plx_align brief_align[] = {PLX_WHOLE, PLX_LEFT, PLX_RIGHT, PLX_LEFT, PLX_LEFT};
    static const char *const all[] = {"name", "kind", "size", "files", "licence", "reader", "state", "title"};
    static const plx_align all_align[] = {PLX_WHOLE, PLX_LEFT, PLX_RIGHT, PLX_RIGHT,
                                          PLX_LEFT,  PLX_LEFT, PLX_LEFT,  PLX_LEFT};
    plx_grid *grid = opts->full ? plx_grid_new(8, all, all_align) : plx_grid_new(5, brief, brief_align);
    bool ok = grid != NULL;
    const char *family = "";
    for (size_t i = 0; ok && i < n; i++) {
        const char *name = items[i].name;
        size_t len = strcspn(name, "/") + 1;
        ok = strncmp(name, family, len) == 0 || plx_grid_gap(grid);
        family = name;
        ok = ok && add_row(cli, grid, opts->full, &items[i]);
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
    if (ok) {
        print_sum(cli, items, n);
    }
    return ok;
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)exit_code;
    const ls_opts *opts = options;
    plx_listed *items = NULL;
    size_t n = 0;
    if (opts->present && opts->missing) {
        return plx_fail(err, PLX_E_ARG, "--present and --missing exclude each other");
    }
    if (!plx_listing_make(&cli->ctx, cli->registry, cli->has_store ? &cli->store : NULL, n_args ? args[0] : NULL,
                          cli->arena, &items, &n, err)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (keep(opts, &items[i])) {
            items[kept++] = items[i];
        }
    }
    if (!plx_cli_wants_json(cli)) {
        return print_table(cli, opts, items, kept, err);
    }
    plx_value *list = plx_v_arr(cli->arena);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < kept; i++) {
        ok = plx_v_push(cli->arena, list, to_json(cli->arena, &items[i]));
    }
    return plx_cli_json(cli, ok ? list : NULL, err);
}

const plx_command plx_cmd_ls = {
    .name = "ls",
    .group = "catalog",
    .summary = "Data sets that are known, and which of them the store holds",
    .usage = "ls [FAMILY[/NAME]] [--present|--missing] [--ingestible] [--licence TEXT] [-l]",
    .examples = "plexus ls\teverything known\n"
                "plexus ls vessel\tone family\n"
                "plexus ls --ingestible --licence CC-BY\twhat can be read today and shared with attribution\n"
                "plexus ls --present --json\twhat is in the store, for a program\n",
    .doc =
        "Lists the manifests built into the program and those of $PLEXUS_REGISTRY, and what was added to the store. "
        "Without a store it lists what is known.\n\n"
        "The column \"size\" is what there is to fetch: ~ for a round figure, + when more files have sizes nobody "
        "states. "
        "The column \"state\" names the modes that are in the store. \"no reader\" marks what is known but cannot be "
        "read yet: "
        "show tells what its files are, get --files-only keeps them; \"files\" says that they are in the store.\n",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(ls_opts),
    .max_args = 1,
    .args_doc = "family",
    .run = run,
};
