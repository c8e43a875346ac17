/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/build_info.h"
#include "cli/cli.h"

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    (void)opts, (void)args, (void)n_args, (void)exit_code;
    const plx_build_info *b = &plx_build;
    const struct {
        const char *key, *value;
    } libraries[] = {{"libarchive", b->libarchive}, {"libyaml", b->libyaml}, {"sqlite", b->sqlite}, {"zlib", b->zlib}};
    const size_t n_libraries = sizeof libraries / sizeof *libraries;

    if (!plx_cli_wants_json(cli)) {
        fprintf(cli->out, "plexus %s%s%s\n", b->version, b->commit[0] ? " commit " : "", b->commit);
        fprintf(cli->out, "%s, %s, %s%s%s\n", b->compiler, b->build_type, b->flags, b->sanitize[0] ? ", sanitize=" : "",
                b->sanitize);
        for (size_t i = 0; i < n_libraries; i++) {
            fprintf(cli->out, "%s%s %s", i ? ", " : "", libraries[i].key, libraries[i].value);
        }
        fprintf(cli->out, "\nstore format %d\n", PLX_STORE_FORMAT);
        return true;
    }
    plx_arena *a = cli->arena;
    plx_value *root = plx_v_obj(a), *libs = plx_v_obj(a);
    bool ok = root && libs;
    for (size_t i = 0; ok && i < n_libraries; i++) {
        ok = plx_v_set(a, libs, libraries[i].key, plx_v_str(a, libraries[i].value));
    }
    ok = ok && plx_v_set(a, root, "version", plx_v_str(a, b->version)) &&
         plx_v_set(a, root, "commit", b->commit[0] ? plx_v_str(a, b->commit) : plx_v_null(a)) &&
         plx_v_set(a, root, "compiler", plx_v_str(a, b->compiler)) &&
         plx_v_set(a, root, "build_type", plx_v_str(a, b->build_type)) &&
         plx_v_set(a, root, "flags", plx_v_str(a, b->flags)) &&
         plx_v_set(a, root, "sanitize", plx_v_str(a, b->sanitize)) &&
         plx_v_set(a, root, "store_format", plx_v_i64(a, PLX_STORE_FORMAT)) && plx_v_set(a, root, "libraries", libs);
    return plx_cli_json(cli, ok ? root : NULL, err);
}

const plx_command plx_cmd_version = {
    .name = "version",
    .group = "other",
    .summary = "Version, commit, compiler and libraries of this program",
    .usage = "version [--json]",
    .examples = "plexus version\tfor people\n"
                "plexus version --json\tfor a bug report or a lab book\n",
    .doc = "The commit is null when the program was not built from a git tree, and ends in -dirty when files had been "
           "changed. "
           "Library versions are those it was compiled against.\n",
    .formats = PLX_AS_JSON | PLX_AS_JSONL,
    .args_doc = "",
    .run = run,
};
