/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs: one const struct per file cmd_<verb>.c, one line in commands.def. A verb parses nothing itself, holds no logic
 * of its own, prints data on out and talk on stderr.
 */
#ifndef PLX_CLI_CLI_H
#define PLX_CLI_CLI_H

#include "core/ctx.h"
#include "core/opt.h"
#include "core/tty.h"
#include "core/value.h"
#include "registry/manifest.h"
#include "registry/store.h"

/* Output formats, in the order of PLX_AS_. */
typedef enum plx_out {
    PLX_OUT_TEXT,
    PLX_OUT_JSON,
    PLX_OUT_JSONL,
    PLX_OUT_CSV,
    PLX_OUT_MD,
    PLX_OUT_HTML,
    PLX_OUT_TOML
} plx_out;

/* What a verb prints besides text (PLX_AS_TEXT is always there). */
enum {
    PLX_AS_TEXT = 1 << PLX_OUT_TEXT,
    PLX_AS_JSON = 1 << PLX_OUT_JSON,
    PLX_AS_JSONL = 1 << PLX_OUT_JSONL,
    PLX_AS_CSV = 1 << PLX_OUT_CSV,
    PLX_AS_MD = 1 << PLX_OUT_MD,
    PLX_AS_HTML = 1 << PLX_OUT_HTML,
    PLX_AS_TOML = 1 << PLX_OUT_TOML,
    PLX_AS_GRID = PLX_AS_TEXT | PLX_AS_CSV | PLX_AS_MD | PLX_AS_HTML /* what plx_cli_grid prints */
};

/* Flags with one meaning everywhere. */
typedef struct plx_global {
    const char *store_dir, *format_name, *output_path, *color, *registry_dirs;
    bool offline, dry_run, quiet, json, no_progress, help;
    int verbose;
    int64_t jobs, seed;
    uint64_t max_rss;
    double wait_s;
} plx_global;

typedef struct plx_cli {
    plx_ctx ctx;
    plx_global g;
    plx_out out_format;
    FILE *out;      /* stdout, or -o FILE (published only on success) */
    unsigned width; /* of the terminal; 0 when unbounded */
    bool color;
    plx_arena *arena;       /* for the command's life */
    plx_registry *registry; /* opened when the verb needs it */
    plx_store store;        /* opened when the verb needs it */
    bool has_store;
    char store_dir[PLX_PATH]; /* where it is, or would be */
} plx_cli;

enum {
    PLX_NEEDS_REGISTRY = 1,
    PLX_NEEDS_STORE = 2, /* readable; NOTFOUND when there is none */
    PLX_MAY_STORE = 4,   /* opened when it exists, fine without */
    PLX_NEEDS_WRITE =
        8, /* made when missing, unless with NEEDS_STORE; with --dry-run only opened to read, when it exists */
    PLX_NEEDS_EXCLUSIVE = 16 /* must exist; with --dry-run only opened to read */
};

typedef struct plx_command {
    const char *name, *group; /* group: store, catalog, data, bench, other */
    const char *summary;      /* one line */
    const char *usage;        /* "get REF... [flags]" */
    const char *examples;     /* "command\tsays what\n" lines: shown first */
    const char *doc;          /* paragraphs; lines that start with a blank are kept as they are */
    unsigned needs;
    unsigned formats;     /* PLX_AS_...; others are refused before the verb runs */
    const plx_opt *opts;  /* own options; may be NULL. One named like a global one stands in its place: -O of export */
    size_t opts_size;     /* of the struct they fill */
    const void *defaults; /* opts_size bytes they start from; NULL: zeros */
    size_t min_args, max_args;
    const char *args_doc; /* what positionals complete to: "ref", "file", "dir", "verb", "topic", "shell", "" */
    /* Returns false with err set; *exit_code is 0 unless the answer is negative (1). */
    bool (*run)(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err);
} plx_command;

extern const plx_command
    *const plx_commands[]; /* in help order, NULL at the end; cmd_<verb>.c defines plx_cmd_<verb> */
const plx_command *plx_command_find(const char *name); /* NULL when there is none */
extern const plx_opt plx_global_opts[];

/* Parse, open what the verb needs, run it, publish -o. Returns the exit code; the error is already on stderr. `cancel`
 * is set to the number of the signal that asks to stop. */
int plx_cli_run(int argc, char **argv, const volatile sig_atomic_t *cancel);

/* Print a grid as text, csv, md or html, whatever was asked for. */
bool plx_cli_grid(plx_cli *cli, const plx_grid *grid, plx_err *err);
/* The store of --store, waiting for its lock as long as --wait says. For verbs that only find out what they need of it
 * from their arguments. errors: those of plx_store_open. */
bool plx_cli_open_store(plx_cli *cli, plx_store_need need, plx_store *out, plx_err *err);
/* Print a tree: indented for json, as TOML for toml; for jsonl one line, or one line per item of an array. A NULL
 * `value` is a failed maker. */
bool plx_cli_json(plx_cli *cli, const plx_value *value, plx_err *err);
/* True when the verb is to print a tree (JSON, JSON lines or TOML) rather than text or a table. */
bool plx_cli_wants_json(const plx_cli *cli);

/* what / where / why / kept / next on stderr. */
void plx_render_err(FILE *to, const plx_err *err, bool color);

/* The pages of `plexus help`: all verbs, one verb, one topic, and the list of topics. */
void plx_help_overview(FILE *to, unsigned width, bool color);
void plx_help_verb(const plx_command *command, FILE *to, unsigned width, bool color);
typedef struct plx_topic {
    const char *name, *summary;
    const char *text; /* NULL: made by `print` */
    void (*print)(FILE *to, unsigned width, bool color);
} plx_topic;
extern const plx_topic plx_topics[]; /* ended by name NULL */
const plx_topic *plx_topic_find(const char *name);
void plx_help_topic(const plx_topic *topic, FILE *to, unsigned width, bool color);
/* Paragraphs wrapped to `width`, each line after `indent` blanks; lines that start with a blank are kept as they are.
 */
void plx_help_text(const char *text, unsigned indent, unsigned width, FILE *to);
/* Examples ("command\tsays what\n" lines) under each other. */
void plx_help_examples(const char *examples, FILE *to, unsigned width, bool color);

/* Man page (roff, man macros) of a verb, or of the program when `command` is NULL. */
void plx_man_page(const plx_command *command, FILE *to);

#endif
