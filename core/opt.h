/* SPDX-License-Identifier: Apache-2.0
 *
 * Option tables: one table per verb drives parsing, help, man page and completion.
 */
#ifndef PLX_CORE_OPT_H
#define PLX_CORE_OPT_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum plx_opt_type {
    PLX_OPT_FLAG,    /* bool */
    PLX_OPT_TEXT,    /* const char * */
    PLX_OPT_LIST,    /* plx_opt_list: may be given again, or with commas */
    PLX_OPT_INT,     /* int64_t */
    PLX_OPT_BYTES,   /* uint64_t, "4G" */
    PLX_OPT_SECONDS, /* double: "30s", "5m", "0", "forever" = -1 */
    PLX_OPT_CHOICE,  /* const char *, one of `choices` separated by | */
    PLX_OPT_COUNT    /* int: how often it was given (-vv) */
} plx_opt_type;

enum { PLX_OPT_LIST_MAX = 64 };
typedef struct plx_opt_list {
    const char *items[PLX_OPT_LIST_MAX];
    size_t n;
} plx_opt_list;

typedef struct plx_opt {
    const char *name; /* "dry-run" */
    char letter;      /* 'n', or 0 */
    plx_opt_type type;
    size_t offset;          /* of the target in the options struct */
    const char *value_name; /* "DIR"; NULL for flags */
    const char *choices;    /* PLX_OPT_CHOICE: "text|json|csv" */
    const char *doc;        /* one sentence */
} plx_opt;

/* Parse argv[1..argc) into `target` by `tables` (n_tables arrays, each ended by a zeroed entry). GNU style: --name=v,
 * --name v, -n5, -nqv, "--" ends options; options and positionals may mix. positional[] gets borrowed pointers into
 * argv. errors: ARG naming the word, with the nearest known option as suggestion. */
bool plx_opt_parse(const plx_opt *const *tables, void *const *targets, size_t n_tables, int argc, char **argv,
                   const char **positional, size_t max_positional, size_t *n_positional, plx_err *err);
/* Help lines "  -n, --dry-run        doc" wrapped to `width`. */
void plx_opt_help(const plx_opt *table, unsigned width, FILE *to);

#endif
