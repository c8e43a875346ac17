/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus verify: is every byte of the store what its name says? Exit 4 when something is not.
 */
#include "cli/cli.h"

#include "cli/findings.h"
#include "core/num.h"

typedef struct verify_opts {
    bool quick;
} verify_opts;

static const plx_opt opts_table[] = {
    {"quick", 0, PLX_OPT_FLAG, offsetof(verify_opts, quick), NULL, NULL,
     "Look at presence, sizes and seals only: hash nothing, leave the catalog alone."},
    {0},
};

static bool found(void *payload, const plx_finding *finding)
{
    return plx_findings_add(payload, finding);
}

static void add_stats(plx_verify_stats *to, const plx_verify_stats *from)
{
    to->blobs += from->blobs;
    to->records += from->records;
    to->refs += from->refs;
    to->runs += from->runs;
    to->bytes += from->bytes;
    to->findings += from->findings;
    to->orphan_objects += from->orphan_objects;
    to->orphan_bytes += from->orphan_bytes;
    to->partials = from->partials;
}

static void print_text(plx_cli *cli, const plx_verify_stats *s, bool quick, bool all)
{
    char bytes[PLX_NUM_TEXT], orphans[PLX_NUM_TEXT];
    plx_print_bytes(s->bytes, bytes);
    plx_print_bytes(s->orphan_bytes, orphans);
    if (s->findings == 0) {
        fprintf(cli->out, "clean");
    } else {
        fprintf(cli->out, "%llu damaged", (unsigned long long)s->findings);
    }
    fprintf(cli->out, ": %llu blobs, %llu records, %llu refs", (unsigned long long)s->blobs,
            (unsigned long long)s->records, (unsigned long long)s->refs);
    if (s->runs) {
        fprintf(cli->out, ", %llu run files", (unsigned long long)s->runs);
    }
    if (quick) {
        fprintf(cli->out, " by presence and size; nothing was hashed\n");
    } else {
        fprintf(cli->out, ", %s hashed%s\n", bytes, all ? ", every catalog row derived again" : "");
    }
    if (s->orphan_objects && all) {
        fprintf(cli->out, "%llu objects (%s) are not in use: plexus gc\n", (unsigned long long)s->orphan_objects,
                orphans);
    }
}

static plx_value *stats_value(plx_arena *a, const plx_verify_stats *s, bool quick)
{
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "clean", plx_v_bool(a, s->findings == 0)) &&
              plx_v_set(a, v, "quick", plx_v_bool(a, quick)) && plx_v_set(a, v, "blobs", plx_v_u64(a, s->blobs)) &&
              plx_v_set(a, v, "records", plx_v_u64(a, s->records)) && plx_v_set(a, v, "refs", plx_v_u64(a, s->refs)) &&
              plx_v_set(a, v, "run_files", plx_v_u64(a, s->runs)) &&
              plx_v_set(a, v, "bytes_hashed", plx_v_u64(a, s->bytes)) &&
              plx_v_set(a, v, "damaged", plx_v_u64(a, s->findings)) &&
              plx_v_set(a, v, "orphan_objects", plx_v_u64(a, s->orphan_objects)) &&
              plx_v_set(a, v, "orphan_bytes", plx_v_u64(a, s->orphan_bytes)) &&
              plx_v_set(a, v, "partials", plx_v_u64(a, s->partials));
    return ok ? v : NULL;
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const verify_opts *o = opts;
    plx_findings findings = {.cli = cli, .label = "damaged"};
    plx_verify_stats total = {0}, stats;
    for (size_t i = 0; i < (n_args ? n_args : 1); i++) {
        plx_ref ref;
        if ((n_args && !plx_ref_parse(args[i], &ref, err)) ||
            !plx_verify(&cli->ctx, &cli->store, n_args ? &ref : NULL, o->quick, found, &findings, &stats, err)) {
            return false;
        }
        add_stats(&total, &stats);
    }
    if (total.findings) {
        *exit_code = plx_code_exit(PLX_E_DIGEST);
    }
    if (plx_cli_wants_json(cli)) {
        return plx_findings_json(&findings, stats_value(cli->arena, &total, o->quick), err);
    }
    plx_findings_end(&findings);
    print_text(cli, &total, o->quick, n_args == 0);
    return true;
}

const plx_command plx_cmd_verify = {
    .name = "verify",
    .group = "store",
    .summary = "Find and locate damage in the store",
    .usage = "verify [REF...] [--quick]",
    .examples = "plexus verify\thash everything and derive every catalog row again\n"
                "plexus verify connectome/white1986-n2u\tonly what this data set needs\n"
                "plexus verify --quick\tpresence, sizes and seals, in no time\n"
                "plexus verify --json\tevery finding with its place, who needs it and what to do\n",
    .doc = "Every blob and every member of every record is hashed and compared with its name, every ref and run file "
           "with its seal, and every row of the catalog with what the files say. A single flipped bit is found and its "
           "file or row is named. Nothing is changed; exit 4 says that there is damage, and each finding says what "
           "mends it.\n\n"
           "Objects that no ref names are no damage: plexus gc removes them.",
    .needs = PLX_NEEDS_STORE,
    .formats = PLX_AS_TEXT | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(verify_opts),
    .max_args = 1024,
    .args_doc = "ref",
    .run = run,
};
