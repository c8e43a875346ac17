/* SPDX-License-Identifier: Apache-2.0
 *
 * What models of neurons in colour images share. They get a bundle with the array "raw" (C, Z, Y, X) and give one with
 * the array "labels": Z, Y, X, or C, Z, Y, X when neurons overlap.
 */
#ifndef PLX_BENCHMARKS_MODELS_SEGMENT_H
#define PLX_BENCHMARKS_MODELS_SEGMENT_H

#include "benchmarks/kernels/cloud.h"
#include "benchmarks/model.h"

/* Parameters of all of them; each driver lists those it uses. */
#define PLX_SEGMENT_CLIP                                                                                               \
    {                                                                                                                  \
        "clip", PLX_PARAM_REAL, "1500", 1, 1e9, NULL, NULL, "value that counts as full brightness"                     \
    }
#define PLX_SEGMENT_THRESHOLD(value)                                                                                   \
    {                                                                                                                  \
        "threshold", PLX_PARAM_REAL, value, 0, 1, NULL, NULL, "share of full brightness above which a voxel counts"    \
    }
#define PLX_SEGMENT_SMALL                                                                                              \
    {                                                                                                                  \
        "small", PLX_PARAM_INT, "800", 0, 1e12, NULL, NULL, "objects of this many voxels or fewer are dropped"         \
    }
#define PLX_SEGMENT_GAP                                                                                                \
    {                                                                                                                  \
        "gap", PLX_PARAM_REAL, "20", 0, 1000, NULL, NULL, "objects of one colour this near, in voxels, are one"        \
    }

/* The bright voxels of the query's image. errors: FORMAT without an array "raw". owner: *out. */
bool plx_segment_cloud(const plx_query *query, const plx_params *params, plx_cloud_level level, bool smooth,
                       plx_cloud *out, plx_err *err);
/* Labels of the cloud's voxels as the answer. */
bool plx_segment_answer(const plx_cloud *cloud, const uint32_t *label, plx_answer *answer, plx_err *err);
/* Room for labels of that shape, all 0, as the answer; it lives in the answer's arena. */
bool plx_segment_room(int ndim, const size_t *shape, plx_answer *answer, int32_t **out, plx_err *err);

/* Supervoxels of the cloud and their mean colours. owner: caller, plx_segment_pieces_free. */
typedef struct plx_segment_pieces {
    uint32_t *piece; /* [cloud->n] from 1 on */
    uint32_t n;
    double *color; /* [3 * (n + 1)] */
} plx_segment_pieces;
bool plx_segment_cut(const plx_cloud *cloud, int apart, plx_segment_pieces *out, plx_err *err);
void plx_segment_pieces_free(plx_segment_pieces *pieces);

#endif
