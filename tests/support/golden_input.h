/* SPDX-License-Identifier: Apache-2.0
 *
 * Inputs that tests/golden/make_metrics.py and make_models.py make too, and their answers line by line.
 */
#ifndef PLX_TESTS_GOLDEN_INPUT_H
#define PLX_TESTS_GOLDEN_INPUT_H

#include "support/support.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SplitMix64 at counter i + 1 of a stream, top 53 bits: in [0, 1). */
static inline double golden_uniform(uint64_t seed, uint64_t stream, uint64_t i)
{
    uint64_t z = seed * UINT64_C(0xD1342543DE82EF95) + stream * UINT64_C(0xAF251AF3B0F025B5);
    z += (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-53;
}

enum { GOLDEN_FIELDS = 24, GOLDEN_LINE = 4096 };

typedef struct golden {
    FILE *file;
    char line[GOLDEN_LINE];
    int n; /* fields of the current line */
    const char *field[GOLDEN_FIELDS];
} golden;

static inline golden golden_open(const char *name)
{
    golden g = {.file = fopen(plx_test_golden(name), "r")};
    return g;
}

/* The next line whose first field is `what`; false and closed at the end. */
static inline bool golden_next(golden *g, const char *what)
{
    while (g->file && fgets(g->line, sizeof g->line, g->file)) {
        g->line[strcspn(g->line, "\n")] = '\0';
        g->n = 0;
        for (char *at = g->line; at && g->n < GOLDEN_FIELDS;) {
            char *tab = strchr(at, '\t');
            g->field[g->n++] = at;
            if (tab) {
                *tab++ = '\0';
            }
            at = tab;
        }
        if (strcmp(g->field[0], what) == 0) {
            return true;
        }
    }
    if (g->file) {
        fclose(g->file);
        g->file = NULL;
    }
    return false;
}

static inline double golden_number(const golden *g, int field)
{
    return strtod(g->field[field], NULL);
}

static inline size_t golden_size(const golden *g, int field)
{
    return (size_t)strtoull(g->field[field], NULL, 10);
}

/* Did a function end as the golden says: refused, NaN, or this very number? */
static inline bool golden_agrees(const golden *g, int field, bool ok, double value)
{
    if (strcmp(g->field[field], "raises") == 0) {
        return !ok;
    }
    double expected = golden_number(g, field);
    return ok && (isnan(expected) ? isnan(value) : value == expected);
}

#endif
