/* SPDX-License-Identifier: Apache-2.0
 *
 * Voxels in classes of like colour, whatever their brightness.
 */
#ifndef PLX_BENCHMARKS_MODELS_CHROMA_H
#define PLX_BENCHMARKS_MODELS_CHROMA_H

#include "benchmarks/kernels/cloud.h"
#include "core/rng.h"

enum { PLX_CHROMA_MOST = 16 };

/* Class of every voxel: a Gaussian mixture of 2 to `most` components, chosen by BIC, over colours of length 1 of at
 * most 20000 voxels drawn by `rng` gives mean directions; each voxel takes the nearest one. errors: NOMEM. shape:
 * class_of[cloud->n], mean[3 * PLX_CHROMA_MOST] */
bool plx_chroma_cluster(const plx_cloud *cloud, size_t most, plx_rng rng, int32_t *class_of, double *mean,
                        size_t *n_classes, plx_err *err);

#endif
