/* SPDX-License-Identifier: Apache-2.0
 *
 * Data sets of many records whose files are told apart in the manifest, so that one can be had without the others.
 */
#ifndef PLX_REGISTRY_MANIFEST_UNITS_H
#define PLX_REGISTRY_MANIFEST_UNITS_H

#include "registry/manifest.h"

/* Names of the units in the order of their first file; none when no file says whose it is. owner: the arena. */
bool plx_manifest_units(plx_arena *arena, const plx_manifest *manifest, const char *const **names, size_t *n,
                        plx_err *err);
/* *out: the manifest with the files of these units and those that belong to none. The rest is shared with `manifest`.
 * owner: the arena. errors: NOTFOUND for a unit that it has not, with the nearest. */
bool plx_manifest_pick(plx_arena *arena, const plx_manifest *manifest, const char *const *units, size_t n,
                       plx_manifest *out, plx_err *err);
/* Is `unit` among them? */
bool plx_unit_among(const char *unit, const char *const *units, size_t n);

#endif
