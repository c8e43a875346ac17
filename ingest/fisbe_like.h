/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up images in the manner of FISBe: thin neurons that branch, in three colours, with partial volume, noise and
 * places where neurons share voxels; the truth has one neuron per channel. Nothing in them comes from a fly. The same
 * parameters give the same voxels on every machine: only integers, and + - * / and sqrt, which IEEE fixes.
 */
#ifndef PLX_INGEST_FISBE_LIKE_H
#define PLX_INGEST_FISBE_LIKE_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { PLX_FISBE_LIKE_COLORS = 3, PLX_FISBE_LIKE_NEURONS = 200 };

typedef struct plx_fisbe_like_params {
    uint64_t seed;
    size_t shape[3];  /* z, y, x; each from 16 to 2048 */
    unsigned neurons; /* 1 to PLX_FISBE_LIKE_NEURONS; 0: 2 to 9, by the seed */
    double noise;     /* times the usual noise; 0: none */
} plx_fisbe_like_params;

typedef struct plx_fisbe_like_neuron {
    double color[PLX_FISBE_LIKE_COLORS]; /* brightness of each channel where the neuron fills a voxel */
    bool dim;
    size_t n;         /* voxels it touches */
    uint64_t *voxels; /* ascending places in the grid */
    uint8_t *cover;   /* 1..255: how much of the voxel it fills; from 128 on the voxel counts as its own */
} plx_fisbe_like_neuron;

typedef struct plx_fisbe_like {
    plx_fisbe_like_params params;
    size_t n_neurons;
    plx_fisbe_like_neuron *neurons;
} plx_fisbe_like;

/* Grow the neurons. cost: memory of the voxels they touch, not of the grid. errors: ARG, NOMEM. owner: caller. */
bool plx_fisbe_like_new(const plx_fisbe_like_params *params, plx_fisbe_like *out, plx_err *err);
void plx_fisbe_like_free(plx_fisbe_like *image);
/* Planes z0 to z0 + nz of one colour, 12 bits. shape: out[nz * y * x]. */
void plx_fisbe_like_raw(const plx_fisbe_like *image, unsigned color, size_t z0, size_t nz, uint16_t *out);
/* Planes of the labels of one neuron: its number from 1 on where it is, else 0. shape: out[nz * y * x]. */
void plx_fisbe_like_labels(const plx_fisbe_like *image, size_t neuron, size_t z0, size_t nz, uint8_t *out);

#endif
