/* SPDX-License-Identifier: Apache-2.0
 *
 * The bright voxels of an image as a list, and what is done with such lists: neighbours, connected components, joining
 * over gaps. Neurons fill about a hundredth of an image, so memory and time go with them and not with the grid.
 */
#ifndef PLX_KERNELS_CLOUD_H
#define PLX_KERNELS_CLOUD_H

#include "core/array.h"

enum { PLX_CLOUD_COLORS = 3 };
#define PLX_CLOUD_NONE UINT32_MAX

typedef struct plx_cloud {
    size_t shape[3]; /* z, y, x */
    size_t n;
    uint64_t *at;  /* [n] ascending places, (z * ny + y) * nx + x */
    uint32_t *row; /* [nz * ny + 1] first voxel of each row of the grid */
    float *color;  /* [3 n] values from 0 to 1: divided by the clip */
} plx_cloud;

typedef enum plx_cloud_level { PLX_CLOUD_BRIGHTEST, PLX_CLOUD_GREY } plx_cloud_level;

/* Voxels of a C, Z, Y, X image of u8, u16 or f32 (1 to 3 channels) above `threshold`, of values clipped to `clip` and
 * divided by it: by their brightest channel, or by grey = .2125 R + .7154 G + .0721 B. With `smooth` each value is the
 * weighted mean over its 27 neighbours (1 2 1 along each axis). errors: FORMAT for another shape or dtype; LIMIT past
 * 2^31 voxels; NOMEM. owner: caller. */
bool plx_cloud_of(const plx_array *image, double clip, double threshold, plx_cloud_level level, bool smooth,
                  plx_cloud *out, plx_err *err);
void plx_cloud_free(plx_cloud *cloud);

/* Index of the voxel at z, y, x, or PLX_CLOUD_NONE. */
uint32_t plx_cloud_find(const plx_cloud *cloud, int64_t z, int64_t y, int64_t x);
/* z, y, x of voxel i. */
void plx_cloud_place(const plx_cloud *cloud, size_t i, int64_t out[3]);

/* Connected components over 26 neighbours of the same class (NULL: one class; classes below 0 are left out). label[i]
 * is 1 to *n_labels in the order of first voxels; components of `small` or fewer voxels get 0. errors: NOMEM. */
bool plx_cloud_components(const plx_cloud *cloud, const int32_t *class_of, uint64_t small, uint32_t *label,
                          uint32_t *n_labels, plx_err *err);
/* Join labels of one class (class_of[i] for the voxels; NULL: any) whose voxels come within `gap` of each other, and
 * number them anew. A grid of cells as wide as the gap keeps it from looking at all pairs. errors: NOMEM. */
bool plx_cloud_join(const plx_cloud *cloud, const int32_t *class_of, double gap, uint32_t *label, uint32_t *n_labels,
                    plx_err *err);
/* Labels of `small` or fewer voxels become 0, the others are numbered anew in their order. errors: NOMEM. */
bool plx_cloud_drop_small(size_t n, uint64_t small, uint32_t *label, uint32_t *n_labels, plx_err *err);
#endif
