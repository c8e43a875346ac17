/* SPDX-License-Identifier: Apache-2.0
 *
 * A record as a folder that other programs open: tables, a graph, sparse matrices, arrays or one JSON document, and
 * beside them its licences, what to cite and where it came from. docs/export.md says what is in each. The same record
 * gives the same bytes. Connectomes and records of tables alone can become anything; other arrays only npy and npz.
 */
#ifndef PLX_REGISTRY_EXPORT_H
#define PLX_REGISTRY_EXPORT_H

#include "registry/cite.h"
#include "registry/record.h"

typedef enum plx_export_as {
    PLX_EXPORT_CSV,
    PLX_EXPORT_GRAPHML, /* connectomes alone */
    PLX_EXPORT_NPZ,
    PLX_EXPORT_NPY,
    PLX_EXPORT_JSON
} plx_export_as;

#define PLX_EXPORT_NAMES "csv|graphml|npz|npy|json"
/* From one of the names. */
bool plx_export_parse(const char *name, plx_export_as *out);

typedef struct plx_exported {
    char dir[PLX_PATH]; /* without slashes at the end */
    bool was_there;     /* with exactly these files */
    size_t n_files;
    uint64_t bytes;
} plx_exported;

/* Make `dir`, whole or not at all. `cited` is of `ref`. errors: POLICY when `dir` is there and is neither empty nor the
 * same; UNSUPPORTED when the record has no such form; NOTFOUND without a folder to put it in. */
bool plx_export(const plx_ctx *ctx, plx_record *record, const char *ref, const plx_bibliography *cited,
                plx_export_as as, const char *dir, plx_exported *out, plx_err *err);

#endif
