/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest made from local files: their sizes and digests are taken now, so what is added is what was looked at.
 */
#ifndef PLX_REGISTRY_MANIFEST_LOCAL_H
#define PLX_REGISTRY_MANIFEST_LOCAL_H

#include "registry/manifest.h"

typedef struct plx_local_spec {
    const char *family, *name, *version;
    const char *title;           /* NULL: the reference */
    const char *kind, *ingester; /* ingester NULL: none, and `layout` says what is in the files */
    const char *layout;
    const char *licence;        /* NULL: none-stated */
    const char *bibtex;         /* one entry; NULL: an entry that says the source is local files */
    const char *const *options; /* "key=value" */
    size_t n_options;
    const char *const *uses;
    size_t n_uses;
    const char *const *files;
    const char *const *names; /* what the manifest calls them; NULL: by their base names */
    size_t n_files;
    bool unit_per_file; /* each file is a record of its own, named after it */
} plx_local_spec;

/* Hash the files, write the manifest's YAML and parse it again, so that it has passed every check a written one has.
 * owner: the arena. errors: NOTFOUND, SCHEMA, ARG for two files of one name or an option without '='. */
bool plx_manifest_from_files(const plx_ctx *ctx, plx_arena *arena, const plx_local_spec *spec, const plx_manifest **out,
                             plx_err *err);

#endif
