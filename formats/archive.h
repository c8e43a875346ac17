/* SPDX-License-Identifier: Apache-2.0
 *
 * zip, tar and their compressions through libarchive, with budgets. Members are streams: no name from an archive ever
 * becomes a path. Only the tar, zip (and raw, for single compressed files) readers are registered.
 */
#ifndef PLX_FORMATS_ARCHIVE_H
#define PLX_FORMATS_ARCHIVE_H

#include "core/ctx.h"
#include "formats/source.h"

typedef struct plx_archive_entry {
    const char *name; /* UTF-8, as stored */
    int64_t size;     /* unpacked bytes, or -1 when the header does not say */
    bool is_file;     /* regular file; everything else is listed but never opened */
} plx_archive_entry;

typedef enum plx_archive_step { PLX_ARCHIVE_SKIP, PLX_ARCHIVE_STOP, PLX_ARCHIVE_READ } plx_archive_step;

/* Visit the members in file order. `choose` says what to do with each; for PLX_ARCHIVE_READ, `read` gets a source of
 * its bytes, valid during the call, which enforces the declared size, the ratio and the totals of ctx->limits. errors:
 * POLICY for absolute paths, "..", links out of the archive, devices, duplicate or colliding (case-folded) names; LIMIT
 * for a budget; FORMAT/TRUNCATED for damage, naming the member. */
typedef plx_archive_step (*plx_archive_choose)(void *payload, const plx_archive_entry *entry);
typedef bool (*plx_archive_read)(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err);
bool plx_archive_walk(const plx_ctx *ctx, const char *path, plx_archive_choose choose, plx_archive_read read,
                      void *payload, plx_err *err);

/* One member by exact name into memory. errors: NOTFOUND lists near names. */
bool plx_archive_read_member(const plx_ctx *ctx, const char *path, const char *member, plx_buf *out, plx_err *err);

#endif
