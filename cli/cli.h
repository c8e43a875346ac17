/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs: one const struct per file cmd_<verb>.c, one line in commands.def. A verb parses nothing itself, holds no logic of its
 * own, prints data on out and talk on stderr.
 */
#ifndef PLX_CLI_CLI_H
#define PLX_CLI_CLI_H

#include "core/opt.h"
#include "core/ctx.h"
#include "registry/manifest.h"
#include "registry/store.h"

typedef enum plx_out { PLX_OUT_TEXT, PLX_OUT_JSON, PLX_OUT_JSONL, PLX_OUT_CSV, PLX_OUT_MD, PLX_OUT_HTML } plx_out;

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
    FILE *out;            /* stdout, or -o FILE (published only on success) */
    unsigned width;       /* of the terminal; 0 when unbounded */
    bool color;
    plx_arena *arena;     /* for the command's life */
    plx_registry *registry; /* opened when the verb needs it */
    plx_store store;      /* opened when the verb needs it */
    bool has_store;
} plx_cli;

enum {
    PLX_NEEDS_REGISTRY = 1,
    PLX_NEEDS_STORE = 2,      /* readable; NOTFOUND when there is none */
    PLX_MAY_STORE = 4,        /* opened when it exists, fine without */
    PLX_NEEDS_WRITE = 8,      /* made when missing */
    PLX_NEEDS_EXCLUSIVE = 16
};

typedef struct plx_command {
    const char *name, *group; /* group: store, catalog, data, bench, other */
    const char *summary;      /* one line */
    const char *usage;        /* "get REF... [flags]" */
    const char *examples;     /* "command\tsays what\n" lines: shown first */
    const char *doc;          /* paragraphs */
    unsigned needs;
    const plx_opt *opts;      /* own options; may be NULL */
    size_t opts_size;         /* of the struct they fill */
    size_t min_args, max_args;
    const char *args_doc;     /* what positionals complete to: "ref", "file", "verb", "" */
    /* Returns false with err set; *exit_code is 0 unless the answer is negative (1). */
    bool (*run)(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err);
} plx_command;

extern const plx_command *const plx_commands[]; /* in help order, NULL at the end */
const plx_command *plx_command_find(const char *name);
extern const plx_opt plx_global_opts[];

/* what / where / why / kept / next on stderr. */
void plx_render_err(FILE *to, const plx_err *err, bool color);

#endif
