/* SPDX-License-Identifier: Apache-2.0
 *
 * Voxels of a cloud cut into small pieces: distance to the dark, its peaks, and a watershed from them.
 */
#ifndef PLX_KERNELS_SUPERVOXELS_H
#define PLX_KERNELS_SUPERVOXELS_H

#include "benchmarks/kernels/cloud.h"

enum { PLX_SUPERVOXEL_REACH = 24 };

/* Squared Euclidean distance of each voxel to the nearest one that is not in the cloud, exact up to
 * PLX_SUPERVOXEL_REACH; what lies outside of the grid does not count as dark. errors: NOMEM. shape: out[cloud->n] */
bool plx_cloud_distance(const plx_cloud *cloud, uint32_t *out, plx_err *err);

/* Piece of each voxel, from 1 on: a watershed over 26 neighbours on the negative distance, from its peaks, which are at
 * least `apart` voxels from each other along some axis (the higher wins, then the one that comes first). errors: NOMEM.
 * source: priority flood, Beucher and Meyer 1993. */
bool plx_cloud_watershed(const plx_cloud *cloud, const uint32_t *distance, int apart, uint32_t *piece,
                         uint32_t *n_pieces, plx_err *err);

/* Mean colour of each piece. errors: NOMEM. shape: out[3 * (n_pieces + 1)], piece 0 unused. */
bool plx_cloud_piece_colors(const plx_cloud *cloud, const uint32_t *piece, uint32_t n_pieces, double *out,
                            plx_err *err);

/* Pairs of pieces a < b of which two voxels are less than `distance` apart, each once, sorted. owner: caller, plx_free.
 */
typedef struct plx_piece_pair {
    uint32_t a, b;
} plx_piece_pair;
bool plx_cloud_piece_pairs(const plx_cloud *cloud, const uint32_t *piece, double distance, plx_piece_pair **out,
                           size_t *n, plx_err *err);

/* CIE L*u*v* (D65) of linear R, G, B from 0 to 1. source: CIE 15:2004. */
void plx_luv_of(const double rgb[3], double out[3]);

#endif
