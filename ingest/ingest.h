/* SPDX-License-Identifier: Apache-2.0
 *
 * Ingesters: raw files -> homogenized records. One const struct per file, one line in ingesters.def.
 */
#ifndef PLX_INGEST_INGEST_H
#define PLX_INGEST_INGEST_H

#include "registry/fetch.h"
#include "registry/record.h"

/* An option a manifest may set, with its default and what it means. */
typedef struct plx_ingest_option {
    const char *name;
    const char *fallback; /* default as text; NULL: required */
    const char *doc;
} plx_ingest_option;

/* A named defect of the upstream pipeline that :compat reproduces and strict mends. */
typedef struct plx_defect {
    const char *id; /* "D16" */
    const char *doc;
} plx_defect;

typedef struct plx_ingest plx_ingest; /* one run over one manifest */
struct plx_guess;                     /* ingest/guess.h */

typedef struct plx_ingester {
    const char *name, *title;
    int version;                      /* part of the derivation key: raise it when output changes */
    const char *kind;                 /* record kind it emits */
    const char *reference;            /* upstream code (repository@commit:path) or paper */
    const plx_ingest_option *options; /* ended by name NULL */
    const plx_defect *defects;        /* ended by id NULL; NULL: upstream has no rule and :compat does not exist */
    bool (*run)(plx_ingest *job, plx_err *err);
    /* Does a file of this format and outline look like one of its own? Then how to read it goes into the guess. NULL:
     * its layout cannot be told from that. */
    bool (*fits)(const char *format, const plx_value *outline, struct plx_guess *guess);
} plx_ingester;
/* Does upstream have a rule for this data set? An ingester with an option "upstream" has a compat mode only where the
 * manifest names the upstream loader there. */
bool plx_ingester_has_compat(const plx_ingester *ingester, const plx_manifest *manifest);

extern const plx_ingester *const plx_ingesters[]; /* sorted by name, NULL at the end */
const plx_ingester *plx_ingester_find(const char *name);

/* What `run` may ask for. */
const plx_ctx *plx_ingest_ctx(const plx_ingest *job);
plx_sink *plx_ingest_sink(const plx_ingest *job);
plx_mode plx_ingest_mode(const plx_ingest *job);
plx_arena *plx_ingest_arena(const plx_ingest *job);
/* With the files of this run's unit and of none. */
const plx_manifest *plx_ingest_manifest(const plx_ingest *job);
/* What to begin a record with: the unit that this run is for, "" when the manifest does not tell its files apart. */
const char *plx_ingest_unit(const plx_ingest *job);
/* Option as text (manifest's or default); never NULL for a declared option. */
const char *plx_ingest_text(const plx_ingest *job, const char *option);
/* Bytes of the manifest's file `name`. owner: caller, plx_source_close. */
bool plx_ingest_open(const plx_ingest *job, const char *name, plx_source **out, plx_err *err);
/* Where the manifest's file `name` lies, for readers that need to seek. errors: UNSUPPORTED for a dry run over a file
 * that is on no disk. */
bool plx_ingest_path(const plx_ingest *job, const char *name, char out[PLX_PATH], plx_err *err);
/* Record of data set uses[i] (its only unit), NULL where that is no input in this mode. Borrowed until the run ends. */
bool plx_ingest_uses(const plx_ingest *job, size_t i, const plx_record **out, plx_err *err);

/* Get one data set: fetch, ingest in `mode`, check expected counts, publish the ref. A ref whose derivation key agrees
 * and whose objects are present is left as it is (*was_there). Data sets it uses are got first (same mode is not
 * needed: atlases are strict). The catalog is not touched: the caller syncs once. Several threads may get different
 * data sets at a time if the registry has parsed the manifests they use (plx_registry_get) before. errors: NOTFOUND
 * when :compat has no upstream rule, or for a unit there is not; SCHEMA when expected counts differ (listing all).
 *
 * Where the manifest says which file is for which unit, each unit is ingested by a run of its own that sees the files
 * of that unit and those of none. Some units may be got without the others; the ref then holds these, and what it held
 * before. Expected counts are compared with the sums over all units, once all are there. */
typedef struct plx_get_opts {
    plx_fetch_opts fetch;
    const char *const
        *units; /* only these records, of a data set whose manifest tells its files apart; n_units 0: all */
    size_t n_units;
    bool force;     /* ingest again even if the derivation agrees */
    bool take_back; /* when it fails, remove the source files and the manifest that it brought in */
} plx_get_opts;
typedef struct plx_got {
    bool was_there;
    size_t n_units, n_changes; /* records the ref names; changes in those made now */
    size_t n_files;            /* files it names */
    uint64_t fetched_bytes;
    size_t n_fetched;
} plx_got;
bool plx_get(const plx_ctx *ctx, plx_store *store, plx_registry *registry, const plx_manifest *manifest, plx_mode mode,
             const plx_get_opts *opts, plx_got *out, plx_err *err);
/* What only the ingesters know of a manifest: that its ingester exists, makes its kind and takes its options. A
 * manifest without an ingester passes. errors: SCHEMA. */
bool plx_ingest_check_manifest(const plx_manifest *manifest, plx_err *err);
/* Run a manifest's ingester over local files into a dry sink: `check MANIFEST --from DIR`. */
bool plx_ingest_check(const plx_ctx *ctx, plx_registry *registry, const plx_manifest *manifest, plx_mode mode,
                      const plx_fetch_opts *opts, plx_sb *summary, plx_err *err);

#endif
