/* SPDX-License-Identifier: Apache-2.0
 *
 * The data sets there are: what the registry knows and what the store holds, merged by name.
 */
#ifndef PLX_REGISTRY_LISTING_H
#define PLX_REGISTRY_LISTING_H

#include "registry/manifest.h"
#include "registry/store.h"

typedef struct plx_listed {
    const char *name;                   /* "family/name" */
    const char *kind, *title, *licence; /* from the manifest, else from the ref; "" when neither can say */
    const char *ingester;               /* NULL: none reads it yet */
    plx_manifest_size size;             /* of what is to fetch */
    bool known;                         /* has a manifest */
    bool demo;
    const char *problem; /* why the manifest cannot be read, or NULL */
    const char *state;   /* in the store: "strict", "compat", "strict, compat", "files" (no record) or "" */
    bool strict, compat; /* in the store, in that mode */
} plx_listed;

/* Sorted by name. `store` NULL: none. `family` "" or NULL: all; also "family/", or one name. No file is opened but
 * those of the user's own manifests. owner: the arena. errors: NOTFOUND for a family nobody knows, with the nearest. */
bool plx_listing_make(const plx_ctx *ctx, plx_registry *registry, const plx_store *store, const char *family,
                      plx_arena *arena, plx_listed **out, size_t *n, plx_err *err);

#endif
