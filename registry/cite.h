/* SPDX-License-Identifier: Apache-2.0
 *
 * What to cite for data sets, and under which licences they stand: of exactly the manifests they were made from, the
 * data sets they use included.
 */
#ifndef PLX_REGISTRY_CITE_H
#define PLX_REGISTRY_CITE_H

#include "registry/manifest.h"
#include "registry/store.h"
#include "schemas/ref.h"

typedef struct plx_cited {
    const char *ref;     /* "family/name@version" */
    const char *used_by; /* the reference asked for that needs it; NULL when it was asked for itself */
    const plx_manifest *manifest;
    bool present; /* its manifest is the one in the store */
} plx_cited;

typedef struct plx_cite_entry {
    const char *key, *bibtex;
    const char *ref; /* first data set that asks for it */
} plx_cite_entry;

typedef struct plx_bibliography {
    plx_cited *datasets;
    size_t n_datasets, datasets_cap;
    plx_cite_entry *entries; /* sorted by key, each key once */
    size_t n_entries, entries_cap;
    plx_arena *arena;
} plx_bibliography;

/* `store` may be NULL. owner: caller, plx_bibliography_free. errors: NOTFOUND, ARG for references that are no data
 * sets. */
bool plx_bibliography_make(const plx_ctx *ctx, plx_registry *registry, const plx_store *store, const plx_ref *refs,
                           size_t n, plx_bibliography *out, plx_err *err);
void plx_bibliography_free(plx_bibliography *bibliography);
/* BibTeX, and above it as comments which data sets it is for and under which licences they stand. The stream's error
 * is the caller's to see. */
void plx_bibliography_print(const plx_bibliography *bibliography, FILE *to);

#endif
