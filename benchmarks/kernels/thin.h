/* SPDX-License-Identifier: Apache-2.0
 *
 * Thinning of binary objects to lines one voxel wide, equal voxel by voxel to scikit-image's.
 */
#ifndef PLX_KERNELS_THIN_H
#define PLX_KERNELS_THIN_H

#include "benchmarks/kernels/runs.h"
#include "core/err.h"

/* Medial lines of a mask in three dimensions (in two when the volume is one plane: then only borders within the plane
 * are taken off). Equals skimage.morphology.skeletonize(method="lee") of scikit-image 0.19 to 0.26. An object of even
 * thickness can vanish, as it does there. source: Lee, Kashyap, Chu 1994, doi:10.1006/cgip.1994.1042; the order of
 * borders and what is tested again before a voxel goes are those of scikit-image. cost: O(foreground * sweeps) time; a
 * list of the foreground and one bit per voxel of its bounding box, of which only the pages around it are touched.
 * owner: out, plx_free(out->items). errors: NOMEM. */
bool plx_thin_lee(const plx_mask *mask, plx_voxels *out, plx_err *err);

/* The same of a plane (shape[0] 1) by the parallel algorithm that skimage.morphology.skeletonize uses there by default.
 * source: Zhang and Suen 1984, doi:10.1145/357994.358023. Same cost, owner and errors. */
bool plx_thin_zhang(const plx_mask *mask, plx_voxels *out, plx_err *err);

/* The voxel deepest inside: greatest Euclidean distance to anything outside the mask (beyond the volume is outside),
 * the lowest index among equals. Needs at least one run. cost: memory goes with the foreground. errors: NOMEM. */
bool plx_deepest_voxel(const plx_mask *mask, uint64_t *voxel, uint64_t *distance_squared, plx_err *err);

#endif
