/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus board: leaderboards of what was run.
 */
#include "cli/bench_args.h"
#include "cli/board_print.h"

typedef struct board_opts {
    const char *metrics;
    bool all, units;
} board_opts;

static const plx_opt opts_table[] = {
    {"metrics", 0, PLX_OPT_CHOICE, offsetof(board_opts, metrics), NULL, "reference|strict|any",
     "Runs scored in this mode; any, the default, prints a board for each. They never rank together."},
    {"all", 0, PLX_OPT_FLAG, offsetof(board_opts, all), NULL, NULL, "Boards of older versions of a task as well."},
    {"units", 0, PLX_OPT_FLAG, offsetof(board_opts, units), NULL, NULL,
     "Below each board, the first score for each unit alone."},
    {0},
};
static const board_opts defaults = {.metrics = "any"};

static size_t keep(plx_board *boards, size_t n, const board_opts *opts)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        bool mode = strcmp(opts->metrics, "any") == 0 || strcmp(opts->metrics, boards[i].mode) == 0;
        if (mode && (opts->all || !boards[i].outdated)) {
            boards[m++] = boards[i];
        }
    }
    return m;
}

/* Text is not cut to the terminal: a board without the names of its models is none. */
static bool print_grid(plx_cli *cli, const plx_grid *grid, plx_err *err)
{
    return cli->out_format == PLX_OUT_TEXT ? plx_grid_print_text(grid, cli->out, 0, cli->color, err)
                                           : plx_cli_grid(cli, grid, err);
}

static bool print_one(plx_cli *cli, const board_opts *opts, const plx_board *b, plx_err *err)
{
    bool md = cli->out_format == PLX_OUT_MD;
    plx_grid *grid = NULL, *units = NULL;
    plx_board_heading(b, cli->out, cli->width, md ? PLX_OUT_MD : PLX_OUT_TEXT);
    fputc('\n', cli->out);
    bool ok = plx_board_grid(b, cli->arena, &grid, err) && print_grid(cli, grid, err) &&
              (!opts->units || plx_board_units_grid(b, cli->arena, &units, err));
    if (ok && units) {
        fputc('\n', cli->out);
        ok = print_grid(cli, units, err);
    }
    plx_grid_free(grid);
    plx_grid_free(units);
    return ok;
}

static bool print_long(plx_cli *cli, const plx_board *boards, size_t n, plx_err *err)
{
    plx_grid *grid;
    if (!plx_boards_long_grid(boards, n, cli->arena, &grid, err)) {
        return false;
    }
    bool ok = plx_cli_grid(cli, grid, err);
    plx_grid_free(grid);
    return ok;
}

static bool print_json(plx_cli *cli, const plx_board *boards, size_t n, plx_err *err)
{
    plx_value *list = plx_v_arr(cli->arena);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_v_push(cli->arena, list, plx_board_value(&boards[i], cli->arena));
    }
    return plx_cli_json(cli, ok ? list : NULL, err);
}

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const board_opts *opts = options;
    const plx_task *task = NULL;
    plx_board *boards;
    size_t n;
    if ((n_args && !plx_cli_find_task(args[0], &task, err)) ||
        !plx_boards_make(&cli->ctx, &cli->store, task ? task->name : NULL, cli->arena, &boards, &n, err)) {
        return false;
    }
    n = keep(boards, n, opts);
    *exit_code = n ? 0 : 1;
    if (plx_cli_wants_json(cli)) {
        return print_json(cli, boards, n, err);
    }
    if (cli->out_format == PLX_OUT_HTML) {
        return plx_boards_page(boards, n, cli->arena, cli->out, err);
    }
    if (cli->out_format == PLX_OUT_CSV) {
        return print_long(cli, boards, n, err);
    }
    for (size_t i = 0; i < n; i++) {
        if (i) {
            fputs("\n\n", cli->out);
        }
        if (!print_one(cli, opts, &boards[i], err)) {
            return false;
        }
    }
    if (n == 0) {
        fprintf(cli->out, "nothing was run%s%s; next: plexus run %s\n", task ? " on " : "", task ? task->name : "",
                task ? task->name : "TASK");
    }
    return true;
}

const plx_command plx_cmd_board = {
    .name = "board",
    .group = "bench",
    .summary = "Leaderboards of what was run",
    .usage = "board [TASK] [--units] [-O text|json|csv|md|html]",
    .examples = "plexus board\tall boards in the store\n"
                "plexus board connectome-link --units\tone task, and each animal alone\n"
                "plexus board -O html -o board.html\ta page of its own, without scripts\n"
                "plexus board -O csv\tone row for each run, score and unit\n",
    .doc = "A board holds the runs of one task, version and metric mode over exactly the same splits, seeds and data. "
           "Only complete runs rank; of others the board says how many cells they lack. Equal means share a rank. In "
           "CSV every score of every run is a row; in JSON what is missing is null and `reasons` says why. Exit code 1 "
           "when there is no board. Whether two models really differ: plexus compare.",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(board_opts),
    .defaults = &defaults,
    .max_args = 1,
    .args_doc = "task",
    .run = run,
};
