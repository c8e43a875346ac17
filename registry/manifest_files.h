/* SPDX-License-Identifier: Apache-2.0
 *
 * The entries of `files` and `archives`, private to the manifest reader.
 */
#ifndef PLX_REGISTRY_MANIFEST_FILES_H
#define PLX_REGISTRY_MANIFEST_FILES_H

#include "registry/manifest.h"
#include "registry/manifest_check.h"

/* Fill m->archives and m->files from the mapping `root`; m->ingester must be set. Violations go to `c`. owner: the
 * checker's arena. */
void plx_manifest_read_files(plx_checker *c, const plx_value *root, plx_manifest *m);

#endif
