/* SPDX-License-Identifier: Apache-2.0
 *
 * Label volumes as lists of instances. An instance is one value in one channel, so that objects may overlap when they
 * are in different channels. Built block by block: memory goes with the foreground.
 */
#ifndef PLX_KERNELS_INSTANCES_H
#define PLX_KERNELS_INSTANCES_H

#include "benchmarks/kernels/runs.h"
#include "core/array.h"

/* What the axes of a stored array stand for, and which part of it counts. */
typedef struct plx_label_layout {
    int axis[4];       /* of c, z, y, x in the stored array; -1: there is none, its length is 1 */
    size_t n_channels; /* 1 without a channel axis */
    size_t shape[3];   /* z, y, x of the stored array */
    size_t crop_lo[3]; /* the part that counts */
    size_t crop_n[3];
} plx_label_layout;

/* Axes of an array with `spatial` (2 or 3) axes in space, and channels before them if there is one more. With `squeeze`
 * axes of length 1 are dropped first, wherever they are, as numpy.squeeze does; without it only leading ones that are
 * too many. errors: FORMAT when the number of axes does not fit. */
bool plx_label_layout_of(int ndim, const size_t *shape, int spatial, bool squeeze, plx_label_layout *out, plx_err *err);
/* Centre-crop the bigger of two to the other's size: the offset is floor((big - small) / 2). errors: FORMAT when each
 * is bigger along some axis. */
bool plx_label_layout_crop(plx_label_layout *a, plx_label_layout *b, bool *cropped, plx_err *err);

typedef struct plx_instance {
    size_t channel;
    int64_t label; /* as stored */
    uint64_t n_voxels;
    size_t first_run, n_runs;
} plx_instance;

typedef struct plx_instances {
    size_t shape[3];
    size_t n_channels; /* as stored, empty ones too */
    plx_dtype dtype;
    plx_instance *items; /* by channel, then label */
    size_t n;
    plx_run *runs;
    uint64_t n_negative; /* voxels below 0, which are in no instance */
} plx_instances;
/* owner: the caller of whatever made it. */
void plx_instances_free(plx_instances *instances);
/* Borrowed mask of one of them. */
plx_mask plx_instance_mask(const plx_instances *instances, size_t i);

typedef struct plx_instance_builder plx_instance_builder;
/* errors: UNSUPPORTED for labels that are not integers or truth values; NOMEM. `max_runs` bounds memory. */
bool plx_instance_builder_new(const plx_label_layout *layout, plx_dtype dtype, size_t max_runs,
                              plx_instance_builder **out, plx_err *err);
/* A block of the stored array that begins at `start`, in C order. Blocks may come in any order, each voxel once.
 * errors: LIMIT past max_runs; FORMAT for a label above the range of int64. */
bool plx_instance_builder_add(plx_instance_builder *builder, const size_t *start, const plx_array *block, plx_err *err);
/* Frees the builder, on failure too. */
bool plx_instance_builder_finish(plx_instance_builder *builder, plx_instances *out, plx_err *err);
void plx_instance_builder_free(plx_instance_builder *builder);

/* Keep the instances for which keep[i] is true, in their order. */
void plx_instances_keep(plx_instances *instances, const bool *keep);

#endif
