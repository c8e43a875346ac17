/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a user typed to what in the store it stands for.
 */
#ifndef PLX_REGISTRY_RESOLVE_H
#define PLX_REGISTRY_RESOLVE_H

#include "registry/store.h"
#include "schemas/ref.h"

/* Fill in family (when only one has the name) and version (the newest; one in the mode asked for comes first) of
 * `asked` from what is in the store. `found` false: nothing there has that name, or not in that version; `near` is then
 * the nearest name that is there, or "". errors: NOTFOUND, with the candidates, when several families have the name. */
bool plx_resolve(const plx_store *store, const plx_ref *asked, plx_ref *out, bool *found, char near[PLX_REF_TEXT],
                 plx_err *err);

/* A digest by its first hex digits: of a blob (*area "blobs") or a record ("records"). errors: NOTFOUND when nothing or
 * more than one thing starts like that; ARG for fewer than 6 digits. */
bool plx_resolve_digest(const plx_store *store, const char *hex, const char **area, plx_digest *out, plx_err *err);

/* Versions as people order them: runs of digits by value, so that 1.10 is after 1.9. */
int plx_version_order(const char *a, const char *b);

#endif
