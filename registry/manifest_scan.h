/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest's headlines without a YAML parser: a listing of all data sets must not cost the reading of all manifests.
 */
#ifndef PLX_REGISTRY_MANIFEST_SCAN_H
#define PLX_REGISTRY_MANIFEST_SCAN_H

#include "registry/manifest.h"

/* *ok false: the text is not written in the plain style this understands, and must be parsed. What is understood is
 * what the parser makes of it. owner of the texts: the arena. errors: NOMEM. */
bool plx_manifest_scan(plx_arena *arena, plx_slice text, plx_brief *out, bool *ok, plx_err *err);

#endif
