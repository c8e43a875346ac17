/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "core/str.h"

#include <stddef.h>

typedef struct options {
    bool man;
} options;

static const plx_opt opts[] = {
    {"man", 0, PLX_OPT_FLAG, offsetof(options, man), NULL, NULL, "Print the man page (roff) instead."},
    {0},
};

static bool nothing_like(const char *word, plx_err *err)
{
    const char *names[96];
    size_t n = 0;
    for (const plx_command *const *c = plx_commands; *c && n < 64; c++) {
        names[n++] = (*c)->name;
    }
    for (const plx_topic *t = plx_topics; t->name && n < 96; t++) {
        names[n++] = t->name;
    }
    const char *near = plx_nearest(word, names, n);
    plx_fail(err, PLX_E_ARG, "there is no help on %s", word);
    if (near) {
        plx_err_why(err, "did you mean %s?", near);
        return plx_err_next(err, "plexus help %s", near);
    }
    return plx_err_next(err, "plexus help");
}

static bool run(plx_cli *cli, const void *opts_, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const options *o = opts_;
    (void)exit_code;
    const plx_command *command = n_args ? plx_command_find(args[0]) : NULL;
    const plx_topic *topic = n_args && !command ? plx_topic_find(args[0]) : NULL;
    if (n_args && !command && (!topic || o->man)) {
        return nothing_like(args[0], err);
    }
    if (o->man) {
        plx_man_page(command, cli->out);
    } else if (command) {
        plx_help_verb(command, cli->out, cli->width, cli->color);
    } else if (topic) {
        plx_help_topic(topic, cli->out, cli->width, cli->color);
    } else {
        plx_help_overview(cli->out, cli->width, cli->color);
    }
    return true;
}

const plx_command plx_cmd_help = {
    .name = "help",
    .group = "other",
    .summary = "What verbs do, by example, and what they share",
    .usage = "help [VERB | TOPIC] [--man]",
    .examples = "plexus help\tall verbs and the options they share\n"
                "plexus help get\tone verb\n"
                "plexus help exit-codes\tone topic: references, exit-codes, store or formats\n",
    .doc = "plexus VERB --help prints the same page as plexus help VERB. With --man the page comes as roff, for man; "
           "installed "
           "pages are made this way.\n",
    .opts = opts,
    .opts_size = sizeof(options),
    .max_args = 1,
    .args_doc = "topic",
    .run = run,
};
