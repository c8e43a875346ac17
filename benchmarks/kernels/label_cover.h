/* SPDX-License-Identifier: Apache-2.0
 *
 * Which instances lie over a voxel: all runs of a label volume cut into stretches that the same instances cover.
 */
#ifndef PLX_KERNELS_LABEL_COVER_H
#define PLX_KERNELS_LABEL_COVER_H

#include "benchmarks/kernels/instances.h"

/* Voxels [start, end) lie in the instances ids[first_id .. first_id + n_ids), which ascend. Stretches ascend and do not
 * overlap; voxels between them are background. Ids count from 1. */
typedef struct plx_stretch {
    uint64_t start, end;
    size_t first_id;
    uint32_t n_ids;
} plx_stretch;

typedef struct plx_label_cover {
    plx_stretch *items;
    size_t n;
    uint32_t *ids;
    size_t n_ids;
    bool overlaps; /* some voxel lies in more than one */
} plx_label_cover;

/* owner: out, plx_label_cover_free. errors: LIMIT past 2^32 - 2 instances; NOMEM. */
bool plx_label_cover_make(const plx_instances *instances, plx_label_cover *out, plx_err *err);
void plx_label_cover_free(plx_label_cover *cover);

/* The stretch that holds `voxel`, or NULL; *hint is where the last search ended (0 at first), so that ascending voxels
 * are found in O(log of the distance). */
const plx_stretch *plx_label_cover_at(const plx_label_cover *cover, uint64_t voxel, size_t *hint);

#endif
