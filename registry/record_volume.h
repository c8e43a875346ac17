/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays of records of kind "volume", as volumes to read.
 */
#ifndef PLX_REGISTRY_RECORD_VOLUME_H
#define PLX_REGISTRY_RECORD_VOLUME_H

#include "formats/volume.h"
#include "registry/record.h"

/* The array `name` of a record (NULL: the first one), wherever its chunks are. `store` may be NULL for a record whose
 * arrays are in its own folder. `spec` (may be NULL) gets what the record says of it. errors: NOTFOUND; DIGEST when
 * chunks say something else than the record; those of plx_volume_open. owner: caller, plx_volume_close. */
bool plx_record_volume_open(const plx_ctx *ctx, const plx_store *store, const plx_record *record, const char *name,
                            plx_volume_spec *spec, plx_volume **out, plx_err *err);

#endif
