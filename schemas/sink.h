/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an ingester puts a record. The store implements it; so does a dry sink that validates and throws away.
 * Members may be given whole or streamed in pieces, so a record may be bigger than memory.
 */
#ifndef PLX_SCHEMAS_SINK_H
#define PLX_SCHEMAS_SINK_H

#include "core/array.h"
#include "core/hash.h"
#include "core/table.h"
#include "core/value.h"
#include "schemas/volume.h"

/* One thing done to the data on the way in. Nothing is dropped, renamed, merged or filled in without one. */
typedef struct plx_change {
    const char *action;  /* drop rename merge impute convert keep-first average symmetrize ... */
    const char *rule;    /* stable id: "pad-zero", "D2", "non-neuron" */
    const char *subject; /* what was changed: "VB02", "AVAL->AVAR gap" */
    const char *before, *after;
    const char *reason; /* one sentence */
    const char *file;   /* input file name, or "" */
    uint64_t line;      /* 0 when it has none */
} plx_change;

typedef struct plx_axis {
    const char *name, *unit;
} plx_axis;

typedef struct plx_sink plx_sink;
struct plx_sink {
    void *self;
    /* Start a record of `kind` for `unit` ("" for a data set of one record). One at a time. */
    bool (*begin)(plx_sink *sink, const char *kind, const char *unit, plx_err *err);
    /* All columns of a table as members "<name>/<column>". */
    bool (*table)(plx_sink *sink, const char *name, const plx_table *table, plx_err *err);
    bool (*array)(plx_sink *sink, const char *path, const plx_array *array, const plx_axis *axes, const char *unit,
                  plx_err *err);
    /* An array given in pieces, C order: open, any number of pieces, close checks the element count. */
    bool (*open)(plx_sink *sink, const char *path, plx_dtype dtype, int ndim, const size_t *shape, const plx_axis *axes,
                 const char *unit, plx_err *err);
    bool (*piece)(plx_sink *sink, const void *bytes, size_t len, plx_err *err);
    bool (*close)(plx_sink *sink, plx_err *err);
    /* An array of a record of kind volume, kept in chunks: its elements follow as pieces in C order, then close. It may
     * be bigger than memory. n_parts, blob and path of the spec do not count. */
    bool (*volume)(plx_sink *sink, const plx_volume_spec *spec, plx_err *err);
    /* One that stays inside the blob its spec names; nothing follows. */
    bool (*volume_in_blob)(plx_sink *sink, const plx_volume_spec *spec, plx_err *err);
    bool (*attribute)(plx_sink *sink, const char *key, const plx_value *value, plx_err *err);
    bool (*change)(plx_sink *sink, const plx_change *change, plx_err *err);
    /* Validate against the kind and publish; the record's digest comes back. On false the record is gone. */
    bool (*commit)(plx_sink *sink, plx_digest *out, plx_err *err);
    void (*abort)(plx_sink *sink);
};

/* Convenience over the table of functions. */
bool plx_sink_text(plx_sink *sink, const char *key, const char *text, plx_err *err);

#endif
