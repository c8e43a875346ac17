/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of fetch.h share: one manifest's files on their way.
 */
#ifndef PLX_REGISTRY_FETCH_JOB_H
#define PLX_REGISTRY_FETCH_JOB_H

#include "core/arena.h"
#include "formats/zip_pick.h"
#include "registry/download.h"
#include "registry/fetch.h"
#include "registry/host.h"
#include "registry/local_files.h"

/* An archive of the manifest, once a member of it is wanted. */
typedef struct plx_fetch_archive {
    bool tried;
    plx_zip_index *index; /* NULL: could not be had */
    char path[PLX_PATH];  /* of a local copy; "" for one that is far away */
    plx_place place;
    char validator[PLX_HTTP_FIELD];
    plx_sb looked; /* where it was not */
    plx_err reason;
} plx_fetch_archive;

typedef struct plx_fetch_job {
    const plx_ctx *ctx;
    plx_store *store;
    const plx_manifest *manifest;
    const plx_fetch_opts *opts;
    plx_arena *arena;            /* touched by the calling thread alone */
    plx_local_files *local;      /* walked when first needed */
    plx_net *net;                /* NULL: nothing is asked over the network */
    plx_asking asking;           /* of hosts */
    plx_fetch_archive *archives; /* as many as the manifest has */
} plx_fetch_job;

/* One file on its way: what it must be, and where it was not. */
typedef struct plx_wanted {
    const plx_manifest_file *file;
    bool known; /* sha256 is the manifest's or the pinned one */
    plx_digest sha256;
    bool pinned;
    plx_trust trust;
    plx_fetched *out;
    bool taken;
    plx_sb looked;           /* "; "-joined places */
    bool has_reason;         /* some source had it, but not so that it could be taken */
    plx_err reason;          /* the gravest of them */
    const plx_place *places; /* addresses of the network, in the order they are asked */
    size_t n_places;
    const plx_fetch_archive *archive; /* far away, its directory read; NULL: none */
} plx_wanted;

/* Note one place where the file was not. */
void plx_wanted_looked(plx_wanted *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Note why one place was no good. The gravest reason is what the user is told: other bytes before a rule, a rule before
 * a limit, a limit before a server that is down. */
void plx_wanted_failed(plx_wanted *w, const char *place, const plx_err *why);
/* Let one open source be the file: into the store, or (dry run) only hashed. w->taken stays false when it is not the
 * file. */
bool plx_fetch_take(const plx_fetch_job *job, plx_wanted *w, plx_source *source, const char *from, plx_err *err);
/* A copy that stays where it is. */
void plx_fetch_take_dry(plx_wanted *w, const plx_digest *sha256, uint64_t bytes, const char *from);

/* In the folders given with --from. */
bool plx_fetch_local(plx_fetch_job *job, plx_wanted *w, plx_err *err);
/* Where a mirror would have the file: as a store that is served as files (by_digest, for a known one), or in a folder
 * of files by data set. In the arena; NULL when memory is out. */
const char *plx_fetch_mirror_url(const plx_fetch_job *job, const plx_wanted *w, const char *base, bool by_digest);
/* Find out which addresses of the network can be asked for the file. */
bool plx_fetch_find_places(plx_fetch_job *job, plx_wanted *w, plx_err *err);
/* Ask them. Several threads may do so for different files. */
bool plx_fetch_network(const plx_fetch_job *job, plx_wanted *w, plx_err *err);
/* Take a member out of a copy of its archive in the folders given with --from. */
bool plx_fetch_local_member(plx_fetch_job *job, plx_wanted *w, plx_err *err);
/* Read the directory of the member's archive over the network, once for all of its members. Sets w->archive. */
bool plx_fetch_find_archive(plx_fetch_job *job, plx_wanted *w, plx_err *err);
/* Fetch the member's bytes alone and unpack them. Several threads may do so for different files. */
bool plx_fetch_remote_member(const plx_fetch_job *job, plx_wanted *w, const char *key, plx_err *err);
void plx_fetch_close_archives(plx_fetch_job *job);

#endif
