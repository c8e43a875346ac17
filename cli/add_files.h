/* SPDX-License-Identifier: Apache-2.0
 *
 * The manifest of files that somebody adds: which files, who reads them, and what is to be said of them.
 */
#ifndef PLX_CLI_ADD_FILES_H
#define PLX_CLI_ADD_FILES_H

#include "cli/cli.h"
#include "registry/manifest_local.h"

typedef struct plx_add_wish {
    const char *family, *name, *version;
    const char *ingester; /* NULL: find out; "none": keep the files only */
    const char *title, *licence, *cite;
    const plx_opt_list *set, *uses;
    bool unit_per_file;
    bool draft; /* for a person to go on with: without an ingester rather than not at all */
} plx_add_wish;

/* Folders stand for all files below them. What was found out is told on stderr. owner: cli->arena. errors: ARG when no
 * ingester fits or it is unknown, naming those there are; SCHEMA when its options are wanting; as
 * plx_manifest_from_files.
 */
bool plx_add_manifest(plx_cli *cli, const plx_add_wish *wish, const char *const *paths, size_t n_paths,
                      const plx_manifest **out, plx_err *err);

#endif
