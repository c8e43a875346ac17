/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus ls: every data set that is known or stored. Works without a store, and reads no record and no catalog.
 */
#include "cli/cli.h"

#include "registry/listing.h"

typedef struct ls_opts {
    bool present, missing;
} ls_opts;

static const plx_opt opts_table[] = {
    {"present", 0, PLX_OPT_FLAG, offsetof(ls_opts, present), NULL, NULL, "Only what the store holds."},
    {"missing", 0, PLX_OPT_FLAG, offsetof(ls_opts, missing), NULL, NULL, "Only what the store does not hold."},
    {0},
};

static plx_value *to_json(plx_arena *a, const plx_listed *item)
{
    plx_value *row = plx_v_obj(a), *modes = plx_v_arr(a);
    bool ok = row && modes && (!item->strict || plx_v_push(a, modes, plx_v_str(a, "strict"))) &&
              (!item->compat || plx_v_push(a, modes, plx_v_str(a, "compat"))) &&
              plx_v_set(a, row, "name", plx_v_str(a, item->name)) &&
              plx_v_set(a, row, "kind", plx_v_str(a, item->kind)) &&
              plx_v_set(a, row, "title", plx_v_str(a, item->title)) && plx_v_set(a, row, "present", modes) &&
              plx_v_set(a, row, "known", plx_v_bool(a, item->known)) &&
              plx_v_set(a, row, "demo", plx_v_bool(a, item->demo)) &&
              plx_v_set(a, row, "problem", item->problem ? plx_v_str(a, item->problem) : plx_v_null(a));
    return ok ? row : NULL;
}

static bool keep(const ls_opts *opts, const plx_listed *item)
{
    bool here = item->strict || item->compat;
    return (!opts->present || here) && (!opts->missing || !here);
}

static bool print_table(plx_cli *cli, const ls_opts *opts, const plx_listed *items, size_t n, plx_err *err)
{
    static const char *const headers[] = {"name", "kind", "in store", "title"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_LEFT, PLX_LEFT};
    plx_grid *grid = plx_grid_new(4, headers, align);
    bool ok = grid != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        const plx_listed *item = &items[i];
        bool unmarked = item->demo && !plx_starts_with(item->title, "Demo");
        const char *title = item->problem  ? plx_arena_printf(cli->arena, "(%s)", item->problem)
                            : !item->known ? plx_arena_printf(cli->arena, "%s (added here)", item->title)
                            : unmarked     ? plx_arena_printf(cli->arena, "Demo: %s", item->title)
                                           : item->title;
        const char *cells[] = {item->name, item->kind, item->state, title};
        ok = title && (!keep(opts, item) || plx_grid_row(grid, cells));
    }
    ok = ok ? plx_cli_grid(cli, grid, err) : plx_fail_nomem(err, 0);
    plx_grid_free(grid);
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
    if (!plx_cli_wants_json(cli)) {
        return print_table(cli, opts, items, n, err);
    }
    plx_value *list = plx_v_arr(cli->arena);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        ok = !keep(opts, &items[i]) || plx_v_push(cli->arena, list, to_json(cli->arena, &items[i]));
    }
    return plx_cli_json(cli, ok ? list : NULL, err);
}

const plx_command plx_cmd_ls = {
    .name = "ls",
    .group = "catalog",
    .summary = "Data sets that are known, and which of them the store holds",
    .usage = "ls [FAMILY] [--present|--missing]",
    .examples = "plexus ls\teverything known\n"
                "plexus ls connectome\tone family\n"
                "plexus ls --present --json\twhat is in the store, for a program\n",
    .doc = "Lists the manifests built into the program and those of $PLEXUS_REGISTRY, and what was added to the store. "
           "The "
           "column \"in store\" names the modes that are there. Without a store it lists what is known.\n",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(ls_opts),
    .max_args = 1,
    .args_doc = "family",
    .run = run,
};
