/* SPDX-License-Identifier: Apache-2.0
 *
 * The dispatcher: finds the verb, parses all options, opens registry and store as the verb's `needs` say, runs it,
 * publishes -o FILE, and turns the outcome into an exit code.
 */
#define _GNU_SOURCE /* RLIMIT_DATA */
#include "cli/cli.h"
#include "cli/output.h"

#include "core/alloc.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/str.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_PIPE = 128 + SIGPIPE, MAX_COMMANDS = 64, DEFAULT_WAIT_S = 30 };

#define PLX_COMMAND(name) extern const plx_command plx_cmd_##name;
#include "cli/commands.def"
#undef PLX_COMMAND
const plx_command *const plx_commands[] = {
#define PLX_COMMAND(name) &plx_cmd_##name,
#include "cli/commands.def"
#undef PLX_COMMAND
    NULL,
};

#define AT(member) offsetof(plx_global, member)
const plx_opt plx_global_opts[] = {
    {"store", 0, PLX_OPT_TEXT, AT(store_dir), "DIR", NULL,
     "The store to use; else $PLEXUS_STORE, else plexus below $XDG_DATA_HOME or ~/.local/share."},
    {"registry", 0, PLX_OPT_TEXT, AT(registry_dirs), "DIRS", NULL,
     "Folders with more manifests, separated by colons; else $PLEXUS_REGISTRY."},
    {"offline", 0, PLX_OPT_FLAG, AT(offline), NULL, NULL, "Never use the network."},
    {"jobs", 'j', PLX_OPT_INT, AT(jobs), "N", NULL,
     "Threads to use; 0, the default, is one per processor. Results do not depend on it."},
    {"dry-run", 'n', PLX_OPT_FLAG, AT(dry_run), NULL, NULL, "Say what would be done and change nothing."},
    {"format", 'O', PLX_OPT_CHOICE, AT(format_name), NULL, "text|json|jsonl|csv|md|html|toml",
     "How to print the answer."},
    {"json", 0, PLX_OPT_FLAG, AT(json), NULL, NULL, "The same as -O json."},
    {"output", 'o', PLX_OPT_TEXT, AT(output_path), "FILE", NULL,
     "Print to FILE, which appears only when all of it is written; - is standard output."},
    {"quiet", 'q', PLX_OPT_FLAG, AT(quiet), NULL, NULL, "Only errors on standard error."},
    {"verbose", 'v', PLX_OPT_COUNT, AT(verbose), NULL, NULL, "Say more on standard error; twice for everything."},
    {"seed", 0, PLX_OPT_INT, AT(seed), "N", NULL, "Seed of everything random; 0 is the default."},
    {"max-rss", 0, PLX_OPT_BYTES, AT(max_rss), "BYTES", NULL,
     "Use no more memory than this, such as 4G; past it the exit code is 7."},
    {"wait", 0, PLX_OPT_SECONDS, AT(wait_s), "TIME", NULL,
     "How long to wait for a busy store: 30s (the default), 5m, 0, forever."},
    {"no-progress", 0, PLX_OPT_FLAG, AT(no_progress), NULL, NULL, "No progress bar."},
    {"color", 0, PLX_OPT_CHOICE, AT(color), NULL, "auto|always|never",
     "Colour; auto, the default, also heeds NO_COLOR and CLICOLOR_FORCE."},
    {"help", 'h', PLX_OPT_FLAG, AT(help), NULL, NULL, "What the verb does, by example."},
    {0},
};
#undef AT

const plx_command *plx_command_find(const char *name)
{
    for (const plx_command *const *c = plx_commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0) {
            return *c;
        }
    }
    return NULL;
}

/* What one invocation holds besides what verbs see. */
typedef struct session {
    plx_cli cli;
    const plx_command *command;
    void *opts;
    const char **args;
    size_t n_args;
    plx_output output;
} session;

static const plx_opt *global_opt(const char *name, size_t len, char letter)
{
    for (const plx_opt *o = plx_global_opts; o->name; o++) {
        if (letter ? o->letter == letter : strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
            return o;
        }
    }
    return NULL;
}

static bool takes_value(const plx_opt *o)
{
    return o && o->type != PLX_OPT_FLAG && o->type != PLX_OPT_COUNT;
}

/* Index of the first word that is no global option or value of one; argc when there is none. *unknown is the index of
 * an option before it that is not a global one, or 0. */
static int find_verb(int argc, char **argv, int *unknown)
{
    *unknown = 0;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || !word[1]) {
            return i;
        }
        const plx_opt *o = NULL;
        bool value_here = false;
        if (word[1] == '-') {
            if (!word[2]) {
                return i + 1;
            }
            size_t len = strcspn(word + 2, "=");
            o = global_opt(word + 2, len, 0);
            value_here = word[2 + len] != '\0';
        } else {
            for (const char *c = word + 1; *c; c++) {
                o = global_opt(NULL, 0, *c);
                value_here = c[1] != '\0';
                if (!o || takes_value(o)) {
                    break;
                }
            }
        }
        if (!o) {
            *unknown = i;
            return argc;
        }
        i += takes_value(o) && !value_here;
    }
    return argc;
}

static bool unknown_verb(const char *word, plx_err *err)
{
    const char *names[MAX_COMMANDS];
    size_t n = 0;
    for (const plx_command *const *c = plx_commands; *c && n < MAX_COMMANDS; c++) {
        names[n++] = (*c)->name;
    }
    const char *near = plx_nearest(word, names, n);
    plx_fail(err, PLX_E_ARG, "there is no verb %s", word);
    if (near) {
        plx_err_why(err, "did you mean %s?", near);
        return plx_err_next(err, "plexus help %s", near);
    }
    return plx_err_next(err, "plexus help");
}

/* Options and arguments into s; the verb itself is left out of argv. */
static bool parse(session *s, int argc, char **argv, plx_err *err)
{
    plx_cli *cli = &s->cli;
    s->args = plx_arena_zero(cli->arena, (size_t)argc + 1, sizeof *s->args);
    if (!s->args) {
        return plx_fail_nomem(err, (size_t)argc * sizeof *s->args);
    }
    int unknown, at = find_verb(argc, argv, &unknown);
    if (at < argc) {
        s->command = plx_command_find(argv[at]);
        if (!s->command) { /* as far as they go, options such as --color hold for the error as well */
            const plx_opt *const tables[1] = {plx_global_opts};
            void *const targets[1] = {&cli->g};
            const char *word = argv[at];
            plx_opt_parse(tables, targets, 1, argc, argv, s->args, (size_t)argc, &s->n_args, NULL);
            return unknown_verb(word, err);
        }
    } else if (unknown && strcmp(argv[unknown], "--version") == 0) {
        s->command = plx_command_find("version"); /* a habit, not an option */
        at = unknown;
    }
    for (int i = at; i + 1 < argc; i++) {
        argv[i] = argv[i + 1];
    }
    argc -= at < argc;
    const plx_command *command = s->command;
    if (command && command->opts_size) {
        s->opts = plx_arena_zero(cli->arena, 1, command->opts_size);
        if (!s->opts) {
            return plx_fail_nomem(err, command->opts_size);
        }
        if (command->defaults) {
            memcpy(s->opts, command->defaults, command->opts_size);
        }
    }
    /* The verb's own options come first, so that one of the same name stands in for a global one. */
    const plx_opt *tables[2] = {command ? command->opts : NULL, plx_global_opts};
    void *targets[2] = {s->opts, &cli->g};
    size_t max = command ? command->max_args : 0;
    if (!plx_opt_parse(tables, targets, 2, argc, argv, s->args, max, &s->n_args, err)) {
        if (unknown && !command && err->code == PLX_E_ARG && !err->why[0]) {
            plx_err_why(err, "options of a verb come after the verb");
        }
        return command ? plx_err_next(err, "plexus help %s", command->name) : plx_err_next(err, "plexus help");
    }
    return true;
}

static bool settle_format(session *s, plx_err *err)
{
    static const char *const names[] = {"text", "json", "jsonl", "csv", "md", "html", "toml"};
    plx_cli *cli = &s->cli;
    const char *name = cli->g.format_name ? cli->g.format_name : cli->g.json ? "json" : "text";
    if (cli->g.json && strcmp(name, "json") != 0) {
        return plx_fail(err, PLX_E_ARG, "--json and -O %s contradict each other", name);
    }
    unsigned formats = s->command->formats | PLX_AS_TEXT;
    char known[64] = "";
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            cli->out_format = (plx_out)i;
        }
        if (formats & 1U << i) {
            size_t used = strlen(known);
            snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", names[i]);
        }
    }
    if (!(formats & 1U << cli->out_format)) {
        plx_fail(err, PLX_E_ARG, "plexus %s does not print %s", s->command->name, name);
        return plx_err_why(err, "it prints %s", known);
    }
    return true;
}

static bool settle_arguments(session *s, plx_err *err)
{
    plx_cli *cli = &s->cli;
    const plx_command *c = s->command;
    if (s->n_args < c->min_args) {
        plx_fail(err, PLX_E_ARG, "plexus %s needs %s", c->name, c->min_args == 1 ? "an argument" : "more arguments");
        plx_err_why(err, "it is used as: plexus %s", c->usage);
        return plx_err_next(err, "plexus help %s", c->name);
    }
    if (cli->g.jobs < 0 || cli->g.jobs > 1024) {
        return plx_fail(err, PLX_E_ARG, "--jobs is a number from 0 to 1024");
    }
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    cli->ctx.jobs = cli->g.jobs ? (unsigned)cli->g.jobs : cpus > 0 ? (unsigned)cpus : 1;
    cli->ctx.offline = cli->g.offline;
    if (cli->g.max_rss) {
        struct rlimit limit = {cli->g.max_rss, cli->g.max_rss};
        if (setrlimit(RLIMIT_DATA, &limit) != 0) {
            return plx_fail_sys(err, errno, "cannot bound the memory");
        }
        cli->ctx.limits.memory_bytes = cli->g.max_rss;
    }
    return settle_format(s, err);
}

bool plx_cli_open_store(plx_cli *cli, plx_store_need need, plx_store *out, plx_err *err)
{
    double ms = cli->g.wait_s * 1000;
    return plx_store_open(&cli->ctx, cli->store_dir, need, ms < 0 ? -1 : ms > 2e9 ? 2000000000 : (int)ms, out, err);
}

static bool open_store(session *s, plx_err *err)
{
    plx_cli *cli = &s->cli;
    unsigned needs = s->command->needs;
    unsigned any = PLX_NEEDS_STORE | PLX_MAY_STORE | PLX_NEEDS_WRITE | PLX_NEEDS_EXCLUSIVE;
    /* Where the store would be is worth knowing to all; only those that open one fail over it. */
    if (!plx_store_default_dir(cli->g.store_dir, cli->store_dir, needs & any ? err : NULL)) {
        cli->store_dir[0] = '\0';
        return !(needs & any);
    }
    bool optional = needs & PLX_MAY_STORE;
    plx_store_need need = PLX_STORE_READ;
    if (needs & PLX_NEEDS_WRITE) {
        bool existed, must_exist = needs & PLX_NEEDS_STORE;
        if (cli->g.dry_run) {
            optional = !must_exist;
        } else if (!must_exist && !plx_store_init(&cli->ctx, cli->store_dir, &existed, err)) {
            return false;
        } else {
            need = PLX_STORE_WRITE;
        }
    } else if (needs & PLX_NEEDS_EXCLUSIVE && !cli->g.dry_run) {
        need = PLX_STORE_EXCLUSIVE;
    } else if (!(needs & any)) {
        return true;
    }
    if (plx_cli_open_store(cli, need, &cli->store, err)) {
        cli->has_store = true;
        return true;
    }
    if (optional && err->code == PLX_E_NOTFOUND) {
        plx_err_clear(err);
        return true;
    }
    return false;
}

static bool open_talk(plx_cli *cli, plx_err *err)
{
    plx_level level = cli->g.quiet          ? PLX_LOG_ERROR
                      : cli->g.verbose == 0 ? PLX_LOG_INFO
                      : cli->g.verbose == 1 ? PLX_LOG_DEBUG
                                            : PLX_LOG_TRACE;
    bool color = plx_tty_wants_color(stderr, cli->g.color);
    cli->ctx.log = plx_log_new(stderr, level, color);
    if (!cli->ctx.log) {
        return plx_fail_nomem(err, 0);
    }
    if (!cli->g.quiet && !cli->g.no_progress) {
        const char *term = getenv("TERM");
        bool bar = plx_tty_is_terminal(stderr) && term && strcmp(term, "dumb") != 0;
        cli->ctx.progress = plx_progress_new(stderr, bar, color);
        if (!cli->ctx.progress) {
            return plx_fail_nomem(err, 0);
        }
    }
    return true;
}

static bool run_verb(session *s, int *exit_code, plx_err *err)
{
    plx_cli *cli = &s->cli;
    if (!settle_arguments(s, err) || !open_talk(cli, err)) {
        return false;
    }
    const char *dirs = cli->g.registry_dirs ? cli->g.registry_dirs : getenv("PLEXUS_REGISTRY");
    if (s->command->needs & PLX_NEEDS_REGISTRY && !plx_registry_open(&cli->ctx, dirs, &cli->registry, err)) {
        return false;
    }
    if (!open_store(s, err) || !plx_output_open(&s->output, cli, err)) {
        return false;
    }
    if (s->command->run(cli, s->opts, s->args, s->n_args, exit_code, err)) {
        return true;
    }
    if (err->code == PLX_OK) {
        plx_fail(err, PLX_E_BUG, "the verb %s failed without saying why", s->command->name);
        plx_err_why(err, "this is a bug in plexus, not in what you typed");
        plx_err_next(err, "plexus version --json");
    }
    return false;
}

static bool run(session *s, int argc, char **argv, int *exit_code, plx_err *err)
{
    plx_cli *cli = &s->cli;
    cli->arena = plx_arena_new(0);
    if (!cli->arena) {
        return plx_fail_nomem(err, 0);
    }
    if (!parse(s, argc, argv, err)) {
        return false;
    }
    if (!s->command || cli->g.help) {
        unsigned width = plx_tty_width(stdout);
        bool color = plx_tty_wants_color(stdout, cli->g.color);
        if (s->command) {
            plx_help_verb(s->command, stdout, width, color);
        } else {
            plx_help_overview(stdout, width, color);
        }
        return true;
    }
    return run_verb(s, exit_code, err);
}

/* Whoever failed knows best what comes next; when it did not say, the kind of failure does. */
static void advise(const session *s, plx_err *err)
{
    if (err->next[0]) {
        return;
    }
    switch (err->code) {
    case PLX_E_ARG:
        plx_err_next(err, s->command ? "plexus help %s" : "plexus help", s->command ? s->command->name : "");
        return;
    case PLX_E_NOTFOUND:
        plx_err_next(err, "plexus ls");
        return;
    case PLX_E_DIGEST:
        plx_err_next(err, "plexus verify");
        return;
    case PLX_E_LIMIT:
    case PLX_E_NOMEM:
    case PLX_E_NOSPACE:
    case PLX_E_IO:
        plx_err_next(err, "plexus doctor");
        return;
    case PLX_E_TRUNCATED:
    case PLX_E_FORMAT:
    case PLX_E_UNSUPPORTED:
    case PLX_E_SCHEMA:
        plx_err_next(err, "plexus help formats");
        return;
    case PLX_E_NEWER:
    case PLX_E_BUG:
        plx_err_next(err, "plexus version");
        return;
    case PLX_E_POLICY:
        plx_err_next(err, "plexus help exit-codes");
        return;
    case PLX_OK:
    case PLX_E_NEGATIVE:
    case PLX_E_NET:
    case PLX_E_BUSY:
    case PLX_E_CANCELLED:
    case PLX_N_CODES:
        return;
    }
}

int plx_cli_run(int argc, char **argv, const volatile sig_atomic_t *cancel)
{
    plx_err err;
    plx_err_clear(&err);
    session s = {.output.temp_fd = -1};
    s.cli.ctx = plx_ctx_default();
    s.cli.ctx.cancel = cancel;
    s.cli.out = stdout;
    s.cli.g.wait_s = DEFAULT_WAIT_S;
    int exit_code = 0;
    bool ok = run(&s, argc, argv, &exit_code, &err);
    bool pipe_closed = false;
    ok = plx_output_close(&s.output, &s.cli, ok, &pipe_closed, &err) && ok;
    if (s.cli.has_store) {
        plx_store_close(&s.cli.store);
    }
    plx_registry_close(s.cli.registry);
    plx_progress_free(s.cli.ctx.progress);
    plx_log_free(s.cli.ctx.log);
    int stop = __atomic_load_n(cancel, __ATOMIC_RELAXED);
    if (!ok && pipe_closed) {
        exit_code = EXIT_PIPE;
    } else if (!ok) {
        advise(&s, &err);
        plx_render_err(stderr, &err, plx_tty_wants_color(stderr, s.cli.g.color));
        exit_code = err.code == PLX_E_CANCELLED && stop ? 128 + stop : plx_code_exit(err.code);
    }
    plx_arena_free(s.cli.arena);
    return exit_code;
}
