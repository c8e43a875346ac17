/* SPDX-License-Identifier: Apache-2.0
 *
 * Small things over the network that are held in memory: answers of a host's interface, a piece of a large file.
 */
#ifndef PLX_REGISTRY_DOWNLOAD_SMALL_H
#define PLX_REGISTRY_DOWNLOAD_SMALL_H

#include "core/buf.h"
#include "formats/ranged.h"
#include "registry/net.h"

/* A text of at most `limit` bytes. errors: as plx_http_get, after the tries of `net`; NET for any status but 200.
 * owner: *out. */
bool plx_download_text(const plx_ctx *ctx, plx_net *net, const char *url, size_t limit, plx_buf *out, plx_err *err);

/* A file at an address as ranged bytes, read in windows of 64 KiB or what is asked for. The validator of the first
 * answer holds for all others: a file that changes is an error, not a mixture. */
typedef struct plx_remote {
    plx_ranged base; /* first: read_at gets a pointer to it */
    plx_ctx ctx;
    plx_net *net;
    const char *url;
    char validator[PLX_HTTP_FIELD]; /* "" when the server gives none */
    uint64_t at;                    /* of the window's first byte */
    plx_buf window;
} plx_remote;
/* Asks for the last bytes, to learn size and validator. `bytes` is the size that must come out, or NULL. Borrows all
 * but ctx. errors: as plx_http_get; DIGEST for another size; NET where ranges are not given. */
bool plx_remote_open(const plx_ctx *ctx, plx_net *net, const char *url, const char *name, const uint64_t *bytes,
                     plx_remote *out, plx_err *err);
void plx_remote_close(plx_remote *remote);

#endif
