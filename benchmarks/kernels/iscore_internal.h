/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the instance scores hand to each other.
 */
#ifndef PLX_KERNELS_ISCORE_INTERNAL_H
#define PLX_KERNELS_ISCORE_INTERNAL_H

#include "benchmarks/kernels/iscore.h"
#include "benchmarks/kernels/label_cover.h"

typedef struct plx_iside {
    plx_instances *in;
    plx_label_cover cover;
    size_t n_channels;    /* that hold something; at least 1 */
    plx_voxels *skeleton; /* [n]; NULL: not needed */
    plx_voxels *cut;      /* [n], truth: skeletons without voxels of two instances; shares memory with `skeleton` */
} plx_iside;

/* Matrices over truth 0 .. n and prediction 0 .. n, 0 is background. */
typedef struct plx_ijob {
    const plx_iscore_options *o;
    plx_iside truth, pred;
    size_t stride; /* predictions + 1 */
    float *loc, *rec, *prec;
    float *rec_cut;      /* NULL: nothing overlaps */
    uint64_t *rec_count; /* of skeleton voxels, behind `rec`; NULL for IoU */
    uint64_t *prec_count;
    size_t *partner_of_truth, *partner_of_pred; /* by id, matched at .5; 0: none */
    size_t *dim_id;                             /* instance of each dim label, 0: there is none */
    size_t n_dim;
    bool int_indices; /* false: the reference holds predictions as float64 */
    plx_arena *arena;
    plx_iscore *out;
} plx_ijob;

/* Some truths as the reference sees them: rows of the matrices, and the instances of the channels at those numbers,
 * which are the same as long as each channel holds one. */
typedef struct plx_igroup {
    size_t *rows;
    size_t n_rows;
    size_t *members; /* ids */
    size_t n_members;
    bool overlaps;
} plx_igroup;

/* Sizes, channels, ids: section by section of the reference's normalization. False with err unset and reference_error
 * set when the reference stops here. */
bool plx_ijob_normalise(plx_ijob *job, plx_err *err);
bool plx_ijob_skeletons(plx_ijob *job, plx_err *err);
bool plx_ijob_localise(plx_ijob *job, plx_err *err);
/* One-to-one pairs above a threshold among `n_rows` rows of loc (given by row numbers, NULL: 1 .. n); pairs hold row
 * positions and prediction ids from 1. */
bool plx_ijob_pairs(plx_ijob *job, const size_t *rows, size_t n_rows, double threshold, size_t *pairs, size_t *n_pairs,
                    plx_err *err);
bool plx_ijob_thresholds(plx_ijob *job, plx_err *err);
bool plx_ijob_coverage(plx_ijob *job, plx_err *err);
/* given[p]: number of the row or member (from 1) that prediction p was given to, 0: none. */
bool plx_ijob_coverage_of(plx_ijob *job, const size_t *given, const plx_igroup *group, plx_coverage *out, plx_err *err);
bool plx_ijob_subsets(plx_ijob *job, plx_err *err);
/* Many-to-many matches above a threshold: predictions that have several truths, truths that have several predictions.
 */
bool plx_ijob_merges(plx_ijob *job, double threshold, size_t *merges, size_t *splits, plx_err *err);
/* counts[0 * step]: voxels outside all instances; counts[id * step]: inside each. Adds. */
void plx_ijob_count(const plx_voxels *voxels, const plx_label_cover *cover, uint64_t *counts, size_t step);
bool plx_ijob_rows(plx_ijob *job, plx_err *err);

/* First greatest of prec over background and all truths for one prediction. */
size_t plx_ijob_best_truth(const plx_ijob *job, size_t pred);
/* The reference stops here. Always false. */
bool plx_ijob_raises(plx_ijob *job, const char *name, const char *text);
/* The same, of an index that NumPy does not find. */
bool plx_ijob_raises_index(plx_ijob *job, size_t index, size_t axis, size_t size);

/* numpy.sum of values in single precision; numpy.mean of single and double precision values. */
double plx_sum_single(const double *values, size_t n);
double plx_mean_single(const double *values, size_t n);
double plx_mean_double(const double *values, size_t n);

#endif
