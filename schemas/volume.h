/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays of a record of kind "volume": what the list "arrays" of its attributes says of each. An array is packed, as
 * zarr in one or several zips that are members of the record, or it lies inside a verified blob.
 */
#ifndef PLX_SCHEMAS_VOLUME_H
#define PLX_SCHEMAS_VOLUME_H

#include "core/array.h"
#include "core/hash.h"
#include "core/value.h"

enum { PLX_VOLUME_NAME = 48, PLX_VOLUME_PATH = 512, PLX_VOLUME_PARTS = 1000 };

typedef struct plx_volume_spec {
    char name[PLX_VOLUME_NAME];  /* "raw", "instances" */
    char role[PLX_VOLUME_NAME];  /* one of plx_volume_roles */
    char axes[PLX_MAX_DIMS + 1]; /* of "tczyx", one letter per axis: c is channels, t is time */
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS], chunk[PLX_MAX_DIMS];
    double voxel_um[3]; /* along z, y, x; NaN when the source does not say */
    bool overlapping;   /* labels: one instance per channel, which may cover each other */
    unsigned n_parts;   /* zips "<name>.000.zip", ... with the array at "0"; 0: in a blob */
    plx_digest blob;
    char path[PLX_VOLUME_PATH]; /* of the array inside the blob */
} plx_volume_spec;

extern const char *const plx_volume_roles[]; /* image labels affinity mask, NULL at the end */

/* One entry of "arrays". owner: the arena; NULL without memory. */
plx_value *plx_volume_spec_value(plx_arena *arena, const plx_volume_spec *spec);
/* What is wrong with an entry, or NULL when `out` is filled. */
const char *plx_volume_spec_parse(const plx_value *entry, plx_volume_spec *out);
/* Entry `name` of the attributes of a record, the first one for NULL. errors: NOTFOUND naming those there are; SCHEMA.
 */
bool plx_volume_spec_find(const plx_value *attributes, const char *name, plx_volume_spec *out, plx_err *err);
/* File of part `i`: "raw.000.zip". */
void plx_volume_part_name(const plx_volume_spec *spec, unsigned i, char out[PLX_VOLUME_NAME + 16]);

/* OME-NGFF 0.4 metadata of an image (or labels) whose only level is the array "0". owner: the arena; NULL without
 * memory. source: https://ngff.openmicroscopy.org/0.4, "multiscales" and "image-label" */
plx_value *plx_volume_ngff(plx_arena *arena, const plx_volume_spec *spec);

#endif
