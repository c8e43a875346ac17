/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus dump: what a file holds, as a tree; or the values of one item in it.
 */
#include "cli/dump_text.h"

#include "core/fs.h"
#include "formats/format.h"

#include <string.h>

typedef struct dump_opts {
    int64_t limit, depth;
    const char *as;
} dump_opts;

static const dump_opts defaults = {.limit = 20};

static const plx_opt opts_table[] = {
    {"limit", 0, PLX_OPT_INT, offsetof(dump_opts, limit), "N", NULL,
     "Rows, values along an axis and entries of a list to show at most; 20 when left out, 0 for all."},
    {"depth", 0, PLX_OPT_INT, offsetof(dump_opts, depth), "N", NULL, "Levels of the tree to show; all when left out."},
    {"as", 0, PLX_OPT_TEXT, offsetof(dump_opts, as), "FORMAT", NULL,
     "Read as this format instead of finding out (see plexus help formats)."},
    {0},
};

/* FILE or FILE:/ITEM. A name with a colon is a file when there is one of it. *item stays NULL for the first form. */
static bool split(plx_arena *arena, const char *word, const char **path, const char **item, plx_err *err)
{
    *path = word;
    *item = NULL;
    for (const char *colon = strchr(word, ':'); colon && !plx_fs_exists(word); colon = strchr(colon + 1, ':')) {
        char *start = plx_arena_strndup(arena, word, (size_t)(colon - word));
        if (!start) {
            return plx_fail_nomem(err, strlen(word));
        }
        if (plx_fs_exists(start)) {
            *path = start;
            *item = colon + 1 + strspn(colon + 1, "/");
            break;
        }
    }
    return true;
}

/* What is below `depth` levels goes; how many there were stays. */
static bool prune(plx_arena *arena, plx_value *item, int64_t depth)
{
    for (size_t i = 0; i < item->u.obj.n; i++) {
        plx_value *list = item->u.obj.members[i].value;
        if (!plx_slice_is(item->u.obj.members[i].key, "items") || list->kind != PLX_V_ARR) {
            continue;
        }
        if (depth <= 1) {
            size_t n = list->u.arr.n;
            list->u.arr.n = 0;
            return plx_v_get(item, "n_items") || plx_v_set(arena, item, "n_items", plx_v_u64(arena, n));
        }
        for (size_t k = 0; k < list->u.arr.n; k++) {
            if (!prune(arena, list->u.arr.items[k], depth - 1)) {
                return false;
            }
        }
    }
    return true;
}

static bool dump_one(plx_cli *cli, const dump_opts *opts, const char *word, plx_value **out, plx_err *err)
{
    plx_outline_ask ask = {.ctx = &cli->ctx, .arena = cli->arena, .limit = (uint64_t)opts->limit};
    const plx_format *format = NULL;
    plx_value *tree;
    if (!split(cli->arena, word, &ask.path, &ask.item, err)) {
        return false;
    }
    if (opts->as) {
        format = plx_format_find(opts->as);
        if (!format) {
            plx_fail(err, PLX_E_ARG, "there is no format %s", opts->as);
            return plx_err_next(err, "plexus help formats");
        }
    } else if (!plx_format_detect(ask.path, &format, err)) {
        return false;
    }
    if (!format->outline(&ask, &tree, err)) {
        return false;
    }
    plx_arena *a = cli->arena;
    *out = plx_v_obj(a);
    bool ok = *out && (opts->depth == 0 || prune(a, tree, opts->depth)) &&
              plx_v_set(a, *out, "file", plx_v_str(a, ask.path)) &&
              plx_v_set(a, *out, "format", plx_v_str(a, format->name)) &&
              plx_v_set(a, *out, "item", ask.item ? plx_v_str(a, ask.item) : plx_v_null(a)) &&
              plx_v_set(a, *out, "tree", tree);
    return ok || plx_fail_nomem(err, 0);
}

static bool run(plx_cli *cli, const void *opts_ptr, const char *const *args, size_t n_args, int *exit_code,
                plx_err *err)
{
    const dump_opts *opts = opts_ptr;
    bool json = plx_cli_wants_json(cli);
    plx_value *all = plx_v_arr(cli->arena);
    (void)exit_code;
    if (opts->limit < 0 || opts->depth < 0) {
        return plx_fail(err, PLX_E_ARG, "%s is not below 0", opts->limit < 0 ? "--limit" : "--depth");
    }
    for (size_t i = 0; i < n_args; i++) {
        plx_value *one = NULL;
        if (!dump_one(cli, opts, args[i], &one, err)) {
            return false;
        }
        if (json) {
            plx_v_push(cli->arena, all, one);
        } else if (!plx_dump_text(cli, one, n_args > 1, err)) {
            return false;
        }
    }
    return !json || plx_cli_json(cli, n_args == 1 && all && all->u.arr.n == 1 ? all->u.arr.items[0] : all, err);
}

const plx_command plx_cmd_dump = {
    .name = "dump",
    .group = "data",
    .summary = "Show what a file holds: a tree of types, shapes and attributes, or values",
    .usage = "dump FILE[:/ITEM]... [--limit N] [--depth N]",
    .examples = "plexus dump worm.h5\tgroups, data sets and attributes\n"
                "plexus dump worm.h5:/gcamp/traces\tits first values along each axis\n"
                "plexus dump book.xlsx:/Sheet1/A1:C20\tcells of a sheet\n"
                "plexus dump edges.csv:/\tthe first rows; without :/ its columns\n"
                "plexus dump set.zip --json\tmembers and their sizes for programs\n",
    .doc =
        "Works on every format of `plexus help formats`, and on any file, in a store or not. What can be named behind "
        "the colon is what the tree shows: a data set, an array, a column, a sheet or cells of one, a member of an "
        "archive, a key or index of JSON or YAML. `FILE:/` alone is the content of a file that is one table or "
        "array. Values are the first ones along each axis. With -O csv the rows and values are a table for "
        "other programs.",
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(dump_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 256,
    .args_doc = "file",
    .run = run,
};
