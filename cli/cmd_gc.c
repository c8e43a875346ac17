/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus gc: remove what no data set needs any more.
 */
#include "cli/cli.h"

#include "core/num.h"
#include "registry/verify.h"

#include <string.h>

typedef struct gc_opts {
    double grace_s;
} gc_opts;

static const gc_opts defaults = {3600};

static const plx_opt opts_table[] = {
    {"grace", 0, PLX_OPT_SECONDS, offsetof(gc_opts, grace_s), "TIME", NULL,
     "Keep what is younger than this (default 1h), such as 5m, 2d or 0."},
    {0},
};

typedef struct listing {
    plx_cli *cli;
    plx_value *list;
    bool failed;
} listing;

static bool each(void *payload, const char *path, uint64_t bytes)
{
    listing *l = payload;
    plx_arena *a = l->cli->arena;
    if (!plx_cli_wants_json(l->cli)) {
        char size[PLX_NUM_TEXT];
        if (l->cli->g.dry_run || l->cli->g.verbose) {
            plx_print_bytes(bytes, size);
            fprintf(l->cli->out, "%s  %s\n", path, size);
        }
        return true;
    }
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "path", plx_v_str(a, path)) && plx_v_set(a, v, "bytes", plx_v_u64(a, bytes)) &&
              plx_v_push(a, l->list, v);
    l->failed = l->failed || !ok;
    return true;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)args;
    (void)n_args;
    (void)exit_code;
    const gc_opts *o = opts;
    plx_arena *a = cli->arena;
    listing l = {.cli = cli, .list = plx_v_arr(a)};
    plx_gc_stats stats;
    if (!l.list) {
        return plx_fail_nomem(err, 0);
    }
    if (o->grace_s < 0) {
        return plx_fail(err, PLX_E_ARG, "--grace forever would remove nothing");
    }
    if (!plx_gc(&cli->ctx, &cli->store, o->grace_s, cli->g.dry_run, each, &l, &stats, err)) {
        return false;
    }
    if (!plx_cli_wants_json(cli)) {
        char size[PLX_NUM_TEXT];
        plx_print_bytes(stats.bytes, size);
        fprintf(cli->out, "%s %llu object%s, %s", cli->g.dry_run ? "would remove" : "removed",
                (unsigned long long)stats.objects, stats.objects == 1 ? "" : "s", size);
        if (stats.partials) {
            fprintf(cli->out, ", and %llu folder%s of processes that are gone", (unsigned long long)stats.partials,
                    stats.partials == 1 ? "" : "s");
        }
        if (stats.kept_young) {
            fprintf(cli->out, "; kept %llu that %s young (--grace 0 takes them)", (unsigned long long)stats.kept_young,
                    stats.kept_young == 1 ? "is" : "are");
        }
        fputc('\n', cli->out);
        return true;
    }
    plx_value *v = plx_v_obj(a);
    bool ok = !l.failed && v && plx_v_set(a, v, "dry_run", plx_v_bool(a, cli->g.dry_run)) &&
              plx_v_set(a, v, "objects", plx_v_u64(a, stats.objects)) &&
              plx_v_set(a, v, "bytes", plx_v_u64(a, stats.bytes)) &&
              plx_v_set(a, v, "partials", plx_v_u64(a, stats.partials)) &&
              plx_v_set(a, v, "kept_young", plx_v_u64(a, stats.kept_young)) && plx_v_set(a, v, "removed", l.list);
    return ok ? plx_cli_json(cli, v, err) : plx_fail_nomem(err, 0);
}

const plx_command plx_cmd_gc = {
    .name = "gc",
    .group = "store",
    .summary = "Remove what no data set needs any more",
    .usage = "gc [--grace TIME] [-n]",
    .examples = "plexus gc\tgive back the space of what rm and newer versions left behind\n"
                "plexus gc -n\tlist what would go\n"
                "plexus gc --grace 0\talso take what is only just not needed\n",
    .doc =
        "An object is needed when a ref, a run or the provenance of a needed record names it. Everything else goes "
        "once it is older than the grace period, which keeps what other processes have just written; so do the "
        "folders of killed processes. While any ref or needed record is damaged nothing is removed (exit 9), because "
        "then it is not known what is needed. quarantine/ is left alone: remove its files by hand.",
    .needs = PLX_NEEDS_EXCLUSIVE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON,
    .opts = opts_table,
    .opts_size = sizeof(gc_opts),
    .defaults = &defaults,
    .args_doc = "",
    .run = run,
};
