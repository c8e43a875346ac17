/* SPDX-License-Identifier: Apache-2.0
 *
 * The images of the FISBe benchmark, and what has been published on them: tables that are built into the program.
 */
#ifndef PLX_BENCHMARKS_LABEL_SAMPLES_H
#define PLX_BENCHMARKS_LABEL_SAMPLES_H

#include "core/arena.h"
#include "core/err.h"

#include <stddef.h>

typedef struct plx_label_listed {
    const char *name, *split; /* "train", "val", "test" */
    bool partly;
} plx_label_listed;

/* All 101 images. source: the benchmark's sample_list_per_split.txt (doi:10.5281/zenodo.10875063). */
bool plx_label_samples(plx_arena *arena, plx_label_listed **out, size_t *n, plx_err *err);

/* A row of a leaderboard that was published; nothing here was run. */
enum { PLX_PUBLISHED_SCORES = 7 };
extern const char *const plx_published_names[PLX_PUBLISHED_SCORES]; /* "S", "avF1", "C", ... */
typedef struct plx_published {
    const char *set, *method; /* "combined" or "completely" */
    double scores[PLX_PUBLISHED_SCORES];
} plx_published;

/* source: github Kainmueller-Lab/fisbe at 335ac6a, leaderboard of 2024-06-04. */
bool plx_published_fisbe(plx_arena *arena, plx_published **out, size_t *n, plx_err *err);

#endif
