/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus repair: mend what the store can mend by itself and say which data sets need their sources again.
 */
#include "cli/cli.h"

#include "cli/findings.h"

static bool found(void *payload, const plx_finding *finding)
{
    return plx_findings_add(payload, finding);
}

static void print_text(plx_cli *cli, const plx_findings *f, const plx_verify_stats *s)
{
    bool dry = cli->g.dry_run;
    if (s->partials) {
        fprintf(cli->out, "removed %llu folder%s of processes that are gone\n", (unsigned long long)s->partials,
                s->partials == 1 ? "" : "s");
    }
    if (s->findings == 0) {
        fprintf(cli->out, "%s\n", dry ? "nothing to mend" : "nothing was damaged; the catalog was built again");
        return;
    }
    fprintf(cli->out, "%s\n",
            dry ? "nothing was changed (--dry-run)"
                : "the catalog was built again; what was damaged is kept under quarantine/");
    if (f->n_needed) {
        fprintf(cli->out,
                "%zu data set%s: give the folder with the source files as DIR, or leave --from out to fetch them\n",
                f->n_needed, f->n_needed == 1 ? " is incomplete" : "s are incomplete");
    }
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts;
    (void)args;
    (void)n_args;
    plx_findings findings = {.cli = cli, .label = cli->g.dry_run ? "damaged" : "moved away"};
    plx_verify_stats stats;
    if (!plx_repair(&cli->ctx, &cli->store, cli->g.dry_run, found, &findings, &stats, err)) {
        return false;
    }
    /* 1: something is left to do, be it the mending itself. */
    *exit_code = cli->g.dry_run ? stats.findings > 0 : findings.n_needed > 0;
    if (!plx_cli_wants_json(cli)) {
        plx_findings_end(&findings);
        print_text(cli, &findings, &stats);
        return true;
    }
    plx_arena *a = cli->arena;
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "dry_run", plx_v_bool(a, cli->g.dry_run)) &&
              plx_v_set(a, v, "damaged", plx_v_u64(a, stats.findings)) &&
              plx_v_set(a, v, "partials_removed", plx_v_u64(a, stats.partials)) &&
              plx_v_set(a, v, "need_sources", plx_v_u64(a, findings.n_needed));
    return ok ? plx_findings_json(&findings, v, err) : plx_fail_nomem(err, 0);
}

const plx_command plx_cmd_repair = {
    .name = "repair",
    .group = "store",
    .summary = "Mend the store and say what must be fetched again",
    .usage = "repair [-n]",
    .examples = "plexus repair\tmend, keeping everything that was damaged under quarantine/\n"
                "plexus repair -n\tsay what would be done\n"
                "plexus repair && plexus verify\tmend, then look\n",
    .doc =
        "Folders of killed processes are removed; damaged blobs, records, refs and run files are moved to quarantine/ "
        "with the reason in a file beside them, so no byte is lost; catalog.db is built again from the files alone.\n\n"
        "What the store cannot mend by itself is a data set whose objects are gone: it is named with the get command "
        "that brings it back from its sources, and the exit code is 1.",
    .needs = PLX_NEEDS_EXCLUSIVE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON | PLX_AS_JSONL,
    .args_doc = "",
    .run = run,
};
