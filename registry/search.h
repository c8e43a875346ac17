/* SPDX-License-Identifier: Apache-2.0
 *
 * Full-text search over what the registry knows and what the store holds: data sets by title, description, citations
 * and file names; cells by label, class, type and transmitter. The index is made in memory for each search.
 */
#ifndef PLX_REGISTRY_SEARCH_H
#define PLX_REGISTRY_SEARCH_H

#include "registry/manifest.h"
#include "registry/store.h"

typedef struct plx_hit {
    const char *ref;  /* data set; for a cell one that has it */
    const char *what; /* "data set" or "cell" */
    const char *title;
    const char *snippet; /* around the match, matched words in [brackets] */
    double score;        /* higher is better; comparable within one search */
} plx_hit;
typedef bool (*plx_hit_each)(void *payload, const plx_hit *hit, plx_err *err);

/* All words must occur; each may be the beginning of a word. Best first, at most `limit`. `store` may be NULL.
 * errors: ARG when there is no word in `words`. */
bool plx_search(const plx_ctx *ctx, plx_registry *registry, plx_store *store, const char *const *words, size_t n_words,
                size_t limit, plx_hit_each each, void *payload, plx_err *err);

#endif
