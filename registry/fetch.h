/* SPDX-License-Identifier: Apache-2.0
 *
 * Bring a manifest's files into the store: from local folders (--from), file: and builtin: addresses, and over the
 * network.
 */
#ifndef PLX_REGISTRY_FETCH_H
#define PLX_REGISTRY_FETCH_H

#include "registry/blob.h"
#include "registry/manifest.h"
#include "registry/net.h"

/* How sure we are that the bytes are the published ones. */
typedef enum plx_trust {
    PLX_LEVEL_SHA256,
    PLX_LEVEL_MD5,
    PLX_LEVEL_ETAG,
    PLX_LEVEL_SHA1,
    PLX_LEVEL_CRC,
    PLX_LEVEL_FIRST_USE
} plx_trust;
const char *plx_trust_name(plx_trust trust);

typedef struct plx_fetched {
    const char *name;    /* of the manifest's file */
    char from[PLX_PATH]; /* url or local path it came from; "" when it was in the store */
    plx_digest sha256;
    uint64_t bytes;
    plx_trust trust;
    bool was_present;
} plx_fetched;

typedef struct plx_transport {
    const char *scheme; /* "file", "builtin", "https" */
    const char *title;
    bool network;
    /* NULL for the network: its files are downloaded (download.h), where they can be resumed. */
    bool (*open)(const plx_ctx *ctx, const char *url, plx_source **out, plx_err *err);
} plx_transport;
extern const plx_transport *const plx_transports[]; /* NULL-ended */
/* By the scheme of `url`, or NULL. */
const plx_transport *plx_transport_find(const char *url);

typedef struct plx_fetch_opts {
    /* Searched first, whole trees: by size and sha256; by name where no digest is known. */
    const char *const *from_dirs;
    size_t n_from_dirs;
    const char *const *mirrors; /* addresses of folders asked before the manifest's own addresses */
    size_t n_mirrors;
    plx_net *net;  /* connections and patience shared by several calls; NULL: this call has its own */
    unsigned jobs; /* files fetched over the network at a time; 0: ctx->jobs */
    bool dry_run;  /* asks no network */
} plx_fetch_opts;

/* Fetch every file of the manifest. shape: out[manifest->n_files]. Files already in the store are not touched; a file
 * without a digest in the manifest is held to the one recorded when it first came in. With dry_run nothing is copied,
 * but digests are checked; only then may `store` be NULL. errors: NET when a file cannot be had (why: where it was
 * looked for; next: the command with --from), DIGEST. */
bool plx_fetch(const plx_ctx *ctx, plx_store *store, const plx_manifest *manifest, const plx_fetch_opts *opts,
               plx_fetched *out, plx_err *err);
/* Read a fetched file: from the store, or where a dry run found it (`store` NULL). owner: caller. */
bool plx_fetched_open(const plx_ctx *ctx, const plx_store *store, const plx_fetched *fetched, plx_source **out,
                      plx_err *err);

#endif
