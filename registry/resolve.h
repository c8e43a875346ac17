/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a user typed to the one data set in the store it stands for.
 */
#ifndef PLX_REGISTRY_RESOLVE_H
#define PLX_REGISTRY_RESOLVE_H

#include "registry/manifest.h"
#include "registry/store.h"
#include "schemas/ref.h"

/* Fill in family (when only one has the name), version (the newest) and mode (strict) of `asked` from what is in the
 * store; the unit is kept. `registry` (may be NULL) only serves the advice. errors: NOTFOUND with the nearest names,
 * the candidates, or the `get` that brings it; ARG for references that are no data sets. */
bool plx_resolve(const plx_store *store, plx_registry *registry, const plx_ref *asked, plx_ref *out, plx_err *err);

/* A digest by its first hex digits: of a blob (*area "blobs") or a record ("records"). errors: NOTFOUND when nothing or
 * more than one thing starts like that; ARG for fewer than 6 digits. */
bool plx_resolve_digest(const plx_store *store, const char *hex, const char **area, plx_digest *out, plx_err *err);

/* Versions as people order them: runs of digits by value, so that 1.10 is after 1.9. */
int plx_version_order(const char *a, const char *b);

#endif
