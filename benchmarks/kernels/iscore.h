/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores of instance segmentations: one label volume against another, in two or three dimensions, by the rules of the
 * FISBe benchmark. `reference` equals evaluate-instance-segmentation at cc34f4d (2026-03-31) digit for digit; where
 * that raises an exception, `reference_error` has its name. `strict` mends what is named in the diagnostics. source:
 * Mais et al., CVPR 2024, and github Kainmueller-Lab/evaluate-instance-segmentation.
 */
#ifndef PLX_KERNELS_ISCORE_H
#define PLX_KERNELS_ISCORE_H

#include "benchmarks/kernels/instances.h"
#include "core/arena.h"

enum {
    PLX_ISCORE_THRESHOLDS = 14, /* .1 to .9, then .55 to .95 */
    PLX_ISCORE_HALF = 4,        /* index of .5 */
    PLX_ISCORE_NINE = 9         /* .1 to .9 come first */
};

typedef enum plx_localise { PLX_BY_CLDICE, PLX_BY_IOU } plx_localise;
typedef enum plx_pairing { PLX_PAIR_GREEDY, PLX_PAIR_LEAST_COST } plx_pairing;
/* FM and FS where objects overlap: pairs use up the voxels they explain, or every pair above the threshold counts,
 * which is what the loop of the time of the paper (73a8124, 2024-03-18) comes to: it never drops a pair. */
typedef enum plx_merge_rule { PLX_MERGE_USED_UP, PLX_MERGE_PAPER_2024 } plx_merge_rule;
/* Parts beyond matching. */
enum {
    PLX_ISCORE_COVERAGE = 1,
    PLX_ISCORE_MERGES = 2,
    PLX_ISCORE_DIM = 4,
    PLX_ISCORE_OVERLAP = 8,
    PLX_ISCORE_ALL = 15
};

typedef struct plx_iscore_options {
    int spatial; /* 2 or 3 */
    plx_localise localise;
    plx_pairing pairing;
    plx_merge_rule merge_rule;
    bool strict;
    bool partly;            /* truth names some of the objects only */
    uint64_t small;         /* predictions of this many voxels or fewer are removed; 0: none */
    double merge_threshold; /* of FM */
    double split_threshold; /* of FS */
    const int64_t *dim;     /* labels of dim objects, as stored in the truth */
    size_t n_dim;
    unsigned parts;
} plx_iscore_options;
/* The preset of the benchmark: clDice, greedy, 800 voxels, .1, .05, everything. */
plx_iscore_options plx_iscore_fisbe(void);
/* Name and version of what is computed, for every result; its number is raised when a value changes. */
const char *plx_iscore_definition(const plx_iscore_options *options);
/* "used-up" or "paper-2024". */
const char *plx_merge_rule_name(plx_merge_rule rule);

typedef struct plx_iscore_at {
    double threshold;
    size_t tp, fp, fn, false_split, false_merge;
    double precision, recall, ap, fscore;
} plx_iscore_at;

/* Coverages of instances. The reference has them in single precision unless both sides overlap. */
typedef struct plx_coverage {
    double *items;
    size_t n;
    bool single;
    double mean;
} plx_coverage;

typedef struct plx_iscore_subset {
    size_t n, tp;
    double tp_rel;
    plx_coverage coverage;
} plx_iscore_subset;

/* One instance of either side, for tables. */
typedef struct plx_iscore_row {
    bool is_truth;
    size_t id;      /* from 1, as the matrices count */
    size_t channel; /* as stored */
    int64_t label;  /* as stored */
    uint64_t n_voxels, n_skeleton;
    size_t partner;              /* matched at .5, or 0 */
    double score;                /* clDice or IoU with its partner, else the best it has with any; 0: none */
    double coverage;             /* truth only; NaN when it was not asked for */
    size_t best;                 /* prediction only: truth it has the greatest precision with; 0: background */
    bool dim, overlaps, removed; /* removed: by the size filter, id 0 */
} plx_iscore_row;

typedef struct plx_iscore_note {
    const char *id, *text;
} plx_iscore_note;

typedef struct plx_iscore {
    const char *reference_error; /* "ZeroDivisionError", or NULL; what is below it was not reached */
    const char *reference_error_text;
    size_t n_truth, n_pred, n_removed;
    plx_iscore_at at[PLX_ISCORE_THRESHOLDS];
    double ap19, ap59, f19, f59; /* means over .1 to .9 and .5 to .95 */
    size_t tp;                   /* at .5 */
    double tp_rel, tp_score;     /* mean of tp_scores */
    double *tp_scores;           /* clDice or IoU of pairs matched at .5, in their order */
    unsigned parts;              /* which of the following are filled */
    plx_coverage coverage, tp_coverage;
    double s;
    size_t fm, fs;
    plx_iscore_subset dim, overlap;
    plx_iscore_row *rows; /* truth, then prediction, then what was removed */
    size_t n_rows;
    plx_iscore_note *notes;
    size_t n_notes, cap_notes;
} plx_iscore;

/* Compare. Both sides are taken over and changed: what the size filter takes goes. Everything in `out` lives in
 * `arena`. errors: FORMAT for negative labels (strict); LIMIT when the matrices of all pairs do not fit `max_cells`;
 * UNSUPPORTED when ids do not fit the stored type, where the reference would wrap them; NOMEM. */
bool plx_iscore_run(plx_instances *truth, plx_instances *pred, const plx_iscore_options *options, size_t max_cells,
                    plx_arena *arena, plx_iscore *out, plx_err *err);

/* As many pairs as some memory holds. */
size_t plx_iscore_max_cells(uint64_t memory_bytes);

/* Panoptica's and the panoptic quality's numbers at one threshold: SQ is the mean score of matched pairs, RQ F1,
 * PQ = SQ * RQ. source: Kirillov et al. 2019, doi:10.1109/CVPR.2019.00963. NaN without any instance. */
void plx_iscore_panoptic(const plx_iscore *score, double *pq, double *sq, double *rq);

/* Add a diagnostic. */
bool plx_iscore_say(plx_arena *arena, plx_iscore *score, const char *id, plx_err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
