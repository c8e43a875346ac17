/* SPDX-License-Identifier: Apache-2.0
 *
 * One file from one of several addresses: patience, resuming, checks. docs/downloading.md says what is refused.
 */
#ifndef PLX_REGISTRY_DOWNLOAD_H
#define PLX_REGISTRY_DOWNLOAD_H

#include "registry/net.h"
#include "registry/part.h"

/* One address, and what its host says about the file there. */
typedef struct plx_place {
    const char *url;    /* https:// or http:// */
    const char *shown;  /* what the manifest calls it */
    const char *sha256; /* the host's own digests, or NULL */
    const char *md5;
    const char *dandi_etag; /* registry/rare_digests.h; where there is no better */
    const char *git_sha1;
    bool etag_is_git; /* the ETag of the answer is git's SHA-1 when it looks like one */
    bool has_bytes;
    uint64_t bytes;
    const char *validator; /* the state of the file a range must be of, or NULL */
    uint64_t from;         /* where in the file at this address the wanted bytes start */
} plx_place;

typedef struct plx_wish {
    const char *name, *media; /* media may be NULL */
    const char *key;          /* 64 hex digits; who asks for the same thing has the same */
    const plx_place *places;
    size_t n_places;
    const plx_digest *sha256; /* what it must be; each NULL when not known */
    const char *md5;
    const char *git_sha1;
    const uint64_t *bytes;
    struct plx_progress_item *item; /* stepped by bytes; may be NULL */
    bool ranged;                    /* only `*bytes` bytes from each place's `from` on */
    uint64_t bytes_about;           /* a round figure, where the size is not known; 0: none */
    /* Told of each address that is given up, with the reason. */
    void (*failed)(void *payload, const plx_place *place, const plx_err *why);
    void *payload;
} plx_wish;

typedef struct plx_arrival {
    plx_part part; /* all of it, verified as far as anything is known; owner: caller, who publishes or drops it */
    plx_digest sha256;
    size_t place;     /* index of the address it came from */
    bool by_sha256;   /* a SHA-256 that was known beforehand agrees */
    bool by_md5;      /* an MD5 does */
    bool by_etag;     /* the ETag of an upload in parts does */
    bool by_git_sha1; /* git's SHA-1 does */
    uint64_t resumed; /* bytes that an earlier process had fetched */
} plx_arrival;

/* *arrived false when every address failed; each was told to `failed`. What came in then stays for the next try.
 * errors: only those no other address would mend: CANCELLED, NOMEM, NOSPACE, IO, UNSUPPORTED without libcurl. */
bool plx_download(const plx_ctx *ctx, const plx_store *store, plx_net *net, const plx_wish *wish, plx_arrival *out,
                  bool *arrived, plx_err *err);

#endif
