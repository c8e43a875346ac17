/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus search: words over what is known and what is stored.
 */
#include "cli/cli.h"

#include "registry/search.h"

typedef struct search_opts {
    int64_t limit;
} search_opts;

static const search_opts defaults = {.limit = 20};

static const plx_opt opts_table[] = {
    {"limit", 0, PLX_OPT_INT, offsetof(search_opts, limit), "N", NULL, "Show at most N hits; 20 is the default."},
    {0},
};

typedef struct printer {
    plx_cli *cli;
    plx_grid *grid;
    plx_value *list;
    size_t n;
} printer;

static bool each(void *payload, const plx_hit *hit, plx_err *err)
{
    printer *p = payload;
    plx_arena *a = p->cli->arena;
    p->n++;
    if (!plx_cli_wants_json(p->cli)) {
        const char *cells[] = {hit->ref, hit->what, hit->title, hit->snippet};
        return plx_grid_row(p->grid, cells) || plx_fail_nomem(err, 0);
    }
    plx_value *row = plx_v_obj(a);
    bool ok = row && plx_v_set(a, row, "ref", plx_v_str(a, hit->ref)) &&
              plx_v_set(a, row, "what", plx_v_str(a, hit->what)) &&
              plx_v_set(a, row, "title", plx_v_str(a, hit->title)) &&
              plx_v_set(a, row, "match", plx_v_str(a, hit->snippet)) &&
              plx_v_set(a, row, "score", plx_v_f64(a, hit->score)) && plx_v_push(a, p->list, row);
    return ok || plx_fail_nomem(err, 0);
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    static const char *const headers[] = {"ref", "what", "title", "match"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_LEFT, PLX_LEFT};
    const search_opts *opts = options;
    if (opts->limit < 1) {
        return plx_fail(err, PLX_E_ARG, "--limit must be at least 1");
    }
    printer p = {.cli = cli, .grid = plx_grid_new(4, headers, align), .list = plx_v_arr(cli->arena)};
    bool ok = p.grid && p.list ? plx_search(&cli->ctx, cli->registry, cli->has_store ? &cli->store : NULL, args, n_args,
                                            (size_t)opts->limit, each, &p, err)
                               : plx_fail_nomem(err, 0);
    if (ok && plx_cli_wants_json(cli)) {
        ok = plx_cli_json(cli, p.list, err);
    } else if (ok && (p.n > 0 || cli->out_format != PLX_OUT_TEXT)) {
        ok = plx_cli_grid(cli, p.grid, err);
    } else if (ok && !cli->g.quiet) {
        fputs("nothing found\n", stderr);
    }
    if (ok && p.n == 0) {
        *exit_code = 1;
    }
    plx_grid_free(p.grid);
    return ok;
}

const plx_command plx_cmd_search = {
    .name = "search",
    .group = "catalog",
    .summary = "Find data sets and cells by words",
    .usage = "search WORD... [--limit N]",
    .examples = "plexus search pharynx\tdata sets and cells that say so\n"
                "plexus search white 1986 tail\tall words must occur\n"
                "plexus search AVA --json\tfor a program\n",
    .doc =
        "Looks in titles, descriptions, citations and file names of all known data sets, and in label, class, type and "
        "transmitter of the cells in the store. A word may be the beginning of a longer one. Best match first. The "
        "exit code "
        "is 1 when nothing is found.\n",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(search_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 32,
    .args_doc = "",
    .run = run,
};
