/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/completion.h"

#include "core/str.h"

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts, (void)n_args, (void)exit_code;
    static const struct {
        const char *name;
        void (*print)(FILE *to);
    } shells[] = {{"bash", plx_completion_bash}, {"zsh", plx_completion_zsh}, {"fish", plx_completion_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(args[0], shells[i].name) == 0) {
            shells[i].print(cli->out);
            return true;
        }
    }
    plx_fail(err, PLX_E_ARG, "there is no completion for %s", args[0]);
    plx_err_why(err, "there is one for bash, zsh and fish");
    return plx_err_next(err, "plexus help completion");
}

const plx_command plx_cmd_completion = {
    .name = "completion",
    .group = "other",
    .summary = "Let a shell complete verbs, options and data sets",
    .usage = "completion bash|zsh|fish",
    .examples =
        "source <(plexus completion bash)\tin this bash\n"
        "plexus completion bash -o ~/.local/share/bash-completion/completions/plexus\tin every bash from now on\n"
        "plexus completion zsh -o ~/.zfunc/_plexus\tfor zsh, with ~/.zfunc in $fpath\n"
        "plexus completion fish -o ~/.config/fish/completions/plexus.fish\tfor fish\n",
    .doc = "The script is made from the tables that parsing uses. Names of data sets are asked of plexus ls while you "
           "type. An "
           "installed plexus has its bash completion in place.\n",
    .min_args = 1,
    .max_args = 1,
    .args_doc = "shell",
    .run = run,
};
