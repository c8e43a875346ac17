/* SPDX-License-Identifier: Apache-2.0
 *
 * What a metric looks at: predictions beside the truth. All borrowed.
 */
#ifndef PLX_BENCHMARKS_EVIDENCE_H
#define PLX_BENCHMARKS_EVIDENCE_H

#include "benchmarks/kernels/instances.h"
#include "core/array.h"
#include "core/table.h"
#include "core/value.h"

/* Masks, so that a metric can take several. */
typedef enum plx_evidence_kind {
    PLX_EVIDENCE_BINARY = 1,     /* one score and one label, 0 or 1, per row */
    PLX_EVIDENCE_RANKING = 2,    /* scores of positives against those of negatives */
    PLX_EVIDENCE_CLASSES = 4,    /* probabilities over classes, a predicted class, and the true one, per row */
    PLX_EVIDENCE_REGRESSION = 8, /* two numbers per row */
    PLX_EVIDENCE_BUNDLES = 16,   /* arrays and tables on either side: volumes, graphs, skeletons */
    PLX_EVIDENCE_LABELS = 32     /* objects of two label volumes */
} plx_evidence_kind;

/* Reals as they came: the width matters to some reference implementations. */
typedef struct plx_reals {
    plx_dtype dtype; /* PLX_F32 or PLX_F64 */
    size_t n;
    const void *ptr;
} plx_reals;

static inline double plx_reals_at(const plx_reals *reals, size_t i)
{
    return reals->dtype == PLX_F32 ? (double)((const float *)reals->ptr)[i] : ((const double *)reals->ptr)[i];
}

/* Named arrays and tables, and facts about them: one side of a comparison of volumes or graphs, or what a model of
 * volumes sees. Arrays may be mapped files, so that they need not fit in memory. */
typedef struct plx_bundle {
    size_t n_arrays;
    const char *const *array_names; /* "labels", "image" */
    const plx_array *arrays;
    size_t n_tables;
    const char *const *table_names; /* "nodes", "edges" */
    const plx_table *tables;
    const plx_value *attributes; /* object, or NULL: voxel_size_um, axes, ... */
} plx_bundle;
/* NULL when there is none of that name. */
const plx_array *plx_bundle_array(const plx_bundle *bundle, const char *name);
const plx_table *plx_bundle_table(const plx_bundle *bundle, const char *name);

/* Two label volumes as lists of their objects. */
typedef struct plx_labels {
    const plx_instances *predicted, *truth; /* of one shape */
    int spatial;                            /* axes in space: 2 or 3 */
    bool partly;                            /* only some of the objects are labelled */
    const int64_t *dim;                     /* labels of truths that are hard to see */
    size_t n_dim;
} plx_labels;

typedef struct plx_evidence {
    plx_evidence_kind kind;
    size_t n;             /* rows: BINARY, CLASSES, REGRESSION */
    plx_reals score;      /* BINARY, REGRESSION: [n]; CLASSES: [n * n_classes] probabilities in C order, or n 0 */
    const uint8_t *label; /* BINARY: [n] */
    plx_reals target;     /* REGRESSION: [n] */

    size_t n_classes;
    const int32_t *class_true;      /* CLASSES: [n] */
    const int32_t *class_predicted; /* CLASSES: [n]; the first greatest probability unless given otherwise */

    plx_reals positive;      /* RANKING */
    plx_reals negative;      /* RANKING: shared by all positives, or negative_per_positive for each, row by row */
    size_t negative_per_row; /* 0: shared */

    const plx_bundle *predicted, *truth; /* BUNDLES */
    const plx_labels *labels;            /* LABELS */
} plx_evidence;

#endif
