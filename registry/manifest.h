/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests: one YAML file per data set says what it is, where its bytes are, and what must come out.
 * docs/manifests.md.
 */
#ifndef PLX_REGISTRY_MANIFEST_H
#define PLX_REGISTRY_MANIFEST_H

#include "core/ctx.h"
#include "core/hash.h"
#include "core/value.h"
#include "schemas/mode.h"
#include "schemas/ref.h"

enum { PLX_SIZE_TEXT = 48 };

typedef struct plx_manifest_file plx_manifest_file;
struct plx_manifest_file {
    const char *name;        /* unique in the manifest; what ingesters ask for */
    const char *const *urls; /* first = preferred; https:, file:, builtin:, or of a host: zenodo: hf: ... */
    size_t n_urls;
    bool has_bytes, has_bytes_about, has_sha256;
    uint64_t bytes;       /* exact, and checked */
    uint64_t bytes_about; /* as published in round figures: for people and for the look at free space */
    plx_digest sha256;
    const char *md5;                  /* the host's own digest, or NULL */
    const char *git_sha1;             /* what git calls these bytes, or NULL */
    const char *media;                /* media type, or NULL */
    const char *commit;               /* full commit of the repository it is pinned to, or NULL */
    const char *unit;                 /* record it is for; NULL: for all of them */
    const plx_manifest_file *archive; /* one of the manifest's archives it lies in, or NULL */
    const char *member;               /* where in the archive; a folder when it ends in '/' */
    uint32_t line;                    /* of the entry in the manifest */
};

typedef struct plx_manifest {
    const char *family, *name, *version; /* "connectome", "white1986-n2u", "1" */
    const char *title, *description, *homepage;
    const char *kind;                                    /* record kind it gives */
    const char *licence;                                 /* SPDX id, or "none-stated" */
    const char *licence_note;                            /* or NULL */
    const char *const *citation_keys, *const *citations; /* BibTeX entries */
    size_t n_citations;
    const char *ingester;     /* NULL: none reads these files yet */
    const char *layout;       /* what is in the files, in words; never NULL without an ingester */
    const char *no_address;   /* why some file has no address, and how to come by it; or NULL */
    const plx_value *options; /* object, checked by the ingester's option table; may be NULL */
    const char *const *uses;  /* references of data sets whose records are inputs too; see plx_manifest_use */
    size_t n_uses;
    const plx_manifest_file *files;
    size_t n_files;
    const plx_manifest_file *archives; /* containers that hold some of the files */
    size_t n_archives;
    const plx_value *expect; /* {strict: {count: n}, compat: {...}}, or NULL */
    bool demo;               /* synthetic or transcribed micro-set; says so wherever it is shown */
    plx_slice text;          /* the YAML itself */
    const char *origin;      /* "built in", or its path */
} plx_manifest;

/* The data set that uses[i] names, in *out its mode too: strict unless it is written. *wanted is false when the entry
 * is not for records of `mode`: one with a mode is an input of that mode alone, one without of both. */
bool plx_manifest_use(const plx_manifest *manifest, size_t i, plx_mode mode, plx_ref *out, bool *wanted, plx_err *err);

/* Parse and validate one manifest. Every violation is reported at its line and column, all of them in one error's notes
 * and why. owner: the arena. errors: FORMAT (YAML), SCHEMA. */
bool plx_manifest_parse(const plx_ctx *ctx, plx_arena *arena, const char *origin, const char *text, size_t len,
                        const plx_manifest **out, plx_err *err);

/* All manifests known: built in, then each folder of `extra_dirs` (':'-separated, may be NULL), where
 * <family>/<name>.yaml describes family/name. Sorted by family and name. A name given twice is an error unless the
 * versions differ; then the later one counts. Parsing is lazy: opening reads names only, so a broken file is an error
 * only where it is used. errors: NOTFOUND for a missing folder, SCHEMA for a name given twice. `ctx` is borrowed until
 * close. */
typedef struct plx_registry plx_registry;
bool plx_registry_open(const plx_ctx *ctx, const char *extra_dirs, plx_registry **out, plx_err *err);
void plx_registry_close(plx_registry *registry);
size_t plx_registry_count(const plx_registry *registry);
/* "family/name" of entry i; borrowed. */
const char *plx_registry_name(const plx_registry *registry, size_t i);
bool plx_registry_get(plx_registry *registry, size_t i, const plx_manifest **out, plx_err *err);
/* How much a data set is to fetch: archives count whole, the files in them not again. */
typedef struct plx_manifest_size {
    uint64_t bytes;
    size_t n_files;  /* entries of `files` */
    bool about;      /* some size is a round figure */
    bool incomplete; /* some size is not known, so it is more than `bytes` */
} plx_manifest_size;
/* Add the size of one file; n_files is the caller's. */
void plx_manifest_add_file(plx_manifest_size *size, const plx_manifest_file *file);
void plx_manifest_add_up(const plx_manifest *manifest, plx_manifest_size *out);
/* "41.9 kB", "~7.10 GB" (about), "1.2 MB+" (and more), "unknown". */
void plx_manifest_size_text(const plx_manifest_size *size, char out[PLX_SIZE_TEXT]);

/* What a listing shows, without parsing built-in YAML as a whole. Borrowed. */
typedef struct plx_brief {
    const char *title, *kind, *licence;
    const char *ingester; /* NULL: none */
    bool demo;
    plx_manifest_size size;
} plx_brief;
bool plx_registry_brief(plx_registry *registry, size_t i, plx_brief *out, plx_err *err);
/* By "family/name"; with `family` "" or NULL by an unambiguous bare name.
 * errors: NOTFOUND with the nearest names, or the candidates. */
bool plx_registry_find(plx_registry *registry, const char *family, const char *name, const plx_manifest **out,
                       plx_err *err);

#endif
