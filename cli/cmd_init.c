/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts, (void)exit_code;
    const char *dir = n_args ? args[0] : cli->store_dir;
    bool existed = plx_fs_exists(dir);
    if (!dir[0] && !plx_store_default_dir(cli->g.store_dir, cli->store_dir, err)) {
        return false;
    }
    if (n_args && cli->g.store_dir) {
        return plx_fail(err, PLX_E_ARG, "the store is named twice: %s and --store %s", args[0], cli->g.store_dir);
    }
    if (cli->g.dry_run) {
        fprintf(cli->out, "%s %s\n", existed ? "would look at" : "would make a store at", dir);
        return true;
    }
    if (!plx_store_init(&cli->ctx, dir, &existed, err)) {
        return false;
    }
    if (plx_cli_wants_json(cli)) {
        plx_arena *a = cli->arena;
        plx_value *root = plx_v_obj(a);
        bool ok = root && plx_v_set(a, root, "store", plx_v_str(a, dir)) &&
                  plx_v_set(a, root, "existed", plx_v_bool(a, existed)) &&
                  plx_v_set(a, root, "format", plx_v_i64(a, PLX_STORE_FORMAT));
        return plx_cli_json(cli, ok ? root : NULL, err);
    }
    fprintf(cli->out, "%s %s\n", existed ? "there is already a store at" : "made an empty store at", dir);
    return true;
}

const plx_command plx_cmd_init = {
    .name = "init",
    .group = "store",
    .summary = "Make an empty store",
    .usage = "init [DIR]",
    .examples = "plexus init\tat the default place\n"
                "plexus init data/worm\tin a folder of your project; then export PLEXUS_STORE=data/worm\n",
    .doc = "Not needed before plexus get, which makes a missing store by itself. A folder that is a store already is "
           "left as it "
           "is; one with other things in it is refused with exit code 9. What a store is: plexus help store\n",
    .formats = PLX_AS_JSON | PLX_AS_JSONL,
    .max_args = 1,
    .args_doc = "dir",
    .run = run,
};
