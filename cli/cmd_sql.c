/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus sql: one read-only statement over the catalog.
 */
#include "cli/cli.h"

#include "core/num.h"
#include "registry/catalog.h"

enum { PARAMS_MAX = 32 };

typedef struct sql_opts {
    double limit_time;
} sql_opts;

static const sql_opts defaults = {.limit_time = 10};

static const plx_opt opts_table[] = {
    {"limit-time", 0, PLX_OPT_SECONDS, offsetof(sql_opts, limit_time), "TIME", NULL,
     "Stop the query after this time: 10s (the default), 5m, forever."},
    {0},
};

typedef struct printer {
    plx_cli *cli;
    plx_grid *grid;
    plx_value *list;
} printer;

static const char *cell_text(plx_arena *arena, const plx_cell *cell)
{
    char number[PLX_NUM_TEXT];
    switch (cell->type) {
    case PLX_CELL_NULL:
        return "";
    case PLX_CELL_INT:
        plx_print_i64(cell->i64, number);
        return plx_arena_strdup(arena, number);
    case PLX_CELL_REAL:
        plx_print_f64(cell->f64, number);
        return plx_arena_strdup(arena, number);
    case PLX_CELL_TEXT:
        return plx_arena_strndup(arena, cell->text.ptr ? cell->text.ptr : "", cell->text.len);
    case PLX_CELL_BLOB: {
        static const char digits[] = "0123456789abcdef";
        char *hex = plx_arena_zero(arena, cell->text.len + 1, 2);
        for (size_t i = 0; hex && i < cell->text.len; i++) {
            unsigned char byte = (unsigned char)cell->text.ptr[i];
            hex[2 * i] = digits[byte >> 4];
            hex[2 * i + 1] = digits[byte & 15];
        }
        return hex;
    }
    }
    return NULL;
}

static plx_value *cell_value(plx_arena *arena, const plx_cell *cell)
{
    switch (cell->type) {
    case PLX_CELL_NULL:
        return plx_v_null(arena);
    case PLX_CELL_INT:
        return plx_v_i64(arena, cell->i64);
    case PLX_CELL_REAL:
        return plx_v_f64(arena, cell->f64);
    case PLX_CELL_TEXT:
    case PLX_CELL_BLOB: {
        const char *text = cell_text(arena, cell);
        size_t len = cell->type == PLX_CELL_TEXT ? cell->text.len : 2 * cell->text.len;
        return text ? plx_v_strn(arena, text, len) : NULL;
    }
    }
    return NULL;
}

/* Numbers stand to the right; the first row tells which columns hold them. */
static bool start_grid(printer *p, size_t n, const char *const *names, const plx_cell *cells)
{
    plx_arena *a = p->cli->arena;
    const char **headers = plx_arena_zero(a, n, sizeof *headers);
    plx_align *align = plx_arena_zero(a, n, sizeof *align);
    for (size_t i = 0; headers && align && i < n; i++) {
        headers[i] = plx_arena_strdup(a, names[i]);
        bool number = cells && (cells[i].type == PLX_CELL_INT || cells[i].type == PLX_CELL_REAL);
        align[i] = number ? PLX_RIGHT : PLX_LEFT;
        if (!headers[i]) {
            return false;
        }
    }
    p->grid = headers && align ? plx_grid_new(n, headers, align) : NULL;
    return p->grid != NULL;
}

static bool grid_row(void *payload, size_t n, const char *const *names, const plx_cell *cells, plx_err *err)
{
    printer *p = payload;
    plx_arena *a = p->cli->arena;
    if (!p->grid && !start_grid(p, n, names, cells)) {
        return plx_fail_nomem(err, n * sizeof *names);
    }
    if (!cells) {
        return true;
    }
    plx_arena_mark mark = plx_arena_get_mark(a);
    const char **texts = plx_arena_zero(a, n, sizeof *texts);
    bool ok = texts != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        texts[i] = cell_text(a, &cells[i]);
        ok = texts[i] != NULL;
    }
    ok = ok && plx_grid_row(p->grid, texts);
    plx_arena_reset(a, mark);
    return ok || plx_fail_nomem(err, n);
}

static bool json_row(void *payload, size_t n, const char *const *names, const plx_cell *cells, plx_err *err)
{
    printer *p = payload;
    plx_arena *a = p->cli->arena;
    if (!cells) {
        return true;
    }
    bool stream = p->cli->out_format == PLX_OUT_JSONL;
    plx_arena_mark mark = plx_arena_get_mark(a);
    plx_value *row = plx_v_obj(a);
    bool ok = row != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_v_set(a, row, names[i], cell_value(a, &cells[i]));
    }
    if (ok && !stream) {
        return plx_v_push(a, p->list, row) || plx_fail_nomem(err, n);
    }
    ok = ok ? plx_cli_json(p->cli, row, err) : plx_fail_nomem(err, n);
    plx_arena_reset(a, mark);
    return ok;
}

static const char tables_query[] =
    "SELECT m.name, m.type, (SELECT group_concat(p.name, ' ') FROM pragma_table_info(m.name) AS p) AS columns "
    "FROM sqlite_schema AS m WHERE m.type IN ('table', 'view') ORDER BY m.type DESC, m.name";

static bool run(plx_cli *cli, const void *options, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)exit_code;
    const sql_opts *opts = options;
    plx_catalog *catalog = NULL;
    if (!plx_catalog_open(&cli->ctx, &cli->store, &catalog, err)) {
        return false;
    }
    printer p = {.cli = cli, .list = plx_v_arr(cli->arena)};
    const char *query = n_args > 0 ? args[0] : tables_query;
    const char *const *params = n_args > 1 ? args + 1 : NULL;
    double seconds = opts->limit_time < 0 ? 0 : opts->limit_time;
    bool json = plx_cli_wants_json(cli);
    bool ok = p.list ? plx_catalog_query(catalog, query, params, n_args > 1 ? n_args - 1 : 0, seconds,
                                         json ? json_row : grid_row, &p, err)
                     : plx_fail_nomem(err, 0);
    if (ok && !json) {
        ok = plx_cli_grid(cli, p.grid, err);
    } else if (ok && cli->out_format == PLX_OUT_JSON) {
        ok = plx_cli_json(cli, p.list, err);
    }
    if (ok && n_args == 0 && cli->out_format == PLX_OUT_TEXT && !cli->g.quiet) {
        fputs("\nexample: plexus sql \"SELECT pre, post, weight FROM synapse WHERE kind = 'gap' ORDER BY weight DESC "
              "LIMIT 5\"\n",
              cli->out);
    }
    plx_grid_free(p.grid);
    plx_catalog_close(catalog);
    return ok;
}

const plx_command plx_cmd_sql = {
    .name = "sql",
    .group = "catalog",
    .summary = "Ask the catalog with SQL; read only, with a time limit",
    .usage = "sql [QUERY [VALUE...]] [--limit-time TIME]",
    .examples = "plexus sql\ttables and views with their columns\n"
                "plexus sql \"SELECT ref, records FROM datasets\"\twhat is stored\n"
                "plexus sql \"SELECT * FROM synapse WHERE pre = ?\" AVAL -O csv\ta value for a question mark\n"
                "plexus sql \"SELECT count(*) AS n FROM edge\" --json\tfor a program\n",
    .doc = "QUERY is one SQLite statement that only reads. Each VALUE stands for a question mark and is bound as text. "
           "Blobs "
           "(digests) print as hex. Without QUERY it lists tables and views.\n"
           "catalog.db is rebuilt from the store's files, so it can also be opened with any SQLite program.\n",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(sql_opts),
    .defaults = &defaults,
    .max_args = 1 + PARAMS_MAX,
    .args_doc = "",
    .run = run,
};
