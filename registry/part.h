/* SPDX-License-Identifier: Apache-2.0
 *
 * A file on its way into the store: bytes in a private folder, hashed while they are written, and a journal that says
 * how far they were good, so that another process can go on where this one was killed.
 */
#ifndef PLX_REGISTRY_PART_H
#define PLX_REGISTRY_PART_H

#include "core/ctx.h"
#include "core/hash.h"
#include "core/md5.h"
#include "registry/store.h"

/* A kill loses at most PLX_PART_MARK bytes: the journal has a mark each PLX_PART_STEP, and some are on their way. A
 * part of fewer bytes than PLX_PART_SMALL is not kept. */
enum { PLX_PART_MARK = 1 << 20, PLX_PART_STEP = 512 * 1024, PLX_PART_SMALL = 64 * 1024, PLX_PART_VALIDATOR = 256 };

typedef struct plx_part {
    const plx_store *store;
    char dir[PLX_PATH], path[PLX_PATH]; /* of the bytes; "" when there is no part */
    char key[PLX_SHA256_HEX + 1];       /* what it is a part of */
    char url[17];                       /* hash of the address the bytes came from; "" when not known */
    char validator[PLX_PART_VALIDATOR]; /* what that address called this state of the file; "" for nothing */
    int fd, journal;                    /* -1: closed */
    uint64_t bytes;                     /* taken so far; hashed and written but for those in `buf` */
    uint8_t *buf;                       /* so that files are written and hashed in whole blocks */
    size_t used;
    uint64_t resumed; /* of those, taken over from another process */
    plx_sha256 sha;
    plx_md5 md5;
    bool with_md5;
    struct plx_part_beside *beside; /* hashes one block while the next comes in; NULL: for a small part not worth it */
    bool mixed;                     /* bytes of more than one exchange: kept by the caller, forgotten at a restart */
} plx_part;

/* Take over the part with this key of a process that is gone, as far as its journal and the bytes agree; else, and with
 * `small`, for files too small to have a journal, start one. `key` is 64 hex digits. errors: NOSPACE, IO. owner:
 * caller, who publishes, leaves or drops it. */
bool plx_part_open(const plx_ctx *ctx, const plx_store *store, const char *key, bool with_md5, bool small,
                   plx_part *out, plx_err *err);
/* Note where the bytes from here on come from. */
bool plx_part_from(plx_part *part, const char *url, const char *validator, plx_err *err);
bool plx_part_is_from(const plx_part *part, const char *url);
/* Append. Beyond a few MiB another thread hashes. */
bool plx_part_write(plx_part *part, const void *bytes, size_t len, plx_err *err);
/* Write what is held back. Before anything else is done with a part but writing. */
bool plx_part_flush(plx_part *part, plx_err *err);
/* Throw all bytes away and begin again. */
bool plx_part_restart(plx_part *part, plx_err *err);
/* Digests of all bytes so far; writing may go on. shape: md5[33], NULL when not wanted. */
plx_digest plx_part_digest(const plx_part *part, char *md5);
/* Make the bytes a blob of this digest. The part is gone then, also on failure. */
bool plx_part_publish(plx_part *part, const plx_digest *digest, plx_err *err);
/* Keep what there is for whoever asks for the same key next. A few bytes are not worth it, and go. */
void plx_part_leave(plx_part *part);
void plx_part_drop(plx_part *part);

#endif
