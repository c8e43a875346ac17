/* SPDX-License-Identifier: Apache-2.0
 *
 * Sparse masks: the voxels of one object as runs along x. Memory goes with the object, not with the volume.
 * A voxel is its index (z * ny + y) * nx + x; a plane has nz 1.
 */
#ifndef PLX_KERNELS_RUNS_H
#define PLX_KERNELS_RUNS_H

#include <stddef.h>
#include <stdint.h>

/* Voxels start, start + 1, ... of one row; runs of a mask ascend and neither overlap nor touch. */
typedef struct plx_run {
    uint64_t start;
    uint64_t len;
} plx_run;

typedef struct plx_mask {
    size_t shape[3]; /* z, y, x of the whole volume */
    const plx_run *runs;
    size_t n_runs;
} plx_mask;

/* Voxels in ascending order. owner: whoever gets it, plx_free(items). */
typedef struct plx_voxels {
    uint64_t *items;
    size_t n;
} plx_voxels;

#endif
