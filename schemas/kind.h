/* SPDX-License-Identifier: Apache-2.0
 *
 * Record kinds: what members a valid record has, and what must hold among them.
 */
#ifndef PLX_SCHEMAS_KIND_H
#define PLX_SCHEMAS_KIND_H

#include "core/ctx.h"
#include "core/table.h"
#include "core/value.h"

/* One member every record of a kind has, or may have. Columns of one table share their path's folder: "nodes/label". */
typedef struct plx_member_spec {
    const char *path;
    plx_dtype dtype;
    int ndim;         /* 1 for columns */
    const char *unit; /* "um"; "" none; "*" stated by the record */
    bool required;
    const char *doc;
} plx_member_spec;

/* Read access to a record being validated or opened: members appear as tables and arrays, borrowed from the view. */
typedef struct plx_record_view plx_record_view;
struct plx_record_view {
    void *self;
    const plx_value *meta; /* the "attributes" object of record.json */
    /* The columns "<name>/..." as one table; *out NULL when there are none. */
    bool (*table)(const plx_record_view *view, const char *name, const plx_table **out, plx_err *err);
    bool (*array)(const plx_record_view *view, const char *path, const plx_array **out, plx_err *err);
};

/* Violations are all collected, not just the first. */
typedef struct plx_violations {
    size_t n;     /* found */
    size_t shown; /* texts kept, at most 20 */
    char text[20][200];
} plx_violations;
void plx_violation(plx_violations *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

typedef struct plx_count_spec {
    const char *name, *doc;
} plx_count_spec;

typedef struct plx_kind {
    const char *name, *title, *doc;
    const plx_member_spec *members;    /* ended by path NULL */
    const char *const *attributes;     /* required keys of the attributes object, NULL-ended */
    const plx_count_spec *count_specs; /* what "counts" holds, in the order people read it; ended by name NULL */
    /* What the member table cannot say: sorted, in range, no self-contradiction. Adds to `found`; false only on system
     * errors. */
    bool (*validate)(const plx_ctx *ctx, const plx_record_view *view, plx_violations *found, plx_err *err);
    /* Counts for `show` and the catalog, as an object {"counts": {...}, "counts_all": {...}} added to `out`. */
    bool (*counts)(const plx_ctx *ctx, const plx_record_view *view, plx_arena *arena, plx_value *out, plx_err *err);
} plx_kind;

/* All of it: members present with the stated type, unit and equal length, required attributes, then kind->validate.
 * This is what a sink calls before it publishes. */
bool plx_kind_validate(const plx_ctx *ctx, const plx_kind *kind, const plx_record_view *view, plx_violations *found,
                       plx_err *err);

extern const plx_kind *const plx_kinds[]; /* sorted by name, NULL at the end */
const plx_kind *plx_kind_find(const char *name);

#endif
