/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside an export: what its writers share.
 */
#ifndef PLX_REGISTRY_EXPORT_JOB_H
#define PLX_REGISTRY_EXPORT_JOB_H

#include "registry/export.h"
#include "registry/record_members.h"

typedef struct plx_export_table {
    const char *name;
    plx_table raw;   /* columns as stored, in the order of the kind's description */
    plx_table plain; /* the same, but edges name their cells and kinds; all borrowed */
} plx_export_table;

typedef struct plx_export_job {
    const plx_ctx *ctx;
    plx_record *record;
    const plx_bibliography *cited;
    const char *ref;
    plx_export_as as;
    const char *dir; /* where the files are being written */
    plx_arena *arena;
    plx_export_table *tables; /* without the changes */
    size_t n_tables;
    const plx_table *changes;      /* NULL: none */
    const plx_member_file *arrays; /* members that are no columns */
    size_t n_arrays;
    const plx_table *nodes, *edges; /* as stored, of a connectome; else NULL */
    const plx_value *edge_kinds;
} plx_export_job;

/* Make the file `name` below the folder from what `fill` writes to the stream, and sync it. */
typedef bool (*plx_export_fill)(const plx_export_job *job, const void *payload, FILE *to, plx_err *err);
bool plx_export_file(const plx_export_job *job, const char *name, plx_export_fill fill, const void *payload,
                     plx_err *err);

/* tables, changes, arrays, nodes and edges of the record. */
bool plx_export_load(plx_export_job *job, plx_err *err);
bool plx_export_csv(const plx_export_job *job, plx_err *err);
bool plx_export_json(const plx_export_job *job, plx_err *err);
bool plx_export_npy(const plx_export_job *job, plx_err *err);
bool plx_export_npz(const plx_export_job *job, plx_err *err);
bool plx_export_graphml(const plx_export_job *job, plx_err *err);
/* changes.csv, where there are changes. */
bool plx_export_changes(const plx_export_job *job, plx_err *err);
/* LICENCE.txt, CITATION.bib, provenance.json, README.txt. */
bool plx_export_notes(const plx_export_job *job, plx_err *err);
/* What provenance.json says. owner: the job's arena; NULL without memory. */
plx_value *plx_export_provenance(const plx_export_job *job);

#endif
