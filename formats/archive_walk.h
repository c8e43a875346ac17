/* SPDX-License-Identifier: Apache-2.0
 *
 * What the zip and tar walkers share: budgets, names, and handing a member to the caller. Only formats/archive*.c
 * include it.
 */
#ifndef PLX_FORMATS_ARCHIVE_WALK_H
#define PLX_FORMATS_ARCHIVE_WALK_H

#include "core/str.h"
#include "formats/archive.h"
#include "formats/archive_names.h"

struct archive;

typedef struct plx_walk {
    const plx_ctx *ctx;
    plx_limits limits; /* resolved: none is zero */
    const char *path;
    plx_archive_choose choose;
    plx_archive_read read;
    void *payload;
    plx_member_names names;
    uint64_t entries, unpacked;
    bool stop; /* the caller has seen enough */
} plx_walk;

typedef enum plx_item_kind {
    PLX_ITEM_FILE,
    PLX_ITEM_DIR,
    PLX_ITEM_SYMLINK,
    PLX_ITEM_HARDLINK,
    PLX_ITEM_SPECIAL
} plx_item_kind;

typedef struct plx_walk_item {
    plx_slice name; /* NUL-terminated; may hold NUL inside, which is refused */
    plx_item_kind kind;
    plx_slice target; /* of a link */
    int64_t size;     /* declared, or -1 */
    uint64_t packed;  /* bytes it takes in the archive, or 0 when that is not known per member */
    /* Up to cap bytes of the member's content; *got 0 at its end. */
    bool (*pull)(void *state, void *out, size_t cap, size_t *got, plx_err *err);
    void *state;
} plx_walk_item;

/* Check one member against names and budgets, ask the caller, and let it read. */
bool plx_walk_member(plx_walk *walk, const plx_walk_item *item, plx_err *err);

/* FORMAT or TRUNCATED for a member of an archive, with why. `member` may be NULL. */
bool plx_walk_fail(const plx_walk *walk, plx_code code, const char *member, plx_err *err, const char *why);
/* The same from libarchive's own message; `ended` says that the input was used up when it failed. */
bool plx_walk_fail_lib(const plx_walk *walk, struct archive *lib, bool ended, const char *member, plx_err *err);

/* The containers. Each leaves walk->stop set when the caller stopped. */
bool plx_walk_zip(plx_walk *walk, plx_err *err);
/* `stream` is the unpacked tar, of which head[0..n_head) has been read already. */
bool plx_walk_tar(plx_walk *walk, plx_source *stream, const uint8_t *head, size_t n_head, plx_err *err);
/* First block of a tar: a header with the right sum, or zeros. */
bool plx_is_tar(const uint8_t *head, size_t n);

/* The content of a file compressed with bzip2, xz or zstd, through libarchive; `filter` is its ARCHIVE_FILTER_ code.
 * errors: LIMIT past limits.total_bytes or the ratio, FORMAT, TRUNCATED, UNSUPPORTED when it is compressed twice. */
bool plx_source_unpack(const plx_ctx *ctx, const plx_limits *limits, const char *path, int filter, plx_source **out,
                       plx_err *err);

#endif
