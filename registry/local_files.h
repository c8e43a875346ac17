/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies in the folders given with --from: found once, by size and name; hashed only where a digest must be
 * compared.
 */
#ifndef PLX_REGISTRY_LOCAL_FILES_H
#define PLX_REGISTRY_LOCAL_FILES_H

#include "core/ctx.h"
#include "core/hash.h"

typedef struct plx_local_file {
    const char *path;
    const char *base; /* last part of path */
    uint64_t bytes;
    bool hashed;
    plx_digest sha256;
} plx_local_file;

typedef struct plx_local_files plx_local_files;

/* Walk the folders (a plain file counts as a folder with one file). Links to files are followed, links to folders are
 * not. errors: NOTFOUND for a path that is not there. owner: caller, plx_local_files_free. */
bool plx_local_files_new(const plx_ctx *ctx, const char *const *dirs, size_t n_dirs, plx_local_files **out,
                         plx_err *err);
void plx_local_files_free(plx_local_files *files);
size_t plx_local_files_count(const plx_local_files *files);
plx_local_file *plx_local_files_at(plx_local_files *files, size_t i);
/* Hash it unless that was done before. */
bool plx_local_file_hash(const plx_ctx *ctx, plx_local_file *file, plx_err *err);

#endif
