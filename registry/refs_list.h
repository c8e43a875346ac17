/* SPDX-License-Identifier: Apache-2.0
 *
 * Which refs there are, from names and last lines alone: quick enough for every start of the program.
 */
#ifndef PLX_REGISTRY_REFS_LIST_H
#define PLX_REGISTRY_REFS_LIST_H

#include "core/arena.h"
#include "registry/store.h"
#include "schemas/ref.h"

typedef struct plx_ref_file {
    const char *key; /* "family/name@version:mode" */
    plx_ref ref;
    plx_digest seal; /* as the file claims, unchecked; zeros when it has none */
} plx_ref_file;

/* Sorted by key. owner: the arena. */
bool plx_refs_list(const plx_store *store, plx_arena *arena, plx_ref_file **out, size_t *n, plx_err *err);

#endif
