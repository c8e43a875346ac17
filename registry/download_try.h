/* SPDX-License-Identifier: Apache-2.0
 *
 * One exchange of a download: from where the part ends to the end of the file. Used by download.c alone.
 */
#ifndef PLX_REGISTRY_DOWNLOAD_TRY_H
#define PLX_REGISTRY_DOWNLOAD_TRY_H

#include "registry/download.h"
#include "registry/sniff.h"

typedef struct plx_try {
    const plx_ctx *ctx;
    const plx_wish *wish;
    const plx_place *place;
    plx_part *part;
    const plx_net_opts *opts;
    double left_s; /* 0: no limit */
    /* What happened. */
    plx_http_reply reply;
    bool has_size;
    uint64_t size; /* of all bytes of the wish, once known */
    char head[PLX_SNIFF_BYTES];
    size_t n_head; /* of `head` filled; judged when full or at the end */
    bool judged;
    char announced[PLX_SHA256_HEX + 1]; /* SHA-256 the host gave along, or "" */
    char git_sha1[41];                  /* git's SHA-1, likewise */
} plx_try;

/* True when the part holds all there is. errors: reply.permanent says whether this address may do better later. */
bool plx_try_place(plx_try *t, plx_http *http, plx_err *err);
/* What a status other than 200 and 206 means. Sets reply->permanent; returns false. */
bool plx_try_fail_status(plx_http_reply *reply, plx_err *err);

#endif
