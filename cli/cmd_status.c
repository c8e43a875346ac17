/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "core/num.h"
#include "registry/status.h"

static bool as_json(plx_cli *cli, const plx_status *s, plx_err *err)
{
    plx_arena *a = cli->arena;
    plx_value *root = plx_v_obj(a);
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {
        {"blob_bytes", s->blob_bytes},     {"blobs", s->blobs},       {"datasets", s->datasets},
        {"free_bytes", s->free_bytes},     {"partials", s->partials}, {"quarantined", s->quarantined},
        {"record_bytes", s->record_bytes}, {"records", s->records},
    };
    bool ok = root != NULL;
    for (size_t i = 0; ok && i < sizeof counts / sizeof *counts; i++) {
        ok = plx_v_set(a, root, counts[i].key, plx_v_u64(a, counts[i].n));
    }
    ok = ok && plx_v_set(a, root, "store", plx_v_str(a, cli->store.root)) &&
         plx_v_set(a, root, "format", plx_v_i64(a, PLX_STORE_FORMAT)) &&
         plx_v_set(a, root, "format_damaged", plx_v_bool(a, cli->store.format_damaged)) &&
         plx_v_set(a, root, "catalog", plx_v_str(a, plx_catalog_state_name(s->catalog)));
    return plx_cli_json(cli, ok ? root : NULL, err);
}

static void counted(FILE *to, const char *label, uint64_t n, const uint64_t *bytes)
{
    char number[PLX_NUM_TEXT], size[PLX_NUM_TEXT];
    plx_print_grouped(n, number);
    fprintf(to, "%-12s %s", label, number);
    if (bytes) {
        plx_print_bytes(*bytes, size);
        fprintf(to, "  (%s)", size);
    }
    fputc('\n', to);
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts, (void)args, (void)n_args, (void)exit_code;
    plx_status s;
    if (!plx_status_make(&cli->ctx, &cli->store, &s, err)) {
        return false;
    }
    if (plx_cli_wants_json(cli)) {
        return as_json(cli, &s, err);
    }
    char size[PLX_NUM_TEXT];
    plx_print_bytes(s.free_bytes, size);
    fprintf(cli->out, "%-12s %s\n", "store", cli->store.root);
    fprintf(cli->out, "%-12s %d%s\n", "format", PLX_STORE_FORMAT,
            cli->store.format_damaged ? ", but its FORMAT file is damaged: plexus repair" : "");
    counted(cli->out, "data sets", s.datasets, NULL);
    counted(cli->out, "records", s.records, &s.record_bytes);
    counted(cli->out, "blobs", s.blobs, &s.blob_bytes);
    fprintf(cli->out, "%-12s %s%s\n", "catalog", plx_catalog_state_name(s.catalog),
            s.catalog == PLX_CATALOG_DAMAGED                                      ? ": plexus repair"
            : s.catalog == PLX_CATALOG_BEHIND || s.catalog == PLX_CATALOG_MISSING ? ", made when it is next needed"
                                                                                  : "");
    counted(cli->out, "in progress", s.partials, NULL);
    if (s.quarantined) {
        counted(cli->out, "quarantined", s.quarantined, NULL);
    }
    fprintf(cli->out, "%-12s %s\n", "free", size);
    return true;
}

const plx_command plx_cmd_status = {
    .name = "status",
    .group = "store",
    .summary = "What the store holds, in numbers",
    .usage = "status [--json]",
    .examples = "plexus status\tfor people\n"
                "plexus status --json\tthe same numbers for a script\n",
    .doc = "Counts names and sizes; nothing is hashed and nothing is changed. plexus verify finds damage.\n"
           "\n"
           "The catalog is current; or behind or missing, which the next verb that reads it mends by itself; or "
           "damaged, which "
           "plexus repair mends. Work in progress belongs to a running process, or to a dead one and is swept away by "
           "the next "
           "verb that writes.\n",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_JSON | PLX_AS_JSONL,
    .args_doc = "",
    .run = run,
};
